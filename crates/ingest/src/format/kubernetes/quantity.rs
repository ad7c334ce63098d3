//! Kubernetes quantities: `100m`, `64Mi`, `1e3`.

use super::object::IntOrText;

/// A quantity as a number in its base unit (cores, bytes).
pub fn quantity(value: &IntOrText) -> Option<f64> {
    let text = match value {
        IntOrText::Int(number) => return Some(*number as f64),
        IntOrText::Text(text) => text.trim(),
    };
    let (number, factor) = SUFFIXES
        .iter()
        .find_map(|(suffix, factor)| text.strip_suffix(suffix).map(|number| (number, *factor)))
        .unwrap_or((text, 1.0));
    let number: f64 = number.parse().ok()?;
    Some(number * factor).filter(|value| value.is_finite() && *value >= 0.0)
}

/// Longer suffixes first, so that `Mi` is not read as `i`.
const SUFFIXES: &[(&str, f64)] = &[
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("Ei", 1_152_921_504_606_846_976.0),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_the_api_defines_them() {
        let read = |text: &str| quantity(&IntOrText::Text(text.to_owned()));
        assert_eq!(read("100m"), Some(0.1));
        assert_eq!(read("64Mi"), Some(67_108_864.0));
        assert_eq!(read("1e3"), Some(1000.0));
        assert_eq!(read("2"), Some(2.0));
        assert_eq!(read("0.5"), Some(0.5));
        assert_eq!(read("3E"), Some(3e18));
        for wrong in ["", "Mi", "x", "-1", "NaN", "inf", "1Zi"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
