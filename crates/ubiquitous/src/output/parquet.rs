//! One table as a Parquet file. Amounts are DECIMAL(38,18), instants microseconds in UTC.

use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use model::Amount;
use model::table::{Cell, Table};
use parquet::arrow::ArrowWriter;
use serde_json::Value;

/// Writes all rows.
pub fn write(table: &Table, out: impl Write + Send) -> io::Result<()> {
    let fields: Vec<Field> = table
        .columns
        .iter()
        .map(|column| Field::new(&column.name, data_type(column.cell), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let columns = table.columns.iter().enumerate();
    let arrays = columns
        .map(|(at, column)| {
            array(column.cell, &table.rows.iter().map(|row| &row[at]).collect::<Vec<_>>())
        })
        .collect::<io::Result<Vec<_>>>()?;
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(io::Error::other)?;
    let mut writer = ArrowWriter::try_new(out, schema, None).map_err(io::Error::other)?;
    writer.write(&batch).map_err(io::Error::other)?;
    writer.close().map_err(io::Error::other)?;
    Ok(())
}

fn data_type(cell: Cell) -> DataType {
    match cell {
        Cell::Text => DataType::Utf8,
        Cell::Count => DataType::Int64,
        Cell::Number => DataType::Float64,
        Cell::Amount => DataType::Decimal128(38, 18),
        Cell::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Cell::Flag => DataType::Boolean,
    }
}

fn array(cell: Cell, values: &[&Value]) -> io::Result<ArrayRef> {
    let texts = values.iter().map(|value| value.as_str());
    Ok(match cell {
        Cell::Text => Arc::new(StringArray::from_iter(values.iter().map(|value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }))),
        Cell::Count => Arc::new(Int64Array::from_iter(values.iter().map(|value| value.as_i64()))),
        Cell::Number => {
            Arc::new(Float64Array::from_iter(values.iter().map(|value| value.as_f64())))
        }
        Cell::Flag => Arc::new(BooleanArray::from_iter(values.iter().map(|value| value.as_bool()))),
        Cell::Amount => {
            let amounts = texts.map(|text| text?.parse::<Amount>().ok().map(|amount| amount.0));
            let amounts = Decimal128Array::from_iter(amounts);
            Arc::new(amounts.with_precision_and_scale(38, 18).map_err(io::Error::other)?)
        }
        Cell::Instant => {
            let instants = texts
                .map(|text| text?.parse::<jiff::Timestamp>().ok().map(|at| at.as_microsecond()));
            Arc::new(TimestampMicrosecondArray::from_iter(instants).with_timezone("UTC"))
        }
    })
}
