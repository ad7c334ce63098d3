//! The questions over HTTP: `GET` takes the query string, `POST` the same object as JSON.

use std::sync::Arc;
use std::time::{Duration, Instant};

use analysis::{Answered, QUESTIONS, question_of};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Shared, gate, job, query};
use crate::estate::job::{JOB_SECS_MAX, Reply};
use crate::people::caller::Caller;
use crate::problem::Problem;

/// The list of questions with their parameters.
pub async fn list() -> Json<Value> {
    let questions = QUESTIONS.iter().map(|question| {
        json!({
            "name": question.name(),
            "kebab": question.kebab(),
            "title": question.title(),
            "about": question.about(),
            "parameters": question.parameters(),
        })
    });
    Json(questions.collect())
}

/// By query string.
pub async fn get(
    State(shared): State<Shared>,
    caller: Caller,
    Path(name): Path<Vec<String>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = query::object(raw.as_deref())?;
    answer(&shared, &caller, &name.join("/"), params, &headers).await
}

/// By JSON object.
pub async fn post(
    State(shared): State<Shared>,
    caller: Caller,
    Path(name): Path<Vec<String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    answer(&shared, &caller, &name.join("/"), body_params(&body)?, &headers).await
}

/// Parameters as a body states them; an empty one states none.
pub fn body_params(body: &Bytes) -> Result<Value, Problem> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(body)
        .map_err(|error| Problem::bad_request("body", format!("the body is no JSON: {error}")))
}

async fn answer(
    shared: &Shared,
    caller: &Caller,
    name: &str,
    params: Value,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let Some(question) = question_of(name) else {
        let names: Vec<String> = QUESTIONS.iter().map(|question| question.kebab()).collect();
        let problem =
            Problem::not_found(format!("no question `{name}`; there are {}", names.join(", ")));
        return Err(Problem { nearest: names, ..problem });
    };
    if !caller.viewer().may_ask(question.name()) {
        return Err(gate::scope_refusal());
    }
    let cancel = tokio_util::sync::CancellationToken::new();
    let mut params = params;
    let mut ctx = shared.estate.ask_context(caller.viewer(), cancel.clone());
    if question.is_whole() {
        let wait = job::take_wait(&mut params)?;
        if !analysis::is_explained(&params) {
            return match shared.estate.jobs().answer(question, params, wait, &ctx).await? {
                Reply::Answer(answered) => Ok(response(answered, headers)),
                Reply::Job(job) => Ok(job::accepted(&job)),
            };
        }
        // What explains itself is worked out for its caller, who waits.
        ctx.deadline = Instant::now() + Duration::from_secs(JOB_SECS_MAX);
    }
    // When the caller leaves, this future is dropped, and the guard stops the statements.
    let guard = cancel.drop_guard();
    let answered = analysis::answer_shared(question, params, &ctx).await?;
    drop(guard);
    Ok(response(answered, headers))
}

/// The bytes of an answer, unless the caller has them.
pub fn response(answered: Arc<Answered>, headers: &HeaderMap) -> Response {
    let tag = format!("W/\"{}\"", answered.key);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if known.is_some_and(|known| known.split(", ").any(|one| one == tag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let media = HeaderValue::from_static("application/json");
        let bytes = Bytes::from_owner(SharedBytes(answered));
        ([(header::CONTENT_TYPE, media)], bytes).into_response()
    };
    let out = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The bytes of an answer that the cache shares: every caller gets the same ones, uncopied.
struct SharedBytes(Arc<Answered>);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0.json
    }
}
