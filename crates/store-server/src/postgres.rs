//! Telemetry and records in PostgreSQL 15 and later, with or without TimescaleDB: the same facts, orders,
//! limits and outcomes as the embedded store. What is written goes through one writer at a time, under a
//! lock of the database, so several replicas may share it.

mod archive;
mod connection;
mod error;
mod migration;
mod number;
mod options;
mod pool;
mod read;
mod records;
mod statement;
mod statistics;
mod telemetry;
mod tls;
mod tuning;
mod workload;

use std::sync::Arc;

use async_trait::async_trait;
use model::Micros;
use model::archive::Archive;
use model::error::StoreResult;
use model::retention::{Retention, RetentionOutcome, Upkeep};
use model::seam::{Accounts, Records, Telemetry, Tuning};

use connection::Manager;
use pool::Pools;

pub use options::{PoolOptions, PostgresOptions};
pub use statistics::{ConnectionStatistics, PoolStatistics, StatementTiming};

/// An open database.
#[derive(Debug)]
pub struct Postgres {
    pools: Arc<Pools>,
    manager: Manager,
}

impl Postgres {
    /// Connects, checks the server's version and brings the schema to this program's. Two programs may do
    /// so at once.
    ///
    /// # Errors
    /// `Unavailable` when the server cannot be reached or refuses the login, with what would help;
    /// `Incompatible` when the server is too old or the schema is of a newer program.
    pub async fn open(options: PostgresOptions) -> StoreResult<Arc<Self>> {
        let manager = Manager::new(&options)?;
        migration::run(&manager, options.pool.migration_timeout).await?;
        let pools = Pools::open(manager.clone(), &options.pool).await?;
        Ok(Arc::new(Self { pools: Arc::new(pools), manager }))
    }

    /// What was measured, billed and reported.
    pub fn telemetry(self: &Arc<Self>) -> Arc<dyn Telemetry> {
        Arc::new(telemetry::PostgresTelemetry::new(Arc::clone(&self.pools)))
    }

    /// What people and the program decide.
    pub fn records(self: &Arc<Self>) -> Arc<dyn Records> {
        Arc::new(records::PostgresRecords::new(Arc::clone(&self.pools)))
    }

    /// Who may do what, and what was done.
    pub fn accounts(self: &Arc<Self>) -> Arc<dyn Accounts> {
        Arc::new(records::PostgresRecords::new(Arc::clone(&self.pools)))
    }

    /// Plans, tables and indexes.
    pub fn tuning(self: &Arc<Self>) -> Arc<dyn Tuning> {
        Arc::new(tuning::PostgresTuning::new(Arc::clone(&self.pools)))
    }

    /// Telemetry and records as files.
    pub fn archive(&self) -> Arc<dyn Archive> {
        Arc::new(archive::PostgresArchive::new(&self.manager))
    }

    /// How connections and statements fare.
    pub fn statistics(&self) -> PoolStatistics {
        self.pools.statistics()
    }

    /// Ends the connections after what runs; later reads and writes are refused.
    pub async fn close(&self) {
        self.pools.close().await;
    }
}

#[async_trait]
impl Upkeep for Postgres {
    async fn rebuild_if_dirty(&self) -> StoreResult<()> {
        telemetry::rebuild_if_dirty(&self.pools).await
    }

    async fn retain(&self, retention: Retention, now: Micros) -> StoreResult<RetentionOutcome> {
        telemetry::retain(&self.pools, retention, now).await
    }
}
