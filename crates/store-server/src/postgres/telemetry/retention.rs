//! Retention: counted back from the newest sample of the store, not the clock, so that old data does not
//! vanish; a sample of the future counts as one of now. What goes is rolled up first; a row for what is
//! gone comes too late from then on. What has no rollup is kept as long as the rollups.

use model::Micros;
use model::retention::{Retention, RetentionOutcome};

use super::mark::{Marks, NEVER, hour};
use super::write::STAGE;
use super::{partition, rollup};
use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;
use crate::postgres::read::row::count;
use crate::postgres::statement::{Statement, shared_statement, statement};

const SAMPLE_COUNT: Statement = statement!("retention_sample_count");
const SAMPLE: Statement = shared_statement!("telemetry/retention_sample");
const ROLLUP: Statement = shared_statement!("telemetry/retention_rollup");
const BIN: Statement = shared_statement!("telemetry/retention_bin");
const HISTOGRAM: Statement = shared_statement!("telemetry/retention_histogram");
const SPAN: Statement = shared_statement!("telemetry/retention_span");
const EDGE: Statement = shared_statement!("telemetry/retention_edge");
const CALL: Statement = shared_statement!("telemetry/retention_outcome");
const LOG: Statement = shared_statement!("telemetry/retention_log");

/// Rolls up and drops; nothing when no sample is held.
pub async fn apply(session: &Session, retention: Retention, now: i64) -> Outcome<RetentionOutcome> {
    let mut outcome = RetentionOutcome::default();
    let before = Marks::read(session).await?;
    if before.newest == NEVER {
        return Ok(outcome);
    }
    session.stage(STAGE).await?;
    let mut marks = before;
    let newest = marks.newest.min(now);
    let ago = |days: u32| hour(newest.saturating_sub(i64::from(days).saturating_mul(Micros::DAY)));
    let (raw, rolled) = (ago(retention.raw_days), ago(retention.hour_days));
    let (spans, minutes) = (ago(retention.span_days), ago(retention.minute_days));
    rollup::roll(session, &mut marks, raw).await?;
    rollup::rebuild(session).await?;
    outcome.rollups = drop_before(session, ROLLUP, rolled).await?
        + drop_before(session, BIN, rolled).await?
        + drop_before(session, HISTOGRAM, rolled).await?;
    outcome.spans = drop_before(session, SPAN, spans).await?;
    outcome.minutes = drop_before(session, EDGE, minutes).await?
        + drop_before(session, CALL, minutes).await?
        + drop_before(session, LOG, minutes).await?;
    if raw > marks.raw_from {
        // At the end, since readers wait from the first dropped partition on; counted first, since whole
        // partitions go without a look at their rows.
        outcome.raw = count(&session.row(SAMPLE_COUNT, &[("until", &raw)]).await?, 0)?;
        partition::drop_until(session, raw).await?;
        drop_before(session, SAMPLE, raw).await?;
        marks.raw_from = raw;
    }
    marks.write(session, &before).await?;
    Ok(outcome)
}

/// Takes away what is before an instant; gives the number of rows.
async fn drop_before(session: &Session, statement: Statement, until: i64) -> Outcome<u64> {
    session.execute(statement, &[("1", &until)]).await
}
