//! What a backup says of itself: versions, positions in the journals, and of each file rows, bytes and
//! checksum. It is written last, so that a folder without it is no backup.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use duckdb::Connection;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::{BackupDifference, BackupError, file_name};
use crate::error::{Outcome, io_error};

/// Name of the manifest.
pub const FILE: &str = "manifest.json";
/// Its name until it is whole.
pub const FILE_UNFINISHED: &str = "manifest.json.new";
/// Version of the form of a backup that this program makes, and the newest that it reads.
const FORMAT: u32 = 1;
/// Bytes that are hashed at a time.
const PART_BYTES: usize = 1 << 20;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupManifest {
    /// Version of the form of the backup.
    pub format: u32,
    /// Version of the program that made it.
    pub product: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// DuckDB's version.
    pub engine: String,
    /// Newest migration by area, in order of area.
    pub schema: Vec<SchemaVersion>,
    /// Up to where each store holds each journal, in order of journal.
    pub journals: Vec<JournalPosition>,
    /// The tables, in order of name.
    pub tables: Vec<BackupTable>,
    /// Of everything above.
    pub checksum: String,
}

/// Newest migration of an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaVersion {
    /// What it belongs to.
    pub area: String,
    /// Its number.
    pub number: u32,
}

/// Up to where a store holds a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JournalPosition {
    /// The journal.
    pub journal: String,
    /// Topology or telemetry.
    pub store: String,
    /// Last batch that is held.
    pub number: u64,
}

/// One table of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupTable {
    /// The table with its schema.
    pub table: String,
    /// Its file, within the folder.
    pub file: String,
    /// Rows.
    pub rows: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// XXH3 of the file, 128 bits in hexadecimal.
    pub checksum: String,
}

/// What every manifest says, those of newer programs too.
#[derive(Deserialize)]
struct Version {
    format: u32,
    #[serde(default)]
    product: String,
}

impl BackupManifest {
    /// Without tables yet; the connection is in the transaction of the backup.
    pub fn begun(
        product: &str,
        applied: Vec<(String, u32, String)>,
        connection: &Connection,
    ) -> Outcome<Self> {
        let mut schema: Vec<SchemaVersion> = Vec::new();
        for (area, number, _) in applied {
            schema.retain(|held| held.area != area);
            schema.push(SchemaVersion { area, number });
        }
        let mut statement = connection.prepare(include_str!("../read/backup_journals.sql"))?;
        let journals = statement.query_map([], |row| {
            Ok(JournalPosition { journal: row.get(0)?, store: row.get(1)?, number: row.get(2)? })
        })?;
        Ok(Self {
            format: FORMAT,
            product: product.to_owned(),
            made_at: Timestamp::now(),
            engine: connection.version()?,
            schema,
            journals: journals.collect::<Result<_, _>>()?,
            tables: Vec::new(),
            checksum: String::new(),
        })
    }

    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// Bytes of all files of tables.
    pub fn bytes(&self) -> u64 {
        self.tables.iter().map(|table| table.bytes).sum()
    }

    /// Reads the manifest of a backup.
    ///
    /// # Errors
    /// `Refused` when there is none, `Newer` when a newer program wrote it, `Damaged` when it cannot be
    /// understood.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(FILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(BackupError::Refused(format!(
                    "{} is no backup: it has no {FILE}, which is written last; make a backup that was cut \
                     off again",
                    folder.display()
                )));
            }
            Err(error) => {
                return Err(BackupError::Refused(format!(
                    "{}: {error}; run this as a user that may read it",
                    path.display()
                )));
            }
        };
        let damaged = |error: serde_json::Error| BackupError::Damaged {
            folder: folder.to_owned(),
            differences: vec![BackupDifference::new(FILE, "form", "a manifest", error)],
        };
        let version: Version = serde_json::from_slice(&text).map_err(damaged)?;
        if version.format > FORMAT {
            return Err(BackupError::Newer(format!(
                "the backup in {} has form {}, made by version {} of the program; this program reads form \
                 {FORMAT}",
                folder.display(),
                version.format,
                version.product
            )));
        }
        serde_json::from_slice(&text).map_err(damaged)
    }

    /// Writes the manifest, whole or not at all.
    pub(super) fn write(&mut self, folder: &Path) -> Result<(), BackupError> {
        self.checksum = self.own_checksum();
        let (fresh, path) = (folder.join(FILE_UNFINISHED), folder.join(FILE));
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        let written = File::create(&fresh)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&fresh, &path))
            .and_then(|()| File::open(folder)?.sync_all());
        written.map_err(|error| io_error("write", &path, &error).into())
    }

    /// The checksum that the manifest must have.
    pub(super) fn own_checksum(&self) -> String {
        let open = Self { checksum: String::new(), ..self.clone() };
        let text = serde_json::to_vec(&open).unwrap_or_default();
        format!("{:032x}", xxh3_128(&text))
    }
}

impl BackupTable {
    /// Of a file that was written; it is on disk when this returns.
    pub(super) fn of(folder: &Path, table: &str, rows: u64) -> Result<Self, BackupError> {
        let file = file_name(table);
        let path = folder.join(&file);
        let read = File::open(&path).and_then(|held| held.sync_all()).and_then(|()| hashed(&path));
        let (bytes, checksum) = read.map_err(|error| io_error("read", &path, &error))?;
        Ok(Self { table: table.to_owned(), file, rows, bytes, checksum })
    }

    /// Where the file is; the manifest of a stranger may name none outside of the folder.
    pub(super) fn path(&self, folder: &Path) -> Option<PathBuf> {
        let is_name = |text: &str| {
            text.bytes().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'_')
        };
        let (schema, name) = self.table.split_once('.')?;
        let is_plain = is_name(schema) && is_name(name) && self.file == file_name(&self.table);
        is_plain.then(|| folder.join(&self.file))
    }
}

/// Bytes and checksum of a file.
pub fn hashed(path: &Path) -> std::io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes, mut part) = (Xxh3::new(), 0, vec![0; PART_BYTES]);
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            return Ok((bytes, format!("{:032x}", hash.digest128())));
        }
        hash.update(&part[..read]);
        bytes += read as u64;
    }
}
