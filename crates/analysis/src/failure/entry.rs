//! Entry points: the services that outside callers reach, and the ways in.

use std::collections::{BTreeMap, BTreeSet};

use ::model::kind::{EntityKind, RelationKind};
use schemars::JsonSchema;
use serde::Serialize;

use super::draft::Draft;
use super::node::{Cause, Extra};
use super::property::text;
use crate::estate::{Estate, WaysIn};

/// What enters the estate at an entry point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Requests, and the configuration says so.
    Configured,
    /// Requests, through a route, a load balancer or an exposed Kubernetes Service.
    Route,
    /// Requests, as spans without a parent show.
    Rooted,
    /// Nothing from outside: it runs by schedule.
    Job,
    /// Messages of a queue that is filled from outside.
    Consumer,
}

/// One entry point.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its node.
    pub node: u32,
    /// The service (or function, container service, target group) that is entered.
    pub subject: u32,
    /// What enters.
    pub kind: EntryKind,
    /// The ways in, each from the outside in; empty where none is known.
    pub entrances: Vec<Vec<u32>>,
    /// Its share of what enters, in any unit that all entries share; 1 where none is known.
    pub weight: f64,
}

/// Finds the entry points and makes a node of each.
pub(super) fn entries(draft: &mut Draft<'_>) {
    let estate = draft.estate;
    let entrances = ways_in(estate);
    let mut kinds: BTreeMap<u32, EntryKind> = BTreeMap::new();
    let options = draft.options;
    for subject in &options.configured {
        kinds.insert(*subject, EntryKind::Configured);
    }
    let configured: BTreeSet<&str> =
        options.configured.iter().map(|one| environment(estate, *one)).collect();
    for subject in entrances.keys() {
        if !configured.contains(environment(estate, *subject)) {
            kinds.entry(*subject).or_insert(EntryKind::Route);
        }
    }
    let known: BTreeSet<&str> = kinds.keys().map(|one| environment(estate, *one)).collect();
    for subject in &options.rooted {
        if !known.contains(environment(estate, *subject)) {
            kinds.entry(*subject).or_insert(EntryKind::Rooted);
        }
    }
    for subject in jobs(estate) {
        kinds.entry(subject).or_insert(EntryKind::Job);
    }
    for subject in &options.consumers {
        kinds.entry(*subject).or_insert(EntryKind::Consumer);
    }
    for (subject, kind) in kinds {
        let entrances = entrances.get(&subject).cloned().unwrap_or_default();
        entry(draft, subject, kind, entrances);
    }
}

fn entry(draft: &mut Draft<'_>, subject: u32, kind: EntryKind, entrances: BTreeSet<Vec<u32>>) {
    let node = draft.extra(Extra::Entry { subject });
    draft.group(node, 1, vec![subject], Cause::Service);
    let mut ways = Vec::new();
    for through in &entrances {
        let way = draft.extra(Extra::Entrance { through: through.clone() });
        for one in through {
            draft.group(way, 1, vec![*one], Cause::Passage);
        }
        ways.push(way);
    }
    draft.group(node, 1, ways, Cause::Entrances);
    // Where requests are counted, an entry point without any weighs nothing.
    let weights = &draft.options.weights;
    let unmeasured = if weights.is_empty() { 1.0 } else { 0.0 };
    let weight = weights.get(&subject).copied().unwrap_or(unmeasured);
    let entrances = entrances.into_iter().collect();
    draft.entries.push(Entry { node, subject, kind, entrances, weight });
}

/// The environment that the rules for entry points are applied in.
pub(crate) fn environment(estate: &Estate, subject: u32) -> &str {
    let entity = estate.entity(subject);
    let of_id = entity.id.strip_prefix("service://").and_then(|rest| rest.split('/').next());
    let of_id = of_id.filter(|name| *name != "_");
    entity.scope.environment.as_deref().or(of_id).unwrap_or_default()
}

/// Services that run by schedule.
pub(crate) fn jobs(estate: &Estate) -> Vec<u32> {
    let is_job = |workload: &u32| {
        text(&estate.entity(*workload).properties, "controller") == Some("CronJob")
    };
    let scheduled = estate.of_kind(EntityKind::Workload).filter(is_job);
    let services = scheduled.flat_map(|one| estate.near(one, RelationKind::ImplementedBy));
    services.filter(|one| estate.entity(*one).kind == EntityKind::Service).collect()
}

/// Ways in by the service behind them. Where the service behind a load balancer is nowhere known, the
/// target group stands for it.
pub(crate) fn ways_in(estate: &Estate) -> &WaysIn {
    estate.ways_in.get_or_init(|| found_ways_in(estate))
}

fn found_ways_in(estate: &Estate) -> WaysIn {
    let mut all: WaysIn = BTreeMap::new();
    let mut known: BTreeSet<u32> = BTreeSet::new();
    let routes: Vec<u32> =
        estate.of_kind(EntityKind::Route).filter(|one| is_open_route(estate, *one)).collect();
    for route in &routes {
        for target in estate.far(*route, RelationKind::RoutesTo) {
            for subject in behind(estate, target) {
                all.entry(subject).or_default().insert(vec![*route, target]);
                known.extend(estate.far(*route, RelationKind::RunsOn));
            }
        }
    }
    exposed(estate, &mut all, &mut known);
    for route in &routes {
        if estate.far(*route, RelationKind::RunsOn).any(|one| known.contains(&one)) {
            continue;
        }
        for target in estate.far(*route, RelationKind::RoutesTo) {
            let is_group = estate.entity(target).kind == EntityKind::TargetGroup;
            if is_group && estate.far(target, RelationKind::RoutesTo).next().is_some() {
                all.entry(target).or_default().insert(vec![*route]);
            }
        }
    }
    all.retain(|_, ways| !ways.is_empty());
    all
}

/// Kubernetes Services that outside callers reach without a route.
fn exposed(estate: &Estate, all: &mut WaysIn, known: &mut BTreeSet<u32>) {
    for service in estate.of_kind(EntityKind::KubernetesService) {
        let r#type = text(&estate.entity(service).properties, "type");
        if !matches!(r#type, Some("LoadBalancer" | "NodePort")) {
            continue;
        }
        let balancers: Vec<u32> = estate
            .far(service, RelationKind::ServedThrough)
            .filter(|one| estate.entity(*one).kind == EntityKind::LoadBalancer)
            .collect();
        let mut ways: Vec<Vec<u32>> = balancers
            .iter()
            .filter(|one| !is_internal(estate, **one))
            .map(|one| vec![*one, service])
            .collect();
        if balancers.is_empty() {
            ways.push(vec![service]);
        }
        for subject in behind(estate, service) {
            all.entry(subject).or_default().extend(ways.iter().cloned());
            known.extend(&balancers);
        }
    }
}

/// Whether outside callers reach a route: of a load balancer that faces the internet, or an ingress.
fn is_open_route(estate: &Estate, route: u32) -> bool {
    let properties = &estate.entity(route).properties;
    if text(properties, "scheme") == Some("internal") {
        return false;
    }
    let mut within = estate.near(route, RelationKind::Contains).map(|one| estate.entity(one).kind);
    let is_kubernetes = estate.entity(route).id.starts_with("k8s://");
    let has_door = within.any(|kind| matches!(kind, EntityKind::Ingress | EntityKind::Gateway));
    let mut balancers = estate
        .far(route, RelationKind::RunsOn)
        .filter(|one| estate.entity(*one).kind == EntityKind::LoadBalancer)
        .peekable();
    if balancers.peek().is_some() {
        return balancers.any(|one| !is_internal(estate, one));
    }
    // A route of a mesh without a gateway, and one of a load balancer of which nothing is known, may
    // be open to nobody.
    has_door || (is_kubernetes && text(properties, "kubernetes_kind").is_none())
}

fn is_internal(estate: &Estate, balancer: u32) -> bool {
    text(&estate.entity(balancer).properties, "scheme") == Some("internal")
}

/// The services behind something that routes to them, or runs them.
pub(super) fn behind(estate: &Estate, start: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(one) = open.pop() {
        let next: Vec<u32> = match estate.entity(one).kind {
            EntityKind::Service | EntityKind::Function => {
                found.insert(one);
                continue;
            }
            EntityKind::KubernetesService => {
                let served: Vec<u32> = estate
                    .near(one, RelationKind::ServedThrough)
                    .filter(|near| estate.entity(*near).kind == EntityKind::Service)
                    .collect();
                match served.is_empty() {
                    true => estate.far(one, RelationKind::RoutesTo).collect(),
                    false => served,
                }
            }
            EntityKind::TargetGroup => estate.far(one, RelationKind::RoutesTo).collect(),
            EntityKind::Pod | EntityKind::Task => {
                estate.near(one, RelationKind::HasReplica).collect()
            }
            EntityKind::Workload | EntityKind::Instance | EntityKind::ContainerService => {
                let services: Vec<u32> = estate.near(one, RelationKind::ImplementedBy).collect();
                if services.is_empty() && estate.entity(one).kind == EntityKind::ContainerService {
                    found.insert(one);
                }
                services
            }
            _ => Vec::new(),
        };
        open.extend(next.into_iter().filter(|one| seen.insert(*one)));
    }
    found
}
