//! `service_trends` and `latency_matrix` over hand-written series with a planted fault: five days of a
//! daily wave, and in the last one forty minutes in which requests fail and calls are slow.

use std::sync::Arc;

use model::fact::{
    CallBucket, CallSeriesFact, DataPresence, EntityFact, EstateFacts, SeriesBucket, SeriesFact,
};
use model::series::{Bin, SeriesType};
use model::{EntityId, EntityKind, Micros};
use serde_json::{Value, json};

use crate::fake::{Facts, ask, at, context};

const END: &str = "2026-03-15T12:00:00Z";
const FAULT: &str = "2026-03-15T06:00:00Z";
const MINUTES: i64 = 5 * 24 * 60;

fn is_fault(minute: Micros) -> bool {
    let start = at(FAULT);
    start <= minute && minute < start.plus(40 * Micros::MINUTE)
}

/// Each minute of the five days.
fn minutes() -> impl Iterator<Item = Micros> {
    let end = at(END);
    (0..MINUTES).map(move |minute| end.plus((minute - MINUTES) * Micros::MINUTE))
}

/// Requests of a minute: around 600 by night and day, with noise that repeats itself.
fn requests(minute: Micros) -> f64 {
    let share = minute.0.rem_euclid(Micros::DAY) as f64 / Micros::DAY as f64;
    let noise = (minute.0 / Micros::MINUTE * 7_919 % 41) as f64 - 20.0;
    600.0 + 300.0 * (share * std::f64::consts::TAU).sin() + noise
}

fn series(signal: &str, value: impl Fn(Micros) -> f64) -> SeriesFact {
    let bucket = |minute: Micros| {
        let value = value(minute);
        SeriesBucket {
            at: minute,
            count: 1,
            sum: value,
            min: value,
            max: value,
            last: value,
            increase: 0.0,
        }
    };
    SeriesFact {
        entity: EntityId(101),
        id: "service://_/shop/front".into(),
        signal: Some(signal.into()),
        metric: "http_requests".into(),
        labels: Default::default(),
        series_type: SeriesType::Delta,
        unit: "count".into(),
        source: "prometheus".into(),
        buckets: minutes().map(bucket).collect(),
    }
}

fn calls() -> CallSeriesFact {
    let bucket = |minute: Micros| {
        let seconds = if is_fault(minute) { 0.4 } else { 0.1 };
        let spread = |factor: f64| (Bin::of(seconds * factor), 40);
        CallBucket {
            at: minute,
            calls: 120,
            errors: 0,
            client_bins: vec![spread(0.8), spread(1.0), spread(1.3)],
            server_bins: Vec::new(),
        }
    };
    CallSeriesFact {
        client: EntityId(101),
        server: EntityId(100),
        is_asynchronous: false,
        is_scaled: true,
        origin: "mesh".into(),
        buckets: minutes().map(bucket).collect(),
    }
}

fn shop() -> Arc<Facts> {
    let names = ["basket", "front"];
    let entities: Vec<EntityFact> = names
        .iter()
        .enumerate()
        .map(|(place, name)| EntityFact {
            entity: EntityId(100 + place as u64),
            ..EntityFact::new(EntityKind::Service, format!("service://_/shop/{name}"), *name)
        })
        .collect();
    let facts = Facts::default();
    *facts.estate.lock().unwrap() = EstateFacts { entities, ..EstateFacts::default() };
    let failed = |minute| if is_fault(minute) { 120.0 } else { 0.0 };
    *facts.series.lock().unwrap() = vec![
        series("request_count", |minute| requests(minute) - failed(minute)),
        series("error_count", failed),
    ];
    *facts.call_series.lock().unwrap() = vec![calls()];
    let presence = |data: &str| DataPresence {
        data: data.into(),
        rows: 1,
        first: minutes().next().map(Micros::timestamp),
        last: Some(at(END).plus(-1).timestamp()),
    };
    *facts.presence.lock().unwrap() = vec![presence("samples"), presence("edges")];
    Arc::new(facts)
}

async fn answer(name: &str, params: Value) -> Value {
    ask(name, params, &context(&shop())).await.unwrap().data
}

fn signal<'a>(answer: &'a Value, service: &str, signal: &str) -> &'a Value {
    let services = answer["services"].as_array().unwrap();
    let held = services.iter().find(|one| one["name"] == service).unwrap();
    held["signals"].as_array().unwrap().iter().find(|one| one["signal"] == signal).unwrap()
}

#[tokio::test]
async fn a_planted_fault_is_an_anomaly_of_errors_and_the_day_is_none() {
    let answer = answer("service_trends", json!({ "as_of": END })).await;
    assert_eq!(answer["grid"]["step_seconds"], 300.0);
    let errors = signal(&answer, "front", "error_ratio");
    let anomalies = errors["summary"]["anomalies"].as_array().unwrap();
    assert_eq!(anomalies.len(), 1, "{anomalies:?}");
    assert_eq!(anomalies[0]["from"], FAULT);
    assert_eq!(anomalies[0]["to"], "2026-03-15T06:40:00Z");
    let rate = signal(&answer, "front", "request_rate");
    assert_eq!(rate["summary"]["baseline"]["season"], "hour of day");
    assert_eq!(rate["summary"]["trend"]["direction"], "steady");
    for list in ["anomalies", "changes"] {
        assert_eq!(rate["summary"][list].as_array().unwrap().len(), 0, "{list}");
    }
    let mean = rate["summary"]["mean"]["value"].as_f64().unwrap();
    assert!((mean - 10.0).abs() < 0.1, "600 a minute are 10 a second, found {mean}");
    let previous = &rate["comparisons"][0];
    assert_eq!(previous["period"], "previous");
    assert!(previous["change_ratio"]["value"].as_f64().unwrap().abs() < 0.01);
    assert_eq!(rate["forecast_reason"], "too_little_data");
    assert_eq!(rate["forecast_detail"], "too short, 5.0 of 14 days");
}

/// Basket is asked by nobody but front; its requests are those calls.
#[tokio::test]
async fn calls_are_the_requests_of_what_counts_none_itself() {
    let answer =
        answer("service_trends", json!({ "as_of": END, "entity": ["service://_/shop/basket"] }))
            .await;
    let rate = signal(&answer, "basket", "request_rate");
    assert_eq!((rate["source"].as_str(), rate["metric"].as_str()), (Some("mesh"), Some("spans")));
    assert!((rate["summary"]["mean"]["value"].as_f64().unwrap() - 2.0).abs() < 1e-9);
    let service = &answer["services"][0];
    assert_eq!(service["objectives_reason"], "not_configured");
    assert_eq!(service["apdex"]["value"]["reason"], "not_configured");
}

#[tokio::test]
async fn a_slow_pair_says_since_when_and_how_many_it_harmed() {
    let answer = answer("latency_matrix", json!({ "as_of": END })).await;
    let pair = &answer["pairs"][0];
    assert_eq!(
        (pair["from_name"].as_str(), pair["to_name"].as_str()),
        (Some("front"), Some("basket"))
    );
    assert_eq!(pair["state"], "slower", "{}", pair["reason"]);
    assert_eq!(pair["since"], FAULT);
    assert_eq!(pair["until"], "2026-03-15T06:40:00Z");
    assert_eq!(pair["usual"]["made_from"], "earlier");
    // 40 minutes of 120 calls are 4,800, and no other call is slower than the usual 95th percentile but
    // one in twenty, of all 172,800.
    let slow = pair["harm"]["slow"]["value"].as_f64().unwrap();
    assert!((slow - 0.95 * 4_800.0).abs() < 250.0, "{slow}");
    assert_eq!(answer["summary"]["slower"], 1);
}

#[tokio::test]
async fn a_quiet_day_has_no_slower_pair() {
    let params = json!({ "as_of": "2026-03-15T05:00:00Z" });
    let answer = answer("latency_matrix", params).await;
    assert_eq!(answer["pairs"][0]["state"], "steady");
    assert_eq!(answer["summary"]["failing"], 0);
}
