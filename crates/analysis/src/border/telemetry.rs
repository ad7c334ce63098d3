//! The `Telemetry` seam held to a viewer's part, whatever a question asks of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use model::decision::{DeliveryChoice, DeliveryKey};
use model::entity::EntityId;
use model::error::{StoreError, StoreResult};
use model::fact::{
    BillFact, CallFact, CallOutcomeFact, CallSeriesFact, CallSeriesQuery, CostDimension,
    CostItemRow, CostQuery, CostRow, DataPresence, DurationSeriesFact, EventFact, RecordFact,
    RecordQuery, RootFact, RootSeriesFact, SeriesFact, SeriesQuery, SignalFact, SignalQuery,
    TraceFact, TraceIds, TraceQuery, UsageCostQuery, UsageCostRow,
};
use model::kind::{EntityKind, RelationKind};
use model::resolution::{Sequence, TelemetryWrite, WriteOutcome};
use model::scope::OrgScope;
use model::seam::{DataKind, ReadContext, Telemetry, Version};
use model::span::SpanObservation;
use model::time::{Micros, Window, instant};

use super::record;
use crate::ask::{AskContext, AskError};
use crate::estate::{Estate, estate};
use crate::unit::telemetry_read;

/// A telemetry store that ends at the border.
pub(super) struct BorderedTelemetry {
    inner: Arc<dyn Telemetry>,
    /// With the topology that ends there too.
    ctx: AskContext,
    /// The units with all below them, by instant.
    units: Mutex<BTreeMap<Option<Micros>, OrgScope>>,
    /// Where each thing of the estate lies, by instant.
    sides: Mutex<BTreeMap<Option<Micros>, Arc<Sides>>>,
}

impl BorderedTelemetry {
    pub(super) fn new(inner: &Arc<dyn Telemetry>, ctx: AskContext) -> Self {
        Self { inner: Arc::clone(inner), ctx, units: Mutex::default(), sides: Mutex::default() }
    }

    /// The same read, of the viewer's units and all below them.
    async fn held(&self, ctx: &ReadContext) -> StoreResult<ReadContext> {
        let as_of = self.past(ctx.as_of);
        let known = {
            let units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
            units.get(&as_of).cloned()
        };
        if let Some(org_scope) = known {
            return Ok(ReadContext { org_scope, ..ctx.clone() });
        }
        let org_scope = self.ctx.viewer.org_scope.clone();
        let read = ReadContext { as_of, org_scope, ..ctx.clone() };
        let read = telemetry_read(self.ctx.topology.as_ref(), read).await?;
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        units.insert(as_of, read.org_scope.clone());
        Ok(ReadContext { as_of: ctx.as_of, ..read })
    }

    /// An instant before that of asking; the estate in force stands for any other.
    fn past(&self, as_of: Option<Micros>) -> Option<Micros> {
        as_of.filter(|at| *at < Micros::of(self.ctx.now))
    }

    async fn sides(&self, as_of: Option<Micros>) -> StoreResult<Arc<Sides>> {
        let as_of = self.past(as_of);
        let known = {
            let sides = self.sides.lock().unwrap_or_else(PoisonError::into_inner);
            sides.get(&as_of).cloned()
        };
        if let Some(sides) = known {
            return Ok(sides);
        }
        let estate = estate(&self.ctx, as_of).await.map_err(|error| match error {
            AskError::Store(error) => error,
            other => StoreError::Internal {
                operation: "read the estate".to_owned(),
                reason: other.to_string(),
            },
        })?;
        let found = Arc::new(Sides::new(&estate));
        let mut sides = self.sides.lock().unwrap_or_else(PoisonError::into_inner);
        sides.insert(as_of, Arc::clone(&found));
        Ok(found)
    }

    /// Billing accounts and periods in which something of the viewer's part was charged.
    async fn billed(&self, ctx: &ReadContext) -> StoreResult<BTreeSet<(String, Micros)>> {
        let query = CostQuery {
            dimensions: vec![CostDimension::BillingAccount, CostDimension::BillingPeriod],
            ..CostQuery::default()
        };
        // Deliveries are listed whatever the instant.
        let read = ReadContext { as_of: None, ..self.held(ctx).await? };
        let rows = self.inner.cost(&read, query).await?;
        let billed = rows.into_iter().filter_map(|row| {
            let mut values = row.values.into_iter().flatten();
            let (account, period) = (values.next()?, values.next()?);
            Some((account, Micros::of(instant(&period).ok()?)))
        });
        Ok(billed.collect())
    }
}

/// Where things of the estate at one instant lie.
struct Sides {
    is_inside: HashMap<EntityId, bool>,
    /// Repositories from which something inside runs an image.
    images: HashSet<String>,
}

impl Sides {
    fn new(estate: &Estate) -> Self {
        let places = (0_u32..).zip(&estate.facts.entities);
        let is_inside = |place: u32| !estate.is_outside(place);
        let runs = |image: &u32| estate.near(*image, RelationKind::UsesImage).any(is_inside);
        let images = estate.of_kind(EntityKind::Image).filter(|one| is_inside(*one) || runs(one));
        let images = images.map(|one| record::repository(&estate.entity(one).id).to_owned());
        Self {
            images: images.collect(),
            is_inside: places.map(|(place, one)| (one.entity, is_inside(place))).collect(),
        }
    }

    fn is_known(&self, one: EntityId) -> bool {
        self.is_inside.contains_key(&one)
    }

    fn is_inside(&self, one: EntityId) -> bool {
        self.is_inside.get(&one) == Some(&true)
    }

    /// Whether a call is of the estate, or touches what is inside.
    fn is_told(&self, client: EntityId, server: EntityId) -> bool {
        let both = [client, server];
        both.iter().all(|one| self.is_known(*one)) || both.iter().any(|one| self.is_inside(*one))
    }
}

#[async_trait]
impl Telemetry for BorderedTelemetry {
    // Writing is no part of a question. What validation reads is of the whole store: the seam's own
    // "nothing" stands for it.

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
        self.inner.version(kind).await
    }

    /// Which kinds of data are held and how far they reach, without how much there is.
    async fn presence(&self, ctx: &ReadContext) -> StoreResult<Vec<DataPresence>> {
        let mut all = self.inner.presence(ctx).await?;
        all.iter_mut().for_each(|one| one.rows = 0);
        Ok(all)
    }

    async fn signals(&self, ctx: &ReadContext, query: SignalQuery) -> StoreResult<Vec<SignalFact>> {
        self.inner.signals(&self.held(ctx).await?, query).await
    }

    async fn series(&self, ctx: &ReadContext, query: SeriesQuery) -> StoreResult<Vec<SeriesFact>> {
        self.inner.series(&self.held(ctx).await?, query).await
    }

    async fn duration_series(
        &self,
        ctx: &ReadContext,
        query: SeriesQuery,
    ) -> StoreResult<Vec<DurationSeriesFact>> {
        self.inner.duration_series(&self.held(ctx).await?, query).await
    }

    async fn cost(&self, ctx: &ReadContext, query: CostQuery) -> StoreResult<Vec<CostRow>> {
        self.inner.cost(&self.held(ctx).await?, query).await
    }

    async fn cost_items(
        &self,
        ctx: &ReadContext,
        query: CostQuery,
    ) -> StoreResult<Vec<CostItemRow>> {
        self.inner.cost_items(&self.held(ctx).await?, query).await
    }

    async fn usage_cost(
        &self,
        ctx: &ReadContext,
        query: UsageCostQuery,
    ) -> StoreResult<Vec<UsageCostRow>> {
        self.inner.usage_cost(&self.held(ctx).await?, query).await
    }

    /// The deliveries that count and charge something of the viewer's part, without what else is in them:
    /// sums, rows, names and reasons are of the whole bill.
    async fn bills(&self, ctx: &ReadContext) -> StoreResult<Vec<BillFact>> {
        let billed = self.billed(ctx).await?;
        let mut bills = self.inner.bills(ctx).await?;
        bills.retain(|one| {
            let of = (one.billing_account.clone(), Micros::of(one.billing_period));
            one.state == "counted" && billed.contains(&of)
        });
        for one in &mut bills {
            one.name = String::new();
            one.rows = 0;
            one.billed = Vec::new();
            one.reason = None;
        }
        Ok(bills)
    }

    // Calls tell of no one but by internal ids, which lead to what the estate gives: paths through what
    // lies outside stay true, and the questions hide it. What lies nowhere is left to whose it touches.

    async fn calls(&self, ctx: &ReadContext, window: Window) -> StoreResult<Vec<CallFact>> {
        let mut facts = self.inner.calls(ctx, window).await?;
        let sides = self.sides(ctx.as_of).await?;
        facts.retain(|one| sides.is_told(one.client, one.server));
        Ok(facts)
    }

    async fn call_series(
        &self,
        ctx: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<CallSeriesFact>> {
        let mut facts = self.inner.call_series(ctx, query).await?;
        let sides = self.sides(ctx.as_of).await?;
        facts.retain(|one| sides.is_told(one.client, one.server));
        Ok(facts)
    }

    async fn root_series(
        &self,
        ctx: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<RootSeriesFact>> {
        let mut facts = self.inner.root_series(ctx, query).await?;
        let sides = self.sides(ctx.as_of).await?;
        facts.retain(|one| sides.is_inside(one.service));
        Ok(facts)
    }

    async fn call_outcomes(
        &self,
        ctx: &ReadContext,
        window: Window,
    ) -> StoreResult<Vec<CallOutcomeFact>> {
        let mut facts = self.inner.call_outcomes(ctx, window).await?;
        let sides = self.sides(ctx.as_of).await?;
        facts.retain(|one| sides.is_told(one.client, one.server));
        Ok(facts)
    }

    async fn roots(&self, ctx: &ReadContext, window: Window) -> StoreResult<Vec<RootFact>> {
        let mut facts = self.inner.roots(ctx, window).await?;
        let sides = self.sides(ctx.as_of).await?;
        facts.retain(|one| sides.is_known(one.service));
        Ok(facts)
    }

    /// How many there are in all is not told: most may be of others.
    async fn trace_ids(&self, ctx: &ReadContext, query: TraceQuery) -> StoreResult<TraceIds> {
        let mut ids = self.inner.trace_ids(ctx, query).await?;
        ids.total = 0;
        Ok(ids)
    }

    /// The traces that something of the viewer's part took part in; of others' spans no operation.
    async fn traces(&self, ctx: &ReadContext, traces: &[[u8; 16]]) -> StoreResult<Vec<TraceFact>> {
        let mut facts = self.inner.traces(ctx, traces).await?;
        let sides = self.sides(ctx.as_of).await?;
        facts.retain(|one| one.spans.iter().any(|span| sides.is_inside(span.service)));
        for span in facts.iter_mut().flat_map(|one| &mut one.spans) {
            if !sides.is_inside(span.service) {
                span.name.clear();
            }
        }
        Ok(facts)
    }

    async fn records(
        &self,
        ctx: &ReadContext,
        query: RecordQuery,
    ) -> StoreResult<Vec<RecordFact<String>>> {
        let all = ReadContext { org_scope: OrgScope::Everything, ..ctx.clone() };
        if record::is_public(query.record) {
            return self.inner.records(&all, query).await;
        }
        let held = self.held(ctx).await?;
        let read = if record::is_read_whole(query.record) { &all } else { &held };
        let records = self.inner.records(read, query).await?;
        if !record::is_of_images(query.record) {
            return record::cut(query.record, records, &held.org_scope, &HashSet::new());
        }
        let sides = self.sides(ctx.as_of).await?;
        record::cut(query.record, records, &held.org_scope, &sides.images)
    }

    async fn events(
        &self,
        ctx: &ReadContext,
        entity: EntityId,
        limit: usize,
    ) -> StoreResult<Vec<EventFact>> {
        self.inner.events(&self.held(ctx).await?, entity, limit).await
    }
}
