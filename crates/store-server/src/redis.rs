//! What replicas share in Redis: cached answers, sessions, rates, commit notices. Never needed for an answer:
//! whoever asks is told quickly that it is away and goes on without it; it is reached again by itself.

mod cache;
mod error;
mod fanout;
mod rate_limit;
mod sessions;
mod statistics;

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::StoreError;
use model::error::StoreResult;
use model::seam::{Cache, Fanout, RateLimit, Sessions};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, RedisFuture};

use crate::breaker::Breaker;
use cache::RedisCache;
use fanout::RedisFanout;
use rate_limit::RedisRateLimit;
use sessions::RedisSessions;
use statistics::Figures;

pub use fanout::FanoutTask;
pub use statistics::{RedisOperation, RedisStatistics};

/// Failures in a row after which Redis is left alone for a while.
const FAILURES_MAX: u32 = 2;
/// The first and the longest while.
const ALONE_MIN: Duration = Duration::from_millis(500);
const ALONE_MAX: Duration = Duration::from_secs(15);

/// How Redis is used.
#[derive(Debug, Clone)]
pub struct RedisOptions {
    /// `redis://user:password@host:6379/0`, or `rediss` for an encrypted connection.
    pub url: String,
    /// What every key and channel begins with: estates that share a Redis stay apart by it.
    pub prefix: String,
    /// Longest wait for a connection.
    pub connection_timeout: Duration,
    /// Longest wait for an answer.
    pub response_timeout: Duration,
}

impl RedisOptions {
    /// The defaults for an address.
    pub fn new(url: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            prefix: prefix.into(),
            connection_timeout: Duration::from_millis(500),
            response_timeout: Duration::from_millis(250),
        }
    }
}

/// A Redis.
pub struct Redis {
    client: Client,
    commands: ConnectionManager,
    options: RedisOptions,
    breaker: Breaker,
    figures: Figures,
}

impl Redis {
    /// Makes ready; the first command connects. Must be called within a runtime.
    ///
    /// # Errors
    /// `Unavailable` when the address cannot be understood.
    pub fn open(options: RedisOptions) -> StoreResult<Arc<Self>> {
        let wrong = |error: redis::RedisError| StoreError::Unavailable {
            store: error::STORE.to_owned(),
            since: None,
            reason: format!("the address is wrong: {error}"),
        };
        let client = Client::open(options.url.as_str()).map_err(wrong)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(200))
            .set_connection_timeout(Some(options.connection_timeout))
            .set_response_timeout(Some(options.response_timeout));
        let commands =
            ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(wrong)?;
        let breaker = Breaker::new(FAILURES_MAX, ALONE_MIN, ALONE_MAX);
        let figures = Figures::default();
        Ok(Arc::new(Self { client, commands, options, breaker, figures }))
    }

    /// Bytes that replicas share, those of the same `part`: what only some of them hold is not the
    /// others' concern.
    pub fn cache(self: &Arc<Self>, part: &str) -> Arc<dyn Cache> {
        Arc::new(RedisCache::new(Arc::clone(self), part))
    }

    /// Rates that replicas count together; while Redis is away, `own` counts those of this one.
    pub fn rate_limit(self: &Arc<Self>, own: Arc<dyn RateLimit>) -> Arc<dyn RateLimit> {
        Arc::new(RedisRateLimit::new(Arc::clone(self), own))
    }

    /// Sessions that replicas share. They may be kept where nothing is evicted only: ask
    /// [`Redis::is_evicting`] first.
    pub fn sessions(self: &Arc<Self>) -> Arc<dyn Sessions> {
        Arc::new(RedisSessions::new(Arc::clone(self)))
    }

    /// Whether keys may go before their time: there is a bound of memory and a policy that evicts.
    ///
    /// # Errors
    /// `Unavailable` or `Timeout` with the reason.
    pub async fn is_evicting(&self) -> StoreResult<bool> {
        let mut cmd = redis::cmd("INFO");
        cmd.arg("memory");
        let text: String = self.run("memory", &cmd).await?;
        let of = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name));
        let is_bounded = of("maxmemory:").is_some_and(|bytes| bytes != "0");
        Ok(is_bounded && of("maxmemory_policy:") != Some("noeviction"))
    }

    /// The fan-out of a replica with this name, which no other has; it listens until the task is
    /// dropped.
    pub fn fanout(self: &Arc<Self>, replica: &str) -> (Arc<dyn Fanout>, FanoutTask) {
        let (fanout, task) = RedisFanout::start(Arc::clone(self), replica);
        (Arc::new(fanout), task)
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// `Unavailable` or `Timeout` with the reason.
    pub async fn ping(&self) -> StoreResult<()> {
        self.run::<String>("ping", &redis::cmd("PING")).await.map(|_pong| ())
    }

    /// What was asked of it.
    pub fn statistics(&self) -> RedisStatistics {
        self.figures.all(self.breaker.is_open())
    }

    fn key(&self, kind: &str, key: &str) -> String {
        format!("{}:{kind}:{key}", self.options.prefix)
    }

    async fn run<T: FromRedisValue>(&self, operation: &'static str, cmd: &Cmd) -> StoreResult<T> {
        let mut commands = self.commands.clone();
        let work: RedisFuture<'_, redis::Value> =
            Box::pin(async move { cmd.query_async(&mut commands).await });
        self.guarded(operation, work).await
    }

    /// One operation: not at all while Redis is left alone, counted, its outcome told to the breaker.
    async fn guarded<T: FromRedisValue>(
        &self,
        operation: &'static str,
        work: RedisFuture<'_, redis::Value>,
    ) -> StoreResult<T> {
        let begun = Instant::now();
        self.breaker.admit(begun).map_err(|_wait| error::left_alone())?;
        let bound = self.options.connection_timeout + self.options.response_timeout;
        let outcome = match tokio::time::timeout(bound, work).await {
            Ok(Ok(value)) => T::from_redis_value(value).map_err(|error| error::unread(&error)),
            Ok(Err(error)) => Err(error::store_error_from(&error)),
            Err(_elapsed) => Err(StoreError::Timeout { store: error::STORE.to_owned() }),
        };
        self.figures.ran(operation, begun.elapsed(), outcome.as_ref().err());
        match &outcome {
            Err(StoreError::Unavailable { .. } | StoreError::Timeout { .. }) => {
                self.breaker.failed(Instant::now());
            }
            _ => self.breaker.succeeded(),
        }
        outcome
    }
}
