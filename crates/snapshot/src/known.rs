//! What the estate knows about names: claims followed to the entities they lead to, references to try
//! again, the statements of records, and what a complete input covers.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use model::entity::EntityId;
use model::input::Completeness;
use model::kind::RelationKind;
use model::reference::AliasKey;
use model::resolution::{
    HeldRetirement, Known, KnownEntity, KnownPast, KnownRecord, KnownVersion, Lookup,
    ReferencePurpose, RelationWrite, StoredReference,
};
use model::time::Micros;

use super::edge::Row;
use super::estate::Estate;
use super::life::NOW;
use super::names::NONE;
use super::record::Record;
use super::reference::keys_of;

/// What the estate knows about the keys asked for.
pub fn known(estate: &Estate, lookup: &Lookup) -> Known {
    let mut walk = Walk { estate, at: lookup.at, known: Known::default(), seen: HashSet::new() };
    walk.known.next_id = estate.next_id;
    walk.known.ownership = estate.ownership.clone();
    let tried = lookup.retry.iter().filter_map(|key| estate.names.keys.find(key.as_str()));
    let tried: BTreeSet<u32> = tried.flat_map(|key| estate.references.on(key)).collect();
    for reference in estate.references_at(tried.into_iter()) {
        walk.reference(reference);
    }
    for (key, source) in &lookup.records {
        walk.record(key, source);
    }
    for prefix in &lookup.prefixes {
        walk.prefix(prefix);
    }
    walk.keys(lookup.keys.iter().chain(&lookup.retry).cloned().collect());
    walk.known
}

/// Which of these canonical ids no entity has or had.
pub fn unknown_ids(estate: &Estate, mut ids: Vec<String>) -> Vec<String> {
    ids.retain(|id| {
        let place = estate.names.keys.find(id);
        place.and_then(|place| estate.find_place(place)).is_none()
    });
    ids
}

struct Walk<'a> {
    estate: &'a Estate,
    at: Option<Micros>,
    known: Known,
    seen: HashSet<u32>,
}

impl Walk<'_> {
    /// Follows keys through claims; each key once, so that a circle of claims ends.
    fn keys(&mut self, mut open: Vec<AliasKey>) {
        while let Some(key) = open.pop() {
            let place = self.estate.names.keys.find(key.as_str());
            let Some(place) = place.filter(|place| self.seen.insert(*place)) else { continue };
            if let Some(id) = self.estate.find_place(place) {
                self.entity_as(&key, id);
            }
            let claims = self.estate.claims.of_key(&self.estate.names.keys, place);
            if !claims.is_empty() {
                open.extend(claims.iter().flat_map(|claim| claim.claim.to.iter().cloned()));
                self.known.claims.insert(key, claims);
            }
        }
    }

    fn entity(&mut self, id: EntityId) {
        let id = self.estate.resolve(id);
        if let Some(entity) = self.estate.entities.get(&id) {
            self.entity_as(&self.estate.names.keys.key(entity.key), id);
        }
    }

    fn entity_as(&mut self, key: &AliasKey, id: EntityId) {
        if self.known.entities.contains_key(key) {
            return;
        }
        let Some(found) = known_entity(self.estate, key, id, self.at) else { return };
        let around: Vec<EntityId> =
            found.implemented_by.iter().chain(&found.implements).copied().collect();
        let canonical = found.canonical.clone();
        self.known.entities.insert(key.clone(), found);
        if *key != canonical {
            self.entity_as(&canonical, id);
        }
        around.into_iter().for_each(|id| self.entity(id));
    }

    fn reference(&mut self, found: StoredReference) {
        let subject = match &found.purpose {
            ReferencePurpose::Subject(id) => Some(*id),
            ReferencePurpose::Relation(template) => template.stated_by,
        };
        for id in found.targets.iter().chain(&found.from_targets).copied().chain(subject) {
            self.entity(id);
        }
        self.keys(keys_of(&found).cloned().collect());
        self.known.references.push(found);
    }

    fn record(&mut self, key: &AliasKey, source: &str) {
        let Some(id) = self.estate.find(key.as_str()) else { return };
        self.entity(id);
        let first = self.estate.entities.get(&id).map_or(NONE, |entity| entity.claims);
        let mut claims = self.estate.claims.of_records(&self.estate.names.keys, first);
        claims.retain(|claim| {
            let by = claim.stated_by.map(|by| self.estate.resolve(by));
            by == Some(id) && claim.source == source && claim.observed_to.is_none()
        });
        let entity = self.estate.entities.get(&id);
        let stated = entity.map_or(NONE, |entity| entity.references);
        let stated = self.estate.references.of_records(stated);
        let mut references = self.estate.references_at(stated);
        references.retain(|one| one.source == source);
        let relations = stated_rows(self.estate, id, source);
        // What is stated no more may have held what it led to.
        let led = references.iter().flat_map(|one| one.targets.iter().chain(&one.from_targets));
        let ends = relations.iter().flat_map(|row| [&row.from, &row.to]);
        let touched: BTreeSet<EntityId> = led.chain(ends).copied().collect();
        touched.into_iter().for_each(|id| self.entity(id));
        self.known.records.push(KnownRecord {
            entity: id,
            source: source.to_owned(),
            claims,
            relations,
            references,
        });
    }

    fn prefix(&mut self, prefix: &str) {
        let below = self.estate.below(prefix).into_iter().filter_map(|place| {
            Some((self.estate.names.keys.key(place), self.estate.find_place(place)?))
        });
        let below: Vec<_> = below.collect();
        below.into_iter().for_each(|(key, id)| self.entity_as(&key, id));
    }
}

/// Rows in force that a record states by plain ids; none when the source's newest complete export
/// lacked the entity.
fn stated_rows(estate: &Estate, id: EntityId, source: &str) -> Vec<RelationWrite> {
    let Some(entity) = estate.entities.get(&id) else { return Vec::new() };
    if entity.record_of(source).is_some_and(|record| record.retired_at(NOW).is_some()) {
        return Vec::new();
    }
    let rows = estate.edges.touching(entity.ends).into_iter();
    rows.filter_map(|place| estate.edges.row(place))
        .filter(|row| {
            row.stated_by == Some(id)
                && row.said.source == source
                && row.statement == 0
                && row.valid_to.is_none()
        })
        .map(|row| row.write())
        .collect()
}

/// `key` is what it was asked for by: mostly its canonical id, which is then shared.
fn known_entity(
    estate: &Estate,
    key: &AliasKey,
    id: EntityId,
    at: Option<Micros>,
) -> Option<KnownEntity> {
    let entity = estate.entities.get(&id)?;
    let canonical = match estate.names.keys.is(entity.key, key.as_str()) {
        true => key.clone(),
        false => estate.names.keys.key(entity.key),
    };
    let ends = |near: fn(&Row<'_>) -> EntityId, far: fn(&Row<'_>) -> EntityId| {
        let rows = estate.edges.implementing(id);
        let ends: BTreeSet<EntityId> = rows
            .filter(|row| near(row) == id && row.valid_to.is_none())
            .map(|row| far(&row))
            .collect();
        ends.into_iter().collect::<Vec<EntityId>>()
    };
    // It is only asked for where nothing observed the entity; a hub's need not be counted.
    let is_observed =
        |record: &Record| record.content.as_ref().is_some_and(|one| !record.mark(one).is_implied);
    let relation_count = if entity.records.iter().any(is_observed) {
        0
    } else {
        let touching = estate.edges.touching(entity.ends).into_iter();
        let rows = touching.filter_map(|place| estate.edges.row(place));
        rows.filter(|row| row.kind != RelationKind::ImplementedBy && row.valid_to.is_none()).count()
    };
    Some(KnownEntity {
        id,
        canonical,
        kind: entity.kind,
        state: entity.state,
        sources: entity
            .records
            .iter()
            .filter_map(|record| {
                Some((Arc::clone(&record.source), known_version(estate, record, at)?))
            })
            .collect(),
        implemented_by: ends(|row| row.from, |row| row.to),
        implements: ends(|row| row.to, |row| row.from),
        relation_count: relation_count as u64,
    })
}

fn known_version(estate: &Estate, record: &Record, at: Option<Micros>) -> Option<KnownVersion> {
    let content = record.content.as_ref()?;
    let mark = record.mark(content);
    let text = |place: u32| estate.names.text(place).map(str::to_owned);
    let at_instant =
        |instant: Micros| record.marks.iter().filter(move |one| one.observed_at == instant);
    let past = at.filter(|at| mark.observed_at > *at).map(|at| {
        let instants = || record.marks.iter().map(|one| one.observed_at);
        let observed_at = instants().filter(|one| *one <= at).max();
        let mut fingerprints: Vec<u64> =
            observed_at.into_iter().flat_map(at_instant).map(|one| one.fingerprint).collect();
        fingerprints.sort_unstable();
        KnownPast { observed_at, fingerprints, next_at: instants().filter(|one| *one > at).min() }
    });
    Some(KnownVersion {
        observed_at: mark.observed_at,
        seen_at: record.last_seen().map_or(mark.observed_at, |seen| seen.max(mark.observed_at)),
        fingerprint: mark.fingerprint,
        is_mixed: at_instant(mark.observed_at).any(|one| one.fingerprint != mark.fingerprint),
        past,
        retired_at: record.retired_at(NOW),
        is_implied: mark.is_implied,
        name: estate.names.name(content.name).to_owned(),
        scope: Arc::clone(estate.names.scope(content.scope)),
        owner: text(content.owner),
        application: text(content.application),
    })
}

/// Entities that `source` still reports and that a complete input covers, in order of id.
pub fn covered(estate: &Estate, source: &str, completeness: &Completeness) -> Vec<EntityId> {
    let is_covered = |entity: &super::life::Entity| {
        if entity.kind != completeness.kind {
            return false;
        }
        let Some(record) = entity.record_of(source) else { return false };
        let Some(content) = &record.content else { return false };
        let class = estate.names.text(content.controller);
        !record.mark(content).is_implied
            && estate.names.keys.starts_with(entity.key, &completeness.id_prefix)
            && (completeness.class.is_empty() || class == Some(&completeness.class))
            && record.ended_at(NOW).is_none()
    };
    let covered = estate.entities.iter().filter(|(_, entity)| is_covered(entity));
    covered.map(|(id, _)| id).collect()
}

/// Retirements that are held for a source and completeness, oldest first.
pub fn held(estate: &Estate, source: &str, completeness: &Completeness) -> Vec<HeldRetirement> {
    let mut held: Vec<HeldRetirement> = estate
        .held
        .iter()
        .filter(|one| one.source == source && one.completeness == *completeness)
        .cloned()
        .collect();
    held.sort_by_key(|one| one.at);
    held
}
