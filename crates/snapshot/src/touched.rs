//! What of the counts of the whole a write can change: the entities that it speaks of, and the relations
//! whose rows, stating records or clients it touches.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::entity::EntityId;
use model::kind::{Evidence, RelationKind};
use model::resolution::TopologyWrite;

use super::edge::Row;
use super::estate::Estate;
use super::fact::{RelationId, rows_in_force};
use super::tally::{self, Tally, View};

/// How what a write touches counted before it.
pub struct Touched {
    entities: BTreeMap<EntityId, Option<View>>,
    /// Relations, with how their ends counted when they counted themselves.
    relations: BTreeMap<RelationId, Option<(View, View)>>,
}

impl Touched {
    /// What a write will touch.
    pub fn new(estate: &Estate, write: &TopologyWrite, tallies: &mut [Tally]) -> Self {
        let merges: HashMap<EntityId, EntityId> = write
            .merges
            .iter()
            .map(|one| (estate.resolve(one.from), estate.resolve(one.into)))
            .filter(|(from, into)| from != into)
            .collect();
        let mut ids: BTreeSet<EntityId> = write.entities.iter().map(|one| one.id).collect();
        ids.extend(write.versions.iter().map(|one| one.entity));
        ids.extend(&write.seen);
        ids.extend(write.retirements.iter().map(|one| one.entity));
        ids.extend(write.merges.iter().flat_map(|one| [one.from, one.into]));
        let ids: BTreeSet<EntityId> = ids.into_iter().map(|id| estate.resolve(id)).collect();
        let mut relations: BTreeSet<RelationId> = BTreeSet::new();
        for row in &write.relations {
            let (from, to) = (after(estate, &merges, row.from), after(estate, &merges, row.to));
            relations.insert((from, row.kind, to));
            if row.evidence == Evidence::Observed {
                let client = estate.entities.get(&from).map(|client| client.ends.outgoing);
                let rows = estate.edges.rows(client);
                relations.extend(rows.filter(|row| row.evidence == Evidence::Observed).map(id));
            }
        }
        let retired: BTreeSet<EntityId> =
            write.retirements.iter().map(|one| estate.resolve(one.entity)).collect();
        for entity in &ids {
            relations.extend(stated(estate, *entity, retired.contains(entity)));
        }
        for from in merges.keys().copied().collect::<BTreeSet<_>>() {
            let Some(entity) = estate.entities.get(&from) else { continue };
            let places = estate.edges.touching(entity.ends).into_iter();
            let places = places.chain(estate.edges.stated_elsewhere(from));
            for (near, kind, far) in places.filter_map(|place| estate.edges.row(place)).map(id) {
                relations.insert((near, kind, far));
                relations.insert((after(estate, &merges, near), kind, after(estate, &merges, far)));
            }
        }
        let mut views: HashMap<EntityId, Option<View>> = HashMap::new();
        let relations = relations
            .into_iter()
            .map(|one| (one, counted(estate, one, |id| look(estate, tallies, &mut views, id))));
        let relations = relations.collect();
        let entities = ids.into_iter().map(|id| (id, tally::view(estate, tallies, id))).collect();
        Self { entities, relations }
    }

    /// Puts the counts right after the write.
    pub fn settle(self, estate: &Estate, tallies: &mut [Tally]) {
        let mut views: HashMap<EntityId, Option<View>> = HashMap::new();
        let mut others: BTreeSet<RelationId> = BTreeSet::new();
        for (entity, before) in &self.entities {
            let now = look(estate, tallies, &mut views, *entity);
            if now == *before {
                continue;
            }
            before.iter().for_each(|view| tally::take(tallies, view));
            now.iter().for_each(|view| tally::add(tallies, view));
            if let Some(held) = estate.entities.get(entity) {
                let places = estate.edges.touching(held.ends).into_iter();
                let touching = places.filter_map(|place| estate.edges.row(place)).map(id);
                others.extend(touching.filter(|one| !self.relations.contains_key(one)));
            }
        }
        // The rows of these are as they were: only how their ends count is different.
        for one in others {
            let (from, kind, to) = one;
            if !is_in_force(estate, one) {
                continue;
            }
            let mut was = |id| match self.entities.get(&id) {
                Some(before) => before.clone(),
                None => look(estate, tallies, &mut views, id),
            };
            if let (Some(from), Some(to)) = (was(from), was(to)) {
                tally::take_relation(tallies, &from, kind, &to);
            }
            let mut is = |id| look(estate, tallies, &mut views, id);
            if let (Some(from), Some(to)) = (is(from), is(to)) {
                tally::add_relation(tallies, &from, kind, &to);
            }
        }
        for (one, before) in &self.relations {
            let now = counted(estate, *one, |id| look(estate, tallies, &mut views, id));
            if let Some((from, to)) = before {
                tally::take_relation(tallies, from, one.1, to);
            }
            if let Some((from, to)) = now {
                tally::add_relation(tallies, &from, one.1, &to);
            }
        }
    }
}

fn id(row: Row<'_>) -> RelationId {
    (row.from, row.kind, row.to)
}

/// What an id will stand for after the merges of a write.
fn after(estate: &Estate, merges: &HashMap<EntityId, EntityId>, id: EntityId) -> EntityId {
    let mut id = estate.resolve(id);
    // A chain of merges is no longer than there are merges.
    for _ in 0..merges.len() {
        match merges.get(&id) {
            Some(into) => id = *into,
            None => break,
        }
    }
    id
}

/// Relations that hold no longer or again when a record of the entity is retired or seen again.
fn stated(estate: &Estate, by: EntityId, is_retired: bool) -> Vec<RelationId> {
    let Some(entity) = estate.entities.get(&by) else { return Vec::new() };
    let was_missed = entity.records.iter().any(|one| !one.missed.as_slice().is_empty());
    if !is_retired && !was_missed {
        return Vec::new();
    }
    let places = estate.edges.touching(entity.ends).into_iter();
    let rows = places.chain(estate.edges.stated_elsewhere(by));
    let rows = rows.filter_map(|place| estate.edges.row(place));
    rows.filter(|row| row.stated_by == Some(by)).map(id).collect()
}

fn look(
    estate: &Estate,
    tallies: &mut [Tally],
    views: &mut HashMap<EntityId, Option<View>>,
    id: EntityId,
) -> Option<View> {
    views.entry(id).or_insert_with(|| tally::view(estate, tallies, id)).clone()
}

/// How the ends of a relation count, when it is in force and both count.
fn counted(
    estate: &Estate,
    relation: RelationId,
    mut view: impl FnMut(EntityId) -> Option<View>,
) -> Option<(View, View)> {
    let (from, to) = (view(relation.0)?, view(relation.2)?);
    is_in_force(estate, relation).then_some((from, to))
}

/// Whether any row of a relation is in force, looked for from the end that has fewer rows.
fn is_in_force(estate: &Estate, (from, kind, to): (EntityId, RelationKind, EntityId)) -> bool {
    let (Some(near), Some(far)) = (estate.entities.get(&from), estate.entities.get(&to)) else {
        return false;
    };
    let (outgoing, incoming) = (near.ends.outgoing, far.ends.incoming_of(kind));
    let list = if outgoing.len() <= incoming.len() { outgoing } else { incoming };
    rows_in_force(estate, [list]).any(|row| id(row) == (from, kind, to))
}
