//! Calls between services, counted from whole traces.
//!
//! A span whose parent is of another service is one call, whatever the kinds of the two (many real
//! spans have none). Client and server spans that share an id (Zipkin) are parent and child. A client,
//! producer or consumer span that shows no other service this way calls its peer. Time: linear in the
//! spans but for sorting.

use std::collections::BTreeMap;

use model::reference::Reference;
use model::series::Bin;
use model::span::{CallOutcome, DURATION_UNKNOWN, EdgeMinute, SpanKind, SpanObservation};
use model::{EntityKind, Micros};

/// One call may stand for at most this many: what a sampling probability near zero claims is no count.
const WEIGHT_MAX: u64 = 1_000_000;

type Key = (Micros, Reference, Reference, String, bool, bool);

#[derive(Default)]
struct Count {
    calls: u64,
    errors: u64,
    client_seconds: BTreeMap<Bin, u64>,
    server_seconds: BTreeMap<Bin, u64>,
    outcome: CallOutcome,
}

/// One trace with the place of each span's parent.
struct Trace<'a> {
    spans: &'a [&'a SpanObservation],
    parents: Vec<Option<u32>>,
}

/// Counts the calls that `spans`, whole traces in any order, show; a span that is there twice counts
/// once. In order of minute, caller and callee.
pub fn pair(spans: &[SpanObservation]) -> Vec<EdgeMinute> {
    let mut order: Vec<&SpanObservation> = spans.iter().collect();
    order.sort_by_key(|span| key_of(span));
    order.dedup_by(|a, b| key_of(a) == key_of(b));
    let mut counts: BTreeMap<Key, Count> = BTreeMap::new();
    for spans in order.chunk_by(|a, b| a.trace_id == b.trace_id) {
        let number = u64::from_be_bytes;
        let ends: Vec<_> = spans
            .iter()
            .map(|span| (number(span.span_id), number(span.parent_id), span.kind))
            .collect();
        count_trace(&Trace { spans, parents: model::span::parents(&ends) }, &mut counts);
    }
    counts.into_iter().map(edge).collect()
}

fn key_of(span: &SpanObservation) -> ([u8; 16], [u8; 8], SpanKind) {
    (span.trace_id, span.span_id, span.kind)
}

fn count_trace(trace: &Trace<'_>, counts: &mut BTreeMap<Key, Count>) {
    // Spans that show their other end by a span of another service.
    let mut shown = vec![false; trace.spans.len()];
    // Failed calls, by request and callee.
    let mut failed: BTreeMap<(u32, Reference), Vec<(Micros, Key)>> = BTreeMap::new();
    for (place, span) in trace.spans.iter().enumerate() {
        let Some(at) = trace.parents[place] else { continue };
        let parent = trace.spans[at as usize];
        if parent.service != span.service && !is_fragment(span, trace) {
            shown[at as usize] = true;
            shown[place] |= span.kind == SpanKind::Consumer;
            let (key, is_error) = count_pair(parent, span, counts);
            if let Some(request) = trace.request_of(at).filter(|_| is_error && !key.4) {
                failed.entry((request, key.2.clone())).or_default().push((parent.start, key));
            }
        }
    }
    for (place, span) in (0_u32..).zip(trace.spans).filter(|(place, _)| !shown[*place as usize]) {
        let is_peer =
            matches!(span.kind, SpanKind::Client | SpanKind::Producer | SpanKind::Consumer);
        let Some(peer) = span.peer.as_ref().filter(|_| is_peer) else { continue };
        let is_asynchronous = span.kind != SpanKind::Client;
        let key = (peer.clone(), String::new(), is_asynchronous);
        let key = full_key(span, span.start, key, span.sampling_probability);
        let count = counts.entry(key.clone()).or_default();
        let weight = weight(span.sampling_probability);
        count.calls = count.calls.saturating_add(weight);
        count.errors = count.errors.saturating_add(weight * u64::from(span.is_error));
        add(&mut count.client_seconds, span, weight);
        let is_judged = span.is_error && !is_asynchronous;
        if let Some(request) = trace.request_of(place).filter(|_| is_judged) {
            failed.entry((request, key.2.clone())).or_default().push((span.start, key));
        }
    }
    for ((request, _), mut calls) in failed {
        calls.sort();
        for (place, (_, key)) in calls.into_iter().enumerate() {
            let outcome = &mut counts.entry(key).or_default().outcome;
            outcome.failures += 1;
            if place == 0 {
                outcome.requests += 1;
                outcome.survived += u64::from(!trace.spans[request as usize].is_error);
            }
        }
    }
}

impl Trace<'_> {
    /// The span that answers the request in which a span works: the topmost of its service above it.
    /// `None` when only callers' halves are there: they say nothing about a request.
    fn request_of(&self, mut place: u32) -> Option<u32> {
        let service = &self.spans[place as usize].service;
        for _ in 0..self.spans.len() {
            let above = self.parents[place as usize];
            let Some(above) = above.filter(|at| self.spans[*at as usize].service == *service)
            else {
                break;
            };
            place = above;
        }
        Some(place).filter(|place| !self.spans[*place as usize].kind.is_caller())
    }
}

/// A late report of a span that is there with its kind (Zipkin): the same call, not another. Halves of
/// one span are neighbours.
fn is_fragment(span: &SpanObservation, trace: &Trace<'_>) -> bool {
    let start = trace.spans.partition_point(|other| other.span_id < span.span_id);
    let mut halves = trace.spans[start..].iter().take_while(|other| other.span_id == span.span_id);
    span.kind == SpanKind::Unspecified
        && halves.any(|other| other.kind != SpanKind::Unspecified && other.service == span.service)
}

/// Counts one call; gives where, and whether it failed.
fn count_pair(
    parent: &SpanObservation,
    child: &SpanObservation,
    counts: &mut BTreeMap<Key, Count>,
) -> (Key, bool) {
    let is_callers = parent.kind.is_caller();
    let is_asynchronous = parent.kind == SpanKind::Producer || child.kind == SpanKind::Consumer;
    let probability = child.sampling_probability.or(parent.sampling_probability);
    let weight = weight(probability);
    let start = if is_callers { parent.start } else { child.start };
    let key = (service(child), child.name.clone(), is_asynchronous);
    let key = full_key(parent, start, key, probability);
    let count = counts.entry(key.clone()).or_default();
    let is_error = child.is_error || (is_callers && parent.is_error);
    count.calls = count.calls.saturating_add(weight);
    count.errors = count.errors.saturating_add(weight * u64::from(is_error));
    add(&mut count.server_seconds, child, weight);
    if is_callers {
        add(&mut count.client_seconds, parent, weight);
    }
    (key, is_error)
}

fn full_key(
    client: &SpanObservation,
    start: Micros,
    (server, operation, is_asynchronous): (Reference, String, bool),
    probability: Option<f64>,
) -> Key {
    let at = start.floor_to(Micros::MINUTE);
    let is_scaled = probability.is_some_and(is_probability);
    (at, service(client), server, operation, is_asynchronous, is_scaled)
}

fn service(span: &SpanObservation) -> Reference {
    Reference::id(span.service.as_str()).of_kinds(&[EntityKind::Service])
}

fn is_probability(probability: f64) -> bool {
    probability > 0.0 && probability <= 1.0
}

/// How many calls one sampled call stands for; 1 when that is not known.
fn weight(probability: Option<f64>) -> u64 {
    match probability.filter(|one| is_probability(*one)) {
        Some(probability) => ((1.0 / probability).round() as u64).clamp(1, WEIGHT_MAX),
        None => 1,
    }
}

fn add(bins: &mut BTreeMap<Bin, u64>, span: &SpanObservation, weight: u64) {
    if span.attributes.iter().any(|(name, _)| name == DURATION_UNKNOWN) {
        return;
    }
    let micros = span.end.0.saturating_sub(span.start.0).max(0);
    let bin = bins.entry(Bin::of(micros as f64 / Micros::SECOND as f64)).or_default();
    *bin = bin.saturating_add(weight);
}

fn edge((key, count): (Key, Count)) -> EdgeMinute {
    let (at, client, server, operation, is_asynchronous, is_scaled) = key;
    EdgeMinute {
        at,
        client,
        server,
        operation,
        is_asynchronous,
        calls: count.calls,
        errors: count.errors,
        client_seconds: count.client_seconds.into_iter().collect(),
        server_seconds: count.server_seconds.into_iter().collect(),
        is_scaled,
        outcome: count.outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: u8, parent: u8, service: &str, kind: SpanKind) -> SpanObservation {
        SpanObservation {
            trace_id: [1; 16],
            span_id: [id; 8],
            parent_id: [parent; 8],
            service: format!("service://_/_/{service}").into(),
            name: format!("op{id}"),
            kind,
            start: Micros(i64::from(id)),
            end: Micros(i64::from(id) + 1_000_000),
            is_error: false,
            peer: None,
            sampling_probability: None,
            attributes: Vec::new(),
        }
    }

    fn ends(edges: &[EdgeMinute]) -> Vec<(String, String, u64)> {
        let label = |one: &Reference| one.label().replace("service://_/_/", "");
        edges.iter().map(|e| (label(&e.client), label(&e.server), e.calls)).collect()
    }

    #[test]
    fn spans_of_two_services_are_a_call_whatever_their_kinds() {
        let spans = [
            span(1, 0, "a", SpanKind::Unspecified),
            span(2, 1, "a", SpanKind::Internal),
            span(3, 2, "b", SpanKind::Unspecified),
            span(3, 2, "b", SpanKind::Unspecified),
            span(4, 9, "c", SpanKind::Server),
        ];
        let edges = pair(&spans);
        assert_eq!(ends(&edges), [("a".into(), "b".into(), 1)]);
        assert!(edges[0].client_seconds.is_empty());
        assert_eq!(edges[0].server_seconds, [(Bin::of(1.0), 1)]);
    }

    #[test]
    fn halves_of_a_shared_span_are_one_call() {
        let spans = [
            span(1, 0, "a", SpanKind::Server),
            span(2, 1, "a", SpanKind::Client),
            span(2, 1, "b", SpanKind::Server),
            span(3, 2, "b", SpanKind::Client),
            span(3, 2, "c", SpanKind::Server),
        ];
        let found = ends(&pair(&spans));
        assert_eq!(found, [("a".into(), "b".into(), 1), ("b".into(), "c".into(), 1)]);
    }

    #[test]
    fn a_late_report_without_a_kind_is_no_second_call_and_no_latency() {
        let mut late = span(2, 1, "b", SpanKind::Unspecified);
        late.attributes.push((DURATION_UNKNOWN.to_owned(), "true".to_owned()));
        let mut open = span(5, 1, "c", SpanKind::Server);
        open.attributes.clone_from(&late.attributes);
        let spans = [
            span(1, 0, "a", SpanKind::Server),
            span(2, 1, "a", SpanKind::Client),
            span(2, 1, "b", SpanKind::Server),
            late,
            open,
        ];
        let edges = pair(&spans);
        assert_eq!(ends(&edges), [("a".into(), "b".into(), 1), ("a".into(), "c".into(), 1)]);
        assert!(edges[1].server_seconds.is_empty());
    }

    #[test]
    fn a_peer_counts_only_where_no_span_shows_the_other_end() {
        let peer = Some(Reference::key("server.address", "endpoint:db:5432"));
        let mut query = span(2, 1, "a", SpanKind::Client);
        query.peer.clone_from(&peer);
        query.sampling_probability = Some(0.1);
        let mut call = span(3, 1, "a", SpanKind::Client);
        call.peer = peer;
        let spans =
            [span(1, 0, "a", SpanKind::Server), query, call, span(4, 3, "b", SpanKind::Server)];
        let edges = pair(&spans);
        assert_eq!(
            ends(&edges),
            [("a".into(), "endpoint:db:5432".into(), 10), ("a".into(), "b".into(), 1)]
        );
        assert!(edges[0].is_scaled && !edges[1].is_scaled);
    }

    /// Two failed calls in one request that answered, one in a request that failed, and one of which no
    /// request is known.
    #[test]
    fn failed_calls_say_what_became_of_the_request() {
        let failed = |mut one: SpanObservation| {
            one.is_error = true;
            one
        };
        let spans = [
            span(1, 0, "a", SpanKind::Server),
            failed(span(2, 1, "a", SpanKind::Client)),
            failed(span(3, 2, "b", SpanKind::Server)),
            failed(span(4, 1, "b", SpanKind::Unspecified)),
            failed(span(5, 0, "a", SpanKind::Server)),
            failed(span(6, 5, "b", SpanKind::Server)),
            failed(span(7, 0, "a", SpanKind::Client)),
            failed(span(8, 7, "b", SpanKind::Server)),
        ];
        let sum = |pick: fn(&CallOutcome) -> u64| -> u64 {
            pair(&spans).iter().map(|edge| pick(&edge.outcome)).sum()
        };
        assert_eq!(sum(|one| one.failures), 3);
        assert_eq!((sum(|one| one.requests), sum(|one| one.survived)), (2, 1));
    }

    #[test]
    fn loops_among_parents_end() {
        let spans = [span(1, 2, "a", SpanKind::Server), span(2, 1, "b", SpanKind::Server)];
        assert_eq!(pair(&spans).len(), 2);
        assert!(pair(&[span(1, 1, "a", SpanKind::Client)]).is_empty());
    }
}
