//! When samples are taken.

use crate::clock::{DAY, HOUR, MINUTE};
use crate::options::Size;

/// The instants of three kinds of series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// The whole history.
    pub long: Vec<i64>,
    /// Thirty days by the hour, and the last hours finely.
    pub medium: Vec<i64>,
    /// The last six hours.
    pub short: Vec<i64>,
}

impl Times {
    /// The instants of a history in `[from, until]`.
    pub fn history(size: &Size, from: i64, until: i64) -> Self {
        let minute = until - i64::from(size.minute_hours) * HOUR;
        let five = (until - i64::from(size.five_minute_hours) * HOUR).min(minute);
        let quarter = (until - i64::from(size.quarter_days) * DAY).min(five);
        let steps = |starts: &[(i64, i64)]| {
            let mut all = Vec::new();
            for (position, (start, step)) in starts.iter().enumerate() {
                let end = starts.get(position + 1).map_or(until + 1, |next| next.0);
                let start = (*start).max(from);
                let first = start + (step - start.rem_euclid(*step)) % step;
                let mut at = first;
                while at < end {
                    all.push(at);
                    at += step;
                }
            }
            all
        };
        let long =
            steps(&[(from, HOUR), (quarter, 15 * MINUTE), (five, 5 * MINUTE), (minute, MINUTE)]);
        let medium = if size.all_services_long {
            long.clone()
        } else {
            steps(&[(until - 30 * DAY, HOUR), (minute.max(until - 2 * HOUR), MINUTE)])
        };
        let short_start = (until - 6 * HOUR).max(five);
        let short = steps(&[(short_start, 5 * MINUTE), (minute.max(until - 2 * HOUR), MINUTE)]);
        Self { long, medium, short }
    }

    /// The instants of live emission for `(from, to]`: every fifteen seconds, every five
    /// minutes or every hour when a gap has to be filled that is longer than ten minutes or six
    /// hours.
    pub fn live(from: i64, to: i64) -> Self {
        let step = match to - from {
            gap if gap <= 10 * MINUTE => 15,
            gap if gap <= 6 * HOUR => 5 * MINUTE,
            _ => HOUR,
        };
        let mut all = Vec::new();
        let mut at = (from.div_euclid(step) + 1) * step;
        while at <= to {
            all.push(at);
            at += step;
        }
        Self { long: all.clone(), medium: all.clone(), short: all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_rise_and_end_with_the_history() {
        let until = 1_790_000_040;
        for size in [Size::small(), Size::demo(), Size::full()] {
            let times = Times::history(&size, until - 90 * DAY, until);
            for list in [&times.long, &times.medium, &times.short] {
                assert!(list.windows(2).all(|w| w[0] < w[1]));
                assert!(*list.last().unwrap() > until - HOUR);
            }
        }
        assert_eq!(*Times::history(&Size::demo(), until - DAY, until).short.last().unwrap(), until);
    }

    #[test]
    fn two_ticks_give_the_same_instants_as_one() {
        let start = 1_790_000_040;
        let whole = Times::live(start, start + 60).long;
        let mut parts = Times::live(start, start + 20).long;
        parts.extend(Times::live(start + 20, start + 60).long);
        assert_eq!(whole, parts);
    }
}
