//! Facts of entities and relations at the estate's instant: what the sources say, joined.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::decision::WaitingRetirement;
use model::entity::EntityId;
use model::fact::{EntityFact, RelationFact};
use model::kind::{Confidence, Evidence, RelationKind};
use model::scope::Scope;
use model::time::Micros;

use super::edge::Row;
use super::estate::Estate;
use super::life::{Entity, Existence};
use super::lists::List;

/// A partial source's usual interval where its own observations do not show a longer one.
const INTERVAL: i64 = Micros::DAY;
/// What a source has not mentioned for this many intervals is stale.
const STALE_INTERVALS: i64 = 3;
/// An observed relation is active while seen within this time of its client's newest telemetry.
const EVIDENCE_WINDOW: i64 = 14 * Micros::DAY;

/// Existence of an entity that may be in an answer: present, begun, and not ended unless asked for.
pub fn visible(estate: &Estate, entity: &Entity, with_ended: bool) -> Option<Existence> {
    if !entity.is_present() {
        return None;
    }
    let existence = entity.existence(estate.at)?;
    let has_begun = existence.valid_from <= estate.at;
    (has_begun && (with_ended || existence.valid_to.is_none())).then_some(existence)
}

/// The fact of an entity.
pub fn entity_fact(estate: &Estate, id: EntityId, entity: &Entity, it: &Existence) -> EntityFact {
    let ranked = entity.ranked();
    let mut fact = EntityFact {
        entity: id,
        id: estate.canonical(entity),
        kind: entity.kind,
        name: String::new(),
        scope: Scope::default(),
        cluster_name: None,
        owner: None,
        application: None,
        labels: BTreeMap::new(),
        properties: BTreeMap::new(),
        sources: entity.speaking().map(|(record, _)| record.source.to_string()).collect(),
        first_seen: Some(it.first_seen.timestamp()),
        last_seen: it.last_seen.map(Micros::timestamp),
        valid_from: Some(it.valid_from.timestamp()),
        valid_to: it.valid_to.map(Micros::timestamp),
        state: state(estate, id, entity, it).to_owned(),
    };
    for (_, content) in ranked.iter() {
        if fact.name.is_empty() {
            estate.names.name(content.name).clone_into(&mut fact.name);
        }
        fill(&mut fact.scope, estate.names.scope(content.scope));
        let text = |place: u32| estate.names.text(place).map(str::to_owned);
        fact.owner = fact.owner.take().or_else(|| text(content.owner));
        fact.application = fact.application.take().or_else(|| text(content.application));
        for label in &content.labels {
            let (name, value) = estate.names.label(*label);
            fact.labels.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
        for (name, value) in content.properties() {
            fact.properties.entry(name).or_insert(value);
        }
    }
    fact.cluster_name = fact.scope.cluster.as_deref().and_then(|one| cluster_name(estate, one));
    fact.application = fact.application.or_else(|| application_above(estate, entity));
    fact.owner = fact
        .owner
        .or_else(|| unit_above(estate, entity, RelationKind::Owns))
        .or_else(|| owner_of_application(estate, fact.application.as_deref()?));
    fact
}

/// Name of a cluster whose scope is known by a uid.
pub fn cluster_name(estate: &Estate, cluster: &str) -> Option<String> {
    let id = estate.find(&format!("k8s://{cluster}"))?;
    let ranked = estate.entities.get(&id)?.ranked();
    let name = ranked.iter().next().map(|(_, content)| estate.names.name(content.name))?;
    (!name.is_empty() && name != cluster).then(|| name.to_owned())
}

/// Who owns an application: what is part of it and has no owner of its own is owned with it.
pub fn owner_of_application(estate: &Estate, application: &str) -> Option<String> {
    own_owner(estate, estate.entities.get(&estate.find(application)?)?).map(Cow::into_owned)
}

/// Who owns an entity, as its sources say or a relation does.
pub fn own_owner<'a>(estate: &'a Estate, entity: &'a Entity) -> Option<Cow<'a, str>> {
    let stated = entity.says(|content| estate.names.text(content.owner)).map(Cow::Borrowed);
    stated.or_else(|| unit_above(estate, entity, RelationKind::Owns).map(Cow::Owned))
}

pub fn unit_above(estate: &Estate, entity: &Entity, kind: RelationKind) -> Option<String> {
    let above = rows_in_force(estate, [entity.ends.above]).filter(|row| row.kind == kind);
    above.filter_map(|row| estate.entities.get(&row.from)).map(|unit| estate.canonical(unit)).min()
}

pub fn application_above(estate: &Estate, entity: &Entity) -> Option<String> {
    let above = rows_in_force(estate, [entity.ends.above]);
    above
        .filter(|row| row.kind == RelationKind::HasPart)
        .filter_map(|row| estate.entities.get(&row.from))
        .filter(|unit| unit.kind == model::EntityKind::Application)
        .map(|unit| estate.canonical(unit))
        .min()
}

fn fill(scope: &mut Scope, from: &Scope) {
    let pairs = [
        (&mut scope.account, &from.account),
        (&mut scope.region, &from.region),
        (&mut scope.zone, &from.zone),
        (&mut scope.cluster, &from.cluster),
        (&mut scope.namespace, &from.namespace),
        (&mut scope.environment, &from.environment),
    ];
    for (into, from) in pairs {
        if into.is_none() {
            into.clone_from(from);
        }
    }
}

fn state(estate: &Estate, id: EntityId, entity: &Entity, it: &Existence) -> &'static str {
    if it.valid_to.is_some() {
        "ended"
    } else if is_missing(estate, id, entity) {
        "missing_unconfirmed"
    } else if it.first_seen > estate.at {
        "before_first_observation"
    } else if is_stale(estate, entity) {
        "stale"
    } else {
        "current"
    }
}

/// Whether a held retirement names it and nothing has been seen of it since.
fn is_missing(estate: &Estate, id: EntityId, entity: &Entity) -> bool {
    estate.held.iter().filter(|held| held.at <= estate.at).any(|held| {
        held.entities.iter().any(|one| estate.resolve(*one) == id)
            && is_missed(estate, entity, &held.source, held.at)
    })
}

/// Whether a source has not reported it since it was held, and it was not retired.
fn is_missed(estate: &Estate, entity: &Entity, source: &str, since: Micros) -> bool {
    entity.record_of(source).is_some_and(|record| {
        record.last_seen().is_none_or(|last| last < since) && record.retired_at(estate.at).is_none()
    })
}

/// Retirements that still wait for a decision.
pub fn held_count(estate: &Estate) -> u64 {
    let waits = |held: &&model::resolution::HeldRetirement| {
        held.at <= estate.at
            && held.entities.iter().any(|id| {
                let id = estate.resolve(*id);
                estate.entities.get(&id).is_some_and(|entity| is_missing(estate, id, entity))
            })
    };
    estate.held.iter().filter(waits).count() as u64
}

/// The retirements that still wait for a decision, oldest first, with what is missing.
pub fn held_waiting(estate: &Estate) -> Vec<WaitingRetirement> {
    let mut waiting: Vec<WaitingRetirement> = estate
        .held
        .iter()
        .filter(|held| held.at <= estate.at)
        .map(|held| {
            let mut held = held.clone();
            held.entities.iter_mut().for_each(|id| *id = estate.resolve(*id));
            held.entities.retain(|id| {
                let entity = estate.entities.get(id);
                entity.is_some_and(|entity| is_missed(estate, entity, &held.source, held.at))
            });
            let name =
                |id: &EntityId| estate.entities.get(id).map(|entity| estate.canonical(entity));
            let mut missing: Vec<String> = held.entities.iter().filter_map(name).collect();
            missing.sort_unstable();
            WaitingRetirement { held, missing }
        })
        .filter(|one| !one.missing.is_empty())
        .collect();
    waiting.sort_by_key(|one| one.held.at);
    waiting
}

/// Whether every source that speaks of it went on without mentioning it for three usual intervals.
fn is_stale(estate: &Estate, entity: &Entity) -> bool {
    entity.speaking().all(|(record, _)| {
        let observed = estate.observed.get(&record.source);
        let (Some(last), Some(observed)) = (record.last_seen(), observed) else {
            return false;
        };
        let newest = observed.last().copied().unwrap_or(last);
        let gap = newest.0.saturating_sub(last.0);
        // The usual interval is never shorter than `INTERVAL`, so most need not be measured.
        gap > INTERVAL.saturating_mul(STALE_INTERVALS)
            && gap > interval(observed.iter().copied()).saturating_mul(STALE_INTERVALS)
    })
}

/// The middle of the gaps between a source's observations, at least a day.
fn interval(observed: impl Iterator<Item = Micros>) -> i64 {
    let observed: Vec<i64> = observed.map(|at| at.0).collect();
    let mut gaps: Vec<i64> =
        observed.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied().unwrap_or(INTERVAL).max(INTERVAL)
}

/// Rows of lists that hold at the estate's instant and are active.
pub fn rows_in_force(
    estate: &Estate,
    lists: impl IntoIterator<Item = List>,
) -> impl Iterator<Item = Row<'_>> {
    // Rows of one client follow each other on its side, so its newest telemetry is found once.
    let mut client = None;
    let rows = estate.edges.rows(lists);
    rows.filter(move |row| holds(estate, row) && is_active(estate, row, &mut client))
}

/// Whether a row holds at the estate's instant. A row that a record states holds before the record's
/// first observation as it did at it, and ends when a complete export of the source lacked the record.
pub fn holds(estate: &Estate, row: &Row<'_>) -> bool {
    let mut at = estate.at;
    let record = row
        .stated_by
        .and_then(|by| estate.entities.get(&by))
        .and_then(|entity| entity.record_of(&row.said.source));
    if let Some(record) = record {
        if record.retired_at(estate.at).is_some() {
            return false;
        }
        at = record.first_seen().map_or(at, |first| at.max(first));
    }
    row.valid_from <= at && row.valid_to.is_none_or(|to| at < to)
}

/// Whether an observed row was seen within the evidence window of its client's newest telemetry; a
/// client that sent nothing since keeps its last state.
fn is_active(
    estate: &Estate,
    row: &Row<'_>,
    client: &mut Option<(EntityId, Option<Micros>)>,
) -> bool {
    if row.evidence != Evidence::Observed || row.stated_by.is_some() {
        return true;
    }
    let newest = match *client {
        Some((id, newest)) if id == row.from => newest,
        _ => {
            let newest = newest_telemetry(estate, row.from);
            *client = Some((row.from, newest));
            newest
        }
    };
    let seen = row.seen_at.min(estate.at);
    newest.is_none_or(|newest| newest.0.saturating_sub(seen.0) <= EVIDENCE_WINDOW)
}

/// When a client's calls were last seen by the estate's instant.
fn newest_telemetry(estate: &Estate, client: EntityId) -> Option<Micros> {
    let client = estate.entities.get(&client)?;
    let rows = estate.edges.rows([client.ends.outgoing]);
    rows.filter(|one| one.evidence == Evidence::Observed && one.valid_from <= estate.at)
        .map(|row| row.seen_at.min(estate.at))
        .max()
}

/// What tells one relation of an answer from another.
pub type RelationId = (EntityId, RelationKind, EntityId);

/// What the rows of one relation say together.
pub struct Joined<'a> {
    pub rows: Vec<Row<'a>>,
    pub first: Row<'a>,
    pub evidence: Vec<Evidence>,
    pub need: Row<'a>,
    pub rule: Option<String>,
    pub confidence: Confidence,
    pub sources: Vec<String>,
}

/// The rows of one relation as one: in order of source; `None` when there is no row.
pub fn joined<'a>(rows: &[Row<'a>]) -> Option<Joined<'a>> {
    let mut rows = rows.to_vec();
    rows.sort_by(|a, b| (&a.said.source, a.statement).cmp(&(&b.said.source, b.statement)));
    let mut evidence: Vec<Evidence> = rows.iter().map(|row| row.evidence).collect();
    evidence.sort_unstable();
    evidence.dedup();
    let mut sources: Vec<String> = rows.iter().map(|row| row.said.source.clone()).collect();
    sources.dedup();
    Some(Joined {
        first: rows.first().copied()?,
        evidence,
        need: rows.iter().copied().min_by_key(|row| (row.said.need_source, row.said.need))?,
        rule: rows.iter().map(|row| &row.said.rule).find(|rule| !rule.is_empty()).cloned(),
        confidence: rows.iter().map(|row| row.said.confidence).max()?,
        sources,
        rows,
    })
}

/// One fact of all rows of one relation.
pub fn relation_fact(estate: &Estate, rows: &[Row<'_>]) -> Option<RelationFact> {
    let it = joined(rows)?;
    let id = |id: EntityId| estate.entities.get(&id).map(|entity| estate.canonical(entity));
    let seen = it.rows.iter().filter_map(|row| relation_seen(estate, row)).max();
    Some(RelationFact {
        from: id(it.first.from)?,
        kind: it.first.kind,
        to: id(it.first.to)?,
        evidence: it.evidence,
        need: it.need.said.need,
        need_source: it.need.said.need_source,
        rule: it.rule,
        confidence: it.confidence,
        sources: it.sources,
        properties: it.first.said.properties.clone(),
        valid_from: it.rows.iter().map(|row| row.valid_from).min().map(Micros::timestamp),
        last_seen: seen.map(Micros::timestamp),
    })
}

/// Newest instant by then at which a row was seen; a stated one when its record was.
pub fn relation_seen(estate: &Estate, row: &Row<'_>) -> Option<Micros> {
    let record = row
        .stated_by
        .and_then(|by| estate.entities.get(&by))
        .and_then(|entity| entity.record_of(&row.said.source))
        .and_then(|record| record.last_seen());
    (row.seen_at <= estate.at).then_some(row.seen_at).max(record)
}
