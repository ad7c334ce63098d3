//! The rules, one file a rule. A rule reads the facts and gives what it found, with its reason; what several
//! statements need is put together afterwards.

mod all_nodes_scan;
mod cartesian_product;
mod dead_rows;
mod duplicate_index;
mod eager;
mod misestimate;
mod missing_index;
mod missing_statistics;
mod nested_loop;
mod rows_read;
mod spill;
mod unused_index;

use jiff::{SignedDuration, Timestamp};
use model::fact::{IndexFact, PlanCondition, TableReport, TuningChange, TuningIndex};

use super::facts::{OptimizationFacts, StatementFact};
use super::verdict::{Fault, faults};

/// How long use must have been counted before an index may go.
const COUNTED_MIN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Most columns of an index that is recommended.
const COLUMNS_MAX: usize = 3;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Stable name.
    pub name: &'static str,
    /// What it looks for.
    pub title: &'static str,
    /// Finds it.
    pub judge: fn(&OptimizationFacts) -> Vec<Found>,
}

/// Every rule.
pub const RULES: &[&Rule] = &[
    &rows_read::RULE,
    &nested_loop::RULE,
    &misestimate::RULE,
    &missing_statistics::RULE,
    &spill::RULE,
    &cartesian_product::RULE,
    &eager::RULE,
    &all_nodes_scan::RULE,
    &missing_index::RULE,
    &unused_index::RULE,
    &duplicate_index::RULE,
    &dead_rows::RULE,
];

/// One thing that a rule found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Store.
    pub store: String,
    /// What it is about: a table with its columns, an index, else the statement.
    pub about: String,
    /// Statement and place of the operator.
    pub place: Option<(String, usize)>,
    /// What is wrong.
    pub what: String,
    /// Why it costs time.
    pub reason: String,
    /// What to do.
    pub action: String,
    /// Share of the statement's time that it would save, 0 to 1.
    pub share_saved: Option<f64>,
    /// What can be changed by the program.
    pub change: Option<TuningChange>,
}

/// Statements with what is wrong with their plans by one rule, unless it is allowed.
fn faulty<'a>(
    facts: &'a OptimizationFacts,
    rule: &'static str,
) -> impl Iterator<Item = (&'a StatementFact, Fault)> {
    facts.statements.iter().flat_map(move |one| {
        let found = one.plan().map(|plan| faults(plan, &one.statement.text)).unwrap_or_default();
        let is_so = move |fault: &Fault| fault.rule == rule && fault.allowed.is_none();
        found.into_iter().filter(is_so).map(move |fault| (one, fault))
    })
}

/// A fault that a person must mend in the statement or the settings.
fn told(one: &StatementFact, fault: &Fault, reason: String, action: &str) -> Found {
    let name = &one.statement.name;
    Found {
        store: one.statement.store.clone(),
        about: name.clone(),
        place: fault.place.map(|place| (name.clone(), place)),
        what: format!("{name} {}", fault.what),
        reason,
        action: action.to_owned(),
        share_saved: None,
        change: None,
    }
}

/// An index that may go, with what is wrong and why.
fn dropped(report: &TableReport, index: &IndexFact, what: String, reason: String) -> Found {
    Found {
        store: report.store.clone(),
        about: index.name.clone(),
        place: None,
        what,
        reason,
        action: format!("drop {}; how it was made is kept", index.name),
        share_saved: None,
        change: Some(TuningChange::IndexDrop {
            table: index.table.clone(),
            name: index.name.clone(),
        }),
    }
}

/// The index that conditions ask for: an own one that is missing and begins with one of them, else the
/// columns that are compared for equality and then one range. `None` when there is one that begins so.
fn index_for(
    report: &TableReport,
    table: &str,
    conditions: &[PlanCondition],
) -> Option<TuningChange> {
    let is_asked = |column: &str| conditions.iter().any(|one| one.column == column);
    let known = report
        .missing
        .iter()
        .filter(|one| one.table == table)
        .find(|one| one.columns.first().is_some_and(|column| is_asked(column)));
    if let Some(known) = known {
        let index = TuningIndex { name: known.name.clone(), definition: known.definition.clone() };
        return Some(TuningChange::IndexCreate {
            table: table.to_owned(),
            columns: known.columns.clone(),
            known: Some(index),
        });
    }
    let equal = conditions.iter().filter(|one| one.is_equality);
    let range = conditions.iter().filter(|one| !one.is_equality).take(1);
    let columns: Vec<String> =
        equal.chain(range).map(|one| one.column.clone()).take(COLUMNS_MAX).collect();
    let is_there = report.indexes.iter().any(|index| {
        index.is_valid
            && index.table == table
            && index.predicate.is_none()
            && index.columns.first() == columns.first()
            && columns.iter().take(index.columns.len()).eq(index.columns.iter())
    });
    (!columns.is_empty() && !is_there).then(|| TuningChange::IndexCreate {
        table: table.to_owned(),
        columns,
        known: None,
    })
}

/// Whether use was counted long enough, everywhere, to say that something is not used.
fn is_counted(now: Timestamp, report: &TableReport) -> bool {
    report.counted_since.is_some_and(|since| now.duration_since(since) >= COUNTED_MIN)
}
