//! Calls between services, counted from whole traces.
//!
//! A span whose parent is of another service is one call, whatever the kinds of the two (many real
//! spans have none). Client and server spans that share an id (Zipkin) are parent and child. A client,
//! producer or consumer span that shows no other service this way calls its peer. Time: linear in the
//! spans but for sorting.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::reference::Reference;
use model::series::Bin;
use model::span::{EdgeMinute, SpanKind, SpanObservation};
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
}

/// Counts the calls that `spans`, whole traces in any order, show; a span that is there twice counts
/// once. In order of minute, caller and callee.
pub fn pair(spans: &[SpanObservation]) -> Vec<EdgeMinute> {
    let mut order: Vec<&SpanObservation> = spans.iter().collect();
    order.sort_by_key(|span| key_of(span));
    order.dedup_by(|a, b| key_of(a) == key_of(b));
    let mut counts: BTreeMap<Key, Count> = BTreeMap::new();
    for trace in order.chunk_by(|a, b| a.trace_id == b.trace_id) {
        count_trace(trace, &mut counts);
    }
    counts.into_iter().map(edge).collect()
}

fn key_of(span: &SpanObservation) -> ([u8; 16], [u8; 8], SpanKind) {
    (span.trace_id, span.span_id, span.kind)
}

fn count_trace(trace: &[&SpanObservation], counts: &mut BTreeMap<Key, Count>) {
    let mut by_id: HashMap<[u8; 8], Vec<&SpanObservation>> = HashMap::new();
    for span in trace {
        by_id.entry(span.span_id).or_default().push(span);
    }
    // Spans that show their other end by a span of another service.
    let mut shown = HashSet::new();
    for span in trace {
        let Some(parent) = parent_of(span, &by_id) else { continue };
        if parent.service != span.service {
            shown.insert(key_of(parent));
            if span.kind == SpanKind::Consumer {
                shown.insert(key_of(span));
            }
            count_pair(parent, span, counts);
        }
    }
    for span in trace.iter().filter(|span| !shown.contains(&key_of(span))) {
        let is_peer =
            matches!(span.kind, SpanKind::Client | SpanKind::Producer | SpanKind::Consumer);
        if let Some(peer) = span.peer.as_ref().filter(|_| is_peer) {
            let is_asynchronous = span.kind != SpanKind::Client;
            let key = (peer.clone(), String::new(), is_asynchronous);
            let count = count_of(span, span.start, key, span.sampling_probability, counts);
            let weight = weight(span.sampling_probability);
            count.calls = count.calls.saturating_add(weight);
            count.errors = count.errors.saturating_add(weight * u64::from(span.is_error));
            add(&mut count.client_seconds, span, weight);
        }
    }
}

/// The span that a span was caused by: of those with the parent's id the one that waits for an answer,
/// or the client's half of a shared span.
fn parent_of<'a>(
    span: &SpanObservation,
    by_id: &HashMap<[u8; 8], Vec<&'a SpanObservation>>,
) -> Option<&'a SpanObservation> {
    let is_callers =
        |other: &SpanObservation| matches!(other.kind, SpanKind::Client | SpanKind::Producer);
    if matches!(span.kind, SpanKind::Server | SpanKind::Consumer) {
        let halves = by_id.get(&span.span_id)?;
        if let Some(client) = halves.iter().find(|other| is_callers(other)) {
            return Some(client);
        }
    }
    if span.parent_id == [0; 8] || span.parent_id == span.span_id {
        return None;
    }
    // A parent that is shared: its server half is what did the work.
    let parents = by_id.get(&span.parent_id)?;
    parents.iter().find(|other| !is_callers(other)).or_else(|| parents.first()).copied()
}

fn count_pair(
    parent: &SpanObservation,
    child: &SpanObservation,
    counts: &mut BTreeMap<Key, Count>,
) {
    let is_callers = matches!(parent.kind, SpanKind::Client | SpanKind::Producer);
    let is_asynchronous = parent.kind == SpanKind::Producer || child.kind == SpanKind::Consumer;
    let probability = child.sampling_probability.or(parent.sampling_probability);
    let weight = weight(probability);
    let start = if is_callers { parent.start } else { child.start };
    let key = (service(child), child.name.clone(), is_asynchronous);
    let count = count_of(parent, start, key, probability, counts);
    let is_error = child.is_error || (is_callers && parent.is_error);
    count.calls = count.calls.saturating_add(weight);
    count.errors = count.errors.saturating_add(weight * u64::from(is_error));
    add(&mut count.server_seconds, child, weight);
    if is_callers {
        add(&mut count.client_seconds, parent, weight);
    }
}

fn count_of<'a>(
    client: &SpanObservation,
    start: Micros,
    (server, operation, is_asynchronous): (Reference, String, bool),
    probability: Option<f64>,
    counts: &'a mut BTreeMap<Key, Count>,
) -> &'a mut Count {
    let at = start.floor_to(Micros::MINUTE);
    let is_scaled = probability.is_some_and(is_probability);
    let key = (at, service(client), server, operation, is_asynchronous, is_scaled);
    counts.entry(key).or_default()
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

    #[test]
    fn loops_among_parents_end() {
        let spans = [span(1, 2, "a", SpanKind::Server), span(2, 1, "b", SpanKind::Server)];
        assert_eq!(pair(&spans).len(), 2);
        assert!(pair(&[span(1, 1, "a", SpanKind::Client)]).is_empty());
    }
}
