//! What rows of relations say beside their ends and instants: thousands say the same, and it is kept
//! once.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::io::{self, Read};

use hashbrown::HashTable;
use model::entity::Properties;
use model::kind::{Confidence, Need, NeedSource};
use serde_json::Value;

use super::file::{Frames, Part, Unusable, kind};
use super::relation::RelationRow;

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
    pub fn is_of(&self, write: &RelationRow<'_>) -> bool {
        (self.need, self.need_source, self.min_alive, self.confidence)
            == (write.need, write.need_source, write.min_alive, write.confidence)
            && self.source == write.source
            && self.group == write.group
            && self.rule == write.rule
            && self.properties == *write.properties
    }
}

/// Every different saying, by a small number. They are never let go of: what sources say about
/// relations hardly varies.
#[derive(Debug, Default)]
pub struct Sayings {
    all: Vec<Said>,
    /// Hash of the source of each.
    source_hashes: Vec<u64>,
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
    pub fn place(&mut self, write: &RelationRow<'_>) -> u32 {
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

    fn add(&mut self, hash: u64, write: &RelationRow<'_>) -> u32 {
        let said = Said {
            source: write.source.to_owned(),
            need: write.need,
            need_source: write.need_source,
            group: write.group.to_owned(),
            min_alive: write.min_alive,
            rule: write.rule.to_owned(),
            confidence: write.confidence,
            properties: write.properties.clone(),
        };
        self.keep(hash, said)
    }

    fn keep(&mut self, hash: u64, said: Said) -> u32 {
        let place = u32::try_from(self.all.len()).expect("there are fewer sayings than rows");
        self.source_hashes.push(self.source_hash(&said.source));
        self.all.push(said);
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

    /// Hash of a source, by which rows are found.
    pub fn source_hash(&self, source: &str) -> u64 {
        self.hasher.hash_one(source)
    }

    /// The same of the source of a saying with a number.
    pub fn source_hash_of(&self, place: u32) -> u64 {
        self.source_hashes.get(place as usize).copied().unwrap_or_default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Writes them.
    pub fn put(&self, part: &mut Part<'_>) -> io::Result<()> {
        self.all.iter().try_for_each(|said| {
            part.item(kind::SAID, |out| {
                for code in [said.need.code(), said.need_source.code(), said.confidence.code()] {
                    out.byte(code);
                }
                out.number(u64::from(said.min_alive));
                out.text(&said.source);
                out.text(&said.group);
                out.text(&said.rule);
                out.document(&said.properties);
            })
        })
    }

    /// Reads them.
    pub fn take(frames: &mut Frames<impl Read>) -> Result<Self, Unusable> {
        let mut sayings = Self::default();
        frames.items(kind::SAID, |input| {
            let [need, need_source, confidence] = [input.byte()?, input.byte()?, input.byte()?];
            let min_alive = input.count()? as u32;
            let (source, group, rule) = (input.text()?, input.text()?, input.text()?);
            let properties = input.document()?;
            let said = Said {
                source: source.to_owned(),
                need: Need::from_code(need).ok_or(kind::UNKNOWN)?,
                need_source: NeedSource::from_code(need_source).ok_or(kind::UNKNOWN)?,
                group: group.to_owned(),
                min_alive,
                rule: rule.to_owned(),
                confidence: Confidence::from_code(confidence).ok_or(kind::UNKNOWN)?,
                properties,
            };
            let named = (&*said.source, &*said.group, &*said.rule);
            let hash = hash_of(&sayings.hasher, named, min_alive, &said.properties);
            sayings.keep(hash, said);
            Ok(())
        })?;
        Ok(sayings)
    }

    fn hash(&self, write: &RelationRow<'_>) -> u64 {
        let named = (write.source, write.group, write.rule);
        hash_of(&self.hasher, named, write.min_alive, write.properties)
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
