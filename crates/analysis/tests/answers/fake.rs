//! Stores that hold hand-written facts, and count how often they are read.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use analysis::{
    AnswerCache, Answered, AskContext, AskError, KeptAnswer, LastGood, Limits, Viewer, answer,
    question_of,
};
use async_trait::async_trait;
use jiff::Timestamp;
use model::decision::{Decision, DeliveryChoice, DeliveryKey, NewDecision, RuleSet};
use model::envelope::Envelope;
use model::error::{StoreError, StoreResult};
use model::fact::{
    BillFact, CallFact, CallOutcomeFact, CallSeriesFact, CallSeriesQuery, CostItemRow, CostQuery,
    CostRow, DataPresence, DurationSeriesFact, EntityChange, EntityFact, EntityMatch, EntityPage,
    EstateFacts, EventFact, GroupFact, OpenReferenceFact, RecordFact, RecordQuery, RootFact,
    RootSeriesFact, SeriesFact, SeriesQuery, SignalFact, SignalQuery, TopologyComparison,
    TopologyFacts, TopologyQuery, TraceFact, TraceIds, TraceQuery, UsageCostQuery, UsageCostRow,
};
use model::input::{Completeness, InputRecord, IntakeEntry};
use model::resolution::{Known, Lookup, Sequence, TelemetryWrite, TopologyWrite, WriteOutcome};
use model::seam::{DataKind, ReadContext, Records, Telemetry, Topology, Version};
use model::span::SpanObservation;
use model::{EntityId, EntityKind, Micros, Reject, Scope, Window};
use serde_json::Value;

#[path = "buckets.rs"]
mod buckets;
#[path = "charges.rs"]
pub mod charges;
#[path = "groups.rs"]
mod groups;

use buckets::{calls_in, series_in};
pub use charges::Charge;
use charges::{itemised, summed};
use groups::group;

/// The window and at most three periods before it.
const PERIODS_READ_MAX: f64 = 4.0;

/// All facts.
#[derive(Default)]
pub struct Facts {
    pub topology: Mutex<TopologyFacts>,
    pub estate: Mutex<EstateFacts>,
    pub groups: Mutex<BTreeMap<&'static str, Vec<GroupFact>>>,
    pub signals: Mutex<Vec<SignalFact>>,
    pub charges: Mutex<Vec<Charge>>,
    pub bills: Mutex<Vec<BillFact>>,
    pub usage: Mutex<Vec<UsageCostRow>>,
    pub settings: Mutex<BTreeMap<String, String>>,
    pub presence: Mutex<Vec<DataPresence>>,
    pub calls: Mutex<Vec<CallFact>>,
    pub series: Mutex<Vec<SeriesFact>>,
    pub durations: Mutex<Vec<DurationSeriesFact>>,
    pub call_series: Mutex<Vec<CallSeriesFact>>,
    pub root_series: Mutex<Vec<RootSeriesFact>>,
    /// By the name of the kind; every read of that kind gives all.
    pub records: Mutex<BTreeMap<String, Vec<RecordFact<String>>>>,
    pub outcomes: Mutex<Vec<CallOutcomeFact>>,
    pub roots: Mutex<Vec<RootFact>>,
    pub traces: Mutex<Vec<TraceFact>>,
    pub decisions: Mutex<Vec<Decision>>,
    pub rules: Mutex<Option<RuleSet>>,
    pub reads: AtomicU64,
    pub version: AtomicU64,
    /// Newest instant of any telemetry.
    pub newest: Mutex<Option<Micros>>,
    pub is_down: AtomicBool,
    pub is_slow: AtomicBool,
}

impl Facts {
    async fn read(&self) -> StoreResult<()> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.is_down.load(Ordering::SeqCst) {
            let store = "topology".to_owned();
            return Err(StoreError::Unavailable { store, since: None, reason: "gone".into() });
        }
        if self.is_slow.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Ok(())
    }

    fn version(&self) -> Version {
        Version { number: self.version.load(Ordering::SeqCst), newest: None }
    }
}

pub struct Store(pub Arc<Facts>);

#[async_trait]
impl Topology for Store {
    async fn known(&self, _: Lookup) -> StoreResult<Known> {
        unreachable!("questions write nothing")
    }
    async fn covered(&self, _: &str, _: &Completeness) -> StoreResult<Vec<EntityId>> {
        unreachable!("questions write nothing")
    }
    async fn write(&self, _: TopologyWrite) -> StoreResult<WriteOutcome> {
        unreachable!("questions write nothing")
    }
    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        Ok(Vec::new())
    }
    async fn version(&self) -> StoreResult<Version> {
        Ok(self.0.version())
    }
    async fn estate(&self, _: &ReadContext) -> StoreResult<EstateFacts> {
        self.0.read().await?;
        Ok(self.0.estate.lock().unwrap().clone())
    }
    async fn topology(&self, _: &ReadContext, query: TopologyQuery) -> StoreResult<TopologyFacts> {
        self.0.read().await?;
        if let Some(root) = query.roots.iter().find(|root| root.starts_with("missing")) {
            return Err(StoreError::NotFound { what: root.clone() });
        }
        let mut facts = self.0.topology.lock().unwrap().clone();
        if !query.kinds.is_empty() {
            facts.entities.retain(|entity| query.kinds.contains(&entity.kind));
            facts.entity_total = facts.entities.len() as u64;
        }
        let is_root =
            |one: &&EntityFact| query.roots.iter().any(|r| *r == one.id || *r == one.name);
        facts.roots = facts.entities.iter().filter(is_root).cloned().collect();
        group(&mut facts, &self.0.groups.lock().unwrap(), &query);
        Ok(facts)
    }
    async fn topology_comparison(
        &self,
        _: &ReadContext,
        _: TopologyQuery,
        _: Micros,
    ) -> StoreResult<TopologyComparison> {
        let change = EntityChange {
            id: "a".into(),
            kind: EntityKind::Pod,
            name: "a".into(),
            change: "changed".into(),
            fields: vec![("image".into(), "one".into(), "two".into())],
        };
        Ok(TopologyComparison {
            entities: vec![change],
            totals: vec![("changed".into(), 1)],
            ..TopologyComparison::default()
        })
    }
    async fn entity(&self, _: &ReadContext, name: &str, _: usize) -> StoreResult<EntityPage> {
        Err(StoreError::NotFound { what: name.to_owned() })
    }
    async fn search(&self, _: &ReadContext, _: &str, _: usize) -> StoreResult<Vec<EntityMatch>> {
        let hit = EntityMatch {
            id: "near".into(),
            kind: EntityKind::Pod,
            name: "near".into(),
            matched: None,
        };
        Ok(vec![hit])
    }
    async fn open_references(
        &self,
        _: &ReadContext,
        _: usize,
    ) -> StoreResult<(Vec<OpenReferenceFact>, u64)> {
        Ok((Vec::new(), 0))
    }
}

#[async_trait]
impl Telemetry for Store {
    async fn write(&self, _: TelemetryWrite) -> StoreResult<WriteOutcome> {
        unreachable!("questions write nothing")
    }
    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        Ok(Vec::new())
    }
    async fn trace_spans(&self, _: &[[u8; 16]]) -> StoreResult<Vec<SpanObservation>> {
        Ok(Vec::new())
    }
    async fn delivery_choose(&self, _: &DeliveryKey, _: Option<DeliveryChoice>) -> StoreResult<()> {
        Ok(())
    }
    async fn version(&self, _: DataKind) -> StoreResult<Version> {
        Ok(Version { newest: *self.0.newest.lock().unwrap(), ..self.0.version() })
    }
    async fn presence(&self, _: &ReadContext) -> StoreResult<Vec<DataPresence>> {
        Ok(self.0.presence.lock().unwrap().clone())
    }
    async fn signals(&self, _: &ReadContext, _: SignalQuery) -> StoreResult<Vec<SignalFact>> {
        self.0.read().await?;
        Ok(self.0.signals.lock().unwrap().clone())
    }
    async fn series(&self, _: &ReadContext, query: SeriesQuery) -> StoreResult<Vec<SeriesFact>> {
        // A chart and the periods before it, each of at most 360 buckets, are read at once.
        assert!(query.window.seconds() / (query.step as f64 / 1e6) <= PERIODS_READ_MAX * 360.0);
        let is_asked = |one: &&SeriesFact| {
            (query.entities.is_empty() || query.entities.contains(&one.entity))
                && (query.metrics.is_empty() || query.metrics.contains(&one.metric))
        };
        let held = self.0.series.lock().unwrap();
        Ok(held.iter().filter(is_asked).map(|one| series_in(one, &query)).collect())
    }
    async fn duration_series(
        &self,
        _: &ReadContext,
        _: SeriesQuery,
    ) -> StoreResult<Vec<DurationSeriesFact>> {
        Ok(self.0.durations.lock().unwrap().clone())
    }
    async fn call_series(
        &self,
        _: &ReadContext,
        query: CallSeriesQuery,
    ) -> StoreResult<Vec<CallSeriesFact>> {
        let held = self.0.call_series.lock().unwrap();
        Ok(held.iter().filter_map(|one| calls_in(one, &query)).collect())
    }
    async fn root_series(
        &self,
        _: &ReadContext,
        _: CallSeriesQuery,
    ) -> StoreResult<Vec<RootSeriesFact>> {
        Ok(self.0.root_series.lock().unwrap().clone())
    }
    async fn cost(&self, _: &ReadContext, query: CostQuery) -> StoreResult<Vec<CostRow>> {
        self.0.read().await?;
        Ok(summed(&self.0.charges.lock().unwrap(), &query))
    }
    async fn cost_items(&self, _: &ReadContext, query: CostQuery) -> StoreResult<Vec<CostItemRow>> {
        self.0.read().await?;
        Ok(itemised(&self.0.charges.lock().unwrap(), &query))
    }
    async fn usage_cost(
        &self,
        _: &ReadContext,
        _: UsageCostQuery,
    ) -> StoreResult<Vec<UsageCostRow>> {
        self.0.read().await?;
        Ok(self.0.usage.lock().unwrap().clone())
    }
    async fn bills(&self, _: &ReadContext) -> StoreResult<Vec<BillFact>> {
        Ok(self.0.bills.lock().unwrap().clone())
    }
    async fn calls(&self, _: &ReadContext, _: Window) -> StoreResult<Vec<CallFact>> {
        self.0.read().await?;
        Ok(self.0.calls.lock().unwrap().clone())
    }
    async fn call_outcomes(&self, _: &ReadContext, _: Window) -> StoreResult<Vec<CallOutcomeFact>> {
        Ok(self.0.outcomes.lock().unwrap().clone())
    }
    async fn roots(&self, _: &ReadContext, _: Window) -> StoreResult<Vec<RootFact>> {
        Ok(self.0.roots.lock().unwrap().clone())
    }
    async fn trace_ids(&self, _: &ReadContext, query: TraceQuery) -> StoreResult<TraceIds> {
        let held = self.0.traces.lock().unwrap();
        let traces = held.iter().take(query.limit).map(|one| one.trace).collect();
        Ok(TraceIds { traces, total: held.len() as u64 })
    }
    async fn traces(&self, _: &ReadContext, ids: &[[u8; 16]]) -> StoreResult<Vec<TraceFact>> {
        let held = self.0.traces.lock().unwrap();
        Ok(held.iter().filter(|one| ids.contains(&one.trace)).cloned().collect())
    }
    async fn records(
        &self,
        _: &ReadContext,
        query: RecordQuery,
    ) -> StoreResult<Vec<RecordFact<String>>> {
        self.0.read().await?;
        Ok(self.0.records.lock().unwrap().get(query.record.as_str()).cloned().unwrap_or_default())
    }
    async fn events(&self, _: &ReadContext, _: EntityId, _: usize) -> StoreResult<Vec<EventFact>> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Records for Store {
    async fn intake_begin(&self, _: &str, _: &InputRecord) -> StoreResult<u64> {
        Ok(0)
    }
    async fn intake_progress(&self, _: &IntakeEntry, _: &[Reject]) -> StoreResult<()> {
        Ok(())
    }
    async fn intake_known(&self, _: &InputRecord) -> StoreResult<bool> {
        Ok(false)
    }
    async fn intake_list(&self, _: Option<u64>, _: usize) -> StoreResult<Vec<IntakeEntry>> {
        Ok(Vec::new())
    }
    async fn intake_entry(&self, id: u64) -> StoreResult<(IntakeEntry, Vec<Reject>)> {
        Err(StoreError::NotFound { what: id.to_string() })
    }
    async fn setting(&self, name: &str) -> StoreResult<Option<String>> {
        Ok(self.0.settings.lock().unwrap().get(name).cloned())
    }
    async fn setting_put(&self, _: &str, _: &str) -> StoreResult<()> {
        Ok(())
    }
    async fn decisions_version(&self) -> StoreResult<Version> {
        let number = self.0.decisions.lock().unwrap().len() as u64;
        Ok(Version { number, newest: None })
    }
    async fn decisions(&self) -> StoreResult<Vec<Decision>> {
        Ok(self.0.decisions.lock().unwrap().clone())
    }
    async fn decision_put(&self, _: &NewDecision) -> StoreResult<Decision> {
        Err(StoreError::NotFound { what: "a fake that keeps decisions".into() })
    }
    async fn rules(&self) -> StoreResult<Option<RuleSet>> {
        Ok(self.0.rules.lock().unwrap().clone())
    }
    async fn rules_put(&self, _: &str, _: &str, _: Micros) -> StoreResult<RuleSet> {
        Err(StoreError::NotFound { what: "a fake that keeps rules".into() })
    }
}

/// Keeps every answer.
#[derive(Default)]
pub struct Kept(Mutex<BTreeMap<String, KeptAnswer>>);

#[async_trait]
impl LastGood for Kept {
    async fn keep(&self, key: &str, answered: Arc<Answered>, at: Timestamp) {
        let kept = KeptAnswer { envelope: answered.envelope.clone(), at };
        self.0.lock().unwrap().insert(key.to_owned(), kept);
    }
    async fn find(&self, key: &str) -> Option<KeptAnswer> {
        self.0.lock().unwrap().get(key).cloned()
    }
}

pub const NOW: &str = "2026-03-15T12:34:56Z";

pub fn at(text: &str) -> Micros {
    Micros::of(model::time::instant(text).unwrap())
}

pub fn context(facts: &Arc<Facts>) -> AskContext {
    AskContext {
        topology: Arc::new(Store(Arc::clone(facts))),
        telemetry: Arc::new(Store(Arc::clone(facts))),
        records: Arc::new(Store(Arc::clone(facts))),
        cache: None,
        estates: Arc::default(),
        tables: analysis::DatedTables::built_in(),
        last_good: None,
        viewer: Viewer::default(),
        now: NOW.parse().unwrap(),
        deadline: Instant::now() + Duration::from_secs(20),
        cancel: tokio_util::sync::CancellationToken::new(),
        limits: Limits::default(),
        progress: Arc::default(),
    }
}

pub fn cached(facts: &Arc<Facts>) -> AskContext {
    AskContext { cache: Some(Arc::new(AnswerCache::new(1 << 24))), ..context(facts) }
}

pub async fn ask(name: &str, params: Value, ctx: &AskContext) -> Result<Envelope, AskError> {
    answer(question_of(name).unwrap(), params, ctx).await
}

pub fn entity(id: &str, kind: EntityKind) -> EntityFact {
    EntityFact {
        entity: EntityId(1),
        id: id.into(),
        kind,
        name: id.into(),
        scope: Scope::default(),
        cluster_name: None,
        owner: None,
        application: None,
        labels: model::entity::Labels::new(),
        properties: model::entity::Properties::new(),
        sources: vec!["test".into()],
        first_seen: None,
        last_seen: Some(NOW.parse().unwrap()),
        valid_from: None,
        valid_to: None,
        state: "current".into(),
    }
}
