//! Ingresses, gateways and routes: where requests enter and which Kubernetes Service they reach.

use model::entity::RelationObservation;
use model::{AliasKey, EntityKind, EntityObservation, Reference, RelationKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::object::{IntOrText, LoadBalancerStatus, lenient, nullable, part};
use super::place::{Cluster, contains};
use super::read::Object;
use super::service::load_balancer_hosts;
use crate::key;

lenient! {
    /// `spec` of an Ingress.
    IngressSpec {
        ingress_class_name: Option<String>,
        default_backend: Option<Backend>,
        backend: Option<Backend>,
        rules: Vec<Rule>,
    }
    /// A rule of an Ingress.
    Rule {
        host: Option<String>,
        http: Paths,
    }
    /// Paths of a rule.
    Paths {
        paths: Vec<Path>,
    }
    /// A path and where it leads.
    Path {
        path: Option<String>,
        backend: Backend,
    }
    /// A Service, in the API of today and of `v1beta1`.
    Backend {
        service: Option<BackendService>,
        service_name: Option<String>,
        service_port: Option<IntOrText>,
    }
    /// A Service by name.
    BackendService {
        name: String,
    }
    /// `status` of an Ingress.
    IngressStatus {
        load_balancer: LoadBalancerStatus,
    }
    /// `spec` of routes of the Gateway API.
    RouteSpec {
        hostnames: Vec<String>,
        parent_refs: Vec<super::object::Target>,
        rules: Vec<RouteRule>,
    }
    /// A rule of such a route.
    RouteRule {
        backend_refs: Vec<super::object::Target>,
    }
    /// `spec` of Istio's VirtualService.
    VirtualServiceSpec {
        hosts: Vec<String>,
        gateways: Vec<String>,
        http: Vec<VirtualRoute>,
        tcp: Vec<VirtualRoute>,
        tls: Vec<VirtualRoute>,
    }
    /// A route of a VirtualService.
    VirtualRoute {
        route: Vec<Weighted>,
    }
    /// A destination.
    Weighted {
        destination: Destination,
    }
    /// A host of the mesh.
    Destination {
        host: String,
    }
}

impl Backend {
    fn name(&self) -> Option<&str> {
        let named = self.service.as_ref().map(|service| service.name.as_str());
        named.or(self.service_name.as_deref()).filter(|name| !name.is_empty())
    }
}

/// An Ingress with its routes, one a host and path.
pub fn read(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: IngressSpec = part(object.part("spec"))?;
    let status: IngressStatus = part(object.part("status"))?;
    let kind_part = key::kubernetes_kind(object.kind, object.api_version);
    let mut ingress =
        cluster.entity(EntityKind::Ingress, &kind_part, Some(namespace), &object.meta);
    let hosts = load_balancer_hosts(&status.load_balancer);
    let class = spec.ingress_class_name.as_ref();
    let class = class.or_else(|| object.meta.annotations.get("kubernetes.io/ingress.class"));
    if let Some(class) = class {
        ingress.properties.insert("ingress_class".to_owned(), json!(class));
    }
    if let Some(scheme) = object.meta.annotations.get("alb.ingress.kubernetes.io/scheme") {
        ingress.properties.insert("scheme".to_owned(), json!(scheme));
    }
    if !hosts.is_empty() {
        ingress.properties.insert("load_balancer_hosts".to_owned(), json!(hosts));
    }
    ingress.relations.push(cluster.contained_in(namespace, &ingress.id));
    for host in &hosts {
        let to = Reference::key("status.loadBalancer", key::host(host))
            .of_kinds(&[EntityKind::LoadBalancer]);
        let own = Reference::id(ingress.id.clone());
        ingress.relations.push(RelationObservation::declared(own, RelationKind::ServedThrough, to));
    }
    let mut routes = Vec::new();
    let default = spec.default_backend.as_ref().or(spec.backend.as_ref());
    if let Some(name) = default.and_then(Backend::name) {
        routes.push(route(cluster, namespace, &ingress, "*", "/", name, &hosts));
    }
    for rule in &spec.rules {
        let host = rule.host.as_deref().filter(|host| !host.is_empty()).unwrap_or("*");
        for path in &rule.http.paths {
            let Some(name) = path.backend.name() else { continue };
            let at = path.path.as_deref().unwrap_or("/");
            routes.push(route(cluster, namespace, &ingress, host, at, name, &hosts));
        }
    }
    let mut all = vec![ingress];
    all.append(&mut routes);
    Ok(all)
}

fn route(
    cluster: &Cluster<'_>,
    namespace: &str,
    ingress: &EntityObservation,
    host: &str,
    path: &str,
    service: &str,
    balancers: &[String],
) -> EntityObservation {
    let id: AliasKey = format!("{}/route/{host}{path}", ingress.id).into();
    let mut route = EntityObservation::new(id.clone(), EntityKind::Route, format!("{host}{path}"));
    route.scope = ingress.scope.clone();
    route.labels = ingress.labels.clone();
    route.created_at = ingress.created_at;
    route.properties.insert("host".to_owned(), json!(host));
    route.properties.insert("path".to_owned(), json!(path));
    if let Some(scheme) = ingress.properties.get("scheme") {
        route.properties.insert("scheme".to_owned(), scheme.clone());
    }
    route.relations.push(contains(Reference::id(ingress.id.clone()), &id));
    lead(cluster, namespace, service, &mut route);
    for host in balancers {
        let to = Reference::key("status.loadBalancer", key::host(host))
            .of_kinds(&[EntityKind::LoadBalancer]);
        let own = Reference::id(id.clone());
        route.relations.push(RelationObservation::declared(own, RelationKind::RunsOn, to));
    }
    route
}

/// The route leads to a Kubernetes Service, which is served through it.
fn lead(cluster: &Cluster<'_>, namespace: &str, service: &str, route: &mut EntityObservation) {
    let target = Reference::id(cluster.id(Some(namespace), "service", service));
    let own = Reference::id(route.id.clone());
    route.relations.push(RelationObservation::declared(
        own.clone(),
        RelationKind::RoutesTo,
        target.clone(),
    ));
    route.relations.push(RelationObservation::declared(target, RelationKind::ServedThrough, own));
}

/// A route of the Gateway API (HTTPRoute, GRPCRoute, TCPRoute, TLSRoute).
pub fn read_route(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: RouteSpec = part(object.part("spec"))?;
    let kind_part = key::kubernetes_kind(object.kind, object.api_version);
    let mut route = cluster.entity(EntityKind::Route, &kind_part, Some(namespace), &object.meta);
    route.properties.insert("kubernetes_kind".to_owned(), json!(object.kind));
    route.properties.insert("hosts".to_owned(), json!(spec.hostnames));
    route.relations.push(cluster.contained_in(namespace, &route.id));
    for backend in spec.rules.iter().flat_map(|rule| &rule.backend_refs) {
        if matches!(backend.kind.as_str(), "" | "Service") && !backend.name.is_empty() {
            let of = backend.namespace.as_deref().unwrap_or(namespace);
            lead(cluster, of, &backend.name, &mut route);
        }
    }
    let kind = key::kubernetes_kind("Gateway", "gateway.networking.k8s.io/v1");
    for parent in spec.parent_refs.iter().filter(|one| matches!(&*one.kind, "" | "Gateway")) {
        let of = parent.namespace.as_deref().unwrap_or(namespace);
        let gateway = cluster.id(Some(of), &kind, &parent.name);
        route.relations.push(contains(Reference::id(gateway), &route.id));
    }
    Ok(vec![route])
}

/// Istio's VirtualService.
pub fn read_virtual_service(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: VirtualServiceSpec = part(object.part("spec"))?;
    let kind_part = key::kubernetes_kind(object.kind, object.api_version);
    let mut route = cluster.entity(EntityKind::Route, &kind_part, Some(namespace), &object.meta);
    route.properties.insert("kubernetes_kind".to_owned(), json!(object.kind));
    route.properties.insert("hosts".to_owned(), json!(spec.hosts));
    route.relations.push(cluster.contained_in(namespace, &route.id));
    let routes = spec.http.iter().chain(&spec.tcp).chain(&spec.tls);
    let mut hosts: Vec<&str> =
        routes.flat_map(|one| &one.route).map(|one| one.destination.host.as_str()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    for host in hosts.into_iter().filter(|host| !host.is_empty()) {
        let of = key::endpoint_namespace(host, namespace);
        let name = host.split('.').next().unwrap_or(host);
        lead(cluster, of, name, &mut route);
    }
    for gateway in spec.gateways.iter().filter(|name| *name != "mesh") {
        let (of, name) = gateway.split_once('/').unwrap_or((namespace, gateway));
        let gateway = cluster.id(Some(of), "gateway.networking.istio.io", name);
        route.relations.push(contains(Reference::id(gateway), &route.id));
    }
    Ok(vec![route])
}

/// A gateway of the Gateway API or of Istio.
pub fn read_gateway(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: Value = part(object.part("spec"))?;
    let kind_part = key::kubernetes_kind(object.kind, object.api_version);
    let mut gateway =
        cluster.entity(EntityKind::Gateway, &kind_part, Some(namespace), &object.meta);
    if let Some(class) = spec.get("gatewayClassName").and_then(Value::as_str) {
        gateway.properties.insert("gateway_class".to_owned(), json!(class));
    }
    gateway.relations.push(cluster.contained_in(namespace, &gateway.id));
    Ok(vec![gateway])
}
