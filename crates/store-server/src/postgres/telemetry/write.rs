//! One batch into the tables, in one transaction: each part in its own file, then the rollups, the versions
//! and the marks.

use model::decision::{DeliveryChoice, DeliveryKey};
use model::resolution::{TelemetryWrite, WriteOutcome};
use telemetry_rows::Tally;

use super::mark::{self, Marks};
use super::{bill, charge, edge, histogram, record, rollup, sample, series, span, subject};
use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;

/// The tables of one transaction.
pub const STAGE: &str = include_str!("stage.sql");

/// Applies a batch. Gives what it did.
pub async fn apply(session: &Session, write: &TelemetryWrite) -> Outcome<WriteOutcome> {
    if mark::is_known(session, &write.sequence).await? {
        return Ok(WriteOutcome { is_known: true, ..WriteOutcome::default() });
    }
    session.stage(STAGE).await?;
    let before = Marks::read(session).await?;
    let (mut marks, mut tally) = (before, Tally::default());
    subject::write(session, &write.subjects).await?;
    let ids = series::ids(session, write, &mut tally).await?;
    sample::write(session, &ids, &mut marks, write, &mut tally).await?;
    histogram::write(session, &ids, &mut marks, write, &mut tally).await?;
    span::write(session, write, &mut tally).await?;
    edge::write(session, write, &mut tally).await?;
    edge::write_logs(session, write, &mut tally).await?;
    record::write(session, write, &mut tally).await?;
    charge::write(session, write, &mut tally).await?;
    rollup::after_write(session, &mut marks, write).await?;
    finish(session, &tally).await?;
    marks.write(session, &before).await?;
    mark::sequence_put(session, &write.sequence).await?;
    Ok(tally.outcome)
}

/// Keeps what a user chose for a delivery.
pub async fn choose_delivery(
    session: &Session,
    delivery: &DeliveryKey,
    choice: Option<DeliveryChoice>,
) -> Outcome<()> {
    let mut tally = Tally::default();
    bill::choose(session, delivery, choice, &mut tally).await?;
    finish(session, &tally).await
}

async fn finish(session: &Session, tally: &Tally) -> Outcome<()> {
    for (kind, newest) in &tally.kinds {
        mark::version_put(session, *kind, *newest).await?;
    }
    Ok(())
}
