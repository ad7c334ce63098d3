//! Quantiles as senders report them, in buckets: they cannot be merged, so a bucket holds the latest
//! reported value of its series, and of several series their median. Pure.

use model::fact::SeriesFact;
use model::series::SeriesType;

use super::requests::{Origin, PeriodFacts, Way};
use crate::grid::Grid;
use crate::judged_series::Values;
use crate::series::percentile::{median, sorted};

/// Values by quantile, in order of it.
pub(super) type Reported = Vec<(f64, Values)>;

/// The quantiles that a source reports; nothing of another way of reading.
pub(super) fn reported(facts: &PeriodFacts<'_>, origin: &Origin, grid: Grid) -> Reported {
    if origin.way != Way::Reported {
        return Reported::new();
    }
    let is_of = |one: &&&SeriesFact| {
        one.series_type == SeriesType::Quantile
            && one.source == origin.source
            && one.metric == origin.metric
    };
    let mut by_quantile: Vec<(f64, Vec<Vec<f64>>)> = Vec::new();
    for one in facts.series.iter().filter(is_of) {
        let quantile = one.labels.get("quantile").and_then(|text| text.parse::<f64>().ok());
        let Some(quantile) = quantile.filter(|one| (0.0..=1.0).contains(one)) else { continue };
        let place = match by_quantile.iter().position(|held| held.0 == quantile) {
            Some(place) => place,
            None => {
                by_quantile.push((quantile, vec![Vec::new(); grid.count]));
                by_quantile.len() - 1
            }
        };
        let Some((_, held)) = by_quantile.get_mut(place) else { continue };
        for bucket in one.buckets.iter().filter(|bucket| bucket.last.is_finite()) {
            if let Some(held) = grid.place(bucket.at).and_then(|place| held.get_mut(place)) {
                held.push(bucket.last);
            }
        }
    }
    by_quantile.sort_by(|a, b| a.0.total_cmp(&b.0));
    let middles = |buckets: Vec<Vec<f64>>| buckets.into_iter().map(|one| median(&sorted(one)));
    by_quantile
        .into_iter()
        .map(|(quantile, buckets)| (quantile, middles(buckets).collect()))
        .collect()
}

/// The values of one quantile.
pub(super) fn at(reported: &Reported, quantile: f64) -> Option<&Values> {
    reported.iter().find(|one| (one.0 - quantile).abs() < 1e-9).map(|one| &one.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Micros;
    use model::entity::{EntityId, Labels};
    use model::fact::SeriesBucket;

    fn series(quantile: &str, pod: &str, values: &[f64]) -> SeriesFact {
        let bucket = |(place, value): (usize, &f64)| SeriesBucket {
            at: Micros(place as i64 * Micros::MINUTE),
            count: 2,
            sum: value * 3.0,
            min: *value,
            max: value * 2.0,
            last: *value,
            increase: 0.0,
        };
        SeriesFact {
            entity: EntityId(1),
            id: pod.into(),
            signal: Some("latency_seconds".into()),
            metric: "d".into(),
            labels: Labels::from([
                ("quantile".into(), quantile.into()),
                ("pod".into(), pod.into()),
            ]),
            series_type: SeriesType::Quantile,
            unit: "s".into(),
            source: "prometheus".into(),
            buckets: values.iter().enumerate().map(bucket).collect(),
        }
    }

    #[test]
    fn a_bucket_holds_reported_values_and_no_mean_of_them() {
        let all = [
            series("0.95", "a", &[0.1, 0.2]),
            series("0.95", "b", &[0.3]),
            series("0.5", "a", &[0.05]),
        ];
        let facts = PeriodFacts { series: all.iter().collect(), ..PeriodFacts::default() };
        let grid = Grid { from: Micros(0), step: Micros::MINUTE, count: 3 };
        let origin = Origin { way: Way::Reported, source: "prometheus".into(), metric: "d".into() };
        let found = reported(&facts, &origin, grid);
        assert_eq!(at(&found, 0.95), Some(&vec![Some(0.2), Some(0.2), None]));
        assert_eq!(at(&found, 0.5), Some(&vec![Some(0.05), None, None]));
        assert_eq!(at(&found, 0.99), None);
    }
}
