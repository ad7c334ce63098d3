//! How a PostgreSQL server is reached. Every bound has a name.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Address, trust and pool.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://user:password@host:port/database?sslmode=require`. Several hosts, separated by commas,
    /// are tried in order; with `target_session_attrs=read-write` standbys are passed over.
    pub url: String,
    /// A file of certificates in PEM that are trusted beside the usual ones; for a server whose
    /// certificate is signed within the organisation.
    pub root_certificate: Option<PathBuf>,
    /// Bounds of connections and statements.
    pub pool: PoolOptions,
}

impl PostgresOptions {
    /// The usual bounds.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), root_certificate: None, pool: PoolOptions::default() }
    }
}

impl fmt::Debug for PostgresOptions {
    /// Without the address, which holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("root_certificate", &self.root_certificate)
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

/// Bounds of connections and statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolOptions {
    /// Most connections for reads and short writes.
    pub size_max: u32,
    /// Connections that stay open when idle.
    pub idle_min: u32,
    /// How long a connection above these may be idle.
    pub idle_timeout: Duration,
    /// How long a connection lives, at most; each one up to a tenth less, so that they do not all end at
    /// once.
    pub lifetime: Duration,
    /// Statements after which a connection is retired.
    pub queries_max: u64,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// How long the login of a new connection may take.
    pub connect_timeout: Duration,
    /// How long a statement of a read may run on the server.
    pub statement_timeout: Duration,
    /// How long a statement waits for a lock.
    pub lock_timeout: Duration,
    /// How long a transaction may stay open without a statement.
    pub idle_in_transaction_timeout: Duration,
    /// Most connections for batches, rollups and migrations, whose statements have no time limit.
    pub bulk_size_max: u32,
    /// Prepared statements kept by a connection.
    pub statements_max: usize,
    /// How often something that can pass is tried again.
    pub retries_max: usize,
    /// The first pause before another try; each one is longer, with some chance in it.
    pub retry_pause: Duration,
    /// The longest pause.
    pub retry_pause_max: Duration,
    /// How long an opening waits for another program that migrates.
    pub migration_timeout: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            size_max: 20,
            idle_min: 5,
            idle_timeout: Duration::from_secs(300),
            lifetime: Duration::from_secs(30 * 60),
            queries_max: 50_000,
            acquire_timeout: Duration::from_secs(2),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(5),
            idle_in_transaction_timeout: Duration::from_secs(60),
            bulk_size_max: 2,
            statements_max: 256,
            retries_max: 4,
            retry_pause: Duration::from_millis(50),
            retry_pause_max: Duration::from_secs(2),
            migration_timeout: Duration::from_secs(60),
        }
    }
}
