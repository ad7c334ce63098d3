//! The database file: opened with its bounds, migrated, served by one writer and several readers, and
//! closed with a checkpoint.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use duckdb::{Config, Connection, Transaction};
use model::error::StoreResult;
use model::scope::OrgScope;
use model::seam::ReadContext;
use model::workload::{WorkloadRecorder, WorkloadStatement};
use tokio_util::sync::CancellationToken;

use crate::error::{Failure, Outcome, store_error};
use crate::folder::Folder;
use crate::migration::{MIGRATIONS, migrate};
use crate::reader::Readers;
use crate::topology::FileSchedule;
use crate::writer::{AtRest, CheckpointSchedule, Reserve, Writer};

/// How long a read for the program's own needs may take.
pub const OWN_READ_TIME: Duration = Duration::from_secs(60);

/// How a store is opened. Every bound has a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The data folder.
    pub folder: PathBuf,
    /// Memory for DuckDB's buffers, in bytes.
    pub memory_limit_bytes: u64,
    /// Threads that one statement may use.
    pub threads: usize,
    /// Reader threads.
    pub readers: usize,
    /// Reads that may wait for a reader.
    pub read_queue: usize,
    /// Writes that may wait for the writer.
    pub write_queue: usize,
    /// Where sorts and joins spill to; within the data folder when not given.
    pub temp_directory: Option<PathBuf>,
    /// What must stay free on the disk.
    pub reserve: Reserve,
    /// When the log is folded into the file.
    pub checkpoint: CheckpointSchedule,
    /// When the folded estate is written into its file.
    pub estate_file: FileSchedule,
}

impl Options {
    /// The defaults for a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            folder: folder.into(),
            memory_limit_bytes: 2 << 30,
            threads,
            readers: 4,
            read_queue: 256,
            write_queue: 8,
            temp_directory: None,
            reserve: Reserve::default(),
            checkpoint: CheckpointSchedule::default(),
            estate_file: FileSchedule::default(),
        }
    }
}

/// An open database.
#[derive(Debug)]
pub struct Database {
    writer: Writer,
    readers: Readers,
    recorder: Arc<WorkloadRecorder>,
    file: PathBuf,
    // Last, so that the lock goes when every connection is closed.
    folder: Folder,
}

impl Database {
    /// Opens or creates the folder and its database; gives a connection for what is read at opening.
    ///
    /// # Errors
    /// `Locked` when another process owns the folder, `Incompatible` when it is of a newer program.
    pub fn open(options: &Options) -> StoreResult<(Self, Connection)> {
        let folder = Folder::open(&options.folder)?;
        let file = folder.database();
        let fail = |failure| store_error("open the database", &options.folder, failure);
        let mut connection = connect(&file, options).map_err(fail)?;
        migrate(&mut connection, MIGRATIONS).map_err(fail)?;
        let opening = connection.try_clone().map_err(|error| fail(Failure::from(error)))?;
        let readers = (0..options.readers.max(1))
            .map(|_| connection.try_clone())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| fail(Failure::from(error)))?;
        let recorder = Arc::new(WorkloadRecorder::new("embedded"));
        let readers = Readers::start(readers, options.read_queue, &options.folder, &recorder)?;
        let writer = Writer::start(
            connection,
            &file,
            options.write_queue,
            options.reserve,
            options.checkpoint,
            Arc::clone(&recorder),
        )?;
        Ok((Self { writer, readers, recorder, file, folder }, opening))
    }

    /// Runs `work` in one transaction on the writer's thread. It goes on when the caller leaves.
    ///
    /// # Errors
    /// `Full` below the reserve; whatever `work` fails with, and then nothing is written.
    pub async fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Outcome<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.writer.write(operation, work, |done| done).await
    }

    /// The same; when it is committed, `after` runs with its result before the next write begins.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub async fn write_then<P: 'static, T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Outcome<P> + Send + 'static,
        after: impl FnOnce(P) -> T + Send + 'static,
    ) -> StoreResult<T> {
        self.writer.write(operation, work, after).await
    }

    /// Runs `work` on a reader's connection; stops its statement when the caller leaves, cancels or
    /// the deadline passes.
    ///
    /// # Errors
    /// `Timeout`, `Cancelled`, or whatever `work` fails with.
    pub async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        ctx: &ReadContext,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.readers.read(operation, ctx, work).await
    }

    /// The same for the program's own needs, which have no caller's deadline.
    ///
    /// # Errors
    /// Whatever `work` fails with, or `Timeout` after [`OWN_READ_TIME`].
    pub async fn read_own<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> StoreResult<T> {
        let ctx = ReadContext {
            as_of: None,
            org_scope: OrgScope::Everything,
            deadline: Instant::now() + OWN_READ_TIME,
            cancel: CancellationToken::new(),
        };
        self.read(operation, &ctx, work).await
    }

    /// Says what is done on the writer's thread while it rests; only the first is heard.
    pub fn at_rest(&self, what: Box<dyn AtRest>) {
        self.writer.at_rest(what);
    }

    /// How many writes have run since the opening, and how many of them a checkpoint holds.
    pub fn write_progress(&self) -> (u64, u64) {
        self.writer.progress()
    }

    /// What ran since the last time, in order of name.
    pub fn workload_take(&self) -> Vec<WorkloadStatement> {
        self.recorder.take()
    }

    /// Reads that run now.
    pub fn running_reads(&self) -> usize {
        self.readers.running()
    }

    /// The data folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The database file.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Readers first, so that the last checkpoint meets no transaction.
        self.readers.stop();
        self.writer.stop();
    }
}

/// A connection with this program's bounds; nothing is ever loaded from elsewhere.
pub fn connect(file: &Path, options: &Options) -> Outcome<Connection> {
    let temp = options
        .temp_directory
        .clone()
        .unwrap_or_else(|| options.folder.join("spill"))
        .display()
        .to_string();
    let config = Config::default()
        .enable_autoload_extension(false)?
        .with("autoinstall_known_extensions", "false")?
        .with("temp_directory", temp)?
        .with("preserve_insertion_order", "true")?
        .max_memory(&format!("{}MiB", (options.memory_limit_bytes >> 20).max(64)))?
        .threads(i64::try_from(options.threads.max(1)).unwrap_or(1))?;
    let connection = Connection::open_with_flags(file, config)?;
    // The writer folds the log when it is idle; DuckDB must not do it in the middle of a commit.
    connection.execute_batch("SET checkpoint_threshold = '1TB'")?;
    // Both bake the values that a table held into a plan. Statements are prepared once and run again
    // after writes, and then such a plan gives wrong values: a bill's `focus` came back as `j`.
    connection.execute_batch(
        "SET disabled_optimizers = 'compressed_materialization,statistics_propagation'",
    )?;
    Ok(connection)
}
