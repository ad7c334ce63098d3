//! The write path as the program uses it: files are read batch by batch, pushed input is journalled
//! first and answered once it is in the stores.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use intake::{Intake, Options};
use model::error::StoreResult;
use model::input::IntakeEntry;
use model::seam::DataKind;
use model::{Batch, Reject, StoreError};

use super::{Estate, Stores};
use crate::configuration::Configuration;
use crate::http::IngestAnswer;
use crate::load::{self, Batches, InputFile};

/// Name of the journal where no server is shared with another replica.
const JOURNAL: &str = "local";
/// Folder of the journal within the data folder.
pub const JOURNAL_FOLDER: &str = "journal";
/// File beside the journal's segments that holds its name where one is.
const JOURNAL_NAME: &str = "name";

/// Rejects in one answer.
const REJECTS_MAX: usize = 1_000;

/// What became of one input.
#[derive(Debug, Default)]
pub struct Ingested {
    /// Lines of the ledger and rejects.
    pub answer: IngestAnswer,
    /// Why it could not be read at all.
    pub unread: Option<Reject>,
}

/// An id for the inputs of one command: the instant and a running number.
pub fn new_run() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{:x}-{:x}-{number}", load::now().0, std::process::id())
}

/// Opens the write path; what was acknowledged and not yet applied is applied first.
pub async fn open(
    stores: &Stores,
    configuration: &Configuration,
    journal: String,
) -> StoreResult<Intake> {
    let folder = configuration.data_dir().join(JOURNAL_FOLDER);
    let stores = intake::Stores {
        topology: Arc::clone(&stores.topology),
        telemetry: Arc::clone(&stores.telemetry),
        records: Arc::clone(&stores.records),
    };
    let options = Options { folder, journal, bounds: intake::journal::Bounds::default() };
    Intake::open(stores, options).await
}

/// The journal's name, the same at every start. A server tells batches apart by journal and number,
/// so two replicas must not have one name.
pub fn journal_name(configuration: &Configuration, has_server: bool) -> StoreResult<String> {
    let folder = &configuration.data_dir().join(JOURNAL_FOLDER);
    let path = folder.join(JOURNAL_NAME);
    let wrong = |error: std::io::Error| StoreError::Internal {
        operation: format!("read or write {}", path.display()),
        reason: error.to_string(),
    };
    match std::fs::read_to_string(&path) {
        Ok(name) => return Ok(name),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(wrong(error)),
    }
    if !has_server {
        return Ok(JOURNAL.to_owned());
    }
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| wrong(std::io::Error::other(error)))?;
    let name = format!("replica-{:016x}", u64::from_be_bytes(random));
    std::fs::create_dir_all(folder).map_err(wrong)?;
    // Whole or not at all, and on disk before the first batch bears the name.
    let fresh = folder.join("name.new");
    let mut file = File::create(&fresh).map_err(wrong)?;
    file.write_all(name.as_bytes()).and_then(|()| file.sync_all()).map_err(wrong)?;
    std::fs::rename(&fresh, &path).map_err(wrong)?;
    Ok(name)
}

impl Estate {
    /// Takes one input. A file is its own journal; anything else is journalled before it is applied.
    ///
    /// # Errors
    /// When a store or the journal refuses; what the input itself lacks is in the result.
    pub async fn ingest(&self, run: &str, input: InputFile) -> StoreResult<Ingested> {
        let intake = self.writer()?;
        let is_file = input.is_file();
        let (mut inputs, task) = load::parse(input);
        let mut ingested = Ingested::default();
        while let Some(batches) = inputs.recv().await {
            let entry = if is_file {
                Some(intake.file(run, batches).await?)
            } else {
                pushed(intake, run, batches).await?
            };
            self.add(&mut ingested, entry).await?;
        }
        ingested.unread = unread(task).await?;
        Ok(ingested)
    }

    /// Takes telemetry that was read already; returns once it is on disk.
    ///
    /// # Errors
    /// When the journal refuses: nothing was taken, the sender may try again.
    pub async fn push(&self, batches: Vec<Batch>) -> StoreResult<()> {
        let is_empty = batches.iter().all(|batch| {
            batch.observation_count() == 0 && batch.rejects.is_empty() && batch.claims.is_empty()
        });
        if is_empty {
            return Ok(());
        }
        self.writer()?.push(&new_run(), batches).await.map(|_ack| ())
    }

    /// Works out what an input would change, and changes nothing.
    ///
    /// # Errors
    /// When a store cannot be asked.
    pub async fn dry_run(&self, input: InputFile) -> StoreResult<Ingested> {
        let intake = self.writer()?;
        let (mut inputs, task) = load::parse(input);
        let mut ingested = Ingested::default();
        while let Some(mut batches) = inputs.recv().await {
            // The record and the rejects are on the way; the outcome comes from the write path.
            let (sender, forwarded) = tokio::sync::mpsc::channel(1);
            let seen = tokio::spawn(async move {
                let (mut record, mut rejects) = (None, Vec::new());
                while let Some(batch) = batches.recv().await {
                    record = Some(batch.input.clone());
                    rejects.extend(batch.rejects.iter().take(REJECTS_MAX).cloned());
                    if sender.send(batch).await.is_err() {
                        break;
                    }
                }
                (record, rejects)
            });
            let outcome = intake.dry_run(forwarded).await?;
            let (record, rejects) = seen.await.map_err(|error| broken(&error))?;
            if let Some(input) = record {
                let entry =
                    IntakeEntry { id: 0, run: String::new(), input, outcome, is_finished: false };
                ingested.answer.entries.push(entry);
            }
            let room = REJECTS_MAX.saturating_sub(ingested.answer.rejects.len());
            ingested.answer.rejects.extend(rejects.into_iter().take(room));
        }
        ingested.unread = unread(task).await?;
        Ok(ingested)
    }

    /// Tells who listens that data of these kinds changed. A command that only opened the folder for
    /// reading has no listeners.
    pub(super) fn tell(&self, kinds: Vec<DataKind>) {
        if let Some(intake) = &self.intake {
            intake.tell(kinds);
        }
    }

    pub(super) fn writer(&self) -> StoreResult<&Intake> {
        self.intake.as_deref().ok_or_else(|| StoreError::Unavailable {
            store: "intake".to_owned(),
            since: None,
            reason: "the folder was opened for reading".to_owned(),
        })
    }

    /// Adds a line of the ledger with the rejects that it keeps.
    async fn add(&self, ingested: &mut Ingested, entry: Option<IntakeEntry>) -> StoreResult<()> {
        let Some(entry) = entry else { return Ok(()) };
        let room = REJECTS_MAX.saturating_sub(ingested.answer.rejects.len());
        if entry.outcome.rejects > 0 && room > 0 {
            let (_, rejects) = self.records().intake_entry(entry.id).await?;
            ingested.answer.rejects.extend(rejects.into_iter().take(room));
        }
        ingested.answer.entries.push(entry);
        Ok(())
    }
}

async fn pushed(
    intake: &Intake,
    run: &str,
    mut batches: Batches,
) -> StoreResult<Option<IntakeEntry>> {
    let mut all = Vec::new();
    while let Some(batch) = batches.recv().await {
        all.push(batch);
    }
    let ack = intake.push(run, all).await?;
    intake.wait(&ack).await
}

async fn unread(task: tokio::task::JoinHandle<Result<(), Reject>>) -> StoreResult<Option<Reject>> {
    Ok(task.await.map_err(|error| broken(&error))?.err())
}

fn broken(error: &tokio::task::JoinError) -> StoreError {
    StoreError::Internal { operation: "read the input".to_owned(), reason: error.to_string() }
}
