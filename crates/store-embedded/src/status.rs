//! Facts about the store itself: sizes, rows, versions; and compaction by copy and swap.

use std::path::{Path, PathBuf};

use duckdb::Connection;
use model::error::StoreResult;
use model::seam::ReadContext;
use serde::Serialize;

use crate::database::{Database, Options, connect};
use crate::error::{Failure, Outcome, io_error, store_error};
use crate::folder::{Folder, remove_if_there};
use crate::migration::applied;
use crate::topology::{EstateFileStatus, file_status};

/// What `store status` shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoreStatus {
    /// The data folder.
    pub folder: PathBuf,
    /// Bytes of the database file.
    pub file_bytes: u64,
    /// Bytes of its log.
    pub log_bytes: u64,
    /// Bytes free on the disk.
    pub free_bytes: u64,
    /// DuckDB's version.
    pub engine: String,
    /// Newest migration by area, in order of area.
    pub schema: Vec<(String, u32)>,
    /// Rows by table, in order of name; as DuckDB's catalogue counts them.
    pub rows: Vec<(String, u64)>,
    /// The file of the folded estate, from which opening reads; `None` when there is none.
    pub estate_file: Option<EstateFileStatus>,
}

/// What compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Compaction {
    /// Bytes before.
    pub before_bytes: u64,
    /// Bytes after.
    pub after_bytes: u64,
}

impl Database {
    /// Sizes, rows and versions.
    ///
    /// # Errors
    /// As any read.
    pub async fn status(&self, ctx: &ReadContext) -> StoreResult<StoreStatus> {
        let (folder, file) = (self.folder().path().to_owned(), self.file().to_owned());
        let estate_file = self.folder().estate_file();
        self.read("store status", ctx, move |connection| {
            status(connection, folder, &file, &estate_file)
        })
        .await
    }
}

fn status(
    connection: &Connection,
    folder: PathBuf,
    file: &Path,
    estate_file: &Path,
) -> Outcome<StoreStatus> {
    let mut schema: Vec<(String, u32)> = Vec::new();
    for (area, number, _) in applied(connection)? {
        match schema.last_mut() {
            Some((last, newest)) if *last == area => *newest = number,
            _ => schema.push((area, number)),
        }
    }
    let mut statement = connection.prepare(include_str!("read/status.sql"))?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(StoreStatus {
        file_bytes: size(file),
        log_bytes: size(&log_of(file)),
        free_bytes: fs4::available_space(&folder).unwrap_or(0),
        engine: connection.version()?,
        schema,
        rows: rows.collect::<Result<_, _>>()?,
        estate_file: file_status(connection, estate_file)?,
        folder,
    })
}

/// Copies what is alive into a new file and puts it in the old one's place. The folder must have no
/// owner: it is opened here.
///
/// # Errors
/// `Locked` when a process owns the folder; `Full` when the copy does not fit.
pub fn compact(options: &Options) -> StoreResult<Compaction> {
    let folder = Folder::open(&options.folder)?;
    let file = folder.database();
    let fresh = folder.path().join("estate.compact.duckdb");
    let before_bytes = size(&file);
    remove_database(&fresh)?;
    options.reserve.check(folder.path())?;
    copy(&file, &fresh, options)
        .map_err(|failure| store_error("compact the database", folder.path(), failure))?;
    // It tells rows by their places, which a copy need not keep.
    remove_if_there(&folder.estate_file())?;
    let swapped = std::fs::File::open(&fresh)
        .and_then(|copied| copied.sync_all())
        .and_then(|()| std::fs::rename(&fresh, &file));
    swapped.map_err(|error| io_error("put in place", &file, &error))?;
    Ok(Compaction { before_bytes, after_bytes: size(&file) })
}

fn copy(file: &Path, fresh: &Path, options: &Options) -> Outcome<()> {
    let connection = connect(file, options)?;
    connection.execute_batch("CHECKPOINT")?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let target = fresh.display().to_string().replace('\'', "''");
    connection.execute_batch(&format!(
        "ATTACH '{target}' AS compacted; COPY FROM DATABASE \"{name}\" TO compacted; \
         CHECKPOINT compacted; DETACH compacted;"
    ))?;
    connection.close().map_err(|(_, error)| Failure::from(error))
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Removes a database file and its log, where they are.
pub fn remove_database(file: &Path) -> StoreResult<()> {
    remove_if_there(file)?;
    remove_if_there(&log_of(file))
}

/// The log of a database file.
pub fn log_of(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}.wal", file.display()))
}
