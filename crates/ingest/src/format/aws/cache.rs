//! ElastiCache: replication groups, cache clusters and their nodes.

use model::entity::RelationObservation;
use model::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::reader::Reader;
use super::record::{list, port, text, texts};
use super::thing::{Thing, bare, by_arn_or_name};

/// `elasticache describe-replication-groups`.
pub fn replication_group(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "ReplicationGroupId") else {
        reader.reject("", "a replication group without ReplicationGroupId");
        return;
    };
    let place = reader.place(record, &["ARN"]);
    let resource = format!("replicationgroup:{name}");
    let arn = text(record, "ARN");
    let mut thing = Thing::arn(K::Cache, &place, arn, ("elasticache", &resource), name);
    thing.claim_name("elasticache/replicationgroup", name);
    thing.tagged(record).created(record, "ReplicationGroupCreateTime", true).keep(
        record,
        &[
            "Status",
            "Description",
            "Engine",
            "CacheNodeType",
            "AutomaticFailover",
            "MultiAZ",
            "ClusterEnabled",
            "ClusterMode",
            "TransitEncryptionEnabled",
            "AtRestEncryptionEnabled",
            "SnapshotRetentionLimit",
            "AuthTokenEnabled",
            "NetworkType",
        ],
    );
    name.clone_into(&mut thing.entity.name);
    let endpoint = |record: &Value, part: &str| {
        let host = text(record, &format!("{part}.Address")).map(str::to_owned);
        (host, port(record, &format!("{part}.Port")))
    };
    let (host, number) = endpoint(record, "ConfigurationEndpoint");
    thing.claim_endpoint(host.as_deref(), number);
    for group in list(record, "NodeGroups") {
        for part in ["PrimaryEndpoint", "ReaderEndpoint"] {
            let (host, number) = endpoint(group, part);
            thing.claim_endpoint(host.as_deref(), number);
        }
        for member in list(group, "NodeGroupMembers") {
            node(&mut thing, member, text(group, "NodeGroupId"));
        }
    }
    for member in texts(record, "MemberClusters") {
        let member = by_arn_or_name(&place, ("elasticache", "cluster"), member);
        thing.to(R::HasReplica, member);
    }
    reader.put(thing);
}

fn node(thing: &mut Thing, member: &Value, group: Option<&str>) {
    let Some(name) = text(member, "CacheClusterId") else { return };
    let to = by_arn_or_name(&thing.place, ("elasticache", "cluster"), name);
    let mut relation = RelationObservation::declared(thing.this(), R::HasReplica, to);
    let fields = [("CurrentRole", "current_role"), ("PreferredAvailabilityZone", "zone_name")];
    for (field, property) in fields {
        if let Some(value) = text(member, field) {
            relation = relation.with(property, value);
        }
    }
    if let Some(group) = group {
        relation = relation.with("node_group_id", group);
    }
    thing.relate(relation);
}

/// `elasticache describe-cache-clusters`: a node of a replication group, else a cache of its own.
pub fn cache_cluster(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "CacheClusterId") else {
        reader.reject("", "a cache cluster without CacheClusterId");
        return;
    };
    let place = reader.place(record, &["ARN"]);
    let group = text(record, "ReplicationGroupId");
    let kind = if group.is_some() { K::CacheNode } else { K::Cache };
    let resource = format!("cluster:{name}");
    let mut thing = Thing::arn(kind, &place, text(record, "ARN"), ("elasticache", &resource), name);
    thing.claim_name("elasticache/cluster", name);
    thing.tagged(record).created(record, "CacheClusterCreateTime", true).keep(
        record,
        &[
            "CacheClusterStatus",
            "CacheNodeType",
            "Engine",
            "EngineVersion",
            "NumCacheNodes",
            "PreferredAvailabilityZone",
            "CacheSubnetGroupName",
            "SnapshotRetentionLimit",
            "CacheParameterGroup.CacheParameterGroupName",
            "AutoMinorVersionUpgrade",
            "TransitEncryptionEnabled",
            "AtRestEncryptionEnabled",
            "PreferredMaintenanceWindow",
        ],
    );
    name.clone_into(&mut thing.entity.name);
    if let Some(group) = group {
        let group = by_arn_or_name(&place, ("elasticache", "replicationgroup"), group);
        thing.from(group, R::HasReplica);
    }
    let endpoints = list(record, "CacheNodes").iter().map(|node| (node, "Endpoint"));
    for (record, part) in endpoints.chain([(record, "ConfigurationEndpoint")]) {
        let host = text(record, &format!("{part}.Address"));
        thing.claim_endpoint(host, port(record, &format!("{part}.Port")));
    }
    let main = text(record, "PreferredAvailabilityZone");
    thing.entity.scope.zone = main.map(str::to_owned);
    let of_nodes = list(record, "CacheNodes").iter();
    let of_nodes = of_nodes.filter_map(|node| text(node, "CustomerAvailabilityZone"));
    // `Multiple` stands for the zones of the nodes.
    for zone in main.into_iter().chain(of_nodes) {
        if let Some(zone) = reader.zone(&place, Some(zone), None) {
            thing.to(R::PlacedIn, zone);
        }
    }
    let groups = list(record, "SecurityGroups").iter();
    thing.guarded_by(groups.filter_map(|group| text(group, "SecurityGroupId")));
    if let Some(group) = text(record, "CacheSubnetGroupName") {
        let group = by_arn_or_name(&place, ("elasticache", "subnetgroup"), group);
        thing.from(group, R::Contains);
    }
    reader.put(thing);
}

/// `elasticache describe-cache-subnet-groups`.
pub fn subnet_group(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "CacheSubnetGroupName") else {
        reader.reject("", "a subnet group without CacheSubnetGroupName");
        return;
    };
    let place = reader.place(record, &["ARN"]);
    let resource = format!("subnetgroup:{name}");
    let arn = text(record, "ARN");
    let mut thing = Thing::arn(K::Resource, &place, arn, ("elasticache", &resource), name);
    thing.property("resource_type", "subnet_group").claim_name("elasticache/subnetgroup", name);
    thing.keep(record, &["CacheSubnetGroupDescription=description"]).in_vpc(text(record, "VpcId"));
    for subnet in list(record, "Subnets").iter().filter_map(|one| text(one, "SubnetIdentifier")) {
        thing.to(R::Contains, bare(subnet));
    }
    reader.put(thing);
}

/// `elasticache describe-serverless-caches`.
pub fn serverless(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "ServerlessCacheName") else {
        reader.reject("", "a serverless cache without ServerlessCacheName");
        return;
    };
    let place = reader.place(record, &["ARN"]);
    let resource = format!("serverlesscache:{name}");
    let arn = text(record, "ARN");
    let mut thing = Thing::arn(K::Cache, &place, arn, ("elasticache", &resource), name);
    thing.created(record, "CreateTime", true);
    thing.keep(
        record,
        &["Status", "Engine", "MajorEngineVersion", "FullEngineVersion", "CacheUsageLimits"],
    );
    for part in ["Endpoint", "ReaderEndpoint"] {
        let host = text(record, &format!("{part}.Address"));
        thing.claim_endpoint(host, port(record, &format!("{part}.Port")));
    }
    thing.in_subnets(texts(record, "SubnetIds")).guarded_by(texts(record, "SecurityGroupIds"));
    reader.put(thing);
}
