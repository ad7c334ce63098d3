//! What `intake` must ask the store: the names a batch uses, then what depends on what they mean.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::entity::Presence;
use model::reference::{Claim, Reference};
use model::resolution::{EntityState, Known, KnownEntity, Lookup, ReferencePurpose};
use model::span::EdgeMinute;
use model::{AliasKey, Batch, EntityObservation, RelationObservation};

use crate::endpoint::external;
use crate::rename::{Renames, cluster_keys};
use crate::resolve::Observations;
use crate::subject::stand_in;

/// Every key the batch names, in order, each once.
pub fn keys(observations: &Observations) -> Vec<AliasKey> {
    let mut keys = Keys::default();
    let batch = &observations.batch;
    for entity in &batch.entities {
        keys.add(&entity.id);
        entity.claims.iter().for_each(|claim| keys.claim(claim));
        entity.relations.iter().for_each(|relation| keys.relation(relation));
    }
    batch.relations.iter().for_each(|relation| keys.relation(relation));
    batch.claims.iter().for_each(|claim| keys.claim(claim));
    for series in &batch.series {
        keys.subject(&series.subject);
    }
    for span in &batch.spans {
        keys.add(&span.service);
    }
    for log in &batch.logs {
        keys.add(&log.service);
    }
    let edges = [&batch.edges[..], &observations.paired, &observations.unpaired];
    edges.into_iter().flatten().for_each(|edge: &EdgeMinute| {
        keys.subject(&edge.client);
        keys.subject(&edge.server);
    });
    for charge in &batch.charges {
        charge.resource.iter().for_each(|resource| keys.subject(resource));
    }
    batch.incidents.iter().flat_map(|one| &one.entities).for_each(|one| keys.subject(one));
    batch.changes.iter().flat_map(|one| &one.entities).for_each(|one| keys.subject(one));
    for finding in &batch.findings {
        keys.subject(&finding.target);
        finding.entities.iter().for_each(|one| keys.subject(one));
    }
    batch.values.iter().for_each(|value| keys.subject(&value.of));
    batch.budgets.iter().for_each(|budget| keys.subject(&budget.unit));
    batch.stated.iter().flat_map(|one| &one.subjects).for_each(|one| keys.subject(one));
    keys.with_clusters()
}

/// What to ask once the keys are known: references that name a key whose meaning the batch changes,
/// and what the records that changed stated until now. `None` when nothing changes. In a replay everything
/// counts as changed: the topology knows it already, the telemetry may not.
pub fn second_lookup(
    observations: &Observations,
    known: &Known,
    is_replay: bool,
) -> Option<Lookup> {
    let batch = &observations.batch;
    let source = &batch.input.source;
    let mut retry = Keys::default();
    let mut records = Vec::new();
    let mut asked = HashSet::new();
    let renamed = renamed(known, batch);
    for (entity, fingerprint) in batch.entities.iter().zip(&observations.fingerprints) {
        let stored = known.entities.get(&entity.id);
        let others = renamed.get(&entity.id).into_iter().flatten();
        let others: Vec<_> = others.map(|one| (one.canonical.clone(), source.clone())).collect();
        let is_renamed = !others.is_empty();
        records.extend(others);
        if is_replay || stored.is_none_or(|stored| stored.state == EntityState::Named) {
            retry.add(&entity.id);
        }
        let is_same = !is_replay && !is_renamed;
        if is_same && !is_news(entity, *fingerprint, stored, source, batch.input.observed_at) {
            continue;
        }
        if stored.is_some() && asked.insert(&entity.id) {
            records.push((entity.id.clone(), source.clone()));
        }
        for claim in &entity.claims {
            if is_replay || !is_claimed(known, claim, source) {
                retry.add(&claim.key);
            }
        }
    }
    for claim in &batch.claims {
        if is_replay || !is_claimed(known, claim, source) {
            retry.add(&claim.key);
        }
    }
    let mut units = Keys::default();
    let rules = known.ownership.iter().map(|one| &one.rule).chain(&batch.ownership);
    let units_named: BTreeSet<AliasKey> =
        rules.filter_map(|rule| rule.owner.as_deref()).map(AliasKey::from).collect();
    units_named
        .iter()
        .filter(|key| !known.claims.contains_key(*key))
        .for_each(|key| units.add(key));
    let lookup =
        Lookup { keys: units.sorted(), retry: retry.sorted(), records, ..Lookup::default() };
    (lookup != Lookup::default()).then_some(lookup)
}

/// The external endpoints that references to be tried again may make: they may be there already.
pub fn external_keys(known: &Known) -> Vec<AliasKey> {
    let ends = known.references.iter().flat_map(|stored| match &stored.purpose {
        ReferencePurpose::Relation(relation) => vec![&relation.from, &relation.to],
        ReferencePurpose::Subject(_) => vec![&stored.reference],
    });
    let ids = ends.filter_map(external_id).filter(|id| !known.entities.contains_key(id));
    let ids: BTreeSet<AliasKey> = ids.collect();
    ids.into_iter().collect()
}

/// Canonical id of the external endpoint that a reference makes when nothing answers to it.
fn external_id(reference: &Reference) -> Option<AliasKey> {
    reference.otherwise?;
    external(reference).map(|(id, _)| id)
}

/// Entities known under other ids than those that clusters give them now, by both.
fn renamed<'a>(known: &'a Known, batch: &Batch) -> HashMap<AliasKey, Vec<&'a KnownEntity>> {
    let renames = Renames::new(known, batch);
    let mut renamed: HashMap<AliasKey, Vec<&KnownEntity>> = HashMap::new();
    let mut add = |key: &AliasKey, to: AliasKey| {
        let (from, into) = (known.entities.get(key), known.entities.get(&to));
        if let Some(from) = from.filter(|one| one.canonical == *key) {
            renamed.entry(to).or_default().push(from);
        }
        renamed.entry(key.clone()).or_default().extend(into);
    };
    let is_there = |key: &&AliasKey| !known.entities.contains_key(*key);
    let batch = batch.entities.iter().map(|one| &one.id).filter(is_there);
    for key in known.entities.keys().chain(batch) {
        if let Some(to) = renames.of(key) {
            add(key, to);
        }
    }
    renamed
}

/// Whether the record says something that its source did not say before.
fn is_news(
    record: &EntityObservation,
    fingerprint: u64,
    stored: Option<&KnownEntity>,
    source: &str,
    at: model::Micros,
) -> bool {
    let Some(version) = stored.and_then(|stored| stored.sources.get(source)) else { return true };
    if record.presence == Presence::Implied && !version.is_implied {
        return false;
    }
    version.fingerprint != fingerprint
        || version.is_mixed
        || at < version.observed_at
        || version.retired_at.is_some_and(|retired| at >= retired)
}

fn is_claimed(known: &Known, claim: &Claim, source: &str) -> bool {
    known.claims.get(&claim.key).is_some_and(|stored| {
        stored.iter().any(|stored| {
            stored.observed_to.is_none() && stored.source == source && stored.claim == *claim
        })
    })
}

#[derive(Default)]
struct Keys<'a> {
    seen: HashSet<&'a AliasKey>,
    subjects: HashSet<&'a Reference>,
    all: Vec<AliasKey>,
}

impl<'a> Keys<'a> {
    fn add(&mut self, key: &'a AliasKey) {
        if self.seen.insert(key) {
            self.all.push(key.clone());
        }
    }

    fn claim(&mut self, claim: &'a Claim) {
        self.add(&claim.key);
        claim.to.iter().for_each(|to| self.add(to));
    }

    fn reference(&mut self, reference: &'a Reference) {
        reference.candidates.iter().flat_map(|one| &one.all).for_each(|key| self.add(key));
        self.all.extend(external_id(reference));
    }

    fn relation(&mut self, relation: &'a RelationObservation) {
        self.reference(&relation.from);
        self.reference(&relation.to);
    }

    /// A subject by other names than its id has a stand-in, which is looked up too.
    fn subject(&mut self, reference: &'a Reference) {
        if self.subjects.insert(reference) {
            self.reference(reference);
            if reference.as_id().is_none() {
                self.all.push(stand_in(reference));
            }
        }
    }

    /// With the clusters that they are below.
    fn with_clusters(mut self) -> Vec<AliasKey> {
        self.all.extend(cluster_keys(self.seen.iter().copied()));
        self.sorted()
    }

    fn sorted(mut self) -> Vec<AliasKey> {
        self.all.sort_unstable();
        self.all.dedup();
        self.all
    }
}
