//! The bills: FOCUS 1.0 as CSV for the older months, one month as Parquet, the newest as FOCUS 1.2
//! CSV, and for one month the second account as an AWS Cost and Usage Report instead.

mod amount;
mod charge;
mod cur;
mod focus;
mod month;
mod parquet_file;
mod prices;
mod spike;
mod traffic;
mod usage;

use crate::clock::{DAY, date, rfc3339};
use crate::company::NONPRODUCTION;
use crate::estate::Estate;
use crate::files::Files;
use crate::outcome::{InputStep, ScenarioError};
use focus::Version;

pub use amount::Amount;
pub use charge::Charge;
pub use month::{Month, months};
pub use spike::{CostSpikeTruth, spikes};

/// The form in which a month is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// FOCUS 1.0 CSV of both accounts.
    Focus10,
    /// FOCUS Parquet of both accounts.
    Parquet,
    /// FOCUS 1.0 CSV of production, CUR of the second account.
    Focus10AndCur,
    /// FOCUS 1.2 CSV of both accounts.
    Focus12,
}

/// The form of the month at `position` of `count`.
pub fn form(position: usize, count: usize) -> Form {
    match count - position {
        1 => Form::Focus12,
        2 => Form::Focus10AndCur,
        3 => Form::Parquet,
        _ => Form::Focus10,
    }
}

/// The part of a month that stands in the FOCUS file, and the part that stands in the CUR.
pub fn split(month: &Month, form: Form) -> (Month, Month) {
    let in_cur = |c: &Charge| form == Form::Focus10AndCur && c.account.id == NONPRODUCTION.id;
    let (cur, focus) = month.charges.iter().cloned().partition(in_cur);
    (Month { charges: focus, ..*month }, Month { charges: cur, ..*month })
}

/// Writes every bill and returns how to ingest them: one delivery a file.
pub fn write(files: &mut Files, estate: &Estate) -> Result<Vec<InputStep>, ScenarioError> {
    let months = months(estate);
    let mut steps = Vec::new();
    for (position, month) in months.iter().enumerate() {
        let name = date(month.start)[..7].to_owned();
        let form = form(position, months.len());
        let (focus, cur) = split(month, form);
        let mut paths = Vec::new();
        match form {
            Form::Parquet => {
                let path = format!("cost/focus-{name}.parquet");
                files.bytes(&path, &parquet_file::bytes(estate, &focus)?)?;
                paths.push(path);
            }
            Form::Focus12 => paths.push(csv_file(files, estate, &focus, &name, Version::V12)?),
            Form::Focus10 | Form::Focus10AndCur => {
                paths.push(csv_file(files, estate, &focus, &name, Version::V10)?);
            }
        }
        if form == Form::Focus10AndCur {
            steps.push(preliminary(files, estate, &focus, &name)?);
        }
        if !cur.charges.is_empty() {
            paths.push(cur_file(files, estate, &cur, &name)?);
        }
        // A month is exported for the last time three days after its end.
        let exported = (month.end + 3 * DAY).min(estate.until);
        for path in paths {
            steps.push(InputStep {
                path,
                observed_at: Some(rfc3339(exported)),
                ..InputStep::default()
            });
        }
    }
    Ok(steps)
}

/// An export of the month's first ten days, made then: the final one replaces it.
fn preliminary(
    files: &mut Files,
    estate: &Estate,
    month: &Month,
    name: &str,
) -> Result<InputStep, ScenarioError> {
    let exported = month.start + 10 * DAY;
    let early = month.charges.iter().filter(|c| c.end <= exported).cloned().collect();
    let part = Month { charges: early, ..*month };
    let name = format!("{name}-preliminary");
    Ok(InputStep {
        path: csv_file(files, estate, &part, &name, Version::V10)?,
        observed_at: Some(rfc3339(exported)),
        ..InputStep::default()
    })
}

fn csv_file(
    files: &mut Files,
    estate: &Estate,
    month: &Month,
    name: &str,
    version: Version,
) -> Result<String, ScenarioError> {
    let path = format!("cost/focus-{name}.csv");
    let absent = if version == Version::V10 { "NULL" } else { "" };
    files.stream(&path, |out| {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(focus::columns(version))?;
        for charge in &month.charges {
            let row = focus::row(estate, month, charge, version);
            writer.write_record(row.iter().map(|cell| cell.as_deref().unwrap_or(absent)))?;
        }
        writer.flush()
    })?;
    Ok(path)
}

fn cur_file(
    files: &mut Files,
    estate: &Estate,
    month: &Month,
    name: &str,
) -> Result<String, ScenarioError> {
    let path = format!("cost/cur-{name}.csv");
    files.stream(&path, |out| {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(cur::COLUMNS)?;
        for (position, charge) in month.charges.iter().enumerate() {
            writer.write_record(cur::row(estate, month, charge, position))?;
        }
        writer.flush()
    })?;
    Ok(path)
}
