//! Liveness, readiness, detail, and figures for Prometheus.

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
    /// `topology` or `telemetry`.
    pub store: String,
    /// Whether it answers.
    pub is_available: bool,
    /// How long its answer took, in milliseconds.
    pub latency_ms: f64,
    /// Version it holds.
    pub version: Option<u64>,
    /// What it said instead.
    pub reason: Option<String>,
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
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
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
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
