//! Validation of the estate: one run at a time, its result and the history in the records, and the
//! schedule while the program serves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use analysis::Viewer;
use analysis::validation::{ValidationAnswer, ValidationPast, ValidationReport, tables, validate};
use model::StoreError;
use model::error::StoreResult;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::Estate;

/// Names under which the newest result and the history are kept.
const LATEST: &str = "validation_latest";
const HISTORY: &str = "validation_history";
/// Results that the history keeps.
const HISTORY_MAX: usize = 500;
/// Longest time of one validation.
const DEADLINE: Duration = Duration::from_secs(300);
/// Time after the start before the first validation: what was acknowledged is applied first.
const START_DELAY: Duration = Duration::from_secs(60);

impl Estate {
    /// Validates the estate, and keeps the result. A second caller waits for the first, then validates
    /// itself.
    ///
    /// # Errors
    /// When the result cannot be kept.
    pub async fn validate(&self, cancel: CancellationToken) -> StoreResult<ValidationReport> {
        let _one_at_a_time = self.validating.lock().await;
        let mut ctx = self.ask_context(Viewer::default(), cancel);
        ctx.deadline = Instant::now() + DEADLINE;
        let report = validate(&ctx).await;
        let mut history = self.validation_history().await?;
        history.push(report.past());
        let surplus = history.len().saturating_sub(HISTORY_MAX);
        history.drain(..surplus);
        self.kept_put(LATEST, &report).await?;
        self.kept_put(HISTORY, &history).await?;
        Ok(report)
    }

    /// The newest result with the history.
    ///
    /// # Errors
    /// As any read.
    pub async fn validation(&self) -> StoreResult<ValidationAnswer> {
        let latest: Option<ValidationReport> = self.kept(LATEST).await?;
        Ok(ValidationAnswer {
            tables: latest.as_ref().map(tables).unwrap_or_default(),
            latest,
            history: self.validation_history().await?,
            schedule_minutes: (self.validation_minutes > 0).then_some(self.validation_minutes),
        })
    }

    async fn validation_history(&self) -> StoreResult<Vec<ValidationPast>> {
        Ok(self.kept(HISTORY).await?.unwrap_or_default())
    }

    /// What is kept under a name; what another version wrote in another form is as none.
    pub(super) async fn kept<T: DeserializeOwned>(&self, name: &str) -> StoreResult<Option<T>> {
        let text = self.records().setting(name).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    pub(super) async fn kept_put<T: Serialize>(&self, name: &str, value: &T) -> StoreResult<()> {
        let text = serde_json::to_string(value).map_err(|error| StoreError::Internal {
            operation: format!("write {name}"),
            reason: error.to_string(),
        })?;
        self.records().setting_put(name, &text).await
    }
}

/// Validates again and again until `stop`; a result that is younger than the interval is waited out.
pub async fn schedule(estate: Arc<Estate>, stop: CancellationToken) {
    if estate.validation_minutes == 0 {
        return;
    }
    let interval = Duration::from_secs(estate.validation_minutes * 60);
    let mut wait = START_DELAY.max(due_in(&estate, interval).await);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let run = estate.validate(stop.child_token());
        tokio::select! {
            () = stop.cancelled() => return,
            done = run => if let Err(error) = done {
                tracing::warn!(%error, "the validation's result was not kept");
            }
        }
        wait = interval;
    }
}

/// Time until the newest result is an interval old.
async fn due_in(estate: &Estate, interval: Duration) -> Duration {
    let history = estate.validation_history().await.unwrap_or_default();
    let Some(last) = history.last() else { return Duration::ZERO };
    let age = jiff::Timestamp::now().as_second().saturating_sub(last.at.as_second());
    interval.saturating_sub(Duration::from_secs(u64::try_from(age).unwrap_or(0)))
}
