//! Rules that split shared charges among units, as people state them: a list with a version, the body
//! of a statement of kind `allocation_rule`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::Amount;

/// A list of rules; one version of it holds at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AllocationList {
    /// Name of the list.
    pub name: String,
    /// Version, as stated.
    pub version: String,
    /// Rules, in the order stated.
    pub rules: Vec<AllocationRule>,
}

/// One rule: what matches is split among these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AllocationRule {
    /// Name, unique in its list.
    pub name: String,
    /// Terms that must all hold of a charge, by dimension (`service`, `category`, `tag:team`, …); `*` at
    /// a value's end matches any rest, an empty value what has none.
    pub terms: BTreeMap<String, String>,
    /// How it is split.
    pub split: AllocationSplit,
    /// Among whom; empty for every team.
    pub to: Vec<AllocationTarget>,
}

/// How a charge is split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AllocationSplit {
    /// By the shares of the targets; what they leave of 1 stays unallocated.
    Fixed,
    /// The same to each.
    Even,
    /// In proportion to what each is charged directly.
    Cost,
    /// In proportion to the sum of a value metric of each in the window.
    Value(String),
}

/// One of those who get a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AllocationTarget {
    /// Canonical id, short id or name of a unit.
    pub unit: String,
    /// Share of a fixed split, 0 to 1.
    pub share: Option<Amount>,
}
