//! The thread that writes the journal: groups of records, one sync a group, then acknowledgements.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use model::StoreError;
use model::error::StoreResult;
use tokio::sync::oneshot;

use super::segment::{self, MAGIC};
use super::{Bounds, Shared, exhausted, internal, record};

/// Longest time a record waits for others.
const GROUP_TIME: Duration = Duration::from_millis(50);
/// Bytes after which a group is written at once.
const GROUP_BYTES: usize = 4 << 20;
/// Requests that may wait for the thread.
const QUEUE_MAX: usize = 4096;

struct Request {
    records: Vec<(u128, Vec<u8>)>,
    reply: oneshot::Sender<StoreResult<u64>>,
}

/// Gives records to the thread.
pub(super) struct Appender {
    sender: Mutex<Option<SyncSender<Request>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Appender {
    pub async fn append(&self, records: Vec<(u128, Vec<u8>)>) -> StoreResult<u64> {
        let (reply, answer) = oneshot::channel();
        let sender = lock(&self.sender).clone().ok_or_else(closed)?;
        match sender.try_send(Request { records, reply }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return Err(exhausted("queue", format!("{QUEUE_MAX} requests")));
            }
            Err(TrySendError::Disconnected(_)) => return Err(closed()),
        }
        drop(sender);
        answer.await.unwrap_or_else(|_gone| Err(closed()))
    }

    pub fn close(&self) {
        drop(lock(&self.sender).take());
        let thread = lock(&self.thread).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the journal's thread ended badly");
        }
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        self.close();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn closed() -> StoreError {
    let reason = "it was closed".to_owned();
    StoreError::Unavailable { store: "journal".to_owned(), since: None, reason }
}

/// Starts the thread, which goes on with the segment `active` after record `last`.
pub(super) fn start(
    folder: PathBuf,
    active: Option<(PathBuf, u64)>,
    last: u64,
    shared: Arc<Shared>,
    bounds: Bounds,
) -> StoreResult<Appender> {
    let file = match active {
        Some((path, length)) => {
            let file = OpenOptions::new().write(true).open(&path);
            let mut file = file.map_err(|e| internal("open journal", &e))?;
            file.seek(SeekFrom::Start(length)).map_err(|e| internal("open journal", &e))?;
            Some((file, length))
        }
        None => None,
    };
    let (sender, receiver) = sync_channel(QUEUE_MAX);
    let writer = Writer { folder, file, last, shared, bounds, broken: None };
    let thread = std::thread::Builder::new()
        .name("journal".to_owned())
        .spawn(move || writer.run(&receiver))
        .map_err(|e| internal("start journal", &e))?;
    Ok(Appender { sender: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
}

struct Writer {
    folder: PathBuf,
    /// The active segment and its length.
    file: Option<(File, u64)>,
    last: u64,
    shared: Arc<Shared>,
    bounds: Bounds,
    /// After a failed sync nobody knows what is on disk: nothing is acknowledged any more.
    broken: Option<StoreError>,
}

impl Writer {
    fn run(mut self, receiver: &Receiver<Request>) {
        let mut committed = Instant::now().checked_sub(GROUP_TIME);
        while let Ok(first) = receiver.recv() {
            let group = collect(first, receiver, committed);
            let (records, replies): (Vec<_>, Vec<_>) =
                group.into_iter().map(|request| (request.records, request.reply)).unzip();
            let results = self.commit(&records);
            committed = Some(Instant::now());
            for (reply, result) in replies.into_iter().zip(results) {
                // A client that left does not need the answer; the record stays.
                let _gone = reply.send(result);
            }
        }
    }

    /// Writes a group and syncs it; one answer for each request.
    fn commit(&mut self, group: &[Vec<(u128, Vec<u8>)>]) -> Vec<StoreResult<u64>> {
        if let Some(error) = &self.broken {
            return group.iter().map(|_| Err(error.clone())).collect();
        }
        let mut out = Vec::new();
        let mut last = self.last;
        let mut lasts = Vec::with_capacity(group.len());
        let mut bytes = 0_u64;
        for records in group {
            for (content, record) in records {
                last += 1;
                record::put(last, *content, record, &mut out);
                bytes += record.len() as u64;
            }
            lasts.push(last);
        }
        match self.write(&out) {
            Ok(()) => {
                self.last = last;
                self.shared.backlog.fetch_add(bytes, Ordering::SeqCst);
                self.shared.durable.store(last, Ordering::SeqCst);
                lasts.into_iter().map(Ok).collect()
            }
            Err(error) => group.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> StoreResult<()> {
        let free = fs4::available_space(&self.folder).map_err(|e| internal("free space", &e))?;
        if free < self.bounds.reserve_bytes.saturating_add(bytes.len() as u64) {
            return Err(StoreError::Full { path: self.folder.clone(), free });
        }
        let is_full = self.file.as_ref().is_some_and(|(_, len)| *len >= self.bounds.segment_bytes);
        if self.file.is_none() || is_full {
            let file = create(&self.folder, self.last + 1).map_err(|e| internal("journal", &e))?;
            self.file = Some((file, MAGIC.len() as u64));
        }
        let Some((file, length)) = self.file.as_mut() else { return Err(closed()) };
        if let Err(error) = file.write_all(bytes) {
            // Takes back the part that was written, so that the next record follows a whole one.
            let undone = file.set_len(*length).and_then(|()| file.seek(SeekFrom::Start(*length)));
            if let Err(undo) = undone {
                self.broken = Some(internal("write journal", &undo));
            }
            return Err(match error.kind() {
                io::ErrorKind::StorageFull => StoreError::Full { path: self.folder.clone(), free },
                _ => internal("write journal", &error),
            });
        }
        if let Err(error) = file.sync_data() {
            let error = internal("sync journal", &format!("{error}; restart to go on"));
            self.broken = Some(error.clone());
            return Err(error);
        }
        *length += bytes.len() as u64;
        Ok(())
    }
}

/// What arrives until the group is full or its time is up.
fn collect(
    first: Request,
    receiver: &Receiver<Request>,
    committed: Option<Instant>,
) -> Vec<Request> {
    let size = |request: &Request| request.records.iter().map(|(_, b)| b.len()).sum::<usize>();
    let mut bytes = size(&first);
    let mut group = vec![first];
    let until = committed.map(|at| at + GROUP_TIME);
    while bytes < GROUP_BYTES {
        let left = until.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
        match receiver.recv_timeout(left) {
            Ok(request) => {
                bytes += size(&request);
                group.push(request);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    group
}

fn create(folder: &Path, first: u64) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(segment::path(folder, first))?;
    file.write_all(MAGIC)?;
    file.sync_all()?;
    File::open(folder)?.sync_all()?;
    Ok(file)
}
