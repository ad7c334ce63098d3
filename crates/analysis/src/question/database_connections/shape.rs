//! The answer of `database_connections`.

use model::kind::{Confidence, EntityKind, Need};
use model::measure::Measure;
use schemars::JsonSchema;
use serde::Serialize;

use super::params::ClientEvidence;
use crate::reach::{Exposure, Reach};
use crate::table::{Support, TableUse};

/// Databases with who uses them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseConnectionsAnswer {
    /// Totals over all databases that match, also those that the limit cuts.
    pub summary: DatabaseSummary,
    /// Databases, by hosting, name and id.
    pub databases: Vec<Database>,
    /// Clients of the databases given, by database, strongest evidence and client.
    pub clients: Vec<Client>,
    /// Machines that may run SQL Server without anything that shows it, by name.
    pub undetermined_hosts: Vec<UndeterminedHost>,
    /// Endpoints of databases that no known database answers to, by endpoint and who names them.
    pub unmatched_endpoints: Vec<UnmatchedEndpoint>,
    /// The dated tables that were used.
    pub tables: Vec<TableUse>,
}

/// Totals.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseSummary {
    /// Databases, clusters and caches.
    pub databases: u64,
    /// By hosting and engine, in order.
    pub by_engine: Vec<EngineCount>,
    /// Used, unused, unknown.
    pub by_usage: Vec<UsageCount>,
    /// Hosts of SQL Server on EC2.
    pub sql_server_hosts: u64,
    /// Machines of which nobody can say.
    pub undetermined_hosts: u64,
    /// Clients that are declared or were seen; each counts once for each database.
    pub clients: u64,
    /// Endpoints that match no known database.
    pub unmatched_endpoints: u64,
}

/// How many databases there are of one engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EngineCount {
    /// Hosting.
    pub hosting: String,
    /// Engine.
    pub engine: String,
    /// How many.
    pub count: u64,
}

/// How many databases stand so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UsageCount {
    /// Usage.
    pub usage: Usage,
    /// How many.
    pub count: u64,
}

/// Whether anybody is seen using a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// Somebody is.
    Used,
    /// Nobody is, though what would show it was measured.
    Unused,
    /// Nothing that would show it was measured.
    Unknown,
}

/// One database, cluster, cache, or host of SQL Server.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Database {
    /// Canonical id.
    pub id: String,
    /// Kind of entity; `instance` for SQL Server on a machine.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// `rds`, `aurora`, `neptune`, `docdb`, `ec2`, `kubernetes`, `elasticache`, `redshift`,
    /// `opensearch`, `dynamodb` or `other`.
    pub hosting: String,
    /// Engine as its host names it.
    pub engine: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Support of that version.
    pub support: Support,
    /// What was chosen for the end of standard support; says nothing about the support that there is.
    pub support_policy: Option<String>,
    /// Edition, of engines that have some.
    pub edition: Option<String>,
    /// Licence model.
    pub licence_model: Option<String>,
    /// Class or instance type.
    pub class: Option<String>,
    /// Status as its host says it.
    pub status: Option<String>,
    /// Storage.
    pub storage: Storage,
    /// What takes over when it fails.
    pub standby: Standby,
    /// Canonical ids of read replicas, in order; a replica is no standby.
    pub replicas: Vec<String>,
    /// Canonical id of what it is a replica of.
    pub replica_of: Option<String>,
    /// Canonical id of the cluster that it is a member of.
    pub member_of: Option<String>,
    /// Days for which automatic backups are kept; 0 when there are none, null when not known.
    pub backup_retention_days: Option<u64>,
    /// Where clients reach it.
    pub endpoints: Vec<DatabaseEndpoint>,
    /// Where it is.
    pub place: DatabasePlace,
    /// Canonical id of the owner.
    pub owner: Option<String>,
    /// Canonical id of the application.
    pub application: Option<String>,
    /// How it is known to be a database: one for an entity that is one, each sign for a machine.
    pub detected_by: Vec<Sign>,
    /// How far that is trusted.
    pub confidence: Confidence,
    /// Whether the internet can reach it; null where it stands in no known network.
    pub exposure: Option<Exposure>,
    /// Connections against the limit.
    pub connections: Connections,
    /// Proxies and poolers before it, each once, in order of id.
    pub proxies: Vec<String>,
    /// Clients seen or declared, those through a proxy among them.
    pub clients: u64,
    /// Whether anybody is seen using it.
    pub usage: Usage,
    /// Why it is taken to be so.
    pub usage_reason: String,
}

/// Storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Storage {
    /// Type (`gp3`, `aurora`, …).
    pub storage_type: Option<String>,
    /// GiB that are allocated; null for storage that grows by itself.
    pub allocated_gib: Option<u64>,
    /// GiB up to which it grows by itself.
    pub max_allocated_gib: Option<u64>,
    /// Operations per second that are provisioned.
    pub iops: Option<u64>,
    /// Whether it is encrypted.
    pub is_encrypted: Option<bool>,
    /// Key.
    pub key: Option<String>,
}

/// What takes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Standby {
    /// `none`, `standby`, `readable_standbys`, `members`, `automatic_failover`, `managed` or
    /// `unknown`.
    pub kind: String,
    /// Whether it survives the loss of its zone.
    pub survives_zone: Option<bool>,
    /// For people.
    pub detail: String,
}

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DatabaseEndpoint {
    /// Host.
    pub host: String,
    /// Port.
    pub port: Option<u16>,
    /// `instance`, `writer` or `reader`.
    pub role: String,
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DatabasePlace {
    /// Account.
    pub account: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Zones, in order.
    pub zones: Vec<String>,
    /// VPC.
    pub vpc: Option<String>,
    /// Kubernetes cluster.
    pub cluster: Option<String>,
    /// Namespace.
    pub namespace: Option<String>,
    /// Environment.
    pub environment: Option<String>,
}

/// A sign that a thing is a database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Sign {
    /// `entity`, `usage_operation`, `platform_details`, `image_name`, `tag` or `traffic`.
    pub sign: String,
    /// What was seen.
    pub detail: String,
    /// How far it is trusted.
    pub confidence: Confidence,
}

/// Connections.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Connections {
    /// Most that were open at once in the window.
    pub open_max: Measure,
    /// Most that are allowed.
    pub limit: Measure,
    /// Where the limit is from: `measured` or `parameter`; null without one.
    pub limit_from: Option<String>,
    /// The parameter as it is written, when it is a formula of the machine's memory.
    pub limit_formula: Option<String>,
    /// `open_max / limit`.
    pub share: Measure,
}

/// One client of one database.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Client {
    /// Canonical id of the database.
    pub database: String,
    /// Canonical id of the client; null outside of what the viewer may see.
    pub id: Option<String>,
    /// Kind of the client.
    pub kind: EntityKind,
    /// Name; null outside of what the viewer may see.
    pub name: Option<String>,
    /// Namespace.
    pub namespace: Option<String>,
    /// Canonical id of the owner.
    pub owner: Option<String>,
    /// How it is known, the strongest first.
    pub evidence: Vec<ClientEvidence>,
    /// How far the join is trusted.
    pub confidence: Confidence,
    /// Environment variable or Secret that names the endpoint; never its value.
    pub named_by: Option<String>,
    /// Endpoint that it names or was seen using.
    pub endpoint: Option<String>,
    /// Proxies and poolers between, nearest the client first.
    pub via: Vec<String>,
    /// Whether the client can do without it.
    pub need: Need,
    /// Newest instant at which traffic was seen.
    pub last_seen: Option<jiff::Timestamp>,
    /// Calls per second in the window.
    pub call_rate: Measure,
    /// Failed calls of all.
    pub error_ratio: Measure,
    /// 95th percentile of what the client waited.
    pub latency_p95: Measure,
    /// Whether network rules let it through; null where one of the two stands in no known network.
    pub reach: Option<Reach>,
}

/// A machine that may run SQL Server: billing codes never show a customer's own licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UndeterminedHost {
    /// Canonical id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Platform as AWS names it.
    pub platform: Option<String>,
    /// Billing code.
    pub usage_operation: Option<String>,
    /// Why it cannot be told.
    pub reason: String,
}

/// An endpoint that no known database answers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct UnmatchedEndpoint {
    /// `host:port`.
    pub endpoint: String,
    /// Canonical id of who names it or was seen using it.
    pub from: Option<String>,
    /// Engine that the port or the host stands for.
    pub engine: Option<String>,
    /// `open_reference` (nothing answers to it) or `external` (a public name outside the estate).
    pub why: String,
}
