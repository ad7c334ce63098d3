//! Deliveries: which of them count. All of one account and period are put in order of the export's
//! own time, else the observation's, ties by content hash, never by arrival; in that order each one
//! replaces the one before, unless it is much smaller than it, which is held.

use std::collections::BTreeMap;

use duckdb::{Connection, params};
use model::StoreError;
use model::charge::{ChargeObservation, DeliveryObservation};
use model::decision::{DeliveryChoice, DeliveryKey};
use model::seam::DataKind;

use crate::error::Outcome;
use crate::telemetry::write::Tally;

/// A delivery with fewer rows or days than this share of what it would replace is held.
const HELD_BELOW_PERCENT: u64 = 80;

/// One delivery of one account and period.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bill {
    id: u32,
    format: String,
    exported_at: i64,
    content_hash: String,
    rows: u64,
    days: u64,
    is_complete: bool,
    state: String,
    reason: Option<String>,
    /// What a user chose for it, should it be held.
    choice: Option<DeliveryChoice>,
}

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
    let mut keys: BTreeMap<(String, i64), Vec<Bill>> = BTreeMap::new();
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

/// The states of all deliveries of one account and period.
fn settled(mut bills: Vec<Bill>) -> Vec<Bill> {
    bills.sort_by(|a, b| {
        (&a.format, a.exported_at, &a.content_hash, a.id).cmp(&(
            &b.format,
            b.exported_at,
            &b.content_hash,
            b.id,
        ))
    });
    // What counts so far, by format: one delivery, and those that a user added to it.
    let mut counted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for position in 0..bills.len() {
        let format = bills[position].format.clone();
        let before = counted.get(&format).cloned().unwrap_or_default();
        let held =
            hold(&bills[position], &before.iter().map(|one| &bills[*one]).collect::<Vec<_>>());
        let bill = &mut bills[position];
        let choice = bill.choice.filter(|_| bill.is_complete && held.is_some());
        match (held, choice) {
            (Some(reason), None) => {
                bill.state = "held".to_owned();
                bill.reason = Some(reason);
                continue;
            }
            (_, Some(DeliveryChoice::Add)) => {
                bill.state = "counted".to_owned();
                bill.reason = None;
                counted.entry(format).or_default().push(position);
                continue;
            }
            _ => {}
        }
        bill.state = "counted".to_owned();
        bill.reason = None;
        for one in before {
            bills[one].state = "superseded".to_owned();
            bills[one].reason = Some("a newer delivery replaces it".to_owned());
        }
        counted.insert(format, vec![position]);
    }
    // FOCUS goes before every other format.
    let winner = if counted.contains_key("focus") { Some("focus") } else { None };
    let winner = winner.map(str::to_owned).or_else(|| counted.keys().next().cloned());
    for (format, positions) in &counted {
        if Some(format) == winner.as_ref() {
            continue;
        }
        for position in positions {
            bills[*position].state = "other_format".to_owned();
            let reason = format!("{} counts", winner.as_deref().unwrap_or_default());
            bills[*position].reason = Some(reason);
        }
    }
    bills
}

/// Why a delivery does not replace what counts before it, if so: the rows of several add up, their
/// days are taken as those of the one with most.
fn hold(bill: &Bill, before: &[&Bill]) -> Option<String> {
    if !bill.is_complete {
        return Some("a file of it is still arriving".to_owned());
    }
    let rows = before.iter().map(|one| one.rows).sum::<u64>();
    let days = before.iter().map(|one| one.days).max()?;
    let is_short =
        |now: u64, before: u64| now.saturating_mul(100) < before.saturating_mul(HELD_BELOW_PERCENT);
    for (what, now, before) in [("rows", bill.rows, rows), ("days", bill.days, days)] {
        if is_short(now, before) {
            return Some(format!(
                "{now} {what}, under {HELD_BELOW_PERCENT} % of the {before} it would replace"
            ));
        }
    }
    None
}
