//! RDS and Aurora: instances and clusters.

use model::entity::RelationObservation;
use model::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::reader::Reader;
use super::record::{list, port, text, texts};
use super::thing::{Thing, by_arn_or_name};

/// `rds describe-db-instances`.
pub fn instance(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "DBInstanceIdentifier") else {
        reader.reject("", "a database without DBInstanceIdentifier");
        return;
    };
    let place = reader.place(record, &["DBInstanceArn"]);
    let arn = text(record, "DBInstanceArn");
    let mut thing = Thing::arn(K::Database, &place, arn, ("rds", &format!("db:{name}")), name);
    thing.claim_name("rds/db", name);
    thing.tagged(record).created(record, "InstanceCreateTime", true).keep(record, PROPERTIES);
    name.clone_into(&mut thing.entity.name);
    incarnation(&mut thing, record, "DbiResourceId");
    let first = |path: &str, field: &str| {
        list(record, path).first().and_then(|one| text(one, field)).map(str::to_owned)
    };
    if let Some(group) = first("DBParameterGroups", "DBParameterGroupName") {
        thing.property("db_parameter_group_name", group);
    }
    if let Some(group) = first("OptionGroupMemberships", "OptionGroupName") {
        thing.property("option_group_name", group);
    }
    for endpoint in ["Endpoint", "ListenerEndpoint"] {
        let address = text(record, &format!("{endpoint}.Address"));
        thing.claim_endpoint(address, port(record, &format!("{endpoint}.Port")));
    }
    placement(reader, &mut thing, record);
    guards(&mut thing, record);
    subnet_group(&mut thing, text(record, "DBSubnetGroup.DBSubnetGroupName"));
    group_subnets(&mut thing, record);
    replication(&mut thing, record);
    reader.put(thing);
}

const PROPERTIES: &[&str] = &[
    "DBInstanceIdentifier",
    "DBInstanceClass",
    "DBInstanceStatus",
    "Engine",
    "EngineVersion",
    "LicenseModel",
    "MultiAZ",
    "AvailabilityZone",
    "SecondaryAvailabilityZone",
    "AllocatedStorage",
    "MaxAllocatedStorage",
    "StorageType",
    "Iops",
    "StorageThroughput",
    "StorageEncrypted",
    "KmsKeyId",
    "Endpoint.Address=endpoint_address",
    "Endpoint.Port=endpoint_port",
    "DBName",
    "BackupRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "AutoMinorVersionUpgrade",
    "PubliclyAccessible",
    "DeletionProtection",
    "PerformanceInsightsEnabled",
    "MonitoringInterval",
    "IAMDatabaseAuthenticationEnabled",
    "CACertificateIdentifier",
    "CertificateDetails.ValidTill=certificate_valid_till",
    "EngineLifecycleSupport",
    "DBClusterIdentifier",
    "PromotionTier",
    "ReplicaMode",
    "ReadReplicaSourceDBInstanceIdentifier",
    "DbiResourceId",
    "NetworkType",
    "Timezone",
    "CharacterSetName",
    "EnabledCloudwatchLogsExports",
];

/// The resource id is never given again; it tells a database from an earlier one of the same name.
fn incarnation(thing: &mut Thing, record: &Value, field: &str) {
    if let Some(id) = text(record, field) {
        thing.entity.incarnation = Some(id.to_owned());
        thing.claim(crate::key::bare_id(id));
    }
}

/// The subnet, where exactly one of its group lies in its zone; else the zone. A standby is a second
/// place.
fn placement(reader: &mut Reader<'_, '_>, thing: &mut Thing, record: &Value) {
    let place = thing.place.clone();
    let subnets = list(record, "DBSubnetGroup.Subnets");
    let main = text(record, "AvailabilityZone");
    thing.entity.scope.zone = main.map(str::to_owned);
    for zone in main.into_iter().chain(text(record, "SecondaryAvailabilityZone")) {
        let mut of_zone = subnets
            .iter()
            .filter(|one| text(one, "SubnetAvailabilityZone.Name") == Some(zone))
            .filter_map(|one| text(one, "SubnetIdentifier"));
        let in_zone = reader.zone(&place, Some(zone), None);
        match (of_zone.next(), of_zone.next()) {
            (Some(subnet), None) => {
                thing.in_subnets(std::iter::once(subnet));
            }
            _ => {
                if let Some(zone) = in_zone {
                    thing.to(R::PlacedIn, zone);
                }
            }
        }
    }
    thing.in_vpc(text(record, "DBSubnetGroup.VpcId"));
}

fn guards(thing: &mut Thing, record: &Value) {
    let groups = list(record, "VpcSecurityGroups").iter();
    thing.guarded_by(groups.filter_map(|group| text(group, "VpcSecurityGroupId")));
}

/// The subnet group that it may move within.
fn subnet_group(thing: &mut Thing, name: Option<&str>) {
    if let Some(name) = name {
        let group = by_arn_or_name(&thing.place, ("rds", "subgrp"), name);
        thing.from(group, R::Contains).property("db_subnet_group_name", name);
    }
}

/// The record shows the group's subnets, too.
fn group_subnets(thing: &mut Thing, record: &Value) {
    let Some(name) = text(record, "DBSubnetGroup.DBSubnetGroupName") else { return };
    let group = by_arn_or_name(&thing.place, ("rds", "subgrp"), name);
    for subnet in list(record, "DBSubnetGroup.Subnets") {
        if let Some(id) = text(subnet, "SubnetIdentifier") {
            let (from, to) = (group.clone(), super::thing::bare(id));
            thing.relate(RelationObservation::declared(from, R::Contains, to));
        }
    }
}

/// Membership of a cluster, and replicas in both directions: by name in the region, by ARN elsewhere.
fn replication(thing: &mut Thing, record: &Value) {
    let place = thing.place.clone();
    if let Some(cluster) = text(record, "DBClusterIdentifier") {
        thing.from(by_arn_or_name(&place, ("rds", "cluster"), cluster), R::HasReplica);
    }
    if let Some(source) = text(record, "ReadReplicaSourceDBInstanceIdentifier") {
        thing.to(R::Replicates, by_arn_or_name(&place, ("rds", "db"), source));
    }
    if let Some(source) = text(record, "ReadReplicaSourceDBClusterIdentifier") {
        thing.to(R::Replicates, by_arn_or_name(&place, ("rds", "cluster"), source));
    }
    for replica in texts(record, "ReadReplicaDBInstanceIdentifiers") {
        thing.from(by_arn_or_name(&place, ("rds", "db"), replica), R::Replicates);
    }
    for replica in texts(record, "ReadReplicaDBClusterIdentifiers") {
        thing.from(by_arn_or_name(&place, ("rds", "cluster"), replica), R::Replicates);
    }
}

/// `rds describe-db-clusters` (Aurora, Multi-AZ clusters, DocumentDB and Neptune).
pub fn cluster(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "DBClusterIdentifier") else {
        reader.reject("", "a database cluster without DBClusterIdentifier");
        return;
    };
    let place = reader.place(record, &["DBClusterArn"]);
    let arn = text(record, "DBClusterArn");
    let resource = format!("cluster:{name}");
    let mut thing = Thing::arn(K::DatabaseCluster, &place, arn, ("rds", &resource), name);
    thing.claim_name("rds/cluster", name);
    thing
        .tagged(record)
        .created(record, "ClusterCreateTime", true)
        .keep(record, CLUSTER_PROPERTIES);
    name.clone_into(&mut thing.entity.name);
    incarnation(&mut thing, record, "DbClusterResourceId");
    let number = port(record, "Port").or(port(record, "Endpoint.Port"));
    let writer = text(record, "Endpoint").or(text(record, "Endpoint.Address"));
    let reader_host = text(record, "ReaderEndpoint").or(text(record, "ReaderEndpoint.Address"));
    for (host, property) in [(writer, "endpoint_address"), (reader_host, "reader_endpoint_address")]
    {
        thing.claim_endpoint(host, number);
        if let Some(host) = host {
            thing.property(property, host);
        }
    }
    for host in texts(record, "CustomEndpoints") {
        thing.claim_endpoint(Some(host), number);
    }
    members(&mut thing, record);
    guards(&mut thing, record);
    subnet_group(&mut thing, text(record, "DBSubnetGroup"));
    if let Some(source) = text(record, "ReplicationSourceIdentifier") {
        thing.to(R::Replicates, by_arn_or_name(&place, ("rds", "cluster"), source));
    }
    for replica in texts(record, "ReadReplicaIdentifiers") {
        // Of an Aurora cluster in another region these are clusters, of a Multi-AZ cluster instances.
        let kind = if replica.contains(":cluster:") { "cluster" } else { "db" };
        thing.from(by_arn_or_name(&place, ("rds", kind), replica), R::Replicates);
    }
    reader.put(thing);
}

const CLUSTER_PROPERTIES: &[&str] = &[
    "DBClusterIdentifier",
    "Engine",
    "EngineVersion",
    "EngineMode",
    "Status",
    "MultiAZ",
    "AvailabilityZones",
    "DatabaseName",
    "Port",
    "DBClusterInstanceClass",
    "AllocatedStorage",
    "StorageType",
    "Iops",
    "StorageEncrypted",
    "KmsKeyId",
    "BackupRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "DeletionProtection",
    "DBClusterParameterGroup",
    "ScalingConfigurationInfo",
    "ServerlessV2ScalingConfiguration",
    "BacktrackWindow",
    "HttpEndpointEnabled",
    "PubliclyAccessible",
    "DbClusterResourceId",
    "IAMDatabaseAuthenticationEnabled",
    "EngineLifecycleSupport",
    "NetworkType",
    "GlobalWriteForwardingStatus",
];

fn members(thing: &mut Thing, record: &Value) {
    for member in list(record, "DBClusterMembers") {
        let Some(name) = text(member, "DBInstanceIdentifier") else { continue };
        let instance = by_arn_or_name(&thing.place, ("rds", "db"), name);
        let mut relation = RelationObservation::declared(thing.this(), R::HasReplica, instance);
        for (field, property) in
            [("IsClusterWriter", "is_cluster_writer"), ("PromotionTier", "promotion_tier")]
        {
            if let Some(value) = member.get(field).filter(|value| !value.is_null()) {
                relation = relation.with(property, value.clone());
            }
        }
        thing.relate(relation);
    }
}
