//! One input on its way in: its line in the ledger, what was counted, what it reported.

use model::Reject;
use model::error::StoreResult;
use model::input::{InputRecord, IntakeEntry};
use model::resolution::WriteOutcome;
use model::seam::Records;
use roaring::RoaringTreemap;

use crate::outcome::Counts;

/// Rejects kept of one input; all are counted.
const REJECTS_MAX: usize = 1_000;

/// An input that has begun.
pub(crate) struct InputState {
    id: u64,
    run: String,
    record: InputRecord,
    pub counts: Counts,
    /// Internal ids of the entities its records are about.
    pub reported: RoaringTreemap,
    /// Whether the same bytes were taken in before: nothing is done.
    pub is_known: bool,
    rejects_kept: usize,
}

impl InputState {
    /// Begins an input in the ledger.
    pub async fn begin(
        records: &dyn Records,
        run: &str,
        record: &InputRecord,
    ) -> StoreResult<Self> {
        let is_known = records.intake_known(record).await?;
        Ok(Self {
            id: records.intake_begin(run, record).await?,
            run: run.to_owned(),
            record: record.clone(),
            counts: Counts::default(),
            reported: RoaringTreemap::new(),
            is_known,
            rejects_kept: 0,
        })
    }

    /// The line as it stands.
    pub fn entry(&self, is_finished: bool) -> IntakeEntry {
        IntakeEntry {
            id: self.id,
            run: self.run.clone(),
            input: self.record.clone(),
            outcome: self.counts.outcome(self.is_known),
            is_finished,
        }
    }

    /// Writes the line, with the rejects of one batch and of what came too late.
    pub async fn progress(
        &mut self,
        records: &dyn Records,
        mut rejects: Vec<Reject>,
        outcome: &WriteOutcome,
        is_finished: bool,
    ) -> StoreResult<IntakeEntry> {
        rejects.extend(outcome.too_late.iter().map(|(what, count)| Reject {
            source: self.record.name.clone(),
            location: what.clone(),
            reason:
                "too late: the raw rows of their bucket are gone; raise the retention".to_owned(),
            count: *count,
        }));
        rejects.truncate(REJECTS_MAX.saturating_sub(self.rejects_kept));
        self.rejects_kept += rejects.len();
        let entry = self.entry(is_finished);
        records.intake_progress(&entry, &rejects).await?;
        Ok(entry)
    }
}
