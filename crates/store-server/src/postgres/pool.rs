//! The two pools: reads and short writes, and batches. Whoever leaves, or is past its deadline, takes the
//! statement with it: the server is told to end it, and the connection serves again only when it is clean.

mod rehearsal;

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use bb8::{Pool, PooledConnection, RunError};
use model::error::StoreResult;
use model::seam::ReadContext;
use model::{Micros, StoreError};
use tokio_util::sync::CancellationToken;

use super::connection::{Manager, Session};
use super::error::{Failure, Outcome, STORE, store_error, unavailable};
use super::options::PoolOptions;
use super::statistics::{ConnectionStatistics, PoolStatistics, Retirement, micros};

/// How long the server may take to end a statement and clean up before the connection is dropped.
const CLEANING_TIME: Duration = Duration::from_secs(2);

const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Who may write at once: one transaction a lock, over all replicas.
#[derive(Debug, Clone, Copy)]
#[repr(i64)]
pub enum Lock {
    /// Records.
    Records = 0x0075_6269_0001,
    /// Telemetry.
    Telemetry = 0x0075_6269_0002,
    /// Migrations.
    Migration = 0x0075_6269_0003,
}

/// Both pools.
#[derive(Debug)]
pub struct Pools {
    reads: Pool<Manager>,
    bulk: Pool<Manager>,
    manager: Manager,
    bulk_manager: Manager,
    options: PoolOptions,
    /// Batches of this process, one after the other, so that none waits on the server for another.
    batches: tokio::sync::Mutex<()>,
    closed: CancellationToken,
}

impl Pools {
    /// Opens the pools; connections come as they are needed.
    pub async fn open(manager: Manager, options: &PoolOptions) -> StoreResult<Self> {
        let bulk_manager = manager.bulk();
        let reads = pool(&manager, options, options.size_max, options.idle_min).await?;
        let bulk = pool(&bulk_manager, options, options.bulk_size_max, 0).await?;
        Ok(Self {
            reads,
            bulk,
            manager,
            bulk_manager,
            options: options.clone(),
            batches: tokio::sync::Mutex::default(),
            closed: CancellationToken::new(),
        })
    }

    /// Runs `work` on one state of the database under the context's deadline and cancellation. What can
    /// pass is tried again in that time.
    pub async fn read<T, F>(
        &self,
        operation: &'static str,
        ctx: &ReadContext,
        work: impl Fn(Arc<Session>) -> F + Sync,
    ) -> StoreResult<T>
    where
        F: Future<Output = Outcome<T>> + Send,
        T: Send,
    {
        let reading = self.tried(operation, || async {
            let mut lease = self.lease(&self.reads, &self.manager).await?;
            lease.session().batch("begin", BEGIN_READ).await?;
            let done = work(lease.session()).await;
            lease.is_running = false;
            if done.is_ok() {
                lease.session().batch("commit", "COMMIT").await?;
                lease.end();
            }
            done
        });
        tokio::select! {
            biased;
            () = ctx.cancel.cancelled() => Err(StoreError::Cancelled),
            () = tokio::time::sleep_until(tokio::time::Instant::from_std(ctx.deadline)) => {
                Err(StoreError::Timeout { store: STORE.to_owned() })
            }
            done = reading => done,
        }
    }

    /// Runs `work` in one short transaction under a lock.
    pub async fn write<T, F>(
        &self,
        operation: &'static str,
        lock: Lock,
        work: impl Fn(Arc<Session>) -> F + Sync,
    ) -> StoreResult<T>
    where
        F: Future<Output = Outcome<T>> + Send,
        T: Send,
    {
        self.tried(operation, || self.transact(&self.reads, &self.manager, lock, &work)).await
    }

    /// Runs `work` in one long transaction under a lock, without a time limit.
    pub async fn write_bulk<T, F>(
        &self,
        operation: &'static str,
        lock: Lock,
        work: impl Fn(Arc<Session>) -> F + Sync,
    ) -> StoreResult<T>
    where
        F: Future<Output = Outcome<T>> + Send,
        T: Send,
    {
        let _turn = self.batches.lock().await;
        self.tried(operation, || self.transact(&self.bulk, &self.bulk_manager, lock, &work)).await
    }

    async fn transact<T, F>(
        &self,
        pool: &Pool<Manager>,
        manager: &Manager,
        lock: Lock,
        work: impl Fn(Arc<Session>) -> F + Sync,
    ) -> Outcome<T>
    where
        F: Future<Output = Outcome<T>> + Send,
    {
        let mut lease = self.lease(pool, manager).await?;
        let session = lease.session();
        let begin = format!("{BEGIN_WRITE}; SELECT pg_advisory_xact_lock({})", lock as i64);
        session.batch("begin", &begin).await?;
        match work(Arc::clone(&session)).await {
            Ok(done) => {
                session.batch("commit", "COMMIT").await?;
                lease.end();
                Ok(done)
            }
            Err(failure) => {
                lease.is_running = false;
                session.unstage();
                Err(failure)
            }
        }
    }

    /// Tries again what can pass, with growing pauses.
    async fn tried<T, F>(&self, operation: &'static str, work: impl Fn() -> F) -> StoreResult<T>
    where
        F: Future<Output = Outcome<T>>,
    {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(self.options.retry_pause)
            .with_max_delay(self.options.retry_pause_max)
            .with_max_times(self.options.retries_max)
            .with_jitter()
            .build();
        loop {
            if self.closed.is_cancelled() {
                return Err(unavailable("the store is closed"));
            }
            let failure = match work().await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            let Some(pause) = failure.can_pass().then(|| pauses.next()).flatten() else {
                return Err(store_error(operation, failure));
            };
            tracing::debug!(operation, error = %failure, "tried again");
            self.manager.counts.tried_again();
            tokio::time::sleep(pause).await;
        }
    }

    async fn lease(&self, pool: &Pool<Manager>, manager: &Manager) -> Outcome<Lease> {
        let connection = pool.get_owned().await.map_err(|error| match error {
            RunError::User(error) => Failure::Driver(error),
            RunError::TimedOut => self.exhausted(pool).into(),
        })?;
        Ok(Lease {
            connection: Some(connection),
            manager: manager.clone(),
            is_running: true,
            is_clean: false,
        })
    }

    /// Why there was no connection in time.
    fn exhausted(&self, pool: &Pool<Manager>) -> StoreError {
        let state = pool.state();
        let waited = self.options.acquire_timeout.as_secs_f64();
        if state.connections >= pool.config().max_size {
            let max = pool.config().max_size;
            return unavailable(format!(
                "all {max} connections were in use for {waited} s; ask less at once, or allow more"
            ));
        }
        let said = self.manager.last_error();
        unavailable(format!(
            "no connection could be made within {waited} s{}",
            said.map(|said| format!(" ({said})")).unwrap_or_default()
        ))
    }

    /// How connections and statements fare.
    pub fn statistics(&self) -> PoolStatistics {
        let (cancelled, retried) = self.manager.counts.ended();
        let (bulk_cancelled, bulk_retried) = self.bulk_manager.counts.ended();
        let mut statements = self.manager.counts.timings();
        for timing in self.bulk_manager.counts.timings() {
            match statements.iter_mut().find(|one| one.name == timing.name) {
                Some(one) => one.add(&timing),
                None => statements.push(timing),
            }
        }
        statements.sort_by(|one, other| one.name.cmp(&other.name));
        PoolStatistics {
            reads: connections(&self.reads, &self.manager),
            bulk: connections(&self.bulk, &self.bulk_manager),
            cancelled_count: cancelled + bulk_cancelled,
            retry_count: retried + bulk_retried,
            statements,
        }
    }

    /// Refuses what comes and waits for what runs, at most as long as a statement may.
    pub async fn close(&self) {
        self.closed.cancel();
        let until = tokio::time::Instant::now() + self.options.statement_timeout;
        let is_busy = || {
            [&self.reads, &self.bulk].iter().any(|pool| {
                let state = pool.state();
                state.connections > state.idle_connections
            })
        };
        while is_busy() && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A look-up of the program itself sees everything, for this long.
pub fn own_context(time: Duration) -> ReadContext {
    ReadContext {
        as_of: None::<Micros>,
        org_scope: model::scope::OrgScope::Everything,
        deadline: std::time::Instant::now() + time,
        cancel: CancellationToken::new(),
    }
}

/// Runs a write that goes on when its client leaves.
pub async fn going_on<T: Send + 'static>(
    work: impl Future<Output = StoreResult<T>> + Send + 'static,
) -> StoreResult<T> {
    tokio::spawn(work).await.map_err(|error| StoreError::Internal {
        operation: "write".to_owned(),
        reason: error.to_string(),
    })?
}

async fn pool(
    manager: &Manager,
    options: &PoolOptions,
    size_max: u32,
    idle_min: u32,
) -> StoreResult<Pool<Manager>> {
    Pool::builder()
        .max_size(size_max.max(1))
        .min_idle(Some(idle_min.min(size_max)))
        .idle_timeout(Some(options.idle_timeout))
        .max_lifetime(Some(options.lifetime))
        .connection_timeout(options.acquire_timeout)
        .test_on_check_out(false)
        .error_sink(manager.error_sink())
        .build(manager.clone())
        .await
        .map_err(|error| store_error("open the pool", error.into()))
}

fn connections(pool: &Pool<Manager>, manager: &Manager) -> ConnectionStatistics {
    let (state, counts) = (pool.state(), &manager.counts);
    let all = &state.statistics;
    ConnectionStatistics {
        size: state.connections,
        idle: state.idle_connections,
        size_max: pool.config().max_size,
        wait_count: all.get_waited,
        wait_micros: micros(all.get_wait_time),
        timeout_count: all.get_timed_out,
        created_count: all.connections_created,
        closed_by_queries: counts.retired_count(Retirement::Queries),
        closed_by_lifetime: counts.retired_count(Retirement::Lifetime)
            + all.connections_closed_max_lifetime,
        closed_by_idleness: all.connections_closed_idle_timeout,
        closed_by_error: counts.retired_count(Retirement::Error) + all.connections_closed_invalid,
    }
}

/// A connection in use. One that is dropped before its end is made clean first.
struct Lease {
    connection: Option<PooledConnection<'static, Manager>>,
    manager: Manager,
    /// Whether a statement may still run.
    is_running: bool,
    is_clean: bool,
}

impl Lease {
    fn session(&self) -> Arc<Session> {
        let connection = self.connection.as_ref().expect("it is taken in the drop only");
        Arc::clone(connection)
    }

    /// Gives it back: its transaction has ended.
    fn end(mut self) {
        self.is_clean = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if self.is_clean {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            connection.give_up();
            return;
        };
        runtime.spawn(clean(connection, self.manager.clone(), self.is_running));
    }
}

/// Ends what runs on a connection and rolls back; a connection on which that fails is dropped.
async fn clean(connection: PooledConnection<'static, Manager>, manager: Manager, is_running: bool) {
    let session: Arc<Session> = Arc::clone(&connection);
    let cleaning = async {
        if is_running {
            manager.counts.cancelled();
            manager.cancel(&session.cancel_token()).await?;
        }
        // The cancellation may reach this statement instead of the one that was meant.
        if session.batch("rollback", "ROLLBACK").await.is_err() {
            session.batch("rollback", "ROLLBACK").await?;
        }
        Ok::<_, Failure>(())
    };
    let is_clean = matches!(tokio::time::timeout(CLEANING_TIME, cleaning).await, Ok(Ok(())));
    if !is_clean {
        session.give_up();
    }
    drop(connection);
}
