//! Nodes, pods, and how much of the nodes' CPU and memory is asked for and used.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::entity::EntityId;
use model::fact::{EntityFact, SignalFact};
use model::kind::EntityKind as K;
use model::measure::Measure;
use model::time::Micros;

use super::member::{Members, instance_of};
use super::shape::{NameCount, NodeSummary, PodSummary, Resource};
use crate::estate::Estate;
use crate::property::{count, flag, number, text};

/// Nodes of a cluster.
pub(super) fn nodes(estate: &Estate, cluster: &Members) -> NodeSummary {
    let nodes = cluster.kind(K::KubernetesNode);
    let facts = || nodes.iter().map(|node| estate.entity(*node));
    let zone = |fact: &EntityFact| fact.scope.zone.clone().unwrap_or_default();
    let kubelet = |fact: &EntityFact| text(fact, "kubelet_version").unwrap_or_default().to_owned();
    NodeSummary {
        total: nodes.len() as u64,
        ready: facts().filter(|fact| is_ready(fact)).count() as u64,
        cordoned: facts().filter(|fact| flag(fact, "unschedulable") == Some(true)).count() as u64,
        without_instance: nodes.iter().filter(|node| !names_instance(estate, **node)).count()
            as u64,
        by_zone: counted(facts().map(zone)),
        by_kubelet: counted(facts().map(kubelet)),
    }
}

pub(super) fn is_ready(node: &EntityFact) -> bool {
    text(node, "condition_ready") == Some("True")
}

/// Whether a node's provider names an EC2 instance, whether or not that was exported.
fn names_instance(estate: &Estate, node: u32) -> bool {
    let provider = text(estate.entity(node), "provider_id").unwrap_or_default();
    let last = provider.rsplit('/').next().unwrap_or_default();
    last.starts_with("i-") || instance_of(estate, node).is_some()
}

/// How often each name occurs, in order of name.
pub(super) fn counted(names: impl Iterator<Item = String>) -> Vec<NameCount> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts.into_iter().map(|(name, count)| NameCount { name, count }).collect()
}

/// Whether a pod has run to its end.
pub(super) fn is_finished(pod: &EntityFact) -> bool {
    matches!(text(pod, "phase"), Some("Succeeded" | "Failed"))
}

/// Pods of a cluster.
pub(super) fn pods(pods: &[&EntityFact]) -> PodSummary {
    let phase = |pod: &&EntityFact| text(pod, "phase").unwrap_or("Unknown").to_owned();
    let reason = |pod: &&EntityFact| -> Option<String> {
        let stated = ["waiting_reason", "unscheduled_reason", "reason"];
        let stated = stated.iter().find_map(|name| text(pod, name));
        let ended = || {
            let ended = text(pod, "terminated_reason");
            // A container that ran to its end is nothing to explain.
            ended.filter(|reason| *reason != "Completed" && flag(pod, "ready") != Some(true))
        };
        stated.or_else(ended).map(str::to_owned)
    };
    let counting =
        |is: &dyn Fn(&EntityFact) -> bool| pods.iter().filter(|pod| is(pod)).count() as u64;
    PodSummary {
        total: pods.len() as u64,
        by_phase: counted(pods.iter().map(phase)),
        reasons: counted(pods.iter().filter_map(reason)),
        restarts: pods.iter().filter_map(|pod| count(pod, "restarts")).fold(0, u64::saturating_add),
        pending: counting(&|pod| text(pod, "phase") == Some("Pending")),
        unschedulable: counting(&|pod| text(pod, "unscheduled_reason") == Some("Unschedulable")),
        not_ready: counting(&|pod| {
            text(pod, "phase") == Some("Running") && flag(pod, "ready") != Some(true)
        }),
    }
}

/// Signals that tell what is used.
pub(super) const SIGNALS: [&str; 4] =
    ["cpu_seconds", "cpu_utilization_ratio", "memory_used_bytes", "memory_utilization_ratio"];

/// What was measured, by entity.
pub(super) type Measured<'a> = BTreeMap<EntityId, Vec<&'a SignalFact>>;

/// CPU and memory of a cluster.
pub(super) fn resources(
    estate: &Estate,
    cluster: &Members,
    pods: &[&EntityFact],
    measured: &Measured<'_>,
) -> Vec<Resource> {
    let kinds = [("cpu", "cpu", "cores", "cores"), ("memory", "memory_bytes", "By", "bytes")];
    let of = |(resource, property, unit, request): (&str, &str, &str, &str)| {
        let nodes: Vec<&EntityFact> =
            cluster.kind(K::KubernetesNode).iter().map(|node| estate.entity(*node)).collect();
        let active: Vec<&EntityFact> =
            pods.iter().copied().filter(|pod| !is_finished(pod)).collect();
        let request_name = format!("{resource}_request_{request}");
        let (used, used_from) = used(resource, unit, &nodes, &active, measured);
        Resource {
            resource: resource.to_owned(),
            capacity: sum(&nodes, &format!("capacity_{property}"), unit),
            allocatable: sum(&nodes, &format!("allocatable_{property}"), unit),
            requests: sum(&active, &request_name, unit),
            limits: sum(&active, &format!("{resource}_limit_{request}"), unit),
            used,
            used_from,
            pods_without_request: active
                .iter()
                .filter(|pod| number(pod, &request_name).is_none())
                .count() as u64,
        }
    };
    kinds.into_iter().map(of).collect()
}

/// Sum over those that state the property; `n` says how many do.
fn sum(facts: &[&EntityFact], property: &str, unit: &str) -> Measure {
    let values: Vec<f64> = facts.iter().filter_map(|fact| number(fact, property)).collect();
    if values.is_empty() {
        return Measure::absent(unit, Absence::NotCollected).of(0);
    }
    Measure::new(values.iter().sum(), unit).of(values.len() as u64)
}

/// Use as the nodes tell it when most of them are measured, else the sum over pods.
fn used(
    resource: &str,
    unit: &str,
    nodes: &[&EntityFact],
    pods: &[&EntityFact],
    measured: &Measured<'_>,
) -> (Measure, Option<String>) {
    let of = |facts: &[&EntityFact]| -> Vec<f64> {
        facts.iter().filter_map(|fact| used_of(resource, fact, measured)).collect()
    };
    let by_node = of(nodes);
    if !nodes.is_empty() && by_node.len() == nodes.len() {
        let sum = Measure::new(by_node.iter().sum(), unit).of(by_node.len() as u64);
        return (sum, Some("nodes".to_owned()));
    }
    let by_pod = of(pods);
    if by_pod.is_empty() {
        return (Measure::absent(unit, Absence::NoData).of(0), None);
    }
    let sum = Measure::measured(by_pod.iter().sum(), unit).of(by_pod.len() as u64);
    (sum, Some("pods".to_owned()))
}

/// Cores or bytes that one thing uses on average: the sum of its containers, or a ratio of what a
/// node has.
fn used_of(resource: &str, fact: &EntityFact, measured: &Measured<'_>) -> Option<f64> {
    let series = measured.get(&fact.entity)?;
    let mean = |one: &SignalFact| one.sum / one.count as f64;
    let ratio = |signal: &str, of: &str| -> Option<f64> {
        let all = of_one_source(series, signal);
        let first = all.first()?;
        Some(mean(first) * number(fact, of)?)
    };
    if resource == "cpu" {
        let all = of_one_source(series, "cpu_seconds");
        let rates: Vec<f64> = all.iter().filter_map(|one| rate(one)).collect();
        let summed = (!rates.is_empty()).then(|| rates.iter().sum());
        return summed.or_else(|| ratio("cpu_utilization_ratio", "capacity_cpu"));
    }
    let all = of_one_source(series, "memory_used_bytes");
    let summed = (!all.is_empty()).then(|| all.iter().map(|one| mean(one)).sum());
    summed.or_else(|| ratio("memory_utilization_ratio", "capacity_memory_bytes"))
}

/// Series of one signal by the source that sent most values; several sources are never added.
fn of_one_source<'a>(series: &[&'a SignalFact], signal: &str) -> Vec<&'a SignalFact> {
    let named = || series.iter().copied().filter(|one| one.signal == signal && one.count > 0);
    let mut values: BTreeMap<&str, u64> = BTreeMap::new();
    for one in named() {
        *values.entry(&one.source).or_default() += one.count;
    }
    let best = values.into_iter().max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0))).map(|(name, _)| name);
    named().filter(|one| Some(one.source.as_str()) == best).collect()
}

/// What a counter rose by per second between its first and last value in the window.
fn rate(counter: &SignalFact) -> Option<f64> {
    let seconds = (counter.last.0.0 - counter.first.0.0) as f64 / Micros::SECOND as f64;
    (seconds > 0.0).then(|| counter.increase / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::scope::Scope;
    use model::series::SeriesType;
    use serde_json::json;

    fn pod(properties: serde_json::Value) -> EntityFact {
        let mut pod = EntityFact::new(K::Pod, "p", "p");
        pod.properties = serde_json::from_value(properties).unwrap();
        pod
    }

    fn signal(signal: &str, source: &str, (from, to): (f64, f64), increase: f64) -> SignalFact {
        let at = |seconds: f64| Micros((seconds * 1e6) as i64);
        SignalFact {
            entity: EntityId(7),
            id: "p".into(),
            kind: K::Pod,
            name: "p".into(),
            scope: Scope::default(),
            owner: None,
            application: None,
            signal: signal.into(),
            metric: signal.into(),
            labels: Default::default(),
            series_type: SeriesType::Counter,
            source: source.into(),
            count: 4,
            sum: 40.0,
            min: 0.0,
            max: 20.0,
            first: (at(from), 0.0),
            last: (at(to), increase),
            increase,
            bins: Vec::new(),
            newest: at(to),
        }
    }

    #[test]
    fn pods_are_told_apart_by_phase_and_reason() {
        let all = [
            pod(json!({"phase": "Running", "ready": true, "restarts": 3,
                       "terminated_reason": "OOMKilled"})),
            pod(json!({"phase": "Running", "ready": false, "restarts": 8,
                       "waiting_reason": "CrashLoopBackOff"})),
            pod(json!({"phase": "Pending", "unscheduled_reason": "Unschedulable"})),
            pod(json!({"phase": "Succeeded", "terminated_reason": "Completed"})),
        ];
        let facts: Vec<&EntityFact> = all.iter().collect();
        let summary = pods(&facts);
        let of = |all: &[NameCount], name: &str| {
            all.iter().find(|one| one.name == name).map_or(0, |one| one.count)
        };
        assert_eq!(summary.total, 4);
        assert_eq!(of(&summary.by_phase, "Running"), 2);
        assert_eq!((summary.pending, summary.unschedulable, summary.not_ready), (1, 1, 1));
        assert_eq!(summary.restarts, 11);
        assert_eq!(of(&summary.reasons, "CrashLoopBackOff"), 1);
        // It is ready again, and what ran to its end needs no reason.
        assert_eq!(of(&summary.reasons, "OOMKilled"), 0);
        assert_eq!(of(&summary.reasons, "Completed"), 0);
    }

    #[test]
    fn use_adds_containers_of_one_source_and_never_two_sources() {
        let mut fact = pod(json!({}));
        fact.entity = EntityId(7);
        // Two containers, 30 and 60 CPU seconds in a minute: half a core and one; the same pod from
        // another source that sent fewer series.
        let series = [
            signal("cpu_seconds", "a", (0.0, 60.0), 30.0),
            signal("cpu_seconds", "a", (0.0, 60.0), 60.0),
            signal("cpu_seconds", "b", (0.0, 60.0), 90.0),
            signal("memory_used_bytes", "a", (0.0, 60.0), 0.0),
        ];
        let measured: Measured<'_> = [(EntityId(7), series.iter().collect())].into();
        assert_eq!(used_of("cpu", &fact, &measured), Some(1.5));
        assert_eq!(used_of("memory", &fact, &measured), Some(10.0));
        let (cpu, from) = used("cpu", "cores", &[], &[&fact], &measured);
        assert_eq!((cpu.value, from.as_deref()), (Some(1.5), Some("pods")));
        let (none, from) = used("cpu", "cores", &[], &[&fact], &Measured::new());
        assert_eq!((none.value, none.reason, from), (None, Some(Absence::NoData), None));
    }
}
