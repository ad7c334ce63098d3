//! One batch into the tables, in one transaction: each part in its own file, then the rollups, the versions
//! and the marks.

use std::collections::BTreeMap;

use model::decision::{DeliveryChoice, DeliveryKey};
use model::resolution::{TelemetryWrite, WriteOutcome};
use model::seam::DataKind;

use super::mark::{self, Marks};
use super::{bill, charge, edge, histogram, record, rollup, sample, series, span, subject};
use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;

/// The tables of one transaction.
pub const STAGE: &str = include_str!("stage.sql");

/// What a write did, while it is counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// What is told.
    pub outcome: WriteOutcome,
    /// Kinds that changed, with the newest instant written.
    pub kinds: BTreeMap<DataKind, i64>,
}

impl Tally {
    /// New rows.
    pub fn added(&mut self, what: &str, rows: u64) {
        add(&mut self.outcome.added, what, rows);
    }

    /// Changed rows.
    pub fn changed(&mut self, what: &str, rows: u64) {
        add(&mut self.outcome.changed, what, rows);
    }

    /// Rows that are held.
    pub fn held(&mut self, what: &str, rows: u64) {
        add(&mut self.outcome.held, what, rows);
    }

    /// Rows that came too late.
    pub fn too_late(&mut self, what: &str, rows: u64) {
        add(&mut self.outcome.too_late, what, rows);
    }

    /// Something of this kind is different now; `at` is its instant.
    pub fn touch(&mut self, kind: DataKind, at: i64) {
        let newest = self.kinds.entry(kind).or_insert(at);
        *newest = (*newest).max(at);
    }
}

fn add(counts: &mut BTreeMap<String, u64>, what: &str, rows: u64) {
    if rows > 0 {
        let count = counts.entry(what.to_owned()).or_default();
        *count = count.saturating_add(rows);
    }
}

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
