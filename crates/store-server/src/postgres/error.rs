//! What goes wrong inside a statement, and the one place where the driver's errors become the seam's:
//! each says what to do.

use std::error::Error as _;

use model::StoreError;
use tokio_postgres::error::SqlState;

/// The name of this store in errors.
pub const STORE: &str = "PostgreSQL";

/// What work on a connection may fail with.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The driver's word.
    #[error(transparent)]
    Driver(#[from] tokio_postgres::Error),
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

/// The result of work on a connection.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// Whether the same may succeed when it is tried again: nothing was written, or what was written is
    /// known by its sequence.
    pub fn can_pass(&self) -> bool {
        match self {
            Self::Driver(error) => driver_can_pass(error),
            Self::Store(_) | Self::Row(_) => false,
        }
    }
}

/// Whether a driver's error is of a kind that ends by itself.
pub fn driver_can_pass(error: &tokio_postgres::Error) -> bool {
    let Some(code) = error.code() else {
        // Without a code the server did not speak: the connection broke, or a value was refused here.
        return error.is_closed() || is_broken(error);
    };
    [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::CONNECTION_FAILURE,
        SqlState::CONNECTION_DOES_NOT_EXIST,
    ]
    .contains(code)
}

/// Whether an error comes from the network beneath.
fn is_broken(error: &tokio_postgres::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    false
}

/// Maps what work failed with.
pub fn store_error(operation: &str, failure: Failure) -> StoreError {
    match failure {
        Failure::Store(error) => error,
        Failure::Row(reason) => StoreError::Internal { operation: operation.to_owned(), reason },
        Failure::Driver(error) => driver_error(operation, &error),
    }
}

/// `Unavailable`, for this reason.
pub fn unavailable(reason: impl Into<String>) -> StoreError {
    StoreError::Unavailable { store: STORE.to_owned(), since: None, reason: reason.into() }
}

fn driver_error(operation: &str, error: &tokio_postgres::Error) -> StoreError {
    let Some(db) = error.as_db_error() else {
        if driver_can_pass(error) {
            return unavailable(format!(
                "it cannot be reached ({}); check that the server runs and that host and port are right",
                chain(error)
            ));
        }
        return StoreError::Internal { operation: operation.to_owned(), reason: chain(error) };
    };
    let (code, said) = (db.code(), db.message());
    let exhausted = |resource: &str, limit: &str| StoreError::Exhausted {
        store: STORE.to_owned(),
        resource: resource.to_owned(),
        limit: limit.to_owned(),
    };
    match code {
        code if *code == SqlState::QUERY_CANCELED => {
            if said.contains("timeout") {
                StoreError::Timeout { store: STORE.to_owned() }
            } else {
                StoreError::Cancelled
            }
        }
        code if *code == SqlState::INVALID_PASSWORD
            || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION =>
        {
            unavailable(format!(
                "it refuses the login ({said}); check user and password in its address"
            ))
        }
        code if *code == SqlState::INVALID_CATALOG_NAME => {
            unavailable(format!("{said}; create the database, or name another one in its address"))
        }
        code if *code == SqlState::INSUFFICIENT_PRIVILEGE => unavailable(format!(
            "a privilege is missing ({said}); docs/stores/postgres.md has a script that grants what is \
             needed"
        )),
        code if *code == SqlState::READ_ONLY_SQL_TRANSACTION => unavailable(
            "it only reads, as a standby does; add target_session_attrs=read-write to its address",
        ),
        code if *code == SqlState::DISK_FULL => {
            unavailable("its disk is full; make room on the server")
        }
        code if *code == SqlState::TOO_MANY_CONNECTIONS => {
            exhausted("connections", "max_connections of the server")
        }
        code if *code == SqlState::OUT_OF_MEMORY => exhausted("memory", "that of the server"),
        code if *code == SqlState::LOCK_NOT_AVAILABLE => {
            StoreError::Locked { holder: "another session of PostgreSQL".to_owned() }
        }
        _ if driver_can_pass(error) => unavailable(format!("it is not ready ({said})")),
        _ => StoreError::Internal {
            operation: operation.to_owned(),
            reason: format!("{said} ({})", code.code()),
        },
    }
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let next = cause.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = cause.source();
    }
    text
}
