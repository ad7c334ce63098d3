//! Zipkin v2 JSON: a list of spans, a list of traces, or spans one after another.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Format;
use super::tally::Tally;
use super::traced::{self, Traced, id_of, kind_of, micros_of, text_of};
use crate::error::{EnvelopeError, json_place};
use crate::input::{Input, Out};
use crate::outline;
use crate::shape::{Key, Shape, without_mark};

/// Spans of Zipkin.
pub const SPANS: Format =
    Format { name: "zipkin", title: "Zipkin v2 spans (JSON)", recognise, read };

/// Fields of which a span has at least one beside its ids.
const FIELDS: &[&str] =
    &["localEndpoint", "remoteEndpoint", "timestamp", "duration", "kind", "name", "tags"];

/// Tags in which instrumentations name the destination of a message, and the system.
const DESTINATIONS: &[(&str, &str)] = &[
    ("kafka.topic", "kafka"),
    ("rabbit.queue", "rabbitmq"),
    ("rabbit.exchange", "rabbitmq"),
    ("jms.queue", "jms"),
    ("jms.topic", "jms"),
];

/// Beginnings of tags that tell the system of a database.
const DATABASES: &[(&str, &str)] = &[
    ("cassandra.", "cassandra"),
    ("mongodb.", "mongodb"),
    ("redis.", "redis"),
    ("sql.query", "other_sql"),
];

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Span {
    trace_id: String,
    id: String,
    parent_id: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    timestamp: Option<Value>,
    duration: Option<Value>,
    local_endpoint: Option<Endpoint>,
    remote_endpoint: Option<Endpoint>,
    tags: Option<BTreeMap<String, Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Endpoint {
    service_name: Option<String>,
    ipv4: Option<String>,
    ipv6: Option<String>,
    port: Option<Value>,
}

impl Endpoint {
    fn name(&self) -> Option<&str> {
        self.service_name.as_deref().filter(|name| !name.trim().is_empty())
    }

    fn address(&self) -> Option<&str> {
        self.ipv4.as_deref().or(self.ipv6.as_deref()).filter(|address| !address.is_empty())
    }
}

fn recognise(input: &Input<'_>) -> Option<String> {
    let why = || "spans with traceId and id".to_owned();
    let shape = Shape::of(input.bytes);
    match &shape {
        Shape::Json { keys, .. } => is_span(keys).then(why),
        Shape::JsonArray { keys } if !keys.is_empty() => is_span(keys).then(why),
        Shape::JsonArray { .. } => {
            // A list of traces: the first span stands one level below.
            let bytes = without_mark(input.bytes).trim_ascii_start();
            let inner = bytes.strip_prefix(b"[")?.trim_ascii_start();
            let inner = Shape::of(inner);
            (matches!(inner, Shape::JsonArray { .. }) && is_span(inner.keys())).then(why)
        }
        _ => None,
    }
}

fn is_span(keys: &[Key<'_>]) -> bool {
    let has = |name: &str, starts_with: u8| {
        keys.iter().any(|key| key.name == name && key.starts_with == starts_with)
    };
    let is_other = keys.iter().any(|key| matches!(key.name, "spanId" | "spanID" | "type"));
    let has_field = keys.iter().any(|key| FIELDS.contains(&key.name));
    has("traceId", b'"') && has("id", b'"') && has_field && !is_other
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let mut reading = Reading::default();
    for (index, value) in outline::values(without_mark(input.bytes)).enumerate() {
        match value {
            Ok((_, raw)) => reading.value(raw, index),
            // A list that is cut off: what there is of it goes in.
            Err(_) if index == 0 => reading.value(without_mark(input.bytes), index),
            Err(_) => reading.cut((index, 0)),
        }
    }
    let Reading { spans, tally } = reading;
    traced::put(input, SPANS.name, spans, tally, out);
    Ok(())
}

#[derive(Default)]
struct Reading {
    spans: Vec<Traced>,
    tally: Tally,
}

impl Reading {
    fn value(&mut self, raw: &[u8], index: usize) {
        if raw.trim_ascii_start().first() != Some(&b'[') {
            return self.span(raw, (index, 0));
        }
        for (first, element) in outline::elements(raw).enumerate() {
            let Ok(element) = element else { return self.cut((first, 0)) };
            if element.first() != Some(&b'[') {
                self.span(element, (index, first));
                continue;
            }
            for (second, element) in outline::elements(element).enumerate() {
                let Ok(element) = element else { return self.cut((first, second)) };
                self.span(element, (first, second));
            }
        }
    }

    fn cut(&mut self, (first, second): (usize, usize)) {
        let reason = "the list is cut off here; export it again";
        self.tally.add(reason, 1, || format!("/{first}/{second}"));
    }

    fn span(&mut self, raw: &[u8], place: (usize, usize)) {
        let at = || format!("/{}/{}", place.0, place.1);
        match serde_json::from_slice::<Span>(raw) {
            Ok(span) => match traced_of(span, place) {
                Ok(span) => self.spans.push(span),
                Err(reason) => self.tally.add(reason, 1, at),
            },
            Err(error) => {
                let reason = json_place(&error).1;
                self.tally.add(&format!("cannot be read: {reason}"), 1, at);
            }
        }
    }
}

fn traced_of(span: Span, place: (usize, usize)) -> Result<Traced, &'static str> {
    let trace = id_of::<16>(&span.trace_id)
        .ok_or("traceId is not 16 or 32 hexadecimal digits, or all zeros")?;
    let id = id_of::<8>(&span.id).ok_or("id is not 16 hexadecimal digits, or all zeros")?;
    let parent = match span.parent_id.as_deref().filter(|parent| !parent.is_empty()) {
        Some(parent) => id_of::<8>(parent).ok_or("parentId is not 16 hexadecimal digits")?,
        None => [0; 8],
    };
    let local = span.local_endpoint.unwrap_or_default();
    let mut traced = Traced {
        place,
        trace,
        id,
        parent,
        kind: span.kind.as_deref().map_or(0, kind_of),
        name: span.name.unwrap_or_default(),
        start: micros_of(span.timestamp.as_ref()).filter(|start| *start > 0),
        duration: micros_of(span.duration.as_ref()),
        host: local.address().unwrap_or_default().to_owned(),
        ..Traced::default()
    };
    if let Some(name) = local.name() {
        traced.resource.push(("service.name".to_owned(), name.to_owned()));
    }
    let tags = span.tags.unwrap_or_default();
    traced
        .attributes
        .extend(tags.iter().filter_map(|(name, value)| Some((name.clone(), text_of(value)?))));
    // A tag `error` is there when something failed, whatever it says.
    traced.is_error = traced.attribute("error").is_some_and(|error| error != "false");
    conventions(&mut traced);
    far_end(&mut traced, &local, &span.remote_endpoint.unwrap_or_default());
    if let Some(address) = local.address() {
        traced.default_attribute("network.local.address", address);
    }
    Ok(traced)
}

/// Tags of Zipkin's instrumentations under the names of OpenTelemetry's conventions.
fn conventions(span: &mut Traced) {
    let known = DESTINATIONS.iter().find_map(|(tag, system)| {
        let destination = span.attribute(tag).filter(|destination| !destination.is_empty())?;
        Some((destination.to_owned(), *system))
    });
    if let Some((destination, system)) = known {
        span.default_attribute("messaging.destination.name", destination);
        span.default_attribute("messaging.system", system);
    }
    let database = DATABASES
        .iter()
        .find(|(beginning, _)| span.attributes.iter().any(|(name, _)| name.starts_with(beginning)));
    if let Some((_, system)) = database {
        span.default_attribute("db.system", *system);
    }
}

/// What a caller calls; for a callee the address of who called.
fn far_end(span: &mut Traced, local: &Endpoint, remote: &Endpoint) {
    if span.is_callee() && span.attribute("messaging.destination.name").is_none() {
        if let Some(address) = remote.address() {
            span.default_attribute("client.address", address);
        }
        return;
    }
    // Some clients name the far end as they name themselves.
    if let Some(name) = remote.name().filter(|name| Some(*name) != local.name()) {
        span.default_attribute("peer.service", name);
    }
    if let Some(address) = remote.address() {
        span.default_attribute("server.address", address);
        if let Some(port) = remote.port.as_ref().and_then(text_of).filter(|port| port != "0") {
            span.default_attribute("server.port", port);
        }
    }
}
