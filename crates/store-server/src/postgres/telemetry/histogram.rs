//! Native histograms: kept as received, compared like samples, ties by fingerprint.

use std::collections::BTreeMap;

use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use model::series::{Bin, HistogramPoint};
use telemetry_rows::Tally;
use tokio_postgres::types::Type;
use xxhash_rust::xxh3::xxh3_64;

use super::mark::Marks;
use crate::postgres::connection::{Copy, Session};
use crate::postgres::error::Outcome;
use crate::postgres::number::{ordered, whole};
use crate::postgres::read::row::count;
use crate::postgres::statement::{Statement, statement};

const COMPARE: Statement = statement!("histogram_compare");
const CHANGE: Statement = statement!("histogram_change");
const ADD: Statement = statement!("histogram_add");
const TALLY: Statement = statement!("histogram_tally");
const STAGE: Copy = Copy {
    name: "stage_histogram",
    sql: "COPY stage_histogram (series, instant, period, count, sum, bins, fingerprint, observed_at) \
          FROM STDIN (FORMAT binary)",
    types: &[
        Type::INT4,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::FLOAT8,
        Type::TEXT,
        Type::INT8,
        Type::INT8,
    ],
};

/// Writes the histograms of a batch; their series have these numbers.
pub async fn write(
    session: &Session,
    ids: &[i32],
    marks: &mut Marks,
    write: &TelemetryWrite,
    tally: &mut Tally,
) -> Outcome<()> {
    let mut points: BTreeMap<(i32, i64), &HistogramPoint> = BTreeMap::new();
    let mut too_late = 0;
    for ((_, observation), id) in write.series.iter().zip(ids) {
        for point in &observation.histograms {
            if point.at.0 < marks.raw_from {
                too_late += 1;
                continue;
            }
            let held = points.entry((*id, point.at.0)).or_insert(point);
            if fingerprint(point) > fingerprint(held) {
                *held = point;
            }
            marks.newest = marks.newest.max(point.at.0);
        }
    }
    tally.too_late("histogram", too_late);
    if points.is_empty() {
        return Ok(());
    }
    let observed_at = write.input.observed_at.0;
    let mut rows = session.copy(STAGE).await?;
    for ((series, at), point) in &points {
        rows.write(&[
            series,
            at,
            &point.period,
            &whole(point.count),
            &point.sum,
            &bins_text(&point.bins),
            &ordered(fingerprint(point)),
            &observed_at,
        ])
        .await?;
    }
    rows.finish().await?;
    session.execute(COMPARE, &[]).await?;
    session.execute(CHANGE, &[]).await?;
    session.execute(ADD, &[]).await?;
    let row = session.row(TALLY, &[]).await?;
    tally.added("histogram", count(&row, 0)?);
    tally.changed("histogram", count(&row, 1)?);
    if let Some(newest) = row.try_get(2)? {
        tally.touch(DataKind::Samples, newest);
    }
    Ok(())
}

/// Hash of what a histogram says.
fn fingerprint(point: &HistogramPoint) -> u64 {
    let sum = point.sum.map(f64::to_bits);
    let text = format!("{} {} {sum:?} {}", point.period, point.count, bins_text(&point.bins));
    xxh3_64(text.as_bytes())
}

/// Bins as the tables hold them: `bin:count`, joined by spaces.
fn bins_text(bins: &[(Bin, u64)]) -> String {
    let pairs: Vec<String> = bins.iter().map(|(bin, count)| format!("{}:{count}", bin.0)).collect();
    pairs.join(" ")
}
