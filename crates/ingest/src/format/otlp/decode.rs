//! From bytes to OTLP's messages. JSON that the strict reader refuses is read record by record, so
//! that one bad id costs one span.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::EnvelopeError;
use crate::format::tally::Tally;
use crate::input::Input;
use crate::shape::without_mark;

/// How a message is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-protobuf`.
    Protobuf,
}

/// Whether it is a protobuf message with spans of a named service.
pub fn is_traces(bytes: &[u8]) -> bool {
    bytes.first() == Some(&10)
        && ExportTraceServiceRequest::decode(bytes).is_ok_and(|request| {
            let mut spans =
                request.resource_spans.iter().flat_map(|r| &r.scope_spans).flat_map(|s| &s.spans);
            spans.next().is_some_and(|span| span.trace_id.len() == 16 && span.span_id.len() == 8)
        })
}

/// Whether it is a protobuf message with data points.
pub fn is_metrics(bytes: &[u8]) -> bool {
    bytes.first() == Some(&10)
        && ExportMetricsServiceRequest::decode(bytes).is_ok_and(|request| {
            let mut metrics = request
                .resource_metrics
                .iter()
                .flat_map(|r| &r.scope_metrics)
                .flat_map(|s| &s.metrics);
            metrics.next().is_some_and(|metric| !metric.name.is_empty() && metric.data.is_some())
        })
}

/// Whether it is a protobuf message with log records.
pub fn is_logs(bytes: &[u8]) -> bool {
    bytes.first() == Some(&10)
        && ExportLogsServiceRequest::decode(bytes).is_ok_and(|request| {
            let mut records = request
                .resource_logs
                .iter()
                .flat_map(|r| &r.scope_logs)
                .flat_map(|s| &s.log_records);
            records.next().is_some_and(|record| {
                record.time_unix_nano > 0 || record.observed_time_unix_nano > 0
            })
        })
}

/// Traces, and what of them could not be read.
pub fn traces(
    input: &Input<'_>,
    bytes: &[u8],
    encoding: Encoding,
) -> Result<(ExportTraceServiceRequest, Tally), EnvelopeError> {
    any(input, bytes, encoding, ["resourceSpans", "scopeSpans", "spans"])
}

/// Metrics, and what of them could not be read.
pub fn metrics(
    input: &Input<'_>,
    bytes: &[u8],
    encoding: Encoding,
) -> Result<(ExportMetricsServiceRequest, Tally), EnvelopeError> {
    any(input, bytes, encoding, ["resourceMetrics", "scopeMetrics", "metrics"])
}

/// Logs, and what of them could not be read.
pub fn logs(
    input: &Input<'_>,
    bytes: &[u8],
    encoding: Encoding,
) -> Result<(ExportLogsServiceRequest, Tally), EnvelopeError> {
    any(input, bytes, encoding, ["resourceLogs", "scopeLogs", "logRecords"])
}

fn any<T: Message + Default + DeserializeOwned>(
    input: &Input<'_>,
    bytes: &[u8],
    encoding: Encoding,
    path: [&str; 3],
) -> Result<(T, Tally), EnvelopeError> {
    match encoding {
        Encoding::Protobuf => {
            T::decode(bytes).map(|message| (message, Tally::default())).map_err(|error| {
                let reason = format!("{error}; send an OTLP {} message", path[0]);
                EnvelopeError::malformed(input.name, "the protobuf message", reason)
            })
        }
        Encoding::Json => {
            let bytes = without_mark(bytes);
            match serde_json::from_slice(bytes) {
                Ok(message) => Ok((message, Tally::default())),
                Err(_strict) => tolerant(input, bytes, path),
            }
        }
    }
}

/// Reads each record by itself and leaves out those that cannot be read.
fn tolerant<T: DeserializeOwned>(
    input: &Input<'_>,
    bytes: &[u8],
    path: [&str; 3],
) -> Result<(T, Tally), EnvelopeError> {
    let json = |error: &serde_json::Error| EnvelopeError::json(input.name, error);
    let mut value: Value = serde_json::from_slice(bytes).map_err(|error| json(&error))?;
    let mut tally = Tally::default();
    let list = |value: &mut Value, key: &str| match value.get_mut(key) {
        Some(Value::Array(list)) => std::mem::take(list),
        _ => Vec::new(),
    };
    let mut resources = list(&mut value, path[0]);
    for (r, resource) in resources.iter_mut().enumerate() {
        let mut scopes = list(resource, path[1]);
        for (s, scope) in scopes.iter_mut().enumerate() {
            let mut kept = Vec::new();
            for (n, record) in list(scope, path[2]).into_iter().enumerate() {
                // A request of this one record alone says whether it can be read.
                let mut inner = serde_json::Map::new();
                inner.insert(path[2].to_owned(), Value::Array(vec![record]));
                let mut middle = serde_json::Map::new();
                middle.insert(path[1].to_owned(), Value::Array(vec![Value::Object(inner)]));
                let mut outer = serde_json::Map::new();
                outer.insert(path[0].to_owned(), Value::Array(vec![Value::Object(middle)]));
                let alone = Value::Object(outer);
                match T::deserialize(&alone) {
                    Ok(_) => kept.extend(
                        alone[path[0]][0][path[1]][0][path[2]][0]
                            .is_object()
                            .then(|| alone[path[0]][0][path[1]][0][path[2]][0].clone()),
                    ),
                    Err(error) => tally.add(&format!("cannot be read: {error}"), 1, || {
                        format!("/{}/{r}/{}/{s}/{}/{n}", path[0], path[1], path[2])
                    }),
                }
            }
            if let Value::Object(scope) = scope {
                scope.insert(path[2].to_owned(), Value::Array(kept));
            }
        }
        if let Value::Object(resource) = resource {
            resource.insert(path[1].to_owned(), Value::Array(scopes));
        }
    }
    if let Value::Object(value) = &mut value {
        value.insert(path[0].to_owned(), Value::Array(resources));
    }
    serde_json::from_value(value).map(|message| (message, tally)).map_err(|error| json(&error))
}
