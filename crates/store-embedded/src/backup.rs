//! Backups: a folder with one Parquet file a table, all of one instant, and last a manifest that says what
//! each file must hold. A backup is made beside the writer, checked without the store, and put into an empty
//! data folder.

mod manifest;
mod restore;
mod verify;

use std::fs::{self, DirBuilder, File};
use std::path::{Path, PathBuf};

use duckdb::Connection;
use model::StoreError;
use model::seam::ReadContext;
use tokio::sync::oneshot;

use crate::database::Database;
use crate::error::{Failure, Outcome, store_error};
use crate::migration::applied;

pub use manifest::{BackupManifest, BackupTable, JournalPosition, SchemaVersion};
pub use restore::{Restored, restore};
pub use verify::{BackupDifference, Verification, verify};

/// Why a backup was not made, or is not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A folder that cannot serve; the text says which, why and what to do.
    #[error("{0}")]
    Refused(String),
    /// It is not as it was made.
    #[error(
        "the backup in {} is damaged: {}; use another copy of it, or make it again",
        folder.display(),
        differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    Damaged {
        /// Where it is.
        folder: PathBuf,
        /// What differs from the manifest, in order of file.
        differences: Vec<BackupDifference>,
    },
    /// A newer program made it; the text says what is newer.
    #[error("{0}; use that program or a newer one")]
    Newer(String),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Database {
    /// Writes everything that the database holds at one instant into a folder of its own. `begun` is told
    /// as soon as that instant is fixed: what is written from then on is not in the backup.
    ///
    /// # Errors
    /// `Refused` when the folder holds something or cannot be written; as any read.
    pub async fn backup(
        &self,
        ctx: &ReadContext,
        folder: PathBuf,
        product: &str,
        begun: oneshot::Sender<()>,
    ) -> Result<BackupManifest, BackupError> {
        let product = product.to_owned();
        let work = move |connection: &Connection| Ok(make(connection, &folder, &product, begun));
        self.read("back up", ctx, work).await?
    }
}

fn make(
    connection: &Connection,
    folder: &Path,
    product: &str,
    begun: oneshot::Sender<()>,
) -> Result<BackupManifest, BackupError> {
    prepare(folder)?;
    let made = in_one_transaction(connection, folder, product, begun);
    if made.is_err() {
        // What is not whole is of no use; that the folder itself stays is no harm.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let _ = fs::remove_file(entry.path());
        }
        let _ = fs::remove_dir(folder);
    }
    made
}

fn in_one_transaction(
    connection: &Connection,
    folder: &Path,
    product: &str,
    begun: oneshot::Sender<()>,
) -> Result<BackupManifest, BackupError> {
    let fail = |failure| store_error("back up", folder, failure);
    connection.execute_batch("BEGIN TRANSACTION READ ONLY").map_err(|error| fail(error.into()))?;
    let made = whole(connection, folder, product, begun);
    connection.execute_batch("ROLLBACK").map_err(|error| fail(error.into()))?;
    made
}

fn whole(
    connection: &Connection,
    folder: &Path,
    product: &str,
    begun: oneshot::Sender<()>,
) -> Result<BackupManifest, BackupError> {
    let fail = |failure| store_error("back up", folder, failure);
    // The first statement fixes what the transaction sees.
    let schema = applied(connection).map_err(fail)?;
    // Who waits for it may have left.
    let _ = begun.send(());
    let mut manifest = BackupManifest::begun(product, schema, connection).map_err(fail)?;
    for table in tables(connection).map_err(fail)? {
        let rows = copy(connection, &table, &folder.join(file_name(&table))).map_err(fail)?;
        manifest.tables.push(BackupTable::of(folder, &table, rows)?);
    }
    manifest.write(folder)?;
    Ok(manifest)
}

/// The folder, made if it is not there; it must be empty.
fn prepare(folder: &Path) -> Result<(), BackupError> {
    let refused = |error: &std::io::Error| {
        BackupError::Refused(format!(
            "{}: {error}; name a folder that the program's user may write",
            folder.display()
        ))
    };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(|error| refused(&error))?;
    let is_empty = fs::read_dir(folder).map_err(|error| refused(&error))?.next().is_none();
    if !is_empty {
        return Err(BackupError::Refused(format!(
            "{} holds something already; a backup needs a folder of its own",
            folder.display()
        )));
    }
    // Whether it may be written is found out here, where the remedy is known.
    let probe = folder.join(manifest::FILE_UNFINISHED);
    File::create(&probe).and_then(|_| fs::remove_file(&probe)).map_err(|error| refused(&error))
}

/// Every table with its schema, in order of name; which migrations made them is in the manifest.
fn tables(connection: &Connection) -> Outcome<Vec<String>> {
    let mut statement = connection.prepare(include_str!("read/backup_tables.sql"))?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Writes a table's file; gives the rows, counted in the table and in what was written.
fn copy(connection: &Connection, table: &str, file: &Path) -> Outcome<u64> {
    let held = count(connection, table)?;
    let into = quoted(file);
    let written = connection.execute(
        &format!("COPY (SELECT * FROM {table}) TO '{into}' (FORMAT parquet, COMPRESSION zstd)"),
        [],
    )?;
    if written as u64 != held {
        let reason = format!("{table}: {held} rows are held, {written} were written");
        return Err(Failure::Row(reason));
    }
    Ok(held)
}

fn count(connection: &Connection, table: &str) -> Outcome<u64> {
    let sql = format!("SELECT count(*) FROM {table}");
    Ok(connection.query_row(&sql, [], |row| row.get(0))?)
}

fn file_name(table: &str) -> String {
    format!("{table}.parquet")
}

/// A path inside the quotes of a statement; table functions and COPY take no parameters there.
fn quoted(path: &Path) -> String {
    path.display().to_string().replace('\'', "''")
}
