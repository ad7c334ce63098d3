//! The contract: one suite of trials for every store, with one expected answer for all. A trial is
//! given a pair (where entities are, where telemetry and records are) and opens sites of it; a pair
//! whose server is not there is skipped by name.

pub mod neo4j;

use std::fmt;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use model::seam::{Records, Telemetry, Topology};
use store_embedded::Store;

use crate::store_base::options;

/// What a trial gives.
pub type Done = Result<(), Failed>;

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

/// One pair for each store of entities: what concerns topology alone is tried on these.
pub const TOPOLOGIES: &[Pair] = &[EMBEDDED, NEO4J];

/// One pair for each store of telemetry and records.
pub const TELEMETRIES: &[Pair] = &[EMBEDDED];

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let topology = match self.topology {
            TopologyIn::Embedded => "embedded",
            TopologyIn::Neo4j => "neo4j",
        };
        let telemetry = match self.telemetry {
            TelemetryIn::Embedded => "embedded",
        };
        write!(f, "{topology}+{telemetry}")
    }
}

impl Pair {
    /// Why this pair cannot be tried here.
    fn absence(self) -> Option<String> {
        (self.topology == TopologyIn::Neo4j).then(neo4j::absence).flatten()
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
}

impl Site {
    /// A site that holds nothing yet.
    pub async fn new(pair: Pair) -> Result<Self, Failed> {
        let graph = match pair.topology {
            TopologyIn::Embedded => None,
            TopologyIn::Neo4j => Some(neo4j::Graph::empty().await?),
        };
        Ok(Self { folder: tempfile::tempdir()?, graph })
    }

    /// Opens what the site holds. What was opened before must have been dropped.
    pub async fn open(&self) -> Result<Opened, Failed> {
        let store = Store::open(&options(self.folder.path()))?;
        let topology = match &self.graph {
            None => store.topology(),
            Some(graph) => graph.open().await?.topology(),
        };
        Ok(Opened {
            topology,
            telemetry: store.telemetry(),
            records: store.records(),
            embedded: store,
        })
    }
}

/// The stores of an open site.
pub struct Opened {
    topology: Arc<dyn Topology>,
    telemetry: Arc<dyn Telemetry>,
    records: Arc<dyn Records>,
    /// What is in the data folder, whatever else is on a server.
    pub embedded: Store,
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
}
