//! What a metric is about, by its namespace and dimensions.

use model::Reference;
use model::kind::Confidence;

use crate::format::aws::{Place, by_arn_or_name, by_name};
use crate::key;

/// Namespaces by a dimension that only they have: for dimensions that the user states.
const NAMESPACES: &[(&str, &str)] = &[
    ("InstanceId", "AWS/EC2"),
    ("AutoScalingGroupName", "AWS/EC2"),
    ("VolumeId", "AWS/EBS"),
    ("DBInstanceIdentifier", "AWS/RDS"),
    ("DBClusterIdentifier", "AWS/RDS"),
    ("CacheClusterId", "AWS/ElastiCache"),
    ("ReplicationGroupId", "AWS/ElastiCache"),
    ("QueueName", "AWS/SQS"),
    ("FunctionName", "AWS/Lambda"),
    ("NatGatewayId", "AWS/NATGateway"),
    ("TransitGateway", "AWS/TransitGateway"),
    ("ServiceName", "AWS/ECS"),
    ("TableName", "AWS/DynamoDB"),
    ("BucketName", "AWS/S3"),
    ("TopicName", "AWS/SNS"),
    ("LoadBalancerName", "AWS/ELB"),
];

/// The namespace that dimensions show.
pub fn namespace(dimensions: &[(String, String)]) -> Option<&'static str> {
    if let Some(balancer) = value(dimensions, "LoadBalancer") {
        return Some(match balancer.split('/').next() {
            Some("net") => "AWS/NetworkELB",
            Some("gwy") => "AWS/GatewayELB",
            _ => "AWS/ApplicationELB",
        });
    }
    NAMESPACES.iter().find(|(name, _)| value(dimensions, name).is_some()).map(|(_, of)| *of)
}

fn value<'d>(dimensions: &'d [(String, String)], name: &str) -> Option<&'d str> {
    let found = dimensions.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

/// The resource; `None` where the dimensions name none, or a group of them.
pub fn of(namespace: &str, dimensions: &[(String, String)], place: &Place) -> Option<Reference> {
    let get = |name: &str| value(dimensions, name);
    let bare = |id: &str| Reference::key("dimension", key::bare_id(id));
    let named =
        |service: &str, kind: &str, name: &str| by_arn_or_name(place, (service, kind), name);
    match namespace {
        "AWS/EC2" | "CWAgent" | "AWS/AutoScaling" => get("InstanceId").map(bare).or_else(|| {
            get("AutoScalingGroupName").map(|name| by_name(place, "autoscaling_group", name))
        }),
        "AWS/EBS" => get("VolumeId").map(bare),
        "AWS/RDS" | "AWS/DocDB" | "AWS/Neptune" => get("DBInstanceIdentifier")
            .map(|name| named("rds", "db", name))
            .or_else(|| get("DBClusterIdentifier").map(|name| named("rds", "cluster", name))),
        "AWS/ApplicationELB" | "AWS/NetworkELB" | "AWS/GatewayELB" => {
            let group = get("TargetGroup").map(str::to_owned);
            let balancer = get("LoadBalancer").map(|name| format!("loadbalancer/{name}"));
            group.or(balancer).map(|resource| in_balancing(place, &resource))
        }
        "AWS/ELB" => get("LoadBalancerName").map(|name| by_name(place, "loadbalancer", name)),
        "AWS/NATGateway" => get("NatGatewayId").map(bare),
        "AWS/TransitGateway" => get("TransitGateway").map(bare),
        "AWS/PrivateLinkEndpoints" => get("VPC Endpoint Id").map(bare),
        "AWS/ElastiCache" => {
            get("CacheClusterId").map(|name| named("elasticache", "cluster", name)).or_else(|| {
                get("ReplicationGroupId").map(|name| named("elasticache", "replicationgroup", name))
            })
        }
        "AWS/SQS" => get("QueueName").map(|name| by_resource(place, "sqs", name, "queue", name)),
        "AWS/SNS" => get("TopicName").map(|name| by_resource(place, "sns", name, "topic", name)),
        "AWS/Lambda" => get("FunctionName").map(|name| {
            by_resource(place, "lambda", &format!("function:{name}"), "function", name)
        }),
        "AWS/ECS" | "ECS/ContainerInsights" => match (get("ClusterName")?, get("ServiceName")) {
            (cluster, Some(service)) => {
                let name = format!("{cluster}/{service}");
                let resource = format!("service/{name}");
                Some(by_resource(place, "ecs", &resource, "ecs-service", &name))
            }
            (cluster, None) => {
                let resource = format!("cluster/{cluster}");
                Some(by_resource(place, "ecs", &resource, "ecs-cluster", cluster))
            }
        },
        "AWS/DynamoDB" => get("TableName")
            .map(|name| by_resource(place, "dynamodb", &format!("table/{name}"), "table", name)),
        "AWS/S3" => get("BucketName").map(bare),
        _ => None,
    }
}

fn in_balancing(place: &Place, resource: &str) -> Reference {
    by_resource(place, "elasticloadbalancing", resource, "loadbalancer", resource)
}

/// By the ARN where account and region are known, else by the name within them.
fn by_resource(place: &Place, service: &str, resource: &str, kind: &str, name: &str) -> Reference {
    let within = by_name(place, kind, name);
    match place.arn(service, resource) {
        Some(arn) => within.candidates.into_iter().fold(
            Reference::key("dimension", key::arn(&arn)),
            |reference, one| match one.all.first() {
                Some(key) => reference.or("dimension", key.clone(), Confidence::High),
                None => reference,
            },
        ),
        None => within,
    }
}
