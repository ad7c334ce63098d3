//! Buckets that are far from what is usual, for long enough not to be chance: a distance from what is
//! expected of more than 4 scales in 3 of 5 buckets, the same way. Counts under 30 a bucket are compared
//! with the range that a Poisson distribution gives the same chance. O(n).

use model::time::Micros;

use super::poisson::{range, upper_tail};
use super::{NoAnswer, Sample, at_least};

/// Scales beyond which a bucket is far.
pub const FAR: f64 = 4.0;

/// Chance of a normal value beyond that on one side, 1 − Φ(4).
const TAIL: f64 = 3.167_124_183e-5;

/// Far buckets that it takes …
const FAR_MIN: usize = 3;

/// … of this many in a row.
const OF_BUCKETS: i64 = 5;

/// Events a bucket below which the Poisson range decides.
pub const EVENTS_MIN: f64 = 30.0;

/// One bucket and what was expected of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// Start of the bucket.
    pub at: Micros,
    /// What was measured.
    pub value: f64,
    /// What was expected.
    pub expected: f64,
    /// Signed distance in scales; for rare events 4 at the end of the range.
    pub score: f64,
}

/// A stretch of buckets that are far from what is usual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anomaly {
    /// Start of the first far bucket.
    pub from: Micros,
    /// End of the last one.
    pub to: Micros,
    /// The farthest bucket.
    pub peak: Judged,
    /// How many buckets are far.
    pub buckets: usize,
}

/// Judges buckets by what is expected at each and one scale, which is at least the signal's resolution
/// and above 0.
pub fn judged(samples: &[Sample], expected: impl Fn(Micros) -> f64, scale: f64) -> Vec<Judged> {
    let scale = scale.max(f64::MIN_POSITIVE);
    let one = |sample: &Sample| {
        let expected = expected(sample.at);
        let score = (sample.value - expected) / scale;
        Judged { at: sample.at, value: sample.value, expected, score }
    };
    samples.iter().filter(|one| one.value.is_finite()).map(one).collect()
}

/// Judges counts of rare events: `expected` is the mean at each bucket, `spread` the scaled deviation of
/// the counts (0 if unknown), which keeps counts that vary more than chance from being far.
pub fn judged_counts(
    counts: &[Sample],
    expected: impl Fn(Micros) -> f64,
    spread: f64,
) -> Vec<Judged> {
    let one = |sample: &Sample| {
        let mean = expected(sample.at).max(0.0);
        let (least, greatest) = range(mean, TAIL);
        let distance = sample.value - mean;
        let reach = if distance < 0.0 { mean - least as f64 } else { greatest as f64 - mean };
        // Just past the range is far; a range that ends at 0 is never left below.
        let reach = (reach + 0.5).max(FAR * spread);
        let score = FAR * distance / reach;
        Judged { at: sample.at, value: sample.value, expected: mean, score }
    };
    counts.iter().filter(|one| one.value.is_finite()).map(one).collect()
}

/// Events per exposure (errors of requests, requests of buckets) without what chance does not explain:
/// buckets with more events than the Poisson range of the rest are left out, three times over.
///
/// # Errors
/// `TooFew` below 12 buckets.
pub fn usual_share(counts: &[(f64, f64)]) -> Result<f64, NoAnswer> {
    at_least(counts.len(), super::baseline::VALUES_MIN)?;
    let mut share = f64::INFINITY;
    for _ in 0..4 {
        let is_usual = |(events, exposure): &&(f64, f64)| {
            !share.is_finite() || is_within(*events, share * exposure)
        };
        let kept = counts.iter().filter(is_usual);
        let (events, exposure) = kept.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        share = if exposure > 0.0 { events / exposure } else { 0.0 };
    }
    Ok(share)
}

/// Whether a count is not above the range of a mean. A Poisson tail beyond three deviations is heavier than
/// the normal one, so nothing up to there needs to be summed.
fn is_within(events: f64, mean: f64) -> bool {
    events <= mean + 3.0 * mean.max(0.0).sqrt() || upper_tail(events.ceil() as u64, mean) > TAIL
}

/// The stretches, in order of time, of judged buckets of `step` microseconds in order of time.
pub fn anomalies(judged: &[Judged], step: i64) -> Vec<Anomaly> {
    let mut found: Vec<Anomaly> = Vec::new();
    for is_above in [true, false] {
        let is_far = |one: &&Judged| match is_above {
            true => one.score > FAR,
            false => one.score < -FAR,
        };
        let far: Vec<Judged> = judged.iter().filter(is_far).copied().collect();
        let mut held: Option<Anomaly> = None;
        for (place, first) in far.iter().enumerate() {
            let end = first.at.plus(OF_BUCKETS * step);
            let near = far.iter().skip(place).take_while(|one| one.at < end);
            let near: Vec<Judged> = near.copied().collect();
            if near.len() < FAR_MIN {
                continue;
            }
            let fresh = stretch(&near, step);
            held = match held {
                Some(open) if fresh.from < open.to => Some(joined(open, &near, step)),
                closed => {
                    found.extend(closed);
                    Some(fresh)
                }
            };
        }
        found.extend(held);
    }
    found.sort_by_key(|one| (one.from, one.to));
    found
}

fn stretch(near: &[Judged], step: i64) -> Anomaly {
    let farthest = near.iter().max_by(|a, b| a.score.abs().total_cmp(&b.score.abs()));
    let nothing = Judged { at: Micros(0), value: 0.0, expected: 0.0, score: 0.0 };
    Anomaly {
        from: near.first().map_or(Micros(0), |one| one.at),
        to: near.last().map_or(Micros(0), |one| one.at.plus(step)),
        peak: farthest.copied().unwrap_or(nothing),
        buckets: near.len(),
    }
}

/// A stretch and the far buckets after it.
fn joined(open: Anomaly, near: &[Judged], step: i64) -> Anomaly {
    let later: Vec<Judged> = near.iter().filter(|one| one.at >= open.to).copied().collect();
    if later.is_empty() {
        return open;
    }
    let more = stretch(&later, step);
    let is_farther = more.peak.score.abs() > open.peak.score.abs();
    Anomaly {
        from: open.from,
        to: more.to,
        peak: if is_farther { more.peak } else { open.peak },
        buckets: open.buckets + more.buckets,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::baseline::Baseline;
    use crate::series::quiet::{STEP, autoregressive};
    use crate::series::random::Random;

    fn plain(scores: &[f64]) -> Vec<Judged> {
        let one = |(place, score): (usize, &f64)| Judged {
            at: Micros(place as i64),
            value: *score,
            expected: 0.0,
            score: *score,
        };
        scores.iter().enumerate().map(one).collect()
    }

    /// What is within the range is the same whether the range is worked out or not.
    #[test]
    fn a_count_is_within_the_range_of_its_mean() {
        for mean in [0.0, 0.004, 0.3, 1.0, 4.5, 20.0, 29.9, 300.0] {
            let greatest = range(mean, TAIL).1;
            for events in 0..greatest + 40 {
                assert_eq!(is_within(events as f64, mean), events <= greatest, "{mean} {events}");
            }
            assert!(
                is_within(greatest as f64 - 0.5, mean) && !is_within(greatest as f64 + 0.5, mean)
            );
        }
    }

    /// The rule itself, said naively: a far bucket counts when some five in a row around it hold three.
    #[test]
    fn three_of_five_buckets_are_needed() {
        let ends = |scores: &[f64]| -> Vec<(i64, i64, usize)> {
            let found = anomalies(&plain(scores), 1);
            found.iter().map(|one| (one.from.0, one.to.0, one.buckets)).collect()
        };
        assert_eq!(ends(&[0.0, 9.0, 9.0, 0.0, 0.0, 0.0, 9.0, 9.0]), []);
        assert_eq!(ends(&[0.0, 9.0, 0.0, 9.0, 0.0, 9.0, 0.0]), [(1, 6, 3)]);
        assert_eq!(ends(&[9.0, 0.0, 9.0, 0.0, 0.0, 9.0, 0.0]), []);
        assert_eq!(ends(&[5.0, 5.0, -5.0, 5.0, -5.0, -5.0]), [(0, 4, 3), (2, 6, 3)]);
        assert_eq!(ends(&[5.0; 40]), [(0, 40, 40)]);
        assert_eq!(ends(&[4.0; 40]), []);
        let mut far = vec![0.0; 40];
        for place in [3, 4, 5, 20, 21, 22] {
            far[place] = 7.0;
        }
        assert_eq!(ends(&far), [(3, 6, 3), (20, 23, 3)]);
    }

    /// On 300 quiet series-days there are at most 3 anomalies.
    #[test]
    fn quiet_series_have_hardly_any() {
        let count: usize = (0..300)
            .map(|seed| {
                let samples = autoregressive(seed, 360, 0.7);
                let usual = Baseline::of(&samples).unwrap();
                let judged = judged(&samples, |at| usual.expected(at), usual.scale(0.0));
                anomalies(&judged, STEP).len()
            })
            .sum();
        assert!(count <= 3, "{count}");
    }

    #[test]
    fn quiet_rare_events_have_hardly_any_and_a_burst_is_found() {
        let mut random = Random::seeded(5);
        let mut draw = |mean: f64| {
            // Knuth (1969): multiply until below e^-mean.
            let (mut product, mut k) = (random.unit(), 0_u32);
            while product > (-mean).exp() {
                product *= random.unit();
                k += 1;
            }
            f64::from(k)
        };
        let mut found = 0;
        for mean in [0.05, 0.5, 4.0, 20.0] {
            for _ in 0..75 {
                let counts: Vec<f64> = (0..288).map(|_| draw(mean)).collect();
                let pairs = |counts: &[f64]| -> Vec<(f64, f64)> {
                    counts.iter().map(|count| (*count, 1.0)).collect()
                };
                let usual = usual_share(&pairs(&counts)).unwrap();
                let samples: Vec<Sample> = counts
                    .iter()
                    .enumerate()
                    .map(|(place, value)| Sample { at: Micros(place as i64), value: *value })
                    .collect();
                found += anomalies(&judged_counts(&samples, |_| usual, 0.0), 1).len();
                let burst: Vec<Sample> = samples
                    .iter()
                    .map(|one| {
                        let more =
                            if (100..110).contains(&one.at.0) { 4.0 * mean + 12.0 } else { 0.0 };
                        Sample { value: one.value + more, ..*one }
                    })
                    .collect();
                let held: Vec<f64> = burst.iter().map(|one| one.value).collect();
                let usual = usual_share(&pairs(&held)).unwrap();

                let burst = anomalies(&judged_counts(&burst, |_| usual, 0.0), 1);
                assert_eq!(burst.len(), 1, "{mean} {burst:?}");
                assert!((98..=102).contains(&burst[0].from.0), "{burst:?}");
            }
        }
        assert!(found <= 3, "{found}");
    }
}
