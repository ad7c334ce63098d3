//! What the services keep state in: databases, caches, queues, buckets, and the outside parties
//! they call. Each environment has its own instance for a role; staging shares one database.

use crate::company::{ENVIRONMENTS, Environment};
use crate::random::Keyed;

/// What a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// An RDS instance of `engine`.
    Rds {
        /// Engine as RDS names it.
        engine: &'static str,
        /// Engine version.
        version: &'static str,
        /// `MultiAZ`.
        multi_az: bool,
        /// Id of the instance it replicates, for a read replica.
        replica_of: Option<&'static str>,
    },
    /// An Aurora PostgreSQL cluster with one member in each of these zones.
    Aurora {
        /// Zone letters of the members; the first is the writer.
        members: &'static [&'static str],
    },
    /// SQL Server that the company runs itself on an EC2 instance.
    SqlServerOnEc2,
    /// An ElastiCache replication group.
    Cache {
        /// Nodes, in zones a, b, …
        nodes: usize,
        /// `AutomaticFailover` enabled.
        failover: bool,
    },
    /// PostgreSQL as a StatefulSet in the cluster.
    PostgresInCluster,
    /// Redis as a StatefulSet in the cluster.
    RedisInCluster,
    /// An S3 bucket.
    Bucket,
    /// Somebody else's endpoint.
    External,
}

/// One store of one environment.
#[derive(Debug, Clone, Copy)]
pub struct Store {
    /// Environment index.
    pub environment: usize,
    /// Roles of `Service::stores` that it plays.
    pub roles: &'static [&'static str],
    /// Its identifier: RDS identifier, replication group id, bucket or host name.
    pub id: &'static str,
    /// Kind.
    pub kind: StoreKind,
    /// Port.
    pub port: u16,
    /// Instance or node class.
    pub class: &'static str,
    /// Storage in GB, for RDS.
    pub storage_gb: u32,
    /// Letter of the (primary's) zone.
    pub zone: &'static str,
    /// Owning team.
    pub team: &'static str,
}

const fn rds(
    engine: &'static str,
    version: &'static str,
    multi_az: bool,
    replica_of: Option<&'static str>,
) -> StoreKind {
    StoreKind::Rds { engine, version, multi_az, replica_of }
}

macro_rules! store {
    ($env:expr, $roles:expr, $id:expr, $kind:expr, $port:expr, $class:expr, $gb:expr, $zone:expr, $team:expr) => {
        Store {
            environment: $env,
            roles: $roles,
            id: $id,
            kind: $kind,
            port: $port,
            class: $class,
            storage_gb: $gb,
            zone: $zone,
            team: $team,
        }
    };
}

const PG: &str = "postgres";

/// Every store of every environment.
#[rustfmt::skip]
pub const STORES: &[Store] = &[
    store!(0, &["orders-db"], "larkfield-orders", rds(PG, "15.7", true, None), 5432, "db.r6g.2xlarge", 800, "a", "checkout-team"),
    store!(0, &["orders-replica"], "larkfield-orders-replica", rds(PG, "15.7", false, Some("larkfield-orders")), 5432, "db.r6g.xlarge", 800, "b", "data-team"),
    // Members say MultiAZ false and yet the cluster survives a zone: a decoy.
    store!(0, &["catalogue-aurora"], "larkfield-catalogue", StoreKind::Aurora { members: &["a", "c"] }, 5432, "db.r6g.xlarge", 0, "a", "catalogue-team"),
    // One zone and everything that sells needs it: a planted single point.
    store!(0, &["inventory-db"], "larkfield-inventory", rds(PG, "14.12", false, None), 5432, "db.m6g.xlarge", 300, "b", "inventory-team"),
    // A read replica is no standby: a planted single point that looks safe.
    store!(0, &["loyalty-db"], "larkfield-loyalty", rds(PG, "15.7", false, None), 5432, "db.m6g.large", 200, "c", "loyalty-team"),
    store!(0, &["loyalty-replica"], "larkfield-loyalty-replica", rds(PG, "15.7", false, Some("larkfield-loyalty")), 5432, "db.m6g.large", 200, "a", "loyalty-team"),
    store!(0, &["accounts-db"], "larkfield-accounts", rds("mysql", "8.0.39", true, None), 3306, "db.r6g.xlarge", 400, "a", "identity-team"),
    store!(0, &["listings-db"], "larkfield-listings", rds(PG, "15.7", true, None), 5432, "db.m6g.xlarge", 250, "b", "listings-team"),
    store!(0, &["warehouse-db"], "larkfield-warehouse", rds("sqlserver-se", "15.00.4375.4.v1", true, None), 1433, "db.m6i.xlarge", 500, "a", "warehouse-team"),
    store!(0, &["ledger-store"], "ledger-sql-1", StoreKind::SqlServerOnEc2, 1433, "r6i.2xlarge", 0, "b", "payments-team"),
    // One node without failover; a cache, so losing it degrades.
    store!(0, &["cart-cache"], "larkfield-cart", StoreKind::Cache { nodes: 1, failover: false }, 6379, "cache.r6g.large", 0, "a", "checkout-team"),
    store!(0, &["sessions-cache"], "larkfield-sessions", StoreKind::Cache { nodes: 2, failover: true }, 6379, "cache.r6g.large", 0, "a", "identity-team"),
    // Two nodes, failover switched off: looks safe and is not.
    store!(0, &["catalogue-cache"], "larkfield-catalogue-cache", StoreKind::Cache { nodes: 2, failover: false }, 6379, "cache.r6g.xlarge", 0, "b", "catalogue-team"),
    store!(0, &["reviews-postgres"], "reviews-postgres", StoreKind::PostgresInCluster, 5432, "", 60, "c", "catalogue-team"),
    store!(0, &["fraud-features"], "fraud-features", StoreKind::RedisInCluster, 6379, "", 20, "a", "fraud-team"),
    store!(0, &["media-bucket"], "larkfield-media-production", StoreKind::Bucket, 443, "", 0, "", "storefront-team"),
    store!(0, &["invoice-bucket"], "larkfield-invoices-production", StoreKind::Bucket, 443, "", 0, "", "payments-team"),
    store!(0, &["lake-bucket"], "larkfield-data-lake", StoreKind::Bucket, 443, "", 0, "", "data-team"),
    store!(0, &["card-network"], "api.cardwise.example", StoreKind::External, 443, "", 0, "", "payments-team"),
    store!(0, &["carrier-rates"], "rates.parcelhub.example", StoreKind::External, 443, "", 0, "", "delivery-team"),
    store!(0, &["mail-relay"], "smtp.mailroute.example", StoreKind::External, 587, "", 0, "", "platform-team"),

    store!(1, &["orders-db"], "larkfield-orders-eu", rds(PG, "15.7", true, None), 5432, "db.r6g.xlarge", 400, "a", "checkout-team"),
    store!(1, &["catalogue-aurora"], "larkfield-catalogue-eu", StoreKind::Aurora { members: &["a", "b"] }, 5432, "db.r6g.large", 0, "a", "catalogue-team"),
    store!(1, &["inventory-db"], "larkfield-inventory-eu", rds(PG, "14.12", true, None), 5432, "db.m6g.large", 150, "b", "inventory-team"),
    store!(1, &["loyalty-db"], "larkfield-loyalty-eu", rds(PG, "15.7", true, None), 5432, "db.m6g.large", 100, "a", "loyalty-team"),
    store!(1, &["accounts-db"], "larkfield-accounts-eu", rds("mysql", "8.0.39", true, None), 3306, "db.r6g.large", 200, "a", "identity-team"),
    // One zone as well; the listings of one region only.
    store!(1, &["listings-db"], "larkfield-listings-eu", rds(PG, "15.7", false, None), 5432, "db.m6g.large", 100, "b", "listings-team"),
    store!(1, &["warehouse-db"], "larkfield-warehouse-eu", rds(PG, "15.7", true, None), 5432, "db.m6g.large", 200, "a", "warehouse-team"),
    store!(1, &["ledger-store"], "larkfield-ledger-eu", rds(PG, "15.7", true, None), 5432, "db.r6g.large", 200, "a", "payments-team"),
    store!(1, &["cart-cache"], "larkfield-cart-eu", StoreKind::Cache { nodes: 2, failover: true }, 6379, "cache.r6g.large", 0, "a", "checkout-team"),
    store!(1, &["sessions-cache"], "larkfield-sessions-eu", StoreKind::Cache { nodes: 2, failover: true }, 6379, "cache.r6g.large", 0, "a", "identity-team"),
    store!(1, &["catalogue-cache"], "larkfield-catalogue-cache-eu", StoreKind::Cache { nodes: 2, failover: true }, 6379, "cache.r6g.large", 0, "a", "catalogue-team"),
    store!(1, &["reviews-postgres"], "reviews-postgres", StoreKind::PostgresInCluster, 5432, "", 40, "a", "catalogue-team"),
    store!(1, &["fraud-features"], "fraud-features", StoreKind::RedisInCluster, 6379, "", 20, "b", "fraud-team"),
    store!(1, &["media-bucket"], "larkfield-media-eu", StoreKind::Bucket, 443, "", 0, "", "storefront-team"),
    store!(1, &["lake-bucket"], "larkfield-data-lake-eu", StoreKind::Bucket, 443, "", 0, "", "data-team"),
    store!(1, &["card-network"], "eu.api.cardwise.example", StoreKind::External, 443, "", 0, "", "payments-team"),
    store!(1, &["carrier-rates"], "rates.parcelhub.example", StoreKind::External, 443, "", 0, "", "delivery-team"),
    store!(1, &["mail-relay"], "smtp.mailroute.example", StoreKind::External, 587, "", 0, "", "platform-team"),

    store!(2, &["orders-db", "catalogue-aurora", "inventory-db", "loyalty-db", "listings-db", "warehouse-db", "ledger-store"], "larkfield-staging", rds(PG, "15.7", false, None), 5432, "db.m6g.large", 200, "a", "platform-team"),
    store!(2, &["accounts-db"], "larkfield-staging-mysql", rds("mysql", "8.0.39", false, None), 3306, "db.t4g.medium", 50, "a", "identity-team"),
    store!(2, &["cart-cache", "sessions-cache", "catalogue-cache"], "larkfield-staging-cache", StoreKind::Cache { nodes: 1, failover: false }, 6379, "cache.t4g.small", 0, "a", "platform-team"),
    store!(2, &["reviews-postgres"], "reviews-postgres", StoreKind::PostgresInCluster, 5432, "", 10, "a", "catalogue-team"),
    store!(2, &["fraud-features"], "fraud-features", StoreKind::RedisInCluster, 6379, "", 5, "b", "fraud-team"),
    store!(2, &["media-bucket", "lake-bucket"], "larkfield-staging-scratch", StoreKind::Bucket, 443, "", 0, "", "platform-team"),
    store!(2, &["card-network"], "sandbox.cardwise.example", StoreKind::External, 443, "", 0, "", "payments-team"),
    store!(2, &["carrier-rates"], "sandbox.parcelhub.example", StoreKind::External, 443, "", 0, "", "delivery-team"),
    store!(2, &["mail-relay"], "sink.mailroute.example", StoreKind::External, 587, "", 0, "", "platform-team"),
];

/// Every queue; each environment has all of them, its name as a prefix outside production.
pub const QUEUES: &[(&str, &str)] = &[
    ("order-events", "checkout-team"),
    ("order-events-dlq", "checkout-team"),
    ("shipment-events", "warehouse-team"),
    ("refund-requests", "delivery-team"),
];

/// The store that plays `role` in this environment.
pub fn store_of(role: &str, environment: usize) -> Option<&'static Store> {
    STORES.iter().find(|s| s.environment == environment && s.roles.contains(&role))
}

impl Store {
    /// The environment it belongs to.
    pub fn environment(&self) -> &'static Environment {
        &ENVIRONMENTS[self.environment]
    }

    /// Namespace of a store that runs in the cluster.
    pub fn namespace(&self) -> &'static str {
        if self.id == "fraud-features" { "payments" } else { "shop" }
    }

    /// Host that clients connect to (the reader endpoint is [`Store::reader_host`]).
    pub fn host(&self, random: Keyed) -> String {
        let env = self.environment();
        let tail = account_tail(random, env);
        match self.kind {
            StoreKind::Rds { .. } => {
                format!("{}.c{tail}.{}.rds.amazonaws.com", self.id, env.region)
            }
            StoreKind::Aurora { .. } => {
                format!("{}.cluster-c{tail}.{}.rds.amazonaws.com", self.id, env.region)
            }
            StoreKind::Cache { .. } => format!(
                "master.{}.{}.{}.cache.amazonaws.com",
                self.id,
                &tail[..6],
                region_code(env.region)
            ),
            StoreKind::SqlServerOnEc2 => {
                format!("ip-{}.ec2.internal", self_run_address(env.octet).replace('.', "-"))
            }
            StoreKind::PostgresInCluster | StoreKind::RedisInCluster => {
                format!("{}.{}.svc.cluster.local", self.id, self.namespace())
            }
            StoreKind::Bucket => format!("{}.s3.{}.amazonaws.com", self.id, env.region),
            StoreKind::External => self.id.to_owned(),
        }
    }

    /// Reader endpoint of an Aurora cluster.
    pub fn reader_host(&self, random: Keyed) -> String {
        self.host(random).replace(".cluster-c", ".cluster-ro-c")
    }

    /// `db.system.name` of the OpenTelemetry conventions, `None` for what is no database.
    pub fn system(&self) -> Option<&'static str> {
        match self.kind {
            StoreKind::Rds { engine: "mysql", .. } => Some("mysql"),
            StoreKind::Rds { engine: "sqlserver-se", .. } | StoreKind::SqlServerOnEc2 => {
                Some("microsoft.sql_server")
            }
            StoreKind::Rds { .. } | StoreKind::Aurora { .. } | StoreKind::PostgresInCluster => {
                Some("postgresql")
            }
            StoreKind::Cache { .. } | StoreKind::RedisInCluster => Some("redis"),
            StoreKind::Bucket | StoreKind::External => None,
        }
    }

    /// Canonical id of the entity it is, as the model defines it; `None` for what runs in the
    /// cluster (its id holds the cluster's uid) or is external.
    pub fn arn(&self, random: Keyed) -> Option<String> {
        let env = self.environment();
        let (region, account) = (env.region, env.account.id);
        match self.kind {
            StoreKind::Rds { .. } => Some(format!("arn:aws:rds:{region}:{account}:db:{}", self.id)),
            StoreKind::Aurora { .. } => {
                Some(format!("arn:aws:rds:{region}:{account}:cluster:{}", self.id))
            }
            StoreKind::SqlServerOnEc2 => Some(format!(
                "arn:aws:ec2:{region}:{account}:instance/{}",
                instance_id(random, self.id)
            )),
            StoreKind::Cache { .. } => {
                Some(format!("arn:aws:elasticache:{region}:{account}:replicationgroup:{}", self.id))
            }
            StoreKind::Bucket => Some(format!("arn:aws:s3:::{}", self.id)),
            _ => None,
        }
    }
}

/// Ten characters that RDS puts into every endpoint of an account and region.
pub fn account_tail(random: Keyed, env: &Environment) -> String {
    random.suffix(&format!("endpoint/{}/{}", env.account.id, env.region), 10)
}

/// Private address of the machine that the company runs SQL Server on.
pub fn self_run_address(octet: u8) -> String {
    format!("10.{octet}.101.37")
}

/// `use1` for `us-east-1`.
pub fn region_code(region: &str) -> String {
    let mut parts = region.split('-');
    let area = parts.next().unwrap_or("");
    let side = parts.next().and_then(|s| s.chars().next()).unwrap_or('x');
    format!("{area}{side}{}", parts.next().unwrap_or(""))
}

/// EC2 instance id for a name.
pub fn instance_id(random: Keyed, name: &str) -> String {
    format!("i-0{}", random.hex(&format!("instance/{name}"), 16))
}

/// Name of a queue in an environment.
pub fn queue_name(queue: &str, env: &Environment) -> String {
    if env.index == 0 { queue.to_owned() } else { format!("{}-{queue}", env.name) }
}

/// URL of a queue in an environment.
pub fn queue_url(queue: &str, env: &Environment) -> String {
    format!(
        "https://sqs.{}.amazonaws.com/{}/{}",
        env.region,
        env.account.id,
        queue_name(queue, env)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::SERVICES;

    #[test]
    fn every_role_that_a_running_service_uses_has_a_store() {
        for s in SERVICES {
            for e in 0..3 {
                for role in s.stores {
                    assert!(!s.runs_in(e) || store_of(role, e).is_some(), "{} {role} {e}", s.name);
                }
                for queue in s.sends.iter().chain(s.receives) {
                    assert!(QUEUES.iter().any(|q| q.0 == *queue));
                }
            }
        }
    }

    #[test]
    fn region_codes() {
        assert_eq!(region_code("us-east-1"), "use1");
        assert_eq!(region_code("eu-west-1"), "euw1");
    }
}
