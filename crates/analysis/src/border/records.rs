//! The `Records` seam held to a viewer's part: decisions about what is in it, and nothing of the ledger.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use model::decision::{Decision, DecisionTarget, NewDecision, RuleSet};
use model::error::{Reject, StoreError, StoreResult};
use model::fact::TopologyQuery;
use model::input::{InputRecord, IntakeEntry};
use model::seam::{ReadContext, Records, Topology, Version};
use model::time::Micros;

use crate::ask::AskContext;

/// Records that end at the border.
pub(super) struct BorderedRecords {
    inner: Arc<dyn Records>,
    topology: Arc<dyn Topology>,
    read: ReadContext,
}

impl BorderedRecords {
    /// With a topology that ends at the border.
    pub(super) fn new(within: &AskContext) -> Self {
        Self {
            inner: Arc::clone(&within.records),
            topology: Arc::clone(&within.topology),
            read: within.read(None),
        }
    }

    /// Of canonical ids, those in the viewer's part, what has ended too.
    async fn inside(&self, ids: BTreeSet<String>) -> StoreResult<BTreeSet<String>> {
        if ids.is_empty() {
            return Ok(ids);
        }
        let query = TopologyQuery {
            limit: ids.len(),
            roots: ids.into_iter().collect(),
            with_ended: true,
            ..TopologyQuery::default()
        };
        let facts = self.topology.topology(&self.read, query).await?;
        Ok(facts.entities.into_iter().map(|one| one.id).collect())
    }
}

#[async_trait]
impl Records for BorderedRecords {
    // Writing is no part of a question.

    async fn intake_begin(&self, run: &str, input: &InputRecord) -> StoreResult<u64> {
        self.inner.intake_begin(run, input).await
    }

    async fn intake_progress(&self, entry: &IntakeEntry, rejects: &[Reject]) -> StoreResult<()> {
        self.inner.intake_progress(entry, rejects).await
    }

    async fn intake_known(&self, input: &InputRecord) -> StoreResult<bool> {
        self.inner.intake_known(input).await
    }

    async fn intake_list(
        &self,
        _before: Option<u64>,
        _limit: usize,
    ) -> StoreResult<Vec<IntakeEntry>> {
        Ok(Vec::new())
    }

    async fn intake_entry(&self, id: u64) -> StoreResult<(IntakeEntry, Vec<Reject>)> {
        Err(StoreError::NotFound { what: format!("input {id}") })
    }

    async fn setting(&self, name: &str) -> StoreResult<Option<String>> {
        self.inner.setting(name).await
    }

    async fn setting_put(&self, name: &str, value: &str) -> StoreResult<()> {
        self.inner.setting_put(name, value).await
    }

    async fn decisions_version(&self) -> StoreResult<Version> {
        self.inner.decisions_version().await
    }

    /// A decision about an entity is known to who sees the entity; one about a finding is read by its
    /// own text, by who has that; retirements and deliveries are of the whole estate.
    async fn decisions(&self) -> StoreResult<Vec<Decision>> {
        let mut all = self.inner.decisions().await?;
        let about = all.iter().filter_map(|one| one.target.entity().map(str::to_owned)).collect();
        let inside = self.inside(about).await?;
        all.retain(|one| match one.target.entity() {
            Some(entity) => inside.contains(entity),
            None => matches!(one.target, DecisionTarget::Finding(_)),
        });
        Ok(all)
    }

    async fn decision_put(&self, decision: &NewDecision) -> StoreResult<Decision> {
        self.inner.decision_put(decision).await
    }

    /// Whole: they say what relations mean, and a question shows none of them.
    async fn rules(&self) -> StoreResult<Option<RuleSet>> {
        self.inner.rules().await
    }

    async fn rules_put(&self, text: &str, author: &str, at: Micros) -> StoreResult<RuleSet> {
        self.inner.rules_put(text, author, at).await
    }
}
