//! Rollups by hour, and by hour and bin where percentiles are asked. Hours below `rolled_until` are
//! rolled up for every series, but those marked dirty; both kinds are read raw until a pass builds
//! them, so reads are right at any moment.

use model::Micros;
use model::resolution::TelemetryWrite;

use super::mark::{Marks, NEVER, hour};
use super::write::STAGE;
use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;
use crate::postgres::read::row::count;
use crate::postgres::statement::{Statement, statement};

const STAGE_RANGE: Statement = statement!("rollup_stage_range");
const STAGE_DIRTY: Statement = statement!("rollup_stage_dirty");
const DROP: Statement = statement!("rollup_drop");
const DROP_BIN: Statement = statement!("rollup_drop_bin");
const CLEAN: Statement = statement!("rollup_clean");
const DIRTY_COUNT: Statement = statement!("rollup_dirty_count");
const BUILD_HOUR: Statement = statement!("rollup_build_hour");
const BUILD_BIN: Statement = statement!("rollup_build_bin");
const CLEAR: Statement = statement!("rollup_raw_clear");

/// Hours of open raw rows after which a long input is rolled up on its way.
const OPEN_HOURS: i64 = 6;

/// Dirty hours after which they are built again within a long input.
const DIRTY_HOURS: u64 = 500_000;

/// Rolls up what a write has closed, at the end of its input or when much is open.
pub async fn after_write(
    session: &Session,
    marks: &mut Marks,
    write: &TelemetryWrite,
) -> Outcome<()> {
    if write.series.is_empty() && !write.is_last {
        return Ok(());
    }
    let until = closed(marks, write.input.received_at.0);
    let is_far = until.saturating_sub(marks.rolled_until) >= OPEN_HOURS * Micros::HOUR;
    if (write.is_last && until > marks.rolled_until) || is_far {
        roll(session, marks, until).await?;
    }
    let dirty = dirty_count(session).await?;
    if dirty > 0 && (write.is_last || dirty >= DIRTY_HOURS) {
        rebuild(session).await?;
    }
    Ok(())
}

/// The hour that is still open: of the newest sample, but not after that of the receipt, so that one
/// sample of the far future does not close everything before it.
fn closed(marks: &Marks, received_at: i64) -> i64 {
    if marks.newest == NEVER { NEVER } else { hour(marks.newest.min(received_at)) }
}

/// Rolls up the hours from the last one rolled up to `until`.
pub async fn roll(session: &Session, marks: &mut Marks, until: i64) -> Outcome<()> {
    if until <= marks.rolled_until {
        return Ok(());
    }
    session.execute(STAGE_RANGE, &[("from", &marks.rolled_until), ("to", &until)]).await?;
    build(session).await?;
    marks.rolled_until = until;
    Ok(())
}

/// How many hours wait to be rolled up again.
pub async fn dirty_count(session: &Session) -> Outcome<u64> {
    count(&session.row(DIRTY_COUNT, &[]).await?, 0)
}

/// The same as `rebuild`, outside a batch.
pub async fn rebuild_staged(session: &Session) -> Outcome<()> {
    session.stage(STAGE).await?;
    rebuild(session).await
}

/// Builds the dirty hours again from raw rows.
pub async fn rebuild(session: &Session) -> Outcome<()> {
    session.execute(DROP, &[]).await?;
    session.execute(DROP_BIN, &[]).await?;
    session.execute(STAGE_DIRTY, &[]).await?;
    build(session).await?;
    session.execute(CLEAN, &[]).await?;
    Ok(())
}

/// Builds rollups of the staged raw rows.
async fn build(session: &Session) -> Outcome<()> {
    session.execute(BUILD_HOUR, &[]).await?;
    session.execute(BUILD_BIN, &[]).await?;
    session.execute(CLEAR, &[]).await?;
    Ok(())
}
