//! Whether a backup is as it was made: every byte is read again, every row counted, and what differs named.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use duckdb::{Config, Connection};
use serde::Serialize;

use super::manifest::{BackupManifest, FILE, hashed};
use super::{BackupError, BackupTable, quoted};
use crate::error::{Outcome, store_error};

/// What differs from the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupDifference {
    /// File within the folder.
    pub file: String,
    /// What of it: `name`, `file`, `bytes`, `checksum`, `rows`, `form`.
    pub what: String,
    /// What the manifest says.
    pub wanted: String,
    /// What was found.
    pub found: String,
}

impl BackupDifference {
    /// Of a file.
    pub fn new(
        file: &str,
        what: &str,
        wanted: impl fmt::Display,
        found: impl fmt::Display,
    ) -> Self {
        Self {
            file: file.to_owned(),
            what: what.to_owned(),
            wanted: wanted.to_string(),
            found: found.to_string(),
        }
    }
}

impl fmt::Display for BackupDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, what, wanted, found } = self;
        write!(f, "{file}: {what} is {found}, not {wanted}")
    }
}

/// A backup and what of it differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Where it is.
    pub folder: PathBuf,
    /// What it says of itself.
    pub manifest: BackupManifest,
    /// What differs, in order of file; nothing when it is whole.
    pub differences: Vec<BackupDifference>,
}

impl Verification {
    /// The manifest of a whole backup.
    ///
    /// # Errors
    /// `Damaged` when anything differs.
    pub fn whole(self) -> Result<BackupManifest, BackupError> {
        if self.differences.is_empty() {
            return Ok(self.manifest);
        }
        Err(BackupError::Damaged { folder: self.folder, differences: self.differences })
    }
}

/// Reads a whole backup and compares it with its manifest. Asks no store.
///
/// # Errors
/// `Refused` when the folder holds no backup, `Newer` when a newer program made it, `Damaged` when its
/// manifest cannot be understood.
pub fn verify(folder: &Path) -> Result<Verification, BackupError> {
    let manifest = BackupManifest::read(folder)?;
    let fail = |failure| store_error("verify", folder, failure);
    let connection = in_memory().map_err(fail)?;
    let mut differences = Vec::new();
    let own = manifest.own_checksum();
    if own != manifest.checksum {
        differences.push(BackupDifference::new(FILE, "checksum", &manifest.checksum, own));
    }
    for table in &manifest.tables {
        differences.extend(difference(folder, table, &connection));
    }
    Ok(Verification { folder: folder.to_owned(), manifest, differences })
}

/// The first thing of a table that differs. Rows are counted only in files that are as they were written.
fn difference(
    folder: &Path,
    table: &BackupTable,
    connection: &Connection,
) -> Option<BackupDifference> {
    let of = |what: &str, wanted: &dyn fmt::Display, found: &dyn fmt::Display| {
        Some(BackupDifference::new(&table.file, what, wanted, found))
    };
    let Some(path) = table.path(folder) else {
        return of("name", &"that of a table", &table.table);
    };
    let (bytes, checksum) = match hashed(&path) {
        Ok(read) => read,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return of("file", &"there", &"missing");
        }
        Err(error) => return of("file", &"readable", &error),
    };
    if bytes != table.bytes {
        return of("bytes", &table.bytes, &bytes);
    }
    if checksum != table.checksum {
        return of("checksum", &table.checksum, &checksum);
    }
    match rows(connection, &path) {
        Ok(rows) if rows == table.rows => None,
        Ok(rows) => of("rows", &table.rows, &rows),
        Err(failure) => of("rows", &table.rows, &failure),
    }
}

fn rows(connection: &Connection, file: &Path) -> Outcome<u64> {
    let sql = format!("SELECT count(*) FROM read_parquet('{}')", quoted(file));
    Ok(connection.query_row(&sql, [], |row| row.get(0))?)
}

/// DuckDB without a database, only to read files.
fn in_memory() -> Outcome<Connection> {
    let config = Config::default()
        .enable_autoload_extension(false)?
        .with("autoinstall_known_extensions", "false")?
        .threads(1)?;
    Ok(Connection::open_in_memory_with_flags(config)?)
}
