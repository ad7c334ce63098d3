//! What controllers can put back: instances by their groups, pods by their workloads, as far as what
//! they request fits what is left, and their volumes are where they may go.

use std::collections::{BTreeMap, BTreeSet};

use model::kind::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use crate::estate::Estate;
use crate::failure::{Model, Outcome};

/// Seconds that pods stay bound to a node that is lost, by Kubernetes' default tolerations.
pub(super) const TOLERATION_SECONDS: f64 = 300.0;

/// What comes back and what does not.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    /// (what, by what, to where).
    pub back: Vec<(u32, u32, Option<u32>)>,
    /// (what, why not).
    pub lost: Vec<(u32, String)>,
    /// Requests on the nodes that are left, after.
    pub nodes: BTreeMap<u32, Room>,
    /// Nodes that take pods over.
    pub used: BTreeSet<u32>,
}

/// What a node can hold and holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Room {
    pub cpu: f64,
    pub memory: f64,
    pub pods: f64,
    pub cpu_used: f64,
    pub memory_used: f64,
    pub pods_used: f64,
}

impl Room {
    fn fits(&self, cpu: f64, memory: f64) -> bool {
        self.cpu_used + cpu <= self.cpu
            && self.memory_used + memory <= self.memory
            && self.pods_used + 1.0 <= self.pods
    }

    fn free(&self) -> f64 {
        let share = |used: f64, all: f64| if all > 0.0 { used / all } else { 1.0 };
        1.0 - share(self.cpu_used, self.cpu).max(share(self.memory_used, self.memory))
    }
}

/// What comes back after an outcome. `is_bad` tells pods of which a new one would fail again.
pub(super) fn recovered(
    model: &Model,
    outcome: &Outcome,
    seeds: &BTreeSet<u32>,
    is_bad: &dyn Fn(u32) -> bool,
) -> Recovered {
    let estate = model.estate();
    let failed: BTreeSet<u32> = outcome.failed().iter().chain(outcome.already()).copied().collect();
    let mut found = Recovered::default();
    let mut rooms = rooms(estate, &failed);
    for instance in estate.of_kind(K::Instance).filter(|one| failed.contains(one)) {
        match replacement(estate, instance, &failed, seeds) {
            Ok(group) => {
                found.back.push((instance, group, None));
                // The new instance holds as much as the one it replaces.
                for node in estate.near(instance, R::RunsOn) {
                    if estate.entity(node).kind == K::KubernetesNode
                        && let Some(room) = room(estate, node)
                    {
                        rooms.insert(node, room);
                    }
                    found.back.push((node, group, None));
                }
            }
            Err(reason) => found.lost.push((instance, reason)),
        }
    }
    let mut pods: Vec<u32> = estate
        .of_kind(K::Pod)
        .filter(|one| outcome.has_failed(*one) && !is_finished(estate, *one))
        .collect();
    // The largest first, since the small ones fit wherever room is left.
    pods.sort_by(|a, b| {
        let size = |one: u32| request(estate, one);
        let ((cpu_a, memory_a), (cpu_b, memory_b)) = (size(*a), size(*b));
        memory_b.total_cmp(&memory_a).then(cpu_b.total_cmp(&cpu_a)).then(a.cmp(b))
    });
    for pod in pods {
        match place(model, pod, &failed, seeds, is_bad, &rooms) {
            Ok((workload, node)) => {
                let (cpu, memory) = request(estate, pod);
                if let Some(room) = rooms.get_mut(&node) {
                    room.cpu_used += cpu;
                    room.memory_used += memory;
                    room.pods_used += 1.0;
                }
                found.used.insert(node);
                found.back.push((pod, workload, Some(node)));
            }
            Err(Some(reason)) => found.lost.push((pod, reason)),
            Err(None) => {}
        }
    }
    found.nodes = rooms;
    found
}

/// The group that replaces an instance, where it may start one in a zone that stands.
fn replacement(
    estate: &Estate,
    instance: u32,
    failed: &BTreeSet<u32>,
    seeds: &BTreeSet<u32>,
) -> Result<u32, String> {
    let groups: Vec<u32> = estate
        .near(instance, R::HasReplica)
        .filter(|one| matches!(estate.entity(*one).kind, K::AutoscalingGroup | K::NodeGroup))
        .collect();
    let Some(group) = groups.iter().copied().find(|one| !seeds.contains(one)) else {
        return Err("no scaling group replaces it".to_owned());
    };
    let mut places = estate.far(group, R::PlacedIn).peekable();
    if places.peek().is_none() {
        return Err("the zones of its scaling group are not known".to_owned());
    }
    match places.any(|place| !failed.contains(&place)) {
        true => Ok(group),
        false => Err("its scaling group has no other zone".to_owned()),
    }
}

/// The node that a pod comes back on and the workload that brings it; `None` for what is no matter of
/// recovery (a DaemonSet's pod belongs to its node).
fn place(
    model: &Model,
    pod: u32,
    failed: &BTreeSet<u32>,
    seeds: &BTreeSet<u32>,
    is_bad: &dyn Fn(u32) -> bool,
    rooms: &BTreeMap<u32, Room>,
) -> Result<(u32, u32), Option<String>> {
    let estate = model.estate();
    let reason = |text: &str| Some(text.to_owned());
    let owner = estate.near(pod, R::HasReplica).find(|one| estate.entity(*one).kind == K::Workload);
    let Some(workload) = owner else { return Err(reason("no controller replaces it")) };
    match text(estate, workload, "controller") {
        Some("DaemonSet") => return Err(None),
        _ if seeds.contains(&workload) => return Err(reason("its workload was taken away")),
        _ => {}
    }
    if is_bad(pod) {
        return Err(reason("a new one would run the same image or version"));
    }
    if estate.far(workload, R::ManagedBy).any(|control| failed.contains(&control)) {
        return Err(reason("its control plane is lost, so nothing is scheduled"));
    }
    let volumes = estate.reached(&[pod], &[R::Mounts]);
    if volumes.iter().skip(1).any(|volume| failed.contains(volume)) {
        return Err(reason("a volume that it mounts is lost"));
    }
    let zones: Vec<u32> = volumes
        .iter()
        .filter(|one| estate.entity(**one).kind == K::Volume)
        .filter_map(|volume| model.zone_of(*volume))
        .collect();
    let cluster = estate.entity(pod).scope.cluster.as_ref();
    let of_cluster = |node: &u32| estate.entity(*node).scope.cluster.as_ref() == cluster;
    let mut nodes: Vec<u32> = rooms.keys().copied().filter(of_cluster).collect();
    if nodes.is_empty() {
        return Err(reason("no node is left of which the allocatable capacity is known"));
    }
    nodes.retain(|node| selects(estate, pod, *node));
    if nodes.is_empty() {
        return Err(reason("no node that is left has the labels that it selects"));
    }
    nodes.retain(|node| zones.iter().all(|zone| model.zone_of(*node) == Some(*zone)));
    if nodes.is_empty() {
        return Err(reason("its volume stands in a zone without a node that is left"));
    }
    let (cpu, memory) = request(estate, pod);
    nodes.retain(|node| rooms[node].fits(cpu, memory));
    // The emptiest, as the scheduler does by default; of equal ones the first.
    let best = nodes.iter().rev().max_by(|a, b| rooms[a].free().total_cmp(&rooms[b].free()));
    match best {
        Some(node) => Ok((workload, *node)),
        None => Err(reason("what it requests fits no node that is left")),
    }
}

/// Whether a node has the labels that a pod selects, and no taint that keeps others away.
fn selects(estate: &Estate, pod: u32, node: u32) -> bool {
    let labels = &estate.entity(node).labels;
    let selector = estate.entity(pod).properties.get("node_selector").and_then(Value::as_object);
    let mut wanted = selector.into_iter().flatten();
    wanted.all(|(name, value)| labels.get(name).map(String::as_str) == value.as_str())
}

/// Room on the nodes that stand and take pods.
fn rooms(estate: &Estate, failed: &BTreeSet<u32>) -> BTreeMap<u32, Room> {
    let mut rooms = BTreeMap::new();
    for node in estate.of_kind(K::KubernetesNode) {
        let is_closed = flag(estate, node, "unschedulable") || has_closing_taint(estate, node);
        if failed.contains(&node) || is_closed {
            continue;
        }
        let Some(mut room) = room(estate, node) else { continue };
        for pod in estate.near(node, R::RunsOn) {
            let is_pod = estate.entity(pod).kind == K::Pod;
            if is_pod && !failed.contains(&pod) && !is_finished(estate, pod) {
                let (cpu, memory) = request(estate, pod);
                room.cpu_used += cpu;
                room.memory_used += memory;
                room.pods_used += 1.0;
            }
        }
        rooms.insert(node, room);
    }
    rooms
}

/// What an empty node can hold; none where that is not known.
fn room(estate: &Estate, node: u32) -> Option<Room> {
    let number = |name: &str| estate.entity(node).properties.get(name)?.as_f64();
    Some(Room {
        cpu: number("allocatable_cpu")?,
        memory: number("allocatable_memory_bytes")?,
        pods: number("allocatable_pods").unwrap_or(f64::INFINITY),
        cpu_used: 0.0,
        memory_used: 0.0,
        pods_used: 0.0,
    })
}

fn has_closing_taint(estate: &Estate, node: u32) -> bool {
    let taints = estate.entity(node).properties.get("taints").and_then(Value::as_array);
    let text = |taint: &Value| taint.as_str().map_or_else(|| taint.to_string(), str::to_owned);
    let mut closing = taints.into_iter().flatten().map(text);
    closing.any(|taint| taint.contains("NoSchedule") || taint.contains("NoExecute"))
}

/// What a pod requests; what it does not state it does not reserve.
fn request(estate: &Estate, pod: u32) -> (f64, f64) {
    let number = |name: &str| {
        let value = estate.entity(pod).properties.get(name).and_then(Value::as_f64);
        value.unwrap_or(0.0)
    };
    (number("cpu_request_cores"), number("memory_request_bytes"))
}

fn is_finished(estate: &Estate, pod: u32) -> bool {
    matches!(text(estate, pod, "phase"), Some("Succeeded" | "Failed"))
}

fn text<'a>(estate: &'a Estate, one: u32, name: &str) -> Option<&'a str> {
    estate.entity(one).properties.get(name)?.as_str()
}

fn flag(estate: &Estate, one: u32, name: &str) -> bool {
    estate.entity(one).properties.get(name).and_then(Value::as_bool) == Some(true)
}
