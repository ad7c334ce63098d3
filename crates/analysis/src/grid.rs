//! Buckets of time that answers about series share: whole steps since 1970, at most 360 of them.

use model::time::{Micros, Window};

/// Most buckets of one answer.
pub const BUCKETS_MAX: u32 = 360;

/// Lengths of buckets in minutes; the shortest that needs no more buckets than wanted is taken.
const STEPS: [i64; 17] =
    [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1_440, 10_080];

/// Buckets in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Start of the first.
    pub from: Micros,
    /// Length in microseconds.
    pub step: i64,
    /// How many.
    pub count: usize,
}

impl Grid {
    /// Whole buckets that end in a window, at most `buckets` of them but at least one. The bucket in
    /// which the window ends is not over yet and is left out.
    pub fn of(window: Window, buckets: u32) -> Self {
        let (from, to) = window.micros();
        let length = to.0.saturating_sub(from.0).max(1);
        let wanted = i64::from(buckets.clamp(1, BUCKETS_MAX));
        let fits = |minutes: &&i64| length <= (**minutes * Micros::MINUTE).saturating_mul(wanted);
        let weeks = length / wanted / (7 * Micros::DAY) + 1;
        let step = STEPS.iter().find(fits).map_or(weeks * 7 * Micros::DAY, |m| m * Micros::MINUTE);
        Self::ending(to, length, step)
    }

    /// Whole buckets of `step` that end by `to` and cover about `length`.
    pub fn ending(to: Micros, length: i64, step: i64) -> Self {
        let step = step.max(1);
        let count = (length / step).max(1);
        let end = to.floor_to(step);
        let from = end.plus(count.saturating_mul(step).saturating_neg());
        Self { from, step, count: usize::try_from(count).unwrap_or(1) }
    }

    /// End of the last bucket.
    pub fn to(&self) -> Micros {
        self.from.plus(self.step.saturating_mul(self.count as i64))
    }

    /// From the first to the end of the last bucket.
    pub fn window(&self) -> Window {
        Window { from: self.from.timestamp(), to: self.to().timestamp() }
    }

    /// Start of a bucket.
    pub fn at(&self, place: usize) -> Micros {
        self.from.plus(self.step.saturating_mul(place as i64))
    }

    /// The bucket that holds an instant, if one does.
    pub fn place(&self, at: Micros) -> Option<usize> {
        let place = at.0.checked_sub(self.from.0)?.div_euclid(self.step);
        usize::try_from(place).ok().filter(|place| *place < self.count)
    }

    /// The same buckets this many microseconds, in whole steps, earlier.
    pub fn earlier(&self, micros: i64) -> Self {
        let micros = micros - micros.rem_euclid(self.step);
        Self { from: self.from.plus(micros.saturating_neg()), ..*self }
    }

    /// Length in microseconds.
    pub fn length(&self) -> i64 {
        self.step.saturating_mul(self.count as i64)
    }

    /// Length of a bucket in seconds.
    pub fn step_seconds(&self) -> f64 {
        self.step as f64 / Micros::SECOND as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::instant;

    fn window(from: &str, to: &str) -> Window {
        Window { from: instant(from).unwrap(), to: instant(to).unwrap() }
    }

    #[test]
    fn a_day_in_288_is_five_minutes_and_ends_with_a_whole_bucket() {
        let grid = Grid::of(window("2026-03-01T12:03:20Z", "2026-03-02T12:03:20Z"), 288);
        assert_eq!((grid.step, grid.count), (5 * Micros::MINUTE, 288));
        assert_eq!(grid.to().to_string(), "2026-03-02T12:00:00Z");
        assert_eq!(grid.place(grid.from), Some(0));
        assert_eq!(grid.place(grid.to()), None);
        assert_eq!(grid.place(grid.from.plus(-1)), None);
        assert_eq!(grid.earlier(7 * Micros::DAY).from.to_string(), "2026-02-22T12:00:00Z");
    }

    #[test]
    fn no_window_has_more_buckets_than_wanted() {
        for days in [0.001, 0.04, 0.5, 1.0, 6.5, 30.0, 90.0, 400.0, 3_650.0] {
            let to = instant("2026-03-02T12:03:20Z").unwrap();
            let from = Micros(Micros::of(to).0 - (days * Micros::DAY as f64) as i64).timestamp();
            for buckets in [1, 12, 288, 360, 9_999] {
                let grid = Grid::of(Window { from, to }, buckets);
                assert!((1..=buckets.min(360) as usize).contains(&grid.count), "{days} {grid:?}");
            }
        }
    }
}
