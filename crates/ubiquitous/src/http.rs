//! The HTTP interface: routes, the order of the layers, and serving until asked to stop.

mod access;
mod account;
mod ask;
pub mod assets;
mod backup;
mod cookie;
mod decision;
mod defence;
mod entity;
mod export;
mod gate;
mod health;
mod ingest;
mod intake;
mod job;
mod live;
mod login;
mod oidc;
pub mod openapi;
mod optimization;
mod push;
mod query;
mod refusal;
mod report;
mod status;
mod validation;
mod webhook;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, Request};
use axum::middleware;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::request_id::{
    MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};

use crate::estate::Estate;
use crate::live::Hub;

pub use account::AuditList;
pub use backup::BackupRequest;
pub use decision::RulesAnswer;
use defence::Own;
pub use health::{ConnectionHealth, Health, StatementHealth, StoreHealth};
pub use ingest::{FILE_NOT_SEEN, IngestAnswer};
pub use job::JobList;
pub use status::Status;

/// Longest time that a connection may take to send its request's head and body.
const BODY_SECS: u64 = 120;

/// What every handler shares.
#[derive(Clone)]
pub struct Shared {
    /// The open estate.
    pub estate: Arc<Estate>,
    /// Lets a command beside the server in; compared in full with `x-ubiquitous-owner`.
    pub owner_token: Arc<str>,
    /// Live clients.
    pub live: Arc<Hub>,
    /// Whether others than this machine reach the server: then nobody passes without an account.
    pub is_beyond_loopback: bool,
    /// Origins by which people reach it, as configured.
    pub origins: Arc<[String]>,
}

/// All routes. Every one is described in `openapi.json`, and a test says so.
pub fn router(shared: Shared, port: u16) -> Router {
    let own = Own {
        port,
        is_beyond_loopback: shared.is_beyond_loopback,
        origins: Arc::clone(&shared.origins),
    };
    let body_limit = shared.estate.body_limit();
    let login_limit = DefaultBodyLimit::max(login::BODY_BYTES_MAX);
    let api = Router::new()
        .route("/api/v1/login", get(login::ways).post(login::login).layer(login_limit))
        .route("/api/v1/oidc/login", get(oidc::begin))
        .route("/api/v1/oidc/callback", get(oidc::callback))
        .route("/api/v1/logout", post(login::logout))
        .route("/api/v1/me", get(login::me))
        .route("/api/v1/me/password", post(login::password))
        .route("/api/v1/accounts", get(account::list).post(account::change))
        .route("/api/v1/tokens", get(account::tokens).post(account::token_change))
        .route("/api/v1/audit", get(account::audit))
        .route("/api/v1/questions", get(ask::list))
        .route("/api/v1/entity", get(entity::page))
        .route("/api/v1/search", get(entity::search))
        .route("/api/v1/open-references", get(entity::open_references))
        .route("/api/v1/intake", get(intake::list))
        .route("/api/v1/intake/{id}", get(intake::entry))
        .route("/api/v1/ingest", post(ingest::ingest))
        .route("/api/v1/inspect", post(ingest::inspect))
        .route("/api/v1/write", post(push::remote_write))
        .route("/api/v1/webhooks/alertmanager", post(webhook::alertmanager))
        .route("/api/v1/webhooks/pagerduty", post(webhook::pagerduty))
        .route("/api/v1/webhooks/cloudevents", post(webhook::cloudevents))
        .route("/v1/traces", post(push::traces))
        .route("/v1/metrics", post(push::metrics))
        .route("/v1/logs", post(push::logs))
        .route("/api/v1/decisions", get(decision::list).post(decision::decide))
        .route("/api/v1/rules", get(decision::rules).post(decision::put_rules))
        .route("/api/v1/status", get(status::status))
        .route("/api/v1/export", get(export::export))
        .route("/api/v1/backup", post(backup::backup))
        .route("/api/v1/live", get(live::live))
        .route("/api/v1/jobs", get(job::list))
        .route("/api/v1/jobs/{id}", get(job::one).delete(job::stop))
        .route("/api/v1/jobs/{id}/result", get(job::result))
        .route("/api/v1/validation", get(validation::latest))
        .route("/api/v1/validation/run", post(validation::run))
        .route("/api/v1/optimization", get(optimization::explained))
        .route("/api/v1/optimization/measure", post(optimization::measure))
        .route("/api/v1/optimization/apply", post(optimization::apply))
        .route("/api/v1/optimization/undo", post(optimization::undo))
        .route("/api/v1/reports", get(report::list))
        .route("/api/v1/reports/{name}", get(report::get).post(report::post))
        .route("/api/v1/{question}", get(ask::get).post(ask::post))
        .route("/api/v1/{question}/{view}", get(ask::get).post(ask::post))
        .route("/openapi.json", get(openapi::document))
        .route("/health", get(health::detail))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics));
    let id = HeaderName::from_static("x-request-id");
    let api = api.route_layer(middleware::from_fn_with_state(shared.clone(), gate::gate));
    api.fallback(assets::asset)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(body_limit))
        // Once before what is answered is packed, and once around what unpacks what is sent.
        .layer(middleware::from_fn_with_state(body_limit, refusal::document))
        .layer(CompressionLayer::new().gzip(true).br(true))
        .layer(RequestDecompressionLayer::new())
        .layer(middleware::from_fn_with_state(body_limit, refusal::document))
        .layer(tower_http::timeout::RequestBodyTimeoutLayer::new(Duration::from_secs(BODY_SECS)))
        .layer(middleware::from_fn_with_state(own, defence::guard))
        .layer(PropagateRequestIdLayer::new(id.clone()))
        .layer(SetRequestIdLayer::new(id, RunningNumber::default()))
        .with_state(shared)
}

/// Serves until `stop` is cancelled; requests that have begun are finished.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    shared: Shared,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let port = listener.local_addr()?.port();
    let router = router(shared, port).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router)
        .with_graceful_shutdown(async move { stop.cancelled().await })
        .await
}

async fn wrong_method(method: axum::http::Method, uri: axum::http::Uri) -> crate::problem::Problem {
    crate::problem::Problem::new(
        "method-not-allowed",
        "Wrong method",
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        format!("{} does not take {method}; openapi.json lists what it takes", uri.path()),
    )
}

/// Request ids: the caller's, else a running number.
#[derive(Clone, Default)]
struct RunningNumber(Arc<std::sync::atomic::AtomicU64>);

impl MakeRequestId for RunningNumber {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        format!("{number:x}").parse().ok().map(RequestId::new)
    }
}
