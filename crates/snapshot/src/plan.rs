//! What of a write is news: everything the estate holds already is left out, so that an unchanged
//! input writes next to nothing, and what is left is counted by what it is.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::EntityId;
use model::resolution::{EntityState, TopologyWrite, WriteOutcome};

use super::edge::Difference;
use super::estate::Estate;
use super::life::{Entity, NOW};

/// The news of a write, and its count.
pub fn plan(estate: &Estate, mut write: TopologyWrite) -> (TopologyWrite, WriteOutcome) {
    let mut outcome = WriteOutcome::default();
    let mut added = BTreeSet::new();
    let mut changed = BTreeSet::new();
    write.entities.retain(|one| {
        let held = estate.entities.get(&estate.resolve(one.id));
        let is_present = one.state == EntityState::Present;
        let was_present = held.is_some_and(|held| held.state == EntityState::Present);
        if is_present && !was_present {
            added.insert(one.id);
        }
        let is_same = held.is_some_and(|held| {
            estate.names.keys.is(held.key, one.canonical.as_str())
                && held.kind == one.kind
                && held.state == one.state
        });
        if !is_same && was_present {
            changed.insert(one.id);
        }
        !is_same
    });
    let kinds: BTreeMap<EntityId, &'static str> =
        write.entities.iter().map(|one| (one.id, one.kind.as_str())).collect();
    let kind_of = |id: EntityId| {
        let held = estate.entities.get(&estate.resolve(id)).map(|entity| entity.kind.as_str());
        kinds.get(&id).copied().or(held).unwrap_or("unknown")
    };
    write.versions.retain(|one| {
        let held = estate
            .entities
            .get(&estate.resolve(one.entity))
            .and_then(|entity| entity.record_of(&one.source));
        let is_known = held.is_some_and(|record| record.marks.iter().any(|mark| mark.is_of(one)));
        if !is_known && estate.entities.contains(estate.resolve(one.entity)) {
            changed.insert(one.entity);
        }
        !is_known
    });
    for id in &added {
        *outcome.added.entry(kind_of(*id).to_owned()).or_default() += 1;
    }
    for id in changed.difference(&added) {
        let is_present = estate.entities.get(&estate.resolve(*id)).is_some_and(Entity::is_present);
        if is_present {
            *outcome.changed.entry(kind_of(*id).to_owned()).or_default() += 1;
        }
    }
    plan_relations(estate, &mut write, &mut outcome);
    plan_ends(estate, &mut write, &mut outcome, &kind_of);
    plan_names(estate, &mut write);
    (write, outcome)
}

fn plan_relations(estate: &Estate, write: &mut TopologyWrite, outcome: &mut WriteOutcome) {
    write.relations.retain(|row| {
        let kind = row.kind.as_str();
        match estate.difference(row.into()) {
            Difference::Nothing => return false,
            Difference::Seen => {}
            Difference::New => *outcome.added.entry(kind.to_owned()).or_default() += 1,
            Difference::Changed => {
                let counts = if row.valid_to.is_some() {
                    &mut outcome.retired
                } else {
                    &mut outcome.changed
                };
                *counts.entry(kind.to_owned()).or_default() += 1;
            }
        }
        true
    });
}

fn plan_ends(
    estate: &Estate,
    write: &mut TopologyWrite,
    outcome: &mut WriteOutcome,
    kind_of: &dyn Fn(EntityId) -> &'static str,
) {
    write.retirements.retain(|one| {
        let entity = estate.entities.get(&estate.resolve(one.entity));
        let record = entity.and_then(|entity| entity.record_of(&one.source));
        if record.is_some_and(|record| record.missed.as_slice().contains(&one.at)) {
            return false;
        }
        let ends = entity.is_some_and(|entity| {
            let mut after = entity.clone();
            let mut records = after.records.as_mut_slice().iter_mut();
            if let Some(record) = records.find(|record| *record.source == *one.source) {
                record.miss(one.at);
            }
            let end = |entity: &Entity| entity.existence(NOW).and_then(|it| it.valid_to);
            end(entity).is_none() && end(&after).is_some()
        });
        if ends {
            *outcome.retired.entry(kind_of(one.entity).to_owned()).or_default() += 1;
        }
        true
    });
    write.held.retain(|one| !estate.held.contains(one));
    for held in &write.held {
        for id in &held.entities {
            *outcome.held.entry(kind_of(*id).to_owned()).or_default() += 1;
        }
    }
    write.ownership.retain(|rule| !estate.ownership.contains(rule));
    write.merges.retain(|one| estate.resolve(one.from) != estate.resolve(one.into));
    if !write.merges.is_empty() {
        outcome.changed.insert("merge".to_owned(), write.merges.len() as u64);
    }
}

fn plan_names(estate: &Estate, write: &mut TopologyWrite) {
    let source = write.input.source.clone();
    let at = write.input.observed_at;
    write.seen.retain(|id| {
        let entity = estate.entities.get(&estate.resolve(*id));
        let record = entity.and_then(|entity| entity.record_of(&source));
        !record
            .is_some_and(|record| record.first_seen() == Some(at) || record.last_seen() == Some(at))
    });
    write.claims.retain(|one| {
        let mut one = one.clone();
        one.stated_by = one.stated_by.map(|id| estate.resolve(id));
        !estate.claims.holds(&estate.names.keys, &one)
    });
    let references = &estate.references;
    write.references.retain(|one| !references.holds(&estate.names, one));
    write.references_withdrawn.retain(|id| references.contains(*id));
}
