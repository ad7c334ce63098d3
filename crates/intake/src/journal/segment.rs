//! The segments of a journal: files named by the number of their first record.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use model::StoreError;
use model::error::StoreResult;

use super::internal;
use super::record::{self, HEADER_BYTES, Next, Record};

/// How a segment begins; its last byte is the version of the layout.
pub(super) const MAGIC: &[u8; 8] = b"UBQJRNL\x01";

const EXTENSION: &str = "journal";

/// What a folder held.
pub(super) struct Found {
    /// The last record; 0 when there is none.
    pub last: u64,
    /// The segment to go on with, and its length.
    pub active: Option<(PathBuf, u64)>,
}

pub(super) fn path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}.{EXTENSION}"))
}

/// Segments with the number of their first record, in order.
fn list(folder: &Path) -> StoreResult<Vec<(u64, PathBuf)>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| internal("list journal", &e))? {
        let path = entry.map_err(|e| internal("list journal", &e))?.path();
        let is_segment = path.extension().is_some_and(|extension| extension == EXTENSION);
        let first = path.file_stem().and_then(|stem| stem.to_str()).and_then(|s| s.parse().ok());
        segments.extend(first.filter(|_| is_segment).map(|first| (first, path)));
    }
    segments.sort_unstable();
    Ok(segments)
}

/// Reads every segment through; cuts the torn tail of the last one off. Records may be missing only up
/// to `held`, the last that every store holds.
pub(super) fn recover(folder: &Path, held: u64) -> StoreResult<Found> {
    let segments = list(folder)?;
    let mut found = Found { last: 0, active: None };
    for (position, (first, path)) in segments.iter().enumerate() {
        let is_last = position + 1 == segments.len();
        if found.last != 0 && *first != found.last + 1 && first.saturating_sub(1) > held {
            return Err(damaged(path, 0, "records before it are missing"));
        }
        let (last, good, length) = scan(path, *first).map_err(|e| internal("read journal", &e))?;
        if good < length && !is_last {
            return Err(damaged(path, good, "a record is broken"));
        }
        if good < length {
            cut(path, good, length).map_err(|e| internal("cut journal", &e))?;
        }
        if good == 0 {
            // Not even its beginning was written: the segment never held a record.
            fs::remove_file(path).map_err(|e| internal("cut journal", &e))?;
            found.active = None;
            found.last = found.last.max(first.saturating_sub(1));
            continue;
        }
        found.last = last.max(first.saturating_sub(1));
        found.active = Some((path.clone(), good));
    }
    Ok(found)
}

/// Last record of a segment (0 without any), bytes that hold whole records, bytes in all.
fn scan(path: &Path, first: u64) -> io::Result<(u64, u64, u64)> {
    let length = fs::metadata(path)?.len();
    let mut input = BufReader::new(File::open(path)?);
    let mut magic = [0; MAGIC.len()];
    if length < MAGIC.len() as u64 || input.read_exact(&mut magic).is_err() || &magic != MAGIC {
        return Ok((0, 0, length));
    }
    let (mut last, mut good) = (0, MAGIC.len() as u64);
    let mut expected = first;
    while let Next::Record(record) = record::take(&mut input)? {
        if record.number != expected {
            break;
        }
        last = record.number;
        expected += 1;
        good += (HEADER_BYTES + record.bytes.len()) as u64;
    }
    Ok((last, good, length))
}

/// Cuts a tail off; keeps it in a file beside the segment, so that nothing is ever thrown away.
fn cut(path: &Path, good: u64, length: u64) -> io::Result<()> {
    tracing::warn!(segment = %path.display(), kept = good, cut = length - good, "torn tail cut off");
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    file.seek(SeekFrom::Start(good))?;
    let mut tail = File::create(path.with_extension("cut"))?;
    io::copy(&mut file, &mut tail)?;
    tail.flush()?;
    file.set_len(good)?;
    file.sync_all()
}

fn damaged(path: &Path, at: u64, what: &str) -> StoreError {
    internal(
        "open journal",
        &format!(
            "{} is damaged at byte {at}: {what}; move the segment away to go on without it",
            path.display()
        ),
    )
}

/// Deletes segments of which every record is at or below `number`; never the last one.
pub(super) fn release(folder: &Path, number: u64) -> StoreResult<usize> {
    let segments = list(folder)?;
    let mut deleted = 0;
    for pair in segments.windows(2) {
        let [(_, path), (next, _)] = pair else { continue };
        if next.saturating_sub(1) > number {
            break;
        }
        fs::remove_file(path).map_err(|e| internal("delete journal segment", &e))?;
        deleted += 1;
    }
    Ok(deleted)
}

/// Reads records in order, going from segment to segment.
pub struct Reader {
    folder: PathBuf,
    next: u64,
    input: Option<BufReader<File>>,
}

impl Reader {
    pub(super) fn new(folder: PathBuf, next: u64) -> Self {
        Self { folder, next: next.max(1), input: None }
    }

    /// The next record up to `durable`, the last that is on disk; `None` when there is none yet.
    ///
    /// # Errors
    /// When a record that should be there is missing or broken.
    pub fn next(&mut self, durable: u64) -> StoreResult<Option<Record>> {
        if self.next > durable {
            return Ok(None);
        }
        loop {
            if self.input.is_none() {
                self.open()?;
            }
            let Some(input) = self.input.as_mut() else { return Ok(None) };
            match record::take(input).map_err(|e| internal("read journal", &e))? {
                Next::Record(record) if record.number < self.next => {}
                Next::Record(record) if record.number == self.next => {
                    self.next += 1;
                    return Ok(Some(record));
                }
                Next::End if path(&self.folder, self.next).exists() => {
                    self.input = None;
                }
                _ => {
                    let what = format!("record {} is missing or broken", self.next);
                    return Err(internal("read journal", &what));
                }
            }
        }
    }

    /// Opens the segment that holds the next record.
    fn open(&mut self) -> StoreResult<()> {
        let segments = list(&self.folder)?;
        let Some((_, path)) = segments.iter().rev().find(|(first, _)| *first <= self.next) else {
            // What lies before the first segment was released: the stores held it.
            if let Some((first, _)) = segments.first() {
                self.next = *first;
                return self.open();
            }
            return Ok(());
        };
        let mut file = File::open(path).map_err(|e| internal("read journal", &e))?;
        file.seek(SeekFrom::Start(MAGIC.len() as u64)).map_err(|e| internal("read journal", &e))?;
        self.input = Some(BufReader::new(file));
        Ok(())
    }
}
