//! Pod specifications, as pods and the templates of workloads have them: what they need, run, mount
//! and name.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::{Properties, RelationObservation};
use model::{AliasKey, EntityKind, Reference, RelationKind};
use serde_json::{Value, json};

use super::endpoint::{self, Endpoint};
use super::object::{IntOrText, Map, Meta, lenient, nullable};
use super::place::Cluster;
use super::quantity::quantity;
use super::scheduling::{Affinity, Toleration};
use crate::key;
use serde::Deserialize;

lenient! {
    /// `template` of a workload.
    Template {
        metadata: Meta,
        spec: PodSpec,
    }
    /// `spec` of a pod.
    PodSpec {
        containers: Vec<Container>,
        init_containers: Vec<Container>,
        node_name: Option<String>,
        volumes: Vec<Volume>,
        service_account_name: Option<String>,
        priority_class_name: Option<String>,
        topology_spread_constraints: Vec<Value>,
        host_network: Option<bool>,
        node_selector: Map,
        tolerations: Vec<Toleration>,
        affinity: Affinity,
        termination_grace_period_seconds: Option<i64>,
    }
    /// A container.
    Container {
        name: String,
        image: String,
        args: Vec<Value>,
        command: Vec<Value>,
        env: Vec<Variable>,
        env_from: Vec<VariablesFrom>,
        resources: Resources,
        liveness_probe: Option<serde::de::IgnoredAny>,
        readiness_probe: Option<serde::de::IgnoredAny>,
        startup_probe: Option<serde::de::IgnoredAny>,
    }
    /// An environment variable.
    Variable {
        name: String,
        value: Option<Value>,
        value_from: ValueFrom,
    }
    /// Where the value of a variable is.
    ValueFrom {
        config_map_key_ref: Option<KeyOf>,
        secret_key_ref: Option<KeyOf>,
    }
    /// One key of a ConfigMap or Secret.
    KeyOf {
        name: String,
        key: String,
    }
    /// Where further variables are.
    VariablesFrom {
        config_map_ref: Option<Named>,
        secret_ref: Option<Named>,
    }
    /// A name.
    Named {
        name: String,
    }
    /// What a container asks for and may use.
    Resources {
        requests: BTreeMap<String, IntOrText>,
        limits: BTreeMap<String, IntOrText>,
    }
    /// A volume of a pod.
    Volume {
        persistent_volume_claim: Option<ClaimSource>,
        config_map: Option<Named>,
        secret: Option<SecretSource>,
    }
    /// A claim by name.
    ClaimSource {
        claim_name: String,
    }
    /// A Secret by name.
    SecretSource {
        secret_name: String,
    }
}

/// Properties that a specification gives, for pods and for workloads.
pub fn properties(spec: &PodSpec, properties: &mut Properties) {
    let mut set = |name: &str, value: Value| {
        properties.insert(name.to_owned(), value);
    };
    for (resource, unit) in [("cpu", "cores"), ("memory", "bytes")] {
        if let Some(sum) = sum(spec, resource, |resources| &resources.requests) {
            set(&format!("{resource}_request_{unit}"), json!(sum));
        }
        if let Some(sum) = sum(spec, resource, |resources| &resources.limits) {
            set(&format!("{resource}_limit_{unit}"), json!(sum));
        }
    }
    let images: Vec<&str> = spec.containers.iter().map(|one| one.image.as_str()).collect();
    set("containers", json!(spec.containers.len()));
    set("images", json!(images));
    let all_have = |has: fn(&Container) -> bool| spec.containers.iter().all(has);
    set("has_liveness_probe", json!(all_have(|one| one.liveness_probe.is_some())));
    set("has_readiness_probe", json!(all_have(|one| one.readiness_probe.is_some())));
    set("has_startup_probe", json!(all_have(|one| one.startup_probe.is_some())));
    let states = |of: &BTreeMap<String, IntOrText>, names: &[&str]| {
        names.iter().all(|name| of.contains_key(*name))
    };
    // A limit is a request where no request is stated.
    let requests = spec.containers.iter().all(|one| {
        ["cpu", "memory"].iter().all(|name| {
            states(&one.resources.requests, &[name]) || states(&one.resources.limits, &[name])
        })
    });
    set("has_requests", json!(requests));
    if let Some(account) = &spec.service_account_name {
        set("service_account", json!(account));
    }
    if let Some(class) = &spec.priority_class_name {
        set("priority_class", json!(class));
    }
    if spec.host_network == Some(true) {
        set("host_network", json!(true));
    }
    if !spec.topology_spread_constraints.is_empty() {
        let keys: BTreeSet<&str> = spec
            .topology_spread_constraints
            .iter()
            .filter_map(|constraint| constraint.get("topologyKey")?.as_str())
            .collect();
        set("topology_spread", json!(keys));
    }
    if spec.affinity.pod_anti_affinity.is_some() {
        set("has_pod_anti_affinity", json!(true));
    }
    let secrets: BTreeSet<&str> = secrets(spec).filter(|name| !name.is_empty()).collect();
    if !secrets.is_empty() {
        set("secret_references", json!(secrets));
    }
}

/// Sum over the containers, when any states it.
fn sum(
    spec: &PodSpec,
    resource: &str,
    of: fn(&Resources) -> &BTreeMap<String, IntOrText>,
) -> Option<f64> {
    let stated = spec.containers.iter().filter_map(|one| of(&one.resources).get(resource));
    stated.filter_map(quantity).fold(None, |sum: Option<f64>, one| Some(sum.unwrap_or(0.0) + one))
}

/// Names of the Secrets that it refers to; never their values.
fn secrets(spec: &PodSpec) -> impl Iterator<Item = &str> {
    let containers = spec.containers.iter().chain(&spec.init_containers);
    let in_containers = containers.flat_map(|one| {
        let keys =
            one.env.iter().filter_map(|variable| variable.value_from.secret_key_ref.as_ref());
        let all = one.env_from.iter().filter_map(|from| from.secret_ref.as_ref());
        keys.map(|key| key.name.as_str()).chain(all.map(|all| all.name.as_str()))
    });
    let volumes = spec.volumes.iter().filter_map(|volume| volume.secret.as_ref());
    in_containers.chain(volumes.map(|volume| volume.secret_name.as_str()))
}

/// The images of a specification, as relations of `from`.
pub fn uses_images(spec: &PodSpec, from: &AliasKey) -> Vec<RelationObservation> {
    let images: BTreeSet<&str> = spec.containers.iter().map(|one| one.image.as_str()).collect();
    let images = images.into_iter().filter(|image| !image.is_empty());
    images.map(|image| uses_image(from, image)).collect()
}

/// `from` uses an image.
pub fn uses_image(from: &AliasKey, image: &str) -> RelationObservation {
    let to = Reference::key("image", key::image(image)).of_kinds(&[EntityKind::Image]);
    RelationObservation::declared(Reference::id(from.clone()), RelationKind::UsesImage, to)
}

/// What a specification names by variables and arguments, as declared calls of `from`.
pub fn calls(
    cluster: &Cluster<'_>,
    namespace: &str,
    spec: &PodSpec,
    from: &AliasKey,
) -> Vec<RelationObservation> {
    let mut named: BTreeMap<String, NamedHost> = BTreeMap::new();
    let mut relations = Vec::new();
    for container in spec.containers.iter().chain(&spec.init_containers) {
        let plain = plain_variables(container);
        for (variable, value) in &plain {
            let port_of = |name: &str| plain.get(name).and_then(|port| port.parse().ok());
            for endpoint in endpoint::in_variable(variable, value, port_of) {
                named.entry(endpoint.host.clone()).or_default().add(variable, endpoint);
            }
        }
        for argument in arguments(container) {
            for endpoint in endpoint::in_argument(argument) {
                named.entry(endpoint.host.clone()).or_default().add("args", endpoint);
            }
        }
        for variable in &container.env {
            let Some(of) = &variable.value_from.config_map_key_ref else { continue };
            if endpoint::names_host(&variable.name) || endpoint::names_host(&of.key) {
                let value = key::configuration_value(cluster.part, namespace, &of.name, &of.key);
                let to = Reference::key("configMapKeyRef", value);
                relations.push(call(from, to).with("variable", variable.name.as_str()));
            }
        }
    }
    relations.extend(named.into_values().map(|named| {
        let endpoints: Vec<Endpoint> = named.endpoints.into_iter().collect();
        let variables: Vec<String> = named.variables.into_iter().collect();
        let to = endpoint::reference(cluster.part, namespace, &endpoints, "endpoint");
        call(from, to).with("variable", variables.join(", ")).with("endpoint", written(&endpoints))
    }));
    relations
}

/// Variables and endpoints of one host.
#[derive(Default)]
struct NamedHost {
    variables: BTreeSet<String>,
    endpoints: BTreeSet<Endpoint>,
}

impl NamedHost {
    fn add(&mut self, variable: &str, endpoint: Endpoint) {
        self.variables.insert(variable.to_owned());
        self.endpoints.insert(endpoint);
    }
}

/// A declared call.
pub fn call(from: &AliasKey, to: Reference) -> RelationObservation {
    RelationObservation::declared(Reference::id(from.clone()), RelationKind::Calls, to)
}

/// Endpoints for people.
pub fn written(endpoints: &[Endpoint]) -> String {
    let all = endpoints.iter().map(|one| match one.port {
        Some(port) => format!("{}:{port}", one.host),
        None => one.host.clone(),
    });
    all.collect::<Vec<_>>().join(", ")
}

/// The variables whose values stand in the container, with `$(NAME)` of earlier ones put in.
fn plain_variables(container: &Container) -> BTreeMap<&str, String> {
    let mut plain: BTreeMap<&str, String> = BTreeMap::new();
    for variable in &container.env {
        if let Some(value) = variable.value.as_ref().and_then(Value::as_str) {
            let value = expanded(value, &plain);
            plain.insert(&variable.name, value);
        }
    }
    plain
}

fn expanded(value: &str, known: &BTreeMap<&str, String>) -> String {
    let mut all = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("$(") {
        all.push_str(before);
        let Some((name, behind)) = after.split_once(')') else {
            all.push_str("$(");
            rest = after;
            continue;
        };
        match known.get(name).filter(|_| all.len() <= endpoint::VALUE_BYTES) {
            Some(value) => all.push_str(value),
            None => all.extend(["$(", name, ")"]),
        }
        rest = behind;
    }
    all.push_str(rest);
    all
}

/// Arguments of a container; what follows `-c` is a script.
fn arguments(container: &Container) -> impl Iterator<Item = &str> {
    let all = container.command.iter().chain(&container.args).filter_map(Value::as_str);
    let mut is_script = false;
    all.filter(move |argument| {
        let was_script = is_script;
        let flag = argument.strip_prefix('-').filter(|flag| !flag.starts_with('-'));
        is_script = flag.is_some_and(|flag| flag.ends_with('c') && flag.len() <= 4);
        !was_script
    })
}

/// Keys by which a service or store is found through the configuration that it reads.
pub fn configurations(
    cluster: &Cluster<'_>,
    namespace: &str,
    spec: &PodSpec,
) -> BTreeSet<AliasKey> {
    let containers = spec.containers.iter().chain(&spec.init_containers);
    let from = containers.flat_map(|one| &one.env_from);
    from.filter_map(|from| from.config_map_ref.as_ref())
        .map(|map| key::configuration_reader(cluster.part, namespace, &map.name))
        .collect()
}
