//! What all bills share: cells that are missing, exact amounts, instants, tags, resources, and the
//! table that a CSV or Parquet file is read as.

mod csv_table;
mod parquet_table;

use std::collections::BTreeMap;

use model::batch::Batch;
use model::charge::{BillFormat, ChargeObservation, DeliveryObservation};
use model::entity::Labels;
use model::{Amount, Micros, Reference, Reject};

use crate::input::{Input, Out};
use crate::instant;
use crate::key;

pub use csv_table::{delimiter, header, positions, read_csv};
pub use parquet_table::{column_names, read_parquet};

/// Longest tag name or value that is kept, in bytes.
const TAG_BYTES: usize = 4096;
/// Most tags of one row that are kept.
const TAGS_MAX: usize = 256;

/// A row as a format sees it: the cells of the columns it asked for, in the order it asked.
pub trait Cells {
    /// The cell of the wanted column, `None` when it or its column is missing.
    fn cell(&self, wanted: usize) -> Option<&str>;
}

/// What a row becomes, or why not: column and reason.
pub type RowResult = Result<ChargeObservation, CellError>;

/// A cell that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// Name of the column.
    pub column: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl CellError {
    /// A cell of this column.
    pub fn new(column: &'static str, reason: impl Into<String>) -> Self {
        Self { column, reason: reason.into() }
    }
}

/// A column's name without the differences between exports: `lineItem/UsageAmount`,
/// `line_item_usage_amount` and `LineItemUsageAmount` are one.
pub fn normalised(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A cell that says something: not blank, not the text `NULL`.
pub fn present(cell: &str) -> Option<&str> {
    let cell = cell.trim();
    let is_missing = cell.is_empty() || cell.eq_ignore_ascii_case("null") || cell == "\\N";
    (!is_missing).then_some(cell)
}

/// An exact amount, and whether digits beyond the 18th decimal were rounded (half to even).
///
/// # Errors
/// When it is no decimal number, or has more than 20 digits before the point.
pub fn amount(cell: &str) -> Result<(Amount, bool), String> {
    let bare = cell.trim();
    let bare = bare.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(bare);
    match bare.parse::<Amount>() {
        Ok(amount) => Ok((amount, false)),
        Err(reason) if reason.contains("more than 18 decimals") => rounded(bare)
            .map(|amount| (amount, true))
            .ok_or_else(|| format!("`{}` is not a decimal number", shown(cell))),
        Err(reason) => Err(reason),
    }
}

/// A decimal number with more than 18 decimals, rounded half to even at the 18th.
fn rounded(text: &str) -> Option<Amount> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let is_negative = mantissa.starts_with('-');
    let digits = mantissa.trim_start_matches(['-', '+']);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|digit| digit - b'0').collect();
    // How many leading digits stand before the 18th decimal's end.
    let kept = (whole.len() as i64).checked_add(exponent)?.checked_add(18)?;
    let kept = usize::try_from(kept).ok().map_or(0, |kept| kept.min(all.len()));
    let is_far = (whole.len() as i64).saturating_add(exponent).saturating_add(18) < 0;
    let mut value: i128 = 0;
    for digit in &all[..kept] {
        value = value.checked_mul(10)?.checked_add(i128::from(*digit))?;
    }
    let rest = if is_far { &[][..] } else { &all[kept..] };
    let is_up = match rest.split_first() {
        Some((first, rest)) if *first == 5 => rest.iter().any(|d| *d != 0) || value % 2 == 1,
        Some((first, _)) => *first > 5,
        None => false,
    };
    value = value.checked_add(i128::from(is_up))?;
    (value < Amount::LIMIT).then_some(Amount(if is_negative { -value } else { value }))
}

/// An instant of a bill: ISO 8601, or with a blank, without a zone in UTC.
///
/// # Errors
/// When it is no instant or outside the years that are stored.
pub fn instant_of(cell: &str) -> Result<Micros, String> {
    let at = instant::civil(cell)
        .ok_or_else(|| format!("`{}` is no instant such as 2026-09-01T00:00:00Z", shown(cell)))?;
    if instant::is_plausible(at) {
        Ok(at)
    } else {
        Err(format!("{at} is outside 1970 to 2199; correct the export"))
    }
}

/// Tags as JSON (`{"team": "shop"}`), also as a list of keys and values.
///
/// # Errors
/// When the cell is neither.
pub fn tags(cell: &str) -> Result<Labels, String> {
    let value: serde_json::Value = serde_json::from_str(cell)
        .map_err(|error| format!("tags are not a JSON object: {error}"))?;
    let mut labels = Labels::new();
    let mut add = |name: &str, value: &serde_json::Value| {
        let text = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => String::new(),
            other => other.to_string(),
        };
        if labels.len() < TAGS_MAX && name.len() <= TAG_BYTES && text.len() <= TAG_BYTES {
            labels.insert(name.to_owned(), text);
        }
    };
    match &value {
        serde_json::Value::Object(map) => map.iter().for_each(|(name, value)| add(name, value)),
        serde_json::Value::Array(list) => {
            for entry in list {
                let part = |names: [&str; 2]| names.iter().find_map(|name| entry.get(*name));
                match (part(["key", "Key"]).and_then(|key| key.as_str()), part(["value", "Value"]))
                {
                    (Some(name), Some(value)) => add(name, value),
                    _ => return Err("tags are a list, but not of keys and values".to_owned()),
                }
            }
        }
        serde_json::Value::Null => {}
        _ => return Err("tags are not a JSON object".to_owned()),
    }
    Ok(labels)
}

/// An ISO 4217 code; virtual currencies (credits, tokens) have longer names.
///
/// # Errors
/// When it is no name of a currency.
pub fn currency(cell: &str) -> Result<String, String> {
    let is_name = cell.len() <= 40 && cell.chars().any(char::is_alphabetic);
    if is_name {
        Ok(if cell.len() == 3 { cell.to_ascii_uppercase() } else { cell.to_owned() })
    } else {
        Err(format!("`{}` is no currency such as USD", shown(cell)))
    }
}

/// Refuses periods that end before they start; `ends` are the columns to name.
///
/// # Errors
/// When one does.
pub fn periods(charge: &ChargeObservation, ends: [&'static str; 2]) -> Result<(), CellError> {
    let reason = "ends before it starts; correct the export";
    if charge.billing_period_end < charge.billing_period_start {
        return Err(CellError::new(ends[0], reason));
    }
    if charge.charge_period_end < charge.charge_period_start {
        return Err(CellError::new(ends[1], reason));
    }
    Ok(())
}

/// What a billed resource id leads to: an ARN is an id, anything else an alias (`i-…`, `vol-…`).
pub fn resource(id: &str) -> Reference {
    if id.starts_with("arn:") {
        Reference::key("billed ARN", key::arn(id))
    } else {
        Reference::key("billed resource id", key::bare_id(id))
    }
}

/// A piece of a cell that is short enough to be quoted.
pub fn shown(cell: &str) -> &str {
    &cell[..cell.floor_char_boundary(60)]
}

/// Puts charges out and keeps what is said once about all of them.
pub struct Book {
    delivery: DeliveryObservation,
    rounded: BTreeMap<&'static str, u64>,
}

impl Book {
    /// For the charges of one input.
    pub fn new(format: BillFormat, input: &Input<'_>) -> Self {
        let name = input.context.delivery.clone();
        Self {
            delivery: DeliveryObservation { format, name, exported_at: None },
            rounded: BTreeMap::new(),
        }
    }

    /// Notes that a cell of this column lost digits.
    pub fn note_rounding(&mut self, column: &'static str) {
        *self.rounded.entry(column).or_default() += 1;
    }

    /// Puts a row out; returns whether to go on.
    pub fn put(&self, row: u64, result: RowResult, out: &mut Out<'_>) -> bool {
        match result {
            Ok(charge) => {
                let batch: &mut Batch = out.batch();
                if batch.delivery.is_none() {
                    batch.delivery = Some(self.delivery.clone());
                }
                batch.charges.push(charge);
            }
            Err(CellError { column, reason }) => {
                out.reject(format!("row {row}, column {column}"), reason);
            }
        }
        out.added(1)
    }

    /// Says what was rounded.
    pub fn close(self, out: &mut Out<'_>) {
        for (column, count) in self.rounded {
            let mut reject = Reject::new(
                out.batch().input.name.clone(),
                format!("column {column}"),
                "more than 18 decimals; rounded half to even at the 18th, the rows went in",
            );
            reject.count = count;
            out.batch().rejects.push(reject);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_says_nothing_is_missing() {
        for cell in ["", "  ", "NULL", "null", "\\N"] {
            assert_eq!(present(cell), None, "{cell}");
        }
        assert_eq!(present(" 0 "), Some("0"));
    }

    #[test]
    fn the_nineteenth_decimal_rounds_half_to_even() {
        let of = |text: &str| amount(text).map(|(amount, is_rounded)| (amount.0, is_rounded));
        assert_eq!(of("0.0000000000000000005"), Ok((0, true)));
        assert_eq!(of("0.0000000000000000015"), Ok((2, true)));
        assert_eq!(of("0.0000000000000000025"), Ok((2, true)));
        assert_eq!(of("-0.00000000000000000251"), Ok((-3, true)));
        assert_eq!(of("1.81E-8"), Ok((18_100_000_000, false)));
        assert_eq!(of("1.5e-18"), Ok((2, true)));
        assert_eq!(of("9e-400"), Ok((0, true)));
        assert_eq!(of("\"0.5\""), Ok((Amount::ONE / 2, false)));
        for wrong in ["1,5", "NaN", "abc", "1e99", "--1", "€3"] {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tags_come_as_an_object_or_as_a_list() {
        let object = tags(r#"{"team": "shop", "n": 3, "none": null}"#).unwrap();
        assert_eq!(object["team"], "shop");
        assert_eq!(object["n"], "3");
        assert_eq!(tags(r#"[{"key": "team", "value": "shop"}]"#).unwrap()["team"], "shop");
        assert!(tags("team=shop").is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = amount(&text);
            let _ = instant_of(&text);
            let _ = tags(&text);
        }

        #[test]
        fn rounding_is_within_half_a_unit(units in -1_000_000_i128..1_000_000, extra in 1_u32..6, digits in 0_u32..99_999) {
            let digits = digits % 10_u32.pow(extra.min(5));
            let text = format!("{}{:0width$}e-{}", units, digits, 18 + extra.min(5), width = extra.min(5) as usize);
            let (amount, _) = amount(&text).unwrap();
            let scale = 10_f64.powi(extra.min(5) as i32);
            let exact = (units.unsigned_abs() as f64 + f64::from(digits) / scale)
                * if text.starts_with('-') { -1.0 } else { 1.0 };
            prop_assert!((amount.0 as f64 - exact).abs() <= 0.5, "{text} {amount:?} {exact}");
        }
    }
}
