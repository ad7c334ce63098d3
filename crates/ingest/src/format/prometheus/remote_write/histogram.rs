//! A native histogram in our bins.

use model::Micros;
use model::series::{HistogramPoint, Point};

use super::message::{Histogram, Span};
use crate::format::bins::{BUCKETS_MAX, Bins};
use crate::format::prometheus::series;

/// Schema of a histogram with bounds of its own.
const CUSTOM: i32 = -53;
/// Largest count that is read from a fraction: whole numbers are exact up to here.
const COUNT_MAX: f64 = 9_007_199_254_740_992.0;

/// What a histogram is read as.
pub enum Read {
    /// The series ended here.
    Stale(Point),
    /// Counts.
    Counts(HistogramPoint),
}

/// The histogram at this instant.
///
/// # Errors
/// When spans and counts do not fit, or there are too many.
pub fn point(at: Micros, sent: &Histogram) -> Result<Read, &'static str> {
    if let Ok(point) = series::point(at, sent.sum)
        && point.is_stale
    {
        return Ok(Read::Stale(point));
    }
    if sent.schema != CUSTOM && !(-4..=8).contains(&sent.schema) {
        return Err("the schema of a native histogram is not -4 to 8 or -53");
    }
    let mut bins = Bins::default();
    bins.zero(match (sent.zero_count_int, sent.zero_count_float) {
        (Some(count), _) => count,
        (None, count) => whole(count.unwrap_or(0.0))?,
    });
    for (is_negative, spans, deltas, counts) in [
        (false, &sent.positive_spans, &sent.positive_deltas, &sent.positive_counts),
        (true, &sent.negative_spans, &sent.negative_deltas, &sent.negative_counts),
    ] {
        let counts = counts_of(deltas, counts)?;
        let indexes = indexes(spans)?;
        if counts.len() != indexes.len() {
            return Err("buckets and counts of a native histogram do not fit");
        }
        for (index, count) in indexes.into_iter().zip(counts) {
            if sent.schema == CUSTOM {
                custom(&sent.custom_values, index, count, &mut bins);
            } else {
                // Prometheus' bucket i is (base^(i-1), base^i].
                bins.exponential(sent.schema, index.saturating_sub(1), is_negative, count);
            }
        }
    }
    let bins = bins.finish();
    let count = match (sent.count_int, sent.count_float) {
        (Some(count), _) => count,
        (None, Some(count)) => whole(count)?,
        (None, None) => bins.iter().fold(0, |sum: u64, (_, count)| sum.saturating_add(*count)),
    };
    let sum = Some(sent.sum).filter(|sum| sum.is_finite());
    Ok(Read::Counts(HistogramPoint { at, period: 0, count, sum, bins }))
}

fn custom(bounds: &[f64], index: i64, count: u64, bins: &mut Bins) {
    let bound = |index: i64| usize::try_from(index).ok().and_then(|i| bounds.get(i)).copied();
    let upper = bound(index).unwrap_or(f64::INFINITY);
    let lower = bound(index.saturating_sub(1)).unwrap_or(if upper > 0.0 { 0.0 } else { upper });
    bins.spread(lower, upper, count);
}

fn whole(count: f64) -> Result<u64, &'static str> {
    if (0.0..=COUNT_MAX).contains(&count) {
        Ok(count.round() as u64)
    } else {
        Err("a count of a native histogram is no number of observations")
    }
}

fn counts_of(deltas: &[i64], counts: &[f64]) -> Result<Vec<u64>, &'static str> {
    if deltas.len().max(counts.len()) > BUCKETS_MAX {
        return Err("too many buckets in a native histogram");
    }
    if deltas.is_empty() {
        return counts.iter().map(|count| whole(*count)).collect();
    }
    let mut count = 0_i64;
    deltas
        .iter()
        .map(|delta| {
            count = count.checked_add(*delta).ok_or("a count of a native histogram overflows")?;
            u64::try_from(count).map_err(|_error| "a count of a native histogram is negative")
        })
        .collect()
}

fn indexes(spans: &[Span]) -> Result<Vec<i64>, &'static str> {
    let mut all = Vec::new();
    let mut next = 0_i64;
    for span in spans {
        next = next.saturating_add(i64::from(span.offset));
        if all.len() + span.length as usize > BUCKETS_MAX {
            return Err("too many buckets in a native histogram");
        }
        for _ in 0..span.length {
            all.push(next);
            next = next.saturating_add(1);
        }
    }
    Ok(all)
}
