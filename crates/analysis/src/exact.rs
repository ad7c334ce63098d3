//! Exact arithmetic on amounts: products over quotients without losing digits, and splits whose parts
//! add up to the whole to the last digit.

use model::error::StoreError;
use model::money::Amount;

use crate::ask::AskError;

/// The exact sum of two amounts.
///
/// # Errors
/// When it leaves the range of amounts.
pub fn plus(a: Amount, b: Amount) -> Result<Amount, AskError> {
    a.checked_add(b).ok_or_else(out_of_range)
}

/// The exact difference of two amounts.
///
/// # Errors
/// When it leaves the range of amounts.
pub fn minus(a: Amount, b: Amount) -> Result<Amount, AskError> {
    a.checked_sub(b).ok_or_else(out_of_range)
}

/// The sum of some amounts.
///
/// # Errors
/// When it leaves the range of amounts.
pub fn total(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, AskError> {
    amounts.into_iter().try_fold(Amount::ZERO, plus)
}

fn out_of_range() -> AskError {
    AskError::Store(StoreError::Exhausted {
        store: "telemetry".into(),
        resource: "range of exact amounts".into(),
        limit: "20 digits before the point".into(),
    })
}

/// `amount` · `by` ÷ `over`, rounded half to even at the 18th decimal; `None` when `over` is 0 or the
/// result leaves the range of amounts.
pub fn scaled(amount: Amount, by: Amount, over: Amount) -> Option<Amount> {
    if over.0 == 0 {
        return None;
    }
    let is_negative = (amount.0 < 0) ^ (by.0 < 0) ^ (over.0 < 0);
    let product = wide_product(amount.0.unsigned_abs(), by.0.unsigned_abs());
    let divisor = over.0.unsigned_abs();
    let (mut quotient, rest) = wide_quotient(product, divisor)?;
    // Half of the divisor without overflow.
    let is_up = match rest.cmp(&(divisor - rest)) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient % 2 == 1,
        std::cmp::Ordering::Less => false,
    };
    quotient = quotient.checked_add(u128::from(is_up))?;
    let magnitude = i128::try_from(quotient).ok().filter(|one| *one < Amount::LIMIT)?;
    Some(Amount(if is_negative { -magnitude } else { magnitude }))
}

/// The product as (high, low) halves of 256 bits.
fn wide_product(a: u128, b: u128) -> (u128, u128) {
    const HALF: u128 = u64::MAX as u128;
    let (a_high, a_low) = (a >> 64, a & HALF);
    let (b_high, b_low) = (b >> 64, b & HALF);
    let low = a_low * b_low;
    let middle = a_high * b_low + (low >> 64);
    let other = a_low * b_high + (middle & HALF);
    (a_high * b_high + (middle >> 64) + (other >> 64), (other << 64) | (low & HALF))
}

/// Quotient and rest, bit by bit; `None` when the quotient has more than 128 bits.
fn wide_quotient((high, low): (u128, u128), divisor: u128) -> Option<(u128, u128)> {
    if high >= divisor {
        return None;
    }
    let (mut rest, mut quotient) = (high, 0_u128);
    for place in (0..128).rev() {
        // Amounts have at most 127 bits, so a rest below the divisor can be doubled.
        rest = (rest << 1) | ((low >> place) & 1);
        quotient <<= 1;
        if rest >= divisor {
            rest -= divisor;
            quotient |= 1;
        }
    }
    Some((quotient, rest))
}

/// Splits an amount by weights. The parts add up to it to the last digit: each is rounded towards 0,
/// and what is left over goes, one unit of the 18th decimal each, to the largest remainders, ties to
/// the earlier (the largest-remainder method of Hamilton). `None` when a weight is negative or all
/// are 0.
pub fn split(amount: Amount, weights: &[Amount]) -> Option<Vec<Amount>> {
    if weights.iter().any(|weight| weight.0 < 0) {
        return None;
    }
    let whole = weights.iter().try_fold(Amount::ZERO, |sum, weight| sum.checked_add(*weight))?;
    if whole.0 == 0 {
        return None;
    }
    let magnitude = amount.0.unsigned_abs();
    let mut parts: Vec<(u128, u128, usize)> = Vec::with_capacity(weights.len());
    for (place, weight) in weights.iter().enumerate() {
        let product = wide_product(magnitude, weight.0.unsigned_abs());
        let (part, rest) = wide_quotient(product, whole.0.unsigned_abs())?;
        parts.push((part, rest, place));
    }
    let given = parts.iter().fold(0_u128, |sum, part| sum + part.0);
    let mut left = magnitude - given;
    parts.sort_by(|a, b| (b.1, a.2).cmp(&(a.1, b.2)));
    for part in &mut parts {
        if left == 0 {
            break;
        }
        part.0 += 1;
        left -= 1;
    }
    parts.sort_by_key(|part| part.2);
    let sign = amount.0.signum();
    parts
        .into_iter()
        .map(|part| i128::try_from(part.0).ok().map(|one| Amount(one * sign)))
        .collect()
}

/// Half of an amount, rounded towards 0; the other half is the difference.
pub fn half(amount: Amount) -> Amount {
    Amount(amount.0 / 2)
}

/// A floating-point figure as an amount, rounded to six decimals: for estimates only.
pub fn estimated(value: f64) -> Option<Amount> {
    let millionths = (value * 1e6).round();
    let is_in = millionths.is_finite() && millionths.abs() < 1e25;
    is_in.then(|| Amount(millionths as i128 * (Amount::ONE / 1_000_000)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn products_over_quotients_are_exact() {
        assert_eq!(
            scaled(amount("10"), amount("1"), amount("3")),
            Some(amount("3.333333333333333333"))
        );
        assert_eq!(scaled(amount("-10"), amount("2"), amount("4")), Some(amount("-5")));
        // A product that needs more than 128 bits.
        let large = amount("90000000000000000000");
        assert_eq!(scaled(large, large, large), Some(large));
        assert_eq!(scaled(large, large, amount("1")), None);
        assert_eq!(scaled(large, large, Amount::ZERO), None);
        // Half to even at the last place.
        assert_eq!(scaled(Amount(1), Amount(1), Amount(2)), Some(Amount(0)));
        assert_eq!(scaled(Amount(3), Amount(1), Amount(2)), Some(Amount(2)));
    }

    #[test]
    fn a_split_leaves_nothing_over() {
        let thirds = split(amount("1"), &[Amount(1), Amount(1), Amount(1)]).unwrap();
        assert_eq!(thirds.iter().map(|one| one.0).sum::<i128>(), Amount::ONE);
        assert_eq!(thirds[0].0 - thirds[2].0, 1, "the first takes what is left over");
        assert_eq!(split(amount("1"), &[Amount(0)]), None);
        assert_eq!(split(amount("1"), &[Amount(-1), Amount(3)]), None);
        let signed = split(amount("-0.1"), &[amount("0.7"), amount("0.3")]).unwrap();
        assert_eq!(signed, [amount("-0.07"), amount("-0.03")]);
    }

    proptest! {
        #[test]
        fn small_products_agree_with_plain_arithmetic(
            a in -1_000_000_000_000_i128..1_000_000_000_000,
            b in -1_000_000_000_000_i128..1_000_000_000_000,
            over in 1_i128..1_000_000_000,
        ) {
            let exact = a * b;
            let floor = exact.div_euclid(over);
            let rest = exact.rem_euclid(over);
            let expected = match (rest * 2).cmp(&over) {
                std::cmp::Ordering::Greater => floor + 1,
                std::cmp::Ordering::Less => floor,
                std::cmp::Ordering::Equal => floor + floor.rem_euclid(2),
            };
            prop_assert_eq!(scaled(Amount(a), Amount(b), Amount(over)), Some(Amount(expected)));
        }

        #[test]
        fn parts_add_up_and_keep_their_proportion(
            units in -10_i128.pow(37)..10_i128.pow(37),
            weights in proptest::collection::vec(0_i128..10_i128.pow(24), 1..12),
        ) {
            let weights: Vec<Amount> = weights.into_iter().map(Amount).collect();
            let Some(parts) = split(Amount(units), &weights) else {
                prop_assert!(weights.iter().all(|one| one.0 == 0));
                return Ok(());
            };
            prop_assert_eq!(parts.iter().map(|one| one.0).sum::<i128>(), units);
            let whole = Amount(weights.iter().map(|one| one.0).sum());
            for (part, weight) in parts.iter().zip(&weights) {
                let near = scaled(Amount(units), *weight, whole).unwrap();
                prop_assert!((part.0 - near.0).abs() <= 1, "{part} {near}");
            }
        }
    }
}
