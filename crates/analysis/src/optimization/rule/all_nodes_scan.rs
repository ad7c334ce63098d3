//! A statement that looks at every node of a graph.

use super::{Found, Rule, faulty, told};
use crate::optimization::facts::OptimizationFacts;

/// The rule.
pub const RULE: Rule = Rule { name: "all_nodes_scan", title: "Scan of all nodes", judge };

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let said = faulty(facts, RULE.name).map(|(one, fault)| {
        let reason = "it names no label, so that no index can serve it".to_owned();
        told(one, &fault, reason, "name a label with an index on the property that is asked for")
    });
    said.collect()
}
