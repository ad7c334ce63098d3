//! Answers that are still true, under keys that hold the versions of everything they were computed
//! from. Equal questions that arrive together are computed once. An optimisation only.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use model::envelope::Envelope;
use model::seam;
use moka::future::Cache;
use tokio::sync::Semaphore;

use crate::ask::AskError;

/// An answer with its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The answer.
    pub envelope: Envelope,
    /// The same as JSON, the bytes every caller of this answer gets.
    pub json: Vec<u8>,
    /// Hash of question, parameters, org scope and versions: equal while the answer is.
    pub key: String,
}

/// How much more room an answer takes as a tree than as JSON text, roughly.
const TREE_FACTOR: usize = 5;

/// Largest answer that is shared with other replicas, in bytes.
const SHARED_BYTES_MAX: usize = 1 << 20;
/// How long a shared answer is kept: its key says whether it is true, not whether anybody asks.
const SHARED_TIME: Duration = Duration::from_secs(15 * 60);
/// Answers that are being shared at once; more are not shared.
const SHARING_MAX: usize = 8;

/// A cache of answers, bounded by bytes; the least used go first. Behind it there may be one that
/// replicas share.
pub struct AnswerCache {
    answers: Cache<String, Arc<Answered>>,
    shared: Option<Arc<dyn seam::Cache>>,
    sharing: Arc<Semaphore>,
}

impl AnswerCache {
    /// A cache that holds about this many bytes.
    pub fn new(bytes: u64) -> Self {
        let weigh = |key: &String, answered: &Arc<Answered>| {
            let bytes = key.len() + answered.json.len().saturating_mul(TREE_FACTOR);
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self {
            answers: Cache::builder().max_capacity(bytes).weigher(weigh).build(),
            shared: None,
            sharing: Arc::new(Semaphore::new(SHARING_MAX)),
        }
    }

    /// The same with a cache behind it that other replicas of the same estate use.
    #[must_use]
    pub fn with_shared(self, shared: Arc<dyn seam::Cache>) -> Self {
        Self { shared: Some(shared), ..self }
    }

    /// The answer under `key`, computed by `compute` unless it is there or being computed.
    pub(crate) async fn get_or(
        &self,
        key: String,
        compute: impl Future<Output = Result<Arc<Answered>, AskError>>,
    ) -> Result<Arc<Answered>, Arc<AskError>> {
        let Some(shared) = &self.shared else {
            return self.answers.try_get_with(key, compute).await;
        };
        let found_or_computed = async {
            if let Some(found) = found(&**shared, &key).await {
                return Ok(Arc::new(found));
            }
            let answered = compute.await?;
            self.share(shared, Arc::clone(&answered));
            Ok(answered)
        };
        self.answers.try_get_with(key.clone(), found_or_computed).await
    }

    /// Gives it to the other replicas, beside the answer, which does not wait for it.
    fn share(&self, shared: &Arc<dyn seam::Cache>, answered: Arc<Answered>) {
        if answered.json.len() > SHARED_BYTES_MAX {
            return;
        }
        let Ok(turn) = Arc::clone(&self.sharing).try_acquire_owned() else { return };
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            // Whoever does not find it computes it.
            let _unshared = shared.put(&answered.key, &answered.json, SHARED_TIME).await;
            drop(turn);
        });
    }

    /// The answer under `key`, if it is there.
    pub async fn find(&self, key: &str) -> Option<Arc<Answered>> {
        self.answers.get(key).await
    }

    /// Keeps an answer under `key`, in place of the one before it.
    pub async fn keep(&self, key: &str, answered: Arc<Answered>) {
        self.answers.insert(key.to_owned(), answered).await;
    }

    /// How many answers it holds and about how many bytes they take.
    pub async fn size(&self) -> (u64, u64) {
        self.answers.run_pending_tasks().await;
        (self.answers.entry_count(), self.answers.weighted_size())
    }
}

/// The answer that another replica has computed, if it is there and can be read.
async fn found(shared: &dyn seam::Cache, key: &str) -> Option<Answered> {
    // One that is away is as good as empty.
    let json = shared.get(key).await.ok()??;
    let envelope = serde_json::from_slice(&json).ok()?;
    Some(Answered { envelope, json, key: key.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use model::StoreError;
    use model::error::StoreResult;
    use serde_json::json;

    use super::*;

    /// A shared cache that can be switched off.
    #[derive(Default)]
    struct Shared {
        kept: Mutex<HashMap<String, Vec<u8>>>,
        is_away: bool,
    }

    #[async_trait]
    impl seam::Cache for Shared {
        async fn get(&self, key: &str) -> StoreResult<Option<Vec<u8>>> {
            match self.is_away {
                true => Err(StoreError::Timeout { store: "shared".into() }),
                false => Ok(self.kept.lock().unwrap().get(key).cloned()),
            }
        }

        async fn put(&self, key: &str, bytes: &[u8], _keep: Duration) -> StoreResult<()> {
            self.kept.lock().unwrap().insert(key.to_owned(), bytes.to_vec());
            Ok(())
        }
    }

    fn answered(key: &str) -> Arc<Answered> {
        let json = json!({
            "question": "topology", "params": {}, "as_of": "2026-01-01T00:00:00Z", "window": null,
            "source": "live", "stores": [], "coverage": {}, "took_ms": 1.5, "truncated": {},
            "warnings": [], "next": null, "data": {"ratio": 0.1, "none": null}, "tables": []
        });
        let envelope = serde_json::from_value(json).unwrap();
        let json = serde_json::to_vec(&envelope).unwrap();
        Arc::new(Answered { envelope, json, key: key.to_owned() })
    }

    #[tokio::test]
    async fn what_one_replica_computed_another_finds() {
        let shared = Arc::new(Shared::default());
        let replica = || AnswerCache::new(1 << 20).with_shared(Arc::clone(&shared) as _);
        let computed = AtomicUsize::new(0);
        let compute = async {
            computed.fetch_add(1, Ordering::Relaxed);
            Ok(answered("k"))
        };
        let first = replica().get_or("k".into(), compute).await.unwrap();
        while shared.kept.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        let never = async { panic!("computed again") };
        let second = replica().get_or("k".into(), never).await.unwrap();
        assert_eq!(first, second);
        assert_eq!(computed.into_inner(), 1);
    }

    #[tokio::test]
    async fn a_shared_cache_that_is_away_or_broken_changes_nothing() {
        let away = Arc::new(Shared { is_away: true, ..Shared::default() });
        let broken = Arc::new(Shared::default());
        broken.kept.lock().unwrap().insert("k".into(), b"{}".to_vec());
        for shared in [away, broken] {
            let cache = AnswerCache::new(1 << 20).with_shared(shared);
            let found = cache.get_or("k".into(), async { Ok(answered("k")) }).await.unwrap();
            assert_eq!(found, answered("k"));
        }
    }
}
