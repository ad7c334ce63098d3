//! Facts of the questions about calls: calls condensed over a window, roots of traces, whole traces.

use crate::entity::EntityId;
use crate::series::Bin;
use crate::span::SpanKind;
use crate::time::{Micros, Window};

/// Calls of one pair over a window, by way, source and whether counts are scaled.
#[derive(Debug, Clone, PartialEq)]
pub struct CallFact {
    /// Caller (after redirects).
    pub client: EntityId,
    /// Callee (after redirects).
    pub server: EntityId,
    /// Whether it went through a message.
    pub is_asynchronous: bool,
    /// Whether counts are scaled by the sampling probability, or were counted by another tool;
    /// otherwise they are ratios of an unknown sample.
    pub is_scaled: bool,
    /// The tool that counted it; empty for calls paired from spans.
    pub origin: String,
    /// How many.
    pub calls: u64,
    /// How many failed.
    pub errors: u64,
    /// Callers' durations in seconds by bin.
    pub client_bins: Vec<(Bin, u64)>,
    /// Callees' durations in seconds by bin.
    pub server_bins: Vec<(Bin, u64)>,
    /// First minute with calls.
    pub first: Micros,
    /// Last minute with calls; it lasts a minute.
    pub last: Micros,
}

/// What became of callers' requests in which calls of one pair failed, over a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallOutcomeFact {
    /// Caller (after redirects).
    pub client: EntityId,
    /// Callee (after redirects).
    pub server: EntityId,
    /// Failed calls whose request is known.
    pub failures: u64,
    /// The caller's requests in which they happened.
    pub requests: u64,
    /// Those of them that still succeeded.
    pub survived: u64,
}

/// Spans without a parent over a window, of one service and kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootFact {
    /// Service (after redirects).
    pub service: EntityId,
    /// Kind of the spans.
    pub kind: SpanKind,
    /// Whether counts are scaled by the sampling probability.
    pub is_scaled: bool,
    /// How many.
    pub requests: u64,
    /// How many failed.
    pub errors: u64,
    /// Durations in seconds by bin.
    pub bins: Vec<(Bin, u64)>,
}

/// Which traces: those whose earliest span starts in the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceQuery {
    /// The window.
    pub window: Window,
    /// Most traces to give; of more, the first in order of the low half of the id, which is random, so
    /// that they are a fair sample.
    pub limit: usize,
}

/// The traces of a window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TraceIds {
    /// Ids, in order of their low half.
    pub traces: Vec<[u8; 16]>,
    /// How many there are in the window.
    pub total: u64,
}

/// One trace, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceFact {
    /// Id.
    pub trace: [u8; 16],
    /// Its spans, in order of start, id and kind.
    pub spans: Vec<SpanFact>,
}

/// One span, with what paths through a trace need of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanFact {
    /// Span; unique within trace and kind.
    pub span: u64,
    /// Parent; 0 for none.
    pub parent: u64,
    /// Service (after redirects).
    pub service: EntityId,
    /// Operation.
    pub name: String,
    /// Kind.
    pub kind: SpanKind,
    /// Start.
    pub start: Micros,
    /// End, not before the start.
    pub end: Micros,
    /// Whether it failed.
    pub is_error: bool,
    /// Share of traces that were kept, if the span carries it; in (0, 1].
    pub sampling_probability: Option<f64>,
}
