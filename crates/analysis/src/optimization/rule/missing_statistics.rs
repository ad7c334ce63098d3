//! A table of which the planner knows nothing but its size.

use model::fact::TuningChange;

use super::{Found, Rule};
use crate::optimization::facts::OptimizationFacts;

/// The rule.
pub const RULE: Rule = Rule { name: "missing_statistics", title: "Missing statistics", judge };

/// Below this many rows every plan is quick.
const ROWS_MIN: u64 = 10_000;

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let mut found = Vec::new();
    for report in facts.told() {
        for table in &report.tables {
            let is_large = table.rows.unwrap_or(0).max(table.rows_written.unwrap_or(0)) >= ROWS_MIN;
            if table.has_statistics != Some(false) || !is_large {
                continue;
            }
            let name = &table.name;
            let place = facts.statements.iter().find_map(|one| {
                let plan = one.plan().filter(|_| one.statement.store == report.store)?;
                let is_of = |node: &model::fact::PlanNode| node.table.as_ref() == Some(name);
                let place = plan.nodes.iter().position(is_of)?;
                Some((one.statement.name.clone(), place))
            });
            found.push(Found {
                store: report.store.clone(),
                about: format!("{name}/statistics"),
                place,
                what: format!("nothing is known of the values in {name}"),
                reason: "the planner guesses how many rows pass a condition, and may choose the \
                         slower way"
                    .to_owned(),
                action: format!("let the planner look at {name} (ANALYZE)"),
                share_saved: None,
                change: Some(TuningChange::Analyze { table: name.clone() }),
            });
        }
    }
    found
}
