//! Facts of `validation`: what a store's schema is against what the program expects, how series arrive,
//! and what one store holds that another does not know.

use serde::{Deserialize, Serialize};

use crate::time::Micros;

/// One part of a store's schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchemaPartKind {
    /// A table, or a label of a graph.
    Table,
    /// A column, or a property of a graph.
    Column,
    /// An index.
    Index,
    /// A constraint.
    Constraint,
    /// A migration.
    Migration,
}

/// What one part is and what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaPart {
    /// What it is.
    pub kind: SchemaPartKind,
    /// Its name with that of its table (`topology.entity.id`).
    pub name: String,
    /// What the program expects (a type, a definition, a checksum); `None`: the program knows nothing of
    /// it.
    pub expected: Option<String>,
    /// What the store has; `None`: it is missing.
    pub found: Option<String>,
}

/// The schema of one store, in order of kind and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaReport {
    /// `topology` or `telemetry`.
    pub store: String,
    /// Every part that is expected or found.
    pub parts: Vec<SchemaPart>,
}

/// The condition of one series over a window. Values are in the unit of the series' signal; markers
/// that a series ended are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesConditionFact {
    /// Source.
    pub source: String,
    /// Metric, as received.
    pub metric: String,
    /// Signal, if the metric means one.
    pub signal: Option<String>,
    /// Whether its values only rise until they start again.
    pub is_counter: bool,
    /// Canonical id of whom it is of.
    pub subject: String,
    /// Hash of its labels: two series of one subject, metric and hash say the same.
    pub labels: u64,
    /// Samples.
    pub samples: u64,
    /// Newest instant.
    pub last: Micros,
    /// Samples at an instant that has one already.
    pub repeated: u64,
    /// Samples after the instant of asking.
    pub future: u64,
    /// Samples below the one before.
    pub falls: u64,
    /// Least value.
    pub min: f64,
    /// Mean of the values.
    pub mean: f64,
    /// Greatest value.
    pub max: f64,
    /// Different values, about.
    pub distinct: u64,
    /// Newest instant at which the value differed from the one before, if it ever did.
    pub last_change: Option<Micros>,
    /// Samples since then, that one among them.
    pub unchanged: u64,
    /// The same for the same instants and values, whatever their order.
    pub fingerprint: u64,
}

/// How the samples of one metric of one source arrive over a window, all of its series together.
#[derive(Debug, Clone, PartialEq)]
pub struct CadenceFact {
    /// Source.
    pub source: String,
    /// Metric, as received.
    pub metric: String,
    /// Instants that have a sample.
    pub instants: u64,
    /// First of them.
    pub first: Micros,
    /// Last of them.
    pub last: Micros,
    /// Median of the time between two of them, in microseconds.
    pub spacing: i64,
    /// Its ninth decile.
    pub spacing_high: i64,
    /// Where an instant is further from the one before than eleven of twelve on either side are from
    /// theirs, longest first; at most 20.
    pub gaps: Vec<GapFact>,
}

/// A stretch without a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapFact {
    /// The sample before.
    pub from: Micros,
    /// The sample after.
    pub to: Micros,
    /// Ninth decile of the time between two samples around it, in microseconds.
    pub spacing: i64,
}

/// Somebody of whom the telemetry holds rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetrySubjectFact {
    /// Source of the rows (`calls` for those of a call).
    pub source: String,
    /// Canonical id, after redirects.
    pub id: String,
    /// Kind, as the telemetry has it.
    pub kind: String,
    /// Name, as the telemetry has it.
    pub name: String,
}

/// A relation that leads to or from something that no entity is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DanglingFact {
    /// Canonical id of the near end; `None` when that one is missing.
    pub from: Option<String>,
    /// Kind.
    pub kind: String,
    /// Canonical id of the far end; `None` when that one is missing.
    pub to: Option<String>,
    /// Source.
    pub source: String,
}

/// Hours that are rolled up, and those that wait to be built again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RollupFact {
    /// Hours of series that are rolled up.
    pub hours: u64,
    /// Of these, those that got a late sample and are read raw.
    pub dirty: u64,
    /// Hours whose count differs from that of the samples they stand for.
    pub wrong: u64,
}
