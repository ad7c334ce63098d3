//! Checks of workloads. A workload is a topmost controller that is meant to run: not scaled to zero,
//! no job.

use model::decision::DecisionAction;
use model::fact::EntityFact;
use model::kind::{EntityKind as K, RelationKind as R};

use super::load::is_finished;
use super::member::{Members, instance_of, is_topmost};
use super::shape::{Dismissal, NameCount, WorkloadCheck};
use crate::decision::Decisions;
use crate::estate::Estate;
use crate::property::{count, flag, number, text, texts};

/// Most that are listed.
pub(super) const LISTED_MAX: usize = 500;

/// Workloads of a cluster that are topmost controllers.
pub(super) fn topmost(estate: &Estate, cluster: &Members, namespaces: &[String]) -> Vec<u32> {
    let workloads = cluster.kind(K::Workload).iter().copied();
    let is_asked = |one: &u32| is_in(estate.entity(*one), namespaces);
    workloads.filter(is_asked).filter(|one| is_topmost(estate, *one)).collect()
}

/// Whether a thing is in one of the namespaces, or none is asked for.
pub(super) fn is_in(fact: &EntityFact, namespaces: &[String]) -> bool {
    namespaces.is_empty()
        || fact.scope.namespace.as_ref().is_some_and(|name| namespaces.contains(name))
}

/// Topmost controllers by kind.
pub(super) fn controllers(estate: &Estate, workloads: &[u32]) -> Vec<NameCount> {
    let controller =
        |one: &u32| text(estate.entity(*one), "controller").unwrap_or("unknown").to_owned();
    super::load::counted(workloads.iter().map(controller))
}

/// What the checks find, in order of check, namespace and name, with how many there are.
pub(super) fn of(estate: &Estate, workloads: &[u32]) -> (Vec<WorkloadCheck>, u64) {
    let mut all: Vec<WorkloadCheck> = Vec::new();
    for workload in workloads {
        let fact = estate.entity(*workload);
        for (check, detail) in found(estate, *workload) {
            all.push(WorkloadCheck {
                check: check.to_owned(),
                id: fact.id.clone(),
                workload: fact.name.clone(),
                namespace: fact.scope.namespace.clone(),
                owner: fact.owner.clone(),
                detail,
                dismissed: None,
            });
        }
    }
    all.sort_by(|a, b| {
        (&a.check, &a.namespace, &a.workload, &a.id).cmp(&(
            &b.check,
            &b.namespace,
            &b.workload,
            &b.id,
        ))
    });
    let total = all.len() as u64;
    all.truncate(LISTED_MAX);
    (all, total)
}

/// Says of each check who dismissed it.
pub(super) fn dismiss(checks: &mut [WorkloadCheck], decisions: &Decisions) {
    for one in checks {
        let held = decisions.of_check(&one.check, &one.id);
        let dismissal = held.filter(|fact| fact.action == DecisionAction::Dismiss);
        one.dismissed = dismissal.map(|fact| Dismissal {
            author: fact.author.clone(),
            at: fact.decided_at,
            reason: fact.reason.clone(),
        });
    }
}

fn found(estate: &Estate, workload: u32) -> Vec<(&'static str, String)> {
    let fact = estate.entity(workload);
    let controller = text(fact, "controller").unwrap_or_default();
    let replicas = count(fact, "replicas");
    if matches!(controller, "Job" | "CronJob") || replicas == Some(0) {
        return Vec::new();
    }
    let is_everywhere = controller == "DaemonSet";
    let mut found = Vec::new();
    if replicas == Some(1) && !is_everywhere {
        found.push(("one_replica", "it has one replica".to_owned()));
    }
    if flag(fact, "has_readiness_probe") == Some(false) {
        found.push(("no_readiness_probe", "a container has no readiness probe".to_owned()));
    }
    if fact.properties.contains_key("containers") {
        let missing: Vec<&str> = [("cpu_request_cores", "CPU"), ("memory_request_bytes", "memory")]
            .into_iter()
            .filter(|(name, _)| number(fact, name).is_none())
            .map(|(_, resource)| resource)
            .collect();
        if !missing.is_empty() {
            found.push(("no_requests", format!("no request for {}", missing.join(" and "))));
        }
        let is_spread = fact.properties.contains_key("topology_spread")
            || flag(fact, "has_pod_anti_affinity") == Some(true);
        if replicas.is_some_and(|replicas| replicas > 1) && !is_everywhere && !is_spread {
            let detail =
                "neither a spread constraint nor an anti-affinity keeps its replicas apart";
            found.push(("no_spread", detail.to_owned()));
        }
    }
    found.extend(autoscaler_at_maximum(estate, workload));
    found.extend(all_on_spot(estate, workload));
    let mutable: Vec<String> =
        texts(fact, "images").into_iter().filter(|image| !image.contains("@sha256:")).collect();
    if !mutable.is_empty() {
        found.push(("mutable_tag", mutable.join(", ")));
    }
    found
}

fn autoscaler_at_maximum(estate: &Estate, workload: u32) -> Option<(&'static str, String)> {
    let guards = estate.far(workload, R::GuardedBy).map(|one| estate.entity(one));
    let mut scalers = guards.filter(|one| one.kind == K::Autoscaler);
    scalers.find_map(|scaler| {
        let (desired, most) = (count(scaler, "desired_replicas")?, count(scaler, "max_replicas")?);
        let detail = format!("{} wants {desired} replicas, its maximum", scaler.name);
        (desired >= most).then_some(("autoscaler_at_maximum", detail))
    })
}

/// Every replica runs on a machine that can be taken away.
fn all_on_spot(estate: &Estate, workload: u32) -> Option<(&'static str, String)> {
    let pods = estate.far(workload, R::HasReplica).filter(|pod| !is_finished(estate.entity(*pod)));
    let nodes = pods.filter_map(|pod| {
        estate.far(pod, R::RunsOn).find(|one| estate.entity(*one).kind == K::KubernetesNode)
    });
    let nodes: Vec<u32> = nodes.collect();
    let is_spot = |node: &u32| {
        let capacity = text(estate.entity(*node), "capacity_type").map(str::to_lowercase);
        let instance = instance_of(estate, *node).map(|one| estate.entity(one));
        capacity.as_deref() == Some("spot")
            || instance.and_then(|one| text(one, "instance_lifecycle")) == Some("spot")
    };
    let detail = format!("all of its {} pods run on Spot", nodes.len());
    (!nodes.is_empty() && nodes.iter().all(is_spot)).then_some(("all_on_spot", detail))
}
