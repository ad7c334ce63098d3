//! Facts of `savings_candidates`: charges by resource and kind of usage.

use duckdb::types::Decimal;
use duckdb::{Connection, Row, named_params};
use model::fact::{UsageCostQuery, UsageCostRow};
use model::seam::ReadContext;
use model::{Amount, Micros, StoreError};

use super::cost_analysis::org;
use crate::error::{Outcome, STORE};
use crate::recorded::cached;

/// One row a resource and kind of usage.
pub fn rows(
    conn: &Connection,
    ctx: &ReadContext,
    query: &UsageCostQuery,
) -> Outcome<Vec<UsageCostRow>> {
    let (from, to) = query.window.micros();
    // One more than asked for tells whether there are more.
    let most = i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1);
    let parameters = named_params! {
        "from": from.0,
        "to": to.0,
        "until": ctx.as_of.map_or(i64::MAX, |at| at.0),
        "org": org(ctx),
        "limit": most,
    };
    let mut statement =
        cached(conn, "savings_candidates", include_str!("savings_candidates.sql"), parameters)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if found.len() == query.limit {
            return Err(StoreError::Exhausted {
                store: STORE.to_owned(),
                resource: "kinds of usage by resource in one read".to_owned(),
                limit: query.limit.to_string(),
            }
            .into());
        }
        found.push(usage_row(row)?);
    }
    Ok(found)
}

fn usage_row(row: &Row<'_>) -> Outcome<UsageCostRow> {
    let sum = |at: usize| -> Outcome<(Amount, u64)> {
        let amount: Option<Decimal> = row.get(at)?;
        Ok((Amount(amount.map_or(0, |decimal| decimal.value())), row.get(at + 1)?))
    };
    Ok(UsageCostRow {
        entity: row.get(0)?,
        resource_id: row.get(1)?,
        account: row.get(2)?,
        region: row.get(3)?,
        service: row.get(4)?,
        sku: row.get(5)?,
        operation: row.get(6)?,
        description: row.get(7)?,
        unit: row.get(8)?,
        category: row.get(9)?,
        pricing_category: row.get(10)?,
        commitment_id: row.get(11)?,
        commitment_status: row.get(12)?,
        currency: row.get(13)?,
        rows: row.get(14)?,
        sums: [sum(15)?, sum(17)?, sum(19)?, sum(21)?],
        quantity: sum(23)?,
        first: Micros(row.get(25)?),
        last: Micros(row.get(26)?),
    })
}
