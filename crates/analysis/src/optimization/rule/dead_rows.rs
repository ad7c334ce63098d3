//! A table full of rows that are gone: scans read them, and they take memory.

use super::{Found, Rule};
use crate::optimization::facts::OptimizationFacts;
use crate::optimization::verdict::grouped;

/// The rule.
pub const RULE: Rule = Rule { name: "dead_rows", title: "Dead rows", judge };

/// Share of a table that may be dead.
const SHARE_MAX: f64 = 0.2;
/// Below this many they do no harm.
const ROWS_MIN: u64 = 10_000;

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let mut found = Vec::new();
    for report in facts.told() {
        for table in &report.tables {
            let (Some(dead), Some(rows)) = (table.dead_rows, table.rows) else { continue };
            if dead < ROWS_MIN || (dead as f64) <= SHARE_MAX * (rows.max(1) as f64) {
                continue;
            }
            found.push(Found {
                store: report.store.clone(),
                about: format!("{}/dead", table.name),
                place: None,
                what: format!(
                    "{} holds {} dead rows beside {}",
                    table.name,
                    grouped(dead as f64),
                    grouped(rows as f64)
                ),
                reason: "scans read them and leave them out, and memory holds them".to_owned(),
                action: format!(
                    "VACUUM {}; when this comes back, let autovacuum come sooner",
                    table.name
                ),
                share_saved: None,
                change: None,
            });
        }
    }
    found
}
