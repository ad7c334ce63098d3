//! ConfigMaps and Secrets: their keys, never a Secret's values; and the endpoints that a ConfigMap's
//! variables name.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::RelationObservation;
use model::reference::Claim;
use model::{EntityKind, EntityObservation, Reference, RelationKind};
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::endpoint::{self, Endpoint};
use super::object::part;
use super::place::Cluster;
use super::read::Object;
use super::template::written;
use crate::key;

/// A ConfigMap.
pub fn read_map(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let data: BTreeMap<String, Value> = part(object.part("data"))?;
    let binary: BTreeMap<String, IgnoredAny> = part(object.part("binaryData"))?;
    let kind = EntityKind::ConfigurationMap;
    let mut map = cluster.entity(kind, "configmap", Some(namespace), &object.meta);
    let keys: BTreeSet<&str> = data.keys().chain(binary.keys()).map(String::as_str).collect();
    map.properties.insert("keys".to_owned(), json!(keys));
    map.relations.push(cluster.contained_in(namespace, &map.id));
    let values: BTreeMap<&str, &str> = data
        .iter()
        .filter(|(name, _value)| is_variable(name))
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    let mut hosts: BTreeMap<String, (BTreeSet<&str>, BTreeSet<Endpoint>)> = BTreeMap::new();
    for (name, value) in &values {
        let port_of = |name: &str| values.get(name).and_then(|port| port.parse().ok());
        let endpoints = endpoint::in_variable(name, value, port_of);
        claim_value(cluster, namespace, name, &endpoints, &mut map);
        for endpoint in endpoints {
            let (variables, endpoints) = hosts.entry(endpoint.host.clone()).or_default();
            variables.insert(name);
            endpoints.insert(endpoint);
        }
    }
    let reader = key::configuration_reader(cluster.part, namespace, &map.name);
    for (variables, endpoints) in hosts.into_values() {
        let endpoints: Vec<Endpoint> = endpoints.into_iter().collect();
        let variables: Vec<&str> = variables.into_iter().collect();
        let from = Reference::key("configMapRef", reader.clone()).many();
        let to = endpoint::reference(cluster.part, namespace, &endpoints, "endpoint");
        map.relations.push(
            RelationObservation::declared(from, RelationKind::Calls, to)
                .with("variable", variables.join(", "))
                .with("endpoint", written(&endpoints))
                .with("configuration_map", map.name.as_str()),
        );
    }
    Ok(vec![map])
}

/// Whether a key can be the name of a variable; others are files.
fn is_variable(name: &str) -> bool {
    let mut letters = name.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}

/// Claims that the value leads to the endpoint that it names, for those that read this one key.
fn claim_value(
    cluster: &Cluster<'_>,
    namespace: &str,
    name: &str,
    endpoints: &[Endpoint],
    map: &mut EntityObservation,
) {
    let Some(first) = endpoints.first() else { return };
    let reference =
        endpoint::reference(cluster.part, namespace, std::slice::from_ref(first), "endpoint");
    let Some(candidate) = reference.candidates.into_iter().next() else { return };
    map.claims.push(Claim {
        key: key::configuration_value(cluster.part, namespace, &map.name, name),
        to: candidate.all,
        confidence: candidate.confidence,
    });
}

/// A Secret: its type and its keys, never a value.
pub fn read_secret(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let data: BTreeMap<String, IgnoredAny> = part(object.part("data"))?;
    let text: BTreeMap<String, IgnoredAny> = part(object.part("stringData"))?;
    let r#type: String = part(object.part("type"))?;
    let mut secret = cluster.entity(EntityKind::Resource, "secret", Some(namespace), &object.meta);
    let keys: BTreeSet<&str> = data.keys().chain(text.keys()).map(String::as_str).collect();
    secret.properties.insert("kubernetes_kind".to_owned(), json!("Secret"));
    secret.properties.insert("keys".to_owned(), json!(keys));
    secret.properties.insert("type".to_owned(), json!(r#type));
    secret.relations.push(cluster.contained_in(namespace, &secret.id));
    Ok(vec![secret])
}
