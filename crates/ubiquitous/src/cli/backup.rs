//! `ubiquitous store backup|verify|restore`.

use std::path::PathBuf;

use clap::Args;
use model::table::{Cell, Table};
use store_embedded::backup::{self, BackupError, BackupManifest};

use super::Everywhere;
use super::store::bytes;
use crate::configuration::Configuration;
use crate::estate::Estate;
use crate::exit::{Exit, Failure, interrupted};
use crate::http::BackupRequest;
use crate::output::{self, Output};
use crate::problem::Problem;
use crate::{estate, owner};

/// Options of `store backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// Folder of the backup; new or empty
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// Options of `store verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Folder of the backup
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// Options of `store restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// Folder of the backup
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Lose what the data folder holds
    #[arg(long)]
    pub replace: bool,
}

/// Makes a backup, through the process that owns the data folder or directly.
pub fn back_up(
    options: &Backup,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let folder = std::path::absolute(&options.folder).map_err(|error| {
        Problem::bad_request("folder", format!("{}: {error}", options.folder.display()))
    })?;
    let manifest = match owner::find(&configuration.data_dir())? {
        Some(owner) => {
            let request = BackupRequest { folder: folder.clone() };
            let body = serde_json::to_vec(&request).unwrap_or_default();
            owner.post("/api/v1/backup", "application/json", &body)?
        }
        None => directly(configuration, folder.clone())?,
    };
    output::tables(&manifest, &[held(&manifest)], everywhere.output, &everywhere.tables)?;
    say(everywhere, &format!("{} in {}", counted(&manifest), folder.display()));
    Ok(Exit::Done)
}

/// Opening applies what the journal still holds.
fn directly(configuration: &Configuration, folder: PathBuf) -> Result<BackupManifest, Failure> {
    estate::backup::for_the_folder_alone(configuration)?;
    super::runtime()?.block_on(async {
        let estate = Estate::open(configuration).await?;
        let made = tokio::select! {
            made = estate.backup(folder) => made.map_err(Failure::from),
            _ = tokio::signal::ctrl_c() => Err(interrupted("no backup was made")),
        };
        estate.close().await;
        made
    })
}

/// Reads a whole backup; asks no store.
pub fn verify(options: &Verify, everywhere: &Everywhere) -> Result<Exit, Failure> {
    let found = backup::verify(&options.folder)?;
    let mut table = Table::new(
        "differences",
        &[
            ("file", "File", Cell::Text, ""),
            ("what", "What", Cell::Text, ""),
            ("wanted", "As it was made", Cell::Text, ""),
            ("found", "Now", Cell::Text, ""),
        ],
    );
    for one in &found.differences {
        let cells = [&one.file, &one.what, &one.wanted, &one.found];
        table.rows.push(cells.into_iter().map(|text| text.clone().into()).collect());
    }
    let tables = [table, held(&found.manifest)];
    output::tables(&found, &tables, everywhere.output, &everywhere.tables)?;
    if found.differences.is_empty() {
        say(everywhere, &format!("whole: {}", counted(&found.manifest)));
        return Ok(Exit::Done);
    }
    say(everywhere, "damaged: use another copy of the backup, or make it again");
    Ok(Exit::Breached)
}

/// Puts a backup into the data folder.
pub fn restore(
    options: &Restore,
    configuration: &Configuration,
    everywhere: &Everywhere,
) -> Result<Exit, Failure> {
    let restored = estate::backup::restore(&options.folder, configuration, options.replace)?;
    output::tables(&restored, &[held(&restored.manifest)], everywhere.output, &everywhere.tables)?;
    let text = format!("{} in {}", counted(&restored.manifest), restored.data_dir.display());
    say(everywhere, &text);
    Ok(Exit::Done)
}

fn held(manifest: &BackupManifest) -> Table {
    let mut table = Table::new(
        "tables",
        &[
            ("table", "Table", Cell::Text, ""),
            ("rows", "Rows", Cell::Count, ""),
            ("bytes", "Bytes", Cell::Count, ""),
            ("checksum", "Checksum", Cell::Text, ""),
        ],
    );
    for one in &manifest.tables {
        let (rows, bytes) = (one.rows.into(), one.bytes.into());
        table.rows.push(vec![one.table.clone().into(), rows, bytes, one.checksum.clone().into()]);
    }
    table
}

fn counted(manifest: &BackupManifest) -> String {
    format!(
        "{} rows of {} tables, {}, made {} by version {}",
        manifest.rows(),
        manifest.tables.len(),
        bytes(manifest.bytes()),
        manifest.made_at,
        manifest.product
    )
}

fn say(everywhere: &Everywhere, text: &str) {
    if everywhere.output == Output::Table {
        output::say(text);
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        let is_damaged = matches!(error, BackupError::Damaged { .. });
        let failure = Self::from(Problem::from(error));
        if is_damaged { Self { exit: Exit::Breached, ..failure } } else { failure }
    }
}
