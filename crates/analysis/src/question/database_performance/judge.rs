//! From the facts to the answer, pure.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::EntityId;
use model::fact::{SeriesFact, SignalFact};
use model::kind::{EntityKind as K, RelationKind as R};
use model::measure::Measure;
use model::time::Micros;

use super::params::DatabasePerformanceParams;
use super::read::{self, Readings};
use super::shape::{
    DatabaseClientShare, DatabaseLocks, DatabasePart, DatabasePerformance,
    DatabasePerformanceAnswer, DatabasePerformanceCheck, DatabasePerformanceSummary,
    DatabaseSource, DatabaseStatement, DatabaseStatusCount, DatabaseWait,
};
use super::{limit, storage};
use crate::calls::{Calls, ratio};
use crate::estate::Estate;
use crate::property::text;
use crate::question::database_connections::connection::{self, Measured, Parameters};
use crate::question::database_connections::describe;
use crate::question::database_connections::judge::{Found, databases, is_placed};
use crate::question::system_metrics::Status;

mod list;

/// What is judged.
pub(super) struct Facts<'a> {
    pub estate: &'a Estate,
    /// End of the window.
    pub at: Micros,
    /// Units asked for, with those below them.
    pub units: &'a [String],
    /// Databases asked for by name, if any.
    pub roots: &'a BTreeSet<u32>,
    pub signals: &'a [SignalFact],
    pub calls: &'a Calls,
    /// Free space before.
    pub past: &'a [SeriesFact],
}

/// One page.
pub(super) struct Page {
    pub answer: DatabasePerformanceAnswer,
    pub truncated: BTreeMap<String, u64>,
    pub next: Option<String>,
}

/// One database with its lists.
struct Judged {
    database: DatabasePerformance,
    parts: Vec<DatabasePart>,
    waits: Vec<DatabaseWait>,
    statements: Vec<DatabaseStatement>,
    clients: Vec<DatabaseClientShare>,
    sources: Vec<DatabaseSource>,
}

fn found(params: &DatabasePerformanceParams, facts: &Facts<'_>) -> Vec<Found> {
    let place = params.place();
    let is_asked = |one: &Found| {
        let fact = facts.estate.entity(one.entity);
        let engine =
            if one.sql_server.is_some() { Some("sqlserver") } else { text(fact, "engine") };
        let is_engine = params.engine.is_empty()
            || engine.is_some_and(|engine| params.engine.iter().any(|asked| asked == engine));
        let is_root = facts.roots.is_empty() || facts.roots.contains(&one.entity);
        is_root && is_engine && is_placed(&place, facts.units, fact)
    };
    databases(facts.estate).into_iter().filter(is_asked).collect()
}

/// The things whose storage a forecast is asked of: databases that match and their machines.
pub(super) fn subjects(params: &DatabasePerformanceParams, facts: &Facts<'_>) -> Vec<EntityId> {
    let with_free: BTreeSet<EntityId> = facts
        .signals
        .iter()
        .filter(|one| storage::SIGNALS.contains(&one.signal.as_str()))
        .map(|one| one.entity)
        .collect();
    let estate = facts.estate;
    let mut all: Vec<EntityId> = found(params, facts)
        .iter()
        .flat_map(|one| homes(estate, one.entity))
        .map(|one| estate.entity(one).entity)
        .filter(|one| with_free.contains(one))
        .collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(SUBJECTS_MAX);
    all
}

/// Most things whose storage is forecast in one answer.
const SUBJECTS_MAX: usize = 1_000;

/// A database, what implements it and the machine it runs on.
fn homes(estate: &Estate, database: u32) -> Vec<u32> {
    let implemented = estate.far(database, R::ImplementedBy);
    std::iter::once(database).chain(implemented).chain(estate.far(database, R::RunsOn)).collect()
}

/// Judges every database that matches and gives the page asked for, the worst first.
pub(super) fn page(params: &DatabasePerformanceParams, facts: &Facts<'_>) -> Page {
    let mut measured: Measured<'_> = BTreeMap::new();
    for signal in facts.signals {
        measured.entry(signal.entity).or_default().push(signal);
    }
    let parameters = Parameters::new(facts.estate);
    let mut all: Vec<Judged> =
        found(params, facts).iter().map(|one| judged(facts, one, &parameters, &measured)).collect();
    let summary = summary(&all);
    all.retain(|one| params.status.is_empty() || params.status.contains(&one.database.status));
    all.sort_by_cached_key(|one| order(&one.database));
    let total = all.len();
    let start = params.cursor.as_ref().and_then(|cursor| {
        all.iter().position(|one| one.database.id == *cursor).map(|place| place + 1)
    });
    let start = start.unwrap_or(0);
    let limit = params.limit.unwrap_or(1) as usize;
    let page: Vec<Judged> = all.into_iter().skip(start).take(limit).collect();
    let mut truncated = BTreeMap::new();
    if total > page.len() && params.cursor.is_none() {
        truncated.insert("databases".to_owned(), total as u64);
    }
    let is_last = start + page.len() >= total;
    let next = page.last().filter(|_| !is_last).map(|one| one.database.id.clone());
    let mut answer = DatabasePerformanceAnswer {
        summary,
        databases: Vec::new(),
        parts: Vec::new(),
        waits: Vec::new(),
        statements: Vec::new(),
        clients: Vec::new(),
        sources: Vec::new(),
        limits: limit::rows(),
    };
    for one in page {
        answer.databases.push(one.database);
        answer.parts.extend(cut("parts", one.parts, 50, &mut truncated));
        answer.waits.extend(cut("waits", one.waits, 20, &mut truncated));
        answer.statements.extend(cut("statements", one.statements, 20, &mut truncated));
        answer.clients.extend(cut("clients", one.clients, 50, &mut truncated));
        answer.sources.extend(one.sources);
    }
    Page { answer, truncated, next }
}

/// The worst first; unknown ones after those that need somebody, before the healthy.
fn order(one: &DatabasePerformance) -> (Status, usize, String, String) {
    let failed = one.checks.iter().filter(|check| check.status == one.status).count();
    (one.status, usize::MAX - failed, one.name.clone(), one.id.clone())
}

fn cut<T>(
    name: &str,
    mut list: Vec<T>,
    most: usize,
    truncated: &mut BTreeMap<String, u64>,
) -> Vec<T> {
    if list.len() > most {
        let sum = truncated.entry(name.to_owned()).or_default();
        *sum = sum.saturating_add(list.len() as u64);
        list.truncate(most);
    }
    list
}

fn summary(all: &[Judged]) -> DatabasePerformanceSummary {
    let mut by_status: BTreeMap<Status, u64> = BTreeMap::new();
    for one in all {
        *by_status.entry(one.database.status).or_default() += 1;
    }
    let counts = by_status.into_iter();
    DatabasePerformanceSummary {
        databases: all.len() as u64,
        measured: all.iter().filter(|one| one.database.newest.is_some()).count() as u64,
        by_status: counts.map(|(status, count)| DatabaseStatusCount { status, count }).collect(),
    }
}

fn judged(
    facts: &Facts<'_>,
    found: &Found,
    parameters: &Parameters,
    measured: &Measured<'_>,
) -> Judged {
    let estate = facts.estate;
    let fact = estate.entity(found.entity);
    let readings = Readings::new(estate, found.entity, measured);
    let homes: Vec<EntityId> =
        homes(estate, found.entity).into_iter().map(|one| estate.entity(one).entity).collect();
    let past: Vec<&SeriesFact> =
        facts.past.iter().filter(|one| homes.contains(&one.entity)).collect();
    let (engine, version) =
        describe::engine_version(estate, found.entity, found.sql_server.as_ref());
    let clients = list::clients(facts, found.entity);
    let is_cache = fact.kind == K::Cache;
    let whole = |signal: &str| readings.whole(signal);
    let per_second = |level: &str, counter: &str, unit: &str| {
        read::per_second(&whole(level), &whole(counter), unit)
    };
    // PostgreSQL counts blocks that it had to read, and the time of them.
    let read_events = [whole("read_operation_count"), whole("cache_miss_count")]
        .into_iter()
        .find(|all| !all.is_empty());
    let mut database = DatabasePerformance {
        id: fact.id.clone(),
        kind: fact.kind,
        name: fact.name.clone(),
        hosting: describe::hosting(fact).to_owned(),
        engine,
        version,
        place: describe::place(estate, found.entity),
        owner: fact.owner.clone(),
        application: fact.application.clone(),
        status: Status::Unknown,
        reason: String::new(),
        checks: Vec::new(),
        connections: connection::of(estate, found.entity, parameters, measured),
        cpu: cpu(&readings, is_cache),
        memory: memory(&readings),
        reads: per_second("read_operation_rate", "read_operation_count", "/s"),
        writes: per_second("write_operation_rate", "write_operation_count", "/s"),
        read_throughput: per_second("disk_read_bytes_rate", "disk_read_bytes", "By/s"),
        write_throughput: per_second("disk_write_bytes_rate", "disk_write_bytes", "By/s"),
        read_latency: read::latency(
            &whole("read_latency_seconds"),
            &whole("read_seconds"),
            &read_events.unwrap_or_default(),
        ),
        write_latency: read::latency(
            &whole("write_latency_seconds"),
            &whole("write_seconds"),
            &whole("write_operation_count"),
        ),
        queries: per_second("query_rate", "query_count", "/s"),
        transactions: per_second("transaction_rate", "transaction_count", "/s"),
        replica_lag: read::greatest(&whole("replica_lag_seconds"), "s"),
        cache_hit: read::cache_hit(whole),
        page_life: read::newest(&whole("page_life_seconds"), "s", false),
        locks: locks(&readings),
        space: storage::of(&readings, fact, &past),
        slow_statements: read::rise(&whole("slow_statement_count"), "count"),
        clients: clients.len() as u64,
        newest: readings.newest().map(Micros::timestamp),
    };
    checked(&mut database, &readings, is_cache);
    let id = fact.id.as_str();
    Judged {
        parts: list::parts(id, &readings),
        waits: list::waits(id, &readings),
        statements: list::statements(id, &readings),
        sources: list::sources(id, &readings, facts.at),
        clients,
        database,
    }
}

/// A cache works on one thread; that thread's share says more than the machine's.
fn cpu(readings: &Readings<'_>, is_cache: bool) -> Measure {
    let thread = readings.whole("saturation_ratio");
    if is_cache && !thread.is_empty() {
        return read::level(&thread, "1");
    }
    read::level(&readings.whole("cpu_utilization_ratio"), "1")
}

fn memory(readings: &Readings<'_>) -> Measure {
    let share = read::newest(&readings.whole("memory_utilization_ratio"), "1", false);
    if share.value.is_some() {
        return share;
    }
    let used = read::newest(&readings.whole("memory_used_bytes"), "By", true);
    let limit = read::newest(&readings.whole("memory_limit_bytes"), "By", true);
    match (used.value, limit.value) {
        (Some(used), Some(limit)) if limit > 0.0 => Measure::new(used / limit, "1"),
        _ => share,
    }
}

fn locks(readings: &Readings<'_>) -> DatabaseLocks {
    let whole = |signal: &str| readings.whole(signal);
    DatabaseLocks {
        held: read::newest(&whole("lock_count"), "count", true),
        blocked_max: read::greatest(&whole("blocked_count"), "count"),
        waits: read::per_second(&whole("lock_wait_rate"), &whole("lock_wait_count"), "/s"),
        deadlocks: read::rise(&whole("deadlock_count"), "count"),
        deadlock_rate: read::per_second(&whole("deadlock_rate"), &whole("deadlock_count"), "/s"),
    }
}

/// Makes every check that can be made; the worst decides.
fn checked(database: &mut DatabasePerformance, readings: &Readings<'_>, is_cache: bool) {
    let up = readings.all("up_ratio").iter().map(|one| one.last.1).reduce(f64::min);
    let per_hour = database.locks.deadlock_rate.value.map(|rate| rate * 3_600.0);
    // A cache of its own may miss as much as its use brings; a buffer that misses reads the disk.
    let hit = database.cache_hit.value.filter(|_| !is_cache);
    let all = [
        (&limit::UP, up),
        (&limit::CONNECTIONS, database.connections.share.value),
        (&limit::CPU, database.cpu.value),
        (&limit::MEMORY, database.memory.value.filter(|_| is_cache)),
        (&limit::STORAGE, database.space.share.value),
        (&limit::FULL, database.space.full.days.value),
        (&limit::LAG, database.replica_lag.value),
        (&limit::READ_LATENCY, database.read_latency.value),
        (&limit::WRITE_LATENCY, database.write_latency.value),
        (&limit::CACHE_HIT, hit),
        (&limit::DEADLOCKS, per_hour),
        (&limit::BLOCKED, database.locks.blocked_max.value),
    ];
    let mut checks: Vec<DatabasePerformanceCheck> =
        all.into_iter().filter_map(|(limit, value)| Some(limit.check(value?))).collect();
    checks.sort_by(|a, b| (a.status, &a.check).cmp(&(b.status, &b.check)));
    (database.status, database.reason) = match checks.first() {
        None if database.newest.is_none() => {
            (Status::Unknown, "nothing of it was measured in the window".to_owned())
        }
        None => (Status::Unknown, "nothing that has a limit was measured".to_owned()),
        Some(worst) => (worst.status, reason(worst, checks.len())),
    };
    database.checks = checks;
}

fn reason(worst: &DatabasePerformanceCheck, checks: usize) -> String {
    let figure = |value: f64| match worst.unit.as_str() {
        "1" => format!("{:.0} %", value * 100.0),
        "s" if value < 1.0 => format!("{:.1} ms", value * 1_000.0),
        "count" => format!("{value:.0}"),
        unit => format!("{value:.1} {unit}"),
    };
    let name = worst.check.replace('_', " ");
    match worst.limit {
        Some(limit) => format!("{name} {}, limit {}", figure(worst.value), figure(limit)),
        None => format!("{checks} checks pass"),
    }
}

#[cfg(test)]
mod tests;
