//! Two sides that are paired without a condition.

use super::{Found, Rule, faulty, told};
use crate::optimization::facts::OptimizationFacts;

/// The rule.
pub const RULE: Rule = Rule { name: "cartesian_product", title: "Cartesian product", judge };

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let said = faulty(facts, RULE.name).map(|(one, fault)| {
        let reason = "no condition joins its two sides: its rows are those of one times those of \
                      the other"
            .to_owned();
        told(one, &fault, reason, "join the two sides by a condition")
    });
    said.collect()
}
