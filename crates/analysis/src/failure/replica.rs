//! Replicas of workloads, container services, scaling groups and node groups.

use ::model::fact::EstateRelation;
use ::model::kind::{EntityKind, RelationKind};

use super::draft::Draft;
use super::node::{Cause, Extra};
use super::property::{count, flag, text};

/// Replicas of everything that has some, but for databases and caches.
pub(super) fn replicas(draft: &mut Draft<'_>) {
    for workload in draft.estate.of_kind(EntityKind::Workload) {
        self::workload(draft, workload);
    }
    for service in draft.estate.of_kind(EntityKind::ContainerService) {
        let declared = count(&draft.entity(service).properties, "desired_count");
        declared_replicas(draft, service, declared);
    }
    for kind in [EntityKind::AutoscalingGroup, EntityKind::NodeGroup] {
        for owner in draft.estate.of_kind(kind) {
            let min_alive = min_alive(draft.estate.from(owner));
            let members = draft.far_on(owner, RelationKind::HasReplica);
            draft.group(owner, min_alive, members, Cause::Replicas);
        }
    }
}

/// What a workload's controller is (`Deployment`); empty when it is not known.
pub(super) fn controller<'a>(draft: &Draft<'a>, workload: u32) -> &'a str {
    text(&draft.entity(workload).properties, "controller").unwrap_or_default()
}

/// Whether losing its pods takes a workload down: a DaemonSet's pod matters to its node only, a job's
/// pods come and go, and a ReplicaSet's replicas are its Deployment's.
pub(super) fn has_replicas(draft: &Draft<'_>, workload: u32) -> bool {
    let is_part = draft
        .estate
        .near(workload, RelationKind::Contains)
        .any(|one| draft.entity(one).kind == EntityKind::Workload);
    !is_part && !matches!(controller(draft, workload), "DaemonSet" | "Job" | "CronJob")
}

fn workload(draft: &mut Draft<'_>, workload: u32) {
    if !has_replicas(draft, workload) || draft.is_off(workload) {
        return;
    }
    let declared = count(&draft.entity(workload).properties, "replicas");
    declared_replicas(draft, workload, declared);
}

/// The group of declared replicas: those that are ready, then others up to the declared number, then
/// ones that no export shows. Of a rollout that is stuck the new pod is one too many and no member.
fn declared_replicas(draft: &mut Draft<'_>, owner: u32, declared: Option<u64>) {
    let relations = draft.estate.from(owner);
    let mut ready = Vec::new();
    let mut waiting = Vec::new();
    for one in relations.iter().filter(|one| one.kind == RelationKind::HasReplica) {
        if is_finished(draft, one) {
            continue;
        }
        if is_ready(draft, one) { ready.push(one.to) } else { waiting.push(one.to) }
    }
    let known = (ready.len() + waiting.len()) as u64;
    let declared = declared.unwrap_or(known).max(ready.len() as u64);
    let min_alive = min_alive(relations);
    let ready_count = ready.len() as u64;
    let mut members = ready;
    let room = usize::try_from(declared).unwrap_or(usize::MAX) - members.len();
    members.extend(waiting.into_iter().take(room));
    let missing = declared - members.len() as u64;
    // Whether those are up only the status can say; where nothing but a manifest is known they are.
    let properties = &draft.entity(owner).properties;
    let stated = count(properties, "ready_replicas").or_else(|| count(properties, "running_count"));
    let is_up = match stated {
        Some(ready) => ready.saturating_sub(ready_count).min(missing),
        None if known > 0 => 0,
        None => missing,
    };
    // One more than must be left stands for any greater number: they never fail by themselves.
    let most = u64::from(min_alive) + 1;
    for (number, is_down) in [(is_up, false), (missing - is_up, true)] {
        for _ in 0..number.min(most) {
            let replica = draft.extra(Extra::Replica { of: owner });
            members.push(replica);
            if is_down {
                draft.down.push(replica);
            }
        }
    }
    if members.is_empty() {
        draft.unknown(owner, Cause::Replicas);
    }
    draft.group(owner, min_alive, members, Cause::Replicas);
}

/// How many members must be left, from a rule; otherwise one.
pub(super) fn min_alive(relations: &[EstateRelation]) -> u32 {
    let stated = relations.iter().filter(|one| one.kind == RelationKind::HasReplica);
    stated.map(|one| one.min_alive).max().unwrap_or(0).max(1)
}

fn is_finished(draft: &Draft<'_>, relation: &EstateRelation) -> bool {
    let pod = draft.entity(relation.to);
    flag(&relation.properties, "finished") == Some(true)
        || matches!(text(&pod.properties, "phase"), Some("Succeeded" | "Failed"))
}

/// A replica of which no source says otherwise is ready.
fn is_ready(draft: &Draft<'_>, relation: &EstateRelation) -> bool {
    let properties = &draft.entity(relation.to).properties;
    let stated = flag(&relation.properties, "ready").or_else(|| flag(properties, "ready"));
    let is_running = text(properties, "last_status").map(|status| status == "RUNNING");
    stated.or(is_running).unwrap_or(true)
}

/// Pods, nodes, databases and gateways that have failed already.
pub(super) fn down(draft: &mut Draft<'_>) {
    for pod in draft.estate.of_kind(EntityKind::Pod) {
        let properties = &draft.entity(pod).properties;
        let is_finished = matches!(text(properties, "phase"), Some("Succeeded" | "Failed"));
        if flag(properties, "ready") == Some(false) && !is_finished && !is_of_job(draft, pod) {
            draft.down.push(pod);
        }
    }
    for node in draft.estate.of_kind(EntityKind::KubernetesNode) {
        let ready = text(&draft.entity(node).properties, "condition_ready");
        if ready.is_some_and(|ready| ready != "True") {
            draft.down.push(node);
        }
    }
    let states: [(EntityKind, &str, &[&str]); 4] = [
        (EntityKind::Database, "db_instance_status", FAILED_DATABASE),
        (EntityKind::DatabaseCluster, "status", FAILED_DATABASE),
        (EntityKind::NatGateway, "state", &["failed", "deleting", "deleted"]),
        (EntityKind::LoadBalancer, "state", &["failed"]),
    ];
    for (kind, property, words) in states {
        for one in draft.estate.of_kind(kind) {
            let state = text(&draft.entity(one).properties, property);
            if state.is_some_and(|state| words.contains(&state)) {
                draft.down.push(one);
            }
        }
    }
}

/// States in which RDS serves nobody.
const FAILED_DATABASE: &[&str] = &[
    "failed",
    "inaccessible-encryption-credentials",
    "incompatible-credentials",
    "incompatible-network",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
    "restore-error",
    "storage-full",
];

fn is_of_job(draft: &Draft<'_>, pod: u32) -> bool {
    let mut owners = draft.estate.near(pod, RelationKind::HasReplica);
    owners.any(|owner| matches!(controller(draft, owner), "Job" | "CronJob"))
}
