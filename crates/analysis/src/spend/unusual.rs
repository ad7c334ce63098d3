//! Days of unusual spend: each day against what was usual in the eight weeks before it. Method and
//! limits are those of `series::anomaly`: more than 4 scales off in 3 of 5 days, the same way.

use model::time::Micros;

use crate::series::anomaly::{Anomaly, Judged, anomalies};
use crate::series::baseline::Baseline;
use crate::series::{NoAnswer, Sample};

/// Days that a day is compared with.
const BEFORE: usize = 56;

/// Days before a day from which it is compared with these alone; earlier ones with the first days.
const BEFORE_MIN: usize = 28;

/// Least scale as a share of what is expected: smaller differences are never unusual.
const RESOLUTION: f64 = 0.02;

/// Stretches of unusual days.
///
/// # Errors
/// `TooFew` below 12 days.
pub fn unusual_days(days: &[Sample]) -> Result<Vec<Anomaly>, NoAnswer> {
    crate::series::at_least(days.len(), crate::series::baseline::VALUES_MIN)?;
    let mut judged = Vec::with_capacity(days.len());
    let first = Baseline::of(days.get(..BEFORE.min(days.len())).unwrap_or_default())?;
    for (place, day) in days.iter().enumerate() {
        let own;
        let baseline = if place >= BEFORE_MIN {
            let before = days.get(place.saturating_sub(BEFORE)..place).unwrap_or_default();
            own = Baseline::of(before)?;
            &own
        } else {
            &first
        };
        let expected = baseline.expected(day.at);
        let least = (RESOLUTION * expected.abs()).max(f64::MIN_POSITIVE);
        let score = (day.value - expected) / baseline.scale(least);
        judged.push(Judged { at: day.at, value: day.value, expected, score });
    }
    Ok(anomalies(&judged, Micros::DAY))
}

/// What was expected of a day, from the days before it as above.
pub fn usual_before(days: &[Sample], from: Micros) -> Option<Baseline> {
    let place = days.iter().position(|one| one.at >= from).unwrap_or(days.len());
    let before = days.get(place.saturating_sub(BEFORE)..place).unwrap_or_default();
    let enough =
        if before.len() >= BEFORE_MIN { before } else { days.get(..BEFORE.min(days.len()))? };
    Baseline::of(enough).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(count: i64, value: impl Fn(i64) -> f64) -> Vec<Sample> {
        (0..count).map(|n| Sample { at: Micros(n * Micros::DAY), value: value(n) }).collect()
    }

    #[test]
    fn a_surge_of_six_days_is_one_stretch_and_weekends_are_none() {
        // 100 a day, 60 on two days of seven, 3 of wobble; 40 more on days 60 to 65.
        let usual = |n: i64| if n % 7 < 2 { 60.0 } else { 100.0 } + (n * 7 % 5) as f64 * 0.7;
        let quiet = unusual_days(&days(90, usual)).unwrap();
        assert_eq!(quiet, []);
        let surge = |n: i64| usual(n) + if (60..66).contains(&n) { 40.0 } else { 0.0 };
        let found = unusual_days(&days(90, surge)).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].from, Micros(60 * Micros::DAY));
        assert_eq!(found[0].to, Micros(66 * Micros::DAY));
        assert!(unusual_days(&days(5, usual)).is_err());
    }
}
