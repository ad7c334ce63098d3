//! What a database is: engine, version, storage, what takes over, where clients reach it.

use jiff::civil::Date;
use model::fact::EntityFact;
use model::kind::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::shape::{DatabaseEndpoint, DatabasePlace, Standby, Storage};
use super::sql_server::SqlServer;
use crate::estate::Estate;
use crate::property::{below, count, flag, owned, text, texts};
use crate::table::{DatedTables, Support};

/// Where a database runs.
pub(in crate::question) fn hosting(fact: &EntityFact) -> &'static str {
    let engine = text(fact, "engine").unwrap_or_default();
    let id = fact.id.as_str();
    match fact.kind {
        K::Instance => "ec2",
        _ if text(fact, "hosting") == Some("kubernetes") || id.starts_with("store://") => {
            "kubernetes"
        }
        K::Cache if id.contains("elasticache") => "elasticache",
        _ if engine.starts_with("aurora") => "aurora",
        _ if matches!(engine, "neptune" | "docdb") => {
            if engine == "neptune" {
                "neptune"
            } else {
                "docdb"
            }
        }
        _ if engine == "redshift" => "redshift",
        _ if engine == "opensearch" || id.contains(":es:") => "opensearch",
        _ if engine == "dynamodb" => "dynamodb",
        _ if id.contains(":rds:") || id.starts_with("aws:?/rds/") => "rds",
        _ => "other",
    }
}

/// Port that an engine listens on unless something else is said.
pub(super) fn default_port(engine: &str) -> Option<u16> {
    let ports = [
        ("postgres", 5432),
        ("aurora-postgresql", 5432),
        ("mysql", 3306),
        ("mariadb", 3306),
        ("aurora", 3306),
        ("percona", 3306),
        ("sqlserver", 1433),
        ("oracle", 1521),
        ("redis", 6379),
        ("valkey", 6379),
        ("keydb", 6379),
        ("dragonfly", 6379),
        ("memcached", 11_211),
        ("mongodb", 27_017),
        ("docdb", 27_017),
        ("redshift", 5439),
        ("neptune", 8182),
        ("opensearch", 443),
        ("elasticsearch", 9200),
        ("cassandra", 9042),
        ("clickhouse", 8123),
        ("db2", 50_000),
    ];
    ports.iter().find(|(name, _)| engine.starts_with(name)).map(|(_, port)| *port)
}

/// Engine and version; for what runs in Kubernetes the version is the image's tag.
pub(in crate::question) fn engine_version(
    estate: &Estate,
    database: u32,
    sql_server: Option<&SqlServer>,
) -> (Option<String>, Option<String>) {
    let fact = estate.entity(database);
    if let Some(found) = sql_server {
        return (Some("sqlserver".to_owned()), found.release.clone());
    }
    let engine = owned(fact, "engine").or_else(|| of_members(estate, database, "engine"));
    let version = owned(fact, "engine_version")
        .or_else(|| owned(fact, "cluster_version"))
        .or_else(|| of_members(estate, database, "engine_version"))
        .or_else(|| image_version(estate, database));
    (engine, version)
}

/// What the members of a cluster or cache say, when they say one thing.
fn of_members(estate: &Estate, database: u32, property: &str) -> Option<String> {
    let members = estate.far(database, R::HasReplica).map(|one| estate.entity(one));
    let mut all: Vec<String> = members.filter_map(|one| owned(one, property)).collect();
    all.sort();
    all.dedup();
    if all.len() == 1 { all.pop() } else { None }
}

/// The tag of the image that a workload runs as its database.
fn image_version(estate: &Estate, database: u32) -> Option<String> {
    let workloads = estate.far(database, R::ImplementedBy).map(|one| estate.entity(one));
    let engine = text(estate.entity(database), "engine").unwrap_or_default();
    let images: Vec<String> = workloads.flat_map(|one| texts(one, "images")).collect();
    let stem = engine.get(..5).unwrap_or(engine);
    let is_own = |image: &&String| {
        image.contains(stem) || (engine == "sqlserver" && image.contains("mssql"))
    };
    let image = images.iter().find(is_own).or(images.first())?;
    let (_, tag) = image.split('@').next()?.rsplit('/').next()?.split_once(':')?;
    let tag = tag.trim_start_matches('v');
    tag.starts_with(|letter: char| letter.is_ascii_digit()).then(|| tag.to_owned())
}

/// Support of an engine's version.
pub(super) fn support(
    tables: &DatedTables,
    hosting: &str,
    engine: Option<&str>,
    version: Option<&str>,
    at: Date,
) -> Support {
    let Some(engine) = engine else { return Support::unknown("the engine is not known") };
    let Some(version) = version else { return Support::unknown("the version is not known") };
    match hosting {
        "rds" | "aurora" | "neptune" | "docdb" => {
            tables.database_support("rds", engine, version, at)
        }
        "kubernetes" | "ec2" if engine == "sqlserver" => {
            let release = version.split('-').next().unwrap_or(version);
            tables.sql_server_support(release, at)
        }
        "kubernetes" | "ec2" | "other" => {
            tables.database_support("self_managed", engine, version, at)
        }
        other => Support::unknown(format!("no table holds the versions of {other}")),
    }
}

/// Edition that an engine's name means.
pub(super) fn edition(engine: &str) -> Option<&'static str> {
    let editions = [
        ("sqlserver-ee", "Enterprise"),
        ("sqlserver-se", "Standard"),
        ("sqlserver-ex", "Express"),
        ("sqlserver-web", "Web"),
        ("sqlserver-dev-ee", "Developer"),
        ("oracle-ee", "Enterprise"),
        ("oracle-se2", "Standard Two"),
        ("oracle-se1", "Standard One"),
        ("oracle-se", "Standard"),
        ("db2-ae", "Advanced"),
        ("db2-se", "Standard"),
    ];
    editions.iter().find(|(name, _)| engine.starts_with(name)).map(|(_, edition)| *edition)
}

/// Storage of a database; of a machine, its volumes are shown elsewhere.
pub(super) fn storage(fact: &EntityFact) -> Storage {
    let storage_type = owned(fact, "storage_type");
    // Aurora reports 1 GiB for storage that grows by itself.
    let is_aurora = text(fact, "engine").is_some_and(|engine| engine.starts_with("aurora"))
        || storage_type.as_deref().is_some_and(|kind| kind.starts_with("aurora"));
    let encrypted = ["storage_encrypted", "at_rest_encryption_enabled", "encrypted"];
    Storage {
        allocated_gib: count(fact, "allocated_storage").filter(|_| !is_aurora),
        max_allocated_gib: count(fact, "max_allocated_storage"),
        iops: count(fact, "iops"),
        is_encrypted: encrypted.iter().find_map(|name| flag(fact, name)),
        key: owned(fact, "kms_key_id"),
        storage_type,
    }
}

/// Zones where an entity is, in order: its own, its standby's, its members'.
pub(super) fn zones(estate: &Estate, database: u32) -> Vec<String> {
    let fact = estate.entity(database);
    let places = estate.far(database, R::PlacedIn).filter_map(|one| {
        let place = estate.entity(one);
        if place.kind == K::Zone { Some(place.name.clone()) } else { place.scope.zone.clone() }
    });
    let members = estate.far(database, R::HasReplica);
    let of_members = members.filter_map(|one| estate.entity(one).scope.zone.clone());
    let stated = ["availability_zone", "secondary_availability_zone"];
    let stated: Vec<String> = stated.iter().filter_map(|name| owned(fact, name)).collect();
    let mut zones: Vec<String> =
        if stated.is_empty() { places.chain(of_members).collect() } else { stated };
    zones.sort();
    zones.dedup();
    zones
}

fn standby_of(kind: &str, survives_zone: Option<bool>, detail: impl Into<String>) -> Standby {
    Standby { kind: kind.to_owned(), survives_zone, detail: detail.into() }
}

/// What takes over when the database, or its zone, fails (the availability rules of the model).
pub(super) fn standby(estate: &Estate, database: u32, hosting: &str) -> Standby {
    let fact = estate.entity(database);
    match (fact.kind, hosting) {
        (K::DatabaseCluster, _) => cluster_standby(estate, database),
        (K::Cache, "elasticache") => cache_standby(estate, database),
        (_, "dynamodb") => standby_of("managed", Some(true), "regional by itself"),
        (_, "kubernetes") => replicas_standby(estate, database),
        (K::Database, "aurora" | "neptune" | "docdb") => {
            standby_of("members", None, "its cluster says what takes over")
        }
        (K::Database, _) => match flag(fact, "multi_az") {
            Some(true) => standby_of(
                "standby",
                Some(true),
                "Multi-AZ: a failover to the other zone takes typically 60 to 120 seconds",
            ),
            Some(false) => standby_of("none", Some(false), "one zone, without a standby"),
            None => standby_of("unknown", None, "whether it has a standby was not exported"),
        },
        (K::Instance, _) => standby_of("unknown", None, "a mirror or cluster on it cannot be seen"),
        _ => standby_of("unknown", None, "not known"),
    }
}

/// Aurora, DocumentDB and Neptune survive with members in two zones, whatever a member says of
/// itself; a Multi-AZ DB cluster has two readable standbys.
fn cluster_standby(estate: &Estate, cluster: u32) -> Standby {
    let fact = estate.entity(cluster);
    let members: Vec<u32> = estate.far(cluster, R::HasReplica).collect();
    let mut zones: Vec<&str> =
        members.iter().filter_map(|one| estate.entity(*one).scope.zone.as_deref()).collect();
    zones.sort_unstable();
    zones.dedup();
    if text(fact, "db_cluster_instance_class").is_some() {
        return standby_of("readable_standbys", Some(true), "two readable standbys");
    }
    match (members.len(), zones.len()) {
        (0, _) => standby_of("unknown", None, "its members were not exported"),
        (1, _) => standby_of(
            "none",
            Some(false),
            "a single member: it is made anew, which takes minutes; its storage spans three zones",
        ),
        (count, 2..) => {
            standby_of("members", Some(true), format!("{count} members in {} zones", zones.len()))
        }
        (count, 1) => standby_of("members", Some(false), format!("{count} members in one zone")),
        (count, _) => standby_of("members", None, format!("{count} members in unknown zones")),
    }
}

/// ElastiCache survives only with automatic failover and a replica in another zone.
fn cache_standby(estate: &Estate, cache: u32) -> Standby {
    let fact = estate.entity(cache);
    let is_automatic = match text(fact, "automatic_failover") {
        Some(state) => state.eq_ignore_ascii_case("enabled"),
        None => {
            return standby_of("none", Some(false), "a cache cluster of its own has no replica");
        }
    };
    let zones = cache_zones(estate, cache);
    match (is_automatic, zones) {
        (true, Some(2..)) => {
            standby_of("automatic_failover", Some(true), "a replica in another zone takes over")
        }
        (true, Some(_)) => {
            standby_of("automatic_failover", Some(false), "all of its nodes are in one zone")
        }
        (true, None) => {
            standby_of("automatic_failover", None, "the zones of its nodes are not known")
        }
        (false, _) => standby_of("none", Some(false), "automatic failover is off"),
    }
}

fn cache_zones(estate: &Estate, cache: u32) -> Option<usize> {
    let relations = estate.from(cache).iter().filter(|one| one.kind == R::HasReplica);
    let zone = |one: &model::fact::EstateRelation| {
        let stated = one.properties.get("zone_name").and_then(Value::as_str).map(str::to_owned);
        stated.or_else(|| estate.entity(one.to).scope.zone.clone())
    };
    let mut zones: Vec<String> = relations.filter_map(zone).collect();
    zones.sort();
    zones.dedup();
    (!zones.is_empty()).then_some(zones.len())
}

fn replicas_standby(estate: &Estate, database: u32) -> Standby {
    let workloads = estate.far(database, R::ImplementedBy).map(|one| estate.entity(one));
    let replicas: Vec<u64> = workloads.filter_map(|one| count(one, "replicas")).collect();
    match replicas.iter().sum::<u64>() {
        0 if replicas.is_empty() => standby_of("unknown", None, "its replicas are not known"),
        0 => standby_of("none", Some(false), "scaled to zero"),
        1 => standby_of("none", Some(false), "one replica"),
        more => standby_of(
            "unknown",
            None,
            format!("{more} replicas; whether one takes over for another cannot be seen"),
        ),
    }
}

/// Endpoints of a database.
pub(super) fn endpoints(estate: &Estate, database: u32) -> Vec<DatabaseEndpoint> {
    let fact = estate.entity(database);
    let port = port(fact);
    let of = |host: &str, role: &str| DatabaseEndpoint {
        host: host.to_lowercase().trim_end_matches('.').to_owned(),
        port,
        role: role.to_owned(),
    };
    let is_cluster = fact.kind == K::DatabaseCluster;
    let own = if is_cluster { "writer" } else { "instance" };
    let mut all: Vec<DatabaseEndpoint> = Vec::new();
    all.extend(text(fact, "endpoint_address").map(|host| of(host, own)));
    all.extend(text(fact, "reader_endpoint_address").map(|host| of(host, "reader")));
    if fact.kind == K::Instance {
        all.extend(text(fact, "private_ip_address").map(|host| of(host, "instance")));
    }
    let services = estate.far(database, R::ServedThrough).map(|one| estate.entity(one));
    for service in services.filter(|one| one.kind == K::KubernetesService) {
        let namespace = service.scope.namespace.as_deref().unwrap_or("default");
        all.push(of(&format!("{}.{namespace}.svc", service.name), own));
    }
    all
}

/// The port that it listens on, as far as it is known.
pub(super) fn port(fact: &EntityFact) -> Option<u16> {
    let stated = count(fact, "endpoint_port").or_else(|| count(fact, "port"));
    let stated = stated.and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
    if fact.kind == K::Instance {
        return Some(1433);
    }
    stated.or_else(|| default_port(text(fact, "engine")?))
}

/// Where it is.
pub(in crate::question) fn place(estate: &Estate, database: u32) -> DatabasePlace {
    let fact = estate.entity(database);
    let scope = &fact.scope;
    DatabasePlace {
        account: scope.account.clone(),
        region: scope.region.clone(),
        zones: zones(estate, database),
        vpc: owned(fact, "vpc_id"),
        cluster: fact.cluster_name.clone().or_else(|| scope.cluster.clone()),
        namespace: scope.namespace.clone(),
        environment: scope.environment.clone().or_else(|| fact.labels.get("environment").cloned()),
    }
}

/// Class, wherever a source puts it.
pub(super) fn class(fact: &EntityFact) -> Option<String> {
    let names = [
        "db_instance_class",
        "db_cluster_instance_class",
        "cache_node_type",
        "node_type",
        "instance_type",
    ];
    names.iter().find_map(|name| owned(fact, name))
}

/// Status, wherever a source puts it.
pub(super) fn status(fact: &EntityFact) -> Option<String> {
    let names = [
        "db_instance_status",
        "status",
        "cache_cluster_status",
        "cluster_status",
        "table_status",
        "state",
    ];
    names.iter().find_map(|name| owned(fact, name))
}

/// Days for which backups are kept.
pub(super) fn backup_days(fact: &EntityFact) -> Option<u64> {
    let names = [
        "backup_retention_period",
        "snapshot_retention_limit",
        "automated_snapshot_retention_period",
    ];
    names.iter().find_map(|name| count(fact, name))
}

/// Whether a serverless configuration stands in for a class.
pub(super) fn serverless(fact: &EntityFact) -> Option<String> {
    let range = below(fact, &["serverless_v2_scaling_configuration"])?;
    let figure = |name: &str| range.get(name).and_then(Value::as_f64);
    Some(format!("serverless, {} to {} ACU", figure("min_capacity")?, figure("max_capacity")?))
}
