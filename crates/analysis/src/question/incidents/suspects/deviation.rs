//! How far a series is from its own baseline. The window is condensed to the value that its most deviating
//! 40 % of points reach (one spike is not a deviation, three of eight points are), and the same is done
//! with every run of as many points before it, so that like is compared with like. Distance is over
//! max(1.4826·MAD, distance to the 90th percentile / 1.2816, 3 % of the level): the second term keeps
//! series that always had spikes quiet, and is left out under 30 points, where it cannot be estimated.
//! MAD: Hampel, The influence curve and its role in robust estimation, 1974.

use model::time::Micros;

use super::facts::{SeriesRole, SuspectSeries};
use crate::series::percentile::{MAD_SCALE, median, sorted};

/// Points that a baseline needs to count as more than weak.
pub(super) const STRONG_MIN: usize = 30;
/// Points below which there is no baseline at all.
const BASELINE_MIN: usize = 3;
/// Share of the window's points that must reach the value that is judged.
const PERSISTENT: f64 = 0.4;
/// Distance at which a deviation counts half an e-fold.
const DISTANCE: f64 = 3.0;
/// Greatest distance of a resource from what never changed: how far that is nothing tells.
const CONSTANT_MAX: f64 = 10.0;
/// Greatest severity of one series.
const SEVERITY_MAX: f64 = 5.0;
/// Least relevant deviation, as a share of the level.
const RESOLUTION: f64 = 0.03;
/// Least relevant deviation of a share of failures.
const RESOLUTION_OF_FAILURES: f64 = 0.005;
/// Most runs of a baseline that are condensed.
const RUNS_MAX: usize = 1_500;

/// What became of one series in the window.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Deviation {
    /// Points of the baseline.
    pub baseline_points: usize,
    /// Points in the window.
    pub points: usize,
    /// Expected value.
    pub expected: f64,
    /// What the window reached.
    pub observed: f64,
    /// Distance, signed.
    pub distance: f64,
    /// 0 for none; grows with the logarithm of the distance and with the relative change.
    pub severity: f64,
    /// Whether values that always came did not come in the window.
    pub is_missing: bool,
}

impl Deviation {
    /// Observed less expected.
    pub fn delta(&self) -> f64 {
        self.observed - self.expected
    }

    /// Whether it rose.
    pub fn is_up(&self) -> bool {
        self.distance > 0.0
    }

    /// Severity of a rise.
    pub fn up(&self) -> f64 {
        if self.is_up() { self.severity } else { 0.0 }
    }

    /// Severity of a fall.
    pub fn down(&self) -> f64 {
        if self.distance < 0.0 { self.severity } else { 0.0 }
    }
}

/// Ends of window and baseline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends<'a> {
    /// First and last instant of the baseline, half-open.
    pub baseline: (Micros, Micros),
    /// The window, half-open.
    pub window: (Micros, Micros),
    /// What is left out of the baseline.
    pub masked: &'a [(Micros, Micros)],
}

impl Ends<'_> {
    fn is_baseline(&self, at: Micros) -> bool {
        let is_masked = |(from, to): &(Micros, Micros)| *from <= at && at < *to;
        self.baseline.0 <= at && at < self.baseline.1 && !self.masked.iter().any(is_masked)
    }

    fn is_window(&self, at: Micros) -> bool {
        self.window.0 <= at && at < self.window.1
    }
}

/// The deviation of a series; `None` without a baseline. O(points · log points in the window).
pub(super) fn deviation(series: &SuspectSeries, ends: &Ends<'_>) -> Option<Deviation> {
    let turned = |value: f64| match series.role {
        SeriesRole::Success => 1.0 - value,
        _ => value,
    };
    let values = |is_in: &dyn Fn(Micros) -> bool| -> Vec<f64> {
        let inside = series.points.iter().filter(|(at, value)| is_in(*at) && value.is_finite());
        inside.map(|(_, value)| turned(*value)).collect()
    };
    let baseline = values(&|at| ends.is_baseline(at));
    let window = values(&|at| ends.is_window(at));
    if baseline.len() < BASELINE_MIN {
        return None;
    }
    if window.is_empty() {
        return Some(missing(series, ends, &baseline));
    }
    let count = window.len();
    let rank = ((PERSISTENT * count as f64).ceil() as usize).clamp(1, count);
    let runs: Vec<(f64, f64)> = if baseline.len() >= 3 * count {
        let step = (baseline.len() / RUNS_MAX).max(1);
        baseline.windows(count).step_by(step).map(|run| reached(run, rank)).collect()
    } else {
        baseline.iter().map(|value| (*value, *value)).collect()
    };
    let (high, low) = reached(&window, rank);
    let is_small = baseline.len() < STRONG_MIN;
    let up = one_sided(series, high, runs.iter().map(|run| run.0).collect(), 1.0, is_small);
    let down = one_sided(series, low, runs.iter().map(|run| run.1).collect(), -1.0, is_small);
    let mut best = if down.severity > up.severity { down } else { up };
    best.points = count;
    best.baseline_points = baseline.len();
    Some(best)
}

/// A series without values in the window.
fn missing(series: &SuspectSeries, ends: &Ends<'_>, baseline: &[f64]) -> Deviation {
    let step = series.step.max(1) as f64;
    let first = series.points.iter().find(|(at, _)| ends.is_baseline(*at));
    let last = series.points.iter().rev().find(|(at, _)| ends.is_baseline(*at));
    let span = match (first, last) {
        (Some(first), Some(last)) => (last.0.0 - first.0.0) as f64 / step + 1.0,
        _ => f64::INFINITY,
    };
    let awaited = (ends.window.1.0 - ends.window.0.0) as f64 / step;
    Deviation {
        baseline_points: baseline.len(),
        expected: median_of(baseline.iter().copied()),
        is_missing: awaited >= 2.0 && baseline.len() as f64 > 0.9 * span,
        ..Deviation::default()
    }
}

/// The values that the most deviating points of a run reach, upward and downward.
fn reached(run: &[f64], rank: usize) -> (f64, f64) {
    let mut sorted = run.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[sorted.len() - rank], sorted[rank - 1])
}

fn one_sided(
    series: &SuspectSeries,
    observed: f64,
    runs: Vec<f64>,
    sign: f64,
    is_small: bool,
) -> Deviation {
    let count = runs.len();
    let runs = sorted(runs);
    let expected = median(&runs).unwrap_or(f64::NAN);
    let tail = if sign > 0.0 { 0.9 } else { 0.1 };
    let spread = (quantile(&runs, tail) - expected) * sign / 1.2816;
    let mad = MAD_SCALE * median_of(runs.iter().map(|value| (value - expected).abs()));
    let scale = if is_small { mad } else { mad.max(spread) };
    let mut least = RESOLUTION * expected.abs() + 1e-12;
    if series.is_ratio && matches!(series.role, SeriesRole::Errors | SeriesRole::Success) {
        least = least.max(RESOLUTION_OF_FAILURES);
    }
    let difference = (observed - expected) * sign;
    let mut found = Deviation { expected, observed, ..Deviation::default() };
    if difference <= 0.0 {
        return found;
    }
    // A scale from few values is uncertain.
    let is_constant = scale <= 0.0 && series.role == SeriesRole::Resource;
    let scale = scale.max(least) * (1.0 + 3.0 / count as f64);
    let distance = difference / scale;
    let distance = if is_constant { distance.min(CONSTANT_MAX) } else { distance };
    let mut relative = difference / expected.abs().max(observed.abs()).max(1e-12);
    if series.is_ratio {
        let room = (1.0 - expected).abs().max((1.0 - observed).abs()).max(1e-12);
        relative = relative.max((difference / room).min(1.0));
    }
    let weight = (1.0 + (distance / DISTANCE).powi(2)).ln() / 2.0;
    found.distance = distance * sign;
    found.severity = (weight * relative.min(1.0)).min(SEVERITY_MAX);
    found
}

/// Median; not a number for nothing.
fn median_of(values: impl IntoIterator<Item = f64>) -> f64 {
    median(&sorted(values)).unwrap_or(f64::NAN)
}

/// Quantile of sorted values with linear interpolation (Hyndman and Fan's type 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let low = place.floor() as usize;
    let high = (low + 1).min(last);
    sorted[low] + (sorted[high] - sorted[low]) * (place - low as f64)
}

#[cfg(test)]
mod tests {
    use super::super::facts::SeriesOwner;
    use super::*;

    fn series(role: SeriesRole, values: &[f64]) -> SuspectSeries {
        let at = |place: usize| Micros(place as i64 * Micros::MINUTE);
        SuspectSeries {
            owner: SeriesOwner::Subject(0),
            role,
            name: "m".to_owned(),
            statistic: String::new(),
            unit: String::new(),
            is_ratio: role == SeriesRole::Success,
            points: values.iter().enumerate().map(|(place, value)| (at(place), *value)).collect(),
            step: Micros::MINUTE,
        }
    }

    fn judged(role: SeriesRole, before: &[f64], window: &[f64]) -> Option<Deviation> {
        let all: Vec<f64> = before.iter().chain(window).copied().collect();
        let at = |count: usize| Micros(count as i64 * Micros::MINUTE);
        let ends = Ends {
            baseline: (Micros(0), at(before.len())),
            window: (at(before.len()), at(before.len() + 5)),
            masked: &[],
        };
        deviation(&series(role, &all), &ends)
    }

    fn wavy(count: usize) -> Vec<f64> {
        (0..count).map(|place| 10.0 + (place * 7 % 5) as f64 * 0.2).collect()
    }

    #[test]
    fn a_shift_that_lasts_is_seen_and_one_spike_is_not() {
        let shift = judged(SeriesRole::Latency, &wavy(60), &[30.0, 31.0, 30.5, 10.2, 10.1]);
        let shift = shift.expect("a baseline");
        assert!(shift.is_up() && shift.severity > 1.0, "{shift:?}");
        let spike = judged(SeriesRole::Latency, &wavy(60), &[10.2, 500.0, 10.4, 10.2, 10.1]);
        assert!(spike.expect("a baseline").severity < 0.1);
    }

    /// A count of restarts: after hours of none nothing tells how much one is.
    #[test]
    fn the_first_change_of_a_resource_that_never_changed_is_not_the_worst_of_all() {
        let found = judged(SeriesRole::Resource, &[0.0; 60], &[0.0, 0.0, 0.1, 0.1, 0.1]);
        let found = found.expect("a baseline");
        assert!(found.is_up() && found.distance <= 10.0, "{found:?}");
        assert!(found.severity > 0.5 && found.severity < 1.5, "{found:?}");
    }

    #[test]
    fn spikes_that_were_always_there_are_quiet() {
        let mut before = wavy(100);
        (0..100).step_by(4).for_each(|place| before[place] = 80.0);
        let again = judged(SeriesRole::Latency, &before, &[80.0, 10.0, 80.0, 10.2, 10.1]);
        assert!(again.expect("a baseline").severity < 0.4);
    }

    #[test]
    fn a_share_that_goes_well_is_read_as_what_fails() {
        let found = judged(SeriesRole::Success, &[1.0; 40], &[0.6, 0.7, 0.65, 1.0, 1.0]);
        let found = found.expect("a baseline");
        assert!((found.observed - 0.35).abs() < 1e-9 && found.is_up() && found.severity > 2.0);
    }

    #[test]
    fn what_always_came_and_stopped_is_missing_and_no_baseline_is_no_judgement() {
        assert!(judged(SeriesRole::Latency, &wavy(60), &[]).expect("a baseline").is_missing);
        assert_eq!(judged(SeriesRole::Latency, &[1.0, 2.0], &[9.0]), None);
    }

    /// `numpy.quantile([1, 2, 3, 4], [0.5, 0.9])` is 2.5 and 3.7.
    #[test]
    fn quantiles_are_those_of_type_7() {
        assert!((quantile(&[1.0, 2.0, 3.0, 4.0], 0.5) - 2.5).abs() < 1e-12);
        assert!((quantile(&[1.0, 2.0, 3.0, 4.0], 0.9) - 3.7).abs() < 1e-12);
    }
}
