//! The `Telemetry` seam on PostgreSQL: series, samples, spans, calls, charges and records. A batch goes
//! through temporary tables and is merged by a few statements in one transaction; reads are statements of
//! their own files.

mod bill;
mod charge;
mod edge;
mod event;
mod histogram;
mod line;
mod mark;
pub(crate) mod partition;
mod record;
mod retention;
mod rollup;
mod sample;
mod series;
pub mod span;
mod subject;
pub mod write;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use model::decision::{DeliveryChoice, DeliveryKey};
use model::entity::EntityId;
use model::error::StoreResult;
use model::fact::{
    BillFact, CallFact, CallOutcomeFact, CallSeriesFact, CallSeriesQuery, CostItemRow, CostQuery,
    CostRow, DataPresence, DurationSeriesFact, EventFact, RecordFact, RecordQuery, RootFact,
    RootSeriesFact, SeriesFact, SeriesQuery, SignalFact, SignalQuery, TraceFact, TraceIds,
    TraceQuery, UsageCostQuery, UsageCostRow,
};
use model::resolution::{Sequence, TelemetryWrite, WriteOutcome};
use model::retention::{Retention, RetentionOutcome};
use model::seam::{DataKind, ReadContext, Telemetry, Version};
use model::span::SpanObservation;
use model::{Micros, Window};

use super::connection::Session;
use super::pool::{Lock, Pools, going_on, own_context};
use super::read::{
    call_series, cost_analysis, records, savings_candidates, service_dependencies, system_metrics,
};

pub use mark::{Marks, NEVER, hour};

/// How long a look-up of the write path may take.
const LOOKUP_TIME: Duration = Duration::from_secs(60);

/// What was measured, billed and reported.
#[derive(Debug)]
pub struct PostgresTelemetry {
    pools: Arc<Pools>,
    /// Weeks of samples whose partition was made.
    weeks: Arc<Mutex<BTreeSet<i64>>>,
}

impl PostgresTelemetry {
    /// On these pools.
    pub fn new(pools: Arc<Pools>) -> Self {
        Self { pools, weeks: Arc::default() }
    }
}

/// Builds hours again that got late rows.
pub async fn rebuild_if_dirty(pools: &Pools) -> StoreResult<()> {
    let look = |session: Arc<Session>| async move { rollup::dirty_count(&session).await };
    if pools.read("late rows", &own_context(LOOKUP_TIME), look).await? == 0 {
        return Ok(());
    }
    let work = |session: Arc<Session>| async move { rollup::rebuild_staged(&session).await };
    pools.write_bulk("build rollups", Lock::Telemetry, work).await
}

/// Applies retention.
pub async fn retain(
    pools: &Pools,
    retention: Retention,
    now: Micros,
) -> StoreResult<RetentionOutcome> {
    let work =
        |session: Arc<Session>| async move { retention::apply(&session, retention, now.0).await };
    pools.write_bulk("apply retention", Lock::Telemetry, work).await
}

/// Makes the partitions of a batch, in a transaction of its own.
async fn make_partitions(
    pools: &Pools,
    made: &Mutex<BTreeSet<i64>>,
    write: &TelemetryWrite,
) -> StoreResult<()> {
    let held = || made.lock().unwrap_or_else(PoisonError::into_inner);
    let weeks: BTreeSet<i64> = &partition::weeks(write) - &*held();
    if weeks.is_empty() {
        return Ok(());
    }
    let asked = &weeks;
    let work = |session: Arc<Session>| async move { partition::make(&session, asked).await };
    pools.write_bulk("make partitions", Lock::Telemetry, work).await?;
    held().extend(weeks);
    Ok(())
}

/// A window in microseconds, cut at the instant asked about.
fn range(ctx: &ReadContext, window: Window) -> (i64, i64) {
    let (from, to) = window.micros();
    let to = ctx.as_of.map_or(to.0, |as_of| to.0.min(as_of.plus(1).0));
    (from.0.min(to), to)
}

#[async_trait]
impl Telemetry for PostgresTelemetry {
    async fn write(&self, write: TelemetryWrite) -> StoreResult<WriteOutcome> {
        let (pools, weeks) = (Arc::clone(&self.pools), Arc::clone(&self.weeks));
        going_on(async move {
            make_partitions(&pools, &weeks, &write).await?;
            let write = &write;
            let work = |session: Arc<Session>| async move { write::apply(&session, write).await };
            pools.write_bulk("write telemetry", Lock::Telemetry, work).await
        })
        .await
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        let work = |session: Arc<Session>| async move { mark::sequences(&session).await };
        self.pools.read("telemetry sequences", &own_context(LOOKUP_TIME), work).await
    }

    async fn trace_spans(&self, traces: &[[u8; 16]]) -> StoreResult<Vec<SpanObservation>> {
        let work = |session: Arc<Session>| async move { span::of_traces(&session, traces).await };
        self.pools.read("spans of traces", &own_context(LOOKUP_TIME), work).await
    }

    async fn delivery_choose(
        &self,
        delivery: &DeliveryKey,
        choice: Option<DeliveryChoice>,
    ) -> StoreResult<()> {
        let (pools, delivery) = (Arc::clone(&self.pools), delivery.clone());
        going_on(async move {
            let delivery = &delivery;
            let work = |session: Arc<Session>| async move {
                write::choose_delivery(&session, delivery, choice).await
            };
            pools.write_bulk("choose what a delivery does", Lock::Telemetry, work).await
        })
        .await
    }

    async fn version(&self, kind: DataKind) -> StoreResult<Version> {
        let work = |session: Arc<Session>| async move { mark::version(&session, kind).await };
        self.pools.read("telemetry version", &own_context(LOOKUP_TIME), work).await
    }

    async fn presence(&self, ctx: &ReadContext) -> StoreResult<Vec<DataPresence>> {
        let until = ctx.as_of.map_or(i64::MAX, |at| at.0);
        let work = |session: Arc<Session>| async move { event::presence(&session, until).await };
        self.pools.read("presence", ctx, work).await
    }

    async fn signals(&self, ctx: &ReadContext, query: SignalQuery) -> StoreResult<Vec<SignalFact>> {
        let query = &query;
        let work = |session: Arc<Session>| async move {
            system_metrics::signals(&session, ctx, query).await
        };
        self.pools.read("system_metrics", ctx, work).await
    }

    async fn series(&self, ctx: &ReadContext, query: SeriesQuery) -> StoreResult<Vec<SeriesFact>> {
        let query = &query;
        let work = |session: Arc<Session>| async move {
            system_metrics::series(&session, ctx, query).await
        };
        self.pools.read("series", ctx, work).await
    }

    async fn duration_series(
        &self,
        ctx: &ReadContext,
        query: SeriesQuery,
    ) -> StoreResult<Vec<DurationSeriesFact>> {
        let query = &query;
        let work = |session: Arc<Session>| async move {
            system_metrics::durations(&session, ctx, query).await
        };
        self.pools.read("duration series", ctx, work).await
    }

    async fn cost(&self, ctx: &ReadContext, query: CostQuery) -> StoreResult<Vec<CostRow>> {
        let query = &query;
        let work =
            |session: Arc<Session>| async move { cost_analysis::rows(&session, ctx, query).await };
        self.pools.read("cost_analysis", ctx, work).await
    }

    async fn cost_items(
        &self,
        ctx: &ReadContext,
        query: CostQuery,
    ) -> StoreResult<Vec<CostItemRow>> {
        let query = &query;
        let work =
            |session: Arc<Session>| async move { cost_analysis::items(&session, ctx, query).await };
        self.pools.read("cost_items", ctx, work).await
    }

    async fn usage_cost(
        &self,
        ctx: &ReadContext,
        query: UsageCostQuery,
    ) -> StoreResult<Vec<UsageCostRow>> {
        let query = &query;
        let work = |session: Arc<Session>| async move {
            savings_candidates::rows(&session, ctx, query).await
        };
        self.pools.read("savings_candidates", ctx, work).await
    }

    async fn bills(&self, ctx: &ReadContext) -> StoreResult<Vec<BillFact>> {
        let work = |session: Arc<Session>| async move { cost_analysis::bills(&session).await };
        self.pools.read("bills", ctx, work).await
    }

    async fn calls(&self, ctx: &ReadContext, window: Window) -> StoreResult<Vec<CallFact>> {
        let range = range(ctx, window);
        let work = |session: Arc<Session>| async move {
            service_dependencies::calls(&session, range).await
        };
        self.pools.read("calls", ctx, work).await
    }

    async fn call_series(
        &self,
        ctx: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<CallSeriesFact>> {
        let (range, query) = (range(ctx, query.window), &query);
        let work =
            |session: Arc<Session>| async move { call_series::calls(&session, range, query).await };
        self.pools.read("call series", ctx, work).await
    }

    async fn root_series(
        &self,
        ctx: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<RootSeriesFact>> {
        let (range, query) = (range(ctx, query.window), &query);
        let work =
            |session: Arc<Session>| async move { call_series::roots(&session, range, query).await };
        self.pools.read("root series", ctx, work).await
    }

    async fn call_outcomes(
        &self,
        ctx: &ReadContext,
        window: Window,
    ) -> StoreResult<Vec<CallOutcomeFact>> {
        let range = range(ctx, window);
        let work = |session: Arc<Session>| async move {
            service_dependencies::outcomes(&session, range).await
        };
        self.pools.read("call outcomes", ctx, work).await
    }

    async fn roots(&self, ctx: &ReadContext, window: Window) -> StoreResult<Vec<RootFact>> {
        let range = range(ctx, window);
        let work = |session: Arc<Session>| async move {
            service_dependencies::roots(&session, range).await
        };
        self.pools.read("roots of traces", ctx, work).await
    }

    async fn trace_ids(&self, ctx: &ReadContext, query: TraceQuery) -> StoreResult<TraceIds> {
        let (range, limit) = (range(ctx, query.window), query.limit);
        let work = |session: Arc<Session>| async move {
            service_dependencies::trace_ids(&session, range, limit).await
        };
        self.pools.read("traces of a window", ctx, work).await
    }

    async fn traces(&self, ctx: &ReadContext, traces: &[[u8; 16]]) -> StoreResult<Vec<TraceFact>> {
        let work = |session: Arc<Session>| async move {
            service_dependencies::traces(&session, traces).await
        };
        self.pools.read("whole traces", ctx, work).await
    }

    async fn records(
        &self,
        ctx: &ReadContext,
        query: RecordQuery,
    ) -> StoreResult<Vec<RecordFact<String>>> {
        let work = |session: Arc<Session>| async move { records::rows(&session, ctx, query).await };
        self.pools.read("records", ctx, work).await
    }

    async fn events(
        &self,
        ctx: &ReadContext,
        entity: EntityId,
        limit: usize,
    ) -> StoreResult<Vec<EventFact>> {
        let until = ctx.as_of.map_or(i64::MAX, |at| at.0);
        let work = |session: Arc<Session>| async move {
            event::of_entity(&session, entity, until, limit).await
        };
        self.pools.read("events", ctx, work).await
    }
}
