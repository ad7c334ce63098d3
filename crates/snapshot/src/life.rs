//! One entity with what its sources say about it, and whether it exists at an instant.

use std::sync::Arc;

use model::kind::EntityKind;
use model::resolution::EntityState;
use model::time::Micros;

use super::edge::Ends;
use super::few::Few;
use super::file::{In, Out, Sources, Unusable, kind};
use super::names::{NONE, Names};
use super::record::{Content, Record};

/// The end of time: "now" is after everything that was observed.
pub const NOW: Micros = Micros(i64::MAX);

/// One entity.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Its canonical id.
    pub key: u32,
    pub kind: EntityKind,
    pub state: EntityState,
    /// Rows that touch it; both ends of a row list it.
    pub ends: Ends,
    /// First of the claims that its records make.
    pub claims: u32,
    /// First link of the references that its records state.
    pub references: u32,
    /// What its sources say, in order of source.
    pub records: Few<Record>,
    /// Canonical ids of entities that were merged into it, in order.
    pub redirected: Few<u32>,
}

/// A record with what it says.
pub type Said<'a> = (&'a Record, &'a Content);

impl Entity {
    pub fn new(key: u32, kind: EntityKind, state: EntityState) -> Self {
        Self {
            key,
            kind,
            state,
            ends: Ends::default(),
            claims: NONE,
            references: NONE,
            records: Few::None,
            redirected: Few::None,
        }
    }

    /// Adds it to what is written. One without a key is no entity, and nothing else is written of it.
    pub fn put(&self, out: &mut Out, sources: &Sources<'_>) {
        out.place(self.key);
        if self.key == NONE {
            return;
        }
        out.byte(self.kind.code());
        out.byte(self.state as u8);
        self.ends.put(out);
        out.place(self.claims);
        out.number(self.records.as_slice().len() as u64);
        self.records.iter().for_each(|record| record.put(out, sources));
        out.number(self.redirected.as_slice().len() as u64);
        self.redirected.iter().for_each(|key| out.place(*key));
    }

    /// One that was written; `None` where there was none.
    pub fn take(input: &mut In<'_>, sources: &[Arc<str>]) -> Result<Option<Self>, Unusable> {
        let key = input.place()?;
        if key == NONE {
            return Ok(None);
        }
        let kind = EntityKind::from_code(input.byte()?).ok_or(kind::UNKNOWN)?;
        let states = [EntityState::Named, EntityState::Implied, EntityState::Present];
        let state = *states.get(usize::from(input.byte()?)).ok_or(kind::UNKNOWN)?;
        let mut entity = Self::new(key, kind, state);
        entity.ends = Ends::take(input)?;
        entity.claims = input.place()?;
        let count = input.count()?;
        let records = (0..count).map(|_| Record::take(input, sources));
        entity.records = records.collect::<Result<_, _>>()?;
        let count = input.count()?;
        entity.redirected = (0..count).map(|_| input.place()).collect::<Result<_, _>>()?;
        Ok(Some(entity))
    }
}

/// Whether and how an entity exists at the estate's instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Existence {
    pub valid_from: Micros,
    pub valid_to: Option<Micros>,
    pub first_seen: Micros,
    /// Newest observation by then.
    pub last_seen: Option<Micros>,
}

impl Entity {
    /// Whether it may be in an answer at all.
    pub fn is_present(&self) -> bool {
        self.state == EntityState::Present
    }

    /// Records whose sources had observed the entity by then; those of all sources when none had.
    fn timely(&self) -> impl Iterator<Item = Said<'_>> {
        let all =
            || self.records.iter().filter_map(|record| Some((record, record.content.as_ref()?)));
        let is_any_timely = all().any(|(_, content)| !content.is_early);
        all().filter(move |(_, content)| content.is_early != is_any_timely)
    }

    /// Records that speak: the observed ones, or the implied ones where there are no others.
    pub fn speaking(&self) -> impl Iterator<Item = Said<'_>> {
        let is_implied = |(record, content): Said<'_>| record.mark(content).is_implied;
        let is_observed = self.timely().any(|one| !is_implied(one));
        self.timely().filter(move |one| is_implied(*one) != is_observed)
    }

    /// Every record with content, best first: observed, then the newest, then by source.
    pub fn ranked(&self) -> Few<Said<'_>> {
        let mut records: Few<Said<'_>> = self.timely().collect();
        let rank = |(record, content): &Said<'_>| {
            let mark = record.mark(content);
            (!mark.is_implied, mark.observed_at)
        };
        let order = |a: &Said<'_>, b: &Said<'_>| {
            rank(b).cmp(&rank(a)).then_with(|| a.0.source.cmp(&b.0.source))
        };
        records.as_mut_slice().sort_by(order);
        records
    }

    /// The first of what its sources say, best source first.
    pub fn says<'a, T>(&'a self, part: impl Fn(&'a Content) -> Option<T>) -> Option<T> {
        self.ranked().iter().find_map(|(_, content)| part(content))
    }

    /// The number of its name; `None` when no source gives one.
    pub fn name(&self, names: &Names) -> Option<u32> {
        self.says(|content| (!names.name(content.name).is_empty()).then_some(content.name))
    }

    /// The record of a source.
    pub fn record_of(&self, source: &str) -> Option<&Record> {
        self.records.iter().find(|record| *record.source == *source)
    }

    /// The record of a source, to be changed.
    pub fn record(&mut self, source: &Arc<str>) -> &mut Record {
        let held = self.records.as_slice();
        let place = held.partition_point(|record| record.source < *source);
        if held.get(place).is_none_or(|record| record.source != *source) {
            self.records.insert(place, Record::new(Arc::clone(source)));
        }
        self.records.as_mut_slice().get_mut(place).expect("it was put there")
    }

    /// Its existence at the estate's instant; `None` when nothing speaks of it.
    pub fn existence(&self, at: Micros) -> Option<Existence> {
        let mut found: Option<Existence> = None;
        let mut has_live = false;
        for (record, _) in self.speaking() {
            let Some(valid_from) = record.valid_from() else { continue };
            let first_seen = record.first_seen().unwrap_or(valid_from);
            let end = record.ended_at(at);
            // A source that first speaks of it later has not kept it alive until then.
            let speaks = record.is_observed_by(at);
            has_live |= end.is_none() && speaks;
            found = Some(match found {
                None => Existence {
                    valid_from,
                    valid_to: end,
                    first_seen,
                    last_seen: record.last_seen(),
                },
                Some(so_far) => Existence {
                    valid_from: so_far.valid_from.min(valid_from),
                    valid_to: so_far.valid_to.max(end),
                    first_seen: so_far.first_seen.min(first_seen),
                    last_seen: so_far.last_seen.max(record.last_seen()),
                },
            });
        }
        let mut found = found?;
        if has_live {
            found.valid_to = None;
        }
        Some(found)
    }
}
