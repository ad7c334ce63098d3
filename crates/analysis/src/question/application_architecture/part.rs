//! Services, workloads and stores of one application.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::Absence;
use model::kind::{EntityKind, RelationKind};
use model::measure::Measure;
use serde_json::Value;

use super::judge::Judged;
use super::shape::{ApplicationPart, ApplicationStore, ApplicationWorkload};
use crate::question::system_metrics::Status;
use crate::zone::zones;

/// One service, by its node in the graph of calls.
pub(super) fn part_of(it: &Judged<'_>, node: u32, layer: Option<u32>) -> ApplicationPart {
    let estate = &it.facts.estate;
    let ordinal = it.graph.nodes[node as usize];
    let entity = estate.entity(ordinal);
    let runners: Vec<u32> = estate.far(ordinal, RelationKind::ImplementedBy).collect();
    let visible: Vec<u32> =
        runners.iter().copied().filter(|one| !estate.is_outside(*one)).collect();
    let zones = zones(estate, ordinal);
    let others = |ends: BTreeSet<u32>| ends.into_iter().filter(|end| *end != node).count() as u64;
    ApplicationPart {
        id: entity.id.clone(),
        name: entity.name.clone(),
        layer,
        fan_in: others(it.graph.to(node).map(|link| link.from).collect()),
        fan_out: others(it.graph.from(node).iter().map(|link| link.to).collect()),
        workloads: visible.iter().map(|one| workload(it, *one)).collect(),
        zones: zones.known.into_iter().collect(),
        // Without anything that runs it there is no replica to ask.
        zones_unknown: if runners.is_empty() { 0 } else { zones.unknown },
        owner: entity.owner.clone(),
        language: language(it, ordinal, &runners),
        health: health(it, ordinal, &runners),
        is_cyclic: it.cyclic.contains(&node),
        requests: requests(it, node),
    }
}

fn requests(it: &Judged<'_>, node: u32) -> Measure {
    let pairs = it.graph.to(node).filter_map(|link| link.calls);
    let inside = pairs
        .fold(None, |sum: Option<u64>, pair| Some(sum.unwrap_or(0).saturating_add(pair.calls)));
    let ordinal = it.graph.nodes[node as usize];
    let outside = it.entries.iter().find(|entry| entry.service == ordinal);
    match (inside, outside.and_then(|entry| entry.requests)) {
        (None, None) => Measure::absent("count", Absence::NoData),
        (inside, outside) => {
            let sum = inside.unwrap_or(0).saturating_add(outside.unwrap_or(0));
            Measure::measured(sum as f64, "count")
        }
    }
}

fn workload(it: &Judged<'_>, ordinal: u32) -> ApplicationWorkload {
    let estate = &it.facts.estate;
    let entity = estate.entity(ordinal);
    let number = |name: &str| entity.properties.get(name).and_then(Value::as_u64);
    ApplicationWorkload {
        id: entity.id.clone(),
        kind: entity.kind,
        controller: entity.properties.get("controller").and_then(Value::as_str).map(str::to_owned),
        replicas_wanted: number("replicas").or_else(|| number("desired_count")),
        replicas: estate.far(ordinal, RelationKind::HasReplica).count() as u64,
    }
}

fn language(it: &Judged<'_>, ordinal: u32, runners: &[u32]) -> Option<String> {
    let estate = &it.facts.estate;
    let said = |one: &u32| {
        let properties = &estate.entity(*one).properties;
        let named = properties.get("language").or_else(|| properties.get("runtime"));
        named.and_then(Value::as_str).map(str::to_owned)
    };
    std::iter::once(&ordinal).chain(runners).find_map(said)
}

/// The worst of the service, what runs it, and its replicas; unknown where none of them has a health.
fn health(it: &Judged<'_>, ordinal: u32, runners: &[u32]) -> Status {
    let estate = &it.facts.estate;
    let replicas = runners.iter().flat_map(|one| estate.far(*one, RelationKind::HasReplica));
    let all = std::iter::once(ordinal).chain(runners.iter().copied()).chain(replicas);
    let known: Vec<Status> =
        all.filter_map(|one| it.facts.health.get(&estate.entity(one).id)).copied().collect();
    let is_known = |status: &&Status| **status != Status::Unknown;
    known.iter().filter(is_known).min().copied().unwrap_or(Status::Unknown)
}

/// Stores or queues that services use.
pub(super) fn stores(
    it: &Judged<'_>,
    key: &str,
    nodes: &[u32],
    queues: bool,
) -> Vec<ApplicationStore> {
    let estate = &it.facts.estate;
    let mut clients: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for link in nodes.iter().flat_map(|node| it.graph.from(*node)) {
        let ordinal = it.graph.nodes[link.to as usize];
        let kind = estate.entity(ordinal).kind;
        let is_asked = kind.is_store() && (kind == EntityKind::Queue) == queues;
        if is_asked && !estate.is_outside(ordinal) {
            clients.entry(link.to).or_default().insert(link.from);
        }
    }
    let shown = |(store, clients): (u32, BTreeSet<u32>)| {
        let entity = estate.entity(it.graph.nodes[store as usize]);
        let all: BTreeSet<u32> = it.graph.to(store).map(|link| link.from).collect();
        let others: BTreeSet<&str> =
            all.iter().filter_map(|one| it.key_of(*one)).filter(|other| *other != key).collect();
        ApplicationStore {
            id: entity.id.clone(),
            kind: entity.kind,
            name: entity.name.clone(),
            engine: entity.properties.get("engine").and_then(Value::as_str).map(str::to_owned),
            clients: clients.iter().map(|one| it.id(*one)).collect(),
            other_applications: others.into_iter().map(str::to_owned).collect(),
            is_shared: all.len() > 1,
        }
    };
    clients.into_iter().map(shown).collect()
}
