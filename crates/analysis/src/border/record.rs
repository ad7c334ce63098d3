//! Records held to a viewer's part, pure: which of them concern it, and what of each is another's.

use std::collections::{BTreeSet, HashSet};

use model::error::{StoreError, StoreResult};
use model::event::{
    ChangeObservation, EPISODE_OF, HARMED, IncidentObservation, LINK, MESSAGE, MESSAGE_AT,
    MESSAGE_OF, TEAM,
};
use model::fact::{RecordFact, RecordKind, SubjectFact};
use model::finding::FindingObservation;
use model::kind::EntityKind;
use model::scope::OrgScope;
use model::stated::StatedKind;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Labels of an incident that tell of itself and of no thing that it harmed.
const OWN_LABELS: [&str; 7] = [MESSAGE_OF, MESSAGE, MESSAGE_AT, EPISODE_OF, LINK, "actor", "group"];

/// Whether such records are lists that everybody may read anywhere: they are of weaknesses, not of things.
pub(super) fn is_public(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Stated(StatedKind::KnownExploited | StatedKind::ExploitLikelihood))
}

/// Whether such records are read whole before `cut`: the owner of one row's subject does not tell whom it
/// concerns. Messages of an incident need not name what it harms, images have no owner, and a budget or a
/// value is of a unit itself. Changes and objectives are of what units own.
pub(super) fn is_read_whole(kind: RecordKind) -> bool {
    !matches!(kind, RecordKind::Change | RecordKind::Stated(StatedKind::Objective))
}

/// Whether such records may be of an image, which concerns whoever runs it.
pub(super) fn is_of_images(kind: RecordKind) -> bool {
    let of_images = [StatedKind::Scan, StatedKind::Exclusion].map(RecordKind::Stated);
    kind == RecordKind::Finding || of_images.contains(&kind)
}

/// The records that concern a part of the organisation, without what in them is of others.
///
/// # Errors
/// When a body is not of its kind.
pub(super) fn cut(
    kind: RecordKind,
    records: Vec<RecordFact<String>>,
    scope: &OrgScope,
    images: &HashSet<String>,
) -> StoreResult<Vec<RecordFact<String>>> {
    let OrgScope::Units(units) = scope else { return Ok(records) };
    let units: BTreeSet<&str> = units.iter().map(String::as_str).collect();
    let is_told = |one: &SubjectFact| is_inside(one, &units) || is_image(one, images);
    match kind {
        RecordKind::Incident => incidents(records, &units),
        RecordKind::Change => changes(records, &units),
        RecordKind::Finding => findings(records, &is_told),
        RecordKind::Stated(StatedKind::Scan | StatedKind::Exclusion) => {
            // A word on a weakness that names nothing holds everywhere.
            let is_general = kind == RecordKind::Stated(StatedKind::Exclusion);
            let is_told = |one: &RecordFact<String>| match one.subjects.is_empty() {
                true => is_general,
                false => one.subjects.iter().all(&is_told),
            };
            Ok(records.into_iter().filter(is_told).collect())
        }
        // What is stated of a unit, a product or an objective is of its first subject.
        _ => Ok(records
            .into_iter()
            .filter(|one| one.subjects.first().is_some_and(|first| is_inside(first, &units)))
            .map(|mut one| {
                one.subjects.retain(|subject| is_inside(subject, &units));
                one
            })
            .collect()),
    }
}

/// Whether a subject is one of the units or belongs to one.
fn is_inside(subject: &SubjectFact, units: &BTreeSet<&str>) -> bool {
    let is = |text: &Option<String>| text.as_deref().is_some_and(|one| units.contains(one));
    units.contains(subject.id.as_str()) || is(&subject.owner) || is(&subject.application)
}

/// Removes what is outside; whether anything was.
fn kept_inside(subjects: &mut Vec<SubjectFact>, units: &BTreeSet<&str>) -> bool {
    let before = subjects.len();
    subjects.retain(|one| is_inside(one, units));
    subjects.len() < before
}

/// An incident is of the viewer's part when any row about it names something in it.
fn incidents(
    records: Vec<RecordFact<String>>,
    units: &BTreeSet<&str>,
) -> StoreResult<Vec<RecordFact<String>>> {
    let mut all = Vec::with_capacity(records.len());
    for record in records {
        let body: IncidentObservation = read(&record)?;
        all.push((record, body));
    }
    let name = |record: &RecordFact<String>, body: &IncidentObservation| {
        let id = body.labels.get(MESSAGE_OF).unwrap_or(&body.external_id);
        (record.source.clone(), id.clone())
    };
    let own: BTreeSet<(String, String)> = all
        .iter()
        .filter(|(record, _)| record.subjects.iter().any(|one| is_inside(one, units)))
        .map(|(record, body)| name(record, body))
        .collect();
    let mut kept = Vec::new();
    for (mut record, mut body) in all {
        if !own.contains(&name(&record, &body)) {
            continue;
        }
        let is_cut = kept_inside(&mut record.subjects, units);
        let is_known = |parent: &String| own.iter().any(|(_, id)| id == parent);
        body.parent = body.parent.filter(is_known);
        if is_cut {
            body.entities.clear();
            let harmed = |name: &str| {
                let mut all = record.subjects.iter();
                all.any(|one| one.name.eq_ignore_ascii_case(name) || one.id == name)
            };
            let team = |name: &str| units.iter().any(|unit| unit.rsplit('/').next() == Some(name));
            body.labels.retain(|label, names| {
                match label.as_str() {
                    HARMED => *names = filtered(names, harmed),
                    TEAM => *names = filtered(names, team),
                    label => return OWN_LABELS.contains(&label),
                }
                true
            });
        }
        kept.push(written(record, &body)?);
    }
    Ok(kept)
}

/// Of names joined by `|`, those for which `is_own` says so.
fn filtered(names: &str, is_own: impl Fn(&str) -> bool) -> String {
    names.split('|').filter(|name| is_own(name.trim())).collect::<Vec<_>>().join("|")
}

fn changes(
    records: Vec<RecordFact<String>>,
    units: &BTreeSet<&str>,
) -> StoreResult<Vec<RecordFact<String>>> {
    let mut kept = Vec::new();
    for mut record in records {
        let is_cut = kept_inside(&mut record.subjects, units);
        if record.subjects.is_empty() {
            continue;
        }
        if is_cut {
            let mut body: ChangeObservation = read(&record)?;
            body.entities.clear();
            body.labels.clear();
            record = written(record, &body)?;
        }
        kept.push(record);
    }
    Ok(kept)
}

/// A finding is of its target; that of an image is of whoever runs it.
fn findings(
    records: Vec<RecordFact<String>>,
    is_told: &dyn Fn(&SubjectFact) -> bool,
) -> StoreResult<Vec<RecordFact<String>>> {
    let mut kept = Vec::new();
    for mut record in records {
        if !record.subjects.first().is_some_and(is_told) {
            continue;
        }
        let before = record.subjects.len();
        record.subjects.retain(is_told);
        if record.subjects.len() < before {
            let mut body: FindingObservation = read(&record)?;
            body.entities.clear();
            record = written(record, &body)?;
        }
        kept.push(record);
    }
    Ok(kept)
}

/// Whether it is an image of a repository from which the viewer's part runs something.
fn is_image(subject: &SubjectFact, images: &HashSet<String>) -> bool {
    subject.kind == EntityKind::Image && images.contains(repository(&subject.id))
}

/// The repository of an image's canonical id.
pub(super) fn repository(id: &str) -> &str {
    let name = id.strip_prefix("image://").unwrap_or(id);
    let name = name.split('@').next().unwrap_or(name);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}

fn read<T: DeserializeOwned>(record: &RecordFact<String>) -> StoreResult<T> {
    serde_json::from_str(&record.body).map_err(|error| failed("read", &error))
}

fn written(
    mut record: RecordFact<String>,
    body: &impl Serialize,
) -> StoreResult<RecordFact<String>> {
    record.body = serde_json::to_string(body).map_err(|error| failed("write", &error))?;
    Ok(record)
}

/// An error that names no record: it may be another unit's.
fn failed(what: &str, error: &serde_json::Error) -> StoreError {
    let reason = format!("{:?} error", error.classify());
    StoreError::Internal { operation: format!("{what} a record"), reason }
}

#[cfg(test)]
mod tests {
    use model::entity::{EntityId, Labels};
    use model::scope::Scope;
    use model::time::Micros;

    use super::*;

    fn subject(id: &str, owner: Option<&str>, kind: EntityKind) -> SubjectFact {
        SubjectFact {
            entity: EntityId::default(),
            id: id.to_owned(),
            kind,
            name: id.to_owned(),
            scope: Scope::default(),
            owner: owner.map(str::to_owned),
            application: None,
        }
    }

    fn incident(id: &str, labels: &[(&str, &str)], of: &[(&str, &str)]) -> RecordFact<String> {
        let labels: Labels =
            labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let body = IncidentObservation {
            external_id: id.to_owned(),
            title: format!("title of {id}"),
            severity: None,
            status: "open".to_owned(),
            started_at: Some(Micros(1)),
            detected_at: None,
            acknowledged_at: None,
            mitigated_at: None,
            resolved_at: None,
            resolved_at_latest: None,
            entities: of.iter().map(|(id, _)| model::Reference::id(*id)).collect(),
            parent: Some("other".to_owned()),
            cause: None,
            labels,
        };
        let service = |(id, owner): &(&str, &str)| subject(id, Some(owner), EntityKind::Service);
        RecordFact {
            key: id.to_owned(),
            source: "pager".to_owned(),
            observed_at: Micros(2),
            subjects: of.iter().map(service).collect(),
            body: serde_json::to_string(&body).unwrap(),
        }
    }

    fn kept(kind: RecordKind, records: Vec<RecordFact<String>>) -> Vec<RecordFact<String>> {
        let scope = OrgScope::Units(vec!["org://team/own".to_owned()]);
        let images = HashSet::from(["registry/own".to_owned()]);
        cut(kind, records, &scope, &images).unwrap()
    }

    /// A message that names nothing tells of the incident that another row says is the viewer's; what that
    /// one harmed elsewhere, whose it is and what it is a part of is left out.
    #[test]
    fn an_incident_keeps_its_messages_and_loses_what_is_others() {
        let (own, other) = (("mine", "org://team/own"), ("secret", "org://team/other"));
        let labels = [(HARMED, "mine|secret"), (TEAM, "own|other"), ("about", "secret")];
        let records = vec![
            incident("both", &labels, &[own, other]),
            incident("message", &[(MESSAGE_OF, "both"), (MESSAGE, "resolved")], &[]),
            incident("theirs", &[], &[other]),
            incident("message of theirs", &[(MESSAGE_OF, "theirs")], &[]),
        ];
        let found = kept(RecordKind::Incident, records);
        let keys: Vec<&str> = found.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["both", "message"]);
        assert!(!found.iter().any(|one| one.body.contains("secret")), "{found:?}");
        let body: IncidentObservation = serde_json::from_str(&found[0].body).unwrap();
        assert_eq!((body.labels[HARMED].as_str(), body.labels[TEAM].as_str()), ("mine", "own"));
        assert_eq!(body.parent, None);
        assert_eq!(found[0].subjects.len(), 1);
    }

    #[test]
    fn a_finding_of_an_image_is_of_whoever_runs_it() {
        let of = |key: &str, subjects: Vec<SubjectFact>| RecordFact {
            key: key.to_owned(),
            source: "scanner".to_owned(),
            observed_at: Micros(2),
            subjects,
            body: "{}".to_owned(),
        };
        let image = |id: &str| subject(id, None, EntityKind::Image);
        let records = vec![
            of("own image", vec![image("image://registry/own@sha256:1")]),
            of("another's", vec![image("image://registry/other:1.2")]),
            of("own", vec![subject("a", Some("org://team/own"), EntityKind::Pod)]),
            of("theirs", vec![subject("b", Some("org://team/other"), EntityKind::Pod)]),
            of("nobody's", Vec::new()),
        ];
        let keys = |kind| {
            let found = kept(kind, records.clone()).into_iter();
            found.map(|one| one.key).collect::<Vec<_>>()
        };
        assert_eq!(keys(RecordKind::Finding), ["own image", "own"]);
        assert_eq!(keys(RecordKind::Stated(StatedKind::Scan)), ["own image", "own"]);
        let exclusion = RecordKind::Stated(StatedKind::Exclusion);
        assert_eq!(keys(exclusion), ["own image", "own", "nobody's"]);
        assert_eq!(keys(RecordKind::Budget), ["own"]);
        assert_eq!(repository("image://host:5000/a/b:1.2@sha256:9"), "host:5000/a/b");
        assert_eq!(repository("image://host:5000/a/b"), "host:5000/a/b");
    }
}
