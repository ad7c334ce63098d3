//! Real exports and manifests, with counts that are known from elsewhere.

use std::collections::BTreeSet;

use model::{EntityKind, RelationKind};

use crate::estate::{Estate, context, data};

fn everything(_path: &str) -> bool {
    true
}

#[test]
fn a_dump_of_a_live_cluster() {
    let Some(root) = data("kubernetes/live-cluster-dump") else { return };
    let estate = Estate::of(&root, &context("demo"), |path| !path.ends_with("LICENSE"));
    assert_eq!(estate.errors, []);
    assert_eq!(estate.rejects(), [""; 0]);
    assert_eq!(estate.observed(EntityKind::Pod).len(), 58);
    assert_eq!(estate.controllers("Deployment"), 12);
    assert_eq!(estate.controllers("ReplicaSet"), 13);
    assert_eq!(estate.observed(EntityKind::KubernetesService).len(), 12);
    assert_eq!(estate.observed(EntityKind::KubernetesNode).len(), 3);
    assert_eq!(estate.events(), 67);
    let pods = estate.observed(EntityKind::Pod);
    let running = pods.iter().filter(|pod| pod.properties["phase"] == "Running").count();
    assert_eq!(running, 57);
    let restarts: u64 = pods.iter().map(|pod| pod.properties["restarts"].as_u64().unwrap()).sum();
    assert_eq!(restarts, 10);
    // Every pod runs on a node. 23 are of ReplicaSets, 21 of DaemonSets (which the dump does not list),
    // 1 of a Job; 7 are static and 6 of a custom resource, which is no workload.
    assert_eq!(estate.pairs(RelationKind::RunsOn).len(), 58);
    let replicas = estate.pairs(RelationKind::HasReplica);
    assert_eq!(replicas.len(), 23 + 21 + 1);
    assert!(
        replicas
            .contains(&("workload velero".to_owned(), "pod velero-6996dd565b-xl44t".to_owned()))
    );
    assert!(replicas.iter().all(|(workload, _)| !workload.contains("6996dd565b")));
    // The cluster is the uid of kube-system, in every file.
    let uid = "k8s://";
    let clusters: BTreeSet<&str> = estate
        .entities()
        .filter(|one| one.kind == EntityKind::Pod)
        .map(|one| one.id.as_str().trim_start_matches(uid).split('/').next().unwrap())
        .collect();
    assert_eq!(clusters.len(), 1);
    assert_eq!(clusters.first().unwrap().len(), 36);
    // The index of the dump: every pod list was read in full, per namespace.
    let complete: Vec<_> = estate.batches.iter().flat_map(|batch| &batch.completes).collect();
    let pods = complete.iter().filter(|one| one.kind == EntityKind::Pod).count();
    assert_eq!(pods, 9);
}

#[test]
fn online_boutique_declares_sixteen_edges() {
    let Some(root) = data("kubernetes/online-boutique") else { return };
    let mut flags = context("boutique");
    flags.namespace = Some("online-boutique".to_owned());
    let estate = Estate::of(&root, &flags, everything);
    assert_eq!(estate.errors, []);
    assert_eq!(estate.rejects(), [""; 0]);
    assert_eq!(estate.controllers("Deployment"), 12);
    assert_eq!(estate.observed(EntityKind::KubernetesService).len(), 12);
    let calls = estate.pairs(RelationKind::Calls);
    let (stores, services): (Vec<_>, Vec<_>) =
        calls.iter().partition(|(_, to)| to.starts_with("cache "));
    assert_eq!(services.len(), 15, "{services:?}");
    assert_eq!(stores, [&("service cartservice".to_owned(), "cache redis-cart".to_owned())]);
    let open: Vec<String> = estate.open(RelationKind::Calls).into_iter().collect();
    assert!(
        open.contains(&"endpoint:boutique/online-boutique/shoppingassistantservice:80".to_owned()),
        "{open:?}"
    );
    // Each Deployment is reached through its Service.
    let served = estate.pairs(RelationKind::ServedThrough);
    assert!(served.contains(&(
        "service frontend".to_owned(),
        "kubernetes_service frontend-external".to_owned()
    )));
}

#[test]
fn the_opentelemetry_demonstration_declares_fifty_eight_edges() {
    let Some(root) = data("kubernetes/otel-demo") else { return };
    // Half of its objects name their namespace, the others are applied with it.
    let mut flags = context("otel");
    flags.namespace = Some("otel-demo".to_owned());
    let estate = Estate::of(&root, &flags, |path| path.ends_with("opentelemetry-demo.yaml"));
    assert_eq!(estate.errors, []);
    assert_eq!(estate.rejects(), [""; 0]);
    assert_eq!(estate.controllers("Deployment"), 24);
    assert_eq!(estate.observed(EntityKind::KubernetesService).len(), 26);
    let name = |text: &str| text.split(' ').nth(1).unwrap().to_owned();
    let edges: BTreeSet<(String, String)> = estate
        .pairs(RelationKind::Calls)
        .iter()
        .map(|(from, to)| (name(from), name(to)))
        .filter(|(from, to)| from != to)
        .collect();
    assert_eq!(edges.len(), 58, "{edges:#?}");
}

#[test]
fn other_manifests_are_read_without_rejects() {
    for (folder, deployments) in [
        ("kubernetes/sock-shop", 14),
        ("kubernetes/train-ticket", 64),
        ("kubernetes/bookinfo", 6),
        ("kubernetes/dsb-hotel", 19),
    ] {
        let Some(root) = data(folder) else { continue };
        let estate = Estate::of(&root, &context("c"), everything);
        assert_eq!(estate.errors, [], "{folder}");
        assert_eq!(estate.rejects(), [""; 0], "{folder}");
        assert_eq!(estate.controllers("Deployment"), deployments, "{folder}");
    }
}
