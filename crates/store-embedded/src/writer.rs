//! The one thread that writes: jobs come over a bounded queue, each is one transaction, and what a job
//! does after its commit runs before the next job, so that memory follows the order of the commits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use duckdb::{Connection, Transaction};
use model::workload::WorkloadRecorder;
use model::{StoreError, error::StoreResult};
use tokio::sync::{mpsc, oneshot};

use crate::error::{Failure, Outcome, STORE, store_error};
use crate::recorded::{record_here, wrote};

/// Bytes that must stay free on the disk: the larger of a number and a share of the disk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reserve {
    /// At least this many bytes.
    pub bytes: u64,
    /// At least this share of the disk.
    pub share: f64,
}

impl Default for Reserve {
    fn default() -> Self {
        Self { bytes: 1 << 30, share: 0.05 }
    }
}

impl Reserve {
    /// Fails when less than the reserve is left where `folder` is.
    ///
    /// # Errors
    /// `Full` with what is left.
    pub fn check(self, folder: &Path) -> StoreResult<()> {
        let Ok(disk) = fs4::statvfs(folder) else { return Ok(()) };
        let share = (disk.total_space() as f64 * self.share) as u64;
        let free = disk.available_space();
        if free < self.bytes.max(share) {
            return Err(StoreError::Full { path: folder.to_owned(), free });
        }
        Ok(())
    }
}

/// When the log is folded into the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointSchedule {
    /// At once when the log is larger than this.
    pub log_bytes: u64,
    /// When nothing was written for this long.
    pub idle: Duration,
}

impl Default for CheckpointSchedule {
    fn default() -> Self {
        Self { log_bytes: 256 << 20, idle: Duration::from_secs(5) }
    }
}

/// When the writer rests between writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// The log was folded into the file because it was long; writes may wait.
    Busy,
    /// Nothing was written for a while.
    Idle,
    /// The store closes.
    Close,
}

/// What is done on the writer's thread while it rests: no write is taken in meanwhile, and reads go on.
pub trait AtRest: std::fmt::Debug + Send + Sync {
    /// Called after the checkpoint; whether it wrote to the database.
    fn rest(&self, connection: &mut Connection, rest: Rest) -> bool;
}

enum Job {
    Run(Box<dyn FnOnce(&mut Connection) + Send>),
    Stop,
}

/// How many writes have run, and how many of those the last checkpoint holds.
#[derive(Debug, Default)]
struct Progress {
    run: AtomicU64,
    checkpointed: AtomicU64,
}

/// The writer's thread and its queue.
#[derive(Debug)]
pub struct Writer {
    queue: mpsc::Sender<Job>,
    thread: Option<JoinHandle<()>>,
    folder: PathBuf,
    reserve: Reserve,
    progress: Arc<Progress>,
    at_rest: Arc<OnceLock<Box<dyn AtRest>>>,
}

impl Writer {
    /// Starts the thread on its connection.
    pub fn start(
        connection: Connection,
        database: &Path,
        capacity: usize,
        reserve: Reserve,
        schedule: CheckpointSchedule,
        recorder: Arc<WorkloadRecorder>,
    ) -> StoreResult<Self> {
        let (queue, jobs) = mpsc::channel(capacity.max(1));
        let log = PathBuf::from(format!("{}.wal", database.display()));
        let progress = Arc::new(Progress::default());
        let shared = Arc::clone(&progress);
        let at_rest = Arc::new(OnceLock::<Box<dyn AtRest>>::new());
        let resting = Arc::clone(&at_rest);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                record_here(recorder);
                let rest = |connection: &mut Connection, rest| {
                    resting.get().is_some_and(|one| one.rest(connection, rest))
                };
                run(connection, jobs, &log, schedule, &shared, rest);
            })
            .map_err(|error| StoreError::Internal {
                operation: "start the writer".to_owned(),
                reason: error.to_string(),
            })?;
        let folder = database.parent().unwrap_or(Path::new(".")).to_owned();
        Ok(Self { queue, thread: Some(thread), folder, reserve, progress, at_rest })
    }

    /// Says what is done while the writer rests; only the first is heard.
    pub fn at_rest(&self, what: Box<dyn AtRest>) {
        let _other = self.at_rest.set(what);
    }

    /// Runs `work` in one transaction and, when it is committed, `after` with its result. Both run
    /// even when the caller leaves.
    pub async fn write<P, T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Outcome<P> + Send + 'static,
        after: impl FnOnce(P) -> T + Send + 'static,
    ) -> StoreResult<T>
    where
        P: 'static,
        T: Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let (folder, reserve) = (self.folder.clone(), self.reserve);
        let job = Job::Run(Box::new(move |connection| {
            let begun = Instant::now();
            let done = reserve.check(&folder).map_err(Failure::from).and_then(|()| {
                catch_unwind(AssertUnwindSafe(|| transact(connection, work)))
                    .unwrap_or_else(|_panic| Err(panicked(operation)))
                    .map(after)
            });
            let done = done.map_err(|failure| store_error(operation, &folder, failure));
            wrote(operation, begun.elapsed(), done.is_ok());
            // A caller that left does not want to know.
            let _ = answer.send(done);
        }));
        self.queue.send(job).await.map_err(|_closed| stopped())?;
        result.await.map_err(|_gone| stopped())?
    }

    /// How many writes have run since the opening, and how many of them a checkpoint holds.
    pub fn progress(&self) -> (u64, u64) {
        let checkpointed = self.progress.checkpointed.load(Ordering::SeqCst);
        (self.progress.run.load(Ordering::SeqCst), checkpointed)
    }

    /// Ends the thread after what is queued, with a last checkpoint.
    pub fn stop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let mut job = Job::Stop;
        // The queue may be full; this is a plain thread or a drop, neither of which may await.
        while let Err(mpsc::error::TrySendError::Full(back)) = self.queue.try_send(job) {
            job = back;
            std::thread::sleep(Duration::from_millis(2));
        }
        if thread.join().is_err() {
            tracing::error!("the store's writer ended by a panic");
        }
    }
}

fn transact<P>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Outcome<P>,
) -> Outcome<P> {
    // Dropped without a commit, it rolls back.
    let transaction = connection.transaction()?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

fn run(
    mut connection: Connection,
    mut jobs: mpsc::Receiver<Job>,
    log: &Path,
    schedule: CheckpointSchedule,
    progress: &Progress,
    rest: impl Fn(&mut Connection, Rest) -> bool,
) {
    let mut is_dirty = false;
    // What was read at the opening may be worth keeping before anything is written.
    let mut has_rested = false;
    let checkpoint = |connection: &Connection| {
        let is_done = checkpoint(connection);
        if is_done {
            progress.checkpointed.store(progress.run.load(Ordering::SeqCst), Ordering::SeqCst);
        }
        is_done
    };
    loop {
        let job = match jobs.try_recv() {
            Ok(job) => job,
            Err(mpsc::error::TryRecvError::Disconnected) => break,
            Err(mpsc::error::TryRecvError::Empty) => {
                let size = std::fs::metadata(log).map_or(0, |log| log.len());
                if is_dirty && size > schedule.log_bytes {
                    is_dirty = !checkpoint(&connection) || rest(&mut connection, Rest::Busy);
                }
                match next(&mut jobs, (is_dirty || !has_rested).then_some(schedule.idle)) {
                    Next::Job(job) => job,
                    Next::Idle => {
                        has_rested = true;
                        is_dirty = is_dirty && !checkpoint(&connection);
                        is_dirty |= rest(&mut connection, Rest::Idle);
                        continue;
                    }
                    Next::Closed => break,
                }
            }
        };
        match job {
            Job::Run(work) => {
                work(&mut connection);
                progress.run.fetch_add(1, Ordering::SeqCst);
                is_dirty = true;
            }
            Job::Stop => break,
        }
    }
    if is_dirty {
        checkpoint(&connection);
    }
    if rest(&mut connection, Rest::Close) {
        checkpoint(&connection);
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the writer's connection did not close");
    }
}

enum Next {
    Job(Job),
    Idle,
    Closed,
}

/// The next job; with a time to wait, `Idle` when none came in it.
fn next(jobs: &mut mpsc::Receiver<Job>, idle: Option<Duration>) -> Next {
    let Some(idle) = idle else { return jobs.blocking_recv().map_or(Next::Closed, Next::Job) };
    let until = Instant::now() + idle;
    while Instant::now() < until {
        match jobs.try_recv() {
            Ok(job) => return Next::Job(job),
            Err(mpsc::error::TryRecvError::Disconnected) => return Next::Closed,
            Err(mpsc::error::TryRecvError::Empty) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    Next::Idle
}

/// Folds the log into the file; whether it was done. It fails while an older reader's transaction
/// needs what it would drop, and is tried again later.
fn checkpoint(connection: &Connection) -> bool {
    match connection.execute_batch("CHECKPOINT") {
        Ok(()) => true,
        Err(error) => {
            tracing::debug!(%error, "no checkpoint now");
            false
        }
    }
}

fn panicked(operation: &str) -> Failure {
    Failure::Row(format!("a defect stopped `{operation}`; nothing was written"))
}

pub fn stopped() -> StoreError {
    StoreError::Unavailable {
        store: STORE.to_owned(),
        since: None,
        reason: "the store is closed".to_owned(),
    }
}
