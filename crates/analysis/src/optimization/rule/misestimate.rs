//! An operator whose rows were misjudged: the plan was chosen for other data than there is.

use model::fact::TuningChange;

use super::{Found, Rule, faulty, told};
use crate::optimization::facts::OptimizationFacts;
use crate::optimization::verdict::grouped;

/// The rule.
pub const RULE: Rule = Rule { name: "misestimate", title: "Rows misjudged", judge };

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let mut found = Vec::new();
    for (one, fault) in faulty(facts, RULE.name) {
        let (Some(plan), Some(place)) = (one.plan(), fault.place) else { continue };
        let node = &plan.nodes[place];
        let rows = |rows: Option<f64>| rows.unwrap_or(0.0);
        let reason = format!(
            "{} was expected to give {} rows and gave {}",
            node.operator,
            grouped(rows(node.rows_estimated)),
            grouped(rows(node.rows))
        );
        let mut said = told(one, &fault, reason, "");
        // Its own table, else the first one below it.
        let table = plan.nodes[place..].iter().find_map(|node| node.table.clone());
        match table.filter(|_| one.statement.store == "postgresql") {
            Some(table) => {
                said.about = format!("{table}/statistics");
                said.action = format!("let the planner look at {table} again (ANALYZE)");
                said.change = Some(TuningChange::Analyze { table });
            }
            None => "word the statement so that what it gives is known beforehand"
                .clone_into(&mut said.action),
        }
        found.push(said);
    }
    found
}
