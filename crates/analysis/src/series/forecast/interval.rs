//! How wide the interval of a forecast is: as wide as held 80 % of the method's past misses.

use super::{LEVEL, Miss};
use crate::series::percentile::{nearest_rank, sorted};

/// Half widths by how far ahead, in steps of the root of two; they never narrow with time.
pub(super) struct Widths {
    /// Farthest ahead that each is for, in microseconds, and the half width.
    steps: Vec<(i64, f64)>,
}

impl Widths {
    /// The widths that past misses give.
    pub(super) fn of(misses: impl Iterator<Item = Miss>) -> Self {
        let misses: Vec<Miss> = misses.collect();
        let nearest = misses.iter().map(|miss| miss.ahead).min().unwrap_or(1).max(1);
        let farthest = misses.iter().map(|miss| miss.ahead).max().unwrap_or(1).max(1);
        let mut steps: Vec<(i64, f64)> = Vec::new();
        let mut ahead = nearest as f64;
        loop {
            let tried = (ahead as i64).min(farthest);
            let about = tried / 2..=tried.saturating_mul(2);
            let near = misses.iter().filter(|miss| about.contains(&miss.ahead));
            let near = sorted(near.map(|miss| miss.distance));
            // The (n + 1)-th share makes the interval hold in few trials too.
            let level = (LEVEL * (near.len() + 1) as f64 / near.len().max(1) as f64).min(1.0);
            let before = steps.last().map_or(0.0, |step| step.1);
            steps.push((tried, nearest_rank(&near, level).unwrap_or(0.0).max(before)));
            if tried >= farthest {
                return Self { steps };
            }
            ahead *= std::f64::consts::SQRT_2;
        }
    }

    /// The half width this far ahead; farther than was tried it widens with the root of time.
    pub(super) fn at(&self, ahead: i64) -> f64 {
        let place = self.steps.partition_point(|step| step.0 < ahead);
        match (self.steps.get(place), self.steps.last()) {
            (Some(step), _) => step.1,
            (None, Some(last)) => last.1 * (ahead as f64 / last.0.max(1) as f64).sqrt(),
            (None, None) => 0.0,
        }
    }
}

/// Share of past values within the interval that the other origins give, and how many there are.
pub(super) fn coverage(misses: &[Vec<Miss>]) -> (f64, usize) {
    let (mut inside, mut count) = (0_usize, 0_usize);
    for (place, own) in misses.iter().enumerate() {
        let others = misses.iter().enumerate().filter(|(other, _)| *other != place);
        let widths = Widths::of(others.flat_map(|(_, misses)| misses).copied());
        inside += own.iter().filter(|miss| miss.distance <= widths.at(miss.ahead)).count();
        count += own.len();
    }
    (inside as f64 / count.max(1) as f64, count)
}
