//! The `Topology` seam with a clock around each read.

use std::sync::Arc;

use async_trait::async_trait;
use model::decision::WaitingRetirement;
use model::entity::EntityId;
use model::error::StoreResult;
use model::fact::{
    DanglingFact, EntityMatch, EntityPage, EstateFacts, OpenReferenceFact, SchemaReport,
    TopologyComparison, TopologyFacts, TopologyQuery,
};
use model::input::Completeness;
use model::resolution::{HeldRetirement, Known, Lookup, Sequence, TopologyWrite, WriteOutcome};
use model::seam::{ReadContext, Topology, Version};
use model::time::Micros;

use super::Recorder;

const STORE: &str = "topology";

/// A topology whose reads are noted.
pub(super) struct TimedTopology {
    inner: Arc<dyn Topology>,
    recorder: Arc<Recorder>,
}

impl TimedTopology {
    pub(super) fn new(inner: &Arc<dyn Topology>, recorder: &Arc<Recorder>) -> Self {
        Self { inner: Arc::clone(inner), recorder: Arc::clone(recorder) }
    }
}

#[async_trait]
impl Topology for TimedTopology {
    // What writes is no part of an answer and goes through as it is.

    async fn known(&self, lookup: Lookup) -> StoreResult<Known> {
        self.inner.known(lookup).await
    }

    async fn covered(&self, source: &str, of: &Completeness) -> StoreResult<Vec<EntityId>> {
        self.inner.covered(source, of).await
    }

    async fn held(&self, source: &str, of: &Completeness) -> StoreResult<Vec<HeldRetirement>> {
        self.inner.held(source, of).await
    }

    async fn held_waiting(&self) -> StoreResult<Vec<WaitingRetirement>> {
        self.recorder.timed(STORE, "held_waiting", self.inner.held_waiting()).await
    }

    async fn write(&self, write: TopologyWrite) -> StoreResult<WriteOutcome> {
        self.inner.write(write).await
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        self.inner.sequences().await
    }

    async fn version(&self) -> StoreResult<Version> {
        self.recorder.timed(STORE, "version", self.inner.version()).await
    }

    async fn topology(
        &self,
        ctx: &ReadContext,
        query: TopologyQuery,
    ) -> StoreResult<TopologyFacts> {
        self.recorder.timed(STORE, "topology", self.inner.topology(ctx, query)).await
    }

    async fn estate(&self, ctx: &ReadContext) -> StoreResult<EstateFacts> {
        self.recorder.timed(STORE, "estate", self.inner.estate(ctx)).await
    }

    async fn topology_comparison(
        &self,
        ctx: &ReadContext,
        query: TopologyQuery,
        before: Micros,
    ) -> StoreResult<TopologyComparison> {
        let work = self.inner.topology_comparison(ctx, query, before);
        self.recorder.timed(STORE, "topology_comparison", work).await
    }

    async fn entity(&self, ctx: &ReadContext, name: &str, limit: usize) -> StoreResult<EntityPage> {
        self.recorder.timed(STORE, "entity", self.inner.entity(ctx, name, limit)).await
    }

    async fn search(
        &self,
        ctx: &ReadContext,
        text: &str,
        limit: usize,
    ) -> StoreResult<Vec<EntityMatch>> {
        self.recorder.timed(STORE, "search", self.inner.search(ctx, text, limit)).await
    }

    async fn open_references(
        &self,
        ctx: &ReadContext,
        limit: usize,
    ) -> StoreResult<(Vec<OpenReferenceFact>, u64)> {
        let work = self.inner.open_references(ctx, limit);
        self.recorder.timed(STORE, "open_references", work).await
    }

    async fn schema(&self, ctx: &ReadContext) -> StoreResult<Option<SchemaReport>> {
        self.recorder.timed(STORE, "schema", self.inner.schema(ctx)).await
    }

    async fn unknown_ids(
        &self,
        ctx: &ReadContext,
        ids: Vec<String>,
    ) -> StoreResult<Option<Vec<String>>> {
        self.recorder.timed(STORE, "unknown_ids", self.inner.unknown_ids(ctx, ids)).await
    }

    async fn dangling(
        &self,
        ctx: &ReadContext,
        limit: usize,
    ) -> StoreResult<Option<(Vec<DanglingFact>, u64)>> {
        self.recorder.timed(STORE, "dangling", self.inner.dangling(ctx, limit)).await
    }
}
