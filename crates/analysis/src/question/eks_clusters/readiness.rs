//! What an upgrade to the next minor version meets: checks that need nothing but what was exported.

use std::collections::BTreeMap;

use model::entity::EntityId;
use model::fact::EntityFact;
use model::kind::{EntityKind as K, RelationKind as R};

use super::member::Members;
use super::shape::{Addon, ControlPlane, ReadinessCheck, ReadinessState as S};
use crate::estate::Estate;
use crate::property::{count, text, texts};
use crate::table::{DatedTables, minor_of};

/// How many minors a kubelet may be behind the API server (Kubernetes' version skew policy).
const SKEW_MAX: u32 = 3;

/// Most subjects that a check lists.
const SUBJECTS_MAX: usize = 50;

/// Every check, in a fixed order.
pub(super) fn of(
    estate: &Estate,
    cluster: &Members,
    control: &ControlPlane,
    addons: &[Addon],
    tables: &DatedTables,
    free: &BTreeMap<EntityId, f64>,
) -> Vec<ReadinessCheck> {
    let next = control.version.as_deref().and_then(minor_of).map(|minor| minor + 1);
    let Some(next) = next else {
        let names = [
            "kubelet_skew",
            "addon_compatibility",
            "removed_apis",
            "disruption_budgets",
            "free_addresses",
            "webhooks",
        ];
        let unknown = |name| check(name, S::Unknown, "the version is not known", Vec::new());
        return names.into_iter().map(unknown).collect();
    };
    vec![
        kubelet_skew(estate, cluster, next),
        addon_compatibility(addons, next),
        removed_apis(estate, cluster, tables, next),
        disruption_budgets(estate, cluster),
        free_addresses(estate, cluster, free),
        webhooks(estate, cluster),
    ]
}

fn check(
    name: &str,
    state: S,
    detail: impl Into<String>,
    mut subjects: Vec<String>,
) -> ReadinessCheck {
    subjects.sort();
    let subjects_total = subjects.len() as u64;
    subjects.truncate(SUBJECTS_MAX);
    ReadinessCheck {
        check: name.to_owned(),
        state,
        detail: detail.into(),
        subjects,
        subjects_total,
    }
}

fn kubelet_skew(estate: &Estate, cluster: &Members, next: u32) -> ReadinessCheck {
    let name = "kubelet_skew";
    let nodes = cluster.kind(K::KubernetesNode).iter().map(|node| estate.entity(*node));
    let known: Vec<(&EntityFact, u32)> =
        nodes.filter_map(|node| Some((node, minor_of(text(node, "kubelet_version")?)?))).collect();
    if known.is_empty() {
        return check(name, S::Unknown, "no kubelet's version was exported", Vec::new());
    }
    let behind = |minor: u32| next.saturating_sub(minor);
    let named = |is: &dyn Fn(u32) -> bool| -> Vec<String> {
        let those = known.iter().filter(|(_, minor)| is(*minor));
        those.map(|(node, minor)| format!("{} (1.{minor})", node.name)).collect()
    };
    let too_old = named(&|minor| behind(minor) > SKEW_MAX);
    if !too_old.is_empty() {
        let detail = format!("nodes would be more than {SKEW_MAX} minors behind 1.{next}");
        return check(name, S::Blocked, detail, too_old);
    }
    let newer = named(&|minor| minor >= next);
    if !newer.is_empty() {
        return check(name, S::Warning, "kubelets are newer than the control plane", newer);
    }
    check(
        name,
        S::Ready,
        format!("all nodes stay within {SKEW_MAX} minors of 1.{next}"),
        Vec::new(),
    )
}

fn addon_compatibility(addons: &[Addon], next: u32) -> ReadinessCheck {
    let name = "addon_compatibility";
    if addons.is_empty() {
        return check(name, S::Unknown, "no add-on was exported", Vec::new());
    }
    let of = |is: &dyn Fn(&Addon) -> bool| -> Vec<String> {
        let those = addons.iter().filter(|addon| is(addon));
        let version = |addon: &Addon| addon.version.clone().unwrap_or_default();
        those
            .map(|addon| format!("{} {}", addon.name, version(addon)).trim_end().to_owned())
            .collect()
    };
    // Only kube-proxy carries the version of Kubernetes in its own.
    let skewed = of(&|addon| {
        let minor = addon.version.as_deref().and_then(minor_of);
        addon.name == "kube-proxy"
            && minor.is_some_and(|minor| minor > next || next - minor > SKEW_MAX)
    });
    if !skewed.is_empty() {
        return check(name, S::Blocked, format!("does not fit 1.{next}"), skewed);
    }
    let broken = of(&|addon| !matches!(addon.status.as_deref(), None | Some("ACTIVE")));
    if !broken.is_empty() {
        return check(name, S::Warning, "is not active", broken);
    }
    let others = of(&|addon| addon.name != "kube-proxy");
    let detail = format!("which versions of these fit 1.{next} was not exported");
    if others.is_empty() {
        return check(name, S::Ready, "kube-proxy fits", Vec::new());
    }
    check(name, S::Unknown, detail, others)
}

fn removed_apis(
    estate: &Estate,
    cluster: &Members,
    tables: &DatedTables,
    next: u32,
) -> ReadinessCheck {
    let name = "removed_apis";
    let objects: Vec<u32> = cluster.of_kind.values().flatten().copied().collect();
    let objects = objects.iter().map(|one| estate.entity(*one));
    let mut read = 0_u64;
    let mut found = Vec::new();
    for object in objects.filter(|one| one.id.starts_with("k8s://")) {
        read += 1;
        let (Some(api_version), Some(kind)) =
            (text(object, "api_version"), text(object, "kubernetes_kind"))
        else {
            continue;
        };
        let row = tables.removed_apis.iter().find(|row| {
            row.api_version == api_version
                && row.kind == kind
                && row.minor().is_some_and(|minor| minor <= next)
        });
        if let Some(row) = row {
            let namespace = object.scope.namespace.as_deref().unwrap_or("_");
            found.push(format!(
                "{kind} {namespace}/{} is {api_version}, gone in {}",
                object.name, row.removed_in
            ));
        }
    }
    if read == 0 {
        return check(name, S::Unknown, "no object of the cluster was exported", Vec::new());
    }
    if found.is_empty() {
        let detail = format!(
            "of {read} objects none is written in an API that 1.{next} no longer serves; what an API \
             server returns is in the version it prefers, so read the manifests too"
        );
        return check(name, S::Ready, detail, found);
    }
    check(name, S::Blocked, format!("objects in APIs that 1.{next} no longer serves"), found)
}

fn disruption_budgets(estate: &Estate, cluster: &Members) -> ReadinessCheck {
    let name = "disruption_budgets";
    let budgets = cluster.kind(K::DisruptionBudget);
    if budgets.is_empty() && cluster.kind(K::Workload).is_empty() {
        return check(name, S::Unknown, "no object of the cluster was exported", Vec::new());
    }
    let mut tight = Vec::new();
    for budget in budgets {
        let fact = estate.entity(*budget);
        let guarded: Vec<&EntityFact> =
            estate.near(*budget, R::GuardedBy).map(|one| estate.entity(one)).collect();
        if allows_no_eviction(fact, &guarded) {
            let namespace = fact.scope.namespace.as_deref().unwrap_or("_");
            tight.push(format!("{namespace}/{}", fact.name));
        }
    }
    if tight.is_empty() {
        let detail = format!("{} budgets let at least one pod go", budgets.len());
        return check(name, S::Ready, detail, tight);
    }
    check(name, S::Blocked, "budgets that let no pod go, so that nodes cannot be drained", tight)
}

/// A budget keeps a number of pods, or all but a number, as absolute figure or percent of those
/// wanted, rounded up (`k8s.io/api/policy/v1`).
fn allows_no_eviction(budget: &EntityFact, guarded: &[&EntityFact]) -> bool {
    let wanted: u64 = guarded.iter().filter_map(|one| count(one, "replicas")).sum();
    let healthy = guarded
        .iter()
        .map(|one| count(one, "ready_replicas").or_else(|| count(one, "replicas")).unwrap_or(0));
    let healthy: u64 = healthy.sum();
    let amount = |text: &str| -> Option<u64> {
        match text.strip_suffix('%') {
            Some(percent) => Some((percent.parse::<u64>().ok()? * wanted).div_ceil(100)),
            None => text.parse().ok(),
        }
    };
    if let Some(most) = text(budget, "max_unavailable") {
        return match amount(most) {
            Some(_) if matches!(most, "0" | "0%") => true,
            Some(most) if wanted > 0 => healthy <= wanted.saturating_sub(most),
            _ => false,
        };
    }
    match text(budget, "min_available").and_then(|least| Some((least, amount(least)?))) {
        Some(("100%", _)) => true,
        Some((_, least)) => wanted > 0 && healthy <= least,
        None => false,
    }
}

/// Addresses that EKS takes at most from the control plane's subnets for an upgrade.
const ADDRESSES_NEEDED: f64 = 5.0;

fn free_addresses(
    estate: &Estate,
    cluster: &Members,
    free: &BTreeMap<EntityId, f64>,
) -> ReadinessCheck {
    let name = "free_addresses";
    let subnets: Vec<&EntityFact> =
        subnets(estate, cluster).map(|one| estate.entity(one)).collect();
    let measured: Vec<(&EntityFact, f64)> =
        subnets.iter().filter_map(|one| Some((*one, *free.get(&one.entity)?))).collect();
    if measured.is_empty() {
        let detail = if cluster.is_eks {
            "how many addresses of the control plane's subnets are free was not exported"
        } else {
            "the subnets of the control plane are not known"
        };
        return check(
            name,
            S::Unknown,
            detail,
            subnets.iter().map(|one| one.name.clone()).collect(),
        );
    }
    let short: Vec<String> = measured
        .iter()
        .filter(|(_, free)| *free < ADDRESSES_NEEDED)
        .map(|(subnet, free)| format!("{} ({free} free)", subnet.name))
        .collect();
    if !short.is_empty() {
        let state = if short.len() == measured.len() { S::Blocked } else { S::Warning };
        return check(name, state, "subnets with fewer than five free addresses", short);
    }
    let all = measured.iter().map(|(subnet, free)| format!("{} ({free} free)", subnet.name));
    check(name, S::Ready, "every measured subnet has five free addresses", all.collect())
}

/// Subnets of a control plane.
pub(super) fn subnets<'e>(estate: &'e Estate, cluster: &Members) -> impl Iterator<Item = u32> + 'e {
    let placed = estate.far(cluster.control, R::PlacedIn);
    placed.filter(|one| estate.entity(*one).kind == K::Subnet)
}

fn webhooks(estate: &Estate, cluster: &Members) -> ReadinessCheck {
    let name = "webhooks";
    let resources = cluster.kind(K::Resource).iter().map(|one| estate.entity(*one));
    let read: Vec<&EntityFact> =
        resources.filter(|one| one.properties.contains_key("webhooks_failing_closed")).collect();
    if read.is_empty() {
        return check(name, S::Unknown, "no configuration of webhooks was exported", Vec::new());
    }
    let closed: Vec<String> =
        read.iter().flat_map(|one| texts(one, "webhooks_failing_closed")).collect();
    if closed.is_empty() {
        let detail = format!("{} configurations, none of which fails closed", read.len());
        return check(name, S::Ready, detail, closed);
    }
    let detail = "webhooks that fail closed: what they guard stands still while they do not answer";
    check(name, S::Warning, detail, closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fact(kind: K, properties: serde_json::Value) -> EntityFact {
        let mut fact = EntityFact::new(kind, "x", "x");
        fact.properties = serde_json::from_value(properties).unwrap();
        fact
    }

    #[test]
    fn a_budget_is_judged_by_what_it_keeps_of_the_pods_there_are() {
        let of = |budget: serde_json::Value, replicas: u64, ready: u64| {
            let workload = json!({"replicas": replicas, "ready_replicas": ready});
            let workload = fact(K::Workload, workload);
            allows_no_eviction(&fact(K::DisruptionBudget, budget), &[&workload])
        };
        // One of three may go; with one down already, none may.
        assert!(!of(json!({"max_unavailable": "1"}), 3, 3));
        assert!(of(json!({"max_unavailable": "1"}), 3, 2));
        assert!(of(json!({"max_unavailable": "0"}), 3, 3));
        assert!(of(json!({"min_available": "3"}), 3, 3));
        assert!(!of(json!({"min_available": "2"}), 3, 3));
        // Half of three is two, rounded up.
        assert!(!of(json!({"min_available": "50%"}), 3, 3));
        assert!(of(json!({"min_available": "67%"}), 3, 3));
        assert!(of(json!({"min_available": "100%"}), 3, 3));
        // A single replica that must stay can never leave its node.
        assert!(of(json!({"min_available": "1"}), 1, 1));
        // Nothing is known of what it guards.
        assert!(!allows_no_eviction(
            &fact(K::DisruptionBudget, json!({"min_available": "1"})),
            &[]
        ));
    }

    #[test]
    fn kube_proxy_alone_is_judged_by_its_version() {
        let addon = |name: &str, version: &str| Addon {
            id: name.into(),
            name: name.into(),
            version: Some(version.into()),
            status: Some("ACTIVE".into()),
            issues: Vec::new(),
        };
        let state = |addons: &[Addon]| addon_compatibility(addons, 31).state;
        assert_eq!(state(&[]), S::Unknown);
        assert_eq!(state(&[addon("kube-proxy", "v1.30.0-eksbuild.3")]), S::Ready);
        assert_eq!(state(&[addon("kube-proxy", "v1.27.1-eksbuild.1")]), S::Blocked);
        assert_eq!(state(&[addon("coredns", "v1.11.1-eksbuild.9")]), S::Unknown);
        let mut broken = addon("coredns", "v1.11.1-eksbuild.9");
        broken.status = Some("DEGRADED".into());
        assert_eq!(state(&[broken]), S::Warning);
    }
}
