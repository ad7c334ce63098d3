//! Telemetry and records as files in the form of `telemetry_rows::archive`, which is PostgreSQL's own: the
//! server writes and reads the files' text, this program packs it. One snapshot gives all tables of one
//! instant while others write; one transaction takes all in or none.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use futures::{SinkExt, StreamExt};
use model::StoreError;
use model::archive::{Archive, ArchivedRows};
use model::error::StoreResult;
use telemetry_rows::archive::{ArchivedTable, NULL, TABLES};
use tokio::sync::mpsc;
use tokio_postgres::{IsolationLevel, Transaction};

use super::connection::Manager;
use super::error::{Failure, Outcome, store_error};
use super::pool::Lock;
use super::telemetry::partition;

/// Bytes of one part on the way between file and server.
const PART_BYTES: usize = 256 << 10;
/// Parts that may wait.
const PARTS_MAX: usize = 16;

/// Telemetry and records of one database.
#[derive(Debug)]
pub struct PostgresArchive {
    manager: Manager,
}

impl PostgresArchive {
    /// By connections of its own, outside the pools.
    pub fn new(manager: &Manager) -> Self {
        Self { manager: manager.bulk() }
    }

    async fn export_all(&self, folder: &Path) -> Outcome<Vec<ArchivedRows>> {
        let mut client = self.manager.client().await?;
        let snapshot = client
            .build_transaction()
            .read_only(true)
            .isolation_level(IsolationLevel::RepeatableRead)
            .start()
            .await?;
        for table in TABLES {
            give(&snapshot, table, folder.join(table.file_name())).await?;
        }
        let rows = counts(&snapshot).await?;
        snapshot.rollback().await?;
        Ok(rows)
    }

    async fn import_all(&self, folder: &Path) -> Outcome<Vec<ArchivedRows>> {
        let mut client = self.manager.client().await?;
        let tx = client.transaction().await?;
        for lock in [Lock::Telemetry, Lock::Records] {
            tx.execute("SELECT pg_advisory_xact_lock($1)", &[&(lock as i64)]).await?;
        }
        for table in TABLES {
            let path = folder.join(table.file_name());
            if table.name == "sample" {
                samples(&tx, table, path).await?;
            } else {
                take(&tx, &place(table), table, path).await?;
            }
        }
        let rows = counts(&tx).await?;
        tx.commit().await?;
        // What is planned next knows how much there is.
        client.batch_execute("ANALYZE").await?;
        Ok(rows)
    }

    async fn count_all(&self) -> Outcome<Vec<ArchivedRows>> {
        let mut client = self.manager.client().await?;
        let tx = client.build_transaction().read_only(true).start().await?;
        let rows = counts(&tx).await?;
        tx.rollback().await?;
        Ok(rows)
    }
}

#[async_trait]
impl Archive for PostgresArchive {
    async fn export(&self, folder: PathBuf) -> StoreResult<Vec<ArchivedRows>> {
        let done = self.export_all(&folder).await;
        done.map_err(|failure| store_error("write an archive", failure))
    }

    async fn import(&self, folder: PathBuf) -> StoreResult<Vec<ArchivedRows>> {
        let done = self.import_all(&folder).await;
        done.map_err(|failure| store_error("read an archive", failure))
    }

    async fn rows(&self) -> StoreResult<Vec<ArchivedRows>> {
        self.count_all().await.map_err(|failure| store_error("count rows", failure))
    }
}

fn place(table: &ArchivedTable) -> String {
    let schema = if table.is_record { "ubiquitous_records" } else { "ubiquitous" };
    format!("{schema}.{}", table.name)
}

/// What of a table is archived.
fn source(table: &ArchivedTable) -> String {
    let columns: Vec<String> = table.columns().map(|(name, _form)| format!("\"{name}\"")).collect();
    // The topology's sequences are in its own writes.
    let only = if table.name == "sequence" { " WHERE store = 'telemetry'" } else { "" };
    // In the order in which the other store finds them.
    let order = match table.name {
        "sample" => " ORDER BY instant, series",
        "series" => " ORDER BY id",
        _ => "",
    };
    format!("SELECT {} FROM {}{only}{order}", columns.join(", "), place(table))
}

async fn counts(tx: &Transaction<'_>) -> Outcome<Vec<ArchivedRows>> {
    let mut all = Vec::new();
    for table in TABLES {
        let only = if table.name == "sequence" { " WHERE store = 'telemetry'" } else { "" };
        let sql = format!("SELECT count(*) FROM {}{only}", place(table));
        let rows: i64 = tx.query_one(sql.as_str(), &[]).await?.try_get(0)?;
        all.push(ArchivedRows { table: table.name.to_owned(), rows: rows.cast_unsigned() });
    }
    Ok(all)
}

async fn give(tx: &Transaction<'_>, table: &ArchivedTable, path: PathBuf) -> Outcome<()> {
    let sql =
        format!("COPY ({}) TO STDOUT WITH (FORMAT csv, HEADER true, NULL '{NULL}')", source(table));
    let stream = tx.copy_out(sql.as_str()).await?;
    let mut stream = std::pin::pin!(stream);
    let (parts, received) = mpsc::channel::<Bytes>(PARTS_MAX);
    let packing = tokio::task::spawn_blocking(move || pack(&path, received));
    while let Some(part) = stream.next().await {
        if parts.send(part?).await.is_err() {
            break;
        }
    }
    drop(parts);
    joined(packing.await)
}

/// Packs what comes, on a thread that may block.
fn pack(path: &Path, mut parts: mpsc::Receiver<Bytes>) -> Outcome<()> {
    let mut written = || -> std::io::Result<()> {
        let mut packed = GzEncoder::new(File::create(path)?, Compression::fast());
        while let Some(part) = parts.blocking_recv() {
            packed.write_all(&part)?;
        }
        packed.finish()?.sync_all()
    };
    written().map_err(|error| io("write", path, &error))
}

async fn take(
    tx: &Transaction<'_>,
    into: &str,
    table: &ArchivedTable,
    path: PathBuf,
) -> Outcome<()> {
    let columns: Vec<String> = table.columns().map(|(name, _form)| format!("\"{name}\"")).collect();
    let sql = format!(
        "COPY {into} ({}) FROM STDIN WITH (FORMAT csv, HEADER true, NULL '{NULL}')",
        columns.join(", ")
    );
    let sink = tx.copy_in::<_, Bytes>(sql.as_str()).await?;
    let mut sink = std::pin::pin!(sink);
    let (sender, mut parts) = mpsc::channel::<Bytes>(PARTS_MAX);
    let unpacking = tokio::task::spawn_blocking(move || unpack(&path, &sender));
    while let Some(part) = parts.recv().await {
        sink.send(part).await?;
    }
    joined(unpacking.await)?;
    sink.finish().await?;
    Ok(())
}

fn unpack(path: &Path, parts: &mpsc::Sender<Bytes>) -> Outcome<()> {
    let read = || -> std::io::Result<()> {
        let mut text = MultiGzDecoder::new(File::open(path)?);
        loop {
            let mut part = Vec::with_capacity(PART_BYTES);
            Read::by_ref(&mut text).take(PART_BYTES as u64).read_to_end(&mut part)?;
            // The receiver goes when the server refuses a row, and says so.
            if part.is_empty() || parts.blocking_send(part.into()).is_err() {
                return Ok(());
            }
        }
    };
    read().map_err(|error| io("read", path, &error))
}

/// Through a table of the transaction, so that the weeks of the samples have their partitions.
async fn samples(tx: &Transaction<'_>, table: &ArchivedTable, path: PathBuf) -> Outcome<()> {
    let stage = "CREATE TEMP TABLE archived_sample (LIKE ubiquitous.sample) ON COMMIT DROP";
    tx.batch_execute(stage).await?;
    take(tx, "archived_sample", table, path).await?;
    let is_plain: bool = tx.query_one(partition::IS_PLAIN_SQL, &[]).await?.try_get(0)?;
    if is_plain {
        let weeks = tx.query(include_str!("telemetry/archived_weeks.sql"), &[]).await?;
        for row in weeks {
            if let Some(sql) = partition::creation(row.try_get(0)?) {
                tx.batch_execute(&sql).await?;
            }
        }
    }
    tx.batch_execute("INSERT INTO ubiquitous.sample SELECT * FROM archived_sample").await?;
    Ok(())
}

fn joined(done: Result<Outcome<()>, tokio::task::JoinError>) -> Outcome<()> {
    done.map_err(|error| Failure::Row(error.to_string()))?
}

fn io(operation: &str, path: &Path, error: &std::io::Error) -> Failure {
    let error = match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full { path: path.to_owned(), free: 0 },
        _ => StoreError::Internal {
            operation: format!("{operation} {}", path.display()),
            reason: error.to_string(),
        },
    };
    error.into()
}
