//! Azure cost and usage details (EA, MCA, pay-as-you-go exports), CSV and Parquet, mapped to FOCUS's
//! terms. A file holds actual or amortized cost and does not say which: each row is read by what it
//! is.

mod row;
#[cfg(test)]
mod tests;

use model::charge::BillFormat;

use super::Format;
use super::bill::{self, Book};
use crate::error::EnvelopeError;
use crate::input::Input;

use row::{Column, NAMES};

/// Azure's export in CSV.
pub const CSV: Format = Format {
    name: "azure-cost-csv",
    title: "Azure cost and usage details (CSV)",
    recognise: |input| why(&bill::header(input.bytes)),
    read: |input, out| {
        let positions = positions(input, &bill::header(input.bytes))?;
        let mut book = Book::new(BillFormat::Azure, input);
        let outcome = bill::read_csv(input, &positions, out, &mut |row, cells, out| {
            let result = row::charge(row, cells, &mut book, out);
            book.put(row, result, out)
        });
        book.close(out);
        outcome
    },
};

/// Azure's export in Parquet.
pub const PARQUET: Format = Format {
    name: "azure-cost-parquet",
    title: "Azure cost and usage details (Parquet)",
    recognise: |input| why(&bill::column_names(input.bytes)),
    read: |input, out| {
        let positions = positions(input, &bill::column_names(input.bytes))?;
        let mut book = Book::new(BillFormat::Azure, input);
        let outcome = bill::read_parquet(input, &positions, out, &mut |row, cells, out| {
            let result = row::charge(row, cells, &mut book, out);
            book.put(row, result, out)
        });
        book.close(out);
        outcome
    },
};

/// Columns that tell Azure's export from any other table.
const TELLING: &[Column] = &[
    Column::MeterId,
    Column::MeterCategory,
    Column::MeterName,
    Column::ConsumedService,
    Column::SubscriptionId,
    Column::ChargeType,
    Column::UnitOfMeasure,
    Column::EffectivePrice,
];

/// Columns without which no row can be booked, each with those that may stand in.
const MANDATORY: &[&[Column]] = &[
    &[Column::Date, Column::UsageDate],
    &[Column::CostInBillingCurrency, Column::Cost, Column::PreTaxCost],
    &[Column::BillingCurrencyCode, Column::BillingCurrency, Column::Currency],
    &[Column::BillingAccountId, Column::BillingAccountName, Column::SubscriptionId],
    &[Column::ChargeType],
];

fn why(names: &[String]) -> Option<String> {
    let all = bill::positions(names, NAMES);
    let count = TELLING.iter().filter(|column| all[**column as usize].is_some()).count();
    (count > TELLING.len() / 2)
        .then(|| format!("{count} of the columns that tell Azure cost details, such as MeterId"))
}

fn positions(input: &Input<'_>, names: &[String]) -> Result<Vec<Option<usize>>, EnvelopeError> {
    let all = bill::positions(names, NAMES);
    let is_missing = |any: &&&[Column]| any.iter().all(|column| all[*column as usize].is_none());
    let missing: Vec<&str> = MANDATORY.iter().filter(is_missing).map(|any| any[0].name()).collect();
    if missing.is_empty() {
        return Ok(all);
    }
    let reason = format!("needed and missing: {}; export again with these", missing.join(", "));
    Err(EnvelopeError::malformed(input.name, "the header", reason))
}
