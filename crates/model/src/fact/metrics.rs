//! Facts of `system_metrics` and of charts of series.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entity::{EntityId, Labels};
use crate::kind::EntityKind;
use crate::scope::{Place, Scope};
use crate::series::{Bin, SeriesType};
use crate::time::{Micros, Window};

/// Which signals of which subjects.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalQuery {
    /// Places.
    pub place: Place,
    /// Canonical ids of owning units or products.
    pub unit: Vec<String>,
    /// Kinds of subject; empty for all.
    pub kinds: Vec<EntityKind>,
    /// Subjects by entity id; empty for all; at most 5,000.
    pub entities: Vec<EntityId>,
    /// Signals; empty for all that have one.
    pub signals: Vec<String>,
    /// The window.
    pub window: Window,
}

/// One series condensed over a window, in the signal's unit.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalFact {
    /// Entity (after redirects).
    pub entity: EntityId,
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Place.
    pub scope: Scope,
    /// Canonical id of the owner, if any.
    pub owner: Option<String>,
    /// Canonical id of the application, if any.
    pub application: Option<String>,
    /// Signal.
    pub signal: String,
    /// Metric's own name.
    pub metric: String,
    /// Labels that tell series of one signal apart.
    pub labels: Labels,
    /// How to read it.
    pub series_type: SeriesType,
    /// Source that sent it.
    pub source: String,
    /// How many values in the window.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The earliest in the window, and when.
    pub first: (Micros, f64),
    /// The latest in the window, and when.
    pub last: (Micros, f64),
    /// For counters: the rise over the window with resets mended.
    pub increase: f64,
    /// Values by bin, for histograms and signals of which percentiles are asked.
    pub bins: Vec<(Bin, u64)>,
    /// Instant of the newest value of the series at all, also outside the window.
    pub newest: Micros,
}

/// Which series, in which buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesQuery {
    /// Subjects by entity id; at most 5,000.
    pub entities: Vec<EntityId>,
    /// Signals; empty for all.
    pub signals: Vec<String>,
    /// Metrics by their own name, for series without a signal.
    pub metrics: Vec<String>,
    /// The window.
    pub window: Window,
    /// Length of a bucket in microseconds; the window has at most 360.
    pub step: i64,
    /// Most series to give.
    pub limit: usize,
}

/// One series in buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesFact {
    /// Entity (after redirects).
    pub entity: EntityId,
    /// Canonical id.
    pub id: String,
    /// Signal, if it has one.
    pub signal: Option<String>,
    /// Metric's own name.
    pub metric: String,
    /// Labels.
    pub labels: Labels,
    /// How to read it.
    pub series_type: SeriesType,
    /// Unit of the values.
    pub unit: String,
    /// Source that sent it.
    pub source: String,
    /// Buckets that hold values, in order of time; a gap has none.
    pub buckets: Vec<SeriesBucket>,
}

/// One bucket of one series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SeriesBucket {
    /// Start.
    pub at: Micros,
    /// How many values.
    pub count: u64,
    /// Sum.
    pub sum: f64,
    /// Least.
    pub min: f64,
    /// Greatest.
    pub max: f64,
    /// Latest.
    pub last: f64,
    /// For counters: the rise up to the end of this bucket since the last value before it, with
    /// resets mended.
    pub increase: f64,
}

/// How much there is of one kind of data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataPresence {
    /// `samples`, `spans`, `edges`, `logs`, `charges`, `incidents`, `changes`, `findings`, `values`,
    /// `budgets`.
    pub data: String,
    /// Rows.
    pub rows: u64,
    /// Earliest instant.
    pub first: Option<jiff::Timestamp>,
    /// Newest instant.
    pub last: Option<jiff::Timestamp>,
}
