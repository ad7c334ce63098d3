//! Series, samples, spans, edges over time, charges, incidents, changes, findings, values.

use async_trait::async_trait;
use serde::de::DeserializeOwned;

use super::{DataKind, ReadContext, Version};
use crate::decision::{DeliveryChoice, DeliveryKey};
use crate::error::StoreResult;
use crate::event::{ChangeObservation, IncidentObservation};
use crate::fact::{
    BillFact, CadenceFact, CallFact, CallOutcomeFact, CallSeriesFact, CallSeriesQuery, CostItemRow,
    CostQuery, CostRow, DataPresence, DurationSeriesFact, EventFact, RecordFact, RecordKind,
    RecordQuery, RollupFact, RootFact, RootSeriesFact, SchemaReport, SeriesConditionFact,
    SeriesFact, SeriesQuery, SignalFact, SignalQuery, TelemetrySubjectFact, TraceFact, TraceIds,
    TraceQuery, UsageCostQuery, UsageCostRow,
};
use crate::finding::FindingObservation;
use crate::resolution::{Sequence, TelemetryWrite, WriteOutcome};
use crate::span::SpanObservation;
use crate::stated::{StatedKind, StatedObservation};
use crate::time::{Micros, Window};
use crate::value::{BudgetObservation, ValueObservation};

/// What was measured, billed and reported.
#[async_trait]
pub trait Telemetry: Send + Sync {
    // Writing, by `intake` only.

    /// Applies one batch in one transaction. A sequence that is known changes nothing.
    async fn write(&self, write: TelemetryWrite) -> StoreResult<WriteOutcome>;
    /// The last sequence applied, by journal.
    async fn sequences(&self) -> StoreResult<Vec<Sequence>>;
    /// Spans held of these traces, whole, with their peers, by trace and start: what a late span is
    /// paired with. At most 5,000 traces are asked for at once.
    async fn trace_spans(&self, traces: &[[u8; 16]]) -> StoreResult<Vec<SpanObservation>>;

    /// Says what a held delivery does to the one before; `None` takes it back. `NotFound` when no
    /// delivery is that.
    async fn delivery_choose(
        &self,
        delivery: &DeliveryKey,
        choice: Option<DeliveryChoice>,
    ) -> StoreResult<()>;

    // Reading.

    /// Version of one kind of data.
    async fn version(&self, kind: DataKind) -> StoreResult<Version>;
    /// First and last instant and number of rows of each kind of data, in order of kind.
    async fn presence(&self, ctx: &ReadContext) -> StoreResult<Vec<DataPresence>>;
    /// Facts of `system_metrics`: each series of the asked signals, condensed over the window; in
    /// order of subject, signal and series.
    async fn signals(&self, ctx: &ReadContext, query: SignalQuery) -> StoreResult<Vec<SignalFact>>;
    /// Series in buckets of time, from rollups where these serve.
    async fn series(&self, ctx: &ReadContext, query: SeriesQuery) -> StoreResult<Vec<SeriesFact>>;
    /// Durations by bin in the same buckets, of those of the asked series that are single durations or
    /// native histograms; what is kept by the hour only falls into the bucket of the hour's start.
    async fn duration_series(
        &self,
        ctx: &ReadContext,
        query: SeriesQuery,
    ) -> StoreResult<Vec<DurationSeriesFact>>;
    /// Facts of `cost_analysis`: exact sums by the asked dimensions; in order of the dimensions.
    async fn cost(&self, ctx: &ReadContext, query: CostQuery) -> StoreResult<Vec<CostRow>>;
    /// The same with what was consumed, split by whether a charge period is longer than a day and a
    /// half; in order of the dimensions.
    async fn cost_items(
        &self,
        ctx: &ReadContext,
        query: CostQuery,
    ) -> StoreResult<Vec<CostItemRow>>;
    /// Facts of `savings_candidates`: exact sums by resource and kind of usage, in order of these.
    async fn usage_cost(
        &self,
        ctx: &ReadContext,
        query: UsageCostQuery,
    ) -> StoreResult<Vec<UsageCostRow>>;
    /// The deliveries held, which count and which do not and why; newest period first.
    async fn bills(&self, ctx: &ReadContext) -> StoreResult<Vec<BillFact>>;
    /// Calls over the window, one fact for each pair, way, source and scaling; in this order. The facts
    /// of calls, roots and traces are of the whole estate: paths lead through what a viewer may not
    /// see, and the questions hide it.
    async fn calls(&self, ctx: &ReadContext, window: Window) -> StoreResult<Vec<CallFact>>;
    /// Calls in buckets of time, one fact for each pair, way, source and scaling; in this order. Of the
    /// whole estate, as `calls`.
    async fn call_series(
        &self,
        ctx: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<CallSeriesFact>>;
    /// Spans without a parent in buckets of time, of callees as `query.servers` names; by service, kind
    /// and scaling, in this order.
    async fn root_series(
        &self,
        ctx: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<RootSeriesFact>>;
    /// What became of requests in which calls failed, by pair; in this order.
    async fn call_outcomes(
        &self,
        ctx: &ReadContext,
        window: Window,
    ) -> StoreResult<Vec<CallOutcomeFact>>;
    /// Spans without a parent that start in the window, by service, kind and scaling; in this order.
    async fn roots(&self, ctx: &ReadContext, window: Window) -> StoreResult<Vec<RootFact>>;
    /// Traces of a window.
    async fn trace_ids(&self, ctx: &ReadContext, query: TraceQuery) -> StoreResult<TraceIds>;
    /// These traces, whole, in order of the low half of their id; at most 5,000 at once.
    async fn traces(&self, ctx: &ReadContext, traces: &[[u8; 16]]) -> StoreResult<Vec<TraceFact>>;
    /// Records of one kind, in order of instant and key; those of a viewer's units only, and at a past
    /// instant those that began by then. At most 500,000.
    async fn records(
        &self,
        ctx: &ReadContext,
        query: RecordQuery,
    ) -> StoreResult<Vec<RecordFact<String>>>;
    /// Incidents that touch a window. An instant of one may lie after `as_of`: it has not come yet.
    async fn incidents(
        &self,
        ctx: &ReadContext,
        window: Window,
    ) -> StoreResult<Vec<RecordFact<IncidentObservation>>> {
        let query = RecordQuery { record: RecordKind::Incident, window: Some(window) };
        typed(self.records(ctx, query).await?)
    }
    /// Changes in a window.
    async fn changes(
        &self,
        ctx: &ReadContext,
        window: Window,
    ) -> StoreResult<Vec<RecordFact<ChangeObservation>>> {
        let query = RecordQuery { record: RecordKind::Change, window: Some(window) };
        typed(self.records(ctx, query).await?)
    }
    /// Findings.
    async fn findings(
        &self,
        ctx: &ReadContext,
    ) -> StoreResult<Vec<RecordFact<FindingObservation>>> {
        let query = RecordQuery { record: RecordKind::Finding, window: None };
        typed(self.records(ctx, query).await?)
    }
    /// Value metrics whose period touches a window.
    async fn values(
        &self,
        ctx: &ReadContext,
        window: Window,
    ) -> StoreResult<Vec<RecordFact<ValueObservation>>> {
        let query = RecordQuery { record: RecordKind::Value, window: Some(window) };
        typed(self.records(ctx, query).await?)
    }
    /// Budgets.
    async fn budgets(&self, ctx: &ReadContext) -> StoreResult<Vec<RecordFact<BudgetObservation>>> {
        let query = RecordQuery { record: RecordKind::Budget, window: None };
        typed(self.records(ctx, query).await?)
    }
    /// Statements of one kind; `StatedObservation::says` reads their body.
    async fn stated(
        &self,
        ctx: &ReadContext,
        kind: StatedKind,
    ) -> StoreResult<Vec<RecordFact<StatedObservation>>> {
        let query = RecordQuery { record: RecordKind::Stated(kind), window: None };
        typed(self.records(ctx, query).await?)
    }
    /// Incidents, changes and findings of one entity, newest first.
    async fn events(
        &self,
        ctx: &ReadContext,
        entity: crate::entity::EntityId,
        limit: usize,
    ) -> StoreResult<Vec<EventFact>>;

    // Facts of `validation`; `None` when the store does not tell.

    /// The schema of telemetry and records against what this program expects.
    async fn schema(&self, _ctx: &ReadContext) -> StoreResult<Option<SchemaReport>> {
        Ok(None)
    }
    /// The condition of each series that has a sample in the window, in order of source, metric and
    /// subject; what is after `now` is of the future. At most `limit`.
    async fn series_condition(
        &self,
        _ctx: &ReadContext,
        _window: Window,
        _now: Micros,
        _limit: usize,
    ) -> StoreResult<Option<Vec<SeriesConditionFact>>> {
        Ok(None)
    }
    /// How samples arrive over a window, by source and metric, in this order.
    async fn cadence(
        &self,
        _ctx: &ReadContext,
        _window: Window,
    ) -> StoreResult<Option<Vec<CadenceFact>>> {
        Ok(None)
    }
    /// Whose series and calls are held, by source and id, in this order.
    async fn subjects(&self, _ctx: &ReadContext) -> StoreResult<Option<Vec<TelemetrySubjectFact>>> {
        Ok(None)
    }
    /// The rollups of the window against its samples.
    async fn rollups(
        &self,
        _ctx: &ReadContext,
        _window: Window,
    ) -> StoreResult<Option<RollupFact>> {
        Ok(None)
    }
}

/// Records with their bodies read.
fn typed<T: DeserializeOwned>(records: Vec<RecordFact<String>>) -> StoreResult<Vec<RecordFact<T>>> {
    records.into_iter().map(RecordFact::typed).collect()
}
