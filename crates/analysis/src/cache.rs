//! Answers that are still true, under keys that hold the versions of everything they were computed
//! from. Equal questions that arrive together are computed once. An optimisation only.

use std::future::Future;
use std::sync::Arc;

use model::envelope::Envelope;
use moka::future::Cache;

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

/// A cache of answers, bounded by bytes; the least used go first.
pub struct AnswerCache {
    answers: Cache<String, Arc<Answered>>,
}

impl AnswerCache {
    /// A cache that holds about this many bytes.
    pub fn new(bytes: u64) -> Self {
        let weigh = |key: &String, answered: &Arc<Answered>| {
            let bytes = key.len() + answered.json.len().saturating_mul(TREE_FACTOR);
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self { answers: Cache::builder().max_capacity(bytes).weigher(weigh).build() }
    }

    /// The answer under `key`, computed by `compute` unless it is there or being computed.
    pub(crate) async fn get_or(
        &self,
        key: String,
        compute: impl Future<Output = Result<Arc<Answered>, AskError>>,
    ) -> Result<Arc<Answered>, Arc<AskError>> {
        self.answers.try_get_with(key, compute).await
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
