//! What every answer carries, in every interface.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::seam::Version;
use crate::time::{Micros, Window};

/// An answer with everything that lets a reader check it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// The question's name, with its view (`topology`, `incidents/suspects`).
    pub question: String,
    /// Parameters after defaults.
    pub params: Value,
    /// The instant it is about.
    pub as_of: Timestamp,
    /// The range of time it is about, if the question has one.
    pub window: Option<AnswerWindow>,
    /// How fresh the computation is.
    pub source: AnswerSource,
    /// Each store that was read.
    pub stores: Vec<StoreFreshness>,
    /// Share of the entities concerned that have each kind of data, 0 to 1, by kind of data.
    pub coverage: BTreeMap<String, Coverage>,
    /// Milliseconds from the question to the answer.
    pub took_ms: f64,
    /// What was cut: totals by list.
    pub truncated: BTreeMap<String, u64>,
    /// What a reader must know.
    pub warnings: Vec<Warning>,
    /// Where to go on.
    pub next: Option<String>,
    /// The answer itself.
    pub data: Value,
    /// The tables of the answer.
    pub tables: Vec<crate::table::Table>,
}

/// A window and who chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnswerWindow {
    /// Start.
    pub from: Timestamp,
    /// End, not included.
    pub to: Timestamp,
    /// Who chose it.
    pub chosen_by: ChosenBy,
}

impl AnswerWindow {
    /// The plain window.
    pub fn window(&self) -> Window {
        Window { from: self.from, to: self.to }
    }
}

/// Who chose a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChosenBy {
    /// The request.
    Request,
    /// The question's default.
    Default,
    /// It ends where the newest datum is.
    NewestData,
    /// Everything held.
    All,
}

/// How fresh an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerSource {
    /// Computed on the versions in force, also when served from the cache.
    Live,
    /// A background result of an older version.
    Cached,
    /// A store is down.
    Stale,
    /// From a demonstration folder.
    Demonstration,
}

/// One store as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoreFreshness {
    /// `topology` or `telemetry`.
    pub store: String,
    /// Version that was read.
    pub version: u64,
    /// Newest observation of it.
    pub newest: Option<Timestamp>,
}

impl StoreFreshness {
    /// A store at a version that was read.
    pub fn of(store: &str, version: Version) -> Self {
        let newest = version.newest.map(Micros::timestamp);
        Self { store: store.to_owned(), version: version.number, newest }
    }
}

/// How many of the entities concerned have one kind of data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// With the data.
    pub with: u64,
    /// Concerned.
    pub of: u64,
    /// `with / of`; null when nothing is concerned.
    pub share: Option<f64>,
}

impl Coverage {
    /// `with` of `of`.
    pub fn new(with: u64, of: u64) -> Self {
        let share = (of > 0).then(|| with as f64 / of as f64);
        Self { with, of, share }
    }
}

/// Something a reader must know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// Stable word (`newest_data`, `held_retirement`, `mixed_currencies`).
    pub code: String,
    /// For people.
    pub message: String,
}

impl Warning {
    /// A warning.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}
