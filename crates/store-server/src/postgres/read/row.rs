//! Values of rows as facts have them.

use model::scope::{OrgScope, Scope};
use model::seam::ReadContext;
use model::{Amount, EntityId};
use tokio_postgres::Row;

use crate::postgres::error::{Failure, Outcome};
use crate::postgres::number::Decimal;

/// A count, which is never below zero.
pub fn count(row: &Row, at: usize) -> Outcome<u64> {
    let count: i64 = row.try_get(at)?;
    u64::try_from(count).map_err(|_error| Failure::Row(format!("{count} is no count")))
}

/// An entity's number.
pub fn entity(row: &Row, at: usize) -> Outcome<EntityId> {
    Ok(EntityId(row.try_get::<_, i64>(at)? as u64))
}

/// Bytes of a known length.
pub fn bytes<const LENGTH: usize>(row: &Row, at: usize) -> Outcome<[u8; LENGTH]> {
    let found: &[u8] = row.try_get(at)?;
    let wrong = || Failure::Row(format!("{} bytes instead of {LENGTH}", found.len()));
    found.try_into().map_err(|_error| wrong())
}

/// A sum with the number of rows that have the value; the sum of none is 0, and the rows say so.
pub fn sum(row: &Row, at: usize) -> Outcome<(Amount, u64)> {
    let amount: Option<Decimal> = row.try_get(at)?;
    Ok((amount.map_or(Amount::ZERO, |decimal| decimal.0), count(row, at + 1)?))
}

/// The place in six columns from `first` on: account, region, zone, cluster, namespace, environment.
pub fn scope(row: &Row, first: usize) -> Outcome<Scope> {
    Ok(Scope {
        account: row.try_get(first)?,
        region: row.try_get(first + 1)?,
        zone: row.try_get(first + 2)?,
        cluster: row.try_get(first + 3)?,
        namespace: row.try_get(first + 4)?,
        environment: row.try_get(first + 5)?,
    })
}

/// The units that the viewer may see, empty for all; nobody's when there are none.
pub fn org(ctx: &ReadContext) -> Vec<String> {
    match &ctx.org_scope {
        OrgScope::Everything => Vec::new(),
        OrgScope::Units(units) if units.is_empty() => vec![String::new()],
        OrgScope::Units(units) => units.clone(),
    }
}

/// Entities as statements take them.
pub fn entities(ids: &[EntityId]) -> Vec<i64> {
    ids.iter().map(|id| id.0 as i64).collect()
}
