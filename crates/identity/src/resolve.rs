//! A batch and what is known become writes: records against what their sources said before, names to
//! entities, statements to rows.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::kind::{Evidence, Need, NeedSource};
use model::resolution::{
    Known, ReferencePurpose, RelationWrite, Sequence, StoredReference, SubjectWrite,
    TelemetryWrite, TopologyWrite,
};
use model::span::EdgeMinute;
use model::{AliasKey, Batch, EntityId, EntityKind, Micros, RelationKind, RelationObservation};

use crate::claim::Claims;
use crate::entity::{Entities, Slot};
use crate::fingerprint::{fingerprint, hash_of};
use crate::lead::Leads;
use crate::merge;
use crate::ownership::Rules;
use crate::record::{self, Records};
use crate::relation::{self, Pending, name_end};
use crate::rename::Renames;
use crate::subject::{SubjectIds, Subjects};

/// How often outcomes are worked out again because they made two services one.
const MERGE_ROUNDS_MAX: usize = 4;

/// A batch with the calls paired from its spans.
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    /// The batch.
    pub batch: Batch,
    /// Calls that the traces of the batch's spans give now.
    pub paired: Vec<EdgeMinute>,
    /// Calls that the same traces gave before.
    pub unpaired: Vec<EdgeMinute>,
    /// Fingerprints of the batch's records, in their order.
    pub(crate) fingerprints: Vec<u64>,
}

impl Observations {
    /// With the fingerprints of the records.
    pub fn new(batch: Batch, paired: Vec<EdgeMinute>, unpaired: Vec<EdgeMinute>) -> Self {
        let fingerprints = batch.entities.iter().map(fingerprint).collect();
        Self { batch, paired, unpaired, fingerprints }
    }
}

/// What a batch means.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// What changes in the topology, without retirements.
    pub topology: TopologyWrite,
    /// Subjects that are new or changed.
    pub subjects: Vec<SubjectWrite>,
    /// Entities that the batch's records are about, each once, in order: what a complete input lists.
    pub reported: Vec<EntityId>,
    /// Keys whose meaning changes: references that name them and were not in [`Known`] must be tried
    /// again.
    pub cascade: Vec<AliasKey>,
    /// References tried that lead to nothing, or to several things.
    pub open_references: u64,
    pub(crate) ids: SubjectIds,
}

impl Resolution {
    /// The write to the topology store; leaves nothing of it behind.
    pub fn take_topology(&mut self, sequence: &Sequence) -> TopologyWrite {
        let empty = TopologyWrite::empty(sequence.clone(), self.topology.input.clone());
        std::mem::replace(&mut self.topology, empty)
    }

    /// The write to the telemetry store; takes the observations that were resolved.
    pub fn telemetry(self, observations: Observations, sequence: Sequence) -> TelemetryWrite {
        self.ids.write(observations, self.subjects, sequence)
    }
}

/// Decides what a batch means. `is_replay` says that the topology may hold it already: subjects are
/// then written whether they changed or not.
pub fn resolve(
    observations: &Observations,
    known: &Known,
    sequence: Sequence,
    is_replay: bool,
) -> Resolution {
    let calls = observed_calls(observations);
    let mut work = Work::new(observations, known);
    work.take_records();
    work.state_records();
    work.state_rows(&observations.batch.relations);
    work.state_rows(&calls);
    let ids = work.subjects(is_replay);
    work.retry();
    work.follow();
    work.write_rows();
    work.finish(ids, sequence, is_replay)
}

pub(crate) struct Work<'a> {
    pub observations: &'a Observations,
    pub known: &'a Known,
    pub source: &'a str,
    pub at: Micros,
    pub entities: Entities<'a>,
    pub claims: Claims,
    pub records: Records<'a>,
    pub reported: BTreeSet<Slot>,
    pub pending: BTreeMap<u64, Pending>,
    /// Rows of a record (or of their own) between plain ids: stated by, statement, until.
    pub direct: Vec<(Option<Slot>, &'a RelationObservation, Option<Micros>)>,
    /// The same of those that no record states.
    pub direct_own: Vec<&'a RelationObservation>,
    pub withdrawn: BTreeMap<u64, &'a StoredReference>,
    pub used: HashSet<Slot>,
    pub rows: Vec<RelationWrite>,
    /// Rows that were never in force.
    pub past_rows: Vec<RelationWrite>,
    pub externals: Vec<Slot>,
}

impl<'a> Work<'a> {
    fn new(observations: &'a Observations, known: &'a Known) -> Self {
        let renames = Renames::new(known, &observations.batch);
        let mut claims = Claims::new(known);
        let input = &observations.batch.input;
        for claim in renames.claims() {
            claims.make(&claim, &input.source, None, input.observed_at);
        }
        Self {
            observations,
            known,
            source: &observations.batch.input.source,
            at: observations.batch.input.observed_at,
            entities: Entities::new(known, renames),
            claims,
            records: Records::new(),
            reported: BTreeSet::new(),
            pending: BTreeMap::new(),
            direct: Vec::new(),
            direct_own: Vec::new(),
            withdrawn: BTreeMap::new(),
            used: HashSet::new(),
            rows: Vec::new(),
            past_rows: Vec::new(),
            externals: Vec::new(),
        }
    }

    fn take_records(&mut self) {
        let batch = &self.observations.batch;
        let records = self.known.records.iter().filter(|one| one.source == self.source);
        let known = records.map(|one| (self.entities.root_id(one.entity), one)).collect();
        let rules = Rules::new(&self.known.ownership, &batch.ownership, self.source, self.at)
            .with_units(self.known, batch);
        for (record, fingerprint) in batch.entities.iter().zip(&self.observations.fingerprints) {
            record::take(
                &mut self.entities,
                &mut self.claims,
                &mut self.records,
                &known,
                &rules,
                (record, *fingerprint),
                (self.source, self.at),
            );
            self.reported.extend(self.entities.find(&record.id));
        }
        for claim in &batch.claims {
            self.claims.make(claim, self.source, None, self.at);
        }
        record::withdraw_claims(&self.records, &mut self.claims, self.at);
    }

    /// What the records state: rows between plain ids, and references.
    fn state_records(&mut self) {
        let records = std::mem::take(&mut self.records);
        for (slot, record) in &records {
            let id = self.entities.get(*slot).id;
            let stored = record.known.map(|known| &known.references[..]).unwrap_or_default();
            let mut kept = HashSet::new();
            for (said_by, relation) in &record.stated {
                if self.is_direct(relation) {
                    self.direct.push((Some(*slot), relation, None));
                    continue;
                }
                let new = relation::stored(relation, self.source, Some((said_by, id)), self.at);
                kept.insert(new.id);
                let before = stored.iter().find(|one| one.id == new.id);
                let mut pending = Pending::new(before.cloned().unwrap_or(new), before.cloned());
                pending.ends_at = relation.ended_at;
                self.pending.insert(pending.stored.id, pending);
            }
            for (relation, until) in &record.past {
                self.state_past(*slot, relation, *until);
            }
            if record.is_newer {
                let gone = stored.iter().filter(|one| !kept.contains(&one.id));
                self.withdrawn.extend(gone.map(|one| (one.id, one)));
            }
        }
        self.records = records;
    }

    fn state_past(&mut self, slot: Slot, relation: &'a RelationObservation, until: Micros) {
        if self.is_direct(relation) {
            self.direct.push((Some(slot), relation, Some(until)));
            return;
        }
        let entity = self.entities.get(slot);
        let said_by = (&entity.canonical, entity.id);
        let mut stored = relation::stored(relation, self.source, Some(said_by), self.at);
        // Apart from the statement in force, which may be the same.
        stored.id = hash_of(&(stored.id, self.at)).max(1);
        if let ReferencePurpose::Relation(template) = &mut stored.purpose {
            template.started_at = None;
        }
        let mut pending = Pending::new(stored, None);
        pending.ends_at = Some(until);
        pending.is_past = true;
        self.pending.insert(pending.stored.id, pending);
    }

    /// Relations that no record states.
    fn state_rows(&mut self, relations: &'a [RelationObservation]) {
        let known: HashMap<u64, &StoredReference> =
            self.known.references.iter().map(|one| (one.id, one)).collect();
        for relation in relations {
            if self.is_direct(relation) {
                self.direct_own.push(relation);
                continue;
            }
            let mut stored = relation::stored(relation, self.source, None, self.at);
            if relation.evidence == Evidence::Observed {
                stored.observed_at = relation.ended_at.unwrap_or(self.at);
            }
            let before = known.get(&stored.id).copied().cloned();
            let mut pending = Pending::new(stored, before);
            if relation.evidence != Evidence::Observed {
                pending.ends_at = relation.ended_at;
            }
            self.pending.insert(pending.stored.id, pending);
        }
    }

    /// Whether both ends are plain ids of which it does not matter what they will turn out to be.
    fn is_direct(&mut self, relation: &RelationObservation) -> bool {
        let from = name_end(&mut self.entities, &relation.from);
        let to = name_end(&mut self.entities, &relation.to);
        let (Some(_), Some(to)) = (from, to) else { return false };
        relation.kind != RelationKind::Calls || self.entities.get(to).kind != EntityKind::Unknown
    }

    fn subjects(&mut self, is_replay: bool) -> SubjectIds {
        let mut subjects = Subjects {
            entities: &mut self.entities,
            pending: &mut self.pending,
            source: self.source,
            at: self.at,
            is_replay,
            used: HashSet::new(),
            found: HashMap::new(),
        };
        let ids = subjects.ids(self.observations);
        self.used = subjects.used;
        ids
    }

    /// Stored references whose keys may mean something else now.
    fn retry(&mut self) {
        for stored in &self.known.references {
            if self.withdrawn.contains_key(&stored.id) {
                continue;
            }
            if let ReferencePurpose::Subject(id) = &stored.purpose {
                self.entities.adopt(*id, &stored.reference);
            }
            let retried = || Pending::new(stored.clone(), Some(stored.clone()));
            self.pending.entry(stored.id).or_insert_with(retried);
        }
    }

    fn follow(&mut self) {
        for pending in self.pending.values() {
            pending.name_ends(&mut self.entities);
        }
        merge::provisional(&mut self.entities, &self.claims);
        merge::named(&mut self.entities, &self.claims);
        for _ in 0..MERGE_ROUNDS_MAX {
            let leads = Leads::new(&self.entities, &self.claims);
            for pending in self.pending.values_mut() {
                pending.follow(&leads, &self.entities);
            }
            drop(leads);
            let is_join = |kind| kind == RelationKind::ImplementedBy;
            let mut joined: Vec<(Slot, Slot)> = Vec::new();
            for pending in self.pending.values().filter(|one| one.kind().is_some_and(is_join)) {
                joined.extend(pending.pairs());
            }
            let records = self.direct.iter().map(|(_, relation, _)| *relation);
            let own = self.direct_own.iter().copied();
            for relation in records.chain(own).filter(|one| is_join(one.kind)) {
                joined.extend(self.ends(relation));
            }
            if !merge::services(&mut self.entities, &joined) {
                break;
            }
        }
        for pending in self.pending.values_mut() {
            self.externals.extend(pending.otherwise(&mut self.entities));
        }
    }

    pub fn ends(&self, relation: &RelationObservation) -> Option<(Slot, Slot)> {
        let from = relation.from.as_id().and_then(|id| self.entities.find(id))?;
        let to = relation.to.as_id().and_then(|id| self.entities.find(id))?;
        (from != to).then_some((from, to))
    }
}

/// Calls that were seen, one relation for each pair and way.
fn observed_calls(observations: &Observations) -> Vec<RelationObservation> {
    let edges = observations.batch.edges.iter().chain(&observations.paired);
    let mut calls: BTreeMap<_, (Micros, Micros)> = BTreeMap::new();
    for edge in edges {
        let key = (&edge.client, &edge.server, edge.is_asynchronous);
        let seen = calls.entry(key).or_insert((edge.at, edge.at));
        *seen = (seen.0.min(edge.at), seen.1.max(edge.at));
    }
    let call = |((client, server, is_asynchronous), (first, last)): (_, (Micros, Micros))| {
        let (client, server): (&model::Reference, &model::Reference) = (client, server);
        let mut call =
            RelationObservation::declared(client.clone(), RelationKind::Calls, server.clone());
        call.evidence = Evidence::Observed;
        if is_asynchronous {
            (call.need, call.need_source) = (Need::Asynchronous, NeedSource::Messaging);
        }
        call.started_at = Some(first);
        call.ended_at = Some(last.plus(Micros::MINUTE));
        call
    };
    calls.into_iter().map(call).collect()
}
