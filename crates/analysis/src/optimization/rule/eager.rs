//! An operator that holds every row before the first goes on.

use super::{Found, Rule, faulty, told};
use crate::optimization::facts::OptimizationFacts;

/// The rule.
pub const RULE: Rule = Rule { name: "eager", title: "Holds more than a batch", judge };

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let said = faulty(facts, RULE.name).map(|(one, fault)| {
        let reason =
            "what it reads and what it writes may be the same, so that everything is read \
                      before anything is written"
                .to_owned();
        told(one, &fault, reason, "write in batches of at most 10,000 rows, or read apart")
    });
    said.collect()
}
