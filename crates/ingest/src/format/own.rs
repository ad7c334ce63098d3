//! Our own format: one observation a row, as ndjson (also a JSON array) and as Parquet. It is what
//! `export` writes, and the way in for whatever has no format of its own.

mod gather;
mod observe;
mod parquet;
mod row;

use crate::error::{EnvelopeError, json_place};
use crate::format::Format;
use crate::input::{Input, Out};
use crate::outline;
use crate::shape::{Shape, without_mark};

pub use parquet::PARQUET;

use gather::Gather;
use row::Row;

/// Rows as lines of JSON.
pub const NDJSON: Format = Format {
    name: "own-ndjson",
    title: "own ndjson (rows with `type` entity, relation, incident, change, finding or sample)",
    recognise,
    read,
};

/// Rows at the beginning that are looked at: the first may be a bad one.
const RECOGNISED_BY_ROWS: usize = 10;

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    match shape {
        Shape::JsonArray { .. } => row_type(&shape),
        Shape::Json { .. } | Shape::Text(_) => {
            let lines = without_mark(input.bytes).split(|byte| *byte == b'\n');
            let mut rows = lines.filter(|line| !line.trim_ascii().is_empty());
            let mut rows = rows.by_ref().take(RECOGNISED_BY_ROWS);
            rows.find_map(|line| row_type(&Shape::of(line)))
        }
        _ => None,
    }
    .map(|row_type| format!("rows of type {row_type}"))
}

/// The row's type, when it is one of ours and has another of our keys.
fn row_type(shape: &Shape<'_>) -> Option<String> {
    let row_type = shape.text("type").filter(|name| row::TYPES.contains(name))?;
    let is_ours = ["id", "from", "metric"].iter().any(|name| shape.key(name).is_some());
    is_ours.then(|| row_type.to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let bytes = without_mark(input.bytes);
    let mut gather = Gather::new(out);
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        for (index, element) in outline::elements(bytes).enumerate() {
            let go_on = match element {
                Ok(raw) => take(&mut gather, raw, || format!("/{index}")),
                Err(_cut) => {
                    gather.reject(format!("/{index}"), "the array is cut off here; export it again")
                }
            };
            if !go_on {
                break;
            }
        }
    } else {
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if !line.is_empty() && !take(&mut gather, line, || format!("line {}", index + 1)) {
                break;
            }
        }
    }
    gather.finish();
    Ok(())
}

/// One row; returns whether to go on.
fn take(gather: &mut Gather<'_, '_>, raw: &[u8], place: impl Fn() -> String) -> bool {
    match serde_json::from_slice::<Row<'_>>(raw) {
        Ok(row) => match observe::observe(row) {
            Ok(observed) => gather.put(observed),
            Err(reason) => gather.reject(place(), reason),
        },
        Err(error) => {
            let (within, reason) = json_place(&error);
            let column = within.rsplit(' ').next().unwrap_or_default().to_owned();
            gather.reject(format!("{} column {column}", place()), reason)
        }
    }
}
