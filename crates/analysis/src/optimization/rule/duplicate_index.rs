//! An index whose columns another one begins with: that one serves both.

use model::fact::IndexFact;

use super::{Found, Rule, dropped, is_counted};
use crate::optimization::facts::OptimizationFacts;

/// The rule.
pub const RULE: Rule = Rule { name: "duplicate_index", title: "Duplicate index", judge };

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let mut found = Vec::new();
    for report in facts.told().filter(|report| is_counted(facts.now, report)) {
        for index in report.indexes.iter().filter(|index| !index.is_constraint && !index.is_unique)
        {
            let other = report.indexes.iter().find(|other| serves(other, index));
            let Some(other) = other else { continue };
            let what = format!("{} does what {} does as well", index.name, other.name);
            let reason = format!(
                "{} of {} begins with the same columns; every write keeps both",
                other.name, index.table
            );
            found.push(dropped(report, index, what, reason));
        }
    }
    found
}

/// Whether `other` serves whatever `index` serves. Of two that are the same, the first by name stays.
fn serves(other: &IndexFact, index: &IndexFact) -> bool {
    let is_same_kind = other.name != index.name
        && other.table == index.table
        && other.method == index.method
        && other.predicate == index.predicate
        && other.is_valid;
    let has_order = matches!(index.method.as_str(), "btree" | "range");
    let is_whole = other.columns == index.columns;
    let is_beginning = has_order && other.columns.starts_with(&index.columns) && !is_whole;
    let is_first = other.is_constraint || other.is_unique || other.name < index.name;
    is_same_kind && (is_beginning || (is_whole && is_first))
}
