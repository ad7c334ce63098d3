//! How often something may be done: by an address, an account, a token.

use std::time::Duration;

use async_trait::async_trait;

use crate::error::StoreResult;

/// So many at once, and after that one every so often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many at once; at least 1.
    pub burst: u32,
    /// Time in which one more is earned.
    pub every: Duration,
}

/// Whether it may be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is counted.
    Admitted,
    /// Not before this time is over; it is not counted.
    Refused {
        /// How long to wait.
        retry_after: Duration,
    },
}

/// Counts what is done under each key, by the generic cell rate algorithm (ITU-T I.371, annex A):
/// never more than `burst` and one per `every` in any stretch of time.
#[async_trait]
pub trait RateLimit: Send + Sync {
    /// Asks to do it once more under this key.
    async fn admit(&self, key: &str, rate: Rate) -> StoreResult<Admission>;
}
