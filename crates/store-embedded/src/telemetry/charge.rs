//! Charges: what rows have in common goes into lines, once; the amounts go into a narrow table. A row
//! of a file that is held already changes nothing.

use std::collections::BTreeMap;

use duckdb::types::Decimal;
use duckdb::{Appender, Connection, params};
use model::charge::{ChargeObservation, DeliveryObservation};
use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use model::{Amount, EntityId};
use telemetry_rows::{Tally, hash};

use crate::error::{Failure, Outcome};
use crate::telemetry::bill;
use crate::telemetry::state::{NEVER, State};

/// A file of charges as it stands.
#[derive(Debug, Clone, Copy)]
struct File {
    id: u32,
    row_last: u64,
    is_complete: bool,
}

/// Writes the charges of a batch and settles which deliveries count.
pub fn write(
    conn: &Connection,
    state: &mut State,
    write: &TelemetryWrite,
    tally: &mut Tally,
) -> Outcome<()> {
    let Some(delivery) = &write.delivery else { return complete(conn, write, tally) };
    let file = file(conn, write, delivery)?;
    if file.is_complete {
        return Ok(());
    }
    state.read_lines(conn)?;
    let new: Vec<&(Option<EntityId>, ChargeObservation)> =
        write.charges.iter().filter(|(_, charge)| charge.row > file.row_last).collect();
    let bills = bill::of_rows(conn, delivery, new.iter().map(|(_, charge)| charge))?;
    append(conn, state, file.id, &new, &bills)?;
    let row_last = new.iter().map(|(_, charge)| charge.row).fold(file.row_last, u64::max);
    conn.execute(
        include_str!("charge_file_update.sql"),
        params![file.id, row_last, write.is_last],
    )?;
    tally.added("charge", new.len() as u64);
    // Between its first and its last batch a file changes nothing about what counts.
    if file.row_last > 0 && !write.is_last {
        return Ok(());
    }
    let newest = new.iter().map(|(_, charge)| charge.charge_period_start.0).fold(NEVER, i64::max);
    let is_settled = bill::settle(conn, file.id, tally)?;
    if !new.is_empty() || is_settled {
        tally.touch(DataKind::Charges, newest);
    }
    Ok(())
}

/// The end of an input whose last batch holds no charge: a file of it is complete now.
fn complete(conn: &Connection, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
    if !write.is_last {
        return Ok(());
    }
    let mut statement = conn.prepare_cached(include_str!("charge_file_open.sql"))?;
    let open: Vec<(u32, u64)> = statement
        .query_map([&write.input.content_hash], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (file, row_last) in open {
        conn.execute(include_str!("charge_file_update.sql"), params![file, row_last, true])?;
        if bill::settle(conn, file, tally)? {
            tally.touch(DataKind::Charges, NEVER);
        }
    }
    Ok(())
}

/// The file of the batch, known by its bytes; a new one when it is not.
fn file(
    conn: &Connection,
    write: &TelemetryWrite,
    delivery: &DeliveryObservation,
) -> Outcome<File> {
    let input = &write.input;
    let format = delivery.format.as_str();
    let mut statement = conn.prepare(include_str!("charge_file.sql"))?;
    let mut rows = statement.query(params![input.content_hash, format])?;
    if let Some(row) = rows.next()? {
        return Ok(File { id: row.get(0)?, row_last: row.get(1)?, is_complete: row.get(2)? });
    }
    let id: u32 = conn.query_row(include_str!("charge_file_next.sql"), [], |row| row.get(0))?;
    let exported_at = delivery.exported_at.unwrap_or(input.observed_at).0;
    conn.execute(
        include_str!("charge_file_add.sql"),
        params![id, input.content_hash, format, delivery.name, exported_at],
    )?;
    Ok(File { id, row_last: 0, is_complete: false })
}

fn append(
    conn: &Connection,
    state: &mut State,
    file: u32,
    charges: &[&(Option<EntityId>, ChargeObservation)],
    bills: &BTreeMap<(String, i64), u32>,
) -> Outcome<()> {
    let mut lines = conn.appender("charge_line")?;
    let mut tags = conn.appender("charge_tag")?;
    let mut rows = conn.appender("charge")?;
    for (resource, charge) in charges.iter().copied() {
        let key = (charge.billing_account.clone(), charge.billing_period_start.0);
        let bill = bills.get(&key).copied();
        let bill = bill.ok_or_else(|| Failure::Row("a charge without its bill".to_owned()))?;
        let tagset = tagset(state, &mut tags, charge)?;
        let line = line(state, &mut lines, (*resource, tagset), charge)?;
        rows.append_row(params![
            bill,
            file,
            line,
            charge.charge_period_start.0,
            charge.charge_period_end.0,
            decimal(charge.billed)?,
            decimal(charge.effective)?,
            decimal(charge.list)?,
            decimal(charge.contracted)?,
            decimal(charge.quantity)?,
        ])?;
    }
    lines.flush()?;
    tags.flush()?;
    rows.flush()?;
    Ok(())
}

/// An amount as the driver takes it: the same integer.
fn decimal(amount: Option<Amount>) -> Outcome<Option<Decimal>> {
    let scale = Amount::SCALE as u8;
    amount
        .map(|amount| Decimal::new(38, scale, amount.0))
        .transpose()
        .map_err(|error| Failure::Row(format!("an amount does not fit: {error}")))
}

/// The tag set of a charge; a new one when no row had it.
fn tagset(state: &mut State, tags: &mut Appender<'_>, charge: &ChargeObservation) -> Outcome<u32> {
    let hash = hash::pairs_hash(&charge.tags);
    if let Some(id) = state.tagsets.get(&hash) {
        return Ok(*id);
    }
    let id = state.tagsets.len() as u32;
    for (name, value) in &charge.tags {
        tags.append_row(params![id, name, value])?;
    }
    state.tagsets.insert(hash, id);
    Ok(id)
}

/// The line of a charge; a new one when no row had it.
fn line(
    state: &mut State,
    lines: &mut Appender<'_>,
    (resource, tagset): (Option<EntityId>, u32),
    charge: &ChargeObservation,
) -> Outcome<u32> {
    let resource = resource.map(|id| id.0);
    let hash = hash::line_hash(resource, tagset, charge);
    let known = state.lines.get_or_insert_default();
    if let Some(id) = known.get(&hash) {
        return Ok(*id);
    }
    let id = known.len() as u32;
    known.insert(hash, id);
    lines.append_row(params![
        id,
        (hash >> 64) as u64,
        hash as u64,
        resource,
        tagset,
        charge.billing_account,
        charge.billing_period_start.0,
        charge.billing_period_end.0,
        charge.sub_account,
        charge.sub_account_name,
        charge.provider,
        charge.publisher,
        charge.service,
        charge.service_category,
        charge.region,
        charge.zone,
        charge.category,
        charge.class,
        charge.frequency,
        charge.description,
        charge.pricing_category,
        charge.commitment_id,
        charge.commitment_status,
        charge.sku,
        charge.resource_id,
        charge.resource_name,
        charge.resource_type,
        charge.currency,
        charge.unit,
        charge.operation,
    ])?;
    Ok(id)
}
