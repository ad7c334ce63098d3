//! Everything that is known of one stretch of time: series, durations, calls and requests in the buckets of
//! one grid. Pure.

use std::collections::BTreeMap;

use model::entity::EntityId;
use model::fact::{CallSeriesFact, DurationSeriesFact, RootSeriesFact, SeriesFact};
use model::time::Micros;

use super::page::Page;
use super::requests::PeriodFacts;
use crate::estate::Estate;
use crate::grid::Grid;

/// Series of one stretch of time.
#[derive(Debug, Clone, Default)]
pub(super) struct Period {
    /// Its buckets.
    pub grid: Option<Grid>,
    /// Series.
    pub series: Vec<SeriesFact>,
    /// Durations.
    pub durations: Vec<DurationSeriesFact>,
    /// Calls.
    pub calls: Vec<CallSeriesFact>,
    /// Requests without a caller.
    pub roots: Vec<RootSeriesFact>,
}

impl Period {
    /// What belongs to each service of a page.
    pub fn by_service(&self, page: &Page, estate: &Estate) -> Vec<PeriodFacts<'_>> {
        let mut found: Vec<PeriodFacts<'_>> =
            page.services.iter().map(|_| PeriodFacts::default()).collect();
        let mut places: BTreeMap<EntityId, Vec<usize>> = BTreeMap::new();
        for (place, members) in page.members.iter().enumerate() {
            for member in members {
                places.entry(*member).or_default().push(place);
            }
        }
        let own: BTreeMap<EntityId, usize> = page
            .services
            .iter()
            .enumerate()
            .map(|(place, one)| (estate.entity(*one).entity, place))
            .collect();
        let of = |entity: &EntityId| places.get(entity).into_iter().flatten().copied();
        for one in &self.series {
            of(&one.entity).for_each(|place| found[place].series.push(one));
        }
        for one in &self.durations {
            of(&one.entity).for_each(|place| found[place].durations.push(one));
        }
        for one in &self.calls {
            // A service that calls itself is not asked by others.
            if let Some(place) = own.get(&one.server).filter(|_| one.client != one.server) {
                found[*place].calls.push(one);
            }
        }
        for one in &self.roots {
            if let Some(place) = own.get(&one.service) {
                found[*place].roots.push(one);
            }
        }
        found
    }
}

impl Period {
    /// The part of a longer stretch with the same buckets.
    pub fn part(&self, grid: Grid) -> Self {
        let is_in = |at: Micros| grid.place(at).is_some();
        let series = self.series.iter().map(|one| SeriesFact {
            entity: one.entity,
            id: one.id.clone(),
            signal: one.signal.clone(),
            metric: one.metric.clone(),
            labels: one.labels.clone(),
            series_type: one.series_type,
            unit: one.unit.clone(),
            source: one.source.clone(),
            buckets: one.buckets.iter().filter(|bucket| is_in(bucket.at)).copied().collect(),
        });
        let durations = self.durations.iter().map(|one| DurationSeriesFact {
            entity: one.entity,
            signal: one.signal.clone(),
            metric: one.metric.clone(),
            labels: one.labels.clone(),
            source: one.source.clone(),
            buckets: one.buckets.iter().filter(|bucket| is_in(bucket.0)).cloned().collect(),
        });
        let calls = self.calls.iter().map(|one| CallSeriesFact {
            client: one.client,
            server: one.server,
            is_asynchronous: one.is_asynchronous,
            is_scaled: one.is_scaled,
            origin: one.origin.clone(),
            buckets: one.buckets.iter().filter(|bucket| is_in(bucket.at)).cloned().collect(),
        });
        let roots = self.roots.iter().map(|one| RootSeriesFact {
            service: one.service,
            kind: one.kind,
            is_scaled: one.is_scaled,
            buckets: one.buckets.iter().filter(|bucket| is_in(bucket.at)).cloned().collect(),
        });
        Self {
            grid: Some(grid),
            series: series.collect(),
            durations: durations.collect(),
            calls: calls.collect(),
            roots: roots.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::fact::SeriesBucket;
    use model::series::SeriesType;

    use super::*;

    #[test]
    fn a_part_holds_the_buckets_of_its_own_grid_and_every_series() {
        let bucket = |minute: i64| SeriesBucket {
            at: Micros(minute * Micros::MINUTE),
            count: 1,
            sum: minute as f64,
            min: 0.0,
            max: 0.0,
            last: 0.0,
            increase: 0.0,
        };
        let fact = SeriesFact {
            entity: EntityId(1),
            id: "service://_/_/a".into(),
            signal: None,
            metric: "m".into(),
            labels: BTreeMap::new(),
            series_type: SeriesType::Gauge,
            unit: String::new(),
            source: "s".into(),
            buckets: (0..9).map(bucket).collect(),
        };
        let whole = Period { series: vec![fact], ..Period::default() };
        let part = |from: i64| {
            let grid = Grid { from: Micros(from * Micros::MINUTE), step: Micros::MINUTE, count: 3 };
            let part = whole.part(grid);
            assert_eq!(part.grid, Some(grid));
            part.series[0].buckets.iter().map(|one| one.sum).collect::<Vec<f64>>()
        };
        assert_eq!((part(3), part(20)), (vec![3.0, 4.0, 5.0], vec![]));
    }
}
