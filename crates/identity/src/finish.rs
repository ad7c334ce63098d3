//! The end of a resolution: everything that was decided, as the stores' writes, in order.

use std::collections::{BTreeMap, BTreeSet};

use model::resolution::{
    EntityState, ReferencePurpose, RelationWrite, Sequence, StoredReference, StoredRule,
    SubjectWrite, TopologyWrite,
};
use model::{AliasKey, EntityId};

use crate::entity::Slot;
use crate::record;
use crate::resolve::{Resolution, Work};
use crate::subject::SubjectIds;

impl Work<'_> {
    pub fn finish(mut self, ids: SubjectIds, sequence: Sequence, is_replay: bool) -> Resolution {
        let mut references = Vec::new();
        let mut open_references = 0;
        let mut redirected: BTreeMap<Slot, Slot> = BTreeMap::new();
        for pending in self.pending.values() {
            let is_changed = pending.is_changed();
            if let ReferencePurpose::Subject(id) = &pending.stored.purpose
                && let Some(slot) = self.entities.find_id(*id).filter(|_| is_changed || is_replay)
            {
                redirected.insert(slot, pending.target().unwrap_or(slot));
            }
            let is_empty = pending.stored.targets.is_empty()
                || pending.kind().is_some() && pending.stored.from_targets.is_empty();
            open_references +=
                u64::from(!pending.is_past && (is_empty || pending.stored.is_conflict));
            if is_changed && !pending.is_past {
                references.push(pending.stored.clone());
            }
        }
        self.root_statements(&mut references);
        let mut cascade: BTreeSet<AliasKey> = self.claims.changed.iter().cloned().collect();
        for (from, into, _) in &self.entities.merges {
            cascade.insert(self.entities.get(*from).canonical.clone());
            cascade.insert(self.entities.get(*into).canonical.clone());
        }
        self.name_externals();
        let subjects = self.subject_writes(&redirected, is_replay);
        let reported = self.reported();
        let (versions, seen) = self.entities.versions();
        let mut claims = self.claims.writes();
        for claim in &mut claims {
            claim.stated_by = claim.stated_by.map(|id| self.entities.root_id(id));
        }
        let rule = |rule: &model::value::OwnershipRule| StoredRule {
            rule: rule.clone(),
            source: self.source.to_owned(),
            observed_at: self.at,
        };
        let topology = TopologyWrite {
            sequence,
            input: self.observations.batch.input.clone(),
            entities: self.entities.writes(),
            versions,
            seen,
            claims,
            relations: self.rows,
            references,
            references_withdrawn: self.withdrawn.keys().copied().collect(),
            merges: self.entities.merge_writes(self.at),
            retirements: Vec::new(),
            held: Vec::new(),
            ownership: self.observations.batch.ownership.iter().map(rule).collect(),
        };
        let cascade = cascade.into_iter().collect();
        Resolution { topology, subjects, reported, cascade, open_references, ids }
    }

    /// Ids of what states a row or a reference, after the merges.
    fn root_statements(&mut self, references: &mut [StoredReference]) {
        for reference in references {
            if let ReferencePurpose::Relation(template) = &mut reference.purpose {
                template.stated_by = template.stated_by.map(|id| self.entities.root_id(id));
            }
        }
        for row in &mut self.rows {
            row.stated_by = row.stated_by.map(|id| self.entities.root_id(id));
        }
        self.rows.sort_by(|a, b| {
            let key = |row: &RelationWrite| {
                (row.from, row.kind, row.to, row.evidence, row.stated_by, row.statement)
            };
            (key(a), a.valid_from, a.valid_to).cmp(&(key(b), b.valid_from, b.valid_to))
        });
        self.rows.dedup();
    }

    fn reported(&self) -> Vec<EntityId> {
        let ids = self.reported.iter().map(|slot| self.entities.get(self.entities.root(*slot)).id);
        let mut ids: Vec<EntityId> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// External endpoints have a name of their own, whoever refers to them.
    fn name_externals(&mut self) {
        for slot in std::mem::take(&mut self.externals) {
            let at = self.at;
            let entity = self.entities.get_mut(slot);
            if entity.stored.is_none() && entity.versions.is_empty() {
                entity.versions.push(record::external(&entity.canonical, at));
                entity.is_subject_changed = true;
            }
        }
    }

    /// Subjects that rows refer to or whose description changed, in order of id.
    fn subject_writes(
        &self,
        redirected: &BTreeMap<Slot, Slot>,
        is_replay: bool,
    ) -> Vec<SubjectWrite> {
        let mut writes = Vec::new();
        for (slot, entity) in self.entities.slots() {
            let stands_for = redirected.get(&slot).copied();
            let is_named = entity.state == EntityState::Named;
            let is_used = self.used.contains(&slot);
            let is_written = stands_for.is_some()
                || (entity.is_subject_changed && (!is_named || is_used))
                || (entity.redirect.is_some() && entity.is_subject_changed)
                || (is_used && is_named && !entity.canonical.as_str().starts_with("ref://"))
                || (is_replay && (is_used || self.reported.contains(&slot)));
            if is_written {
                writes.push(self.entities.subject(slot, stands_for.unwrap_or(slot)));
            }
        }
        if is_replay {
            for (id, into) in &self.known.redirects {
                let slot = self.entities.find_id(*into);
                writes.extend(
                    slot.map(|slot| SubjectWrite { id: *id, ..self.entities.subject(slot, slot) }),
                );
            }
        }
        writes.sort_by_key(|write| write.id);
        writes.dedup_by_key(|write| write.id);
        writes
    }
}
