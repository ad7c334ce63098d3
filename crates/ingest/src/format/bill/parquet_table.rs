//! A bill in Parquet: each cell as the text that a CSV would hold, exactly. Decimals keep all their
//! digits; a double becomes the shortest decimal that reads back as the same double.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::array::{Array, AsArray, Decimal128Array, Decimal256Array, MapArray, StructArray};
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use model::Micros;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::reader::{ChunkReader, Length};

use super::Cells;
use crate::error::EnvelopeError;
use crate::input::{Input, Out};

/// Rows that are decoded at a time.
const ROWS: usize = 4096;

/// Names of the columns, when it is a Parquet file whose footer can be read.
pub fn column_names(bytes: &[u8]) -> Vec<String> {
    if !bytes.starts_with(b"PAR1") {
        return Vec::new();
    }
    let names = guarded(|| {
        let metadata = ParquetMetaDataReader::new()
            .parse_and_finish(&Slice(bytes))
            .map_err(|error| error.to_string())?;
        let root = metadata.file_metadata().schema_descr().root_schema();
        Ok(root.get_fields().iter().map(|field| field.name().to_owned()).collect())
    });
    names.unwrap_or_default()
}

/// Bytes that are only looked at; the footer of a large file needs no copy of it.
struct Slice<'a>(&'a [u8]);

impl Length for Slice<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

impl<'a> ChunkReader for Slice<'a> {
    type T = &'a [u8];

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        self.0.get(start..).ok_or_else(|| ParquetError::EOF("behind the end".to_owned()))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let rest = self.get_read(start)?;
        let bytes = rest.get(..length);
        bytes.map(Bytes::copy_from_slice).ok_or_else(|| ParquetError::EOF("cut off".to_owned()))
    }
}

/// The decoder panics on some broken files; that is an unreadable file, not a defect of ours.
fn guarded<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_panic| Err("the file is broken inside".to_owned()))
}

struct ParquetRow<'r> {
    columns: &'r [Option<Vec<Option<String>>>],
    row: usize,
}

impl Cells for ParquetRow<'_> {
    fn cell(&self, wanted: usize) -> Option<&str> {
        let cell = self.columns.get(wanted)?.as_ref()?.get(self.row)?;
        cell.as_deref().and_then(super::present)
    }
}

/// As [`super::read_csv`], for a Parquet file.
///
/// # Errors
/// When the file's own description cannot be read.
pub fn read_parquet(
    input: &Input<'_>,
    positions: &[Option<usize>],
    out: &mut Out<'_>,
    put: &mut dyn FnMut(u64, &dyn Cells, &mut Out<'_>) -> bool,
) -> Result<(), EnvelopeError> {
    let broken = |reason: String| {
        EnvelopeError::malformed(
            input.name,
            "the Parquet file",
            format!("{reason}; export it again"),
        )
    };
    let mut wanted: Vec<usize> = positions.iter().flatten().copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut batches = guarded(|| {
        let file = Bytes::copy_from_slice(input.bytes);
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
        let reader = builder.with_projection(mask).with_batch_size(ROWS).build();
        reader.map_err(|error| error.to_string())
    })
    .map_err(broken)?;
    let mut first = 0_u64;
    loop {
        let columns = match guarded(|| match batches.next() {
            Some(Ok(batch)) => Ok(Some((batch.num_rows(), texts(&batch, positions, &wanted)))),
            Some(Err(error)) => Err(error.to_string()),
            None => Ok(None),
        }) {
            Ok(Some((rows, columns))) => (rows, columns),
            Ok(None) => return Ok(()),
            Err(reason) if first == 0 => return Err(broken(reason)),
            Err(reason) => {
                out.reject(format!("row {}", first + 1), format!("{reason}; export it again"));
                return Ok(());
            }
        };
        for row in 0..columns.0 {
            first += 1;
            if !put(first, &ParquetRow { columns: &columns.1, row }, out) {
                return Ok(());
            }
        }
    }
}

/// The wanted columns of one batch as texts, in the order of `positions`.
fn texts(
    batch: &RecordBatch,
    positions: &[Option<usize>],
    kept: &[usize],
) -> Vec<Option<Vec<Option<String>>>> {
    let column = |position: &usize| {
        let index = kept.binary_search(position).ok()?;
        let array = batch.columns().get(index)?;
        Some((0..array.len()).map(|row| text(array.as_ref(), row)).collect())
    };
    positions.iter().map(|position| position.as_ref().and_then(column)).collect()
}

/// One cell.
fn text(array: &dyn Array, row: usize) -> Option<String> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().value(row).to_owned()),
        DataType::Float64 => Some(array.as_primitive::<Float64Type>().value(row).to_string()),
        DataType::Float32 => Some(array.as_primitive::<Float32Type>().value(row).to_string()),
        DataType::Decimal128(_, scale) => {
            let value = array.as_any().downcast_ref::<Decimal128Array>()?.value(row);
            Some(scaled(&value.to_string(), i32::from(*scale)))
        }
        DataType::Decimal256(_, scale) => {
            let value = array.as_any().downcast_ref::<Decimal256Array>()?.value(row);
            Some(scaled(&value.to_string(), i32::from(*scale)))
        }
        DataType::Timestamp(unit, _) => instant(array, *unit, row),
        DataType::Map(..) => {
            let map = array.as_any().downcast_ref::<MapArray>()?.value(row);
            Some(object(&map))
        }
        _ => {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(array, &options).ok()?;
            formatter.value(row).try_to_string().ok()
        }
    }
}

/// An instant; with a zone or without, the number counts from 1970 in UTC. Arrow's own formatter would
/// refuse the zone's name.
fn instant(array: &dyn Array, unit: TimeUnit, row: usize) -> Option<String> {
    let value = match unit {
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().value(row),
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row),
    };
    let micros = match unit {
        TimeUnit::Second => value.checked_mul(1_000_000)?,
        TimeUnit::Millisecond => value.checked_mul(1_000)?,
        TimeUnit::Microsecond => value,
        TimeUnit::Nanosecond => value.div_euclid(1_000),
    };
    Some(Micros(micros).to_string())
}

/// Digits without a point, with an exponent instead.
fn scaled(digits: &str, scale: i32) -> String {
    format!("{digits}e{}", -scale)
}

/// The entries of a map as a JSON object.
fn object(entries: &StructArray) -> String {
    let mut object = serde_json::Map::new();
    if let [keys, values] = entries.columns() {
        for row in 0..entries.len() {
            if let Some(key) = text(keys.as_ref(), row) {
                object.insert(key, text(values.as_ref(), row).into());
            }
        }
    }
    serde_json::Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use arrow::array::{TimestampMillisecondArray, TimestampNanosecondArray};

    use super::*;

    #[test]
    fn instants_of_every_unit_and_zone_are_read() {
        let zoned = TimestampMillisecondArray::from(vec![1_725_148_800_000]).with_timezone("UTC");
        assert_eq!(text(&zoned, 0).as_deref(), Some("2024-09-01T00:00:00Z"));
        let plain = TimestampNanosecondArray::from(vec![1_725_148_800_000_000_000]);
        assert_eq!(text(&plain, 0).as_deref(), Some("2024-09-01T00:00:00Z"));
    }
}
