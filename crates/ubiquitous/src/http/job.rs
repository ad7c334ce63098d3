//! Jobs over HTTP: what works in the background, how far it is, its answer, and stopping it.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Shared, ask, query};
use crate::estate::job::{Job, Reply};
use crate::people::caller::Caller;
use crate::problem::Problem;

/// Seconds for which an answer is waited for when the caller does not say.
pub const WAIT_SECS: f64 = 2.0;
/// Most seconds that a caller may wait in one request.
const WAIT_SECS_MAX: f64 = 60.0;

/// The jobs.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct JobList {
    /// Newest first: those at work or waiting, and at most 100 that ended.
    pub jobs: Vec<Job>,
}

/// `GET /api/v1/jobs`
pub async fn list(State(shared): State<Shared>, caller: Caller) -> Json<JobList> {
    Json(JobList { jobs: shared.estate.jobs().list(&caller.scope) })
}

/// `GET /api/v1/jobs/{id}`
pub async fn one(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Job>, Problem> {
    found(&id, |id| shared.estate.jobs().job(id, &caller.scope)).map(Json)
}

/// `DELETE /api/v1/jobs/{id}`
pub async fn stop(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<Job>, Problem> {
    found(&id, |id| shared.estate.jobs().stop(id)).map(Json)
}

/// `GET /api/v1/jobs/{id}/result`
pub async fn result(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let map = query::map(raw.as_deref(), &["wait"])?;
    let wait = wait_of(map.get("wait").map(String::as_str))?;
    let number = id.parse::<u64>().map_err(|_error| unknown(&id))?;
    match shared.estate.jobs().result(number, wait, &caller.scope).await? {
        Reply::Answer(answered) => Ok(ask::response(answered, &headers)),
        Reply::Job(job) => Ok(accepted(&job)),
    }
}

/// How long to wait, of the parameters of a question: no part of the question.
///
/// # Errors
/// When it is no number of seconds, or too many.
pub fn take_wait(params: &mut Value) -> Result<Duration, Problem> {
    let taken = params.as_object_mut().and_then(|object| object.shift_remove("wait"));
    match taken {
        None | Some(Value::Null) => wait_of(None),
        Some(Value::String(text)) => wait_of(Some(&text)),
        Some(value) => wait_of(Some(&value.to_string())),
    }
}

fn wait_of(text: Option<&str>) -> Result<Duration, Problem> {
    let Some(text) = text else { return Ok(Duration::from_secs_f64(WAIT_SECS)) };
    match text.parse::<f64>() {
        Ok(secs) if (0.0..=WAIT_SECS_MAX).contains(&secs) => Ok(Duration::from_secs_f64(secs)),
        _ => {
            let detail = format!(
                "wait is `{text}`; it must be a number of seconds from 0 to {WAIT_SECS_MAX}"
            );
            Err(Problem::bad_request("wait", detail))
        }
    }
}

/// 202: the job, and where its answer will be.
pub fn accepted(job: &Job) -> Response {
    let mut response = (StatusCode::ACCEPTED, Json(job)).into_response();
    let headers = response.headers_mut();
    if let Ok(place) = HeaderValue::from_str(&job.result) {
        headers.insert(header::LOCATION, place);
    }
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn found(id: &str, of: impl FnOnce(u64) -> Option<Job>) -> Result<Job, Problem> {
    id.parse::<u64>().ok().and_then(of).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Problem {
    Problem::not_found(format!("no job `{id}`; `/api/v1/jobs` lists those there are"))
}
