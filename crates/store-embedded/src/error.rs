//! What goes wrong inside a statement, and the one place where the driver's errors become the
//! seam's.

use std::path::Path;

use model::StoreError;

/// The name of this store in errors.
pub const STORE: &str = "embedded store";

/// What a closure over a connection may fail with.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The driver's word.
    #[error(transparent)]
    Driver(#[from] duckdb::Error),
    /// Our own.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value in a row is not what this program writes.
    #[error("{0}")]
    Row(String),
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Row(format!("a stored document cannot be read: {error}"))
    }
}

impl From<arrow::error::ArrowError> for Failure {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Row(format!("a column cannot be built: {error}"))
    }
}

/// The result of a closure over a connection.
pub type Outcome<T> = Result<T, Failure>;

/// Maps what a statement failed with. DuckDB gives one code for everything, so its text decides.
pub fn store_error(operation: &str, folder: &Path, failure: Failure) -> StoreError {
    let error = match failure {
        Failure::Store(error) => return error,
        Failure::Row(reason) => {
            return StoreError::Internal { operation: operation.to_owned(), reason };
        }
        Failure::Driver(error) => error,
    };
    let text = error.to_string();
    let lower = text.to_lowercase();
    let has = |part: &str| lower.contains(part);
    if has("interrupt") {
        return StoreError::Cancelled;
    }
    if has("no space left") || has("disk full") {
        let free = fs4::available_space(folder).unwrap_or(0);
        return StoreError::Full { path: folder.to_owned(), free };
    }
    if has("out of memory") || has("failed to allocate") {
        return StoreError::Exhausted {
            store: STORE.to_owned(),
            resource: "memory".to_owned(),
            limit: "memory_limit".to_owned(),
        };
    }
    if has("could not set lock on file") || has("conflicting lock") {
        return StoreError::Locked { holder: "another process".to_owned() };
    }
    if has("has been invalidated") || has("database has been closed") {
        return StoreError::Unavailable {
            store: STORE.to_owned(),
            since: None,
            reason: "a checkpoint failed, so the database must be opened anew".to_owned(),
        };
    }
    if has("database file with version number") || has("storage version") {
        return StoreError::Incompatible {
            found: text,
            supported: "files of the linked DuckDB".to_owned(),
        };
    }
    StoreError::Internal { operation: operation.to_owned(), reason: text }
}

/// An error of the file system.
pub fn io_error(operation: &str, path: &Path, error: &std::io::Error) -> StoreError {
    if error.kind() == std::io::ErrorKind::StorageFull {
        let free = fs4::available_space(path).unwrap_or(0);
        return StoreError::Full { path: path.to_owned(), free };
    }
    StoreError::Internal {
        operation: format!("{operation} {}", path.display()),
        reason: error.to_string(),
    }
}
