//! A row of a relation in 32 bytes, with what few rows have apart.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};

use model::entity::EntityId;
use model::kind::{Evidence, RelationKind};

use super::file::kind::UNKNOWN;
use super::file::{Frames, Part, Unusable, kind};
use super::relation::RelationRow;
use super::slab::Slab;

/// No place, no entity.
pub const NONE: u32 = u32::MAX;
/// No instant.
pub const NEVER: i64 = i64::MIN;

/// Who states a row: nobody, one of its ends, or another entity, which is in its rest.
pub const BY_NOBODY: u8 = 0;
const BY_FROM: u8 = 1;
const BY_TO: u8 = 2;
const BY_OTHER: u8 = 3;

/// A row. An empty place has no near end.
#[derive(Debug, Clone, Copy)]
pub struct Packed {
    pub from: u32,
    pub to: u32,
    /// Place of what it says.
    pub said: u32,
    /// Place of the instant at which it was seen.
    pub seen: u32,
    pub valid_from: i64,
    pub kind: u8,
    pub evidence: u8,
    pub by: u8,
    /// Place of its rest, which few have; `NONE` otherwise.
    pub rest: u32,
}

/// What few rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    pub statement: u64,
    pub valid_to: i64,
    pub stated_by: u32,
}

impl Rest {
    /// The rest of a row that has none.
    pub const NOTHING: Self = Self { statement: 0, valid_to: NEVER, stated_by: NONE };

    /// The rest of a row as it is written.
    pub fn of(write: &RelationRow<'_>) -> Self {
        let by = write.stated_by.filter(|_| stated(write) == BY_OTHER);
        Self {
            statement: write.statement,
            valid_to: write.valid_to.map_or(NEVER, |at| at.0),
            stated_by: by.map_or(NONE, place_of),
        }
    }
}

/// The rests of all rows.
#[derive(Debug, Default)]
pub struct Rests {
    all: Slab<Rest>,
    /// Places that are not used.
    free: Vec<u32>,
}

impl Rests {
    /// The rest at a place.
    pub fn get(&self, place: u32) -> Rest {
        self.all.get(place as usize).copied().unwrap_or(Rest::NOTHING)
    }

    /// Keeps a rest; `held` is the place that its row had for it. Gives the place it has now.
    pub fn keep(&mut self, rest: Rest, held: u32) -> u32 {
        if rest == Rest::NOTHING {
            self.let_go(held);
            return NONE;
        }
        let place = Some(held).filter(|held| *held != NONE).or_else(|| self.free.pop());
        let old = place.and_then(|place| Some((place, self.all.get_mut(place as usize)?)));
        if let Some((place, old)) = old {
            *old = rest;
            return place;
        }
        let place = u32::try_from(self.all.len()).expect("there is at most one for each row");
        self.all.push(rest);
        place
    }

    /// A row that is gone needs its place no more.
    pub fn let_go(&mut self, place: u32) {
        self.free.extend((place != NONE).then_some(place));
    }

    /// Writes them.
    pub fn put(&self, part: &mut Part<'_>) -> io::Result<()> {
        for rests in self.all.pieces() {
            part.item(kind::REST, |out| {
                out.number(rests.len() as u64);
                out.column(rests.iter().map(|rest| rest.statement));
                out.column(rests.iter().map(|rest| ordered(rest.valid_to)));
                out.column(rests.iter().map(|rest| u64::from(rest.stated_by)));
            })?;
        }
        for free in self.free.chunks(kind::ROWS) {
            part.item(kind::REST_FREE, |out| {
                out.number(free.len() as u64);
                out.column(free.iter().map(|place| u64::from(*place)));
            })?;
        }
        Ok(())
    }

    /// Reads them.
    pub fn take(frames: &mut Frames<impl Read>, count: usize) -> Result<Self, Unusable> {
        let mut rests = Self::default();
        let mut columns = [const { Vec::new() }; 3];
        frames.items(kind::REST, |input| {
            let count = input.count()?;
            columns.iter_mut().try_for_each(|column| input.column(count, column))?;
            let [statement, valid_to, stated_by] = &columns;
            rests.all.extend((0..count).map(|at| Rest {
                statement: statement[at],
                valid_to: instant(valid_to[at]),
                stated_by: stated_by[at] as u32,
            }));
            Ok(())
        })?;
        let mut free = Vec::new();
        frames.items(kind::REST_FREE, |input| {
            let count = input.count()?;
            input.column(count, &mut free)?;
            rests.free.extend(free.iter().map(|place| *place as u32));
            Ok(())
        })?;
        (rests.all.len() == count).then_some(rests).ok_or(kind::CUT)
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }
}

/// An instant as a number without sign, in the same order.
fn ordered(at: i64) -> u64 {
    at as u64 ^ 1 << 63
}

fn instant(ordered: u64) -> i64 {
    (ordered ^ 1 << 63) as i64
}

/// Writes rows, those of empty places too.
pub fn put(rows: &Slab<Packed>, part: &mut Part<'_>) -> io::Result<()> {
    for rows in rows.pieces() {
        part.item(kind::ROW, |out| {
            out.number(rows.len() as u64);
            out.column(rows.iter().map(|row| u64::from(row.from)));
            out.column(rows.iter().map(|row| u64::from(row.to)));
            out.column(rows.iter().map(|row| u64::from(row.said)));
            out.column(rows.iter().map(|row| u64::from(row.seen)));
            out.column(rows.iter().map(|row| ordered(row.valid_from)));
            out.column(rows.iter().map(|row| u64::from(row.kind)));
            out.column(rows.iter().map(|row| u64::from(row.evidence)));
            out.column(rows.iter().map(|row| u64::from(row.by)));
            out.column(rows.iter().map(|row| u64::from(row.rest.wrapping_add(1))));
        })?;
    }
    Ok(())
}

/// Reads rows.
pub fn take(frames: &mut Frames<impl Read>) -> Result<Slab<Packed>, Unusable> {
    let mut rows = Slab::default();
    let mut columns = [const { Vec::new() }; 9];
    frames.items(kind::ROW, |input| {
        let count = input.count()?;
        columns.iter_mut().try_for_each(|column| input.column(count, column))?;
        let [from, to, said, seen, valid_from, kind, evidence, by, rest] = &columns;
        let is_known = |at: &usize| {
            RelationKind::from_code(kind[*at] as u8).is_some()
                && Evidence::from_code(evidence[*at] as u8).is_some()
        };
        if !(0..count).all(|at| is_known(&at)) {
            return Err(UNKNOWN);
        }
        rows.extend((0..count).map(|at| Packed {
            from: from[at] as u32,
            to: to[at] as u32,
            said: said[at] as u32,
            seen: seen[at] as u32,
            valid_from: instant(valid_from[at]),
            kind: kind[at] as u8,
            evidence: evidence[at] as u8,
            by: by[at] as u8,
            rest: (rest[at] as u32).wrapping_sub(1),
        }));
        Ok(())
    })?;
    Ok(rows)
}

impl Packed {
    /// The entity whose record states it.
    pub fn stated_by(&self, rest: Rest) -> Option<EntityId> {
        match self.by {
            BY_FROM => Some(entity(self.from)),
            BY_TO => Some(entity(self.to)),
            BY_OTHER => Some(entity(rest.stated_by)),
            _ => None,
        }
    }

    /// What tells it from other rows, beside its source.
    pub fn key(&self, rests: &Rests) -> Key {
        let rest = rests.get(self.rest);
        let by = self.stated_by(rest).map_or(NONE, place_of);
        (self.from, self.kind, self.to, self.evidence, by, rest.statement)
    }
}

/// What tells one statement of a relation from another, beside its source: near end, kind, far end,
/// evidence, who states it and the statement.
pub type Key = (u32, u8, u32, u8, u32, u64);

/// The key of a row as it is written.
pub fn key_of(write: &RelationRow<'_>) -> Key {
    let by = write.stated_by.map_or(NONE, place_of);
    let (from, to) = (place_of(write.from), place_of(write.to));
    (from, write.kind.code(), to, write.evidence.code(), by, write.statement)
}

/// Hashes keys, of which a store has as many as rows: two multiplications by secret numbers. The
/// source's own hash, which is of a text, is made by whoever keeps the sources.
#[derive(Debug)]
pub struct KeyHasher {
    secret: [u64; 3],
}

impl Default for KeyHasher {
    fn default() -> Self {
        // Drawn anew, so that no input can make a long chain.
        let random = RandomState::new();
        Self { secret: [0_u8, 1, 2].map(|which| random.hash_one(which) | 1) }
    }
}

impl KeyHasher {
    /// Hash of a key and of the hash of its source.
    pub fn hash(&self, (from, kind, to, evidence, by, statement): &Key, source: u64) -> u64 {
        let ends = u64::from(*from) << 32 | u64::from(*to);
        let rest = u64::from(*by) << 32 | u64::from(*kind) << 8 | u64::from(*evidence);
        let [a, b, c] = self.secret;
        let ends = folded(ends ^ a, rest ^ source ^ b);
        folded(ends ^ c, statement ^ b)
    }
}

/// Both halves of a product, so that every bit of either counts in every bit.
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// Whether a row is asked for by its ends only: nobody else states it, and it implements nothing.
pub fn is_plain(row: &Packed) -> bool {
    row.by != BY_OTHER && row.kind != RelationKind::ImplementedBy.code()
}

/// Who states a row.
pub fn stated(write: &RelationRow<'_>) -> u8 {
    match write.stated_by {
        None => BY_NOBODY,
        Some(by) if by == write.from => BY_FROM,
        Some(by) if by == write.to => BY_TO,
        Some(_) => BY_OTHER,
    }
}

/// An id as a row holds it.
pub fn place_of(id: EntityId) -> u32 {
    u32::try_from(id.0).ok().filter(|id| *id != NONE).expect("ids are counted up from one")
}

/// The id that a row holds.
pub fn entity(place: u32) -> EntityId {
    EntityId(u64::from(place))
}
