//! A bill in CSV: columns by name, in any order, stray ones ignored.

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{Cells, normalised};
use crate::error::EnvelopeError;
use crate::input::{Input, Out};
use crate::shape::without_mark;

/// Bytes of a header line that are looked at.
const HEADER_BYTES: usize = 64 << 10;

fn reader(bytes: &[u8], delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(bytes)
}

/// What separates the cells: the most frequent of `,`, `;` and tab in the first line.
pub fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.iter().take(HEADER_BYTES).take_while(|byte| **byte != b'\n');
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in line {
        for (delimiter, count) in &mut counts {
            *count += usize::from(byte == delimiter);
        }
    }
    // The first of the most frequent: max_by_key would give the last.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// The names in the first line, when the input looks like a table.
pub fn header(bytes: &[u8]) -> Vec<String> {
    let bytes = without_mark(bytes);
    let head = &bytes[..bytes.len().min(HEADER_BYTES)];
    if head.first().is_none_or(|byte| matches!(byte, b'{' | b'[' | b'#' | b'<' | 0)) {
        return Vec::new();
    }
    let mut reader = reader(head, delimiter(head));
    let Ok(names) = reader.byte_headers() else { return Vec::new() };
    names.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect()
}

struct CsvRow<'r> {
    record: &'r csv::StringRecord,
    positions: &'r [Option<usize>],
}

impl Cells for CsvRow<'_> {
    fn cell(&self, wanted: usize) -> Option<&str> {
        let position = (*self.positions.get(wanted)?)?;
        self.record.get(position).and_then(super::present)
    }
}

/// Gives each row's cells of the `wanted` columns (normalised names), with its number from 1, to
/// `put`, which says whether to go on. `positions` are those of the names in the header.
///
/// # Errors
/// When the header cannot be read.
pub fn read_csv(
    input: &Input<'_>,
    positions: &[Option<usize>],
    out: &mut Out<'_>,
    put: &mut dyn FnMut(u64, &dyn Cells, &mut Out<'_>) -> bool,
) -> Result<(), EnvelopeError> {
    let bytes = without_mark(input.bytes);
    let mut reader = reader(bytes, delimiter(bytes));
    let width = reader
        .byte_headers()
        .map_err(|error| EnvelopeError::malformed(input.name, "line 1", error))?
        .len();
    let mut raw = ByteRecord::new();
    let mut row = 0_u64;
    loop {
        match reader.read_byte_record(&mut raw) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => {
                out.reject(format!("row {}", row + 1), format!("{error}; export it again"));
                return Ok(());
            }
        }
        row += 1;
        if raw.len() == 1 && raw.get(0).is_some_and(<[u8]>::is_empty) {
            continue;
        }
        if raw.len() < width {
            let reason =
                format!("{} of {width} columns; the row is cut off, export it again", raw.len());
            out.reject(format!("row {row}"), reason);
            continue;
        }
        match csv::StringRecord::from_byte_record(std::mem::take(&mut raw)) {
            Ok(record) => {
                if !put(row, &CsvRow { record: &record, positions }, out) {
                    return Ok(());
                }
                raw = record.into_byte_record();
            }
            Err(error) => {
                let place = format!("row {row}, column {}", error.utf8_error().field() + 1);
                out.reject(place, "not UTF-8; export it in UTF-8");
            }
        }
    }
}

/// Positions of normalised names in a header; the first of equal names.
pub fn positions(names: &[String], wanted: &[&str]) -> Vec<Option<usize>> {
    let names: Vec<String> = names.iter().map(|name| normalised(name)).collect();
    wanted
        .iter()
        .map(|wanted| {
            let wanted = normalised(wanted);
            names.iter().position(|name| *name == wanted)
        })
        .collect()
}
