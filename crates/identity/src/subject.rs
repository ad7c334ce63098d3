//! What telemetry rows are about: an entity, or a stand-in that carries the rows of a reference and is
//! redirected to whatever the reference leads to. Rows never move.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::reference::Reference;
use model::resolution::{ReferencePurpose, StoredReference, TelemetryWrite};
use model::resolution::{Sequence, SubjectWrite};
use model::span::EdgeMinute;
use model::{AliasKey, EntityId, EntityKind};

use crate::entity::{Entities, Slot};
use crate::fingerprint::hash_of;
use crate::relation::{Pending, name_end};
use crate::resolve::Observations;

/// Canonical id of the entity that stands in for what a reference means.
pub(crate) fn stand_in(reference: &Reference) -> AliasKey {
    format!("ref://{:016x}", hash_of(reference)).into()
}

/// Ids of the subjects of a batch's rows, in the order of the rows.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct SubjectIds {
    series: Vec<EntityId>,
    spans: Vec<EntityId>,
    logs: Vec<EntityId>,
    edges: Vec<(EntityId, EntityId)>,
    paired: Vec<(EntityId, EntityId)>,
    unpaired: Vec<(EntityId, EntityId)>,
    charges: Vec<Option<EntityId>>,
    incidents: Vec<Vec<EntityId>>,
    changes: Vec<Vec<EntityId>>,
    findings: Vec<Vec<EntityId>>,
    values: Vec<EntityId>,
    budgets: Vec<EntityId>,
    stated: Vec<Vec<EntityId>>,
}

/// Finds the subjects of a batch.
pub(crate) struct Subjects<'a, 'b> {
    pub entities: &'b mut Entities<'a>,
    pub pending: &'b mut BTreeMap<u64, Pending>,
    pub source: &'b str,
    pub at: model::Micros,
    /// Whether stand-ins that are known are tried again.
    pub is_replay: bool,
    pub used: HashSet<Slot>,
    pub found: HashMap<&'a Reference, EntityId>,
}

impl<'a> Subjects<'a, '_> {
    /// The subjects of every row.
    pub fn ids(&mut self, observations: &'a Observations) -> SubjectIds {
        let batch = &observations.batch;
        let many = |this: &mut Self, all: &'a [Reference]| {
            all.iter().map(|one| this.id(one)).collect::<Vec<_>>()
        };
        SubjectIds {
            series: batch.series.iter().map(|one| self.id(&one.subject)).collect(),
            spans: batch.spans.iter().map(|one| self.service(&one.service)).collect(),
            logs: batch.logs.iter().map(|one| self.service(&one.service)).collect(),
            edges: self.edges(&batch.edges),
            paired: self.edges(&observations.paired),
            unpaired: self.edges(&observations.unpaired),
            charges: batch
                .charges
                .iter()
                .map(|one| one.resource.as_ref().map(|resource| self.id(resource)))
                .collect(),
            incidents: batch.incidents.iter().map(|one| many(self, &one.entities)).collect(),
            changes: batch.changes.iter().map(|one| many(self, &one.entities)).collect(),
            findings: batch
                .findings
                .iter()
                .map(|one| {
                    let mut ids = vec![self.id(&one.target)];
                    ids.extend(many(self, &one.entities));
                    ids
                })
                .collect(),
            values: batch.values.iter().map(|one| self.id(&one.of)).collect(),
            budgets: batch.budgets.iter().map(|one| self.id(&one.unit)).collect(),
            stated: batch.stated.iter().map(|one| many(self, &one.subjects)).collect(),
        }
    }

    fn edges(&mut self, edges: &'a [EdgeMinute]) -> Vec<(EntityId, EntityId)> {
        edges.iter().map(|edge| (self.id(&edge.client), self.id(&edge.server))).collect()
    }

    fn service(&mut self, id: &AliasKey) -> EntityId {
        let slot = self.entities.ensure(id, EntityKind::Service);
        self.used.insert(slot);
        self.entities.get(slot).id
    }

    fn id(&mut self, reference: &'a Reference) -> EntityId {
        if let Some(id) = self.found.get(reference) {
            return *id;
        }
        let slot = name_end(self.entities, reference).unwrap_or_else(|| self.stand_in(reference));
        self.used.insert(slot);
        let id = self.entities.get(slot).id;
        self.found.insert(reference, id);
        id
    }

    fn stand_in(&mut self, reference: &Reference) -> Slot {
        let kind = reference.kinds.first().copied().unwrap_or(EntityKind::Unknown);
        let slot = self.entities.ensure(&stand_in(reference), kind);
        let entity = self.entities.get(slot);
        let id = hash_of(&("subject", reference)).max(1);
        if entity.stored.is_none() || self.is_replay {
            let stored = StoredReference {
                id,
                purpose: ReferencePurpose::Subject(entity.id),
                reference: reference.clone(),
                source: self.source.to_owned(),
                observed_at: self.at,
                targets: Vec::new(),
                from_targets: Vec::new(),
                via: Vec::new(),
                is_conflict: false,
                rule: String::new(),
                late: Vec::new(),
            };
            self.pending.entry(id).or_insert_with(|| Pending::new(stored, None));
        }
        slot
    }
}

impl SubjectIds {
    /// The write that takes the batch's rows in.
    pub fn write(
        self,
        observations: Observations,
        subjects: Vec<SubjectWrite>,
        sequence: Sequence,
    ) -> TelemetryWrite {
        let Observations { batch, paired, unpaired, .. } = observations;
        TelemetryWrite {
            sequence,
            input: batch.input,
            subjects,
            series: self.series.into_iter().zip(batch.series).collect(),
            spans: self.spans.into_iter().zip(batch.spans).collect(),
            edges: edges(self.edges, batch.edges),
            edges_paired: edges(self.paired, paired),
            edges_unpaired: edges(self.unpaired, unpaired),
            logs: self.logs.into_iter().zip(batch.logs).collect(),
            delivery: batch.delivery,
            charges: self.charges.into_iter().zip(batch.charges).collect(),
            incidents: self.incidents.into_iter().zip(batch.incidents).collect(),
            changes: self.changes.into_iter().zip(batch.changes).collect(),
            findings: self.findings.into_iter().zip(batch.findings).collect(),
            values: self.values.into_iter().zip(batch.values).collect(),
            budgets: self.budgets.into_iter().zip(batch.budgets).collect(),
            stated: self.stated.into_iter().zip(batch.stated).collect(),
            ownership: batch.ownership,
            is_last: batch.is_last,
        }
    }
}

fn edges(
    ids: Vec<(EntityId, EntityId)>,
    edges: Vec<EdgeMinute>,
) -> Vec<(EntityId, EntityId, EdgeMinute)> {
    ids.into_iter().zip(edges).map(|((client, server), edge)| (client, server, edge)).collect()
}
