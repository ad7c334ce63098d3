//! Incidents as CSV: what ticket and status-page tools export, or what somebody keeps by hand.

use model::event::IncidentObservation;

use super::message::{self, HARMED, LINK, TEAM};
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::format::event_table::{self, Field, Refusal, Row, has, list};
use crate::format::named::{self, Around};
use crate::input::{Input, Out};

/// A table of incidents.
pub const CSV: Format = Format {
    name: "incident-csv",
    title: "incident and status-page tables (CSV)",
    recognise,
    read,
};

/// Fields and their columns.
const FIELDS: &[Field] = &[
    ("id", &["id", "incident_id", "incident", "incident_number", "number", "issue_key", "key"]),
    ("title", &["title", "name", "summary", "short_description", "subject", "description"]),
    ("severity", &["severity", "impact", "priority", "urgency"]),
    ("status", &["status", "state"]),
    (
        "started",
        &[
            "started_at",
            "started",
            "start",
            "start_time",
            "start_at",
            "began_at",
            "began",
            "impact_start",
            "impact_started_at",
            "outage_start",
            "harm_started_at",
        ],
    ),
    (
        "detected",
        &["detected_at", "detected", "detection_time", "alerted_at", "triggered_at", "reported_at"],
    ),
    ("created", &["created_at", "created", "created_on", "opened_at", "opened", "sys_created_on"]),
    (
        "acknowledged",
        &[
            "acknowledged_at",
            "acknowledged",
            "acknowledged_on",
            "ack_at",
            "acked_at",
            "responded_at",
        ],
    ),
    ("mitigated", &["mitigated_at", "mitigated", "monitoring_at", "stabilized_at", "fixed_at"]),
    (
        "resolved",
        &[
            "resolved_at",
            "last_seen_open_at",
            "resolved",
            "resolved_on",
            "ended_at",
            "ended",
            "end",
            "end_time",
            "end_at",
            "impact_end",
            "outage_end",
            "closed_at",
            "closed",
        ],
    ),
    ("resolved_latest", &["resolved_at_latest", "first_seen_gone_at", "ended_at_latest"]),
    (
        "entities",
        &[
            "entities",
            "entity",
            "services",
            "service",
            "service_name",
            "components",
            "component",
            "affected",
            "affected_services",
            "affected_components",
            "systems",
            "application",
            "cmdb_ci",
        ],
    ),
    ("team", &["team", "teams", "owner", "owning_team", "assignment_group", "responder_team"]),
    ("parent", &["parent", "parent_id", "parent_incident"]),
    ("cause", &["cause", "root_cause", "cause_code"]),
    ("link", &["link", "url", "shortlink", "html_url"]),
    ("source", &["source"]),
    ("environment", &["environment", "env"]),
    ("cluster", &["cluster"]),
    ("namespace", &["namespace"]),
];

/// Columns that only a status page's watcher writes.
const PAGE: &[&str] = &["last_seen_open_at", "first_seen_gone_at", "monitoring_at", "shortlink"];

fn recognise(input: &Input<'_>) -> Option<String> {
    let names = event_table::header(input.bytes);
    let has = |field: &str| has(&names, FIELDS, field);
    let has_begin = has("started") || has("detected") || has("created");
    let has_end = has("resolved") || has("resolved_latest") || has("acknowledged");
    // A number with a start and an end alone may be anything that lasts.
    let is_incident = has("severity") || has("status") || has("acknowledged") || has("cause");
    let is_other = ["metric", "value", "amount", "cost"]
        .iter()
        .any(|one| names.iter().any(|name| name == one));
    let is_one = has("id") && has_begin && has_end && is_incident && !is_other;
    is_one.then(|| {
        let what = if is_page(&names) { "a status page" } else { "incidents" };
        format!("it has the columns of a table of {what}")
    })
}

fn is_page(names: &[String]) -> bool {
    names.iter().filter(|name| PAGE.contains(&name.as_str())).count() >= 2
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let source =
        if is_page(&event_table::header(input.bytes)) { "status-page" } else { "incident-csv" };
    out.source(source);
    event_table::read(input, FIELDS, out, &mut |row, out| {
        let incident = incident(row, input)?;
        let stated = row.cell("source").map(|name| format!("incident-csv:{name}"));
        out.regard(stated.as_deref().unwrap_or(source), None);
        out.batch().incidents.push(incident);
        out.added(1);
        Ok(())
    })
}

fn incident(row: &Row<'_>, input: &Input<'_>) -> Result<IncidentObservation, Refusal> {
    let id = row
        .cell("id")
        .ok_or_else(|| (row.place("id"), "the cell is empty; a value is required".to_owned()))?;
    let mut incident = message::incident(id.to_owned(), row.cell("title").unwrap_or_default());
    incident.severity = row.cell("severity").map(str::to_lowercase);
    incident.started_at = row.instant("started")?;
    incident.detected_at = row.instant("detected")?;
    incident.acknowledged_at = row.instant("acknowledged")?;
    incident.mitigated_at = row.instant("mitigated")?;
    incident.resolved_at = row.instant("resolved")?;
    incident.resolved_at_latest = row.instant("resolved_latest")?;
    let created = row.instant("created")?;
    if incident.started_at.is_none() && incident.detected_at.is_none() {
        // When it was entered is when somebody knew; when harm began, nobody says.
        incident.detected_at = created;
    } else if let Some(at) = created {
        message::label(&mut incident.labels, "created_at", &at.to_string());
    }
    if incident.started_at.is_none() && incident.detected_at.is_none() {
        let reason = "no start, detection or creation is given; one is required".to_owned();
        return Err((row.place("started_at"), reason));
    }
    order_of_end(row, &mut incident)?;
    incident.status = status(row.cell("status"), &mut incident).to_owned();
    incident.parent = row.cell("parent").map(str::to_owned);
    incident.cause = row.cell("cause").map(str::to_owned);
    described(row, &mut incident, input);
    Ok(incident)
}

/// An end that is only known to lie before an instant has no earlier bound of its own.
fn order_of_end(row: &Row<'_>, incident: &mut IncidentObservation) -> Result<(), Refusal> {
    match (incident.resolved_at, incident.resolved_at_latest) {
        (Some(earliest), Some(latest)) if latest < earliest => {
            let reason = format!("the end's later bound {latest} is before the earlier {earliest}");
            Err((row.place("resolved_at_latest"), reason))
        }
        (Some(earliest), Some(latest)) if latest == earliest => {
            incident.resolved_at_latest = None;
            Ok(())
        }
        // Between its beginning and then: nothing more is known.
        (None, Some(_)) => {
            incident.resolved_at = incident.started_at.or(incident.detected_at);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn status(stated: Option<&str>, incident: &mut IncidentObservation) -> &'static str {
    let word = stated.map(str::to_lowercase).unwrap_or_default();
    if !word.is_empty() {
        message::label(&mut incident.labels, "stated_status", &word);
    }
    let by_instants = if incident.resolved_at.is_some() {
        "resolved"
    } else if incident.mitigated_at.is_some() {
        "mitigated"
    } else if incident.acknowledged_at.is_some() {
        "acknowledged"
    } else {
        "open"
    };
    status_of(&word).unwrap_or(by_instants)
}

/// Our word for a status that tools write.
pub(super) fn status_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "resolved" | "closed" | "done" | "completed" | "complete" | "fixed" | "postmortem"
        | "canceled" | "cancelled" => "resolved",
        "mitigated" | "monitoring" | "stable" => "mitigated",
        "acknowledged" | "ack" | "assigned" => "acknowledged",
        "open" | "opened" | "new" | "triggered" | "firing" | "active" | "investigating"
        | "identified" | "in progress" | "in_progress" | "ongoing" => "open",
        _ => return None,
    })
}

fn described(row: &Row<'_>, incident: &mut IncidentObservation, input: &Input<'_>) {
    let around = Around {
        environment: row.cell("environment"),
        namespace: row.cell("namespace"),
        cluster: row.cell("cluster"),
    };
    let harmed = row.cell("entities").map(list).unwrap_or_default();
    for name in &harmed {
        if let Some(reference) = named::reference(name, around, input.context) {
            message::harm(incident, reference);
        }
    }
    message::names(&mut incident.labels, HARMED, &harmed);
    let teams = row.cell("team").map(list).unwrap_or_default();
    message::names(&mut incident.labels, TEAM, &teams);
    for (name, field) in [(LINK, "link"), ("environment", "environment")] {
        message::label(&mut incident.labels, name, row.cell(field).unwrap_or_default());
    }
    for (name, cell) in row.others() {
        message::label(&mut incident.labels, name, cell);
    }
}
