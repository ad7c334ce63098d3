//! Kubernetes Services: the names and ports they answer to, what they select, and what they are
//! reached through.

use model::entity::RelationObservation;
use model::{AliasKey, EntityKind, EntityObservation, Reference, RelationKind};
use serde::Deserialize;
use serde_json::json;

use super::object::{IntOrText, LoadBalancerStatus, Map, lenient, nullable, part};
use super::place::Cluster;
use super::read::Object;
use crate::key;

lenient! {
    /// `spec` of a Service.
    ServiceSpec {
        r#type: Option<String>,
        #[serde(rename = "clusterIP")]
        cluster_ip: Option<String>,
        external_name: Option<String>,
        selector: Map,
        ports: Vec<ServicePort>,
    }
    /// A port of a Service.
    ServicePort {
        name: Option<String>,
        port: u16,
        target_port: Option<IntOrText>,
        node_port: Option<u16>,
        protocol: Option<String>,
    }
    /// `status` of a Service.
    ServiceStatus {
        load_balancer: LoadBalancerStatus,
    }
    /// An Endpoints object.
    Subset {
        addresses: Vec<EndpointAddress>,
        not_ready_addresses: Vec<EndpointAddress>,
    }
    /// One address of an Endpoints object.
    EndpointAddress {
        target_ref: Option<super::object::Target>,
    }
    /// One endpoint of an EndpointSlice.
    SliceEndpoint {
        conditions: SliceConditions,
        target_ref: Option<super::object::Target>,
    }
    /// Whether an endpoint of a slice is ready.
    SliceConditions {
        ready: Option<bool>,
    }
}

/// A Service.
pub fn read(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: ServiceSpec = part(object.part("spec"))?;
    let status: ServiceStatus = part(object.part("status"))?;
    let mut service =
        cluster.entity(EntityKind::KubernetesService, "service", Some(namespace), &object.meta);
    let ports: Vec<String> = spec.ports.iter().map(written).collect();
    let r#type = spec.r#type.as_deref().unwrap_or("ClusterIP");
    service.properties.insert("type".to_owned(), json!(r#type));
    service.properties.insert("ports".to_owned(), json!(ports));
    service.properties.insert("selector".to_owned(), json!(spec.selector));
    if let Some(name) = &spec.external_name {
        service.properties.insert("external_name".to_owned(), json!(name));
    }
    service.relations.push(cluster.contained_in(namespace, &service.id));
    if let Some(address) = spec.cluster_ip.as_deref().filter(|ip| !matches!(*ip, "" | "None")) {
        let address = key::address(cluster.part, address);
        service.claims.push(model::reference::Claim::alias(address, service.id.clone()));
    }
    endpoints(cluster, namespace, &spec, &mut service);
    selected(cluster, namespace, &spec.selector, &mut service);
    balanced(&status.load_balancer, &mut service);
    Ok(vec![service])
}

fn written(port: &ServicePort) -> String {
    let protocol = port.protocol.as_deref().unwrap_or("TCP");
    let target = port.target_port.as_ref().map(|target| format!("→{}", target.text()));
    let node = port.node_port.filter(|port| *port > 0).map(|port| format!(" node {port}"));
    let name = port.name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
    let (target, node) = (target.unwrap_or_default(), node.unwrap_or_default());
    format!("{name}{}{target}/{protocol}{node}", port.port)
}

/// Claims every host and port that it answers to.
fn endpoints(
    cluster: &Cluster<'_>,
    namespace: &str,
    spec: &ServiceSpec,
    service: &mut EntityObservation,
) {
    let name = &service.name;
    let hosts = [
        name.clone(),
        format!("{name}.{namespace}"),
        format!("{name}.{namespace}.svc"),
        format!("{name}.{namespace}.svc.cluster.local"),
    ];
    let behind: Vec<AliasKey> = spec
        .selector
        .iter()
        .map(|(name, value)| key::service_label(cluster.part, namespace, name, value))
        .collect();
    let own = [service.id.clone()];
    let external = spec.external_name.as_deref().filter(|name| !name.is_empty());
    let claims = &mut service.claims;
    for host in &hosts {
        for port in spec.ports.iter().map(|port| port.port).filter(|port| *port > 0) {
            let endpoint = key::endpoint(cluster.part, namespace, host, port);
            if !behind.is_empty() {
                cluster.claim(claims, endpoint, &behind);
            } else if let Some(external) = external {
                cluster.claim(claims, endpoint, &[key::public_endpoint(external, port)]);
            }
            let direct = key::endpoint_service(cluster.part, namespace, host, port);
            cluster.claim(claims, direct, &own);
        }
        let any_port = key::endpoint_host(cluster.part, namespace, host);
        if !behind.is_empty() {
            cluster.claim(claims, any_port, &behind);
        } else if let Some(external) = external {
            cluster.claim(claims, any_port, &[key::host(external)]);
        }
    }
}

/// What it selects is served through it, and it leads to the workloads.
fn selected(
    cluster: &Cluster<'_>,
    namespace: &str,
    selector: &Map,
    service: &mut EntityObservation,
) {
    if selector.is_empty() {
        return;
    }
    let own = Reference::id(service.id.clone());
    let keys = |of: fn(&str, &str, &str, &str) -> AliasKey| -> Vec<AliasKey> {
        selector.iter().map(|(name, value)| of(cluster.part, namespace, name, value)).collect()
    };
    let fronts = Reference::keys("selector", keys(key::service_label)).many();
    let workloads = Reference::keys("selector", keys(key::pod_label))
        .many()
        .of_kinds(&[EntityKind::Workload, EntityKind::Pod]);
    service.relations.push(RelationObservation::declared(
        fronts,
        RelationKind::ServedThrough,
        own.clone(),
    ));
    service.relations.push(RelationObservation::declared(own, RelationKind::RoutesTo, workloads));
}

/// The load balancer that stands before it.
fn balanced(status: &LoadBalancerStatus, service: &mut EntityObservation) {
    let hosts = load_balancer_hosts(status);
    for host in &hosts {
        let to = Reference::key("status.loadBalancer", key::host(host))
            .of_kinds(&[EntityKind::LoadBalancer]);
        let from = Reference::id(service.id.clone());
        let relation = RelationObservation::declared(from, RelationKind::ServedThrough, to);
        service.relations.push(relation);
    }
    if !hosts.is_empty() {
        service.properties.insert("load_balancer_hosts".to_owned(), json!(hosts));
    }
}

/// Host names (else addresses) of a load balancer.
pub fn load_balancer_hosts(status: &LoadBalancerStatus) -> Vec<String> {
    let named = status.ingress.iter();
    named.filter_map(|one| one.hostname.clone().or_else(|| one.ip.clone())).collect()
}

/// Endpoints or an EndpointSlice: the pods that its Service leads to and that are ready.
pub fn read_endpoints(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let subsets: Vec<Subset> = part(object.part("subsets"))?;
    let slice: Vec<SliceEndpoint> = part(object.part("endpoints"))?;
    let ready = subsets.iter().flat_map(|one| &one.addresses);
    let ready_in_slice = slice.iter().filter(|one| one.conditions.ready != Some(false));
    let mut pods: Vec<&str> = ready
        .filter_map(|one| one.target_ref.as_ref())
        .chain(ready_in_slice.filter_map(|one| one.target_ref.as_ref()))
        .filter(|target| target.kind == "Pod")
        .map(|target| target.name.as_str())
        .collect();
    pods.sort_unstable();
    pods.dedup();
    let kind_part = key::kubernetes_kind(object.kind, object.api_version);
    let mut entity =
        cluster.entity(EntityKind::Resource, &kind_part, Some(namespace), &object.meta);
    let not_ready: usize = subsets.iter().map(|one| one.not_ready_addresses.len()).sum();
    let not_ready =
        not_ready + slice.iter().filter(|one| one.conditions.ready == Some(false)).count();
    entity.properties.insert("kubernetes_kind".to_owned(), json!(object.kind));
    entity.properties.insert("ready_addresses".to_owned(), json!(pods.len()));
    entity.properties.insert("not_ready_addresses".to_owned(), json!(not_ready));
    let service = object.meta.labels.get("kubernetes.io/service-name");
    let service = service.map_or(object.meta.name.as_str(), String::as_str);
    for pod in pods {
        entity.relations.push(RelationObservation::declared(
            Reference::id(cluster.id(Some(namespace), "service", service)),
            RelationKind::RoutesTo,
            Reference::id(cluster.id(Some(namespace), "pod", pod)),
        ));
    }
    Ok(vec![entity])
}
