//! A namespace whose services were called by nobody and called nobody, while others beside it were.

use std::collections::{BTreeMap, BTreeSet};

use model::kind::{Confidence, EntityKind as K, RelationKind as R};
use model::time::Micros;

use super::RuleDef;
use crate::estate::Estate;
use crate::property::text;
use crate::question::savings_candidates::evidence::{
    Case, Found, Hit, Plan, Subject, figure, near,
};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "forgotten_environment",
    title: "Scale the namespace to zero, or delete it",
    about: "namespaces that run something, of which no call was seen in the look-back and no workload \
            changed",
    needs: "traces or metrics of calls of the same cluster over the whole look-back",
    action: SavingsAction::Delete,
    effort: Grade::Medium,
    risk: Grade::High,
    find,
};

/// Namespaces of the platform itself.
const SYSTEM: [&str; 12] = [
    "kube-",
    "default",
    "monitoring",
    "observability",
    "logging",
    "cert-manager",
    "istio-",
    "ingress",
    "argocd",
    "flux-",
    "karpenter",
    "gatekeeper-",
];

/// A namespace's workloads, and whether anything was seen of it.
#[derive(Default)]
struct Namespace {
    workloads: Vec<u32>,
    is_live: bool,
}

fn find(case: &Case<'_>) -> Found {
    let estate = case.estate();
    let from = Micros::of(case.facts.look_back.from);
    let mut namespaces: BTreeMap<(&str, &str), Namespace> = BTreeMap::new();
    let mut with_calls: BTreeSet<&str> = BTreeSet::new();
    for (ordinal, workload) in case.of_kind(K::Workload) {
        let scope = &workload.scope;
        let Some((cluster, name)) = scope.cluster.as_deref().zip(scope.namespace.as_deref()) else {
            continue;
        };
        let held = namespaces.entry((cluster, name)).or_default();
        held.workloads.push(ordinal);
        let is_young = workload.valid_from.is_some_and(|at| Micros::of(at) > from);
        let is_called = has_calls(estate, ordinal, from);
        if is_called {
            with_calls.insert(cluster);
        }
        held.is_live |= is_young || is_called || is_job(estate, ordinal);
    }
    let mut found = Found::default();
    let mut open = 0;
    for (ordinal, entity) in case.of_kind(K::KubernetesNamespace) {
        if SYSTEM.iter().any(|system| entity.name.starts_with(system)) {
            continue;
        }
        let Some(cluster) = entity.scope.cluster.as_deref() else { continue };
        let Some(held) = namespaces.get(&(cluster, entity.name.as_str())) else { continue };
        if !with_calls.contains(cluster) {
            open += 1;
            continue;
        }
        found.looked_at += 1;
        if held.is_live || !held.workloads.iter().any(|one| runs(estate, *one)) {
            continue;
        }
        found.hits.push(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!(
                "{} workloads run, and no call to or from any of them was seen",
                held.workloads.len()
            ),
            figures: vec![figure("workloads", held.workloads.len() as f64, "count")],
            window: Some(case.facts.look_back.window()),
            covered: Err("what sends no telemetry may be used all the same".to_owned()),
            plan: Plan::Unpriced("the bill does not split nodes by namespace".to_owned()),
            confidence: Confidence::Low,
        });
    }
    if open > 0 {
        found.reason = Some(format!("{open} namespaces are in clusters of which no call was seen"));
    } else if found.looked_at == 0 {
        found.reason = Some("no namespace with workloads is known".to_owned());
    }
    found.is_blind = found.looked_at == 0;
    found
}

/// Whether a service of it was seen to call or be called since then.
fn has_calls(estate: &Estate, workload: u32, from: Micros) -> bool {
    let services = near(estate, workload, R::ImplementedBy).map(|one| one.from);
    services.chain([workload]).any(|one| {
        let is_seen = |kind: R| matches!(kind, R::Calls | R::ConnectsTo);
        let mut all = estate.from(one).iter().chain(estate.to(one));
        all.any(|relation| {
            is_seen(relation.kind)
                && relation.is_observed()
                && relation.last_seen.is_none_or(|seen| seen >= from)
        })
    })
}

fn is_job(estate: &Estate, workload: u32) -> bool {
    matches!(text(estate.entity(workload), "controller"), Some("CronJob" | "Job" | "DaemonSet"))
}

/// Whether it has a pod that is up.
fn runs(estate: &Estate, workload: u32) -> bool {
    estate.far(workload, R::HasReplica).next().is_some()
}
