//! The journal: acknowledged input on disk, in segments of a folder, until the stores hold it.
//!
//! Records are appended by one thread that commits in groups: what arrives within 50 ms or 4 MiB is
//! written together and synced once, then every one of them is acknowledged. A tail that was torn by
//! a crash was never acknowledged; it is cut off on opening, and kept beside the segment.

mod record;
mod segment;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model::error::StoreResult;
use model::{Batch, StoreError};
use serde::{Deserialize, Serialize};

pub use record::{HEADER_BYTES, RECORD_BYTES_MAX, Record};
pub use segment::Reader;

/// What one record holds. The version of the encoding stands first in its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Run that the batch belongs to.
    pub run: String,
    /// Position of the batch in its input, from 0: replay begins with the input.
    pub position: u32,
    /// The batch.
    pub batch: Batch,
}

/// Version of the encoding of [`Entry`].
const ENTRY_VERSION: u8 = 1;

impl Entry {
    /// As bytes.
    ///
    /// # Errors
    /// When the batch cannot be encoded.
    pub fn encode(&self) -> StoreResult<Vec<u8>> {
        let mut bytes = vec![ENTRY_VERSION];
        rmp_serde::encode::write_named(&mut bytes, self)
            .map_err(|e| internal("encode batch", &e))?;
        Ok(bytes)
    }

    /// From bytes.
    ///
    /// # Errors
    /// When they are of another version or broken.
    pub fn decode(bytes: &[u8]) -> StoreResult<Self> {
        match bytes.split_first() {
            Some((&ENTRY_VERSION, rest)) => {
                rmp_serde::from_slice(rest).map_err(|e| internal("decode batch", &e))
            }
            other => Err(StoreError::Incompatible {
                found: format!("journal entry {}", other.map_or(0, |(version, _)| *version)),
                supported: format!("journal entry {ENTRY_VERSION}"),
            }),
        }
    }
}

/// The batches of one input as records, each with the hash of the content it came from.
pub(crate) fn encoded(run: &str, batches: Vec<Batch>) -> StoreResult<Vec<(u128, Vec<u8>)>> {
    let encode = |(position, batch): (usize, Batch)| {
        let content = u128::from_str_radix(&batch.input.content_hash, 16).unwrap_or(0);
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        let entry = Entry { run: run.to_owned(), position, batch };
        Ok((content, entry.encode()?))
    };
    batches.into_iter().enumerate().map(encode).collect()
}

/// Bounds of a journal.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Bytes that may wait to be applied.
    pub backlog_bytes: u64,
    /// Bytes that must stay free on the disk.
    pub reserve_bytes: u64,
    /// Bytes after which a new segment begins.
    pub segment_bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { backlog_bytes: 4 << 30, reserve_bytes: 1 << 30, segment_bytes: 64 << 20 }
    }
}

/// An open journal.
pub struct Journal {
    folder: PathBuf,
    appender: writer::Appender,
    shared: Arc<Shared>,
    bounds: Bounds,
}

/// What the writer and the readers both know.
#[derive(Debug, Default)]
struct Shared {
    /// Last record that is on disk.
    durable: AtomicU64,
    /// Bytes that are on disk and not applied.
    backlog: AtomicU64,
}

impl Journal {
    /// Opens or creates the journal in `folder`. New records are numbered from after `held`, the last
    /// number that a store holds, and after what the folder holds. Cuts off a torn tail.
    ///
    /// # Errors
    /// When the folder cannot be used, or a segment before the last is damaged.
    pub fn open(folder: &Path, held: u64, bounds: Bounds) -> StoreResult<Self> {
        std::fs::create_dir_all(folder).map_err(|e| internal("create journal", &e))?;
        let found = segment::recover(folder, held)?;
        let last = found.last.max(held);
        let shared = Arc::new(Shared::default());
        shared.durable.store(last, Ordering::SeqCst);
        let active = found.active.filter(|_| found.last == last);
        let appender =
            writer::start(folder.to_owned(), active, last, Arc::clone(&shared), bounds.clone())?;
        Ok(Self { folder: folder.to_owned(), appender, shared, bounds })
    }

    /// Appends records; returns the number of the last once all are on disk.
    ///
    /// # Errors
    /// [`StoreError::Exhausted`] when the backlog is at its bound, [`StoreError::Full`] when the disk
    /// is; nothing of the records is then acknowledged.
    pub async fn append(&self, records: Vec<(u128, Vec<u8>)>) -> StoreResult<u64> {
        let bytes: u64 = records.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        if let Some((_, long)) = records.iter().find(|(_, one)| one.len() > RECORD_BYTES_MAX) {
            let limit = format!("{RECORD_BYTES_MAX} bytes a record, {} given", long.len());
            return Err(exhausted("record size", limit));
        }
        let waiting = self.backlog_bytes();
        if waiting.saturating_add(bytes) > self.bounds.backlog_bytes {
            let limit = format!("{} bytes, {waiting} wait", self.bounds.backlog_bytes);
            return Err(exhausted("backlog", limit));
        }
        self.appender.append(records).await
    }

    /// Last record that is on disk.
    pub fn durable(&self) -> u64 {
        self.shared.durable.load(Ordering::SeqCst)
    }

    /// Bytes that are on disk and not applied.
    pub fn backlog_bytes(&self) -> u64 {
        self.shared.backlog.load(Ordering::SeqCst)
    }

    /// Says that `bytes` of records were applied.
    pub fn applied(&self, bytes: u64) {
        let less = |backlog: u64| Some(backlog.saturating_sub(bytes));
        let _ = self.shared.backlog.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
    }

    /// Counts `bytes` that were found on opening and wait to be applied.
    pub fn waits(&self, bytes: u64) {
        self.shared.backlog.fetch_add(bytes, Ordering::SeqCst);
    }

    /// Reads records from `number` on.
    pub fn read_from(&self, number: u64) -> Reader {
        Reader::new(self.folder.clone(), number)
    }

    /// Deletes segments of which every record is at or below `number`: the stores' checkpoints contain
    /// them.
    ///
    /// # Errors
    /// When a segment cannot be deleted.
    pub fn release(&self, number: u64) -> StoreResult<usize> {
        segment::release(&self.folder, number)
    }

    /// Ends the writing thread after what was given to it is on disk.
    pub fn close(&self) {
        self.appender.close();
    }
}

fn exhausted(resource: &str, limit: String) -> StoreError {
    StoreError::Exhausted { store: "journal".to_owned(), resource: resource.to_owned(), limit }
}

fn internal(operation: &str, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Internal { operation: operation.to_owned(), reason: error.to_string() }
}
