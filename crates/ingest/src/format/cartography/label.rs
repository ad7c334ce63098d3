//! Which of Cartography's labels are read, and as what: the label of today, then the one of before
//! version 0.139.1.

use model::EntityKind as K;

/// What nodes of one label are to us.
#[derive(Debug)]
pub struct Label {
    /// The label of today, and what the same nodes were called before.
    pub names: &'static [&'static str],
    /// What they are.
    pub family: Family,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// An account of AWS.
    Account,
    /// A cluster, as Kubernetes itself sees it.
    Cluster,
    /// A thing of AWS with an ARN of its own: kind, and the properties that may hold the ARN.
    Arn(K, &'static [&'static str]),
    /// A thing of EC2: kind, its part of ARNs, and the properties that may hold its bare id.
    Ec2(K, &'static str, &'static [&'static str]),
    /// A classic load balancer, which has no ARN.
    ClassicBalancer,
    /// One of its listeners.
    ClassicListener,
    /// An object of Kubernetes: kind, part of ids, and the word of its API.
    Object(K, &'static str, &'static str),
    /// What a pod runs; no entity of its own.
    Container,
    /// An image by its digest.
    Image,
    /// A tag; no entity of its own.
    Tag,
    /// Only an end of relations: an address within a VPC.
    Address,
    /// Only an end of relations: something with an ARN.
    Named,
}

impl Family {
    /// Whether nodes of it are entities.
    pub fn is_entity(self) -> bool {
        !matches!(self, Self::Container | Self::Image | Self::Tag | Self::Address | Self::Named)
    }
}

const ARN: &[&str] = &["arn", "id"];

const fn arn(names: &'static [&'static str], kind: K) -> Label {
    Label { names, family: Family::Arn(kind, ARN) }
}

const fn ec2(
    names: &'static [&'static str],
    kind: K,
    part: &'static str,
    ids: &'static [&'static str],
) -> Label {
    Label { names, family: Family::Ec2(kind, part, ids) }
}

const fn object(names: &'static [&'static str], kind: K, part: &'static str) -> Label {
    Label { names, family: Family::Object(kind, part, names[0]) }
}

const fn of(names: &'static [&'static str], family: Family) -> Label {
    Label { names, family }
}

/// Every label that is read. A node with several is the first of them: `LoadBalancer` was the classic
/// one's and is now borne by all.
#[rustfmt::skip]
pub const LABELS: &[Label] = &[
    of(&["AWSAccount"], Family::Account),
    of(&["KubernetesCluster"], Family::Cluster),
    arn(&["AWSEKSCluster", "EKSCluster"], K::KubernetesCluster),
    ec2(&["AWSEC2Instance", "EC2Instance"], K::Instance, "instance", &["instanceid", "id"]),
    arn(&["AWSAutoScalingGroup", "AutoScalingGroup"], K::AutoscalingGroup),
    ec2(&["AWSEBSVolume", "EBSVolume"], K::Volume, "volume", &["volumeid", "id"]),
    arn(&["AWSRDSInstance", "RDSInstance"], K::Database),
    arn(&["AWSRDSCluster", "RDSCluster"], K::DatabaseCluster),
    arn(&["AWSDBSubnetGroup", "DBSubnetGroup"], K::Resource),
    arn(&["AWSDynamoDBTable", "DynamoDBTable"], K::Database),
    arn(&["AWSElasticacheCluster", "ElasticacheCluster"], K::Cache),
    arn(&["AWSLoadBalancerV2", "LoadBalancerV2"], K::LoadBalancer),
    of(&["AWSLoadBalancer", "LoadBalancer"], Family::ClassicBalancer),
    of(&["AWSELBListener", "ELBListener"], Family::ClassicListener),
    arn(&["AWSELBV2Listener", "ELBV2Listener"], K::Listener),
    arn(&["AWSELBV2TargetGroup", "ELBV2TargetGroup"], K::TargetGroup),
    ec2(&["AWSVpc"], K::Vpc, "vpc", &["vpcid", "id"]),
    ec2(&["AWSEC2Subnet", "EC2Subnet"], K::Subnet, "subnet", &["subnetid", "subnet_id", "id"]),
    ec2(&["AWSEC2SecurityGroup", "EC2SecurityGroup"], K::SecurityGroup, "security-group", &["groupid", "id"]),
    object(&["KubernetesNamespace"], K::KubernetesNamespace, "namespace"),
    object(&["KubernetesNode"], K::KubernetesNode, "node"),
    object(&["KubernetesDeployment"], K::Workload, "deployment.apps"),
    object(&["KubernetesStatefulSet"], K::Workload, "statefulset.apps"),
    object(&["KubernetesDaemonSet"], K::Workload, "daemonset.apps"),
    object(&["KubernetesReplicaSet"], K::Workload, "replicaset.apps"),
    object(&["KubernetesJob"], K::Workload, "job.batch"),
    object(&["KubernetesCronJob"], K::Workload, "cronjob.batch"),
    object(&["KubernetesPod"], K::Pod, "pod"),
    object(&["KubernetesService"], K::KubernetesService, "service"),
    object(&["KubernetesIngress"], K::Ingress, "ingress.networking.k8s.io"),
    object(&["KubernetesGateway"], K::Gateway, "gateway.gateway.networking.k8s.io"),
    object(&["KubernetesHTTPRoute"], K::Route, "httproute.gateway.networking.k8s.io"),
    of(&["KubernetesContainer"], Family::Container),
    of(&["AWSECRImage", "ECRImage", "Image"], Family::Image),
    of(&["AWSTag"], Family::Tag),
    of(&["AWSEC2PrivateIp", "EC2PrivateIp"], Family::Address),
    of(&["AWSLambda"], Family::Named),
];

/// The label that a node is read by.
pub fn of_node(labels: &[String]) -> Option<&'static Label> {
    LABELS.iter().find(|one| one.names.iter().any(|name| labels.iter().any(|has| has == name)))
}

/// Names of every label that is read, old ones too.
pub fn labels() -> impl Iterator<Item = &'static str> {
    LABELS.iter().flat_map(|one| one.names).copied()
}
