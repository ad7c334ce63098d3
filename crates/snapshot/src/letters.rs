//! Which entities may hold a text in a name, id, alias or label: an index of three letters in a row, by
//! blocks of entities, so that a search looks at few of ten million. A bit that is set may be of an
//! entity that holds it no more; one that is not set is of none. It is made when an estate is first
//! searched, and every write adds what it says.
//!
//! Bit-sliced signatures: Faloutsos, C. and Christodoulakis, S., "Signature files", ACM TOIS 2(4), 1984.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use model::entity::EntityId;
use model::resolution::TopologyWrite;

use super::estate::Estate;
use super::life::Entity;

/// Rows of a group: what three letters hash to.
const ROWS: usize = 1 << 13;
/// Entities of one block, which one bit of a row stands for.
const BLOCK: u64 = 128;
/// Entities of one group: a row of it is one word.
const GROUP: u64 = BLOCK * 64;
/// Fewer entities are looked at one by one.
const ENTITIES_MIN: u64 = 4_096;
/// Letters that a text must have in a row.
const LETTERS: usize = 3;

/// The index.
#[derive(Debug)]
pub struct Letters {
    /// `ROWS` words each, in order of id.
    groups: Vec<Box<[u64]>>,
}

impl Letters {
    /// Of everything that an estate holds.
    pub fn new(estate: &Estate) -> Self {
        let groups = (estate.next_id / GROUP + 1) as usize;
        let mut letters = Self { groups: Vec::new() };
        letters.groups.resize_with(groups, empty);
        let share = groups.div_ceil(std::thread::available_parallelism().map_or(1, usize::from));
        std::thread::scope(|scope| {
            for (part, groups) in letters.groups.chunks_mut(share).enumerate() {
                let first = (part * share) as u64 * GROUP;
                scope.spawn(move || {
                    for id in first..first + groups.len() as u64 * GROUP {
                        let id = EntityId(id);
                        if let Some(entity) = estate.entities.get(&id) {
                            let group = &mut groups[((id.0 - first) / GROUP) as usize];
                            mark(group, estate, id, entity);
                        }
                    }
                });
            }
        });
        letters
    }

    /// Adds what an entity is called now.
    pub fn add(&mut self, estate: &Estate, id: EntityId) {
        let Some(entity) = estate.entities.get(&id) else { return };
        let group = (id.0 / GROUP) as usize;
        if self.groups.len() <= group {
            self.groups.resize_with(group + 1, empty);
        }
        mark(&mut self.groups[group], estate, id, entity);
    }

    /// Ids of blocks in which at least `share` of the text's threes of letters stand, in order; the text
    /// is in lower case.
    pub fn candidates(&self, text: &str, share: f64) -> Vec<EntityId> {
        let rows: BTreeSet<usize> = text.as_bytes().windows(LETTERS).map(row).collect();
        let needed = ((rows.len() as f64 * share).ceil() as usize).clamp(1, rows.len().max(1));
        let mut found = Vec::new();
        for (place, group) in (0_u64..).zip(&self.groups) {
            let words: Vec<u64> = rows.iter().map(|row| group[*row]).collect();
            let any = words.iter().fold(0, |any, word| any | word);
            for bit in (0..64).filter(|bit| any >> bit & 1 == 1) {
                let held = words.iter().filter(|word| *word >> bit & 1 == 1).count();
                if held >= needed {
                    let first = place * GROUP + bit * BLOCK;
                    found.extend((first..first + BLOCK).map(EntityId));
                }
            }
        }
        found
    }
}

/// Whether a text is long enough, and an estate large enough, to be looked up in an index.
pub fn is_of_use(estate: &Estate, text: &str) -> bool {
    text.len() >= LETTERS && estate.next_id >= ENTITIES_MIN
}

/// Adds what a write says, once it is taken in, to an index that is there.
pub fn keep(estate: &mut Estate, write: &TopologyWrite) {
    let held = estate.letters.get_mut().unwrap_or_else(PoisonError::into_inner);
    let Some(mut letters) = held.take() else { return };
    for id in renamed(estate, write) {
        letters.add(estate, id);
    }
    *estate.letters.get_mut().unwrap_or_else(PoisonError::into_inner) = Some(letters);
}

/// Entities of which a write may change what they are called.
fn renamed(estate: &Estate, write: &TopologyWrite) -> BTreeSet<EntityId> {
    let mut ids: BTreeSet<EntityId> = write.entities.iter().map(|one| one.id).collect();
    ids.extend(write.versions.iter().map(|one| one.entity));
    ids.extend(write.merges.iter().map(|one| one.into));
    let targets = write.claims.iter().flat_map(|one| &one.claim.to);
    ids.extend(targets.filter_map(|to| estate.find(to.as_str())));
    ids.into_iter().map(|id| estate.resolve(id)).collect()
}

fn empty() -> Box<[u64]> {
    vec![0; ROWS].into_boxed_slice()
}

/// Row of three letters: the upper bits of a product (Fibonacci hashing).
fn row(letters: &[u8]) -> usize {
    let number = letters.iter().fold(0_u64, |number, letter| number << 8 | u64::from(*letter));
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - ROWS.trailing_zeros())) as usize
}

/// Sets the bits of everything that an entity is called.
fn mark(group: &mut [u64], estate: &Estate, id: EntityId, entity: &Entity) {
    let bit = 1_u64 << (id.0 % GROUP / BLOCK);
    let names = &estate.names;
    let mut text = |parts: &[&str]| each_row(parts, |row| group[row] |= bit);
    for key in entity.redirected.iter().chain([&entity.key]) {
        let (prefix, rest) = names.keys.parts(*key);
        text(&[prefix, rest]);
        for (alias, _) in estate.claims.leading_to(*key) {
            let (prefix, rest) = names.keys.parts(alias);
            text(&[prefix, rest]);
        }
    }
    for (_, content) in entity.ranked().iter() {
        text(&[names.name(content.name)]);
        for label in &content.labels {
            let (name, value) = names.label(*label);
            text(&[name, "=", value]);
        }
    }
}

/// Rows of the threes of letters of a text in parts, in lower case.
fn each_row(parts: &[&str], each: impl FnMut(usize)) {
    if parts.iter().all(|part| part.is_ascii()) {
        let letters = parts.iter().flat_map(|part| part.bytes());
        return each_three(letters.map(|letter| letter.to_ascii_lowercase()), each);
    }
    each_three(parts.concat().to_lowercase().bytes(), each);
}

fn each_three(letters: impl Iterator<Item = u8>, mut each: impl FnMut(usize)) {
    let mut last = [0_u8; LETTERS];
    for (place, letter) in letters.enumerate() {
        last = [last[1], last[2], letter];
        if place + 1 >= LETTERS {
            each(row(&last));
        }
    }
}
