//! What one source says about one entity over time: the marks of its versions, when it was seen and
//! when it was missed, and what it says at an instant.

use std::sync::Arc;

use model::entity::Properties;
use model::resolution::VersionWrite;
use model::time::Micros;

use super::few::Few;
use super::file::{In, Out, Sources, Unusable, source};
use super::instant::Instant;
use super::names::Names;

/// What one source says about it.
#[derive(Debug, Clone)]
pub struct Record {
    pub source: Arc<str>,
    /// Every version, in order of (observed_at, fingerprint).
    pub marks: Few<Mark>,
    /// The version chosen at the estate's instant.
    pub content: Option<Content>,
    /// Instants at which the source said nothing new or something, in order: only the first, and the
    /// last at or before the estate's instant, matter.
    first_seen: Instant,
    last_seen: Instant,
    /// Complete exports of the source that lacked it, in order.
    pub missed: Few<Micros>,
}

/// A version without its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub observed_at: Micros,
    pub fingerprint: u64,
    created_at: Instant,
    pub is_implied: bool,
    /// What few versions have.
    rest: Option<Box<MarkRest>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct MarkRest {
    observed_to: Instant,
    ended_at: Instant,
    incarnation: Option<Arc<str>>,
}

/// What a version says; texts are numbers of [`Names`].
#[derive(Debug, Clone)]
pub struct Content {
    /// Place of its mark.
    mark: u32,
    /// The source had not observed the entity yet: this is its first version.
    pub is_early: bool,
    pub name: u32,
    pub scope: u32,
    pub owner: u32,
    pub application: u32,
    /// Property `controller`, which is asked for more often than the others.
    pub controller: u32,
    pub labels: Box<[u32]>,
    /// Properties as JSON; nothing when there are none.
    properties: Option<Box<str>>,
}

impl Mark {
    pub fn of(write: &VersionWrite) -> Self {
        let incarnation = write.incarnation.as_deref().map(Arc::from);
        let (observed_to, ended_at) = (write.observed_to.into(), write.ended_at.into());
        let is_plain =
            (write.observed_to, write.ended_at, &write.incarnation) == (None, None, &None);
        Self {
            observed_at: write.observed_at,
            fingerprint: write.fingerprint,
            created_at: write.created_at.into(),
            is_implied: write.is_implied,
            rest: (!is_plain).then(|| Box::new(MarkRest { observed_to, ended_at, incarnation })),
        }
    }

    /// Whether it is the mark of a version.
    pub fn is_of(&self, write: &VersionWrite) -> bool {
        (self.observed_at, self.fingerprint) == (write.observed_at, write.fingerprint)
            && self.created_at == write.created_at.into()
            && self.is_implied == write.is_implied
            && self.observed_to() == write.observed_to
            && self.ended_at() == write.ended_at
            && self.incarnation() == write.incarnation.as_deref()
    }

    fn observed_to(&self) -> Option<Micros> {
        self.rest.as_ref().and_then(|rest| rest.observed_to.get())
    }

    pub fn ended_at(&self) -> Option<Micros> {
        self.rest.as_ref().and_then(|rest| rest.ended_at.get())
    }

    /// What tells this life from another under the same name.
    pub fn incarnation(&self) -> Option<&str> {
        self.rest.as_ref().and_then(|rest| rest.incarnation.as_deref())
    }

    /// Rank among versions that all cover an instant: what was observed goes before what was implied,
    /// then the newest; the fingerprint makes ties independent of the order of arrival.
    fn rank(&self) -> (bool, Micros, u64) {
        (!self.is_implied, self.observed_at, self.fingerprint)
    }

    fn covers(&self, at: Micros) -> bool {
        self.observed_at <= at && self.observed_to().is_none_or(|to| at < to)
    }
}

impl Content {
    fn of(write: &VersionWrite, key: u32, names: &mut Names) -> Self {
        let controller = write.properties.get("controller").and_then(|value| value.as_str());
        let properties = (!write.properties.is_empty()).then(|| {
            serde_json::to_string(&write.properties).expect("names are texts").into_boxed_str()
        });
        Self {
            mark: 0,
            is_early: false,
            name: names.name_place(&write.name, key),
            scope: names.scope_place(&write.scope),
            owner: names.text_place(write.owner.as_deref()),
            application: names.text_place(write.application.as_deref()),
            controller: names.text_place(controller),
            labels: names.label_places(&write.labels),
            properties,
        }
    }
}

impl Content {
    /// Its properties.
    pub fn properties(&self) -> Properties {
        let parsed = self.properties.as_deref().map(serde_json::from_str);
        parsed.map_or_else(Properties::new, |one| one.expect("it was written as properties"))
    }
}

impl Record {
    pub fn new(source: Arc<str>) -> Self {
        Self {
            source,
            marks: Few::None,
            content: None,
            first_seen: Instant::default(),
            last_seen: Instant::default(),
            missed: Few::None,
        }
    }

    /// First instant at which the source spoke of it.
    pub fn first_seen(&self) -> Option<Micros> {
        self.first_seen.get()
    }

    /// Last instant by the estate's at which it did.
    pub fn last_seen(&self) -> Option<Micros> {
        self.last_seen.get()
    }

    /// The mark of the version chosen.
    pub fn mark(&self, content: &Content) -> &Mark {
        let marks = self.marks.as_slice();
        marks.get(content.mark as usize).expect("what is chosen has a mark")
    }

    /// Takes a version of the entity with a key in; `at` is the estate's instant.
    pub fn apply(&mut self, write: &VersionWrite, at: Micros, key: u32, names: &mut Names) {
        let mark = Mark::of(write);
        let same =
            |one: &Mark| (one.observed_at, one.fingerprint) == (mark.observed_at, mark.fingerprint);
        let held = self.marks.iter().position(same);
        let place = held.unwrap_or_else(|| self.keep(mark.clone()));
        if let Some(held) = self.marks.as_mut_slice().get_mut(place) {
            *held = mark;
        }
        self.see(write.observed_at, at);
        if self.chosen(at) == Some(place) {
            let is_early = write.observed_at > at;
            let content = Content { is_early, ..Content::of(write, key, names) };
            self.content = Some(Content { mark: place as u32, ..content });
        }
    }

    /// Puts a mark in its place.
    fn keep(&mut self, mark: Mark) -> usize {
        let place = self.marks.as_slice().partition_point(|one| *one < mark);
        self.marks.insert(place, mark);
        if let Some(content) = &mut self.content {
            content.mark += u32::from(place <= content.mark as usize);
        }
        place
    }

    /// Takes in what the same source said about another entity that is this one.
    pub fn join(&mut self, other: Self, at: Micros) {
        let other_mark = other.content.as_ref().map(|content| other.mark(content).clone());
        for mark in other.marks.into_vec() {
            if !self.marks.as_slice().contains(&mark) {
                self.keep(mark);
            }
        }
        for seen in other.first_seen.get().into_iter().chain(other.last_seen.get()) {
            self.see(seen, at);
        }
        other.missed.into_vec().into_iter().for_each(|missed| self.miss(missed));
        let chosen = self.chosen(at);
        let is_chosen = self.content.as_ref().map(|content| content.mark as usize) == chosen;
        let chosen_mark = chosen.and_then(|place| self.marks.as_slice().get(place));
        if (!is_chosen || self.content.is_none()) && other_mark.as_ref() == chosen_mark {
            let mark = chosen.map_or(0, |place| place as u32);
            self.content = other.content.map(|content| Content { mark, ..content });
        }
    }

    /// Takes an observation in that said nothing new.
    pub fn see(&mut self, seen: Micros, at: Micros) {
        self.first_seen = Some(self.first_seen.get().map_or(seen, |first| first.min(seen))).into();
        if seen <= at {
            self.last_seen = Some(self.last_seen.get().map_or(seen, |last| last.max(seen))).into();
        }
    }

    /// Takes a complete export in that lacked it.
    pub fn miss(&mut self, missed: Micros) {
        if let Err(place) = self.missed.as_slice().binary_search(&missed) {
            self.missed.insert(place, missed);
        }
    }

    /// The version that holds at an instant: the best of those that cover it; before the first, the
    /// first.
    fn chosen(&self, at: Micros) -> Option<usize> {
        let covering = self.marks.iter().enumerate().filter(|(_, mark)| mark.covers(at));
        let best = covering.max_by_key(|(_, mark)| mark.rank()).map(|(place, _)| place);
        best.or_else(|| (!self.marks.as_slice().is_empty()).then_some(0))
    }

    /// Whether the source has observed it by then.
    pub fn is_observed_by(&self, at: Micros) -> bool {
        self.first_seen.get().is_some_and(|first| first <= at)
    }

    /// When the source's newest complete export by then first lacked it.
    pub fn retired_at(&self, at: Micros) -> Option<Micros> {
        let last = self.last_seen.get();
        self.missed
            .iter()
            .copied()
            .find(|missed| *missed <= at && last.is_none_or(|last| *missed > last))
    }

    /// Start of the life that holds now: creation where the source gives it, else the first observation.
    pub fn valid_from(&self) -> Option<Micros> {
        let chosen = self.mark(self.content.as_ref()?);
        let is_of_life = |mark: &Mark| mark.incarnation() == chosen.incarnation();
        let lives = self.marks.iter().filter(|mark| is_of_life(mark));
        let start = |mark: &Mark| mark.created_at.get().unwrap_or(mark.observed_at);
        let start = lives.map(start).min();
        let is_only = self.marks.iter().all(is_of_life);
        let says = self.marks.iter().any(|mark| mark.created_at.get().is_some());
        if is_only && !says { start.into_iter().chain(self.first_seen.get()).min() } else { start }
    }

    /// When it ended as far as this source says.
    pub fn ended_at(&self, at: Micros) -> Option<Micros> {
        let stated = self.content.as_ref().and_then(|content| self.mark(content).ended_at());
        let stated = stated.filter(|end| *end <= at);
        stated.into_iter().chain(self.retired_at(at)).min()
    }
}

impl Record {
    /// Adds it to what is written.
    pub fn put(&self, out: &mut Out, sources: &Sources<'_>) {
        out.number(u64::from(sources.place(&self.source)));
        out.number(self.marks.as_slice().len() as u64);
        self.marks.iter().for_each(|mark| mark.put(out));
        out.byte(u8::from(self.content.is_some()));
        self.content.iter().for_each(|content| content.put(out));
        out.instant(self.first_seen.code());
        out.instant(self.last_seen.code());
        out.number(self.missed.as_slice().len() as u64);
        self.missed.iter().for_each(|missed| out.instant(missed.0));
    }

    /// One that was written.
    pub fn take(input: &mut In<'_>, sources: &[Arc<str>]) -> Result<Self, Unusable> {
        let mut record = Self::new(source(sources, input.count()? as u32)?);
        let count = input.count()?;
        record.marks = (0..count).map(|_| Mark::take(input)).collect::<Result<_, _>>()?;
        record.content = input.is_set()?.then(|| Content::take(input)).transpose()?;
        let chosen = record.content.as_ref().map(|content| content.mark as usize);
        if chosen.is_some_and(|mark| mark >= count) {
            return Err(Unusable::Damaged("what an entity is said to be has no version"));
        }
        record.first_seen = Instant::from_code(input.instant()?);
        record.last_seen = Instant::from_code(input.instant()?);
        let count = input.count()?;
        record.missed =
            (0..count).map(|_| input.instant().map(Micros)).collect::<Result<_, _>>()?;
        Ok(record)
    }
}

impl Mark {
    fn put(&self, out: &mut Out) {
        out.instant(self.observed_at.0);
        out.bits(self.fingerprint);
        out.instant(self.created_at.code());
        out.byte(u8::from(self.is_implied));
        out.byte(u8::from(self.rest.is_some()));
        if let Some(rest) = &self.rest {
            out.instant(rest.observed_to.code());
            out.instant(rest.ended_at.code());
            out.maybe_text(rest.incarnation.as_deref());
        }
    }

    fn take(input: &mut In<'_>) -> Result<Self, Unusable> {
        let mut mark = Self {
            observed_at: Micros(input.instant()?),
            fingerprint: input.bits()?,
            created_at: Instant::from_code(input.instant()?),
            is_implied: input.is_set()?,
            rest: None,
        };
        if input.is_set()? {
            mark.rest = Some(Box::new(MarkRest {
                observed_to: Instant::from_code(input.instant()?),
                ended_at: Instant::from_code(input.instant()?),
                incarnation: input.maybe_text()?.map(Arc::from),
            }));
        }
        Ok(mark)
    }
}

impl Content {
    fn put(&self, out: &mut Out) {
        out.number(u64::from(self.mark));
        out.byte(u8::from(self.is_early));
        for place in [self.name, self.scope, self.owner, self.application, self.controller] {
            out.place(place);
        }
        out.number(self.labels.len() as u64);
        self.labels.iter().for_each(|label| out.place(*label));
        out.maybe_text(self.properties.as_deref());
    }

    fn take(input: &mut In<'_>) -> Result<Self, Unusable> {
        Ok(Self {
            mark: input.count()? as u32,
            is_early: input.is_set()?,
            name: input.place()?,
            scope: input.place()?,
            owner: input.place()?,
            application: input.place()?,
            controller: input.place()?,
            labels: {
                let count = input.count()?;
                (0..count).map(|_| input.place()).collect::<Result<_, _>>()?
            },
            properties: input.maybe_text()?.map(Box::from),
        })
    }
}
