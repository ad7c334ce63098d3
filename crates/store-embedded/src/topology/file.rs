//! The file of the folded estate beside the database: which one is of this database, what lies after it,
//! and when it is written again. The rows are the truth: without the file they are all read.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use duckdb::{Connection, OptionalExt, params};
use model::error::StoreResult;
use serde::Serialize;
use snapshot::file::{EstateFile, Head, write};
use snapshot::{Estate, Fold};

use super::rows::{self, Extent, Reading};
use crate::database::Options;
use crate::error::{Outcome, io_error, store_error};
use crate::folder::{private_file, remove_if_there};
use crate::migration::newest;
use crate::writer::{AtRest, Reserve, Rest};

/// So many bytes are written between two looks at what is left on the disk.
const LOOK_BYTES: u64 = 64 << 20;

/// When the folded estate is written into its file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FileSchedule {
    /// Never for fewer rows than these after the last file: they are read at once.
    pub rows_min: u64,
    /// For so many rows always.
    pub rows_max: u64,
    /// While the store is open: for this share of the rows in the last file.
    pub share: f64,
    /// When it closes: for this share. Writing a row costs a fraction of reading it again.
    pub share_at_close: f64,
}

impl Default for FileSchedule {
    fn default() -> Self {
        Self { rows_min: 10_000, rows_max: 1_000_000, share: 0.1, share_at_close: 0.01 }
    }
}

impl FileSchedule {
    /// Whether it is time, when so many rows came after the last file, which holds so many.
    fn is_due(self, rest: Rest, held: u64, after: u64) -> bool {
        let is_share = |share: f64| after >= self.rows_max || after as f64 >= held as f64 * share;
        let is_enough = match rest {
            // Writes wait, so all of them together wait for no more than twice the last file.
            Rest::Busy => after >= self.rows_max && after >= held,
            Rest::Idle => is_share(self.share),
            Rest::Close => is_share(self.share_at_close),
        };
        after >= self.rows_min.max(1) && is_enough
    }
}

/// The file, as `store status` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EstateFileStatus {
    /// Its bytes.
    pub bytes: u64,
    /// When it was written.
    pub written_at: Option<jiff::Timestamp>,
    /// Rows that lie after it; `None` when it is not read.
    pub rows_after: Option<u64>,
    /// Why it is not read.
    pub unusable: Option<String>,
}

/// What is known of the file beside a database.
///
/// # Errors
/// When the database cannot be asked.
pub fn status(connection: &Connection, path: &Path) -> Outcome<Option<EstateFileStatus>> {
    let Ok(file) = std::fs::metadata(path) else { return Ok(None) };
    let last = rows::extent(connection)?;
    let found = of_database(connection, path, &last)?;
    let modified = file.modified().ok().and_then(|at| jiff::Timestamp::try_from(at).ok());
    Ok(Some(EstateFileStatus {
        bytes: file.len(),
        written_at: modified,
        rows_after: found
            .as_ref()
            .ok()
            .map(|file| rows::count(&last).saturating_sub(rows::count(&file.head().rows))),
        unusable: found.err(),
    }))
}

/// The estate, from the file where it is of this database, with how many rows were in the file and how
/// many were read after it.
pub fn open(connection: &Connection, path: &Path) -> Outcome<(Estate, u64, u64)> {
    let last = rows::extent(connection)?;
    let found = match path.exists() {
        true => read(connection, path, &last)?,
        false => None,
    };
    let (mut estate, held) = found.unwrap_or_else(|| (Estate::new(None), Extent::new()));
    rows::each_row(connection, Reading::Opening, (&held, &last), &mut estate)?;
    let in_file = rows::count(&held);
    Ok((estate, in_file, rows::count(&last).saturating_sub(in_file)))
}

fn read(connection: &Connection, path: &Path, last: &Extent) -> Outcome<Option<(Estate, Extent)>> {
    let found = of_database(connection, path, last)?;
    let read = found.and_then(|file| {
        let estate = file.read().map_err(|why| why.to_string())?;
        Ok((estate, file.head().rows.clone()))
    });
    match read {
        Ok(found) => Ok(Some(found)),
        Err(why) => {
            let path = path.display();
            tracing::warn!(%path, why, "the file of the estate is not used: every row is read");
            Ok(None)
        }
    }
}

/// The file when it is of this database as it is now, or why it is not.
fn of_database(
    connection: &Connection,
    path: &Path,
    last: &Extent,
) -> Outcome<Result<EstateFile, String>> {
    let file = match EstateFile::open(path) {
        Ok(file) => file,
        Err(why) => return Ok(Err(why.to_string())),
    };
    let head = file.head();
    if head.program != program() {
        return Ok(Err(format!("it was written by {}", head.program)));
    }
    let token = connection
        .query_row(include_str!("../read/topology_token.sql"), [], |row| row.get::<_, String>(0));
    if token.optional()?.as_ref() != Some(&head.token) {
        return Ok(Err("it is not the one that the database names".to_owned()));
    }
    let is_within = last.keys().eq(head.rows.keys())
        && last.values().zip(head.rows.values()).all(|(last, held)| held <= last);
    let write = head.rows.get("write").copied().unwrap_or(-1);
    let number =
        connection.query_row(include_str!("../read/topology_number.sql"), params![write], |row| {
            row.get(0)
        });
    if !is_within || number.optional()?.unwrap_or(0_u64) != head.number {
        return Ok(Err("it holds rows that the database does not".to_owned()));
    }
    Ok(Ok(file))
}

/// What folds the rows: a newer program, or one with other tables, may do it differently.
fn program() -> String {
    format!("{} with topology {}", env!("CARGO_PKG_VERSION"), newest("topology"))
}

/// Makes, beside what comes next, that the first write finds relations by key.
pub fn prepare(fold: &Fold) {
    let fold = fold.clone();
    let begun = std::thread::Builder::new()
        .name("topology-keys".to_owned())
        .spawn(move || fold.read(Estate::prepare));
    if let Err(error) = begun {
        tracing::debug!(%error, "relations are found by key from the first write on");
    }
}

/// Writes the file on the writer's thread when it is time.
#[derive(Debug)]
pub struct Keeper {
    fold: Fold,
    path: PathBuf,
    folder: PathBuf,
    schedule: FileSchedule,
    reserve: Reserve,
    /// Rows in the last file.
    held: AtomicU64,
    /// Rows that came after it.
    after: Arc<AtomicU64>,
    /// Rows after it when it could not be written: twice as many are waited for.
    failed: AtomicU64,
}

impl Keeper {
    /// Of an estate of which so many rows are in the file.
    pub fn new(
        fold: Fold,
        path: PathBuf,
        options: &Options,
        held: u64,
        after: Arc<AtomicU64>,
    ) -> Self {
        Self {
            fold,
            path,
            folder: options.folder.clone(),
            schedule: options.estate_file,
            reserve: options.reserve,
            held: AtomicU64::new(held),
            after,
            failed: AtomicU64::new(0),
        }
    }

    fn write(&self, connection: &mut Connection) -> StoreResult<u64> {
        let fail = |failure| store_error("write the estate's file", &self.folder, failure);
        self.reserve.check(&self.folder)?;
        let rows = rows::extent(connection).map_err(fail)?;
        let count = rows::count(&rows);
        let token = token();
        self.file(&token, rows)?;
        // Last: a file that the database does not name is not read.
        let named = (|| {
            let transaction = connection.transaction()?;
            transaction.execute_batch("DELETE FROM topology.estate_file")?;
            transaction
                .execute("INSERT INTO topology.estate_file (token) VALUES (?)", params![token])?;
            Ok(transaction.commit()?)
        })();
        named.map_err(fail)?;
        Ok(count)
    }

    fn file(&self, token: &str, rows: Extent) -> StoreResult<()> {
        let fresh = self.path.with_extension("folded.new");
        remove_if_there(&fresh)?;
        let fail = |error: io::Error| io_error("write", &fresh, &error);
        let mut out = Watched {
            file: private_file(&fresh).map_err(fail)?,
            unseen: 0,
            reserve: self.reserve,
            folder: &self.folder,
        };
        let written = self.fold.read(|estate| {
            let number = estate.version.number;
            let head = Head { program: program(), token: token.to_owned(), number, rows };
            write(estate, &head, &mut out)
        });
        let done = written
            .and_then(|()| out.file.sync_all())
            .and_then(|()| std::fs::rename(&fresh, &self.path))
            .and_then(|()| sync_folder(&self.folder));
        done.map_err(|error| {
            // What it leaves takes room where there may be none.
            let _left = remove_if_there(&fresh);
            fail(error)
        })
    }
}

impl AtRest for Keeper {
    fn rest(&self, connection: &mut Connection, rest: Rest) -> bool {
        let after = self.after.load(Ordering::Relaxed);
        let is_too_soon = rest != Rest::Close && after < self.failed.load(Ordering::Relaxed) * 2;
        if is_too_soon || !self.schedule.is_due(rest, self.held.load(Ordering::Relaxed), after) {
            return false;
        }
        let begun = std::time::Instant::now();
        match self.write(connection) {
            Ok(rows) => {
                let took_ms = begun.elapsed().as_millis();
                tracing::debug!(rows, took_ms, "the file of the estate is written");
                self.held.store(rows, Ordering::Relaxed);
                self.after.store(0, Ordering::Relaxed);
                self.failed.store(0, Ordering::Relaxed);
                true
            }
            Err(error) => {
                let path = self.path.display();
                tracing::warn!(%path, %error, "the file of the estate is not written: opening reads more rows");
                self.failed.store(after, Ordering::Relaxed);
                false
            }
        }
    }
}

/// A text that no other file has.
fn token() -> String {
    let random = || RandomState::new().hash_one((SystemTime::now(), std::process::id()));
    format!("{:016x}{:016x}", random(), random())
}

/// The renaming is on the disk too.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A file that ends with an error rather than take the last of the disk.
struct Watched<'a> {
    file: File,
    /// Bytes since the last look.
    unseen: u64,
    reserve: Reserve,
    folder: &'a Path,
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.unseen >= LOOK_BYTES {
            self.unseen = 0;
            self.reserve.check(self.folder).map_err(io::Error::other)?;
        }
        let written = self.file.write(bytes)?;
        self.unseen += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Watched<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::{FileSchedule, Rest};

    #[test]
    fn a_few_rows_are_read_rather_than_written() {
        let schedule = FileSchedule::default();
        for rest in [Rest::Busy, Rest::Idle, Rest::Close] {
            assert!(!schedule.is_due(rest, 0, 9_999), "{rest:?}");
        }
        assert!(!schedule.is_due(Rest::Close, 0, 0));
    }

    #[test]
    fn a_share_of_the_file_is_waited_for() {
        let schedule = FileSchedule::default();
        assert!(!schedule.is_due(Rest::Idle, 200_000, 19_999));
        assert!(schedule.is_due(Rest::Idle, 200_000, 20_000));
        assert!(schedule.is_due(Rest::Close, 200_000, 10_000));
        assert!(!schedule.is_due(Rest::Close, 10_000_000, 99_999));
        assert!(schedule.is_due(Rest::Close, 10_000_000, 100_000));
        // Of an estate however large, so many rows take long enough to read.
        assert!(schedule.is_due(Rest::Idle, 100_000_000, 1_000_000));
    }

    /// A first load, in which the log is folded again and again, writes no more than twice its rows.
    #[test]
    fn a_long_load_waits_little_for_the_file() {
        let schedule = FileSchedule::default();
        for step in [70_000, 300_000, 2_500_000] {
            let (mut held, mut after, mut written) = (0, 0, 0_u64);
            for load in (0..100_000_000_u64).step_by(step) {
                after += step as u64;
                if schedule.is_due(Rest::Busy, held, after) {
                    (held, after) = (held + after, 0);
                    written += held;
                }
                assert!(written <= 2 * (load + step as u64), "{written} rows of {load}");
            }
            assert!(held >= 50_000_000, "after a kill at the end {held} rows are in the file");
        }
    }
}
