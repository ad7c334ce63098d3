//! Liveness, readiness, detail, and figures for Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shared;

/// Health in detail.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// `ready`, or `degraded` when a store does not answer.
    pub status: String,
    /// Version of the program.
    pub version: String,
    /// Seconds since the start.
    pub uptime_seconds: f64,
    /// Each store.
    pub stores: Vec<StoreHealth>,
    /// Batches that are acknowledged and not yet in every store.
    pub intake_backlog: u64,
}

/// One store.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct StoreHealth {
    /// `topology`, `telemetry`, or `shared` for what replicas share, without which answers come too.
    pub store: String,
    /// Where it is: `embedded`, `neo4j`, `postgresql` or `redis`.
    pub kind: String,
    /// Whether it answers.
    pub is_available: bool,
    /// How long its answer took, in milliseconds.
    pub latency_ms: f64,
    /// Version it holds.
    pub version: Option<u64>,
    /// What it said instead.
    pub reason: Option<String>,
    /// Connections to a server, by pool; none where the store is in the data folder.
    pub connections: Vec<ConnectionHealth>,
    /// Statements sent to a server since the start, in order of name.
    pub statements: Vec<StatementHealth>,
}

/// Connections of one pool since the start.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConnectionHealth {
    /// `all`; `reads` or `bulk` (batches, rollups, migrations).
    pub pool: String,
    /// Connections that run something now.
    pub in_use: u64,
    /// Connections that are open now; `null` where the driver does not say.
    pub open: Option<u64>,
    /// Most that may be open.
    pub open_max: u64,
    /// Requests that had to wait for one.
    pub wait_count: u64,
    /// How long they waited in all, in seconds.
    pub wait_seconds: f64,
    /// Requests that waited in vain and were refused.
    pub timeout_count: u64,
    /// Connections made; `null` where the driver does not say.
    pub created_count: Option<u64>,
    /// Connections closed, by reason (`queries`, `lifetime`, `idleness`, `error`); `null` where the
    /// driver does not say.
    pub closed_count: Option<BTreeMap<String, u64>>,
}

/// One statement since the start.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct StatementHealth {
    /// Its name: that of its file.
    pub name: String,
    /// How often it ran.
    pub count: u64,
    /// How often it failed.
    pub error_count: u64,
    /// Rows that it gave or changed; `null` where they are not counted.
    pub row_count: Option<u64>,
    /// Time in all, in seconds.
    pub total_seconds: f64,
    /// The longest, in seconds.
    pub longest_seconds: f64,
}

/// `GET /health/live`: the process answers.
pub async fn live() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "status": "live" }))
}

/// `GET /health/ready`: both stores answer; else 503.
pub async fn ready(State(shared): State<Shared>) -> Response {
    let health = shared.estate.health().await;
    let is_ready = health.status == "ready";
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(serde_json::json!({ "status": health.status }))).into_response()
}

/// `GET /health`
pub async fn detail(State(shared): State<Shared>) -> Json<Health> {
    Json(shared.estate.health().await)
}

/// `GET /metrics` in Prometheus' text format.
pub async fn metrics(State(shared): State<Shared>) -> Response {
    let health = shared.estate.health().await;
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, rows: Vec<(String, f64)>| {
        let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in rows {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    gauge(
        "ubiquitous_uptime_seconds",
        "Seconds since the start.",
        vec![(String::new(), health.uptime_seconds)],
    );
    gauge(
        "ubiquitous_intake_backlog_batches",
        "Batches acknowledged and not yet in every store.",
        vec![(String::new(), health.intake_backlog as f64)],
    );
    let label = |store: &StoreHealth| format!("{{store=\"{}\"}}", store.store);
    gauge(
        "ubiquitous_store_available",
        "1 when the store answers.",
        health.stores.iter().map(|s| (label(s), f64::from(u8::from(s.is_available)))).collect(),
    );
    gauge(
        "ubiquitous_store_latency_seconds",
        "Time of the last check.",
        health.stores.iter().map(|s| (label(s), s.latency_ms / 1e3)).collect(),
    );
    gauge(
        "ubiquitous_store_version",
        "Version that the store holds.",
        health.stores.iter().filter_map(|s| Some((label(s), s.version? as f64))).collect(),
    );
    let (answers, clients) = shared.live.size();
    gauge("ubiquitous_live_clients", "Live clients.", vec![(String::new(), clients as f64)]);
    let help = "Distinct answers that are kept up to date.";
    gauge("ubiquitous_live_answers", help, vec![(String::new(), answers as f64)]);
    servers(&mut gauge, &health);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// Figures of servers: their connections and statements.
fn servers(gauge: &mut impl FnMut(&str, &str, Vec<(String, f64)>), health: &Health) {
    let pools = |of: fn(&ConnectionHealth) -> Option<f64>| {
        let rows = health.stores.iter().flat_map(|store| {
            store.connections.iter().filter_map(move |pool| {
                let label = format!("{{store=\"{}\",pool=\"{}\"}}", store.store, pool.pool);
                Some((label, of(pool)?))
            })
        });
        rows.collect::<Vec<_>>()
    };
    gauge(
        "ubiquitous_connections_in_use",
        "Connections that run something.",
        pools(|pool| Some(pool.in_use as f64)),
    );
    gauge(
        "ubiquitous_connections_open",
        "Connections that are open.",
        pools(|pool| Some(pool.open? as f64)),
    );
    gauge(
        "ubiquitous_connections_max",
        "Most connections that may be open.",
        pools(|pool| Some(pool.open_max as f64)),
    );
    gauge(
        "ubiquitous_connection_wait_seconds_total",
        "Time that requests waited for a connection.",
        pools(|pool| Some(pool.wait_seconds)),
    );
    gauge(
        "ubiquitous_connection_timeouts_total",
        "Requests that waited for a connection in vain.",
        pools(|pool| Some(pool.timeout_count as f64)),
    );
    let statements = |of: fn(&StatementHealth) -> f64| {
        let rows = health.stores.iter().flat_map(|store| {
            store.statements.iter().map(move |statement| {
                let label =
                    format!("{{store=\"{}\",statement=\"{}\"}}", store.store, statement.name);
                (label, of(statement))
            })
        });
        rows.collect::<Vec<_>>()
    };
    gauge("ubiquitous_statements_total", "Statements sent.", statements(|one| one.count as f64));
    gauge(
        "ubiquitous_statement_errors_total",
        "Statements that failed.",
        statements(|one| one.error_count as f64),
    );
    gauge(
        "ubiquitous_statement_seconds_total",
        "Time of statements.",
        statements(|one| one.total_seconds),
    );
}
