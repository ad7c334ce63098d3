//! Look-ups and writes of the topology, by the letter of the model's documentation.

use std::collections::BTreeSet;

use model::resolution::{
    BySource, EntityState, Known, KnownEntity, KnownPast, KnownRecord, KnownVersion, Lookup, Merge,
    ReferencePurpose, RelationWrite, StoredRule, TopologyWrite, VersionWrite, WriteOutcome,
};
use model::{AliasKey, EntityId, Micros, RelationKind};

use super::state::{Entity, RowKey, State};

pub fn known(state: &State, lookup: &Lookup) -> Known {
    let mut known =
        Known { next_id: next_id(state), ownership: state.ownership.clone(), ..Known::default() };
    let mut keys: Vec<AliasKey> = lookup.keys.clone();
    for stored in state.references.values() {
        if lookup.retry.iter().any(|key| stored.via.contains(key)) {
            let mut stored = stored.clone();
            for id in stored.targets.iter_mut().chain(&mut stored.from_targets) {
                *id = state.root(*id);
            }
            keys.extend(stored.reference.candidates.iter().flat_map(|one| one.all.clone()));
            if let ReferencePurpose::Relation(template) = &stored.purpose {
                for end in [&template.from, &template.to] {
                    keys.extend(end.candidates.iter().flat_map(|one| one.all.clone()));
                }
            }
            let ends = stored.targets.iter().chain(&stored.from_targets);
            keys.extend(ends.map(|id| state.entities[id].canonical.clone()));
            known.references.push(stored);
        }
    }
    for entity in state.entities.values().filter(|entity| entity.redirect.is_none()) {
        if lookup.prefixes.iter().any(|prefix| entity.canonical.as_str().starts_with(prefix)) {
            keys.push(entity.canonical.clone());
        }
    }
    for (canonical, source) in &lookup.records {
        let Some(entity) = find(state, canonical) else { continue };
        let record = record(state, entity, source);
        let led =
            record.references.iter().flat_map(|one| one.targets.iter().chain(&one.from_targets));
        let ends = record.relations.iter().flat_map(|row| [&row.from, &row.to]);
        keys.extend(led.chain(ends).map(|id| state.entities[&state.root(*id)].canonical.clone()));
        known.records.push(record);
    }
    follow(state, keys, lookup.at, &mut known);
    for (id, _) in state.entities.iter().filter(|(_, entity)| entity.redirect.is_some()) {
        let root = state.root(*id);
        if known.entities.values().any(|entity| entity.id == root) {
            known.redirects.insert(*id, root);
        }
    }
    known
}

fn next_id(state: &State) -> u64 {
    state.entities.keys().next_back().map_or(1, |id| id.0 + 1)
}

fn find(state: &State, key: &AliasKey) -> Option<EntityId> {
    let found = state.entities.iter().find(|(_, entity)| entity.canonical == *key);
    found.map(|(id, _)| state.root(*id))
}

fn follow(state: &State, mut keys: Vec<AliasKey>, at: Option<Micros>, known: &mut Known) {
    let mut seen = BTreeSet::new();
    while let Some(key) = keys.pop() {
        if !seen.insert(key.clone()) {
            continue;
        }
        if let Some(id) = find(state, &key) {
            let entity = entity(state, id, at);
            for other in entity.implements.iter().chain(&entity.implemented_by) {
                keys.push(state.entities[other].canonical.clone());
            }
            known.entities.insert(key.clone(), entity);
        }
        let claims: Vec<_> = state
            .claims
            .values()
            .filter(|claim| claim.claim.key == key && claim.observed_to.is_none())
            .cloned()
            .collect();
        keys.extend(claims.iter().flat_map(|claim| claim.claim.to.clone()));
        if !claims.is_empty() {
            known.claims.insert(key, claims);
        }
    }
}

fn entity(state: &State, id: EntityId, at: Option<Micros>) -> KnownEntity {
    let found = &state.entities[&id];
    let joins = |near: fn(&RelationWrite) -> EntityId, far: fn(&RelationWrite) -> EntityId| {
        let rows = state.rows.values().filter(|row| {
            row.kind == RelationKind::ImplementedBy && row.valid_to.is_none() && near(row) == id
        });
        rows.map(far).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    let mut sources = BySource::default();
    for (_, source) in state.versions.keys().filter(|(of, _)| *of == id) {
        if let Some(version) = state.newest(id, source) {
            sources.insert(source.as_str().into(), known_version(state, id, version, at));
        }
    }
    KnownEntity {
        id,
        canonical: found.canonical.clone(),
        kind: found.kind,
        state: found.state,
        sources,
        implemented_by: joins(|row| row.from, |row| row.to),
        implements: joins(|row| row.to, |row| row.from),
        relation_count: state
            .rows
            .values()
            .filter(|row| row.kind != RelationKind::ImplementedBy && row.valid_to.is_none())
            .filter(|row| row.from == id || row.to == id)
            .count() as u64,
    }
}

fn known_version(
    state: &State,
    id: EntityId,
    one: &VersionWrite,
    at: Option<Micros>,
) -> KnownVersion {
    let key = (id, one.source.clone());
    let all = &state.versions[&key];
    let instants: BTreeSet<Micros> = all.iter().map(|one| one.observed_at).collect();
    let past = at.filter(|at| *at < one.observed_at).map(|at| {
        let observed_at = instants.range(..=at).next_back().copied();
        let of = all.iter().filter(|one| Some(one.observed_at) == observed_at);
        KnownPast {
            observed_at,
            fingerprints: of.map(|one| one.fingerprint).collect(),
            next_at: instants.iter().copied().find(|next| *next > at),
        }
    });
    KnownVersion {
        observed_at: one.observed_at,
        seen_at: state.seen.get(&key).copied().unwrap_or_default().max(one.observed_at),
        fingerprint: one.fingerprint,
        retired_at: state.retired.get(&key).copied(),
        is_mixed: all.iter().filter(|other| other.observed_at == one.observed_at).count() > 1,
        past,
        is_implied: one.is_implied,
        name: one.name.clone(),
        scope: one.scope.clone().into(),
        owner: one.owner.clone(),
        application: one.application.clone(),
    }
}

fn record(state: &State, entity: EntityId, source: &str) -> KnownRecord {
    let is_of = |by: Option<EntityId>, of: &str| by == Some(entity) && of == source;
    KnownRecord {
        entity,
        source: source.to_owned(),
        claims: state
            .claims
            .values()
            .filter(|one| is_of(one.stated_by, &one.source) && one.observed_to.is_none())
            .cloned()
            .collect(),
        relations: state
            .rows
            .values()
            .filter(|one| is_of(one.stated_by, &one.source) && one.valid_to.is_none())
            .filter(|one| one.statement == 0)
            .cloned()
            .collect(),
        references: state
            .references
            .values()
            .filter(|one| match &one.purpose {
                ReferencePurpose::Relation(template) => is_of(template.stated_by, &one.source),
                ReferencePurpose::Subject(_) => false,
            })
            .cloned()
            .collect(),
    }
}

pub fn write(state: &mut State, write: TopologyWrite) -> WriteOutcome {
    let before = state.canonical();
    let mut outcome = WriteOutcome::default();
    for one in write.entities {
        let redirect = state.entities.get(&one.id).and_then(|entity| entity.redirect);
        let is_new = state.entities.get(&one.id).is_none_or(|e| e.state != EntityState::Present);
        if is_new && one.state == EntityState::Present {
            *outcome.added.entry(one.kind.to_string()).or_default() += 1;
        }
        let entity =
            Entity { canonical: one.canonical, kind: one.kind, state: one.state, redirect };
        state.entities.insert(one.id, entity);
    }
    write.merges.iter().for_each(|one| merge(state, one));
    for version in write.versions {
        let key = (version.entity, version.source.clone());
        if state.retired.get(&key).is_some_and(|at| version.observed_at >= *at) {
            state.retired.remove(&key);
        }
        let versions = state.versions.entry(key).or_default();
        let key = |one: &VersionWrite| (one.observed_at, one.fingerprint);
        if !versions.iter().any(|one| key(one) == key(&version)) {
            versions.push(version);
        }
    }
    for entity in write.seen {
        let seen = state.seen.entry((entity, write.input.source.clone())).or_default();
        *seen = (*seen).max(write.input.observed_at);
    }
    for claim in write.claims {
        let key = (claim.claim.clone(), claim.source.clone(), claim.stated_by);
        state.claims.insert(key, claim);
    }
    write.relations.into_iter().for_each(|row| put(state, row));
    for id in write.references_withdrawn {
        state.references.remove(&id);
    }
    state.references.extend(write.references.into_iter().map(|one| (one.id, one)));
    for one in write.retirements {
        if last_seen(state, one.entity, &one.source) < one.at {
            state.retired.insert((one.entity, one.source.clone()), one.at);
            for row in state.rows.values_mut() {
                if row.stated_by == Some(one.entity) && row.source == one.source {
                    row.valid_to.get_or_insert(one.at);
                }
            }
            *outcome.retired.entry("entity".to_owned()).or_default() += 1;
        }
    }
    for rule in &write.ownership {
        let is_replaced = |one: &StoredRule| {
            one.source == rule.source && one.observed_at < rule.observed_at || one == rule
        };
        state.ownership.retain(|one| !is_replaced(one));
    }
    state.ownership.extend(write.ownership);
    for held in write.held {
        *outcome.held.entry("entity".to_owned()).or_default() += held.entities.len() as u64;
        state.held.push(held);
    }
    if outcome.added.is_empty() && before != state.canonical() {
        outcome.changed.insert("estate".to_owned(), 1);
    }
    outcome
}

pub fn last_seen(state: &State, id: EntityId, source: &str) -> Micros {
    let seen = state.seen.get(&(id, source.to_owned())).copied().unwrap_or_default();
    seen.max(state.newest(id, source).map_or(Micros(i64::MIN), |version| version.observed_at))
}

fn key(row: &RelationWrite) -> RowKey {
    (
        row.from,
        row.kind,
        row.to,
        row.evidence,
        row.source.clone(),
        row.stated_by,
        row.statement,
        row.stated_by.map(|_| row.valid_from),
    )
}

fn put(state: &mut State, mut row: RelationWrite) {
    let key = key(&row);
    let is_taken_back = row.valid_to == Some(row.valid_from);
    if let Some(old) = state.rows.get(&key).filter(|_| row.stated_by.is_none()) {
        let (from, seen) = (old.valid_from.min(row.valid_from), old.seen_at.max(row.seen_at));
        if old.seen_at > row.seen_at && !is_taken_back {
            row = old.clone();
        }
        (row.valid_from, row.seen_at) = (from, seen);
    }
    match is_taken_back {
        true => drop(state.rows.remove(&key)),
        false => drop(state.rows.insert(key, row)),
    }
}

fn merge(state: &mut State, merge: &Merge) {
    let (from, into) = (merge.from, merge.into);
    if let Some(entity) = state.entities.get_mut(&from) {
        entity.redirect = Some(into);
    }
    let moved = |id: EntityId| if id == from { into } else { id };
    for ((id, source), versions) in std::mem::take(&mut state.versions) {
        state.versions.entry((moved(id), source)).or_default().extend(versions);
    }
    for ((id, source), at) in std::mem::take(&mut state.seen) {
        let seen = state.seen.entry((moved(id), source)).or_default();
        *seen = (*seen).max(at);
    }
    for (_, mut claim) in std::mem::take(&mut state.claims) {
        claim.stated_by = claim.stated_by.map(moved);
        let key = (claim.claim.clone(), claim.source.clone(), claim.stated_by);
        state.claims.insert(key, claim);
    }
    for (_, mut row) in std::mem::take(&mut state.rows) {
        (row.from, row.to) = (moved(row.from), moved(row.to));
        row.stated_by = row.stated_by.map(moved);
        if row.from != row.to {
            put(state, row);
        }
    }
    for stored in state.references.values_mut() {
        stored.targets.iter_mut().chain(&mut stored.from_targets).for_each(|id| *id = moved(*id));
        stored.late.iter_mut().for_each(|(from, to, _)| (*from, *to) = (moved(*from), moved(*to)));
        if let ReferencePurpose::Relation(template) = &mut stored.purpose {
            template.stated_by = template.stated_by.map(moved);
        }
    }
}
