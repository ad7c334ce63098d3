//! What goes wrong inside a transaction, and the one place where the driver's errors become the
//! seam's.

use model::error::StoreError;
use neo4j::Neo4jError;

use super::options::Neo4jOptions;

/// Name of this store in errors.
pub const STORE: &str = "Neo4j";

/// What work in a transaction may fail with.
#[derive(Debug)]
pub enum Failure {
    /// The driver's word: the transaction is gone.
    Driver(Box<Neo4jError>),
    /// Our own: the transaction is rolled back.
    Store(StoreError),
}

impl From<Neo4jError> for Failure {
    fn from(error: Neo4jError) -> Self {
        Self::Driver(Box::new(error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The result of work in a transaction.
pub type Outcome<T> = Result<T, Failure>;

/// A value or document in the graph that this program did not write so.
pub fn unreadable(what: &str, reason: impl std::fmt::Display) -> Failure {
    Failure::Store(StoreError::Internal {
        operation: format!("read {what} from Neo4j"),
        reason: reason.to_string(),
    })
}

/// A store that cannot be used now, with what to do.
pub fn unavailable(reason: impl Into<String>) -> StoreError {
    StoreError::Unavailable { store: STORE.to_owned(), since: None, reason: reason.into() }
}

/// Whether the same transaction may succeed when it is tried again. A commit whose reply was lost is
/// tried again too: every write looks first whether its sequence is known.
pub fn can_pass(error: &Neo4jError) -> bool {
    let is_lost = matches!(error, Neo4jError::Disconnect { during_commit: true, .. });
    error.is_retryable() || is_lost
}

/// Whether an error says that the server is away.
pub fn is_away(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable { .. })
}

/// Maps what a transaction failed with.
pub fn store_error(operation: &str, options: &Neo4jOptions, error: &Neo4jError) -> StoreError {
    let internal =
        |reason: String| StoreError::Internal { operation: operation.to_owned(), reason };
    match error {
        Neo4jError::Disconnect { message, source, .. } => {
            let cause = source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
            unavailable(format!(
                "no answer from {}: {message}{cause}; start the server there or correct the address",
                options.url
            ))
        }
        Neo4jError::Timeout { .. } => StoreError::Exhausted {
            store: STORE.to_owned(),
            resource: "connections".to_owned(),
            limit: options.connections.to_string(),
        },
        Neo4jError::ServerError { error, .. } => server_error(operation, options, error),
        other => internal(other.to_string()),
    }
}

fn server_error(
    operation: &str,
    options: &Neo4jOptions,
    error: &neo4j::error::ServerError,
) -> StoreError {
    let has = |part: &str| error.code.contains(part);
    if has("Security.AuthenticationRateLimit") {
        return unavailable(format!(
            "{} refuses the user {} for a while after too many wrong passwords; correct the password",
            options.url, options.user
        ));
    }
    if has("Security.CredentialsExpired") {
        return unavailable(format!(
            "the password of {} at {} must be changed first: ALTER CURRENT USER SET PASSWORD",
            options.user, options.url
        ));
    }
    if has("Security.Unauthorized") {
        return unavailable(format!(
            "{} refuses the user {}; correct the user or the password",
            options.url, options.user
        ));
    }
    if has("Security.Forbidden") {
        return unavailable(format!(
            "the user {} lacks a privilege: {}; the program needs to read, write, and create indexes \
             and constraints",
            options.user, error.message
        ));
    }
    if has("Database.DatabaseNotFound") {
        return unavailable(format!(
            "there is no database {} at {}; Community has only `neo4j`",
            options.database, options.url
        ));
    }
    if has("TransactionTimedOut") || has("Transaction.Terminated") {
        return StoreError::Timeout { store: STORE.to_owned() };
    }
    if has("OutOfMemory") {
        return StoreError::Exhausted {
            store: STORE.to_owned(),
            resource: "transaction memory".to_owned(),
            limit: "dbms.memory.transaction.total.max".to_owned(),
        };
    }
    if error.code.starts_with("Neo.TransientError") {
        return unavailable(format!("{}: {}; it is tried again", error.code, error.message));
    }
    StoreError::Internal {
        operation: operation.to_owned(),
        reason: format!("{}: {}", error.code, error.message),
    }
}
