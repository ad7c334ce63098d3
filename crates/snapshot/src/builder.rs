//! Rows in any order to a snapshot: the same rows give the same snapshot.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use graph::{Csr, Edge, TooLarge};
use model::entity::{EntityId, Labels};
use model::kind::{EntityKind, RelationKind};

use crate::Snapshot;
use crate::arena::Arena;

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// More than ordinals count.
    #[error("{0} {1} are more than a snapshot holds")]
    TooMany(usize, &'static str),
    /// The relations are no graph.
    #[error(transparent)]
    Graph(#[from] TooLarge),
    /// The file cannot be read or written.
    #[error("the snapshot {path}: {reason}; remove it and it is made again from the store")]
    File {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

struct Row {
    kind: EntityKind,
    id: String,
    entity: EntityId,
    labels: Vec<u32>,
}

/// Takes rows.
#[derive(Default)]
pub struct Builder {
    rows: Vec<Row>,
    labels: HashMap<String, u32>,
    relations: Vec<(EntityId, RelationKind, EntityId)>,
}

impl Builder {
    /// Takes an entity; its internal id must not have been given before.
    pub fn entity(&mut self, entity: EntityId, kind: EntityKind, id: &str, labels: &Labels) {
        let places = labels.iter().map(|(name, value)| {
            let next = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
            *self.labels.entry(format!("{name}={value}")).or_insert(next)
        });
        let labels = places.collect();
        self.rows.push(Row { kind, id: id.to_owned(), entity, labels });
    }

    /// Takes a relation; its ends may come later.
    pub fn relation(&mut self, from: EntityId, kind: RelationKind, to: EntityId) {
        self.relations.push((from, kind, to));
    }

    /// The snapshot, and how many relations were left out because an end is no entity of it.
    ///
    /// # Errors
    /// When there is more of something than a `u32` counts.
    pub fn finish(mut self, version: u64) -> Result<(Snapshot, u64), SnapshotError> {
        let nodes = u32::try_from(self.rows.len())
            .map_err(|_beyond| SnapshotError::TooMany(self.rows.len(), "entities"))?;
        self.rows.sort_by(|a, b| (a.kind, &a.id, a.entity).cmp(&(b.kind, &b.id, b.entity)));
        let mut found = Snapshot { version, label_offsets: vec![0], ..Snapshot::default() };
        let new_places = intern(&self.labels, &mut found.labels);
        let mut ordinals: HashMap<EntityId, u32> = HashMap::with_capacity(self.rows.len());
        for (ordinal, row) in (0_u32..).zip(&self.rows) {
            ordinals.insert(row.entity, ordinal);
            found.kinds.push(row.kind);
            found.entities.push(row.entity);
            found.ids.push(&row.id);
            let places: BTreeSet<u32> = row
                .labels
                .iter()
                .filter_map(|old| new_places.get(*old as usize))
                .copied()
                .collect();
            found.label_places.extend(places);
            let end = u32::try_from(found.label_places.len())
                .map_err(|_beyond| SnapshotError::TooMany(found.label_places.len(), "labels"))?;
            found.label_offsets.push(end);
        }
        let ordinal = |id: &EntityId| ordinals.get(id).copied();
        let edges: Vec<Edge> = self
            .relations
            .iter()
            .filter_map(|(from, kind, to)| {
                Some(Edge { from: ordinal(from)?, to: ordinal(to)?, kind: kind.code() })
            })
            .collect();
        let left_out = self.relations.len().saturating_sub(edges.len()) as u64;
        found.graph = Csr::new(nodes, &edges)?;
        Ok((found, left_out))
    }
}

/// Puts labels into an arena in order; gives the new place of each old one.
fn intern(labels: &HashMap<String, u32>, arena: &mut Arena) -> Vec<u32> {
    let ordered: BTreeMap<&String, u32> = labels.iter().map(|(text, old)| (text, *old)).collect();
    let mut places = vec![0; ordered.len()];
    for (new, (text, old)) in (0_u32..).zip(ordered) {
        arena.push(text);
        if let Some(place) = places.get_mut(old as usize) {
            *place = new;
        }
    }
    places
}
