//! One connection, its prepared statements and its use count; and how connections are made and retired.

use std::collections::HashMap;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::error::StoreResult;
use model::workload::{WorkloadKind, WorkloadRecorder};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{CancelToken, Client, Config, Row, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::{Failure, Outcome, store_error, unavailable};
use super::options::{PoolOptions, PostgresOptions};
use super::statement::{Parameter, Statement, positioned};
use super::statistics::{Counts, Retirement};
use super::tls;
use super::workload::{kind_of, sample};

/// Where rows of a copy go.
#[derive(Debug, Clone, Copy)]
pub struct Copy {
    /// For timing.
    pub name: &'static str,
    /// `COPY … FROM STDIN (FORMAT binary)`.
    pub sql: &'static str,
    /// Types of its columns.
    pub types: &'static [Type],
}

/// One connection.
pub struct Session {
    client: Client,
    statements: Mutex<HashMap<&'static str, Prepared>>,
    statements_max: usize,
    queries: AtomicU64,
    retire_at: Instant,
    queries_max: u64,
    /// Whether it could not be made clean and must not be used again.
    is_unfit: AtomicBool,
    /// Whether the tables of transactions are there.
    is_staged: AtomicBool,
    counts: Arc<Counts>,
    recorder: Arc<WorkloadRecorder>,
}

/// A statement that the server knows.
type Prepared = (tokio_postgres::Statement, WorkloadKind);

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("queries", &self.queries).finish_non_exhaustive()
    }
}

impl Session {
    /// Rows of a statement.
    pub async fn rows(
        &self,
        statement: Statement,
        parameters: &[Parameter<'_>],
    ) -> Outcome<Vec<Row>> {
        let prepared = self.prepared(statement, parameters).await?;
        let values: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|(_, value)| *value).collect();
        let begun = Instant::now();
        let result = self.client.query(&prepared.0, &values).await;
        let rows = result.as_ref().ok().map(|rows| rows.len() as u64);
        self.recorded(statement, &prepared, parameters, begun, rows);
        Ok(result?)
    }

    /// The row of a statement that gives one.
    pub async fn row(&self, statement: Statement, parameters: &[Parameter<'_>]) -> Outcome<Row> {
        let rows = self.rows(statement, parameters).await?;
        let row = rows.into_iter().next();
        row.ok_or_else(|| Failure::Row(format!("`{}` gave no row", statement.name)))
    }

    /// How many rows a statement changed.
    pub async fn execute(
        &self,
        statement: Statement,
        parameters: &[Parameter<'_>],
    ) -> Outcome<u64> {
        let prepared = self.prepared(statement, parameters).await?;
        let values: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|(_, value)| *value).collect();
        let begun = Instant::now();
        let result = self.client.execute(&prepared.0, &values).await;
        self.recorded(statement, &prepared, parameters, begun, result.as_ref().ok().copied());
        Ok(result?)
    }

    /// The first column of what a text gives, joined; for plans.
    pub async fn text(&self, sql: &str) -> Outcome<String> {
        let messages = self.client.simple_query(sql).await?;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        Ok(rows.collect::<Vec<_>>().join("\n"))
    }

    /// Runs statements without parameters.
    pub async fn batch(&self, name: &'static str, sql: &str) -> Outcome<()> {
        let begun = Instant::now();
        let result = self.client.batch_execute(sql).await;
        self.ran(name, begun, result.as_ref().ok().map(|()| 0));
        Ok(result?)
    }

    /// Begins a copy.
    pub async fn copy(&self, into: Copy) -> Outcome<CopyIn<'_>> {
        let sink = self.client.copy_in(into.sql).await?;
        let writer = Box::pin(BinaryCopyInWriter::new(sink, into.types));
        Ok(CopyIn { writer, session: self, name: into.name, begun: Instant::now() })
    }

    /// Makes the tables of transactions, once a connection.
    pub async fn stage(&self, sql: &str) -> Outcome<()> {
        if !self.is_staged.load(Ordering::Relaxed) {
            self.batch("stage", sql).await?;
            // Made inside a transaction, they go with it when it fails: then they are made again.
            self.is_staged.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Forgets that the tables of transactions are there.
    pub fn unstage(&self) {
        self.is_staged.store(false, Ordering::Relaxed);
    }

    /// For ending what runs.
    pub fn cancel_token(&self) -> CancelToken {
        self.client.cancel_token()
    }

    /// Says that it must not be used again.
    pub fn give_up(&self) {
        self.is_unfit.store(true, Ordering::SeqCst);
    }

    /// Why it is to be retired, if so.
    fn retirement(&self) -> Option<Retirement> {
        if self.client.is_closed() || self.is_unfit.load(Ordering::SeqCst) {
            Some(Retirement::Error)
        } else if self.queries.load(Ordering::Relaxed) >= self.queries_max {
            Some(Retirement::Queries)
        } else {
            (Instant::now() >= self.retire_at).then_some(Retirement::Lifetime)
        }
    }

    async fn prepared(
        &self,
        statement: Statement,
        parameters: &[Parameter<'_>],
    ) -> Outcome<Prepared> {
        let held = || self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = held().get(statement.name) {
            return Ok(prepared.clone());
        }
        let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
        let prepared = self.client.prepare(&positioned(statement.sql, &names)).await?;
        let prepared = (prepared, kind_of(statement.sql));
        let mut statements = held();
        if statements.len() >= self.statements_max {
            // Dropping them closes them on the server too.
            statements.clear();
        }
        statements.insert(statement.name, prepared.clone());
        Ok(prepared)
    }

    fn ran(&self, name: &'static str, begun: Instant, rows: Option<u64>) {
        self.queries.fetch_add(1, Ordering::Relaxed);
        self.counts.ran(name, begun.elapsed(), rows);
    }

    fn recorded(
        &self,
        statement: Statement,
        (prepared, kind): &Prepared,
        parameters: &[Parameter<'_>],
        begun: Instant,
        rows: Option<u64>,
    ) {
        let took = begun.elapsed();
        self.ran(statement.name, begun, rows);
        // Looking at the store is no part of its work.
        if statement.name.starts_with("optimization_") {
            return;
        }
        self.recorder.ran(statement.name, *kind, took, rows, || {
            sample(statement.sql, prepared.params(), parameters)
        });
    }
}

/// A copy under way; one that is not finished leaves nothing.
pub struct CopyIn<'a> {
    writer: Pin<Box<BinaryCopyInWriter>>,
    session: &'a Session,
    name: &'static str,
    begun: Instant,
}

impl CopyIn<'_> {
    /// One row.
    pub async fn write(&mut self, values: &[&(dyn ToSql + Sync)]) -> Outcome<()> {
        Ok(self.writer.as_mut().write(values).await?)
    }

    /// Ends it; gives the number of rows.
    pub async fn finish(mut self) -> Outcome<u64> {
        let result = self.writer.as_mut().finish().await;
        let rows = result.as_ref().ok().copied();
        self.session.ran(self.name, self.begun, rows);
        let nothing = || (String::new(), Vec::new());
        let took = self.begun.elapsed();
        self.session.recorder.ran(self.name, WorkloadKind::Unplanned, took, rows, nothing);
        Ok(result?)
    }
}

/// Makes connections.
#[derive(Clone)]
pub struct Manager {
    config: Config,
    tls: MakeRustlsConnect,
    options: PoolOptions,
    /// Whether statements have a time limit.
    is_timed: bool,
    /// What the last failed login said.
    error: Arc<Mutex<Option<String>>>,
    /// Counts of the pool.
    pub counts: Arc<Counts>,
    /// What both pools run.
    pub recorder: Arc<WorkloadRecorder>,
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Manager").field("is_timed", &self.is_timed).finish_non_exhaustive()
    }
}

impl Manager {
    /// For this address.
    pub fn new(options: &PostgresOptions) -> StoreResult<Self> {
        let mut config = Config::from_str(&options.url).map_err(|error| {
            unavailable(format!(
                "its address is not understood ({error}); it is of the form \
                 postgres://user:password@host:5432/database"
            ))
        })?;
        config.connect_timeout(options.pool.connect_timeout);
        config.keepalives_idle(Duration::from_secs(60));
        if config.get_application_name().is_none() {
            config.application_name("ubiquitous");
        }
        Ok(Self {
            config,
            tls: tls::connector(options.root_certificate.as_deref())?,
            options: options.pool.clone(),
            is_timed: true,
            error: Arc::default(),
            counts: Arc::default(),
            recorder: Arc::new(WorkloadRecorder::new("postgresql")),
        })
    }

    /// The same for batches: statements without a time limit, and counts of their own.
    pub fn bulk(&self) -> Self {
        Self { is_timed: false, counts: Arc::default(), ..self.clone() }
    }

    /// What the last failed login said.
    pub fn last_error(&self) -> Option<String> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what failed logins of the pool say.
    pub fn error_sink(&self) -> Box<dyn bb8::ErrorSink<tokio_postgres::Error>> {
        Box::new(LastError(Arc::clone(&self.error)))
    }

    /// Ends what runs on a connection.
    pub async fn cancel(&self, token: &CancelToken) -> Result<(), tokio_postgres::Error> {
        token.cancel_query(self.tls.clone()).await
    }

    /// A connection of its own, outside the pool.
    pub async fn client(&self) -> Result<Client, tokio_postgres::Error> {
        let mut config = self.config.clone();
        config.options(self.settings(config.get_options().unwrap_or_default()));
        let connecting = config.connect(self.tls.clone());
        let (client, connection) = connecting.await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
            }
        });
        Ok(client)
    }

    /// What holds for every statement of a connection; the address may say more.
    fn settings(&self, stated: &str) -> String {
        let statement = if self.is_timed { self.options.statement_timeout } else { Duration::ZERO };
        format!(
            "{stated} -c search_path=ubiquitous,ubiquitous_records -c TimeZone=UTC \
             -c plan_cache_mode=force_custom_plan -c statement_timeout={} -c lock_timeout={} \
             -c idle_in_transaction_session_timeout={}",
            statement.as_millis(),
            self.options.lock_timeout.as_millis(),
            self.options.idle_in_transaction_timeout.as_millis(),
        )
    }
}

#[derive(Debug, Clone)]
struct LastError(Arc<Mutex<Option<String>>>);

impl bb8::ErrorSink<tokio_postgres::Error> for LastError {
    fn sink(&self, error: tokio_postgres::Error) {
        tracing::debug!(%error, "no connection to PostgreSQL");
        let said = store_error("connect", error.into()).to_string();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
    }

    fn boxed_clone(&self) -> Box<dyn bb8::ErrorSink<tokio_postgres::Error>> {
        Box::new(self.clone())
    }
}

impl bb8::ManageConnection for Manager {
    type Connection = Arc<Session>;
    type Error = tokio_postgres::Error;

    async fn connect(&self) -> Result<Self::Connection, Self::Error> {
        let client = self.client().await?;
        let lifetime = self.options.lifetime;
        // Up to a tenth less, by the clock's last digits, so that connections do not all end at once.
        let chance = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |since| since.subsec_micros() % 1_000);
        Ok(Arc::new(Session {
            client,
            statements: Mutex::default(),
            statements_max: self.options.statements_max,
            queries: AtomicU64::new(0),
            retire_at: Instant::now() + lifetime - lifetime * chance / 10_000,
            queries_max: self.options.queries_max,
            is_unfit: AtomicBool::new(false),
            is_staged: AtomicBool::new(false),
            counts: Arc::clone(&self.counts),
            recorder: Arc::clone(&self.recorder),
        }))
    }

    async fn is_valid(&self, session: &mut Self::Connection) -> Result<(), Self::Error> {
        session.client.simple_query("").await.map(|_| ())
    }

    fn has_broken(&self, session: &mut Self::Connection) -> bool {
        let retirement = session.retirement();
        if let Some(reason) = retirement {
            self.counts.retired(reason);
        }
        retirement.is_some()
    }
}
