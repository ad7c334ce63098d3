//! The open estate: the one place that opens stores, the write path and the answer path, and hands
//! them to the command line and to HTTP.

pub mod backup;
pub mod copy;
pub mod decide;
mod health;
pub mod job;
mod last_good;
pub mod optimization;
mod release;
mod replicas;
mod stores;
mod upkeep;
pub mod validation;
mod write;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use analysis::{AnswerCache, AskContext, Limits, Viewer};
use jiff::Timestamp;
use model::Micros;
use model::commit::Committed;
use model::envelope::StoreFreshness;
use model::error::StoreResult;
use model::fact::TopologyQuery;
use model::seam::{DataKind, ReadContext, Records, Telemetry, Topology, Version};
use serde_json::Value;
use store_embedded::{Options, ProcessSessions, Reserve};
use tokio::sync::broadcast;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::configuration::Configuration;
use crate::demo;
use crate::http::Status;
use crate::people::People;
use crate::people::issuer::Issuer;

use replicas::Replicas;
use stores::Stores;
pub use stores::neo4j_options;
use upkeep::UpkeepTask;
pub use write::new_run;

const MIB: u64 = 1 << 20;

/// Kinds of data that the status tells apart.
const TELEMETRY_KINDS: &[DataKind] = &[DataKind::Samples, DataKind::Edges, DataKind::Charges];

/// Stores, write path and answer path of one data folder.
pub struct Estate {
    stores: Stores,
    intake: Option<Arc<intake::Intake>>,
    releasing: Option<tokio::task::JoinHandle<()>>,
    upkeep: Mutex<Option<UpkeepTask>>,
    cache: Option<Arc<AnswerCache>>,
    replicas: Replicas,
    estates: Arc<analysis::EstateCache>,
    tables: Arc<analysis::DatedTables>,
    last_good: Arc<last_good::Folder>,
    jobs: job::Jobs,
    people: People,
    deadline: Duration,
    issuer: Option<Issuer>,
    body_limit: usize,
    pagerduty_secrets: Vec<String>,
    validation_minutes: u64,
    validating: tokio::sync::Mutex<()>,
    workload: tokio::sync::Mutex<Option<model::workload::Workload>>,
    optimizing: tokio::sync::Mutex<()>,
    database_limit_bytes: u64,
    fiscal_start_month: u64,
    started: Instant,
    is_demonstration: AtomicBool,
}

impl Estate {
    /// Opens the folder for reading and writing; what was acknowledged before is applied first.
    ///
    /// # Errors
    /// `Locked` when another process has the folder, `Incompatible` when it is of a newer program.
    pub async fn open(configuration: &Configuration) -> StoreResult<Self> {
        let mut estate = Self::open_to_read(configuration).await?;
        let journal = write::journal_name(configuration, estate.stores.has_server())?;
        let intake = write::open(&estate.stores, configuration, journal.clone()).await?;
        let notices = intake.subscribe();
        let intake = Arc::new(intake);
        estate.replicas = Replicas::open(configuration, &estate.stores, &journal, notices).await?;
        estate.cache = cache(configuration, estate.replicas.cache());
        if let Some(redis) = estate.replicas.redis() {
            estate.people = estate.stores.people(configuration, redis.sessions());
        }
        let database = estate.stores.database();
        estate.releasing = Some(tokio::spawn(release::run(Arc::clone(&intake), database)));
        estate.intake = Some(intake);
        estate.upkeep = Mutex::new(estate.stores.upkeep().map(UpkeepTask::start));
        Ok(estate)
    }

    /// Opens the folder for a command that only reads.
    ///
    /// # Errors
    /// As [`Estate::open`].
    pub async fn open_to_read(configuration: &Configuration) -> StoreResult<Self> {
        let stores = Stores::open(configuration).await?;
        let is_demonstration = stores.records.setting(demo::MARK).await?.is_some();
        Ok(Self {
            intake: None,
            releasing: None,
            upkeep: Mutex::new(None),
            estates: Arc::default(),
            tables: configuration.tables(),
            cache: cache(configuration, None),
            replicas: Replicas::alone(),
            jobs: job::Jobs::default(),
            people: stores.people(configuration, Arc::new(ProcessSessions::default())),
            last_good: Arc::new(last_good::Folder::new(&configuration.data_dir())),
            deadline: Duration::from_secs(configuration.number("deadline_secs").unwrap_or(30)),
            issuer: configuration.issuer().map(Issuer::new),
            body_limit: (configuration.number("body_limit_mib").unwrap_or(256) * MIB) as usize,
            pagerduty_secrets: secrets(configuration.text("pagerduty_secret")),
            validation_minutes: configuration.number("validation_minutes").unwrap_or(0),
            validating: tokio::sync::Mutex::default(),
            workload: tokio::sync::Mutex::default(),
            optimizing: tokio::sync::Mutex::default(),
            database_limit_bytes: configuration.number("database_limit_gib").unwrap_or(0) << 30,
            fiscal_start_month: configuration.number("fiscal_start_month").unwrap_or(1),
            started: Instant::now(),
            is_demonstration: AtomicBool::new(is_demonstration),
            stores,
        })
    }

    /// Finishes what was accepted and closes the stores.
    pub async fn close(&self) {
        if let Some(releasing) = &self.releasing {
            releasing.abort();
        }
        let upkeep = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(upkeep) = upkeep {
            upkeep.stop().await;
        }
        if let Some(intake) = &self.intake {
            intake.shutdown().await;
        }
        self.stores.close().await;
    }

    /// Says in the folder where this process listens.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn announce(&self, address: &str, token: &str) -> StoreResult<()> {
        let owner = store_embedded::Owner { address: address.to_owned(), token: token.to_owned() };
        self.stores.announce(&owner)
    }

    /// Entities and relations.
    pub fn topology(&self) -> Arc<dyn Topology> {
        Arc::clone(&self.stores.topology)
    }

    /// What was measured, billed and reported.
    pub fn telemetry(&self) -> Arc<dyn Telemetry> {
        Arc::clone(&self.stores.telemetry)
    }

    /// What people and the program decided.
    pub fn records(&self) -> Arc<dyn Records> {
        Arc::clone(&self.stores.records)
    }

    /// Notices of commits from now on.
    ///
    /// # Errors
    /// When the folder was opened for reading only.
    pub fn notices(&self) -> StoreResult<broadcast::Receiver<Committed>> {
        self.writer().map(intake::Intake::subscribe)
    }

    /// What is shared with other replicas.
    pub fn replicas(&self) -> &Replicas {
        &self.replicas
    }

    /// Work in the background.
    pub fn jobs(&self) -> &job::Jobs {
        &self.jobs
    }

    /// Who calls, and what they may do.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// Where people log in beside passwords, if anywhere.
    pub fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }

    /// Largest body of a request, in bytes.
    pub fn body_limit(&self) -> usize {
        self.body_limit
    }

    /// Secrets of PagerDuty's webhooks; none when unsigned ones are taken.
    pub fn pagerduty_secrets(&self) -> impl Iterator<Item = &str> {
        self.pagerduty_secrets.iter().map(String::as_str)
    }

    /// The folder holds demonstration data from now on.
    pub fn mark_demonstration(&self) {
        self.is_demonstration.store(true, Ordering::Relaxed);
    }

    /// Conditions of one question of a viewer.
    pub fn ask_context(&self, viewer: Viewer, cancel: CancellationToken) -> AskContext {
        AskContext {
            topology: self.topology(),
            telemetry: self.telemetry(),
            records: self.records(),
            cache: self.cache.clone(),
            estates: Arc::clone(&self.estates),
            tables: Arc::clone(&self.tables),
            last_good: Some(Arc::clone(&self.last_good) as Arc<dyn analysis::LastGood>),
            viewer,
            now: Timestamp::now(),
            deadline: Instant::now() + self.deadline,
            cancel,
            limits: Limits::default(),
            progress: Arc::default(),
        }
    }

    /// Parameters of a report, with the configured start of the fiscal year where none is given.
    pub fn report_params(&self, mut params: Value) -> Value {
        if let Some(object) = params.as_object_mut() {
            object.entry("fiscal_start").or_insert_with(|| self.fiscal_start_month.into());
        }
        params
    }

    /// Conditions of one plain read of a viewer; it is cancelled when the guard is dropped.
    pub fn read_context(&self, viewer: &Viewer, as_of: Option<Micros>) -> (ReadContext, DropGuard) {
        let cancel = CancellationToken::new();
        let ctx = ReadContext {
            as_of,
            org_scope: viewer.org_scope.clone(),
            deadline: Instant::now() + self.deadline,
            cancel: cancel.clone(),
        };
        (ctx, cancel.drop_guard())
    }

    /// Sizes, rows and versions of what is in the data folder; `None` when servers hold everything.
    ///
    /// # Errors
    /// As any read.
    pub async fn store_status(&self) -> StoreResult<Option<store_embedded::StoreStatus>> {
        let Some(database) = self.stores.database() else { return Ok(None) };
        let (ctx, _guard) = self.read_context(&Viewer::default(), None);
        database.status(&ctx).await.map(Some)
    }

    /// What the stores hold, at a glance.
    ///
    /// # Errors
    /// As any read.
    pub async fn status(&self) -> StoreResult<Status> {
        let (ctx, _guard) = self.read_context(&Viewer::default(), None);
        let topology = self.topology().version().await?;
        let telemetry = self.telemetry_version().await?;
        // The smallest page carries the counts of the whole.
        let query = TopologyQuery { limit: 1, ..TopologyQuery::default() };
        let facts = self.topology().topology(&ctx, query).await?;
        Ok(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            demonstration: self.is_demonstration.load(Ordering::Relaxed),
            stores: vec![
                StoreFreshness::of("topology", topology),
                StoreFreshness::of("telemetry", telemetry),
            ],
            entities: facts.entity_total,
            relations: facts.relation_total,
            presence: self.telemetry().presence(&ctx).await?,
            open_references: facts.open_references,
            held: facts.held,
            intake_backlog: self.backlog(),
        })
    }

    /// The newest of the kinds of telemetry.
    async fn telemetry_version(&self) -> StoreResult<Version> {
        let telemetry = self.telemetry();
        let mut all = Version::default();
        for kind in TELEMETRY_KINDS {
            let version = telemetry.version(*kind).await?;
            all.number = all.number.max(version.number);
            all.newest = all.newest.max(version.newest);
        }
        Ok(all)
    }

    fn backlog(&self) -> u64 {
        let status = self.intake.as_ref().map(|intake| intake.status()).unwrap_or_default();
        status.durable.saturating_sub(status.applied)
    }
}

/// The cache of answers, in memory and then in the one that replicas share.
fn cache(
    configuration: &Configuration,
    shared: Option<Arc<dyn model::seam::Cache>>,
) -> Option<Arc<AnswerCache>> {
    let bytes = configuration.number("answer_cache_mib").unwrap_or(0) * MIB;
    let cache = (bytes > 0).then(|| AnswerCache::new(bytes))?;
    Some(Arc::new(match shared {
        Some(shared) => cache.with_shared(shared),
        None => cache,
    }))
}

/// How the embedded store is opened.
pub fn store_options(configuration: &Configuration) -> Options {
    let mut options = Options::new(configuration.data_dir());
    let number = |name| configuration.number(name);
    if let Some(mib) = number("memory_limit_mib") {
        options.memory_limit_bytes = mib * MIB;
    }
    if let Some(threads) = number("duckdb_threads") {
        options.threads = threads.clamp(1, 256) as usize;
    }
    if let Some(readers) = number("reader_threads") {
        options.readers = readers.clamp(1, 256) as usize;
    }
    if let Some(mib) = number("disk_reserve_mib") {
        options.reserve = Reserve { bytes: mib * MIB, share: 0.0 };
    }
    options
}

/// Secrets joined by commas; while one is changed for another there are two.
fn secrets(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}
