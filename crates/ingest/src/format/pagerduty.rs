//! PagerDuty's webhook (version 3). Each event about an incident is a message: it was triggered,
//! acknowledged, resolved or reopened then. Deliveries come at least once and in any order; the event's
//! id tells them apart, the incident's id brings them together.

mod signature;

use model::event::IncidentObservation;
use serde_json::Value;

use super::Format;
use super::incident::message::{self, HARMED, LINK, TEAM, instant, text};
use super::named::{self, Around};
use crate::error::EnvelopeError;
use crate::input::{Input, Out};
use crate::outline;
use crate::shape::{Shape, without_mark};

pub use signature::is_signed;

/// Events: one, or several one after another.
pub const WEBHOOK: Format = Format {
    name: "pagerduty",
    title: "PagerDuty webhook events, version 3 (JSON)",
    recognise,
    read,
};

/// Where all of it is from: the ids of incidents are unique in an account.
const SOURCE: &str = "pagerduty";

fn recognise(input: &Input<'_>) -> Option<String> {
    let bytes = without_mark(input.bytes);
    let is_object = matches!(Shape::of(bytes), Shape::Json { .. });
    let inner = outline::members(bytes).next().filter(|_| is_object)?.ok()?;
    let shape = Shape::of(inner.1);
    let is_event = inner.0 == "event"
        && ["id", "event_type", "occurred_at", "data"].iter().all(|key| shape.key(key).is_some());
    is_event.then(|| "an event with event_type, occurred_at and data".to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    out.source(SOURCE);
    for (index, one) in outline::values(without_mark(input.bytes)).enumerate() {
        let place = || format!("/{index}/event");
        let Ok((_, raw)) = one else {
            out.reject(place(), "the JSON is cut off; send it again");
            break;
        };
        let value: Value = match serde_json::from_slice(raw) {
            Ok(value) => value,
            Err(error) if index == 0 => return Err(EnvelopeError::json(input.name, &error)),
            Err(error) => {
                out.reject(place(), format!("not valid JSON: {error}"));
                continue;
            }
        };
        match message(value.get("event").unwrap_or(&Value::Null), input) {
            Ok(Some(row)) => {
                out.batch().incidents.push(row);
                if !out.added(1) {
                    break;
                }
            }
            Ok(None) => {}
            Err(reason) => out.reject(place(), reason),
        }
    }
    Ok(())
}

/// The message of one event; `None` when it is about no incident.
fn message(event: &Value, input: &Input<'_>) -> Result<Option<IncidentObservation>, String> {
    let kind = text(event, &["event_type"]).ok_or("event_type is missing; every event has one")?;
    let Some(what) = kind.strip_prefix("incident.") else { return Ok(None) };
    let data = event.get("data").unwrap_or(&Value::Null);
    // Notes, responders and updates have data of their own, which says nothing of the incident.
    if text(data, &["type"]) != Some("incident") {
        return Ok(None);
    }
    let id = text(event, &["id"]).ok_or("id is missing; every event has one")?;
    let at = instant(event, &["occurred_at"]).ok_or("occurred_at is no instant")?;
    let incident = text(data, &["id"]).ok_or("data.id is missing; every incident has one")?;
    let mut row = message::incident(id.to_owned(), text(data, &["title"]).unwrap_or_default());
    message::message(&mut row, incident, what, at);
    // Created is when somebody or something noticed; since when there is harm, nobody says.
    row.detected_at = instant(data, &["created_at"]).or((what == "triggered").then_some(at));
    match what {
        "acknowledged" => row.acknowledged_at = Some(at),
        "resolved" => row.resolved_at = Some(at),
        _ => {}
    }
    row.status = match text(data, &["status"]) {
        Some("acknowledged") => "acknowledged",
        Some("resolved") => "resolved",
        _ => "open",
    }
    .to_owned();
    let severity = text(data, &["priority", "summary"]).or_else(|| text(data, &["urgency"]));
    row.severity = severity.map(str::to_lowercase);
    // Merged into another: that one counts.
    row.parent = text(data, &["resolve_reason", "incident", "id"]).map(str::to_owned);
    described(&mut row, event, data, input);
    Ok(Some(row))
}

fn described(row: &mut IncidentObservation, event: &Value, data: &Value, input: &Input<'_>) {
    let service = text(data, &["service", "summary"]);
    if let Some(name) = service
        && let Some(reference) = named::reference(name, Around::default(), input.context)
    {
        message::harm(row, reference);
    }
    message::names(&mut row.labels, HARMED, service.as_slice());
    let teams = data.get("teams").and_then(Value::as_array);
    let teams: Vec<&str> =
        teams.into_iter().flatten().filter_map(|one| text(one, &["summary"])).collect();
    message::names(&mut row.labels, TEAM, &teams);
    let texts: [(&str, &[&str]); 4] = [
        (LINK, &["html_url"]),
        ("urgency", &["urgency"]),
        ("dedup_key", &["incident_key"]),
        ("escalation_policy", &["escalation_policy", "summary"]),
    ];
    for (name, path) in texts {
        message::label(&mut row.labels, name, text(data, path).unwrap_or_default());
    }
    message::label(
        &mut row.labels,
        "actor",
        text(event, &["agent", "summary"]).unwrap_or_default(),
    );
    if let Some(number) = data.get("number").and_then(Value::as_u64) {
        message::label(&mut row.labels, "number", &number.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::incident::message::{MESSAGE, MESSAGE_AT, MESSAGE_OF};
    use crate::format::incident::tests::read_whole;

    /// In the shape of the examples of PagerDuty's documentation of its webhooks.
    fn event(id: &str, kind: &str, at: &str, status: &str) -> String {
        format!(
            r#"{{"event":{{"id":"{id}","event_type":"{kind}","resource_type":"incident",
            "occurred_at":"{at}","agent":{{"id":"PLH1HKV","summary":"Tenex","type":"user_reference"}},
            "client":null,"data":{{"id":"PGR0VU2","type":"incident","number":2,"status":"{status}",
            "html_url":"https://acme.pagerduty.com/incidents/PGR0VU2","incident_key":"d3640fbd",
            "created_at":"2026-04-09T15:16:27Z","title":"A little bump in the road",
            "service":{{"id":"PF9KMXH","summary":"API Service","type":"service_reference"}},
            "teams":[{{"id":"PFCVPS0","summary":"Engineering","type":"team_reference"}}],
            "priority":{{"id":"PSO75BM","summary":"P1","type":"priority_reference"}},
            "urgency":"high","resolve_reason":null}}}}}}"#
        )
    }

    #[test]
    fn events_are_messages_of_their_incident() {
        let all = [
            event("E1", "incident.triggered", "2026-04-09T15:16:27Z", "triggered"),
            event("E2", "incident.acknowledged", "2026-04-09T15:20:00Z", "acknowledged"),
            event("E3", "incident.resolved", "2026-04-09T16:00:00.5Z", "resolved"),
        ];
        let batch = read_whole(&all.join("\n"));
        assert_eq!((batch.incidents.len(), batch.rejects.len()), (3, 0), "{:?}", batch.rejects);
        let ids: Vec<&str> = batch.incidents.iter().map(|one| one.external_id.as_str()).collect();
        assert_eq!(ids, ["E1", "E2", "E3"]);
        for row in &batch.incidents {
            assert_eq!(row.labels[MESSAGE_OF], "PGR0VU2");
            assert_eq!(row.detected_at.unwrap().to_string(), "2026-04-09T15:16:27Z");
            assert_eq!((row.started_at, row.severity.as_deref()), (None, Some("p1")));
        }
        let [_, acknowledged, resolved] = batch.incidents.as_slice() else { panic!() };
        assert_eq!(acknowledged.acknowledged_at.unwrap().to_string(), "2026-04-09T15:20:00Z");
        assert_eq!(resolved.acknowledged_at, None);
        assert_eq!(resolved.resolved_at.unwrap().to_string(), "2026-04-09T16:00:00.5Z");
        assert_eq!(resolved.labels[MESSAGE], "resolved");
        assert_eq!(resolved.labels[MESSAGE_AT], "2026-04-09T16:00:00.5Z");
        assert_eq!(
            (&*resolved.labels[TEAM], &*resolved.labels[HARMED]),
            ("Engineering", "API Service")
        );
    }

    #[test]
    fn what_is_about_no_incident_is_passed_over() {
        let ping = r#"{"event":{"id":"E9","event_type":"pagey.ping","resource_type":"pagey",
            "occurred_at":"2026-04-09T15:16:27Z","data":{"message":"Hello","type":"ping"}}}"#;
        let note = ping
            .replace("pagey.ping", "incident.annotated")
            .replace("\"ping\"", "\"incident_note\"");
        for text in [ping, &note] {
            let batch = read_whole(text);
            assert_eq!((batch.incidents.len(), batch.rejects.len()), (0, 0));
        }
        let wrong = event("E1", "incident.triggered", "soon", "triggered");
        assert_eq!(read_whole(&wrong).rejects.len(), 1);
    }
}
