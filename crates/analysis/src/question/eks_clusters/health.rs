//! Health of a cluster: what its control plane, nodes, pods and add-ons say of themselves.

use model::kind::EntityKind as K;
use serde_json::Value;

use super::member::Members;
use super::shape::{
    Addon, ClusterHealth, ComputeGroup, ControlPlane, HealthState, NodeSummary, PodSummary,
};
use crate::estate::Estate;
use crate::property::below;
use crate::question::system_metrics::state::STUCK;
use crate::table::SupportStatus;

/// Everything that is judged.
pub(super) struct HealthFacts<'a> {
    pub control: &'a ControlPlane,
    pub compute: &'a [ComputeGroup],
    pub nodes: &'a NodeSummary,
    pub pods: &'a PodSummary,
    pub addons: &'a [Addon],
}

/// The worst of all reasons, with every reason, the worst first.
pub(super) fn of(estate: &Estate, cluster: &Members, facts: &HealthFacts<'_>) -> ClusterHealth {
    let mut reasons: Vec<(HealthState, String)> = Vec::new();
    control_plane(estate, cluster, facts.control, &mut reasons);
    nodes(facts, &mut reasons);
    pods(facts.pods, &mut reasons);
    parts(facts, &mut reasons);
    let is_known = facts.control.status.is_some() || facts.nodes.total > 0 || facts.pods.total > 0;
    let state = estate.entity(cluster.control).state.as_str();
    if !is_known {
        let reason = "neither its control plane nor its nodes were exported".to_owned();
        reasons.push((HealthState::Unknown, reason));
    } else if state != "current" && reasons.is_empty() {
        let reason = match state {
            "before_first_observation" => "it was first observed later",
            _ => "nothing newer is known of it",
        };
        reasons.push((HealthState::Unknown, reason.to_owned()));
    }
    reasons.sort();
    ClusterHealth {
        state: reasons.first().map_or(HealthState::Healthy, |(state, _)| *state),
        reasons: reasons.into_iter().map(|(_, reason)| reason).collect(),
    }
}

type Reasons = Vec<(HealthState, String)>;

fn control_plane(
    estate: &Estate,
    cluster: &Members,
    control: &ControlPlane,
    reasons: &mut Reasons,
) {
    match control.status.as_deref() {
        None | Some("ACTIVE") => {}
        Some("FAILED") => {
            reasons.push((HealthState::Critical, "the control plane is FAILED".to_owned()));
        }
        Some(other) => {
            reasons.push((HealthState::Warning, format!("the control plane is {other}")));
        }
    }
    let issues = below(estate.entity(cluster.control), &["health", "issues"]);
    for issue in issues.and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| issue.get(name).and_then(Value::as_str).unwrap_or_default();
        let reason = format!("EKS names a problem: {} {}", text("code"), text("message"));
        reasons.push((HealthState::Warning, reason.trim_end().to_owned()));
    }
    let support = control.support.as_ref().map(|support| support.status);
    if support == Some(SupportStatus::Unsupported) {
        let version = control.version.as_deref().unwrap_or_default();
        reasons.push((HealthState::Warning, format!("version {version} is under no support")));
    }
}

fn nodes(facts: &HealthFacts<'_>, reasons: &mut Reasons) {
    let nodes = facts.nodes;
    let unready = nodes.total - nodes.ready;
    if nodes.total > 0 && nodes.ready == 0 {
        reasons.push((HealthState::Critical, "no node is ready".to_owned()));
    } else if unready > 0 {
        let reason = format!("{unready} of {} nodes are not ready", nodes.total);
        reasons.push((HealthState::Warning, reason));
    }
}

fn pods(pods: &PodSummary, reasons: &mut Reasons) {
    let phase =
        |name: &str| pods.by_phase.iter().find(|one| one.name == name).map_or(0, |one| one.count);
    let running = phase("Running");
    if running > 0 && pods.not_ready * 2 > running {
        let reason = format!("{} of {running} running pods are not ready", pods.not_ready);
        reasons.push((HealthState::Critical, reason));
    }
    if pods.unschedulable > 0 {
        let reason = match pods.unschedulable {
            1 => "1 pod finds no node".to_owned(),
            more => format!("{more} pods find no node"),
        };
        reasons.push((HealthState::Warning, reason));
    }
    for stuck in pods.reasons.iter().filter(|one| STUCK.contains(&one.name.as_str())) {
        let noun = if stuck.count == 1 { "pod" } else { "pods" };
        reasons.push((HealthState::Warning, format!("{} {noun}: {}", stuck.count, stuck.name)));
    }
}

fn parts(facts: &HealthFacts<'_>, reasons: &mut Reasons) {
    let is_bad = |status: &str| status.contains("FAILED") || status == "DEGRADED";
    for group in facts.compute {
        let status = group.status.as_deref().unwrap_or_default();
        if is_bad(status) {
            let reason = format!("node group {} is {status}", group.name);
            reasons.push((HealthState::Warning, reason));
        }
    }
    for addon in facts.addons {
        let status = addon.status.as_deref().unwrap_or_default();
        if is_bad(status) {
            reasons.push((HealthState::Warning, format!("add-on {} is {status}", addon.name)));
        }
    }
}

/// Add-ons of a cluster, by name.
pub(super) fn addons(estate: &Estate, cluster: &Members) -> Vec<Addon> {
    let addon = |one: &u32| {
        let fact = estate.entity(*one);
        Addon {
            id: fact.id.clone(),
            name: fact.name.clone(),
            version: crate::property::owned(fact, "addon_version"),
            status: crate::property::owned(fact, "status"),
            issues: super::compute::issues(fact),
        }
    };
    let mut all: Vec<Addon> = cluster.kind(K::Addon).iter().map(addon).collect();
    all.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    all
}
