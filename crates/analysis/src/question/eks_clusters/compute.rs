//! What a cluster computes on: node groups, pools, profiles, and nodes that belong to none of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::absence::{Absence, Absent};
use model::fact::EntityFact;
use model::kind::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::member::{Members, instance_of};
use super::shape::ComputeGroup;
use crate::estate::Estate;
use crate::property::{below, owned, text, texts};
use crate::table::{AmiLag, DatedTables};

/// Groups in order of kind and name.
pub(super) fn of(
    estate: &Estate,
    cluster: &Members,
    tables: &DatedTables,
    at: Date,
) -> Vec<ComputeGroup> {
    let nodes = nodes_by_group(estate, cluster);
    let count = |kind: &str, name: &str| {
        nodes.get(&(kind.to_owned(), name.to_owned())).map_or(0, Vec::len) as u64
    };
    let mut all: Vec<ComputeGroup> = Vec::new();
    for one in cluster.kind(K::NodeGroup) {
        let fact = estate.entity(*one);
        let mut group = managed(fact, tables, at);
        let replicas = estate.far(*one, R::HasReplica).count() as u64;
        group.nodes = count("managed", &fact.name).max(replicas);
        all.push(group);
    }
    all.extend(cluster.kind(K::FargateProfile).iter().map(|one| {
        let fact = estate.entity(*one);
        ComputeGroup { status: owned(fact, "status"), ..group("fargate", Some(fact), &fact.name) }
    }));
    all.extend(node_pools(estate, cluster));
    all.extend(auto_mode(estate.entity(cluster.control)));
    // Nodes show groups that nobody describes.
    let profiles = cluster.kind(K::FargateProfile).len();
    for ((kind, name), members) in &nodes {
        // A node does not say of which profile it is; with one there is no doubt.
        let is_same = |one: &&mut ComputeGroup| {
            one.kind == *kind && (one.name == *name || (kind == "fargate" && profiles == 1))
        };
        match all.iter_mut().find(is_same) {
            Some(known) if kind != "managed" => known.nodes += members.len() as u64,
            Some(_) => {}
            None => all.push(seen(estate, kind, name, members)),
        }
    }
    all.sort_by(|a, b| (&a.kind, &a.name, &a.id).cmp(&(&b.kind, &b.name, &b.id)));
    all
}

fn group(kind: &str, fact: Option<&EntityFact>, name: &str) -> ComputeGroup {
    ComputeGroup {
        kind: kind.to_owned(),
        id: fact.map(|fact| fact.id.clone()),
        name: name.to_owned(),
        capacity_type: None,
        min: None,
        desired: None,
        max: None,
        instance_types: Vec::new(),
        ami_type: None,
        release_version: None,
        ami_lag: None,
        ami_lag_reason: None,
        ami_lag_detail: None,
        version: None,
        status: None,
        issues: Vec::new(),
        nodes: 0,
    }
}

fn managed(fact: &EntityFact, tables: &DatedTables, at: Date) -> ComputeGroup {
    let scaling = |name: &str| below(fact, &["scaling_config", name]).and_then(Value::as_u64);
    let ami_type = owned(fact, "ami_type");
    let release_version = owned(fact, "release_version");
    let lag = ami_lag(ami_type.as_deref(), release_version.as_deref(), tables, at);
    ComputeGroup {
        capacity_type: owned(fact, "capacity_type"),
        min: scaling("min_size"),
        desired: scaling("desired_size"),
        max: scaling("max_size"),
        instance_types: sorted(texts(fact, "instance_types")),
        ami_lag_reason: lag.as_ref().err().map(|why| why.reason),
        ami_lag_detail: lag.as_ref().err().and_then(|why| why.detail.clone()),
        ami_lag: lag.ok(),
        ami_type,
        release_version,
        version: owned(fact, "version"),
        status: owned(fact, "status"),
        issues: issues(fact),
        ..group("managed", Some(fact), &fact.name)
    }
}

fn sorted(mut all: Vec<String>) -> Vec<String> {
    all.sort();
    all.dedup();
    all
}

/// Problems that EKS names of a node group or an add-on.
pub(super) fn issues(fact: &EntityFact) -> Vec<String> {
    let all = fact.properties.get("health_issues").and_then(Value::as_array);
    let of = |one: &Value| {
        let text = |name: &str| one.get(name).and_then(Value::as_str);
        let code = text("code")?;
        Some(text("message").map_or(code.to_owned(), |message| format!("{code}: {message}")))
    };
    all.into_iter().flatten().filter_map(of).collect()
}

/// Images of Amazon Linux carry the day of their release; that of others says nothing.
fn ami_lag(
    ami_type: Option<&str>,
    release: Option<&str>,
    tables: &DatedTables,
    at: Date,
) -> Result<AmiLag, Absent> {
    let release =
        release.ok_or_else(|| Absence::NotCollected.because("the release was not exported"))?;
    if let Some(other) = ami_type.filter(|ami| !ami.starts_with("AL2")) {
        let why = format!("the table holds no releases of {other}");
        return Err(Absence::NotConfigured.because(why));
    }
    let day = release.rsplit('-').next().and_then(day_of);
    let day = day.ok_or_else(|| {
        Absence::NotApplicable.because(format!("{release} carries no day of release"))
    })?;
    let lag = tables.ami_lag("amazon-eks-ami", day, at);
    lag.ok_or_else(|| {
        Absence::NotConfigured.because(format!("the table has no row for the release of {day}"))
    })
}

/// `20250715`.
fn day_of(text: &str) -> Option<Date> {
    let is_day = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    is_day.then(|| Date::new(year, month, day).ok()).flatten()
}

/// Pools that Karpenter or Auto Mode makes nodes of.
fn node_pools(estate: &Estate, cluster: &Members) -> Vec<ComputeGroup> {
    let described = cluster.kind(K::Resource).iter().chain(cluster.kind(K::NodePool));
    let facts = described.map(|one| estate.entity(*one));
    let pools = facts.filter(|fact| {
        fact.kind == K::NodePool
            || matches!(text(fact, "kubernetes_kind"), Some("NodePool" | "Provisioner"))
    });
    pools.map(|fact| group("karpenter", Some(fact), &fact.name)).collect()
}

/// What EKS itself runs nodes in, when it is switched on.
fn auto_mode(control: &EntityFact) -> Vec<ComputeGroup> {
    let config = |name: &str| below(control, &["compute_config", name]);
    if config("enabled").and_then(Value::as_bool) != Some(true) {
        return Vec::new();
    }
    let pools = config("node_pools").and_then(Value::as_array);
    let names: Vec<&str> = pools.into_iter().flatten().filter_map(Value::as_str).collect();
    if names.is_empty() {
        return vec![group("auto_mode", None, "auto mode")];
    }
    names.into_iter().map(|name| group("auto_mode", None, name)).collect()
}

type ByGroup = BTreeMap<(String, String), Vec<u32>>;

/// Nodes by the kind and name of their group.
fn nodes_by_group(estate: &Estate, cluster: &Members) -> ByGroup {
    let mut groups: ByGroup = BTreeMap::new();
    for node in cluster.kind(K::KubernetesNode) {
        groups.entry(group_of(estate, cluster, *node)).or_default().push(*node);
    }
    groups
}

fn group_of(estate: &Estate, cluster: &Members, node: u32) -> (String, String) {
    let fact = estate.entity(node);
    let of = |kind: &str, name: &str| (kind.to_owned(), name.to_owned());
    let compute = fact.labels.get("eks.amazonaws.com/compute-type").map(String::as_str);
    let provider = text(fact, "provider_id").unwrap_or_default();
    let pool = text(fact, "node_pool");
    if compute == Some("fargate")
        || provider.contains("/fargate-")
        || fact.name.starts_with("fargate-")
    {
        return of("fargate", "fargate");
    }
    if compute == Some("hybrid") || provider.starts_with("eks-hybrid://") {
        return of("hybrid", "hybrid nodes");
    }
    if compute == Some("auto") {
        return of("auto_mode", pool.unwrap_or("auto mode"));
    }
    if let Some(name) = text(fact, "node_group") {
        return of("managed", name);
    }
    if let Some(pool) = pool {
        return of(if cluster.is_eks { "karpenter" } else { "other" }, pool);
    }
    let scaling_group = instance_of(estate, node).and_then(|instance| {
        let groups = estate.near(instance, R::HasReplica);
        let mut groups = groups.filter(|one| estate.entity(*one).kind == K::AutoscalingGroup);
        let named = || estate.entity(instance).labels.get("aws:autoscaling:groupName").cloned();
        groups.next().map(|one| estate.entity(one).name.clone()).or_else(named)
    });
    match scaling_group {
        Some(name) => of("self_managed", &name),
        None if cluster.is_eks => of("self_managed", "nodes"),
        None => of("other", "nodes"),
    }
}

/// A group of which only the nodes are known.
fn seen(estate: &Estate, kind: &str, name: &str, nodes: &[u32]) -> ComputeGroup {
    let facts = || nodes.iter().map(|node| estate.entity(*node));
    let types: BTreeSet<String> = facts().filter_map(|one| owned(one, "instance_type")).collect();
    let capacity: BTreeSet<String> = facts()
        .filter_map(|one| owned(one, "capacity_type"))
        .map(|one| one.to_uppercase())
        .collect();
    let capacity_type = match capacity.len() {
        0 => None,
        1 => capacity.into_iter().next(),
        _ => Some("mixed".to_owned()),
    };
    let scaling = nodes
        .iter()
        .filter_map(|node| instance_of(estate, *node))
        .flat_map(|instance| estate.near(instance, R::HasReplica).collect::<Vec<_>>())
        .find(|one| estate.entity(*one).kind == K::AutoscalingGroup)
        .map(|one| estate.entity(one));
    let size = |name: &str| crate::property::count(scaling?, name);
    ComputeGroup {
        capacity_type,
        min: size("min_size"),
        desired: size("desired_capacity"),
        max: size("max_size"),
        instance_types: types.into_iter().collect(),
        nodes: nodes.len() as u64,
        ..group(kind, scaling.filter(|_| kind == "self_managed"), name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_dated_by_its_last_part() {
        let day = |text: &str| text.parse::<Date>().ok();
        assert_eq!(day_of("20250715"), day("2025-07-15"));
        assert_eq!(day_of("20251315"), None);
        assert_eq!(day_of("2025071"), None);
        assert_eq!(day_of("é0250715"), None);
    }

    #[test]
    fn lag_says_why_it_is_missing() {
        let tables = DatedTables::built_in();
        let at = "2025-08-30".parse().unwrap();
        let lag = |ami: &str, release: &str| ami_lag(Some(ami), Some(release), &tables, at);
        // The table holds the release of 15 July 2025 and later ones of that summer.
        assert!(lag("AL2023_x86_64_STANDARD", "1.33.1-20250715").unwrap().releases > 0);
        assert!(lag("BOTTLEROCKET_x86_64", "1.20.0-fe2cdae4").is_err());
        assert!(
            lag("AL2_x86_64", "1.19.6-20200101").unwrap_err().detail.unwrap().contains("no row")
        );
        assert!(ami_lag(Some("AL2_x86_64"), None, &tables, at).is_err());
    }
}
