//! What comes next, with an interval that was tried: several plain methods are run from instants in the
//! past (rolling origins), the one that was nearest is used, and the interval is as wide as 80 % of its
//! errors were (split conformal prediction, Lei et al. 2018). Coverage is counted on each origin with the
//! errors of the others. Needs 14 days.

mod interval;
mod method;

use model::time::Micros;

use super::trend::days;
use super::{Estimate, NoAnswer, Sample, at_least};
use interval::{Widths, coverage};
pub use method::Method;
use method::Past;

/// Least length of the past.
pub const DAYS_MIN: f64 = 14.0;

/// Share of values that the interval is to hold.
pub const LEVEL: f64 = 0.8;

/// Instants in the past that methods are tried from.
const ORIGINS: usize = 8;

/// Least values of the past.
const VALUES_MIN: usize = 14;

/// One value to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForecastPoint {
    /// Start of the bucket.
    pub at: Micros,
    /// The value with its 80 % interval.
    pub value: Estimate,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Values, in order of time.
    pub points: Vec<ForecastPoint>,
    /// The method used.
    pub method: Method,
    /// Share of past values that the interval held when tried, 0 to 1.
    pub coverage: f64,
    /// Past values it was tried on.
    pub tried: usize,
    /// Mean distance of the method from past values.
    pub error: f64,
}

/// When a level is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The far end of the interval reaches it first.
    pub earliest: Option<Micros>,
    /// The value reaches it.
    pub expected: Option<Micros>,
    /// The near end of the interval reaches it last; none within the forecast.
    pub latest: Option<Micros>,
}

impl Forecast {
    /// When values reach a limit from below, within the points; `is_falling` for a limit from above.
    pub fn reached(&self, limit: f64, is_falling: bool) -> Reached {
        let first = |value: fn(&Estimate) -> f64| {
            let is_past = |point: &&ForecastPoint| match is_falling {
                true => value(&point.value) <= limit,
                false => value(&point.value) >= limit,
            };
            self.points.iter().find(is_past).map(|point| point.at)
        };
        let (low, high) = (first(|one| one.low), first(|one| one.high));
        let (earliest, latest) = if is_falling { (low, high) } else { (high, low) };
        Reached { earliest, expected: first(|one| one.value), latest }
    }
}

/// How far a method was from one past value, and how long before it was asked.
#[derive(Debug, Clone, Copy)]
struct Miss {
    ahead: i64,
    distance: f64,
}

/// The next `horizon` values, `step` microseconds apart, after values in order of time.
///
/// # Errors
/// `TooShort` below 14 days, `TooFew` below 14 values.
pub fn forecast(samples: &[Sample], step: i64, horizon: usize) -> Result<Forecast, NoAnswer> {
    let held: Vec<Sample> = samples.iter().copied().filter(|one| one.value.is_finite()).collect();
    let days = days(&held) + step as f64 / Micros::DAY as f64;
    if days < DAYS_MIN - 1e-9 {
        return Err(NoAnswer::TooShort { days, needed: DAYS_MIN });
    }
    at_least(held.len(), VALUES_MIN)?;
    let too_few = NoAnswer::TooFew { n: held.len(), needed: VALUES_MIN };
    let tried = tried(&held, step, horizon);
    let best =
        tried.iter().min_by(|a, b| a.error.total_cmp(&b.error).then(a.method.cmp(&b.method)));
    let best = best.ok_or(too_few)?;
    let past = Past::of(&held).ok_or(too_few)?;
    let last = held.last().map_or(Micros(0), |one| one.at);
    let ahead: Vec<Micros> = (1..=horizon).map(|k| last.plus(step * k as i64)).collect();
    let values = past.values_at(&ahead, best.method);
    let widths = Widths::of(best.misses.iter().flatten().copied());
    let points = ahead.iter().zip(values).map(|(at, value)| {
        let width = widths.at(at.0 - last.0);
        let value = Estimate { value, low: value - width, high: value + width };
        ForecastPoint { at: *at, value }
    });
    let (coverage, count) = coverage(&best.misses);
    let (method, error) = (best.method, best.error);
    Ok(Forecast { points: points.collect(), method, coverage, tried: count, error })
}

/// A method and how far it was, by origin.
struct Tried {
    method: Method,
    misses: Vec<Vec<Miss>>,
    error: f64,
}

fn tried(held: &[Sample], step: i64, horizon: usize) -> Vec<Tried> {
    let mut misses: Vec<Vec<Vec<Miss>>> = Method::ALL.iter().map(|_| Vec::new()).collect();
    for origin in origins(held.len()) {
        let (before, rest) = held.split_at(origin);
        let (Some(last), Some(past)) = (before.last(), Past::of(before)) else { continue };
        let end = last.at.plus(step.saturating_mul(horizon as i64));
        let truth: Vec<Sample> = rest.iter().copied().take_while(|one| one.at <= end).collect();
        let instants: Vec<Micros> = truth.iter().map(|one| one.at).collect();
        for (method, misses) in Method::ALL.iter().zip(&mut misses) {
            let values = past.values_at(&instants, *method);
            let missed = truth.iter().zip(values).map(|(truth, value)| Miss {
                ahead: truth.at.0 - last.at.0,
                distance: (truth.value - value).abs(),
            });
            misses.push(missed.collect());
        }
    }
    let of_method = |(method, misses): (&Method, Vec<Vec<Miss>>)| {
        let count = misses.iter().flatten().count();
        let sum: f64 = misses.iter().flatten().map(|miss| miss.distance).sum();
        let error = sum / count.max(1) as f64;
        (count > 0 && error.is_finite()).then_some(Tried { method: *method, misses, error })
    };
    Method::ALL.iter().zip(misses).filter_map(of_method).collect()
}

/// Places in the second half from which methods are tried, the last with an eighth still to come.
fn origins(n: usize) -> Vec<usize> {
    let (from, to) = (n / 2, n - n / 8 - 1);
    let mut origins: Vec<usize> =
        (0..ORIGINS).map(|k| from + (to - from) * k / (ORIGINS - 1)).collect();
    origins.dedup();
    origins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::random::Random;

    fn hourly(days: i64, value: impl Fn(i64, &mut Random) -> f64) -> Vec<Sample> {
        let mut random = Random::seeded(23);
        let one = |hour: i64, random: &mut Random| Sample {
            at: Micros(hour * Micros::HOUR),
            value: value(hour, random),
        };
        (0..days * 24).map(|hour| one(hour, &mut random)).collect()
    }

    fn wave(hour: i64) -> f64 {
        30.0 * ((hour % 24) as f64 / 24.0 * std::f64::consts::TAU).sin()
    }

    /// Of a daily wave with a rise, four in five of the next values lie inside, and so they were said to.
    #[test]
    fn the_interval_holds_what_it_says() {
        let (mut inside, mut said) = (0, 0.0);
        for seed in 0..10_u64 {
            let mut noise = Random::seeded(seed);
            let mut value =
                |hour: i64| 100.0 + wave(hour) + 0.05 * hour as f64 + 4.0 * noise.normal();
            let all: Vec<Sample> = (0..24 * 30)
                .map(|hour| Sample { at: Micros(hour * Micros::HOUR), value: value(hour) })
                .collect();
            let (past, next) = all.split_at(24 * 28);
            let found = forecast(past, Micros::HOUR, 48).unwrap();
            assert!(matches!(found.method, Method::Line | Method::RecentLine | Method::Level));
            said += found.coverage / 10.0;
            inside += found
                .points
                .iter()
                .zip(next)
                .filter(|(point, truth)| {
                    assert_eq!(point.at, truth.at);
                    (point.value.low..=point.value.high).contains(&truth.value)
                })
                .count();
        }
        let share = inside as f64 / 480.0;
        assert!((0.7..0.93).contains(&share) && (0.72..0.9).contains(&said), "{share} {said}");
    }

    #[test]
    fn a_disk_that_fills_is_full_when_the_line_says() {
        let samples = hourly(20, |hour, random| 200.0 + hour as f64 + random.normal());
        let found = forecast(&samples, Micros::HOUR, 24 * 30).unwrap();
        // 200 + hour = 900 at hour 700.
        let reached = found.reached(900.0, false);
        let hour = |at: Option<Micros>| at.unwrap().0 / Micros::HOUR;
        assert!((hour(reached.expected) - 700).abs() <= 4, "{reached:?}");
        assert!(hour(reached.earliest) <= 700 && hour(reached.latest) >= 698, "{reached:?}");
        assert_eq!(found.reached(1e9, false).expected, None);
        assert_eq!(found.reached(0.0, true).latest, None);
    }

    #[test]
    fn under_fourteen_days_there_is_none() {
        let samples = hourly(13, |_, random| random.normal());
        assert!(matches!(forecast(&samples, Micros::HOUR, 24), Err(NoAnswer::TooShort { .. })));
        let days: Vec<Sample> = (0..14)
            .map(|day| Sample { at: Micros(day * Micros::DAY), value: 10.0 + day as f64 })
            .collect();
        let found = forecast(&days, Micros::DAY, 3).unwrap();
        assert!((found.points[2].value.value - 26.0).abs() < 1.0, "{found:?}");
    }
}
