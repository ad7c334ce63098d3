//! `system_metrics` over hand-written signals.

use std::sync::Arc;

use model::entity::Labels;
use model::fact::{DataPresence, SignalFact, TopologyFacts};
use model::series::{Bin, SeriesType};
use model::{EntityId, EntityKind, Micros, Scope};
use serde_json::{Value, json};

use super::fake::{Facts, NOW, ask, at, context, entity};

/// A gauge that stood at `value` for the last ten minutes, with a value a minute.
fn gauge(id: &str, signal: &str, labels: &[(&str, &str)], value: f64) -> SignalFact {
    let last = at(NOW).plus(-30 * Micros::SECOND);
    let first = last.plus(-10 * Micros::MINUTE);
    SignalFact {
        entity: EntityId(1),
        id: id.into(),
        kind: EntityKind::Pod,
        name: id.into(),
        scope: Scope::default(),
        owner: None,
        application: None,
        signal: signal.into(),
        metric: format!("{signal}_metric"),
        labels: labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Labels>(),
        series_type: SeriesType::Gauge,
        source: "one".into(),
        count: 11,
        sum: value * 11.0,
        min: value,
        max: value,
        first: (first, value),
        last: (last, value),
        increase: 0.0,
        bins: Vec::new(),
        newest: last,
    }
}

/// A counter that rose by `rise` in ten minutes.
fn counter(id: &str, signal: &str, labels: &[(&str, &str)], rise: f64) -> SignalFact {
    SignalFact {
        series_type: SeriesType::Counter,
        increase: rise,
        ..gauge(id, signal, labels, rise)
    }
}

async fn judged(signals: Vec<SignalFact>) -> Value {
    let facts = Facts::default();
    *facts.signals.lock().unwrap() = signals;
    ask("system_metrics", json!({}), &context(&Arc::new(facts))).await.unwrap().data
}

fn check<'a>(data: &'a Value, title: &str) -> &'a Value {
    let checks = data["entities"][0]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["title"] == title).unwrap_or_else(|| panic!("{checks:#?}"))
}

#[tokio::test]
async fn errors_are_told_with_value_and_limit() {
    let data = judged(vec![
        counter("a", "request_count", &[], 1_000.0),
        counter("a", "error_count", &[], 41.0),
    ])
    .await;
    assert_eq!(data["entities"][0]["status"], "warning");
    assert_eq!(data["entities"][0]["reason"], "Errors 4.1 %, limit 1 %");
    assert_eq!(check(&data, "Errors")["value"]["n"], 1_000);
    // 1,000 requests in 600 s.
    let rate = check(&data, "Requests")["value"]["value"].as_f64().unwrap();
    assert!((rate - 1_000.0 / 600.0).abs() < 1e-9);
}

#[tokio::test]
async fn errors_are_read_from_status_codes_and_few_requests_give_no_verdict() {
    let data = judged(vec![
        counter("a", "request_count", &[("code", "200")], 90.0),
        counter("a", "request_count", &[("code", "404")], 4.0),
        counter("a", "request_count", &[("code", "503")], 6.0),
    ])
    .await;
    assert_eq!(data["entities"][0]["reason"], "Errors 6 %, limit 5 %");
    let few = judged(vec![
        counter("a", "request_count", &[], 19.0),
        counter("a", "error_count", &[], 10.0),
    ])
    .await;
    assert_eq!(few["entities"][0]["status"], "unknown");
    assert_eq!(check(&few, "Errors")["value"]["detail"], "too few, n = 19");
    let silent = judged(vec![counter("a", "request_count", &[], 500.0)]).await;
    let checks = silent["entities"][0]["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["title"] != "Errors"), "no word of failure, no share");
}

#[tokio::test]
async fn failed_and_other_requests_of_one_metric_add_up() {
    let of_one = |signal: &str, rise: f64| SignalFact {
        metric: "http_requests_total".into(),
        ..counter(
            "a",
            signal,
            &[("code", if signal == "error_count" { "500" } else { "200" })],
            rise,
        )
    };
    let data = judged(vec![of_one("request_count", 96.0), of_one("error_count", 4.0)]).await;
    assert_eq!(data["entities"][0]["reason"], "Errors 4 %, limit 1 %");
    assert_eq!(check(&data, "Errors")["value"]["n"], 100);
    let rate = check(&data, "Requests")["value"]["value"].as_f64().unwrap();
    assert!((rate - 100.0 / 600.0).abs() < 1e-9);
    let all_failed = judged(vec![of_one("error_count", 50.0)]).await;
    assert_eq!(all_failed["entities"][0]["reason"], "Errors 100 %, limit 5 %");
}

#[tokio::test]
async fn a_node_is_ready_or_not_whatever_its_condition_is_called() {
    let labels = [("condition", "Ready"), ("status", "true")];
    let data = judged(vec![gauge("n", "ready_ratio", &labels, 0.0)]).await;
    assert_eq!(data["entities"][0]["reason"], "not ready");
}

#[tokio::test]
async fn the_container_nearest_to_its_limit_decides_and_totals_are_not_added() {
    let data = judged(vec![
        gauge("a", "memory_used_bytes", &[("container", "app")], 96.0),
        gauge("a", "memory_used_bytes", &[("container", "proxy")], 10.0),
        gauge("a", "memory_used_bytes", &[("container", "")], 500.0),
        gauge("a", "memory_limit_bytes", &[("container", "app")], 100.0),
        gauge("a", "memory_limit_bytes", &[("container", "proxy")], 1_000.0),
    ])
    .await;
    assert_eq!(data["entities"][0]["reason"], "Memory 96 %, limit 95 %");
    let sum = judged(vec![
        gauge("a", "memory_used_bytes", &[("container", "app")], 96.0),
        gauge("a", "memory_used_bytes", &[("container", "proxy")], 10.0),
        gauge("a", "memory_used_bytes", &[("container", "POD")], 500.0),
    ])
    .await;
    assert_eq!(check(&sum, "Memory used")["value"]["value"], 106.0);
}

#[tokio::test]
async fn cpu_by_mode_is_what_was_not_idle() {
    let data = judged(vec![
        counter("a", "cpu_seconds", &[("mode", "user")], 900.0),
        counter("a", "cpu_seconds", &[("mode", "system")], 60.0),
        counter("a", "cpu_seconds", &[("mode", "idle")], 240.0),
    ])
    .await;
    assert_eq!(data["entities"][0]["reason"], "CPU 80 %, limit 80 %");
    let limited = judged(vec![
        counter("a", "cpu_seconds", &[], 300.0),
        gauge("a", "cpu_limit_cores", &[], 1.0),
    ])
    .await;
    assert_eq!(check(&limited, "CPU of limit")["value"]["value"], 0.5);
    assert_eq!(limited["entities"][0]["status"], "healthy");
}

#[tokio::test]
async fn of_several_sources_the_most_complete_answers_and_is_named() {
    let sparse = SignalFact {
        source: "another".into(),
        first: (at(NOW).plus(-2 * Micros::MINUTE), 0.99),
        ..gauge("a", "cpu_utilization_ratio", &[], 0.99)
    };
    let data = judged(vec![sparse, gauge("a", "cpu_utilization_ratio", &[], 0.2)]).await;
    let cpu = check(&data, "CPU");
    assert_eq!((&cpu["source"], &cpu["other_sources"]), (&json!("one"), &json!(["another"])));
    assert_eq!(cpu["value"]["value"], 0.2);
}

#[tokio::test]
async fn percentiles_come_from_bins_or_are_reported_as_they_are() {
    let bins = vec![(Bin::of(0.1), 90), (Bin::of(1.0), 10)];
    let binned = SignalFact { bins, ..gauge("a", "latency_seconds", &[], 0.1) };
    let data = judged(vec![binned]).await;
    let p95 = check(&data, "p95");
    assert!((p95["value"]["value"].as_f64().unwrap() - 1.0).abs() < 0.011);
    assert_eq!(check(&data, "p99")["value"]["value"], Value::Null);
    let quantile = |value: f64| SignalFact {
        series_type: SeriesType::Quantile,
        ..gauge("a", "latency_seconds", &[("quantile", "0.95"), ("x", &value.to_string())], value)
    };
    let data = judged(vec![quantile(0.2), quantile(0.4), quantile(0.9)]).await;
    let reported = &check(&data, "Latency")["reported"][0];
    assert_eq!(
        (&reported["min"], &reported["median"], &reported["max"]),
        (&json!(0.2), &json!(0.4), &json!(0.9))
    );
    assert_eq!(reported["basis"], "reported");
    assert_eq!(check(&data, "Latency")["value"]["value"], Value::Null);
}

#[tokio::test]
async fn the_worst_comes_first_and_unknown_before_healthy() {
    let facts = Facts::default();
    let mut pods: Vec<_> = ["e", "d", "c", "b", "a"].map(|id| entity(id, EntityKind::Pod)).into();
    pods[4].properties.insert("waiting_reason".into(), json!("CrashLoopBackOff"));
    let mut done = entity("done", EntityKind::Pod);
    done.properties.insert("phase".into(), json!("Succeeded"));
    pods.push(done);
    *facts.topology.lock().unwrap() =
        TopologyFacts { entity_total: 6, entities: pods, ..TopologyFacts::default() };
    *facts.signals.lock().unwrap() = vec![
        gauge("b", "cpu_utilization_ratio", &[], 0.85),
        gauge("c", "cpu_utilization_ratio", &[], 0.9),
        gauge("e", "cpu_utilization_ratio", &[], 0.1),
    ];
    let ctx = context(&Arc::new(facts));
    let envelope = ask("system_metrics", json!({}), &ctx).await.unwrap();
    let entities = envelope.data["entities"].as_array().unwrap();
    let ids: Vec<&str> = entities.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "c", "b", "d", "e"]);
    assert_eq!(entities[0]["reason"], "pod waiting: CrashLoopBackOff");
    assert_eq!(
        envelope.data["counts"],
        json!({"total": 5, "critical": 1, "warning": 2, "unknown": 1, "healthy": 1})
    );
    assert_eq!((envelope.coverage["samples"].with, envelope.coverage["samples"].of), (3, 5));
    let page = ask("system_metrics", json!({"limit": 2}), &ctx).await.unwrap();
    assert_eq!((page.next.as_deref(), page.truncated["entities"]), (Some("2"), 5));
    let rest = ask("system_metrics", json!({"limit": 2, "cursor": "4"}), &ctx).await.unwrap();
    assert_eq!(rest.data["entities"][0]["id"], "e");
    let only = json!({"status": "warning", "check": "cpu"});
    let only = ask("system_metrics", only, &ctx).await.unwrap();
    assert_eq!(only.data["entities"].as_array().unwrap().len(), 2);
    for table in &envelope.tables {
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
    }
}

#[tokio::test]
async fn without_data_it_is_unknown_and_offers_the_newest_time() {
    let facts = Facts::default();
    *facts.topology.lock().unwrap() = TopologyFacts {
        entity_total: 1,
        entities: vec![entity("a", EntityKind::Pod)],
        ..TopologyFacts::default()
    };
    *facts.presence.lock().unwrap() = vec![DataPresence {
        data: "samples".into(),
        rows: 3,
        first: None,
        last: Some("2022-08-23T12:00:07Z".parse().unwrap()),
    }];
    let ctx = context(&Arc::new(facts));
    let envelope = ask("system_metrics", json!({}), &ctx).await.unwrap();
    assert_eq!(envelope.data["entities"][0]["status"], "unknown");
    assert_eq!(envelope.window.unwrap().to.to_string(), "2026-03-15T12:34:50Z");
    assert!(envelope.warnings[0].message.contains("as_of=2022-08-23T12:00:10Z"));
}
