//! The `Topology` seam held to a viewer's part, whatever a question asks of it.

use std::sync::Arc;

use async_trait::async_trait;
use model::entity::EntityId;
use model::error::StoreResult;
use model::fact::{
    EntityMatch, EntityPage, EstateFacts, OpenReferenceFact, TopologyComparison, TopologyFacts,
    TopologyQuery,
};
use model::input::Completeness;
use model::resolution::{Known, Lookup, Sequence, TopologyWrite, WriteOutcome};
use model::scope::OrgScope;
use model::seam::{ReadContext, Topology, Version};
use model::time::Micros;

/// A topology that ends at the border.
pub(super) struct BorderedTopology {
    inner: Arc<dyn Topology>,
    scope: OrgScope,
}

impl BorderedTopology {
    pub(super) fn new(inner: &Arc<dyn Topology>, scope: &OrgScope) -> Self {
        Self { inner: Arc::clone(inner), scope: scope.clone() }
    }

    fn held(&self, ctx: &ReadContext) -> ReadContext {
        ReadContext { org_scope: self.scope.clone(), ..ctx.clone() }
    }
}

#[async_trait]
impl Topology for BorderedTopology {
    // Writing is no part of a question. What waits for a decision and what validation reads is of the
    // whole estate: the seam's own "nothing" stands for it.

    async fn known(&self, lookup: Lookup) -> StoreResult<Known> {
        self.inner.known(lookup).await
    }

    async fn covered(&self, source: &str, of: &Completeness) -> StoreResult<Vec<EntityId>> {
        self.inner.covered(source, of).await
    }

    async fn write(&self, write: TopologyWrite) -> StoreResult<WriteOutcome> {
        self.inner.write(write).await
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        self.inner.sequences().await
    }

    async fn version(&self) -> StoreResult<Version> {
        self.inner.version().await
    }

    async fn topology(
        &self,
        ctx: &ReadContext,
        query: TopologyQuery,
    ) -> StoreResult<TopologyFacts> {
        self.inner.topology(&self.held(ctx), query).await
    }

    async fn estate(&self, ctx: &ReadContext) -> StoreResult<EstateFacts> {
        self.inner.estate(&self.held(ctx)).await
    }

    async fn topology_comparison(
        &self,
        ctx: &ReadContext,
        query: TopologyQuery,
        before: Micros,
    ) -> StoreResult<TopologyComparison> {
        self.inner.topology_comparison(&self.held(ctx), query, before).await
    }

    async fn entity(&self, ctx: &ReadContext, name: &str, limit: usize) -> StoreResult<EntityPage> {
        self.inner.entity(&self.held(ctx), name, limit).await
    }

    async fn search(
        &self,
        ctx: &ReadContext,
        text: &str,
        limit: usize,
    ) -> StoreResult<Vec<EntityMatch>> {
        self.inner.search(&self.held(ctx), text, limit).await
    }

    /// None: what a reference names may be another unit's, and whose it would be nobody knows.
    async fn open_references(
        &self,
        _ctx: &ReadContext,
        _limit: usize,
    ) -> StoreResult<(Vec<OpenReferenceFact>, u64)> {
        Ok((Vec::new(), 0))
    }
}
