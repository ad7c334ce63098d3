//! The bridge to the blocking driver: a fair queue for its connections, a thread for each that is
//! used, transactions with a time-out, and what can pass tried again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::error::{StoreError, StoreResult};
use model::fact::Plan;
use model::workload::WorkloadRecorder;
use neo4j::driver::auth::AuthToken;
use neo4j::driver::{ConnectionConfig, Driver, DriverConfig, RoutingControl};
use neo4j::session::SessionConfig;
use neo4j::transaction::{Transaction, TransactionTimeout};
use neo4j::{Neo4jError, ValueReceive, ValueSend};
use tokio::sync::Semaphore;

use super::error::{Failure, Outcome, STORE, can_pass, is_away, store_error, unavailable};
use super::options::Neo4jOptions;
use super::statistics::{Figures, Neo4jStatistics};
use super::tuning::plan::{plan_from_estimate, plan_from_profile};
use super::workload::{named, sample};
use crate::breaker::Breaker;

/// First pause before a transaction is tried again; it doubles.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Parameters of a statement.
pub type Parameters = HashMap<String, ValueSend>;

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read only.
    Read,
    /// Read and write; committed when the work succeeds.
    Write,
    /// Read and write; rolled back whatever becomes of the work.
    Rehearsal,
}

/// How a transaction is run.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// What it is for.
    pub operation: &'static str,
    /// What it may do.
    pub access: Access,
    /// After how long the server ends it.
    pub time: Duration,
    /// When its caller goes.
    pub deadline: Option<Instant>,
}

/// A transaction to work in.
pub struct Tx<'a, 'd> {
    tx: &'a Transaction<'d, 'a>,
    recorder: &'a WorkloadRecorder,
}

impl Tx<'_, '_> {
    /// Runs a statement whose rows nobody needs.
    pub fn run(&self, statement: &str, parameters: &Parameters) -> Outcome<()> {
        self.each(statement, parameters, |_| Ok(()))
    }

    /// Calls `take` for each row, as it comes.
    pub fn each(
        &self,
        statement: &str,
        parameters: &Parameters,
        mut take: impl FnMut(Vec<ValueReceive>) -> Outcome<()>,
    ) -> Outcome<()> {
        let (begun, mut rows) = (Instant::now(), 0);
        let mut stream = self.tx.query(statement).with_parameters(parameters).run()?;
        for record in stream.by_ref() {
            rows += 1;
            take(record?.into_values().collect())?;
        }
        stream.consume()?;
        if let Some((name, kind)) = named(statement) {
            self.recorder
                .ran(name, kind, begun.elapsed(), Some(rows), || sample(statement, parameters));
        }
        Ok(())
    }

    /// How a statement would be carried out, or was.
    pub fn plan(
        &self,
        statement: &str,
        parameters: &Parameters,
        is_measured: bool,
    ) -> Outcome<Option<Plan>> {
        let word = if is_measured { "PROFILE" } else { "EXPLAIN" };
        let explained = format!("{word} {statement}");
        let begun = Instant::now();
        let stream = self.tx.query(explained).with_parameters(parameters).run()?;
        let summary = stream.consume()?;
        let took = begun.elapsed();
        Ok(summary.and_then(|summary| match (summary.profile, summary.plan) {
            (Some(profile), _) => Some(plan_from_profile(&profile, took)),
            (None, Some(plan)) => Some(plan_from_estimate(&plan)),
            (None, None) => None,
        }))
    }

    /// Kinds of the operators by which a statement would be carried out, without running it.
    pub fn operators(&self, statement: &str, parameters: &Parameters) -> Outcome<Vec<String>> {
        let explained = format!("EXPLAIN {statement}");
        let stream = self.tx.query(explained).with_parameters(parameters).run()?;
        let plan = stream.consume()?.and_then(|summary| summary.plan);
        let mut found = Vec::new();
        let mut open: Vec<_> = plan.into_iter().collect();
        while let Some(plan) = open.pop() {
            found.push(plan.op_type);
            open.extend(plan.children);
        }
        Ok(found)
    }

    /// The first value of the first row, as a number.
    pub fn number(&self, statement: &str, parameters: &Parameters) -> Outcome<Option<i64>> {
        let mut found = None;
        self.each(statement, parameters, |row| {
            found = found.or_else(|| row.first().and_then(ValueReceive::as_int));
            Ok(())
        })?;
        Ok(found)
    }
}

/// The connections to one server.
#[derive(Debug)]
pub struct Connections {
    driver: Driver,
    database: Arc<String>,
    gate: Arc<Semaphore>,
    breaker: Breaker,
    figures: Figures,
    /// What they run.
    pub recorder: WorkloadRecorder,
    /// How they are used.
    pub options: Neo4jOptions,
}

impl Connections {
    /// None yet; they are opened when needed.
    pub fn new(options: Neo4jOptions) -> StoreResult<Arc<Self>> {
        let address = ConnectionConfig::try_from(options.url.as_str()).map_err(|error| {
            unavailable(format!(
                "`{}` is no address of a Neo4j server ({error}); write bolt://host:7687",
                options.url
            ))
        })?;
        let config = DriverConfig::new()
            .with_auth(Arc::new(AuthToken::new_basic_auth(&options.user, &options.password)))
            .with_max_connection_pool_size(options.connections)
            .with_max_connection_lifetime(options.connection_lifetime)
            .with_connection_timeout(options.connection_time)
            .with_connection_acquisition_timeout(options.connection_time)
            .with_idle_time_before_connection_test(options.idle_test)
            .with_telemetry(false);
        Ok(Arc::new(Self {
            driver: Driver::new(address, config),
            database: Arc::new(options.database.clone()),
            gate: Arc::new(Semaphore::new(options.connections.max(1))),
            breaker: Breaker::new(
                options.breaker_failures,
                options.breaker_wait,
                options.breaker_wait_max,
            ),
            figures: Figures::default(),
            recorder: WorkloadRecorder::new("neo4j"),
            options,
        }))
    }

    /// Runs `work` in a transaction on a thread of its own, then `after` with its result when it is
    /// committed. Both go on when the caller leaves.
    pub async fn run<T: 'static, R: Send + 'static>(
        self: &Arc<Self>,
        terms: Terms,
        work: impl FnMut(&Tx<'_, '_>) -> Outcome<T> + Send + 'static,
        after: impl FnOnce(T) -> R + Send + 'static,
    ) -> StoreResult<R> {
        if let Err(wait) = self.breaker.admit(Instant::now()) {
            return Err(unavailable(format!(
                "{} failed repeatedly and is asked again in {:.1} s",
                self.options.url,
                wait.as_secs_f64()
            )));
        }
        let permit = self.permit().await?;
        let this = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            this.attempts(terms, work).map(after)
        });
        done.await.map_err(|error| StoreError::Internal {
            operation: terms.operation.to_owned(),
            reason: error.to_string(),
        })?
    }

    async fn permit(&self) -> StoreResult<tokio::sync::OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.gate).try_acquire_owned() {
            return Ok(permit);
        }
        let begun = Instant::now();
        let gate = Arc::clone(&self.gate).acquire_owned();
        let permit = tokio::time::timeout(self.options.acquisition_time, gate).await;
        self.figures.waited(begun.elapsed(), permit.is_err());
        match permit {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_closed)) => Err(unavailable("the store is closed")),
            Err(_waited) => Err(StoreError::Exhausted {
                store: STORE.to_owned(),
                resource: "connections".to_owned(),
                limit: self.options.connections.to_string(),
            }),
        }
    }

    /// Tries until it succeeds, cannot, or the time for it is over.
    fn attempts<T>(
        &self,
        terms: Terms,
        mut work: impl FnMut(&Tx<'_, '_>) -> Outcome<T>,
    ) -> StoreResult<T> {
        let begun = Instant::now();
        let mut pause = RETRY_PAUSE;
        loop {
            let error = match self.attempt(terms, &mut work) {
                Ok(done) => {
                    self.breaker.succeeded();
                    self.figures.ran(terms.operation, begun.elapsed(), done.is_err());
                    return done;
                }
                Err(error) => error,
            };
            let next = Instant::now() + pause;
            let has_time = next.duration_since(begun) < self.options.retry_time
                && terms.deadline.is_none_or(|deadline| next < deadline);
            if can_pass(&error) && has_time {
                self.figures.retried();
                std::thread::sleep(pause);
                pause *= 2;
                continue;
            }
            let error = store_error(terms.operation, &self.options, &error);
            if is_away(&error) {
                self.breaker.failed(Instant::now());
            } else {
                self.breaker.succeeded();
            }
            self.figures.ran(terms.operation, begun.elapsed(), true);
            return Err(error);
        }
    }

    #[expect(clippy::result_large_err, reason = "the driver's own result, boxed right after")]
    fn attempt<T>(
        &self,
        terms: Terms,
        work: &mut impl FnMut(&Tx<'_, '_>) -> Outcome<T>,
    ) -> Result<StoreResult<T>, Box<Neo4jError>> {
        let left = terms.deadline.map(|at| at.saturating_duration_since(Instant::now()));
        let time = left.map_or(terms.time, |left| left.min(terms.time));
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX).max(1);
        let timeout = TransactionTimeout::from_millis(millis).unwrap_or_default();
        let routing = match terms.access {
            Access::Read => RoutingControl::Read,
            Access::Write | Access::Rehearsal => RoutingControl::Write,
        };
        let config = SessionConfig::new().with_database(Arc::clone(&self.database));
        let mut session = self.driver.session(config);
        let transaction = session.transaction().with_routing_control(routing);
        let done = transaction.with_transaction_timeout(timeout).run(|tx| {
            let done = work(&Tx { tx: &tx, recorder: &self.recorder });
            match done {
                Ok(done) if terms.access == Access::Rehearsal => {
                    tx.rollback()?;
                    Ok(Ok(done))
                }
                Ok(done) => {
                    tx.commit()?;
                    Ok(Ok(done))
                }
                Err(Failure::Driver(error)) => Err(*error),
                Err(Failure::Store(error)) => {
                    tx.rollback()?;
                    Ok(Err(error))
                }
            }
        });
        done.map_err(Box::new)
    }

    /// The server's name and version, as `Neo4j/5.26.12`.
    pub async fn server(self: &Arc<Self>) -> StoreResult<String> {
        let this = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || {
            let info = this.driver.get_server_info();
            info.map(|info| info.server_agent.to_string())
                .map_err(|error| store_error("ask for the version", &this.options, &error))
        });
        asked.await.map_err(|error| StoreError::Internal {
            operation: "ask for the version".to_owned(),
            reason: error.to_string(),
        })?
    }

    /// The server's own mark of its newest commit: it changes with each write, whoever writes.
    #[expect(clippy::result_large_err, reason = "the driver's own result, mapped right after")]
    pub async fn newest_commit(self: &Arc<Self>) -> StoreResult<String> {
        let this = Arc::clone(self);
        let operation = "ask for the newest commit";
        let asked = tokio::task::spawn_blocking(move || {
            let config = SessionConfig::new().with_database(Arc::clone(&this.database));
            let mut session = this.driver.session(config);
            let read = session.transaction().with_routing_control(RoutingControl::Read);
            let done = read.run(|tx| {
                tx.query("RETURN 1").run()?.consume()?;
                tx.commit()
            });
            done.map_err(|error| store_error(operation, &this.options, &error))?;
            Ok(session.last_bookmarks().raw().collect::<Vec<_>>().join(" "))
        });
        asked.await.map_err(|error| StoreError::Internal {
            operation: operation.to_owned(),
            reason: error.to_string(),
        })?
    }

    /// What they did.
    pub fn statistics(&self) -> Neo4jStatistics {
        let max = self.options.connections.max(1);
        Neo4jStatistics {
            connections_max: max as u64,
            in_use: max.saturating_sub(self.gate.available_permits()) as u64,
            is_left_alone: self.breaker.is_open(),
            ..self.figures.all()
        }
    }

    /// Lets nobody in any more, and waits until everyone is out.
    pub async fn close(&self) {
        let all = u32::try_from(self.options.connections.max(1)).unwrap_or(u32::MAX);
        let out = self.gate.acquire_many(all);
        let _done = tokio::time::timeout(self.options.write_time, out).await;
        self.gate.close();
    }
}
