//! What is usual: median and median absolute deviation, by hour of the day or of the week where the data
//! tell these apart. Each season is tried on values it was not made from (leaving one day, or one week,
//! out), and is kept when the remaining deviation is at least a tenth smaller. O(n log n).

use std::collections::BTreeMap;

use model::time::Micros;

use super::percentile::{MAD_SCALE, median, sorted};
use super::{NoAnswer, Sample, at_least};

/// Least values of a baseline.
pub const VALUES_MIN: usize = 12;

/// Days, or weeks, that each hour of a season needs.
const CYCLES_MIN: usize = 3;

/// A season must leave at most this share of the deviation that is left without it.
const GAIN: f64 = 0.9;

/// Length of a place in a season.
const SLOT: i64 = Micros::HOUR;

/// After which time things repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Season {
    /// They do not.
    None,
    /// A day.
    Day,
    /// A week.
    Week,
}

impl Season {
    /// Its length in microseconds; 0 for none.
    pub fn length(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Day => Micros::DAY,
            Self::Week => 7 * Micros::DAY,
        }
    }

    /// As said to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Day => "hour of day",
            Self::Week => "hour of week",
        }
    }
}

/// By hour of a season: where in the hour its values lie on average, in microseconds, and their median.
type Slots = BTreeMap<i64, (f64, f64)>;

/// What is usual at each instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// The season.
    pub season: Season,
    /// Median of all values.
    pub level: f64,
    /// Median distance of values from what is usual at their instant, unscaled.
    pub mad: f64,
    /// How much of the deviation the season takes away, 0 to 1.
    pub season_strength: f64,
    /// How many values it is made from.
    pub n: usize,
    /// First instant of them.
    pub from: Micros,
    /// Last instant of them.
    pub to: Micros,
    slots: Slots,
}

impl Baseline {
    /// The baseline of values in order of time.
    ///
    /// # Errors
    /// `TooFew` below 12 finite values.
    pub fn of(samples: &[Sample]) -> Result<Self, NoAnswer> {
        let held: Vec<Sample> =
            samples.iter().copied().filter(|one| one.value.is_finite()).collect();
        at_least(held.len(), VALUES_MIN)?;
        let values = sorted(held.iter().map(|one| one.value));
        let level = median(&values).unwrap_or_default();
        let plain = median_of(held.iter().map(|one| (one.value - level).abs()));
        let mut best = Self {
            season: Season::None,
            level,
            mad: plain,
            season_strength: 0.0,
            n: held.len(),
            from: held.iter().map(|one| one.at).min().unwrap_or_default(),
            to: held.iter().map(|one| one.at).max().unwrap_or_default(),
            slots: BTreeMap::new(),
        };
        for season in [Season::Day, Season::Week] {
            let Some((mad, slots)) = seasonal(&held, season) else { continue };
            if mad < best.mad * GAIN {
                let season_strength = (1.0 - mad / plain).clamp(0.0, 1.0);
                best = Self { season, mad, slots, season_strength, ..best };
            }
        }
        Ok(best)
    }

    /// What is usual at an instant; between the middles of two hours on the line between them.
    pub fn expected(&self, at: Micros) -> f64 {
        let length = self.season.length();
        if length == 0 {
            return self.level;
        }
        let (slot, offset) = slot_of(at, self.season);
        let Some((middle, value)) = self.slots.get(&slot).copied() else { return self.level };
        let step = if offset < middle { -1 } else { 1 };
        let near = (slot + step).rem_euclid(length / SLOT);
        let Some((near_middle, near_value)) = self.slots.get(&near).copied() else { return value };
        let apart = near_middle - middle + (step * SLOT) as f64;
        value + (near_value - value) * ((offset - middle) / apart).clamp(0.0, 1.0)
    }

    /// What is left of a value without its season, at the level of all.
    pub fn deseasonalised(&self, sample: Sample) -> Sample {
        let value = sample.value - self.expected(sample.at) + self.level;
        Sample { at: sample.at, value }
    }

    /// The standard deviation that the deviation stands for, at least `resolution`.
    pub fn scale(&self, resolution: f64) -> f64 {
        (MAD_SCALE * self.mad).max(resolution)
    }

    /// How far a value is from what is usual, in scales.
    pub fn score(&self, sample: Sample, resolution: f64) -> f64 {
        let scale = self.scale(resolution).max(f64::MIN_POSITIVE);
        (sample.value - self.expected(sample.at)) / scale
    }
}

/// Hour of the season and microseconds within it. Weeks begin on the Thursday that was 1970-01-01.
fn slot_of(at: Micros, season: Season) -> (i64, f64) {
    let within = at.0.rem_euclid(season.length().max(1));
    (within / SLOT, (within % SLOT) as f64)
}

fn median_of(values: impl IntoIterator<Item = f64>) -> f64 {
    median(&sorted(values)).unwrap_or_default()
}

/// The deviation that a season leaves of values it was not made from, and its hours; `None` when an hour
/// has values of fewer than three cycles.
fn seasonal(held: &[Sample], season: Season) -> Option<(f64, Slots)> {
    let mut by_slot: BTreeMap<i64, BTreeMap<i64, Vec<f64>>> = BTreeMap::new();
    let mut offsets: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for one in held {
        let (slot, offset) = slot_of(one.at, season);
        let cycle = one.at.0.div_euclid(season.length());
        by_slot.entry(slot).or_default().entry(cycle).or_default().push(one.value);
        let sum = offsets.entry(slot).or_default();
        *sum = (sum.0 + offset, sum.1 + 1.0);
    }
    if by_slot.len() < 2 || by_slot.values().any(|cycles| cycles.len() < CYCLES_MIN) {
        return None;
    }
    let mut slots = Slots::new();
    // Of each hour, by the cycle that is left out.
    let mut without: BTreeMap<(i64, i64), f64> = BTreeMap::new();
    for (slot, cycles) in &by_slot {
        let middles: Vec<(i64, f64)> = cycles
            .iter()
            .map(|(cycle, values)| (*cycle, median_of(values.iter().copied())))
            .collect();
        for (left_out, _) in &middles {
            let others = middles.iter().filter(|(cycle, _)| cycle != left_out);
            without.insert((*slot, *left_out), median_of(others.map(|(_, value)| *value)));
        }
        let (sum, count) = offsets.get(slot).copied().unwrap_or((0.0, 1.0));
        slots.insert(*slot, (sum / count, median_of(middles.iter().map(|(_, value)| *value))));
    }
    let distances = held.iter().filter_map(|one| {
        let (slot, _) = slot_of(one.at, season);
        let expected = without.get(&(slot, one.at.0.div_euclid(season.length())))?;
        Some((one.value - expected).abs())
    });
    Some((median_of(distances), slots))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::random::Random;

    fn hourly(days: i64, value: impl Fn(i64, &mut Random) -> f64) -> Vec<Sample> {
        let mut random = Random::seeded(11);
        let one = |hour: i64, random: &mut Random| Sample {
            at: Micros(hour * Micros::HOUR),
            value: value(hour, random),
        };
        (0..days * 24).map(|hour| one(hour, &mut random)).collect()
    }

    #[test]
    fn without_a_season_it_is_median_and_deviation() {
        let samples = hourly(10, |_, random| 50.0 + 2.0 * random.normal());
        let found = Baseline::of(&samples).unwrap();
        assert_eq!(found.season, Season::None);
        assert!((found.level - 50.0).abs() < 0.3, "{}", found.level);
        assert!((found.scale(0.0) - 2.0).abs() < 0.3, "{}", found.scale(0.0));
        assert_eq!(Baseline::of(&samples[..11]), Err(NoAnswer::TooFew { n: 11, needed: 12 }));
    }

    #[test]
    fn a_daily_wave_is_expected_and_its_shift_is_not() {
        let wave =
            |hour: i64| 100.0 + 40.0 * ((hour % 24) as f64 / 24.0 * std::f64::consts::TAU).sin();
        let samples = hourly(7, |hour, random| wave(hour) + random.normal());
        let found = Baseline::of(&samples).unwrap();
        assert_eq!(found.season, Season::Day);
        assert!(found.season_strength > 0.9);
        for hour in 200..224 {
            let at = Micros(hour * Micros::HOUR);
            assert!((found.expected(at) - wave(hour)).abs() < 3.0, "{hour}");
            assert!(found.score(Sample { at, value: wave(hour) + 20.0 }, 0.0) > 8.0);
        }
        // Between two hours on the line between them.
        let between = found.expected(Micros(200 * Micros::HOUR + 30 * Micros::MINUTE));
        let ends = [200, 201].map(|hour| found.expected(Micros(hour * Micros::HOUR)));
        assert!((between - (ends[0] + ends[1]) / 2.0).abs() < 1e-9);
    }

    /// Sums by day have a week's season and no hours.
    #[test]
    fn quiet_weekends_of_daily_sums_are_expected() {
        let is_weekend = |day: i64| matches!(day % 7, 2 | 3);
        let daily = |day: i64| if is_weekend(day) { 10.0 } else { 100.0 };
        let samples: Vec<Sample> = (0..35)
            .map(|day| Sample {
                at: Micros(day * Micros::DAY),
                value: daily(day) + (day % 3) as f64,
            })
            .collect();
        let found = Baseline::of(&samples).unwrap();
        assert_eq!(found.season, Season::Week);
        for day in 35..42 {
            assert!((found.expected(Micros(day * Micros::DAY)) - daily(day)).abs() < 3.0, "{day}");
        }
    }

    #[test]
    fn one_bad_day_in_seven_does_not_become_usual() {
        let samples =
            hourly(
                7,
                |hour, random| {
                    if (72..96).contains(&hour) { 500.0 } else { 50.0 + random.normal() }
                },
            );
        let found = Baseline::of(&samples).unwrap();
        assert!((found.expected(Micros(80 * Micros::HOUR)) - 50.0).abs() < 2.0);
    }
}
