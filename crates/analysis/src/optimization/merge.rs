//! What the rules found, put together: one recommendation for one change, whoever asks for it, with the time
//! that it would save on the recorded workload and what it would cost writes over the same time.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::fact::TuningChange;
use model::measure::Measure;

use super::facts::OptimizationFacts;
use super::report::{OptimizationPlace, OptimizationRecommendation};
use super::rule::{Found, Rule};

/// What one more index costs for a row that is written, in seconds: an entry of a B-tree that is in memory,
/// with its share of the log. On PostgreSQL 15 and a busy machine of two cores, 500,000 rows into a table of
/// four columns took 5 to 7 µs longer a row for each of three indexes (rising and random numbers, random text).
const WRITE_SECONDS: f64 = 5e-6;

/// Recommendations: the greater saving first, then those without a figure, by id.
pub fn merged(
    facts: &OptimizationFacts,
    found: Vec<(&'static Rule, Found)>,
) -> Vec<OptimizationRecommendation> {
    let mut groups: BTreeMap<String, Vec<(&'static Rule, Found)>> = BTreeMap::new();
    for (rule, one) in found {
        groups.entry(key(rule, &one)).or_default().push((rule, one));
    }
    let mut all: Vec<OptimizationRecommendation> =
        groups.into_values().map(|group| recommendation(facts, &group)).collect();
    let saved = |one: &OptimizationRecommendation| one.seconds_saved.value.unwrap_or(-1.0);
    all.sort_by(|one, other| {
        saved(other).total_cmp(&saved(one)).then_with(|| one.id.cmp(&other.id))
    });
    all
}

/// The same for what is one change.
fn key(rule: &Rule, found: &Found) -> String {
    let what = match &found.change {
        Some(TuningChange::IndexCreate { table, columns, .. }) => {
            format!("create/{table}/{}", columns.join(","))
        }
        Some(TuningChange::IndexDrop { name, .. }) => format!("drop/{name}"),
        Some(TuningChange::Analyze { table }) => format!("analyze/{table}"),
        None => format!("{}/{}", rule.name, found.about),
    };
    format!("{}/{what}", found.store)
}

fn recommendation(
    facts: &OptimizationFacts,
    group: &[(&'static Rule, Found)],
) -> OptimizationRecommendation {
    // The share of each statement's time, and the statement where it is most.
    let mut shares: BTreeMap<&str, Option<f64>> = BTreeMap::new();
    for (_, found) in group {
        let Some((statement, _)) = &found.place else { continue };
        let share = shares.entry(statement.as_str()).or_default();
        if let Some(more) = found.share_saved {
            *share = Some((share.unwrap_or(0.0) + more).min(1.0));
        }
    }
    let store = &group[0].1.store;
    let total = |name: &str| {
        let of = |one: &&super::facts::StatementFact| {
            one.statement.store == *store && one.statement.name == name
        };
        facts.statements.iter().find(of).map_or(0.0, |one| one.statement.seconds_total)
    };
    let known: Vec<f64> =
        shares.iter().filter_map(|(name, share)| share.map(|share| share * total(name))).collect();
    let mut statements: Vec<&str> = shares.keys().copied().collect();
    statements.sort_by(|one, other| total(other).total_cmp(&total(one)).then(one.cmp(other)));
    let most = |found: &Found| match (&found.place, found.share_saved) {
        (Some((name, _)), Some(share)) => share * total(name),
        _ => -1.0,
    };
    let first =
        group.iter().reduce(|best, one| if most(&one.1) > most(&best.1) { one } else { best });
    let (rule, found) = first.expect("a group has at least one");
    let seconds_saved = match known.is_empty() {
        true => Measure::absent("s", Absence::TooLittleData),
        false => Measure::new(known.iter().sum(), "s").of(known.len() as u64),
    };
    let seconds_of_writes = seconds_of_writes(facts, found);
    let hurts_writes = match (seconds_of_writes.value, &found.change) {
        (Some(cost), Some(TuningChange::IndexCreate { .. })) => {
            cost > seconds_saved.value.unwrap_or(0.0)
        }
        _ => false,
    };
    OptimizationRecommendation {
        id: format!("{}/{store}/{}", rule.name, found.about.replace(", ", ",")),
        rule: rule.name.to_owned(),
        store: store.clone(),
        what: found.what.clone(),
        reason: reason(found, hurts_writes),
        action: found.action.clone(),
        statements: statements.into_iter().map(str::to_owned).collect(),
        place: place(facts, found),
        seconds_saved,
        seconds_of_writes,
        hurts_writes,
        change: found.change.clone(),
        steps: None,
    }
}

fn reason(found: &Found, hurts_writes: bool) -> String {
    match hurts_writes {
        true => format!(
            "{}; it would cost writes more time than it saves reads, and is not applied",
            found.reason
        ),
        false => found.reason.clone(),
    }
}

fn place(facts: &OptimizationFacts, found: &Found) -> Option<OptimizationPlace> {
    let (name, place) = found.place.as_ref()?;
    let one = facts
        .statements
        .iter()
        .find(|one| one.statement.store == found.store && one.statement.name == *name)?;
    let plan = one.plan()?;
    let node = plan.nodes.get(*place)?;
    Some(OptimizationPlace {
        statement: name.clone(),
        operator: node.operator.clone(),
        table: node.table.clone(),
        detail: node.detail.clone(),
        is_measured: plan.is_measured,
    })
}

/// What an index would cost the writes of a time as long as the recorded workload: the rows that its table
/// got since the counting began, at the same rate. An index that goes gives this back.
fn seconds_of_writes(facts: &OptimizationFacts, found: &Found) -> Measure {
    let (table, sign) = match &found.change {
        Some(TuningChange::IndexCreate { table, .. }) => (table, 1.0),
        Some(TuningChange::IndexDrop { table, .. }) => (table, -1.0),
        Some(TuningChange::Analyze { .. }) | None => {
            return Measure::absent("s", Absence::NotApplicable);
        }
    };
    let report = facts.report(&found.store);
    let written = report
        .and_then(|report| report.tables.iter().find(|one| one.name == *table))
        .and_then(|table| table.rows_written);
    let since = report.and_then(|report| report.counted_since);
    let (Some(written), Some(since)) = (written, since) else {
        return Measure::absent("s", Absence::NotCollected);
    };
    let counted = facts.now.duration_since(since).as_secs_f64().max(1.0);
    let recorded = facts.now.duration_since(facts.since).as_secs_f64().max(0.0);
    let rows = written as f64 * (recorded / counted).min(1.0);
    Measure::new(sign * rows * WRITE_SECONDS, "s")
}
