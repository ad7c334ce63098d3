//! Critical paths of entry points: from traces, else estimated from mean times.

use std::collections::BTreeMap;

use graph::critical_path::{CostLink, critical_path};

use super::entry::Entry;
use super::judge::Judged;
use super::shape::{
    CriticalPath, EstimatedPath, EstimatedStep, OperationShare, PathShares, ServiceShare,
};
use crate::border::OUTSIDE;
use crate::calls::{Durations, PairCalls};
use crate::trace_tally::PathSum;

/// Entry points whose path is given, those with the most requests.
pub(super) const ENTRIES_MAX: usize = 20;
/// Share of requests that are the slowest.
const SLOWEST: f64 = 0.05;
/// Operations that are listed.
const OPERATIONS_MAX: usize = 50;
/// Rounds over the visits of a cycle.
const ROUNDS: usize = 200;

/// The paths of the entry points with the most requests.
pub(super) fn critical_paths(it: &Judged<'_>) -> Vec<CriticalPath> {
    let visible = it.entries.iter().filter(|entry| !it.facts.estate.is_outside(entry.service));
    visible.take(ENTRIES_MAX).filter_map(|entry| path_of(it, entry)).collect()
}

fn path_of(it: &Judged<'_>, entry: &Entry) -> Option<CriticalPath> {
    let entity = it.facts.estate.entity(entry.service);
    let mut path = CriticalPath {
        entry: entity.id.clone(),
        basis: "traces".to_owned(),
        traces: 0,
        incomplete: 0,
        adjusted: 0,
        all: None,
        slowest: None,
        estimated: None,
    };
    let Some(tally) = it.tally(entry) else {
        path.basis = "estimated from means".to_owned();
        path.estimated = Some(estimated(it, entry)?);
        return Some(path);
    };
    path.traces = tally.requests;
    path.incomplete = tally.incomplete;
    path.adjusted = tally.adjusted;
    let paths = |slowest| it.facts.tally.paths(entity.entity, slowest);
    path.all = Some(shares(it, &paths(None)));
    path.slowest = Some(shares(it, &paths(Some(SLOWEST))));
    Some(path)
}

fn shares(it: &Judged<'_>, sum: &PathSum) -> PathShares {
    let share = |micros: i64| micros as f64 / sum.micros.max(1) as f64;
    let seconds = |micros: i64| micros as f64 / 1e6;
    let id = |service: &model::EntityId| match it.facts.ends.get(service) {
        Some(one) if !it.facts.estate.is_outside(*one) => it.facts.estate.entity(*one).id.clone(),
        Some(_) => OUTSIDE.to_owned(),
        None => "not in the estate".to_owned(),
    };
    let mut by_service: BTreeMap<String, i64> = BTreeMap::new();
    for owned in &sum.owned {
        *by_service.entry(id(&owned.service)).or_default() += owned.micros;
    }
    let mut services: Vec<ServiceShare> = by_service
        .into_iter()
        .map(|(service, micros)| ServiceShare {
            service,
            seconds: seconds(micros),
            share: share(micros),
        })
        .collect();
    services.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    let mut operations: Vec<OperationShare> = sum
        .owned
        .iter()
        .map(|owned| (id(&owned.service), owned))
        .filter(|(service, _)| service != OUTSIDE)
        .map(|(service, owned)| OperationShare {
            service,
            operation: owned.operation.clone(),
            seconds: seconds(owned.micros),
            share: share(owned.micros),
            traces: owned.requests,
        })
        .collect();
    operations.sort_by(|a, b| {
        let names = (&a.service, &a.operation).cmp(&(&b.service, &b.operation));
        b.seconds.total_cmp(&a.seconds).then(names)
    });
    operations.truncate(OPERATIONS_MAX);
    PathShares { traces: sum.requests, seconds: seconds(sum.micros), services, operations }
}

/// A synchronous call with its mean times.
struct MeanLink {
    from: u32,
    to: u32,
    rate: f64,
    client: f64,
    network: f64,
}

/// The slowest way from means: own time of a service is its mean time less what it waits for, and the
/// way to a callee is the caller's time less the callee's.
fn estimated(it: &Judged<'_>, entry: &Entry) -> Option<EstimatedPath> {
    let start = it.graph.node(entry.service)?;
    let count = it.graph.nodes.len();
    let mut links: Vec<MeanLink> = Vec::new();
    for link in &it.graph.links {
        let Some(pair) = link.calls.filter(|pair| !pair.is_asynchronous()) else { continue };
        let visits = it.requests(link.from);
        if visits > 0 && link.from != link.to {
            let waited = pair.calls.saturating_sub(pair.asynchronous);
            let (client, network) = times(pair);
            let rate = waited as f64 / visits as f64;
            links.push(MeanLink { from: link.from, to: link.to, rate, client, network });
        }
    }
    let mut waited = vec![0.0_f64; count];
    for link in &links {
        waited[link.from as usize] += link.rate * link.client;
    }
    let own: Vec<f64> = (0_u32..)
        .zip(waited)
        .map(|(node, waited)| (mean(it, node).unwrap_or(0.0) - waited).max(0.0))
        .collect();
    let visits = visits(count, &links, start);
    let costs: Vec<f64> = own.iter().zip(&visits).map(|(own, visits)| own * visits).collect();
    let cost_links: Vec<CostLink> = links
        .iter()
        .map(|link| CostLink {
            from: link.from,
            to: link.to,
            cost: visits[link.from as usize] * link.rate * link.network,
        })
        .collect();
    let path = critical_path(count as u32, &costs, &cost_links, start).ok()?;
    let steps = path.steps.iter().map(|step| EstimatedStep {
        services: step.nodes.iter().map(|node| shown_id(it, *node)).collect(),
        visits: step.nodes.iter().map(|node| visits[*node as usize]).fold(0.0, f64::max),
        own_seconds: step.nodes.iter().map(|node| own[*node as usize]).sum(),
        network_seconds: step.link.map_or(0.0, |place| links[place as usize].network),
    });
    Some(EstimatedPath { seconds: path.cost, steps: steps.collect() })
}

fn shown_id(it: &Judged<'_>, node: u32) -> String {
    if super::judge::is_visible(it, node) { it.id(node) } else { OUTSIDE.to_owned() }
}

/// Mean time of the caller, else of the callee, and of the way between them.
fn times(pair: &PairCalls) -> (f64, f64) {
    let (client, server) = (pair.client.mean(), pair.server.mean());
    let network = client.zip(server).map_or(0.0, |(client, server)| (client - server).max(0.0));
    (client.or(server).unwrap_or(0.0), network)
}

/// Mean time that a service takes to answer.
fn mean(it: &Judged<'_>, node: u32) -> Option<f64> {
    let mut durations = Durations::default();
    for pair in it.graph.to(node).filter_map(|link| link.calls) {
        let side = if pair.server.bins.is_empty() { &pair.client } else { &pair.server };
        durations.add(side.bins.iter().map(|(bin, count)| (*bin, *count)));
    }
    let ordinal = it.graph.nodes[node as usize];
    for root in it.roots.get(&ordinal).into_iter().flatten() {
        durations.add(root.bins.iter().copied());
    }
    durations.mean()
}

/// Visits of each node for one request of the start: they grow along the links until nothing changes, or
/// a cycle that never settles has been gone round often enough.
fn visits(count: usize, links: &[MeanLink], start: u32) -> Vec<f64> {
    let mut visits = vec![0.0_f64; count];
    visits[start as usize] = 1.0;
    for _ in 0..ROUNDS {
        let mut next = vec![0.0_f64; count];
        next[start as usize] = 1.0;
        for link in links.iter().filter(|link| link.to != start) {
            next[link.to as usize] += visits[link.from as usize] * link.rate;
        }
        let change: f64 = next.iter().zip(&visits).map(|(a, b)| (a - b).abs()).sum();
        visits = next;
        if change < 1e-9 {
            break;
        }
    }
    visits
}
