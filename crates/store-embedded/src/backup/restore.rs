//! Puts a backup into a data folder: verified first, written under another name, counted, and then in place
//! at once. While it is under way, and after it was cut off, the folder opens for nobody else.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use duckdb::Connection;
use serde::Serialize;

use super::verify::verify;
use super::{BackupError, BackupManifest, count, quoted, tables};
use crate::database::{Options, connect};
use crate::error::{Failure, Outcome, io_error, store_error};
use crate::folder::{Folder, remove_if_there};
use crate::migration::{Migration, migrate, migrations_up_to};
use crate::status::remove_database;

/// What was put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The data folder.
    pub data_dir: PathBuf,
    /// What the backup says of itself; the rows were counted again in the folder.
    pub manifest: BackupManifest,
}

/// Puts a backup into the data folder, which must have no owner and hold nothing unless it is replaced.
/// `besides` names the folders in it that belong to an estate too, such as its journal.
///
/// # Errors
/// As [`verify`](super::verify()); `Refused` when the folder holds something; `Locked` when a process owns
/// it; `Full` when the backup does not fit.
pub fn restore(
    backup: &Path,
    options: &Options,
    besides: &[&str],
    is_replacing: bool,
) -> Result<Restored, BackupError> {
    let manifest = verify(backup)?.whole()?;
    let schema: Vec<(&str, u32)> =
        manifest.schema.iter().map(|one| (one.area.as_str(), one.number)).collect();
    let migrations = migrations_up_to(&schema).map_err(|area| {
        BackupError::Newer(format!(
            "the backup in {} was made by version {} of the program, whose schema `{area}` is newer than \
             this program's",
            backup.display(),
            manifest.product
        ))
    })?;
    let folder = Folder::open_to_restore(&options.folder)?;
    let besides: Vec<PathBuf> = besides.iter().map(|name| folder.path().join(name)).collect();
    let is_there = |path: &PathBuf| path.exists();
    if !is_replacing && (folder.database().exists() || besides.iter().any(is_there)) {
        return Err(BackupError::Refused(format!(
            "{} holds an estate already; give another --data-dir, or `--replace` to lose what it holds",
            folder.path().display()
        )));
    }
    options.reserve.check(folder.path())?;
    let staged = folder.restoring();
    remove_database(&staged)?;
    let filled = fill(&staged, options, &migrations, backup, &manifest);
    if let Err(error) = filled {
        // The folder is as it was before.
        remove_database(&staged)?;
        return Err(error);
    }
    put_in_place(&folder, &staged, &besides)?;
    Ok(Restored { data_dir: folder.path().to_owned(), manifest })
}

fn fill(
    staged: &Path,
    options: &Options,
    migrations: &[Migration],
    backup: &Path,
    manifest: &BackupManifest,
) -> Result<(), BackupError> {
    let fail = |failure| BackupError::from(store_error("restore", &options.folder, failure));
    let mut connection = connect(staged, options).map_err(fail)?;
    migrate(&mut connection, migrations).map_err(fail)?;
    let held = tables(&connection).map_err(fail)?;
    if !held.iter().eq(manifest.tables.iter().map(|table| &table.table)) {
        return Err(BackupError::Refused(format!(
            "the backup in {} does not hold the tables of its schema; use another copy of it",
            backup.display()
        )));
    }
    for table in &manifest.tables {
        load(&connection, &table.table, &backup.join(&table.file)).map_err(fail)?;
    }
    connection.execute_batch("CHECKPOINT").map_err(|error| fail(error.into()))?;
    for table in &manifest.tables {
        let found = count(&connection, &table.table).map_err(fail)?;
        if found != table.rows {
            let reason = format!("{} has {found} rows, not {}", table.table, table.rows);
            return Err(fail(Failure::Row(reason)));
        }
    }
    connection.close().map_err(|(_, error)| fail(error.into()))
}

/// In the order in which they were written: the newest row of a key is its last.
fn load(connection: &Connection, table: &str, file: &Path) -> Outcome<()> {
    let from = quoted(file);
    connection.execute_batch(&format!(
        "INSERT INTO {table} BY NAME SELECT * FROM read_parquet('{from}')"
    ))?;
    Ok(())
}

/// What the folder held goes first: a log or journal of another estate must not be applied to this one. Cut
/// off in between, the staged file still says that the folder is not whole.
fn put_in_place(folder: &Folder, staged: &Path, besides: &[PathBuf]) -> Result<(), BackupError> {
    let database = folder.database();
    let fail = |error: &std::io::Error| io_error("put in place", &database, error);
    File::open(staged).and_then(|file| file.sync_all()).map_err(|error| fail(&error))?;
    remove_database(&database)?;
    remove_if_there(&folder.estate_file())?;
    for gone in besides {
        match fs::remove_dir_all(gone) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(io_error("remove", gone, &error).into());
            }
            _ => {}
        }
    }
    fs::rename(staged, &database).map_err(|error| fail(&error))?;
    let synced = File::open(folder.path()).and_then(|open| open.sync_all());
    synced.map_err(|error| fail(&error).into())
}
