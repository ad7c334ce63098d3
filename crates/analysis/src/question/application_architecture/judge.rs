//! From facts to the answer of `application_architecture`, pure.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::Absence;
use model::envelope::{Coverage, StoreFreshness, Warning};
use model::kind::EntityKind;
use model::measure::{Measure, Money};
use model::money::{Basis, Origin};
use model::time::Micros;

use super::fetch::ArchitectureFacts;
use super::group::{Belonging, belongings, check_names};
use super::harm::harm;
use super::layer::{chains, layered};
use super::params::ApplicationArchitectureParams;
use super::part::{part_of, stores};
use super::shape::{
    Application, ApplicationArchitectureAnswer, ApplicationPart, ApplicationRule,
    ArchitectureSummary, HotSpot, NamedCount,
};
use crate::ask::AskError;
use crate::call_graph::CallGraph;
use crate::calls::Calls;
use crate::entry_point::{EntryService, entry_services};
use crate::place::holds;
use crate::question::Draft;
use crate::question::system_metrics::{Status, StatusCounts};

/// Services of one application that are listed.
const SERVICES_MAX: usize = 500;
/// Services of no application that are listed.
const LOOSE_MAX: usize = 1_000;
/// Services that stand out.
const HOT_MAX: usize = 5;
/// Share of all services above which a group of one rule says little.
const LARGE: f64 = 1.0 / 3.0;

/// Everything that an application is made from.
pub(super) struct Judged<'a> {
    pub facts: &'a ArchitectureFacts,
    pub graph: &'a CallGraph<'a>,
    pub entries: &'a [EntryService],
    pub cyclic: BTreeSet<u32>,
    pub cycles: Vec<Vec<u32>>,
    pub belonging: BTreeMap<u32, Belonging>,
    /// Longest chain of waiting calls from each node.
    pub chains: Vec<u32>,
}

impl Judged<'_> {
    /// Canonical id of a node.
    pub fn id(&self, node: u32) -> String {
        self.facts.estate.entity(self.graph.nodes[node as usize]).id.clone()
    }

    /// Key of the application that a node belongs to.
    pub fn key_of(&self, node: u32) -> Option<&str> {
        match self.belonging.get(&self.graph.nodes[node as usize])? {
            Belonging::Application { key, .. } => Some(key),
            Belonging::Shared | Belonging::Unknown => None,
        }
    }
}

/// Judges the facts.
pub(super) fn judged(
    params: &ApplicationArchitectureParams,
    facts: &ArchitectureFacts,
    now: Micros,
) -> Result<Draft<ApplicationArchitectureAnswer>, AskError> {
    let calls = Calls::new(facts.calls.clone(), &facts.ends);
    let graph = CallGraph::new(&facts.estate, &calls, &facts.needs);
    let entries = entry_services(&facts.estate, &facts.traced, &facts.ends);
    let (_, cycles) = graph.cycles();
    let tops: BTreeSet<u32> = entries.iter().map(|entry| entry.service).collect();
    let tag = params.tag.as_deref().unwrap_or("application");
    let it = Judged {
        facts,
        graph: &graph,
        entries: &entries,
        cyclic: cycles.iter().flatten().copied().collect(),
        belonging: belongings(&facts.estate, &graph, &tops, tag),
        cycles,
        chains: chains(&graph),
    };
    check_names(&params.application, &it.belonging)?;
    let mut groups: BTreeMap<&str, (&str, ApplicationRule, Vec<u32>)> = BTreeMap::new();
    let (mut shared, mut ungrouped) = (Vec::new(), Vec::new());
    let mut rules: BTreeMap<String, u64> = BTreeMap::new();
    let matching = it.belonging.iter().filter(|(one, _)| matches(params, facts, **one));
    let mut services = 0;
    for (ordinal, belonging) in matching {
        services += 1;
        let id = || facts.estate.entity(*ordinal).id.clone();
        match belonging {
            Belonging::Application { key, name, rule } => {
                let entry = groups.entry(key).or_insert((name, *rule, Vec::new()));
                entry.1 = entry.1.min(*rule);
                entry.2.extend(graph.node(*ordinal));
                *rules.entry(rule.as_str().to_owned()).or_default() += 1;
            }
            Belonging::Shared => shared.push(id()),
            Belonging::Unknown => ungrouped.push(id()),
        }
    }
    let mut applications: Vec<Application> = groups
        .into_iter()
        .filter(|(key, (name, ..))| is_asked(params, key, name))
        .map(|(key, (name, rule, nodes))| application(&it, (key, name, rule), &nodes))
        .collect();
    applications.sort_by(|a, b| b.service_count.cmp(&a.service_count).then(a.id.cmp(&b.id)));
    let without = (shared.len() + ungrouped.len()) as u64;
    let summary = ArchitectureSummary {
        applications: applications.len() as u64,
        services,
        without_application: without,
        rules,
    };
    let answer = ApplicationArchitectureAnswer { summary, applications, shared, ungrouped };
    Ok(drafted(params, facts, answer, now))
}

fn matches(
    params: &ApplicationArchitectureParams,
    facts: &ArchitectureFacts,
    ordinal: u32,
) -> bool {
    let entity = facts.estate.entity(ordinal);
    let is_of = |one: &Option<String>| one.as_ref().is_some_and(|unit| facts.units.contains(unit));
    let is_unit = facts.units.is_empty() || is_of(&entity.owner) || is_of(&entity.application);
    is_unit && holds(&params.place(), entity)
}

fn is_asked(params: &ApplicationArchitectureParams, key: &str, name: &str) -> bool {
    let is_named = |asked: &String| asked == key || asked == name;
    params.application.is_empty() || params.application.iter().any(is_named)
}

fn application(
    it: &Judged<'_>,
    (key, name, rule): (&str, &str, ApplicationRule),
    nodes: &[u32],
) -> Application {
    let members: BTreeSet<u32> = nodes.iter().copied().collect();
    let is_entry = |node: &u32| {
        let ordinal = it.graph.nodes[*node as usize];
        it.entries.iter().any(|entry| entry.service == ordinal)
    };
    let is_called = |node: &u32| {
        it.graph.to(*node).any(|link| it.key_of(link.from).is_some_and(|other| other != key))
    };
    let entries: Vec<u32> = nodes.iter().copied().filter(is_entry).collect();
    let called: Vec<u32> = nodes.iter().copied().filter(is_called).collect();
    let tops: Vec<u32> = entries.iter().chain(&called).copied().collect();
    let depth = tops.iter().map(|top| it.chains[*top as usize]).max().unwrap_or(0);
    let mut parts: Vec<ApplicationPart> = layered(it, nodes, &tops)
        .zip(nodes)
        .map(|(layer, node)| part_of(it, *node, layer))
        .collect();
    parts.sort_by(|a, b| {
        let layer = |one: &ApplicationPart| one.layer.unwrap_or(u32::MAX);
        layer(a).cmp(&layer(b)).then_with(|| a.id.cmp(&b.id))
    });
    let ids = |nodes: &[u32]| -> Vec<String> { nodes.iter().map(|node| it.id(*node)).collect() };
    let layer_count = parts.iter().filter_map(|one| one.layer).max().map_or(0, |last| last + 1);
    let in_layer = |layer: Option<u32>| -> Vec<String> {
        parts.iter().filter(|one| one.layer == layer).map(|one| one.id.clone()).collect()
    };
    let (calls, called_by) = neighbours(it, key, nodes);
    let (cost, cost_reason) = cost_of(it, key);
    let (open_incidents, findings) = harm(it, key, nodes);
    let mut application = Application {
        id: key.to_owned(),
        name: name.to_owned(),
        rule,
        entry_points: ids(&entries),
        called_by_others: ids(&called),
        layers: (0..layer_count).map(|layer| in_layer(Some(layer))).collect(),
        without_layer: in_layer(None),
        service_count: parts.len() as u64,
        stores: stores(it, key, nodes, false),
        queues: stores(it, key, nodes, true),
        external_endpoints: external(it, nodes),
        calls,
        called_by,
        zones: counted(parts.iter().flat_map(|one| &one.zones)),
        zones_unknown: parts.iter().filter(|one| one.zones_unknown > 0).count() as u64,
        owners: counted(parts.iter().filter_map(|one| one.owner.as_ref())),
        unowned: parts.iter().filter(|one| one.owner.is_none()).count() as u64,
        languages: counted(parts.iter().filter_map(|one| one.language.as_ref())),
        languages_unknown: parts.iter().filter(|one| one.language.is_none()).count() as u64,
        health: healths(&parts),
        cost,
        cost_reason,
        open_incidents,
        findings,
        cycles: it
            .cycles
            .iter()
            .filter(|cycle| cycle.iter().any(|node| members.contains(node)))
            .map(|cycle| visible(it, cycle))
            .collect(),
        synchronous_depth: depth,
        hot_spots: hot_spots(it, nodes, &parts),
        services: Vec::new(),
    };
    parts.truncate(SERVICES_MAX);
    application.services = parts;
    application
}

/// Canonical ids of the nodes that the viewer may see.
fn visible(it: &Judged<'_>, nodes: &[u32]) -> Vec<String> {
    let is_seen = |node: &&u32| !it.facts.estate.is_outside(it.graph.nodes[**node as usize]);
    nodes.iter().filter(is_seen).map(|node| it.id(*node)).collect()
}

/// Applications that the services call, and that call them.
fn neighbours(it: &Judged<'_>, key: &str, nodes: &[u32]) -> (Vec<String>, Vec<String>) {
    let others = |ends: BTreeSet<u32>| -> Vec<String> {
        let keys: BTreeSet<&str> = ends.into_iter().filter_map(|node| it.key_of(node)).collect();
        keys.into_iter().filter(|other| *other != key).map(str::to_owned).collect()
    };
    let callees = nodes.iter().flat_map(|node| it.graph.from(*node)).map(|link| link.to);
    let callers = nodes.iter().flat_map(|node| it.graph.to(*node)).map(|link| link.from);
    (others(callees.collect()), others(callers.collect()))
}

fn external(it: &Judged<'_>, nodes: &[u32]) -> Vec<String> {
    let estate = &it.facts.estate;
    let ends: BTreeSet<u32> = nodes
        .iter()
        .flat_map(|node| it.graph.from(*node))
        .map(|link| it.graph.nodes[link.to as usize])
        .filter(|one| estate.entity(*one).kind == EntityKind::ExternalEndpoint)
        .filter(|one| !estate.is_outside(*one))
        .collect();
    ends.into_iter().map(|one| estate.entity(one).id.clone()).collect()
}

fn counted<'a>(names: impl Iterator<Item = &'a String>) -> Vec<NamedCount> {
    let mut counts: BTreeMap<&String, u64> = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    let row = |(name, services): (&String, u64)| NamedCount { name: name.clone(), services };
    counts.into_iter().map(row).collect()
}

fn healths(parts: &[ApplicationPart]) -> StatusCounts {
    let count = |status| parts.iter().filter(|one| one.health == status).count() as u64;
    StatusCounts {
        total: parts.len() as u64,
        critical: count(Status::Critical),
        warning: count(Status::Warning),
        unknown: count(Status::Unknown),
        healthy: count(Status::Healthy),
    }
}

fn cost_of(it: &Judged<'_>, key: &str) -> (Vec<Money>, Option<Absence>) {
    let is_own = |value: Option<&Option<String>>| value.is_some_and(|v| v.as_deref() == Some(key));
    let rows = it.facts.costs.iter().filter(|row| is_own(row.values.first()));
    let cost: Vec<Money> = rows
        .map(|row| {
            let (amount, with) = row.sums[1];
            Money {
                amount: (with > 0).then_some(amount),
                currency: row.currency.clone(),
                basis: Basis::Effective,
                origin: Origin::Charged,
                rows: with,
                rows_without: row.rows.saturating_sub(with),
                reason: (with == 0).then_some(Absence::NotCollected),
            }
        })
        .collect();
    let reason = match (cost.is_empty(), it.facts.costs.is_empty()) {
        (false, _) => None,
        (true, true) => Some(Absence::NoData),
        (true, false) => Some(Absence::NotCollected),
    };
    (cost, reason)
}

/// The services on which most time is spent; where nothing is measured, those with the most neighbours.
fn hot_spots(it: &Judged<'_>, nodes: &[u32], parts: &[ApplicationPart]) -> Vec<HotSpot> {
    let time = |node: u32| -> Option<f64> {
        let pairs = it.graph.to(node).filter_map(|link| link.calls);
        let spent = pairs.filter_map(|pair| {
            let mean = pair.server.mean().or_else(|| pair.client.mean())?;
            Some(mean * pair.calls as f64)
        });
        let spent: Vec<f64> = spent.collect();
        (!spent.is_empty()).then(|| spent.iter().sum())
    };
    let times: BTreeMap<String, f64> =
        nodes.iter().filter_map(|node| Some((it.id(*node), time(*node)?))).collect();
    let total: f64 = times.values().sum();
    let share =
        |one: &ApplicationPart| times.get(&one.id).filter(|_| total > 0.0).map(|t| t / total);
    let mut ranked: Vec<&ApplicationPart> = parts.iter().collect();
    ranked.sort_by(|a, b| {
        let by_time = share(b).unwrap_or(0.0).total_cmp(&share(a).unwrap_or(0.0));
        let by_degree = (b.fan_in + b.fan_out).cmp(&(a.fan_in + a.fan_out));
        by_time.then(by_degree).then_with(|| a.id.cmp(&b.id))
    });
    let spot = |one: &ApplicationPart| HotSpot {
        service: one.id.clone(),
        time_share: match share(one) {
            Some(share) => Measure::new(share, "1"),
            None => Measure::absent("1", Absence::NoData),
        },
        fan_in: one.fan_in,
        fan_out: one.fan_out,
    };
    let is_busy = |one: &&&ApplicationPart| one.fan_in + one.fan_out > 0;
    ranked.iter().filter(is_busy).take(HOT_MAX).map(|one| spot(one)).collect()
}

fn drafted(
    params: &ApplicationArchitectureParams,
    facts: &ArchitectureFacts,
    answer: ApplicationArchitectureAnswer,
    now: Micros,
) -> Draft<ApplicationArchitectureAnswer> {
    let mut draft = Draft::new(answer, params.as_of.unwrap_or(now));
    draft.window = Some(facts.window.window);
    draft.stores = vec![
        StoreFreshness::of("topology", facts.estate.facts.version),
        StoreFreshness::of("telemetry", facts.edges),
    ];
    let summary = &draft.answer.summary;
    let grouped = summary.services.saturating_sub(summary.without_application);
    draft.coverage.insert("applications".into(), Coverage::new(grouped, summary.services));
    let limit = params.limit.unwrap_or(1) as usize;
    let (shared, loose) = (draft.answer.shared.len(), draft.answer.ungrouped.len());
    let total = draft.answer.applications.len();
    for (list, count, most) in [
        ("applications", total, limit),
        ("shared", shared, LOOSE_MAX),
        ("ungrouped", loose, LOOSE_MAX),
    ] {
        if count > most {
            draft.truncated.insert(list.into(), count as u64);
        }
    }
    draft.warnings = warnings(facts, &draft.answer);
    draft.answer.applications.truncate(limit);
    draft.answer.shared.truncate(LOOSE_MAX);
    draft.answer.ungrouped.truncate(LOOSE_MAX);
    draft.tables = draft.answer.tables();
    draft
}

fn warnings(facts: &ArchitectureFacts, answer: &ApplicationArchitectureAnswer) -> Vec<Warning> {
    let mut warnings = Vec::new();
    warnings.extend(facts.window.warning());
    let services = answer.summary.services as f64;
    for one in &answer.applications {
        let is_inferred = one.rule != ApplicationRule::Organisation;
        // A handful of services is no reason to warn.
        if is_inferred && services >= 10.0 && one.service_count as f64 > services * LARGE {
            let message = format!(
                "{} holds {} of {} services and was grouped by {}: organisation data or labels \
                 would tell applications apart",
                one.name,
                one.service_count,
                answer.summary.services,
                one.rule.as_str()
            );
            warnings.push(Warning::new("large_group", message));
        }
    }
    warnings
}
