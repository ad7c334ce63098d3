//! The estate in memory: entities with what their sources say, relations from both ends, claims and
//! references by key. It is a fold of the rows in the order in which they were written; with an
//! instant, the same fold gives the estate as it was then.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use model::entity::EntityId;
use model::fact::{AggregateBy, TopologyFacts};
use model::kind::RelationKind;
use model::reference::AliasKey;
use model::resolution::{
    EntityState, EntityWrite, HeldRetirement, Merge, ReferencePurpose, RelationWrite, Retirement,
    StoredClaim, StoredReference, StoredRule, TopologyWrite, VersionWrite,
};
use model::seam::Version;
use model::time::Micros;

use super::edge::{Edges, Effect};
use super::entities::Entities;
use super::life::{Entity, NOW, Record};

/// Facts of the whole estate, by what they are grouped by.
pub type Whole = Mutex<Vec<(Option<AggregateBy>, Arc<TopologyFacts>)>>;

/// The estate at an instant.
#[derive(Debug)]
pub struct Estate {
    /// The instant; `NOW` for the state in force.
    pub at: Micros,
    pub version: Version,
    pub first_observation: Option<Micros>,
    pub entities: Entities,
    /// Canonical ids, those of redirects among them.
    pub by_id: BTreeMap<AliasKey, EntityId>,
    pub redirects: HashMap<EntityId, EntityId>,
    pub edges: Edges,
    pub claims: HashMap<AliasKey, Vec<StoredClaim>>,
    /// Keys that a claim leads from, by what it leads to.
    pub claimed: HashMap<AliasKey, BTreeSet<AliasKey>>,
    /// Keys of the claims that a record makes.
    pub claims_of: HashMap<(EntityId, Arc<str>), BTreeSet<AliasKey>>,
    pub references: BTreeMap<u64, StoredReference>,
    /// References that lead to nothing or to several things.
    pub open_count: u64,
    /// References by every key that they try.
    pub references_by_key: HashMap<AliasKey, BTreeSet<u64>>,
    pub references_of: HashMap<(EntityId, Arc<str>), BTreeSet<u64>>,
    pub held: Vec<HeldRetirement>,
    pub ownership: Vec<StoredRule>,
    /// Instants at which each source was observed.
    pub observed: BTreeMap<Arc<str>, BTreeSet<Micros>>,
    pub next_id: u64,
    /// Counts of the whole, made when first asked for and dropped by the next write.
    pub whole: Whole,
}

impl Estate {
    /// Nothing, at an instant.
    pub fn new(at: Option<Micros>) -> Self {
        Self {
            at: at.unwrap_or(NOW),
            version: Version::default(),
            first_observation: None,
            entities: Entities::default(),
            by_id: BTreeMap::new(),
            redirects: HashMap::new(),
            edges: Edges::default(),
            claims: HashMap::new(),
            claimed: HashMap::new(),
            claims_of: HashMap::new(),
            references: BTreeMap::new(),
            open_count: 0,
            references_by_key: HashMap::new(),
            references_of: HashMap::new(),
            held: Vec::new(),
            ownership: Vec::new(),
            observed: BTreeMap::new(),
            next_id: 1,
            whole: Whole::default(),
        }
    }

    /// The entity that an id stands for now.
    pub fn resolve(&self, id: EntityId) -> EntityId {
        let mut id = id;
        // Redirects never form a cycle: one is made only between two that resolve to different ids.
        while let Some(next) = self.redirects.get(&id) {
            id = *next;
        }
        id
    }

    /// The entity with a canonical id.
    pub fn find(&self, key: &AliasKey) -> Option<EntityId> {
        self.by_id.get(key).map(|id| self.resolve(*id))
    }

    /// Takes everything of a write in.
    pub fn apply(&mut self, write: &TopologyWrite, number: u64) {
        self.apply_write(number, &write.input.source, write.input.observed_at);
        write.entities.iter().for_each(|one| self.apply_entity(one));
        write.merges.iter().for_each(|one| self.apply_merge(one));
        write.versions.iter().for_each(|one| self.apply_version(one));
        let source = &write.input.source;
        write.seen.iter().for_each(|id| self.apply_seen(source, write.input.observed_at, *id));
        write.claims.iter().for_each(|one| self.apply_claim(one));
        write.relations.iter().for_each(|one| self.apply_relation(one));
        write.references_withdrawn.iter().for_each(|id| self.withdraw_reference(*id));
        write.references.iter().for_each(|one| self.apply_reference(one));
        write.retirements.iter().for_each(|one| self.apply_retirement(one));
        write.held.iter().for_each(|one| self.apply_held(one));
        self.apply_ownership(&write.ownership);
    }

    pub fn apply_write(&mut self, number: u64, source: &str, observed_at: Micros) {
        self.version.number = self.version.number.max(number);
        self.whole = Whole::default();
        self.version.newest = self.version.newest.max(Some(observed_at));
        let first = self.first_observation.map_or(observed_at, |first| first.min(observed_at));
        self.first_observation = Some(first);
        if observed_at <= self.at {
            self.observed.entry(Arc::from(source)).or_default().insert(observed_at);
        }
    }

    pub fn apply_entity(&mut self, write: &EntityWrite) {
        let id = self.resolve(write.id);
        self.next_id = self.next_id.max(write.id.0.saturating_add(1));
        self.by_id.insert(write.canonical.clone(), write.id);
        if id != write.id {
            return;
        }
        let entity = self
            .entities
            .get_or_insert(id, || Entity::new(write.canonical.clone(), write.kind, write.state));
        if entity.canonical != write.canonical {
            let former = std::mem::replace(&mut entity.canonical, write.canonical.clone());
            if !entity.redirected.contains(&former) {
                entity.redirected.push(former);
            }
            entity.redirected.retain(|one| *one != write.canonical);
            entity.redirected.sort();
        }
        entity.kind = write.kind;
        entity.state = write.state;
    }

    pub fn apply_merge(&mut self, merge: &Merge) {
        let (from, into) = (self.resolve(merge.from), self.resolve(merge.into));
        if from == into {
            return;
        }
        self.redirects.insert(from, into);
        let Some(gone) = self.entities.remove(&from) else { return };
        let places: Vec<u32> = gone.outgoing.iter().chain(&gone.incoming).copied().collect();
        if let Some(entity) = self.entities.get_mut(&into) {
            entity.redirected.push(gone.canonical.clone());
            entity.redirected.extend(gone.redirected);
            entity.redirected.sort();
            entity.redirected.dedup();
            entity.state = entity.state.max(gone.state);
            for (source, record) in gone.records {
                join(entity.record(&source), record, self.at);
            }
        }
        for place in places {
            if let Some(row) = self.take(place) {
                self.apply_relation(&row);
            }
        }
        self.restate(from, into);
    }

    /// What a merged entity's records state is stated by the entity that stays.
    fn restate(&mut self, from: EntityId, into: EntityId) {
        // A record's source has written before: every write notes its source.
        let sources: Vec<Arc<str>> = self.observed.keys().map(Arc::clone).collect();
        for source in sources {
            if let Some(keys) = self.claims_of.remove(&(from, Arc::clone(&source))) {
                self.claims_of.entry((into, Arc::clone(&source))).or_default().extend(keys);
            }
            if let Some(ids) = self.references_of.remove(&(from, Arc::clone(&source))) {
                self.references_of.entry((into, source)).or_default().extend(ids);
            }
        }
        // Those that touch it are under the other's ends already.
        for place in self.edges.stated_elsewhere(from) {
            if let Some(row) = self.take(place) {
                self.apply_relation(&row);
            }
        }
    }

    /// Takes a row out of the slab and from both ends.
    fn take(&mut self, place: u32) -> Option<RelationWrite> {
        let row = self.edges.remove(place)?;
        self.unlink(place, row.from, row.to);
        Some(row)
    }

    fn unlink(&mut self, place: u32, from: EntityId, to: EntityId) {
        if let Some(entity) = self.entities.get_mut(&from) {
            entity.outgoing.retain(|one| *one != place);
            entity.implementing.retain(|one| *one != place);
        }
        if let Some(entity) = self.entities.get_mut(&to) {
            entity.incoming.retain(|one| *one != place);
            entity.implementing.retain(|one| *one != place);
        }
    }

    pub fn apply_version(&mut self, write: &VersionWrite) {
        let id = self.resolve(write.entity);
        let at = self.at;
        if let Some(entity) = self.entities.get_mut(&id) {
            entity.record(write.source.as_str()).apply(write, at);
        }
    }

    pub fn apply_seen(&mut self, source: &str, seen: Micros, id: EntityId) {
        let id = self.resolve(id);
        let at = self.at;
        if let Some(entity) = self.entities.get_mut(&id) {
            entity.record(source).see(seen, at);
        }
    }

    pub fn apply_claim(&mut self, write: &StoredClaim) {
        let mut claim = write.clone();
        claim.stated_by = claim.stated_by.map(|id| self.resolve(id));
        let key = claim.claim.key.clone();
        for to in &claim.claim.to {
            self.claimed.entry(to.clone()).or_default().insert(key.clone());
        }
        if let Some(id) = claim.stated_by {
            let record = (id, Arc::from(claim.source.as_str()));
            self.claims_of.entry(record).or_default().insert(key.clone());
        }
        let held = self.claims.entry(key).or_default();
        let same = |one: &StoredClaim| {
            one.claim == claim.claim
                && one.source == claim.source
                && one.stated_by == claim.stated_by
        };
        match held.iter().position(same) {
            Some(place) => held[place] = claim,
            None => {
                held.push(claim);
                held.sort();
            }
        }
    }

    pub fn apply_relation(&mut self, write: &RelationWrite) {
        let row = self.resolved(write);
        match self.edges.apply(&row) {
            Effect::Added(place) => {
                let implementing = (row.kind == RelationKind::ImplementedBy).then_some(place);
                if let Some(entity) = self.entities.get_mut(&row.from) {
                    entity.outgoing.push(place);
                    entity.implementing.extend(implementing);
                }
                if let Some(entity) = self.entities.get_mut(&row.to) {
                    entity.incoming.push(place);
                    entity.implementing.extend(implementing);
                }
            }
            Effect::TakenBack(place) => self.unlink(place, row.from, row.to),
            Effect::Replaced | Effect::None => {}
        }
    }

    /// The row with its ids as they are now.
    pub fn resolved(&self, write: &RelationWrite) -> RelationWrite {
        let mut row = write.clone();
        row.from = self.resolve(row.from);
        row.to = self.resolve(row.to);
        row.stated_by = row.stated_by.map(|id| self.resolve(id));
        row
    }

    pub fn apply_reference(&mut self, write: &StoredReference) {
        self.withdraw_reference(write.id);
        for key in keys_of(write) {
            self.references_by_key.entry(key.clone()).or_default().insert(write.id);
        }
        if let Some(record) = self.record_of(write) {
            self.references_of.entry(record).or_default().insert(write.id);
        }
        self.open_count = self.open_count.saturating_add(u64::from(is_open(write)));
        self.references.insert(write.id, write.clone());
    }

    pub fn withdraw_reference(&mut self, id: u64) {
        let Some(held) = self.references.remove(&id) else { return };
        self.open_count = self.open_count.saturating_sub(u64::from(is_open(&held)));
        for key in keys_of(&held) {
            if let Some(ids) = self.references_by_key.get_mut(key) {
                ids.remove(&id);
            }
        }
        if let Some(record) = self.record_of(&held)
            && let Some(ids) = self.references_of.get_mut(&record)
        {
            ids.remove(&id);
        }
    }

    fn record_of(&self, reference: &StoredReference) -> Option<(EntityId, Arc<str>)> {
        match &reference.purpose {
            ReferencePurpose::Relation(template) => {
                let id = self.resolve(template.stated_by?);
                Some((id, Arc::from(reference.source.as_str())))
            }
            ReferencePurpose::Subject(_) => None,
        }
    }

    pub fn apply_retirement(&mut self, write: &Retirement) {
        let id = self.resolve(write.entity);
        if let Some(entity) = self.entities.get_mut(&id) {
            entity.record(&write.source).miss(write.at);
        }
    }

    pub fn apply_held(&mut self, write: &HeldRetirement) {
        if !self.held.contains(write) {
            self.held.push(write.clone());
        }
    }

    /// A later table of the same source replaces the earlier.
    pub fn apply_ownership(&mut self, rules: &[StoredRule]) {
        for rule in rules {
            let newest = self
                .ownership
                .iter()
                .filter(|one| one.source == rule.source)
                .map(|one| one.observed_at)
                .max();
            if newest.is_some_and(|newest| newest > rule.observed_at) {
                continue;
            }
            self.ownership
                .retain(|one| one.source != rule.source || one.observed_at == rule.observed_at);
            if !self.ownership.contains(rule) {
                self.ownership.push(rule.clone());
            }
        }
        self.ownership.sort_by_cached_key(|rule| (rule.source.clone(), format!("{:?}", rule.rule)));
    }

    /// Whether an entity may be in an answer at all.
    pub fn is_present(&self, entity: &Entity) -> bool {
        entity.state == EntityState::Present
    }
}

/// What one source said about two that are one.
fn join(record: &mut Record, other: Record, at: Micros) {
    for mark in other.marks {
        if !record.marks.contains(&mark) {
            let place = record.marks.partition_point(|one| *one < mark);
            record.marks.insert(place, mark);
        }
    }
    for seen in other.first_seen.into_iter().chain(other.last_seen) {
        record.see(seen, at);
    }
    other.missed.into_iter().for_each(|missed| record.miss(missed));
    let chosen = record.chosen(at).cloned();
    let is_chosen = |content: &super::life::Content| Some(&content.mark) == chosen.as_ref();
    if !record.content.as_ref().is_some_and(is_chosen) {
        record.content = other.content.filter(is_chosen).or(record.content.take());
    }
}

/// Whether a reference leads to nothing or to several things.
pub fn is_open(reference: &StoredReference) -> bool {
    reference.targets.is_empty() || reference.is_conflict
}

/// Every key that a reference tries: its own, and those that were tried through claims.
pub fn keys_of(reference: &StoredReference) -> impl Iterator<Item = &AliasKey> {
    let template = match &reference.purpose {
        ReferencePurpose::Relation(template) => Some([&template.from, &template.to]),
        ReferencePurpose::Subject(_) => None,
    };
    let ends = template.into_iter().flatten().chain([&reference.reference]);
    let own = ends.flat_map(|end| end.candidates.iter().flat_map(|candidate| &candidate.all));
    reference.via.iter().chain(own)
}
