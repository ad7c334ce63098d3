//! What rows of relations say beside their ends and instants: thousands say the same, and it is kept
//! once.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use hashbrown::HashTable;
use model::entity::Properties;
use model::kind::{Confidence, Need, NeedSource};
use model::resolution::RelationWrite;
use serde_json::Value;

/// What a row says.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub source: String,
    pub need: Need,
    pub need_source: NeedSource,
    pub group: String,
    pub min_alive: u32,
    pub rule: String,
    pub confidence: Confidence,
    pub properties: Properties,
}

impl Said {
    /// Whether a row says this.
    pub fn is_of(&self, write: &RelationWrite) -> bool {
        (self.need, self.need_source, self.min_alive, self.confidence)
            == (write.need, write.need_source, write.min_alive, write.confidence)
            && self.source == write.source
            && self.group == write.group
            && self.rule == write.rule
            && self.properties == write.properties
    }
}

/// Every different saying, by a small number. They are never let go of: what sources say about
/// relations hardly varies.
#[derive(Debug, Default)]
pub struct Sayings {
    all: Vec<Said>,
    places: HashTable<u32>,
    // Keyed, so that no input can make a long chain.
    hasher: RandomState,
    /// The one that was asked for last: rows of one input follow each other.
    last: u32,
}

impl Sayings {
    /// The saying with a number that [`Sayings::place`] gave.
    pub fn get(&self, place: u32) -> &Said {
        self.all.get(place as usize).expect("the number was given for one that is kept")
    }

    /// The number of what a row says.
    pub fn place(&mut self, write: &RelationWrite) -> u32 {
        if self.all.get(self.last as usize).is_some_and(|last| last.is_of(write)) {
            return self.last;
        }
        let hash = self.hash(write);
        let all = &self.all;
        let is_it = |place: &u32| all.get(*place as usize).is_some_and(|one| one.is_of(write));
        self.last = match self.places.find(hash, is_it) {
            Some(place) => *place,
            None => self.add(hash, write),
        };
        self.last
    }

    fn add(&mut self, hash: u64, write: &RelationWrite) -> u32 {
        let place = u32::try_from(self.all.len()).expect("there are fewer sayings than rows");
        self.all.push(Said {
            source: write.source.clone(),
            need: write.need,
            need_source: write.need_source,
            group: write.group.clone(),
            min_alive: write.min_alive,
            rule: write.rule.clone(),
            confidence: write.confidence,
            properties: write.properties.clone(),
        });
        let (all, hasher) = (&self.all, &self.hasher);
        let rehash = |place: &u32| {
            all.get(*place as usize).map_or(0, |one| {
                let named = (&*one.source, &*one.group, &*one.rule);
                hash_of(hasher, named, one.min_alive, &one.properties)
            })
        };
        self.places.insert_unique(hash, place, rehash);
        place
    }

    fn hash(&self, write: &RelationWrite) -> u64 {
        let named = (&*write.source, &*write.group, &*write.rule);
        hash_of(&self.hasher, named, write.min_alive, &write.properties)
    }
}

fn hash_of(
    hasher: &RandomState,
    named: (&str, &str, &str),
    min_alive: u32,
    properties: &Properties,
) -> u64 {
    let mut hash = hasher.build_hasher();
    (named, min_alive, properties.len()).hash(&mut hash);
    for (name, value) in properties {
        name.hash(&mut hash);
        hash_value(value, &mut hash);
    }
    hash.finish()
}

/// Equal values hash alike: of what can be equal in several ways (floats, the order of an object's
/// fields) only the shape counts.
fn hash_value(value: &Value, hash: &mut impl Hasher) {
    match value {
        Value::Null => 0_u8.hash(hash),
        Value::Bool(is_set) => is_set.hash(hash),
        Value::Number(number) => (number.as_u64(), number.as_i64()).hash(hash),
        Value::String(text) => text.hash(hash),
        Value::Array(items) => items.iter().for_each(|item| hash_value(item, hash)),
        Value::Object(fields) => fields.len().hash(hash),
    }
}
