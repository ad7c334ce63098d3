//! Facts of `optimization`: how a store would carry out a statement, the same for every store. Each store
//! translates its own plans; what is judged reads these only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an operator does, in every store's words.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OperatorKind {
    /// Reads a table from its beginning to its end.
    TableScan,
    /// Finds rows through an index.
    IndexScan,
    /// Reads every node of a graph.
    AllNodesScan,
    /// Reads every node of one label, or every relationship of one type.
    LabelScan,
    /// Follows relationships from a node.
    Expand,
    /// Looks at one side once for each row of the other.
    NestedLoop,
    /// Joins by a hash table.
    HashJoin,
    /// Joins two sorted sides.
    MergeJoin,
    /// Pairs every row of one side with every row of the other.
    CartesianProduct,
    /// Leaves out rows.
    Filter,
    /// Groups.
    Aggregate,
    /// Sorts.
    Sort,
    /// Holds all rows before the first goes on.
    Eager,
    /// Ends early.
    Limit,
    /// One input after the other.
    Append,
    /// Writes.
    Write,
    /// Anything else.
    Other,
}

/// One condition of a filter on a column of the scanned table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanCondition {
    /// Column or property.
    pub column: String,
    /// Whether it asks for one value or some; else for a range.
    pub is_equality: bool,
}

/// One operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanNode {
    /// How deep below the root, 0 for the root; a node's inputs follow it, one deeper.
    pub depth: u32,
    /// What it does.
    pub kind: OperatorKind,
    /// The store's own word.
    pub operator: String,
    /// Table or label.
    pub table: Option<String>,
    /// Index that it goes through.
    pub index: Option<String>,
    /// Its conditions, as the store words them.
    pub detail: Option<String>,
    /// Rows that the store expected, over all its runs.
    pub rows_estimated: Option<f64>,
    /// Rows that it gave, over all its runs; null when not measured.
    pub rows: Option<f64>,
    /// Rows that it took from a table, before conditions; null when not known.
    pub rows_read: Option<f64>,
    /// How often it ran.
    pub runs: Option<f64>,
    /// Time of its own, without its inputs, in seconds; null when not measured.
    pub seconds: Option<f64>,
    /// Share of the whole that the store expects it to take, 0 to 1.
    pub cost_share: Option<f64>,
    /// Bytes that did not fit in memory.
    pub spilled_bytes: Option<u64>,
    /// Conditions on columns of the table that no index served.
    pub conditions: Vec<PlanCondition>,
}

impl PlanNode {
    /// An operator of which nothing more is known.
    pub fn new(depth: u32, kind: OperatorKind, operator: impl Into<String>) -> Self {
        Self {
            depth,
            kind,
            operator: operator.into(),
            table: None,
            index: None,
            detail: None,
            rows_estimated: None,
            rows: None,
            rows_read: None,
            runs: None,
            seconds: None,
            cost_share: None,
            spilled_bytes: None,
            conditions: Vec::new(),
        }
    }
}

/// How one statement is carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Whether it ran; else everything is an estimate.
    pub is_measured: bool,
    /// Time of the whole, in seconds; null when not measured.
    pub seconds: Option<f64>,
    /// Operators, each before its inputs.
    pub nodes: Vec<PlanNode>,
}

impl Plan {
    /// Places of the direct inputs of a node.
    pub fn inputs(&self, place: usize) -> Vec<usize> {
        let depth = self.nodes[place].depth;
        let below = self.nodes.iter().enumerate().skip(place + 1);
        below
            .take_while(|(_, node)| node.depth > depth)
            .filter(|(_, node)| node.depth == depth + 1)
            .map(|(place, _)| place)
            .collect()
    }

    /// Whether a node is below one that ends early.
    pub fn is_cut_short(&self, place: usize) -> bool {
        let mut depth = self.nodes[place].depth;
        for node in self.nodes[..place].iter().rev() {
            if node.depth < depth {
                depth = node.depth;
                if node.kind == OperatorKind::Limit {
                    return true;
                }
            }
        }
        false
    }
}
