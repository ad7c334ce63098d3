//! A scan that takes far more rows from its table than pass its conditions.

use model::fact::{OperatorKind, Plan, TuningChange};

use super::{Found, Rule, index_for};
use crate::optimization::facts::{OptimizationFacts, StatementFact, rows_kept};
use crate::optimization::verdict::{faults, grouped};

/// The rule.
pub const RULE: Rule = Rule { name: "rows_read", title: "Rows read far above rows kept", judge };

/// Rows read for one that is kept, at most.
const READ_FOR_ONE_MAX: f64 = 20.0;
/// Below this many rows a scan is as quick as an index.
pub const READ_MIN: f64 = 10_000.0;

fn judge(facts: &OptimizationFacts) -> Vec<Found> {
    let mut found = Vec::new();
    for one in &facts.statements {
        let Some(plan) = one.plan() else { continue };
        let is_allowed = faults(plan, &one.statement.text)
            .iter()
            .any(|fault| fault.rule == RULE.name && fault.allowed.is_some());
        if is_allowed {
            continue;
        }
        let places = 0..plan.nodes.len();
        found.extend(places.filter_map(|place| judged(facts, one, plan, place)));
    }
    found
}

/// One scan.
fn judged(
    facts: &OptimizationFacts,
    one: &StatementFact,
    plan: &Plan,
    place: usize,
) -> Option<Found> {
    let node = &plan.nodes[place];
    let is_scan = matches!(
        node.kind,
        OperatorKind::TableScan | OperatorKind::IndexScan | OperatorKind::LabelScan
    );
    let statement = &one.statement;
    let read = facts.rows_read(&statement.store, plan, place).filter(|_| is_scan)?;
    let kept = rows_kept(plan, place)?;
    if read < READ_MIN || read <= READ_FOR_ONE_MAX * kept.max(1.0) {
        return None;
    }
    let table = node.table.clone()?;
    let report = facts.report(&statement.store)?;
    let has_indexes = statement.store != "embedded";
    let change = index_for(report, &table, &node.conditions).filter(|_| has_indexes);
    let (about, action) = match &change {
        Some(TuningChange::IndexCreate { columns, .. }) => {
            let columns = columns.join(", ");
            (format!("{table}/{columns}"), format!("make an index on {table} ({columns})"))
        }
        _ if has_indexes => (
            format!("{table}/{}", statement.name),
            format!("word the conditions so that an index of {table} can serve them"),
        ),
        _ => (
            format!("{table}/{}", statement.name),
            "ask for a shorter time, or for fewer series: its rows are found by their order"
                .to_owned(),
        ),
    };
    let share_saved =
        change.as_ref().and(one.share(place)).map(|share| share * (1.0 - kept / read));
    let asked: Vec<&str> = node.conditions.iter().map(|one| one.column.as_str()).collect();
    let by = match asked.is_empty() {
        true => String::new(),
        false => format!(" by {}", asked.join(" and ")),
    };
    Some(Found {
        store: statement.store.clone(),
        about,
        place: Some((statement.name.clone(), place)),
        what: format!(
            "{} reads {} rows of {table} for {}",
            statement.name,
            grouped(read),
            grouped(kept)
        ),
        reason: format!(
            "{} takes {} rows and leaves out all but {}{by}; no index serves that",
            node.operator,
            grouped(read),
            grouped(kept)
        ),
        action,
        share_saved,
        change,
    })
}
