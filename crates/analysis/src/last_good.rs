//! The last good answers, kept so that a question still has an answer while a store is down.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use model::envelope::Envelope;

use crate::cache::Answered;

/// An answer of earlier, and when it was true.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptAnswer {
    /// The answer as it was given.
    pub envelope: Envelope,
    /// When it was computed.
    pub at: Timestamp,
}

/// Keeps the newest good answer of each question, parameters and org scope, in bounded space. It
/// may forget at any time.
#[async_trait]
pub trait LastGood: Send + Sync {
    /// Keeps an answer computed at `at` in place of the one before it; errors are its own affair.
    async fn keep(&self, key: &str, answered: Arc<Answered>, at: Timestamp);
    /// The answer kept under this key, if any.
    async fn find(&self, key: &str) -> Option<KeptAnswer>;
}
