//! What time does to telemetry: ends of series, retention, rows that come too late, and the past.

use libtest_mimic::Failed;
use model::fact::{SignalFact, SignalQuery};
use model::retention::Retention;
use model::scope::Place;
use model::seam::ReadContext;
use model::series::{Bin, HistogramPoint, SeriesType};
use model::{Micros, Window};

use super::{Bench, START, context, naive, same, samples};
use crate::contract::{Done, Pair};

fn signals(bench: &Bench, from: i64, to: i64, ctx: &ReadContext) -> Result<SignalFact, Failed> {
    let query = SignalQuery {
        place: Place::default(),
        unit: Vec::new(),
        kinds: Vec::new(),
        entities: Vec::new(),
        signals: Vec::new(),
        window: Window { from: Micros(from).timestamp(), to: Micros(to).timestamp() },
    };
    let found = bench.runtime.block_on(bench.telemetry.signals(ctx, query))?;
    found.into_iter().next().ok_or_else(|| "no series".into())
}

pub fn ends(pair: Pair) -> Done {
    let at = |minute: i64| START + minute * Micros::MINUTE;
    let mut bench = Bench::new(pair)?;
    let mut write = samples(&[(at(0), 2.0), (at(1), 4.0), (at(2), 0.0)], SeriesType::Gauge, 5);
    write.series[0].1.points[2].is_stale = true;
    bench.write(write.clone())?;
    let found = signals(&bench, at(0), at(30), &context())?;
    if (found.count, found.sum, found.newest.0) != (2, 6.0, at(1)) {
        return Err(format!("the marker is no value: {found:?}").into());
    }
    let again = bench.write(write)?;
    if !again.added.is_empty() || !again.changed.is_empty() {
        return Err(format!("the same again: {again:?}").into());
    }
    // A value of the same observation beats the marker; a later marker beats the value.
    bench.write(samples(&[(at(2), 9.0)], SeriesType::Gauge, 5))?;
    let found = signals(&bench, at(0), at(30), &context())?;
    if (found.count, found.sum, found.newest.0) != (3, 15.0, at(2)) {
        return Err(format!("the value counts: {found:?}").into());
    }
    let mut later = samples(&[(at(2), 0.0)], SeriesType::Gauge, 6);
    later.series[0].1.points[0].is_stale = true;
    bench.write(later)?;
    let found = signals(&bench, at(0), at(30), &context())?;
    // Outside the window the newest is found too.
    let outside = signals(&bench, at(600), at(630), &context())?;
    if (found.count, found.newest.0, outside.count, outside.newest.0) != (2, at(1), 0, at(1)) {
        return Err(format!("the end counts: {found:?}, {outside:?}").into());
    }
    Ok(())
}

/// A value every 20 minutes over 90 days.
fn ninety_days() -> Vec<(i64, f64)> {
    (0..90 * 72).map(|n| (START + n * 20 * Micros::MINUTE, (n * 37 % 101) as f64)).collect()
}

pub fn retention(pair: Pair) -> Done {
    let points = ninety_days();
    let (end, now) = (START + 90 * Micros::DAY, Micros(START + 400 * Micros::DAY));
    for series_type in [SeriesType::Gauge, SeriesType::Counter] {
        let mut bench = Bench::new(pair)?;
        let nothing = bench.retain(Retention::default(), now)?;
        if nothing.raw != 0 {
            return Err(format!("an empty store loses {nothing:?}").into());
        }
        bench.write(samples(&points, series_type, 5))?;
        let mut expected = naive(&points, START, end, 6 * Micros::HOUR);
        if series_type == SeriesType::Gauge {
            expected.iter_mut().for_each(|bucket| bucket[6] = 0.0);
        }
        same(&bench.series(START, end, 6 * Micros::HOUR)?, &expected, "before")?;
        let gone = bench.retain(Retention::default(), now)?;
        // The hour of the newest sample, thirty days back, is the first that is kept raw.
        let kept = points.iter().filter(|(at, _)| *at >= end - Micros::HOUR - 30 * Micros::DAY);
        let wanted = points.len() - kept.count();
        if gone.raw != wanted as u64 || gone.rollups != 0 {
            return Err(format!("{gone:?}, wanted {wanted}").into());
        }
        same(&bench.series(START, end, 6 * Micros::HOUR)?, &expected, "after")?;
        let late = bench.write(samples(&[(START + Micros::DAY, 5e9)], series_type, 9))?;
        if late.too_late.get("sample") != Some(&1) || !late.added.is_empty() {
            return Err(format!("too late: {late:?}").into());
        }
        same(&bench.series(START, end, 6 * Micros::HOUR)?, &expected, "after a late row")?;
        if bench.retain(Retention::default(), now)?.raw != 0 {
            return Err("a second round finds something".into());
        }
    }
    Ok(())
}

pub fn future(pair: Pair) -> Done {
    let mut bench = Bench::new(pair)?;
    let points = ninety_days();
    bench.write(samples(&points, SeriesType::Gauge, 5))?;
    bench.write(samples(&[(START + 90_000 * Micros::DAY, 1.0)], SeriesType::Gauge, 5))?;
    let gone = bench.retain(Retention::default(), Micros(START + 20 * Micros::DAY))?;
    if gone.raw != 0 { Err(format!("one row of the future takes {gone:?}").into()) } else { Ok(()) }
}

/// Minute, length in minutes, count, counts by bin.
type Histogram<'a> = (i64, i64, u64, &'a [(i32, u64)]);

fn histograms(points: &[Histogram<'_>]) -> model::resolution::TelemetryWrite {
    let mut write = samples(&[], SeriesType::Delta, 5);
    write.series[0].1.histograms = points
        .iter()
        .map(|(at, period, count, bins)| HistogramPoint {
            at: Micros(START + at * Micros::MINUTE),
            period: period * Micros::MINUTE,
            count: *count,
            sum: None,
            bins: bins.iter().map(|(bin, count)| (Bin(*bin), *count)).collect(),
        })
        .collect();
    write
}

pub fn native_histograms(pair: Pair) -> Done {
    let window = (START + 5 * Micros::MINUTE, START + 60 * Micros::MINUTE);
    let mut bench = Bench::new(pair)?;
    let deltas: [Histogram<'_>; 3] =
        [(1, 1, 9, &[(3, 9)]), (10, 1, 4, &[(3, 3), (5, 1)]), (11, 1, 2, &[(3, 2)])];
    bench.write(histograms(&deltas))?;
    let again = bench.write(histograms(&deltas))?;
    let found = signals(&bench, window.0, window.1, &context())?;
    if found.bins != [(Bin(3), 5), (Bin(5), 1)] || !again.added.is_empty() {
        return Err(format!("deltas: {:?}, again {again:?}", found.bins).into());
    }
    // Cumulative: the rise since the point before, from nothing after a reset.
    let mut bench = Bench::new(pair)?;
    bench.write(histograms(&[
        (1, 0, 10, &[(3, 6), (4, 4)]),
        (10, 0, 13, &[(3, 7), (4, 6)]),
        (20, 0, 2, &[(3, 2)]),
        (30, 0, 5, &[(3, 4), (7, 1)]),
    ]))?;
    let found = signals(&bench, window.0, window.1, &context())?;
    let newest = START + 30 * Micros::MINUTE;
    if found.bins == [(Bin(3), 5), (Bin(4), 2), (Bin(7), 1)] && found.newest.0 == newest {
        return Ok(());
    }
    Err(format!("cumulative: {:?} at {:?}", found.bins, found.newest).into())
}

pub fn past(pair: Pair) -> Done {
    let points = ninety_days();
    let mut bench = Bench::new(pair)?;
    bench.write(samples(&points, SeriesType::Gauge, 5))?;
    // Within an hour that is rolled up, at and between values.
    for minute in [0, 1, 20, 21, 59] {
        let as_of = START + 10 * Micros::DAY + minute * Micros::MINUTE;
        let ctx = ReadContext { as_of: Some(Micros(as_of)), ..context() };
        for window in [15 * Micros::MINUTE, 3 * Micros::HOUR, Micros::MINUTE] {
            let found = signals(&bench, as_of - window, as_of + Micros::DAY, &ctx)?;
            let inside = |at: i64| at >= as_of - window && at <= as_of;
            let values: Vec<f64> =
                points.iter().filter(|(at, _)| inside(*at)).map(|(_, value)| *value).collect();
            let newest = points.iter().map(|(at, _)| *at).filter(|at| *at <= as_of).max();
            let (count, sum) = (values.len() as u64, values.iter().sum::<f64>());
            if (found.count, found.sum, Some(found.newest.0)) != (count, sum, newest) {
                return Err(format!("{minute}, {window}: {found:?}, {count} {newest:?}").into());
            }
        }
    }
    Ok(())
}
