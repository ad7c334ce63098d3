//! A named number of reader threads, each with a connection of its own. A read that is dropped,
//! cancelled or past its deadline is interrupted until its statement has returned; only then does its
//! connection serve another.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use duckdb::{Connection, InterruptHandle};
use model::seam::ReadContext;
use model::workload::WorkloadRecorder;
use model::{StoreError, error::StoreResult};
use tokio::sync::{Semaphore, oneshot};

use crate::error::{Failure, Outcome, STORE, store_error};
use crate::recorded::record_here;
use crate::writer::stopped;

/// Time between two interrupts of one statement: the first may come before the executor starts and
/// is then lost.
const INTERRUPT_EVERY: Duration = Duration::from_millis(5);

struct Job {
    is_cancelled: Arc<AtomicBool>,
    work: Box<dyn FnOnce(&Connection) + Send>,
}

/// What one thread runs now.
struct Seat {
    handle: Arc<InterruptHandle>,
    running: Mutex<Option<Arc<AtomicBool>>>,
}

struct Shared {
    queue: Mutex<VecDeque<Job>>,
    has_work: Condvar,
    seats: Vec<Seat>,
    /// Cancelled reads whose statement may still run.
    cancelled: Mutex<usize>,
    has_cancelled: Condvar,
    is_stopped: AtomicBool,
    running: AtomicUsize,
}

/// The readers.
pub struct Readers {
    shared: Arc<Shared>,
    places: Arc<Semaphore>,
    threads: Vec<JoinHandle<()>>,
    folder: PathBuf,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readers").field("threads", &self.threads.len()).finish_non_exhaustive()
    }
}

/// Asks for the interrupt of a read that nobody waits for any more.
struct Guard {
    shared: Arc<Shared>,
    is_cancelled: Arc<AtomicBool>,
    is_answered: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        self.is_cancelled.store(true, Ordering::SeqCst);
        *lock(&self.shared.cancelled) += 1;
        self.shared.has_cancelled.notify_all();
    }
}

impl Readers {
    /// Starts one thread for each connection; at most `queue` reads wait.
    pub fn start(
        connections: Vec<Connection>,
        queue: usize,
        folder: &Path,
        recorder: &Arc<WorkloadRecorder>,
    ) -> StoreResult<Self> {
        let seats = connections
            .iter()
            .map(|one| Seat { handle: one.interrupt_handle(), running: Mutex::new(None) })
            .collect();
        let shared = Arc::new(Shared {
            queue: Mutex::new(VecDeque::new()),
            has_work: Condvar::new(),
            seats,
            cancelled: Mutex::new(0),
            has_cancelled: Condvar::new(),
            is_stopped: AtomicBool::new(false),
            running: AtomicUsize::new(0),
        });
        let places = Arc::new(Semaphore::new(connections.len() + queue));
        let mut threads = Vec::with_capacity(connections.len() + 1);
        for (seat, connection) in connections.into_iter().enumerate() {
            let shared = Arc::clone(&shared);
            let name = format!("store-reader-{seat}");
            let recorder = Arc::clone(recorder);
            threads.push(spawn(name, move || {
                record_here(recorder);
                serve(&shared, seat, connection);
            })?);
        }
        let watched = Arc::clone(&shared);
        threads.push(spawn("store-interrupts".to_owned(), move || watch(&watched))?);
        Ok(Self { shared, places, threads, folder: folder.to_owned() })
    }

    /// Runs `work` on a reader's connection under the context's deadline and cancellation.
    pub async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        ctx: &ReadContext,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> StoreResult<T> {
        let deadline = tokio::time::Instant::from_std(ctx.deadline);
        let timeout = || StoreError::Timeout { store: STORE.to_owned() };
        let place = tokio::select! {
            biased;
            () = ctx.cancel.cancelled() => return Err(StoreError::Cancelled),
            () = tokio::time::sleep_until(deadline) => return Err(timeout()),
            place = Arc::clone(&self.places).acquire_owned() => place.map_err(|_closed| stopped())?,
        };
        let (answer, mut result) = oneshot::channel();
        let folder = self.folder.clone();
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let job = Job {
            is_cancelled: Arc::clone(&is_cancelled),
            work: Box::new(move |connection| {
                let done = catch_unwind(AssertUnwindSafe(|| work(connection)))
                    .unwrap_or_else(|_| Err(Failure::Row("a defect stopped the read".to_owned())));
                let done = done.map_err(|failure| store_error(operation, &folder, failure));
                // A caller that left does not want to know.
                let _ = answer.send(done);
                drop(place);
            }),
        };
        let mut guard =
            Guard { shared: Arc::clone(&self.shared), is_cancelled, is_answered: false };
        lock(&self.shared.queue).push_back(job);
        self.shared.has_work.notify_one();
        tokio::select! {
            biased;
            done = &mut result => {
                guard.is_answered = true;
                done.map_err(|_gone| stopped())?
            }
            () = ctx.cancel.cancelled() => Err(StoreError::Cancelled),
            () = tokio::time::sleep_until(deadline) => Err(timeout()),
        }
    }

    /// Statements that run now.
    pub fn running(&self) -> usize {
        self.shared.running.load(Ordering::SeqCst)
    }

    /// Ends the threads after what is queued.
    pub fn stop(&mut self) {
        self.places.close();
        self.shared.is_stopped.store(true, Ordering::SeqCst);
        // Taking each lock once makes sure that no thread sits between its check and its wait.
        drop(lock(&self.shared.queue));
        self.shared.has_work.notify_all();
        drop(lock(&self.shared.cancelled));
        self.shared.has_cancelled.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reader of the store ended by a panic");
            }
        }
    }
}

fn serve(shared: &Shared, seat: usize, connection: Connection) {
    while let Some(job) = next(shared) {
        if job.is_cancelled.load(Ordering::SeqCst) {
            continue;
        }
        *lock(&shared.seats[seat].running) = Some(Arc::clone(&job.is_cancelled));
        shared.running.fetch_add(1, Ordering::SeqCst);
        (job.work)(&connection);
        shared.running.fetch_sub(1, Ordering::SeqCst);
        *lock(&shared.seats[seat].running) = None;
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "a reader's connection did not close");
    }
}

fn next(shared: &Shared) -> Option<Job> {
    let mut queue = lock(&shared.queue);
    loop {
        if let Some(job) = queue.pop_front() {
            return Some(job);
        }
        if shared.is_stopped.load(Ordering::SeqCst) {
            return None;
        }
        queue = shared.has_work.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Interrupts cancelled statements, again and again until each has returned.
fn watch(shared: &Shared) {
    loop {
        let mut cancelled = lock(&shared.cancelled);
        while *cancelled == 0 {
            if shared.is_stopped.load(Ordering::SeqCst) {
                return;
            }
            cancelled =
                shared.has_cancelled.wait(cancelled).unwrap_or_else(PoisonError::into_inner);
        }
        *cancelled = 0;
        drop(cancelled);
        while interrupt(shared) {
            std::thread::sleep(INTERRUPT_EVERY);
        }
    }
}

/// Whether a cancelled statement still runs; each that does is interrupted.
fn interrupt(shared: &Shared) -> bool {
    let mut any = false;
    for seat in &shared.seats {
        // Held over the interrupt, so that it cannot reach the next statement on the connection.
        let running = lock(&seat.running);
        if running.as_ref().is_some_and(|job| job.load(Ordering::SeqCst)) {
            seat.handle.interrupt();
            any = true;
        }
    }
    any
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> StoreResult<JoinHandle<()>> {
    let operation = format!("start the thread {name}");
    std::thread::Builder::new()
        .name(name)
        .spawn(body)
        .map_err(|error| StoreError::Internal { operation, reason: error.to_string() })
}

/// A lock whose data a panic cannot have left half changed: every critical section is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
