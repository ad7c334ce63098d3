//! Rows of relations in memory: packed in a slab, found by key and from both ends.

use std::collections::{BTreeSet, HashMap};
use std::hash::RandomState;

use hashbrown::HashTable;
use model::entity::EntityId;
use model::kind::{Evidence, RelationKind};
use model::resolution::RelationWrite;
use model::time::Micros;

use super::lists::{List, Lists};
use super::packed::{
    BY_NOBODY, NEVER, NONE, Packed, Rest, Rests, entity, hash_of, key_of, place_of, stated,
};
use super::said::{Said, Sayings};

/// A row as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    pub from: EntityId,
    pub kind: RelationKind,
    pub to: EntityId,
    pub evidence: Evidence,
    pub stated_by: Option<EntityId>,
    pub statement: u64,
    pub valid_from: Micros,
    pub valid_to: Option<Micros>,
    pub seen_at: Micros,
    pub said: &'a Said,
}

impl Row<'_> {
    /// The row as it was written.
    pub fn write(&self) -> RelationWrite {
        RelationWrite {
            from: self.from,
            kind: self.kind,
            to: self.to,
            evidence: self.evidence,
            source: self.said.source.clone(),
            stated_by: self.stated_by,
            statement: self.statement,
            need: self.said.need,
            need_source: self.said.need_source,
            group: self.said.group.clone(),
            min_alive: self.said.min_alive,
            rule: self.said.rule.clone(),
            confidence: self.said.confidence,
            properties: self.said.properties.clone(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            seen_at: self.seen_at,
        }
    }
}

/// The rows. A place in the slab that was taken back is empty and is not used again.
#[derive(Debug, Default)]
pub struct Edges {
    rows: Vec<Packed>,
    rests: Rests,
    sayings: Sayings,
    /// Every instant at which a row was seen, once, and the place of each.
    instants: Vec<i64>,
    instant_places: HashMap<i64, u32>,
    by_key: HashTable<u32>,
    // Keyed, so that no input can make a long chain.
    hasher: RandomState,
    lists: Lists,
    /// Rows that a record states about two other entities, by the record's entity.
    stated: HashMap<EntityId, BTreeSet<u32>>,
    /// Rows that say what implements what, by both ends.
    implementing: HashMap<EntityId, Vec<u32>>,
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
    pub fn incoming_of(&mut self, kind: RelationKind) -> &mut List {
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

    /// The row that a write is about.
    pub fn held(&self, write: &RelationWrite) -> Option<Row<'_>> {
        self.place(write).and_then(|place| self.row(place))
    }

    /// Whether the row would change anything, and whether more than when it was last seen.
    pub fn difference(&self, write: &RelationWrite) -> Difference {
        let held = self.held(write);
        let taken_back = write.valid_to == Some(write.valid_from);
        match held {
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
                let next = folded(&held, write);
                if next == held {
                    return Difference::Nothing;
                }
                let seen = RelationWrite { seen_at: next.seen_at, ..held };
                if seen == next { Difference::Seen } else { Difference::Changed }
            }
        }
    }

    /// Takes a row in.
    pub fn apply(&mut self, write: &RelationWrite) -> Effect {
        let held = self.place(write);
        let taken_back = write.valid_to == Some(write.valid_from);
        match held {
            None if taken_back => Effect::None,
            None => Effect::Added(self.add(write)),
            Some(place) if taken_back => {
                self.remove(place);
                Effect::TakenBack(place)
            }
            Some(place) => {
                if let Some(next) = self.row(place).map(|row| folded(&row.write(), write)) {
                    let rest = self.rows.get(place as usize).map_or(NONE, |row| row.rest);
                    let packed = self.pack(&next, rest);
                    if let Some(row) = self.rows.get_mut(place as usize) {
                        *row = packed;
                    }
                }
                Effect::Replaced
            }
        }
    }

    fn add(&mut self, write: &RelationWrite) -> u32 {
        let place = u32::try_from(self.rows.len()).ok().filter(|place| *place != NONE);
        let place = place.expect("a store holds fewer than 2^32 rows");
        let packed = self.pack(write, NONE);
        self.rows.push(packed);
        let hash = hash_of(&self.hasher, &key_of(write), &write.source);
        let (rows, rests, sayings, hasher) = (&self.rows, &self.rests, &self.sayings, &self.hasher);
        self.by_key.insert_unique(hash, place, |place| {
            let row = rows.get(*place as usize).expect("only places of rows are kept");
            hash_of(hasher, &row.key(rests), &sayings.get(row.said).source)
        });
        if let Some(by) = stated_elsewhere(write) {
            self.stated.entry(by).or_default().insert(place);
        }
        if write.kind == RelationKind::ImplementedBy {
            for id in [write.from, write.to] {
                self.implementing.entry(id).or_default().push(place);
            }
        }
        place
    }

    /// Takes a row out, to be put in again under other ends. It stays in the lists of its ends.
    pub fn remove(&mut self, place: u32) -> Option<RelationWrite> {
        let row = self.row(place)?.write();
        let hash = hash_of(&self.hasher, &key_of(&row), &row.source);
        if let Ok(entry) = self.by_key.find_entry(hash, |one| *one == place) {
            entry.remove();
        }
        if let Some(packed) = self.rows.get_mut(place as usize) {
            packed.from = NONE;
            self.rests.let_go(std::mem::replace(&mut packed.rest, NONE));
        }
        if let Some(by) = stated_elsewhere(&row)
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

    /// Place of the row that is one with a write: a row of its own by its key, a stated one by its
    /// start too.
    fn place(&self, write: &RelationWrite) -> Option<u32> {
        let wanted = key_of(write);
        let is_it = |place: &u32| {
            let Some(row) = self.rows.get(*place as usize) else { return false };
            row.from == wanted.0
                && row.key(&self.rests) == wanted
                && (row.by == BY_NOBODY || row.valid_from == write.valid_from.0)
                && self.sayings.get(row.said).source == write.source
        };
        self.by_key.find(hash_of(&self.hasher, &wanted, &write.source), is_it).copied()
    }

    /// A row as it is kept; `rest` is the place that it had for its rest.
    fn pack(&mut self, write: &RelationWrite, rest: u32) -> Packed {
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
        if let Some(place) = self.instant_places.get(&at) {
            return *place;
        }
        let place = u32::try_from(self.instants.len()).expect("there is at most one for each row");
        self.instants.push(at);
        self.instant_places.insert(at, place);
        place
    }
}

/// The entity that states a row about two others.
fn stated_elsewhere(row: &RelationWrite) -> Option<EntityId> {
    row.stated_by.filter(|by| *by != row.from && *by != row.to)
}

/// Start, end and newest sighting of a row after a write that says the same.
fn period(held: &Row<'_>, write: &RelationWrite) -> (Micros, Option<Micros>, Micros) {
    if held.stated_by.is_some() {
        return (write.valid_from, write.valid_to, write.seen_at);
    }
    let from = held.valid_from.min(write.valid_from);
    match write.seen_at >= held.seen_at {
        true => (from, write.valid_to, write.seen_at),
        false => (from, held.valid_to, held.seen_at),
    }
}

/// The row after a write. A stated row is replaced; of a row of its own the start is the least, the
/// newest sighting the greatest, the rest of the newest, ties by what it says.
pub fn folded(held: &RelationWrite, write: &RelationWrite) -> RelationWrite {
    if held.stated_by.is_some() {
        return write.clone();
    }
    let rank = |row: &RelationWrite| {
        (
            row.seen_at,
            row.need,
            format!("{:?}{}{:?}{:?}", row.need_source, row.rule, row.confidence, row.properties),
        )
    };
    let mut next = if rank(write) >= rank(held) { write.clone() } else { held.clone() };
    next.valid_from = held.valid_from.min(write.valid_from);
    next
}
