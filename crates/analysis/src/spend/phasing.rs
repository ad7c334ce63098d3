//! How much of a budget falls on the time up to an instant: evenly, by Mondays to Fridays, or by a share
//! for each calendar month.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use model::money::Amount;
use model::time::Micros;

use crate::exact::{scaled, split};

/// The part of `amount` that falls on `from` to `at`, of a period that ends at `to`; exact, and the whole
/// at the end. `None` when the phasing is not understood.
pub fn budget_to_date(
    amount: Amount,
    phasing: &str,
    (from, to): (Micros, Micros),
    at: Micros,
) -> Option<Amount> {
    let at = at.clamp(from, to);
    if at == to {
        return Some(amount);
    }
    let part = |done: i64, all: i64| scaled(amount, Amount(done.into()), Amount(all.into()));
    match phasing {
        "even" | "" => part(at.0 - from.0, to.0 - from.0),
        "weekdays" => part(weekday_micros(from, at), weekday_micros(from, to)),
        shares => {
            let shares: Vec<Amount> =
                shares.split(';').map(|one| one.trim().parse().ok()).collect::<Option<_>>()?;
            let months = months(from, to);
            if months.len() != shares.len() {
                return None;
            }
            let parts = split(amount, &shares)?;
            let mut sum = Amount::ZERO;
            for ((start, end), part) in months.into_iter().zip(parts) {
                let done = at.clamp(start, end).0 - start.0;
                let of = scaled(part, Amount(done.into()), Amount((end.0 - start.0).into()))?;
                sum = sum.checked_add(of)?;
            }
            Some(sum)
        }
    }
}

/// Microseconds on Mondays to Fridays.
fn weekday_micros(from: Micros, to: Micros) -> i64 {
    let mut sum = 0;
    let mut at = from;
    while at < to {
        let next = at.floor_to(Micros::DAY).plus(Micros::DAY).min(to);
        let day = at.timestamp().to_zoned(TimeZone::UTC).weekday();
        if !matches!(day, Weekday::Saturday | Weekday::Sunday) {
            sum += next.0 - at.0;
        }
        at = next;
    }
    sum
}

/// The first instant of the calendar month after the one of `at`.
pub fn month_after(at: Micros) -> Micros {
    month_by(at, 1)
}

/// The first instant of the calendar month of `at`.
pub fn month_of(at: Micros) -> Micros {
    month_by(at, 0)
}

/// The first instant of a calendar month some months from that of `at`.
pub fn month_by(at: Micros, months: i64) -> Micros {
    let first = at.timestamp().to_zoned(TimeZone::UTC).date().first_of_month();
    first
        .checked_add(jiff::Span::new().months(months))
        .and_then(|date| date.to_zoned(TimeZone::UTC))
        .map_or(at, |zoned| Micros::of(zoned.timestamp()))
}

/// The calendar months of a period, cut at its ends.
fn months(from: Micros, to: Micros) -> Vec<(Micros, Micros)> {
    let mut all = Vec::new();
    let mut start = from;
    while start < to {
        let end = month_after(start).min(to);
        if end <= start {
            break;
        }
        all.push((start, end));
        start = end;
    }
    all
}

/// The period before one: as many calendar months when it is made of whole ones, else as long.
pub fn period_before(from: Micros, to: Micros) -> (Micros, Micros) {
    let is_whole = month_of(from) == from && month_of(to) == to;
    if !is_whole {
        return (from.plus(from.0 - to.0), from);
    }
    let count = months(from, to).len() as i64;
    (month_by(from, -count), from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        Micros::of(model::time::instant(text).unwrap())
    }

    #[test]
    fn a_budget_is_phased_as_stated() {
        let of = |phasing: &str, day: &str| {
            let period = (at("2026-07-01"), at("2026-10-01"));
            let part = budget_to_date("920".parse().unwrap(), phasing, period, at(day));
            part.map(|one| one.to_string())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of("even", "2026-07-11"), some("100"));
        assert_eq!(of("even", "2026-06-01"), some("0"));
        assert_eq!(of("even", "2027-01-01"), some("920"));
        // 66 weekdays in the quarter, 8 of them before 13 July (from Wednesday the 1st).
        assert_eq!(of("weekdays", "2026-07-11"), of("weekdays", "2026-07-13"));
        let eight = scaled("920".parse().unwrap(), Amount(8), Amount(66)).unwrap();
        assert_eq!(of("weekdays", "2026-07-13"), some(&eight.to_string()));
        assert_eq!(of("0.5;0.25;0.25", "2026-08-01"), some("460"));
        assert_eq!(of("0.5;0.25;0.25", "2026-09-16"), some("805"));
        assert_eq!(of("0.5;0.5", "2026-09-16"), None);
        assert_eq!(of("by mood", "2026-09-16"), None);
    }

    #[test]
    fn whole_months_go_back_by_months() {
        let month = period_before(at("2026-03-01"), at("2026-04-01"));
        assert_eq!(month, (at("2026-02-01"), at("2026-03-01")));
        let days = period_before(at("2026-03-05"), at("2026-03-08"));
        assert_eq!(days, (at("2026-03-02"), at("2026-03-05")));
    }
}
