//! Partitions of the samples on plain PostgreSQL: one a week, made when its first row comes. Rows that lie
//! apart (a clock that is wrong by years) stay in the last partition, so that they make no partition each.

use std::collections::BTreeSet;

use model::Micros;
use model::resolution::TelemetryWrite;

use super::mark::Marks;
use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;
use crate::postgres::statement::{Statement, statement};

const LIST: Statement = statement!("partition_list");
const IS_PLAIN: Statement = statement!("partition_is_plain");
const IS_APART: Statement = statement!("partition_is_apart");

/// Length of a partition.
const WEEK: i64 = 7 * Micros::DAY;

/// Most partitions; what comes later lies in the last one.
const PARTITIONS_MAX: usize = 1_000;

/// Most partitions that one batch makes: a batch of more weeks is no stream of measurements.
const NEW_MAX: usize = 200;

/// The weeks of the samples of a batch.
pub fn weeks(write: &TelemetryWrite) -> BTreeSet<i64> {
    let points = write.series.iter().flat_map(|(_, series)| &series.points);
    points.map(|point| point.at.0.div_euclid(WEEK)).collect()
}

/// Makes the partitions of these weeks. In a transaction of its own: readers wait while it runs.
pub async fn make(session: &Session, weeks: &BTreeSet<i64>) -> Outcome<()> {
    if !session.row(IS_PLAIN, &[]).await?.try_get::<_, bool>(0)? {
        return Ok(());
    }
    let rows = session.rows(LIST, &[]).await?;
    let held = rows.iter().map(|row| row.try_get(0)).collect::<Result<BTreeSet<String>, _>>()?;
    let raw_from = Marks::read(session).await?.raw_from;
    let is_new = |week: &i64| {
        !held.contains(&name(*week)) && bounds(*week).is_some_and(|(_, to)| to > raw_from)
    };
    let room = PARTITIONS_MAX.saturating_sub(held.len()).min(NEW_MAX);
    for week in weeks.iter().copied().filter(is_new).take(room) {
        let Some((from, to)) = bounds(week) else { continue };
        let Some(sql) = creation(week) else { continue };
        // A partition cannot be made over rows that lie in the last one.
        if session.row(IS_APART, &[("from", &from), ("to", &to)]).await?.try_get(0)? {
            continue;
        }
        session.batch("partition_make", &sql).await?;
    }
    Ok(())
}

/// Whether the program partitions the samples.
pub const IS_PLAIN_SQL: &str = include_str!("partition_is_plain.sql");

/// The statement that makes the partition of a week.
pub fn creation(week: i64) -> Option<String> {
    let (from, to) = bounds(week)?;
    Some(format!(
        "CREATE TABLE IF NOT EXISTS {} PARTITION OF sample FOR VALUES FROM ({from}) TO ({to})",
        name(week)
    ))
}

/// Drops the partitions that end at or before an instant, when the program keeps them.
pub async fn drop_until(session: &Session, until: i64) -> Outcome<()> {
    if !session.row(IS_PLAIN, &[]).await?.try_get::<_, bool>(0)? {
        return Ok(());
    }
    for row in session.rows(LIST, &[]).await? {
        let held: String = row.try_get(0)?;
        let is_over = week_of(&held).and_then(bounds).is_some_and(|(_, to)| to <= until);
        if is_over {
            session.batch("partition_drop", &format!("DROP TABLE {held}")).await?;
        }
    }
    Ok(())
}

/// The name of a week's partition; weeks before 1970 are counted down.
fn name(week: i64) -> String {
    if week < 0 { format!("sample_before_{}", -week) } else { format!("sample_{week}") }
}

/// The week of a name; the last partition has none.
fn week_of(name: &str) -> Option<i64> {
    let rest = name.strip_prefix("sample_")?;
    match rest.strip_prefix("before_") {
        Some(week) => week.parse::<i64>().ok().map(|week| -week),
        None => rest.parse().ok(),
    }
}

/// First instant of a week, and the first after it.
fn bounds(week: i64) -> Option<(i64, i64)> {
    let from = week.checked_mul(WEEK)?;
    Some((from, from.checked_add(WEEK)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_weeks() {
        for week in [-3, -1, 0, 1, 2_912] {
            assert_eq!(week_of(&name(week)), Some(week));
        }
        assert_eq!(week_of("sample_apart"), None);
        assert_eq!(bounds(i64::MAX.div_euclid(WEEK)), None);
        assert_eq!(bounds(-1), Some((-WEEK, 0)));
    }
}
