//! The answer of `incidents/timeline`.

use model::table::{Cell, Table};
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::super::shape::IncidentRow;
use super::super::table::incident_table;

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct IncidentTimelineAnswer {
    /// The incident; null when none is held.
    pub incident: Option<IncidentRow>,
    /// What happened, in order of time; `entries_total` counts all.
    pub entries: Vec<IncidentTimelineEntry>,
    /// Entries before the limit.
    pub entries_total: u64,
    /// Incidents that went on beside it on the same things, and its parts; in order of beginning.
    pub related: Vec<IncidentRow>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IncidentTimelineEntry {
    /// When.
    pub at: Micros,
    /// `incident` (one of its instants), `message` (what was said of it), `change` or `related` (another
    /// incident began or ended).
    pub kind: String,
    /// What happened.
    pub title: String,
    /// Kind of the change, or what the message says.
    pub what: Option<String>,
    /// Id of the change or of the other incident, by its source.
    pub id: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// Where to read more.
    pub link: Option<String>,
    /// For a change: `harmed` (on what was harmed), `neighbour` (one relation away) or `elsewhere`.
    pub nearness: Option<String>,
    /// Names of what was changed or harmed.
    pub entities: Vec<String>,
    /// Whole seconds after the beginning of the incident; below 0 before it.
    pub seconds_after: i64,
}

impl IncidentTimelineAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        let columns = [
            ("at", "At", Cell::Instant, ""),
            ("seconds_after", "After its beginning", Cell::Number, "s"),
            ("kind", "Kind", Cell::Text, ""),
            ("what", "What", Cell::Text, ""),
            ("title", "Title", Cell::Text, ""),
            ("nearness", "Where", Cell::Text, ""),
            ("entities", "Of", Cell::Text, ""),
            ("actor", "Who", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
            ("link", "Link", Cell::Text, ""),
        ];
        let mut entries = Table::new("entries", &columns);
        for one in &self.entries {
            entries.rows.push(vec![
                json!(one.at),
                json!(one.seconds_after),
                json!(one.kind),
                json!(one.what),
                json!(one.title),
                json!(one.nearness),
                json!(one.entities.join(", ")),
                json!(one.actor),
                json!(one.id),
                json!(one.link),
            ]);
        }
        vec![
            incident_table("incident", self.incident.as_slice()),
            entries,
            incident_table("related", &self.related),
        ]
    }
}
