//! Figures of services and of the calls between them.

use model::absence::Absence;
use model::kind::Confidence;
use model::measure::Measure;

use super::judge::{Judged, set_of};
use super::shape::{CallFigures, ServiceEdge};
use crate::call_graph::CallLink;
use crate::calls::{Durations, Latency, PairCalls, SPANS, ratio};

/// Requests that a node answers, from inside and outside, and the time it takes.
pub(super) fn node_figures(it: &Judged<'_>, node: u32) -> (CallFigures, Latency) {
    let ordinal = it.graph.nodes[node as usize];
    let pairs: Vec<&PairCalls> = it.graph.to(node).filter_map(|link| link.calls).collect();
    let roots = it.roots.get(&ordinal).map(Vec::as_slice).unwrap_or_default();
    if pairs.is_empty() && roots.is_empty() {
        return (no_figures(Absence::NoData), Latency::absent(Absence::NoData));
    }
    let mut calls = pairs.iter().fold(0_u64, |sum, pair| sum.saturating_add(pair.calls));
    let mut errors = pairs.iter().fold(0_u64, |sum, pair| sum.saturating_add(pair.errors));
    let mut durations = Durations::default();
    for pair in &pairs {
        durations.add(pair.server.bins.iter().map(|(bin, count)| (*bin, *count)));
    }
    for root in roots {
        calls = calls.saturating_add(root.requests);
        errors = errors.saturating_add(root.errors);
        durations.add(root.bins.iter().copied());
    }
    let mut sources: Vec<&str> = pairs.iter().map(|pair| pair.source.as_str()).collect();
    sources.extend(roots.iter().map(|_| SPANS));
    sources.sort_unstable();
    sources.dedup();
    let is_scaled =
        pairs.iter().all(|pair| pair.is_scaled) && roots.iter().all(|root| root.is_scaled);
    let source = sources.first().copied().unwrap_or(SPANS);
    let longest =
        sources.iter().copied().max_by(|a, b| it.calls.seconds(a).total_cmp(&it.calls.seconds(b)));
    let figures = CallFigures {
        calls: Measure::measured(calls as f64, "count"),
        request_rate: it.calls.rate(calls, is_scaled, longest.unwrap_or(source)),
        error_ratio: ratio(errors, calls),
        is_sampled: !is_scaled,
        source: Some(source.to_owned()),
        other_sources: sources.iter().skip(1).map(|one| (*one).to_owned()).collect(),
    };
    (figures, durations.latency())
}

fn no_figures(reason: Absence) -> CallFigures {
    CallFigures {
        calls: Measure::absent("count", reason),
        request_rate: Measure::absent("/s", reason),
        error_ratio: Measure::absent("1", reason),
        is_sampled: false,
        source: None,
        other_sources: Vec::new(),
    }
}

fn pair_figures(it: &Judged<'_>, pair: &PairCalls) -> CallFigures {
    CallFigures {
        calls: Measure::measured(pair.calls as f64, "count"),
        request_rate: it.calls.rate(pair.calls, pair.is_scaled, &pair.source),
        error_ratio: pair.error_ratio(),
        is_sampled: !pair.is_scaled,
        source: Some(pair.source.clone()),
        other_sources: pair.others.clone(),
    }
}

/// One edge of the answer.
pub(super) fn edge_of(it: &Judged<'_>, link: &CallLink<'_>) -> ServiceEdge {
    let seen = link.relation.and_then(|relation| relation.last_seen);
    let minute = |pair: &PairCalls| pair.last.plus(model::Micros::MINUTE);
    let (figures, client, server, network) = match link.calls {
        Some(pair) => {
            (pair_figures(it, pair), pair.client.latency(), pair.server.latency(), pair.network())
        }
        None => (
            no_figures(Absence::NoData),
            Latency::absent(Absence::NoData),
            Latency::absent(Absence::NoData),
            Measure::absent("s", Absence::NoData),
        ),
    };
    ServiceEdge {
        from: it.id(link.from),
        relation: link.kind,
        to: it.id(link.to),
        set: set_of(link),
        need: link.need,
        need_source: link.need_source,
        is_asynchronous: link.calls.is_some_and(PairCalls::is_asynchronous),
        rule: link.relation.and_then(|relation| relation.rule.clone()),
        confidence: link.relation.map_or(Confidence::Certain, |relation| relation.confidence),
        sources: link.relation.map(|relation| relation.sources.clone()).unwrap_or_default(),
        figures,
        client_latency: client,
        server_latency: server,
        network_seconds: network,
        first_call: link.calls.map(|pair| pair.first),
        last_seen: seen.into_iter().chain(link.calls.map(minute)).max(),
    }
}
