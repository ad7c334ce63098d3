//! Cells of a table of series: instants and numbers.

use model::Micros;

use crate::instant::{civil, is_plausible};

/// What a number in the time column counts, from 1970 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// The column's name does not say; the size of the number does.
    Unsaid,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
}

/// Least digits before the point from which a number without a stated scale counts seconds,
/// milliseconds, microseconds and nanoseconds: each then means 1973 or later.
const SECONDS_FROM: f64 = 1e8;
const MILLIS_FROM: f64 = 1e11;
const MICROS_FROM: f64 = 1e14;
const NANOS_FROM: f64 = 1e17;

/// Texts that stand for "no value".
const MISSING: &[&str] = &["", "nan", "null", "none", "na", "n/a", "-", "nil"];

/// ISO 8601, the same with slashes (year first), or a number since 1970; within 1970 to 2199.
pub fn instant(text: &str, scale: Scale) -> Option<Micros> {
    let text = text.trim();
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    let at = match number {
        Some(number) => epoch(text, number, scale)?,
        None => {
            let is_slashed = text.get(4..5) == Some("/") && text.get(7..8) == Some("/");
            match is_slashed {
                true => civil(&text.replacen('/', "-", 2))?,
                false => civil(text)?,
            }
        }
    };
    is_plausible(at).then_some(at)
}

fn epoch(text: &str, number: f64, scale: Scale) -> Option<Micros> {
    let scale = match scale {
        Scale::Unsaid if number < SECONDS_FROM => return None,
        Scale::Unsaid if number < MILLIS_FROM => Scale::Seconds,
        Scale::Unsaid if number < MICROS_FROM => Scale::Millis,
        Scale::Unsaid if number < NANOS_FROM => Scale::Micros,
        Scale::Unsaid => Scale::Nanos,
        stated => stated,
    };
    let (times, over): (i64, i64) = match scale {
        Scale::Unsaid | Scale::Seconds => (1_000_000, 1),
        Scale::Millis => (1_000, 1),
        Scale::Micros => (1, 1),
        Scale::Nanos => (1, 1_000),
    };
    // Whole numbers stay exact; a double holds no nanoseconds since 1970.
    if let Ok(whole) = text.parse::<i64>() {
        return whole.checked_mul(times).map(|micros| Micros(micros / over));
    }
    let micros = number * times as f64 / over as f64;
    (micros < 1e18).then(|| Micros(micros.round() as i64))
}

/// A number; `None` for a missing one.
///
/// # Errors
/// Why the cell is no number, and what would mend it.
pub fn number(text: &str) -> Result<Option<f64>, String> {
    let text = text.trim();
    if MISSING.iter().any(|missing| text.eq_ignore_ascii_case(missing)) {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        Ok(_) => {
            Err(format!("`{text}` is infinite; leave the cell empty when nothing was measured"))
        }
        Err(_) => {
            let shown: String = text.chars().take(60).collect();
            let remedy = if text.contains(',') {
                "write the decimal point as a point, and no separators of thousands"
            } else if text.ends_with(|last: char| last == '%' || last.is_alphabetic()) {
                "write a bare number; its unit goes into the column's name (cpu_percent)"
            } else {
                "write a bare number, or leave the cell empty"
            };
            Err(format!("`{shown}` is no number; {remedy}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_one_instant() {
        let at = instant("2023-04-18T22:02:00Z", Scale::Unsaid);
        assert!(at.is_some());
        for text in [
            "1681855320",
            "1681855320.0",
            "1681855320000",
            "1681855320000000",
            "1681855320000000000",
            "2023-04-18 22:02:00",
            "2023/04/18 22:02:00",
            "2023-04-19T00:02:00+02:00",
        ] {
            assert_eq!(instant(text, Scale::Unsaid), at, "{text}");
        }
        assert_eq!(instant("1681855320000", Scale::Millis), at);
        // A count of milliseconds that is small means 1970, because the column says what it counts.
        assert_eq!(instant("5000", Scale::Millis), Some(Micros(5_000_000)));
        for wrong in ["", "5000", "18/04/2023 22:02", "-1681855320", "NaN", "1e30", "22:02"] {
            assert_eq!(instant(wrong, Scale::Unsaid), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_and_what_is_none() {
        assert_eq!(number(" 1.5e3 "), Ok(Some(1500.0)));
        for missing in ["", "NaN", "null", "None", "N/A"] {
            assert_eq!(number(missing), Ok(None), "{missing}");
        }
        for (wrong, remedy) in
            [("35%", "unit"), ("1,5", "point"), ("12 ms", "unit"), ("inf", "inf")]
        {
            assert!(number(wrong).unwrap_err().contains(remedy), "{wrong}");
        }
    }
}
