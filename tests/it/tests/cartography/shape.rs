//! A small estate as Cartography's documentation gives its labels, properties and relations, and by hand
//! what it must become.

use model::error::StoreResult;
use serde_json::{Map, Value, json};
use store_server::neo4j::Cypher;

/// Which names the labels have.
#[derive(Debug, PartialEq, Eq)]
pub enum Names {
    /// `AWSEC2Instance`, with the old and the semantic label beside it.
    Today,
    /// `EC2Instance` alone, as before version 0.139.1.
    Before,
}

/// Label of today, label of before, semantic label.
const RENAMED: &[(&str, &str, &str)] = &[
    ("AWSEKSCluster", "EKSCluster", "ComputeCluster"),
    ("AWSEC2Instance", "EC2Instance", "ComputeInstance"),
    ("AWSAutoScalingGroup", "AutoScalingGroup", ""),
    ("AWSEBSVolume", "EBSVolume", "BlockStorage"),
    ("AWSRDSInstance", "RDSInstance", "Database"),
    ("AWSRDSCluster", "RDSCluster", ""),
    ("AWSDBSubnetGroup", "DBSubnetGroup", ""),
    ("AWSLoadBalancer", "LoadBalancer", ""),
    ("AWSLoadBalancerV2", "LoadBalancerV2", "LoadBalancer"),
    ("AWSELBListener", "ELBListener", "Endpoint"),
    ("AWSELBV2Listener", "ELBV2Listener", "Endpoint"),
    ("AWSELBV2TargetGroup", "ELBV2TargetGroup", ""),
    ("AWSEC2Subnet", "EC2Subnet", "Subnet"),
    ("AWSEC2SecurityGroup", "EC2SecurityGroup", "NetworkAccessControl"),
    ("AWSECRImage", "ECRImage", "Image"),
];

impl Names {
    fn labels(&self, label: &str) -> Vec<String> {
        let renamed = RENAMED.iter().find(|(today, ..)| *today == label);
        let all = match (renamed, self) {
            (None, _) => vec![label],
            (Some((_, before, _)), Self::Before) => vec![*before],
            (Some((today, before, semantic)), Self::Today) => vec![*today, before, semantic],
        };
        all.into_iter().filter(|one| !one.is_empty()).map(str::to_owned).collect()
    }
}

/// What is written.
pub struct Shape<'a> {
    names: &'a Names,
    nodes: Vec<Value>,
    relations: Vec<Value>,
}

/// The sync that saw everything, in seconds, and the one before.
const TAG: i64 = 1_790_000_000;
const TAG_BEFORE: i64 = TAG - 86_400;

// Ids that expectations name too.
pub const ACCOUNT: &str = "111122223333";
pub const UID: &str = "0b9a5c1e-7a55-4c5c-9d1f-2f6a3c9b8e10";
pub const EKS: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/shop";
pub const LB: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc6c";
pub const LISTENER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/50dc6c/f2f7dc";
pub const GROUP: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/cart/73e2d6";
pub const ASG: &str =
    "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/web";
pub const DB: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";
pub const DB_REPLICA: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders-replica";
pub const DB_CLUSTER: &str = "arn:aws:rds:eu-west-1:111122223333:cluster:orders";
pub const DB_GROUP: &str = "arn:aws:rds:eu-west-1:111122223333:subgrp:data";
pub const CLASSIC: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/old";
pub const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// Canonical id of the instance with a tag.
pub const INSTANCE: &str = "arn:aws:ec2:eu-west-1:111122223333:instance/i-1";

impl<'a> Shape<'a> {
    /// The estate.
    pub fn new(names: &'a Names) -> Self {
        let mut shape = Self { names, nodes: Vec::new(), relations: Vec::new() };
        shape.network();
        shape.machines();
        shape.databases();
        shape.balancers();
        shape.cluster();
        shape.others();
        shape
    }

    fn node(&mut self, label: &str, id: &str, properties: Value) {
        self.node_at(TAG, label, id, properties);
    }

    fn node_at(&mut self, tag: i64, label: &str, id: &str, properties: Value) {
        let mut all = json!({
            "id": id, "lastupdated": tag, "firstseen": TAG_BEFORE * 1_000,
            "_module_name": "cartography:aws", "_module_version": "trial",
        });
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), properties) {
            all.extend(more);
        }
        self.nodes.push(json!({ "labels": self.names.labels(label), "properties": all }));
    }

    fn relation(&mut self, from: &str, name: &str, to: &str, properties: Value) {
        let mut all = json!({ "lastupdated": TAG, "firstseen": TAG_BEFORE * 1_000 });
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), properties) {
            all.extend(more);
        }
        self.relations.push(json!({ "from": from, "type": name, "to": to, "properties": all }));
    }

    fn relate(&mut self, rows: &[(&str, &str, &str)]) {
        for (from, name, to) in rows {
            self.relation(from, name, to, json!({}));
        }
    }

    fn resource(&mut self, of: &str, ids: &[&str]) {
        for id in ids {
            self.relation(of, "RESOURCE", id, json!({}));
        }
    }

    fn network(&mut self) {
        self.node("AWSAccount", ACCOUNT, json!({ "name": "shop" }));
        self.node("AWSVpc", "vpc-1", json!({ "vpcid": "vpc-1", "region": "eu-west-1" }));
        let subnet = json!({ "subnetid": "subnet-1", "subnet_id": "subnet-1",
            "availability_zone": "eu-west-1a", "region": "eu-west-1" });
        self.node("AWSEC2Subnet", "subnet-1", subnet);
        for id in ["sg-1", "sg-2"] {
            let group = json!({ "groupid": id, "name": id, "region": "eu-west-1" });
            self.node("AWSEC2SecurityGroup", id, group);
            self.relate(&[("vpc-1", "MEMBER_OF_EC2_SECURITY_GROUP", id)]);
        }
        self.relate(&[
            ("subnet-1", "MEMBER_OF_AWS_VPC", "vpc-1"),
            ("sg-2", "ALLOWS_TRAFFIC_FROM", "sg-1"),
        ]);
        self.resource(ACCOUNT, &["vpc-1", "subnet-1", "sg-1", "sg-2"]);
    }

    fn machines(&mut self) {
        let instance = |id: &str, zone: &str| {
            json!({ "instanceid": id, "instancetype": "m5.large", "state": "running",
                "availabilityzone": zone, "region": "eu-west-1" })
        };
        self.node("AWSEC2Instance", "i-1", instance("i-1", "eu-west-1a"));
        self.node("AWSEC2Instance", "i-2", instance("i-2", "eu-west-1b"));
        self.node_at(TAG_BEFORE, "AWSEC2Instance", "i-9", instance("i-9", "eu-west-1a"));
        self.node("AWSAutoScalingGroup", ASG, json!({ "arn": ASG, "name": "web" }));
        self.node("AWSEBSVolume", "vol-1", json!({ "volumeid": "vol-1", "region": "eu-west-1" }));
        for (key, value) in [("team", "cart"), ("Name", "web-1")] {
            let id = format!("{key}:{value}");
            self.node("AWSTag", &id, json!({ "key": key, "value": value }));
            self.relate(&[("i-1", "TAGGED", &id)]);
        }
        self.relate(&[
            ("i-1", "PART_OF_SUBNET", "subnet-1"),
            ("i-1", "MEMBER_OF_EC2_SECURITY_GROUP", "sg-1"),
            ("i-1", "MEMBER_AUTO_SCALE_GROUP", ASG),
            ("i-2", "MEMBER_AUTO_SCALE_GROUP", ASG),
            ("i-9", "MEMBER_AUTO_SCALE_GROUP", ASG),
            ("vol-1", "ATTACHED_TO", "i-1"),
        ]);
        self.resource(ACCOUNT, &["i-1", "i-2", "i-9", ASG, "vol-1"]);
    }

    fn databases(&mut self) {
        for (id, name) in [(DB, "orders"), (DB_REPLICA, "orders-replica")] {
            let host = format!("{name}.c1.eu-west-1.rds.amazonaws.com");
            let database = json!({ "arn": id, "db_instance_identifier": name, "engine": "postgres",
                "endpoint_address": host, "endpoint_port": 5432, "region": "eu-west-1" });
            self.node("AWSRDSInstance", id, database);
        }
        let cluster = json!({ "arn": DB_CLUSTER, "db_cluster_identifier": "orders" });
        self.node("AWSRDSCluster", DB_CLUSTER, cluster);
        self.node("AWSDBSubnetGroup", DB_GROUP, json!({ "arn": DB_GROUP, "name": "data" }));
        self.relate(&[
            (DB, "IS_CLUSTER_MEMBER_OF", DB_CLUSTER),
            (DB_REPLICA, "IS_READ_REPLICA_OF", DB),
            (DB, "MEMBER_OF_EC2_SECURITY_GROUP", "sg-2"),
            (DB, "MEMBER_OF_DB_SUBNET_GROUP", DB_GROUP),
            (DB_GROUP, "RESOURCE", "subnet-1"),
        ]);
        self.resource(ACCOUNT, &[DB, DB_REPLICA, DB_CLUSTER, DB_GROUP]);
    }

    fn balancers(&mut self) {
        let host = "web-1.eu-west-1.elb.amazonaws.com";
        self.node(
            "AWSLoadBalancerV2",
            host,
            json!({ "arn": LB, "name": "web", "dnsname": host,
            "region": "eu-west-1" }),
        );
        self.node(
            "AWSELBV2Listener",
            LISTENER,
            json!({ "port": 443, "protocol": "HTTPS",
            "targetgrouparn": GROUP }),
        );
        self.node("AWSELBV2TargetGroup", GROUP, json!({ "arn": GROUP, "name": "cart" }));
        let expose = json!({ "port": 8080, "protocol": "HTTP", "target_group_arn": GROUP,
            "_sub_resource_label": "AWSAccount", "_sub_resource_id": ACCOUNT });
        self.relation(host, "EXPOSE", "i-1", expose);
        self.relate(&[
            (host, "ELBV2_LISTENER", LISTENER),
            (host, "ELBV2_TARGET_GROUP", GROUP),
            (host, "SUBNET", "subnet-1"),
        ]);
        let old = "Old-2.eu-west-1.elb.amazonaws.com";
        self.node(
            "AWSLoadBalancer",
            old,
            json!({ "name": "old", "region": "eu-west-1",
            "dnsname": "old-2.eu-west-1.elb.amazonaws.com" }),
        );
        self.node(
            "AWSELBListener",
            "old80HTTP",
            json!({ "port": 80, "protocol": "HTTP",
            "instance_port": 8080 }),
        );
        self.relate(&[(old, "ELB_LISTENER", "old80HTTP"), (old, "EXPOSE", "i-2")]);
        self.resource(ACCOUNT, &[host, LISTENER, GROUP, old]);
    }

    fn cluster(&mut self) {
        self.node(
            "AWSEKSCluster",
            EKS,
            json!({ "arn": EKS, "name": "shop", "region": "eu-west-1" }),
        );
        self.node("KubernetesCluster", UID, json!({ "name": "shop", "external_id": EKS }));
        self.resource(ACCOUNT, &[EKS]);
        self.relate(&[(EKS, "MAPS_TO", UID)]);
        let objects = [
            ("KubernetesNamespace", "u-ns", "web", ""),
            ("KubernetesNode", "u-node", "ip-1", ""),
            ("KubernetesDeployment", "u-dep", "cart", "web"),
            ("KubernetesReplicaSet", "u-rs", "cart-6", "web"),
            ("KubernetesPod", "u-a", "cart-6-a", "web"),
            ("KubernetesPod", "u-b", "cart-6-b", "web"),
            ("KubernetesPod", "u-debug", "debug", "web"),
            ("KubernetesService", "u-svc", "cart", "web"),
            ("KubernetesIngress", "u-ing", "shop", "web"),
            ("KubernetesGateway", "u-gw", "edge", "web"),
            ("KubernetesHTTPRoute", "u-route", "cart", "web"),
        ];
        for (label, id, name, namespace) in objects {
            let mut object = json!({ "name": name, "cluster_name": "shop", "status_phase": "Running",
                "labels": "{\"app\": \"cart\"}", "replicas": 2 });
            if !namespace.is_empty() {
                object["namespace"] = namespace.into();
            }
            self.node(label, id, object);
            self.resource(UID, &[id]);
        }
        let container = json!({ "name": "cart", "image": "registry.example/cart:1.2",
            "namespace": "web", "cluster_name": "shop" });
        self.node("KubernetesContainer", "u-a-cart", container);
        self.resource(UID, &["u-a-cart"]);
        self.node("AWSECRImage", DIGEST, json!({ "digest": DIGEST }));
        self.relate(&[
            ("u-ns", "WORKLOAD_PARENT", UID),
            ("u-node", "IS_INSTANCE", "i-1"),
            ("u-dep", "WORKLOAD_PARENT", "u-ns"),
            ("u-rs", "OWNED_BY", "u-dep"),
            ("u-a", "WORKLOAD_PARENT", "u-dep"),
            ("u-b", "WORKLOAD_PARENT", "u-dep"),
            ("u-debug", "WORKLOAD_PARENT", "u-ns"),
            ("u-ns", "CONTAINS", "u-a"),
            ("u-ns", "CONTAINS", "u-b"),
            ("u-ns", "CONTAINS", "u-debug"),
            ("u-a", "RUNS_ON", "u-node"),
            ("u-b", "RUNS_ON", "u-node"),
            ("u-a", "CONTAINS", "u-a-cart"),
            ("u-a-cart", "WORKLOAD_PARENT", "u-a"),
            ("u-a-cart", "HAS_IMAGE", DIGEST),
            ("u-svc", "TARGETS", "u-a"),
            ("u-svc", "TARGETS", "u-b"),
            ("u-svc", "USES_LOAD_BALANCER", "web-1.eu-west-1.elb.amazonaws.com"),
            ("u-ing", "TARGETS", "u-svc"),
            ("u-ing", "USES_LOAD_BALANCER", "web-1.eu-west-1.elb.amazonaws.com"),
            ("u-gw", "ROUTES", "u-route"),
            ("u-route", "TARGETS", "u-svc"),
        ]);
    }

    /// What is not read: two labels' worth of nodes and a type of relation.
    fn others(&mut self) {
        for id in ["bucket-1", "bucket-2"] {
            self.node("AWSS3Bucket", id, json!({ "name": id }));
            self.resource(ACCOUNT, &[id]);
        }
        self.relate(&[("bucket-1", "POLICY", "bucket-2")]);
    }

    /// Writes it, as a user with the right to would.
    pub async fn write(&self, cypher: &Cypher) -> StoreResult<()> {
        let rows =
            |rows: &[Value]| Map::from_iter([("rows".to_owned(), Value::from(rows.to_vec()))]);
        let nodes = "UNWIND $rows AS row CREATE (n:$(row.labels)) SET n = row.properties";
        cypher.load(nodes, rows(&self.nodes)).await?;
        let relations = "UNWIND $rows AS row MATCH (a) WHERE a.id = row.from MATCH (b) \
             WHERE b.id = row.to CREATE (a)-[r:$(row.type)]->(b) SET r = row.properties";
        cypher.load(relations, rows(&self.relations)).await
    }
}
