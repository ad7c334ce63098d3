//! What a command prints: the answer's own tables as terminal table, CSV, NDJSON or Parquet, or the
//! whole envelope as JSON. stdout holds the result, stderr the rest.

mod csv;
mod parquet;
mod terminal;

use std::io::{self, Write};

use clap::ValueEnum;
use model::envelope::Envelope;
use model::table::Table;
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::problem::Problem;

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum Output {
    /// Tables that fit the terminal.
    #[default]
    Table,
    /// The whole answer.
    Json,
    /// One table as comma-separated values.
    Csv,
    /// One table, a JSON object a line.
    Ndjson,
    /// One table as a Parquet file.
    Parquet,
}

/// Which table, and how much of it.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct TableOptions {
    /// Table to print, by name; csv, ndjson and parquet print the first when none is named
    #[arg(long, global = true, value_name = "NAME")]
    pub table: Option<String>,
    /// Columns to print, in this order
    #[arg(long, global = true, value_name = "A,B", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Column to sort by; `-name` for falling order
    #[arg(long, global = true, value_name = "COLUMN", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Do not cut columns to the width of the terminal
    #[arg(long, global = true)]
    pub wide: bool,
}

/// Prints an answer.
///
/// # Errors
/// When a table or column does not exist, or stdout cannot be written. A closed pipe is no error.
pub fn envelope(
    envelope: &Envelope,
    output: Output,
    options: &TableOptions,
) -> Result<(), Failure> {
    match output {
        Output::Json => json(envelope),
        Output::Table => {
            let tables = chosen(&envelope.tables, options, false)?;
            written(terminal::answer(&tables, envelope, options.wide))
        }
        Output::Csv | Output::Ndjson | Output::Parquet => {
            let tables = chosen(&envelope.tables, options, true)?;
            let Some(table) = tables.first() else { return Ok(()) };
            match output {
                Output::Csv => written(csv::write(table, io::stdout().lock())),
                Output::Ndjson => written(ndjson(table)),
                _ => written(parquet::write(table, io::stdout())),
            }
        }
    }
}

/// Prints tables that are no answer of a question (a ledger, a status).
///
/// # Errors
/// As [`envelope`].
pub fn tables<T: Serialize>(
    whole: &T,
    tables: &[Table],
    output: Output,
    options: &TableOptions,
) -> Result<(), Failure> {
    match output {
        Output::Json => json(whole),
        Output::Table => {
            let tables = chosen(tables, options, false)?;
            written(terminal::tables(&tables, options.wide))
        }
        _ => {
            let tables = chosen(tables, options, true)?;
            let Some(table) = tables.first() else { return Ok(()) };
            match output {
                Output::Csv => written(csv::write(table, io::stdout().lock())),
                Output::Ndjson => written(ndjson(table)),
                _ => written(parquet::write(table, io::stdout())),
            }
        }
    }
}

/// Prints a value as indented JSON.
///
/// # Errors
/// When stdout cannot be written.
pub fn json<T: Serialize>(value: &T) -> Result<(), Failure> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| unwritten(&error.into()))?;
    text.push(b'\n');
    written(io::stdout().lock().write_all(&text))
}

/// A line of plain text on stdout.
///
/// # Errors
/// When stdout cannot be written.
pub fn line(text: &str) -> Result<(), Failure> {
    written(writeln!(io::stdout().lock(), "{text}"))
}

/// A line for people on stderr.
pub fn say(text: &str) {
    // Nothing can be done when stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn ndjson(table: &Table) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for row in &table.rows {
        let object: serde_json::Map<_, _> =
            table.columns.iter().zip(row).map(|(c, v)| (c.name.clone(), v.clone())).collect();
        serde_json::to_writer(&mut out, &object)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// The tables asked for, with the columns and order asked for.
fn chosen(tables: &[Table], options: &TableOptions, is_one: bool) -> Result<Vec<Table>, Failure> {
    let mut chosen: Vec<Table> = match &options.table {
        Some(name) => {
            let found = tables.iter().find(|table| &table.name == name).ok_or_else(|| {
                let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
                Problem::bad_request(
                    "table",
                    format!("no table `{name}`; there are {}", names.join(", ")),
                )
            })?;
            vec![found.clone()]
        }
        None if is_one => tables.iter().take(1).cloned().collect(),
        None => tables.to_vec(),
    };
    let is_stated = options.table.is_some() || is_one;
    for table in &mut chosen {
        sort(table, options.sort.as_deref(), is_stated)?;
        select(table, &options.columns, is_stated)?;
    }
    Ok(chosen)
}

fn position(table: &Table, name: &str) -> Result<usize, Failure> {
    table.columns.iter().position(|column| column.name == name).ok_or_else(|| {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let detail =
            format!("table `{}` has no column `{name}`; it has {}", table.name, names.join(", "));
        Problem::bad_request("columns", detail).into()
    })
}

fn sort(table: &mut Table, by: Option<&str>, is_strict: bool) -> Result<(), Failure> {
    let Some(by) = by else { return Ok(()) };
    let (name, is_falling) = by.strip_prefix('-').map_or((by, false), |name| (name, true));
    let column = match position(table, name) {
        Ok(column) => column,
        Err(failure) if is_strict => return Err(failure),
        Err(_) => return Ok(()),
    };
    table.rows.sort_by(|a, b| {
        let order = compare(&a[column], &b[column]);
        if is_falling { order.reverse() } else { order }
    });
    Ok(())
}

/// Numbers by value (amounts come as text), texts by bytes, null last.
fn compare(a: &serde_json::Value, b: &serde_json::Value) -> std::cmp::Ordering {
    let number = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.parse::<f64>().ok(),
        other => other.as_f64(),
    };
    match (a.is_null(), b.is_null(), number(a), number(b)) {
        (true, true, ..) => std::cmp::Ordering::Equal,
        (true, ..) => std::cmp::Ordering::Greater,
        (_, true, ..) => std::cmp::Ordering::Less,
        (_, _, Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.as_str().unwrap_or_default().cmp(b.as_str().unwrap_or_default()),
    }
}

fn select(table: &mut Table, columns: &[String], is_strict: bool) -> Result<(), Failure> {
    if columns.is_empty() {
        return Ok(());
    }
    let mut positions = Vec::new();
    for name in columns {
        match position(table, name) {
            Ok(position) => positions.push(position),
            Err(failure) if is_strict => return Err(failure),
            Err(_) => {}
        }
    }
    if positions.is_empty() {
        return Ok(());
    }
    table.columns = positions.iter().map(|&at| table.columns[at].clone()).collect();
    for row in &mut table.rows {
        *row = positions.iter().map(|&at| row[at].clone()).collect();
    }
    Ok(())
}

/// A closed pipe (`| head`) ends the output quietly.
///
/// # Errors
/// When stdout cannot be written.
pub fn written(outcome: io::Result<()>) -> Result<(), Failure> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(unwritten(&error)),
        Ok(()) => Ok(()),
    }
}

fn unwritten(error: &io::Error) -> Failure {
    let is_full = error.kind() == io::ErrorKind::StorageFull;
    let exit = if is_full { Exit::Full } else { Exit::Usage };
    Failure { exit, problem: Problem::bad_request("output", format!("stdout: {error}")) }
}
