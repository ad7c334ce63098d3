//! The rows that change: those of references against what the same references gave before, those
//! between plain ids against what the same record stated before.

use std::collections::BTreeMap;

use model::kind::Evidence;
use model::resolution::RelationWrite;
use model::{EntityId, Micros, RelationKind, RelationObservation};

use crate::entity::{Entities, Slot};
use crate::fingerprint::hash_of;
use crate::relation::{self, Pending, kinds_of};
use crate::resolve::Work;

impl Work<'_> {
    pub fn write_rows(&mut self) {
        let mut touched = Vec::new();
        for pending in self.pending.values_mut() {
            pending.settle(&self.entities);
            let is_withdrawn =
                pending.stored.via.iter().any(|key| self.claims.withdrawn.contains(key));
            let withdrawn_at = Some(self.at).filter(|_| is_withdrawn);
            let rows = pending.rows(&self.entities, withdrawn_at);
            match pending.ends_at {
                Some(_) => self.past_rows.extend(rows),
                None => self.rows.extend(rows),
            }
        }
        for stored in self.withdrawn.values() {
            self.rows.extend(Pending::ended(stored, &self.entities, self.at));
        }
        self.direct_rows();
        for row in self.rows.iter().filter(|row| row.kind != RelationKind::ImplementedBy) {
            let ends = [row.from, row.to];
            let slots = ends.iter().filter_map(|id| self.entities.find_id(*id));
            touched.extend(slots.map(|slot| (slot, row.valid_to.is_some())));
        }
        touched.into_iter().for_each(|(slot, is_ended)| self.entities.touch(slot, is_ended));
        self.entities.settle_implied();
        self.rows.append(&mut self.past_rows);
    }

    /// Rows between plain ids, against those that the same record stated before.
    fn direct_rows(&mut self) {
        let mut stated: BTreeMap<Slot, BTreeMap<RowKey, RelationWrite>> = BTreeMap::new();
        let direct = std::mem::take(&mut self.direct);
        for (said_by, relation, until) in direct {
            let Some((slot, mut row)) =
                said_by.and_then(|s| Some((s, self.row(relation, said_by)?)))
            else {
                continue;
            };
            match until {
                Some(until) => {
                    // From the observation on: the row in force may begin where the source says so.
                    row.valid_from = row.valid_from.max(self.at);
                    let end = row.valid_to.map_or(until, |end| end.min(until));
                    if row.valid_from < end && !self.holds(slot, &row) {
                        self.past_rows.push(RelationWrite { valid_to: Some(end), ..row });
                    }
                }
                None => insert_least(stated.entry(slot).or_default(), row),
            }
        }
        for (slot, record) in &self.records {
            let rows = stated.remove(slot).unwrap_or_default();
            let known = record.known.map(|known| &known.relations[..]).unwrap_or_default();
            self.rows.extend(difference(rows, known, record.is_newer, self.at, &self.entities));
        }
        for relation in std::mem::take(&mut self.direct_own) {
            match self.row(relation, None) {
                Some(row) if row.valid_to.is_some() => self.past_rows.push(row),
                row => self.rows.extend(row),
            }
        }
    }

    /// Whether the record in force states the row already and has done so since before.
    fn holds(&self, slot: Slot, row: &RelationWrite) -> bool {
        let known = self.records.get(&slot).and_then(|record| record.known);
        known.is_some_and(|known| {
            let root = |id| self.entities.root_id(id);
            known.relations.iter().any(|old| {
                (root(old.from), old.kind, root(old.to), old.evidence) == row_key(row)
                    && old.valid_from <= row.valid_from
                    && content(old) == content(&RelationWrite { valid_to: None, ..row.clone() })
            })
        })
    }

    fn row(&self, relation: &RelationObservation, said_by: Option<Slot>) -> Option<RelationWrite> {
        let (from, to) = self.ends(relation)?;
        let (from, to) = (self.entities.get(from), self.entities.get(to));
        let kind = kinds_of(relation.kind, Some(to.kind)).first().copied()?;
        let said_by = said_by.map(|slot| self.entities.get(self.entities.root(slot)).id);
        let mut row =
            relation::direct(relation, (from.id, to.id), kind, self.source, said_by, self.at);
        if relation.evidence == Evidence::Observed && said_by.is_none() {
            row.seen_at = relation.ended_at.unwrap_or(self.at);
            row.valid_to = None;
        }
        Some(row)
    }
}

type RowKey = (EntityId, RelationKind, EntityId, Evidence);

fn row_key(row: &RelationWrite) -> RowKey {
    (row.from, row.kind, row.to, row.evidence)
}

fn content(row: &RelationWrite) -> u64 {
    let said = (&row.need, &row.need_source, &row.group, row.min_alive, &row.properties);
    hash_of(&(said, row.valid_to))
}

/// Of two rows that one record states between the same ends, the one whose content comes first.
fn insert_least(rows: &mut BTreeMap<RowKey, RelationWrite>, row: RelationWrite) {
    match rows.get(&row_key(&row)) {
        Some(other) if content(other) <= content(&row) => {}
        _ => drop(rows.insert(row_key(&row), row)),
    }
}

/// Rows that a record states against those it stated before.
fn difference(
    mut stated: BTreeMap<RowKey, RelationWrite>,
    known: &[RelationWrite],
    is_newer: bool,
    at: Micros,
    entities: &Entities<'_>,
) -> Vec<RelationWrite> {
    let mut rows = Vec::new();
    for old in known.iter().filter(|old| old.statement == 0 && old.valid_to.is_none()) {
        let mut old = old.clone();
        old.from = entities.root_id(old.from);
        old.to = entities.root_id(old.to);
        match stated.remove(&row_key(&old)) {
            Some(new) if content(&new) == content(&old) => {}
            Some(mut new) if is_newer => {
                new.valid_from = at.max(old.valid_from);
                if old.valid_from < at {
                    rows.push(RelationWrite { valid_to: Some(at), ..old });
                }
                rows.push(new);
            }
            // Another record of the same instant: the content that comes first stays.
            Some(new) if content(&new) < content(&old) => {
                rows.push(RelationWrite { valid_from: old.valid_from, ..new });
            }
            Some(_) => {}
            None if is_newer => {
                rows.push(RelationWrite { valid_to: Some(at.max(old.valid_from)), ..old });
            }
            None => {}
        }
    }
    rows.extend(stated.into_values());
    rows
}
