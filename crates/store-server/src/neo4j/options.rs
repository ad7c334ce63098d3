//! How a Neo4j server is reached, and every bound on how it is used.

use std::time::Duration;

/// Options of a topology on Neo4j. Every bound has a name.
#[derive(Clone, PartialEq, Eq)]
pub struct Neo4jOptions {
    /// `bolt://host:7687`, `neo4j://` for a cluster, `+s` for TLS with a certificate that the system
    /// trusts.
    pub url: String,
    /// User.
    pub user: String,
    /// Password.
    pub password: String,
    /// Database; Community has one, `neo4j`.
    pub database: String,
    /// Connections, and threads that wait for them: the driver blocks.
    pub connections: usize,
    /// How long a connection is used before another takes its place.
    pub connection_lifetime: Duration,
    /// How long opening one may take.
    pub connection_time: Duration,
    /// How long a caller waits for one.
    pub acquisition_time: Duration,
    /// A connection that was idle for so long is tested before it is used.
    pub idle_test: Duration,
    /// How long what can pass is tried again.
    pub retry_time: Duration,
    /// Transaction time of a read.
    pub read_time: Duration,
    /// Transaction time of a write.
    pub write_time: Duration,
    /// Transaction time of reading every write: at opening, and for a question about the past.
    pub replay_time: Duration,
    /// How often this replica asks whether another has written.
    pub poll_every: Duration,
    /// For how long it answers from memory when it cannot ask.
    pub lag_max: Duration,
    /// Failures in a row after which the server is left alone for a while.
    pub breaker_failures: u32,
    /// First while; it doubles up to [`Neo4jOptions::breaker_wait_max`].
    pub breaker_wait: Duration,
    /// Longest while.
    pub breaker_wait_max: Duration,
}

impl Neo4jOptions {
    /// The defaults for an address.
    pub fn new(
        url: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        Self {
            url: url.into(),
            user: user.into(),
            password: password.into(),
            database: "neo4j".to_owned(),
            connections: 15,
            connection_lifetime: Duration::from_secs(3_600),
            connection_time: Duration::from_secs(5),
            acquisition_time: Duration::from_secs(2),
            idle_test: Duration::from_secs(30),
            retry_time: Duration::from_secs(15),
            read_time: Duration::from_secs(10),
            write_time: Duration::from_secs(60),
            replay_time: Duration::from_secs(1_800),
            poll_every: Duration::from_secs(1),
            lag_max: Duration::from_secs(10),
            breaker_failures: 5,
            breaker_wait: Duration::from_secs(1),
            breaker_wait_max: Duration::from_secs(30),
        }
    }
}

impl std::fmt::Debug for Neo4jOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The password is nobody's business.
        f.debug_struct("Neo4jOptions")
            .field("url", &self.url)
            .field("user", &self.user)
            .field("database", &self.database)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
