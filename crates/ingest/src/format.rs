//! The formats, one file or folder each, and how each is recognised: from the content, never from the
//! name alone.

pub mod alertmanager;
pub mod allocation;
pub mod aws;
pub mod azure_cost;
pub mod backstage;
mod bill;
mod bins;
pub mod cartography;
pub mod change;
pub mod cloudwatch;
pub mod compose;
pub mod csv_series;
pub mod cur;
mod documents;
mod event_table;
pub mod focus;
pub mod incident;
pub mod jaeger;
pub mod kubernetes;
mod named;
mod objective;
pub mod openslo;
pub mod organisation;
pub mod otlp;
pub mod own;
pub mod pagerduty;
pub mod prometheus;
pub mod push;
pub mod security;
mod selector;
mod service_graph;
pub mod sql_server;
mod subject;
mod tally;
mod traced;
pub mod zipkin;

use crate::context::MANIFEST;
use crate::error::EnvelopeError;
use crate::input::{Input, Out};
use crate::shape::Shape;

/// One format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word in `InputRecord::format` (`kubernetes`, `focus-csv`).
    pub name: &'static str,
    /// For people, as it stands in a list of what is accepted (`Kubernetes objects (JSON, YAML)`).
    pub title: &'static str,
    /// Why it is this format, if it is. Must be cheap: look at [`Shape::of`] the bytes, which scans
    /// only their beginning.
    pub recognise: fn(&Input<'_>) -> Option<String>,
    /// Reads it. An error after something was put out becomes a reject, and what was read stays.
    pub read: fn(&Input<'_>, &mut Out<'_>) -> Result<(), EnvelopeError>,
}

/// Every format, the more specific first; the first that recognises an input reads it.
// One line each, so that formats can be added side by side.
#[rustfmt::skip]
pub const FORMATS: &[Format] = &[
    MANIFEST,
    own::NDJSON,
    own::PARQUET,
    cartography::GRAPH,
    security::TRIVY,
    security::SARIF,
    security::CYCLONEDX,
    security::OPENVEX,
    security::SPDX,
    security::OCSF,
    security::KNOWN_EXPLOITED,
    security::EXPLOIT_LIKELIHOOD,
    openslo::FILE,
    backstage::CATALOG,
    kubernetes::OBJECTS,
    focus::CSV,
    focus::PARQUET,
    cur::CSV,
    cur::PARQUET,
    azure_cost::CSV,
    azure_cost::PARQUET,
    cloudwatch::STATISTICS,
    aws::FINDINGS,
    aws::AWS,
    compose::FILE,
    sql_server::TABLES,
    allocation::YAML,
    organisation::CSV,
    organisation::YAML,
    otlp::TRACES,
    otlp::METRICS,
    otlp::LOGS,
    jaeger::TRACES,
    zipkin::SPANS,
    alertmanager::WEBHOOK,
    pagerduty::WEBHOOK,
    change::EVENTS,
    incident::STATUS_PAGE,
    incident::CSV,
    change::CSV,
    prometheus::TEXT,
    // Other tables may have a time and numbers too: this stays behind them.
    csv_series::TABLE,
    kubernetes::DUMP_INDEX,
    // What no other format recognised inside a recognised dump; must stay last.
    kubernetes::DUMP_OTHER,
];

/// A format and why.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// The format.
    pub format: &'static Format,
    /// Why it was recognised, for people.
    pub why: String,
}

/// The format of an input.
pub fn recognise(input: &Input<'_>) -> Option<Recognised> {
    FORMATS
        .iter()
        .find_map(|format| (format.recognise)(input).map(|why| Recognised { format, why }))
}

/// The error for an input that no format recognised.
pub fn unrecognised(input: &Input<'_>) -> EnvelopeError {
    let titles: Vec<&str> =
        FORMATS.iter().map(|format| format.title).filter(|title| !title.is_empty()).collect();
    EnvelopeError::Unrecognised {
        name: input.name.to_owned(),
        what: Shape::of(input.bytes).describe(),
        accepted: titles.join("; "),
    }
}
