//! Work on the whole graph as a job: what tells two jobs apart, how far one is, and which earlier answer
//! may be given until it is done. Who runs it, and where its state is kept, is the program's affair.

use std::sync::{Arc, Mutex, PoisonError};

use model::envelope::{AnswerSource, Warning};
use model::time::Micros;

use crate::answer::answered;
use crate::ask::AskContext;
use crate::cache::Answered;
use crate::question::AnyQuestion;

/// What is being done, as it goes on, and what must be said beside the answer whatever the question.
#[derive(Debug, Default)]
pub struct Progress {
    stage: Mutex<String>,
    notes: Mutex<Vec<Warning>>,
}

impl Progress {
    /// Says what is done from now on.
    pub fn begin(&self, stage: &str) {
        let mut now = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        now.clear();
        now.push_str(stage);
    }

    /// Says something beside the answer.
    pub(crate) fn note(&self, note: Warning) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    /// What was said, in order, each once; nothing is left.
    pub(crate) fn take_notes(&self) -> Vec<Warning> {
        let mut notes =
            std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner));
        notes.sort();
        notes.dedup();
        notes
    }

    /// What is being done; empty before anything is.
    pub fn stage(&self) -> String {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What tells two jobs apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobKey {
    /// Equal while question, parameters, org scope and versions are: one job does for all who ask.
    pub work: String,
    /// The same, whatever the versions.
    pub lasting: String,
    /// Key of the answer in the cache.
    pub(crate) exact: String,
    /// Whether the caller asks for an instant, which no answer of another one may stand in for.
    pub(crate) is_pinned: bool,
    /// Oldest answer that may stand in, in seconds, where the caller says so.
    pub(crate) max_stale: Option<u64>,
}

/// How a job begins.
#[derive(Debug)]
pub enum JobStart {
    /// By its key.
    Key(JobKey),
    /// Not at all: a store does not say what it holds, and this answer stands in, marked as stale.
    Earlier(Arc<Answered>),
}

/// The answer, where the cache holds it: nothing need be done.
pub async fn at_hand(key: &JobKey, ctx: &AskContext) -> Option<Arc<Answered>> {
    ctx.cache.as_ref()?.find(&key.exact).await
}

/// An answer of earlier that may be given while the job goes on: marked as `cached`, with its own instant,
/// never in place of one that was asked for. `held` is one that the program still has.
pub async fn earlier(
    question: &dyn AnyQuestion,
    key: &JobKey,
    held: Option<Arc<Answered>>,
    ctx: &AskContext,
) -> Option<Arc<Answered>> {
    if key.is_pinned || key.max_stale == Some(0) {
        return None;
    }
    let mut envelope = match held {
        Some(held) => held.envelope.clone(),
        None => ctx.last_good.as_ref()?.find(&key.lasting).await?.envelope,
    };
    let age = Micros::of(ctx.now).0.saturating_sub(Micros::of(envelope.as_of).0);
    let wanted =
        key.max_stale.and_then(|secs| i64::try_from(secs).ok()?.checked_mul(Micros::SECOND));
    if age > question.stale_max().min(wanted.unwrap_or(i64::MAX)) {
        return None;
    }
    envelope.source = AnswerSource::Cached;
    let message =
        format!("this is the answer of {}; a newer one is being worked out", envelope.as_of);
    envelope.warnings.push(Warning::new("cached", message));
    let exact = format!("{}-{}-cached", key.lasting, envelope.as_of);
    answered(envelope, exact).ok().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_what_was_begun_last() {
        let progress = Progress::default();
        assert_eq!(progress.stage(), "");
        progress.begin("reading");
        progress.begin("closing");
        assert_eq!(progress.stage(), "closing");
    }
}
