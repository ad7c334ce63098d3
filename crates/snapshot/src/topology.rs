//! `Topology` as the fold answers it, whatever database keeps the writes.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use model::archive::TakeWrite;
use model::decision::WaitingRetirement;
use model::entity::EntityId;
use model::error::{StoreError, StoreResult};
use model::fact::{
    DanglingFact, EntityMatch, EntityPage, EstateFacts, OpenReferenceFact, SchemaReport,
    TopologyComparison, TopologyFacts, TopologyQuery,
};
use model::input::Completeness;
use model::resolution::{HeldRetirement, Known, Lookup, Sequence, TopologyWrite, WriteOutcome};
use model::seam::{ReadContext, Topology, Version};
use model::time::Micros;

use super::estate::Estate;
use super::fold::{Fold, Writes};
use super::{answer, everything, fact, known, life, page, search};

/// Versions on an entity's page.
const HISTORY_MAX: usize = 50;

/// The topology in a database and in memory.
#[derive(Debug)]
pub struct FoldedTopology<W> {
    writes: W,
    fold: Fold,
    /// The estate of the past that was asked for last.
    past: Arc<Mutex<Option<Arc<Estate>>>>,
}

impl<W: Writes> FoldedTopology<W> {
    /// Of a database and the fold of all its writes.
    pub fn new(writes: W, estate: Estate) -> Self {
        Self { writes, fold: Fold::new(estate), past: Arc::new(Mutex::new(None)) }
    }

    /// The database.
    pub fn writes(&self) -> &W {
        &self.writes
    }

    /// The present estate, as the database's writes share it.
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Runs `work` on the present estate, off the asynchronous threads.
    async fn present<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Estate) -> T + Send + 'static,
    ) -> StoreResult<T> {
        self.writes.catch_up(&self.fold).await?;
        let fold = self.fold.clone();
        tokio::task::spawn_blocking(move || fold.read(work)).await.map_err(|error| {
            StoreError::Internal {
                operation: "read the topology".to_owned(),
                reason: error.to_string(),
            }
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
                Err(StoreError::Timeout { store: self.writes.name().to_owned() })
            }
        }
    }

    /// The estate at an instant: kept for the next question about the same, read from the rows
    /// otherwise.
    async fn past(&self, ctx: &ReadContext, at: Micros) -> StoreResult<Arc<Estate>> {
        self.writes.catch_up(&self.fold).await?;
        let version = self.fold.version();
        let kept = self.past.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| kept.at == at && kept.version == version) {
            return Ok(kept);
        }
        let read = self.writes.replay(ctx, at).await?;
        let read = Arc::new(read);
        *self.past.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&read));
        Ok(read)
    }
}

#[async_trait]
impl<W: Writes> Topology for FoldedTopology<W> {
    async fn known(&self, lookup: Lookup) -> StoreResult<Known> {
        self.writes.begin_resolving(&self.fold).await?;
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
        self.writes.append(&self.fold, write).await
    }

    async fn sequences(&self) -> StoreResult<Vec<Sequence>> {
        self.writes.sequences().await
    }

    async fn writes(&self, take: TakeWrite) -> StoreResult<()> {
        self.writes.writes(take).await
    }

    async fn version(&self) -> StoreResult<Version> {
        self.writes.catch_up(&self.fold).await?;
        Ok(self.fold.version())
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
        self.at(ctx, move |estate| everything::estate(estate, &org)).await?
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
        page.history = self.writes.history(ctx, ids, at, HISTORY_MAX).await?;
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

    async fn schema(&self, ctx: &ReadContext) -> StoreResult<Option<SchemaReport>> {
        self.writes.schema(ctx).await
    }

    async fn unknown_ids(
        &self,
        ctx: &ReadContext,
        ids: Vec<String>,
    ) -> StoreResult<Option<Vec<String>>> {
        self.at(ctx, move |estate| known::unknown_ids(estate, ids)).await.map(Some)
    }

    async fn dangling(
        &self,
        ctx: &ReadContext,
        limit: usize,
    ) -> StoreResult<Option<(Vec<DanglingFact>, u64)>> {
        self.writes.dangling(ctx, limit).await
    }
}
