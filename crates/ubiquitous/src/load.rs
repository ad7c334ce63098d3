//! From paths, stdin or a request's body to the write path: reads, unpacks and parses on a thread of
//! its own while the batches are applied, and gathers what became of each input.

mod named;

use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ingest::InputContext;
use ingest::context::{Seen, learn};
use model::batch::Batch;
use model::{Micros, Reject};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::exit::Failure;
use crate::problem::Problem;
use crate::walk;

pub use named::NamedFile;

/// Bytes of each file that the other files of a run may learn from.
const HEAD_BYTES: u64 = 1 << 20;

/// Largest stdin that is held in memory.
const STDIN_BYTES_MAX: u64 = 2 << 30;

/// Batches that may wait between parser and writer.
const BATCHES_WAITING_MAX: usize = 4;

/// One input that will be read.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// Name for messages and the ledger.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// What the bytes do not say.
    pub context: InputContext,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Memory(Bytes),
}

impl InputFile {
    /// Its bytes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn bytes(&self) -> Result<Bytes, Reject> {
        match &self.place {
            Place::Memory(bytes) => Ok(bytes.clone()),
            Place::File(path) => match std::fs::read(path) {
                Ok(bytes) => Ok(bytes.into()),
                Err(error) => {
                    Err(Reject::new(self.name.clone(), "the whole file", error.to_string()))
                }
            },
        }
    }

    /// Whether the bytes are in a file that stays, so that they need no journal.
    pub fn is_file(&self) -> bool {
        matches!(self.place, Place::File(_))
    }
}

/// The inputs of one command.
#[derive(Debug, Default)]
pub struct Inputs {
    /// In order.
    pub files: Vec<InputFile>,
    /// What could not be walked or opened.
    pub rejects: Vec<Reject>,
}

/// Walks the paths, reads heads, and works out what the inputs say about each other. `-` is stdin.
///
/// # Errors
/// When stdin is larger than it may be or cannot be read.
pub fn inputs(paths: &[PathBuf], flags: &InputContext) -> Result<Inputs, Failure> {
    let is_stdin = |path: &PathBuf| path == Path::new("-");
    let named: Vec<PathBuf> = paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
    let (walked, mut rejects) = walk::walk(&named);
    let mut found = Vec::new();
    if paths.iter().any(is_stdin) {
        let bytes = stdin()?;
        found.push((
            "stdin".to_owned(),
            "stdin".to_owned(),
            bytes.len() as u64,
            None,
            Place::Memory(bytes.into()),
            Vec::new(),
        ));
    }
    for file in walked {
        match head(&file.path) {
            Ok(bytes) => found.push((
                file.root.display().to_string(),
                file.name,
                file.size,
                file.modified,
                Place::File(file.path),
                bytes,
            )),
            Err(error) => rejects.push(Reject::new(file.name, "the whole file", error.to_string())),
        }
    }
    let seen: Vec<Seen<'_>> = found
        .iter()
        .map(|(root, path, _, file_time, place, head)| Seen {
            root,
            path,
            bytes: match place {
                Place::Memory(bytes) => bytes,
                Place::File(_) => head,
            },
            file_time: *file_time,
        })
        .collect();
    let contexts = learn(&seen, flags);
    let files = found
        .into_iter()
        .zip(contexts)
        .map(|((_, name, size, _, place, _), context)| InputFile { name, size, context, place })
        .collect();
    Ok(Inputs { files, rejects })
}

/// One input from memory, as a request's body is.
pub fn body(name: &str, bytes: Bytes, flags: &InputContext) -> InputFile {
    let seen = [Seen { root: name, path: name, bytes: &bytes, file_time: flags.file_time }];
    let context = learn(&seen, flags).pop().unwrap_or_else(|| flags.clone());
    let size = bytes.len() as u64;
    InputFile { name: name.to_owned(), size, context, place: Place::Memory(bytes) }
}

/// What a file is.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Inspection {
    /// The input, or a member of an archive.
    pub name: String,
    /// Format; null when it cannot be read.
    pub format: Option<String>,
    /// Why it is taken for that, or why it cannot be read.
    pub why: String,
    /// Source that its observations would carry.
    pub source: Option<String>,
    /// When its content was true.
    pub observed_at: Option<jiff::Timestamp>,
    /// Observations by what they are.
    pub counts: Vec<(String, u64)>,
    /// What could not be read of it; at most 1,000.
    pub rejects: Vec<Reject>,
}

/// Says what an input is and holds.
pub fn inspect(input: &InputFile) -> Vec<Inspection> {
    let unread = |why: String| Inspection {
        name: input.name.clone(),
        format: None,
        why,
        source: None,
        observed_at: None,
        counts: Vec::new(),
        rejects: Vec::new(),
    };
    let bytes = match input.bytes() {
        Ok(bytes) => bytes,
        Err(reject) => return vec![unread(reject.reason)],
    };
    let mut rejects: Vec<Reject> = Vec::new();
    let read = ingest::read(&input.name, &bytes, &input.context, &mut |batch| {
        rejects.extend(batch.rejects);
        ControlFlow::Continue(())
    });
    match read {
        Err(error) => vec![unread(error.to_string())],
        Ok(summary) => summary
            .inputs
            .into_iter()
            .map(|one| Inspection {
                rejects: rejects
                    .iter()
                    .filter(|reject| reject.source == one.record.name)
                    .take(1_000)
                    .cloned()
                    .collect(),
                name: one.record.name,
                format: Some(one.record.format),
                why: one.why,
                source: Some(one.record.source),
                observed_at: Some(one.record.observed_at.timestamp()),
                counts: one.read.into_iter().collect(),
            })
            .collect(),
    }
}

/// The batches of one input, in order.
pub type Batches = mpsc::Receiver<Batch>;

/// Parses on a thread of its own. The outer channel gives the batches of the input, or those of each
/// member of an archive, one input after the other; the thread stops when a receiver is dropped.
/// The task ends with why nothing could be read, if so.
pub fn parse(input: InputFile) -> (mpsc::Receiver<Batches>, JoinHandle<Result<(), Reject>>) {
    let (sender, receiver) = mpsc::channel(1);
    let task = tokio::task::spawn_blocking(move || {
        let bytes = input.bytes()?;
        let mut current: Option<mpsc::Sender<Batch>> = None;
        let read = ingest::read(&input.name, &bytes, &input.context, &mut |batch| {
            let is_last = batch.is_last;
            let batches = match current.take() {
                Some(batches) => batches,
                None => {
                    let (batches, inner) = mpsc::channel(BATCHES_WAITING_MAX);
                    if sender.blocking_send(inner).is_err() {
                        return ControlFlow::Break(());
                    }
                    batches
                }
            };
            if batches.blocking_send(batch).is_err() {
                return ControlFlow::Break(());
            }
            if !is_last {
                current = Some(batches);
            }
            ControlFlow::Continue(())
        });
        let unread = |error: ingest::EnvelopeError| {
            let said = error.to_string();
            // The name stands in the reject's own field.
            let reason = said.strip_prefix(&format!("{}: ", input.name)).unwrap_or(&said);
            Reject::new(input.name.clone(), "the whole file", reason)
        };
        read.map(|_summary| ()).map_err(unread)
    });
    (receiver, task)
}

/// The instant of receipt.
pub fn now() -> Micros {
    Micros::of(jiff::Timestamp::now())
}

fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(HEAD_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn stdin() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(STDIN_BYTES_MAX + 1).read_to_end(&mut bytes);
    let wrong = |reason: String| Failure::from(Problem::bad_request("stdin", reason));
    read.map_err(|error| wrong(format!("stdin: {error}")))?;
    if bytes.len() as u64 > STDIN_BYTES_MAX {
        return Err(wrong("stdin is larger than 2 GiB; ingest a file instead".to_owned()));
    }
    Ok(bytes)
}
