//! Parts that every Kubernetes object has.

use serde_json::{Map, Value, json};

use crate::clock::rfc3339;
use crate::estate::{Cluster, Estate, Workload};

/// What identifies one object.
pub struct Identity<'a> {
    /// `kind`.
    pub kind: &'a str,
    /// `metadata.namespace`; empty for what has none.
    pub namespace: &'a str,
    /// `metadata.name`.
    pub name: &'a str,
    /// Creation time.
    pub created: i64,
}

/// `metadata` with uid, resourceVersion and creation time.
pub fn metadata(estate: &Estate, cluster: &Cluster, id: &Identity<'_>, labels: Value) -> Value {
    let uid = estate.uid(cluster.env, id.kind, id.namespace, id.name);
    let key = format!("version/{uid}");
    let mut map = Map::new();
    map.insert("creationTimestamp".into(), rfc3339(id.created).into());
    if labels.as_object().is_some_and(|l| !l.is_empty()) {
        map.insert("labels".into(), labels);
    }
    map.insert("name".into(), id.name.into());
    if !id.namespace.is_empty() {
        map.insert("namespace".into(), id.namespace.into());
    }
    let version = 80_000_000 + estate.random.below(&key, 9_000_000);
    map.insert("resourceVersion".into(), version.to_string().into());
    map.insert("uid".into(), uid.into());
    Value::Object(map)
}

/// Labels of a workload and its pods, without the pod's own.
pub fn labels(workload: &Workload) -> Value {
    let mut map = Map::new();
    if workload.namespace == "kube-system" {
        map.insert("k8s-app".into(), workload.name.into());
    }
    map.insert("app.kubernetes.io/name".into(), workload.name.into());
    map.insert("app.kubernetes.io/part-of".into(), workload.application.into());
    map.insert("app.kubernetes.io/version".into(), workload.release().version.clone().into());
    if !workload.team.is_empty() {
        map.insert("larkfield.example/team".into(), workload.team.into());
    }
    Value::Object(map)
}

/// `spec.selector.matchLabels` of a workload.
pub fn selector(workload: &Workload) -> Value {
    json!({ "app.kubernetes.io/name": workload.name })
}

/// An `ownerReferences` entry that controls.
pub fn owner(estate: &Estate, cluster: &Cluster, id: &Identity<'_>, api: &str) -> Value {
    json!([{
        "apiVersion": api,
        "blockOwnerDeletion": true,
        "controller": true,
        "kind": id.kind,
        "name": id.name,
        "uid": estate.uid(cluster.env, id.kind, id.namespace, id.name)
    }])
}

/// Inserts a key into an object.
pub fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(map) = object.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}
