//! Rows of relations in memory: packed in a slab, found by key and from both ends.

mod row;
mod stored;

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use hashbrown::HashTable;
use model::entity::EntityId;
use model::kind::{Evidence, RelationKind};
use model::resolution::RelationWrite;
use model::time::Micros;

use super::lists::{List, Lists};
use super::packed::{
    BY_NOBODY, KeyHasher, NEVER, NONE, Packed, Rest, Rests, entity, key_of, place_of, stated,
};
use super::relation::RelationRow;
use super::said::Sayings;
use super::slab::Slab;

use row::period;
pub use row::{Row, folded};

/// The rows. A place in the slab that was taken back is empty and is not used again.
#[derive(Debug)]
pub struct Edges {
    rows: Slab<Packed>,
    rests: Rests,
    sayings: Sayings,
    /// Every instant at which a row was seen, once, and the place of each.
    instants: Vec<i64>,
    instant_places: HashMap<i64, u32>,
    /// Place of the instant that was asked for last: rows of one input follow each other.
    last_instant: u32,
    /// Places of the rows by key. It is not there when the rows come from a file, until it is asked for.
    by_key: OnceLock<HashTable<u32>>,
    hasher: KeyHasher,
    lists: Lists,
    /// Rows that a record states about two other entities, by the record's entity.
    stated: HashMap<EntityId, BTreeSet<u32>>,
    /// Rows that say what implements what, by both ends.
    implementing: HashMap<EntityId, Vec<u32>>,
}

impl Default for Edges {
    fn default() -> Self {
        Self {
            rows: Slab::default(),
            rests: Rests::default(),
            sayings: Sayings::default(),
            instants: Vec::new(),
            instant_places: HashMap::new(),
            last_instant: NONE,
            by_key: OnceLock::from(HashTable::new()),
            hasher: KeyHasher::default(),
            lists: Lists::default(),
            stated: HashMap::new(),
            implementing: HashMap::new(),
        }
    }
}

/// The rows of one entity.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ends {
    pub outgoing: List,
    /// Those by which a unit or a product has it: few, and asked for with every fact, where a hub has
    /// a hundred thousand others.
    pub above: List,
    /// All other incoming rows.
    pub used: List,
}

impl Ends {
    /// The lists of incoming rows.
    pub fn incoming(self) -> [List; 2] {
        [self.above, self.used]
    }

    /// The list of incoming rows of a kind.
    pub fn incoming_of(mut self, kind: RelationKind) -> List {
        *self.incoming_mut(kind)
    }

    /// The same, to be changed.
    pub fn incoming_mut(&mut self, kind: RelationKind) -> &mut List {
        match kind {
            RelationKind::Owns | RelationKind::HasPart => &mut self.above,
            _ => &mut self.used,
        }
    }
}

/// What a row did to the slab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// At a new place.
    Added(u32),
    /// What was at the place is replaced.
    Replaced,
    /// The place is empty now.
    TakenBack(u32),
    /// Nothing.
    None,
}

/// How a write differs from what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Not at all.
    Nothing,
    /// Only by when it was last seen.
    Seen,
    /// By more.
    Changed,
    /// Nothing is held.
    New,
}

impl Edges {
    /// The row at a place.
    pub fn row(&self, place: u32) -> Option<Row<'_>> {
        let packed = self.rows.get(place as usize).filter(|row| row.from != NONE)?;
        let rest = self.rests.get(packed.rest);
        Some(Row {
            from: entity(packed.from),
            kind: RelationKind::from_code(packed.kind).expect("it is the code of a kind"),
            to: entity(packed.to),
            evidence: Evidence::from_code(packed.evidence).expect("it is the code of an evidence"),
            stated_by: packed.stated_by(rest),
            statement: rest.statement,
            valid_from: Micros(packed.valid_from),
            valid_to: (rest.valid_to != NEVER).then_some(Micros(rest.valid_to)),
            seen_at: Micros(self.instants.get(packed.seen as usize).copied().unwrap_or(NEVER)),
            said: self.sayings.get(packed.said),
        })
    }

    /// The rows of lists.
    pub fn rows(&self, lists: impl IntoIterator<Item = List>) -> impl Iterator<Item = Row<'_>> {
        let places = lists.into_iter().flat_map(|list| self.lists.iter(list));
        places.filter_map(|place| self.row(place))
    }

    /// The places of all rows that touch an entity, each once, in order.
    pub fn touching(&self, ends: Ends) -> BTreeSet<u32> {
        let lists = [ends.outgoing, ends.above, ends.used];
        lists.into_iter().flat_map(|list| self.lists.iter(list)).collect()
    }

    /// Rows by which an entity implements or is implemented.
    pub fn implementing(&self, id: EntityId) -> impl Iterator<Item = Row<'_>> {
        let places = self.implementing.get(&id).into_iter().flatten();
        places.filter_map(|place| self.row(*place))
    }

    /// Puts a place into the list of an end.
    pub fn link(&mut self, list: &mut List, place: u32) {
        self.lists.push(list, place);
    }

    /// Takes a place out of the list of an end.
    pub fn unlink(&mut self, list: &mut List, place: u32) {
        self.lists.remove(list, place);
    }

    /// Gives back the lists of an entity that is gone.
    pub fn let_go(&mut self, mut ends: Ends) {
        self.lists.clear(&mut ends.outgoing);
        self.lists.clear(&mut ends.above);
        self.lists.clear(&mut ends.used);
    }

    /// Places of the rows that an entity's records state about two others, in order.
    pub fn stated_elsewhere(&self, by: EntityId) -> Vec<u32> {
        self.stated.get(&by).into_iter().flatten().copied().collect()
    }

    /// Makes room for so many rows.
    pub fn reserve(&mut self, count: usize) {
        let Self { by_key, rows, rests, sayings, hasher, .. } = self;
        if let Some(table) = by_key.get_mut() {
            table.reserve(count, |place| hash_at(hasher, rows, rests, sayings, *place));
        }
    }

    /// Whether a place, as [`Edges::find`] or a list gave it, is of the row that a write is about.
    pub fn is_at(&self, place: u32, write: &RelationRow<'_>) -> bool {
        let Some(row) = self.rows.get(place as usize) else { return false };
        let wanted = key_of(write);
        row.from == wanted.0
            && row.key(&self.rests) == wanted
            && (row.by == BY_NOBODY || row.valid_from == write.valid_from.0)
            && self.sayings.get(row.said).source == write.source
    }

    /// Place of the row that is one with a write: a row of its own by its key, a stated one by its
    /// start too. Waits until rows are found by key.
    pub fn find(&self, write: &RelationRow<'_>) -> Option<u32> {
        let hash = self.hasher.hash(&key_of(write), self.sayings.source_hash(write.source));
        self.by_key().find(hash, |place| self.is_at(*place, write)).copied()
    }

    /// The same among the places of a list.
    pub fn find_among(&self, list: List, write: &RelationRow<'_>) -> Option<u32> {
        self.lists.iter(list).find(|place| self.is_at(*place, write))
    }

    /// Whether rows are found by key.
    pub fn is_by_key(&self) -> bool {
        self.by_key.get().is_some()
    }

    /// Places of the rows by key. The first who asks makes it of all rows, and others wait.
    pub fn by_key(&self) -> &HashTable<u32> {
        self.by_key.get_or_init(|| {
            let mut table = HashTable::with_capacity(self.rows.len());
            let hash = |place| hash_at(&self.hasher, &self.rows, &self.rests, &self.sayings, place);
            for (place, row) in (0..).zip(self.rows.iter()) {
                if row.from != NONE {
                    table.insert_unique(hash(place), place, |place| hash(*place));
                }
            }
            table
        })
    }

    /// How a write differs from the row at its place.
    pub fn difference(&self, write: &RelationRow<'_>, place: Option<u32>) -> Difference {
        let taken_back = write.is_taken_back();
        match place.and_then(|place| self.row(place)) {
            None if taken_back => Difference::Nothing,
            None => Difference::New,
            Some(_) if taken_back => Difference::Changed,
            Some(held) if held.said.is_of(write) => {
                let next = period(&held, write);
                if next == (held.valid_from, held.valid_to, held.seen_at) {
                    Difference::Nothing
                } else if (next.0, next.1) == (held.valid_from, held.valid_to) {
                    Difference::Seen
                } else {
                    Difference::Changed
                }
            }
            Some(held) => {
                let held = held.write();
                let next = folded(&held, &write.write());
                if next == held {
                    return Difference::Nothing;
                }
                let seen = RelationWrite { seen_at: next.seen_at, ..held };
                if seen == next { Difference::Seen } else { Difference::Changed }
            }
        }
    }

    /// Takes a row in; `held` is the place of the row that it is one with.
    pub fn apply(&mut self, write: &RelationRow<'_>, held: Option<u32>) -> Effect {
        let taken_back = write.is_taken_back();
        match held {
            None if taken_back => Effect::None,
            None => Effect::Added(self.add(write)),
            Some(place) if taken_back => {
                self.remove(place);
                Effect::TakenBack(place)
            }
            Some(place) => {
                self.replace(place, write);
                Effect::Replaced
            }
        }
    }

    fn replace(&mut self, place: u32, write: &RelationRow<'_>) {
        let Some(held) = self.row(place) else { return };
        if held.said.is_of(write) {
            let (valid_from, valid_to, seen_at) = period(&held, write);
            let seen = self.instant(seen_at.0);
            let Some(row) = self.rows.get_mut(place as usize) else { return };
            let valid_to = valid_to.map_or(NEVER, |at| at.0);
            let rest = Rest { valid_to, ..self.rests.get(row.rest) };
            row.rest = self.rests.keep(rest, row.rest);
            (row.valid_from, row.seen) = (valid_from.0, seen);
            return;
        }
        let next = folded(&held.write(), &write.write());
        let rest = self.rows.get(place as usize).map_or(NONE, |row| row.rest);
        let packed = self.pack(&RelationRow::from(&next), rest);
        if let Some(row) = self.rows.get_mut(place as usize) {
            *row = packed;
        }
    }

    fn add(&mut self, write: &RelationRow<'_>) -> u32 {
        let place = u32::try_from(self.rows.len()).ok().filter(|place| *place != NONE);
        let place = place.expect("a store holds fewer than 2^32 rows");
        let packed = self.pack(write, NONE);
        self.rows.push(packed);
        self.note(place, write.kind, [write.from, write.to], write.stated_by);
        let Self { by_key, rows, rests, sayings, hasher, .. } = self;
        if let Some(table) = by_key.get_mut() {
            let hash = |place| hash_at(hasher, rows, rests, sayings, place);
            table.insert_unique(hash(place), place, |place| hash(*place));
        }
        place
    }

    /// Notes a new row under what it is asked for by beside its ends.
    fn note(&mut self, place: u32, kind: RelationKind, ends: [EntityId; 2], by: Option<EntityId>) {
        if let Some(by) = stated_elsewhere(ends, by) {
            self.stated.entry(by).or_default().insert(place);
        }
        if kind == RelationKind::ImplementedBy {
            for id in ends {
                self.implementing.entry(id).or_default().push(place);
            }
        }
    }

    /// Takes a row out, to be put in again under other ends. It stays in the lists of its ends.
    pub fn remove(&mut self, place: u32) -> Option<RelationWrite> {
        let row = self.row(place)?.write();
        let Self { by_key, rows, rests, sayings, hasher, .. } = self;
        if let Some(table) = by_key.get_mut() {
            let hash = hash_at(hasher, rows, rests, sayings, place);
            if let Ok(entry) = table.find_entry(hash, |one| *one == place) {
                entry.remove();
            }
        }
        if let Some(packed) = self.rows.get_mut(place as usize) {
            packed.from = NONE;
            self.rests.let_go(std::mem::replace(&mut packed.rest, NONE));
        }
        if let Some(by) = stated_elsewhere([row.from, row.to], row.stated_by)
            && let Some(places) = self.stated.get_mut(&by)
        {
            places.remove(&place);
            if places.is_empty() {
                self.stated.remove(&by);
            }
        }
        if row.kind == RelationKind::ImplementedBy {
            for id in [row.from, row.to] {
                if let Some(places) = self.implementing.get_mut(&id) {
                    places.retain(|one| *one != place);
                }
            }
        }
        Some(row)
    }

    /// A row as it is kept; `rest` is the place that it had for its rest.
    fn pack(&mut self, write: &RelationRow<'_>, rest: u32) -> Packed {
        Packed {
            from: place_of(write.from),
            to: place_of(write.to),
            said: self.sayings.place(write),
            seen: self.instant(write.seen_at.0),
            valid_from: write.valid_from.0,
            kind: write.kind.code(),
            evidence: write.evidence.code(),
            by: stated(write),
            rest: self.rests.keep(Rest::of(write), rest),
        }
    }

    fn instant(&mut self, at: i64) -> u32 {
        if self.instants.get(self.last_instant as usize) == Some(&at) {
            return self.last_instant;
        }
        let next = u32::try_from(self.instants.len()).expect("there is at most one for each row");
        self.last_instant = *self.instant_places.entry(at).or_insert(next);
        if self.last_instant == next {
            self.instants.push(at);
        }
        self.last_instant
    }
}

/// Hash of the row at a place.
fn hash_at(
    hasher: &KeyHasher,
    rows: &Slab<Packed>,
    rests: &Rests,
    sayings: &Sayings,
    place: u32,
) -> u64 {
    let row = rows.get(place as usize).expect("only places of rows are kept");
    hasher.hash(&row.key(rests), sayings.source_hash_of(row.said))
}

/// The entity that states a row about two others.
fn stated_elsewhere(ends: [EntityId; 2], by: Option<EntityId>) -> Option<EntityId> {
    by.filter(|by| !ends.contains(by))
}
