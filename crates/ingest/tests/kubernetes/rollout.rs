//! Rollouts, as the ReplicaSets of an export show them.

use serde_json::{Value, json};

use crate::estate::{Estate, context};

fn set(name: &str, owners: &Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {
        "name": name, "namespace": "shop", "uid": format!("uid-{name}"), "resourceVersion": "9",
        "creationTimestamp": "2026-05-04T10:00:00Z", "ownerReferences": owners,
        "annotations": {"deployment.kubernetes.io/revision": "7"}},
        "spec": {"replicas": 0, "template": {"spec": {"containers": [
            {"name": "cart", "image": "registry.example/cart:2.1"}]}}}})
}

#[test]
fn a_replica_set_of_a_deployment_is_a_rollout_and_one_of_nobody_is_none() {
    let owner = json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart", "uid": "d",
        "controller": true}]);
    let items = [set("cart-5f", &owner), set("alone", &json!([]))];
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    let files = [("/in/sets.json".to_owned(), list.to_string().into_bytes())];
    let estate = Estate::of_files("/in", &files, &context("blue"));
    let changes: Vec<_> = estate.batches.iter().flat_map(|batch| &batch.changes).collect();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].title, "cart revision 7: registry.example/cart:2.1");
    assert_eq!(
        (changes[0].kind.as_str(), changes[0].at.to_string()),
        ("deployment", "2026-05-04T10:00:00Z".to_owned())
    );
    assert!(format!("{:?}", changes[0].entities).contains("shop/deployment/cart"), "{changes:?}");
}
