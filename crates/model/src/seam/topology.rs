//! Entities, relations and aliases with their history.

use async_trait::async_trait;

use super::{ReadContext, Version};
use crate::archive::TakeWrite;
use crate::decision::WaitingRetirement;
use crate::entity::EntityId;
use crate::error::{StoreError, StoreResult};
use crate::fact::{
    DanglingFact, EntityMatch, EntityPage, EstateFacts, OpenReferenceFact, SchemaReport,
    TopologyComparison, TopologyFacts, TopologyQuery,
};
use crate::input::Completeness;
use crate::resolution::{HeldRetirement, Known, Lookup, Sequence, TopologyWrite, WriteOutcome};

/// The graph of the estate.
#[async_trait]
pub trait Topology: Send + Sync {
    // Writing, by `intake` only.

    /// What the store knows about keys.
    async fn known(&self, lookup: Lookup) -> StoreResult<Known>;
    /// Entities that `source` still reports and that `completeness` covers, in order of id.
    async fn covered(
        &self,
        source: &str,
        completeness: &Completeness,
    ) -> StoreResult<Vec<EntityId>>;
    /// Retirements that are held for the same source and completeness, oldest first, without entities
    /// that were observed since: a second complete export that agrees confirms them.
    async fn held(
        &self,
        _source: &str,
        _completeness: &Completeness,
    ) -> StoreResult<Vec<HeldRetirement>> {
        Ok(Vec::new())
    }
    /// Every retirement that waits for a decision, oldest first.
    async fn held_waiting(&self) -> StoreResult<Vec<WaitingRetirement>> {
        Ok(Vec::new())
    }
    /// Applies one batch in one transaction. A sequence that is known changes nothing.
    async fn write(&self, write: TopologyWrite) -> StoreResult<WriteOutcome>;
    /// The last sequence applied, by journal.
    async fn sequences(&self) -> StoreResult<Vec<Sequence>>;

    /// Gives writes that make an empty store this one, in order; for copies.
    async fn writes(&self, _take: TakeWrite) -> StoreResult<()> {
        Err(StoreError::Internal {
            operation: "read every write".to_owned(),
            reason: "this store does not tell".to_owned(),
        })
    }

    // Reading.

    /// Version in force.
    async fn version(&self) -> StoreResult<Version>;
    /// Facts of the `topology` question.
    async fn topology(&self, ctx: &ReadContext, query: TopologyQuery)
    -> StoreResult<TopologyFacts>;
    /// Facts of the questions about the whole graph: everything in force at the instant.
    async fn estate(&self, ctx: &ReadContext) -> StoreResult<EstateFacts>;
    /// What differs between two instants, within the same query.
    async fn topology_comparison(
        &self,
        ctx: &ReadContext,
        query: TopologyQuery,
        before: crate::time::Micros,
    ) -> StoreResult<TopologyComparison>;
    /// One entity by canonical id, alias or unique name, with its neighbours both ways.
    /// `StoreError::NotFound` when nothing has that name.
    async fn entity(&self, ctx: &ReadContext, name: &str, limit: usize) -> StoreResult<EntityPage>;
    /// Entities whose name, id, alias or label holds `text`, best first.
    async fn search(
        &self,
        ctx: &ReadContext,
        text: &str,
        limit: usize,
    ) -> StoreResult<Vec<EntityMatch>>;
    /// References that lead to nothing or to several things, in order of source and label.
    async fn open_references(
        &self,
        ctx: &ReadContext,
        limit: usize,
    ) -> StoreResult<(Vec<OpenReferenceFact>, u64)>;

    // Facts of `validation`; `None` when the store does not tell.

    /// The schema of the topology against what this program expects.
    async fn schema(&self, _ctx: &ReadContext) -> StoreResult<Option<SchemaReport>> {
        Ok(None)
    }
    /// Which of these canonical ids no entity has or had, in the order given.
    async fn unknown_ids(
        &self,
        _ctx: &ReadContext,
        _ids: Vec<String>,
    ) -> StoreResult<Option<Vec<String>>> {
        Ok(None)
    }
    /// Relations with an end that no entity is, in order of kind and ends, and how many there are.
    async fn dangling(
        &self,
        _ctx: &ReadContext,
        _limit: usize,
    ) -> StoreResult<Option<(Vec<DanglingFact>, u64)>> {
        Ok(None)
    }
}
