//! Facts of `savings_candidates`: charges by resource and kind of usage.

use model::fact::{UsageCostQuery, UsageCostRow};
use model::seam::ReadContext;
use model::{Micros, StoreError};
use tokio_postgres::Row;

use super::row::{count, org, sum};
use crate::postgres::connection::Session;
use crate::postgres::error::{Outcome, STORE};
use crate::postgres::number::texts;
use crate::postgres::statement::{Parameter, Statement, statement};

const ROWS: Statement = statement!("savings_candidates");

/// One row a resource and kind of usage.
pub async fn rows(
    session: &Session,
    ctx: &ReadContext,
    query: &UsageCostQuery,
) -> Outcome<Vec<UsageCostRow>> {
    let (from, to) = query.window.micros();
    let until = ctx.as_of.map_or(i64::MAX, |at| at.0);
    // One more than asked for tells whether there are more.
    let most = i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1);
    let units = org(ctx);
    let units = texts(&units);
    let parameters: [Parameter<'_>; 5] =
        [("from", &from.0), ("to", &to.0), ("until", &until), ("org", &units), ("limit", &most)];
    let rows = session.rows(ROWS, &parameters).await?;
    if rows.len() > query.limit {
        return Err(StoreError::Exhausted {
            store: STORE.to_owned(),
            resource: "kinds of usage by resource in one read".to_owned(),
            limit: query.limit.to_string(),
        }
        .into());
    }
    rows.iter().map(usage_row).collect()
}

fn usage_row(row: &Row) -> Outcome<UsageCostRow> {
    Ok(UsageCostRow {
        entity: row.try_get(0)?,
        resource_id: row.try_get(1)?,
        account: row.try_get(2)?,
        region: row.try_get(3)?,
        service: row.try_get(4)?,
        sku: row.try_get(5)?,
        operation: row.try_get(6)?,
        description: row.try_get(7)?,
        unit: row.try_get(8)?,
        category: row.try_get(9)?,
        pricing_category: row.try_get(10)?,
        commitment_id: row.try_get(11)?,
        commitment_status: row.try_get(12)?,
        currency: row.try_get(13)?,
        rows: count(row, 14)?,
        sums: [sum(row, 15)?, sum(row, 17)?, sum(row, 19)?, sum(row, 21)?],
        quantity: sum(row, 23)?,
        first: Micros(row.try_get(25)?),
        last: Micros(row.try_get(26)?),
    })
}
