//! One series of an answer against its own past: what is usual, what is far from it, where its level
//! changed, whether it rises or falls, and how it was before. Pure; shared by every question about
//! series, which adjusts the p-values of all its trends together.

mod far;
mod shape;

use model::absence::{Absence, Absent};
use model::measure::Measure;
use model::time::Micros;

use crate::grid::Grid;
use crate::series::baseline::{Baseline, Season};
use crate::series::bootstrap::mean;
use crate::series::change_point::change_points;
use crate::series::false_discovery::adjusted;
use crate::series::percentile::{median, percentile, sorted};
use crate::series::trend::{Trend, is_trend, trend};
use crate::series::{NoAnswer, Sample};

pub use shape::{
    SeriesAnomaly, SeriesBaseline, SeriesChange, SeriesComparison, SeriesDirection, SeriesSummary,
    SeriesTrend,
};

/// Windows this long and shorter than two days show a part of the day's course.
const DAY_PART: i64 = 6 * Micros::HOUR;

/// Values on a grid; a gap is `None`.
pub type Values = Vec<Option<f64>>;

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct SeriesInput<'a> {
    /// Buckets of the window.
    pub grid: Grid,
    /// Values of the window.
    pub values: &'a [Option<f64>],
    /// Earlier periods on grids of the same step, with their values.
    pub earlier: &'a [(Grid, Values)],
    /// Events behind the values, where few of them may make a bucket.
    pub counts: Option<CountsInput<'a>>,
    /// Unit of the values.
    pub unit: &'a str,
    /// The least difference that means anything.
    pub resolution: f64,
    /// The least relevant change over a window, as a share.
    pub least: f64,
}

/// Events and what they are of, by bucket: errors of requests, requests of buckets.
#[derive(Debug, Clone, Copy)]
pub struct CountsInput<'a> {
    /// Events of the window.
    pub events: &'a [Option<f64>],
    /// What they are of; the value of a bucket is events over this.
    pub exposure: &'a [Option<f64>],
    /// Events and exposures of earlier periods.
    pub earlier: &'a [(f64, f64)],
}

/// What is found of a series, before the p-values of an answer are adjusted.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesFound {
    /// Everything but the trend.
    pub summary: SeriesSummary,
    /// The trend, or why there is none.
    pub trend: Result<Trend, Absent>,
    unit: String,
    resolution: f64,
    least: f64,
}

/// Judges one series.
pub fn judged_series(input: &SeriesInput<'_>) -> SeriesFound {
    let window = samples(input.grid, input.values);
    let past: Vec<Sample> = past(input);
    let (usual, of_window) = usual(&window, &past);
    let flat = flattened(input, &window, usual.as_ref().ok());
    let step = input.grid.step;
    let changes = change_points(flat.samples(&window), step, input.resolution);
    let summary = SeriesSummary {
        baseline: baseline(usual.as_ref(), of_window, input.unit),
        anomalies: far::far(input, &window, usual.as_ref().ok()),
        changes_reason: changes.as_ref().err().map(|_| Absence::TooLittleData),
        changes_detail: changes.as_ref().err().map(NoAnswer::to_string),
        changes: changes.unwrap_or_default().iter().map(|one| shape::change(one, input)).collect(),
        trend: SeriesTrend::pending(),
        ..statistics(input.unit, &window, input.values.len())
    };
    let trend =
        match &flat {
            Flat::DayPart => Err(Absence::TooLittleData
                .because("too short to tell a trend from the course of the day")),
            _ => trend(flat.samples(&window)).map_err(Absent::from),
        };
    let (unit, resolution, least) = (input.unit.to_owned(), input.resolution, input.least);
    SeriesFound { summary, trend, unit, resolution, least }
}

/// Adjusts the p-values of all trends of an answer and gives the finished summaries, in the same order.
pub fn finished(found: Vec<SeriesFound>) -> Vec<SeriesSummary> {
    let raw: Vec<f64> =
        found.iter().map(|one| one.trend.as_ref().map_or(f64::NAN, |trend| trend.p)).collect();
    let finish = |(found, p): (SeriesFound, f64)| {
        let trend = match &found.trend {
            Ok(trend) => {
                let is_real = is_trend(trend, p, found.least, found.resolution);
                shape::trend(trend, p, is_real, &found.unit)
            }
            Err(why) => SeriesTrend::absent(&found.unit, why),
        };
        SeriesSummary { trend, ..found.summary }
    };
    found.into_iter().zip(adjusted(&raw)).map(finish).collect()
}

/// Compares the window with an earlier period: means, or what the caller gives for each.
pub fn compared(
    period: &str,
    grid: Grid,
    (now, then): (Option<f64>, Option<f64>),
    unit: &str,
) -> SeriesComparison {
    let value = |value: Option<f64>| {
        value.map_or_else(
            || Measure::absent(unit, Absence::NoData),
            |value| Measure::new(value, unit),
        )
    };
    let ratio = match (now, then) {
        (Some(now), Some(then)) if then != 0.0 => Measure::new(now / then - 1.0, "1"),
        (Some(_), Some(_)) => Measure::absent("1", Absence::NotApplicable),
        _ => Measure::absent("1", Absence::NoData),
    };
    let window = grid.window();
    SeriesComparison {
        period: period.to_owned(),
        from: window.from,
        to: window.to,
        value: value(then),
        change_ratio: ratio,
    }
}

/// Mean of the values that are there.
pub fn mean_of(values: &[Option<f64>]) -> Option<f64> {
    let held: Vec<f64> = values.iter().copied().flatten().collect();
    (!held.is_empty()).then(|| mean(&held))
}

fn samples(grid: Grid, values: &[Option<f64>]) -> Vec<Sample> {
    let one = |(place, value): (usize, &Option<f64>)| {
        value.map(|value| Sample { at: grid.at(place), value })
    };
    values.iter().enumerate().filter_map(one).collect()
}

/// Values before the window, in order of time; a period that overlaps it gives only what is before.
fn past(input: &SeriesInput<'_>) -> Vec<Sample> {
    let mut past: Vec<Sample> = input
        .earlier
        .iter()
        .flat_map(|(grid, values)| samples(*grid, values))
        .filter(|one| one.at < input.grid.from)
        .collect();
    past.sort_by_key(|one| one.at);
    past.dedup_by_key(|one| one.at);
    past
}

/// The baseline: of the past where that holds at least three quarters as many values as the window,
/// otherwise of past and window together.
fn usual(window: &[Sample], past: &[Sample]) -> (Result<Baseline, NoAnswer>, bool) {
    if past.len() * 4 >= window.len() * 3
        && let Ok(usual) = Baseline::of(past)
    {
        return (Ok(usual), false);
    }
    let all: Vec<Sample> = past.iter().chain(window).copied().collect();
    (Baseline::of(&all), true)
}

/// The window without the course of the day.
enum Flat {
    /// It is too short to have one, or long enough to show it.
    Plain,
    /// What is left of it.
    Without(Vec<Sample>),
    /// It has one, and no earlier day says which.
    DayPart,
}

impl Flat {
    fn samples<'a>(&'a self, window: &'a [Sample]) -> &'a [Sample] {
        match self {
            Self::Without(samples) => samples,
            Self::Plain | Self::DayPart => window,
        }
    }
}

fn flattened(input: &SeriesInput<'_>, window: &[Sample], usual: Option<&Baseline>) -> Flat {
    if let Some(usual) = usual.filter(|one| one.season != Season::None) {
        return Flat::Without(window.iter().map(|one| usual.deseasonalised(*one)).collect());
    }
    let length = input.grid.length();
    if !(DAY_PART..2 * Micros::DAY).contains(&length) {
        return Flat::Plain;
    }
    // Several days at each hour would have shown a season if there was one.
    let days = |(grid, values): &(Grid, Values)| {
        let is_day = grid.step > 0 && (input.grid.from.0 - grid.from.0) % Micros::DAY == 0;
        let held = values.iter().flatten().count();
        is_day && held * 4 >= window.len() * 3
    };
    let days: Vec<&(Grid, Values)> = input.earlier.iter().filter(|one| days(one)).collect();
    if days.len() >= 3 {
        return Flat::Plain;
    }
    let Some((grid, values)) = days.first() else { return Flat::DayPart };
    let level = median(&sorted(values.iter().copied().flatten())).unwrap_or_default();
    let apart = input.grid.from.0 - grid.from.0;
    let left = window.iter().filter_map(|one| {
        let then = values.get(grid.place(one.at.plus(-apart))?).copied().flatten()?;
        Some(Sample { at: one.at, value: one.value - then + level })
    });
    Flat::Without(left.collect())
}

fn baseline(usual: Result<&Baseline, &NoAnswer>, of_window: bool, unit: &str) -> SeriesBaseline {
    match usual {
        Ok(usual) => SeriesBaseline {
            level: Measure::new(usual.level, unit).of(usual.n as u64),
            deviation: Measure::new(usual.scale(0.0), unit),
            season: usual.season.as_str().to_owned(),
            season_strength: usual.season_strength,
            from: Some(usual.from),
            to: Some(usual.to),
            with_window: of_window,
        },
        Err(few) => SeriesBaseline {
            level: Measure::absent(unit, *few),
            deviation: Measure::absent(unit, *few),
            season: Season::None.as_str().to_owned(),
            season_strength: 0.0,
            from: None,
            to: None,
            with_window: of_window,
        },
    }
}

/// Mean, deviation and percentiles of the buckets of a window.
fn statistics(unit: &str, window: &[Sample], buckets: usize) -> SeriesSummary {
    let held = sorted(window.iter().map(|one| one.value));
    let n = held.len() as u64;
    let absent = || Measure::absent(unit, Absence::NoData);
    let value = |value: Option<f64>| value.map_or_else(absent, |v| Measure::new(v, unit).of(n));
    let at = |quantile: f64| match percentile(&held, quantile) {
        _ if held.is_empty() => absent(),
        Ok(value) => Measure::new(value, unit).of(n),
        Err(few) => Measure::absent(unit, few).of(n),
    };
    let centre = (!held.is_empty()).then(|| mean(&held));
    let deviation = centre.filter(|_| held.len() > 1).map(|centre| {
        let squares: f64 = held.iter().map(|value| (value - centre).powi(2)).sum();
        (squares / (held.len() - 1) as f64).sqrt()
    });
    SeriesSummary {
        buckets: n,
        gaps: (buckets as u64).saturating_sub(n),
        mean: value(centre),
        deviation: value(deviation),
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        ..SeriesSummary::nothing(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::random::Random;

    const STEP: i64 = 5 * Micros::MINUTE;

    fn grid(day: i64) -> Grid {
        Grid { from: Micros(day * Micros::DAY), step: STEP, count: 288 }
    }

    fn day(seed: u64, value: impl Fn(usize, f64) -> f64) -> Values {
        let mut random = Random::seeded(seed);
        (0..288).map(|place| Some(value(place, random.normal()))).collect()
    }

    fn wave(place: usize) -> f64 {
        100.0 + 50.0 * (place as f64 / 288.0 * std::f64::consts::TAU).sin()
    }

    fn judged(values: &[Option<f64>], earlier: &[(Grid, Values)]) -> SeriesSummary {
        let input = SeriesInput {
            grid: grid(10),
            values,
            earlier,
            counts: None,
            unit: "/s",
            resolution: 0.1,
            least: 0.1,
        };
        finished(vec![judged_series(&input)]).remove(0)
    }

    #[test]
    fn the_course_of_the_day_is_neither_trend_nor_change_nor_anomaly() {
        let earlier: Vec<(Grid, Values)> =
            (7..10).map(|n| (grid(n), day(n as u64, |p, noise| wave(p) + noise))).collect();
        let quiet = judged(&day(1, |p, noise| wave(p) + noise), &earlier);
        assert_eq!(quiet.baseline.season, "hour of day");
        assert_eq!(quiet.trend.direction, Some(SeriesDirection::Steady));
        assert!(quiet.changes.is_empty() && quiet.anomalies.is_empty(), "{quiet:?}");
        let odd = judged(
            &day(1, |p, noise| if p < 200 { wave(p) + noise } else { wave(p) + 30.0 + noise }),
            &earlier,
        );
        assert_eq!(odd.changes.len(), 1);
        assert_eq!(odd.changes[0].at, grid(10).at(200));
        assert_eq!((odd.anomalies.len(), odd.anomalies[0].from), (1, grid(10).at(200)));
    }

    #[test]
    fn one_day_alone_has_no_trend_but_a_step_is_still_seen() {
        let alone = judged(&day(1, |p, noise| wave(p) + noise), &[]);
        assert_eq!(alone.trend.direction, None);
        assert!(alone.trend.change.reason.is_some() && alone.changes.is_empty(), "{alone:?}");
        let step =
            judged(&day(2, |p, noise| if p < 144 { 10.0 + noise } else { 30.0 + noise }), &[]);
        assert_eq!(step.changes.len(), 1);
    }

    #[test]
    fn a_rise_against_quiet_days_is_a_trend_with_its_size() {
        let earlier: Vec<(Grid, Values)> =
            (7..10).map(|n| (grid(n), day(n as u64, |_, noise| 50.0 + noise))).collect();
        let rising = judged(&day(1, |p, noise| 50.0 + p as f64 * 0.1 + noise), &earlier);
        assert_eq!(rising.trend.direction, Some(SeriesDirection::Rising));
        let change = rising.trend.change.value.unwrap();
        assert!((change - 28.8).abs() < 2.0, "{change}");
        let compared = compared("previous", grid(9), (Some(60.0), Some(50.0)), "/s");
        assert!((compared.change_ratio.value.unwrap() - 0.2).abs() < 1e-12);
    }

    #[test]
    fn no_values_give_reasons_and_nothing_else() {
        let nothing = judged(&vec![None; 288], &[]);
        assert_eq!((nothing.buckets, nothing.gaps), (0, 288));
        assert_eq!(nothing.mean.reason, Some(Absence::NoData));
        assert!(nothing.anomalies.is_empty() && nothing.changes.is_empty());
    }
}
