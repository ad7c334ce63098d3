//! OTLP traces, metrics and logs, in protobuf and JSON.

mod attribute;
mod decode;
mod log;
mod metric;
mod peer;
mod resource;
mod trace;

use std::ops::ControlFlow;

use model::Batch;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use super::Format;
use super::push::{Pushed, push};
use super::tally::Tally;
use crate::error::EnvelopeError;
use crate::input::{Input, Out};
use crate::shape::Shape;

pub use decode::Encoding;

/// Spans that ended this long ago are a recording. What is younger is observed as it is sent, since
/// senders' clocks and batches run a little apart.
const RECENT: i64 = model::Micros::HOUR;

/// Traces.
pub const TRACES: Format = Format {
    name: "otlp-traces",
    title: "OTLP traces (JSON, protobuf)",
    recognise: |input| why(input, "resourceSpans", decode::is_traces),
    read: |input, out| read_stream(input, out, traces),
};

/// Metrics.
pub const METRICS: Format = Format {
    name: "otlp-metrics",
    title: "OTLP metrics (JSON, protobuf)",
    recognise: |input| why(input, "resourceMetrics", decode::is_metrics),
    read: |input, out| read_stream(input, out, metrics),
};

/// Logs.
pub const LOGS: Format = Format {
    name: "otlp-logs",
    title: "OTLP logs (JSON, protobuf)",
    recognise: |input| why(input, "resourceLogs", decode::is_logs),
    read: |input, out| read_stream(input, out, logs),
};

fn why(input: &Input<'_>, key: &str, is_message: fn(&[u8]) -> bool) -> Option<String> {
    match Shape::of(input.bytes) {
        shape @ Shape::Json { .. } => shape.key(key).map(|_| format!("the key {key}")),
        // A message begins with byte 10, a line feed, so that it may look like a text.
        Shape::Binary | Shape::Text(_) => {
            is_message(input.bytes).then(|| format!("a protobuf message with {key}"))
        }
        _ => None,
    }
}

/// Reads the body of `POST /v1/traces`.
///
/// # Errors
/// When it is no such message; the sender must not repeat it.
pub fn read_traces(
    input: &Input<'_>,
    encoding: Encoding,
    hand_on: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<Pushed, EnvelopeError> {
    push(input, TRACES.name, |input, out| traces(input, input.bytes, encoding, out), hand_on)
}

/// Reads the body of `POST /v1/metrics`.
///
/// # Errors
/// As [`read_traces`].
pub fn read_metrics(
    input: &Input<'_>,
    encoding: Encoding,
    hand_on: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<Pushed, EnvelopeError> {
    push(input, METRICS.name, |input, out| metrics(input, input.bytes, encoding, out), hand_on)
}

/// Reads the body of `POST /v1/logs`.
///
/// # Errors
/// As [`read_traces`].
pub fn read_logs(
    input: &Input<'_>,
    encoding: Encoding,
    hand_on: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<Pushed, EnvelopeError> {
    push(input, LOGS.name, |input, out| logs(input, input.bytes, encoding, out), hand_on)
}

type ReadOne = fn(&Input<'_>, &[u8], Encoding, &mut Out<'_>) -> Result<(), EnvelopeError>;

/// A file holds one message, or, as the collector's file exporter writes them, one a line.
fn read_stream(input: &Input<'_>, out: &mut Out<'_>, read: ReadOne) -> Result<(), EnvelopeError> {
    match Shape::of(input.bytes) {
        Shape::Json { is_stream: true, .. } => {
            for (index, line) in input.bytes.split(|byte| *byte == b'\n').enumerate() {
                if line.trim_ascii().is_empty() {
                    continue;
                }
                if let Err(error) = read(input, line, Encoding::Json, out) {
                    out.reject(format!("line {}", index + 1), error.to_string());
                }
            }
            Ok(())
        }
        Shape::Json { .. } => read(input, input.bytes, Encoding::Json, out),
        _ => read(input, input.bytes, Encoding::Protobuf, out),
    }
}

fn traces(
    input: &Input<'_>,
    bytes: &[u8],
    encoding: Encoding,
    out: &mut Out<'_>,
) -> Result<(), EnvelopeError> {
    let (request, tally) = decode::traces(input, bytes, encoding)?;
    put_traces(input, &request, tally, None, out);
    Ok(())
}

/// Puts out the spans of a message, or what of another `tracer` was brought into its shape.
pub(crate) fn put_traces(
    input: &Input<'_>,
    request: &ExportTraceServiceRequest,
    tally: Tally,
    tracer: Option<&'static str>,
    out: &mut Out<'_>,
) {
    if let Some(newest) = trace::newest(request)
        && newest.plus(RECENT) < out.batch().input.observed_at
    {
        // A recorded file: its services were there when its spans ended, not when it was copied.
        out.observed_at(newest);
    }
    trace::read(input, request, tally, tracer, out);
}

/// Reads a message that stands inside another tool's answer.
pub(crate) fn read_result(
    input: &Input<'_>,
    bytes: &[u8],
    out: &mut Out<'_>,
) -> Result<(), EnvelopeError> {
    traces(input, bytes, Encoding::Json, out)
}

fn metrics(
    input: &Input<'_>,
    bytes: &[u8],
    encoding: Encoding,
    out: &mut Out<'_>,
) -> Result<(), EnvelopeError> {
    let (request, tally) = decode::metrics(input, bytes, encoding)?;
    metric::read(input, &request, tally, out);
    Ok(())
}

fn logs(
    input: &Input<'_>,
    bytes: &[u8],
    encoding: Encoding,
    out: &mut Out<'_>,
) -> Result<(), EnvelopeError> {
    let (request, tally) = decode::logs(input, bytes, encoding)?;
    log::read(input, &request, tally, out);
    Ok(())
}
