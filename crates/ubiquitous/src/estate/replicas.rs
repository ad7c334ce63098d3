//! What replicas share where `redis_url` names a Redis: cached answers and commit notices. Without
//! one, and while it is away, each does these for itself.

use std::sync::Arc;

use model::commit::Committed;
use model::error::StoreResult;
use model::seam::{Cache, Fanout, Listener, Records};
use model::{Micros, StoreError};
use store_embedded::ProcessBus;
use store_server::redis::{FanoutTask, Redis, RedisOptions};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::task::AbortOnDropHandle;

use super::Stores;
use crate::configuration::Configuration;

/// Setting under which an estate keeps what tells it apart from others.
const ESTATE: &str = "estate_id";

/// The shared parts.
pub struct Replicas {
    redis: Option<Arc<Redis>>,
    cache: Option<Arc<dyn Cache>>,
    fanout: Arc<dyn Fanout>,
    _listening: Option<FanoutTask>,
    _telling: Option<AbortOnDropHandle<()>>,
}

impl Replicas {
    /// Makes ready; a Redis that is away is no error.
    ///
    /// # Errors
    /// When its address cannot be understood, or the records do not say which estate this is.
    pub async fn open(
        configuration: &Configuration,
        stores: &Stores,
        journal: &str,
        notices: broadcast::Receiver<Committed>,
    ) -> StoreResult<Self> {
        let url = configuration.text("redis_url");
        if url.is_empty() {
            return Ok(Self::alone());
        }
        let prefix = format!("ubiquitous:{}", estate_id(&*stores.records).await?);
        let redis = Redis::open(RedisOptions::new(url, prefix))?;
        if let Err(error) = redis.ping().await {
            tracing::warn!(%error, "answers come without it until it is there");
        }
        let replica = format!("{journal}-{}", random()?);
        let (fanout, listening) = redis.fanout(&replica);
        let telling = tokio::spawn(tell(notices, Arc::clone(&fanout)));
        // Answers about what is in this folder alone are nobody else's.
        let part = stores.embedded().map_or("servers", |_| journal);
        Ok(Self {
            cache: Some(redis.cache(part)),
            redis: Some(redis),
            fanout,
            _listening: Some(listening),
            _telling: Some(AbortOnDropHandle::new(telling)),
        })
    }

    /// Without others.
    pub fn alone() -> Self {
        Self {
            redis: None,
            cache: None,
            fanout: ProcessBus::default().replica("alone"),
            _listening: None,
            _telling: None,
        }
    }

    /// What the other replicas commit from now on.
    pub fn listen(&self) -> Box<dyn Listener> {
        self.fanout.listen()
    }

    /// The second level of the answer cache.
    pub fn cache(&self) -> Option<Arc<dyn Cache>> {
        self.cache.clone()
    }

    /// The Redis, where there is one.
    pub fn redis(&self) -> Option<&Arc<Redis>> {
        self.redis.as_ref()
    }
}

/// Tells the other replicas what this one commits.
async fn tell(mut notices: broadcast::Receiver<Committed>, fanout: Arc<dyn Fanout>) {
    loop {
        let told = match notices.recv().await {
            Ok(notice) => fanout.publish(&notice).await,
            Err(RecvError::Lagged(_)) => {
                fanout.skip();
                Ok(())
            }
            Err(RecvError::Closed) => return,
        };
        if let Err(error) = told {
            tracing::debug!(%error, "the other replicas will ask again");
        }
    }
}

/// What tells this estate apart from others in the same Redis: kept with the records, made at first.
async fn estate_id(records: &dyn Records) -> StoreResult<String> {
    if let Some(known) = records.setting(ESTATE).await? {
        return Ok(known);
    }
    records.setting_put(ESTATE, &random()?).await?;
    // Of two replicas that begin at once one wins; the other may share from its next start on only.
    let now = Micros::of(jiff::Timestamp::now()).0;
    Ok(records.setting(ESTATE).await?.unwrap_or_else(|| now.to_string()))
}

fn random() -> StoreResult<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Internal {
        operation: "draw a random number".to_owned(),
        reason: error.to_string(),
    })?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}
