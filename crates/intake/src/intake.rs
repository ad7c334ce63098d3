//! The one door: pushes, files, dry runs, notices, state of health.

mod pause;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use model::commit::Committed;
use model::error::StoreResult;
use model::input::{InputOutcome, IntakeEntry};
use model::resolution::{HeldRetirement, Sequence, WriteOutcome};
use model::seam::DataKind;
use model::{Batch, StoreError};
use tokio::sync::{Mutex, Notify, broadcast, mpsc, watch};
use tokio::task::JoinHandle;

use crate::apply::{Applier, resolve};
use crate::input::InputState;
use crate::journal::{self, Bounds, Entry, Journal, Reader, Record};
use crate::outcome::Counts;

pub use crate::apply::Stores;
pub use pause::Pause;

/// Notices that a slow listener may lag behind; then it is told that it missed some.
const NOTICES_MAX: usize = 1_024;
/// Finished lines kept for those who wait for them.
const FINISHED_MAX: usize = 10_000;
/// First and longest pause before a batch that a store refused is tried again.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// How intake is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of the journal.
    pub folder: PathBuf,
    /// Name of the journal: one per replica.
    pub journal: String,
    /// Bounds of the journal.
    pub bounds: Bounds,
}

/// Pushed input is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// Number of its last batch in the journal.
    pub number: u64,
}

/// How intake is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Last batch that is on disk.
    pub durable: u64,
    /// Last batch that is in the stores.
    pub applied: u64,
    /// Bytes that wait to be applied.
    pub backlog_bytes: u64,
    /// Why the batch after `applied` is not in the stores, while it is tried again.
    pub error: Option<String>,
}

/// The write path of one owner.
pub struct Intake {
    shared: Arc<Shared>,
    task: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    name: String,
    journal: Journal,
    applier: Mutex<Applier>,
    stores: Stores,
    notices: broadcast::Sender<Committed>,
    /// New records are on disk.
    appended: Notify,
    applied: watch::Sender<u64>,
    error: watch::Sender<Option<StoreError>>,
    finished: Mutex<std::collections::BTreeMap<u64, IntakeEntry>>,
    is_closing: AtomicBool,
    /// Notices of what was written beside the write path.
    told: AtomicU64,
}

impl Intake {
    /// Opens the journal and begins to apply what the stores do not hold yet.
    ///
    /// # Errors
    /// When a store does not say what it holds, or the journal cannot be used.
    pub async fn open(stores: Stores, options: Options) -> StoreResult<Self> {
        let (notices, _) = broadcast::channel(NOTICES_MAX);
        let applier = Applier::new(stores.clone(), notices.clone()).await?;
        let (both, any) = applier.held(&options.journal);
        let journal = Journal::open(&options.folder, any, options.bounds)?;
        let shared = Arc::new(Shared {
            name: options.journal,
            journal,
            applier: Mutex::new(applier),
            stores,
            notices,
            appended: Notify::new(),
            applied: watch::Sender::new(both),
            error: watch::Sender::new(None),
            finished: Mutex::default(),
            is_closing: AtomicBool::new(false),
            told: AtomicU64::new(0),
        });
        let start = first_of_input(&shared.journal, both).await?;
        let task = tokio::spawn(Arc::clone(&shared).run(start));
        Ok(Self { shared, task: Mutex::new(Some(task)) })
    }

    /// Takes one pushed input: its batches, in order, are on disk when this returns. They are in the
    /// stores when [`Intake::wait`] returns.
    ///
    /// # Errors
    /// [`StoreError::Exhausted`] when the backlog is at its bound, [`StoreError::Full`] when the disk
    /// is: nothing was taken, the sender may try again later.
    pub async fn push(&self, run: &str, mut batches: Vec<Batch>) -> StoreResult<Ack> {
        if self.shared.is_closing.load(Ordering::SeqCst) {
            return Err(closing());
        }
        let Some(last) = batches.last_mut() else {
            return Ok(Ack { number: self.shared.journal.durable() });
        };
        last.is_last = true;
        let run = run.to_owned();
        let records = tokio::task::spawn_blocking(move || journal::encoded(&run, batches)).await;
        let records = records.map_err(|error| broken("encode batches", &error))??;
        let number = self.shared.journal.append(records).await?;
        self.shared.appended.notify_one();
        Ok(Ack { number })
    }

    /// Waits until a pushed input is in the stores; what became of it.
    ///
    /// # Errors
    /// When intake ends first, or the disk is full: the input stays in the journal and is applied as
    /// soon as there is room, at the latest after the next start.
    pub async fn wait(&self, ack: &Ack) -> StoreResult<Option<IntakeEntry>> {
        let mut applied = self.shared.applied.subscribe();
        let mut error = self.shared.error.subscribe();
        tokio::select! {
            // What is there already counts, whatever became of a later input.
            biased;
            is_there = applied.wait_for(|applied| *applied >= ack.number) => {
                is_there.map_err(|_gone| closing())?;
            }
            full = error.wait_for(|error| matches!(error, Some(StoreError::Full { .. }))) => {
                let full = full.map_err(|_gone| closing())?.clone();
                return Err(full.unwrap_or_else(closing));
            }
        }
        Ok(self.shared.finished.lock().await.remove(&ack.number))
    }

    /// Takes a file that the owner reads itself, batch by batch; the file is its own journal, so that a
    /// run that was interrupted goes on where it ended when the file is read again. Returns what
    /// became of it, once it is in the stores.
    ///
    /// # Errors
    /// When a store refuses a batch, or the batches end before the last one.
    pub async fn file(
        &self,
        run: &str,
        mut batches: mpsc::Receiver<Batch>,
    ) -> StoreResult<IntakeEntry> {
        let mut state: Option<InputState> = None;
        let mut number = 0;
        while let Some(batch) = batches.recv().await {
            number += 1;
            let sequence = Sequence { journal: journal_of(&batch), number };
            let mut applier = self.shared.applier.lock().await;
            if state.is_none() {
                let records = &*self.shared.stores.records;
                state = Some(InputState::begin(records, run, &batch.input).await?);
            }
            let Some(state) = state.as_mut() else { continue };
            let journal = sequence.journal.clone();
            if let Some(entry) = applier.apply(state, batch, sequence).await? {
                applier.forget(&journal);
                return Ok(entry);
            }
        }
        Err(broken("read input", &"it ended before its last batch; read it again"))
    }

    /// Works out what a file would change, without changing anything. Each batch is held against the
    /// stores as they are.
    ///
    /// # Errors
    /// When a store cannot be asked.
    pub async fn dry_run(&self, mut batches: mpsc::Receiver<Batch>) -> StoreResult<InputOutcome> {
        let mut counts = Counts::default();
        let mut is_known = None;
        while let Some(batch) = batches.recv().await {
            if is_known.is_none() {
                is_known = Some(self.shared.stores.records.intake_known(&batch.input).await?);
            }
            counts.read(&batch);
            if is_known == Some(true) {
                continue;
            }
            let sequence = Sequence { journal: "dry run".to_owned(), number: 1 };
            let (resolution, observations) =
                resolve(&self.shared.stores, batch, &sequence, false).await?;
            counts.would(&resolution, &observations.batch);
        }
        Ok(counts.outcome(is_known == Some(true)))
    }

    /// Retires what a complete input lacked and what was held since it was too much.
    ///
    /// # Errors
    /// When the topology refuses the write.
    pub async fn confirm(&self, held: &HeldRetirement) -> StoreResult<WriteOutcome> {
        self.shared.applier.lock().await.confirm(held).await
    }

    /// Tells of what was written beside the write path: decisions, rules, choices between deliveries.
    pub fn tell(&self, kinds: Vec<DataKind>) {
        let number = self.shared.told.fetch_add(1, Ordering::Relaxed) + 1;
        let sequence = Sequence { journal: format!("{} beside", self.shared.name), number };
        // Nobody need listen.
        let _unheard = self.shared.notices.send(Committed::of_kinds(sequence, kinds));
    }

    /// Notices of commits from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Committed> {
        self.shared.notices.subscribe()
    }

    /// How intake is doing.
    pub fn status(&self) -> Status {
        Status {
            durable: self.shared.journal.durable(),
            applied: *self.shared.applied.borrow(),
            backlog_bytes: self.shared.journal.backlog_bytes(),
            error: self.shared.error.borrow().as_ref().map(StoreError::to_string),
        }
    }

    /// Says that the stores' checkpoints contain everything applied up to `number`: the journal may let
    /// go of it.
    ///
    /// # Errors
    /// When a segment cannot be deleted.
    pub fn checkpointed(&self, number: u64) -> StoreResult<usize> {
        let applied = *self.shared.applied.borrow();
        self.shared.journal.release(number.min(applied))
    }

    /// Takes nothing more, applies what is on disk unless a store refuses it, and ends.
    pub async fn shutdown(&self) {
        self.shared.is_closing.store(true, Ordering::SeqCst);
        self.shared.appended.notify_one();
        let task = self.task.lock().await.take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "intake ended badly");
        }
        self.shared.journal.close();
    }
}

impl Shared {
    /// Applies records in order, for as long as intake is open.
    async fn run(self: Arc<Self>, mut reader: Reader) {
        let mut state: Option<InputState> = None;
        loop {
            let durable = self.journal.durable();
            let read = tokio::task::spawn_blocking(move || {
                let record = reader.next(durable);
                (record, reader)
            });
            let record = match read.await {
                Ok((record, back)) => {
                    reader = back;
                    record
                }
                Err(error) => {
                    self.error.send_replace(Some(broken("read journal", &error)));
                    return;
                }
            };
            match record {
                Ok(Some(record)) => {
                    if !self.insist(&mut state, &record).await {
                        return;
                    }
                }
                Ok(None) if self.is_closing.load(Ordering::SeqCst) => return,
                Ok(None) => self.appended.notified().await,
                Err(error) => {
                    tracing::error!(%error, "the journal cannot be read");
                    self.error.send_replace(Some(error));
                    return;
                }
            }
        }
    }

    /// Applies one record, however often it takes. Returns whether to go on.
    async fn insist(&self, state: &mut Option<InputState>, record: &Record) -> bool {
        let mut pause = PAUSE_MIN;
        loop {
            match self.apply(state, record).await {
                Ok(finished) => {
                    self.journal.applied(record.bytes.len() as u64);
                    if let Some(entry) = finished {
                        *state = None;
                        let mut kept = self.finished.lock().await;
                        kept.insert(record.number, entry);
                        while kept.len() > FINISHED_MAX {
                            kept.pop_first();
                        }
                        drop(kept);
                        self.applied.send_if_modified(|applied| raise(applied, record.number));
                    }
                    self.error.send_if_modified(|error| error.take().is_some());
                    return true;
                }
                Err(error) => {
                    tracing::warn!(number = record.number, %error, "a batch waits for the stores");
                    self.error.send_replace(Some(error));
                }
            }
            if self.is_closing.load(Ordering::SeqCst) {
                return false;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn apply(
        &self,
        state: &mut Option<InputState>,
        record: &Record,
    ) -> StoreResult<Option<IntakeEntry>> {
        let entry = Entry::decode(&record.bytes)?;
        let mut applier = self.applier.lock().await;
        if state.is_none() {
            let records = &*self.stores.records;
            *state = Some(InputState::begin(records, &entry.run, &entry.batch.input).await?);
        }
        let Some(state) = state.as_mut() else { return Ok(None) };
        let sequence = Sequence { journal: self.name.clone(), number: record.number };
        applier.apply(state, entry.batch, sequence).await
    }
}

fn raise(applied: &mut u64, number: u64) -> bool {
    let is_more = number > *applied;
    *applied = number.max(*applied);
    is_more
}

/// A file's own journal.
fn journal_of(batch: &Batch) -> String {
    let input = &batch.input;
    format!("file:{}:{}:{}", input.content_hash, input.source, input.observed_at.0)
}

/// A reader from the first batch of the first input that a store lacks a part of: what a complete input
/// lists must be known whole before anything is retired.
async fn first_of_input(journal: &Journal, both: u64) -> StoreResult<Reader> {
    let durable = journal.durable();
    let mut reader = journal.read_from(both.saturating_add(1));
    let peek = move || {
        let mut position = None;
        let mut bytes = 0;
        while let Some(record) = reader.next(durable)? {
            bytes += record.bytes.len() as u64;
            if position.is_none() {
                position = Some(Entry::decode(&record.bytes)?.position);
            }
        }
        Ok((u64::from(position.unwrap_or(0)), bytes))
    };
    let peeked = tokio::task::spawn_blocking(peek).await;
    let (position, bytes) = peeked.map_err(|error| broken("read journal", &error))??;
    journal.waits(bytes);
    Ok(journal.read_from(both.saturating_add(1).saturating_sub(position)))
}

fn closing() -> StoreError {
    let reason = "it is shutting down".to_owned();
    StoreError::Unavailable { store: "intake".to_owned(), since: None, reason }
}

fn broken(operation: &str, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Internal { operation: operation.to_owned(), reason: error.to_string() }
}
