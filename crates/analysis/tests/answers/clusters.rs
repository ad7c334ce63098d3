//! `eks_clusters` over a hand-made estate: what EKS says and what was exported from the cluster are one
//! row, and every part is counted by hand.

use std::sync::Arc;

use model::EntityKind as K;
use model::entity::EntityId;
use model::fact::{EntityFact, EstateFacts, EstateRelation};
use model::kind::RelationKind as R;
use serde_json::{Value, json};

use super::fake::{Facts, ask, context};

const ARN: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/shop";

/// A cluster `shop` on EKS 1.30 with a managed group of two nodes, one of them of 1.27 and not ready,
/// and a Fargate node; a Deployment of one replica whose pod crashes, one of three replicas with
/// everything right, a finished job; a database outside.
fn estate() -> EstateFacts {
    let mut entities: Vec<EntityFact> = Vec::new();
    let mut thing = |kind: K, id: &str, name: &str, properties: Value| {
        let mut fact = EntityFact::new(kind, id, name);
        fact.properties = serde_json::from_value(properties).unwrap();
        if !id.starts_with("arn:") {
            fact.scope.cluster = Some("uid".into());
        }
        if id.contains("/web/") {
            fact.scope.namespace = Some("web".into());
        }
        if id.starts_with("arn:") {
            fact.scope.account = Some("111122223333".into());
            fact.scope.region = Some("eu-west-1".into());
        }
        entities.push(fact);
    };
    cluster_things(&mut thing);
    workload_things(&mut thing);
    built(entities, &relations())
}

fn cluster_things(thing: &mut dyn FnMut(K, &str, &str, Value)) {
    thing(
        K::KubernetesCluster,
        ARN,
        "shop",
        json!({
            "version": "1.30", "status": "ACTIVE", "platform_version": "eks.9",
            "role_arn": "arn:aws:iam::111122223333:role/eks",
            "endpoint_public_access": true, "public_access_cidrs": ["0.0.0.0/0"],
            "upgrade_policy": {"support_type": "EXTENDED"},
            "encryption_config": [{"resources": ["secrets"], "provider": {"key_arn": "arn:aws:kms:k"}}],
            "logging": {"cluster_logging": [{"types": ["audit", "api"], "enabled": true},
                                            {"types": ["scheduler"], "enabled": false}]}
        }),
    );
    thing(K::KubernetesCluster, "k8s://uid", "shop", json!({}));
    thing(
        K::NodeGroup,
        "arn:aws:eks:eu-west-1:111122223333:nodegroup/shop/general/1",
        "general",
        json!({
            "capacity_type": "SPOT", "status": "DEGRADED", "cluster_name": "shop",
            "scaling_config": {"min_size": 1, "desired_size": 2, "max_size": 4},
            "instance_types": ["m6i.large"], "ami_type": "BOTTLEROCKET_x86_64",
            "release_version": "1.20.0-fe2cdae4"
        }),
    );
    thing(K::KubernetesNamespace, "k8s://uid/_/namespace/web", "web", json!({}));
    for (name, kubelet, ready) in [("a", "v1.30.4-eks-1", "True"), ("b", "v1.27.9-eks-1", "False")]
    {
        thing(
            K::KubernetesNode,
            &format!("k8s://uid/_/node/{name}"),
            name,
            json!({
                "kubelet_version": kubelet, "condition_ready": ready, "node_group": "general",
                "capacity_type": "SPOT", "capacity_cpu": 2.0, "allocatable_cpu": 1.9,
                "provider_id": format!("aws:///eu-west-1a/i-{name}"), "unschedulable": false
            }),
        );
        thing(
            K::Instance,
            &format!("arn:aws:ec2:eu-west-1:111122223333:instance/i-{name}"),
            name,
            json!({}),
        );
    }
    thing(
        K::KubernetesNode,
        "k8s://uid/_/node/fargate-ip-10-0-0-9",
        "fargate-ip-10-0-0-9",
        json!({
            "kubelet_version": "v1.30.4-eks-1", "condition_ready": "True",
            "provider_id": "aws:///eu-west-1a/0123/fargate-ip-10-0-0-9"
        }),
    );
}

fn workload_things(thing: &mut dyn FnMut(K, &str, &str, Value)) {
    thing(
        K::Workload,
        "k8s://uid/web/deployment/lonely",
        "lonely",
        json!({
            "controller": "Deployment", "replicas": 1, "ready_replicas": 0, "containers": 1,
            "has_readiness_probe": false, "images": ["shop/lonely:latest"]
        }),
    );
    thing(
        K::Workload,
        "k8s://uid/web/deployment/solid",
        "solid",
        json!({
            "controller": "Deployment", "replicas": 3, "ready_replicas": 3, "containers": 1,
            "has_readiness_probe": true, "cpu_request_cores": 0.5, "memory_request_bytes": 1.0,
            "topology_spread": ["topology.kubernetes.io/zone"],
            "images": ["shop/solid@sha256:0"]
        }),
    );
    thing(K::Workload, "k8s://uid/web/job/once", "once", json!({"controller": "Job"}));
    thing(
        K::Pod,
        "k8s://uid/web/pod/lonely-1",
        "lonely-1",
        json!({
            "phase": "Running", "ready": false, "restarts": 7, "waiting_reason": "CrashLoopBackOff"
        }),
    );
    thing(
        K::Pod,
        "k8s://uid/web/pod/solid-1",
        "solid-1",
        json!({
            "phase": "Running", "ready": true, "restarts": 0, "cpu_request_cores": 0.5
        }),
    );
    thing(
        K::Pod,
        "k8s://uid/web/pod/once-1",
        "once-1",
        json!({
            "phase": "Succeeded", "ready": false, "cpu_request_cores": 9.0
        }),
    );
    thing(
        K::DisruptionBudget,
        "k8s://uid/web/poddisruptionbudget/solid",
        "solid",
        json!({
            "min_available": "3", "api_version": "policy/v1beta1",
            "kubernetes_kind": "PodDisruptionBudget"
        }),
    );
    thing(K::Database, "arn:aws:rds:eu-west-1:111122223333:db:orders", "orders", json!({}));
    thing(K::Service, "service://_/web/solid", "solid", json!({}));
}

fn relations() -> Vec<(String, R, String)> {
    let mut relations = Vec::new();
    let mut says = |from: &str, kind: R, to: &str| {
        relations.push((from.to_owned(), kind, to.to_owned()));
    };
    says("k8s://uid", R::Contains, "k8s://uid/_/namespace/web");
    says("arn:aws:eks:eu-west-1:111122223333:nodegroup/shop/general/1", R::ManagedBy, ARN);
    for node in ["a", "b"] {
        let id = format!("k8s://uid/_/node/{node}");
        says("k8s://uid", R::Contains, &id);
        says(&id, R::RunsOn, &format!("arn:aws:ec2:eu-west-1:111122223333:instance/i-{node}"));
    }
    for (workload, pod, node) in
        [("deployment/lonely", "lonely-1", "a"), ("deployment/solid", "solid-1", "b")]
    {
        says(
            &format!("k8s://uid/web/{workload}"),
            R::HasReplica,
            &format!("k8s://uid/web/pod/{pod}"),
        );
        says(&format!("k8s://uid/web/pod/{pod}"), R::RunsOn, &format!("k8s://uid/_/node/{node}"));
    }
    says("k8s://uid/web/deployment/solid", R::GuardedBy, "k8s://uid/web/poddisruptionbudget/solid");
    says("service://_/web/solid", R::ImplementedBy, "k8s://uid/web/deployment/solid");
    says("service://_/web/solid", R::ConnectsTo, "arn:aws:rds:eu-west-1:111122223333:db:orders");
    relations
}

fn built(mut entities: Vec<EntityFact>, relations: &[(String, R, String)]) -> EstateFacts {
    for fact in entities.iter_mut().filter(|fact| fact.kind == K::Instance) {
        fact.labels.insert("eks:cluster-name".into(), "shop".into());
    }
    entities.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    for (place, fact) in (1_u64..).zip(&mut entities) {
        fact.entity = EntityId(place);
    }
    let place = |id: &str| {
        let place = entities.iter().position(|one| one.id == id);
        place.unwrap_or_else(|| panic!("no {id}")) as u32
    };
    let mut relations: Vec<EstateRelation> = relations
        .iter()
        .map(|(from, kind, to)| EstateRelation::new(place(from), *kind, place(to)))
        .collect();
    relations.sort_by_key(|one| (one.from, one.kind, one.to));
    EstateFacts { entities, relations, ..EstateFacts::default() }
}

async fn answer(params: Value) -> Value {
    let facts = Facts::default();
    *facts.estate.lock().unwrap() = estate();
    ask("eks_clusters", params, &context(&Arc::new(facts))).await.unwrap().data
}

fn count(list: &Value, name: &str) -> Option<u64> {
    let all = list.as_array()?;
    all.iter().find(|one| one["name"] == name)?["count"].as_u64()
}

#[tokio::test]
async fn two_descriptions_of_a_cluster_are_one_row() {
    let data = answer(json!({"as_of": "2026-01-01"})).await;
    assert_eq!(data["summary"]["clusters"], 1);
    let cluster = &data["clusters"][0];
    assert_eq!((&cluster["id"], &cluster["kubernetes_id"]), (&json!(ARN), &json!("k8s://uid")));
    assert_eq!(cluster["joined_by"], "instances");
    let control = &cluster["control_plane"];
    // Between 23 July 2025 and 23 July 2026, whatever was chosen.
    assert_eq!(control["support"]["status"], "extended");
    assert_eq!(control["upgrade_policy"], "EXTENDED");
    assert_eq!(control["is_open_to_internet"], true);
    assert_eq!(control["has_secrets_encryption"], true);
    assert_eq!(control["logging"], json!(["api", "audit"]));
    assert!(control["has_deletion_protection"].is_null());
    let absent = control["absent"].as_array().unwrap();
    assert!(
        absent.iter().any(|one| one["field"] == "oidc_issuer" && one["reason"] == "not_collected")
    );
    // Both ids and the uid find it; another name does not.
    for name in [ARN, "k8s://uid", "uid", "shop"] {
        assert_eq!(answer(json!({"cluster": [name]})).await["summary"]["clusters"], 1, "{name}");
    }
    assert_eq!(answer(json!({"cluster": ["other"]})).await["summary"]["clusters"], 0);
    let unsupported = answer(json!({"as_of": "2027-01-01", "support": ["unsupported"]})).await;
    assert_eq!(unsupported["summary"]["clusters"], 1);
}

#[tokio::test]
async fn nodes_pods_and_load_are_counted() {
    let data = answer(json!({})).await;
    let cluster = &data["clusters"][0];
    let nodes = &cluster["nodes"];
    assert_eq!((&nodes["total"], &nodes["ready"]), (&json!(3), &json!(2)));
    // Fargate's provider names no instance, which is no fault.
    assert_eq!(nodes["without_instance"], 1);
    let compute = cluster["compute"].as_array().unwrap();
    let kinds: Vec<&str> = compute.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["fargate", "managed"]);
    assert_eq!((&compute[1]["nodes"], &compute[1]["max"]), (&json!(2), &json!(4)));
    assert!(compute[1]["ami_lag"].is_null() && compute[1]["ami_lag_reason"].is_string());
    let pods = &cluster["pods"];
    assert_eq!((&pods["total"], &pods["restarts"]), (&json!(3), &json!(7)));
    assert_eq!(count(&pods["reasons"], "CrashLoopBackOff"), Some(1));
    let cpu = &cluster["resources"][0];
    assert_eq!(
        (&cpu["capacity"]["value"], &cpu["allocatable"]["value"]),
        (&json!(4.0), &json!(3.8))
    );
    // The finished job asks for nothing any more.
    assert_eq!(cpu["requests"]["value"], 0.5);
    assert_eq!(cpu["pods_without_request"], 1);
    assert_eq!((&cpu["used"]["value"], &cpu["used"]["reason"]), (&Value::Null, &json!("no_data")));
    assert_eq!(cluster["health"]["state"], "warning");
    assert_eq!(
        cluster["depends_on"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["kind"] == "database")
            .count(),
        1
    );
}

#[tokio::test]
async fn checks_name_the_workload_and_spare_the_sound_one() {
    let data = answer(json!({})).await;
    let checks = data["clusters"][0]["workload_checks"].as_array().unwrap();
    let told: Vec<(&str, &str)> = checks
        .iter()
        .map(|one| (one["check"].as_str().unwrap(), one["workload"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("all_on_spot", "lonely"),
            ("all_on_spot", "solid"),
            ("mutable_tag", "lonely"),
            ("no_readiness_probe", "lonely"),
            ("no_requests", "lonely"),
            ("one_replica", "lonely"),
        ]
    );
}

#[tokio::test]
async fn readiness_says_what_an_upgrade_meets() {
    let data = answer(json!({})).await;
    let readiness = data["clusters"][0]["readiness"].as_array().unwrap();
    let state = |name: &str| {
        readiness.iter().find(|one| one["check"] == name).unwrap()["state"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    // 1.27 would be four minors behind 1.31; the budget keeps all three; policy/v1beta1 went in 1.25.
    assert_eq!(state("kubelet_skew"), "blocked");
    assert_eq!(state("disruption_budgets"), "blocked");
    assert_eq!(state("removed_apis"), "blocked");
    assert_eq!(state("addon_compatibility"), "unknown");
    assert_eq!(state("free_addresses"), "unknown");
    assert_eq!(state("webhooks"), "unknown");
}

#[tokio::test]
async fn tables_hold_what_the_answer_shows() {
    let facts = Facts::default();
    *facts.estate.lock().unwrap() = estate();
    let envelope = ask("eks_clusters", json!({}), &context(&Arc::new(facts))).await.unwrap();
    for table in &envelope.tables {
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
    }
    assert_eq!(envelope.tables[0].rows.len(), 1);
    let bad = ask("eks_clusters", json!({"support": ["none"]}), &context(&Arc::default())).await;
    assert!(bad.is_err());
    let empty = ask("database_connections", json!({}), &context(&Arc::default())).await.unwrap();
    assert_eq!(empty.data["summary"]["databases"], 0);
}
