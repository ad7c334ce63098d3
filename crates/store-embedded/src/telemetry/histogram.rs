//! Native histograms: kept as received, compared like samples when they are not newer than all of
//! their series.

use std::collections::BTreeMap;

use duckdb::{Connection, params};
use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use model::series::{Bin, HistogramPoint};
use telemetry_rows::{Tally, hash};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::Outcome;
use crate::telemetry::sample::labels_into;
use crate::telemetry::state::{NEVER, State};
use crate::telemetry::subject::stage;

/// Writes the histograms of a batch; their series are known by now.
pub fn write(
    conn: &Connection,
    state: &mut State,
    write: &TelemetryWrite,
    tally: &mut Tally,
) -> Outcome<()> {
    if write.series.iter().all(|(_, series)| series.histograms.is_empty()) {
        return Ok(());
    }
    let mut fresh: Vec<(u32, &HistogramPoint)> = Vec::new();
    let mut late: BTreeMap<(u32, i64), &HistogramPoint> = BTreeMap::new();
    let mut too_late = 0;
    for (subject, observation) in &write.series {
        let mut labels = String::new();
        labels_into(&mut labels, &observation.labels);
        let name = hash::name_hash(&write.input.source, &observation.metric, &labels);
        let identity = (name, state.entity(subject.0));
        let Some(id) = state.series_by_identity.get(&identity).copied() else { continue };
        let Some(series) = state.series.get_mut(id as usize) else { continue };
        for point in &observation.histograms {
            if point.at.0 < state.raw_from {
                too_late += 1;
            } else if point.at.0 > series.newest_histogram {
                series.newest_histogram = point.at.0;
                fresh.push((id, point));
            } else {
                let held = late.entry((id, point.at.0)).or_insert(point);
                if fingerprint(point) > fingerprint(held) {
                    *held = point;
                }
            }
        }
        state.newest = state.newest.max(series.newest_histogram);
    }
    let observed_at = write.input.observed_at.0;
    tally.too_late("histogram", too_late);
    tally.added("histogram", fresh.len() as u64);
    let mut rows = conn.appender("histogram")?;
    for (id, point) in &fresh {
        append(&mut rows, *id, point, observed_at)?;
        tally.touch(DataKind::Samples, point.at.0);
    }
    rows.flush()?;
    drop(rows);
    merge(conn, &late, observed_at, tally)
}

fn append(
    rows: &mut duckdb::Appender<'_>,
    series: u32,
    point: &HistogramPoint,
    observed_at: i64,
) -> Outcome<()> {
    rows.append_row(params![
        series,
        point.at.0,
        point.period,
        point.count,
        point.sum,
        bins_text(&point.bins),
        fingerprint(point),
        observed_at
    ])?;
    Ok(())
}

fn merge(
    conn: &Connection,
    late: &BTreeMap<(u32, i64), &HistogramPoint>,
    observed_at: i64,
    tally: &mut Tally,
) -> Outcome<()> {
    if late.is_empty() {
        return Ok(());
    }
    let mut rows = stage(conn, "stage_histogram")?;
    let mut newest = NEVER;
    for ((series, at), point) in late {
        append(&mut rows, *series, point, observed_at)?;
        newest = newest.max(*at);
    }
    rows.flush()?;
    drop(rows);
    let changed = conn.execute(include_str!("histogram_drop.sql"), [])? as u64;
    conn.execute(include_str!("histogram_confirm.sql"), [])?;
    let written = conn.execute(include_str!("histogram_add.sql"), [])? as u64;
    conn.execute_batch("TRUNCATE stage_histogram")?;
    tally.changed("histogram", changed);
    tally.added("histogram", written.saturating_sub(changed));
    if written > 0 {
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
pub fn bins_text(bins: &[(Bin, u64)]) -> String {
    let pairs: Vec<String> = bins.iter().map(|(bin, count)| format!("{}:{count}", bin.0)).collect();
    pairs.join(" ")
}
