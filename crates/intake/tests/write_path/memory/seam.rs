//! The seams on the oracle store. What only questions read is not there.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use model::decision::{Decision, DeliveryChoice, DeliveryKey, NewDecision, RuleSet};
use model::error::StoreResult;
use model::fact::{
    BillFact, CallFact, CallOutcomeFact, CallSeriesFact, CallSeriesQuery, CostItemRow, CostQuery,
    CostRow, DataPresence, DurationSeriesFact, EntityMatch, EntityPage, EstateFacts, EventFact,
    OpenReferenceFact, RecordFact, RecordQuery, RootFact, RootSeriesFact, SeriesFact, SeriesQuery,
    SignalFact, SignalQuery, TopologyComparison, TopologyFacts, TopologyQuery, TraceFact, TraceIds,
    TraceQuery, UsageCostQuery, UsageCostRow,
};
use model::input::{Completeness, InputRecord, IntakeEntry};
use model::resolution::{
    HeldRetirement, Known, Lookup, Sequence, TelemetryWrite, TopologyWrite, WriteOutcome,
};
use model::seam::{DataKind, ReadContext, Records, Telemetry, Topology, Version};
use model::span::{EdgeMinute, SpanObservation};
use model::{EntityId, Micros, Reject, StoreError, Window};

use super::state::State;
use super::topology;

/// The store.
#[derive(Default)]
pub struct Memory {
    state: Mutex<State>,
    /// So many writes are refused first.
    pub refusals: AtomicU32,
}

impl Memory {
    pub fn canonical(&self) -> Vec<String> {
        self.state(|state| state.canonical())
    }

    pub fn state<T>(&self, read: impl FnOnce(&mut State) -> T) -> T {
        read(&mut self.state.lock().unwrap())
    }

    fn refuse(&self) -> StoreResult<()> {
        let less = |left: u32| left.checked_sub(1);
        match self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less) {
            Ok(_) => Err(StoreError::Timeout { store: "memory".to_owned() }),
            Err(_) => Ok(()),
        }
    }

    fn die(&self, number: u64, stop: fn((u64, u64)) -> u64) -> StoreResult<()> {
        match self.state(|state| state.stop_after).is_some_and(|at| number > stop(at)) {
            true => Err(StoreError::Timeout { store: "memory".to_owned() }),
            false => Ok(()),
        }
    }

    fn sequences(&self, is_topology: bool) -> Vec<Sequence> {
        let all = self.state(|state| state.sequences.clone());
        let mine = all.into_iter().filter(|((of, _), _)| *of == is_topology);
        mine.map(|((_, journal), number)| Sequence { journal, number }).collect()
    }

    /// Whether the sequence is new; remembers it.
    fn is_new(state: &mut State, is_topology: bool, sequence: &Sequence) -> bool {
        let last = state.sequences.entry((is_topology, sequence.journal.clone())).or_default();
        let is_new = sequence.number > *last;
        *last = sequence.number.max(*last);
        is_new
    }
}

fn known_outcome() -> WriteOutcome {
    WriteOutcome { is_known: true, ..WriteOutcome::default() }
}

fn unread<T>() -> StoreResult<T> {
    Err(StoreError::NotFound { what: "the oracle store answers no question".to_owned() })
}

#[async_trait]
impl Topology for Memory {
    async fn known(&self, lookup: Lookup) -> StoreResult<Known> {
        Ok(self.state(|state| topology::known(state, &lookup)))
    }

    async fn covered(&self, source: &str, all: &Completeness) -> StoreResult<Vec<EntityId>> {
        Ok(self.state(|state| {
            let is_covered = |(id, of): &&(EntityId, String)| {
                let entity = &state.entities[id];
                of == source
                    && entity.kind == all.kind
                    && entity.canonical.as_str().starts_with(&all.id_prefix)
                    && !state.retired.contains_key(&(*id, of.clone()))
            };
            state.versions.keys().filter(is_covered).map(|(id, _)| *id).collect()
        }))
    }

    async fn held(&self, source: &str, all: &Completeness) -> StoreResult<Vec<HeldRetirement>> {
        let is_same = |one: &&HeldRetirement| one.source == source && one.completeness == *all;
        Ok(self.state(|state| {
            let mut held: Vec<HeldRetirement> =
                state.held.iter().filter(is_same).cloned().collect();
            for one in &mut held {
                one.entities.retain(|id| topology::last_seen(state, *id, source) < one.at);
            }
            held
        }))
    }

    async fn write(&self, write: TopologyWrite) -> StoreResult<WriteOutcome> {
        self.refuse()?;
        self.die(write.sequence.number, |stop| stop.0)?;
        Ok(self.state(|state| match Self::is_new(state, true, &write.sequence) {
            true => topology::write(state, write),
            false => known_outcome(),
        }))
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        Ok(self.sequences(true))
    }

    async fn version(&self) -> StoreResult<Version> {
        unread()
    }

    async fn estate(&self, _: &ReadContext) -> StoreResult<EstateFacts> {
        unread()
    }

    async fn topology(&self, _: &ReadContext, _: TopologyQuery) -> StoreResult<TopologyFacts> {
        unread()
    }

    async fn topology_comparison(
        &self,
        _: &ReadContext,
        _: TopologyQuery,
        _: Micros,
    ) -> StoreResult<TopologyComparison> {
        unread()
    }

    async fn entity(&self, _: &ReadContext, _: &str, _: usize) -> StoreResult<EntityPage> {
        unread()
    }

    async fn search(&self, _: &ReadContext, _: &str, _: usize) -> StoreResult<Vec<EntityMatch>> {
        unread()
    }

    async fn open_references(
        &self,
        _: &ReadContext,
        _: usize,
    ) -> StoreResult<(Vec<OpenReferenceFact>, u64)> {
        unread()
    }
}

fn add_edge(state: &mut State, (client, server): (EntityId, EntityId), edge: &EdgeMinute, by: i64) {
    let key = (client, server, edge.operation.clone(), edge.at, edge.is_asynchronous);
    let count = state.edges.entry(key).or_default();
    count.0 += by * edge.calls as i64;
    count.1 += by * edge.errors as i64;
    for (bin, calls) in edge.client_seconds.iter().chain(&edge.server_seconds) {
        *count.2.entry(*bin).or_default() += by * *calls as i64;
    }
    count.2.retain(|_, calls| *calls != 0);
}

#[async_trait]
impl Telemetry for Memory {
    async fn write(&self, write: TelemetryWrite) -> StoreResult<WriteOutcome> {
        self.refuse()?;
        self.die(write.sequence.number, |stop| stop.1)?;
        Ok(self.state(|state| {
            if !Self::is_new(state, false, &write.sequence) {
                return known_outcome();
            }
            state.subjects.extend(write.subjects.into_iter().map(|one| (one.id, one)));
            for (_, span) in write.spans {
                state.spans.insert((span.trace_id, span.span_id, span.kind), span);
            }
            for (client, server, edge) in &write.edges_paired {
                add_edge(state, (*client, *server), edge, 1);
            }
            for (client, server, edge) in &write.edges_unpaired {
                add_edge(state, (*client, *server), edge, -1);
            }
            for (subject, series) in write.series {
                for point in series.points {
                    let key = (subject, series.metric.clone(), point.at);
                    state.samples.insert(key, point.value.to_bits());
                }
            }
            state.charges += write.charges.len() as u64;
            WriteOutcome::default()
        }))
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        Ok(self.sequences(false))
    }

    async fn trace_spans(&self, traces: &[[u8; 16]]) -> StoreResult<Vec<SpanObservation>> {
        let is_of = |span: &&SpanObservation| traces.contains(&span.trace_id);
        Ok(self.state(|state| state.spans.values().filter(is_of).cloned().collect()))
    }

    async fn delivery_choose(&self, _: &DeliveryKey, _: Option<DeliveryChoice>) -> StoreResult<()> {
        unread()
    }

    async fn version(&self, _: DataKind) -> StoreResult<Version> {
        unread()
    }

    async fn presence(&self, _: &ReadContext) -> StoreResult<Vec<DataPresence>> {
        unread()
    }

    async fn signals(&self, _: &ReadContext, _: SignalQuery) -> StoreResult<Vec<SignalFact>> {
        unread()
    }

    async fn series(&self, _: &ReadContext, _: SeriesQuery) -> StoreResult<Vec<SeriesFact>> {
        unread()
    }

    async fn cost(&self, _: &ReadContext, _: CostQuery) -> StoreResult<Vec<CostRow>> {
        unread()
    }

    async fn cost_items(&self, _: &ReadContext, _: CostQuery) -> StoreResult<Vec<CostItemRow>> {
        unread()
    }

    async fn usage_cost(
        &self,
        _: &ReadContext,
        _: UsageCostQuery,
    ) -> StoreResult<Vec<UsageCostRow>> {
        unread()
    }

    async fn bills(&self, _: &ReadContext) -> StoreResult<Vec<BillFact>> {
        unread()
    }

    async fn calls(&self, _: &ReadContext, _: Window) -> StoreResult<Vec<CallFact>> {
        unread()
    }

    async fn duration_series(
        &self,
        _: &ReadContext,
        _: SeriesQuery,
    ) -> StoreResult<Vec<DurationSeriesFact>> {
        unread()
    }

    async fn call_series(
        &self,
        _: &ReadContext,
        _: CallSeriesQuery,
    ) -> StoreResult<Vec<CallSeriesFact>> {
        unread()
    }

    async fn root_series(
        &self,
        _: &ReadContext,
        _: CallSeriesQuery,
    ) -> StoreResult<Vec<RootSeriesFact>> {
        unread()
    }

    async fn call_outcomes(&self, _: &ReadContext, _: Window) -> StoreResult<Vec<CallOutcomeFact>> {
        unread()
    }

    async fn roots(&self, _: &ReadContext, _: Window) -> StoreResult<Vec<RootFact>> {
        unread()
    }

    async fn trace_ids(&self, _: &ReadContext, _: TraceQuery) -> StoreResult<TraceIds> {
        unread()
    }

    async fn traces(&self, _: &ReadContext, _: &[[u8; 16]]) -> StoreResult<Vec<TraceFact>> {
        unread()
    }

    async fn records(
        &self,
        _: &ReadContext,
        _: RecordQuery,
    ) -> StoreResult<Vec<RecordFact<String>>> {
        unread()
    }

    async fn events(&self, _: &ReadContext, _: EntityId, _: usize) -> StoreResult<Vec<EventFact>> {
        unread()
    }
}

#[async_trait]
impl Records for Memory {
    async fn intake_begin(&self, run: &str, input: &InputRecord) -> StoreResult<u64> {
        Ok(self.state(|state| {
            let id = state.ledger.len() as u64 + 1;
            let entry = IntakeEntry {
                id,
                run: run.to_owned(),
                input: input.clone(),
                outcome: Default::default(),
                is_finished: false,
            };
            state.ledger.insert(id, (entry, Vec::new()));
            id
        }))
    }

    async fn intake_progress(&self, entry: &IntakeEntry, rejects: &[Reject]) -> StoreResult<()> {
        self.state(|state| {
            let line = state.ledger.get_mut(&entry.id).unwrap();
            line.0 = entry.clone();
            line.1.extend_from_slice(rejects);
        });
        Ok(())
    }

    async fn intake_known(&self, input: &InputRecord) -> StoreResult<bool> {
        let is_same = |one: &InputRecord| {
            (&one.content_hash, &one.source, one.observed_at)
                == (&input.content_hash, &input.source, input.observed_at)
        };
        Ok(self.state(|state| {
            state.ledger.values().any(|(one, _)| one.is_finished && is_same(&one.input))
        }))
    }

    async fn intake_list(&self, _: Option<u64>, _: usize) -> StoreResult<Vec<IntakeEntry>> {
        unread()
    }

    async fn intake_entry(&self, _: u64) -> StoreResult<(IntakeEntry, Vec<Reject>)> {
        unread()
    }

    async fn setting(&self, _: &str) -> StoreResult<Option<String>> {
        unread()
    }

    async fn setting_put(&self, _: &str, _: &str) -> StoreResult<()> {
        unread()
    }

    async fn decisions_version(&self) -> StoreResult<Version> {
        unread()
    }

    async fn decisions(&self) -> StoreResult<Vec<Decision>> {
        unread()
    }

    async fn decision_put(&self, _: &NewDecision) -> StoreResult<Decision> {
        unread()
    }

    async fn rules(&self) -> StoreResult<Option<RuleSet>> {
        unread()
    }

    async fn rules_put(&self, _: &str, _: &str, _: Micros) -> StoreResult<RuleSet> {
        unread()
    }
}
