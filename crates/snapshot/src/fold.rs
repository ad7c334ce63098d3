//! The fold that readers and the writer share, and what a database does for it.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use model::archive::TakeWrite;
use model::entity::EntityId;
use model::error::StoreResult;
use model::fact::{DanglingFact, SchemaReport, VersionFact};
use model::resolution::{Sequence, TopologyWrite, WriteOutcome};
use model::seam::{ReadContext, Version};
use model::time::Micros;

use super::estate::Estate;
use super::plan;

/// What a database has to do for a topology: keep writes in order, and give them back.
#[async_trait]
pub trait Writes: std::fmt::Debug + Send + Sync + 'static {
    /// Name of the store in errors.
    fn name(&self) -> &'static str;

    /// In one transaction: plans the write on the fold, appends its news under the next number and
    /// records its sequence; after the commit the fold takes the news in, before the next write is
    /// planned. A sequence that is known changes nothing.
    async fn append(&self, fold: &Fold, write: TopologyWrite) -> StoreResult<WriteOutcome>;

    /// Takes into the fold what others wrote since, or knows that it was asked for lately; before a
    /// read of the present.
    async fn catch_up(&self, _fold: &Fold) -> StoreResult<()> {
        Ok(())
    }

    /// The same without delay: what is looked up next decides a write.
    async fn begin_resolving(&self, fold: &Fold) -> StoreResult<()> {
        self.catch_up(fold).await
    }

    /// The fold of all writes at an instant of the past.
    async fn replay(&self, ctx: &ReadContext, at: Micros) -> StoreResult<Estate>;

    /// What each source said about an entity, which had these ids, newest first; ties by source, then
    /// by fingerprint, greatest first.
    async fn history(
        &self,
        ctx: &ReadContext,
        ids: Vec<EntityId>,
        at: Micros,
        limit: usize,
    ) -> StoreResult<Vec<VersionFact>>;

    /// The last sequence applied, by journal, in order of journal.
    async fn sequences(&self) -> StoreResult<Vec<Sequence>>;

    /// As the seam's.
    async fn writes(&self, take: TakeWrite) -> StoreResult<()>;

    /// As the seam's; `None` when the database does not tell.
    async fn schema(&self, _ctx: &ReadContext) -> StoreResult<Option<SchemaReport>> {
        Ok(None)
    }

    /// As the seam's; `None` when the database does not tell.
    async fn dangling(
        &self,
        _ctx: &ReadContext,
        _limit: usize,
    ) -> StoreResult<Option<(Vec<DanglingFact>, u64)>> {
        Ok(None)
    }
}

/// What of a write is new, under its number.
#[derive(Debug)]
pub struct News {
    /// The write without what the fold holds already.
    pub write: TopologyWrite,
    /// Its number.
    pub number: u64,
}

/// The present estate, shared.
#[derive(Debug, Clone)]
pub struct Fold {
    estate: Arc<RwLock<Estate>>,
}

impl Fold {
    /// Of an estate that was replayed.
    pub fn new(estate: Estate) -> Self {
        Self { estate: Arc::new(RwLock::new(estate)) }
    }

    /// Runs `work` on the estate. Blocks while a write is taken in.
    pub fn read<T>(&self, work: impl FnOnce(&Estate) -> T) -> T {
        work(&self.estate.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The newest write that it holds.
    pub fn version(&self) -> Version {
        self.read(|estate| estate.version)
    }

    /// What of a write is new, and what it will have changed.
    pub fn plan(&self, write: TopologyWrite) -> (News, WriteOutcome) {
        self.read(|estate| {
            // Here, where reads go on; taking the news in must not wait for it.
            estate.prepare();
            let number = estate.version.number.saturating_add(1);
            let (write, outcome) = plan::plan(estate, write);
            (News { write, number }, outcome)
        })
    }

    /// Takes news in that are committed; those that it holds already change nothing.
    pub fn take(&self, news: &News) {
        let mut estate = self.estate.write().unwrap_or_else(PoisonError::into_inner);
        if news.number > estate.version.number {
            estate.apply(&news.write, news.number);
        }
    }
}
