//! The questions behind a report: asked through the answer path, a few at once, each with its own
//! outcome. A part that has no answer takes nothing else with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::absence::Absence;
use model::envelope::{AnswerSource, Envelope, StoreFreshness, Warning};
use model::error::StoreError;
use serde_json::{Map, Value};
use tokio::task::JoinSet;

use super::shape::ReportPart;
use crate::answer::answer_shared;
use crate::ask::{AskContext, AskError};
use crate::border::NOT_NARROWED;
use crate::cache::Answered;
use crate::question::question_of;

/// Questions asked at once; the stores have few readers, and others ask too.
const AT_ONCE: usize = 4;

/// A question to ask under a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Key.
    pub key: String,
    /// Name of the question.
    pub question: &'static str,
    /// Parameters.
    pub params: Map<String, Value>,
}

/// Why a part has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Why.
    pub reason: Absence,
    /// For people.
    pub detail: String,
}

/// The outcome of one question.
#[derive(Debug, Clone)]
pub struct Part {
    /// What was asked.
    pub wanted: Wanted,
    /// The answer, or why there is none.
    pub outcome: Result<Arc<Answered>, Missing>,
}

/// The outcomes by key.
#[derive(Debug, Clone, Default)]
pub struct Parts(BTreeMap<String, Part>);

impl Parts {
    /// Puts one in.
    pub fn put(&mut self, part: Part) {
        self.0.insert(part.wanted.key.clone(), part);
    }

    /// The envelope of a part that has an answer.
    pub fn envelope(&self, key: &str) -> Option<&Envelope> {
        self.0.get(key)?.outcome.as_ref().ok().map(|answered| &answered.envelope)
    }

    /// What stands at a pointer into a part's data; `None` where nothing, or null, stands.
    pub fn at(&self, key: &str, pointer: &str) -> Option<&Value> {
        self.envelope(key)?.data.pointer(pointer).filter(|value| !value.is_null())
    }

    /// A list in a part's data; empty where there is none.
    pub fn list(&self, key: &str, pointer: &str) -> &[Value] {
        self.at(key, pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Why nothing can be said of a part; `None` when it has an answer.
    pub fn missing(&self, key: &str) -> Option<Absence> {
        match self.0.get(key) {
            Some(part) => part.outcome.as_ref().err().map(|missing| missing.reason),
            None => Some(Absence::NotApplicable),
        }
    }

    /// The parts as a report states them, in order of key.
    pub fn stated(&self) -> Vec<ReportPart> {
        self.0.values().map(stated).collect()
    }

    /// Stores of all parts; of each the newest version that was read.
    pub fn stores(&self) -> Vec<StoreFreshness> {
        let mut stores: BTreeMap<&str, &StoreFreshness> = BTreeMap::new();
        let answered = self.0.values().filter_map(|part| part.outcome.as_ref().ok());
        for store in answered.flat_map(|answered| &answered.envelope.stores) {
            let kept = stores.entry(&store.store).or_insert(store);
            if kept.version < store.version {
                *kept = store;
            }
        }
        stores.into_values().cloned().collect()
    }

    /// What a reader must know: parts without an answer, and parts that are stale.
    pub fn warnings(&self) -> Vec<Warning> {
        let said = self.0.values().filter_map(|part| {
            let key = &part.wanted.key;
            match &part.outcome {
                Err(missing) if missing.reason == Absence::NotApplicable => None,
                Err(missing) => {
                    let message = format!("{key} is missing: {}", missing.detail);
                    Some(Warning::new("missing_part", message))
                }
                Ok(answered) if answered.envelope.source == AnswerSource::Stale => {
                    let message = format!("{key} is stale, of {}", answered.envelope.as_of);
                    Some(Warning::new("stale_part", message))
                }
                Ok(_) => None,
            }
        });
        said.collect()
    }
}

fn stated(part: &Part) -> ReportPart {
    let envelope = part.outcome.as_ref().ok().map(|answered| &answered.envelope);
    let missing = part.outcome.as_ref().err();
    let asked = || Value::Object(part.wanted.params.clone());
    ReportPart {
        key: part.wanted.key.clone(),
        question: part.wanted.question.to_owned(),
        params: envelope.map_or_else(asked, |one| one.params.clone()),
        reason: missing.map(|one| one.reason),
        detail: missing.map(|one| one.detail.clone()),
        as_of: envelope.map(|one| one.as_of),
        window: envelope.and_then(|one| one.window),
        source: envelope.map(|one| one.source),
        stores: envelope.map(|one| one.stores.clone()).unwrap_or_default(),
        coverage: envelope.map(|one| one.coverage.clone()).unwrap_or_default(),
        truncated: envelope.map(|one| one.truncated.clone()).unwrap_or_default(),
        warnings: envelope.map(|one| one.warnings.clone()).unwrap_or_default(),
    }
}

/// How long the questions of a report may take.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    /// Each of them.
    pub each: Duration,
    /// What is not answered by then is missing.
    pub end: Instant,
}

impl Time {
    /// Each question may take as long as a question asked by itself, all of them four times that.
    pub fn of(ctx: &AskContext) -> Self {
        let now = Instant::now();
        let each = ctx.deadline.saturating_duration_since(now);
        Self { each, end: now + each * 4 }
    }
}

/// Asks all of them. A wrong parameter and a caller that leaves end the report; everything else is the
/// part's own matter.
///
/// # Errors
/// `AskError::BadParams`, and cancellation.
pub async fn asked(
    parts: &mut Parts,
    wanted: Vec<Wanted>,
    ctx: &AskContext,
    time: Time,
) -> Result<(), AskError> {
    let (wanted, refused): (Vec<_>, Vec<_>) =
        wanted.into_iter().partition(|one| ctx.viewer.may_ask(one.question));
    for wanted in refused {
        let outcome = Err(Missing { reason: Absence::OutOfScope, detail: NOT_NARROWED.to_owned() });
        parts.put(Part { wanted, outcome });
    }
    let mut waiting = wanted.into_iter();
    let mut running: JoinSet<(Wanted, Result<Arc<Answered>, AskError>)> = JoinSet::new();
    loop {
        while running.len() < AT_ONCE
            && let Some(one) = waiting.next()
        {
            let deadline = (Instant::now() + time.each).min(time.end);
            let ctx = AskContext { deadline, ..ctx.clone() };
            running.spawn(async move {
                let outcome = ask_one(&one, &ctx).await;
                (one, outcome)
            });
        }
        // Tasks end with their answer: one that is cut off leaves with the whole report.
        let Some(Ok((wanted, outcome))) = running.join_next().await else { break };
        let outcome = match outcome {
            Ok(answered) => Ok(answered),
            Err(error) => Err(missing_of(error)?),
        };
        parts.put(Part { wanted, outcome });
    }
    Ok(())
}

async fn ask_one(wanted: &Wanted, ctx: &AskContext) -> Result<Arc<Answered>, AskError> {
    let Some(question) = question_of(wanted.question) else {
        return Err(AskError::NotFound { what: wanted.question.to_owned(), nearest: Vec::new() });
    };
    answer_shared(question, Value::Object(wanted.params.clone()), ctx).await
}

fn missing_of(error: AskError) -> Result<Missing, AskError> {
    let detail = error.to_string();
    match error {
        AskError::BadParams { .. } | AskError::Store(StoreError::Cancelled) => Err(error),
        // The unit is known to the report, so what is not found lies outside.
        AskError::NotFound { .. } | AskError::Store(StoreError::NotFound { .. }) => {
            Ok(Missing { reason: Absence::NoData, detail: "nothing is known of it".to_owned() })
        }
        AskError::Store(_) => Ok(Missing { reason: Absence::StoreUnavailable, detail }),
    }
}
