//! `Topology` on DuckDB and memory: rows in the database, their fold in memory. What is asked about
//! the present is answered from the fold; what is asked about the past from a fold of the same rows
//! at that instant.

mod answer;
mod append;
mod claims;
mod edge;
mod entities;
mod estate;
mod everything;
mod fact;
mod few;
mod group;
mod instant;
mod keys;
mod known;
mod life;
mod lists;
mod matched;
mod names;
mod packed;
mod page;
mod plan;
mod record;
mod reference;
mod rows;
mod said;
mod search;
mod select;
mod tally;
mod text;
mod touched;

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use duckdb::{Connection, params};
use model::decision::WaitingRetirement;
use model::entity::EntityId;
use model::error::{StoreError, StoreResult};
use model::fact::{
    EntityMatch, EntityPage, EstateFacts, OpenReferenceFact, TopologyComparison, TopologyFacts,
    TopologyQuery, VersionFact,
};
use model::input::Completeness;
use model::resolution::{HeldRetirement, Known, Lookup, Sequence, TopologyWrite, WriteOutcome};
use model::seam::{ReadContext, Topology, Version};
use model::time::Micros;

use crate::database::Database;
use crate::error::{Failure, Outcome};
use crate::sequence;
use estate::Estate;

/// Name of this store in the table of sequences.
const STORE: &str = "topology";
/// Versions on an entity's page.
const HISTORY_MAX: u64 = 50;

/// The topology in the database and in memory.
#[derive(Debug)]
pub struct EmbeddedTopology {
    database: Arc<Database>,
    estate: Arc<RwLock<Estate>>,
    /// The estate of the past that was asked for last, with the version it was made of.
    past: Arc<Mutex<Option<Arc<Estate>>>>,
}

impl EmbeddedTopology {
    /// Reads the rows into memory.
    ///
    /// # Errors
    /// When a row cannot be read.
    pub fn open(database: Arc<Database>, connection: &Connection) -> Outcome<Self> {
        let estate = Arc::new(RwLock::new(rows::load(connection, None)?));
        Ok(Self { database, estate, past: Arc::new(Mutex::new(None)) })
    }

    /// Runs `work` on the present estate, off the asynchronous threads.
    async fn present<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Estate) -> T + Send + 'static,
    ) -> StoreResult<T> {
        let estate = Arc::clone(&self.estate);
        tokio::task::spawn_blocking(move || {
            work(&estate.read().unwrap_or_else(PoisonError::into_inner))
        })
        .await
        .map_err(|error| StoreError::Internal {
            operation: "read the topology".to_owned(),
            reason: error.to_string(),
        })
    }

    /// Runs `work` on the estate as it was asked for, under the context's deadline and cancellation.
    async fn at<T: Send + 'static>(
        &self,
        ctx: &ReadContext,
        work: impl FnOnce(&Estate) -> T + Send + 'static,
    ) -> StoreResult<T> {
        match ctx.as_of {
            Some(at) => {
                let past = self.past(ctx, at).await?;
                self.bounded(ctx, async move {
                    tokio::task::spawn_blocking(move || work(&past)).await.map_err(|error| {
                        StoreError::Internal {
                            operation: "read the topology".to_owned(),
                            reason: error.to_string(),
                        }
                    })
                })
                .await
            }
            None => self.bounded(ctx, self.present(work)).await,
        }
    }

    async fn bounded<T>(
        &self,
        ctx: &ReadContext,
        work: impl Future<Output = StoreResult<T>> + Send,
    ) -> StoreResult<T> {
        tokio::select! {
            biased;
            () = ctx.cancel.cancelled() => Err(StoreError::Cancelled),
            done = work => done,
            () = tokio::time::sleep_until(tokio::time::Instant::from_std(ctx.deadline)) => {
                Err(StoreError::Timeout { store: crate::error::STORE.to_owned() })
            }
        }
    }

    /// The estate at an instant: kept for the next question about the same, read from the rows
    /// otherwise.
    async fn past(&self, ctx: &ReadContext, at: Micros) -> StoreResult<Arc<Estate>> {
        let version = self.estate.read().unwrap_or_else(PoisonError::into_inner).version;
        let kept = self.past.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| kept.at == at && kept.version == version) {
            return Ok(kept);
        }
        let read = self
            .database
            .read("read the topology of the past", ctx, move |connection| {
                // One transaction, so that all tables are read at one version.
                connection.execute_batch("BEGIN TRANSACTION READ ONLY")?;
                let loaded = rows::load(connection, Some(at));
                connection.execute_batch("ROLLBACK")?;
                loaded
            })
            .await?;
        let read = Arc::new(read);
        *self.past.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&read));
        Ok(read)
    }
}

#[async_trait]
impl Topology for EmbeddedTopology {
    async fn known(&self, lookup: Lookup) -> StoreResult<Known> {
        self.present(move |estate| known::known(estate, &lookup)).await
    }

    async fn covered(
        &self,
        source: &str,
        completeness: &Completeness,
    ) -> StoreResult<Vec<EntityId>> {
        let (source, completeness) = (source.to_owned(), completeness.clone());
        self.present(move |estate| known::covered(estate, &source, &completeness)).await
    }

    async fn held(
        &self,
        source: &str,
        completeness: &Completeness,
    ) -> StoreResult<Vec<HeldRetirement>> {
        let (source, completeness) = (source.to_owned(), completeness.clone());
        self.present(move |estate| known::held(estate, &source, &completeness)).await
    }

    async fn held_waiting(&self) -> StoreResult<Vec<WaitingRetirement>> {
        self.present(fact::held_waiting).await
    }

    async fn write(&self, write: TopologyWrite) -> StoreResult<WriteOutcome> {
        let (estate, folded) = (Arc::clone(&self.estate), Arc::clone(&self.estate));
        self.database
            .write_then(
                "write the topology",
                move |tx| {
                    if sequence::is_known(tx, STORE, &write.sequence)? {
                        let known = WriteOutcome { is_known: true, ..WriteOutcome::default() };
                        return Ok((None, known));
                    }
                    let estate = estate.read().unwrap_or_else(PoisonError::into_inner);
                    let number = estate.version.number.saturating_add(1);
                    let (news, outcome) = plan::plan(&estate, write);
                    append::append(tx, &news, number)?;
                    sequence::record(tx, STORE, &news.sequence)?;
                    Ok((Some((news, number)), outcome))
                },
                move |(news, outcome)| {
                    if let Some((news, number)) = news {
                        let mut estate = folded.write().unwrap_or_else(PoisonError::into_inner);
                        estate.apply(&news, number);
                    }
                    outcome
                },
            )
            .await
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        self.database
            .read_own("read the sequences", |connection| sequence::all(connection, STORE))
            .await
    }

    async fn version(&self) -> StoreResult<Version> {
        Ok(self.estate.read().unwrap_or_else(PoisonError::into_inner).version)
    }

    async fn topology(
        &self,
        ctx: &ReadContext,
        query: TopologyQuery,
    ) -> StoreResult<TopologyFacts> {
        let org = ctx.org_scope.clone();
        self.at(ctx, move |estate| answer::topology(estate, &query, &org)).await?
    }

    async fn estate(&self, ctx: &ReadContext) -> StoreResult<EstateFacts> {
        let org = ctx.org_scope.clone();
        self.at(ctx, move |estate| everything::estate(estate, &org)).await
    }

    async fn topology_comparison(
        &self,
        ctx: &ReadContext,
        query: TopologyQuery,
        before: Micros,
    ) -> StoreResult<TopologyComparison> {
        let (before, org) = (self.past(ctx, before).await?, ctx.org_scope.clone());
        self.at(ctx, move |after| answer::comparison(&before, after, &query, &org)).await
    }

    async fn entity(&self, ctx: &ReadContext, name: &str, limit: usize) -> StoreResult<EntityPage> {
        let (name, org) = (name.to_owned(), ctx.org_scope.clone());
        let (mut page, ids) =
            self.at(ctx, move |estate| page::page(estate, &name, limit, &org)).await??;
        let at = ctx.as_of.unwrap_or(life::NOW);
        page.history = self
            .database
            .read("read an entity's versions", ctx, move |connection| history(connection, &ids, at))
            .await?;
        Ok(page)
    }

    async fn search(
        &self,
        ctx: &ReadContext,
        text: &str,
        limit: usize,
    ) -> StoreResult<Vec<EntityMatch>> {
        let (text, org) = (text.to_owned(), ctx.org_scope.clone());
        self.at(ctx, move |estate| search::search(estate, &text, limit, &org)).await
    }

    async fn open_references(
        &self,
        ctx: &ReadContext,
        limit: usize,
    ) -> StoreResult<(Vec<OpenReferenceFact>, u64)> {
        self.at(ctx, move |estate| page::open_references(estate, limit)).await
    }
}

fn history(connection: &Connection, ids: &[EntityId], at: Micros) -> Outcome<Vec<VersionFact>> {
    let ids = ids.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(",");
    let mut statement = connection.prepare(include_str!("read/entity_history.sql"))?;
    let mut rows = statement.query(params![ids, at.0, HISTORY_MAX])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(VersionFact {
            source: row.get(0)?,
            observed_at: Micros(row.get(1)?).timestamp(),
            labels: serde_json::from_str(&row.get::<_, String>(2)?)?,
            properties: serde_json::from_str(&row.get::<_, String>(3)?)?,
        });
    }
    Ok::<_, Failure>(versions)
}
