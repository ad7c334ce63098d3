//! Signals over time: buckets of the store as points to draw. A gap stays a gap.

use std::cmp::Reverse;

use model::fact::SeriesFact;
use model::series::SeriesType;
use model::time::Micros;

use super::shape::{ChartPoint, ChartSeries};

/// Charts of an answer, in order of entity, signal, metric and labels; those without a signal last.
pub(super) fn charts_of(series: &[SeriesFact], step: i64) -> Vec<ChartSeries> {
    let mut charts: Vec<ChartSeries> = series
        .iter()
        .filter(|fact| fact.series_type != SeriesType::Bucket)
        .map(|fact| chart_of(fact, step))
        .filter(|chart| !chart.points.is_empty())
        .collect();
    charts.sort_by_cached_key(|chart| {
        let is_unnamed = chart.signal.is_none();
        (
            chart.entity.clone(),
            is_unnamed,
            chart.signal.clone(),
            chart.metric.clone(),
            chart.labels.clone(),
            Reverse(chart.points.len()),
        )
    });
    charts
}

fn chart_of(fact: &SeriesFact, step: i64) -> ChartSeries {
    let seconds = step.max(1) as f64 / 1e6;
    let is_rate = matches!(fact.series_type, SeriesType::Counter | SeriesType::Delta);
    let mut points = Vec::with_capacity(fact.buckets.len());
    let mut before: Option<Micros> = None;
    for bucket in &fact.buckets {
        let value = match (fact.series_type, before) {
            // The rise is since the last value before the bucket, however long ago that is.
            (SeriesType::Counter, Some(before)) => {
                let apart = bucket.at.0.saturating_sub(before.0).max(1) as f64 / 1e6;
                Some(bucket.increase / apart)
            }
            (SeriesType::Counter, None) => None,
            (SeriesType::Delta, _) => Some(bucket.sum / seconds),
            _ => Some(bucket.sum / bucket.count.max(1) as f64),
        };
        before = Some(bucket.at);
        if let Some(value) = value.filter(|value| value.is_finite()) {
            let ends = (!is_rate).then_some((bucket.min, bucket.max));
            let (min, max) = ends.unzip();
            points.push(ChartPoint { at: bucket.at, value, min, max });
        }
    }
    let per_second = if is_rate { "/s" } else { "" };
    ChartSeries {
        entity: fact.id.clone(),
        signal: fact.signal.clone(),
        metric: fact.metric.clone(),
        labels: fact.labels.clone(),
        unit: format!("{}{per_second}", fact.unit),
        source: fact.source.clone(),
        step_seconds: seconds,
        points,
    }
}
