//! The responses that are known by their top-level keys, and what becomes of each.

use model::EntityKind as K;
use serde_json::Value;

use super::{
    ReadRecord, autoscaling, balancer, balancer_classic, cache, commitment, container, database,
    database_part, function, gateway, health, instance, interface, kubernetes, name_service, queue,
    resource, route_table, security_group, security_hub, storage, vpc,
};
use crate::shape::Key;

/// One top-level key.
#[derive(Debug)]
pub struct Known {
    /// The key.
    key: &'static str,
    /// Field that a record has, where the key alone could be another service's or another tool's; `""`
    /// for a list of texts; `*` for anything.
    marker: &'static str,
    /// Beginning of the operation's name that settles it where there is no record to look at.
    operation: &'static str,
    /// Kind that the response lists in full, where it does.
    pub kind: Option<K>,
    /// What becomes of the records.
    pub reading: Reading,
}

/// What becomes of the records below a key.
#[derive(Debug, Clone, Copy)]
pub enum Reading {
    /// Each is read.
    Records(ReadRecord),
    /// They are counted, with the reason.
    Unread(&'static str),
    /// They say nothing that another part does not.
    Silent,
}

/// Names of things whose description is another response.
const NAMES: &str = "names only; the response that describes each is read";
const IDENTITIES: &str = "users, roles and policies";

macro_rules! table {
    ($($key:literal $marker:literal $operation:literal $kind:expr => $reading:expr;)*) => {
        &[$(Known {
            key: $key, marker: $marker, operation: $operation, kind: $kind, reading: $reading
        }),*]
    };
}

use Reading::{Records, Silent, Unread};

#[rustfmt::skip]
const TABLE: &[Known] = table! {
    // EC2
    "Reservations" "Instances" "ec2-" Some(K::Instance) => Records(instance::reservation);
    "Volumes" "VolumeId" "ec2-" Some(K::Volume) => Records(storage::volume);
    "Snapshots" "SnapshotId" "ec2-" Some(K::Snapshot) => Records(storage::snapshot);
    "Images" "ImageId" "ec2-" Some(K::Image) => Records(storage::image);
    "Addresses" "PublicIp" "ec2-" Some(K::ElasticIp) => Records(interface::address);
    "NetworkInterfaces" "NetworkInterfaceId" "ec2-" Some(K::NetworkInterface) => Records(interface::interface);
    "Vpcs" "VpcId" "ec2-" Some(K::Vpc) => Records(vpc::vpc);
    "Subnets" "SubnetId" "ec2-" Some(K::Subnet) => Records(vpc::subnet);
    "AvailabilityZones" "ZoneName" "ec2-" Some(K::Zone) => Records(vpc::zone);
    "Regions" "RegionName" "ec2-" None => Records(vpc::region);
    "RouteTables" "RouteTableId" "ec2-" Some(K::RouteTable) => Records(route_table::route_table);
    "InternetGateways" "InternetGatewayId" "ec2-" Some(K::InternetGateway) => Records(gateway::internet);
    "EgressOnlyInternetGateways" "EgressOnlyInternetGatewayId" "ec2-" None => Records(gateway::egress_only);
    "NatGateways" "NatGatewayId" "ec2-" Some(K::NatGateway) => Records(gateway::nat);
    "TransitGateways" "TransitGatewayId" "ec2-" Some(K::TransitGateway) => Records(gateway::transit);
    "TransitGatewayVpcAttachments" "TransitGatewayAttachmentId" "ec2-" None => Records(gateway::transit_attachment);
    "TransitGatewayAttachments" "TransitGatewayAttachmentId" "ec2-" None => Records(gateway::transit_attachment);
    "VpcEndpoints" "VpcEndpointId" "ec2-" Some(K::VpcEndpoint) => Records(gateway::endpoint);
    "VpcPeeringConnections" "VpcPeeringConnectionId" "ec2-" Some(K::VpcPeering) => Records(gateway::peering);
    "SecurityGroups" "GroupId" "ec2-" Some(K::SecurityGroup) => Records(security_group::group);
    "SecurityGroupRules" "SecurityGroupRuleId" "ec2-" None => Unread("rules stand in describe-security-groups, which is read");
    "NetworkAcls" "NetworkAclId" "ec2-" Some(K::NetworkAcl) => Records(security_group::network_acl);
    "PrefixLists" "PrefixListId" "ec2-" Some(K::PrefixList) => Records(security_group::prefix_list);
    "ReservedInstances" "ReservedInstancesId" "ec2-" None => Records(commitment::reserved_instances);
    // Load balancing
    "LoadBalancers" "LoadBalancerArn" "elbv2-" Some(K::LoadBalancer) => Records(balancer::load_balancer);
    "Listeners" "ListenerArn" "elbv2-" Some(K::Listener) => Records(balancer::listener);
    "Rules" "RuleArn" "elbv2-" None => Records(balancer::rule);
    "TargetGroups" "TargetGroupArn" "elbv2-" Some(K::TargetGroup) => Records(balancer::target_group);
    "TargetHealthDescriptions" "Target" "elbv2-" None => Records(balancer::target_health);
    "LoadBalancerDescriptions" "LoadBalancerName" "elb-" Some(K::LoadBalancer) => Records(balancer_classic::load_balancer);
    "LoadBalancerAttributes" "*" "elb-" None => Records(balancer_classic::attributes);
    "AutoScalingGroups" "AutoScalingGroupName" "autoscaling-" Some(K::AutoscalingGroup) => Records(autoscaling::group);
    "LaunchConfigurations" "LaunchConfigurationName" "autoscaling-" None => Records(autoscaling::launch_configuration);
    "LaunchTemplates" "LaunchTemplateId" "ec2-" None => Records(autoscaling::launch_template);
    "ScalingPolicies" "PolicyARN" "autoscaling-" None => Records(autoscaling::policy);
    // EKS
    "cluster" "arn" "eks-" None => Records(kubernetes::cluster);
    "nodegroup" "nodegroupArn" "eks-" None => Records(kubernetes::node_group);
    "addon" "addonArn" "eks-" None => Records(kubernetes::addon);
    "accessEntry" "accessEntryArn" "eks-" None => Records(kubernetes::access_entry);
    "fargateProfile" "fargateProfileArn" "eks-" None => Records(kubernetes::fargate_profile);
    "clusters" "" "eks-" None => Records(kubernetes::cluster_name);
    "nodegroups" "" "eks-" None => Unread(NAMES);
    "addons" "" "eks-" None => Unread(NAMES);
    "accessEntries" "" "eks-" None => Unread(NAMES);
    "fargateProfileNames" "" "eks-" None => Unread(NAMES);
    // ECS
    "clusters" "clusterArn" "ecs-" None => Records(container::cluster);
    "clusterArns" "" "ecs-" None => Records(container::cluster_arn);
    "services" "serviceArn" "ecs-" None => Records(container::service);
    "serviceArns" "" "ecs-" None => Unread(NAMES);
    "tasks" "taskArn" "ecs-" None => Records(container::task);
    "taskArns" "" "ecs-" None => Records(container::task_arn);
    "containerInstances" "containerInstanceArn" "ecs-" None => Records(container::container_instance);
    "containerInstanceArns" "" "ecs-" None => Unread(NAMES);
    "taskDefinition" "taskDefinitionArn" "ecs-" None => Records(container::task_definition);
    "taskDefinitionArns" "" "ecs-" None => Unread(NAMES);
    // Databases
    "DBInstances" "DBInstanceIdentifier" "rds-" None => Records(database::instance);
    "DBClusters" "DBClusterIdentifier" "rds-" None => Records(database::cluster);
    "DBProxies" "DBProxyName" "rds-" Some(K::DatabaseProxy) => Records(database_part::proxy);
    "TargetGroups" "DBProxyName" "rds-" None => Unread("the proxy's targets name the databases");
    "Targets" "RdsResourceId" "rds-" None => Records(database_part::proxy_target);
    "DBSubnetGroups" "DBSubnetGroupName" "rds-" None => Records(database_part::subnet_group);
    "DBParameterGroups" "DBParameterGroupName" "rds-" None => Records(database_part::parameter_group);
    "DBClusterParameterGroups" "DBClusterParameterGroupName" "rds-" None => Records(database_part::cluster_parameter_group);
    "Parameters" "ParameterName" "rds-" None => Records(database_part::parameter);
    "DBEngineVersions" "EngineVersion" "rds-" None => Records(database_part::engine_version);
    "DBSnapshots" "DBSnapshotIdentifier" "rds-" None => Records(database_part::snapshot);
    "DBClusterSnapshots" "DBClusterSnapshotIdentifier" "rds-" None => Records(database_part::cluster_snapshot);
    "Clusters" "ClusterIdentifier" "redshift-" None => Records(database_part::redshift);
    "ClusterSubnetGroups" "ClusterSubnetGroupName" "redshift-" None => Records(database_part::redshift_subnet_group);
    "ReplicationGroups" "ReplicationGroupId" "elasticache-" None => Records(cache::replication_group);
    "CacheClusters" "CacheClusterId" "elasticache-" None => Records(cache::cache_cluster);
    "CacheSubnetGroups" "CacheSubnetGroupName" "elasticache-" None => Records(cache::subnet_group);
    "ServerlessCaches" "ServerlessCacheName" "elasticache-" None => Records(cache::serverless);
    "DomainStatus" "DomainName" "es-" None => Records(database_part::search_domain);
    "DomainStatusList" "DomainName" "es-" None => Records(database_part::search_domain);
    "DomainNames" "DomainName" "es-" None => Records(database_part::search_domain_name);
    "Table" "TableArn" "dynamodb-" None => Records(database_part::table);
    // Functions, queues, buckets
    "Functions" "FunctionArn" "lambda-" Some(K::Function) => Records(function::function);
    "Configuration" "FunctionArn" "lambda-" None => Records(function::function);
    "EventSourceMappings" "EventSourceArn" "lambda-" None => Records(function::event_source_mapping);
    "QueueUrls" "" "sqs-" Some(K::Queue) => Records(queue::queue_url);
    "Attributes" "QueueArn" "sqs-" None => Records(queue::queue);
    "Attributes" "TopicArn" "sns-" None => Records(resource::topic_attributes);
    "Attributes" "Key" "elbv2-" None => Records(balancer::attribute);
    "Topics" "TopicArn" "sns-" None => Records(resource::topic);
    "Buckets" "Name" "s3" None => Records(queue::bucket);
    "LocationConstraint" "" "s3" None => Silent;
    "Grants" "Grantee" "s3" None => Unread("access lists of buckets");
    "ClusterInfoList" "ClusterArn" "kafka-" None => Records(queue::kafka);
    // Names
    "HostedZones" "Id" "route53-" None => Records(name_service::hosted_zone);
    "HostedZone" "Id" "route53-" None => Records(name_service::hosted_zone);
    "ResourceRecordSets" "Type" "route53-" None => Records(name_service::record_set);
    "HostedZoneSummaries" "HostedZoneId" "route53-" None => Records(name_service::hosted_zone_summary);
    // Commitments
    "savingsPlans" "savingsPlanArn" "savingsplans-" None => Records(commitment::savings_plan);
    "SavingsPlans" "savingsPlanArn" "savingsplans-" None => Records(commitment::savings_plan);
    "ReservedDBInstances" "ReservedDBInstanceId" "rds-" None => Records(commitment::reserved_database);
    "ReservedCacheNodes" "ReservedCacheNodeId" "elasticache-" None => Records(commitment::reserved_cache);
    "ReservedNodes" "ReservedNodeId" "redshift-" None => Records(commitment::reserved_node);
    // Others with an ARN of their own
    "repositories" "repositoryArn" "ecr-" None => Records(resource::repository);
    "SecretList" "ARN" "secretsmanager-" None => Records(resource::secret);
    "Endpoints" "EndpointArn" "dms-" None => Records(resource::replication_endpoint);
    "trailList" "TrailARN" "cloudtrail-" None => Records(resource::trail);
    "analyzers" "arn" "access" None => Records(resource::analyzer);
    "MetricAlarms" "AlarmArn" "cloudwatch-" None => Records(resource::alarm);
    "CompositeAlarms" "AlarmArn" "cloudwatch-" None => Records(resource::alarm);
    // Security and health
    "Findings" "ProductArn" "securityhub-" None => Records(security_hub::finding);
    "events" "eventTypeCode" "health-" None => Records(health::event);
    "entities" "eventArn" "health-" None => Records(health::affected);
    "successfulSet" "event" "health-" None => Records(health::detail);
    "failedSet" "*" "health-" None => Unread("AWS could not give these details");
    // Known, and not read
    "SummaryMap" "*" "iam-" None => Unread(IDENTITIES);
    "GroupDetailList" "Arn" "iam-" None => Unread(IDENTITIES);
    "RoleDetailList" "Arn" "iam-" None => Unread(IDENTITIES);
    "UserDetailList" "Arn" "iam-" None => Unread(IDENTITIES);
    "Policies" "PolicyName" "iam-" None => Unread(IDENTITIES);
    "SAMLProviderList" "Arn" "iam-" None => Unread(IDENTITIES);
    "Role" "RoleId" "iam-" None => Unread(IDENTITIES);
    "User" "UserId" "iam-" None => Unread(IDENTITIES);
    "ServicesLastAccessed" "ServiceName" "iam-" None => Unread(IDENTITIES);
    "DetectorIds" "" "guardduty-" None => Unread("detectors are named without what they watch");
    "Owner" "ID" "s3" None => Silent;
    "ResponseMetadata" "*" "" None => Silent;
};

/// The entry for a key, given its first record or, where the list is empty, the operation's name.
pub fn known(key: &str, operation: Option<&str>, first: Option<&Value>) -> Option<&'static Known> {
    let mut of_key = TABLE.iter().filter(|known| known.key == key);
    match first {
        Some(Value::String(_)) => of_key.find(|known| known.marker.is_empty()),
        Some(record) => of_key.find(|known| {
            known.marker == "*" || (!known.marker.is_empty() && record.get(known.marker).is_some())
        }),
        None => {
            let by_name = |known: &&Known| {
                operation.is_some_and(|operation| operation.starts_with(known.operation))
            };
            let candidates: Vec<&'static Known> = of_key.collect();
            candidates.iter().copied().find(by_name).or_else(|| candidates.first().copied())
        }
    }
}

/// Keys that other tools use too: they need their marker in the beginning of the bytes.
fn is_common(key: &str) -> bool {
    key.starts_with(|letter: char| letter.is_ascii_lowercase())
        || matches!(
            key,
            "Attributes"
                | "Rules"
                | "Images"
                | "Addresses"
                | "Volumes"
                | "Snapshots"
                | "Functions"
                | "Configuration"
                | "Endpoints"
                | "Clusters"
                | "Findings"
                | "Policies"
                | "Role"
                | "User"
                | "Table"
                | "Regions"
                | "Parameters"
                | "Targets"
                | "Topics"
                | "Owner"
                | "Grants"
                | "Subnets"
                | "ResponseMetadata"
                | "Buckets"
                | "Listeners"
                | "SummaryMap"
        )
}

/// Bytes in which a marker is looked for.
const MARKER_BYTES: usize = 64 << 10;

/// Whether a top-level key shows that this is a response of AWS; gives the key.
pub fn recognised<'k>(key: &Key<'k>, bytes: &[u8], operation: Option<&str>) -> Option<&'k str> {
    if !matches!(key.starts_with, b'[' | b'{') {
        return None;
    }
    let mut of_key = TABLE.iter().filter(|known| known.key == key.name).peekable();
    of_key.peek()?;
    let is_aws = !is_common(key.name)
        || of_key.any(|known| {
            let by_name = !known.operation.is_empty()
                && operation.is_some_and(|operation| operation.starts_with(known.operation));
            by_name
                || (known.marker.len() > 3 && holds(bytes, known.marker))
                || (key.name == "cluster" && holds(bytes, "resourcesVpcConfig"))
        });
    is_aws.then_some(key.name)
}

fn holds(bytes: &[u8], marker: &str) -> bool {
    let quoted = format!("\"{marker}\"");
    let head = &bytes[..bytes.len().min(MARKER_BYTES)];
    head.windows(quoted.len()).any(|window| window == quoted.as_bytes())
}
