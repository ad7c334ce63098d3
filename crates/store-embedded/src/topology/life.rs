//! What the sources say about one entity over time: the marks of its versions, when it was seen and
//! when it was missed, and what holds at an instant.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use model::entity::{Labels, Properties};
use model::kind::EntityKind;
use model::reference::AliasKey;
use model::resolution::{EntityState, VersionWrite};
use model::scope::Scope;
use model::time::Micros;

/// The end of time: "now" is after everything that was observed.
pub const NOW: Micros = Micros(i64::MAX);

/// One entity.
#[derive(Debug, Clone)]
pub struct Entity {
    pub canonical: AliasKey,
    pub kind: EntityKind,
    pub state: EntityState,
    /// By source.
    pub records: BTreeMap<Arc<str>, Record>,
    /// Rows that touch it, as positions in the relations; both ends of a row hold it.
    pub outgoing: Vec<u32>,
    pub incoming: Vec<u32>,
    /// Those of them that say what implements what, which a hub has few of.
    pub implementing: Vec<u32>,
    /// Canonical ids of entities that were merged into it.
    pub redirected: Vec<AliasKey>,
    /// Its existence at the estate's instant, once asked for; forgotten when a record changes.
    life: OnceLock<Option<Existence>>,
}

/// What one source says about it.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Every version, in order of (observed_at, fingerprint).
    pub marks: Vec<Mark>,
    /// The version chosen at the estate's instant.
    pub content: Option<Content>,
    /// Instants at which the source said nothing new or something, in order: only the first, and the
    /// last at or before the estate's instant, matter.
    pub first_seen: Option<Micros>,
    pub last_seen: Option<Micros>,
    /// Complete exports of the source that lacked it, in order.
    pub missed: Vec<Micros>,
}

/// A version without its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub observed_at: Micros,
    pub fingerprint: u64,
    pub observed_to: Option<Micros>,
    pub is_implied: bool,
    pub created_at: Option<Micros>,
    pub ended_at: Option<Micros>,
    pub incarnation: Option<Arc<str>>,
}

/// What a version says.
#[derive(Debug, Clone)]
pub struct Content {
    pub mark: Mark,
    /// The source had not observed the entity yet: this is its first version.
    pub is_early: bool,
    pub name: String,
    pub scope: Scope,
    pub labels: Labels,
    pub properties: Properties,
    pub owner: Option<String>,
    pub application: Option<String>,
}

impl Entity {
    pub fn new(canonical: AliasKey, kind: EntityKind, state: EntityState) -> Self {
        Self {
            canonical,
            kind,
            state,
            records: BTreeMap::new(),
            outgoing: Vec::new(),
            incoming: Vec::new(),
            implementing: Vec::new(),
            redirected: Vec::new(),
            life: OnceLock::new(),
        }
    }
}

impl Mark {
    pub fn of(write: &VersionWrite) -> Self {
        Self {
            observed_at: write.observed_at,
            fingerprint: write.fingerprint,
            observed_to: write.observed_to,
            is_implied: write.is_implied,
            created_at: write.created_at,
            ended_at: write.ended_at,
            incarnation: write.incarnation.as_deref().map(Arc::from),
        }
    }

    /// Rank among versions that all cover an instant: what was observed goes before what was implied,
    /// then the newest; the fingerprint makes ties independent of the order of arrival.
    fn rank(&self) -> (bool, Micros, u64) {
        (!self.is_implied, self.observed_at, self.fingerprint)
    }

    fn covers(&self, at: Micros) -> bool {
        self.observed_at <= at && self.observed_to.is_none_or(|to| at < to)
    }
}

impl Record {
    /// Takes a version in; `at` is the estate's instant. Whether it was new or changed.
    pub fn apply(&mut self, write: &VersionWrite, at: Micros) {
        let mark = Mark::of(write);
        let same =
            |one: &Mark| (one.observed_at, one.fingerprint) == (mark.observed_at, mark.fingerprint);
        match self.marks.iter().position(same) {
            Some(held) => self.marks[held] = mark.clone(),
            None => {
                let place = self.marks.partition_point(|one| one < &mark);
                self.marks.insert(place, mark.clone());
            }
        }
        self.see(mark.observed_at, at);
        let is_chosen = self.chosen(at).is_some_and(|chosen| *chosen == mark);
        if is_chosen {
            self.content = Some(Content {
                is_early: mark.observed_at > at,
                mark,
                name: write.name.clone(),
                scope: write.scope.clone(),
                labels: write.labels.clone(),
                properties: write.properties.clone(),
                owner: write.owner.clone(),
                application: write.application.clone(),
            });
        }
    }

    /// Takes an observation in that said nothing new.
    pub fn see(&mut self, seen: Micros, at: Micros) {
        self.first_seen = Some(self.first_seen.map_or(seen, |first| first.min(seen)));
        if seen <= at {
            self.last_seen = Some(self.last_seen.map_or(seen, |last| last.max(seen)));
        }
    }

    /// Takes a complete export in that lacked it.
    pub fn miss(&mut self, missed: Micros) {
        if let Err(place) = self.missed.binary_search(&missed) {
            self.missed.insert(place, missed);
        }
    }

    /// The version that holds at an instant: the best of those that cover it; before the first, the
    /// first.
    pub fn chosen(&self, at: Micros) -> Option<&Mark> {
        let covering = self.marks.iter().filter(|mark| mark.covers(at));
        covering.max_by_key(|mark| mark.rank()).or_else(|| self.marks.first())
    }

    /// Whether the source has observed it by then.
    pub fn is_observed_by(&self, at: Micros) -> bool {
        self.first_seen.is_some_and(|first| first <= at)
    }

    /// When the source's newest complete export by then first lacked it.
    pub fn retired_at(&self, at: Micros) -> Option<Micros> {
        let last = self.last_seen;
        self.missed
            .iter()
            .copied()
            .find(|missed| *missed <= at && last.is_none_or(|last| *missed > last))
    }

    /// Start of the life that holds now: creation where the source gives it, else the first observation.
    pub fn valid_from(&self) -> Option<Micros> {
        let content = self.content.as_ref()?;
        let lives = self.marks.iter().filter(|mark| mark.incarnation == content.mark.incarnation);
        let start = |mark: &Mark| mark.created_at.unwrap_or(mark.observed_at);
        let start = lives.map(start).min();
        let is_only = self.marks.iter().all(|mark| mark.incarnation == content.mark.incarnation);
        let says = self.marks.iter().any(|mark| mark.created_at.is_some());
        if is_only && !says { start.into_iter().chain(self.first_seen).min() } else { start }
    }

    /// When it ended as far as this source says.
    pub fn ended_at(&self, at: Micros) -> Option<Micros> {
        let stated = self.content.as_ref().and_then(|content| content.mark.ended_at);
        let stated = stated.filter(|end| *end <= at);
        stated.into_iter().chain(self.retired_at(at)).min()
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
    /// Records whose sources had observed the entity by then; those of all sources when none had.
    fn timely(&self) -> Vec<(&Arc<str>, &Record, &Content)> {
        let all = || {
            self.records
                .iter()
                .filter_map(|(source, record)| Some((source, record, record.content.as_ref()?)))
        };
        let is_any_timely = all().any(|(_, _, content)| !content.is_early);
        all().filter(|(_, _, content)| content.is_early != is_any_timely).collect()
    }

    /// Records that speak: the observed ones, or the implied ones where there are no others.
    pub fn speaking(&self) -> impl Iterator<Item = (&Arc<str>, &Record, &Content)> {
        let records = self.timely();
        let is_observed = records.iter().any(|(_, _, content)| !content.mark.is_implied);
        records.into_iter().filter(move |(_, _, content)| content.mark.is_implied != is_observed)
    }

    /// Every record with content, best first: observed, then the newest, then by source.
    pub fn ranked(&self) -> Vec<(&Arc<str>, &Record, &Content)> {
        let mut records = self.timely();
        records.sort_by(|a, b| {
            let rank = |one: &(&Arc<str>, &Record, &Content)| {
                (!one.2.mark.is_implied, one.2.mark.observed_at)
            };
            rank(b).cmp(&rank(a)).then_with(|| a.0.cmp(b.0))
        });
        records
    }

    /// The record of a source, to be changed.
    pub fn record(&mut self, source: &str) -> &mut Record {
        self.life.take();
        if !self.records.contains_key(source) {
            self.records.insert(Arc::from(source), Record::default());
        }
        self.records.get_mut(source).expect("it was put there")
    }

    /// Its existence at the estate's own instant, which is worked out once.
    pub fn life(&self, at: Micros) -> Option<Existence> {
        *self.life.get_or_init(|| self.existence(at))
    }

    /// Its existence at the estate's instant; `None` when nothing speaks of it.
    pub fn existence(&self, at: Micros) -> Option<Existence> {
        let mut found: Option<Existence> = None;
        let mut has_live = false;
        for (_, record, _) in self.speaking() {
            let Some(valid_from) = record.valid_from() else { continue };
            let first_seen = record.first_seen.unwrap_or(valid_from);
            let end = record.ended_at(at);
            // A source that first speaks of it later has not kept it alive until then.
            let speaks = record.is_observed_by(at);
            has_live |= end.is_none() && speaks;
            found = Some(match found {
                None => {
                    Existence { valid_from, valid_to: end, first_seen, last_seen: record.last_seen }
                }
                Some(so_far) => Existence {
                    valid_from: so_far.valid_from.min(valid_from),
                    valid_to: so_far.valid_to.max(end),
                    first_seen: so_far.first_seen.min(first_seen),
                    last_seen: so_far.last_seen.max(record.last_seen),
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
