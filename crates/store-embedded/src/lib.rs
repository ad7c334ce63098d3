//! The embedded store: the seams on DuckDB and the in-memory graph. `database` is the base of every
//! part: one writer, several readers, migrations, the data folder. Each part (records, topology,
//! telemetry) writes its rows through it, and nothing here judges what a fact means.

mod archive;
pub mod backup;
mod column;
pub mod database;
pub mod error;
pub mod folder;
mod migration;
mod process;
mod read;
mod reader;
mod recorded;
pub mod records;
pub mod sequence;
mod sessions;
mod status;
pub mod telemetry;
pub mod topology;
mod tuning;
mod writer;

use std::sync::Arc;

use model::archive::Archive;
use model::error::StoreResult;
use model::retention::Upkeep;
use model::seam::{Accounts, Records, Telemetry, Topology, Tuning};

pub use database::{Database, Options};
pub use folder::{Folder, Owner, copy_begins, copy_ended, live_owner};
pub use process::{ProcessBus, ProcessCache, ProcessRateLimit};
pub use sessions::ProcessSessions;
pub use status::{Compaction, StoreStatus, compact};
pub use topology::{EstateFileStatus, FileSchedule};
pub use writer::{AtRest, CheckpointSchedule, Reserve, Rest};

/// An open store.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    records: Arc<records::EmbeddedRecords>,
    topology: Arc<topology::EmbeddedTopology>,
    telemetry: Arc<telemetry::EmbeddedTelemetry>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("database", &self.database).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens or creates the store in its folder. Blocks; call it before serving, or on a thread that
    /// may block.
    ///
    /// # Errors
    /// `Locked` when another process owns the folder, `Incompatible` when it is of a newer program.
    pub fn open(options: &Options) -> StoreResult<Self> {
        let (database, connection) = Database::open(options)?;
        let database = Arc::new(database);
        let records = Arc::new(records::EmbeddedRecords::new(Arc::clone(&database)));
        let topology = topology::open(Arc::clone(&database), &connection, options)
            .map_err(|failure| error::store_error("read the topology", &options.folder, failure))?;
        let telemetry = Arc::new(telemetry::EmbeddedTelemetry::new(Arc::clone(&database)));
        Ok(Self { database, records, topology: Arc::new(topology), telemetry })
    }

    /// What people and the program decide.
    pub fn records(&self) -> Arc<dyn Records> {
        Arc::clone(&self.records) as Arc<dyn Records>
    }

    /// Who may do what, and what was done.
    pub fn accounts(&self) -> Arc<dyn Accounts> {
        Arc::clone(&self.records) as Arc<dyn Accounts>
    }

    /// The graph of the estate.
    pub fn topology(&self) -> Arc<dyn Topology> {
        Arc::clone(&self.topology) as Arc<dyn Topology>
    }

    /// What was measured, billed and reported.
    pub fn telemetry(&self) -> Arc<dyn Telemetry> {
        Arc::clone(&self.telemetry) as Arc<dyn Telemetry>
    }

    /// The same, for who keeps it in order.
    pub fn upkeep(&self) -> Arc<dyn Upkeep> {
        Arc::clone(&self.telemetry) as Arc<dyn Upkeep>
    }

    /// Plans and tables.
    pub fn tuning(&self) -> Arc<dyn Tuning> {
        Arc::new(tuning::EmbeddedTuning::new(Arc::clone(&self.database)))
    }

    /// Telemetry and records as files.
    pub fn archive(&self) -> Arc<dyn Archive> {
        Arc::new(archive::EmbeddedArchive::new(Arc::clone(&self.database)))
    }

    /// The database under every part.
    pub fn database(&self) -> &Arc<Database> {
        &self.database
    }
}
