//! Spans as received, and the edges that are counted from them.

use std::collections::HashMap;

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

/// Attribute of a span whose end was not reported: its end is its start, and it counts in no latency.
pub const DURATION_UNKNOWN: &str = "span.duration_unknown";

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
    /// What became of the callers' requests in which calls failed.
    #[serde(default)]
    pub outcome: CallOutcome,
}

/// What became of requests in which calls failed; never scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CallOutcome {
    /// Failed calls whose request is known.
    pub failures: u64,
    /// The caller's requests in which they happened; a request with several counts where the first
    /// of them does.
    pub requests: u64,
    /// Those of them that still succeeded.
    pub survived: u64,
}

impl SpanKind {
    /// Whether it is the caller's half of a call.
    pub fn is_caller(self) -> bool {
        matches!(self, Self::Client | Self::Producer)
    }

    /// Whether it is the callee's half of a call.
    pub fn is_callee(self) -> bool {
        matches!(self, Self::Server | Self::Consumer)
    }
}

/// For each span of one trace the place of the span that caused it, from (id, parent's id or 0, kind):
/// for the callee's half of a shared span (Zipkin) the caller's half; else of those with the parent's id
/// the one that did the work. Spans that name each other as parents are a loop. O(spans).
pub fn parents(trace: &[(u64, u64, SpanKind)]) -> Vec<Option<u32>> {
    let mut by_id: HashMap<u64, Vec<u32>> = HashMap::with_capacity(trace.len());
    for (place, (id, ..)) in (0_u32..).zip(trace) {
        by_id.entry(*id).or_default().push(place);
    }
    let is_caller = |place: &&u32| trace[**place as usize].2.is_caller();
    let parent = |(id, parent, kind): &(u64, u64, SpanKind)| {
        if kind.is_callee()
            && let Some(half) = by_id.get(id).and_then(|all| all.iter().find(is_caller))
        {
            return Some(*half);
        }
        if *parent == 0 || parent == id {
            return None;
        }
        let all = by_id.get(parent)?;
        all.iter().find(|place| !is_caller(place)).or_else(|| all.first()).copied()
    };
    trace.iter().map(parent).collect()
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
