//! Demand over time as a sum of waves whose integral is known in closed form: a counter can be
//! read at any instant, at any step, without having been counted up, and live emission goes on
//! exactly where the history ends.

use std::f64::consts::TAU;

use crate::clock::{DAY, HOUR, MINUTE};
use crate::company::Environment;
use crate::random::Keyed;

/// `level · (1 + growth·days + Σ amplitude·cos(2π(t − phase)/period))`, relative to an origin.
#[derive(Debug, Clone)]
pub struct Wave {
    level: f64,
    growth_per_second: f64,
    parts: Vec<Part>,
    origin: i64,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    amplitude: f64,
    omega: f64,
    phase: f64,
}

impl Part {
    fn new(amplitude: f64, period: i64, peak: i64, origin: i64) -> Self {
        let omega = TAU / period as f64;
        Self { amplitude, omega, phase: omega * (peak - origin).rem_euclid(period) as f64 }
    }
}

/// What a demand is for.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Rate when all waves are at 0.
    pub level: f64,
    /// Height of the daily wave, 0 to 0.6.
    pub daily: f64,
    /// Relative growth in 90 days.
    pub growth: f64,
}

impl Wave {
    /// A daily and a weekly rhythm in the time of the environment, and faster ripples of its own
    /// for each `key`. The sum of all amplitudes stays below 0.95, so the rate is never negative.
    pub fn new(random: Keyed, env: &Environment, origin: i64, key: &str, shape: Shape) -> Self {
        let peak = if env.index == 1 { 17 * HOUR } else { 20 * HOUR };
        let saturday = 2 * DAY + 19 * HOUR; // 1970-01-03
        let mut parts = vec![
            Part::new(shape.daily, DAY, peak, origin),
            Part::new(shape.daily * 0.25, DAY / 2, peak - 2 * HOUR, origin),
            Part::new(0.08, 7 * DAY, saturday, origin),
        ];
        for (n, (period, amplitude)) in
            [(167 * MINUTE, 0.035), (41 * MINUTE, 0.025), (13 * MINUTE, 0.02)].iter().enumerate()
        {
            let drawn = random.below(&format!("ripple/{}/{key}/{n}", env.name), *period as u64);
            parts.push(Part::new(*amplitude, *period, drawn as i64, origin));
        }
        Self {
            level: shape.level,
            growth_per_second: shape.growth / (90 * DAY) as f64,
            parts,
            origin,
        }
    }

    /// The rate at an instant, per second.
    pub fn rate(&self, at: i64) -> f64 {
        let t = (at - self.origin) as f64;
        let mut sum = 1.0 + self.growth_per_second * t;
        for p in &self.parts {
            sum += p.amplitude * (p.omega * t - p.phase).cos();
        }
        self.level * sum
    }

    /// The integral of the rate from the origin to an instant.
    pub fn total(&self, at: i64) -> f64 {
        let t = (at - self.origin) as f64;
        let mut sum = t + self.growth_per_second * t * t / 2.0;
        for p in &self.parts {
            sum += p.amplitude / p.omega * ((p.omega * t - p.phase).sin() + p.phase.sin());
        }
        self.level * sum
    }
}

/// Share of a log-normal distribution below `x`, for this median and spread.
pub fn log_normal_below(x: f64, median: f64, sigma: f64) -> f64 {
    if x.is_infinite() {
        return 1.0;
    }
    normal_below((x / median).ln() / sigma)
}

/// Distribution function of the standard normal distribution by Abramowitz and Stegun 26.2.17,
/// error below 7.5·10⁻⁸.
fn normal_below(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-z * z / 2.0).exp() / TAU.sqrt() * series;
    if z >= 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::ENVIRONMENTS;

    #[test]
    fn the_total_is_the_sum_of_the_rates() {
        let shape = Shape { level: 3.0, daily: 0.45, growth: 0.2 };
        let wave = Wave::new(Keyed::new(1), &ENVIRONMENTS[0], 1_700_000_000, "x", shape);
        let (from, to) = (1_700_040_000, 1_700_140_000);
        let summed: f64 = (from..to).map(|t| (wave.rate(t) + wave.rate(t + 1)) / 2.0).sum();
        let closed = wave.total(to) - wave.total(from);
        assert!((summed - closed).abs() / closed < 1e-6, "{summed} {closed}");
        assert!((from..to).step_by(60).all(|t| wave.rate(t) > 0.0));
    }

    #[test]
    fn the_median_splits_in_half() {
        assert!((log_normal_below(0.2, 0.2, 0.5) - 0.5).abs() < 1e-7);
        // 84.13 % lie below one standard deviation above the median.
        assert!((log_normal_below(0.2 * 0.5f64.exp(), 0.2, 0.5) - 0.841_344_7).abs() < 1e-6);
    }
}
