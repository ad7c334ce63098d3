//! Rates that replicas count together. While Redis is away each replica counts by itself.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::StoreError;
use model::error::StoreResult;
use model::seam::{Admission, Rate, RateLimit};
use redis::{RedisFuture, Script};

use super::Redis;

/// Counts in Redis.
pub(super) struct RedisRateLimit {
    redis: Arc<Redis>,
    script: Script,
    own: Arc<dyn RateLimit>,
}

impl RedisRateLimit {
    pub fn new(redis: Arc<Redis>, own: Arc<dyn RateLimit>) -> Self {
        let script = Script::new(include_str!("rate_limit.lua"));
        Self { redis, script, own }
    }
}

#[async_trait]
impl RateLimit for RedisRateLimit {
    async fn admit(&self, key: &str, rate: Rate) -> StoreResult<Admission> {
        let every = micros(rate.every);
        let leeway = every.saturating_mul(u64::from(rate.burst.saturating_sub(1)));
        let mut call = self.script.key(self.redis.key("rate", key));
        call.arg(every).arg(leeway);
        let mut commands = self.redis.commands.clone();
        let work: RedisFuture<'_, redis::Value> =
            Box::pin(async move { call.invoke_async(&mut commands).await });
        match self.redis.guarded::<u64>("rate limit", work).await {
            Ok(0) => Ok(Admission::Admitted),
            Ok(wait) => Ok(Admission::Refused { retry_after: Duration::from_micros(wait) }),
            Err(
                StoreError::Unavailable { .. }
                | StoreError::Timeout { .. }
                | StoreError::Exhausted { .. },
            ) => self.own.admit(key, rate).await,
            Err(error) => Err(error),
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
