//! The reports over HTTP: `GET` takes the query string, `POST` the same object as JSON.

use analysis::{AnyQuestion, REPORTS, report_of};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::{Shared, ask, query};
use crate::people::caller::Caller;
use crate::problem::Problem;

/// The list of reports with their parameters.
pub async fn list() -> Json<Value> {
    let reports = REPORTS.iter().map(|report| {
        json!({
            "name": report.name(),
            "kebab": report.kebab(),
            "title": report.title(),
            "about": report.about(),
            "parameters": report.parameters(),
        })
    });
    Json(reports.collect())
}

/// By query string.
pub async fn get(
    State(shared): State<Shared>,
    caller: Caller,
    Path(name): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer(&shared, &caller, &name, query::object(raw.as_deref())?, &headers).await
}

/// By JSON object.
pub async fn post(
    State(shared): State<Shared>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    answer(&shared, &caller, &name, ask::body_params(&body)?, &headers).await
}

async fn answer(
    shared: &Shared,
    caller: &Caller,
    name: &str,
    params: Value,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let report = find(name)?;
    let cancel = tokio_util::sync::CancellationToken::new();
    // When the caller leaves, this future is dropped, and the guard stops the statements.
    let guard = cancel.clone().drop_guard();
    let ctx = shared.estate.ask_context(caller.viewer(), cancel);
    let params = shared.estate.report_params(params);
    let answered = analysis::report(report, params, &ctx).await?;
    drop(guard);
    Ok(ask::response(answered, headers))
}

fn find(name: &str) -> Result<&'static dyn AnyQuestion, Problem> {
    report_of(name).ok_or_else(|| {
        let names: Vec<String> = REPORTS
            .iter()
            .map(|report| report.kebab().trim_start_matches("reports/").to_owned())
            .collect();
        let problem =
            Problem::not_found(format!("no report `{name}`; there are {}", names.join(", ")));
        Problem { nearest: names, ..problem }
    })
}
