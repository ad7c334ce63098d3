//! The estate in memory: entities with what their sources say, relations from both ends, claims and
//! references by key. It is a fold of the rows in the order in which they were written; with an
//! instant, the same fold gives the estate as it was then.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use model::entity::EntityId;
use model::fact::{AggregateBy, TopologyFacts};
use model::resolution::{
    EntityWrite, HeldRetirement, Merge, RelationWrite, Retirement, StoredClaim, StoredRule,
    TopologyWrite, VersionWrite,
};
use model::seam::Version;
use model::time::Micros;

use super::claims::Claims;
use super::edge::{Difference, Edges, Effect};
use super::entities::Entities;
use super::fact::RelationId;
use super::letters::{self, Letters};
use super::life::{Entity, NOW};
use super::names::{NONE, Names, in_order};
use super::packed::{entity, place_of};
use super::reference::References;
use super::relation::RelationRow;
use super::slab::Slab;
use super::tally::Tally;
use super::touched::Touched;

/// Rows of an entity that are looked through one by one; where there are more, rows are found by key.
const LOOKED_THROUGH_MAX: usize = 1 << 10;

/// Facts of the whole estate, by what they are grouped by.
pub type Whole = Mutex<Vec<(Option<AggregateBy>, Arc<TopologyFacts>)>>;

/// The estate at an instant.
#[derive(Debug)]
pub struct Estate {
    /// The instant; `NOW` for the state in force.
    pub at: Micros,
    /// The newest write that it holds, and the newest observation.
    pub version: Version,
    pub(crate) first_observation: Option<Micros>,
    pub(crate) entities: Entities,
    /// What entities are called and said to be.
    pub(crate) names: Names,
    /// Entities by canonical id, those of redirects among them: by number of the key.
    pub(crate) by_key: Slab<u32>,
    pub(crate) redirects: HashMap<EntityId, EntityId>,
    pub(crate) edges: Edges,
    pub(crate) claims: Claims,
    pub(crate) references: References,
    pub(crate) held: Vec<HeldRetirement>,
    pub(crate) ownership: Vec<StoredRule>,
    /// Instants at which each source was observed.
    pub(crate) observed: BTreeMap<Arc<str>, BTreeSet<Micros>>,
    pub(crate) next_id: u64,
    /// Counts of the whole, made when first asked for and dropped by the next write.
    pub(crate) whole: Whole,
    /// Counts of the whole that writes keep right, once they were asked for.
    pub(crate) tallies: Mutex<Vec<Tally>>,
    /// Where texts may stand, once something was searched for.
    pub(crate) letters: Mutex<Option<Letters>>,
}

impl Estate {
    /// Nothing, at an instant.
    pub fn new(at: Option<Micros>) -> Self {
        Self {
            at: at.unwrap_or(NOW),
            version: Version::default(),
            first_observation: None,
            entities: Entities::default(),
            names: Names::default(),
            by_key: Slab::default(),
            redirects: HashMap::new(),
            edges: Edges::default(),
            claims: Claims::default(),
            references: References::default(),
            held: Vec::new(),
            ownership: Vec::new(),
            observed: BTreeMap::new(),
            next_id: 1,
            whole: Whole::default(),
            tallies: Mutex::default(),
            letters: Mutex::default(),
        }
    }

    /// The entity that an id stands for now.
    pub(crate) fn resolve(&self, id: EntityId) -> EntityId {
        let mut id = id;
        // Redirects never form a cycle: one is made only between two that resolve to different ids.
        while let Some(next) = self.redirects.get(&id) {
            id = *next;
        }
        id
    }

    /// The entity with a canonical id.
    pub(crate) fn find(&self, key: &str) -> Option<EntityId> {
        self.find_place(self.names.keys.find(key)?)
    }

    /// The entity whose canonical id is the key with a number.
    pub(crate) fn find_place(&self, key: u32) -> Option<EntityId> {
        self.named_by(key).map(|id| self.resolve(id))
    }

    /// The entity that was given this canonical id, which may be one that is gone.
    pub(crate) fn named_by(&self, key: u32) -> Option<EntityId> {
        self.by_key.get(key as usize).filter(|id| **id != NONE).map(|id| entity(*id))
    }

    /// Every canonical id that begins with a text.
    pub(crate) fn below(&self, prefix: &str) -> Vec<u32> {
        let keys =
            (0_u32..).zip(self.by_key.iter()).filter(|(_, id)| **id != NONE).map(|(key, _)| key);
        keys.filter(|key| self.names.keys.starts_with(*key, prefix)).collect()
    }

    /// The canonical id of an entity.
    pub(crate) fn canonical(&self, entity: &Entity) -> String {
        self.names.keys.text(entity.key)
    }

    /// Takes everything of a write in, and keeps the counts right.
    pub fn apply(&mut self, write: &TopologyWrite, number: u64) {
        let kept = self.tallies.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut tallies = std::mem::take(kept);
        let touched = (!tallies.is_empty()).then(|| Touched::new(self, write, &mut tallies));
        self.fold(write, number);
        if let Some(touched) = touched {
            touched.settle(self, &mut tallies);
            *self.tallies.get_mut().unwrap_or_else(PoisonError::into_inner) = tallies;
        }
        letters::keep(self, write);
    }

    fn fold(&mut self, write: &TopologyWrite, number: u64) {
        self.apply_write(number, &write.input.source, write.input.observed_at);
        write.entities.iter().for_each(|one| self.apply_entity(one));
        write.merges.iter().for_each(|one| self.apply_merge(one));
        write.versions.iter().for_each(|one| self.apply_version(one));
        let source = &write.input.source;
        write.seen.iter().for_each(|id| self.apply_seen(source, write.input.observed_at, *id));
        write.claims.iter().for_each(|one| self.apply_claim(one));
        write.relations.iter().for_each(|one| self.apply_relation(one.into()));
        write.references_withdrawn.iter().for_each(|id| self.withdraw_reference(*id));
        write.references.iter().for_each(|one| self.apply_reference(one));
        write.retirements.iter().for_each(|one| self.apply_retirement(one));
        write.held.iter().for_each(|one| self.apply_held(one));
        self.apply_ownership(&write.ownership);
    }

    /// Notes a write: its number, source and instant.
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

    /// Takes an entity's id, kind and state in.
    pub fn apply_entity(&mut self, write: &EntityWrite) {
        let id = self.resolve(write.id);
        self.next_id = self.next_id.max(write.id.0.saturating_add(1));
        let key = self.names.keys.place(write.canonical.as_str());
        self.by_key.grow(key as usize + 1, || NONE);
        self.by_key[key as usize] = place_of(write.id);
        if id != write.id {
            return;
        }
        let entity = self.entities.get_or_insert(id, || Entity::new(key, write.kind, write.state));
        if entity.key != key {
            let former = std::mem::replace(&mut entity.key, key);
            let redirected = std::mem::take(&mut entity.redirected).into_vec();
            let redirected = redirected.into_iter().chain([former]).filter(|one| *one != key);
            entity.redirected = in_order(&self.names, redirected.collect());
        }
        entity.kind = write.kind;
        entity.state = write.state;
    }

    /// Makes one of two entities a redirect to the other.
    pub fn apply_merge(&mut self, merge: &Merge) {
        let (from, into) = (self.resolve(merge.from), self.resolve(merge.into));
        if from == into {
            return;
        }
        self.redirects.insert(from, into);
        let Some(gone) = self.entities.remove(&from) else { return };
        let places = self.edges.touching(gone.ends);
        self.edges.let_go(gone.ends);
        if let Some(entity) = self.entities.get_mut(&into) {
            let redirected = std::mem::take(&mut entity.redirected).into_vec().into_iter();
            let others = gone.redirected.into_vec();
            let redirected = redirected.chain([gone.key]).chain(others).collect();
            entity.redirected = in_order(&self.names, redirected);
            entity.state = entity.state.max(gone.state);
            self.claims.join(gone.claims, &mut entity.claims);
            self.references.join(gone.references, &mut entity.references);
            for record in gone.records.into_vec() {
                entity.record(&record.source).join(record, self.at);
            }
        }
        for place in places {
            if let Some(row) = self.take(place) {
                self.apply_relation((&row).into());
            }
        }
        // Those that touch it are under the other's ends already.
        for place in self.edges.stated_elsewhere(from) {
            if let Some(row) = self.take(place) {
                self.apply_relation((&row).into());
            }
        }
    }

    /// Takes a row out of the slab and from both ends.
    fn take(&mut self, place: u32) -> Option<RelationWrite> {
        let row = self.edges.remove(place)?;
        self.unlink(place, (row.from, row.kind, row.to));
        Some(row)
    }

    fn unlink(&mut self, place: u32, (from, kind, to): RelationId) {
        if let Some(entity) = self.entities.get_mut(&from) {
            self.edges.unlink(&mut entity.ends.outgoing, place);
        }
        if let Some(entity) = self.entities.get_mut(&to) {
            self.edges.unlink(entity.ends.incoming_mut(kind), place);
        }
    }

    /// Takes in what a source said about an entity.
    pub fn apply_version(&mut self, write: &VersionWrite) {
        let id = self.resolve(write.entity);
        let at = self.at;
        if let Some(entity) = self.entities.get_mut(&id) {
            let key = entity.key;
            let source = self.names.source(&write.source);
            entity.record(&source).apply(write, at, key, &mut self.names);
        }
    }

    /// Takes in that a source said nothing new about an entity.
    pub fn apply_seen(&mut self, source: &str, seen: Micros, id: EntityId) {
        let id = self.resolve(id);
        let at = self.at;
        if let Some(entity) = self.entities.get_mut(&id) {
            entity.record(&self.names.source(source)).see(seen, at);
        }
    }

    /// Takes in what a name leads to.
    pub fn apply_claim(&mut self, write: &StoredClaim) {
        let mut claim = write.clone();
        claim.stated_by = claim.stated_by.map(|id| self.resolve(id));
        let source = self.names.source(&claim.source);
        let by = claim.stated_by.and_then(|id| self.entities.get_mut(&id));
        let first = by.map(|entity| &mut entity.claims);
        self.claims.apply(&mut self.names.keys, &claim, source, first);
    }

    /// Makes room for so many relations.
    pub fn reserve_relations(&mut self, count: usize) {
        self.edges.reserve(count);
    }

    /// Takes a relation's row in.
    pub fn apply_relation(&mut self, row: RelationRow<'_>) {
        let row = self.resolved(row);
        match self.edges.apply(&row, self.place(&row)) {
            Effect::Added(place) => {
                if let Some(entity) = self.entities.get_mut(&row.from) {
                    self.edges.link(&mut entity.ends.outgoing, place);
                }
                if let Some(entity) = self.entities.get_mut(&row.to) {
                    self.edges.link(entity.ends.incoming_mut(row.kind), place);
                }
            }
            Effect::TakenBack(place) => self.unlink(place, (row.from, row.kind, row.to)),
            Effect::Replaced | Effect::None => {}
        }
    }

    /// The row with its ids as they are now.
    pub(crate) fn resolved<'a>(&self, mut row: RelationRow<'a>) -> RelationRow<'a> {
        row.from = self.resolve(row.from);
        row.to = self.resolve(row.to);
        row.stated_by = row.stated_by.map(|id| self.resolve(id));
        row
    }

    /// Place of the row that is one with another, whose ids are as they are now: by key, or, while few
    /// rows come on top of those of a file, among the rows of the end that has fewer.
    pub(crate) fn place(&self, row: &RelationRow<'_>) -> Option<u32> {
        if self.edges.is_by_key() {
            return self.edges.find(row);
        }
        let (near, far) = (self.entities.get(&row.from), self.entities.get(&row.to));
        let lists =
            near.map(|one| one.ends.outgoing).zip(far.map(|one| one.ends.incoming_of(row.kind)));
        let shorter = lists.map(|(near, far)| if near.len() <= far.len() { near } else { far });
        match shorter.filter(|list| list.len() <= LOOKED_THROUGH_MAX) {
            Some(list) => self.edges.find_among(list, row),
            None => self.edges.find(row),
        }
    }

    /// Makes that relations are found by key, which writes need. Reads go on meanwhile.
    pub fn prepare(&self) {
        self.edges.by_key();
    }

    /// How a row differs from what is held.
    pub(crate) fn difference(&self, row: RelationRow<'_>) -> Difference {
        let row = self.resolved(row);
        self.edges.difference(&row, self.place(&row))
    }

    /// Takes in that a complete export lacked an entity.
    pub fn apply_retirement(&mut self, write: &Retirement) {
        let id = self.resolve(write.entity);
        if let Some(entity) = self.entities.get_mut(&id) {
            entity.record(&self.names.source(&write.source)).miss(write.at);
        }
    }

    /// Takes in a retirement that waits for a decision.
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
}
