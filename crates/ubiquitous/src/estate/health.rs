//! How the stores fare: whether each answers, how fast, and what its connections and statements did.

use std::time::{Duration, Instant};

use model::error::StoreResult;
use model::seam::Version;
use store_server::neo4j::Neo4jStatistics;
use store_server::postgres::{ConnectionStatistics, PoolStatistics};
use store_server::redis::{Redis, RedisOperation};

use model::StoreError;

use super::Estate;
use crate::http::{ConnectionHealth, Health, StatementHealth, StoreHealth};

/// Longest wait for one store.
const PATIENCE: Duration = Duration::from_secs(3);

impl Estate {
    /// Whether the stores answer, and how fast.
    pub async fn health(&self) -> Health {
        let begun = Instant::now();
        let topology = told("topology", self.topology().version()).await;
        let mut topology = checked("topology", begun, topology);
        if let Some(neo4j) = self.stores.neo4j() {
            "neo4j".clone_into(&mut topology.kind);
            add_neo4j(&mut topology, &neo4j.statistics());
        }
        let begun = Instant::now();
        let telemetry = told("telemetry", self.telemetry_version()).await;
        let mut telemetry = checked("telemetry", begun, telemetry);
        if let Some(postgres) = self.stores.postgres() {
            "postgresql".clone_into(&mut telemetry.kind);
            add_postgres(&mut telemetry, &postgres.statistics());
        }
        let is_ready = topology.is_available && telemetry.is_available;
        let mut stores = vec![topology, telemetry];
        if let Some(redis) = self.replicas.redis() {
            stores.push(redis_health(redis).await);
        }
        Health {
            status: if is_ready { "ready" } else { "degraded" }.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_seconds: self.started.elapsed().as_secs_f64(),
            stores,
            intake_backlog: self.backlog(),
        }
    }
}

/// What a store says of itself, or that it does not: who asks for health waits for nobody.
async fn told(
    store: &str,
    version: impl Future<Output = StoreResult<Version>>,
) -> StoreResult<Version> {
    let silent = |_elapsed| {
        Err(StoreError::Unavailable {
            store: store.to_owned(),
            since: None,
            reason: format!("no answer within {} s", PATIENCE.as_secs()),
        })
    };
    tokio::time::timeout(PATIENCE, version).await.unwrap_or_else(silent)
}

fn checked(store: &str, begun: Instant, version: StoreResult<Version>) -> StoreHealth {
    StoreHealth {
        store: store.to_owned(),
        kind: "embedded".to_owned(),
        is_available: version.is_ok(),
        latency_ms: begun.elapsed().as_secs_f64() * 1e3,
        version: version.as_ref().ok().map(|version| version.number),
        reason: version.err().map(|error| error.to_string()),
        connections: Vec::new(),
        statements: Vec::new(),
    }
}

/// What replicas share: answers come without it.
async fn redis_health(redis: &Redis) -> StoreHealth {
    let begun = Instant::now();
    let answer = redis.ping().await;
    let seen = redis.statistics();
    let statement = |(name, one): (&&'static str, &RedisOperation)| StatementHealth {
        name: (*name).to_owned(),
        count: one.count,
        error_count: one.error_count,
        row_count: None,
        total_seconds: one.total_seconds,
        longest_seconds: one.longest_seconds,
    };
    StoreHealth {
        store: "shared".to_owned(),
        kind: "redis".to_owned(),
        is_available: answer.is_ok(),
        latency_ms: begun.elapsed().as_secs_f64() * 1e3,
        version: None,
        // Why it is left alone says more than that it is.
        reason: answer.err().map(|error| match seen.last_error {
            Some(last) if seen.is_left_alone => last,
            _ => error.to_string(),
        }),
        connections: Vec::new(),
        statements: seen.operations.iter().map(statement).collect(),
    }
}

fn add_neo4j(health: &mut StoreHealth, seen: &Neo4jStatistics) {
    if seen.is_left_alone {
        health.is_available = false;
        health.reason.get_or_insert_with(|| {
            "it failed several times and is left alone for a moment; it is asked again by itself"
                .to_owned()
        });
    }
    health.connections.push(ConnectionHealth {
        pool: "all".to_owned(),
        in_use: seen.in_use,
        open: None,
        open_max: seen.connections_max,
        wait_count: seen.waits,
        wait_seconds: seen.wait_seconds,
        timeout_count: seen.waits_in_vain,
        created_count: None,
        closed_count: None,
    });
    let statement =
        |(name, one): (&&'static str, &store_server::neo4j::OperationStatistics)| StatementHealth {
            name: (*name).to_owned(),
            count: one.count,
            error_count: one.failures,
            row_count: None,
            total_seconds: one.total_seconds,
            longest_seconds: one.max_seconds,
        };
    health.statements.extend(seen.operations.iter().map(statement));
}

fn add_postgres(health: &mut StoreHealth, seen: &PoolStatistics) {
    health.connections.push(pool("reads", &seen.reads));
    health.connections.push(pool("bulk", &seen.bulk));
    let seconds = |micros| Duration::from_micros(micros).as_secs_f64();
    health.statements.extend(seen.statements.iter().map(|one| StatementHealth {
        name: one.name.clone(),
        count: one.count,
        error_count: one.error_count,
        row_count: Some(one.rows),
        total_seconds: seconds(one.total_micros),
        longest_seconds: seconds(one.longest_micros),
    }));
}

fn pool(name: &str, seen: &ConnectionStatistics) -> ConnectionHealth {
    let closed = [
        ("queries", seen.closed_by_queries),
        ("lifetime", seen.closed_by_lifetime),
        ("idleness", seen.closed_by_idleness),
        ("error", seen.closed_by_error),
    ];
    ConnectionHealth {
        pool: name.to_owned(),
        in_use: u64::from(seen.size.saturating_sub(seen.idle)),
        open: Some(u64::from(seen.size)),
        open_max: u64::from(seen.size_max),
        wait_count: seen.wait_count,
        wait_seconds: Duration::from_micros(seen.wait_micros).as_secs_f64(),
        timeout_count: seen.timeout_count,
        created_count: Some(seen.created_count),
        closed_count: Some(closed.map(|(reason, count)| (reason.to_owned(), count)).into()),
    }
}
