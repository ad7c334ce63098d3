//! Bytes that replicas share.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::error::StoreResult;
use model::seam::Cache;

use super::Redis;

/// Answers of different versions of the program are apart.
const ANSWERS: &str = concat!("answer-", env!("CARGO_PKG_VERSION"));

pub(super) struct RedisCache {
    redis: Arc<Redis>,
    kind: String,
}

impl RedisCache {
    pub fn new(redis: Arc<Redis>, part: &str) -> Self {
        Self { redis, kind: format!("{ANSWERS}:{part}") }
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn get(&self, key: &str) -> StoreResult<Option<Vec<u8>>> {
        let mut cmd = redis::cmd("GET");
        cmd.arg(self.redis.key(&self.kind, key));
        self.redis.run("cache get", &cmd).await
    }

    async fn put(&self, key: &str, bytes: &[u8], keep: Duration) -> StoreResult<()> {
        let milliseconds = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut cmd = redis::cmd("SET");
        cmd.arg(self.redis.key(&self.kind, key)).arg(bytes).arg("PX").arg(milliseconds);
        self.redis.run("cache put", &cmd).await
    }
}
