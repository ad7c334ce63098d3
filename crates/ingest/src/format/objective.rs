//! What the formats that state service level objectives share: lengths of rolling windows, targets, the
//! service meant, and the statement.

use model::Reference;
use model::kind::{Confidence, EntityKind};
use model::objective::{Indicator, Objective, SeriesSelector};
use model::stated::{StatedKind, StatedObservation};
use model::time::{Micros, WindowParam};

use crate::key;

/// Seconds of a day.
const DAY_SECONDS: f64 = 86_400.0;

/// Longest window in days.
const WINDOW_DAYS_MAX: f64 = 400.0;

/// A service by its canonical id, or by its name when that is unique.
pub fn service(name: &str) -> Reference {
    Reference::key("canonical id", name)
        .or("service name", key::service_name(name), Confidence::High)
        .of_kinds(&[EntityKind::Service])
}

/// The statement of an objective of a service, under a key.
///
/// # Errors
/// When the objective cannot be written as JSON.
pub fn statement(
    key: &str,
    title: &str,
    service_name: &str,
    objective: &Objective,
) -> Result<StatedObservation, String> {
    let stated = StatedObservation::new(StatedKind::Objective, key, objective);
    let mut stated = stated.map_err(|error| error.to_string())?;
    title.clone_into(&mut stated.title);
    stated.subjects = vec![service(service_name)];
    Ok(stated)
}

/// Seconds of a rolling window: `28d`, `1w`, `P30D`, `12h`; a month is 30 days, a quarter 90, a year 365,
/// as OpenSLO writes them (`M`, `Q`, `Y`).
///
/// # Errors
/// What is accepted.
pub fn window_seconds(text: &str) -> Result<f64, String> {
    let wrong = || format!("`{text}` is no window such as 30d, 4w or P28D, of at most 400 days");
    let split = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let days = match text.split_at(split) {
        (number, "w") => number.parse::<f64>().ok().map(|number| number * 7.0),
        (number, "M") => number.parse::<f64>().ok().map(|number| number * 30.0),
        (number, "Q") => number.parse::<f64>().ok().map(|number| number * 90.0),
        (number, "Y") => number.parse::<f64>().ok().map(|number| number * 365.0),
        _ => match text.parse::<WindowParam>() {
            Ok(WindowParam::Last(micros)) => Some(micros as f64 / Micros::DAY as f64),
            _ => None,
        },
    };
    let days = days.filter(|days| *days > 0.0 && *days <= WINDOW_DAYS_MAX).ok_or_else(wrong)?;
    Ok(days * DAY_SECONDS)
}

/// A share of good events: `0.999`, or with a percent sign `99.9 %`.
///
/// # Errors
/// What is accepted.
pub fn target(text: &str) -> Result<f64, String> {
    let number = match text.trim().strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|number| number / 100.0),
        None => text.trim().parse::<f64>().ok(),
    };
    number
        .filter(|number| *number > 0.0 && *number < 1.0)
        .ok_or_else(|| format!("`{text}` is no share above 0 and below 1, such as 0.999 or 99.9%"))
}

/// Good of total as an indicator. What is counted by buckets of a histogram up to a bound, of its count,
/// is a latency.
pub fn ratio(
    good: Option<SeriesSelector>,
    bad: Option<SeriesSelector>,
    total: Option<SeriesSelector>,
) -> Indicator {
    if let (Some(good), None, Some(total)) = (&good, &bad, &total)
        && let Some(latency) = bucket_of_count(good, total)
    {
        return latency;
    }
    Indicator::Ratio { good, bad, total }
}

fn bucket_of_count(good: &SeriesSelector, total: &SeriesSelector) -> Option<Indicator> {
    let name = good.metric.strip_suffix("_bucket")?;
    let bound: f64 = good.labels.get("le")?.parse().ok()?;
    let mut labels = good.labels.clone();
    labels.remove("le");
    let mut all = total.labels.clone();
    let is_all = match total.metric.strip_prefix(name)? {
        "_count" => true,
        "_bucket" => all.remove("le").is_some_and(|bound| bound == "+Inf"),
        _ => false,
    };
    let seconds = bound / units_in_second(name)?;
    if !is_all || labels != all || seconds.is_nan() || seconds <= 0.0 || seconds.is_infinite() {
        return None;
    }
    let durations = SeriesSelector { metric: name.to_owned(), labels };
    Some(Indicator::Latency { bound_seconds: seconds, durations: Some(durations) })
}

/// Units of a duration in a second, by the name of the metric; `None` of what is no duration.
pub fn units_in_second(metric: &str) -> Option<f64> {
    let name = metric.to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if ends(&["_ms", "_millis", "_milliseconds", ".ms", "_msec"]) {
        return Some(1e3);
    }
    if ends(&["_us", "_microseconds"]) {
        return Some(1e6);
    }
    let is_duration = ["second", "duration", "latency", "response_time", "elapsed"];
    is_duration.iter().any(|word| name.contains(word)).then_some(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::selector::selector_of_query;

    #[test]
    fn windows_and_targets_are_read_in_every_spelling() {
        for (text, days) in
            [("30d", 30.0), ("4w", 28.0), ("P28D", 28.0), ("1M", 30.0), ("1Q", 90.0)]
        {
            assert_eq!(window_seconds(text), Ok(days * 86_400.0), "{text}");
        }
        for text in ["", "d", "0d", "500d", "2026-01-01/2026-02-01", "all"] {
            assert!(window_seconds(text).is_err(), "{text}");
        }
        assert_eq!(target("0.999"), Ok(0.999));
        assert!((target("99.9 %").unwrap() - 0.999).abs() < 1e-12);
        for text in ["1", "0", "99.9", "-0.5", "NaN", "x"] {
            assert!(target(text).is_err(), "{text}");
        }
    }

    #[test]
    fn buckets_of_a_count_are_a_latency() {
        let read = |query: &str| Some(selector_of_query(query).unwrap());
        let indicator = ratio(
            read(r#"sum(rate(http_ms_bucket{job="a",le="300"}[5m]))"#),
            None,
            read(r#"sum(rate(http_ms_count{job="a"}[5m]))"#),
        );
        let Indicator::Latency { bound_seconds, durations } = indicator else { panic!("a ratio") };
        assert!((bound_seconds - 0.3).abs() < 1e-12);
        assert_eq!(durations, read(r#"http_ms{job="a"}"#));
        let other = ratio(
            read(r#"sum(rate(http_ms_bucket{job="a",le="300"}[5m]))"#),
            None,
            read(r#"sum(rate(http_ms_count{job="b"}[5m]))"#),
        );
        assert!(matches!(other, Indicator::Ratio { .. }));
    }
}
