//! Tables of events (incidents, changes) as CSV, whose columns have many names: a field is read from
//! the first of its columns that the row fills; columns of no field become labels.

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord};
use model::Micros;

use crate::error::EnvelopeError;
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};

/// Bytes of a header line that are looked at.
const HEADER_BYTES: usize = 64 << 10;
/// Cells that stand for "not given".
const ABSENT: &[&str] = &["", "NULL", "null", "None", "none given", "N/A", "n/a", "-"];

/// A field and the names of its columns, the preferred first.
pub type Field = (&'static str, &'static [&'static str]);

/// Column names of a table in lower case, with `_` for whatever is no letter or digit; empty when the
/// input is no table.
pub fn header(bytes: &[u8]) -> Vec<String> {
    if !matches!(Shape::of(bytes), Shape::Text(_)) {
        return Vec::new();
    }
    let bytes = without_mark(bytes);
    let head = &bytes[..bytes.len().min(HEADER_BYTES)];
    let mut reader = reader(head);
    let Ok(names) = reader.byte_headers() else { return Vec::new() };
    if names.len() < 2 {
        return Vec::new();
    }
    names.iter().map(|name| normalised(&String::from_utf8_lossy(name))).collect()
}

/// Whether the header has a column of this field.
pub fn has(names: &[String], fields: &[Field], field: &str) -> bool {
    columns_of(fields, field).iter().any(|column| names.iter().any(|name| name == column))
}

fn columns_of(fields: &[Field], field: &str) -> &'static [&'static str] {
    fields.iter().find(|(name, _)| *name == field).map_or(&[], |(_, columns)| columns)
}

fn normalised(name: &str) -> String {
    let mut out = String::new();
    for c in name.trim().chars() {
        let c = if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
        if c != '_' || !out.ends_with('_') {
            out.push(c);
        }
    }
    out.trim_matches('_').to_owned()
}

fn reader(bytes: &[u8]) -> Reader<&[u8]> {
    ReaderBuilder::new().flexible(true).delimiter(delimiter(bytes)).from_reader(bytes)
}

/// The most frequent of the usual delimiters in the first line, the comma before others.
fn delimiter(bytes: &[u8]) -> u8 {
    let line: &[u8] = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    let mut best = b',';
    for other in [b';', b'\t'] {
        if count(other) > count(best) {
            best = other;
        }
    }
    best
}

/// Why nothing is taken of a row: where in it, and what is wrong.
pub type Refusal = (String, String);

/// Takes one row.
pub type Put<'p> = &'p mut dyn FnMut(&Row<'_>, &mut Out<'_>) -> Result<(), Refusal>;

/// One row.
pub struct Row<'r> {
    /// Number in the file; the header is row 1.
    pub number: u64,
    names: &'r [String],
    record: &'r StringRecord,
    fields: &'static [Field],
}

impl Row<'_> {
    /// The cell of a field, with the column that it stands in.
    pub fn found(&self, field: &str) -> Option<(&'static str, &str)> {
        columns_of(self.fields, field)
            .iter()
            .find_map(|column| Some((*column, self.column(column)?)))
    }

    /// The cell of a field.
    pub fn cell(&self, field: &str) -> Option<&str> {
        self.found(field).map(|(_, cell)| cell)
    }

    /// The instant of a field.
    ///
    /// # Errors
    /// The place and why it is none.
    pub fn instant(&self, field: &str) -> Result<Option<Micros>, Refusal> {
        let Some((column, text)) = self.found(field) else { return Ok(None) };
        let at = crate::instant::civil(text).filter(|at| crate::instant::is_plausible(*at));
        at.map(Some).ok_or_else(|| {
            let shown: String = text.chars().take(60).collect();
            let reason = format!("`{shown}` is not an instant such as 2026-09-01T08:30:00Z");
            (self.place(column), reason)
        })
    }

    /// Place of a column, for people.
    pub fn place(&self, column: &str) -> String {
        format!("row {}, column {column}", self.number)
    }

    /// Columns that are of no field, with their cells.
    pub fn others(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_other = |name: &str| !self.fields.iter().any(|(_, all)| all.contains(&name));
        let cells = self.names.iter().zip(self.record.iter());
        cells
            .filter_map(|(name, cell)| Some((name.as_str(), present(cell)?)))
            .filter(move |(name, _)| !name.is_empty() && is_other(name))
    }

    fn column(&self, column: &str) -> Option<&str> {
        let place = self.names.iter().position(|name| name == column)?;
        self.record.get(place).and_then(present)
    }
}

fn present(cell: &str) -> Option<&str> {
    Some(cell.trim()).filter(|cell| !ABSENT.contains(cell))
}

/// Gives each row to `put`, which says why it takes none of it (place, reason). Rows that are no rows
/// are rejects.
///
/// # Errors
/// When the header cannot be read.
pub fn read(
    input: &Input<'_>,
    fields: &'static [Field],
    out: &mut Out<'_>,
    put: Put<'_>,
) -> Result<(), EnvelopeError> {
    let names = header(input.bytes);
    let mut reader = reader(without_mark(input.bytes));
    reader.byte_headers().map_err(|error| EnvelopeError::malformed(input.name, "row 1", error))?;
    let mut raw = ByteRecord::new();
    let mut number = 1_u64;
    loop {
        number += 1;
        match reader.read_byte_record(&mut raw) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => {
                out.reject(format!("row {number}"), format!("{error}; export it again"));
                return Ok(());
            }
        }
        match StringRecord::from_byte_record(std::mem::take(&mut raw)) {
            Ok(record) => {
                let is_blank = record.iter().all(|cell| cell.trim().is_empty());
                let row = Row { number, names: &names, record: &record, fields };
                if !is_blank && let Err((place, reason)) = put(&row, out) {
                    out.reject(place, reason);
                }
                raw = record.into_byte_record();
            }
            Err(error) => {
                let column = error.utf8_error().field() + 1;
                let place = format!("row {number}, column {column}");
                out.reject(place, "not UTF-8; export it in UTF-8");
            }
        }
        if !out.added(0) {
            return Ok(());
        }
    }
}

/// The names in a cell that lists several: parted by `|`, `;` or line ends, else by commas.
pub fn list(cell: &str) -> Vec<&str> {
    let parted = |by: &[char]| -> Vec<&str> {
        cell.split(by).map(str::trim).filter(|name| !name.is_empty()).collect()
    };
    let names = parted(&['|', ';', '\n']);
    if names.len() > 1 { names } else { parted(&[',', '\n']) }
}
