//! Figures of one database from its signals: several series of one source add up or the worst counts,
//! several sources never do.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::fact::SignalFact;
use model::kind::RelationKind as R;
use model::measure::Measure;
use model::series::SeriesType;
use model::time::Micros;

use crate::estate::Estate;
use crate::question::database_connections::connection::Measured;

/// Signals that are read.
pub(super) const SIGNALS: [&str; 46] = [
    "blocked_count",
    "cache_hit_count",
    "cache_hit_ratio",
    "cache_miss_count",
    "cache_request_count",
    "connection_count",
    "connection_limit",
    "cpu_utilization_ratio",
    "deadlock_count",
    "deadlock_rate",
    "disk_free_bytes",
    "disk_read_bytes",
    "disk_read_bytes_rate",
    "disk_size_bytes",
    "disk_utilization_ratio",
    "disk_write_bytes",
    "disk_write_bytes_rate",
    "lock_count",
    "lock_wait_count",
    "lock_wait_rate",
    "memory_limit_bytes",
    "memory_used_bytes",
    "memory_utilization_ratio",
    "page_life_seconds",
    "query_count",
    "query_rate",
    "read_latency_seconds",
    "read_operation_count",
    "read_operation_rate",
    "read_seconds",
    "replica_lag_seconds",
    "saturation_ratio",
    "slow_statement_count",
    "statement_count",
    "statement_seconds",
    "storage_used_bytes",
    "transaction_count",
    "transaction_rate",
    "up_ratio",
    "wait_count",
    "wait_rate",
    "wait_seconds",
    "write_latency_seconds",
    "write_operation_count",
    "write_operation_rate",
    "write_seconds",
];
/// What stands for a whole server beside its databases, and for all categories together.
pub(super) const TOTAL: &str = "_Total";
/// Labels that name a logical database.
const PARTS: [&str; 4] = ["database", "datname", "schema", "db"];

/// What was measured of one database.
pub(super) struct Readings<'a> {
    by_signal: BTreeMap<&'a str, Vec<&'a SignalFact>>,
}

/// The logical database that a series is of; empty for the whole server.
pub(super) fn part(fact: &SignalFact) -> &str {
    PARTS.iter().find_map(|name| fact.labels.get(*name)).map_or("", String::as_str)
}

/// Whether a series is of the log and not of the data.
pub(super) fn is_log(fact: &SignalFact) -> bool {
    fact.metric.contains("_log_")
}

/// How much a series rose, or what its periods add up to.
pub(super) fn increase(fact: &SignalFact) -> f64 {
    if fact.series_type == SeriesType::Delta { fact.sum } else { fact.increase }
}

/// Mean of a level.
pub(super) fn mean(fact: &SignalFact) -> f64 {
    fact.sum / fact.count.max(1) as f64
}

/// Rise per second over the time that the values cover: n amounts cover n periods, n totals n − 1.
pub(super) fn rate(fact: &SignalFact) -> Option<f64> {
    let between = fact.last.0.0.saturating_sub(fact.first.0.0) as f64 / 1e6;
    if between <= 0.0 || fact.count < 2 {
        return None;
    }
    let covered = match fact.series_type {
        SeriesType::Delta => between * fact.count as f64 / (fact.count - 1) as f64,
        _ => between,
    };
    Some(increase(fact) / covered)
}

impl<'a> Readings<'a> {
    /// Of a database: its own signals, those of what runs it, and for what it has not itself those of
    /// the machine that it runs on. Of several sources of one signal the one with most values answers.
    pub(super) fn new(estate: &Estate, database: u32, measured: &Measured<'a>) -> Self {
        let own = std::iter::once(database).chain(estate.far(database, R::ImplementedBy));
        let mut by_signal = of_subjects(own, estate, measured);
        let machine = of_subjects(estate.far(database, R::RunsOn), estate, measured);
        for (signal, facts) in machine {
            by_signal.entry(signal).or_insert(facts);
        }
        for facts in by_signal.values_mut() {
            one_source(facts);
        }
        Self { by_signal }
    }

    /// Every series of a signal, the whole server's among them.
    pub(super) fn all(&self, signal: &str) -> &[&'a SignalFact] {
        self.by_signal.get(signal).map_or(&[], Vec::as_slice)
    }

    /// The series that add up to the server: the whole's where there is one, else all parts.
    pub(super) fn whole(&self, signal: &str) -> Vec<&'a SignalFact> {
        let all = self.all(signal);
        let whole: Vec<&SignalFact> =
            all.iter().copied().filter(|one| part(one) == TOTAL).collect();
        if whole.is_empty() { all.to_vec() } else { whole }
    }

    /// Series of one logical database.
    pub(super) fn of_part(&self, signal: &str, name: &str) -> Vec<&'a SignalFact> {
        self.all(signal).iter().copied().filter(|one| part(one) == name).collect()
    }

    /// Every signal with its series.
    pub(super) fn signals(&self) -> impl Iterator<Item = (&'a str, &[&'a SignalFact])> + '_ {
        self.by_signal.iter().map(|(signal, facts)| (*signal, facts.as_slice()))
    }

    /// Newest value of any signal.
    pub(super) fn newest(&self) -> Option<Micros> {
        self.by_signal.values().flatten().map(|fact| fact.last.0).max()
    }
}

fn of_subjects<'a>(
    subjects: impl Iterator<Item = u32>,
    estate: &Estate,
    measured: &Measured<'a>,
) -> BTreeMap<&'a str, Vec<&'a SignalFact>> {
    let mut by_signal: BTreeMap<&str, Vec<&SignalFact>> = BTreeMap::new();
    for fact in
        subjects.filter_map(|one| measured.get(&estate.entity(one).entity)).flatten().copied()
    {
        if fact.count > 0 {
            by_signal.entry(fact.signal.as_str()).or_default().push(fact);
        }
    }
    by_signal
}

fn one_source(facts: &mut Vec<&SignalFact>) {
    let mut values: BTreeMap<&str, u64> = BTreeMap::new();
    for fact in facts.iter() {
        *values.entry(fact.source.as_str()).or_default() += fact.count;
    }
    let best = values.into_iter().max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0))).map(|(name, _)| name);
    facts.retain(|fact| Some(fact.source.as_str()) == best);
}

/// How many values stand behind series.
fn values(facts: &[&SignalFact]) -> u64 {
    facts.iter().map(|fact| fact.count).sum()
}

/// The sum of means of levels, else the sum of rises per second of counters.
pub(super) fn per_second(levels: &[&SignalFact], counters: &[&SignalFact], unit: &str) -> Measure {
    if !levels.is_empty() {
        return Measure::new(levels.iter().map(|one| mean(one)).sum(), unit).of(values(levels));
    }
    rates(counters, unit)
}

/// The sum of rises per second.
pub(super) fn rates(counters: &[&SignalFact], unit: &str) -> Measure {
    let rates: Vec<f64> = counters.iter().filter_map(|one| rate(one)).collect();
    match (counters.is_empty(), rates.is_empty()) {
        (true, _) => Measure::absent(unit, Absence::NotCollected),
        // A total says nothing of what happens until it is read again.
        (false, true) => Measure::absent(unit, Absence::TooLittleData).of(values(counters)),
        (false, false) => Measure::new(rates.iter().sum(), unit).of(values(counters)),
    }
}

/// The sum of rises in the window.
pub(super) fn rise(counters: &[&SignalFact], unit: &str) -> Measure {
    let is_known = |one: &&&SignalFact| one.series_type == SeriesType::Delta || one.count > 1;
    let known: Vec<&&SignalFact> = counters.iter().filter(is_known).collect();
    match (counters.is_empty(), known.is_empty()) {
        (true, _) => Measure::absent(unit, Absence::NotCollected),
        (false, true) => Measure::absent(unit, Absence::TooLittleData).of(values(counters)),
        (false, false) => {
            Measure::new(known.iter().map(|one| increase(one)).sum(), unit).of(values(counters))
        }
    }
}

/// The greatest mean of levels, else time over events of counters.
pub(super) fn latency(
    levels: &[&SignalFact],
    seconds: &[&SignalFact],
    events: &[&SignalFact],
) -> Measure {
    if let Some(slowest) = levels.iter().map(|one| mean(one)).reduce(f64::max) {
        return Measure::new(slowest, "s").of(values(levels));
    }
    let (time, count) = (rise(seconds, "s"), rise(events, "count"));
    match (time.value, count.value) {
        (Some(time), Some(count)) if count > 0.0 => {
            Measure::new(time / count, "s").of(count as u64)
        }
        (Some(_), Some(_)) => Measure::absent("s", Absence::NoData),
        _ if seconds.is_empty() || events.is_empty() => Measure::absent("s", Absence::NotCollected),
        _ => Measure::absent("s", Absence::TooLittleData),
    }
}

/// One figure of the newest values: their sum or the greatest.
pub(super) fn newest(facts: &[&SignalFact], unit: &str, is_sum: bool) -> Measure {
    let lasts = facts.iter().map(|one| one.last.1);
    let value = if is_sum { lasts.reduce(|a, b| a + b) } else { lasts.reduce(f64::max) };
    match value {
        Some(value) => Measure::measured(value, unit).of(values(facts)),
        None => Measure::absent(unit, Absence::NotCollected),
    }
}

/// The greatest value in the window.
pub(super) fn greatest(facts: &[&SignalFact], unit: &str) -> Measure {
    match facts.iter().map(|one| one.max).reduce(f64::max) {
        Some(value) => Measure::measured(value, unit).of(values(facts)),
        None => Measure::absent(unit, Absence::NotCollected),
    }
}

/// The greatest mean.
pub(super) fn level(facts: &[&SignalFact], unit: &str) -> Measure {
    match facts.iter().map(|one| mean(one)).reduce(f64::max) {
        Some(value) => Measure::measured(value, unit).of(values(facts)),
        None => Measure::absent(unit, Absence::NotCollected),
    }
}

/// Reads that a cache answered: its own ratio, else hits and misses, requests and misses, or hits and
/// requests of the window. Nothing read is no ratio.
pub(super) fn cache_hit<'a>(of: impl Fn(&str) -> Vec<&'a SignalFact>) -> Measure {
    let ratios = of("cache_hit_ratio");
    if !ratios.is_empty() {
        let sum: f64 = ratios.iter().map(|one| mean(one)).sum();
        return Measure::new(sum / ratios.len() as f64, "1").of(values(&ratios));
    }
    let counted = |signal: &str| rise(&of(signal), "count");
    let (hits, misses) = (counted("cache_hit_count"), counted("cache_miss_count"));
    let requests = counted("cache_request_count");
    let found = match (hits.value, misses.value, requests.value) {
        (Some(hits), Some(misses), _) => Some((hits, hits + misses)),
        (_, Some(misses), Some(requests)) => Some((requests - misses, requests)),
        (Some(hits), None, Some(requests)) => Some((hits, requests)),
        _ => None,
    };
    match found {
        Some((_, all)) if all <= 0.0 => Measure::absent("1", Absence::NoData),
        Some((hits, all)) => Measure::new((hits / all).clamp(0.0, 1.0), "1").of(all as u64),
        None => {
            let reasons = [hits.reason, misses.reason, requests.reason];
            let is_little =
                reasons.iter().flatten().any(|reason| *reason == Absence::TooLittleData);
            match is_little {
                true => Measure::absent("1", Absence::TooLittleData),
                false => Measure::absent("1", Absence::NotCollected),
            }
        }
    }
}
