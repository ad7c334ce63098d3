//! Instants as inputs write them, read quickly, and which of them are believed.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::Micros;

/// First instant that is believed: an earlier one is a zero or a default of the sender.
const FIRST: Micros = Micros(0);
/// First instant that is not believed any more, 2200-01-01T00:00:00Z.
const END: Micros = Micros(7_258_118_400_000_000);

/// Whether anything was measured, billed or seen then: 1970 to 2199. A sample of the year 9999 would
/// otherwise be the newest for ever, and everything else too old to be kept.
pub fn is_plausible(at: Micros) -> bool {
    (FIRST..END).contains(&at)
}

/// RFC 3339, or a date with or without a time (`2024-10-01 00:00:00`), which is UTC.
pub fn civil(text: &str) -> Option<Micros> {
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(Micros::of(at));
    }
    let date: DateTime = text.parse().ok()?;
    // A zone that could not be read as part of a timestamp must not be ignored.
    let tail = text.get(10..).unwrap_or_default();
    if tail.contains(['+', '-', '[', 'Z']) {
        return None;
    }
    TimeZone::UTC.to_timestamp(date).ok().map(Micros::of)
}

/// Nanoseconds since 1970, as OpenTelemetry sends them; zero means "not said".
pub fn of_nanos(nanos: u64) -> Option<Micros> {
    let micros = i64::try_from(nanos / 1_000).ok()?;
    (nanos != 0).then_some(Micros(micros)).filter(|at| is_plausible(*at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_one_instant() {
        let at = civil("2024-10-01T00:00:00Z");
        assert!(at.is_some());
        for text in [
            "2024-10-01 00:00:00",
            "2024-10-01T00:00:00.000Z",
            "2024-10-01 00:00:00.000 UTC",
            "2024-10-01 00:00:00Z",
            "2024-10-01T02:00:00+02:00",
            "2024-10-01",
            "2024-10-01T00:00:00",
        ] {
            assert_eq!(civil(text), at, "{text}");
        }
        for wrong in ["", "1.10.2024", "2024-13-01", "2024-10-01T00:00:00+", "yesterday"] {
            assert_eq!(civil(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn years_that_nothing_was_measured_in() {
        assert!(!is_plausible(civil("0001-01-01T00:00:00Z").unwrap()));
        assert!(!is_plausible(civil("9999-12-01T23:59:59Z").unwrap()));
        assert_eq!(of_nanos(0), None);
        assert_eq!(of_nanos(u64::MAX), None);
        assert_eq!(of_nanos(1_661_256_100_852_000_138), Some(Micros(1_661_256_100_852_000)));
    }
}
