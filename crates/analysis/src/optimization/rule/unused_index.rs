//! An index that every write pays for and no read uses: dropped only after 30 days in which use was counted
//! everywhere, and never when a constraint needs it.

use super::{Found, Rule, dropped, is_counted};
use crate::optimization::facts::OptimizationFacts;

/// The rule.
pub const RULE: Rule = Rule { name: "unused_index", title: "Unused index", judge };

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let mut found = Vec::new();
    for report in facts.told().filter(|report| is_counted(facts.now, report)) {
        let unused = report.indexes.iter().filter(|index| {
            index.scans == Some(0) && !index.is_constraint && !index.is_unique && index.is_valid
        });
        for index in unused {
            let what = format!("the index {} of {} was never used", index.name, index.table);
            let reason = format!(
                "use has been counted for over 30 days; it takes {} bytes and time of every write",
                index.bytes.map_or_else(|| "some".to_owned(), |bytes| bytes.to_string())
            );
            found.push(dropped(report, index, what, reason));
        }
    }
    found
}
