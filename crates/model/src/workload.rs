//! The recorded workload: which statements a store ran, how often and how long, with the parameters of a
//! run that stands for the others. It is bounded, and fades: what is a week old counts half.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most statements of one store that are kept apart.
const STATEMENTS_MAX: usize = 500;
/// Longest sample of one run, parameters and text together, in bytes; a longer one is not kept.
const SAMPLE_BYTES_MAX: usize = 256 << 10;
/// A run takes the sample's place when it took this much longer.
const SAMPLE_LONGER: f64 = 1.25;
/// Width of a bin of durations: bounds the error of a percentile to a half of it.
const BIN_BASE: f64 = 1.05;
/// After this long every count is halved.
const FULL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a statement does.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WorkloadKind {
    /// It reads.
    Read,
    /// It writes, and has a plan.
    Write,
    /// It has no plan: a copy, a change of the schema, a call, an appender. It is timed only.
    Unplanned,
}

/// One parameter of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkloadParameter {
    /// Its name in the text, without `$`.
    pub name: String,
    /// Its value as the store's language writes it.
    pub value: String,
}

/// One statement of one store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkloadStatement {
    /// `embedded`, `postgresql` or `neo4j`.
    pub store: String,
    /// Its name: that of its file.
    pub name: String,
    /// What it does.
    pub kind: WorkloadKind,
    /// Its text with its header; empty when no run was kept.
    pub text: String,
    /// Parameters of the kept run.
    pub parameters: Vec<WorkloadParameter>,
    /// How often it ran.
    pub count: u64,
    /// How often it failed.
    pub error_count: u64,
    /// Rows that it gave or changed.
    pub rows: u64,
    /// Time in all, in seconds.
    pub seconds_total: f64,
    /// The longest, in seconds.
    pub seconds_longest: f64,
    /// Runs by bin of their duration.
    pub bins: BTreeMap<u16, u64>,
}

impl WorkloadStatement {
    /// The duration that 95 of 100 runs do not exceed, in seconds; within 2.5 %.
    pub fn seconds_p95(&self) -> Option<f64> {
        let total: u64 = self.bins.values().sum();
        let wanted = (total as f64 * 0.95).ceil() as u64;
        let mut seen = 0;
        for (bin, count) in &self.bins {
            seen += count;
            if seen >= wanted && total > 0 {
                return Some(BIN_BASE.powf(f64::from(*bin) + 0.5) / 1e6);
            }
        }
        None
    }

    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.error_count += other.error_count;
        self.rows = self.rows.saturating_add(other.rows);
        self.seconds_total += other.seconds_total;
        if !other.text.is_empty()
            && (self.text.is_empty() || other.seconds_longest > self.seconds_longest)
        {
            (self.text, self.parameters) = (other.text, other.parameters);
        }
        self.seconds_longest = self.seconds_longest.max(other.seconds_longest);
        for (bin, count) in other.bins {
            *self.bins.entry(bin).or_default() += count;
        }
    }

    fn halve(&mut self) {
        self.count /= 2;
        self.error_count /= 2;
        self.rows /= 2;
        self.seconds_total /= 2.0;
        for count in self.bins.values_mut() {
            *count /= 2;
        }
        self.bins.retain(|_, count| *count > 0);
    }
}

/// Every statement that ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Since when.
    pub since: Timestamp,
    /// Statements, in order of store and name.
    pub statements: Vec<WorkloadStatement>,
}

impl Workload {
    /// Nothing yet.
    pub fn new(since: Timestamp) -> Self {
        Self { since, statements: Vec::new() }
    }

    /// Adds what ran since; what is older than a week fades.
    pub fn add(&mut self, ran: Vec<WorkloadStatement>, now: Timestamp) {
        for one in ran {
            let key = |held: &WorkloadStatement| (held.store.clone(), held.name.clone());
            match self.statements.binary_search_by(|held| key(held).cmp(&key(&one))) {
                Ok(place) => self.statements[place].add(one),
                Err(place) => self.statements.insert(place, one),
            }
        }
        let age = now.duration_since(self.since);
        if age > FULL {
            // The rate stays what it was: half of the runs in half of the time.
            self.since = now.checked_sub(age / 2).unwrap_or(now);
            for one in &mut self.statements {
                one.halve();
            }
            self.statements.retain(|one| one.count > 0);
        }
    }
}

/// Takes down what a store runs. One a store, shared by its connections.
#[derive(Debug)]
pub struct WorkloadRecorder {
    store: &'static str,
    kept: Mutex<BTreeMap<&'static str, WorkloadStatement>>,
}

impl WorkloadRecorder {
    /// For a store of this name.
    pub fn new(store: &'static str) -> Self {
        Self { store, kept: Mutex::default() }
    }

    /// A statement ran: this many rows, or `None` when it failed. `sample` gives its text and parameters,
    /// and is asked only when the run is to stand for the others.
    pub fn ran(
        &self,
        name: &'static str,
        kind: WorkloadKind,
        took: Duration,
        rows: Option<u64>,
        sample: impl FnOnce() -> (String, Vec<WorkloadParameter>),
    ) {
        let seconds = took.as_secs_f64();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= STATEMENTS_MAX && !kept.contains_key(name) {
            return;
        }
        let one = kept.entry(name).or_insert_with(|| self.nothing(name, kind));
        let is_wanted = rows.is_some()
            && (one.text.is_empty() || seconds > one.seconds_longest * SAMPLE_LONGER);
        if is_wanted {
            let (text, parameters) = sample();
            let bytes = parameters.iter().map(|one| one.value.len()).sum::<usize>() + text.len();
            if bytes <= SAMPLE_BYTES_MAX {
                (one.text, one.parameters) = (text, parameters);
            }
        }
        one.count += 1;
        one.error_count += u64::from(rows.is_none());
        one.rows = one.rows.saturating_add(rows.unwrap_or(0));
        one.seconds_total += seconds;
        one.seconds_longest = one.seconds_longest.max(seconds);
        *one.bins.entry(bin(seconds)).or_default() += 1;
    }

    /// What ran since the last time, in order of name.
    pub fn take(&self) -> Vec<WorkloadStatement> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *kept).into_values().collect()
    }

    fn nothing(&self, name: &str, kind: WorkloadKind) -> WorkloadStatement {
        WorkloadStatement {
            store: self.store.to_owned(),
            name: name.to_owned(),
            kind,
            text: String::new(),
            parameters: Vec::new(),
            count: 0,
            error_count: 0,
            rows: 0,
            seconds_total: 0.0,
            seconds_longest: 0.0,
            bins: BTreeMap::new(),
        }
    }
}

/// The bin of a duration: whole powers of the base, in microseconds.
fn bin(seconds: f64) -> u16 {
    (seconds * 1e6).max(1.0).log(BIN_BASE).floor() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
    }

    #[test]
    fn a_percentile_is_within_its_bin_of_the_sorted_runs() {
        let recorder = WorkloadRecorder::new("embedded");
        // 1 ms to 1 s: the 950th of 1,000 in order is 950 ms.
        for millis in 1..=1_000 {
            let took = Duration::from_millis(millis);
            recorder.ran("one", WorkloadKind::Read, took, Some(1), || ("x".into(), vec![]));
        }
        let ran = recorder.take();
        let p95 = ran[0].seconds_p95().unwrap();
        assert!((p95 / 0.950 - 1.0).abs() < 0.05, "{p95}");
        assert_eq!((ran[0].count, ran[0].rows), (1_000, 1_000));
        assert!(recorder.take().is_empty());
    }

    #[test]
    fn the_longer_run_stands_for_the_others_and_a_failed_one_never() {
        let recorder = WorkloadRecorder::new("embedded");
        let run = |took, rows, text: &str| {
            let took = Duration::from_millis(took);
            recorder.ran("one", WorkloadKind::Read, took, rows, || (text.to_owned(), vec![]));
        };
        run(900, None, "failed");
        run(1, Some(0), "first");
        run(2_000, Some(0), "long");
        run(2_100, Some(0), "hardly longer");
        let ran = recorder.take();
        assert_eq!((ran[0].text.as_str(), ran[0].error_count), ("long", 1));
    }

    #[test]
    fn a_full_week_fades_and_keeps_its_rate() {
        let recorder = WorkloadRecorder::new("embedded");
        for _ in 0..800 {
            recorder.ran("one", WorkloadKind::Read, Duration::from_millis(5), Some(2), || {
                ("x".into(), vec![])
            });
        }
        let mut workload = Workload::new(at(0));
        workload.add(recorder.take(), at(8));
        assert_eq!(workload.since, at(4));
        assert_eq!((workload.statements[0].count, workload.statements[0].rows), (400, 800));
    }
}
