//! The rest of a sample's line: value, timestamp, exemplar.

use model::Micros;

use crate::instant::is_plausible;

/// A number below this is seconds, from here on milliseconds: as seconds it is the year 5138, as
/// milliseconds 1973.
const MILLISECONDS_FROM: f64 = 1e11;

/// Value and time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// As sent, also when it is no number.
    pub value: f64,
    /// When the line says so.
    pub at: Option<Micros>,
}

/// Reads what stands behind name and labels. `is_open_metrics` makes timestamps seconds.
///
/// # Errors
/// When value or timestamp are none.
pub fn parse(rest: &str, is_open_metrics: bool) -> Result<Sample, &'static str> {
    let mut words = rest.split_ascii_whitespace();
    let value = number(words.next().ok_or("the line has no value")?).ok_or("no number")?;
    let at = match words.next() {
        None => None,
        Some(word) if word.starts_with('#') => return Ok(Sample { value, at: None }),
        Some(word) => Some(instant(word, is_open_metrics)?),
    };
    match words.next() {
        None => Ok(Sample { value, at }),
        Some(word) if word.starts_with('#') => Ok(Sample { value, at }),
        Some(_) => Err("something follows the timestamp"),
    }
}

fn number(word: &str) -> Option<f64> {
    // Rust reads everything that Go's ParseFloat writes, and these.
    match word.parse::<f64>() {
        Ok(value) => Some(value),
        Err(_) => match word {
            "+Inf" | "Inf" => Some(f64::INFINITY),
            "-Inf" => Some(f64::NEG_INFINITY),
            "Nan" | "nan" => Some(f64::NAN),
            _ => None,
        },
    }
}

fn instant(word: &str, is_open_metrics: bool) -> Result<Micros, &'static str> {
    let wrong = "no timestamp";
    let number: f64 = word.parse().map_err(|_error| wrong)?;
    if !number.is_finite() {
        return Err(wrong);
    }
    let is_seconds =
        is_open_metrics || number.abs() < MILLISECONDS_FROM || word.contains(['.', 'e', 'E']);
    let micros = if let Ok(whole) = word.parse::<i64>() {
        whole.checked_mul(if is_seconds { 1_000_000 } else { 1_000 })
    } else {
        // Whole microseconds are exact in a double for every plausible year.
        let micros = (number * if is_seconds { 1e6 } else { 1e3 }).round();
        (micros.abs() < 9e18).then_some(micros as i64)
    };
    micros.map(Micros).filter(|at| is_plausible(*at)).ok_or("the timestamp is outside 1970 to 2199")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_and_milliseconds_are_told_apart() {
        let at = |rest: &str, is_open| parse(rest, is_open).unwrap().at.unwrap().0;
        assert_eq!(at("1 1661255968", true), 1_661_255_968_000_000);
        assert_eq!(at("1 1661255968.5", true), 1_661_255_968_500_000);
        assert_eq!(at("1 1661255968500", false), 1_661_255_968_500_000);
        assert_eq!(at("1 1661255968", false), 1_661_255_968_000_000);
        assert!(parse("1 1661255968500", true).is_err());
        assert!(parse("1 253402300800", true).is_err());
        assert!(parse("1 -62135596800", true).is_err());
    }

    #[test]
    fn exemplars_are_left_out() {
        let line = r#"17 1661255968 # {trace_id="KOO5S4vxi0o"} 0.67 1661255967"#;
        assert_eq!(parse(line, true).unwrap().value, 17.0);
        assert_eq!(parse(r#"17 # {a="b"} 0.6"#, true), Ok(Sample { value: 17.0, at: None }));
        for wrong in ["", "x", "1 x", "1 2 3", "1 NaN", "0x1p3"] {
            assert!(parse(wrong, true).is_err(), "{wrong}");
        }
        assert!(parse("+Inf", true).unwrap().value.is_infinite());
        assert!(parse("NaN", false).unwrap().value.is_nan());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*", is_open: bool) {
            let _ = parse(&text, is_open);
        }
    }
}
