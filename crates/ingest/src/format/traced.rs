//! Spans of tracers other than OpenTelemetry, brought into OTLP's shape: services, peers and errors are
//! then read by the same rules. Traces are looked at whole, so that times that one half lacks are those
//! of the other, clocks that run apart are put right, and no span hides another.

mod skew;
mod whole;

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use serde_json::Value;

use super::otlp;
use super::tally::Tally;
use crate::input::{Input, Out};
use crate::instant::is_plausible;

/// Longest a span may last: what is longer has a wrong clock.
const DURATION_MAX: i64 = 30 * model::Micros::DAY;

/// A span as its tracer reported it.
#[derive(Debug, Clone, Default)]
pub struct Traced {
    /// Where it stands in the input.
    pub place: (usize, usize),
    /// Trace; ids of 64 bits have zeros before them.
    pub trace: [u8; 16],
    /// Span.
    pub id: [u8; 8],
    /// Parent; zeros for none.
    pub parent: [u8; 8],
    /// OTLP's number of the kind; 0 when not said.
    pub kind: i32,
    /// Operation.
    pub name: String,
    /// Start in microseconds since 1970, when reported.
    pub start: Option<i64>,
    /// Duration in microseconds, when reported.
    pub duration: Option<i64>,
    /// Attributes of what sends, in order of name; `service.name` among them when it is known.
    pub resource: Vec<(String, String)>,
    /// What has a clock of its own: address or name of the host; empty when not known.
    pub host: String,
    /// Attributes.
    pub attributes: Vec<(String, String)>,
    /// Whether the tracer says that it failed.
    pub is_error: bool,
}

impl Traced {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Sets an attribute, unless the span has it.
    pub fn default_attribute(&mut self, name: &str, value: impl Into<String>) {
        if self.attribute(name).is_none() {
            self.attributes.push((name.to_owned(), value.into()));
        }
    }

    /// The name of what sends.
    pub fn service(&self) -> &str {
        let name = self.resource.iter().find(|(name, _)| name == "service.name");
        name.map_or("", |(_, value)| value)
    }

    /// Whether it waits for an answer or puts a message.
    pub fn is_caller(&self) -> bool {
        self.kind == SpanKind::Client as i32 || self.kind == SpanKind::Producer as i32
    }

    /// Whether it answers or takes a message.
    pub fn is_callee(&self) -> bool {
        self.kind == SpanKind::Server as i32 || self.kind == SpanKind::Consumer as i32
    }

    /// Its place as a reject gives it.
    pub fn location(&self) -> String {
        format!("/{}/{}", self.place.0, self.place.1)
    }
}

/// The kind by the word that Zipkin and OpenTracing use, in any case; 0 when there is none.
pub fn kind_of(word: &str) -> i32 {
    let kind = match word.to_ascii_lowercase().as_str() {
        "internal" => SpanKind::Internal,
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    };
    kind as i32
}

/// An id in hexadecimal digits, zeros put before it; `None` when it is none, too long or zero.
pub fn id_of<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.trim();
    if digits.is_empty() || digits.len() > 2 * N || !digits.is_ascii() {
        return None;
    }
    let number = u128::from_str_radix(digits, 16).ok().filter(|number| *number != 0)?;
    number.to_be_bytes()[16 - N..].try_into().ok()
}

/// Microseconds as a number, or as a text with one; a fraction is rounded down.
pub fn micros_of(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64().or_else(|| {
            let number = number.as_f64().filter(|number| number.abs() < 9e15)?;
            Some(number.floor() as i64)
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A simple value as text.
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Puts the spans of a tracer out with their services.
pub fn put(
    input: &Input<'_>,
    tracer: &'static str,
    spans: Vec<Traced>,
    mut tally: Tally,
    out: &mut Out<'_>,
) {
    let mut by_sender: BTreeMap<Vec<(String, String)>, Vec<Span>> = BTreeMap::new();
    for span in whole::mended(spans, &mut tally) {
        let Some(start) = span.start else { continue };
        let end = start.saturating_add(span.duration.unwrap_or(0));
        let is_read = is_plausible(model::Micros(start)) && is_plausible(model::Micros(end));
        if !is_read || start == 0 {
            tally.add("the time is outside 1970 to 2199", 1, || span.location());
            continue;
        }
        if end - start > DURATION_MAX {
            tally.add("the span lasts longer than 30 days", 1, || span.location());
            continue;
        }
        let sent = sent(&span, (start, end));
        by_sender.entry(span.resource).or_default().push(sent);
    }
    let resource_spans = by_sender.into_iter().map(|(resource, spans)| ResourceSpans {
        resource: Some(Resource { attributes: attributes(resource), ..Resource::default() }),
        scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
        ..ResourceSpans::default()
    });
    let request = ExportTraceServiceRequest { resource_spans: resource_spans.collect() };
    otlp::put_traces(input, &request, tally, Some(tracer), out);
}

fn sent(span: &Traced, (start, end): (i64, i64)) -> Span {
    let nanos = |micros: i64| u64::try_from(micros).unwrap_or(0).saturating_mul(1_000);
    // 2 is OTLP's status Error; 0 leaves it to the codes of the protocol.
    let status = Status { code: if span.is_error { 2 } else { 0 }, ..Status::default() };
    Span {
        trace_id: span.trace.to_vec(),
        span_id: span.id.to_vec(),
        parent_span_id: if span.parent == [0; 8] { Vec::new() } else { span.parent.to_vec() },
        name: span.name.clone(),
        kind: span.kind,
        start_time_unix_nano: nanos(start),
        end_time_unix_nano: nanos(end),
        attributes: attributes(span.attributes.clone()),
        status: Some(status),
        ..Span::default()
    }
}

fn attributes(all: Vec<(String, String)>) -> Vec<KeyValue> {
    let value = |text| Some(AnyValue { value: Some(any_value::Value::StringValue(text)) });
    all.into_iter()
        .map(|(key, text)| KeyValue { key, value: value(text), ..KeyValue::default() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_filled_from_the_left() {
        assert_eq!(id_of::<8>("1"), Some([0, 0, 0, 0, 0, 0, 0, 1]));
        assert_eq!(id_of::<8>("ffffffffffffffff"), Some([255; 8]));
        assert_eq!(id_of::<16>("ffffffffffffffff").unwrap()[..8], [0; 8]);
        for wrong in ["", "0", "g", "10000000000000000", "-1", "é"] {
            assert_eq!(id_of::<8>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn microseconds_are_read_in_every_form() {
        assert_eq!(micros_of(Some(&Value::from(5))), Some(5));
        assert_eq!(micros_of(Some(&Value::from(5.9))), Some(5));
        assert_eq!(micros_of(Some(&Value::from("7"))), Some(7));
        assert_eq!(micros_of(Some(&Value::from(1e300))), None);
        assert_eq!(micros_of(None), None);
    }
}
