//! Redis' errors as those of a store; the one place that knows them.

use model::StoreError;
use redis::{ErrorKind, ParsingError, RedisError, ServerErrorKind};

/// What it is called in messages.
pub(super) const STORE: &str = "redis";

/// One error, with what to do where that is known.
pub(super) fn store_error_from(error: &RedisError) -> StoreError {
    if error.is_timeout() {
        return StoreError::Timeout { store: STORE.to_owned() };
    }
    let advice = match error.kind() {
        ErrorKind::AuthenticationFailed => "; check user and password in `redis_url`",
        ErrorKind::Server(ServerErrorKind::NoPerm) => {
            "; the user in `redis_url` lacks a right (deploy/redis/roles.sh makes one that has them)"
        }
        ErrorKind::Server(ServerErrorKind::BusyLoading) => "; it is still loading its data",
        _ => match error.code() {
            Some("NOAUTH" | "WRONGPASS") => "; check user and password in `redis_url`",
            Some("OOM") => {
                return StoreError::Exhausted {
                    store: STORE.to_owned(),
                    resource: "memory".to_owned(),
                    limit: "maxmemory; let it evict, or give it more".to_owned(),
                };
            }
            _ => "",
        },
    };
    away(format!("{error}{advice}"))
}

/// A reply of another shape than the command gives.
pub(super) fn unread(error: &ParsingError) -> StoreError {
    StoreError::Internal { operation: "read Redis' reply".to_owned(), reason: error.to_string() }
}

/// It failed several times.
pub(super) fn left_alone() -> StoreError {
    away(
        "it failed several times and is left alone for a moment; it is asked again by itself"
            .into(),
    )
}

fn away(reason: String) -> StoreError {
    StoreError::Unavailable { store: STORE.to_owned(), since: None, reason }
}
