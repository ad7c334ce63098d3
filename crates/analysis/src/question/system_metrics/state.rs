//! What the inventory says about the state of a thing: a pod that crash-loops, a node that is not
//! ready, a database whose storage is full. A bad state counts for a day; a good one only while it
//! is as fresh as the window, since health is of now.

use model::fact::EntityFact;
use model::kind::EntityKind;
use model::time::Micros;
use serde_json::Value;

use super::shape::Status;
use crate::property::{flag, text};

/// How long a bad state that nothing contradicts still counts.
const BAD_STATE_MAX: i64 = Micros::DAY;

/// What a state says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It says something about health.
    Judged(Status, String),
    /// Stopped or finished on purpose: no health to speak of.
    Off,
    /// It says nothing, or is too old.
    Unsaid,
}

/// Reasons for which a container waits and will not get on by itself.
pub(crate) const STUCK: [&str; 7] = [
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];

/// States of a database that need somebody.
const BROKEN: [&str; 4] =
    ["failed", "storage-full", "inaccessible-encryption-credentials", "restore-error"];

/// The state of one entity for a window of `[from, to)`.
pub(super) fn state_of(entity: &EntityFact, (from, to): (Micros, Micros)) -> State {
    let said = match entity.kind {
        EntityKind::Pod => pod(entity),
        EntityKind::KubernetesNode => node(entity),
        EntityKind::Instance => instance(entity),
        EntityKind::Database | EntityKind::DatabaseCluster | EntityKind::Cache => database(entity),
        _ => State::Unsaid,
    };
    let seen = entity.last_seen.map(Micros::of);
    let age_max = match &said {
        State::Judged(Status::Healthy, _) => to.0.saturating_sub(from.0),
        State::Judged(..) => BAD_STATE_MAX,
        State::Off | State::Unsaid => return said,
    };
    let is_fresh = seen.is_some_and(|seen| to.0.saturating_sub(seen.0) <= age_max);
    if is_fresh && entity.state == "current" { said } else { State::Unsaid }
}

fn pod(entity: &EntityFact) -> State {
    let phase = text(entity, "phase");
    if phase == Some("Succeeded") {
        return State::Off;
    }
    let waiting = text(entity, "waiting_reason");
    if let Some(reason) = waiting.filter(|reason| STUCK.contains(reason)) {
        return State::Judged(Status::Critical, format!("waiting: {reason}"));
    }
    match (phase, flag(entity, "ready")) {
        (Some("Failed"), _) => {
            let reason = text(entity, "reason").map(|reason| format!(": {reason}"));
            State::Judged(Status::Warning, format!("failed{}", reason.unwrap_or_default()))
        }
        (Some("Pending"), _) => {
            let reason = text(entity, "unscheduled_reason").or(waiting);
            let reason = reason.map(|reason| format!(": {reason}"));
            State::Judged(Status::Warning, format!("pending{}", reason.unwrap_or_default()))
        }
        (_, Some(false)) => State::Judged(Status::Warning, "not ready".to_owned()),
        (_, Some(true)) => State::Judged(Status::Healthy, "ready".to_owned()),
        _ => State::Unsaid,
    }
}

fn node(entity: &EntityFact) -> State {
    let pressures = [
        ("memory_pressure", "memory pressure"),
        ("disk_pressure", "disk pressure"),
        ("pid_pressure", "too many processes"),
        ("network_unavailable", "network unavailable"),
    ];
    // A condition under its own name, or as a flag.
    let is = |name: &str, status: &str| {
        let condition = format!("condition_{name}");
        [condition.as_str(), name].iter().any(|name| match entity.properties.get(*name) {
            Some(Value::Bool(flag)) => status.eq_ignore_ascii_case(&flag.to_string()),
            Some(Value::String(text)) => text.eq_ignore_ascii_case(status),
            _ => false,
        })
    };
    if is("ready", "False") {
        return State::Judged(Status::Critical, "not ready".to_owned());
    }
    if is("ready", "Unknown") {
        let silent = "not ready: its kubelet does not report".to_owned();
        return State::Judged(Status::Critical, silent);
    }
    if let Some((_, words)) = pressures.iter().find(|(name, _)| is(name, "True")) {
        return State::Judged(Status::Warning, (*words).to_owned());
    }
    if is("ready", "True") {
        return State::Judged(Status::Healthy, "ready".to_owned());
    }
    State::Unsaid
}

fn instance(entity: &EntityFact) -> State {
    let nested = entity.properties.get("state").and_then(|state| state.get("name"));
    let state = text(entity, "state").or(text(entity, "state_name"));
    match state.or(nested.and_then(Value::as_str)) {
        Some("stopped" | "stopping" | "terminated" | "shutting-down") => State::Off,
        _ => State::Unsaid,
    }
}

fn database(entity: &EntityFact) -> State {
    let names = ["db_instance_status", "cache_cluster_status", "status"];
    match names.iter().find_map(|name| text(entity, name)) {
        Some("stopped" | "stopping" | "deleting") => State::Off,
        Some("available") => State::Judged(Status::Healthy, "available".to_owned()),
        Some(status) if BROKEN.contains(&status) || status.starts_with("incompatible-") => {
            State::Judged(Status::Critical, status.to_owned())
        }
        _ => State::Unsaid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(kind: EntityKind, properties: Value, minutes_ago: i64, state: &str) -> State {
        let to = Micros(Micros::DAY * 20_000);
        let seen = to.plus(-minutes_ago * Micros::MINUTE);
        let entity = EntityFact {
            entity: model::EntityId(1),
            id: "x".into(),
            kind,
            name: "x".into(),
            scope: model::Scope::default(),
            cluster_name: None,
            owner: None,
            application: None,
            labels: model::entity::Labels::new(),
            properties: serde_json::from_value(properties).unwrap(),
            sources: Vec::new(),
            first_seen: None,
            last_seen: Some(seen.timestamp()),
            valid_from: None,
            valid_to: None,
            state: state.into(),
        };
        state_of(&entity, (to.plus(-15 * Micros::MINUTE), to))
    }

    #[test]
    fn a_bad_state_counts_for_a_day_and_a_good_one_for_the_window() {
        let bad = json!({"condition_ready": "False"});
        let good = json!({"condition_ready": "True", "condition_disk_pressure": "False"});
        let node = |properties: &Value, ago| {
            said(EntityKind::KubernetesNode, properties.clone(), ago, "current")
        };
        assert!(matches!(node(&bad, 23 * 60), State::Judged(Status::Critical, _)));
        assert_eq!(node(&bad, 25 * 60), State::Unsaid);
        assert!(matches!(node(&good, 14), State::Judged(Status::Healthy, _)));
        assert_eq!(node(&good, 16), State::Unsaid);
        let pressed = json!({"condition_ready": "True", "condition_memory_pressure": "True"});
        assert!(matches!(node(&pressed, 1), State::Judged(Status::Warning, _)));
        assert_eq!(said(EntityKind::KubernetesNode, bad, 1, "stale"), State::Unsaid);
    }

    #[test]
    fn pods_instances_and_databases_say_it_their_way() {
        let now = |kind, properties| said(kind, properties, 1, "current");
        let pending = json!({"phase": "Pending", "unscheduled_reason": "Unschedulable"});
        assert_eq!(
            now(EntityKind::Pod, pending),
            State::Judged(Status::Warning, "pending: Unschedulable".into())
        );
        assert_eq!(now(EntityKind::Pod, json!({"phase": "Succeeded"})), State::Off);
        assert_eq!(now(EntityKind::Pod, json!({})), State::Unsaid);
        assert_eq!(now(EntityKind::Instance, json!({"state": {"name": "stopped"}})), State::Off);
        assert!(matches!(
            now(EntityKind::Database, json!({"db_instance_status": "storage-full"})),
            State::Judged(Status::Critical, _)
        ));
    }
}
