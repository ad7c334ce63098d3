//! Messages about incidents. A sender that tells of an incident in several messages never repeats all
//! it said: each message is a row of its own, found again by the labels below, and the answers put the
//! rows together. So no message can take away what another one said, in whatever order they come.

use model::entity::Labels;
use model::event::IncidentObservation;
use model::{Micros, Reference};
use serde_json::Value;

pub use model::event::{EPISODE_OF, HARMED, LINK, MESSAGE, MESSAGE_AT, MESSAGE_OF, TEAM};

/// Bytes of one label's value that are kept.
const VALUE_BYTES: usize = 1_000;
/// Labels of one row that are kept.
const LABELS_MAX: usize = 64;

/// An incident with nothing but its id and title.
pub fn incident(external_id: String, title: &str) -> IncidentObservation {
    let title = if title.trim().is_empty() { external_id.as_str() } else { title.trim() };
    IncidentObservation {
        title: shortened(title),
        external_id,
        severity: None,
        status: "open".to_owned(),
        started_at: None,
        detected_at: None,
        acknowledged_at: None,
        mitigated_at: None,
        resolved_at: None,
        resolved_at_latest: None,
        entities: Vec::new(),
        parent: None,
        cause: None,
        labels: Labels::new(),
    }
}

/// Sets a label, unless the value is empty.
pub fn label(labels: &mut Labels, name: &str, value: &str) {
    let value = value.trim();
    if !value.is_empty() && (labels.len() < LABELS_MAX || labels.contains_key(name)) {
        labels.insert(name.to_owned(), shortened(value));
    }
}

/// Says that the row is a message about `incident`.
pub fn message(row: &mut IncidentObservation, incident: &str, what: &str, at: Micros) {
    label(&mut row.labels, MESSAGE_OF, incident);
    label(&mut row.labels, MESSAGE, what);
    label(&mut row.labels, MESSAGE_AT, &at.to_string());
}

/// Names as the source gives them, in order, each once.
pub fn names(labels: &mut Labels, name: &str, all: &[&str]) {
    let mut once: Vec<&str> = Vec::new();
    for one in all.iter().map(|one| one.trim()).filter(|one| !one.is_empty()) {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    label(labels, name, &once.join("|"));
}

/// Adds what was harmed, each once.
pub fn harm(row: &mut IncidentObservation, reference: Reference) {
    if !row.entities.contains(&reference) {
        row.entities.push(reference);
    }
}

/// The text at a path of keys.
pub fn text<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    let found = path.iter().try_fold(value, |value, key| value.get(key))?;
    found.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The instant at a path of keys, if it is one that is believed: tools write year 1 for "not yet".
pub fn instant(value: &Value, path: &[&str]) -> Option<Micros> {
    let at = crate::instant::civil(text(value, path)?)?;
    (crate::instant::is_plausible(at) && at.0 > 0).then_some(at)
}

fn shortened(text: &str) -> String {
    let mut text = text.to_owned();
    if text.len() > VALUE_BYTES {
        text.truncate(text.floor_char_boundary(VALUE_BYTES));
        text.push('…');
    }
    text
}
