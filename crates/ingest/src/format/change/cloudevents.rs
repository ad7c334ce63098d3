//! CloudEvents 1.0 as changes: structured and batched JSON, the binary mode of HTTP made structured by
//! who receives it. CDEvents are CloudEvents whose data name subject, environment and artifact; those
//! about incidents are messages about incidents.

use std::collections::BTreeMap;

use model::entity::Labels;
use model::event::{ChangeObservation, IncidentObservation};
use serde_json::Value;

use super::kind_of;
use crate::error::{EnvelopeError, json_place};
use crate::format::Format;
use crate::format::incident::message::{self, HARMED, LINK, instant, text};
use crate::format::named::{self, Around};
use crate::input::{Input, Out};
use crate::outline;
use crate::shape::{Shape, without_mark};

/// Events: one, several one after another, or a list.
pub const EVENTS: Format = Format {
    name: "cloudevents",
    title: "CloudEvents 1.0 as changes, CDEvents among them (JSON)",
    recognise: |input| {
        let shape = Shape::of(input.bytes);
        let is_one = ["specversion", "id", "type", "source"]
            .iter()
            .all(|name| shape.key(name).is_some_and(|key| key.starts_with == b'"'));
        is_one.then(|| "the attributes specversion, id, type and source".to_owned())
    },
    read,
};

/// Prefix of the types of CDEvents.
const CDEVENTS: &str = "dev.cdevents.";
/// Attributes that are fields of a change, not labels.
const ATTRIBUTES: &[&str] = &["specversion", "id", "source", "time", "data", "data_base64"];
/// Data below this many keys is not looked at.
const DEPTH_MAX: usize = 4;

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let bytes = without_mark(input.bytes);
    let is_batch = bytes.trim_ascii_start().first() == Some(&b'[');
    let parts: Vec<Result<&[u8], usize>> = if is_batch {
        outline::elements(bytes).map(|one| one.map_err(|cut| cut.at)).collect()
    } else {
        outline::values(bytes).map(|one| one.map(|(_, raw)| raw).map_err(|cut| cut.at)).collect()
    };
    let mut events: BTreeMap<String, Vec<(usize, Value)>> = BTreeMap::new();
    for (index, raw) in parts.into_iter().enumerate() {
        let raw = raw.unwrap_or(if index == 0 { bytes } else { b"" });
        match serde_json::from_slice::<Value>(raw) {
            Ok(value) => {
                let source = text(&value, &["source"]).unwrap_or_default().to_owned();
                events.entry(source).or_default().push((index, value));
            }
            Err(error) if index == 0 && !is_batch => {
                return Err(EnvelopeError::json(input.name, &error));
            }
            Err(error) => out.reject(format!("/{index}"), json_place(&error).1),
        }
    }
    // A batch has one source: events of one are put out together.
    for (source, events) in events {
        out.regard(&format!("cloudevents:{source}"), None);
        for (index, event) in events {
            match put(&event, input, out) {
                Ok(()) => {
                    if !out.added(1) {
                        return Ok(());
                    }
                }
                Err(reason) => out.reject(format!("/{index}"), reason),
            }
        }
    }
    Ok(())
}

/// Puts out what one event says.
fn put(event: &Value, input: &Input<'_>, out: &mut Out<'_>) -> Result<(), String> {
    let attribute = |name: &str| {
        text(event, &[name]).ok_or_else(|| format!("{name} is missing; every CloudEvent has one"))
    };
    if !attribute("specversion")?.starts_with("1.") {
        return Err("specversion is not 1.0, the only one that is read".to_owned());
    }
    attribute("source")?;
    let (id, kind) = (attribute("id")?, attribute("type")?);
    let what = kind.strip_prefix(CDEVENTS).and_then(|rest| rest.strip_prefix("incident."));
    match what {
        Some(what) => {
            let row = incident(event, id, what, input)?;
            out.batch().incidents.push(row);
        }
        None => {
            let change = change(event, id, kind, input)?;
            out.batch().changes.push(change);
        }
    }
    Ok(())
}

/// The first text at one of these paths below `data`.
fn said<'e>(event: &'e Value, paths: &[&[&str]]) -> Option<&'e str> {
    let data = event.get("data")?;
    paths.iter().find_map(|path| text(data, path))
}

/// When it happened, and not when it was sent.
fn at(event: &Value) -> Result<model::Micros, String> {
    let data = event.get("data").unwrap_or(&Value::Null);
    instant(event, &["time"])
        .or_else(|| instant(data, &["context", "timestamp"]))
        .or_else(|| instant(data, &["timestamp"]))
        .ok_or_else(|| "time is missing or no instant; every change has one".to_owned())
}

fn change(
    event: &Value,
    id: &str,
    kind: &str,
    input: &Input<'_>,
) -> Result<ChangeObservation, String> {
    let at = at(event)?;
    let stated = said(event, &[&["kind"], &["change_type"], &["changeType"]]);
    let word = stated.and_then(kind_of).or_else(|| kind_of(kind));
    let names = names(event);
    let mut labels = labels(event);
    message::names(&mut labels, HARMED, &names);
    let around = around(event);
    let mut entities = Vec::new();
    for reference in names.iter().filter_map(|name| named::reference(name, around, input.context)) {
        if !entities.contains(&reference) {
            entities.push(reference);
        }
    }
    let title = said(event, &[&["title"], &["summary"], &["message"], &["description"]]);
    let plain = kind.strip_prefix(CDEVENTS).unwrap_or(kind);
    let title = title.map_or_else(|| format!("{plain} {}", names.join(", ")), str::to_owned);
    let link = said(event, &[&["link"], &["url"], &["html_url"], &["subject", "content", "uri"]]);
    let who: &[&[&str]] = &[
        &["actor"],
        &["who"],
        &["user"],
        &["author"],
        &["initiator"],
        &["actor", "name"],
        &["user", "name"],
        &["customData", "actor"],
    ];
    let actor = text(event, &["actor"]).or_else(|| said(event, who));
    Ok(ChangeObservation {
        external_id: id.to_owned(),
        kind: word.unwrap_or(stated.unwrap_or(plain)).to_owned(),
        title: title.trim().to_owned(),
        at,
        actor: actor.map(str::to_owned),
        link: link.map(str::to_owned),
        entities,
        count: 1,
        labels,
    })
}

/// What was altered, by every name that the event gives.
fn names(event: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    let data = event.get("data").unwrap_or(&Value::Null);
    for key in ["entity", "service", "application", "app", "workload", "resource", "component"] {
        let value = data.get(key);
        let one = value.and_then(Value::as_str).or_else(|| text(data, &[key, "name"]));
        names.extend(one.or_else(|| text(data, &[key, "id"])));
    }
    for key in ["entities", "services", "resources"] {
        let list = data.get(key).and_then(Value::as_array).into_iter().flatten();
        names.extend(list.filter_map(Value::as_str));
    }
    names.extend(text(data, &["subject", "id"]).map(short));
    names.extend(text(data, &["subject", "content", "service", "id"]).map(short));
    if names.is_empty() {
        names.extend(text(event, &["subject"]));
    }
    let mut once: Vec<&str> = Vec::new();
    for name in names.into_iter().map(str::trim).filter(|name| !name.is_empty()) {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

/// CDEvents ids of services are paths (`/namespaces/shop/checkout`): the last part names it.
fn short(id: &str) -> &str {
    if id.contains("://") || id.starts_with("arn:") || !id.starts_with('/') {
        return id;
    }
    id.rsplit('/').find(|part| !part.is_empty()).unwrap_or(id)
}

fn around(event: &Value) -> Around<'_> {
    let environment: &[&[&str]] = &[
        &["environment"],
        &["env"],
        &["environment", "name"],
        &["environment", "id"],
        &["subject", "content", "environment", "name"],
        &["subject", "content", "environment", "id"],
    ];
    Around {
        environment: said(event, environment).map(short),
        namespace: said(event, &[&["namespace"]]),
        cluster: said(event, &[&["cluster"]]),
    }
}

/// Everything else that is kept: attributes, and what the data say in texts, numbers and flags.
fn labels(event: &Value) -> Labels {
    let mut labels = Labels::new();
    for (name, value) in event.as_object().into_iter().flatten() {
        if !ATTRIBUTES.contains(&name.as_str()) {
            leaf(&mut labels, name, value);
        }
    }
    if let Some(data) = event.get("data") {
        flatten(&mut labels, "data", data, 0);
    }
    labels
}

fn flatten(labels: &mut Labels, path: &str, value: &Value, depth: usize) {
    match value {
        Value::Object(map) if depth < DEPTH_MAX => {
            for (name, value) in map {
                flatten(labels, &format!("{path}.{name}"), value, depth + 1);
            }
        }
        _ => leaf(labels, path, value),
    }
}

fn leaf(labels: &mut Labels, name: &str, value: &Value) {
    match value {
        Value::String(text) => message::label(labels, name, text),
        Value::Number(number) => message::label(labels, name, &number.to_string()),
        Value::Bool(flag) => message::label(labels, name, &flag.to_string()),
        _ => {}
    }
}

/// `incident.detected`, `incident.reported` and `incident.resolved` of CDEvents.
fn incident(
    event: &Value,
    id: &str,
    what: &str,
    input: &Input<'_>,
) -> Result<IncidentObservation, String> {
    let at = at(event)?;
    let what = what.split('.').next().unwrap_or(what);
    let subject = said(event, &[&["subject", "id"]]).or_else(|| text(event, &["subject"]));
    let incident = subject.ok_or("data.subject.id is missing; every incident has one")?;
    let title = said(event, &[&["subject", "content", "description"], &["description"]]);
    let mut row = message::incident(id.to_owned(), title.unwrap_or(incident));
    message::message(&mut row, incident, what, at);
    match what {
        "detected" => row.detected_at = Some(at),
        "resolved" => row.resolved_at = Some(at),
        _ => {}
    }
    row.status = if what == "resolved" { "resolved" } else { "open" }.to_owned();
    let harmed = said(event, &[&["subject", "content", "service", "id"], &["service"]]).map(short);
    if let Some(name) = harmed
        && let Some(reference) = named::reference(name, around(event), input.context)
    {
        message::harm(&mut row, reference);
    }
    message::names(&mut row.labels, HARMED, harmed.as_slice());
    let link = said(event, &[&["subject", "content", "ticketURI"], &["link"]]);
    message::label(&mut row.labels, LINK, link.unwrap_or_default());
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::incident::message::{MESSAGE, MESSAGE_OF};
    use crate::format::incident::tests::read_whole;

    #[test]
    fn a_structured_event_is_a_change() {
        let batch = read_whole(
            r#"{"specversion":"1.0","id":"A-1","source":"/ci/shop","type":"com.example.deployment.finished",
            "time":"2026-09-01T10:00:00+02:00","subject":"ignored, data say it better","team":"shop",
            "data":{"service":"checkout","environment":"production","namespace":"shop","version":"1.2.3",
            "actor":"mina","link":"https://ci/1","nested":{"deep":true}}}"#,
        );
        assert_eq!(batch.rejects, []);
        assert_eq!(batch.input.source, "cloudevents:/ci/shop");
        let change = &batch.changes[0];
        assert_eq!((&*change.external_id, &*change.kind), ("A-1", "deployment"));
        assert_eq!(change.at.to_string(), "2026-09-01T08:00:00Z");
        assert_eq!(
            (change.actor.as_deref(), change.link.as_deref()),
            (Some("mina"), Some("https://ci/1"))
        );
        assert_eq!(change.entities[0].label(), "service://production/shop/checkout");
        assert_eq!(&*change.labels["data.version"], "1.2.3");
        assert_eq!(&*change.labels["data.nested.deep"], "true");
        assert_eq!(&*change.labels["team"], "shop");
    }

    #[test]
    fn a_batch_keeps_sources_apart_and_bad_events_out() {
        let batch = read_whole(
            r#"[{"specversion":"1.0","id":"1","source":"a","type":"flag.changed","time":"2026-09-01T10:00:00Z",
                 "subject":"cart"},
                {"specversion":"1.0","id":"2","source":"a","type":"x.scaled","subject":"cart"},
                {"specversion":"0.3","id":"3","source":"a","type":"x","time":"2026-09-01T10:00:00Z"},
                {"specversion":"1.0","id":"4","source":"a","type":"acme.thing","time":"2026-09-01T10:00:00Z"}]"#,
        );
        let kinds: Vec<&str> = batch.changes.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, ["flag", "acme.thing"]);
        let places: Vec<&str> = batch.rejects.iter().map(|one| one.location.as_str()).collect();
        assert_eq!(places, ["/1", "/2"]);
    }

    #[test]
    fn cdevents_name_subject_and_environment() {
        // In the shape of the examples of the CDEvents specification.
        let deployed = r#"{"specversion":"1.0","id":"271069a8","source":"/event/source/123",
            "type":"dev.cdevents.service.deployed.0.2.0","time":"2026-03-20T14:27:05Z",
            "data":{"context":{"version":"0.4.1","id":"271069a8","source":"/event/source/123",
              "type":"dev.cdevents.service.deployed.0.2.0","timestamp":"2026-03-20T14:27:05Z"},
            "subject":{"id":"/namespaces/shop/checkout","source":"/event/source/123","type":"service",
              "content":{"environment":{"id":"production"},"artifactId":"pkg:oci/checkout@sha256%3A0b31"}}}}"#;
        let batch = read_whole(deployed);
        let change = &batch.changes[0];
        assert_eq!(
            (&*change.kind, &*change.title),
            ("deployment", "service.deployed.0.2.0 checkout")
        );
        assert_eq!(
            change.entities[0].candidates[0].all[0].as_str(),
            "service://production/_/checkout"
        );
        let incident = deployed
            .replace("service.deployed.0.2.0", "incident.detected.0.2.0")
            .replace("/namespaces/shop/checkout", "incident-123")
            .replace("\"artifactId\"", "\"service\":{\"id\":\"checkout\"},\"artifactId\"");
        let batch = read_whole(&incident);
        let row = &batch.incidents[0];
        assert_eq!((&*row.labels[MESSAGE_OF], &*row.labels[MESSAGE]), ("incident-123", "detected"));
        assert_eq!(row.detected_at.unwrap().to_string(), "2026-03-20T14:27:05Z");
        assert_eq!((&*row.labels[HARMED], row.entities.len()), ("checkout", 1));
    }
}
