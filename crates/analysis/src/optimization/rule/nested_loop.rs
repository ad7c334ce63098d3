//! A loop whose inner side is gone through so often that a join by hash or index would be quicker.

use model::fact::{OperatorKind, TuningChange};

use super::{Found, Rule};
use crate::optimization::facts::OptimizationFacts;
use crate::optimization::verdict::grouped;

/// The rule.
pub const RULE: Rule = Rule { name: "nested_loop", title: "Nested loop that blew up", judge };

/// Times that the inner side may run.
const RUNS_MAX: f64 = 10_000.0;
/// Times more than expected.
const MORE_MAX: f64 = 10.0;

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let mut found = Vec::new();
    for one in &facts.statements {
        let Some(plan) = one.plan().filter(|plan| plan.is_measured) else { continue };
        for (place, node) in plan.nodes.iter().enumerate() {
            let inputs = plan.inputs(place);
            let (OperatorKind::NestedLoop, [outer, ..]) = (node.kind, inputs.as_slice()) else {
                continue;
            };
            let outer = &plan.nodes[*outer];
            let (Some(rows), Some(expected)) = (outer.rows, outer.rows_estimated) else { continue };
            if rows < RUNS_MAX || rows <= expected.max(1.0) * MORE_MAX {
                continue;
            }
            let name = &one.statement.name;
            let below = &plan.nodes[place..];
            let table = below.iter().find_map(|node| node.table.clone());
            let can_analyze = one.statement.store == "postgresql";
            found.push(Found {
                store: one.statement.store.clone(),
                about: format!("{}/{name}", table.clone().unwrap_or_default()),
                place: Some((name.clone(), place)),
                what: format!(
                    "{name} goes {} times through the inner side of a loop",
                    grouped(rows)
                ),
                reason: format!(
                    "{} expected {} rows on its outer side and got {}: with that many, a join by \
                     hash is quicker",
                    node.operator,
                    grouped(expected),
                    grouped(rows)
                ),
                action: match &table {
                    Some(table) => format!("let the planner look at {table} again (ANALYZE)"),
                    None => "word the statement so that its outer side is known".to_owned(),
                },
                share_saved: None,
                change: table.filter(|_| can_analyze).map(|table| TuningChange::Analyze { table }),
            });
        }
    }
    found
}
