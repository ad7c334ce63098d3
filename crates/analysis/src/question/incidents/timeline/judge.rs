//! From facts to the timeline of one incident, pure.

use std::collections::BTreeSet;

use model::envelope::Warning;
use model::event::ChangeObservation;
use model::fact::{RecordFact, SubjectFact};
use model::kind::{EntityKind, RelationKind};
use model::time::Micros;

use super::super::judge::{count_parts, row};
use super::{BEFORE, IncidentTimelineAnswer, IncidentTimelineEntry, IncidentTimelineParams};
use crate::estate::Estate;
use crate::incident::Incident;
use crate::question::Draft;

/// Most related incidents.
const RELATED_MAX: usize = 50;

/// Relations over which a change is next to what was harmed.
const NEAR: [RelationKind; 6] = [
    RelationKind::Calls,
    RelationKind::ConnectsTo,
    RelationKind::ImplementedBy,
    RelationKind::RunsOn,
    RelationKind::HasReplica,
    RelationKind::ServedThrough,
];

/// The timeline; empty when no incident is held.
pub(super) fn judged(
    params: &IncidentTimelineParams,
    one: Option<&Incident>,
    held: &[Incident],
    changes: &[RecordFact<ChangeObservation>],
    estate: &Estate,
    now: Micros,
) -> Draft<IncidentTimelineAnswer> {
    let Some(one) = one else {
        let mut draft = Draft::new((), now);
        draft.warnings.push(Warning::new("no_data", "no incidents are held"));
        return with_answer(draft, IncidentTimelineAnswer::default());
    };
    let began = one.began().unwrap_or(now);
    let harmed = ids(&one.subjects);
    let near = neighbours(&harmed, estate);
    let mut entries = own_entries(one, began);
    for change in changes.iter().filter(|change| change.body.at >= began.plus(-BEFORE)) {
        entries.push(change_entry(change, &harmed, &near, began));
    }
    let related = related(one, held, &harmed, now);
    for other in &related {
        let ended = other.resolved_at.map(|(_, latest)| ("ended", latest));
        let instants = other.began().map(|at| ("began", at)).into_iter().chain(ended);
        entries.extend(instants.map(|(what, at)| {
            let entry = entry(at, began, "related", format!("{} {what}", other.title));
            IncidentTimelineEntry { id: Some(other.id.clone()), what: Some(what.into()), ..entry }
        }));
    }
    entries.sort_by(|a, b| {
        (a.at, &a.kind, &a.what, &a.id, &a.title).cmp(&(b.at, &b.kind, &b.what, &b.id, &b.title))
    });
    let total = entries.len();
    let limit = params.limit.unwrap_or(200) as usize;
    let mut draft = Draft::new((), now);
    if total > limit {
        draft.truncated.insert("entries".into(), total as u64);
        cut_far(&mut entries, limit);
    }
    let parts = count_parts(held);
    let shown = |one: &Incident| {
        let key = (one.source.clone(), one.id.clone());
        row(one, parts.get(&key).copied().unwrap_or(0), false, now)
    };
    if related.len() > RELATED_MAX {
        draft.truncated.insert("related".into(), related.len() as u64);
    }
    let answer = IncidentTimelineAnswer {
        incident: Some(shown(one)),
        entries,
        entries_total: total as u64,
        related: related.iter().take(RELATED_MAX).map(|one| shown(one)).collect(),
    };
    with_answer(draft, answer)
}

fn with_answer(draft: Draft<()>, answer: IncidentTimelineAnswer) -> Draft<IncidentTimelineAnswer> {
    let tables = answer.tables();
    let mut draft = draft.with(answer);
    draft.tables = tables;
    draft
}

/// What is far from the incident goes first; order stays.
fn cut_far(entries: &mut Vec<IncidentTimelineEntry>, limit: usize) {
    let rank = |one: &IncidentTimelineEntry| match (one.kind.as_str(), one.nearness.as_deref()) {
        ("change", Some("elsewhere")) => 3,
        ("change", Some("neighbour")) => 2,
        ("related", _) => 1,
        _ => 0,
    };
    let mut places: Vec<(i32, u64, usize)> = entries
        .iter()
        .enumerate()
        .map(|(place, one)| (rank(one), one.seconds_after.unsigned_abs(), place))
        .collect();
    places.sort_unstable();
    let kept: BTreeSet<usize> = places.into_iter().take(limit).map(|(_, _, at)| at).collect();
    let mut place = 0;
    entries.retain(|_| {
        place += 1;
        kept.contains(&(place - 1))
    });
}

fn ids(subjects: &[SubjectFact]) -> BTreeSet<String> {
    let known = subjects.iter().filter(|one| one.kind != EntityKind::Unknown);
    known.map(|one| one.id.clone()).collect()
}

/// What is one relation away.
fn neighbours(harmed: &BTreeSet<String>, estate: &Estate) -> BTreeSet<String> {
    let mut near = BTreeSet::new();
    for ordinal in harmed.iter().filter_map(|id| estate.find(id)) {
        for kind in NEAR {
            let ends = estate.far(ordinal, kind).chain(estate.near(ordinal, kind));
            near.extend(ends.map(|end| estate.entity(end).id.clone()));
        }
    }
    near
}

fn entry(at: Micros, began: Micros, kind: &str, title: String) -> IncidentTimelineEntry {
    IncidentTimelineEntry {
        at,
        kind: kind.to_owned(),
        title,
        what: None,
        id: None,
        actor: None,
        link: None,
        nearness: None,
        entities: Vec::new(),
        seconds_after: at.0.saturating_sub(began.0).div_euclid(Micros::SECOND),
    }
}

/// The incident's own instants, and what was said.
fn own_entries(one: &Incident, began: Micros) -> Vec<IncidentTimelineEntry> {
    let is_range = one.resolved_at.is_some_and(|(earliest, latest)| earliest < latest);
    let resolved = if is_range { "still open then" } else { "resolved" };
    let instants = [
        ("started", one.started_at),
        ("detected", one.detected_at),
        ("acknowledged", one.acknowledged_at),
        ("mitigated", one.mitigated_at),
        (resolved, one.resolved_at.map(|(earliest, _)| earliest)),
        ("resolved by then", one.resolved_at.map(|(_, latest)| latest).filter(|_| is_range)),
    ];
    let mut entries: Vec<IncidentTimelineEntry> = instants
        .into_iter()
        .filter_map(|(what, at)| {
            let entry = entry(at?, began, "incident", what.to_owned());
            Some(IncidentTimelineEntry { what: Some(what.to_owned()), ..entry })
        })
        .collect();
    entries.extend(one.said.iter().map(|said| IncidentTimelineEntry {
        what: Some(said.what.clone()),
        actor: said.actor.clone(),
        ..entry(said.at, began, "message", said.what.clone())
    }));
    entries
}

fn change_entry(
    change: &RecordFact<ChangeObservation>,
    harmed: &BTreeSet<String>,
    near: &BTreeSet<String>,
    began: Micros,
) -> IncidentTimelineEntry {
    let ids = ids(&change.subjects);
    let nearness = if ids.iter().any(|id| harmed.contains(id)) {
        "harmed"
    } else if ids.iter().any(|id| near.contains(id)) {
        "neighbour"
    } else {
        "elsewhere"
    };
    let body = &change.body;
    IncidentTimelineEntry {
        what: Some(body.kind.clone()),
        id: Some(body.external_id.clone()),
        actor: body.actor.clone(),
        link: body.link.clone(),
        nearness: Some(nearness.to_owned()),
        entities: change.subjects.iter().map(|one| one.name.clone()).collect(),
        ..entry(body.at, began, "change", body.title.clone())
    }
}

/// Parts of it, and others that went on at the same time on the same things.
fn related<'i>(
    one: &Incident,
    held: &'i [Incident],
    harmed: &BTreeSet<String>,
    now: Micros,
) -> Vec<&'i Incident> {
    let Some((from, to)) = one.interval(now) else { return Vec::new() };
    let is_same = |other: &Incident| other.id == one.id && other.source == one.source;
    let is_part = |other: &Incident| {
        other.source == one.source
            && (other.counted_under.as_ref() == Some(&one.id)
                || one.counted_under.as_ref() == Some(&other.id))
    };
    let overlaps = |other: &Incident| {
        other.interval(now).is_some_and(|(began, ended)| began <= to && ended >= from)
    };
    let shares = |other: &Incident| {
        ids(&other.subjects).intersection(harmed).next().is_some()
            || other.harmed.iter().any(|name| one.harmed.contains(name))
    };
    let is_related = |other: &&Incident| {
        !is_same(other) && (is_part(other) || (overlaps(other) && shares(other)))
    };
    held.iter().filter(is_related).collect()
}
