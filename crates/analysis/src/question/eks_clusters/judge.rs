//! From the facts to the answer, pure.

use std::collections::BTreeMap;

use model::entity::EntityId;
use model::fact::{EntityFact, SignalFact};
use model::kind::EntityKind as K;
use model::time::Micros;

use super::check::{self, is_in};
use super::cost::{self, MonthCharges};
use super::health::HealthFacts;
use super::load::Measured;
use super::member::{Members, clusters};
use super::shape::{Cluster, ClusterSummary, EksClustersAnswer, SupportCount};
use super::{EksClustersParams, TABLES, compute, control_plane, health, load, outside, readiness};
use crate::estate::Estate;
use crate::property::text;
use crate::table::{DatedTables, SupportStatus, date_of};

/// What is judged.
pub(super) struct Facts<'a> {
    pub estate: &'a Estate,
    pub tables: &'a DatedTables,
    /// The instant asked about.
    pub at: Micros,
    pub signals: &'a [SignalFact],
    pub charges: &'a MonthCharges,
    /// Free addresses of subnets.
    pub free: &'a BTreeMap<EntityId, f64>,
}

/// One page of clusters.
pub(super) struct Page {
    pub answer: EksClustersAnswer,
    /// The place of each cluster given among the members.
    pub places: Vec<usize>,
    pub truncated: BTreeMap<String, u64>,
    pub next: Option<String>,
}

/// Judges every cluster that matches and gives the page asked for.
pub(super) fn page(params: &EksClustersParams, facts: &Facts<'_>, members: &[Members]) -> Page {
    let mut measured: Measured<'_> = BTreeMap::new();
    for signal in facts.signals {
        measured.entry(signal.entity).or_default().push(signal);
    }
    let mut all: Vec<(Cluster, usize)> = members
        .iter()
        .enumerate()
        .map(|(place, cluster)| (judged(params, facts, cluster, &measured), place))
        .filter(|(cluster, _)| is_asked(params, cluster))
        .collect();
    all.sort_by(|(a, _), (b, _)| {
        (a.health.state, &a.name, &a.id).cmp(&(b.health.state, &b.name, &b.id))
    });
    let summary = summary(all.iter().map(|(cluster, _)| cluster));
    let total = all.len();
    let limit = params.limit.unwrap_or(1) as usize;
    let start = params.cursor.as_ref().and_then(|cursor| {
        all.iter().position(|(cluster, _)| cluster.id == *cursor).map(|place| place + 1)
    });
    let rest: Vec<(Cluster, usize)> =
        all.into_iter().skip(start.unwrap_or(0)).take(limit).collect();
    let mut truncated = BTreeMap::new();
    let is_last = start.unwrap_or(0) + rest.len() >= total;
    if total > rest.len() && params.cursor.is_none() {
        truncated.insert("clusters".to_owned(), total as u64);
    }
    let next = if is_last { None } else { rest.last().map(|(cluster, _)| cluster.id.clone()) };
    let (given, places): (Vec<Cluster>, Vec<usize>) = rest.into_iter().unzip();
    cut_lists(&given, &mut truncated);
    let tables = facts.tables.uses(&TABLES);
    Page { answer: EksClustersAnswer { summary, clusters: given, tables }, places, truncated, next }
}

/// Totals of the lists inside clusters that were cut.
fn cut_lists(clusters: &[Cluster], truncated: &mut BTreeMap<String, u64>) {
    let is_cut = |total: u64, given: usize| total > given as u64;
    let dependencies: u64 = clusters
        .iter()
        .filter(|one| is_cut(one.depends_on_total, one.depends_on.len()))
        .map(|one| one.depends_on_total)
        .sum();
    let checks: u64 = clusters
        .iter()
        .filter(|one| is_cut(one.workload_checks_total, one.workload_checks.len()))
        .map(|one| one.workload_checks_total)
        .sum();
    for (name, total) in [("depends_on", dependencies), ("workload_checks", checks)] {
        if total > 0 {
            truncated.insert(name.to_owned(), total);
        }
    }
}

/// Clusters that match but for their support; `units` are those asked for, with those below them.
pub(super) fn matching(
    params: &EksClustersParams,
    estate: &Estate,
    units: &[String],
) -> Vec<Members> {
    let all = clusters(estate).into_iter();
    all.filter(|cluster| matches(params, estate, units, cluster)).collect()
}

fn matches(
    params: &EksClustersParams,
    estate: &Estate,
    units: &[String],
    cluster: &Members,
) -> bool {
    let place = params.place();
    let own: Vec<&EntityFact> = cluster.own().map(|one| estate.entity(one)).collect();
    let any = |asked: &[String], of: &dyn Fn(&EntityFact) -> Vec<String>| {
        asked.is_empty() || own.iter().any(|fact| of(fact).iter().any(|one| asked.contains(one)))
    };
    let names = |fact: &EntityFact| {
        let scope = fact.scope.cluster.clone();
        let uid = fact.id.strip_prefix("k8s://").map(str::to_owned);
        let named = [Some(fact.id.clone()), Some(fact.name.clone()), fact.cluster_name.clone()];
        named.into_iter().chain([scope, uid]).flatten().collect()
    };
    any(&place.account, &|fact| fact.scope.account.clone().into_iter().collect())
        && any(&place.region, &|fact| fact.scope.region.clone().into_iter().collect())
        && any(&place.environment, &|fact| environment(fact).into_iter().collect())
        && any(&place.cluster, &names)
        && any(units, &|fact| fact.owner.iter().chain(&fact.application).cloned().collect())
}

fn environment(fact: &EntityFact) -> Option<String> {
    fact.scope.environment.clone().or_else(|| fact.labels.get("environment").cloned())
}

fn is_asked(params: &EksClustersParams, cluster: &Cluster) -> bool {
    let status = cluster.control_plane.support.as_ref().map(|support| support.status);
    params.support.is_empty() || status.is_some_and(|status| params.support.contains(&status))
}

fn judged(
    params: &EksClustersParams,
    facts: &Facts<'_>,
    cluster: &Members,
    measured: &Measured<'_>,
) -> Cluster {
    let estate = facts.estate;
    let fact = estate.entity(cluster.control);
    let at = date_of(facts.at);
    let own = || cluster.own().map(|one| estate.entity(one));
    let of_namespaces = |kind: K| -> Vec<&EntityFact> {
        let all = cluster.kind(kind).iter().map(|one| estate.entity(*one));
        all.filter(|one| is_in(one, &params.namespace)).collect()
    };
    let control_plane = control_plane::of(estate, cluster, facts.tables, at);
    let compute = compute::of(estate, cluster, facts.tables, at);
    let nodes = load::nodes(estate, cluster);
    let pods = of_namespaces(K::Pod);
    let summary = load::pods(&pods);
    let workloads = check::topmost(estate, cluster, &params.namespace);
    let (workload_checks, workload_checks_total) = check::of(estate, &workloads);
    let (depends_on, depends_on_total) = outside::of(estate, cluster);
    let addons = health::addons(estate, cluster);
    let health = health::of(
        estate,
        cluster,
        &HealthFacts {
            control: &control_plane,
            compute: &compute,
            nodes: &nodes,
            pods: &summary,
            addons: &addons,
        },
    );
    let service_type = |one: &EntityFact| text(one, "type").unwrap_or("ClusterIP").to_owned();
    Cluster {
        id: fact.id.clone(),
        kubernetes_id: cluster.kubernetes.map(|one| estate.entity(one).id.clone()),
        joined_by: cluster.joined_by.map(str::to_owned),
        name: fact.name.clone(),
        is_eks: cluster.is_eks,
        account: own().find_map(|one| one.scope.account.clone()),
        region: own().find_map(|one| one.scope.region.clone()),
        environment: own().find_map(environment),
        owner: own().find_map(|one| one.owner.clone()),
        health,
        compute,
        resources: load::resources(estate, cluster, &pods, measured),
        nodes,
        pods: summary,
        workloads: check::controllers(estate, &workloads),
        services: load::counted(of_namespaces(K::KubernetesService).into_iter().map(service_type)),
        namespaces: cluster.kind(K::KubernetesNamespace).len() as u64,
        depends_on,
        depends_on_total,
        findings: Vec::new(),
        cost: cost::of(estate, cluster, facts.charges),
        readiness: readiness::of(
            estate,
            cluster,
            &control_plane,
            &addons,
            facts.tables,
            facts.free,
        ),
        addons,
        control_plane,
        workload_checks,
        workload_checks_total,
    }
}

fn summary<'c>(clusters: impl Iterator<Item = &'c Cluster>) -> ClusterSummary {
    let all: Vec<&Cluster> = clusters.collect();
    let status =
        |cluster: &Cluster| cluster.control_plane.support.as_ref().map(|support| support.status);
    let statuses = [
        SupportStatus::Standard,
        SupportStatus::Extended,
        SupportStatus::Unsupported,
        SupportStatus::Unknown,
    ];
    let count = |wanted: SupportStatus| SupportCount {
        status: wanted,
        count: all.iter().filter(|one| status(one) == Some(wanted)).count() as u64,
    };
    ClusterSummary {
        clusters: all.len() as u64,
        eks: all.iter().filter(|one| one.is_eks).count() as u64,
        by_support: statuses.into_iter().map(count).collect(),
        nodes: all.iter().map(|one| one.nodes.total).sum(),
        pods: all.iter().map(|one| one.pods.total).sum(),
        workloads: all.iter().flat_map(|one| &one.workloads).map(|one| one.count).sum(),
    }
}
