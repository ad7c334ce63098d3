//! Incidents of a Statuspage as its API gives them (`/api/v2/incidents.json`): impact, components, and
//! the updates that say when it was only watched any more.

use model::Micros;
use model::event::IncidentObservation;
use serde_json::Value;

use super::message::{self, HARMED, LINK, instant, text};
use super::table::status_of;
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::format::named::{self, Around};
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};

/// A page's incidents.
pub const STATUS_PAGE: Format = Format {
    name: "status-page",
    title: "incidents of a Statuspage (JSON)",
    recognise: |input| match Shape::of(input.bytes) {
        shape @ Shape::Json { .. } => {
            let is =
                |name: &str, first| shape.key(name).is_some_and(|key| key.starts_with == first);
            (is("page", b'{') && is("incidents", b'['))
                .then(|| "the keys page and incidents".to_owned())
        }
        _ => None,
    },
    read,
};

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let whole: Value = serde_json::from_slice(without_mark(input.bytes))
        .map_err(|error| EnvelopeError::json(input.name, &error))?;
    let page = text(&whole, &["page", "id"]).unwrap_or("_");
    out.source(&format!("status-page:{page}"));
    let incidents = whole.get("incidents").and_then(Value::as_array);
    for (index, one) in incidents.into_iter().flatten().enumerate() {
        match incident(one, input) {
            Ok(incident) => {
                out.batch().incidents.push(incident);
                if !out.added(1) {
                    break;
                }
            }
            Err(reason) => out.reject(format!("/incidents/{index}"), reason),
        }
    }
    Ok(())
}

fn incident(value: &Value, input: &Input<'_>) -> Result<IncidentObservation, String> {
    let id = text(value, &["id"]).ok_or("id is missing; every incident has one")?;
    let title = text(value, &["name"]).unwrap_or_default();
    let mut incident = message::incident(id.to_owned(), title);
    incident.severity = text(value, &["impact"]).map(str::to_lowercase);
    incident.started_at = instant(value, &["started_at"]);
    let created = instant(value, &["created_at"]);
    match (incident.started_at, created) {
        (None, None) => return Err("neither started_at nor created_at is an instant".to_owned()),
        (None, Some(_)) => incident.detected_at = created,
        (Some(_), Some(at)) => {
            message::label(&mut incident.labels, "created_at", &at.to_string());
        }
        _ => {}
    }
    incident.mitigated_at =
        instant(value, &["monitoring_at"]).or_else(|| first_update(value, "monitoring"));
    incident.resolved_at =
        instant(value, &["resolved_at"]).or_else(|| first_update(value, "resolved"));
    let stated = text(value, &["status"]).unwrap_or_default();
    message::label(&mut incident.labels, "stated_status", stated);
    let by_end = if incident.resolved_at.is_some() { "resolved" } else { "open" };
    status_of(stated).unwrap_or(by_end).clone_into(&mut incident.status);
    message::label(&mut incident.labels, LINK, text(value, &["shortlink"]).unwrap_or_default());
    let components = value.get("components").and_then(Value::as_array);
    let names: Vec<&str> =
        components.into_iter().flatten().filter_map(|one| text(one, &["name"])).collect();
    for name in &names {
        if let Some(reference) = named::reference(name, Around::default(), input.context) {
            message::harm(&mut incident, reference);
        }
    }
    message::names(&mut incident.labels, HARMED, &names);
    Ok(incident)
}

/// When the page first said so.
fn first_update(incident: &Value, status: &str) -> Option<Micros> {
    let updates = incident.get("incident_updates").and_then(Value::as_array)?;
    let said = updates.iter().filter(|one| text(one, &["status"]) == Some(status));
    said.filter_map(|one| instant(one, &["display_at"]).or_else(|| instant(one, &["created_at"])))
        .min()
}
