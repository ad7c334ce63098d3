//! Organisation, ownership, budgets, value metrics, assumptions and objectives as CSV or YAML:
//! docs/formats/organisation.md. The table is recognised from its columns.

mod money;
mod objective;
mod ownership;
mod row;
mod tree;

#[cfg(test)]
mod tests;

use row::{Row, RowError};

use crate::error::EnvelopeError;
use crate::format::Format;
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};

/// The tables as CSV.
pub const CSV: Format = Format {
    name: "organisation-csv",
    title: "organisation, ownership, budget, value metric, assumption and objective tables (CSV)",
    recognise: |input| {
        let columns = row::header(input.bytes)?;
        Table::of(|name| columns.iter().any(|column| column == name))
            .map(|table| format!("it has the columns of the {} table", table.name()))
    },
    read: read_csv,
};

/// The same as YAML.
pub const YAML: Format = Format {
    name: "organisation-yaml",
    title: "organisation, ownership, budget, value metric, assumption and objective tables (YAML)",
    recognise: |input| {
        let Shape::Text(head) = Shape::of(input.bytes) else { return None };
        let key = head
            .lines()
            .filter_map(|line| line.trim_end().strip_suffix(':'))
            .find_map(Table::named)?;
        Some(format!("it has the key {}", key.name()))
    },
    read: read_yaml,
};

/// One of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Organisation,
    Ownership,
    Budgets,
    ValueMetrics,
    Assumptions,
    Objectives,
}

impl Table {
    const ALL: [Self; 6] = [
        Self::Organisation,
        Self::Ownership,
        Self::Budgets,
        Self::ValueMetrics,
        Self::Assumptions,
        Self::Objectives,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Ownership => "ownership",
            Self::Budgets => "budgets",
            Self::ValueMetrics => "value_metrics",
            Self::Assumptions => "assumptions",
            Self::Objectives => "objectives",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The table with these columns.
    fn of(has: impl Fn(&str) -> bool) -> Option<Self> {
        let is_of_something =
            ["product", "application", "entry", "unit"].iter().any(|name| has(name));
        // Values of periods; at instants they are series.
        let is_series = !has("period_start") && ["time", "timestamp"].iter().any(|name| has(name));
        if has("unit") && has("parent") {
            Some(Self::Organisation)
        } else if has("match") && has("owner") {
            Some(Self::Ownership)
        } else if has("unit") && has("amount") && has("basis") {
            Some(Self::Budgets)
        } else if has("metric") && has("value") && is_of_something && !is_series {
            Some(Self::ValueMetrics)
        } else if has("assumption") && has("value") && is_of_something {
            Some(Self::Assumptions)
        } else if has("service") && has("objective") {
            Some(Self::Objectives)
        } else {
            None
        }
    }

    fn read(self, rows: &[Row], out: &mut Out<'_>) {
        if self == Self::Organisation {
            tree::read(rows, out);
            return;
        }
        for row in rows {
            let outcome: Result<(), RowError> = match self {
                Self::Organisation => Ok(()),
                Self::Ownership => {
                    ownership::rule(row).map(|rule| out.batch().ownership.push(rule))
                }
                Self::Budgets => money::budget(row).map(|one| out.batch().budgets.push(one)),
                Self::ValueMetrics => {
                    money::values(row).map(|mut all| out.batch().values.append(&mut all))
                }
                Self::Assumptions => money::assumption(row).map(|one| out.batch().stated.push(one)),
                Self::Objectives => {
                    objective::objective(row).map(|one| out.batch().stated.push(one))
                }
            };
            match outcome {
                Ok(()) => {
                    out.added(1);
                }
                Err(error) => out.reject(row.place(error.column), error.reason),
            }
        }
    }
}

fn read_csv(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let columns = row::header(input.bytes).unwrap_or_default();
    let table = Table::of(|name| columns.iter().any(|column| column == name));
    let Some(table) = table else {
        return Err(EnvelopeError::malformed(input.name, "row 1", "no table has these columns"));
    };
    out.source(&format!("organisation:{}", table.name()));
    let rows = row::of_csv(without_mark(input.bytes), out);
    table.read(&rows, out);
    Ok(())
}

fn read_yaml(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let document: serde_json::Value = serde_yaml_ng::from_slice(without_mark(input.bytes))
        .map_err(|error| EnvelopeError::malformed(input.name, "the YAML", error))?;
    let present: Vec<Table> =
        Table::ALL.into_iter().filter(|table| document.get(table.name()).is_some()).collect();
    let names: Vec<&str> = present.iter().map(|table| table.name()).collect();
    out.source(&format!("organisation:{}", names.join("+")));
    for table in present {
        let Some(list) = document.get(table.name()).and_then(serde_json::Value::as_array) else {
            out.reject(table.name(), "not a list of rows");
            continue;
        };
        let rows = row::of_yaml(table.name(), list, out);
        table.read(&rows, out);
    }
    Ok(())
}
