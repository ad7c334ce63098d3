//! A sort or a hash table that did not fit in memory.

use super::{Found, Rule, faulty, told};
use crate::optimization::facts::OptimizationFacts;

/// The rule.
pub const RULE: Rule = Rule { name: "spill", title: "Spilled to disk", judge };

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let said = faulty(facts, RULE.name).map(|(one, fault)| {
        let operator = |place: usize| one.plan().map(|plan| plan.nodes[place].operator.clone());
        let operator = fault.place.and_then(operator).unwrap_or_default();
        let reason =
            format!("{operator} wrote to disk and read back what it could not hold in memory");
        let action = match one.statement.store.as_str() {
            "embedded" => "raise `memory_limit_mib`, or ask for a shorter time",
            _ => "raise `work_mem` of the program's role, or ask for a shorter time",
        };
        told(one, &fault, reason, action)
    });
    said.collect()
}
