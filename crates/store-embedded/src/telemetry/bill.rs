//! Deliveries in their tables; which of them count is settled in `telemetry_rows::delivery`.

use std::collections::BTreeMap;

use duckdb::{Connection, params};
use model::StoreError;
use model::charge::{ChargeObservation, DeliveryObservation};
use model::decision::{DeliveryChoice, DeliveryKey};
use model::seam::DataKind;
use telemetry_rows::Tally;
use telemetry_rows::delivery::{Bill, settled};

use crate::error::Outcome;

/// The bill of each account and period that these rows name; new ones are made.
pub fn of_rows<'a>(
    conn: &Connection,
    delivery: &DeliveryObservation,
    charges: impl Iterator<Item = &'a ChargeObservation>,
) -> Outcome<BTreeMap<(String, i64), u32>> {
    let mut bills = BTreeMap::new();
    for charge in charges {
        let key = (charge.billing_account.clone(), charge.billing_period_start.0);
        if bills.contains_key(&key) {
            continue;
        }
        let format = delivery.format.as_str();
        let mut statement = conn.prepare_cached(include_str!("bill.sql"))?;
        let mut rows = statement.query(params![format, key.0, key.1, delivery.name])?;
        let id = match rows.next()? {
            Some(row) => row.get(0)?,
            None => {
                let add = params![format, key.0, key.1, delivery.name];
                conn.execute(include_str!("bill_add.sql"), add)?;
                conn.query_row(include_str!("bill_newest.sql"), [], |row| row.get(0))?
            }
        };
        bills.insert(key, id);
    }
    Ok(bills)
}

/// Settles every account and period that a file touches. Gives whether any state changed.
pub fn settle(conn: &Connection, file: u32, tally: &mut Tally) -> Outcome<bool> {
    conn.execute(include_str!("bill_measure.sql"), params![file])?;
    let mut statement = conn.prepare(include_str!("bill_rivals.sql"))?;
    let mut rows = statement.query(params![file])?;
    let mut keys: BTreeMap<(String, i64), Vec<Bill<u32>>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let bill = Bill {
            id: row.get(2)?,
            format: row.get(3)?,
            exported_at: row.get(4)?,
            content_hash: row.get(5)?,
            rows: row.get(6)?,
            days: row.get(7)?,
            is_complete: row.get(8)?,
            state: row.get(9)?,
            reason: row.get(10)?,
            choice: match row.get::<_, Option<String>>(11)?.as_deref() {
                Some("replace") => Some(DeliveryChoice::Replace),
                Some("add") => Some(DeliveryChoice::Add),
                _ => None,
            },
        };
        keys.entry((row.get(0)?, row.get(1)?)).or_default().push(bill);
    }
    let mut any = false;
    for bills in keys.into_values() {
        for settled in settled(bills.clone()) {
            let before = bills.iter().find(|bill| bill.id == settled.id);
            if before == Some(&settled) {
                continue;
            }
            any = true;
            let change = params![settled.id, settled.state, settled.reason];
            conn.execute(include_str!("bill_state.sql"), change)?;
            if settled.is_complete && settled.state == "held" {
                tally.held("charge", settled.rows);
            }
            if before.is_some_and(|before| before.state == "counted") {
                tally.changed("bill", 1);
            }
        }
    }
    Ok(any)
}

/// Keeps what a user chose for a delivery, or takes it back, and settles its account and period.
pub fn choose(
    conn: &Connection,
    key: &DeliveryKey,
    choice: Option<DeliveryChoice>,
    tally: &mut Tally,
) -> Outcome<()> {
    let mut statement = conn.prepare(include_str!("bill_of_month.sql"))?;
    let of = params![key.format, key.account, key.month, key.name];
    let mut rows = statement.query(of)?;
    let Some(row) = rows.next()? else {
        let DeliveryKey { format, account, month, name } = key;
        let what = format!("delivery {format},{account},{month},{name}");
        return Err(StoreError::NotFound { what }.into());
    };
    let (period, file): (i64, u32) = (row.get(0)?, row.get(1)?);
    let word = choice.map(|choice| match choice {
        DeliveryChoice::Replace => "replace",
        DeliveryChoice::Add => "add",
    });
    let of = params![key.format, key.account, period, key.name];
    conn.execute(include_str!("bill_choice_drop.sql"), of)?;
    if let Some(word) = word {
        let of = params![key.format, key.account, period, key.name, word];
        conn.execute(include_str!("bill_choice_add.sql"), of)?;
    }
    if settle(conn, file, tally)? {
        tally.touch(DataKind::Charges, period);
    }
    Ok(())
}
