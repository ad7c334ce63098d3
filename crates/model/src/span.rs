//! Spans as received, and the edges that are counted from them.

use serde::{Deserialize, Serialize};

use crate::reference::{AliasKey, Reference};
use crate::series::Bin;
use crate::time::Micros;

/// OpenTelemetry's kinds of span; many real spans have none.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum SpanKind {
    /// Not said.
    #[default]
    Unspecified,
    /// Within one service.
    Internal,
    /// Answers a request.
    Server,
    /// Makes a request.
    Client,
    /// Puts a message.
    Producer,
    /// Takes a message.
    Consumer,
}

/// One span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpanObservation {
    /// Trace.
    pub trace_id: [u8; 16],
    /// Span; unique within trace and kind (Zipkin shares one id between client and server).
    pub span_id: [u8; 8],
    /// Parent; zeros for none.
    pub parent_id: [u8; 8],
    /// Canonical id of the service that sent it; the service is an entity of the same batch.
    pub service: AliasKey,
    /// Operation.
    pub name: String,
    /// Kind.
    pub kind: SpanKind,
    /// Start.
    pub start: Micros,
    /// End, not before the start.
    pub end: Micros,
    /// Whether it failed (OpenTelemetry status `Error`, HTTP 5xx of a server, any 4xx/5xx of a client).
    pub is_error: bool,
    /// The far end of a client, producer or consumer span, from `db.*`, `messaging.*`,
    /// `peer.service`, `server.address`; used when no child span of another service shows it.
    pub peer: Option<Reference>,
    /// Share of traces that were kept, if the span carries it; in (0, 1].
    pub sampling_probability: Option<f64>,
    /// Attributes that are kept, in order of name; bounded in number and length.
    pub attributes: Vec<(String, String)>,
}

/// Calls from one service to another in one minute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EdgeMinute {
    /// Start of the minute.
    pub at: Micros,
    /// Caller.
    pub client: Reference,
    /// Callee.
    pub server: Reference,
    /// Operation at the callee, empty when not known.
    pub operation: String,
    /// Whether it went through a message.
    pub is_asynchronous: bool,
    /// How many.
    pub calls: u64,
    /// How many failed.
    pub errors: u64,
    /// Callers' durations in seconds by bin, where a client span was seen.
    pub client_seconds: Vec<(Bin, u64)>,
    /// Callees' durations in seconds by bin, where a server span was seen.
    pub server_seconds: Vec<(Bin, u64)>,
    /// Whether calls are scaled by the sampling probability; otherwise they are `sampled` ratios.
    pub is_scaled: bool,
}

/// Log records of one service in one minute, by severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCount {
    /// Start of the minute.
    pub at: Micros,
    /// Canonical id of the service.
    pub service: AliasKey,
    /// `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `unspecified`.
    pub severity: String,
    /// How many.
    pub count: u64,
}
