//! Calls from the spans of a batch: paired with the spans that the store holds of the same traces, so
//! that it does not matter in how many pieces, in which order or how often a trace arrives.

use std::collections::{BTreeMap, BTreeSet};

use model::Batch;
use model::error::StoreResult;
use model::seam::Telemetry;
use model::span::{EdgeMinute, SpanKind, SpanObservation};

/// Traces asked for at once.
const TRACES_MAX: usize = 5_000;

type SpanKey = ([u8; 16], [u8; 8], SpanKind);

fn key(span: &SpanObservation) -> SpanKey {
    (span.trace_id, span.span_id, span.kind)
}

/// Calls that the traces of the batch give now, and those that they gave before.
pub(crate) async fn pair(
    telemetry: &dyn Telemetry,
    batch: &Batch,
) -> StoreResult<(Vec<EdgeMinute>, Vec<EdgeMinute>)> {
    if batch.spans.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let traces: BTreeSet<[u8; 16]> = batch.spans.iter().map(|span| span.trace_id).collect();
    let traces: Vec<[u8; 16]> = traces.into_iter().collect();
    let mut held: BTreeMap<SpanKey, SpanObservation> = BTreeMap::new();
    for some in traces.chunks(TRACES_MAX) {
        let spans = telemetry.trace_spans(some).await?;
        held.extend(spans.into_iter().map(|span| (key(&span), span)));
    }
    // Traces of which the batch brings nothing new give what they gave.
    let news: BTreeSet<[u8; 16]> = batch
        .spans
        .iter()
        .filter(|span| !held.contains_key(&key(span)))
        .map(|span| span.trace_id)
        .collect();
    let before: Vec<SpanObservation> =
        held.into_values().filter(|span| news.contains(&span.trace_id)).collect();
    let mut now = before.clone();
    now.extend(batch.spans.iter().filter(|span| news.contains(&span.trace_id)).cloned());
    Ok((identity::pair(&now), identity::pair(&before)))
}
