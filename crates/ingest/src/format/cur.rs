//! AWS Cost and Usage Reports: version 1 (`lineItem/UnblendedCost`) and 2 or Athena
//! (`line_item_unblended_cost`), CSV and Parquet, mapped to FOCUS's terms.

mod row;

use model::charge::BillFormat;

use super::Format;
use super::bill::{self, Book};
use crate::error::EnvelopeError;
use crate::input::Input;

use row::{Column, NAMES, Tags};

/// CUR in CSV.
pub const CSV: Format = Format {
    name: "cur-csv",
    title: "AWS Cost and Usage Reports (CSV)",
    recognise: |input| why(&bill::header(input.bytes)),
    read: |input, out| {
        let names = bill::header(input.bytes);
        let (positions, tags) = positions(input, &names)?;
        let mut book = Book::new(BillFormat::Cur, input);
        let outcome = bill::read_csv(input, &positions, out, &mut |row, cells, out| {
            let result = row::charge(row, cells, &tags, &mut book, out);
            book.put(row, result, out)
        });
        book.close(out);
        outcome
    },
};

/// CUR in Parquet.
pub const PARQUET: Format = Format {
    name: "cur-parquet",
    title: "AWS Cost and Usage Reports (Parquet)",
    recognise: |input| why(&bill::column_names(input.bytes)),
    read: |input, out| {
        let names = bill::column_names(input.bytes);
        let (positions, tags) = positions(input, &names)?;
        let mut book = Book::new(BillFormat::Cur, input);
        let outcome = bill::read_parquet(input, &positions, out, &mut |row, cells, out| {
            let result = row::charge(row, cells, &tags, &mut book, out);
            book.put(row, result, out)
        });
        book.close(out);
        outcome
    },
};

/// Columns that tell a CUR from any other table.
const TELLING: &[Column] = &[
    Column::LineItemType,
    Column::UnblendedCost,
    Column::UsageStartDate,
    Column::UsageAccountId,
    Column::PayerAccountId,
    Column::ProductCode,
];

/// Columns without which no row can be booked.
const MANDATORY: &[Column] = &[
    Column::PayerAccountId,
    Column::BillingPeriodStart,
    Column::BillingPeriodEnd,
    Column::LineItemType,
    Column::UsageStartDate,
    Column::UsageEndDate,
    Column::ProductCode,
    Column::CurrencyCode,
    Column::UnblendedCost,
];

fn why(names: &[String]) -> Option<String> {
    let all = bill::positions(names, NAMES);
    let count = TELLING.iter().filter(|column| all[**column as usize].is_some()).count();
    (count > TELLING.len() / 2)
        .then(|| format!("{count} of the columns that tell a CUR, such as lineItem/LineItemType"))
}

/// Positions of the columns, those of the tags behind them, and the tags' names.
fn positions(
    input: &Input<'_>,
    names: &[String],
) -> Result<(Vec<Option<usize>>, Tags), EnvelopeError> {
    let mut all = bill::positions(names, NAMES);
    let missing: Vec<&str> = MANDATORY
        .iter()
        .filter(|column| all[**column as usize].is_none())
        .map(|column| column.name())
        .collect();
    if !missing.is_empty() {
        let reason = format!(
            "needed and missing: {}; choose every column in the report's definition and export again",
            missing.join(", ")
        );
        return Err(EnvelopeError::malformed(input.name, "the header", reason));
    }
    let tags = Tags::of(names);
    all.extend(tags.positions());
    Ok((all, tags))
}
