//! Instants and windows. Everything is UTC, to the microsecond; a window is half-open.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Microseconds since 1970-01-01T00:00:00Z; on every wire an RFC 3339 string, in journals a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Micros(pub i64);

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Micros {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Self);
        }
        let text = String::deserialize(deserializer)?;
        instant(&text).map(Self::of).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Micros {
    fn schema_name() -> Cow<'static, str> {
        Timestamp::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Timestamp::json_schema(generator)
    }
}

impl Micros {
    /// Microseconds in a second.
    pub const SECOND: i64 = 1_000_000;
    /// Microseconds in a minute.
    pub const MINUTE: i64 = 60 * Self::SECOND;
    /// Microseconds in an hour.
    pub const HOUR: i64 = 60 * Self::MINUTE;
    /// Microseconds in a day.
    pub const DAY: i64 = 24 * Self::HOUR;

    /// From a timestamp, cut to the microsecond.
    pub fn of(at: Timestamp) -> Self {
        Self(at.as_microsecond())
    }

    /// As a timestamp; instants outside jiff's range (years -9999 to 9999) become its ends.
    pub fn timestamp(self) -> Timestamp {
        let end = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_microsecond(self.0).unwrap_or(end)
    }

    /// From whole seconds; `None` when out of range.
    pub fn from_second(second: i64) -> Option<Self> {
        second.checked_mul(Self::SECOND).map(Self)
    }

    /// The start of the step of `step` microseconds that holds this instant, held within the range of
    /// numbers.
    pub fn floor_to(self, step: i64) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(step.max(1))))
    }

    /// This instant and `micros` more, held within the range of numbers.
    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

/// A half-open range of time, `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// First instant.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

impl Window {
    /// The window in microseconds, `[from, to)`.
    pub fn micros(&self) -> (Micros, Micros) {
        (Micros::of(self.from), Micros::of(self.to))
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        (self.to.as_microsecond() - self.from.as_microsecond()) as f64 / 1e6
    }
}

/// A window as a caller writes it: `P7D`, `PT15M`, `24h`, `7d`, `2026-09-01/2026-10-01` or `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WindowParam {
    /// This many microseconds, ending at `as_of`.
    Last(i64),
    /// Stated ends.
    Range(Window),
    /// From the first to the last datum.
    All,
}

impl FromStr for WindowParam {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self::All);
        }
        if let Some((from, to)) = text.split_once('/') {
            let window = Window { from: instant(from)?, to: instant(to)? };
            if window.from >= window.to {
                return Err(format!("window {text} ends before it starts"));
            }
            return Ok(Self::Range(window));
        }
        let micros = duration(text)?;
        if micros <= 0 || micros > 10 * 366 * Micros::DAY {
            return Err(format!("window {text} is not between one second and ten years"));
        }
        Ok(Self::Last(micros))
    }
}

impl fmt::Display for WindowParam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Range(window) => write!(f, "{}/{}", window.from, window.to),
            Self::Last(micros) if micros % Micros::DAY == 0 => {
                write!(f, "P{}D", micros / Micros::DAY)
            }
            Self::Last(micros) if micros % Micros::HOUR == 0 => {
                write!(f, "PT{}H", micros / Micros::HOUR)
            }
            Self::Last(micros) => write!(f, "PT{}S", micros / Micros::SECOND),
        }
    }
}

/// An instant as a caller writes it: RFC 3339, or a date, which is its midnight in UTC.
///
/// # Errors
/// When it is neither; the message says what is accepted.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    text.parse::<jiff::civil::Date>()
        .ok()
        .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map(|zoned| zoned.timestamp())
        .ok_or_else(|| format!("`{text}` is not an instant such as 2026-09-01T00:00:00Z or a date"))
}

/// A duration in microseconds: ISO 8601 without months and years, or a number with `s m h d w`.
fn duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is not a window such as PT15M, 24h, P7D, FROM/TO or all");
    let simple = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if let Ok(number) = simple.parse::<i64>() {
        let unit = match &text[simple.len()..] {
            "s" => Micros::SECOND,
            "m" => Micros::MINUTE,
            "h" => Micros::HOUR,
            "d" => Micros::DAY,
            "w" => 7 * Micros::DAY,
            _ => return Err(wrong()),
        };
        return number.checked_mul(unit).ok_or_else(wrong);
    }
    let span: jiff::Span = text.parse().map_err(|_error: jiff::Error| wrong())?;
    let days = jiff::SpanRelativeTo::days_are_24_hours();
    let total = span.total((jiff::Unit::Second, days)).map_err(|_error| wrong())?;
    Ok((total * 1e6) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_in_every_form() {
        let last = |text: &str| match text.parse::<WindowParam>() {
            Ok(WindowParam::Last(micros)) => micros / Micros::SECOND,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(last("P7D"), 7 * 86_400);
        assert_eq!(last("PT15M"), 900);
        assert_eq!(last("24h"), 86_400);
        assert_eq!(last("90s"), 90);
        assert_eq!("all".parse(), Ok(WindowParam::All));
        assert!(matches!("2026-09-01/2026-10-01".parse(), Ok(WindowParam::Range(_))));
        for wrong in ["", "7", "P1M", "-3d", "0s", "2026-10-01/2026-09-01", "x/y", "99999999999d"] {
            assert!(wrong.parse::<WindowParam>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn instants_outside_the_calendar_do_not_panic() {
        assert!(Micros(i64::MAX).timestamp() > Timestamp::UNIX_EPOCH);
        assert_eq!(Micros(-1).floor_to(Micros::SECOND), Micros(-1_000_000));
    }
}
