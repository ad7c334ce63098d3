//! What may vanish at any time: bytes under keys that hold the versions of everything they came from.

use std::time::Duration;

use async_trait::async_trait;

use crate::error::StoreResult;

/// A cache that several replicas may share. Nobody may need it for an answer.
#[async_trait]
pub trait Cache: Send + Sync {
    /// The bytes under a key, unless they were forgotten.
    async fn get(&self, key: &str) -> StoreResult<Option<Vec<u8>>>;
    /// Keeps bytes under a key for at most this long, in place of those before.
    async fn put(&self, key: &str, bytes: &[u8], keep: Duration) -> StoreResult<()>;
}
