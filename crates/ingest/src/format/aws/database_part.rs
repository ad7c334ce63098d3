//! What belongs to databases: proxies, subnet and parameter groups, engine versions and snapshots; and
//! the stores beside RDS: Redshift, OpenSearch, DynamoDB.

use model::entity::RelationObservation;
use model::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::place::{Place, region_of};
use super::reader::Reader;
use super::record::{list, port, text, texts};
use super::thing::{Thing, bare, by_arn_or_name, by_name};

/// `rds describe-db-proxies`.
pub fn proxy(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "DBProxyName") else {
        reader.reject("", "a proxy without DBProxyName");
        return;
    };
    let place = reader.place(record, &["DBProxyArn"]);
    let arn = text(record, "DBProxyArn");
    let resource = format!("db-proxy:{name}");
    let mut thing = Thing::arn(K::DatabaseProxy, &place, arn, ("rds", &resource), name);
    thing.claim_name("db-proxy", name);
    thing.tagged(record).created(record, "CreatedDate", true);
    thing.keep(
        record,
        &["Status", "EngineFamily", "Endpoint", "RequireTLS", "IdleClientTimeout", "RoleArn"],
    );
    thing.in_vpc(text(record, "VpcId")).in_subnets(texts(record, "VpcSubnetIds"));
    thing.guarded_by(texts(record, "VpcSecurityGroupIds"));
    let number = match text(record, "EngineFamily") {
        Some("MYSQL") => Some(3306),
        Some("POSTGRESQL") => Some(5432),
        Some("SQLSERVER") => Some(1433),
        _ => None,
    };
    thing.claim_endpoint(text(record, "Endpoint"), number);
    reader.put(thing);
}

/// `rds describe-db-proxy-targets`: the response does not name the proxy, the file's name does.
pub fn proxy_target(reader: &mut Reader<'_, '_>, record: &Value) {
    let (Some(proxy), Some(database)) =
        (reader.argument.map(str::to_owned), text(record, "RdsResourceId"))
    else {
        reader.reject(
            "",
            "the proxy is not named; name the file rds-describe-db-proxy-targets/{name of the proxy}",
        );
        return;
    };
    let place = reader.place(record, &["TargetArn"]);
    let kind = if text(record, "Type") == Some("TRACKED_CLUSTER") { "cluster" } else { "db" };
    let to = by_arn_or_name(&place, ("rds", kind), database);
    // The ARN of a proxy ends in an id of its own: only the name is known here.
    let from = by_name(&place, "db-proxy", &proxy);
    let relation = RelationObservation::declared(from, R::ConnectsTo, to);
    let relation = match text(record, "Endpoint") {
        Some(endpoint) => relation.with("endpoint", endpoint),
        None => relation,
    };
    reader.relation(relation);
}

/// A group of subnets, by the field of its name and the field of its ARN.
fn subnets_of(
    reader: &mut Reader<'_, '_>,
    record: &Value,
    (service, resource): (&str, &str),
    (name_field, arn_field): (&str, &str),
) {
    let Some(name) = text(record, name_field) else {
        reader.reject("", format!("a subnet group without {name_field}"));
        return;
    };
    let mut place = reader.place(record, &[arn_field]);
    if place.region.is_none() {
        let first = list(record, "Subnets").first();
        let zone = first.and_then(|one| text(one, "SubnetAvailabilityZone.Name"));
        place.region = zone.and_then(region_of).map(str::to_owned);
    }
    let id = format!("{resource}:{name}");
    let arn = text(record, arn_field);
    let mut thing = Thing::arn(K::Resource, &place, arn, (service, &id), name);
    thing.tagged(record).property("resource_type", "subnet_group");
    thing.claim_name(&format!("{service}/{resource}"), name).in_vpc(text(record, "VpcId"));
    thing.keep(record, &["DBSubnetGroupDescription=description", "SubnetGroupStatus=status"]);
    for subnet in list(record, "Subnets").iter().filter_map(|one| text(one, "SubnetIdentifier")) {
        thing.to(R::Contains, bare(subnet));
    }
    reader.put(thing);
}

/// `rds describe-db-subnet-groups`.
pub fn subnet_group(reader: &mut Reader<'_, '_>, record: &Value) {
    let fields = ("DBSubnetGroupName", "DBSubnetGroupArn");
    subnets_of(reader, record, ("rds", "subgrp"), fields);
}

/// `redshift describe-cluster-subnet-groups`.
pub fn redshift_subnet_group(reader: &mut Reader<'_, '_>, record: &Value) {
    let fields = ("ClusterSubnetGroupName", "ClusterSubnetGroupArn");
    subnets_of(reader, record, ("redshift", "subnetgroup"), fields);
}

/// Something with a name, an ARN and properties only.
struct Plain<'a> {
    what: &'a str,
    resource: &'a str,
    name: &'a str,
    arn: &'a str,
    keep: &'a [&'a str],
}

fn plain(reader: &mut Reader<'_, '_>, record: &Value, plain: &Plain<'_>) -> Option<Thing> {
    let Some(name) = text(record, plain.name) else {
        reader.reject("", format!("{} without {}", plain.what, plain.name));
        return None;
    };
    let place = reader.place(record, &[plain.arn]);
    let resource = format!("{}:{name}", plain.resource);
    let arn = text(record, plain.arn);
    let mut thing = Thing::arn(K::Resource, &place, arn, ("rds", &resource), name);
    thing.tagged(record).property("resource_type", plain.what).keep(record, plain.keep);
    name.clone_into(&mut thing.entity.name);
    Some(thing)
}

/// `rds describe-db-parameter-groups`.
pub fn parameter_group(reader: &mut Reader<'_, '_>, record: &Value) {
    let one = Plain {
        what: "db_parameter_group",
        resource: "pg",
        name: "DBParameterGroupName",
        arn: "DBParameterGroupArn",
        keep: &["DBParameterGroupFamily", "Description"],
    };
    if let Some(thing) = plain(reader, record, &one) {
        reader.put(thing);
    }
}

/// Parameters that limit connections, by engine.
const CONNECTION_LIMITS: &[&str] = &["max_connections", "user connections"];

/// `rds describe-db-parameters`: the response does not name the group, the file's name does. Only what
/// questions read is kept.
pub fn parameter(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(group) = reader.argument.map(str::to_owned) else {
        reader.reject(
            "",
            "the group is not named; name the file rds-describe-db-parameters/{name of the group}",
        );
        return;
    };
    let name = text(record, "ParameterName").unwrap_or_default();
    let (Some(value), true) = (text(record, "ParameterValue"), CONNECTION_LIMITS.contains(&name))
    else {
        return;
    };
    let place = reader.base.clone();
    let mut thing = Thing::named(K::Resource, &place, "rds", &format!("pg:{group}"), &group);
    thing.property("resource_type", "db_parameter_group").property("max_connections", value);
    reader.put(thing);
}

/// `rds describe-db-cluster-parameter-groups`.
pub fn cluster_parameter_group(reader: &mut Reader<'_, '_>, record: &Value) {
    let one = Plain {
        what: "db_cluster_parameter_group",
        resource: "cluster-pg",
        name: "DBClusterParameterGroupName",
        arn: "DBClusterParameterGroupArn",
        keep: &["DBParameterGroupFamily", "Description"],
    };
    if let Some(thing) = plain(reader, record, &one) {
        reader.put(thing);
    }
}

/// `rds describe-db-snapshots`.
pub fn snapshot(reader: &mut Reader<'_, '_>, record: &Value) {
    of_database(reader, record, ("snapshot", "DBSnapshotIdentifier", "DBSnapshotArn"), "db");
}

/// `rds describe-db-cluster-snapshots`.
pub fn cluster_snapshot(reader: &mut Reader<'_, '_>, record: &Value) {
    let fields = ("cluster-snapshot", "DBClusterSnapshotIdentifier", "DBClusterSnapshotArn");
    of_database(reader, record, fields, "cluster");
}

fn of_database(
    reader: &mut Reader<'_, '_>,
    record: &Value,
    (resource, name, arn): (&str, &str, &str),
    kind: &str,
) {
    let keep = &[
        "Engine",
        "EngineVersion",
        "AllocatedStorage",
        "Status",
        "SnapshotType",
        "Encrypted",
        "StorageType",
        "LicenseModel",
    ];
    let one = Plain { what: "db_snapshot", resource, name, arn, keep };
    let Some(mut thing) = plain(reader, record, &one) else { return };
    thing.entity.kind = K::Snapshot;
    thing.created(record, "SnapshotCreateTime", false);
    let database = text(record, "DBInstanceIdentifier").or(text(record, "DBClusterIdentifier"));
    if let Some(database) = database {
        thing.from(by_arn_or_name(&thing.place.clone(), ("rds", kind), database), R::Contains);
    }
    reader.put(thing);
}

/// `rds describe-db-engine-versions`: of no account, the same for everybody in a region.
pub fn engine_version(reader: &mut Reader<'_, '_>, record: &Value) {
    let (Some(engine), Some(version)) = (text(record, "Engine"), text(record, "EngineVersion"))
    else {
        reader.reject("", "an engine version without Engine or EngineVersion");
        return;
    };
    let place = Place { region: reader.base.region.clone(), ..Place::default() };
    let region = place.region.as_deref().unwrap_or("_");
    let id = format!("rds-engine-version://{region}/{engine}/{version}");
    let mut thing = Thing::with_id(K::Resource, &place, id, &format!("{engine} {version}"));
    thing.property("resource_type", "db_engine_version").keep(
        record,
        &[
            "Engine",
            "EngineVersion",
            "MajorEngineVersion",
            "DBParameterGroupFamily",
            "Status",
            "SupportsGlobalDatabases",
            "SupportsReadReplica",
        ],
    );
    let targets: Vec<Value> = list(record, "ValidUpgradeTarget")
        .iter()
        .filter_map(|target| text(target, "EngineVersion"))
        .map(Value::from)
        .collect();
    if !targets.is_empty() {
        thing.property("valid_upgrade_targets", targets);
    }
    reader.put(thing);
}

/// `redshift describe-clusters`.
pub fn redshift(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "ClusterIdentifier") else {
        reader.reject("", "a cluster without ClusterIdentifier");
        return;
    };
    let place = reader.place(record, &["ClusterNamespaceArn"]);
    let mut thing = Thing::named(K::Database, &place, "redshift", &format!("cluster:{name}"), name);
    thing.tagged(record).created(record, "ClusterCreateTime", true).keep(
        record,
        &[
            "ClusterStatus",
            "NodeType",
            "NumberOfNodes",
            "ClusterVersion",
            "DBName",
            "Encrypted",
            "MultiAZ",
            "PubliclyAccessible",
            "AutomatedSnapshotRetentionPeriod",
            "EnhancedVpcRouting",
            "ClusterSubnetGroupName",
            "KmsKeyId",
            "PreferredMaintenanceWindow",
            "ClusterNamespaceArn",
        ],
    );
    thing.property("engine", "redshift");
    name.clone_into(&mut thing.entity.name);
    thing.claim_endpoint(text(record, "Endpoint.Address"), port(record, "Endpoint.Port"));
    let zone = text(record, "AvailabilityZone");
    thing.entity.scope.zone = zone.map(str::to_owned);
    if let Some(zone) = reader.zone(&place, zone, None) {
        thing.to(R::PlacedIn, zone);
    }
    thing.in_vpc(text(record, "VpcId"));
    let groups = list(record, "VpcSecurityGroups").iter();
    thing.guarded_by(groups.filter_map(|group| text(group, "VpcSecurityGroupId")));
    if let Some(group) = text(record, "ClusterSubnetGroupName") {
        thing.from(by_arn_or_name(&place, ("redshift", "subnetgroup"), group), R::Contains);
    }
    reader.put(thing);
}

/// `es describe-elasticsearch-domain` and `opensearch describe-domain`.
pub fn search_domain(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "DomainName") else {
        reader.reject("", "a domain without DomainName");
        return;
    };
    let place = reader.place(record, &["ARN"]);
    let resource = format!("domain/{name}");
    let mut thing = Thing::arn(K::Database, &place, text(record, "ARN"), ("es", &resource), name);
    thing.tagged(record).property("engine", "opensearch").keep(
        record,
        &[
            "ElasticsearchVersion=engine_version",
            "EngineVersion",
            "ElasticsearchClusterConfig=cluster_config",
            "ClusterConfig",
            "EBSOptions",
            "Processing",
            "EncryptionAtRestOptions.Enabled=encrypted",
        ],
    );
    name.clone_into(&mut thing.entity.name);
    let endpoints = record.get("Endpoints").and_then(Value::as_object);
    let hosts = endpoints.into_iter().flat_map(|all| all.values()).filter_map(Value::as_str);
    for host in hosts.chain(text(record, "Endpoint")) {
        thing.claim_endpoint(Some(host), Some(443));
    }
    let network = record.get("VPCOptions").unwrap_or(&Value::Null);
    thing.in_vpc(text(network, "VPCId")).in_subnets(texts(network, "SubnetIds"));
    thing.guarded_by(texts(network, "SecurityGroupIds"));
    reader.put(thing);
}

/// A name of `es list-domain-names`.
pub fn search_domain_name(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "DomainName") else {
        reader.reject("", "a domain without DomainName");
        return;
    };
    let place = reader.base.clone();
    let mut thing = Thing::named(K::Database, &place, "es", &format!("domain/{name}"), name);
    thing.entity.presence = model::entity::Presence::Implied;
    reader.put(thing);
}

/// `dynamodb describe-table`.
pub fn table(reader: &mut Reader<'_, '_>, record: &Value) {
    let (Some(arn), Some(name)) = (text(record, "TableArn"), text(record, "TableName")) else {
        reader.reject("", "a table without TableArn or TableName");
        return;
    };
    let place = reader.place(record, &["TableArn"]);
    let mut thing = Thing::with_id(K::Database, &place, arn, name);
    thing.created(record, "CreationDateTime", true).property("engine", "dynamodb");
    thing.keep(
        record,
        &["TableStatus", "BillingModeSummary.BillingMode", "TableId", "DeletionProtectionEnabled"],
    );
    reader.put(thing);
}
