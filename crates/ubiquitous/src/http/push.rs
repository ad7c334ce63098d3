//! Telemetry on its own paths: OTLP/HTTP and Prometheus remote write. The response follows the fsync of
//! the journal; what could not be read is in it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ingest::format::otlp::{self, Encoding};
use ingest::format::prometheus::remote_write as prometheus;
use ingest::format::push::Pushed;
use ingest::input::Input;
use ingest::{EnvelopeError, InputContext};
use model::Batch;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Shared, query};
use crate::problem::Problem;
use crate::{estate, load};

/// What a sender may say about where it is.
const QUERY: &[&str] = &["cluster", "namespace", "environment", "account", "region"];

/// `ExportTraceServiceResponse` and its siblings, as JSON.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OtlpAnswer {
    /// Present only when records were rejected: `rejectedSpans`, `rejectedDataPoints` or
    /// `rejectedLogRecords` with `errorMessage`.
    #[serde(rename = "partialSuccess", skip_serializing_if = "Option::is_none")]
    pub partial_success: Option<Value>,
}

/// How a body of one kind is read.
type ReadBody = fn(
    &Input<'_>,
    Encoding,
    &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<Pushed, EnvelopeError>;

/// `POST /v1/traces`
pub async fn traces(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let kind = Kind { path: "POST /v1/traces", read: otlp::read_traces, rejected: "rejectedSpans" };
    kind.take(&shared, raw.as_deref(), &headers, body).await
}

/// `POST /v1/metrics`
pub async fn metrics(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let rejected = "rejectedDataPoints";
    let kind = Kind { path: "POST /v1/metrics", read: otlp::read_metrics, rejected };
    kind.take(&shared, raw.as_deref(), &headers, body).await
}

/// `POST /v1/logs`
pub async fn logs(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let kind =
        Kind { path: "POST /v1/logs", read: otlp::read_logs, rejected: "rejectedLogRecords" };
    kind.take(&shared, raw.as_deref(), &headers, body).await
}

/// `POST /api/v1/write`: remote write 1.0 and 2.0.
pub async fn remote_write(
    State(shared): State<Shared>,
    RawQuery(raw): RawQuery,
    body: Bytes,
) -> Result<Response, Problem> {
    let context = context(raw.as_deref())?;
    let (pushed, batches) = read(move |hand_on| {
        let input = Input { name: "POST /api/v1/write", bytes: &body, context: &context };
        prometheus::read(&input, hand_on)
    })
    .await?;
    shared.estate.push(batches).await?;
    if pushed.accepted == 0
        && let Some(reason) = pushed.message
    {
        // The sender must not repeat what nothing can be read of.
        return Err(Problem::bad_request("body", reason));
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let written = [
        ("x-prometheus-remote-write-samples-written", pushed.accepted - pushed.histograms),
        ("x-prometheus-remote-write-histograms-written", pushed.histograms),
        ("x-prometheus-remote-write-exemplars-written", 0),
    ];
    for (name, count) in written {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(count));
    }
    Ok(response)
}

struct Kind {
    path: &'static str,
    read: ReadBody,
    rejected: &'static str,
}

impl Kind {
    async fn take(
        &self,
        shared: &Shared,
        raw: Option<&str>,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Response, Problem> {
        let encoding = encoding(headers)?;
        let context = context(raw)?;
        let (path, read_body) = (self.path, self.read);
        let (pushed, batches) = read(move |hand_on| {
            let input = Input { name: path, bytes: &body, context: &context };
            read_body(&input, encoding, hand_on)
        })
        .await?;
        shared.estate.push(batches).await?;
        Ok(self.response(&pushed, encoding))
    }

    fn response(&self, pushed: &Pushed, encoding: Encoding) -> Response {
        let (media, bytes) = match encoding {
            Encoding::Json => ("application/json", self.json(pushed)),
            Encoding::Protobuf => ("application/x-protobuf", partial_success(pushed)),
        };
        ([(header::CONTENT_TYPE, HeaderValue::from_static(media))], bytes).into_response()
    }

    fn json(&self, pushed: &Pushed) -> Vec<u8> {
        let partial_success = (pushed.rejected > 0).then(|| {
            // 64-bit integers are strings in protobuf's JSON.
            json!({ self.rejected: pushed.rejected.to_string(),
                "errorMessage": pushed.message.as_deref().unwrap_or_default() })
        });
        serde_json::to_vec(&OtlpAnswer { partial_success }).unwrap_or_default()
    }
}

/// The response message of all three services: field 1 holds the count (1) and the text (2).
fn partial_success(pushed: &Pushed) -> Vec<u8> {
    if pushed.rejected == 0 {
        return Vec::new();
    }
    let mut inner = vec![0x08];
    varint(pushed.rejected, &mut inner);
    let text = pushed.message.as_deref().unwrap_or_default();
    inner.push(0x12);
    varint(text.len() as u64, &mut inner);
    inner.extend_from_slice(text.as_bytes());
    let mut message = vec![0x0a];
    varint(inner.len() as u64, &mut message);
    message.extend(inner);
    message
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value as u8 & 0x7f) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Problem> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match media.unwrap_or("").split(';').next().unwrap_or("").trim() {
        "application/json" => Ok(Encoding::Json),
        "application/x-protobuf" | "application/protobuf" => Ok(Encoding::Protobuf),
        other => Err(Problem::new(
            "unsupported-media-type",
            "Unknown encoding",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("content-type is `{other}`; send application/x-protobuf or application/json"),
        )),
    }
}

pub(super) fn context(raw: Option<&str>) -> Result<InputContext, Problem> {
    let mut map: BTreeMap<String, String> = query::map(raw, QUERY)?;
    Ok(InputContext {
        cluster: map.remove("cluster"),
        namespace: map.remove("namespace"),
        environment: map.remove("environment"),
        account: map.remove("account"),
        region: map.remove("region"),
        received_at: load::now(),
        delivery: estate::new_run(),
        ..InputContext::default()
    })
}

/// Parses on a thread that may block.
pub(super) async fn read(
    parse: impl FnOnce(&mut dyn FnMut(Batch) -> ControlFlow<()>) -> Result<Pushed, EnvelopeError>
    + Send
    + 'static,
) -> Result<(Pushed, Vec<Batch>), Problem> {
    let task = tokio::task::spawn_blocking(move || {
        let mut batches = Vec::new();
        let pushed = parse(&mut |batch| {
            batches.push(batch);
            ControlFlow::Continue(())
        });
        pushed.map(|pushed| (pushed, batches))
    });
    let read = task.await.map_err(|_panic| Problem::bad_request("body", "it cannot be read"))?;
    read.map_err(|error| Problem::bad_request("body", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_success_is_the_protobuf_message() {
        let pushed =
            Pushed { rejected: 300, message: Some("no id".to_owned()), ..Pushed::default() };
        let bytes = partial_success(&pushed);
        assert_eq!(bytes, b"\x0a\x0a\x08\xac\x02\x12\x05no id");
        assert!(partial_success(&Pushed::default()).is_empty());
    }
}
