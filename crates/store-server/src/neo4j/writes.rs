//! What `snapshot` asks of a database, on Neo4j: one transaction a write, under a counter that several
//! replicas share, and what others wrote since.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use model::archive::TakeWrite;
use model::entity::EntityId;
use model::error::{StoreError, StoreResult};
use model::fact::VersionFact;
use model::resolution::{Sequence, TopologyWrite, WriteOutcome};
use model::seam::ReadContext;
use model::time::Micros;
use neo4j::ValueSend;
use snapshot::{Estate, Fold, News, Writes};

use super::connection::{Access, Connections, Parameters, Terms, Tx};
use super::error::{Outcome, STORE, is_away, unavailable};
use super::graph::{self, integer};
use super::pack;
use super::row::{counter, newer, number, one, text, version_fact};

/// Packed writes in one statement.
const PACKS_MAX: usize = 100;
/// Entities that one transaction describes.
const DESCRIBED_MAX: usize = 50_000;

/// The writes and the graph.
#[derive(Debug)]
pub struct GraphWrites {
    connections: Arc<Connections>,
    /// One write at a time in this replica.
    turn: tokio::sync::Mutex<()>,
    /// The newest write when this replica began to look things up for its next write.
    resolved_at: Mutex<Option<u64>>,
    /// When the counter was last read.
    polled: Mutex<Option<Instant>>,
    /// Entities whose nodes do not show yet what they are.
    pending: Arc<Mutex<BTreeSet<EntityId>>>,
}

/// What a write did.
enum Done {
    /// Its sequence was known.
    Known,
    /// It is in.
    New(Box<News>, WriteOutcome),
}

/// The news, what they changed, and entities whose nodes do not show yet what they are.
type Appended = (Option<Box<News>>, WriteOutcome, BTreeSet<EntityId>);

impl GraphWrites {
    /// Reads every write.
    pub async fn open(connections: Arc<Connections>) -> StoreResult<(Self, Estate)> {
        let terms = Terms {
            operation: "read every write",
            access: Access::Read,
            time: connections.options.replay_time,
            deadline: None,
        };
        let work = move |tx: &Tx<'_, '_>| -> Outcome<_> {
            let (_, described) = counter(tx, include_str!("read/counter.cypher"))?;
            let (mut estate, mut pending) = (Estate::new(None), BTreeSet::new());
            newer(tx, 0, |news| {
                if news.number > described {
                    pending.extend(touched(&estate, &news));
                }
                estate.apply(&news.write, news.number);
            })?;
            Ok((estate, pending))
        };
        let (estate, pending) = connections.run(terms, work, |read| read).await?;
        let writes = Self {
            connections,
            turn: tokio::sync::Mutex::default(),
            resolved_at: Mutex::default(),
            polled: Mutex::new(Some(Instant::now())),
            pending: Arc::new(Mutex::new(pending)),
        };
        Ok((writes, estate))
    }

    fn terms(&self, operation: &'static str, access: Access) -> Terms {
        let options = &self.connections.options;
        let time = if access == Access::Write { options.write_time } else { options.read_time };
        Terms { operation, access, time, deadline: None }
    }

    /// Asks for the counter, and takes in what is newer.
    async fn poll(&self, fold: &Fold) -> StoreResult<()> {
        let fold = fold.clone();
        let terms = Terms {
            time: self.connections.options.replay_time,
            ..self.terms("look for newer writes", Access::Read)
        };
        let work = move |tx: &Tx<'_, '_>| -> Outcome<_> {
            let version = fold.version().number;
            if counter(tx, include_str!("read/counter.cypher"))?.0 > version {
                newer(tx, version, |news| fold.take(&news))?;
            }
            Ok(())
        };
        self.connections.run(terms, work, |()| ()).await?;
        *self.polled.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok(())
    }

    /// Shows in the graph what the touched entities are now. What fails is done with the next write.
    async fn describe(&self, fold: &Fold) {
        let ids: Vec<EntityId> = {
            let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            pending.iter().copied().collect()
        };
        let parts = ids.len().div_ceil(DESCRIBED_MAX);
        for (place, part) in ids.chunks(DESCRIBED_MAX).enumerate() {
            if let Err(error) = self.describe_some(fold, part.to_vec(), place + 1 == parts).await {
                tracing::warn!(%error, "some nodes show what they are with the next write");
                return;
            }
        }
    }

    async fn describe_some(
        &self,
        fold: &Fold,
        ids: Vec<EntityId>,
        is_last: bool,
    ) -> StoreResult<()> {
        let (held, pending) = (fold.clone(), Arc::clone(&self.pending));
        let shown = ids.clone();
        let work = move |tx: &Tx<'_, '_>| -> Outcome<_> {
            let (number, facts) = held.read(|estate| {
                let facts = shown.iter().map(|id| (*id, estate.shown(*id))).collect::<Vec<_>>();
                (estate.version.number, facts)
            });
            let mut parameters = one("write", integer(number));
            parameters.insert("is_last".to_owned(), is_last.into());
            let statement = include_str!("write/described_set.cypher");
            if tx.number(statement, &parameters)? != Some(1) {
                return Err(unavailable("another replica wrote meanwhile").into());
            }
            graph::describe(tx, &facts)
        };
        let settle = move |()| {
            let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
            ids.iter().for_each(|id| {
                pending.remove(id);
            });
        };
        let terms = self.terms("describe entities", Access::Write);
        self.connections.run(terms, work, settle).await
    }
}

#[async_trait]
impl Writes for GraphWrites {
    fn name(&self) -> &'static str {
        STORE
    }

    async fn append(&self, fold: &Fold, write: TopologyWrite) -> StoreResult<WriteOutcome> {
        let _turn = self.turn.lock().await;
        let (planned, taken, pending) = (fold.clone(), fold.clone(), Arc::clone(&self.pending));
        let resolved_at = self.resolved_at.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut kept: Option<WriteOutcome> = None;
        let work = move |tx: &Tx<'_, '_>| -> Outcome<_> {
            let (done, left) = append(tx, &planned, &write, resolved_at)?;
            Ok(match (done, kept.clone()) {
                // Its commit succeeded before, and only the reply was lost.
                (Done::Known, Some(outcome)) => (None, outcome, left),
                (Done::Known, None) => {
                    (None, WriteOutcome { is_known: true, ..WriteOutcome::default() }, left)
                }
                (Done::New(news, outcome), _) => {
                    kept = Some(outcome.clone());
                    (Some(news), outcome, left)
                }
            })
        };
        let after = move |(news, outcome, left): Appended| {
            let mut ids = left;
            if let Some(news) = &news {
                ids.extend(taken.read(|estate| touched(estate, news)));
                taken.take(news);
            }
            let ids = taken.read(|estate| estate.currents(&ids));
            pending.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
            outcome
        };
        let terms = self.terms("write the topology", Access::Write);
        let outcome = self.connections.run(terms, work, after).await?;
        self.describe(fold).await;
        Ok(outcome)
    }

    async fn catch_up(&self, fold: &Fold) -> StoreResult<()> {
        let options = &self.connections.options;
        let polled = *self.polled.lock().unwrap_or_else(PoisonError::into_inner);
        let age = polled.map(|at| at.elapsed());
        if age.is_some_and(|age| age < options.poll_every) {
            return Ok(());
        }
        match self.poll(fold).await {
            Err(error) if is_away(&error) && age.is_some_and(|age| age < options.lag_max) => Ok(()),
            done => done,
        }
    }

    async fn begin_resolving(&self, fold: &Fold) -> StoreResult<()> {
        self.poll(fold).await?;
        let version = fold.version().number;
        // Of several look-ups for one write the first decides.
        self.resolved_at.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(version);
        Ok(())
    }

    async fn replay(&self, ctx: &ReadContext, at: Micros) -> StoreResult<Estate> {
        let cancel = ctx.cancel.clone();
        let terms = Terms {
            time: self.connections.options.replay_time,
            deadline: Some(ctx.deadline),
            ..self.terms("read the topology of the past", Access::Read)
        };
        let work = move |tx: &Tx<'_, '_>| -> Outcome<_> {
            let mut estate = Estate::new(Some(at));
            newer(tx, 0, |news| {
                if !cancel.is_cancelled() {
                    estate.apply(&news.write, news.number);
                }
            })?;
            if cancel.is_cancelled() { Err(StoreError::Cancelled.into()) } else { Ok(estate) }
        };
        self.connections.run(terms, work, |estate| estate).await
    }

    async fn history(
        &self,
        ctx: &ReadContext,
        ids: Vec<EntityId>,
        at: Micros,
        limit: usize,
    ) -> StoreResult<Vec<VersionFact>> {
        let ids: Vec<i64> = ids.into_iter().map(|id| integer(id.0)).collect();
        let parameters = Parameters::from([
            ("ids".to_owned(), ids.into()),
            ("at".to_owned(), at.0.into()),
            ("limit".to_owned(), ValueSend::Integer(limit as i64)),
        ]);
        let terms = Terms {
            deadline: Some(ctx.deadline),
            ..self.terms("read an entity's versions", Access::Read)
        };
        let work = move |tx: &Tx<'_, '_>| -> Outcome<_> {
            let mut versions = Vec::new();
            tx.each(include_str!("read/entity_history.cypher"), &parameters, |row| {
                versions.push(version_fact(row)?);
                Ok(())
            })?;
            Ok(versions)
        };
        self.connections.run(terms, work, |versions| versions).await
    }

    async fn writes(&self, mut take: TakeWrite) -> StoreResult<()> {
        let terms = Terms {
            time: self.connections.options.replay_time,
            ..self.terms("read every write", Access::Read)
        };
        // Tried again, it goes on behind what was taken.
        let mut taken = 0;
        let work = move |tx: &Tx<'_, '_>| -> Outcome<_> {
            let mut failed = None;
            newer(tx, taken, |news| {
                if failed.is_none() {
                    match take(news.write) {
                        Ok(()) => taken = news.number,
                        Err(error) => failed = Some(error),
                    }
                }
            })?;
            failed.map_or(Ok(()), |error| Err(error.into()))
        };
        self.connections.run(terms, work, |()| ()).await
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        let work = |tx: &Tx<'_, '_>| -> Outcome<_> {
            let mut all = Vec::new();
            tx.each(include_str!("read/sequence.cypher"), &Parameters::new(), |row| {
                let mut row = row.into_iter();
                all.push(Sequence { journal: text(&mut row)?, number: number(&mut row)? });
                Ok(())
            })?;
            Ok(all)
        };
        self.connections.run(self.terms("read the sequences", Access::Read), work, |all| all).await
    }
}

/// Appends a write unless its sequence is known, as the only one who writes. Gives the entities of
/// earlier writes that nobody has described: whose replica ended right after them.
fn append(
    tx: &Tx<'_, '_>,
    fold: &Fold,
    write: &TopologyWrite,
    resolved_at: Option<u64>,
) -> Outcome<(Done, BTreeSet<EntityId>)> {
    let (newest, described) = counter(tx, include_str!("write/counter_lock.cypher"))?;
    let journal = one("journal", write.sequence.journal.as_str());
    let known = tx.number(include_str!("read/sequence_of.cypher"), &journal)?;
    let is_known = known.is_some_and(|known| known.cast_unsigned() >= write.sequence.number);
    let version = fold.version().number;
    if newest > version {
        newer(tx, version, |news| fold.take(&news))?;
    }
    let mut left = BTreeSet::new();
    if described < newest {
        newer(tx, described, |news| left.extend(mentioned(&news)))?;
    }
    if is_known {
        return Ok((Done::Known, left));
    }
    if resolved_at.is_some_and(|resolved_at| newest != resolved_at) {
        // What was looked up may be out of date: an id could be given twice.
        return Err(unavailable(
            "another replica wrote since this batch was resolved; it is resolved again",
        )
        .into());
    }
    let (news, outcome) = fold.plan(write.clone());
    put(tx, fold, &news)?;
    Ok((Done::New(Box::new(news), outcome), left))
}

fn put(tx: &Tx<'_, '_>, fold: &Fold, news: &News) -> Outcome<()> {
    let (write, number) = (&news.write, integer(news.number));
    let relationships = fold.read(|estate| graph::relationships(estate, news));
    let packs = pack::packed(write)?;
    let packs = (0_i64..).zip(packs).map(|(place, bytes)| {
        ValueSend::List(vec![ValueSend::Integer(place), ValueSend::Bytes(bytes)])
    });
    let mut packs = packs.peekable();
    while packs.peek().is_some() {
        let some = packs.by_ref().take(PACKS_MAX);
        let statement = include_str!("write/write_rows_add.cypher");
        graph::batches(tx, statement, some, Some(&ValueSend::Integer(number)))?;
    }
    graph::put_entities(tx, news)?;
    graph::put_relationships(tx, news, &relationships)?;
    let parameters = HashMap::from([
        ("write".to_owned(), ValueSend::Integer(number)),
        ("journal".to_owned(), write.sequence.journal.as_str().into()),
        ("sequence".to_owned(), ValueSend::Integer(integer(write.sequence.number))),
        ("source".to_owned(), write.input.source.as_str().into()),
        ("observed_at".to_owned(), write.input.observed_at.0.into()),
    ]);
    tx.run(include_str!("write/counter_set.cypher"), &parameters)
}

/// Entities that a write may have changed, as ids before it.
fn touched(estate: &Estate, news: &News) -> BTreeSet<EntityId> {
    let mut ids: BTreeSet<EntityId> = described_by(news).collect();
    // What is seen again after its end begins again; the others are as they were.
    ids.extend(news.write.seen.iter().copied().filter(|id| estate.is_ended(*id)));
    estate.currents(&ids)
}

/// Entities that a write speaks of.
fn mentioned(news: &News) -> BTreeSet<EntityId> {
    described_by(news).chain(news.write.seen.iter().copied()).collect()
}

/// Entities about which a write says something new.
fn described_by(news: &News) -> impl Iterator<Item = EntityId> {
    let write = &news.write;
    let entities = write.entities.iter().map(|one| one.id);
    let versions = write.versions.iter().map(|one| one.entity);
    let retired = write.retirements.iter().map(|one| one.entity);
    let merged = write.merges.iter().map(|one| one.into);
    entities.chain(versions).chain(retired).chain(merged)
}
