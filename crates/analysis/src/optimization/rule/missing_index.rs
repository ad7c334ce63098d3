//! An index of the program's own schema that a store lacks.

use model::fact::{TuningChange, TuningIndex};

use super::{Found, Rule};
use crate::optimization::facts::OptimizationFacts;

/// The rule.
pub const RULE: Rule = Rule { name: "missing_index", title: "Index of the schema missing", judge };

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let mut found = Vec::new();
    for report in facts.told() {
        for index in &report.missing {
            let known =
                TuningIndex { name: index.name.clone(), definition: index.definition.clone() };
            let columns = index.columns.join(", ");
            found.push(Found {
                store: report.store.clone(),
                about: format!("{}/{columns}", index.table),
                place: None,
                what: format!("the index {} is missing", index.name),
                reason: "the program's schema has it; no recorded statement was seen to need it"
                    .to_owned(),
                action: format!("make an index on {} ({columns})", index.table),
                share_saved: None,
                change: Some(TuningChange::IndexCreate {
                    table: index.table.clone(),
                    columns: index.columns.clone(),
                    known: Some(known),
                }),
            });
        }
    }
    found
}
