//! Values as the tables hold them: exact amounts as NUMERIC, hashes in an order that BIGINT keeps, texts
//! without the one character that PostgreSQL cannot hold.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use model::Amount;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type Refusal = Box<dyn Error + Sync + Send>;

/// A hash with its first bit turned: BIGINT orders such numbers as the hashes are ordered.
pub fn ordered(hash: u64) -> i64 {
    (hash ^ (1 << 63)) as i64
}

/// A count as BIGINT; greater ones stay at its end.
pub fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// An exact amount, NUMERIC(38, 18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal(pub Amount);

/// Digits of the base in which NUMERIC travels.
const BASE: u128 = 10_000;
/// Decimal digits that one of them holds.
const BASE_DIGITS: i64 = 4;
/// Base digits behind the point: 18 decimals fill five, of which the last holds two.
const FRACTION: u32 = 5;
/// What 18 decimals lack to fill them.
const FILL: u128 = 100;
const NEGATIVE: u16 = 0x4000;
const POSITIVE: u16 = 0;

impl ToSql for Decimal {
    /// As `numeric_send` writes: number of base digits, weight of the first, sign, scale, digits.
    fn to_sql(&self, _type: &Type, out: &mut BytesMut) -> Result<IsNull, Refusal> {
        let mut rest = self.0.0.unsigned_abs();
        let mut digits: Vec<u16> = vec![(rest % FILL * FILL) as u16];
        rest /= FILL;
        while rest > 0 || digits.len() < FRACTION as usize {
            digits.push((rest % BASE) as u16);
            rest /= BASE;
        }
        let weight = digits.len() as i16 - FRACTION as i16 - 1;
        out.put_i16(digits.len() as i16);
        out.put_i16(weight);
        out.put_u16(if self.0.0 < 0 { NEGATIVE } else { POSITIVE });
        out.put_u16(Amount::SCALE as u16);
        for digit in digits.iter().rev() {
            out.put_u16(*digit);
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Decimal {
    fn from_sql(_type: &Type, raw: &'a [u8]) -> Result<Self, Refusal> {
        let words: Vec<u16> =
            raw.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        let [count, weight, sign, _scale, digits @ ..] = words.as_slice() else {
            return Err("a NUMERIC without its head".into());
        };
        if digits.len() != usize::from(*count) || (*sign != NEGATIVE && *sign != POSITIVE) {
            return Err("a NUMERIC that is no finite number".into());
        }
        let out_of_range = || Refusal::from("an amount out of the range of DECIMAL(38, 18)");
        let mut magnitude: u128 = 0;
        for (place, digit) in digits.iter().enumerate() {
            // Power of ten of this digit, in units of the last decimal that is kept.
            let power =
                (i64::from(*weight as i16) - place as i64) * BASE_DIGITS + i64::from(Amount::SCALE);
            let digit = u128::from(*digit);
            let value = if power >= 0 {
                10_u128
                    .checked_pow(u32::try_from(power).map_err(|_error| out_of_range())?)
                    .and_then(|factor| factor.checked_mul(digit))
                    .filter(|_| digit > 0)
                    .or((digit == 0).then_some(0))
                    .ok_or_else(out_of_range)?
            } else {
                let divisor =
                    10_u128.pow(power.unsigned_abs().min(u64::from(Amount::SCALE)) as u32);
                if digit % divisor != 0 {
                    return Err("an amount with more than 18 decimals".into());
                }
                digit / divisor
            };
            magnitude = magnitude.checked_add(value).ok_or_else(out_of_range)?;
        }
        let magnitude = i128::try_from(magnitude).map_err(|_error| out_of_range())?;
        if magnitude >= Amount::LIMIT {
            return Err(out_of_range());
        }
        Ok(Self(Amount(if *sign == NEGATIVE { -magnitude } else { magnitude })))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }
}

/// A text; PostgreSQL cannot hold U+0000, which becomes U+FFFD.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a>(pub &'a str);

impl ToSql for Text<'_> {
    fn to_sql(&self, _type: &Type, out: &mut BytesMut) -> Result<IsNull, Refusal> {
        if self.0.contains('\0') {
            out.put_slice(self.0.replace('\0', "\u{fffd}").as_bytes());
        } else {
            out.put_slice(self.0.as_bytes());
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TEXT || *ty == Type::VARCHAR
    }

    to_sql_checked!();
}

/// An optional text.
pub fn text_of(text: &Option<String>) -> Option<Text<'_>> {
    text.as_deref().map(Text)
}

/// Texts as one parameter.
pub fn texts(values: &[String]) -> Vec<Text<'_>> {
    values.iter().map(|value| Text(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(amount: i128) -> Vec<u8> {
        let mut out = BytesMut::new();
        Decimal(Amount(amount)).to_sql(&Type::NUMERIC, &mut out).expect("an amount is written");
        out.to_vec()
    }

    #[test]
    fn bytes_are_those_of_the_protocol() {
        // 12.34 with five digits behind the point, as numeric_recv takes it.
        let expected = [0, 6, 0, 0, 0, 0, 0, 18, 0, 12, 0x0d, 0x48, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(written(12_340_000_000_000_000_000), expected);
        // SELECT numeric_send(-12.34): only digits that are not zero.
        let shorter = [0, 2, 0, 0, 0x40, 0, 0, 2, 0, 12, 0x0d, 0x48];
        let read = Decimal::from_sql(&Type::NUMERIC, &shorter).expect("it is a number");
        assert_eq!(read.0.0, -12_340_000_000_000_000_000);
        // SELECT numeric_send('NaN').
        assert!(Decimal::from_sql(&Type::NUMERIC, &[0, 0, 0, 0, 0xc0, 0, 0, 0]).is_err());
    }

    #[test]
    fn an_amount_too_large_is_refused() {
        // 10^20 is one digit of weight 5.
        let large = [0, 1, 0, 5, 0, 0, 0, 0, 0, 1];
        assert!(Decimal::from_sql(&Type::NUMERIC, &large).is_err());
    }

    proptest! {
        #[test]
        fn amounts_come_back(amount in -Amount::LIMIT + 1..Amount::LIMIT) {
            let read = Decimal::from_sql(&Type::NUMERIC, &written(amount));
            prop_assert_eq!(read.map_err(|error| error.to_string()), Ok(Decimal(Amount(amount))));
        }

        #[test]
        fn hashes_keep_their_order(one: u64, other: u64) {
            prop_assert_eq!(one.cmp(&other), ordered(one).cmp(&ordered(other)));
        }
    }
}
