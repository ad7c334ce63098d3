//! What a series or a service of telemetry is about, by the names that telemetry knows.

use model::entity::Labels;
use model::kind::Confidence;
use model::reference::{Candidate, Cardinality};
use model::{AliasKey, EntityKind, Reference};

use super::service_graph;
use crate::context::InputContext;
use crate::key;

/// Characters of the suffixes that Kubernetes makes up: no vowels, nothing that looks like another.
const SUFFIX: &str = "bcdfghjklmnpqrstvwxz2456789";
/// Length of the suffix of a pod of a ReplicaSet, DaemonSet or Job.
const SUFFIX_LENGTH: usize = 5;

/// Cluster and namespace in which names are to be understood.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// Uid or name of the cluster.
    pub cluster: Option<&'a str>,
    /// Namespace.
    pub namespace: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// What the context says where the record is silent. A cluster that the record names as the
    /// context does has the context's uid.
    pub fn new(
        cluster: Option<&'a str>,
        namespace: Option<&'a str>,
        context: &'a InputContext,
    ) -> Self {
        let cluster = match (cluster, context.cluster.as_deref()) {
            (Some(name), Some(known)) if name == known => context.cluster_part(),
            (Some(name), _) => Some(name),
            (None, _) => context.cluster_part(),
        };
        Self { cluster, namespace: namespace.or(context.namespace.as_deref()) }
    }

    /// Key of an object in a namespace. What is not known is left open: the key then leads somewhere
    /// only when the name is unique in the estate.
    pub fn object(&self, kind: &str, name: &str) -> AliasKey {
        let namespace = self.namespace.unwrap_or("*");
        key::kubernetes(self.cluster.unwrap_or("*"), Some(namespace), kind, name)
    }

    /// Key of a node.
    pub fn node(&self, name: &str) -> AliasKey {
        key::kubernetes(self.cluster.unwrap_or("*"), None, "node", name)
    }

    /// How far a join by name is trusted here.
    pub fn confidence(&self) -> Confidence {
        match (self.cluster, self.namespace) {
            (Some(_), Some(_)) => Confidence::Certain,
            (None, Some(_)) => Confidence::Medium,
            _ => Confidence::Low,
        }
    }
}

/// Candidates of a reference, in falling order of rank.
#[derive(Debug, Default)]
pub struct Candidates(pub Vec<Candidate>);

impl Candidates {
    /// Adds one of lower rank.
    pub fn add(&mut self, rule: &str, key: AliasKey, confidence: Confidence) {
        self.0.push(Candidate { all: vec![key], rule: rule.into(), confidence });
    }

    /// The controllers that a pod of this name may have, by its name alone.
    pub fn controllers_of_pod(&mut self, place: Place<'_>, pod: &str) {
        let confidence = place.confidence().min(Confidence::High);
        let Some((rest, last)) = pod.rsplit_once('-') else { return };
        let is_suffix =
            |text: &str, length| text.len() == length && text.chars().all(|c| SUFFIX.contains(c));
        if is_suffix(last, SUFFIX_LENGTH) {
            if let Some((deployment, hash)) = rest.rsplit_once('-')
                && (4..=10).contains(&hash.len())
                && hash.chars().all(|c| SUFFIX.contains(c) || c.is_ascii_digit())
            {
                let key = place.object("deployment", deployment);
                self.add("k8s.pod.name without hash and suffix", key, confidence);
            }
            for kind in ["daemonset", "job", "replicaset"] {
                let key = place.object(kind, rest);
                self.add("k8s.pod.name without suffix", key, confidence.min(Confidence::Medium));
            }
        }
        if !last.is_empty() && last.len() <= 4 && last.bytes().all(|byte| byte.is_ascii_digit()) {
            let key = place.object("statefulset", rest);
            self.add("k8s.pod.name without ordinal", key, confidence);
        }
    }

    /// As a reference to one thing.
    pub fn reference(self, kinds: &[EntityKind]) -> Option<Reference> {
        (!self.0.is_empty()).then(|| Reference {
            candidates: self.0,
            kinds: kinds.to_vec(),
            cardinality: Cardinality::One,
            otherwise: None,
        })
    }
}

/// Prefixes of metrics whose label `service` is a Kubernetes Service, not a service of telemetry.
const KUBERNETES_SERVICE_METRICS: &[&str] = &["kube_service_", "kube_endpoint"];

/// What a Prometheus series is about, by its labels: pod, node, resource of a cloud, service,
/// controller, claim, database; last the address it was scraped at and its job. A series that names
/// nothing known keeps an open reference.
pub fn of_labels(metric: &str, labels: &Labels, context: &InputContext) -> Reference {
    let label = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| labels.get(*name))
            .map(String::as_str)
            .filter(|v| !v.is_empty())
    };
    let place = Place::new(
        label(&["k8s_cluster_uid", "cluster_id", "cluster", "k8s_cluster_name"]),
        label(&["exported_namespace", "namespace", "kubernetes_namespace", "k8s_namespace_name"]),
        context,
    );
    let mut all = Candidates::default();
    if let Some(server) = edge_server(metric, labels, context) {
        return server;
    }
    if let Some(uid) = label(&["k8s_pod_uid"]) {
        all.add("k8s.pod.uid", key::uid(uid), Confidence::Certain);
    }
    if let Some(pod) = label(&["exported_pod", "pod", "pod_name", "k8s_pod_name"]) {
        all.add("label pod", place.object("pod", pod), place.confidence());
        all.controllers_of_pod(place, pod);
    }
    if all.0.is_empty() {
        let node = label(&["node", "kubernetes_node", "k8s_node_name", "nodename"]);
        if let Some(node) = node {
            all.add("label node", place.node(node), place.confidence().max(Confidence::Medium));
        }
        of_cloud(&label, &mut all);
        if all.0.is_empty() {
            of_kubernetes(metric, &label, place, &mut all);
        }
        if all.0.is_empty() {
            of_database(&label, place, &mut all);
        }
    }
    of_service(metric, &label, place, context, &mut all);
    if all.0.is_empty() {
        of_target(&label, place, &mut all);
    }
    all.reference(&[]).unwrap_or_else(|| unattached(context))
}

/// A series of calls is about the service that is called; the caller stays in its labels.
fn edge_server(metric: &str, labels: &Labels, context: &InputContext) -> Option<Reference> {
    service_graph::call_of(metric, labels)?.ends.server.reference(context)
}

/// A service by its name: exact, then by the name alone when it is unique in the estate.
pub fn services(
    all: &mut Candidates,
    rule: &str,
    name: &str,
    namespace: Option<&str>,
    environment: Option<&str>,
) {
    all.add(rule, key::service(environment, namespace, name), Confidence::High);
    if namespace.is_some() {
        all.add(rule, key::service(environment, None, name), Confidence::Medium);
    }
    all.add(rule, key::service_name(name), Confidence::Low);
}

type Label<'l> = dyn Fn(&[&str]) -> Option<&'l str> + 'l;

fn of_service(
    metric: &str,
    label: &Label<'_>,
    place: Place<'_>,
    context: &InputContext,
    all: &mut Candidates,
) {
    if KUBERNETES_SERVICE_METRICS.iter().any(|prefix| metric.starts_with(prefix)) {
        return;
    }
    let Some(name) = label(&["service_name", "exported_service", "service"]) else { return };
    let environment = label(&["deployment_environment_name", "deployment_environment"])
        .or(context.environment.as_deref());
    let namespace = label(&["service_namespace"]).or(place.namespace);
    services(all, "label service", name, namespace, environment);
}

fn of_cloud(label: &Label<'_>, all: &mut Candidates) {
    let arn = label(&["arn", "resource_arn", "name", "cloud_resource_id"]);
    if let Some(arn) = arn.filter(|text| text.starts_with("arn:")) {
        all.add("label with an ARN", key::arn(arn), Confidence::Certain);
    }
    let id = label(&["dimension_InstanceId", "dimension_VolumeId", "instance_id", "host_id"]);
    if let Some(id) = id {
        all.add("label with an id", key::bare_id(id), Confidence::Certain);
    }
}

fn of_kubernetes(metric: &str, label: &Label<'_>, place: Place<'_>, all: &mut Candidates) {
    const KINDS: &[(&str, &str)] = &[
        ("persistentvolumeclaim", "persistentvolumeclaim"),
        ("persistentvolume", "persistentvolume"),
        ("deployment", "deployment"),
        ("statefulset", "statefulset"),
        ("daemonset", "daemonset"),
        ("replicaset", "replicaset"),
        ("cronjob", "cronjob"),
        ("job_name", "job"),
        ("ingress", "ingress"),
        ("horizontalpodautoscaler", "horizontalpodautoscaler"),
        ("poddisruptionbudget", "poddisruptionbudget"),
    ];
    for (name, kind) in KINDS {
        if let Some(value) = label(&[*name]) {
            let key = match *kind {
                "persistentvolume" => {
                    key::kubernetes(place.cluster.unwrap_or("*"), None, kind, value)
                }
                _ => place.object(kind, value),
            };
            all.add(&format!("label {name}"), key, place.confidence());
            return;
        }
    }
    let is_service = KUBERNETES_SERVICE_METRICS.iter().any(|prefix| metric.starts_with(prefix));
    if let Some(name) = label(&["service", "endpoint"]).filter(|_| is_service) {
        all.add("label service", place.object("service", name), place.confidence());
    }
}

fn of_database(label: &Label<'_>, place: Place<'_>, all: &mut Candidates) {
    let named = label(&["dbinstance_identifier", "dimension_DBInstanceIdentifier"]);
    if let Some(name) = named {
        all.add("label with a database", key::bare_id(name), Confidence::Medium);
    }
    let Some((host, port)) = label(&["server", "servername", "target"])
        .and_then(|server| server.rsplit_once(':'))
        .and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)))
    else {
        return;
    };
    if let (Some(cluster), Some(namespace)) = (place.cluster, place.namespace) {
        let key = key::endpoint(cluster, namespace, host, port);
        all.add("label server", key, Confidence::High);
    }
    all.add("label server", key::public_endpoint(host, port), Confidence::High);
    all.add("label server", key::host(host), Confidence::Medium);
}

/// The address a series was scraped at, then the name of the scrape job.
fn of_target(label: &Label<'_>, place: Place<'_>, all: &mut Candidates) {
    if let Some(instance) = label(&["instance"]) {
        let host = instance.rsplit_once(':').map_or(instance, |(host, _)| host);
        let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "");
        if host.parse::<std::net::IpAddr>().is_ok() && !is_local {
            if let Some(cluster) = place.cluster {
                all.add("label instance", key::address(cluster, host), Confidence::Medium);
            }
            all.add("label instance", key::address_anywhere(host), Confidence::Low);
        } else if host.starts_with("i-") {
            all.add("label instance", key::bare_id(host), Confidence::Certain);
        } else if !is_local {
            all.add("label instance", place.node(host), Confidence::Medium);
            all.add("label instance", key::host(host), Confidence::Medium);
        }
    }
    if let Some(job) = label(&["job"]) {
        match job.split_once('/') {
            Some((namespace, name)) => {
                services(all, "label job", name, Some(namespace), None);
            }
            None => all.add("label job", key::service_name(job), Confidence::Low),
        }
    }
}

/// Of nothing that is known: kept by name, counted, never guessed.
pub fn unattached(context: &InputContext) -> Reference {
    let cluster = context.cluster_part().unwrap_or("_");
    Reference::key("names nothing", format!("unattached:{cluster}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(labels: &[(&str, &str)], context: &InputContext) -> Vec<String> {
        let labels =
            labels.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Labels>();
        let reference = of_labels("metric", &labels, context);
        reference.candidates.iter().map(|one| one.all[0].to_string()).collect()
    }

    #[test]
    fn a_pod_is_tried_before_its_deployment() {
        let context = InputContext {
            cluster: Some("boutique".to_owned()),
            namespace: Some("shop".to_owned()),
            ..InputContext::default()
        };
        let found = keys(&[("pod", "adservice-5f6585d649-fnmft")], &context);
        assert_eq!(found[0], "k8s://boutique/shop/pod/adservice-5f6585d649-fnmft");
        assert_eq!(found[1], "k8s://boutique/shop/deployment/adservice");
        let open = keys(&[("pod", "redis-0"), ("namespace", "a")], &InputContext::default());
        assert_eq!(open, ["k8s://*/a/pod/redis-0", "k8s://*/a/statefulset/redis"]);
    }

    #[test]
    fn a_name_with_words_in_it_is_not_cut() {
        let found = keys(&[("pod", "online-shop-proxy")], &InputContext::default());
        assert_eq!(found, ["k8s://*/*/pod/online-shop-proxy"]);
    }

    #[test]
    fn nothing_known_stays_open() {
        assert_eq!(keys(&[("handler", "/")], &InputContext::default()), ["unattached:_"]);
        let host = keys(&[("instance", "localhost:9090")], &InputContext::default());
        assert_eq!(host, ["unattached:_"]);
    }
}
