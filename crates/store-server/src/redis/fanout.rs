//! Commit notices over Redis' publish and subscribe, on a connection of its own. Nothing is kept there
//! for who does not listen, so each replica numbers its notices: a number that is missing, and every
//! new subscription, is a gap.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use backon::{BackoffBuilder, ExponentialBuilder};
use futures::StreamExt;
use model::StoreError;
use model::commit::Committed;
use model::error::StoreResult;
use model::seam::{Fanout, Heard, Listener};
use redis::{RedisError, RedisResult};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{interval, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::{Redis, error};

/// Notices that a listener may lag behind; then it hears a gap.
const NOTICES_MAX: usize = 1_024;
/// Between two looks whether the subscription lives, and whether something is owed to the others.
const LOOK: Duration = Duration::from_secs(5);
/// Longest wait for a subscription, and for a sign of its life.
const PATIENCE: Duration = Duration::from_secs(3);
/// First and longest pause before the next subscription is tried.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What is published.
#[derive(Debug, Serialize, Deserialize)]
struct Message {
    /// Which replica.
    replica: String,
    /// Rises by one with each of its messages since it started.
    number: u64,
    /// None: notices were lost.
    committed: Option<Committed>,
}

/// The subscription; it ends when this is dropped.
#[derive(Debug)]
pub struct FanoutTask {
    _task: AbortOnDropHandle<()>,
}

struct Shared {
    redis: Arc<Redis>,
    replica: String,
    number: AtomicU64,
    /// Something could not be published.
    is_owing: AtomicBool,
    heard: broadcast::Sender<Heard>,
}

pub(super) struct RedisFanout {
    shared: Arc<Shared>,
}

impl RedisFanout {
    pub fn start(redis: Arc<Redis>, replica: &str) -> (Self, FanoutTask) {
        let shared = Arc::new(Shared {
            redis,
            replica: replica.to_owned(),
            number: AtomicU64::new(0),
            is_owing: AtomicBool::new(false),
            heard: broadcast::channel(NOTICES_MAX).0,
        });
        let task = tokio::spawn(Arc::clone(&shared).run());
        (Self { shared }, FanoutTask { _task: AbortOnDropHandle::new(task) })
    }
}

#[async_trait]
impl Fanout for RedisFanout {
    async fn publish(&self, notice: &Committed) -> StoreResult<()> {
        self.shared.publish(Some(notice.clone())).await
    }

    fn skip(&self) {
        self.shared.is_owing.store(true, Ordering::SeqCst);
    }

    fn listen(&self) -> Box<dyn Listener> {
        Box::new(RedisListener { heard: self.shared.heard.subscribe() })
    }
}

struct RedisListener {
    heard: broadcast::Receiver<Heard>,
}

#[async_trait]
impl Listener for RedisListener {
    async fn next(&mut self) -> Heard {
        match self.heard.recv().await {
            Ok(heard) => heard,
            Err(RecvError::Lagged(_)) => Heard::Gap,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl Shared {
    fn channel(&self) -> String {
        format!("{}:committed", self.redis.options.prefix)
    }

    async fn publish(&self, committed: Option<Committed>) -> StoreResult<()> {
        let number = self.number.fetch_add(1, Ordering::SeqCst) + 1;
        let message = Message { replica: self.replica.clone(), number, committed };
        let text = serde_json::to_string(&message).map_err(|error| StoreError::Internal {
            operation: "write a commit notice".to_owned(),
            reason: error.to_string(),
        })?;
        let mut cmd = redis::cmd("PUBLISH");
        cmd.arg(self.channel()).arg(text);
        let published = self.redis.run::<u64>("fan-out", &cmd).await;
        if published.is_err() {
            self.is_owing.store(true, Ordering::SeqCst);
        }
        published.map(|_replicas| ())
    }

    /// Subscribes, over and over.
    async fn run(self: Arc<Self>) {
        let pauses = || {
            let pauses = ExponentialBuilder::default().with_min_delay(PAUSE_MIN).with_jitter();
            pauses.with_max_delay(PAUSE_MAX).without_max_times().build()
        };
        let mut pause = pauses();
        loop {
            let Err(error) = self.follow(|| pause = pauses()).await else { continue };
            tracing::debug!(%error, "the subscription to other replicas is lost");
            tokio::time::sleep(pause.next().unwrap_or(PAUSE_MAX)).await;
        }
    }

    /// One subscription until it is lost. `subscribed` is called once it stands.
    async fn follow(&self, subscribed: impl FnOnce()) -> Result<(), StoreError> {
        let pubsub = waited(self.redis.client.get_async_pubsub()).await?;
        let (mut sink, mut stream) = pubsub.split();
        waited(sink.subscribe(self.channel())).await?;
        subscribed();
        // What was told before is missed.
        self.tell(Heard::Gap);
        let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
        let mut look = interval(LOOK);
        look.reset();
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    Some(message) => self.hear(message.get_payload_bytes(), &mut numbers),
                    None => return Err(error::store_error_from(&RedisError::from((
                        redis::ErrorKind::Io,
                        "the connection was closed",
                    )))),
                },
                _ = look.tick() => {
                    waited(sink.ping::<redis::Value>()).await?;
                    if self.is_owing.swap(false, Ordering::SeqCst) {
                        // Owed again where that fails.
                        let _later = self.publish(None).await;
                    }
                }
            }
        }
    }

    fn hear(&self, payload: &[u8], numbers: &mut BTreeMap<String, u64>) {
        let Ok(message) = serde_json::from_slice::<Message>(payload) else {
            // Of another version of the program: something happened.
            return self.tell(Heard::Gap);
        };
        if message.replica == self.replica {
            return;
        }
        let last = numbers.insert(message.replica, message.number);
        if last.is_some_and(|last| last + 1 != message.number) {
            self.tell(Heard::Gap);
        }
        self.tell(message.committed.map_or(Heard::Gap, Heard::Committed));
    }

    fn tell(&self, heard: Heard) {
        // Nobody need listen.
        let _unheard = self.heard.send(heard);
    }
}

async fn waited<T>(work: impl Future<Output = RedisResult<T>>) -> Result<T, StoreError> {
    match timeout(PATIENCE, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(error::store_error_from(&error)),
        Err(_elapsed) => Err(StoreError::Timeout { store: error::STORE.to_owned() }),
    }
}
