//! The `Telemetry` seam with a clock around each read. Typed records are read through `records`, which
//! notes them.

use std::sync::Arc;

use async_trait::async_trait;
use model::decision::{DeliveryChoice, DeliveryKey};
use model::entity::EntityId;
use model::error::StoreResult;
use model::fact::{
    BillFact, CadenceFact, CallFact, CallOutcomeFact, CallSeriesFact, CallSeriesQuery, CostItemRow,
    CostQuery, CostRow, DataPresence, DurationSeriesFact, EventFact, RecordFact, RecordQuery,
    RollupFact, RootFact, RootSeriesFact, SchemaReport, SeriesConditionFact, SeriesFact,
    SeriesQuery, SignalFact, SignalQuery, TelemetrySubjectFact, TraceFact, TraceIds, TraceQuery,
    UsageCostQuery, UsageCostRow,
};
use model::resolution::{Sequence, TelemetryWrite, WriteOutcome};
use model::seam::{DataKind, ReadContext, Telemetry, Version};
use model::span::SpanObservation;
use model::time::{Micros, Window};

use super::Recorder;

const STORE: &str = "telemetry";

/// A telemetry store whose reads are noted.
pub(super) struct TimedTelemetry {
    inner: Arc<dyn Telemetry>,
    recorder: Arc<Recorder>,
}

impl TimedTelemetry {
    pub(super) fn new(inner: &Arc<dyn Telemetry>, recorder: &Arc<Recorder>) -> Self {
        Self { inner: Arc::clone(inner), recorder: Arc::clone(recorder) }
    }
}

#[async_trait]
impl Telemetry for TimedTelemetry {
    async fn write(&self, write: TelemetryWrite) -> StoreResult<WriteOutcome> {
        self.inner.write(write).await
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        self.inner.sequences().await
    }

    async fn trace_spans(&self, traces: &[[u8; 16]]) -> StoreResult<Vec<SpanObservation>> {
        self.inner.trace_spans(traces).await
    }

    async fn delivery_choose(
        &self,
        delivery: &DeliveryKey,
        choice: Option<DeliveryChoice>,
    ) -> StoreResult<()> {
        self.inner.delivery_choose(delivery, choice).await
    }

    async fn version(&self, kind: DataKind) -> StoreResult<Version> {
        let work = self.inner.version(kind);
        self.recorder.timed(STORE, "version", work).await
    }

    async fn presence(&self, ctx: &ReadContext) -> StoreResult<Vec<DataPresence>> {
        let work = self.inner.presence(ctx);
        self.recorder.timed(STORE, "presence", work).await
    }

    async fn signals(&self, ctx: &ReadContext, query: SignalQuery) -> StoreResult<Vec<SignalFact>> {
        let work = self.inner.signals(ctx, query);
        self.recorder.timed(STORE, "signals", work).await
    }

    async fn series(&self, ctx: &ReadContext, query: SeriesQuery) -> StoreResult<Vec<SeriesFact>> {
        let work = self.inner.series(ctx, query);
        self.recorder.timed(STORE, "series", work).await
    }

    async fn duration_series(
        &self,
        ctx: &ReadContext,
        query: SeriesQuery,
    ) -> StoreResult<Vec<DurationSeriesFact>> {
        let work = self.inner.duration_series(ctx, query);
        self.recorder.timed(STORE, "duration_series", work).await
    }

    async fn cost(&self, ctx: &ReadContext, query: CostQuery) -> StoreResult<Vec<CostRow>> {
        let work = self.inner.cost(ctx, query);
        self.recorder.timed(STORE, "cost", work).await
    }

    async fn cost_items(
        &self,
        ctx: &ReadContext,
        query: CostQuery,
    ) -> StoreResult<Vec<CostItemRow>> {
        let work = self.inner.cost_items(ctx, query);
        self.recorder.timed(STORE, "cost_items", work).await
    }

    async fn usage_cost(
        &self,
        ctx: &ReadContext,
        query: UsageCostQuery,
    ) -> StoreResult<Vec<UsageCostRow>> {
        let work = self.inner.usage_cost(ctx, query);
        self.recorder.timed(STORE, "usage_cost", work).await
    }

    async fn bills(&self, ctx: &ReadContext) -> StoreResult<Vec<BillFact>> {
        let work = self.inner.bills(ctx);
        self.recorder.timed(STORE, "bills", work).await
    }

    async fn calls(&self, ctx: &ReadContext, window: Window) -> StoreResult<Vec<CallFact>> {
        let work = self.inner.calls(ctx, window);
        self.recorder.timed(STORE, "calls", work).await
    }

    async fn call_series(
        &self,
        ctx: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<CallSeriesFact>> {
        let work = self.inner.call_series(ctx, query);
        self.recorder.timed(STORE, "call_series", work).await
    }

    async fn root_series(
        &self,
        ctx: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<RootSeriesFact>> {
        let work = self.inner.root_series(ctx, query);
        self.recorder.timed(STORE, "root_series", work).await
    }

    async fn call_outcomes(
        &self,
        ctx: &ReadContext,
        window: Window,
    ) -> StoreResult<Vec<CallOutcomeFact>> {
        let work = self.inner.call_outcomes(ctx, window);
        self.recorder.timed(STORE, "call_outcomes", work).await
    }

    async fn roots(&self, ctx: &ReadContext, window: Window) -> StoreResult<Vec<RootFact>> {
        let work = self.inner.roots(ctx, window);
        self.recorder.timed(STORE, "roots", work).await
    }

    async fn trace_ids(&self, ctx: &ReadContext, query: TraceQuery) -> StoreResult<TraceIds> {
        let work = self.inner.trace_ids(ctx, query);
        self.recorder.timed(STORE, "trace_ids", work).await
    }

    async fn traces(&self, ctx: &ReadContext, traces: &[[u8; 16]]) -> StoreResult<Vec<TraceFact>> {
        let work = self.inner.traces(ctx, traces);
        self.recorder.timed(STORE, "traces", work).await
    }

    async fn records(
        &self,
        ctx: &ReadContext,
        query: RecordQuery,
    ) -> StoreResult<Vec<RecordFact<String>>> {
        let work = self.inner.records(ctx, query);
        self.recorder.timed(STORE, "records", work).await
    }

    async fn events(
        &self,
        ctx: &ReadContext,
        entity: EntityId,
        limit: usize,
    ) -> StoreResult<Vec<EventFact>> {
        let work = self.inner.events(ctx, entity, limit);
        self.recorder.timed(STORE, "events", work).await
    }

    async fn schema(&self, ctx: &ReadContext) -> StoreResult<Option<SchemaReport>> {
        let work = self.inner.schema(ctx);
        self.recorder.timed(STORE, "schema", work).await
    }

    async fn series_condition(
        &self,
        ctx: &ReadContext,
        window: Window,
        now: Micros,
        limit: usize,
    ) -> StoreResult<Option<Vec<SeriesConditionFact>>> {
        let work = self.inner.series_condition(ctx, window, now, limit);
        self.recorder.timed(STORE, "series_condition", work).await
    }

    async fn cadence(
        &self,
        ctx: &ReadContext,
        window: Window,
    ) -> StoreResult<Option<Vec<CadenceFact>>> {
        let work = self.inner.cadence(ctx, window);
        self.recorder.timed(STORE, "cadence", work).await
    }

    async fn subjects(&self, ctx: &ReadContext) -> StoreResult<Option<Vec<TelemetrySubjectFact>>> {
        let work = self.inner.subjects(ctx);
        self.recorder.timed(STORE, "subjects", work).await
    }

    async fn rollups(&self, ctx: &ReadContext, window: Window) -> StoreResult<Option<RollupFact>> {
        let work = self.inner.rollups(ctx, window);
        self.recorder.timed(STORE, "rollups", work).await
    }
}
