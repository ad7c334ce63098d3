//! New, fixed and reopened findings over time.

use model::time::{Micros, Window};

use super::item::Item;
use super::params::SecurityStep;
use super::shape::{FindingSeverity, SecurityPeriod};

/// Most periods that are given.
const PERIODS_MAX: i64 = 360;

/// Most periods of a length that is chosen for the caller.
const PERIODS_CHOSEN: i64 = 60;

/// The periods of a window. Periods begin at whole multiples of their length since 1970, so the first
/// may begin before the window; a window that would give more than 360 is cut at its start.
pub(super) fn trend(
    items: &[Item],
    window: Window,
    step: Option<SecurityStep>,
    is_suppressed: &dyn Fn(&Item, Micros) -> bool,
) -> Vec<SecurityPeriod> {
    let (from, to) = window.micros();
    let length = to.0.saturating_sub(from.0).max(1);
    let fits = |step: &SecurityStep| length / step.micros() < PERIODS_CHOSEN;
    let all = [SecurityStep::Day, SecurityStep::Week, SecurityStep::Month];
    let step = step.or_else(|| all.into_iter().find(fits)).unwrap_or(SecurityStep::Month).micros();
    let first = from.floor_to(step).max(to.plus(-PERIODS_MAX * step).floor_to(step));
    let count = (to.0 - 1).saturating_sub(first.0) / step + 1;
    (0..count)
        .map(|place| {
            let start = first.plus(place * step);
            // The last period ends with the window: nothing is known of what comes after.
            let end = start.plus(step).min(to);
            period(items, (start, end), is_suppressed)
        })
        .collect()
}

fn period(
    items: &[Item],
    (from, to): (Micros, Micros),
    is_suppressed: &dyn Fn(&Item, Micros) -> bool,
) -> SecurityPeriod {
    let mut period = SecurityPeriod {
        from: from.timestamp(),
        to: to.timestamp(),
        new: 0,
        fixed: 0,
        reopened: 0,
        open: 0,
        open_severe: 0,
    };
    let is_in = |at: Micros| from <= at && at < to;
    let last = to.plus(-1);
    for item in items {
        for (place, episode) in item.finding.episodes.iter().enumerate() {
            if is_in(episode.from) {
                *if place == 0 { &mut period.new } else { &mut period.reopened } += 1;
            }
            period.fixed += u64::from(episode.until.is_some_and(is_in));
        }
        if item.finding.was_open(last) && !is_suppressed(item, last) {
            period.open += 1;
            let is_severe =
                matches!(item.severity, FindingSeverity::Critical | FindingSeverity::High);
            period.open_severe += u64::from(is_severe);
        }
    }
    period
}
