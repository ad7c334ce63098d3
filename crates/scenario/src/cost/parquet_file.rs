//! A month of charges as a FOCUS Parquet file: amounts as decimals, times as timestamps.

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, StringArray, TimestampMillisecondArray};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::amount::Amount;
use super::focus::{Version, columns, row};
use super::month::Month;
use crate::estate::Estate;
use crate::outcome::ScenarioError;

const TIMES: [&str; 4] =
    ["BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart"];

fn is_amount(column: &str) -> bool {
    column.ends_with("Cost") || column.ends_with("UnitPrice") || column.ends_with("Quantity")
}

/// The file's bytes.
pub fn bytes(estate: &Estate, month: &Month) -> Result<Vec<u8>, ScenarioError> {
    encode(estate, month)
        .map_err(|reason| ScenarioError::Encode { what: "FOCUS Parquet".to_owned(), reason })
}

fn encode(estate: &Estate, month: &Month) -> Result<Vec<u8>, String> {
    let version = Version::V12;
    let rows: Vec<Vec<Option<String>>> =
        month.charges.iter().map(|c| row(estate, month, c, version)).collect();
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (index, column) in columns(version).into_iter().enumerate() {
        let cells = rows.iter().map(|r| r[index].as_deref());
        let array: ArrayRef = if TIMES.contains(&column) {
            let times = month.charges.iter().map(|c| {
                1000 * match column {
                    "BillingPeriodEnd" => month.end,
                    "BillingPeriodStart" => month.start,
                    "ChargePeriodEnd" => c.end,
                    _ => c.start,
                }
            });
            Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC"))
        } else if is_amount(column) {
            let values: Decimal128Array = cells.map(|c| c.map(scaled)).collect();
            let exact = values.with_precision_and_scale(38, Amount::PLACES as i8);
            Arc::new(exact.map_err(|e| e.to_string())?)
        } else {
            Arc::new(cells.collect::<StringArray>())
        };
        let kind = match array.data_type() {
            DataType::Timestamp(..) => {
                DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
            }
            other => other.clone(),
        };
        fields.push(Field::new(column, kind, true));
        arrays.push(array);
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|e| e.to_string())?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("larkfield-billing".to_owned())
        .build();
    let mut out = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut out, schema, Some(properties)).map_err(|e| e.to_string())?;
    writer.write(&batch).map_err(|e| e.to_string())?;
    writer.close().map_err(|e| e.to_string())?;
    Ok(out)
}

/// The digits of an amount as its row shows it: always ten places.
fn scaled(text: &str) -> i128 {
    let digits: String = text.chars().filter(|c| *c != '.').collect();
    digits.parse().unwrap_or(0)
}
