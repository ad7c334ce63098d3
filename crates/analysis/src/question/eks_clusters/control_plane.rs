//! Version and settings of a control plane.

use jiff::civil::Date;
use model::absence::Absence;
use model::fact::EntityFact;
use model::kind::EntityKind as K;
use serde_json::Value;

use super::member::Members;
use super::shape::{Absent, ControlPlane};
use crate::estate::Estate;
use crate::property::{below, flag, owned, text, texts};
use crate::table::{DatedTables, Support, minor_of};

/// What is known of it.
pub(super) fn of(
    estate: &Estate,
    cluster: &Members,
    tables: &DatedTables,
    at: Date,
) -> ControlPlane {
    let fact = estate.entity(cluster.control);
    let find = |name: &str| cluster.own().find_map(|one| owned(estate.entity(one), name));
    let stated = find("version");
    let from_kubelets = if stated.is_none() { newest_kubelet(estate, cluster) } else { None };
    let version_from = match (&stated, &from_kubelets) {
        (Some(_), _) => Some("control_plane".to_owned()),
        (None, Some(_)) => Some("kubelets".to_owned()),
        (None, None) => None,
    };
    let version = stated.or(from_kubelets);
    let support = cluster.is_eks.then(|| match &version {
        Some(version) => tables.eks_support(version, at),
        None => Support::unknown("the version is not known"),
    });
    let public_cidrs = texts(fact, "public_access_cidrs");
    let has_public_endpoint = flag(fact, "endpoint_public_access");
    let has_secrets_encryption = encryption(fact);
    let mut control = ControlPlane {
        version,
        version_from,
        support,
        upgrade_policy: below(fact, &["upgrade_policy", "support_type"])
            .and_then(Value::as_str)
            .map(str::to_owned),
        platform_version: find("platform_version"),
        status: find("status"),
        endpoint: find("endpoint"),
        has_private_endpoint: flag(fact, "endpoint_private_access"),
        has_public_endpoint,
        is_open_to_internet: open_to_internet(has_public_endpoint, &public_cidrs),
        public_cidrs,
        logging: logging(fact),
        authentication_mode: find("authentication_mode"),
        has_secrets_encryption: has_secrets_encryption.is_some().then_some(true),
        secrets_key: has_secrets_encryption.flatten(),
        oidc_issuer: find("oidc_issuer"),
        service_accounts_with_role: service_accounts(estate, cluster),
        has_pod_identity_agent: pod_identity(estate, cluster),
        has_deletion_protection: flag(fact, "deletion_protection"),
        absent: Vec::new(),
    };
    if text(fact, "role_arn").is_some() && control.has_secrets_encryption.is_none() {
        // The description was read and names no key.
        control.has_secrets_encryption = Some(false);
    }
    control.absent = absent(&control, cluster.is_eks);
    control
}

/// The newest version that a node runs: the control plane is never older.
fn newest_kubelet(estate: &Estate, cluster: &Members) -> Option<String> {
    let nodes = cluster.kind(K::KubernetesNode).iter();
    let versions = nodes.filter_map(|node| text(estate.entity(*node), "kubelet_version"));
    let newest = versions.filter_map(|version| Some((minor_of(version)?, version))).max()?;
    Some(newest.1.to_owned())
}

/// Open to everybody, when the ranges say so.
fn open_to_internet(has_public: Option<bool>, cidrs: &[String]) -> Option<bool> {
    match has_public? {
        false => Some(false),
        true if cidrs.is_empty() => None,
        true => Some(cidrs.iter().any(|cidr| matches!(cidr.as_str(), "0.0.0.0/0" | "::/0"))),
    }
}

fn logging(fact: &EntityFact) -> Option<Vec<String>> {
    let all = below(fact, &["logging", "cluster_logging"])?.as_array()?;
    let enabled =
        all.iter().filter(|one| one.get("enabled").and_then(Value::as_bool) == Some(true));
    let types = enabled.filter_map(|one| one.get("types")?.as_array()).flatten();
    let mut types: Vec<String> = types.filter_map(Value::as_str).map(str::to_owned).collect();
    types.sort();
    types.dedup();
    Some(types)
}

/// The key that Secrets are encrypted with, when a configuration of it is there.
fn encryption(fact: &EntityFact) -> Option<Option<String>> {
    let all = fact.properties.get("encryption_config")?.as_array()?;
    let of_secrets = all.iter().find(|one| {
        let resources = one.get("resources").and_then(Value::as_array);
        resources.into_iter().flatten().any(|resource| resource.as_str() == Some("secrets"))
    })?;
    let key = of_secrets.get("provider").and_then(|provider| provider.get("key_arn"));
    Some(key.and_then(Value::as_str).map(str::to_owned))
}

fn service_accounts(estate: &Estate, cluster: &Members) -> Option<u64> {
    let resources = cluster.kind(K::Resource).iter().map(|one| estate.entity(*one));
    let accounts: Vec<&EntityFact> =
        resources.filter(|one| text(one, "kubernetes_kind") == Some("ServiceAccount")).collect();
    let with_role = accounts.iter().filter(|one| text(one, "role_arn").is_some()).count() as u64;
    (!accounts.is_empty()).then_some(with_role)
}

fn pod_identity(estate: &Estate, cluster: &Members) -> Option<bool> {
    let agent = "eks-pod-identity-agent";
    let named = |kind: K| cluster.kind(kind).iter().any(|one| estate.entity(*one).name == agent);
    let is_known = !cluster.kind(K::Addon).is_empty() || !cluster.kind(K::Workload).is_empty();
    is_known.then(|| named(K::Addon) || named(K::Workload))
}

fn absent(control: &ControlPlane, is_eks: bool) -> Vec<Absent> {
    let eks_only = [
        ("authentication_mode", control.authentication_mode.is_none()),
        ("endpoint", control.endpoint.is_none()),
        ("has_deletion_protection", control.has_deletion_protection.is_none()),
        ("has_pod_identity_agent", control.has_pod_identity_agent.is_none()),
        ("has_private_endpoint", control.has_private_endpoint.is_none()),
        ("has_public_endpoint", control.has_public_endpoint.is_none()),
        ("has_secrets_encryption", control.has_secrets_encryption.is_none()),
        ("is_open_to_internet", control.is_open_to_internet.is_none()),
        ("logging", control.logging.is_none()),
        ("oidc_issuer", control.oidc_issuer.is_none()),
        ("platform_version", control.platform_version.is_none()),
        ("service_accounts_with_role", control.service_accounts_with_role.is_none()),
        ("status", control.status.is_none()),
        ("upgrade_policy", control.upgrade_policy.is_none()),
    ];
    let reason = if is_eks { Absence::NotCollected } else { Absence::NotApplicable };
    let mut all: Vec<Absent> = eks_only
        .into_iter()
        .filter(|(_, is_absent)| *is_absent)
        .map(|(field, _)| Absent { field: field.to_owned(), reason })
        .collect();
    if control.version.is_none() {
        let (field, reason) = ("version".to_owned(), Absence::NotCollected);
        all.push(Absent { field, reason });
    }
    all
}
