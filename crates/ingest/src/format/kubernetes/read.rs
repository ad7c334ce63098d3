//! From the documents of an input to its objects, and each object to the reader of its kind. A bad
//! object is one reject; the others go in.

use std::collections::BTreeSet;

use model::EntityObservation;
use model::entity::Presence;
use model::{AliasKey, EntityKind};
use serde_json::json;

use super::object::{ListMeta, Meta, part};
use super::place::{Cluster, LABEL_BYTES};
use super::volatile::VOLATILE_KINDS;
use super::{configuration, event, ingress, node, other, pod, policy, service, storage, workload};
use crate::context::InputContext;
use crate::input::Out;
use crate::{key, outline};

/// One object, its parts not read yet.
#[derive(Debug)]
pub struct Object<'a> {
    /// `apiVersion`, else the list's.
    pub api_version: &'a str,
    /// `kind`, else the list's without `List`.
    pub kind: &'a str,
    /// `metadata`.
    pub meta: Meta,
    parts: Vec<(&'a str, &'a [u8])>,
}

impl<'a> Object<'a> {
    /// A top-level part as written.
    pub fn part(&self, name: &str) -> Option<&'a [u8]> {
        find(&self.parts, name)
    }
}

/// Kinds that have no namespace; of others only those are taken to have none whose object names none
/// and whose kind is not known here.
const CLUSTER_SCOPED: &[&str] = &[
    "namespace",
    "node",
    "persistentvolume",
    "storageclass.storage.k8s.io",
    "volumeattachment.storage.k8s.io",
    "csidriver.storage.k8s.io",
    "csinode.storage.k8s.io",
    "clusterrole.rbac.authorization.k8s.io",
    "clusterrolebinding.rbac.authorization.k8s.io",
    "customresourcedefinition.apiextensions.k8s.io",
    "priorityclass.scheduling.k8s.io",
    "ingressclass.networking.k8s.io",
    "gatewayclass.gateway.networking.k8s.io",
    "mutatingwebhookconfiguration.admissionregistration.k8s.io",
    "validatingwebhookconfiguration.admissionregistration.k8s.io",
    "apiservice.apiregistration.k8s.io",
    "runtimeclass.node.k8s.io",
    "nodepool.karpenter.sh",
    "provisioner.karpenter.sh",
];

/// Groups of the core distribution: their other kinds are in a namespace.
const BUILT_IN_GROUPS: &[&str] = &[
    "",
    "apps",
    "batch",
    "autoscaling",
    "policy",
    "networking.k8s.io",
    "rbac.authorization.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
];

/// Documents that are no objects of a cluster.
const NO_OBJECTS: &[&str] =
    &["kustomize.config.k8s.io/", "kind.x-k8s.io/", "client.authentication.k8s.io/"];

/// Reads the documents of one input.
pub struct Reader<'a, 'o, 'b> {
    cluster: Cluster<'a>,
    context: &'a InputContext,
    out: &'b mut Out<'o>,
    listed: BTreeSet<(EntityKind, String)>,
    is_partial: bool,
    namespaces: BTreeSet<String>,
    namespaces_read: BTreeSet<String>,
    implied: BTreeSet<AliasKey>,
}

impl<'a, 'o, 'b> Reader<'a, 'o, 'b> {
    /// For an input of this cluster.
    pub fn new(cluster: Cluster<'a>, context: &'a InputContext, out: &'b mut Out<'o>) -> Self {
        Self {
            cluster,
            context,
            out,
            listed: BTreeSet::new(),
            is_partial: false,
            namespaces: BTreeSet::new(),
            namespaces_read: BTreeSet::new(),
            implied: BTreeSet::new(),
        }
    }

    /// One JSON document: a list or an object. Returns whether to go on.
    pub fn document(&mut self, raw: &[u8], place: &str) -> bool {
        let mut members = outline::members(raw);
        let mut parts: Vec<(&str, &[u8])> = Vec::new();
        let mut is_cut = false;
        for member in members.by_ref() {
            match member {
                Ok(member) => parts.push(member),
                Err(_cut) => is_cut = true,
            }
        }
        if is_cut {
            parts.extend(members.unfinished().filter(|(name, _)| *name == "items"));
        }
        let kind = text(&parts, "kind");
        match find(&parts, "items") {
            Some(items) if kind.is_none_or(|kind| kind.ends_with("List")) => {
                self.list(&parts, items, place)
            }
            _ if is_cut || parts.is_empty() => self.cut(raw, place),
            _ => self.object(parts, ("", ""), place),
        }
    }

    fn cut(&mut self, raw: &[u8], place: &str) -> bool {
        let reason = match serde_json::from_slice::<serde::de::IgnoredAny>(raw) {
            Ok(_) => "no object; a Kubernetes object has apiVersion, kind and metadata".to_owned(),
            Err(error) => crate::error::json_place(&error).1,
        };
        self.reject(place, reason)
    }

    fn reject(&mut self, place: &str, reason: impl Into<String>) -> bool {
        self.is_partial = true;
        self.out.reject(place, reason);
        self.out.added(0)
    }

    /// A document that is not even JSON or YAML. Returns whether to go on.
    pub fn unreadable(&mut self, place: &str, reason: String) -> bool {
        self.reject(place, reason)
    }

    fn list(&mut self, parts: &[(&str, &[u8])], items: &[u8], place: &str) -> bool {
        let kind = text(parts, "kind").unwrap_or("List");
        let kind = kind.strip_suffix("List").unwrap_or(kind);
        let api_version = text(parts, "apiVersion").unwrap_or("");
        let meta: ListMeta = part(find(parts, "metadata")).unwrap_or_default();
        let has_more = meta.r#continue.is_some_and(|token| !token.is_empty())
            || meta.remaining_item_count.is_some_and(|count| count != 0);
        self.is_partial |= has_more;
        if !kind.is_empty() {
            self.listed.extend(kind_of(kind, api_version));
        }
        if items == b"null" {
            return true;
        }
        for (index, item) in outline::elements(items).enumerate() {
            let place = format!("{place}/items/{index}");
            let go_on = match item {
                Ok(item) => {
                    let parts: Result<Vec<_>, _> = outline::members(item).collect();
                    match parts {
                        Ok(parts) if !parts.is_empty() => {
                            self.object(parts, (kind, api_version), &place)
                        }
                        _ => self.cut(item, &place),
                    }
                }
                Err(_cut) => self.reject(&place, "the list is cut off here; export it again"),
            };
            if !go_on {
                return false;
            }
        }
        true
    }

    fn object<'p>(
        &mut self,
        parts: Vec<(&'p str, &'p [u8])>,
        (list_kind, list_version): (&'p str, &'p str),
        place: &str,
    ) -> bool {
        let kind = text(&parts, "kind").unwrap_or(list_kind);
        let api_version = text(&parts, "apiVersion").unwrap_or(list_version);
        if kind.is_empty() {
            return self
                .reject(place, "kind is missing; a Kubernetes object has apiVersion and kind");
        }
        if kind == "Status" {
            let reason: String = part(find(&parts, "message")).unwrap_or_default();
            return self.reject(place, format!("an error response instead of objects: {reason}"));
        }
        let is_none = NO_OBJECTS.iter().any(|group| api_version.starts_with(group))
            || (kind == "Config" && api_version == "v1");
        if is_none || VOLATILE_KINDS.contains(&kind) {
            return self.out.added(0);
        }
        let meta: Meta = match part(find(&parts, "metadata")) {
            Ok(meta) => meta,
            Err(error) => return self.reject(&format!("{place}/metadata"), wrong(&error)),
        };
        if meta.name.is_empty() {
            let reason = format!("metadata.name of this {kind} is missing; it cannot be named");
            return self.reject(place, reason);
        }
        let place = format!("{place} ({kind} {})", meta.name).trim_start().to_owned();
        for (name, value) in &meta.labels {
            if name.len().max(value.len()) > LABEL_BYTES {
                let name: String = name.chars().take(80).collect();
                let bytes = value.len();
                self.out.reject(
                    format!("{place} label {name}"),
                    format!("{bytes} bytes, more than {LABEL_BYTES}; this label is left out"),
                );
            }
        }
        let object = Object { api_version, kind, meta, parts };
        match self.read(&object) {
            Ok(Ok(())) => self.out.added(0),
            Ok(Err(reason)) => self.reject(&place, reason),
            Err(error) => self.reject(&place, wrong(&error)),
        }
    }

    fn read(&mut self, object: &Object<'_>) -> Result<Result<(), String>, serde_json::Error> {
        let kind_part = key::kubernetes_kind(object.kind, object.api_version);
        if matches!(&*kind_part, "event" | "event.events.k8s.io") {
            return Ok(event::read(&self.cluster, object)?.map(|change| {
                self.out.batch().changes.push(change);
                self.out.added(1);
            }));
        }
        let namespace = self.namespace(&kind_part, &object.meta);
        let mut entities = entities(&self.cluster, object, &kind_part, namespace.as_deref())?;
        // An API that is not stable yet may be gone in a later version of the cluster.
        if object.api_version.contains("alpha") || object.api_version.contains("beta") {
            let id = self.cluster.id(namespace.as_deref(), &kind_part, &object.meta.name);
            if let Some(own) = entities.iter_mut().find(|one| one.id == id) {
                own.properties.insert("api_version".to_owned(), json!(object.api_version));
                own.properties.insert("kubernetes_kind".to_owned(), json!(object.kind));
            }
        }
        self.listed.extend(kind_of(object.kind, object.api_version));
        if kind_part == "namespace" {
            self.namespaces_read.insert(object.meta.name.clone());
        }
        self.namespaces.extend(namespace);
        for entity in entities {
            // What many objects imply (an image, an owner) is said once.
            let is_implied = entity.presence == Presence::Implied
                && matches!(entity.kind, EntityKind::Image | EntityKind::Workload);
            if !is_implied || self.implied.insert(entity.id.clone()) {
                self.out.batch().entities.push(entity);
                self.out.added(1);
            }
        }
        Ok(Ok(()))
    }

    fn namespace(&self, kind_part: &str, meta: &Meta) -> Option<String> {
        if CLUSTER_SCOPED.contains(&kind_part) {
            return None;
        }
        let named = meta.namespace.as_deref().filter(|name| !name.is_empty());
        let group = kind_part.split_once('.').map_or("", |(_kind, group)| group);
        let is_known = BUILT_IN_GROUPS.contains(&group) || group.ends_with("istio.io");
        let is_known = is_known || group == "gateway.networking.k8s.io";
        named.or_else(|| is_known.then_some(self.cluster.namespace)).map(str::to_owned)
    }

    /// What the objects imply together, and what the input lists in full.
    pub fn finish(self) {
        let implied = self.namespaces.difference(&self.namespaces_read);
        let mut entities: Vec<EntityObservation> =
            implied.map(|name| self.cluster.namespace_entity(name)).collect();
        entities.push(self.cluster.cluster_entity());
        let count = entities.len();
        self.out.batch().entities.append(&mut entities);
        self.out.added(count);
        if self.is_partial {
            return;
        }
        let listed = &self.listed;
        let complete = self.context.complete.iter().filter(|complete| {
            let is_of_kind = |(kind, class): &(EntityKind, String)| {
                *kind == complete.kind && (complete.class.is_empty() || *class == complete.class)
            };
            listed.iter().any(is_of_kind)
        });
        let complete: Vec<_> = complete.cloned().collect();
        self.out.batch().completes.extend(complete);
    }
}

fn find<'a>(parts: &[(&str, &'a [u8])], name: &str) -> Option<&'a [u8]> {
    parts.iter().find(|(key, _value)| *key == name).map(|(_key, value)| *value)
}

fn text<'a>(parts: &[(&str, &'a [u8])], name: &str) -> Option<&'a str> {
    let raw = find(parts, name)?.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    std::str::from_utf8(raw).ok().filter(|text| !text.contains('\\'))
}

fn wrong(error: &serde_json::Error) -> String {
    crate::error::json_place(error).1
}

/// The kind of entity that objects become, and the class within it.
pub fn kind_of(kind: &str, api_version: &str) -> Option<(EntityKind, String)> {
    use EntityKind as K;
    let kind_part = key::kubernetes_kind(kind, api_version);
    if workload::is_controller(kind, api_version) {
        return Some((K::Workload, kind.to_owned()));
    }
    let entity = match &*kind_part {
        "pod" => K::Pod,
        "node" => K::KubernetesNode,
        "namespace" => K::KubernetesNamespace,
        "service" => K::KubernetesService,
        "configmap" => K::ConfigurationMap,
        "persistentvolumeclaim" => K::PersistentVolumeClaim,
        "persistentvolume" => K::PersistentVolume,
        "ingress.networking.k8s.io" => K::Ingress,
        "horizontalpodautoscaler.autoscaling" => K::Autoscaler,
        "poddisruptionbudget.policy" => K::DisruptionBudget,
        "networkpolicy.networking.k8s.io" => K::NetworkPolicy,
        "nodepool.karpenter.sh" | "provisioner.karpenter.sh" => K::NodePool,
        _ => return None,
    };
    Some((entity, String::new()))
}

fn entities(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    kind_part: &str,
    namespace: Option<&str>,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let Some(of) = namespace else {
        return match kind_part {
            "node" => node::read(cluster, object),
            "namespace" => node::read_namespace(cluster, object),
            "persistentvolume" => storage::read_volume(cluster, object),
            "nodepool.karpenter.sh" | "provisioner.karpenter.sh" => {
                node::read_pool(cluster, object, kind_part)
            }
            _ => other::read(cluster, object, kind_part, None),
        };
    };
    if workload::is_controller(object.kind, object.api_version) {
        return workload::read(cluster, object, of);
    }
    match kind_part {
        "pod" => pod::read(cluster, object, of),
        "service" => service::read(cluster, object, of),
        "endpoints" | "endpointslice.discovery.k8s.io" => {
            service::read_endpoints(cluster, object, of)
        }
        "configmap" => configuration::read_map(cluster, object, of),
        "secret" => configuration::read_secret(cluster, object, of),
        "persistentvolumeclaim" => storage::read_claim(cluster, object, of),
        "ingress.networking.k8s.io" => ingress::read(cluster, object, of),
        "horizontalpodautoscaler.autoscaling" => policy::read_autoscaler(cluster, object, of),
        "poddisruptionbudget.policy" => policy::read_budget(cluster, object, of),
        "networkpolicy.networking.k8s.io" => policy::read_network_policy(cluster, object, of),
        "gateway.gateway.networking.k8s.io" | "gateway.networking.istio.io" => {
            ingress::read_gateway(cluster, object, of)
        }
        "virtualservice.networking.istio.io" => ingress::read_virtual_service(cluster, object, of),
        part if part.ends_with("route.gateway.networking.k8s.io") => {
            ingress::read_route(cluster, object, of)
        }
        _ => other::read(cluster, object, kind_part, namespace),
    }
}
