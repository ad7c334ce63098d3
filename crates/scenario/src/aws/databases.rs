//! RDS instances, Aurora clusters and ElastiCache replication groups.

use serde_json::{Value, json};

use super::names::{Tier, security_group, subnet, tags, vpc, zone_index, zone_name};
use crate::clock::{DAY, HOUR, aws};
use crate::company::Environment;
use crate::estate::Estate;
use crate::stores::{STORES, Store, StoreKind, account_tail, region_code};

fn stores(env: &Environment) -> impl Iterator<Item = &'static Store> {
    let index = env.index;
    STORES.iter().filter(move |s| s.environment == index)
}

/// One RDS instance, alone or as a member of an Aurora cluster.
struct Instance<'a> {
    store: &'a Store,
    id: String,
    engine: &'a str,
    version: &'a str,
    multi_az: bool,
    zone: usize,
    cluster: Option<&'a str>,
    source: Option<&'a str>,
    replicas: Vec<&'a str>,
}

fn members(store: &Store) -> Vec<(String, &'static str)> {
    match store.kind {
        StoreKind::Aurora { members } => members
            .iter()
            .enumerate()
            .map(|(n, zone)| (format!("{}-{}", store.id, n + 1), *zone))
            .collect(),
        _ => Vec::new(),
    }
}

/// `rds describe-db-instances`.
pub fn instances(estate: &Estate, env: &Environment) -> Value {
    let mut all = Vec::new();
    for store in stores(env) {
        match store.kind {
            StoreKind::Rds { engine, version, multi_az, replica_of } => {
                let replicas = stores(env)
                    .filter(|s| {
                        matches!(s.kind, StoreKind::Rds { replica_of: Some(of), .. }
                            if of == store.id)
                    })
                    .map(|s| s.id)
                    .collect();
                let instance = Instance {
                    store,
                    id: store.id.to_owned(),
                    engine,
                    version,
                    multi_az,
                    zone: zone_index(env, store.zone),
                    cluster: None,
                    source: replica_of,
                    replicas,
                };
                all.push(instance.value(estate, env));
            }
            StoreKind::Aurora { .. } => {
                for (id, zone) in members(store) {
                    let instance = Instance {
                        store,
                        id,
                        engine: "aurora-postgresql",
                        version: "15.6",
                        multi_az: false,
                        zone: zone_index(env, zone),
                        cluster: Some(store.id),
                        source: None,
                        replicas: Vec::new(),
                    };
                    all.push(instance.value(estate, env));
                }
            }
            _ => {}
        }
    }
    json!({ "DBInstances": all })
}

impl Instance<'_> {
    fn value(&self, estate: &Estate, env: &Environment) -> Value {
        let (region, account) = (env.region, env.account.id);
        let host =
            format!("{}.c{}.{region}.rds.amazonaws.com", self.id, account_tail(estate.random, env));
        let second = (self.zone + 1) % env.zones.len();
        let key = format!("dbi/{account}/{region}/{}", self.id);
        let resource = estate.random.suffix(&key, 26).to_uppercase();
        let mut value = json!({
            "DBInstanceIdentifier": self.id,
            "DBInstanceClass": self.store.class,
            "Engine": self.engine,
            "DBInstanceStatus": "available",
            "MasterUsername": "larkfield",
            "Endpoint": {
                "Address": host,
                "Port": self.store.port,
                "HostedZoneId": "Z2R2ITUGPM61AM"
            },
            "AllocatedStorage": self.store.storage_gb.max(1),
            "InstanceCreateTime": aws(estate.born + 3 * DAY),
            "PreferredBackupWindow": "03:10-03:40",
            "BackupRetentionPeriod": if env.index == 2 { 0 } else { 14 },
            "DBSecurityGroups": [],
            "VpcSecurityGroups": [{
                "VpcSecurityGroupId": security_group(estate, env, "database"),
                "Status": "active"
            }],
            "AvailabilityZone": zone_name(env, self.zone),
            "DBSubnetGroup": subnet_group(estate, env),
            "PreferredMaintenanceWindow": "sun:04:30-sun:05:00",
            "PendingModifiedValues": {},
            "LatestRestorableTime": aws(estate.until - 300),
            "MultiAZ": self.multi_az,
            "EngineVersion": self.version,
            "AutoMinorVersionUpgrade": true,
            "ReadReplicaDBInstanceIdentifiers": self.replicas,
            "LicenseModel": match self.engine {
                "sqlserver-se" => "license-included",
                "mysql" => "general-public-license",
                _ => "postgresql-license",
            },
            "PubliclyAccessible": false,
            "StorageType": if self.cluster.is_some() { "aurora" } else { "gp3" },
            "StorageEncrypted": env.index != 2,
            "DbiResourceId": format!("db-{resource}"),
            "CACertificateIdentifier": "rds-ca-rsa2048-g1",
            "CopyTagsToSnapshot": true,
            "MonitoringInterval": 60,
            "DBInstanceArn": format!("arn:aws:rds:{region}:{account}:db:{}", self.id),
            "PerformanceInsightsEnabled": true,
            "DeletionProtection": env.index != 2,
            "TagList": tags(&[("team", self.store.team), ("environment", env.name)])
        });
        if let Some(map) = value.as_object_mut() {
            if self.multi_az {
                map.insert("SecondaryAvailabilityZone".into(), zone_name(env, second).into());
            }
            if let Some(source) = self.source {
                map.insert("ReadReplicaSourceDBInstanceIdentifier".into(), source.into());
            }
            if let Some(cluster) = self.cluster {
                map.insert("DBClusterIdentifier".into(), cluster.into());
                map.insert("PromotionTier".into(), 1.into());
            }
        }
        value
    }
}

fn subnet_group(estate: &Estate, env: &Environment) -> Value {
    let subnets: Vec<Value> = (0..env.zones.len())
        .map(|z| {
            json!({
                "SubnetIdentifier": subnet(estate, env, Tier::Data, z),
                "SubnetAvailabilityZone": { "Name": zone_name(env, z) },
                "SubnetOutpost": {},
                "SubnetStatus": "Active"
            })
        })
        .collect();
    json!({
        "DBSubnetGroupName": format!("{}-data", env.name),
        "DBSubnetGroupDescription": "data subnets",
        "VpcId": vpc(estate, env),
        "SubnetGroupStatus": "Complete",
        "Subnets": subnets
    })
}

/// `rds describe-db-subnet-groups`.
pub fn subnet_groups(estate: &Estate, env: &Environment) -> Value {
    json!({ "DBSubnetGroups": [subnet_group(estate, env)] })
}

/// `rds describe-db-clusters`.
pub fn clusters(estate: &Estate, env: &Environment) -> Value {
    let all: Vec<Value> = stores(env)
        .filter(|s| matches!(s.kind, StoreKind::Aurora { .. }))
        .map(|store| {
            let members: Vec<Value> = members(store)
                .into_iter()
                .enumerate()
                .map(|(n, (id, _))| {
                    json!({
                        "DBInstanceIdentifier": id,
                        "IsClusterWriter": n == 0,
                        "DBClusterParameterGroupStatus": "in-sync",
                        "PromotionTier": 1
                    })
                })
                .collect();
            let zones: Vec<String> = (0..env.zones.len()).map(|z| zone_name(env, z)).collect();
            let key = format!("dbc/{}/{}", env.region, store.id);
            json!({
                "AllocatedStorage": 1,
                "AvailabilityZones": zones,
                "BackupRetentionPeriod": 14,
                "DatabaseName": "catalogue",
                "DBClusterIdentifier": store.id,
                "DBClusterParameterGroup": "default.aurora-postgresql15",
                "DBSubnetGroup": format!("{}-data", env.name),
                "Status": "available",
                "EarliestRestorableTime": aws(estate.until - 14 * DAY),
                "Endpoint": store.host(estate.random),
                "ReaderEndpoint": store.reader_host(estate.random),
                "MultiAZ": true,
                "Engine": "aurora-postgresql",
                "EngineVersion": "15.6",
                "LatestRestorableTime": aws(estate.until - HOUR / 6),
                "Port": store.port,
                "MasterUsername": "larkfield",
                "PreferredBackupWindow": "02:10-02:40",
                "PreferredMaintenanceWindow": "sun:04:30-sun:05:00",
                "ReadReplicaIdentifiers": [],
                "DBClusterMembers": members,
                "VpcSecurityGroups": [{
                    "VpcSecurityGroupId": security_group(estate, env, "database"),
                    "Status": "active"
                }],
                "HostedZoneId": "Z2R2ITUGPM61AM",
                "StorageEncrypted": true,
                "DbClusterResourceId":
                    format!("cluster-{}", estate.random.suffix(&key, 26).to_uppercase()),
                "DBClusterArn": store.arn(estate.random),
                "AssociatedRoles": [],
                "ClusterCreateTime": aws(estate.born + 3 * DAY),
                "EngineMode": "provisioned",
                "DeletionProtection": true,
                "TagList": tags(&[("team", store.team), ("environment", env.name)])
            })
        })
        .collect();
    json!({ "DBClusters": all })
}

fn caches(env: &Environment) -> impl Iterator<Item = (&'static Store, usize, bool)> {
    stores(env).filter_map(|s| match s.kind {
        StoreKind::Cache { nodes, failover } => Some((s, nodes, failover)),
        _ => None,
    })
}

fn cache_node(store: &Store, n: usize) -> String {
    format!("{}-{:03}", store.id, n + 1)
}

fn node_host(estate: &Estate, env: &Environment, store: &Store, n: usize) -> String {
    format!(
        "{}.{}.{}.{}.cache.amazonaws.com",
        cache_node(store, n),
        store.id,
        &account_tail(estate.random, env)[..6],
        region_code(env.region)
    )
}

/// `elasticache describe-replication-groups`.
pub fn replication_groups(estate: &Estate, env: &Environment) -> Value {
    let all: Vec<Value> = caches(env)
        .map(|(store, nodes, failover)| {
            let zone = zone_index(env, store.zone);
            let members: Vec<Value> = (0..nodes)
                .map(|n| {
                    json!({
                        "CacheClusterId": cache_node(store, n),
                        "CacheNodeId": "0001",
                        "ReadEndpoint": {
                            "Address": node_host(estate, env, store, n), "Port": store.port
                        },
                        "PreferredAvailabilityZone": zone_name(env, (zone + n) % env.zones.len()),
                        "CurrentRole": if n == 0 { "primary" } else { "replica" }
                    })
                })
                .collect();
            let names: Vec<String> = (0..nodes).map(|n| cache_node(store, n)).collect();
            json!({
                "ReplicationGroupId": store.id,
                "Description": store.id,
                "Status": "available",
                "PendingModifiedValues": {},
                "MemberClusters": names,
                "NodeGroups": [{
                    "NodeGroupId": "0001",
                    "Status": "available",
                    "PrimaryEndpoint": {
                        "Address": store.host(estate.random), "Port": store.port
                    },
                    "ReaderEndpoint": {
                        "Address": store.host(estate.random).replacen("master.", "replica.", 1),
                        "Port": store.port
                    },
                    "NodeGroupMembers": members
                }],
                "AutomaticFailover": if failover { "enabled" } else { "disabled" },
                "MultiAZ": if failover { "enabled" } else { "disabled" },
                "SnapshotRetentionLimit": 1,
                "ClusterEnabled": false,
                "CacheNodeType": store.class,
                "TransitEncryptionEnabled": true,
                "AtRestEncryptionEnabled": true,
                "ARN": store.arn(estate.random),
                "Engine": "redis"
            })
        })
        .collect();
    json!({ "ReplicationGroups": all })
}

/// `elasticache describe-cache-clusters`: the nodes.
pub fn cache_clusters(estate: &Estate, env: &Environment) -> Value {
    let mut all = Vec::new();
    for (store, nodes, _) in caches(env) {
        let zone = zone_index(env, store.zone);
        for n in 0..nodes {
            let id = cache_node(store, n);
            all.push(json!({
                "CacheClusterId": id,
                "CacheNodeType": store.class,
                "Engine": "redis",
                "EngineVersion": "7.1.0",
                "CacheClusterStatus": "available",
                "NumCacheNodes": 1,
                "PreferredAvailabilityZone": zone_name(env, (zone + n) % env.zones.len()),
                "CacheClusterCreateTime": aws(estate.born + 3 * DAY),
                "CacheSubnetGroupName": format!("{}-data", env.name),
                "SecurityGroups": [{
                    "SecurityGroupId": security_group(estate, env, "cache"),
                    "Status": "active"
                }],
                "ReplicationGroupId": store.id,
                "ARN": format!(
                    "arn:aws:elasticache:{}:{}:cluster:{id}", env.region, env.account.id
                )
            }));
        }
    }
    json!({ "CacheClusters": all })
}
