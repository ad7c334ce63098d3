//! Samples: each goes into a temporary table beside what is held; the later observation wins, ties go to the
//! greater value, and the marker of an end (NaN in the table) loses to any value.

use std::collections::BTreeMap;

use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use telemetry_rows::Tally;
use tokio_postgres::types::Type;

use super::mark::Marks;
use crate::postgres::connection::{Copy, Session};
use crate::postgres::error::Outcome;
use crate::postgres::read::row::count;
use crate::postgres::statement::{Parameter, Statement, statement};

const FIRST: Statement = statement!("sample_first");
const COMPARE: Statement = statement!("sample_compare");
const CHANGE: Statement = statement!("sample_change");
const ADD: Statement = statement!("sample_add");
const TALLY: Statement = statement!("sample_tally");
const DIRTY: Statement = statement!("sample_dirty");
const STAGE: Copy = Copy {
    name: "stage_sample",
    sql: "COPY stage_sample (series, instant, value) FROM STDIN (FORMAT binary)",
    types: &[Type::INT4, Type::INT8, Type::FLOAT8],
};

/// Writes the samples of a batch; their series have these numbers.
pub async fn write(
    session: &Session,
    ids: &[i32],
    marks: &mut Marks,
    write: &TelemetryWrite,
    tally: &mut Tally,
) -> Outcome<()> {
    let mut values: BTreeMap<(i32, i64), f64> = BTreeMap::new();
    let mut too_late = 0;
    for ((_, observation), id) in write.series.iter().zip(ids) {
        for point in &observation.points {
            let at = point.at.0;
            if at < marks.raw_from {
                too_late += 1;
                continue;
            }
            let value = if point.is_stale { f64::NAN } else { point.value };
            let held = values.entry((*id, at)).or_insert(value);
            if rank(value) > rank(*held) {
                *held = value;
            }
            marks.newest = marks.newest.max(at);
        }
    }
    tally.too_late("sample", too_late);
    let instants = || values.keys().map(|(_, at)| *at);
    let (Some(first), Some(last)) = (instants().min(), instants().max()) else { return Ok(()) };
    let mut rows = session.copy(STAGE).await?;
    for ((series, at), value) in &values {
        rows.write(&[series, at, value]).await?;
    }
    rows.finish().await?;
    merge(session, (first, last), marks.rolled_until, write.input.observed_at.0, tally).await
}

/// Compares what is staged with what is held, and puts in what is new or wins.
async fn merge(
    session: &Session,
    (first, last): (i64, i64),
    rolled_until: i64,
    observed_at: i64,
    tally: &mut Tally,
) -> Outcome<()> {
    let ends: [Parameter<'_>; 2] = [("first", &first), ("last", &last)];
    let with_time: [Parameter<'_>; 3] =
        [("first", &first), ("last", &last), ("observed_at", &observed_at)];
    if session.row(FIRST, &ends).await?.try_get(0)? {
        session.execute(COMPARE, &with_time).await?;
        session.execute(CHANGE, &with_time).await?;
    }
    let row = session.row(TALLY, &[]).await?;
    let (changed, added) = (count(&row, 0)?, count(&row, 1)?);
    if added > 0 {
        session.execute(ADD, &[("observed_at", &observed_at)]).await?;
    }
    tally.added("sample", added);
    tally.changed("sample", changed);
    if let Some(newest) = row.try_get(2)? {
        tally.touch(DataKind::Samples, newest);
    }
    if first < rolled_until && added + changed > 0 {
        session.execute(DIRTY, &[("rolled_until", &rolled_until)]).await?;
    }
    Ok(())
}

/// Order of two values of one instant and one observation.
fn rank(value: f64) -> (bool, i64) {
    // Bits of a float, turned so that integers compare as the numbers do.
    let bits = value.to_bits() as i64;
    (!value.is_nan(), bits ^ (((bits >> 63) as u64) >> 1) as i64)
}
