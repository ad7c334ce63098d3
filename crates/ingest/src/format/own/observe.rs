//! A row as an observation, or why it is none.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::str::FromStr;

use model::entity::{Labels, RelationObservation};
use model::event::{ChangeObservation, IncidentObservation};
use model::finding::FindingObservation;
use model::kind::{Confidence, NeedSource};
use model::reference::Claim;
use model::series::{Point, SeriesObservation, SeriesType};
use model::{AliasKey, EntityKind, EntityObservation, Micros, Reference, Scope};

use super::row::{LabelValue, Row, TYPES, Text};
use crate::key;

/// What a row says, with who says it and when it was true.
pub struct Observed {
    /// The source, empty when the row names none.
    pub source: String,
    /// When it was true, if the row says so.
    pub observed_at: Option<Micros>,
    /// What it says.
    pub what: What,
}

/// One observation.
pub enum What {
    /// A row of type `entity`.
    Entity(Box<EntityObservation>),
    /// A row of type `relation`.
    Relation(Box<RelationObservation>),
    /// A row of type `incident`.
    Incident(Box<IncidentObservation>),
    /// A row of type `change`.
    Change(Box<ChangeObservation>),
    /// A row of type `finding`.
    Finding(Box<FindingObservation>),
    /// A row of type `sample`.
    Sample(Box<SeriesObservation>),
}

/// The observation, or the reason why the row is none.
pub fn observe(mut row: Row<'_>) -> Result<Observed, String> {
    let source = row.source.take().map(|source| source.0.into_owned()).unwrap_or_default();
    let observed_at = row.observed_at;
    let row_type = row.row_type.take();
    let what = match row_type.as_ref().map(Text::as_str) {
        Some("entity") => What::Entity(Box::new(entity(row)?)),
        Some("relation") => What::Relation(Box::new(relation(row)?)),
        Some("incident") => What::Incident(Box::new(incident(row)?)),
        Some("change") => What::Change(Box::new(change(row)?)),
        Some("finding") => What::Finding(Box::new(finding(row)?)),
        Some("sample") => What::Sample(Box::new(sample(row)?)),
        Some(other) => {
            return Err(format!("type `{other}` is not known; known are {}", TYPES.join(", ")));
        }
        None => return Err(format!("type is missing; it is one of {}", TYPES.join(", "))),
    };
    Ok(Observed { source, observed_at, what })
}

/// A text that must be there.
fn needed<T: AsRef<str>>(text: Option<T>, name: &str, of: &str) -> Result<T, String> {
    text.filter(|text| !text.as_ref().is_empty())
        .ok_or_else(|| format!("{name} is missing; every {of} has one"))
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A word of the model.
fn word<T: FromStr>(text: Option<&Text<'_>>, name: &str, missing: T) -> Result<T, String> {
    let Some(text) = text.filter(|text| !text.0.is_empty()) else { return Ok(missing) };
    let lower = text.as_str();
    lower.parse().map_err(|_error| {
        format!("{name} `{lower}` is not known; docs/formats/own.md lists what is")
    })
}

fn entity(row: Row<'_>) -> Result<EntityObservation, String> {
    let id = needed(row.id, "id", "entity")?;
    let kind = needed(row.kind, "kind", "entity")?;
    let kind = word(Some(&kind), "kind", EntityKind::Unknown)?;
    let name = row.name.filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| last_part(id.as_str()).to_owned());
    let key = image_by_digest(id.as_str()).unwrap_or_else(|| id.as_str().into());
    let mut entity = EntityObservation::new(key, kind, name);
    entity.scope = row.scope.unwrap_or_default();
    entity.labels = labels(row.labels);
    entity.properties = row.properties.unwrap_or_default();
    entity.created_at = row.valid_from;
    entity.ended_at = row.ended_at.or(row.valid_to);
    entity.incarnation = row.incarnation;
    if entity.id.as_str() != id.as_str() {
        // Found by what the row calls it, too, and one with what former versions kept under that id.
        entity.claims.push(Claim::alias(id.as_str(), entity.id.clone()));
    }
    for alias in row.aliases.unwrap_or_default() {
        if let Some(key) = alias_key(alias.as_str(), &entity.scope)
            && key != entity.id
        {
            entity.claims.push(Claim::alias(key, entity.id.clone()));
        }
    }
    Ok(entity)
}

fn last_part(id: &str) -> &str {
    id.rsplit(['/', ':']).find(|part| !part.is_empty()).unwrap_or(id)
}

fn labels(labels: Option<BTreeMap<String, LabelValue>>) -> Labels {
    labels.unwrap_or_default().into_iter().map(|(name, value)| (name, value.into_text())).collect()
}

/// Schemes of keys that are written in full.
const SCHEMES: &[&str] = &[
    "arn:",
    "aws:",
    "uid:",
    "id:",
    "endpoint:",
    "host:",
    "address:",
    "service-name:",
    "cluster-name:",
    "unit:",
];

/// The key of an alias: a key written in full, a uid, `host:port`, an address (only within a cluster),
/// else a bare id.
fn alias_key(alias: &str, scope: &Scope) -> Option<AliasKey> {
    let is_key = alias.contains("://") || SCHEMES.iter().any(|scheme| alias.starts_with(scheme));
    if is_key {
        return Some(alias.into());
    }
    if alias.parse::<Ipv4Addr>().is_ok() {
        return scope.cluster.as_deref().map(|cluster| key::address(cluster, alias));
    }
    let is_uid = alias.len() == 36
        && alias.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_uid {
        return Some(key::uid(alias));
    }
    if let Some((host, port)) = alias.rsplit_once(':')
        && let Some(port) = port.parse().ok().filter(|_| host.contains('.'))
    {
        return Some(key::public_endpoint(host, port));
    }
    (!alias.is_empty()).then(|| key::bare_id(alias))
}

/// What a row names: a canonical id, else another key or name in the forms of aliases. A plain word is
/// the id of a row of our own first, and a bare id of somebody else's otherwise.
fn reference(name: &str) -> Reference {
    if let Some(image) = image_by_digest(name) {
        return Reference::key("image", image);
    }
    // Regions (`aws/us-east-1`) and zones (`use1-az1`) have canonical ids without a colon.
    let is_plain = !name.contains(':') && !name.starts_with("aws/") && !is_zone_id(name);
    match alias_key(name, &Scope::default()).filter(|_| is_plain) {
        Some(key) => Reference::id(name).or("alias", key, Confidence::Certain),
        None => Reference::id(name),
    }
}

/// The key of an image that is named `repository@sha256:…`, as every format gives it.
fn image_by_digest(name: &str) -> Option<AliasKey> {
    (name.contains("@sha256:") && !name.contains("://")).then(|| key::image(name))
}

/// Whether a name has the form of the zone ids of AWS.
fn is_zone_id(name: &str) -> bool {
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    name.rsplit_once("-az").is_some_and(|(region, number)| {
        !region.is_empty()
            && region.split('-').all(letters)
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn references(names: Option<Vec<Text<'_>>>) -> Vec<Reference> {
    let names = names.unwrap_or_default();
    names.iter().filter(|name| !name.0.is_empty()).map(|name| reference(name.as_str())).collect()
}

fn relation(row: Row<'_>) -> Result<RelationObservation, String> {
    let kind = needed(row.kind, "kind", "relation")?;
    let kind = kind.as_str().parse().map_err(|_error| {
        let kind = kind.as_str();
        format!("kind `{kind}` is no kind of relation; docs/formats/own.md lists them")
    })?;
    let from = reference(needed(row.from, "from", "relation")?.as_str());
    let to = reference(needed(row.to, "to", "relation")?.as_str());
    let mut relation = RelationObservation::declared(from, kind, to);
    relation.evidence = word(row.evidence.as_ref(), "evidence", relation.evidence)?;
    relation.need = word(row.need.as_ref(), "need", relation.need)?;
    let is_stated = relation.need != model::Need::Unknown;
    let by_default = if is_stated { NeedSource::Default } else { NeedSource::Unknown };
    relation.need_source = word(row.need_source.as_ref(), "need_source", by_default)?;
    relation.group = row.group.unwrap_or_default();
    relation.min_alive = row.min_alive.unwrap_or_default();
    relation.properties = row.properties.unwrap_or_default();
    relation.started_at = row.started_at.or(row.valid_from);
    relation.ended_at = row.ended_at.or(row.valid_to);
    Ok(relation)
}

fn incident(row: Row<'_>) -> Result<IncidentObservation, String> {
    let external_id = needed(row.id, "id", "incident")?.0.into_owned();
    let status = match row.status.map(|status| status.to_ascii_lowercase()) {
        Some(status) if !status.is_empty() => status,
        _ if row.ended_at.is_some() => "resolved".to_owned(),
        _ => "open".to_owned(),
    };
    if !["open", "acknowledged", "mitigated", "resolved"].contains(&status.as_str()) {
        return Err(format!(
            "status `{status}` is none of open, acknowledged, mitigated, resolved"
        ));
    }
    let mut labels = labels(row.labels);
    labels.extend(row.summary.map(|summary| ("summary".to_owned(), summary)));
    Ok(IncidentObservation {
        title: row.title.unwrap_or_else(|| external_id.clone()),
        external_id,
        severity: row.severity.map(|severity| severity.to_ascii_lowercase()),
        status,
        started_at: row.started_at,
        detected_at: row.detected_at,
        acknowledged_at: row.acknowledged_at,
        mitigated_at: row.mitigated_at,
        resolved_at: row.ended_at,
        resolved_at_latest: row.resolved_at_latest,
        entities: references(row.entities),
        parent: row.parent,
        cause: row.cause,
        labels,
    })
}

fn change(row: Row<'_>) -> Result<ChangeObservation, String> {
    let external_id = needed(row.id, "id", "change")?.0.into_owned();
    let at = row.at.or(row.started_at).or(row.observed_at);
    let at = at.ok_or_else(|| "at is missing; every change has an instant".to_owned())?;
    let mut labels = labels(row.labels);
    labels.extend(row.summary.map(|summary| ("summary".to_owned(), summary)));
    let kind = row.kind.filter(|kind| !kind.0.is_empty());
    Ok(ChangeObservation {
        title: row.title.unwrap_or_else(|| external_id.clone()),
        external_id,
        kind: kind.map_or_else(|| "change".to_owned(), |kind| kind.0.into_owned()),
        at,
        actor: row.actor,
        link: row.link,
        entities: references(row.entities),
        count: row.count.unwrap_or(1).max(1),
        labels,
    })
}

fn finding(row: Row<'_>) -> Result<FindingObservation, String> {
    let external_id = needed(row.id, "id", "finding")?.0.into_owned();
    let target = reference(needed(row.entity, "entity", "finding")?.as_str());
    let severity = row.severity.map(|severity| severity.to_ascii_lowercase());
    let severity = severity.unwrap_or_else(|| "unknown".to_owned());
    if !["critical", "high", "medium", "low", "unknown"].contains(&severity.as_str()) {
        return Err(format!(
            "severity `{severity}` is none of critical, high, medium, low, unknown"
        ));
    }
    let mut weaknesses: Vec<String> = row.vulnerability.into_iter().collect();
    weaknesses.extend(row.weaknesses.unwrap_or_default());
    if weaknesses.is_empty() {
        weaknesses.push(external_id.clone());
    }
    let kind = row.kind.filter(|kind| !kind.0.is_empty());
    Ok(FindingObservation {
        title: row.title.unwrap_or_else(|| external_id.clone()),
        external_id,
        kind: kind.map_or_else(|| "vulnerability".to_owned(), |kind| kind.0.into_owned()),
        weaknesses,
        severity,
        status: row.status.map_or_else(|| "open".to_owned(), |status| status.to_ascii_lowercase()),
        package: row.package.unwrap_or_default(),
        installed_version: row.installed_version,
        fixed_version: row.fixed_version,
        target,
        entities: references(row.entities),
        first_seen: row.first_seen,
        last_seen: row.last_seen,
        labels: labels(row.labels),
        place: String::new(),
    })
}

fn sample(row: Row<'_>) -> Result<SeriesObservation, String> {
    let subject = reference(needed(row.entity, "entity", "sample")?.as_str());
    let metric = needed(row.metric, "metric", "sample")?;
    let at = row.at.ok_or_else(|| "at is missing; every sample has an instant".to_owned())?;
    let value = row.value.filter(|value| value.is_finite());
    let value = value.ok_or_else(|| "value is missing; every sample has a number".to_owned())?;
    let series_type = match row.series_type.as_ref().map(Text::as_str) {
        None | Some("" | "gauge") => SeriesType::Gauge,
        Some("counter") => SeriesType::Counter,
        Some("delta") => SeriesType::Delta,
        Some(other) => {
            return Err(format!("series_type `{other}` is none of gauge, counter, delta"));
        }
    };
    Ok(SeriesObservation {
        subject,
        metric,
        labels: labels(row.labels),
        signal: row.signal,
        signal_factor: 1.0,
        unit: row.unit,
        series_type,
        points: vec![Point { at, value, is_stale: false }],
        histograms: Vec::new(),
    })
}
