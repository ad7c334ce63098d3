//! Charges: what rows have in common goes into lines, once; the amounts go into a narrow table. A row
//! of a file that is held already changes nothing.

use std::collections::{BTreeMap, HashMap};

use model::EntityId;
use model::charge::{ChargeObservation, DeliveryObservation};
use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use telemetry_rows::Tally;
use tokio_postgres::types::Type;

use super::bill;
use super::line;
use super::mark::NEVER;
use crate::postgres::connection::{Copy, Session};
use crate::postgres::error::{Failure, Outcome};
use crate::postgres::number::{Decimal, Text, whole};
use crate::postgres::read::row::count;
use crate::postgres::statement::{Parameter, Statement, shared_statement, statement};

const FILE: Statement = shared_statement!("telemetry/charge_file");
const FILE_NEXT: Statement = statement!("charge_file_next");
const FILE_ADD: Statement = shared_statement!("telemetry/charge_file_add");
const FILE_UPDATE: Statement = shared_statement!("telemetry/charge_file_update");
const FILE_OPEN: Statement = shared_statement!("telemetry/charge_file_open");
const ADD: Copy = Copy {
    name: "charge",
    sql: "COPY charge FROM STDIN (FORMAT binary)",
    types: &[
        Type::INT4,
        Type::INT4,
        Type::INT4,
        Type::INT8,
        Type::INT8,
        Type::NUMERIC,
        Type::NUMERIC,
        Type::NUMERIC,
        Type::NUMERIC,
        Type::NUMERIC,
    ],
};

/// A charge with its resource.
pub type Charge = (Option<EntityId>, ChargeObservation);

/// A file of charges as it stands.
#[derive(Debug, Clone, Copy)]
struct File {
    id: i32,
    row_last: u64,
    is_complete: bool,
}

/// Writes the charges of a batch and settles which deliveries count.
pub async fn write(session: &Session, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
    let Some(delivery) = &write.delivery else { return complete(session, write, tally).await };
    let file = file(session, write, delivery).await?;
    if file.is_complete {
        return Ok(());
    }
    let new: Vec<&Charge> =
        write.charges.iter().filter(|(_, charge)| charge.row > file.row_last).collect();
    let observed: Vec<&ChargeObservation> = new.iter().map(|(_, charge)| charge).collect();
    let bills = bill::of_rows(session, delivery, &observed).await?;
    append(session, file.id, &new, &bills).await?;
    let row_last = observed.iter().map(|charge| charge.row).fold(file.row_last, u64::max);
    update(session, file.id, row_last, write.is_last).await?;
    tally.added("charge", new.len() as u64);
    // Between its first and its last batch a file changes nothing about what counts.
    if file.row_last > 0 && !write.is_last {
        return Ok(());
    }
    let newest = observed.iter().map(|one| one.charge_period_start.0).fold(NEVER, i64::max);
    let is_settled = bill::settle(session, file.id, tally).await?;
    if !new.is_empty() || is_settled {
        tally.touch(DataKind::Charges, newest);
    }
    Ok(())
}

/// The end of an input whose last batch holds no charge: a file of it is complete now.
async fn complete(session: &Session, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
    if !write.is_last {
        return Ok(());
    }
    let content = Text(&write.input.content_hash);
    for row in session.rows(FILE_OPEN, &[("1", &content)]).await? {
        let file: i32 = row.try_get(0)?;
        update(session, file, count(&row, 1)?, true).await?;
        if bill::settle(session, file, tally).await? {
            tally.touch(DataKind::Charges, NEVER);
        }
    }
    Ok(())
}

async fn update(session: &Session, file: i32, row_last: u64, is_complete: bool) -> Outcome<()> {
    let row_last = whole(row_last);
    let change: [Parameter<'_>; 3] = [("1", &file), ("2", &row_last), ("3", &is_complete)];
    session.execute(FILE_UPDATE, &change).await?;
    Ok(())
}

/// The file of the batch, known by its bytes; a new one when it is not.
async fn file(
    session: &Session,
    write: &TelemetryWrite,
    delivery: &DeliveryObservation,
) -> Outcome<File> {
    let (content, format) = (Text(&write.input.content_hash), delivery.format.as_str());
    let known: [Parameter<'_>; 2] = [("1", &content), ("2", &format)];
    if let Some(row) = session.rows(FILE, &known).await?.first() {
        let (id, is_complete) = (row.try_get(0)?, row.try_get(2)?);
        return Ok(File { id, row_last: count(row, 1)?, is_complete });
    }
    let id: i32 = session.row(FILE_NEXT, &[]).await?.try_get(0)?;
    let exported_at = delivery.exported_at.unwrap_or(write.input.observed_at).0;
    let name = Text(&delivery.name);
    let add: [Parameter<'_>; 5] =
        [("1", &id), ("2", &content), ("3", &format), ("4", &name), ("5", &exported_at)];
    session.execute(FILE_ADD, &add).await?;
    Ok(File { id, row_last: 0, is_complete: false })
}

async fn append(
    session: &Session,
    file: i32,
    charges: &[&Charge],
    bills: &BTreeMap<(String, i64), i32>,
) -> Outcome<()> {
    if charges.is_empty() {
        return Ok(());
    }
    let lines = line::ids(session, charges).await?;
    // The numbers of bills by account, so that no text is copied for each row.
    let mut by_account: HashMap<&str, Vec<(i64, i32)>> = HashMap::new();
    for ((account, period), bill) in bills {
        by_account.entry(account).or_default().push((*period, *bill));
    }
    let mut rows = session.copy(ADD).await?;
    for ((_, charge), line) in charges.iter().zip(&lines) {
        let periods = by_account.get(charge.billing_account.as_str());
        let bill = periods
            .and_then(|all| all.iter().find(|one| one.0 == charge.billing_period_start.0))
            .ok_or_else(|| Failure::Row("a charge without its bill".to_owned()))?;
        rows.write(&[
            &bill.1,
            &file,
            line,
            &charge.charge_period_start.0,
            &charge.charge_period_end.0,
            &charge.billed.map(Decimal),
            &charge.effective.map(Decimal),
            &charge.list.map(Decimal),
            &charge.contracted.map(Decimal),
            &charge.quantity.map(Decimal),
        ])
        .await?;
    }
    rows.finish().await?;
    Ok(())
}
