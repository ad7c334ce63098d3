//! What suspects are judged on: subjects, who calls whom, their series, and what was altered. Plain data,
//! so that the judgement needs no store.

use std::collections::BTreeSet;

use model::time::Micros;

/// Everything one ranking reads.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SuspectFacts {
    /// What may be the cause.
    pub subjects: Vec<SuspectSubject>,
    /// Who calls, connects to or runs on whom: places in `subjects`.
    pub calls: BTreeSet<(usize, usize)>,
    /// Series with their values before and in the window.
    pub series: Vec<SuspectSeries>,
    /// What was altered.
    pub changes: Vec<SuspectedChange>,
    /// What was harmed: its place in `subjects`.
    pub symptom: usize,
    /// Windows of other known incidents, left out of the baseline.
    pub masked: Vec<(Micros, Micros)>,
}

/// One subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuspectSubject {
    /// Canonical id; the name where only labels name it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Kind as a word.
    pub kind: String,
    /// Whether it is known only from what its callers see: an external endpoint or a host. Such a hop
    /// shows the trouble of whatever answers behind it.
    pub is_callers_view: bool,
}

/// What a series is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeriesOwner {
    /// A subject, or a part of one.
    Subject(usize),
    /// The call from one to another.
    Call(usize, usize),
}

/// How the values of a series are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeriesRole {
    /// Time the owner takes to answer; of a call, as the callee sees it.
    Latency,
    /// Of a call: time that the caller waits.
    CallerLatency,
    /// Failures: a share of all, or per second.
    Errors,
    /// Share that went well.
    Success,
    /// Requests per second.
    Rate,
    /// Anything else: CPU, memory, network, restarts, queues, and what no table knows.
    Resource,
}

/// One series.
#[derive(Debug, Clone, PartialEq)]
pub struct SuspectSeries {
    /// Of whom.
    pub owner: SeriesOwner,
    /// How it is read.
    pub role: SeriesRole,
    /// Metric's own name, with what tells series of one subject apart.
    pub name: String,
    /// `mean`, a quantile such as `0.99`, or empty.
    pub statistic: String,
    /// Unit of the values.
    pub unit: String,
    /// Whether values lie between 0 and 1.
    pub is_ratio: bool,
    /// Values in order of time.
    pub points: Vec<(Micros, f64)>,
    /// How far apart values are expected, in microseconds.
    pub step: i64,
}

/// A change at a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspectedChange {
    /// Place in `subjects`.
    pub subject: usize,
    /// When.
    pub at: Micros,
    /// Kind: `deployment`, `configuration`, `event`, …
    pub kind: String,
    /// Title.
    pub title: String,
    /// Source that says it.
    pub source: String,
}
