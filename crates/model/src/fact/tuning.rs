//! Facts of `optimization`: tables, indexes and their use, and what can be changed about them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One table, or one label of a graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct TableFact {
    /// Name.
    pub name: String,
    /// Rows, about.
    pub rows: Option<u64>,
    /// Bytes without indexes.
    pub bytes: Option<u64>,
    /// Bytes of its indexes.
    pub index_bytes: Option<u64>,
    /// Rows that are dead and take space.
    pub dead_rows: Option<u64>,
    /// Rows written since the statistics began.
    pub rows_written: Option<u64>,
    /// Times it was read from beginning to end since then.
    pub scans: Option<u64>,
    /// Times an index of it was used.
    pub index_scans: Option<u64>,
    /// Share of its pages that were in memory, 0 to 1.
    pub cache_hit: Option<f64>,
    /// Whether the planner knows how its values are spread; `None` where there is nothing to know.
    pub has_statistics: Option<bool>,
    /// Parts that it is split into.
    pub parts: Option<u64>,
    /// The share of its parts that are compressed, 0 to 1.
    pub compressed: Option<f64>,
    /// Columns by whose order its rows are written, so that others are skipped.
    pub sort_key: Option<String>,
}

/// One index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct IndexFact {
    /// Name.
    pub name: String,
    /// Table or label.
    pub table: String,
    /// Columns in order; an expression is its text.
    pub columns: Vec<String>,
    /// `btree`, `hash`, `brin`, `range`, ….
    pub method: String,
    /// Condition of a partial index.
    pub predicate: Option<String>,
    /// How it is made.
    pub definition: String,
    /// Whether it keeps values unique.
    pub is_unique: bool,
    /// Whether a constraint needs it.
    pub is_constraint: bool,
    /// Whether it can be used.
    pub is_valid: bool,
    /// Times it was used since the statistics began.
    pub scans: Option<u64>,
    /// Bytes.
    pub bytes: Option<u64>,
}

/// Tables and indexes of one store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct TableReport {
    /// `embedded`, `postgresql` or `neo4j`.
    pub store: String,
    /// Tables, in order of name.
    pub tables: Vec<TableFact>,
    /// Indexes, in order of table and name.
    pub indexes: Vec<IndexFact>,
    /// Indexes that this program's schema has and the store lacks, in order of name.
    pub missing: Vec<IndexFact>,
    /// Since when use is counted, here and on every replica; `None` when a replica does not tell.
    pub counted_since: Option<Timestamp>,
    /// Bytes of everything.
    pub bytes: Option<u64>,
    /// Bytes that there is room for; `None` when not known.
    pub bytes_max: Option<u64>,
}

/// What can be done to a store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum TuningChange {
    /// Makes an index.
    IndexCreate {
        /// Table or label.
        table: String,
        /// Columns in order.
        columns: Vec<String>,
        /// Its name and how this program's schema makes it, when it does.
        #[serde(default)]
        known: Option<TuningIndex>,
    },
    /// Drops an index; how it was made is kept.
    IndexDrop {
        /// Table or label.
        table: String,
        /// Its name.
        name: String,
    },
    /// Lets the planner look at a table's values.
    Analyze {
        /// Table.
        table: String,
    },
}

/// An index by name and definition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct TuningIndex {
    /// Name.
    pub name: String,
    /// How it is made.
    pub definition: String,
}

/// What a change does, statement by statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TuningSteps {
    /// Statements, in the order in which they run.
    pub statements: Vec<String>,
    /// Statements that take it back.
    pub undo: Vec<String>,
}
