//! Incidents, changes, findings, values, budgets and ownership rules as rows: one a key, of two of one batch
//! the one with the greater fingerprint.

use std::collections::BTreeMap;

use model::EntityId;
use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use model::stated::StatedKind;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

/// What the table keeps beside the body.
#[derive(Debug, Default)]
pub struct Columns {
    /// The source's own id.
    pub external_id: String,
    /// Severity, kind or unit.
    pub class: String,
    /// Title.
    pub title: String,
    /// Status.
    pub status: Option<String>,
    /// Instant.
    pub at: Option<i64>,
    /// End.
    pub until: Option<i64>,
    /// How many it stands for.
    pub count: u64,
}

/// One row.
pub struct Row {
    /// What stands beside the body.
    pub columns: Columns,
    /// The whole observation as JSON.
    pub body: String,
    /// Hash of the body.
    pub fingerprint: u64,
    /// Whom it is of.
    pub subjects: Vec<EntityId>,
}

/// Rows by record and key.
pub type Rows = BTreeMap<(&'static str, String), Row>;

/// Every row of a batch.
///
/// # Errors
/// When an observation has no form in JSON.
pub fn rows(write: &TelemetryWrite) -> serde_json::Result<Rows> {
    let mut rows = Rows::new();
    events(&mut rows, write)?;
    findings(&mut rows, write)?;
    stated(&mut rows, write)?;
    Ok(rows)
}

/// The kind of data whose version a record moves.
pub fn kind(record: &str) -> DataKind {
    match record {
        "incident" => DataKind::Incidents,
        "change" => DataKind::Changes,
        "finding" => DataKind::Findings,
        other => {
            let stated = StatedKind::ALL.into_iter().find(|kind| kind.as_str() == other);
            stated.map_or(DataKind::Values, StatedKind::data)
        }
    }
}

/// Puts a row on the list; of two with one key the one with the greater fingerprint stays.
fn put(
    rows: &mut Rows,
    (record, key): (&'static str, String),
    columns: Columns,
    body: &impl Serialize,
    subjects: &[EntityId],
) -> serde_json::Result<()> {
    let body = serde_json::to_string(body)?;
    let fingerprint = xxh3_64(body.as_bytes());
    let row = Row { columns, body, fingerprint, subjects: subjects.to_vec() };
    match rows.get(&(record, key.clone())) {
        Some(held) if held.fingerprint >= fingerprint => {}
        _ => {
            rows.insert((record, key), row);
        }
    }
    Ok(())
}

/// A key of several parts; the separator is in none of them.
fn key(parts: &[&str]) -> String {
    parts.join("\u{1f}")
}

fn events(rows: &mut Rows, write: &TelemetryWrite) -> serde_json::Result<()> {
    let source = &write.input.source;
    for (subjects, incident) in &write.incidents {
        let ended = incident.resolved_at_latest.or(incident.resolved_at);
        let began = incident.started_at.or(incident.detected_at);
        let columns = Columns {
            external_id: incident.external_id.clone(),
            class: incident.severity.clone().unwrap_or_default(),
            title: incident.title.clone(),
            status: Some(incident.status.clone()),
            at: began.or(incident.acknowledged_at).or(ended).map(|at| at.0),
            until: ended.map(|at| at.0),
            count: 1,
        };
        let key = key(&[source, &incident.external_id]);
        put(rows, ("incident", key), columns, incident, subjects)?;
    }
    for (subjects, change) in &write.changes {
        let columns = Columns {
            external_id: change.external_id.clone(),
            class: change.kind.clone(),
            title: change.title.clone(),
            status: None,
            at: Some(change.at.0),
            until: None,
            count: change.count,
        };
        let key = key(&[source, &change.external_id]);
        put(rows, ("change", key), columns, change, subjects)?;
    }
    Ok(())
}

fn findings(rows: &mut Rows, write: &TelemetryWrite) -> serde_json::Result<()> {
    for (subjects, finding) in &write.findings {
        let weakness = finding.weaknesses.first().unwrap_or(&finding.external_id);
        let columns = Columns {
            external_id: finding.external_id.clone(),
            class: finding.severity.clone(),
            title: finding.title.clone(),
            status: Some(finding.status.clone()),
            at: finding.first_seen.or(finding.last_seen).map(|at| at.0),
            until: None,
            count: 1,
        };
        // What was scanned, without the digest of the build: a rebuilt image makes no second row.
        let scanned = finding.labels.get("scan_target").cloned();
        let target = scanned.unwrap_or_else(|| finding.target.label());
        let source = write.input.source.as_str();
        let mut parts = vec![source, weakness.as_str(), finding.package.as_str(), target.as_str()];
        parts.extend(Some(finding.place.as_str()).filter(|place| !place.is_empty()));
        let key = key(&parts);
        put(rows, ("finding", key), columns, finding, subjects)?;
    }
    Ok(())
}

/// Values, budgets and ownership rules.
fn stated(rows: &mut Rows, write: &TelemetryWrite) -> serde_json::Result<()> {
    let source = &write.input.source;
    for (subject, value) in &write.values {
        let (of, currency) = (value.of.label(), value.currency.clone().unwrap_or_default());
        let period = format!("{}/{}", value.from.0, value.to.0);
        let columns = Columns {
            external_id: value.metric.clone(),
            class: value.unit.clone().unwrap_or_default(),
            title: value.metric.clone(),
            at: Some(value.from.0),
            until: Some(value.to.0),
            count: 1,
            ..Columns::default()
        };
        let stated = value.stated_source.as_deref().unwrap_or_default();
        let key = key(&[source, &value.metric, &of, &period, &currency, stated]);
        put(rows, ("value", key), columns, value, &[*subject])?;
    }
    for (subject, budget) in &write.budgets {
        let period = format!("{}/{}", budget.from.0, budget.to.0);
        let basis = format!("{:?}", budget.basis);
        let unit = budget.unit.label();
        let columns = Columns {
            external_id: unit.clone(),
            class: budget.currency.clone(),
            title: unit.clone(),
            at: Some(budget.from.0),
            until: Some(budget.to.0),
            count: 1,
            ..Columns::default()
        };
        let key = key(&[&unit, &period, &budget.currency, &basis]);
        put(rows, ("budget", key), columns, budget, &[*subject])?;
    }
    statements(rows, write)?;
    for rule in &write.ownership {
        let terms = serde_json::to_string(&rule.terms)?;
        let columns = Columns {
            external_id: terms.clone(),
            title: rule.owner.clone().unwrap_or_default(),
            count: 1,
            ..Columns::default()
        };
        put(rows, ("ownership", key(&[source, &terms])), columns, rule, &[])?;
    }
    Ok(())
}

fn statements(rows: &mut Rows, write: &TelemetryWrite) -> serde_json::Result<()> {
    for (subjects, one) in &write.stated {
        let columns = Columns {
            external_id: one.key.clone(),
            title: one.title.clone(),
            at: one.from.map(|at| at.0),
            until: one.to.map(|at| at.0),
            count: 1,
            ..Columns::default()
        };
        let key = key(&[&write.input.source, &one.key]);
        put(rows, (one.kind.as_str(), key), columns, one, subjects)?;
    }
    Ok(())
}
