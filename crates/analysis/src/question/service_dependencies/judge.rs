//! From facts to the answer of `service_dependencies`, pure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::envelope::{Coverage, StoreFreshness, Warning};
use model::fact::{Direction, RootFact};
use model::kind::EntityKind;
use model::time::Micros;

use super::entry::{Entry, entries_of, shown};
use super::fetch::DependencyFacts;
use super::figure::{edge_of, node_figures};
use super::impact::impacts;
use super::params::ServiceDependenciesParams;
use super::path::critical_paths;
use super::shape::{
    DependencySummary, EdgeSet, ServiceDependenciesAnswer, ServiceEdge, ServiceNode,
};
use crate::ask::Limits;
use crate::call_graph::{CallGraph, CallLink};
use crate::calls::Calls;
use crate::layout::{Layout, layered};
use crate::place::holds;
use crate::question::Draft;
use crate::trace_tally::EntryTally;

/// Cycles that are listed.
const CYCLES_MAX: usize = 100;

/// Everything that the parts of the answer are made from.
pub(super) struct Judged<'a> {
    pub facts: &'a DependencyFacts,
    pub calls: &'a Calls,
    pub graph: &'a CallGraph<'a>,
    pub entries: Vec<Entry>,
    pub roots: BTreeMap<u32, Vec<&'a RootFact>>,
}

/// Judges the facts.
pub(super) fn judged(
    params: &ServiceDependenciesParams,
    facts: &DependencyFacts,
    now: Micros,
    limits: Limits,
) -> Draft<ServiceDependenciesAnswer> {
    let calls = Calls::new(facts.calls.clone(), &facts.ends);
    let graph = CallGraph::new(&facts.estate, &calls, &facts.needs);
    let entries = entries_of(facts);
    let roots = facts.roots_by_service();
    let it = Judged { facts, calls: &calls, graph: &graph, entries, roots };
    let is_shown = |link: &&CallLink<'_>| {
        let is_asked = params.set.is_empty() || params.set.contains(&set_of(link));
        is_asked && is_visible(&it, link.from) && is_visible(&it, link.to)
    };
    let links: Vec<&CallLink<'_>> = graph.links.iter().filter(is_shown).collect();
    let found = distances(params, &it, &links);
    let (_, mut cycles) = graph.cycles();
    cycles.retain(|nodes| nodes.iter().any(|node| is_visible(&it, *node)));
    let in_cycle: BTreeMap<u32, u32> = (0_u32..)
        .zip(&cycles)
        .flat_map(|(place, nodes)| nodes.iter().map(move |node| (*node, place)))
        .collect();
    let matching: Vec<&CallLink<'_>> = links
        .into_iter()
        .filter(|link| found.contains_key(&link.from) && found.contains_key(&link.to))
        .collect();
    let kept = kept(&it, &found, params.limit.unwrap_or(1) as usize);
    let services = kept.iter().map(|node| node_of(&it, *node, found[node], &in_cycle)).collect();
    let edges: Vec<ServiceEdge> = matching
        .iter()
        .filter(|link| kept.contains(&link.from) && kept.contains(&link.to))
        .map(|link| edge_of(&it, link))
        .collect();
    let summary = summary(&it, &found, &matching, cycles.len());
    let mut answer = ServiceDependenciesAnswer {
        cycles: listed_cycles(&it, &cycles),
        summary,
        services,
        edges,
        entry_points: shown(&it),
        impact: impacts(&it),
        critical_paths: critical_paths(&it),
        layout: None,
    };
    answer.layout = layout_of(&answer, limits.layout_nodes);
    drafted(params, &it, answer, now)
}

pub(super) fn is_visible(it: &Judged<'_>, node: u32) -> bool {
    !it.facts.estate.is_outside(it.graph.nodes[node as usize])
}

/// How a link is known. A relation that nobody says how it is known was declared.
pub(super) fn set_of(link: &CallLink<'_>) -> EdgeSet {
    match (link.is_declared(), link.is_observed()) {
        (true, true) => EdgeSet::DeclaredAndObserved,
        (_, false) => EdgeSet::DeclaredOnly,
        (false, true) => EdgeSet::ObservedOnly,
    }
}

/// The nodes that the answer is about with their distance: all of them, or those within the depth of the
/// roots, or of what lies in the places and units asked for.
fn distances(
    params: &ServiceDependenciesParams,
    it: &Judged<'_>,
    links: &[&CallLink<'_>],
) -> BTreeMap<u32, u32> {
    let place = params.place();
    let estate = &it.facts.estate;
    let matches = |node: &u32| {
        let entity = estate.entity(it.graph.nodes[*node as usize]);
        let units = &it.facts.units;
        let is_of = |unit: &Option<String>| unit.as_ref().is_some_and(|one| units.contains(one));
        let is_in_unit = units.is_empty() || is_of(&entity.owner) || is_of(&entity.application);
        is_in_unit && holds(&place, entity)
    };
    let visible: BTreeSet<u32> =
        (0_u32..).take(it.graph.nodes.len()).filter(|node| is_visible(it, *node)).collect();
    let is_everywhere = place.is_everywhere() && it.facts.units.is_empty();
    if it.facts.starts.is_empty() && is_everywhere {
        return visible.into_iter().map(|node| (node, 0)).collect();
    }
    let starts: Vec<u32> = match it.facts.starts.is_empty() {
        true => visible.iter().copied().filter(matches).collect(),
        false => it.facts.starts.iter().filter_map(|one| it.graph.node(*one)).collect(),
    };
    let direction = params.direction.unwrap_or_default();
    let mut beside: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for link in links {
        if direction != Direction::Dependents {
            beside.entry(link.from).or_default().push(link.to);
        }
        if direction != Direction::Dependencies {
            beside.entry(link.to).or_default().push(link.from);
        }
    }
    let mut found: BTreeMap<u32, u32> = starts.iter().map(|node| (*node, 0)).collect();
    let mut open: VecDeque<u32> = starts.into();
    while let Some(node) = open.pop_front() {
        let distance = found[&node];
        if distance >= params.depth.unwrap_or(1) {
            continue;
        }
        for next in beside.get(&node).into_iter().flatten() {
            if visible.contains(next) && !found.contains_key(next) {
                found.insert(*next, distance + 1);
                open.push_back(*next);
            }
        }
    }
    if !it.facts.starts.is_empty() && !is_everywhere {
        found.retain(|node, distance| *distance == 0 || matches(node));
    }
    found
}

/// The nodes that are given, in order of distance, kind and id: those with the most calls when there are
/// too many.
fn kept(it: &Judged<'_>, found: &BTreeMap<u32, u32>, limit: usize) -> Vec<u32> {
    let mut nodes: Vec<u32> = found.keys().copied().collect();
    if nodes.len() > limit {
        let busy = |node: &u32| -> u64 {
            let all = it.graph.from(*node).iter().chain(it.graph.to(*node));
            all.filter_map(|link| link.calls).fold(0, |sum, one| sum.saturating_add(one.calls))
        };
        nodes.sort_by_cached_key(|node| (found[node], std::cmp::Reverse(busy(node)), *node));
        nodes.truncate(limit);
    }
    // Nodes are in order of ordinal, which is that of (kind, id).
    nodes.sort_by_key(|node| (found[node], *node));
    nodes
}

fn node_of(
    it: &Judged<'_>,
    node: u32,
    distance: u32,
    in_cycle: &BTreeMap<u32, u32>,
) -> ServiceNode {
    let ordinal = it.graph.nodes[node as usize];
    let entity = it.facts.estate.entity(ordinal);
    let (figures, latency) = node_figures(it, node);
    let others = |ends: Vec<u32>| -> BTreeSet<u32> { ends.into_iter().collect() };
    let callers = others(it.graph.to(node).map(|link| link.from).collect());
    let callees = others(it.graph.from(node).iter().map(|link| link.to).collect());
    let outside = callers.union(&callees).filter(|one| !is_visible(it, **one)).count();
    ServiceNode {
        id: entity.id.clone(),
        kind: entity.kind,
        name: entity.name.clone(),
        scope: entity.scope.clone(),
        owner: entity.owner.clone(),
        application: entity.application.clone(),
        distance,
        figures,
        latency,
        cycle: in_cycle.get(&node).copied().filter(|place| (*place as usize) < CYCLES_MAX),
        is_entry: it.entries.iter().any(|entry| entry.service == ordinal),
        is_client: entity.kind == EntityKind::Client || is_client(it, node),
        callers: callers.len() as u64,
        callees: callees.len() as u64,
        outside: outside as u64,
    }
}

/// Whether a service calls, is never called, is no entry point and answers no request from outside.
fn is_client(it: &Judged<'_>, node: u32) -> bool {
    let ordinal = it.graph.nodes[node as usize];
    let others = |from: u32, to: u32| from != to;
    it.graph.from(node).iter().any(|link| others(link.from, link.to))
        && !it.graph.to(node).any(|link| others(link.from, link.to))
        && !it.entries.iter().any(|entry| entry.service == ordinal)
        && !it.roots.contains_key(&ordinal)
}

fn summary(
    it: &Judged<'_>,
    found: &BTreeMap<u32, u32>,
    links: &[&CallLink<'_>],
    cycles: usize,
) -> DependencySummary {
    let count = |set| links.iter().filter(|link| set_of(link) == set).count() as u64;
    DependencySummary {
        services: found.len() as u64,
        edges: links.len() as u64,
        declared_and_observed: count(EdgeSet::DeclaredAndObserved),
        declared_only: count(EdgeSet::DeclaredOnly),
        observed_only: count(EdgeSet::ObservedOnly),
        cycles: cycles as u64,
        traces: it.facts.tally.traces,
        traces_incomplete: it.facts.tally.incomplete,
        spans_adjusted: it.facts.tally.adjusted,
        calls_unplaced: it.calls.unplaced,
    }
}

fn listed_cycles(it: &Judged<'_>, cycles: &[Vec<u32>]) -> Vec<Vec<String>> {
    let ids = |nodes: &Vec<u32>| -> Vec<String> {
        let visible = nodes.iter().filter(|node| is_visible(it, **node));
        visible.map(|node| it.id(*node)).collect()
    };
    cycles.iter().take(CYCLES_MAX).map(ids).collect()
}

impl Judged<'_> {
    /// Requests of an entry point as traces tell them; `None` without traces.
    pub fn tally(&self, entry: &Entry) -> Option<&EntryTally> {
        let service = self.facts.estate.entity(entry.service).entity;
        self.facts.tally.entries.get(&service).filter(|tally| tally.requests > 0)
    }

    /// Requests that a node answers, from inside and outside, as counted or sampled. An entry point of
    /// which nothing is measured from outside answers what its entrances bring.
    pub fn requests(&self, node: u32) -> u64 {
        let pairs = self.graph.to(node).filter_map(|link| link.calls);
        let inside = pairs.fold(0_u64, |sum, pair| sum.saturating_add(pair.calls));
        let ordinal = self.graph.nodes[node as usize];
        let roots = self.roots.get(&ordinal).into_iter().flatten();
        roots.fold(inside, |sum, root| sum.saturating_add(root.requests))
    }

    /// Canonical id of a node.
    pub fn id(&self, node: u32) -> String {
        self.facts.estate.entity(self.graph.nodes[node as usize]).id.clone()
    }
}

fn layout_of(answer: &ServiceDependenciesAnswer, most: usize) -> Option<Layout> {
    let nodes: Vec<(String, String)> =
        answer.services.iter().map(|one| (one.id.clone(), one.kind.as_str().to_owned())).collect();
    let edges: Vec<(String, String)> =
        answer.edges.iter().map(|one| (one.from.clone(), one.to.clone())).collect();
    (!nodes.is_empty() && nodes.len() <= most).then(|| layered(&nodes, &edges))
}

fn drafted(
    params: &ServiceDependenciesParams,
    it: &Judged<'_>,
    answer: ServiceDependenciesAnswer,
    now: Micros,
) -> Draft<ServiceDependenciesAnswer> {
    let mut draft = Draft::new(answer, params.as_of.unwrap_or(now));
    let answer = &draft.answer;
    let facts = it.facts;
    draft.window = Some(facts.window.window);
    draft.stores = vec![
        StoreFreshness::of("topology", facts.estate.facts.version),
        StoreFreshness::of("telemetry", facts.edges),
    ];
    let measured = answer.edges.iter().filter(|edge| edge.figures.source.is_some()).count();
    let coverage = Coverage::new(measured as u64, answer.edges.len() as u64);
    draft.coverage.insert("calls".into(), coverage);
    for (list, given, total) in [
        ("services", answer.services.len(), answer.summary.services),
        ("edges", answer.edges.len(), answer.summary.edges),
        ("cycles", answer.cycles.len(), answer.summary.cycles),
        ("traces", facts.tally.traces as usize, facts.traces_total),
    ] {
        if total > given as u64 {
            draft.truncated.insert(list.into(), total);
        }
    }
    draft.warnings = warnings(it);
    draft.tables = draft.answer.tables();
    draft
}

fn warnings(it: &Judged<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    warnings.extend(it.facts.window.warning());
    if it.calls.pairs.values().any(|pair| !pair.is_scaled) {
        let message = "calls were counted from traces whose sampling is not known: ratios, \
                       percentiles and shares hold, counts do not, and nothing is given per second";
        warnings.push(Warning::new("sampled", message));
    }
    if it.calls.unplaced > 0 {
        let message = format!(
            "{} calls have an end that is not in the estate at this instant and are left out",
            it.calls.unplaced
        );
        warnings.push(Warning::new("unplaced", message));
    }
    if !it.entries.is_empty() {
        let message =
            "no value per request is known, so entry points are weighed by their requests";
        warnings.push(Warning::new("weighed_by_requests", message));
    }
    warnings
}
