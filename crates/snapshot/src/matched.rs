//! What a query means: entities with their existence, in order of id. The fact of an entity is only
//! made when something of it is needed.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use model::entity::EntityId;
use model::fact::EntityFact;
use model::scope::Scope;

use super::estate::Estate;
use super::fact::entity_fact;
use super::life::{Entity, Existence};

/// One entity that matches.
pub struct Match<'a> {
    pub id: EntityId,
    pub entity: &'a Entity,
    pub existence: Existence,
    fact: OnceCell<EntityFact>,
}

impl<'a> Match<'a> {
    pub fn new(id: EntityId, entity: &'a Entity, existence: Existence) -> Self {
        Self { id, entity, existence, fact: OnceCell::new() }
    }

    /// Its fact.
    pub fn fact(&self, estate: &Estate) -> &EntityFact {
        self.fact.get_or_init(|| entity_fact(estate, self.id, self.entity, &self.existence))
    }

    /// One part of its place.
    pub fn place(
        &self,
        estate: &'a Estate,
        part: impl Fn(&Scope) -> &Option<String>,
    ) -> Option<&'a str> {
        self.entity.says(|content| part(estate.names.scope(content.scope)).as_deref())
    }

    /// Its name; empty when no source gives one.
    pub fn name(&self, estate: &'a Estate) -> &'a str {
        self.entity.name(&estate.names).map_or("", |name| estate.names.name(name))
    }
}

/// Everything that matches.
pub struct Matched<'a> {
    /// In order of id.
    pub all: Vec<Match<'a>>,
    /// One bit an id.
    bits: Vec<u64>,
    /// How many match before each word of bits.
    before: Vec<u32>,
    /// What the roots of the query mean.
    pub roots: Vec<EntityId>,
    /// Whether the walk from the roots stopped before it had reached everything.
    pub is_cut: bool,
}

impl<'a> Matched<'a> {
    /// Of matches in order of id.
    pub fn new(all: Vec<Match<'a>>) -> Self {
        let words = all.last().map_or(0, |last| last.id.0 / 64 + 1);
        let mut bits = vec![0_u64; usize::try_from(words).unwrap_or(0)];
        for one in &all {
            if let Some(word) = bits.get_mut((one.id.0 / 64) as usize) {
                *word |= 1 << (one.id.0 % 64);
            }
        }
        let count =
            |sum: &mut u32, word: &u64| Some(std::mem::replace(sum, *sum + word.count_ones()));
        let before = bits.iter().scan(0, count).collect();
        Self { all, bits, before, roots: Vec::new(), is_cut: false }
    }

    /// Whether an entity matches.
    pub fn contains(&self, id: EntityId) -> bool {
        self.bits.get((id.0 / 64) as usize).is_some_and(|word| word >> (id.0 % 64) & 1 == 1)
    }

    /// Place of an entity in `all`.
    pub fn position(&self, id: EntityId) -> Option<usize> {
        let (word, bit) = ((id.0 / 64) as usize, 1 << (id.0 % 64));
        let bits = self.bits.get(word).filter(|bits| **bits & bit != 0)?;
        let before = *self.before.get(word)? + (bits & (bit - 1)).count_ones();
        Some(before as usize)
    }

    /// The facts of the roots, in order of id.
    pub fn roots(&self, estate: &Estate) -> Vec<EntityFact> {
        let matches = self.roots.iter().filter_map(|id| self.all.get(self.position(*id)?));
        matches.map(|one| one.fact(estate).clone()).collect()
    }

    /// Every fact, by id.
    pub fn facts(self, estate: &Estate) -> BTreeMap<EntityId, EntityFact> {
        self.all.iter().map(|one| (one.id, one.fact(estate).clone())).collect()
    }
}
