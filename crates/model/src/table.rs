//! The tables of an answer: terminal table, CSV, NDJSON, Parquet and the table beside each picture
//! are all made from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    /// Name (`entities`), unique within the answer.
    pub name: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows; each as long as `columns`.
    pub rows: Vec<Vec<Value>>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Machine name (`billed_cost`).
    pub name: String,
    /// Title for people.
    pub title: String,
    /// Type of its cells.
    pub cell: Cell,
    /// Unit shared by all cells, empty when there is none.
    pub unit: String,
}

/// Type of a column's cells; any cell may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Text.
    Text,
    /// A whole number.
    Count,
    /// A floating-point number.
    Number,
    /// An exact amount, as a decimal string.
    Amount,
    /// An RFC 3339 instant.
    Instant,
    /// True or false.
    Flag,
}

impl Table {
    /// A table without rows.
    pub fn new(name: &str, columns: &[(&str, &str, Cell, &str)]) -> Self {
        let column = |&(name, title, cell, unit): &(&str, &str, Cell, &str)| Column {
            name: name.to_owned(),
            title: title.to_owned(),
            cell,
            unit: unit.to_owned(),
        };
        Self { name: name.to_owned(), columns: columns.iter().map(column).collect(), rows: vec![] }
    }
}
