//! When an answer is asked again: pure arithmetic over instants in microseconds.

use model::Micros;
use model::seam::DataKind;

/// Commits that follow each other within this time are answered together.
const SETTLE: i64 = 50_000;
/// Between two asks of one answer at least this long, and twice as long as the last one took.
const GAP_MIN: i64 = 250_000;
/// The longest gap that a slow answer makes.
const GAP_MAX: i64 = 10 * Micros::SECOND;
/// An answer that a store did not give, or that is of earlier, is asked for again after this time.
const RETRY: i64 = 10 * Micros::SECOND;

/// What is measured all the time counts at the end of a question's step; everything else at once.
pub fn is_measured(kind: DataKind) -> bool {
    matches!(kind, DataKind::Samples | DataKind::Edges | DataKind::Spans)
}

/// Why and since when an answer is to be asked again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    /// The question's step.
    pub step: Option<i64>,
    /// When it was asked last.
    pub asked_at: Option<i64>,
    /// How long that took.
    pub took: i64,
    /// Someone waits for its first answer, or for one of the step that has begun.
    pub is_wanted: bool,
    /// Since when something measured has changed.
    pub measured_at: Option<i64>,
    /// Since when anything else has.
    pub changed_at: Option<i64>,
    /// The last one was no answer of now.
    pub is_ailing: bool,
}

impl Pace {
    /// When to ask; at once where that is past. None: nothing has changed.
    pub fn due(&self) -> Option<i64> {
        if self.is_wanted {
            return Some(0);
        }
        let Some(asked) = self.asked_at else { return Some(0) };
        let rested = asked + (2 * self.took).clamp(GAP_MIN, GAP_MAX);
        let changed = self.changed_at.map(|at| (at + SETTLE).max(rested));
        let measured = self.measured_at.map(|at| {
            let over = self.step.map_or(0, |step| (asked.div_euclid(step) + 1) * step);
            (at + SETTLE).max(rested).max(over)
        });
        let again = self.is_ailing.then_some(asked + RETRY);
        [changed, measured, again].into_iter().flatten().min()
    }

    /// Kinds of data that the answer reads were written.
    pub fn change(&mut self, is_measured: bool, now: i64) {
        let since = match is_measured && self.step.is_some() {
            true => &mut self.measured_at,
            false => &mut self.changed_at,
        };
        since.get_or_insert(now);
    }

    /// It is being asked: what comes from now on counts for the next time.
    pub fn begin(&mut self, now: i64) {
        *self = Self { step: self.step, asked_at: Some(now), took: self.took, ..Self::default() };
    }

    /// Whether the last answer is the one that its route would give now.
    pub fn is_fresh(&self, now: i64) -> bool {
        let is_same_step = self.asked_at.is_some_and(|asked| {
            self.step.is_none_or(|step| asked.div_euclid(step) == now.div_euclid(step))
        });
        let is_unchanged = self.measured_at.is_none() && self.changed_at.is_none();
        is_same_step && is_unchanged && !self.is_wanted && !self.is_ailing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: i64 = 10 * Micros::SECOND;

    fn asked_at(at: i64) -> Pace {
        Pace { step: Some(STEP), asked_at: Some(at), took: 1_000, ..Pace::default() }
    }

    #[test]
    fn what_is_measured_waits_for_the_end_of_the_step() {
        let mut pace = asked_at(3 * Micros::SECOND);
        assert_eq!(pace.due(), None);
        pace.change(true, 4 * Micros::SECOND);
        assert_eq!(pace.due(), Some(STEP));
        // Asked in an earlier step: at once, together with what follows at once.
        pace = asked_at(3 * Micros::SECOND);
        pace.change(true, 14 * Micros::SECOND);
        assert_eq!(pace.due(), Some(14 * Micros::SECOND + SETTLE));
    }

    #[test]
    fn everything_else_comes_at_once_with_a_rest_between_two() {
        let mut pace = asked_at(3 * Micros::SECOND);
        pace.change(false, 3 * Micros::SECOND + 10);
        assert_eq!(pace.due(), Some(3 * Micros::SECOND + GAP_MIN));
        pace.took = 2 * Micros::SECOND;
        assert_eq!(pace.due(), Some(7 * Micros::SECOND));
        let mut rested = asked_at(0);
        rested.change(false, 5 * Micros::SECOND);
        rested.change(false, 6 * Micros::SECOND);
        assert_eq!(rested.due(), Some(5 * Micros::SECOND + SETTLE), "the first change counts");
    }

    #[test]
    fn without_a_step_nothing_waits_for_one() {
        let mut pace = Pace { step: None, ..asked_at(0) };
        pace.change(true, Micros::SECOND);
        assert_eq!(pace.due(), Some(Micros::SECOND + SETTLE));
    }

    #[test]
    fn an_answer_of_earlier_is_tried_again() {
        let pace = Pace { is_ailing: true, ..asked_at(Micros::SECOND) };
        assert_eq!(pace.due(), Some(Micros::SECOND + RETRY));
        assert!(!pace.is_fresh(Micros::SECOND));
    }

    #[test]
    fn an_answer_is_fresh_until_its_step_ends_or_its_data_change() {
        let mut pace = asked_at(3 * Micros::SECOND);
        assert!(pace.is_fresh(9 * Micros::SECOND));
        assert!(!pace.is_fresh(STEP));
        pace.change(true, 4 * Micros::SECOND);
        assert!(!pace.is_fresh(5 * Micros::SECOND));
        pace.begin(5 * Micros::SECOND);
        assert!(pace.is_fresh(5 * Micros::SECOND));
        assert_eq!(pace.due(), None);
    }
}
