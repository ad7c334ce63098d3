//! What a PostgreSQL that holds the telemetry needs now and then: hours that got late rows are rolled
//! up again, and what is older than retention says goes. The embedded store does the same by itself.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use model::Micros;
use model::retention::Retention;
use store_server::postgres::Postgres;

/// Between two looks for hours to roll up again.
const REBUILD_EVERY: Duration = Duration::from_secs(60);
/// Looks between two rounds of retention.
const LOOKS_PER_RETENTION: u32 = 60;

/// Runs until it is aborted. Several replicas may do it: the store lets one write at a time.
pub async fn run(postgres: Arc<Postgres>) {
    let mut looks = 0_u32;
    loop {
        tokio::time::sleep(REBUILD_EVERY).await;
        if let Err(error) = postgres.rebuild_if_dirty().await {
            tracing::warn!(%error, "hours with late rows stay to be rolled up again");
        }
        if looks.is_multiple_of(LOOKS_PER_RETENTION) {
            let now = Micros::of(Timestamp::now());
            match postgres.retain(Retention::default(), now).await {
                Ok(outcome) => tracing::debug!(?outcome, "retention"),
                Err(error) => {
                    tracing::warn!(%error, "retention is tried again");
                    continue;
                }
            }
        }
        looks = looks.wrapping_add(1);
    }
}
