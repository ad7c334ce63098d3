//! The resource that sends: the service it is, and what runs it.

use std::collections::BTreeMap;

use model::entity::RelationObservation;
use model::kind::Confidence;
use model::reference::Claim;
use model::{AliasKey, EntityKind, EntityObservation, Reference, RelationKind};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::attribute;
use crate::format::subject::{Candidates, Place};
use crate::input::{Input, Out};
use crate::key;

/// Name that OpenTelemetry's SDKs use when nobody set one.
const UNKNOWN: &str = "unknown_service";
/// Different runtimes of one service that one input states.
const RUNTIMES_MAX: usize = 32;
/// Controllers, by attribute and kind of object.
const CONTROLLERS: &[(&str, &str)] = &[
    ("k8s.deployment.name", "deployment"),
    ("k8s.statefulset.name", "statefulset"),
    ("k8s.daemonset.name", "daemonset"),
    ("k8s.cronjob.name", "cronjob"),
    ("k8s.job.name", "job"),
];

/// Services of one input with what runs them.
#[derive(Debug, Default)]
pub struct Services {
    entities: BTreeMap<AliasKey, EntityObservation>,
    runtimes: BTreeMap<AliasKey, BTreeMap<AliasKey, Reference>>,
    is_sourced: bool,
    /// Who reports, when it is not OpenTelemetry.
    tracer: Option<&'static str>,
}

/// Attributes of a resource.
pub fn attributes(resource: Option<&Resource>) -> &[KeyValue] {
    resource.map_or(&[], |resource| &resource.attributes)
}

impl Services {
    /// Of another tracer.
    pub fn of_tracer(tracer: Option<&'static str>) -> Self {
        Self { tracer, ..Self::default() }
    }

    /// The service that a resource is; it and what runs it are put out at the end.
    pub fn of(
        &mut self,
        input: &Input<'_>,
        attributes: &[KeyValue],
        out: &mut Out<'_>,
    ) -> AliasKey {
        let text = |names: &[&str]| attribute::text(attributes, names);
        let name = text(&["service.name"]).unwrap_or_else(|| UNKNOWN.to_owned());
        let namespace = text(&["service.namespace"]);
        let environment = text(&["deployment.environment.name", "deployment.environment"])
            .or_else(|| input.context.environment.clone());
        let id = key::service(environment.as_deref(), namespace.as_deref(), &name);
        let cluster = text(&["k8s.cluster.uid", "k8s.cluster.name"]);
        let kubernetes_namespace = text(&["k8s.namespace.name"]);
        let place = Place::new(cluster.as_deref(), kubernetes_namespace.as_deref(), input.context);
        if !self.is_sourced {
            self.is_sourced = true;
            let part = place.cluster.or(environment.as_deref());
            let tracer = self.tracer.unwrap_or("otlp");
            out.source(&part.map_or(tracer.to_owned(), |part| format!("{tracer}:{part}")));
        }
        let entity = self.entities.entry(id.clone()).or_insert_with(|| {
            let mut entity = EntityObservation::new(id.clone(), EntityKind::Service, name.clone());
            entity.scope.environment.clone_from(&environment);
            entity.scope.namespace = namespace.clone().or_else(|| kubernetes_namespace.clone());
            entity.scope.cluster = place.cluster.map(str::to_owned);
            entity.scope.account = text(&["cloud.account.id"]);
            entity.scope.region = text(&["cloud.region"]);
            entity.claims.push(Claim::alias(key::service_name(&name), id.clone()));
            entity
        });
        if let Some(language) = text(&["telemetry.sdk.language"]) {
            entity.properties.entry("language".to_owned()).or_insert_with(|| language.into());
        }
        let runtimes = self.runtimes.entry(id.clone()).or_default();
        if runtimes.len() < RUNTIMES_MAX
            && let Some((what, reference)) = runtime(attributes, place, &name)
        {
            runtimes.entry(what).or_insert(reference);
        }
        id
    }

    /// Puts the services out.
    pub fn close(self, out: &mut Out<'_>) {
        let mut runtimes = self.runtimes;
        for (id, mut entity) in self.entities {
            for reference in runtimes.remove(&id).unwrap_or_default().into_values() {
                entity.relations.push(RelationObservation::declared(
                    Reference::id(id.clone()),
                    RelationKind::ImplementedBy,
                    reference,
                ));
            }
            out.batch().entities.push(entity);
            out.added(1);
        }
    }
}

/// What runs the service, by the rules of joining in their order. The key tells two runtimes apart:
/// pods of one controller are one.
fn runtime(
    attributes: &[KeyValue],
    place: Place<'_>,
    service: &str,
) -> Option<(AliasKey, Reference)> {
    let text = |names: &[&str]| attribute::text(attributes, names);
    let mut all = Candidates::default();
    let mut what = None;
    if let Some(uid) = text(&["k8s.pod.uid"]) {
        all.add("k8s.pod.uid", key::workload_of_uid(&uid), Confidence::Certain);
    }
    for (name, kind) in CONTROLLERS {
        if let Some(controller) = text(&[*name]) {
            let key = place.object(kind, &controller);
            what.get_or_insert_with(|| key.clone());
            // A Job of a CronJob leads to what controls it.
            if *kind == "job" {
                all.add(name, key::controller_of(&key), place.confidence());
            }
            all.add(name, key, place.confidence());
        }
    }
    if let Some(pod) = text(&["k8s.pod.name"]) {
        let id = place.object("pod", &pod);
        all.add("k8s.pod.name", key::workload_of(&id), place.confidence());
        let first = all.0.len();
        all.controllers_of_pod(place, &pod);
        if let Some(candidate) = all.0.get(first) {
            what.get_or_insert_with(|| candidate.all[0].clone());
        }
        // A pod of its own is what runs the service.
        all.add("k8s.pod.name", id, place.confidence());
    }
    for (rule, names) in [
        ("aws.ecs.task.arn", &["aws.ecs.task.arn"][..]),
        ("cloud.resource_id", &["cloud.resource_id", "faas.id"]),
    ] {
        if let Some(arn) = text(names) {
            all.add(rule, key::arn(&arn), Confidence::Certain);
        }
    }
    // Inside Kubernetes the host is the node, which runs many services.
    if all.0.is_empty()
        && let Some(host) = text(&["host.id"])
    {
        all.add("host.id", key::bare_id(&host), Confidence::High);
    }
    if let (Some(cluster), Some(namespace)) = (place.cluster, place.namespace) {
        let label = text(&["k8s.pod.label.app.kubernetes.io/name"]);
        let label = label.as_deref().unwrap_or(service);
        let key = key::pod_label(cluster, namespace, "app.kubernetes.io/name", label);
        all.add("app.kubernetes.io/name", key, Confidence::Medium);
    }
    for kind in ["deployment", "statefulset", "daemonset"] {
        let key = key::kubernetes("*", Some("*"), kind, service);
        all.add("name of the service", key, Confidence::Low);
    }
    all.add("name of the service", key::workload_name(service), Confidence::Low);
    let what = what.or_else(|| all.0.first().map(|candidate| candidate.all[0].clone()))?;
    let kinds = [
        EntityKind::Workload,
        EntityKind::Pod,
        EntityKind::Instance,
        EntityKind::Function,
        EntityKind::ContainerService,
        EntityKind::Task,
    ];
    Some((what, all.reference(&kinds)?))
}

/// What the metrics of a resource are about: its service, else the pod, container's pod, node or host
/// it is.
pub fn subject(
    services: &mut Services,
    input: &Input<'_>,
    attributes: &[KeyValue],
    out: &mut Out<'_>,
) -> Reference {
    let text = |names: &[&str]| attribute::text(attributes, names);
    if text(&["service.name"]).is_some() {
        return Reference::id(services.of(input, attributes, out));
    }
    let (cluster, namespace) =
        (text(&["k8s.cluster.uid", "k8s.cluster.name"]), text(&["k8s.namespace.name"]));
    let place = Place::new(cluster.as_deref(), namespace.as_deref(), input.context);
    let mut all = Candidates::default();
    if let Some(uid) = text(&["k8s.pod.uid"]) {
        all.add("k8s.pod.uid", key::uid(&uid), Confidence::Certain);
    }
    if let Some(pod) = text(&["k8s.pod.name"]) {
        all.add("k8s.pod.name", place.object("pod", &pod), place.confidence());
        all.controllers_of_pod(place, &pod);
    }
    for (name, kind) in CONTROLLERS {
        if let Some(controller) = text(&[*name]) {
            all.add(name, place.object(kind, &controller), place.confidence());
        }
    }
    if let Some(arn) = text(&["aws.ecs.task.arn", "cloud.resource_id"]) {
        all.add("cloud.resource_id", key::arn(&arn), Confidence::Certain);
    }
    if all.0.is_empty() {
        if let Some(node) = text(&["k8s.node.name"]) {
            all.add("k8s.node.name", place.node(&node), place.confidence().max(Confidence::Medium));
        }
        if let Some(host) = text(&["host.id"]) {
            all.add("host.id", key::bare_id(&host), Confidence::High);
        }
        if let Some(host) = text(&["host.name"]) {
            all.add("host.name", place.node(&host), Confidence::Medium);
            all.add("host.name", key::host(&host), Confidence::Medium);
        }
    }
    all.reference(&[]).unwrap_or_else(|| crate::format::subject::unattached(input.context))
}
