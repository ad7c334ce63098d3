//! The lists of one database: its logical databases, waits, statements, clients and sources.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::Absence;
use model::fact::SignalFact;
use model::measure::Measure;
use model::time::Micros;

use super::{DatabaseClientShare, DatabasePart, DatabaseSource, DatabaseStatement, DatabaseWait};
use super::{Facts, ratio, read};
use crate::question::database_performance::read::{Readings, TOTAL, part};

/// Signals that logical databases have.
const OF_PARTS: [&str; 6] = [
    "cache_hit_count",
    "read_latency_seconds",
    "read_operation_rate",
    "storage_used_bytes",
    "transaction_count",
    "transaction_rate",
];
/// Labels that name a wait.
const CATEGORIES: [&str; 4] = ["category", "event_name", "wait_event_type", "item"];
/// Labels that name a statement.
const STATEMENTS: [&str; 5] = ["queryid", "digest", "query_hash", "cmd", "query"];
/// Labels with a statement's text.
const TEXTS: [&str; 3] = ["digest_text", "query", "statement_text"];

/// Logical databases, the slowest read first.
pub(super) fn parts(id: &str, readings: &Readings<'_>) -> Vec<DatabasePart> {
    let names: BTreeSet<&str> = OF_PARTS
        .iter()
        .flat_map(|signal| readings.all(signal))
        .map(|fact| part(fact))
        .filter(|name| !name.is_empty() && *name != TOTAL)
        .collect();
    let mut all: Vec<DatabasePart> = names
        .into_iter()
        .map(|name| {
            let of = |signal: &str| readings.of_part(signal, name);
            let latency = |signal: &str, is_log: bool| {
                let of_file: Vec<&SignalFact> =
                    of(signal).into_iter().filter(|one| read::is_log(one) == is_log).collect();
                read::level(&of_file, "s")
            };
            DatabasePart {
                database: id.to_owned(),
                name: name.to_owned(),
                read_latency: latency("read_latency_seconds", false),
                write_latency: latency("write_latency_seconds", false),
                log_read_latency: latency("read_latency_seconds", true),
                log_write_latency: latency("write_latency_seconds", true),
                reads: read::per_second(
                    &of("read_operation_rate"),
                    &of("read_operation_count"),
                    "/s",
                ),
                writes: read::per_second(
                    &of("write_operation_rate"),
                    &of("write_operation_count"),
                    "/s",
                ),
                transactions: read::per_second(
                    &of("transaction_rate"),
                    &of("transaction_count"),
                    "/s",
                ),
                cache_hit: read::cache_hit(of),
                size: read::newest(&of("storage_used_bytes"), "By", true),
            }
        })
        .collect();
    all.sort_by(|a, b| {
        let slow = |one: &DatabasePart| one.read_latency.value.unwrap_or(-1.0);
        slow(b).total_cmp(&slow(a)).then_with(|| a.name.cmp(&b.name))
    });
    all
}

fn label<'f>(fact: &'f SignalFact, names: &[&str]) -> Option<&'f str> {
    names.iter().find_map(|name| fact.labels.get(*name)).map(String::as_str)
}

/// The category of a wait: its label, else what the metric is called.
fn category(fact: &SignalFact) -> String {
    if let Some(name) = label(fact, &CATEGORIES) {
        return name.to_owned();
    }
    let name = fact.metric.trim_end_matches("_average").trim_end_matches("_total");
    match name.rsplit_once("dbload_") {
        Some((_, kind)) => kind.replace('_', " ").replace("non cpu", "other than CPU"),
        None => name.to_owned(),
    }
}

fn grouped<'a>(
    facts: &[&'a SignalFact],
    key: impl Fn(&SignalFact) -> Option<String>,
) -> BTreeMap<String, Vec<&'a SignalFact>> {
    let mut groups: BTreeMap<String, Vec<&SignalFact>> = BTreeMap::new();
    for fact in facts {
        if let Some(key) = key(fact) {
            groups.entry(key).or_default().push(fact);
        }
    }
    groups
}

/// Waits by category, most time first.
pub(super) fn waits(id: &str, readings: &Readings<'_>) -> Vec<DatabaseWait> {
    let key = |fact: &SignalFact| Some(category(fact)).filter(|name| name != TOTAL);
    let times = grouped(readings.all("wait_seconds"), key);
    let rates = grouped(readings.all("wait_rate"), key);
    let counts = grouped(readings.all("wait_count"), key);
    // Tools name the same waits differently: what only has a rate is told where nothing has a time.
    let of_rates = rates.keys().filter(|_| times.is_empty());
    let names: BTreeSet<&String> = times.keys().chain(of_rates).chain(counts.keys()).collect();
    let mut all: Vec<DatabaseWait> = names
        .into_iter()
        .map(|name| {
            let time = times.get(name).map_or(&[][..], Vec::as_slice);
            let rate = rates.get(name).map_or(&[][..], Vec::as_slice);
            let count = counts.get(name).map_or(&[][..], Vec::as_slice);
            DatabaseWait {
                database: id.to_owned(),
                category: name.clone(),
                time: read::rise(time, "s"),
                rate: read::per_second(rate, time, "s/s"),
                count: read::rise(count, "count"),
                share: Measure::absent("1", Absence::NoData),
            }
        })
        .collect();
    // Times of one kind only: time where any is measured, else time per second.
    let is_timed = all.iter().any(|one| one.time.value.is_some());
    let weight =
        |one: &DatabaseWait| if is_timed { one.time.value } else { one.rate.value }.unwrap_or(0.0);
    let sum: f64 = all.iter().map(&weight).sum();
    for one in &mut all {
        if sum > 0.0 {
            one.share = Measure::new(weight(one) / sum, "1");
        }
    }
    all.sort_by(|a, b| {
        let count = |one: &DatabaseWait| one.count.value.unwrap_or(0.0);
        weight(b)
            .total_cmp(&weight(a))
            .then_with(|| count(b).total_cmp(&count(a)))
            .then_with(|| a.category.cmp(&b.category))
    });
    all
}

/// Statements, most time first.
pub(super) fn statements(id: &str, readings: &Readings<'_>) -> Vec<DatabaseStatement> {
    let key = |fact: &SignalFact| {
        let statement = label(fact, &STATEMENTS)?;
        Some(format!("{}\u{1f}{statement}", part(fact)))
    };
    let times = grouped(readings.all("statement_seconds"), key);
    let counts = grouped(readings.all("statement_count"), key);
    let mut all: Vec<DatabaseStatement> = times
        .iter()
        .map(|(key, facts)| {
            let count = counts.get(key).map_or(&[][..], Vec::as_slice);
            let (name, statement) = key.split_once('\u{1f}').unwrap_or(("", key.as_str()));
            let (time, calls) = (read::rise(facts, "s"), read::rise(count, "count"));
            let mean = match (time.value, calls.value) {
                (Some(time), Some(calls)) if calls > 0.0 => {
                    Measure::new(time / calls, "s").of(calls as u64)
                }
                _ => Measure::absent("s", Absence::NoData),
            };
            DatabaseStatement {
                database: id.to_owned(),
                statement: statement.to_owned(),
                text: facts.iter().find_map(|fact| label(fact, &TEXTS)).map(str::to_owned),
                name: Some(name.to_owned()).filter(|name| !name.is_empty()),
                time,
                calls,
                mean,
                share: Measure::absent("1", Absence::NoData),
            }
        })
        .collect();
    let weight = |one: &DatabaseStatement| one.time.value.unwrap_or(0.0);
    let sum: f64 = all.iter().map(weight).sum();
    for one in &mut all {
        if sum > 0.0 {
            one.share = Measure::new(weight(one) / sum, "1");
        }
    }
    all.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.statement.cmp(&b.statement)));
    all
}

/// Clients with calls, most first.
pub(super) fn clients(facts: &Facts<'_>, database: u32) -> Vec<DatabaseClientShare> {
    let calls = facts.calls;
    let of: Vec<(u32, &crate::calls::PairCalls)> = calls
        .pairs
        .iter()
        .filter(|((_, to), pair)| *to == database && pair.calls > 0)
        .map(|((from, _), pair)| (*from, pair))
        .collect();
    let all = of.iter().fold(0_u64, |sum, (_, pair)| sum.saturating_add(pair.calls));
    let mut clients: Vec<DatabaseClientShare> = of
        .into_iter()
        .map(|(from, pair)| {
            let fact = facts.estate.entity(from);
            let is_seen = !facts.estate.is_outside(from);
            let latency = pair.client.latency();
            DatabaseClientShare {
                database: facts.estate.entity(database).id.clone(),
                id: is_seen.then(|| fact.id.clone()),
                kind: fact.kind,
                name: is_seen.then(|| fact.name.clone()),
                calls: pair.calls,
                share: ratio(pair.calls, all),
                call_rate: calls.rate(pair.calls, pair.is_scaled, &pair.source),
                error_ratio: pair.error_ratio(),
                latency_p50: latency.p50,
                latency_p95: latency.p95,
                source: pair.source.clone(),
            }
        })
        .collect();
    clients.sort_by(|a, b| (b.calls, &a.name, &a.id).cmp(&(a.calls, &b.name, &b.id)));
    clients
}

/// What measured it.
pub(super) fn sources(id: &str, readings: &Readings<'_>, at: Micros) -> Vec<DatabaseSource> {
    let mut by_source: BTreeMap<&str, (BTreeSet<&str>, Micros)> = BTreeMap::new();
    for (signal, facts) in readings.signals() {
        for fact in facts {
            let held =
                by_source.entry(fact.source.as_str()).or_insert((BTreeSet::new(), fact.last.0));
            held.0.insert(signal);
            held.1 = held.1.max(fact.last.0);
        }
    }
    by_source
        .into_iter()
        .map(|(source, (signals, newest))| DatabaseSource {
            database: id.to_owned(),
            source: source.to_owned(),
            signals: signals.into_iter().map(str::to_owned).collect(),
            newest: newest.timestamp(),
            age_seconds: (at.0.saturating_sub(newest.0)).max(0) as f64 / 1e6,
        })
        .collect()
}
