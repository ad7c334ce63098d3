//! Jaeger JSON: what its query service answers (`/api/traces`) and what its page exports; single traces
//! too, and the answers of its newer interface, which hold OTLP.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Format;
use super::otlp;
use super::tally::Tally;
use super::traced::{self, Traced, id_of, kind_of, micros_of, text_of};
use crate::error::{EnvelopeError, json_place};
use crate::input::{Input, Out};
use crate::outline;
use crate::shape::{Shape, without_mark};

/// Traces of Jaeger.
pub const TRACES: Format = Format {
    name: "jaeger",
    title: "Jaeger traces (JSON of its API or its page)",
    recognise,
    read,
};

/// Bytes that are looked at for the fields of a trace.
const HEAD_BYTES: usize = 64 << 10;

/// Names of OpenTracing's conventions that OpenTelemetry calls otherwise.
const RENAMED: &[(&str, &str)] = &[
    ("peer.hostname", "server.address"),
    ("peer.address", "server.address"),
    ("peer.ipv4", "server.address"),
    ("peer.port", "server.port"),
    ("db.type", "db.system"),
    ("message_bus.destination", "messaging.destination.name"),
];

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Span {
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
    #[serde(rename = "parentSpanID")]
    parent_id: Option<String>,
    operation_name: String,
    references: Option<Vec<Link>>,
    start_time: Option<Value>,
    duration: Option<Value>,
    tags: Option<Vec<Tag>>,
    #[serde(rename = "processID")]
    process_id: Option<String>,
    process: Option<Process>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Link {
    ref_type: String,
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tag {
    key: String,
    value: Value,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Process {
    service_name: String,
    tags: Option<Vec<Tag>>,
}

impl Clone for Tag {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), value: self.value.clone() }
    }
}

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let Shape::Json { .. } = &shape else { return None };
    let head = &input.bytes[..input.bytes.len().min(HEAD_BYTES)];
    let holds = |text: &[u8]| head.windows(text.len()).any(|window| window == text);
    let is_trace = shape.key("traceID").is_some() && shape.key("spans").is_some();
    let is_answer = shape.key("data").is_some_and(|data| data.starts_with == b'[')
        && holds(b"\"traceID\"")
        && (holds(b"\"spans\"") || holds(b"\"processes\""));
    let is_new = shape.key("result").is_some_and(|result| result.starts_with == b'{')
        && holds(b"\"resourceSpans\"");
    (is_trace || is_answer || is_new).then(|| "traces with traceID and spans".to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let mut reading = Reading::default();
    for (index, value) in outline::values(without_mark(input.bytes)).enumerate() {
        let raw = match value {
            Ok((_, raw)) => raw,
            // A trace that is cut off: what there is of it goes in.
            Err(_) if index == 0 => without_mark(input.bytes),
            Err(_) => {
                reading.cut();
                break;
            }
        };
        let mut members = outline::members(raw);
        let mut trace = Vec::new();
        while let Some(member) = members.next() {
            let (name, raw, is_cut) = match member {
                Ok((name, raw)) => (name, raw, false),
                Err(_) => match members.unfinished() {
                    Some((name, raw)) => (name, raw, true),
                    None => ("", &b""[..], true),
                },
            };
            match name {
                "data" => reading.traces(raw),
                "result" => otlp::read_result(input, raw, out)?,
                _ => trace.push((name, raw)),
            }
            if is_cut {
                reading.cut();
                break;
            }
        }
        if trace.iter().any(|(name, _)| *name == "spans") {
            reading.trace(&trace);
        }
        if value.is_err() {
            break;
        }
    }
    let Reading { spans, tally, .. } = reading;
    traced::put(input, TRACES.name, spans, tally, out);
    Ok(())
}

#[derive(Default)]
struct Reading {
    spans: Vec<Traced>,
    tally: Tally,
    traces: usize,
}

impl Reading {
    fn cut(&mut self) {
        let number = self.traces;
        self.tally
            .add("the JSON is cut off here; export it again", 1, || format!("/data/{number}"));
    }

    fn traces(&mut self, raw: &[u8]) {
        for element in outline::elements(raw) {
            let Ok(element) = element else { return self.cut() };
            let trace: Vec<(&str, &[u8])> = outline::members(element).flatten().collect();
            self.trace(&trace);
        }
    }

    fn trace(&mut self, members: &[(&str, &[u8])]) {
        let number = self.traces;
        self.traces += 1;
        let part = |name: &str| {
            members.iter().find(|(known, _)| *known == name).map_or(&b"null"[..], |(_, raw)| raw)
        };
        let processes =
            serde_json::from_slice::<Option<BTreeMap<String, Process>>>(part("processes"));
        let processes = match processes {
            Ok(processes) => processes.unwrap_or_default(),
            Err(error) => {
                let reason = format!("cannot be read: {}", json_place(&error).1);
                self.tally.add(&reason, 1, || format!("/data/{number}/processes"));
                BTreeMap::new()
            }
        };
        for (index, raw) in outline::elements(part("spans")).enumerate() {
            let at = || format!("/data/{number}/spans/{index}");
            let Ok(raw) = raw else { return self.cut() };
            let read = serde_json::from_slice::<Span>(raw)
                .map_err(|error| format!("cannot be read: {}", json_place(&error).1))
                .and_then(|span| {
                    traced_of(span, &processes, (number, index)).map_err(str::to_owned)
                });
            match read {
                Ok(span) => self.spans.push(span),
                Err(reason) => self.tally.add(&reason, 1, at),
            }
        }
    }
}

fn traced_of(
    span: Span,
    processes: &BTreeMap<String, Process>,
    place: (usize, usize),
) -> Result<Traced, &'static str> {
    let trace = id_of::<16>(&span.trace_id)
        .ok_or("traceID is not 1 to 32 hexadecimal digits, or all zeros")?;
    let id = id_of::<8>(&span.span_id).ok_or("spanID is not 1 to 16 hexadecimal digits")?;
    let known = span.process_id.as_ref().and_then(|id| processes.get(id));
    let process = span.process.as_ref().or(known).cloned().unwrap_or_default();
    let tags = |tags: Option<Vec<Tag>>| -> Vec<(String, String)> {
        let tags = tags.unwrap_or_default().into_iter();
        tags.filter_map(|tag| Some((tag.key, text_of(&tag.value)?))).collect()
    };
    let parent = parent(&span).and_then(|parent| id_of::<8>(&parent)).unwrap_or_default();
    let mut traced = Traced {
        place,
        trace,
        id,
        parent,
        name: span.operation_name,
        start: micros_of(span.start_time.as_ref()).filter(|start| *start > 0),
        duration: micros_of(span.duration.as_ref()),
        resource: tags(process.tags),
        attributes: tags(span.tags),
        ..Traced::default()
    };
    let host = ["hostname", "host.name", "k8s.pod.name", "ip"];
    let host = host.iter().find_map(|name| {
        traced.resource.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    });
    traced.host = host.unwrap_or_default();
    traced.resource.retain(|(name, _)| name != "service.name");
    if !process.service_name.is_empty() {
        traced.resource.push(("service.name".to_owned(), process.service_name));
    }
    traced.resource.sort();
    traced.kind = traced.attribute("span.kind").map_or(0, kind_of);
    traced.is_error = traced.attribute("error").is_some_and(|error| error != "false")
        || traced.attribute("otel.status_code").is_some_and(|code| code == "ERROR");
    conventions(&mut traced);
    Ok(traced)
}

/// The span that caused it: in the same trace, a child's before a follower's.
fn parent(span: &Span) -> Option<String> {
    let links = span.references.as_deref().unwrap_or_default();
    let of = |kind: &str| {
        let same = |link: &&Link| link.ref_type == kind && is_same(&link.trace_id, &span.trace_id);
        links.iter().find(same).map(|link| link.span_id.clone())
    };
    of("CHILD_OF").or_else(|| of("FOLLOWS_FROM")).or_else(|| span.parent_id.clone())
}

fn is_same(one: &str, other: &str) -> bool {
    one.is_empty() || one.trim_start_matches('0') == other.trim_start_matches('0')
}

fn conventions(span: &mut Traced) {
    for (old, new) in RENAMED {
        if let Some(value) = span.attribute(old).map(str::to_owned) {
            span.default_attribute(new, value);
        }
    }
    if span.attribute("sampler.type") == Some("probabilistic")
        && let Some(share) = span.attribute("sampler.param").map(str::to_owned)
    {
        span.default_attribute("sampling.probability", share);
    }
}
