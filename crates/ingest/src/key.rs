//! The only place where keys are built, so that two formats build the same key for the same name.
//! A part that is not known is `*` in keys that sources without it look up (see [`any_cluster`]).

use model::AliasKey;

/// Part of an id that stands for "none".
const NONE: &str = "_";

/// Groups of the kinds that every cluster has.
const BUILT_IN_GROUPS: &[&str] = &[
    "apps",
    "batch",
    "autoscaling",
    "policy",
    "networking.k8s.io",
    "storage.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "rbac.authorization.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "admissionregistration.k8s.io",
    "certificates.k8s.io",
    "node.k8s.io",
    "flowcontrol.apiserver.k8s.io",
];

/// `k8s://{cluster}/{namespace or _}/{kind[.group]}/{name}`, kind in lower case and singular; the
/// group is left out for built-in kinds, so that those who know a kind by its word alone
/// (`k8s.deployment.name`) build the same key.
pub fn kubernetes(cluster: &str, namespace: Option<&str>, kind: &str, name: &str) -> AliasKey {
    let kind = match kind.split_once('.') {
        Some((word, group)) if BUILT_IN_GROUPS.contains(&group) => word,
        _ => kind,
    };
    format!("k8s://{cluster}/{}/{kind}/{name}", or_none(namespace)).into()
}

/// Canonical id of a cluster, `k8s://{uid or name}`.
pub fn kubernetes_cluster(cluster: &str) -> AliasKey {
    format!("k8s://{cluster}").into()
}

/// A cluster by a name, as `--cluster` and `k8s.cluster.name` give it.
pub fn cluster_name(name: &str) -> AliasKey {
    format!("cluster-name:{name}").into()
}

/// `service://{environment or _}/{namespace or _}/{name}`.
pub fn service(environment: Option<&str>, namespace: Option<&str>, name: &str) -> AliasKey {
    format!("service://{}/{}/{name}", or_none(environment), or_none(namespace)).into()
}

/// A thing that a user states by kind and name, `stated://{kind}/{environment or _}/{name}`.
pub fn stated(kind: &str, environment: Option<&str>, name: &str) -> AliasKey {
    format!("stated://{kind}/{}/{name}", or_none(environment)).into()
}

/// Canonical id of a SQL Server, `sqlserver://{host}` or `sqlserver://{host}/{instance}`; its names have
/// no case.
pub fn sql_server(host: &str, instance: Option<&str>) -> AliasKey {
    let host = host_part(host);
    match instance {
        Some(instance) => format!("sqlserver://{host}/{}", instance.to_ascii_lowercase()).into(),
        None => format!("sqlserver://{host}").into(),
    }
}

/// A machine by the name that people give it: claimed by instances with a tag `Name`, for tools on the
/// machine that know nothing else.
pub fn computer(name: &str) -> AliasKey {
    format!("computer:{}", host_part(name)).into()
}

/// A Kubernetes uid; unique in the world.
pub fn uid(uid: &str) -> AliasKey {
    format!("uid:{uid}").into()
}

/// What runs the pod with this uid: claimed by the pod, leads to its topmost controller.
pub fn workload_of_uid(uid: &str) -> AliasKey {
    format!("workload-of-uid:{uid}").into()
}

/// What runs the pod with this id: claimed by the pod, leads to its topmost controller.
pub fn workload_of(pod: &AliasKey) -> AliasKey {
    format!("workload-of:{pod}").into()
}

/// The topmost controller of a controller: a ReplicaSet owned by a Deployment claims that it leads to
/// the Deployment; one that owns itself claims that it leads to itself.
pub fn controller_of(controller: &AliasKey) -> AliasKey {
    format!("controller-of:{controller}").into()
}

/// The service that a workload implements: claimed by the implied service of the workload.
pub fn service_of(workload: &AliasKey) -> AliasKey {
    format!("service-of:{workload}").into()
}

/// The same key with the cluster left open, for telemetry that names none: claimed beside the exact
/// one, so that it resolves when it is unique in the estate. Acts on `k8s://`, `workload-of:k8s://`,
/// `controller-of:k8s://`, `pod-label:` and `endpoint:` keys.
pub fn any_cluster(key: &AliasKey, cluster: &str) -> AliasKey {
    key.as_str().replacen(&format!("{cluster}/"), "*/", 1).into()
}

/// The same `k8s://*/…` key with the namespace left open too.
pub fn any_namespace(key: &AliasKey, namespace: &str) -> AliasKey {
    key.as_str().replacen(&format!("*/{namespace}/"), "*/*/", 1).into()
}

/// A label of a workload's pods; a selector is the conjunction of several. Claimed by the workload.
pub fn pod_label(cluster: &str, namespace: &str, name: &str, value: &str) -> AliasKey {
    format!("pod-label:{cluster}/{namespace}/{name}={value}").into()
}

/// The same label on the way to the *service* (or store) that the workload implements: claimed by
/// the implied service, database or cache.
pub fn service_label(cluster: &str, namespace: &str, name: &str, value: &str) -> AliasKey {
    format!("service-label:{cluster}/{namespace}/{name}={value}").into()
}

/// A host and port as seen from inside a namespace: claimed by Kubernetes Services in every form that
/// resolves there (`name`, `name.ns`, `name.ns.svc`, `name.ns.svc.cluster.local`). Leads to the
/// service behind it (`service_label` conjunction).
pub fn endpoint(cluster: &str, namespace: &str, host: &str, port: u16) -> AliasKey {
    format!("endpoint:{cluster}/{namespace}/{}:{port}", host_part(host)).into()
}

/// The same, leading to the Kubernetes Service itself.
pub fn endpoint_service(cluster: &str, namespace: &str, host: &str, port: u16) -> AliasKey {
    format!("endpoint-service:{cluster}/{namespace}/{}:{port}", host_part(host)).into()
}

/// A host and port that means the same everywhere (a database endpoint, a load balancer).
pub fn public_endpoint(host: &str, port: u16) -> AliasKey {
    format!("endpoint:{}:{port}", host_part(host)).into()
}

/// A host name that means the same everywhere, on any port.
pub fn host(host: &str) -> AliasKey {
    format!("host:{}", host_part(host)).into()
}

/// An address within a VPC or a cluster.
pub fn address(network: &str, address: &str) -> AliasKey {
    format!("address:{network}/{address}").into()
}

/// An address where the VPC or cluster is not known (a target of a load balancer): claimed beside the
/// exact one, so that it resolves when it is unique in the estate.
pub fn address_anywhere(address: &str) -> AliasKey {
    format!("address:*/{address}").into()
}

/// Canonical id of an account, subscription or project.
pub fn account(number: &str) -> AliasKey {
    format!("account://{number}").into()
}

/// Canonical id of a region.
pub fn region(name: &str) -> AliasKey {
    format!("region://{name}").into()
}

/// Canonical id of a zone, by its zone id (`use1-az1`).
pub fn zone(zone_id: &str) -> AliasKey {
    format!("zone://{zone_id}").into()
}

/// A zone by its name, which means another zone in each account. Leads to the zone's canonical id;
/// with `*` for the account where it is not known (labels of nodes).
pub fn zone_name(account: Option<&str>, name: &str) -> AliasKey {
    format!("zone-name:{}/{name}", account.unwrap_or("*")).into()
}

/// A name that is unique within an account, region and type of AWS only (a scaling group, a node
/// group as `{cluster}/{name}`).
pub fn scoped_name(account: &str, region: &str, kind: &str, name: &str) -> AliasKey {
    format!("name:{account}/{region}/{kind}/{name}").into()
}

/// A bare id of AWS (`i-…`, `vol-…`, `sg-…`).
pub fn bare_id(id: &str) -> AliasKey {
    format!("id:{id}").into()
}

/// An image, `image://{repository}@sha256:…` or `image://{repository}:{tag}`. What runtimes put before
/// it (`docker-pullable://`) and the default registry (`docker.io/library/`) are left out.
pub fn image(reference: &str) -> AliasKey {
    let mut name = reference.rsplit_once("://").map_or(reference, |(_runtime, name)| name);
    for default in ["docker.io/", "index.docker.io/", "library/"] {
        name = name.strip_prefix(default).unwrap_or(name);
    }
    format!("image://{name}").into()
}

/// A unit of the organisation, `org://{kind}/{unit}`; applications and products have schemes of their
/// own.
pub fn unit(kind: &str, unit: &str) -> AliasKey {
    match kind {
        "application" | "product" => format!("{kind}://{unit}").into(),
        _ => format!("org://{kind}/{unit}").into(),
    }
}

/// A unit named without its kind, as budgets and value metrics do: claimed by each unit.
pub fn unit_name(unit: &str) -> AliasKey {
    format!("unit:{unit}").into()
}

/// A service named without environment and namespace: claimed by each service.
pub fn service_name(name: &str) -> AliasKey {
    format!("service-name:{name}").into()
}

/// A workload named without where it runs: claimed by those that no cluster holds.
pub fn workload_name(name: &str) -> AliasKey {
    format!("workload-name:{name}").into()
}

/// An Elastic Network or hybrid resource by its ARN; the ARN is its own key.
pub fn arn(arn: &str) -> AliasKey {
    arn.into()
}

fn or_none(part: Option<&str>) -> &str {
    part.filter(|part| !part.is_empty()).unwrap_or(NONE)
}

/// Lower case, without a trailing dot.
fn host_part(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Kind part of a Kubernetes id: lower case, and the group for what is not of the core. Groups of the
/// past are those of today (`extensions/v1beta1` Deployments are of `apps`).
pub fn kubernetes_kind(kind: &str, api_version: &str) -> String {
    let group = api_version.rsplit_once('/').map_or("", |(group, _version)| group);
    let group = match (group, kind) {
        ("extensions", "Ingress" | "NetworkPolicy") => "networking.k8s.io",
        ("extensions", "PodSecurityPolicy") => "policy",
        ("extensions", _) => "apps",
        (group, _) => group,
    };
    let kind = kind.to_ascii_lowercase();
    if group.is_empty() { kind } else { format!("{kind}.{group}") }
}

/// A host on any port as seen from inside a namespace: claimed beside [`endpoint`].
pub fn endpoint_host(cluster: &str, namespace: &str, host: &str) -> AliasKey {
    format!("endpoint:{cluster}/{namespace}/{}", host_part(host)).into()
}

/// The namespace whose Kubernetes Services answer to a host, as seen from `namespace`: its own for a
/// bare name, else the one that the host names (`cart.shop`, `cart.shop.svc.cluster.local`). Keys of
/// [`endpoint`] are built with it.
pub fn endpoint_namespace<'a>(host: &'a str, namespace: &'a str) -> &'a str {
    let labels: Vec<&'a str> = host.trim_end_matches('.').split('.').collect();
    match labels.iter().rposition(|label| *label == "svc") {
        Some(at) if at >= 2 => labels[at - 1],
        _ if labels.len() == 2 => labels[1],
        _ => namespace,
    }
}

/// Everything that reads all of a ConfigMap into its environment: claimed by the services that do.
pub fn configuration_reader(cluster: &str, namespace: &str, name: &str) -> AliasKey {
    format!("configuration-reader:{cluster}/{namespace}/{name}").into()
}

/// What the value under one key of a ConfigMap leads to: claimed by the ConfigMap when the value
/// names an endpoint.
pub fn configuration_value(cluster: &str, namespace: &str, name: &str, key: &str) -> AliasKey {
    format!("configuration-value:{cluster}/{namespace}/{name}/{key}").into()
}
