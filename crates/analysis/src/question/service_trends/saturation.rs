//! How full the scarcest resource of a service is, in buckets: the greatest of what is reported as a
//! ratio and of use over limit, of the service itself and of everything that runs it. Pure.

use std::collections::BTreeMap;

use model::entity::EntityId;
use model::fact::{SeriesBucket, SeriesFact};
use model::series::SeriesType;

use crate::grid::Grid;
use crate::judged_series::{Values, mean_of};

/// Signals that are ratios already.
const RATIOS: [&str; 3] = ["saturation_ratio", "cpu_utilization_ratio", "memory_utilization_ratio"];

/// Signals of use and of its limit; of a counter the rise per second is used.
const USES: [(&str, &str); 2] =
    [("cpu_seconds", "cpu_limit_cores"), ("memory_used_bytes", "memory_limit_bytes")];

/// All signals that saturation reads.
pub(super) const SIGNALS: [&str; 7] = [
    "saturation_ratio",
    "cpu_utilization_ratio",
    "memory_utilization_ratio",
    "cpu_seconds",
    "cpu_limit_cores",
    "memory_used_bytes",
    "memory_limit_bytes",
];

/// Saturation in buckets, with the source and metric of the resource that was fullest most of the time.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Saturation {
    /// Ratios.
    pub values: Values,
    /// Source and metric.
    pub origin: Option<(String, String)>,
}

/// The saturation that series tell.
pub(super) fn saturation(series: &[&SeriesFact], grid: Grid) -> Saturation {
    let mut resources: Vec<(String, String, Values)> = Vec::new();
    for one in series.iter().filter(|one| one.series_type == SeriesType::Gauge) {
        if one.signal.as_deref().is_some_and(|signal| RATIOS.contains(&signal)) {
            let values = levels(one, grid);
            resources.push((one.source.clone(), one.metric.clone(), values));
        }
    }
    for (used, limit) in USES {
        resources.extend(of_limits(series, used, limit, grid));
    }
    let mut values: Values = vec![None; grid.count];
    for (_, _, resource) in &resources {
        for (held, value) in values.iter_mut().zip(resource) {
            *held = match (*held, *value) {
                (Some(held), Some(value)) => Some(held.max(value)),
                (held, value) => held.or(value),
            };
        }
    }
    let fullest = resources
        .iter()
        .filter_map(|(source, metric, values)| Some((mean_of(values)?, source, metric)))
        .max_by(|a, b| a.0.total_cmp(&b.0).then((b.1, b.2).cmp(&(a.1, a.2))));
    let origin = fullest.map(|(_, source, metric)| (source.clone(), metric.clone()));
    Saturation { values, origin }
}

fn levels(series: &SeriesFact, grid: Grid) -> Values {
    let mut values = vec![None; grid.count];
    for bucket in &series.buckets {
        if let Some(held) = grid.place(bucket.at).and_then(|place| values.get_mut(place)) {
            *held = Some(bucket.sum / bucket.count.max(1) as f64);
        }
    }
    values
}

/// Rise per second, over the time since the value before.
fn rates(series: &SeriesFact, grid: Grid) -> Values {
    let mut values = vec![None; grid.count];
    let mut before: Option<&SeriesBucket> = None;
    for bucket in &series.buckets {
        if let Some(before) = before
            && let Some(held) = grid.place(bucket.at).and_then(|place| values.get_mut(place))
        {
            let seconds = (bucket.at.0 - before.at.0).max(1) as f64 / 1e6;
            *held = Some(bucket.increase / seconds).filter(|rate| rate.is_finite());
        }
        before = Some(bucket);
    }
    values
}

/// Use over limit of each entity and source that has both; of several containers the sums.
fn of_limits(
    series: &[&SeriesFact],
    used: &str,
    limit: &str,
    grid: Grid,
) -> Vec<(String, String, Values)> {
    type Key<'a> = (EntityId, &'a str);
    let mut uses: BTreeMap<Key<'_>, (String, Values)> = BTreeMap::new();
    let mut limits: BTreeMap<EntityId, Values> = BTreeMap::new();
    for one in series {
        let signal = one.signal.as_deref();
        if signal == Some(used) {
            let values = match one.series_type {
                SeriesType::Counter => rates(one, grid),
                _ => levels(one, grid),
            };
            let key = (one.entity, one.source.as_str());
            let held = uses.entry(key).or_insert((one.metric.clone(), vec![None; grid.count]));
            // Of several metrics of one source the first by name, never both.
            if held.0 == one.metric {
                add(&mut held.1, &values);
            }
        } else if signal == Some(limit) {
            let held = limits.entry(one.entity).or_insert_with(|| vec![None; grid.count]);
            add(held, &levels(one, grid));
        }
    }
    let ratio = |((entity, source), (metric, used)): (Key<'_>, (String, Values))| {
        let limit = limits.get(&entity)?;
        let mut last = None;
        let values = used.iter().zip(limit).map(|(used, limit)| {
            // A limit that is seldom read holds until another is.
            last = limit.or(last).filter(|limit| *limit > 0.0);
            Some((*used)? / last?)
        });
        Some((source.to_owned(), metric, values.collect()))
    };
    uses.into_iter().filter_map(ratio).collect()
}

fn add(sum: &mut Values, more: &Values) {
    for (sum, more) in sum.iter_mut().zip(more) {
        if let Some(more) = more {
            *sum = Some(sum.unwrap_or(0.0) + more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Micros;

    fn series(entity: u64, signal: &str, series_type: SeriesType, values: &[f64]) -> SeriesFact {
        let bucket = |(place, value): (usize, &f64)| SeriesBucket {
            at: Micros(place as i64 * Micros::MINUTE),
            count: 1,
            sum: *value,
            min: *value,
            max: *value,
            last: *value,
            increase: *value,
        };
        SeriesFact {
            entity: EntityId(entity),
            id: entity.to_string(),
            signal: Some(signal.to_owned()),
            metric: signal.to_owned(),
            labels: model::entity::Labels::new(),
            series_type,
            unit: String::new(),
            source: "prometheus".to_owned(),
            buckets: values.iter().enumerate().map(bucket).collect(),
        }
    }

    /// One pod uses half its memory and 0.9 of its CPU limit, the other nothing to speak of.
    #[test]
    fn the_scarcest_resource_of_the_fullest_replica_decides() {
        let grid = Grid { from: Micros(0), step: Micros::MINUTE, count: 3 };
        let all = [
            series(1, "memory_used_bytes", SeriesType::Gauge, &[50.0, 50.0, 50.0]),
            series(1, "memory_limit_bytes", SeriesType::Gauge, &[100.0]),
            series(1, "cpu_seconds", SeriesType::Counter, &[1.0, 27.0, 54.0]),
            series(1, "cpu_limit_cores", SeriesType::Gauge, &[1.0]),
            series(2, "cpu_utilization_ratio", SeriesType::Gauge, &[0.1, 0.6, 0.1]),
            series(3, "memory_used_bytes", SeriesType::Gauge, &[1e9]),
        ];
        let found = saturation(&all.iter().collect::<Vec<_>>(), grid);
        let values: Vec<f64> = found.values.iter().map(|value| value.unwrap()).collect();
        assert_eq!(values, [0.5, 0.6, 0.9]);
        assert_eq!(found.origin, Some(("prometheus".into(), "cpu_seconds".into())));
        assert_eq!(saturation(&[], grid).origin, None);
    }
}
