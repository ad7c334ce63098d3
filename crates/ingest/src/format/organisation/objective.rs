//! Rows of the objectives table.

use model::objective::{Indicator, Objective};
use model::stated::StatedObservation;

use super::row::{Row, RowError};
use crate::format::objective::{ratio, statement, target, window_seconds};
use crate::format::selector::selector_of_query;

/// The rolling window of a row that states none.
const WINDOW: &str = "30d";

/// One objective.
pub fn objective(row: &Row) -> Result<StatedObservation, RowError> {
    let service = row.required("service")?;
    let selector = |column: &'static str| {
        let read = |cell| selector_of_query(cell).map_err(|reason| RowError::new(column, reason));
        row.cell(column).map(read).transpose()
    };
    let latency_seconds = positive(row, "latency_seconds")?;
    let durations = selector("durations")?;
    let (good, bad, total) = (selector("good")?, selector("bad")?, selector("total")?);
    let has_series = good.is_some() || bad.is_some() || total.is_some();
    let indicator = match latency_seconds {
        Some(_) if has_series => {
            let reason = "a bound and series of good, bad or total are two objectives";
            return Err(RowError::new("latency_seconds", reason));
        }
        Some(bound_seconds) => Indicator::Latency { bound_seconds, durations },
        None if durations.is_some() => {
            return Err(RowError::new("latency_seconds", "durations need a bound"));
        }
        None if has_series && (total.is_none() || (good.is_none() && bad.is_none())) => {
            return Err(RowError::new("total", "total and one of good and bad are needed"));
        }
        None => ratio(good, bad, total),
    };
    let kind = if latency_seconds.is_some() { "latency" } else { "availability" };
    let name = row.cell("name").map_or_else(|| format!("{service} {kind}"), str::to_owned);
    let target = target(row.required("objective")?);
    let window = window_seconds(row.cell("window").unwrap_or(WINDOW));
    let objective = Objective {
        name: name.clone(),
        target: target.map_err(|reason| RowError::new("objective", reason))?,
        window_seconds: window.map_err(|reason| RowError::new("window", reason))?,
        indicator,
        owner: row.cell("owner").map(str::to_owned),
        apdex_seconds: positive(row, "apdex_seconds")?,
    };
    let key = format!("{service}/{name}");
    statement(&key, &name, service, &objective).map_err(|reason| RowError::new("service", reason))
}

fn positive(row: &Row, column: &'static str) -> Result<Option<f64>, RowError> {
    let Some(text) = row.cell(column) else { return Ok(None) };
    let number = text.parse::<f64>().ok().filter(|number| *number > 0.0 && number.is_finite());
    let wrong = || RowError::new(column, format!("`{text}` is no number of seconds above 0"));
    number.map(Some).ok_or_else(wrong)
}
