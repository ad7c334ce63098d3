//! The `Telemetry` seam on DuckDB: series, samples, spans, calls, charges and records. What is written
//! goes through one job of the writer; reads are statements of their own files.

mod bill;
mod charge;
mod edge;
mod event;
mod histogram;
mod record;
mod retention;
mod rollup;
mod sample;
pub(crate) mod span;
pub(crate) mod state;
mod subject;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

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
use model::retention::{Retention, RetentionOutcome, Upkeep};
use model::scope::OrgScope;
use model::seam::{DataKind, ReadContext, Telemetry, Version};
use model::span::SpanObservation;
use model::{Micros, Window};
use tokio_util::sync::CancellationToken;

use crate::database::Database;
use crate::read::cost_cube::CostCube;
use crate::read::{
    call_series, records, savings_candidates, service_dependencies, system_metrics, validation,
};
use crate::sequence;

use state::State;

/// How long a look-up of the write path may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(60);

/// Versions by kind of data, as last committed; `None` until they are read.
type Versions = Option<BTreeMap<DataKind, Version>>;

/// What was measured, billed and reported.
#[derive(Debug, Clone)]
pub struct EmbeddedTelemetry {
    database: Arc<Database>,
    state: Arc<Mutex<Option<State>>>,
    versions: Arc<Mutex<Versions>>,
    costs: Arc<CostCube>,
}

impl EmbeddedTelemetry {
    /// On an open database.
    pub fn new(database: Arc<Database>) -> Self {
        Self { database, state: Arc::default(), versions: Arc::default(), costs: Arc::default() }
    }

    /// Builds the hours that are dirty again.
    ///
    /// # Errors
    /// Whatever the writer fails with; then nothing is changed.
    pub async fn rebuild(&self) -> StoreResult<()> {
        let held = Arc::clone(&self.state);
        let work = move |tx: &duckdb::Transaction<'_>| {
            tx.execute_batch(include_str!("telemetry/stage.sql"))?;
            let mut state = State::read(tx, take(&held))?;
            rollup::rebuild(tx, &mut state)?;
            state.number += 1;
            state::mark_put(tx, "write", state.number)?;
            Ok(state)
        };
        let held = Arc::clone(&self.state);
        self.database.write_then("build rollups", work, move |state| give(&held, state)).await
    }
}

/// A look-up of the program itself sees everything.
fn lookup_context() -> ReadContext {
    ReadContext {
        as_of: None,
        org_scope: OrgScope::Everything,
        deadline: Instant::now() + LOOKUP_TIMEOUT,
        cancel: CancellationToken::new(),
    }
}

/// A window in microseconds, cut at the instant asked about.
fn range(ctx: &ReadContext, window: Window) -> (i64, i64) {
    let (from, to) = window.micros();
    let to = ctx.as_of.map_or(to.0, |as_of| to.0.min(as_of.plus(1).0));
    (from.0.min(to), to)
}

/// The writer's state, which is away while a job runs: a job that fails leaves none behind.
fn take(held: &Mutex<Option<State>>) -> Option<State> {
    held.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn give(held: &Mutex<Option<State>>, state: State) {
    *held.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
}

#[async_trait]
impl Upkeep for EmbeddedTelemetry {
    async fn rebuild_if_dirty(&self) -> StoreResult<()> {
        let look = |conn: &duckdb::Connection| rollup::is_dirty(conn);
        if self.database.read_own("late rows", look).await? { self.rebuild().await } else { Ok(()) }
    }

    async fn retain(&self, retention: Retention, now: Micros) -> StoreResult<RetentionOutcome> {
        let held = Arc::clone(&self.state);
        let work = move |tx: &duckdb::Transaction<'_>| {
            tx.execute_batch(include_str!("telemetry/stage.sql"))?;
            let mut state = State::read(tx, take(&held))?;
            let outcome = retention::apply(tx, &mut state, retention, now.0)?;
            state.number += 1;
            state::mark_put(tx, "write", state.number)?;
            Ok((state, outcome))
        };
        let held = Arc::clone(&self.state);
        let after = move |(state, outcome)| {
            give(&held, state);
            outcome
        };
        self.database.write_then("apply retention", work, after).await
    }
}

#[async_trait]
impl Telemetry for EmbeddedTelemetry {
    async fn write(&self, write: TelemetryWrite) -> StoreResult<WriteOutcome> {
        let costs = (!write.subjects.is_empty()).then(|| Arc::clone(&self.costs));
        let held = Arc::clone(&self.state);
        let work = move |tx: &duckdb::Transaction<'_>| {
            let mut state = State::read(tx, take(&held))?;
            let (outcome, versions) = write::apply(tx, &mut state, &write)?;
            Ok((state, outcome, versions))
        };
        let (held, known) = (Arc::clone(&self.state), Arc::clone(&self.versions));
        let after = move |(state, outcome, versions): (State, WriteOutcome, Vec<_>)| {
            give(&held, state);
            if let Some(costs) = costs {
                costs.subjects_changed();
            }
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = known.as_mut() {
                known.extend(versions);
            }
            outcome
        };
        self.database.write_then("write telemetry", work, after).await
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        let read = |conn: &duckdb::Connection| sequence::all(conn, write::STORE);
        self.database.read("telemetry sequences", &lookup_context(), read).await
    }

    async fn trace_spans(&self, traces: &[[u8; 16]]) -> StoreResult<Vec<SpanObservation>> {
        let traces = traces.to_vec();
        let read = move |conn: &duckdb::Connection| span::of_traces(conn, &traces);
        self.database.read("spans of traces", &lookup_context(), read).await
    }

    async fn delivery_choose(
        &self,
        delivery: &DeliveryKey,
        choice: Option<DeliveryChoice>,
    ) -> StoreResult<()> {
        let (delivery, known) = (delivery.clone(), Arc::clone(&self.versions));
        let work =
            move |tx: &duckdb::Transaction<'_>| write::choose_delivery(tx, &delivery, choice);
        let after = move |versions: Vec<(DataKind, Version)>| {
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = known.as_mut() {
                known.extend(versions);
            }
        };
        self.database.write_then("choose what a delivery does", work, after).await
    }

    async fn version(&self, kind: DataKind) -> StoreResult<Version> {
        let held = |versions: &Versions| {
            versions.as_ref().map(|known| known.get(&kind).copied().unwrap_or_default())
        };
        let lock = || self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(version) = held(&lock()) {
            return Ok(version);
        }
        // Read by the writer, so that no commit comes between the reading and the keeping.
        let known = Arc::clone(&self.versions);
        let after = move |versions: Vec<(DataKind, Version)>| {
            let versions: BTreeMap<_, _> = versions.into_iter().collect();
            *known.lock().unwrap_or_else(PoisonError::into_inner) = Some(versions);
        };
        self.database.write_then("telemetry versions", |tx| write::versions(tx), after).await?;
        let version = held(&lock());
        Ok(version.unwrap_or_default())
    }

    async fn presence(&self, ctx: &ReadContext) -> StoreResult<Vec<DataPresence>> {
        let until = ctx.as_of.map_or(i64::MAX, |at| at.0);
        self.database.read("presence", ctx, move |conn| event::presence(conn, until)).await
    }

    async fn signals(&self, ctx: &ReadContext, query: SignalQuery) -> StoreResult<Vec<SignalFact>> {
        let context = ctx.clone();
        let read = move |conn: &duckdb::Connection| system_metrics::signals(conn, &context, &query);
        self.database.read("system_metrics", ctx, read).await
    }

    async fn series(&self, ctx: &ReadContext, query: SeriesQuery) -> StoreResult<Vec<SeriesFact>> {
        let context = ctx.clone();
        let read = move |conn: &duckdb::Connection| system_metrics::series(conn, &context, &query);
        self.database.read("series", ctx, read).await
    }

    async fn duration_series(
        &self,
        ctx: &ReadContext,
        query: SeriesQuery,
    ) -> StoreResult<Vec<DurationSeriesFact>> {
        let context = ctx.clone();
        let read =
            move |conn: &duckdb::Connection| system_metrics::durations(conn, &context, &query);
        self.database.read("duration series", ctx, read).await
    }

    async fn cost(&self, ctx: &ReadContext, query: CostQuery) -> StoreResult<Vec<CostRow>> {
        let context = ctx.clone();
        let costs = Arc::clone(&self.costs);
        let read = move |conn: &duckdb::Connection| costs.rows(conn, &context, &query);
        self.database.read("cost_analysis", ctx, read).await
    }

    async fn cost_items(
        &self,
        ctx: &ReadContext,
        query: CostQuery,
    ) -> StoreResult<Vec<CostItemRow>> {
        let context = ctx.clone();
        let costs = Arc::clone(&self.costs);
        let read = move |conn: &duckdb::Connection| costs.items(conn, &context, &query);
        self.database.read("cost_items", ctx, read).await
    }

    async fn usage_cost(
        &self,
        ctx: &ReadContext,
        query: UsageCostQuery,
    ) -> StoreResult<Vec<UsageCostRow>> {
        let context = ctx.clone();
        let read =
            move |conn: &duckdb::Connection| savings_candidates::rows(conn, &context, &query);
        self.database.read("savings_candidates", ctx, read).await
    }

    async fn bills(&self, ctx: &ReadContext) -> StoreResult<Vec<BillFact>> {
        let costs = Arc::clone(&self.costs);
        self.database.read("bills", ctx, move |conn| costs.bills(conn)).await
    }

    async fn calls(&self, ctx: &ReadContext, window: Window) -> StoreResult<Vec<CallFact>> {
        let range = range(ctx, window);
        let read = move |conn: &duckdb::Connection| service_dependencies::calls(conn, range);
        self.database.read("calls", ctx, read).await
    }

    async fn call_series(
        &self,
        ctx: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<CallSeriesFact>> {
        let range = range(ctx, query.window);
        let read = move |conn: &duckdb::Connection| call_series::calls(conn, range, &query);
        self.database.read("call series", ctx, read).await
    }

    async fn root_series(
        &self,
        ctx: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<RootSeriesFact>> {
        let range = range(ctx, query.window);
        let read = move |conn: &duckdb::Connection| call_series::roots(conn, range, &query);
        self.database.read("root series", ctx, read).await
    }

    async fn call_outcomes(
        &self,
        ctx: &ReadContext,
        window: Window,
    ) -> StoreResult<Vec<CallOutcomeFact>> {
        let range = range(ctx, window);
        let read = move |conn: &duckdb::Connection| service_dependencies::outcomes(conn, range);
        self.database.read("call outcomes", ctx, read).await
    }

    async fn roots(&self, ctx: &ReadContext, window: Window) -> StoreResult<Vec<RootFact>> {
        let range = range(ctx, window);
        let read = move |conn: &duckdb::Connection| service_dependencies::roots(conn, range);
        self.database.read("roots of traces", ctx, read).await
    }

    async fn trace_ids(&self, ctx: &ReadContext, query: TraceQuery) -> StoreResult<TraceIds> {
        let (range, limit) = (range(ctx, query.window), query.limit);
        let read =
            move |conn: &duckdb::Connection| service_dependencies::trace_ids(conn, range, limit);
        self.database.read("traces of a window", ctx, read).await
    }

    async fn traces(&self, ctx: &ReadContext, traces: &[[u8; 16]]) -> StoreResult<Vec<TraceFact>> {
        let traces = traces.to_vec();
        let read = move |conn: &duckdb::Connection| service_dependencies::traces(conn, &traces);
        self.database.read("whole traces", ctx, read).await
    }

    async fn records(
        &self,
        ctx: &ReadContext,
        query: RecordQuery,
    ) -> StoreResult<Vec<RecordFact<String>>> {
        let context = ctx.clone();
        let read = move |conn: &duckdb::Connection| records::rows(conn, &context, query);
        self.database.read("records", ctx, read).await
    }

    async fn events(
        &self,
        ctx: &ReadContext,
        entity: EntityId,
        limit: usize,
    ) -> StoreResult<Vec<EventFact>> {
        let until = ctx.as_of.map_or(i64::MAX, |at| at.0);
        let read = move |conn: &duckdb::Connection| event::of_entity(conn, entity, until, limit);
        self.database.read("events", ctx, read).await
    }

    async fn schema(&self, ctx: &ReadContext) -> StoreResult<Option<SchemaReport>> {
        let read = |conn: &duckdb::Connection| validation::schema(conn, "telemetry");
        self.database.read("schema", ctx, read).await.map(Some)
    }

    async fn series_condition(
        &self,
        ctx: &ReadContext,
        window: Window,
        now: Micros,
        limit: usize,
    ) -> StoreResult<Option<Vec<SeriesConditionFact>>> {
        let range = range(ctx, window);
        let read = move |conn: &duckdb::Connection| validation::condition(conn, range, now, limit);
        self.database.read("condition of series", ctx, read).await.map(Some)
    }

    async fn cadence(
        &self,
        ctx: &ReadContext,
        window: Window,
    ) -> StoreResult<Option<Vec<CadenceFact>>> {
        let range = range(ctx, window);
        let read = move |conn: &duckdb::Connection| validation::cadence(conn, range);
        self.database.read("cadence of series", ctx, read).await.map(Some)
    }

    async fn subjects(&self, ctx: &ReadContext) -> StoreResult<Option<Vec<TelemetrySubjectFact>>> {
        self.database.read("subjects", ctx, validation::subjects).await.map(Some)
    }

    async fn rollups(&self, ctx: &ReadContext, window: Window) -> StoreResult<Option<RollupFact>> {
        let range = range(ctx, window);
        let read = move |conn: &duckdb::Connection| validation::rollups(conn, range);
        self.database.read("rollups", ctx, read).await.map(Some)
    }
}
