//! Metrics that the services send themselves, as OTLP JSON: a gauge, a cumulative sum, a sum that
//! may fall, and an exponential histogram with delta temporality.

use serde_json::{Value, json};

use crate::behaviour::{Behaviour, Counters, Outcome, position};
use crate::estate::{Cluster, Estate, PodState};
use crate::otlp::{attributes_json, resource};
use crate::services::SERVICES;

/// Scale of the exponential histogram: eight buckets for each factor of two.
const SCALE: i32 = 3;
/// Index of its first bucket: bounds start at 2^(-64/8) = 3.9 ms.
const OFFSET: i32 = -64;
/// Number of buckets: up to 2^(16/8) = 4 s.
const BUCKETS: i32 = 80;

/// An `ExportMetricsServiceRequest` as JSON for these instants, one resource per service: its first
/// ready pod.
pub fn json(
    estate: &Estate,
    cluster: &Cluster,
    behaviour: &Behaviour,
    times: &[i64],
    step: i64,
) -> Value {
    let mut resources = Vec::new();
    for s in SERVICES.iter().filter(|s| behaviour.has_traffic(s) && !s.is_client()) {
        let found = cluster.pods.iter().position(|p| {
            p.state == PodState::Ready
                && p.workload.is_some_and(|w| cluster.workloads[w].name == s.name)
        });
        let Some(pod) = found else { continue };
        let since = cluster.pods[pod].created;
        let share = 1.0 / f64::from(s.replicas[cluster.env.index]);
        let counters = behaviour.counters(s, None);
        let mut metrics = vec![
            active_requests(&counters, s.latency_ms, share, since, times),
            cpu_time(&counters, s.latency_ms, share, since, times),
        ];
        if s.name == "checkout" {
            metrics.push(durations(&counters, share, times, step));
        }
        if s.language == "java" {
            metrics.push(heap(estate, s.name, times));
        }
        resources.push(json!({
            "resource": {
                "attributes": attributes_json(&resource(cluster, position(s), pod))
            },
            "scopeMetrics": [{ "scope": { "name": "larkfield.runtime" }, "metrics": metrics }]
        }));
    }
    json!({ "resourceMetrics": resources })
}

fn nano(second: i64) -> String {
    (second * 1_000_000_000).to_string()
}

fn active_requests(c: &Counters, ms: f64, share: f64, since: i64, times: &[i64]) -> Value {
    // Little's law: requests in the service = rate × time in it.
    let points: Vec<Value> = times
        .iter()
        .map(|at| {
            let active = (c.rate(*at) * share * ms / 1000.0).round() as i64;
            json!({
                "startTimeUnixNano": nano(since),
                "timeUnixNano": nano(*at),
                "asInt": active.to_string()
            })
        })
        .collect();
    json!({
        "name": "http.server.active_requests",
        "unit": "{request}",
        "sum": { "aggregationTemporality": 2, "isMonotonic": false, "dataPoints": points }
    })
}

fn cpu_time(c: &Counters, ms: f64, share: f64, since: i64, times: &[i64]) -> Value {
    let all = c.bucket(Outcome::Succeeded, f64::INFINITY);
    let start = all.value(c.at(since));
    let points: Vec<Value> = times
        .iter()
        .map(|at| {
            let seconds = (all.value(c.at(*at)) - start) * share * ms / 1000.0 * 0.35;
            json!({
                "startTimeUnixNano": nano(since),
                "timeUnixNano": nano(*at),
                "asDouble": (seconds * 1000.0).round() / 1000.0,
                "attributes": [{ "key": "cpu.mode", "value": { "stringValue": "user" } }]
            })
        })
        .collect();
    json!({
        "name": "process.cpu.time",
        "unit": "s",
        "sum": { "aggregationTemporality": 2, "isMonotonic": true, "dataPoints": points }
    })
}

fn heap(estate: &Estate, name: &str, times: &[i64]) -> Value {
    let base = 280_000_000 + estate.random.below(&format!("heap/{name}"), 200_000_000) as i64;
    let points: Vec<Value> = times
        .iter()
        .map(|at| {
            // The collector runs every nine minutes.
            let used = base + at.rem_euclid(540) * 350_000;
            json!({
                "timeUnixNano": nano(*at),
                "asInt": used.to_string(),
                "attributes": [{ "key": "jvm.memory.type", "value": { "stringValue": "heap" } }]
            })
        })
        .collect();
    json!({ "name": "jvm.memory.used", "unit": "By", "gauge": { "dataPoints": points } })
}

/// Durations of successful requests between two instants that are `step` seconds apart.
fn durations(c: &Counters, share: f64, times: &[i64], step: i64) -> Value {
    let bounds: Vec<_> = (0..=BUCKETS)
        .map(|n| {
            let bound = 2f64.powf(f64::from(OFFSET + n) / f64::from(1 << SCALE));
            c.bucket(Outcome::Succeeded, bound)
        })
        .collect();
    let seconds = c.seconds(Outcome::Succeeded);
    let points: Vec<Value> = times
        .iter()
        .map(|at| {
            let (before, now) = (c.at(at - step), c.at(*at));
            let below: Vec<u64> = bounds
                .iter()
                .map(|b| ((b.value(now) - b.value(before)) * share).max(0.0).round() as u64)
                .collect();
            let counts: Vec<u64> = below.windows(2).map(|w| w[1].saturating_sub(w[0])).collect();
            let count: u64 = counts.iter().sum();
            let sum = (seconds.value(now) - seconds.value(before)) * share;
            json!({
                "startTimeUnixNano": nano(at - step),
                "timeUnixNano": nano(*at),
                "count": count.to_string(),
                "sum": (sum * 1e6).round() / 1e6,
                "scale": SCALE,
                "zeroCount": "0",
                "positive": {
                    "offset": OFFSET,
                    "bucketCounts": counts.iter().map(u64::to_string).collect::<Vec<_>>()
                }
            })
        })
        .collect();
    json!({
        "name": "larkfield.checkout.duration",
        "unit": "s",
        "exponentialHistogram": { "aggregationTemporality": 1, "dataPoints": points }
    })
}
