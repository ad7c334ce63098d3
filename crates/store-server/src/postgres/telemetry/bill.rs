//! Deliveries in their tables; which of them count is settled in `telemetry_rows::delivery`.

use std::collections::BTreeMap;

use model::StoreError;
use model::charge::{ChargeObservation, DeliveryObservation};
use model::decision::{DeliveryChoice, DeliveryKey};
use model::seam::DataKind;
use telemetry_rows::Tally;
use telemetry_rows::delivery::{Bill, settled};
use tokio_postgres::Row;

use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;
use crate::postgres::number::Text;
use crate::postgres::read::row::count;
use crate::postgres::statement::{Parameter, Statement, shared_statement, statement};

const KNOWN: Statement = shared_statement!("telemetry/bill");
const ADD: Statement = statement!("bill_add");
const MEASURE: Statement = statement!("bill_measure");
const RIVALS: Statement = statement!("bill_rivals");
const STATE: Statement = shared_statement!("telemetry/bill_state");
const OF_MONTH: Statement = statement!("bill_of_month");
const CHOICE_DROP: Statement = statement!("bill_choice_drop");
const CHOICE_ADD: Statement = statement!("bill_choice_add");

/// The bill of each account and period that these rows name; new ones are made.
pub async fn of_rows(
    session: &Session,
    delivery: &DeliveryObservation,
    charges: &[&ChargeObservation],
) -> Outcome<BTreeMap<(String, i64), i32>> {
    let mut bills = BTreeMap::new();
    for charge in charges {
        let key = (charge.billing_account.clone(), charge.billing_period_start.0);
        if bills.contains_key(&key) {
            continue;
        }
        let (account, name) = (Text(&key.0), Text(&delivery.name));
        let format = delivery.format.as_str();
        let of: [Parameter<'_>; 4] = [("1", &format), ("2", &account), ("3", &key.1), ("4", &name)];
        let id: i32 = match session.rows(KNOWN, &of).await?.first() {
            Some(row) => row.try_get(0)?,
            None => session.row(ADD, &of).await?.try_get(0)?,
        };
        bills.insert(key, id);
    }
    Ok(bills)
}

/// Settles every account and period that a file touches. Gives whether any state changed.
pub async fn settle(session: &Session, file: i32, tally: &mut Tally) -> Outcome<bool> {
    session.execute(MEASURE, &[("file", &file)]).await?;
    let mut keys: BTreeMap<(String, i64), Vec<Bill<i32>>> = BTreeMap::new();
    for row in session.rows(RIVALS, &[("file", &file)]).await? {
        let key = (row.try_get(0)?, row.try_get(1)?);
        keys.entry(key).or_default().push(bill(&row)?);
    }
    let mut any = false;
    for bills in keys.into_values() {
        for settled in settled(bills.clone()) {
            let before = bills.iter().find(|bill| bill.id == settled.id);
            if before == Some(&settled) {
                continue;
            }
            any = true;
            let change: [Parameter<'_>; 3] =
                [("1", &settled.id), ("2", &settled.state), ("3", &settled.reason)];
            session.execute(STATE, &change).await?;
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

fn bill(row: &Row) -> Outcome<Bill<i32>> {
    Ok(Bill {
        id: row.try_get(2)?,
        format: row.try_get(3)?,
        exported_at: row.try_get(4)?,
        content_hash: row.try_get(5)?,
        rows: count(row, 6)?,
        days: count(row, 7)?,
        is_complete: row.try_get(8)?,
        state: row.try_get(9)?,
        reason: row.try_get(10)?,
        choice: match row.try_get::<_, Option<&str>>(11)? {
            Some("replace") => Some(DeliveryChoice::Replace),
            Some("add") => Some(DeliveryChoice::Add),
            _ => None,
        },
    })
}

/// Keeps what a user chose for a delivery, or takes it back, and settles its account and period.
pub async fn choose(
    session: &Session,
    key: &DeliveryKey,
    choice: Option<DeliveryChoice>,
    tally: &mut Tally,
) -> Outcome<()> {
    let (format, account) = (Text(&key.format), Text(&key.account));
    let (month, name) = (Text(&key.month), Text(&key.name));
    let of: [Parameter<'_>; 4] = [("1", &format), ("2", &account), ("3", &month), ("4", &name)];
    let rows = session.rows(OF_MONTH, &of).await?;
    let Some(row) = rows.first() else {
        let DeliveryKey { format, account, month, name } = key;
        let what = format!("delivery {format},{account},{month},{name}");
        return Err(StoreError::NotFound { what }.into());
    };
    let (period, file): (i64, i32) = (row.try_get(0)?, row.try_get(1)?);
    let of: [Parameter<'_>; 4] = [("1", &format), ("2", &account), ("3", &period), ("4", &name)];
    session.execute(CHOICE_DROP, &of).await?;
    if let Some(choice) = choice {
        let word = match choice {
            DeliveryChoice::Replace => "replace",
            DeliveryChoice::Add => "add",
        };
        let of: [Parameter<'_>; 5] =
            [("1", &format), ("2", &account), ("3", &period), ("4", &name), ("5", &word)];
        session.execute(CHOICE_ADD, &of).await?;
    }
    if settle(session, file, tally).await? {
        tally.touch(DataKind::Charges, period);
    }
    Ok(())
}
