//! Bills in FOCUS 1.0 to 1.4, CSV and Parquet: columns by name, in any order; `x_*` and stray columns
//! are ignored.

mod row;

use model::charge::BillFormat;

use super::Format;
use super::bill::{self, Book, Cells};
use crate::error::EnvelopeError;
use crate::input::{Input, Out};

pub use row::{Column, NAMES};

/// FOCUS in CSV.
pub const CSV: Format = Format {
    name: "focus-csv",
    title: "FOCUS 1.0 to 1.4 bills (CSV)",
    recognise: |input| why(&bill::header(input.bytes)),
    read: |input, out| {
        let positions = positions(input, &bill::header(input.bytes))?;
        let mut book = Book::new(BillFormat::Focus, input);
        let outcome = bill::read_csv(input, &positions, out, &mut |row, cells, out| {
            put(&mut book, row, cells, out)
        });
        book.close(out);
        outcome
    },
};

/// FOCUS in Parquet.
pub const PARQUET: Format = Format {
    name: "focus-parquet",
    title: "FOCUS 1.0 to 1.4 bills (Parquet)",
    recognise: |input| why(&bill::column_names(input.bytes)),
    read: |input, out| {
        let positions = positions(input, &bill::column_names(input.bytes))?;
        let mut book = Book::new(BillFormat::Focus, input);
        let outcome = bill::read_parquet(input, &positions, out, &mut |row, cells, out| {
            put(&mut book, row, cells, out)
        });
        book.close(out);
        outcome
    },
};

/// Columns that tell a FOCUS bill from any other table.
const TELLING: &[Column] = &[
    Column::BilledCost,
    Column::EffectiveCost,
    Column::ListCost,
    Column::ContractedCost,
    Column::BillingAccountId,
    Column::BillingPeriodStart,
    Column::ChargePeriodStart,
    Column::ChargeCategory,
];

/// Columns without which no row can be booked. The four costs may be empty in a row, but the
/// specification requires the columns, and without one every sum would look complete and be absent.
const MANDATORY: &[Column] = &[
    Column::BilledCost,
    Column::EffectiveCost,
    Column::ListCost,
    Column::ContractedCost,
    Column::BillingAccountId,
    Column::BillingCurrency,
    Column::BillingPeriodStart,
    Column::BillingPeriodEnd,
    Column::ChargePeriodStart,
    Column::ChargePeriodEnd,
    Column::ChargeCategory,
    Column::ServiceName,
];

fn why(names: &[String]) -> Option<String> {
    let all = bill::positions(names, NAMES);
    let count = TELLING.iter().filter(|column| all[**column as usize].is_some()).count();
    (count > TELLING.len() / 2)
        .then(|| format!("{count} of the columns that tell a FOCUS bill, such as ChargeCategory"))
}

fn positions(input: &Input<'_>, names: &[String]) -> Result<Vec<Option<usize>>, EnvelopeError> {
    let all = bill::positions(names, NAMES);
    let is_there = |column: Column| all[column as usize].is_some();
    let mut missing: Vec<&str> =
        MANDATORY.iter().filter(|column| !is_there(**column)).map(|column| column.name()).collect();
    if !is_there(Column::ServiceProviderName) && !is_there(Column::ProviderName) {
        missing.push("ServiceProviderName (ProviderName before 1.3)");
    }
    if missing.is_empty() {
        return Ok(all);
    }
    let columns = if missing.len() == 1 { "column" } else { "columns" };
    let reason = format!(
        "the mandatory {columns} {} of FOCUS {} missing; add {} to the export and ingest it again",
        missing.join(", "),
        if missing.len() == 1 { "is" } else { "are" },
        if missing.len() == 1 { "it" } else { "them" },
    );
    Err(EnvelopeError::malformed(input.name, "the header", reason))
}

fn put(book: &mut Book, row: u64, cells: &dyn Cells, out: &mut Out<'_>) -> bool {
    let result = row::charge(row, cells, book, out);
    book.put(row, result, out)
}
