//! One service of a Compose file: the workload, the service (or store) that it implements, its image,
//! and what it calls.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::{Presence, RelationObservation};
use model::kind::Confidence;
use model::reference::Claim;
use model::{AliasKey, EntityKind, EntityObservation, Reference, RelationKind, Scope};
use serde_json::{Map, Value, json};

use crate::context::InputContext;
use crate::format::kubernetes::{Endpoint, endpoint_reference, in_argument, in_variable, store};
use crate::key;

/// Stands where keys of endpoints have a cluster.
const NETWORK: &str = "compose:";

/// What the services of one file have in common.
pub struct File<'a> {
    /// Name of the project.
    pub project: &'a str,
    /// Flags of the input.
    pub context: &'a InputContext,
    /// Names of the file's containers.
    pub hosts: &'a BTreeSet<String>,
}

impl File<'_> {
    fn workload_id(&self, name: &str) -> AliasKey {
        format!("compose://{}/{name}", self.project).into()
    }

    fn scope(&self) -> Scope {
        Scope {
            namespace: Some(self.project.to_owned()),
            environment: self.context.environment.clone(),
            ..Scope::default()
        }
    }
}

type Fields = Map<String, Value>;

/// The entities of a service.
pub fn entities(file: &File<'_>, name: &str, fields: &Fields) -> Vec<EntityObservation> {
    let image = text(fields, "image").map(|image| filled(&image));
    let mut workload = EntityObservation::new(file.workload_id(name), EntityKind::Workload, name);
    workload.scope = file.scope();
    workload.labels = labels(fields);
    workload.claims.push(Claim {
        confidence: Confidence::Low,
        ..Claim::alias(key::workload_name(name), workload.id.clone())
    });
    properties(&mut workload, fields, image.as_deref());
    let mut all = Vec::new();
    if let Some(image) = image.as_deref().filter(|image| !image.contains('$')) {
        let id = key::image(image);
        let mut used = EntityObservation::new(id.clone(), EntityKind::Image, image);
        used.presence = Presence::Implied;
        workload.relations.push(RelationObservation::declared(
            Reference::id(workload.id.clone()),
            RelationKind::UsesImage,
            Reference::key("image", id).of_kinds(&[EntityKind::Image]),
        ));
        all.push(used);
    }
    let front = front(file, name, fields, image.as_deref(), &workload);
    all.extend([workload, front]);
    all
}

fn properties(workload: &mut EntityObservation, fields: &Fields, image: Option<&str>) {
    let at = |path: &[&str]| {
        let mut value = fields.get(*path.first()?)?;
        for part in &path[1..] {
            value = value.get(part)?;
        }
        Some(value).filter(|value| value.is_string() || value.is_number())
    };
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            workload.properties.insert(name.to_owned(), value);
        }
    };
    set("controller", Some(json!("compose")));
    set("images", image.map(|image| json!([image])));
    let replicas = at(&["deploy", "replicas"]).or(at(&["scale"])).and_then(Value::as_u64);
    set("replicas", Some(json!(replicas.unwrap_or(1))));
    set("restart", at(&["restart"]).cloned());
    set("cpu_limit", at(&["deploy", "resources", "limits", "cpus"]).cloned());
    set("memory_limit", at(&["deploy", "resources", "limits", "memory"]).cloned());
    set("has_healthcheck", Some(json!(fields.contains_key("healthcheck"))));
    let ports: Vec<String> = list(fields.get("ports")).iter().filter_map(port_text).collect();
    set("ports", (!ports.is_empty()).then(|| json!(ports)));
    let profiles: Vec<Value> = list(fields.get("profiles"));
    set("profiles", (!profiles.is_empty()).then(|| json!(profiles)));
}

/// The service that a container implements, or the store that its image is.
fn front(
    file: &File<'_>,
    name: &str,
    fields: &Fields,
    image: Option<&str>,
    workload: &EntityObservation,
) -> EntityObservation {
    let found = image.and_then(|image| store([(name, image)].into_iter()));
    let id = front_id(file, name, found.map(|(kind, _)| kind));
    let mut front = match found {
        Some((kind, engine)) => {
            let mut store = EntityObservation::new(id, kind, name);
            store.properties.insert("engine".to_owned(), json!(engine));
            store.properties.insert("hosting".to_owned(), json!("compose"));
            store
        }
        None => {
            let mut service = EntityObservation::new(id, EntityKind::Service, name);
            service.presence = Presence::Implied;
            service
        }
    };
    front.scope = file.scope();
    front.labels = workload.labels.clone();
    let own = front.id.clone();
    front.claims.push(Claim::alias(key::service_of(&workload.id), own.clone()));
    if found.is_none() {
        front.claims.push(Claim::alias(key::service_name(name), own.clone()));
    }
    for host in names(name, &Value::Object(fields.clone())) {
        let host = key::endpoint_host(NETWORK, file.project, &host);
        front.claims.push(Claim::alias(host, own.clone()));
    }
    front.relations.push(RelationObservation::declared(
        Reference::id(own.clone()),
        RelationKind::ImplementedBy,
        Reference::id(workload.id.clone()),
    ));
    front.relations.extend(calls(file, name, fields, &own));
    front
}

fn front_id(file: &File<'_>, name: &str, store: Option<EntityKind>) -> AliasKey {
    match store {
        Some(_) => format!("store://compose/{}/{name}", file.project).into(),
        None => key::service(file.context.environment.as_deref(), Some(file.project), name),
    }
}

/// The names that a container answers to on its networks.
pub fn names(name: &str, fields: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::from([name.to_ascii_lowercase()]);
    for field in ["container_name", "hostname"] {
        all.extend(fields.get(field).and_then(Value::as_str).map(str::to_ascii_lowercase));
    }
    if let Some(networks) = fields.get("networks").and_then(Value::as_object) {
        for network in networks.values() {
            let aliases = list(network.get("aliases"));
            all.extend(aliases.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase));
        }
    }
    all.retain(|host| !host.is_empty() && !host.contains('$') && host.len() <= 253);
    all
}

/// What is known of the calls to one host.
#[derive(Default)]
struct Called {
    variables: BTreeSet<String>,
    endpoints: BTreeSet<Endpoint>,
    condition: Option<String>,
}

fn calls(
    file: &File<'_>,
    name: &str,
    fields: &Fields,
    from: &AliasKey,
) -> Vec<RelationObservation> {
    let mut called: BTreeMap<String, Called> = BTreeMap::new();
    let variables = environment(fields.get("environment"));
    for (variable, value) in &variables {
        let port_of = |name: &str| variables.get(name).and_then(|port| port.parse().ok());
        for endpoint in in_variable(variable, value, port_of) {
            let one = called.entry(endpoint.host.clone()).or_default();
            one.variables.insert(variable.clone());
            one.endpoints.insert(endpoint);
        }
    }
    for field in ["command", "entrypoint"] {
        for argument in list(fields.get(field)).iter().filter_map(Value::as_str) {
            for endpoint in in_argument(&filled(argument)) {
                let one = called.entry(endpoint.host.clone()).or_default();
                one.variables.insert("args".to_owned());
                one.endpoints.insert(endpoint);
            }
        }
    }
    for (service, condition) in depends_on(fields.get("depends_on")) {
        // What must have ended before is no part of serving requests.
        if condition != "service_completed_successfully" {
            called.entry(service).or_default().condition = Some(condition);
        }
    }
    let own = names(name, &Value::Object(fields.clone()));
    called.retain(|host, _| !own.contains(host));
    called.into_iter().map(|(host, called)| call(file, from, &host, called)).collect()
}

fn call(file: &File<'_>, from: &AliasKey, host: &str, called: Called) -> RelationObservation {
    let endpoints: Vec<Endpoint> = called.endpoints.into_iter().collect();
    let is_known = file.hosts.contains(host) || called.condition.is_some();
    let of_project = key::endpoint_host(NETWORK, file.project, host);
    let to = if is_known || endpoints.is_empty() {
        Reference::key("compose service", of_project)
    } else {
        // A host outside, or a service of another file of the project.
        endpoint_reference(NETWORK, file.project, &endpoints, "endpoint").or(
            "compose service",
            of_project,
            Confidence::Certain,
        )
    };
    let mut call =
        RelationObservation::declared(Reference::id(from.clone()), RelationKind::Calls, to);
    if !called.variables.is_empty() {
        let variables: Vec<String> = called.variables.into_iter().collect();
        call = call.with("variable", variables.join(", "));
    }
    if !endpoints.is_empty() {
        call = call.with("endpoint", crate::format::kubernetes::written(&endpoints));
    }
    match called.condition {
        Some(condition) => call.with("depends_on", condition),
        None => call,
    }
}

/// Services that must be there before, with the condition.
fn depends_on(value: Option<&Value>) -> Vec<(String, String)> {
    let started = || "service_started".to_owned();
    match value {
        Some(Value::Array(all)) => {
            let names = all.iter().filter_map(Value::as_str);
            names.map(|name| (name.to_ascii_lowercase(), started())).collect()
        }
        Some(Value::Object(all)) => all
            .iter()
            .map(|(name, fields)| {
                let condition = fields.get("condition").and_then(Value::as_str);
                let condition = condition.map_or_else(started, str::to_owned);
                (name.to_ascii_lowercase(), condition)
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Variables that have a value in the file, defaults put in.
fn environment(value: Option<&Value>) -> BTreeMap<String, String> {
    let pairs: Vec<(String, String)> = match value {
        Some(Value::Array(all)) => {
            let texts = all.iter().filter_map(Value::as_str);
            texts
                .filter_map(|text| text.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        }
        Some(Value::Object(all)) => {
            let texts = all.iter().map(|(name, value)| (name.clone(), scalar(value)));
            texts.filter_map(|(name, value)| Some((name, value?))).collect()
        }
        _ => Vec::new(),
    };
    pairs.into_iter().map(|(name, value)| (name, filled(&value))).collect()
}

/// A text with `${NAME:-default}` and `${NAME-default}` replaced by the default; other variables stay
/// as they are, so that nothing is made of half an address.
pub fn filled(text: &str) -> String {
    let mut all = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        all.push_str(before);
        if let Some(behind) = after.strip_prefix('$') {
            all.push('$');
            rest = behind;
            continue;
        }
        let inner = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        match inner {
            Some((name, behind)) => {
                let default = name.split_once(":-").or_else(|| name.split_once('-'));
                match default.filter(|(_, default)| !default.contains(['$', '{'])) {
                    Some((_, default)) => all.push_str(default),
                    None => all.extend(["${", name, "}"]),
                }
                rest = behind;
            }
            None => {
                all.push('$');
                rest = after;
            }
        }
    }
    all.push_str(rest);
    all
}

fn labels(fields: &Fields) -> model::entity::Labels {
    let pairs = environment(fields.get("labels"));
    pairs.into_iter().filter(|(name, value)| name.len().max(value.len()) <= 4096).collect()
}

fn port_text(value: &Value) -> Option<String> {
    match value {
        Value::Object(port) => {
            let part = |name: &str| port.get(name).and_then(scalar);
            let published = part("published").map(|port| format!("{port}:"));
            Some(format!("{}{}", published.unwrap_or_default(), part("target")?))
        }
        value => scalar(value).map(|port| filled(&port)),
    }
}

fn text(fields: &Fields, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A list, or nothing; a text is a list of its words.
fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(all)) => all.clone(),
        Some(Value::String(text)) => text.split_whitespace().map(Value::from).collect(),
        _ => Vec::new(),
    }
}
