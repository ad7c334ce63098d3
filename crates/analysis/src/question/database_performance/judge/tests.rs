//! Databases with hand-made facts; what must come out is worked out in the comments.

use model::absence::Absence;
use model::entity::Labels;
use model::fact::{EntityFact, EstateFacts};
use model::scope::Scope;
use model::series::SeriesType;

use super::*;

/// A series whose values cover the ten minutes from 0 to 600 s.
fn signal(entity: u64, name: &str, labels: &[(&str, &str)], values: &[f64]) -> SignalFact {
    let at = |place: usize| {
        let steps = values.len().saturating_sub(1).max(1);
        Micros(600_000_000 * place as i64 / steps as i64)
    };
    let labels: Labels =
        labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (first, last) = (values[0], values[values.len() - 1]);
    SignalFact {
        entity: EntityId(entity),
        id: "db".to_owned(),
        kind: K::Database,
        name: "db".to_owned(),
        scope: Scope::default(),
        owner: None,
        application: None,
        signal: name.to_owned(),
        metric: labels.get("file").map_or(name.to_owned(), |file| format!("{name}_{file}_x")),
        labels,
        series_type: SeriesType::Gauge,
        source: "exporter".to_owned(),
        count: values.len() as u64,
        sum: values.iter().sum(),
        min: values.iter().copied().fold(f64::INFINITY, f64::min),
        max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        first: (at(0), first),
        last: (at(values.len() - 1), last),
        increase: (last - first).max(0.0),
        bins: Vec::new(),
        newest: at(values.len() - 1),
    }
}

fn counter(name: &str, labels: &[(&str, &str)], values: &[f64]) -> SignalFact {
    SignalFact { series_type: SeriesType::Counter, ..signal(1, name, labels, values) }
}

fn answer(signals: &[SignalFact]) -> DatabasePerformanceAnswer {
    let entity = |id: u64, name: &str| EntityFact {
        entity: EntityId(id),
        ..EntityFact::new(K::Database, format!("arn:{name}"), name)
    };
    let estate = Estate::new(EstateFacts {
        entities: vec![entity(1, "orders"), entity(2, "quiet")],
        ..EstateFacts::default()
    });
    let (units, roots, calls) = (Vec::new(), BTreeSet::new(), Calls::default());
    let facts = Facts {
        estate: &estate,
        at: Micros(600_000_000),
        units: &units,
        roots: &roots,
        signals,
        calls: &calls,
        past: &[],
    };
    let params = DatabasePerformanceParams { limit: Some(10), ..Default::default() };
    page(&params, &facts).answer
}

#[test]
fn nothing_measured_is_unknown_and_never_zero() {
    let answer = answer(&[]);
    let one = &answer.databases[0];
    assert_eq!((one.status, one.cpu.value), (Status::Unknown, None));
    assert_eq!(one.cpu.reason, Some(Absence::NotCollected));
    assert_eq!((answer.summary.databases, answer.summary.measured), (2, 0));
}

/// 50 commits and 10 rollbacks in 600 s are 0.1 per second; 90 of 100 blocks came from the buffer; 2 s
/// for 10 blocks read are 0.2 s each, which is critical.
#[test]
fn counters_of_postgres() {
    let db = [("datname", "shop")];
    let answer = answer(&[
        counter("transaction_count", &[("datname", "shop"), ("kind", "commit")], &[100.0, 150.0]),
        counter("transaction_count", &[("datname", "shop"), ("kind", "rollback")], &[0.0, 10.0]),
        counter("cache_hit_count", &db, &[0.0, 90.0]),
        counter("cache_miss_count", &db, &[0.0, 10.0]),
        counter("read_seconds", &db, &[1.0, 3.0]),
        counter("deadlock_count", &db, &[4.0, 4.0]),
    ]);
    let one = &answer.databases[0];
    assert_eq!(one.name, "orders");
    assert!((one.transactions.value.unwrap() - 0.1).abs() < 1e-12);
    assert!((one.cache_hit.value.unwrap() - 0.9).abs() < 1e-12);
    assert!((one.read_latency.value.unwrap() - 0.2).abs() < 1e-12);
    assert_eq!(one.locks.deadlocks.value, Some(0.0));
    assert_eq!(
        (one.status, one.reason.as_str()),
        (Status::Critical, "read latency 200.0 ms, limit 100.0 ms")
    );
    assert_eq!(answer.parts[0].name, "shop");
}

/// A total that was read once says nothing of the window.
#[test]
fn one_reading_of_a_counter_is_too_little() {
    let answer = answer(&[counter("transaction_count", &[], &[100.0])]);
    let found = &answer.databases[0].transactions;
    assert_eq!((found.value, found.reason), (None, Some(Absence::TooLittleData)));
}

#[test]
fn a_whole_is_not_added_to_its_parts() {
    let rate =
        |name: &str, value: f64| signal(1, "read_operation_rate", &[("database", name)], &[value]);
    let answer = answer(&[rate("sales", 3.0), rate("tempdb", 4.0), rate("_Total", 7.0)]);
    assert_eq!(answer.databases[0].reads.value, Some(7.0));
    let parts: Vec<_> =
        answer.parts.iter().map(|one| (one.name.as_str(), one.reads.value)).collect();
    assert_eq!(parts, [("sales", Some(3.0)), ("tempdb", Some(4.0))]);
}

#[test]
fn two_sources_of_one_signal_are_not_added() {
    let mut other = signal(1, "cpu_utilization_ratio", &[], &[0.9]);
    other.source = "cloudwatch".to_owned();
    let answer = answer(&[signal(1, "cpu_utilization_ratio", &[], &[0.2, 0.4]), other]);
    let one = answer.databases.iter().find(|one| one.name == "orders").unwrap();
    assert!((one.cpu.value.unwrap() - 0.3).abs() < 1e-12);
    assert_eq!((one.status, one.reason.as_str()), (Status::Healthy, "1 checks pass"));
}

/// 30 s of locks and 10 s of IO: three quarters and a quarter; the whole is no category.
#[test]
fn waits_by_category() {
    let wait = |category: &str, seconds: f64| SignalFact {
        series_type: SeriesType::Delta,
        ..signal(1, "wait_seconds", &[("category", category)], &[seconds])
    };
    let answer = answer(&[wait("IO", 10.0), wait("Lock", 30.0), wait("_Total", 40.0)]);
    let all: Vec<_> = answer
        .waits
        .iter()
        .map(|one| (one.category.as_str(), one.time.value, one.share.value))
        .collect();
    assert_eq!(all, [("Lock", Some(30.0), Some(0.75)), ("IO", Some(10.0), Some(0.25))]);
}

/// 6 s in 3 runs are 2 s a run.
#[test]
fn statements_by_time() {
    let of = [("queryid", "42"), ("datname", "shop")];
    let answer = answer(&[
        counter("statement_seconds", &of, &[1.0, 7.0]),
        counter("statement_count", &of, &[10.0, 13.0]),
        counter("statement_seconds", &[("queryid", "7")], &[1.0, 3.0]),
    ]);
    let first = &answer.statements[0];
    assert_eq!((first.statement.as_str(), first.name.as_deref()), ("42", Some("shop")));
    assert_eq!((first.mean.value, first.share.value), (Some(2.0), Some(0.75)));
    assert_eq!(answer.statements[1].calls.value, None);
}
