//! Days, and the periods that they are put into: values with the whole days that they cover.

use std::collections::BTreeMap;

use model::money::Amount;
use model::time::Micros;

use super::params::ValueStep;
use crate::value::ValueSeries;

/// A value that covers at least this long is one of whole days, wherever its days begin.
const DAILY_MIN: i64 = 20 * Micros::HOUR;

/// A value and the days it is of, by number since 1970, `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub from: i64,
    pub to: i64,
    pub value: Amount,
}

impl Span {
    /// How many days.
    pub fn days(&self) -> u64 {
        u64::try_from(self.to - self.from).unwrap_or(0)
    }
}

/// The day that holds an instant.
pub(super) fn day_of(at: Micros) -> i64 {
    at.0.div_euclid(Micros::DAY)
}

/// Start of a day.
pub(super) fn start_of(day: i64) -> Micros {
    Micros(day.saturating_mul(Micros::DAY))
}

/// The day that begins nearest to an instant.
fn nearest(at: Micros) -> i64 {
    at.plus(Micros::DAY / 2).0.div_euclid(Micros::DAY)
}

/// The values of a series in a range of days, each with its days. Values of less than a day count where
/// they cover a day without a gap.
pub(super) fn spans(series: &ValueSeries, (from, to): (i64, i64)) -> Vec<Span> {
    let mut all = Vec::new();
    let mut parts: BTreeMap<i64, (Amount, i64)> = BTreeMap::new();
    for point in &series.points {
        if point.length() >= DAILY_MIN {
            let span =
                Span { from: nearest(point.from), to: nearest(point.to), value: point.value };
            if span.from < span.to {
                all.push(span);
            }
            continue;
        }
        let day = day_of(point.from);
        if day_of(point.to.plus(-1)) == day {
            let (sum, covered) = parts.entry(day).or_default();
            *sum = sum.checked_add(point.value).unwrap_or(*sum);
            *covered += point.length();
        }
    }
    for (day, (value, covered)) in parts {
        if covered == Micros::DAY {
            all.push(Span { from: day, to: day + 1, value });
        }
    }
    all.retain(|span| from <= span.from && span.to <= to);
    all.sort_unstable_by_key(|span| span.from);
    all
}

/// First day of the period that holds a day, and first day after the period.
pub(super) fn period_of(day: i64, step: ValueStep) -> (i64, i64) {
    match step {
        ValueStep::Day => (day, day + 1),
        // 1970 began on a Thursday.
        ValueStep::Week => {
            let monday = day - (day + 3).rem_euclid(7);
            (monday, monday + 7)
        }
        ValueStep::Month => month_of(day),
    }
}

fn month_of(day: i64) -> (i64, i64) {
    let utc = jiff::tz::TimeZone::UTC;
    let date = start_of(day).timestamp().to_zoned(utc.clone()).date();
    let first = date.first_of_month();
    let next = first.checked_add(jiff::Span::new().months(1)).unwrap_or(first);
    let number = |date: jiff::civil::Date| {
        let midnight = date.to_zoned(utc.clone());
        midnight.map_or(day, |zoned| day_of(Micros::of(zoned.timestamp())))
    };
    (number(first), number(next).max(number(first) + 1))
}

/// The spans of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bucket {
    /// In order of time; never empty.
    pub spans: Vec<Span>,
    /// Whether no day is missing.
    pub is_whole: bool,
}

/// Spans by the period in which they begin. A period is whole when its days follow each other from its
/// start, or from the end of a value that reaches into it, to its end or beyond.
pub(super) fn buckets(spans: &[Span], step: ValueStep) -> Vec<Bucket> {
    let mut by_period: BTreeMap<(i64, i64), Vec<Span>> = BTreeMap::new();
    for span in spans {
        by_period.entry(period_of(span.from, step)).or_default().push(*span);
    }
    let mut reached = i64::MIN;
    let mut all = Vec::new();
    for ((from, to), spans) in by_period {
        let mut is_whole = true;
        let mut end = reached.max(from);
        for span in &spans {
            is_whole &= span.from == end;
            end = span.to;
        }
        is_whole &= end >= to;
        reached = end;
        all.push(Bucket { spans, is_whole });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i64 {
        day_of(Micros::of(model::time::instant(text).unwrap()))
    }

    fn span(from: &str, to: &str) -> Span {
        Span { from: day(from), to: day(to), value: Amount(1) }
    }

    #[test]
    fn a_day_lies_in_its_week_and_its_month() {
        let dates = |(from, to): (i64, i64)| {
            [from, to].map(|day| start_of(day).to_string()[..10].to_owned())
        };
        let wednesday = day("2026-09-30");
        assert_eq!(dates(period_of(wednesday, ValueStep::Week)), ["2026-09-28", "2026-10-05"]);
        assert_eq!(dates(period_of(wednesday, ValueStep::Month)), ["2026-09-01", "2026-10-01"]);
        assert_eq!(dates(period_of(day("2027-12-31"), ValueStep::Month))[1], "2028-01-01");
    }

    /// Weeks from 31 August: the first reaches into September and the last of September into October, so
    /// that no day of September is missing. August has one day, October ends on the twelfth.
    #[test]
    fn weeks_leave_no_day_of_a_month_out() {
        let weeks = [
            span("2026-08-31", "2026-09-07"),
            span("2026-09-07", "2026-09-14"),
            span("2026-09-14", "2026-09-21"),
            span("2026-09-21", "2026-09-28"),
            span("2026-09-28", "2026-10-05"),
            span("2026-10-05", "2026-10-12"),
        ];
        let found = buckets(&weeks, ValueStep::Month);
        let shown: Vec<(usize, bool)> =
            found.iter().map(|bucket| (bucket.spans.len(), bucket.is_whole)).collect();
        assert_eq!(shown, [(1, false), (4, true), (1, false)]);
    }
}
