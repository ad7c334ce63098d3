//! How a store gives away everything it holds, and takes it in: for copies between stores.

use std::path::PathBuf;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::StoreResult;
use crate::resolution::TopologyWrite;

/// Takes the writes of a topology, one after the other; may block.
pub type TakeWrite = Box<dyn FnMut(TopologyWrite) -> StoreResult<()> + Send>;

/// How many rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ArchivedRows {
    /// The table.
    pub table: String,
    /// Rows.
    pub rows: u64,
}

/// Telemetry and records as files, one a table.
#[async_trait]
pub trait Archive: Send + Sync {
    /// Writes every table into a folder, all as of one instant; gives what was written, in the order in
    /// which it is put back.
    async fn export(&self, folder: PathBuf) -> StoreResult<Vec<ArchivedRows>>;
    /// Puts every table back from a folder, all or nothing; gives what is held then.
    async fn import(&self, folder: PathBuf) -> StoreResult<Vec<ArchivedRows>>;
    /// What is held.
    async fn rows(&self) -> StoreResult<Vec<ArchivedRows>>;
}
