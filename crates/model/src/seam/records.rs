//! What people and the program decide, and the ledger of what came in. Never cached, in every backup.

use async_trait::async_trait;

use super::Version;
use crate::decision::{Decision, NewDecision, RuleSet};
use crate::error::{Reject, StoreResult};
use crate::input::{InputRecord, IntakeEntry};
use crate::time::Micros;

/// Transactional records.
#[async_trait]
pub trait Records: Send + Sync {
    /// A new number in the ledger for an input that begins; `run` groups the inputs of one command.
    async fn intake_begin(&self, run: &str, input: &InputRecord) -> StoreResult<u64>;
    /// What became of it so far, with new rejects (at most 1,000 an input are kept, all are counted).
    async fn intake_progress(&self, entry: &IntakeEntry, rejects: &[Reject]) -> StoreResult<()>;
    /// Whether these bytes were finished before under the same source and observation time.
    async fn intake_known(&self, input: &InputRecord) -> StoreResult<bool>;
    /// The ledger, newest first, below `before` when given.
    async fn intake_list(&self, before: Option<u64>, limit: usize)
    -> StoreResult<Vec<IntakeEntry>>;
    /// One line with its rejects, in order of place.
    async fn intake_entry(&self, id: u64) -> StoreResult<(IntakeEntry, Vec<Reject>)>;
    /// A named value that the program keeps (`demonstration`, `scenario_seed`).
    async fn setting(&self, name: &str) -> StoreResult<Option<String>>;
    /// Keeps a named value.
    async fn setting_put(&self, name: &str, value: &str) -> StoreResult<()>;
    /// Version of decisions and rules together.
    async fn decisions_version(&self) -> StoreResult<Version>;
    /// Every decision ever made, undone ones too, in order of number.
    async fn decisions(&self) -> StoreResult<Vec<Decision>>;
    /// Keeps a decision; gives it with its number.
    async fn decision_put(&self, decision: &NewDecision) -> StoreResult<Decision>;
    /// The rules in force; `None` when none were ever put.
    async fn rules(&self) -> StoreResult<Option<RuleSet>>;
    /// Puts a new version of the rules in force.
    async fn rules_put(&self, text: &str, author: &str, at: Micros) -> StoreResult<RuleSet>;
}
