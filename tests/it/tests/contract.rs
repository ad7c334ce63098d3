//! The contract: one suite of trials for every store, with one expected answer for all. A trial is
//! given a pair (where entities are, where telemetry and records are) and opens sites of it; a pair
//! whose server is not there is skipped by name.

pub mod neo4j;
pub mod postgres;

use std::fmt;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use model::Micros;
use model::retention::{Retention, RetentionOutcome, Upkeep};
use model::seam::{Accounts, Records, Telemetry, Topology};
use store_embedded::Store;
use store_server::postgres::Postgres;

use crate::store_base::options;

/// What a trial gives.
pub type Done = Result<(), Failed>;

/// A trial by its name.
pub type Named = (&'static str, fn(Pair) -> Done);

/// Where entities and relations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopologyIn {
    /// In the data folder.
    Embedded,
    /// On the Neo4j server that the environment names.
    Neo4j,
}

/// Where telemetry and records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TelemetryIn {
    /// In the data folder.
    Embedded,
    /// On a PostgreSQL server.
    Postgres,
}

/// Two stores that make one estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Where entities and relations are.
    pub topology: TopologyIn,
    /// Where telemetry and records are.
    pub telemetry: TelemetryIn,
}

/// Everything in the data folder.
pub const EMBEDDED: Pair =
    Pair { topology: TopologyIn::Embedded, telemetry: TelemetryIn::Embedded };

/// Entities in Neo4j, the rest in the data folder.
pub const NEO4J: Pair = Pair { topology: TopologyIn::Neo4j, telemetry: TelemetryIn::Embedded };

/// Entities in the data folder, telemetry and records in PostgreSQL.
pub const POSTGRES: Pair =
    Pair { topology: TopologyIn::Embedded, telemetry: TelemetryIn::Postgres };

/// One pair for each store of entities: what concerns topology alone is tried on these.
pub const TOPOLOGIES: &[Pair] = &[EMBEDDED, NEO4J];

/// One pair for each store of telemetry and records.
pub const TELEMETRIES: &[Pair] = &[EMBEDDED, POSTGRES];

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let topology = match self.topology {
            TopologyIn::Embedded => "embedded",
            TopologyIn::Neo4j => "neo4j",
        };
        let telemetry = match self.telemetry {
            TelemetryIn::Embedded => "embedded",
            TelemetryIn::Postgres => "postgres",
        };
        write!(f, "{topology}+{telemetry}")
    }
}

impl Pair {
    /// Why this pair cannot be tried here.
    fn absence(self) -> Option<String> {
        let neo4j = (self.topology == TopologyIn::Neo4j).then(neo4j::absence).flatten();
        let postgres = || (self.telemetry == TelemetryIn::Postgres).then(postgres::absence);
        neo4j.or_else(|| postgres().flatten())
    }

    /// Whether a server is asked: rounds that only add draws are fewer there.
    pub fn is_remote(self) -> bool {
        self != EMBEDDED
    }
}

/// One trial a pair, named after it.
pub fn trials(pairs: &[Pair], name: &str, run: fn(Pair) -> Done) -> Vec<Trial> {
    let trial = |pair: &Pair| {
        let pair = *pair;
        match pair.absence() {
            None => Trial::test(format!("{name} on {pair}"), move || run(pair)),
            Some(reason) => Trial::test(format!("{name} on {pair} [skipped: {reason}]"), || Ok(()))
                .with_ignored_flag(true),
        }
    };
    pairs.iter().map(trial).collect()
}

/// An empty estate, which can be opened, dropped and opened again. It goes when it is dropped.
pub struct Site {
    folder: tempfile::TempDir,
    graph: Option<neo4j::Graph>,
    database: Option<postgres::Database>,
}

impl Site {
    /// A site that holds nothing yet.
    pub async fn new(pair: Pair) -> Result<Self, Failed> {
        let graph = match pair.topology {
            TopologyIn::Embedded => None,
            TopologyIn::Neo4j => Some(neo4j::Graph::empty().await?),
        };
        let database = match pair.telemetry {
            TelemetryIn::Embedded => None,
            TelemetryIn::Postgres => Some(postgres::Database::new().await?),
        };
        Ok(Self { folder: tempfile::tempdir()?, graph, database })
    }

    /// Opens what the site holds. What was opened before must have been dropped.
    pub async fn open(&self) -> Result<Opened, Failed> {
        let store = Store::open(&options(self.folder.path()))?;
        let topology = match &self.graph {
            None => store.topology(),
            Some(graph) => graph.open().await?.topology(),
        };
        let server = match &self.database {
            None => None,
            Some(database) => Some(Postgres::open(database.options()).await?),
        };
        let (telemetry, records, accounts) = match &server {
            None => (store.telemetry(), store.records(), store.accounts()),
            Some(server) => (server.telemetry(), server.records(), server.accounts()),
        };
        Ok(Opened { topology, telemetry, records, accounts, embedded: store, server })
    }

    /// What makes the built program use the servers of this site.
    pub fn environment(&self) -> Vec<(String, String)> {
        let topology = self.graph.as_ref().map(|graph| ("UBIQUITOUS_TOPOLOGY_URL", graph.url()));
        let telemetry =
            self.database.as_ref().map(|one| ("UBIQUITOUS_TELEMETRY_URL", one.url.clone()));
        let both = topology.into_iter().chain(telemetry);
        both.map(|(name, url)| (name.to_owned(), url)).collect()
    }
}

/// The stores of an open site.
pub struct Opened {
    topology: Arc<dyn Topology>,
    telemetry: Arc<dyn Telemetry>,
    records: Arc<dyn Records>,
    accounts: Arc<dyn Accounts>,
    /// What is in the data folder, whatever else is on a server.
    pub embedded: Store,
    server: Option<Arc<Postgres>>,
}

impl Opened {
    /// Entities and relations.
    pub fn topology(&self) -> Arc<dyn Topology> {
        Arc::clone(&self.topology)
    }

    /// Telemetry.
    pub fn telemetry(&self) -> Arc<dyn Telemetry> {
        Arc::clone(&self.telemetry)
    }

    /// What people and the program decided.
    pub fn records(&self) -> Arc<dyn Records> {
        Arc::clone(&self.records)
    }

    /// Who may do what, and what was done.
    pub fn accounts(&self) -> Arc<dyn Accounts> {
        Arc::clone(&self.accounts)
    }

    /// Applies retention where the telemetry is.
    pub async fn retain(
        &self,
        retention: Retention,
        now: Micros,
    ) -> Result<RetentionOutcome, Failed> {
        let upkeep = match &self.server {
            None => self.embedded.upkeep(),
            Some(server) => Arc::clone(server) as Arc<dyn Upkeep>,
        };
        Ok(upkeep.retain(retention, now).await?)
    }
}
