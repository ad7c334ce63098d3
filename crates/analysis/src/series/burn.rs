//! How fast an error budget is spent, and whether that is an alarm: multi-window, multi-burn-rate
//! (Beyer et al., "The Site Reliability Workbook", 2018, chapter 5). Missing data is neither good nor bad.

/// Events of an objective over one stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Events {
    /// Bad ones.
    pub bad: f64,
    /// All.
    pub total: f64,
}

/// Events that the longer window of a pair needs for a verdict.
pub const EVENTS_MIN: f64 = 100.0;

/// Length of the window for which the limits stand, in seconds.
const DAYS_30: f64 = 30.0 * 86_400.0;

/// A pair of windows that must both burn at least this fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurnRule {
    /// The longer window in seconds.
    pub long_seconds: i64,
    /// The shorter window in seconds: it ends the alarm soon after the cause has ended.
    pub short_seconds: i64,
    /// Least burn, for a window of 30 days.
    pub limit: f64,
    /// Whether it is an alarm at once.
    pub is_fast: bool,
}

/// The rules, the fastest first.
pub const RULES: [BurnRule; 3] = [
    BurnRule { long_seconds: 3_600, short_seconds: 300, limit: 14.4, is_fast: true },
    BurnRule { long_seconds: 21_600, short_seconds: 1_800, limit: 6.0, is_fast: true },
    BurnRule { long_seconds: 259_200, short_seconds: 21_600, limit: 1.0, is_fast: false },
];

impl BurnRule {
    /// The least burn for an objective over another window: the same share of its budget in the same
    /// time. Below 1 a budget lasts, so the limit is never below 1.
    pub fn limit_for(&self, window_seconds: f64) -> f64 {
        (self.limit * window_seconds / DAYS_30).max(1.0)
    }
}

/// Burn: share of bad events over the share that the objective allows; 1 spends the budget exactly at
/// the end of its window. `None` without events or without a budget.
pub fn burn(events: Events, target: f64) -> Option<f64> {
    let allowed = 1.0 - target;
    if events.total <= 0.0 || allowed <= 0.0 {
        return None;
    }
    Some((events.bad.max(0.0) / events.total).min(1.0) / allowed)
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Both windows burn at least as fast as the limit.
    Burning,
    /// Not both do.
    Calm,
    /// Too few events to tell, and how many there are.
    TooFew(f64),
}

/// What a rule says of events over its two windows.
pub fn verdict(
    rule: &BurnRule,
    (long, short): (Events, Events),
    target: f64,
    window_seconds: f64,
) -> Verdict {
    if long.total < EVENTS_MIN {
        return Verdict::TooFew(long.total);
    }
    let limit = rule.limit_for(window_seconds);
    let is_past = |events| burn(events, target).is_some_and(|burn| burn >= limit - 1e-9);
    if is_past(long) && is_past(short) { Verdict::Burning } else { Verdict::Calm }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(bad: f64, total: f64) -> Events {
        Events { bad, total }
    }

    /// The workbook's own example: 99.9 % over 30 days, 2 % of the budget in an hour is a burn of 14.4,
    /// which is 1.44 % of bad requests.
    #[test]
    fn burns_are_those_of_the_workbook() {
        let found = burn(events(14.4, 1_000.0), 0.999).unwrap();
        assert!((found - 14.4).abs() < 1e-9);
        // Spent in 30 days / 14.4 = 50 hours; in one hour 1/50 = 2 %.
        assert!((DAYS_30 / 3_600.0 / found - 50.0).abs() < 1e-9);
        assert_eq!(burn(events(0.0, 0.0), 0.999), None);
        assert_eq!(burn(events(1.0, 10.0), 1.0), None);
    }

    #[test]
    fn both_windows_must_burn_and_hold_enough_events() {
        let [fast, _, slow] = RULES;
        let say = |long, short| verdict(&fast, (long, short), 0.999, DAYS_30);
        assert_eq!(say(events(15.0, 1_000.0), events(2.0, 80.0)), Verdict::Burning);
        assert_eq!(say(events(15.0, 1_000.0), events(0.0, 80.0)), Verdict::Calm);
        assert_eq!(say(events(14.0, 1_000.0), events(80.0, 80.0)), Verdict::Calm);
        assert_eq!(say(events(50.0, 99.0), events(9.0, 9.0)), Verdict::TooFew(99.0));
        // The short window without events is no alarm: missing data is neither good nor bad.
        assert_eq!(say(events(50.0, 1_000.0), events(0.0, 0.0)), Verdict::Calm);
        assert_eq!(slow.limit_for(DAYS_30), 1.0);
    }

    #[test]
    fn other_windows_scale_the_limit() {
        let week = 7.0 * 86_400.0;
        assert!((RULES[0].limit_for(week) - 3.36).abs() < 1e-9);
        assert!((RULES[1].limit_for(week) - 1.4).abs() < 1e-9);
        assert_eq!(RULES[2].limit_for(week), 1.0);
        assert!((RULES[2].limit_for(3.0 * DAYS_30) - 3.0).abs() < 1e-9);
    }
}
