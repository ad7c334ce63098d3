//! One batch into both stores: look up, resolve, write the topology, write the telemetry, tell.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use identity::{Observations, Resolution};
use model::commit::Committed;
use model::error::StoreResult;
use model::input::IntakeEntry;
use model::resolution::{HeldRetirement, Known, Lookup, Sequence, WriteOutcome};
use model::seam::{Records, Telemetry, Topology};
use model::{AliasKey, Batch, StoreError};
use tokio::sync::broadcast;

use crate::commit::{notice_of, notice_of_topology};
use crate::input::InputState;
use crate::{retire, trace};

/// How often a resolution may name keys whose references must be tried again: a chain of joins that
/// each made the next one possible.
const CASCADE_MAX: usize = 4;
/// Everything below a name, then the ids that it is renamed to.
const RENAME_ROUNDS: usize = 2;

/// The stores that intake writes to.
#[derive(Clone)]
pub struct Stores {
    /// The graph.
    pub topology: Arc<dyn Topology>,
    /// What was measured.
    pub telemetry: Arc<dyn Telemetry>,
    /// The ledger.
    pub records: Arc<dyn Records>,
}

/// Applies batches, one at a time.
pub(crate) struct Applier {
    pub stores: Stores,
    notices: broadcast::Sender<Committed>,
    /// Last sequence that each store holds, by journal.
    topology_held: HashMap<String, u64>,
    telemetry_held: HashMap<String, u64>,
}

impl Applier {
    pub async fn new(stores: Stores, notices: broadcast::Sender<Committed>) -> StoreResult<Self> {
        let by_journal = |all: Vec<Sequence>| all.into_iter().map(|one| (one.journal, one.number));
        let topology_held = by_journal(stores.topology.sequences().await?).collect();
        let telemetry_held = by_journal(stores.telemetry.sequences().await?).collect();
        Ok(Self { stores, notices, topology_held, telemetry_held })
    }

    /// Last number of a journal that both stores hold, and the last that any holds.
    pub fn held(&self, journal: &str) -> (u64, u64) {
        let of = |held: &HashMap<String, u64>| held.get(journal).copied().unwrap_or(0);
        let (topology, telemetry) = (of(&self.topology_held), of(&self.telemetry_held));
        (topology.min(telemetry), topology.max(telemetry))
    }

    /// Forgets a journal that is at its end.
    pub fn forget(&mut self, journal: &str) {
        self.topology_held.remove(journal);
        self.telemetry_held.remove(journal);
    }

    /// Takes one batch in; gives the ledger's line when the input ends with it.
    pub async fn apply(
        &mut self,
        state: &mut InputState,
        mut batch: Batch,
        sequence: Sequence,
    ) -> StoreResult<Option<IntakeEntry>> {
        let is_last = batch.is_last;
        let rejects = std::mem::take(&mut batch.rejects);
        let mut counts = state.counts.clone();
        batch.rejects.clone_from(&rejects);
        counts.read(&batch);
        let mut written = WriteOutcome::default();
        if !state.is_known {
            let is_replay = self.topology_held.get(&sequence.journal) >= Some(&sequence.number);
            let (mut resolution, observations) =
                resolve(&self.stores, batch, &sequence, is_replay).await?;
            state.reported.extend(resolution.reported.iter().map(|entity| entity.0));
            if is_last {
                self.retire(state, &observations.batch, &mut resolution).await?;
            }
            counts.open_references =
                counts.open_references.saturating_add(resolution.open_references);
            written = self.write(resolution, observations, &sequence, &mut counts).await?;
        }
        state.counts = counts;
        let records = &*self.stores.records;
        let entry = state.progress(records, rejects, &written, is_last).await?;
        Ok(is_last.then_some(entry))
    }

    async fn retire(
        &self,
        state: &InputState,
        batch: &Batch,
        resolution: &mut Resolution,
    ) -> StoreResult<()> {
        let (topology, input) = (&*self.stores.topology, &batch.input);
        let (retirements, held) = retire::retire(
            topology,
            &input.source,
            input.observed_at,
            &batch.completes,
            &state.reported,
        )
        .await?;
        resolution.topology.retirements = retirements;
        resolution.topology.held = held;
        Ok(())
    }

    /// Writes the retirements that were held, and tells.
    pub async fn confirm(&self, held: &HeldRetirement) -> StoreResult<WriteOutcome> {
        let write = retire::confirmed(held);
        let notice = notice_of_topology(&write);
        let outcome = self.stores.topology.write(write).await?;
        let _unheard = self.notices.send(notice);
        Ok(outcome)
    }

    async fn write(
        &mut self,
        mut resolution: Resolution,
        observations: Observations,
        sequence: &Sequence,
        counts: &mut crate::outcome::Counts,
    ) -> StoreResult<WriteOutcome> {
        let topology = resolution.take_topology(sequence);
        let telemetry = resolution.telemetry(observations, sequence.clone());
        let notice = notice_of(&topology, &telemetry);
        counts.written(&self.stores.topology.write(topology).await?);
        raise(&mut self.topology_held, sequence);
        let written = self.stores.telemetry.write(telemetry).await?;
        counts.written(&written);
        raise(&mut self.telemetry_held, sequence);
        // Nobody need listen.
        let _unheard = self.notices.send(notice);
        Ok(written)
    }
}

fn raise(held: &mut HashMap<String, u64>, sequence: &Sequence) {
    let number = held.entry(sequence.journal.clone()).or_default();
    *number = (*number).max(sequence.number);
}

/// Looks up what the batch names, then decides; asks again while the decision changes what other names
/// mean.
pub(crate) async fn resolve(
    stores: &Stores,
    batch: Batch,
    sequence: &Sequence,
    is_replay: bool,
) -> StoreResult<(Resolution, Observations)> {
    let (paired, unpaired) = trace::pair(&*stores.telemetry, &batch).await?;
    let (observations, keys) = blocking(move || {
        let observations = Observations::new(batch, paired, unpaired);
        let keys = identity::keys(&observations);
        (observations, keys)
    })
    .await?;
    let at = Some(observations.batch.input.observed_at);
    let lookup = Lookup { keys, at, ..Lookup::default() };
    let mut known = stores.topology.known(lookup).await?;
    // What is below a renamed cluster, then what that is called now.
    for _ in 0..RENAME_ROUNDS {
        let Some(mut lookup) = identity::rename_lookup(&observations, &known) else { break };
        lookup.at = at;
        extend(&mut known, stores.topology.known(lookup).await?);
    }
    let mut asked: BTreeSet<AliasKey> = BTreeSet::new();
    if let Some(mut lookup) = identity::second_lookup(&observations, &known, is_replay) {
        lookup.at = at;
        asked.extend(lookup.retry.iter().cloned());
        extend(&mut known, stores.topology.known(lookup).await?);
    }
    let mut observations = observations;
    for round in 0.. {
        let keys = identity::external_keys(&known);
        if !keys.is_empty() {
            extend(
                &mut known,
                stores.topology.known(Lookup { keys, at, ..Lookup::default() }).await?,
            );
        }
        let sequence = sequence.clone();
        let (resolution, known_back, observations_back) = blocking(move || {
            let resolution = identity::resolve(&observations, &known, sequence, is_replay);
            (resolution, known, observations)
        })
        .await?;
        (known, observations) = (known_back, observations_back);
        let retry: Vec<AliasKey> =
            resolution.cascade.iter().filter(|key| !asked.contains(*key)).cloned().collect();
        if retry.is_empty() || round == CASCADE_MAX {
            return Ok((resolution, observations));
        }
        asked.extend(retry.iter().cloned());
        extend(&mut known, stores.topology.known(Lookup { retry, at, ..Lookup::default() }).await?);
    }
    Err(StoreError::Cancelled)
}

/// Adds what a further look-up found.
fn extend(known: &mut Known, more: Known) {
    known.claims.extend(more.claims);
    known.entities.extend(more.entities);
    known.references.extend(more.references);
    known.references.sort_by_key(|reference| reference.id);
    known.references.dedup_by_key(|reference| reference.id);
    known.records.extend(more.records);
    known.redirects.extend(more.redirects);
    known.next_id = known.next_id.max(more.next_id);
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> StoreResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Internal {
        operation: "resolve a batch".to_owned(),
        reason: error.to_string(),
    })
}
