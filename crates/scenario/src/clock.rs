//! Instants as whole seconds since 1970 in UTC, and the ways the native formats write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Seconds in a minute, an hour and a day.
pub const MINUTE: i64 = 60;
/// Seconds in an hour.
pub const HOUR: i64 = 3600;
/// Seconds in a day.
pub const DAY: i64 = 86_400;

fn civil(second: i64) -> DateTime {
    let instant = Timestamp::from_second(second.clamp(0, 253_402_000_000))
        .expect("the clamped range lies within what a Timestamp can hold");
    TimeZone::UTC.to_datetime(instant)
}

/// `2026-09-01T00:00:00Z`, as Kubernetes and FOCUS write it.
pub fn rfc3339(second: i64) -> String {
    let c = civil(second);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        c.year(),
        c.month(),
        c.day(),
        c.hour(),
        c.minute(),
        c.second()
    )
}

/// `2026-09-01T00:00:00+00:00`, as the AWS command line writes it.
pub fn aws(second: i64) -> String {
    rfc3339(second).replace('Z', "+00:00")
}

/// `2026-09-01T00:00:00.000Z`, as EC2 and the CUR write it.
pub fn millis(second: i64) -> String {
    rfc3339(second).replace('Z', ".000Z")
}

/// `2026-09-01 00:00:00`, as many FOCUS 1.0 exports write it.
pub fn spaced(second: i64) -> String {
    rfc3339(second).replace('T', " ").replace('Z', "")
}

/// `2026-09-01`.
pub fn date(second: i64) -> String {
    rfc3339(second)[..10].to_owned()
}

/// Midnight (UTC) of the day that holds `second`.
pub fn day_start(second: i64) -> i64 {
    second - second.rem_euclid(DAY)
}

/// 0 for Monday to 6 for Sunday.
pub fn weekday(second: i64) -> i64 {
    (second.div_euclid(DAY) + 3).rem_euclid(7)
}

/// Midnight of the first day of the month that holds `second`.
pub fn month_start(second: i64) -> i64 {
    second_from_date(civil(second).date().first_of_month())
}

/// Midnight of the first day of the month after the one that holds `second`.
pub fn month_end(second: i64) -> i64 {
    day_start(second_from_date(civil(second).date().last_of_month())) + DAY
}

fn second_from_date(date: Date) -> i64 {
    TimeZone::UTC
        .to_timestamp(date.at(0, 0, 0, 0))
        .expect("a date that came from an instant is an instant again")
        .as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_weekdays_of_known_dates() {
        let second = 1_725_840_000; // 2024-09-09T00:00:00Z, a Monday
        assert_eq!(rfc3339(second), "2024-09-09T00:00:00Z");
        assert_eq!(weekday(second), 0);
        assert_eq!(date(month_start(second)), "2024-09-01");
        assert_eq!(date(month_end(second)), "2024-10-01");
        assert_eq!(date(month_end(1_709_164_800)), "2024-03-01"); // from 29 February
        assert_eq!(spaced(second), "2024-09-09 00:00:00");
    }
}
