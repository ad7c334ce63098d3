//! Backups of the data folder: made between two batches, beside whatever else is asked and taken in.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use analysis::Viewer;
use store_embedded::backup::{self, BackupError, BackupManifest, Restored};
use tokio::sync::oneshot;

use super::{Estate, last_good, store_options, write};
use crate::configuration::Configuration;

/// How long acknowledged input may take to get into the stores before a backup is refused.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a backup may take.
const TIME: Duration = Duration::from_secs(12 * 3_600);

impl Estate {
    /// Writes everything that is acknowledged by now into a folder. It stops when the caller leaves.
    ///
    /// # Errors
    /// `Refused` when the folder cannot serve, or servers hold a part of the estate.
    pub async fn backup(&self, folder: PathBuf) -> Result<BackupManifest, BackupError> {
        let database = match self.stores.database() {
            Some(database) if !self.stores.has_server() => database,
            _ => return Err(on_servers()),
        };
        let paused = self.writer()?.pause(PATIENCE).await?;
        let (begun, has_begun) = oneshot::channel();
        let (mut ctx, _guard) = self.read_context(&Viewer::default(), None);
        ctx.deadline = Instant::now() + TIME;
        let go_on = async move {
            // An error drops the sender, and then nothing is waited for either.
            let _ = has_begun.await;
            drop(paused);
        };
        let made = database.backup(&ctx, folder, env!("CARGO_PKG_VERSION"), begun);
        tokio::join!(made, go_on).0
    }
}

/// Puts a backup into the data folder of a configuration. Blocks.
///
/// # Errors
/// As [`backup::restore`]; `Refused` when the configuration names servers.
pub fn restore(
    folder: &Path,
    configuration: &Configuration,
    is_replacing: bool,
) -> Result<Restored, BackupError> {
    for_the_folder_alone(configuration)?;
    let besides = [write::JOURNAL_FOLDER, last_good::NAME];
    backup::restore(folder, &store_options(configuration), &besides, is_replacing)
}

/// Refuses a configuration that names servers.
///
/// # Errors
/// `Refused`, with what to do instead.
pub fn for_the_folder_alone(configuration: &Configuration) -> Result<(), BackupError> {
    let urls = ["topology_url", "telemetry_url"];
    if urls.iter().any(|name| !configuration.text(name).is_empty()) {
        return Err(on_servers());
    }
    Ok(())
}

fn on_servers() -> BackupError {
    BackupError::Refused(
        "servers hold a part of this estate, and `store backup` and `store restore` are for a data folder \
         alone; use pg_dump and neo4j-admin as docs/DEPLOYMENT.md says"
            .to_owned(),
    )
}
