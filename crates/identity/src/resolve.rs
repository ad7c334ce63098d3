//! A batch and what is known become writes: records against what their sources said before, names to
//! entities, statements to rows.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::kind::{Evidence, Need, NeedSource};
use model::resolution::{
    Known, ReferencePurpose, RelationWrite, Sequence, StoredReference, StoredRule, SubjectWrite,
    TelemetryWrite, TopologyWrite,
};
use model::span::EdgeMinute;
use model::{AliasKey, Batch, EntityId, EntityKind, Micros, RelationKind, RelationObservation};

use crate::claim::Claims;
use crate::entity::{Entities, Slot};
use crate::fingerprint::{fingerprint, hash_of};
use crate::lead::Leads;
use crate::merge;
use crate::record::{self, Records};
use crate::relation::{self, Pending, kinds_of, name_end};
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
    ids: SubjectIds,
}

impl Resolution {
    /// The write to the topology store; leaves nothing of it behind.
    pub fn take_topology(&mut self, sequence: &Sequence) -> TopologyWrite {
        let empty = TopologyWrite {
            sequence: sequence.clone(),
            input: self.topology.input.clone(),
            entities: Vec::new(),
            versions: Vec::new(),
            seen: Vec::new(),
            claims: Vec::new(),
            relations: Vec::new(),
            references: Vec::new(),
            references_withdrawn: Vec::new(),
            merges: Vec::new(),
            retirements: Vec::new(),
            held: Vec::new(),
            ownership: Vec::new(),
        };
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
    let mut work = Work::new(observations, known);
    work.take_records();
    let calls = observed_calls(observations);
    work.state_records();
    work.state_rows(&observations.batch.relations);
    work.state_rows(&calls);
    let ids = work.subjects(is_replay);
    work.retry();
    work.follow();
    work.write_rows();
    work.finish(ids, sequence, is_replay)
}

struct Work<'a> {
    observations: &'a Observations,
    known: &'a Known,
    source: &'a str,
    at: Micros,
    entities: Entities,
    claims: Claims,
    records: Records<'a>,
    reported: BTreeSet<Slot>,
    pending: BTreeMap<u64, Pending>,
    /// Rows of a record (or of their own) between plain ids: stated by, statement, until.
    direct: Vec<(Option<Slot>, &'a RelationObservation, Option<Micros>)>,
    /// The same of the observed calls, which are made here.
    direct_own: Vec<RelationObservation>,
    withdrawn: BTreeMap<u64, &'a StoredReference>,
    used: HashSet<Slot>,
    rows: Vec<RelationWrite>,
    externals: Vec<Slot>,
}

impl<'a> Work<'a> {
    fn new(observations: &'a Observations, known: &'a Known) -> Self {
        Self {
            observations,
            known,
            source: &observations.batch.input.source,
            at: observations.batch.input.observed_at,
            entities: Entities::new(known),
            claims: Claims::new(known),
            records: Records::new(),
            reported: BTreeSet::new(),
            pending: BTreeMap::new(),
            direct: Vec::new(),
            direct_own: Vec::new(),
            withdrawn: BTreeMap::new(),
            used: HashSet::new(),
            rows: Vec::new(),
            externals: Vec::new(),
        }
    }

    fn take_records(&mut self) {
        let batch = &self.observations.batch;
        for (record, fingerprint) in batch.entities.iter().zip(&self.observations.fingerprints) {
            record::take(
                &mut self.entities,
                &mut self.claims,
                &mut self.records,
                self.known,
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
        let mut pending = Pending::new(stored, None);
        pending.ends_at = Some(until);
        pending.is_past = true;
        self.pending.insert(pending.stored.id, pending);
    }

    /// Relations that no record states.
    fn state_rows(&mut self, relations: &[RelationObservation]) {
        for relation in relations {
            if self.is_direct(relation) {
                self.direct_own.push(relation.clone());
                continue;
            }
            let mut stored = relation::stored(relation, self.source, None, self.at);
            if relation.evidence == Evidence::Observed {
                stored.observed_at = relation.ended_at.unwrap_or(self.at);
            }
            let known = self.known.references.iter().find(|one| one.id == stored.id);
            let mut pending = Pending::new(stored, known.cloned());
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
            for relation in records.chain(&self.direct_own).filter(|one| is_join(one.kind)) {
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

    fn ends(&self, relation: &RelationObservation) -> Option<(Slot, Slot)> {
        let from = relation.from.as_id().and_then(|id| self.entities.find(id))?;
        let to = relation.to.as_id().and_then(|id| self.entities.find(id))?;
        (from != to).then_some((from, to))
    }

    fn write_rows(&mut self) {
        let mut touched = Vec::new();
        for pending in self.pending.values_mut() {
            pending.settle(&self.entities);
            let is_withdrawn =
                pending.stored.via.iter().any(|key| self.claims.withdrawn.contains(key));
            let withdrawn_at = Some(self.at).filter(|_| is_withdrawn);
            self.rows.extend(pending.rows(&self.entities, withdrawn_at));
        }
        for stored in self.withdrawn.values() {
            self.rows.extend(Pending::ended(stored, &self.entities, self.at));
        }
        self.direct_rows();
        for row in self.rows.iter().filter(|row| row.kind != RelationKind::ImplementedBy) {
            // The end of a row that held leaves it standing for its time.
            let is_taken_back = row.valid_to == Some(row.valid_from);
            if row.valid_to.is_none() || is_taken_back {
                for slot in [row.from, row.to].iter().filter_map(|id| self.entities.find_id(*id)) {
                    touched.push((slot, is_taken_back));
                }
            }
        }
        touched.into_iter().for_each(|(slot, is_back)| self.entities.touch(slot, is_back));
        self.entities.settle_implied();
    }

    /// Rows between plain ids, against those that the same record stated before.
    fn direct_rows(&mut self) {
        let mut stated: BTreeMap<Slot, BTreeMap<RowKey, RelationWrite>> = BTreeMap::new();
        let direct = std::mem::take(&mut self.direct);
        for (said_by, relation, until) in direct {
            let Some((slot, row)) = said_by.and_then(|s| Some((s, self.row(relation, said_by)?)))
            else {
                continue;
            };
            match until {
                Some(until) => {
                    let end = row.valid_to.map_or(until, |end| end.min(until));
                    if row.valid_from < end {
                        self.rows.push(RelationWrite { valid_to: Some(end), ..row });
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
            if let Some(row) = self.row(&relation, None) {
                self.rows.push(row);
            }
        }
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

    fn finish(mut self, ids: SubjectIds, sequence: Sequence, is_replay: bool) -> Resolution {
        let mut references = Vec::new();
        let mut open_references = 0;
        let mut redirected: BTreeMap<Slot, Slot> = BTreeMap::new();
        for pending in self.pending.values() {
            let is_changed = pending.is_changed();
            if let ReferencePurpose::Subject(id) = &pending.stored.purpose {
                if let Some(slot) = self.entities.find_id(*id).filter(|_| is_changed || is_replay) {
                    redirected.insert(slot, pending.target().unwrap_or(slot));
                }
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
            let is_named = entity.state == model::resolution::EntityState::Named;
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
        writes.sort_unstable_by_key(|write| write.id);
        writes
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
    entities: &Entities,
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
