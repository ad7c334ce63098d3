//! Entities and relations in Neo4j: a graph that a person can ask in Neo4j Browser, and beside it the
//! writes it was made of, from which `snapshot` rebuilds the same estate as every other store.

mod connection;
mod error;
mod graph;
mod migration;
mod options;
mod pack;
mod row;
mod statement;
mod statistics;
mod tuning;
mod workload;
mod writes;

use std::sync::Arc;

use model::error::StoreResult;
use model::seam::{Topology, Tuning};
use snapshot::FoldedTopology;

use connection::Connections;
use writes::GraphWrites;

pub use graph::{label, relationship_type};
pub use options::Neo4jOptions;
pub use statement::{BULK_ENTITIES, BULK_RELATIONS, Cell, Cypher, STATEMENTS, Statement};
pub use statistics::{Neo4jStatistics, OperationStatistics};

/// A topology on Neo4j.
#[derive(Debug)]
pub struct Neo4j {
    connections: Arc<Connections>,
    topology: Arc<FoldedTopology<GraphWrites>>,
}

impl Neo4j {
    /// Reaches the server, brings its schema up to date, and reads every write into memory.
    ///
    /// # Errors
    /// `Unavailable` when the server cannot be reached or refuses the user, `Incompatible` when it or
    /// its schema is of another version; each says what to do.
    pub async fn open(options: Neo4jOptions) -> StoreResult<Arc<Self>> {
        let connections = Connections::new(options)?;
        migration::migrate(&connections).await?;
        let (writes, estate) = GraphWrites::open(Arc::clone(&connections)).await?;
        let topology = Arc::new(FoldedTopology::new(writes, estate));
        Ok(Arc::new(Self { connections, topology }))
    }

    /// The graph of the estate.
    pub fn topology(&self) -> Arc<dyn Topology> {
        Arc::clone(&self.topology) as Arc<dyn Topology>
    }

    /// Plans, labels and indexes.
    pub fn tuning(&self) -> Arc<dyn Tuning> {
        Arc::new(tuning::Neo4jTuning::new(Arc::clone(&self.connections)))
    }

    /// Cypher asked directly, over the same connections.
    pub fn cypher(&self) -> Cypher {
        Cypher::over(Arc::clone(&self.connections))
    }

    /// What the connections did.
    pub fn statistics(&self) -> Neo4jStatistics {
        self.connections.statistics()
    }

    /// Ends what runs and lets nobody in any more.
    pub async fn close(&self) {
        self.connections.close().await;
    }
}
