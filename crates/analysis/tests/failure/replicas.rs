//! Replicas: placement, quorum, rollouts, scaling to zero, DaemonSets.

use analysis::failure::State;
use model::kind::EntityKind as K;
use model::kind::RelationKind as R;
use serde_json::json;

use super::written::Paper;

/// Three replicas stand on one node. Each of them can be lost without harm, but the node takes all
/// three, so the workload and its service fail with it: a placement risk, not one of capacity.
#[test]
fn three_replicas_on_one_node_are_one() {
    let mut paper = Paper::default();
    let node = paper.add(K::KubernetesNode, "n1");
    paper.workload("shop", 3, &[node, node, node]);
    let asked = paper.model();
    assert_eq!(asked.fails(&["shop/0"]), [""; 0]);
    assert_eq!(asked.fails(&["shop/0", "shop/1"]), [""; 0]);
    assert_eq!(asked.fails(&["n1"]), ["shop", "shop/0", "shop/1", "shop/2", "shop/w"]);
    assert_eq!(asked.risks(), [("shop/w".into(), "placement", vec!["n1".into()])]);
}

/// The same on two nodes: losing the node with two of three leaves one, which is enough. The workload
/// degrades, since it lost members but holds; lost replicas do not spread, so its service does not.
#[test]
fn replicas_on_two_nodes_survive_either() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::KubernetesNode, "n1"), paper.add(K::KubernetesNode, "n2"));
    paper.workload("shop", 3, &[one, one, two]);
    let asked = paper.model();
    assert_eq!(asked.fails(&["n1"]), ["shop/0", "shop/1"]);
    assert_eq!(asked.degrades(&["n1"]), [("shop/w".into(), 0)]);
    assert!(asked.risks().is_empty());
}

/// A rollout is stuck: one replica is declared, the old pod is ready and the new one is not. The new
/// pod is one too many and no spare, so the workload hangs on the old pod, by design and now.
#[test]
fn a_stuck_rollout_is_no_redundancy() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::KubernetesNode, "n1"), paper.add(K::KubernetesNode, "n2"));
    let (_, workload) = paper.workload("backup", 1, &[one]);
    let new = paper.with(K::Pod, "backup/new", json!({"ready": false, "phase": "Pending"}));
    paper.said(workload, R::HasReplica, new, "ready", false.into());
    paper.relate(new, R::RunsOn, two);
    let asked = paper.model();
    assert_eq!(asked.fails(&["backup/0"]), ["backup", "backup/w"]);
    assert_eq!(asked.fails_now(&["backup/0"]), ["backup", "backup/w"]);
    assert_eq!(asked.risks(), [("backup/w".into(), "capacity", vec![])]);
}

/// Two replicas are declared and one of them is not ready. By design the other can be lost without
/// harm; now it is the last one.
#[test]
fn what_is_not_ready_has_failed_now_and_stands_by_design() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::KubernetesNode, "n1"), paper.add(K::KubernetesNode, "n2"));
    let (_, workload) = paper.workload("shop", 2, &[one]);
    let waiting = paper.with(K::Pod, "shop/x", json!({"ready": false, "phase": "Running"}));
    paper.said(workload, R::HasReplica, waiting, "ready", false.into());
    paper.relate(waiting, R::RunsOn, two);
    let asked = paper.model();
    assert_eq!(asked.fails(&["shop/0"]), [""; 0]);
    assert_eq!(asked.already(), ["shop/x"]);
    assert_eq!(asked.fails_now(&["shop/0"]), ["shop", "shop/w"]);
    assert!(asked.risks().is_empty());
}

/// A workload scaled to zero is off and has not failed, now as little as by design; who calls it is
/// not taken down by it. A finished pod of it is nobody's replica.
#[test]
fn scaled_to_zero_is_off() {
    let mut paper = Paper::default();
    let node = paper.add(K::KubernetesNode, "n1");
    let (caller, _) = paper.workload("shop", 1, &[node]);
    let (front, workload) = paper.workload("banner", 0, &[]);
    let done = paper.with(K::Pod, "banner/done", json!({"ready": false, "phase": "Succeeded"}));
    paper.said(workload, R::HasReplica, done, "finished", true.into());
    paper.relate(done, R::RunsOn, node);
    paper.relate(caller, R::Calls, front);
    let asked = paper.model();
    assert_eq!(asked.already(), [""; 0]);
    let off: Vec<u32> = asked.0.off().to_vec();
    assert_eq!(off, [asked.node("banner/w")]);
    assert_eq!(asked.fails(&["n1"]), ["banner/done", "shop", "shop/0", "shop/w"]);
    assert!(asked.risks().iter().all(|risk| risk.0 != "banner/w"));
}

/// A store with a quorum of three needs two. It survives the loss of one, which degrades it, and fails
/// with the second.
#[test]
fn a_quorum_of_three_that_loses_two_fails() {
    let mut paper = Paper::default();
    let nodes = ["n1", "n2", "n3"].map(|name| paper.add(K::KubernetesNode, name));
    let (_, workload) = paper.workload("etcd", 3, &nodes);
    let replicas = paper.relations.iter_mut();
    for one in replicas.filter(|one| one.from == workload && one.kind == R::HasReplica) {
        one.min_alive = 2;
    }
    let asked = paper.model();
    assert_eq!(asked.fails(&["n1"]), ["etcd/0"]);
    assert_eq!(asked.degrades(&["n1"]), [("etcd/w".into(), 0)]);
    assert_eq!(asked.fails(&["n1", "n3"]), ["etcd", "etcd/0", "etcd/2", "etcd/w"]);
    assert!(asked.risks().is_empty());
}

/// Two of a quorum of three on one node are one too many: the node is a placement risk although a
/// third replica stands elsewhere.
#[test]
fn a_quorum_counts_what_a_node_takes() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::KubernetesNode, "n1"), paper.add(K::KubernetesNode, "n2"));
    let (_, workload) = paper.workload("etcd", 3, &[one, one, two]);
    for relation in paper.relations.iter_mut().filter(|one| one.from == workload) {
        relation.min_alive = if relation.kind == R::HasReplica { 2 } else { 0 };
    }
    let asked = paper.model();
    assert_eq!(asked.fails(&["n1"]), ["etcd", "etcd/0", "etcd/1", "etcd/w"]);
    assert_eq!(asked.risks(), [("etcd/w".into(), "placement", vec!["n1".into()])]);
}

/// A DaemonSet's pod matters to its node only: neither the loss of a node nor that of every pod fails
/// the DaemonSet, and it is no risk.
#[test]
fn a_daemon_set_is_not_accused() {
    let mut paper = Paper::default();
    let node = paper.add(K::KubernetesNode, "n1");
    let (_, workload) = paper.workload("agent", 1, &[node]);
    paper.entities[workload as usize].properties.insert("controller".into(), "DaemonSet".into());
    let asked = paper.model();
    assert_eq!(asked.fails(&["n1"]), ["agent/0"]);
    assert!(asked.risks().is_empty());
}

/// A workload that only a manifest declares has its replicas, nowhere: three of them are no risk, one
/// is one of capacity. No node is accused.
#[test]
fn declared_replicas_stand_nowhere() {
    let mut paper = Paper::default();
    paper.workload("three", 3, &[]);
    paper.workload("one", 1, &[]);
    let asked = paper.model();
    assert_eq!(asked.risks(), [("one/w".into(), "capacity", vec![])]);
    assert_eq!(asked.fails(&["one/w"]), ["one"]);
    // Nothing says that they are not up.
    assert_eq!(asked.already(), [""; 0]);
}

/// A Deployment contains its ReplicaSet, which has no replicas of its own and is not judged twice.
#[test]
fn a_contained_replica_set_is_part_of_its_deployment() {
    let mut paper = Paper::default();
    let (one, two) = (paper.add(K::KubernetesNode, "n1"), paper.add(K::KubernetesNode, "n2"));
    let (_, workload) = paper.workload("shop", 2, &[one, two]);
    let set =
        paper.with(K::Workload, "shop-5d4", json!({"controller": "ReplicaSet", "replicas": 2}));
    paper.relate(workload, R::Contains, set);
    let asked = paper.model();
    assert!(asked.risks().is_empty());
    assert_eq!(asked.already(), [""; 0]);
    assert_eq!(asked.0.closure(&[asked.node("n1")], State::Now).failed().len(), 2);
}

/// Pods, claim, volume, zone: a pod that mounts a volume fails with it and with the zone in which the
/// volume stands; the instance to which the volume is attached only degrades, but it fails with its
/// own root volume.
#[test]
fn a_mounted_volume_is_needed_and_an_attached_one_is_not() {
    let mut paper = Paper::default();
    let zone = paper.add(K::Zone, "z1");
    let machine = paper.add(K::Instance, "i-1");
    let node = paper.add(K::KubernetesNode, "n1");
    paper.relate(node, R::RunsOn, machine);
    let (root, data) = (paper.add(K::Volume, "root"), paper.add(K::Volume, "data"));
    paper.said(machine, R::AttachedTo, root, "is_root", true.into());
    paper.said(machine, R::AttachedTo, data, "is_root", false.into());
    paper.relate(data, R::PlacedIn, zone);
    let (_, _) = paper.workload("db", 1, &[node]);
    let claim = paper.add(K::PersistentVolumeClaim, "claim");
    let volume = paper.add(K::PersistentVolume, "pv");
    let pod = paper.entities.iter().position(|one| one.name == "db/0").unwrap() as u32;
    paper.relate(pod, R::Mounts, claim);
    paper.relate(claim, R::Mounts, volume);
    paper.relate(volume, R::Mounts, data);
    let asked = paper.model();
    assert_eq!(asked.fails(&["data"]), ["claim", "db", "db/0", "db/w", "pv"]);
    assert_eq!(asked.degrades(&["data"])[0], ("i-1".to_owned(), 0));
    assert_eq!(asked.fails(&["root"]), ["db", "db/0", "db/w", "i-1", "n1"]);
    assert_eq!(asked.fails(&["z1"]), ["claim", "data", "db", "db/0", "db/w", "pv"]);
}

/// Without its control plane nothing is scheduled, scaled or healed; what runs goes on. Workloads
/// degrade and nothing fails.
#[test]
fn a_control_plane_degrades_what_it_manages() {
    let mut paper = Paper::default();
    let cluster = paper.add(K::KubernetesCluster, "eks");
    let node = paper.add(K::KubernetesNode, "n1");
    let (_, workload) = paper.workload("shop", 1, &[node]);
    paper.relate(workload, R::ManagedBy, cluster);
    let asked = paper.model();
    assert_eq!(asked.fails(&["eks"]), [""; 0]);
    assert_eq!(asked.degrades(&["eks"])[..2], [("shop".into(), 1), ("shop/w".into(), 0)]);
}

/// Nodes whose zone is a label and nothing else: both replicas are in the zone of that name, so it is
/// what they share, and the nodes are not.
#[test]
fn a_zone_that_only_labels_name_is_a_place() {
    let mut paper = Paper::default();
    let nodes = ["n1", "n2"].map(|name| {
        let node = paper.add(K::KubernetesNode, name);
        paper.entities[node as usize].scope.zone = Some("europe-west1-b".into());
        node
    });
    paper.workload("shop", 2, &nodes);
    let asked = paper.model();
    assert_eq!(asked.fails(&["n1"]), ["shop/0"]);
    assert_eq!(asked.risks(), [("shop/w".into(), "placement", vec!["europe-west1-b".into()])]);
}
