//! Where the level of a series changes for good: optimal partitioning with pruning (PELT, Killick,
//! Fearnhead and Eckley 2012) of squared distances, each held at 3 scales so that spikes do not split.
//! The penalty is set by simulation so that autoregressive noise of 0.7 is split in at most one of 100
//! series-days. The interval of an instant is that of Hansen (2000), widened for the autocorrelation.
//! Around O(n) pruned, O(n²) at worst; callers give at most a few hundred values.

use model::time::Micros;

use super::percentile::{MAD_SCALE, median, median_and_mad, sorted};
use super::theil_sen::theil_sen;
use super::{NoAnswer, Sample, at_least};

/// Buckets that each side of a change needs.
pub const SIDE_MIN: usize = 12;

/// Autocorrelation that noise is taken to have; where more is seen, that is taken, up to the second.
const CORRELATIONS: (f64, f64) = (0.7, 0.97);

/// Gain that a change needs in a series of 360 buckets a day, in squared scales times the widening. At
/// 18, one of 100 series of 360 buckets of quiet noise is split; that is the limit, so this asks for more.
const PENALTY: f64 = 20.0;

/// Buckets a day that the penalty was set for; finer series have more chances a day.
const PER_DAY: f64 = 360.0;

/// Scales at which a distance is held.
const HELD: f64 = 3.0;

/// Splits that are taken away before the noise is measured.
const BEST_SPLITS: usize = 3;

/// Critical value at 95 % of the likelihood ratio of a threshold (Hansen 2000, table 1).
const HANSEN_95: f64 = 7.35;

/// A change of level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// Start of the first bucket at the new level.
    pub at: Micros,
    /// Earliest that it may have been, at 95 %.
    pub low: Micros,
    /// Latest that it may have been, at 95 %.
    pub high: Micros,
    /// Median from the change before, or the start, to this one.
    pub before: f64,
    /// Median from this one to the change after, or the end.
    pub after: f64,
}

/// The changes of values in order of time, in buckets of `step` microseconds; gaps are passed over.
/// `resolution` is the least difference that means anything; a smaller change is none. What a straight
/// line tells better is a trend and no change.
///
/// # Errors
/// `TooFew` below 24 finite values.
pub fn change_points(
    samples: &[Sample],
    step: i64,
    resolution: f64,
) -> Result<Vec<ChangePoint>, NoAnswer> {
    let held: Vec<Sample> = samples.iter().copied().filter(|one| one.value.is_finite()).collect();
    at_least(held.len(), 2 * SIDE_MIN)?;
    let values: Vec<f64> = held.iter().map(|one| one.value).collect();
    // The few best splits tell the noise that is left between them; a second look uses that of all
    // splits.
    let best = best_splits(&values, Noise::of(&values, &[], resolution));
    let mut noise = Noise::of(&values, &best, resolution);
    let mut splits = partition(&values, noise, penalty(noise, step));
    if splits.is_empty() {
        return Ok(Vec::new());
    }
    noise = Noise::of(&values, &splits, resolution);
    splits = partition(&values, noise, penalty(noise, step));
    splits = worth(&values, splits, noise.scale.max(resolution));
    if splits.is_empty() || is_line(&values, &splits, noise) {
        return Ok(Vec::new());
    }
    Ok(described(&held, &values, &splits, noise))
}

/// Shorter buckets have more chances a day: the chance of a false change falls by e with each two
/// widenings of penalty.
fn penalty(noise: Noise, step: i64) -> f64 {
    let per_day = Micros::DAY as f64 / step.max(1) as f64;
    noise.widening * (PENALTY + 2.0 * (per_day / PER_DAY).ln().max(0.0))
}

/// What the levels between splits leave.
#[derive(Debug, Clone, Copy)]
struct Noise {
    /// Standard deviation, at least the resolution.
    scale: f64,
    /// By how much autocorrelation widens the variance of means: (1 + ρ)/(1 − ρ).
    widening: f64,
}

impl Noise {
    fn of(values: &[f64], splits: &[usize], resolution: f64) -> Self {
        let mut residuals = Vec::with_capacity(values.len());
        for (from, to) in segments(splits, values.len()) {
            let segment = values.get(from..to).unwrap_or_default();
            let level = median(&sorted(segment.iter().copied())).unwrap_or_default();
            residuals.extend(segment.iter().map(|value| value - level));
        }
        let mad = median(&sorted(residuals.iter().map(|one| one.abs()))).unwrap_or_default();
        let scale = (MAD_SCALE * mad).max(resolution).max(f64::MIN_POSITIVE);
        let held: Vec<f64> = residuals.iter().map(|one| (one / scale).clamp(-HELD, HELD)).collect();
        let power: f64 = held.iter().map(|x| x * x).sum();
        let products: f64 = held.iter().zip(held.iter().skip(1)).map(|(a, b)| a * b).sum();
        let seen = if power > 0.0 { products / power } else { 0.0 };
        let correlation = seen.clamp(CORRELATIONS.0, CORRELATIONS.1);
        Self { scale, widening: (1.0 + correlation) / (1.0 - correlation) }
    }
}

fn segments(splits: &[usize], n: usize) -> impl Iterator<Item = (usize, usize)> {
    let starts = std::iter::once(0).chain(splits.iter().copied());
    let ends = splits.iter().copied().chain(std::iter::once(n));
    starts.zip(ends)
}

/// Sums of values in scales from their median and of the squares, so that the cost of a segment is O(1).
struct Sums {
    sum: Vec<f64>,
    square: Vec<f64>,
}

impl Sums {
    /// Distances from the level around each value are held, so that spikes do not split: the level is
    /// the running median over a segment's least length.
    fn of(values: &[f64], noise: Noise) -> Self {
        let scale = noise.scale;
        let (mut sum, mut square) = (vec![0.0], vec![0.0]);
        let centre = median(&sorted(values.iter().copied())).unwrap_or_default();
        let (mut total, mut squares) = (0.0, 0.0);
        for (place, value) in values.iter().enumerate() {
            let from = place.saturating_sub(SIDE_MIN / 2);
            let to = (place + SIDE_MIN / 2 + 1).min(values.len());
            let around = values.get(from..to).unwrap_or_default();
            let level = median(&sorted(around.iter().copied())).unwrap_or(*value);
            let held = value.clamp(level - HELD * scale, level + HELD * scale);
            let x = (held - centre) / scale;
            total += x;
            squares += x * x;
            sum.push(total);
            square.push(squares);
        }
        Self { sum, square }
    }

    /// Squared distances from the mean over `from..to`.
    fn cost(&self, from: usize, to: usize) -> f64 {
        let at = |sums: &[f64], place: usize| sums.get(place).copied().unwrap_or_default();
        let total = at(&self.sum, to) - at(&self.sum, from);
        let squares = at(&self.square, to) - at(&self.square, from);
        (squares - total * total / (to - from).max(1) as f64).max(0.0)
    }
}

/// The splits that take the most off, one after the other.
fn best_splits(values: &[f64], noise: Noise) -> Vec<usize> {
    let sums = Sums::of(values, noise);
    let mut splits: Vec<usize> = Vec::new();
    for _ in 0..BEST_SPLITS {
        let bounds: Vec<(usize, usize)> = segments(&splits, values.len()).collect();
        let places = bounds.iter().flat_map(|(from, to)| {
            let places = from + SIDE_MIN..(to + 1).saturating_sub(SIDE_MIN);
            let whole = sums.cost(*from, *to);
            let gain = |at: usize| whole - sums.cost(*from, at) - sums.cost(at, *to);
            places.map(move |at| (gain(at), at)).collect::<Vec<_>>()
        });
        let Some((_, at)) = places.max_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        splits.push(at);
        splits.sort_unstable();
    }
    splits
}

/// The splits with the least cost and penalty.
fn partition(values: &[f64], noise: Noise, penalty: f64) -> Vec<usize> {
    let sums = Sums::of(values, noise);
    let n = values.len();
    let mut best = vec![f64::INFINITY; n + 1];
    let mut before = vec![0_usize; n + 1];
    best[0] = -penalty;
    let mut candidates: Vec<usize> = vec![0];
    for end in SIDE_MIN..=n {
        let cost = |start: usize| best[start] + sums.cost(start, end);
        let fits = |start: &&usize| end - **start >= SIDE_MIN;
        let found = candidates.iter().filter(fits).min_by(|a, b| cost(**a).total_cmp(&cost(**b)));
        let Some(start) = found.copied() else { continue };
        let least = cost(start) + penalty;
        candidates.retain(|start| end - *start < SIDE_MIN || cost(*start) <= least);
        best[end] = least;
        before[end] = start;
        candidates.push(end);
    }
    let mut splits = Vec::new();
    let mut at = before[n];
    while at > 0 {
        splits.push(at);
        at = before[at];
    }
    splits.reverse();
    splits
}

/// Splits whose two sides' medians differ by a scale and more, at least half of it at once: what comes
/// slowly, as the course of a day does, is no change. The least of the others goes first.
fn worth(values: &[f64], mut splits: Vec<usize>, least: f64) -> Vec<usize> {
    let level = |from: usize, to: usize| {
        let segment = values.get(from..to).unwrap_or_default();
        median(&sorted(segment.iter().copied())).unwrap_or_default()
    };
    loop {
        let bounds: Vec<(usize, usize)> = segments(&splits, values.len()).collect();
        let gaps = bounds.iter().zip(bounds.iter().skip(1)).map(|(left, right)| {
            let gap = level(right.0, right.1) - level(left.0, left.1);
            let at_once = level(right.0, right.0 + SIDE_MIN) - level(left.1 - SIDE_MIN, left.1);
            let is_sudden = at_once * gap.signum() >= gap.abs() / 2.0;
            if is_sudden { gap.abs() } else { 0.0 }
        });
        let small = gaps.enumerate().filter(|(_, gap)| *gap < least);
        match small.min_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((place, _)) => drop(splits.remove(place)),
            None => return splits,
        }
    }
}

/// Whether a straight line leaves no more than the levels do.
fn is_line(values: &[f64], splits: &[usize], noise: Noise) -> bool {
    let points: Vec<(f64, f64)> = values.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect();
    let Ok(line) = theil_sen(&points, 0.95) else { return false };
    let held = |distance: f64| (distance / noise.scale).clamp(-HELD, HELD).powi(2);
    let of_line: f64 = points.iter().map(|(x, y)| held(y - line.at(*x))).sum();
    let mut of_levels = 0.0;
    for (from, to) in segments(splits, values.len()) {
        let segment = values.get(from..to).unwrap_or_default();
        let level = median(&sorted(segment.iter().copied())).unwrap_or_default();
        of_levels += segment.iter().map(|value| held(value - level)).sum::<f64>();
    }
    // Each level and its place cost what a parameter of correlated noise does.
    of_line <= of_levels + 2.0 * noise.widening * (splits.len() as f64 * 2.0 - 1.0)
}

fn described(held: &[Sample], values: &[f64], splits: &[usize], noise: Noise) -> Vec<ChangePoint> {
    let sums = Sums::of(values, noise);
    let bounds: Vec<(usize, usize)> = segments(splits, values.len()).collect();
    let level = |(from, to): (usize, usize)| {
        let segment = values.get(from..to).unwrap_or_default();
        median_and_mad(segment).map_or(0.0, |(level, _)| level)
    };
    let instant = |place: usize| held.get(place).map_or(Micros(0), |one| one.at);
    let pairs = bounds.iter().zip(bounds.iter().skip(1));
    pairs
        .map(|(left, right)| {
            let (from, split, to) = (left.0, left.1, right.1);
            let cost = |at: usize| sums.cost(from, at) + sums.cost(at, to);
            let limit = cost(split) + HANSEN_95 * noise.widening;
            let is_near = |at: &usize| cost(*at) <= limit;
            let low = (from + 1..split).find(is_near).unwrap_or(split);
            let high = (split + 1..to).rev().find(is_near).unwrap_or(split);
            ChangePoint {
                at: instant(split),
                low: instant(low),
                high: instant(high),
                before: level(*left),
                after: level(*right),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::quiet::{STEP, autoregressive};

    fn shifted(seed: u64, at: usize, by: f64) -> Vec<Sample> {
        let mut samples = autoregressive(seed, 360, 0.7);
        samples.iter_mut().skip(at).for_each(|one| one.value += by);
        samples
    }

    /// At most one change in 100 quiet series-days.
    #[test]
    fn quiet_series_have_hardly_any_change() {
        let count: usize = (0..400)
            .map(|seed| change_points(&autoregressive(seed, 360, 0.7), STEP, 0.0).unwrap().len())
            .sum();
        assert!(count <= 4, "{count}");
    }

    #[test]
    fn a_shift_is_found_where_it_is() {
        let mut inside = 0;
        for seed in 0..40 {
            let at = 60 + 6 * seed as usize;
            let found = change_points(&shifted(seed, at, 4.0), STEP, 0.0).unwrap();
            assert_eq!(found.len(), 1, "{seed} {found:?}");
            let change = found[0];
            assert!((change.at.0 / STEP - at as i64).abs() <= 6, "{seed} {change:?}");
            assert!((change.after - change.before - 4.0).abs() < 1.0, "{change:?}");
            inside += usize::from((change.low.0..=change.high.0).contains(&(at as i64 * STEP)));
        }
        assert!(inside >= 37, "{inside} of 40");
    }

    #[test]
    fn several_shifts_are_found_in_order() {
        let mut samples = shifted(3, 100, 5.0);
        samples.iter_mut().skip(220).for_each(|one| one.value -= 8.0);
        let found = change_points(&samples, STEP, 0.0).unwrap();
        let places: Vec<i64> = found.iter().map(|one| one.at.0 / STEP).collect();
        assert_eq!(places.len(), 2, "{found:?}");
        assert!((places[0] - 100).abs() <= 2 && (places[1] - 220).abs() <= 2, "{places:?}");
    }

    #[test]
    fn a_spike_a_ramp_and_a_small_step_are_no_change() {
        let mut spike = autoregressive(1, 360, 0.7);
        spike.iter_mut().skip(100).take(5).for_each(|one| one.value += 500.0);
        assert_eq!(change_points(&spike, STEP, 0.0).unwrap(), []);
        let mut ramp = autoregressive(2, 360, 0.7);
        ramp.iter_mut().enumerate().for_each(|(place, one)| one.value += place as f64 * 0.05);
        assert_eq!(change_points(&ramp, STEP, 0.0).unwrap(), []);
        assert_eq!(change_points(&shifted(3, 180, 4.0), STEP, 8.0).unwrap(), []);
    }

    #[test]
    fn the_course_of_a_day_is_no_change() {
        let mut wave = autoregressive(6, 360, 0.7);
        wave.iter_mut().enumerate().for_each(|(place, one)| {
            one.value += 20.0 * (place as f64 / 360.0 * std::f64::consts::TAU).sin();
        });
        assert_eq!(change_points(&wave, STEP, 0.0).unwrap(), []);
    }

    #[test]
    fn a_step_of_what_never_varies_is_found_exactly() {
        let samples: Vec<Sample> = (0..48)
            .map(|place| Sample {
                at: Micros(place * STEP),
                value: if place < 24 { 0.0 } else { 1.0 },
            })
            .collect();
        let found = change_points(&samples, STEP, 0.01).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].at.0, found[0].before, found[0].after), (24 * STEP, 0.0, 1.0));
        assert!(change_points(&samples[..23], STEP, 0.01).is_err());
    }
}
