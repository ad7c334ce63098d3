//! Rows of a table, from CSV or YAML, and their cells.

use std::collections::BTreeMap;

use model::{Amount, Micros};
use serde_json::Value;

use crate::input::Out;
use crate::shape::{Shape, without_mark};

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    table: String,
    number: u64,
    cells: BTreeMap<String, String>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Column.
    pub column: &'static str,
    /// Why, and what would mend it.
    pub reason: String,
}

impl RowError {
    /// In a column.
    pub fn new(column: &'static str, reason: impl Into<String>) -> Self {
        Self { column, reason: reason.into() }
    }
}

impl Row {
    /// Place of a column in the row, for people.
    pub fn place(&self, column: &str) -> String {
        format!("{}row {}, column {column}", self.table, self.number)
    }

    /// The cell, unless it is not given.
    pub fn cell(&self, column: &str) -> Option<&str> {
        self.cells
            .get(column)
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty() && *cell != "NULL")
    }

    /// The cell, which must be given.
    pub fn required(&self, column: &'static str) -> Result<&str, RowError> {
        self.cell(column)
            .ok_or_else(|| RowError::new(column, "the cell is empty; a value is required"))
    }

    /// `true` or `false`.
    pub fn flag(&self, column: &'static str, default: bool) -> Result<bool, RowError> {
        match self.cell(column) {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(other) => {
                Err(RowError::new(column, format!("`{other}` is neither true nor false")))
            }
        }
    }

    /// A share, 0 to 1; `None` where it is not given.
    pub fn share(&self, column: &'static str) -> Result<Option<Amount>, RowError> {
        let Some(text) = self.cell(column) else { return Ok(None) };
        let share: Amount = text.parse().map_err(|reason: String| RowError::new(column, reason))?;
        if !(0..=Amount::ONE).contains(&share.0) {
            return Err(RowError::new(column, format!("`{text}` is not between 0 and 1")));
        }
        Ok(Some(share))
    }

    /// `[period_start, period_end)`.
    pub fn period(&self) -> Result<(Micros, Micros), RowError> {
        let start = self.required("period_start")?;
        let (from, default_end) = match month(start) {
            Some((from, to)) => (from, Some(to)),
            None => {
                let is_date = start.len() == 10;
                let from = instant("period_start", start)?;
                (from, is_date.then(|| from.plus(Micros::DAY)))
            }
        };
        let to = match (self.cell("period_end"), default_end) {
            (Some(end), _) => match month(end) {
                Some((first, _)) => first,
                None => instant("period_end", end)?,
            },
            (None, Some(end)) => end,
            (None, None) => {
                return Err(RowError::new(
                    "period_end",
                    "the cell is empty; an instant needs an end",
                ));
            }
        };
        if to <= from {
            return Err(RowError::new("period_end", "the period ends before it starts"));
        }
        Ok((from, to))
    }

    /// ISO 4217, upper case.
    pub fn currency(&self) -> Result<Option<String>, RowError> {
        match self.cell("currency") {
            None => Ok(None),
            Some(code) if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                Ok(Some(code.to_owned()))
            }
            Some(other) => {
                Err(RowError::new("currency", format!("`{other}` is no ISO 4217 code such as USD")))
            }
        }
    }
}

fn instant(column: &'static str, text: &str) -> Result<Micros, RowError> {
    model::time::instant(text).map(Micros::of).map_err(|reason| RowError::new(column, reason))
}

/// The month that `2026-09` means.
fn month(text: &str) -> Option<(Micros, Micros)> {
    let (year, month) = text.split_once('-')?;
    if year.len() != 4 || month.len() != 2 {
        return None;
    }
    let (year, month): (i32, u32) = (year.parse().ok()?, month.parse().ok()?);
    let next = if month == 12 { (year.checked_add(1)?, 1) } else { (year, month + 1) };
    let start = |(year, month): (i32, u32)| {
        model::time::instant(&format!("{year:04}-{month:02}-01")).ok().map(Micros::of)
    };
    Some((start((year, month))?, start(next)?))
}

/// Columns of the header row, in lower case.
pub fn header(bytes: &[u8]) -> Option<Vec<String>> {
    if !matches!(Shape::of(bytes), Shape::Text(_)) {
        return None;
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(without_mark(bytes));
    let names = reader.headers().ok()?;
    (names.len() >= 2).then(|| names.iter().map(|name| name.trim().to_ascii_lowercase()).collect())
}

/// The rows of a CSV file; a line that is none is a reject.
pub fn of_csv(bytes: &[u8], out: &mut Out<'_>) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let names: Vec<String> = match reader.byte_headers() {
        Ok(names) => names
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_ascii_lowercase())
            .collect(),
        Err(_) => return Vec::new(),
    };
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        // The header is row 1.
        let number = index as u64 + 2;
        match record {
            Ok(record) => {
                let cells = names.iter().zip(record.iter());
                let cells = cells.map(|(name, cell)| (name.clone(), cell.to_owned())).collect();
                rows.push(Row { table: String::new(), number, cells });
            }
            Err(error) => out.reject(format!("row {number}"), format!("not readable: {error}")),
        }
    }
    rows
}

/// The rows of a YAML list; `match` may be a mapping.
pub fn of_yaml(table: &str, list: &[Value], out: &mut Out<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let number = index as u64 + 1;
        let Some(map) = value.as_object() else {
            out.reject(format!("{table} row {number}"), "not a mapping of column to value");
            continue;
        };
        let cells =
            map.iter().filter_map(|(name, value)| Some((name.to_ascii_lowercase(), text(value)?)));
        rows.push(Row { table: format!("{table} "), number, cells: cells.collect() });
    }
    rows
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Object(map) => {
            let terms: Vec<String> = map
                .iter()
                .filter_map(|(key, value)| Some(format!("{key}={}", text(value)?)))
                .collect();
            Some(terms.join(";"))
        }
        _ => None,
    }
}
