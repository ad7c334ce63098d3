//! Amounts of many rows in little memory: most bills have few digits, so that one power of ten goes out of all.

use arrow::array::{Array, Decimal128Array, Int64Array};

/// Powers of ten that may go out of all values.
const POWER_MAX: u32 = 18;

/// Sums, and of how many charges each is.
#[derive(Debug, Default)]
pub struct Column {
    values: Values,
    counts: Counts,
}

#[derive(Debug, Default)]
enum Values {
    /// No row has any.
    #[default]
    None,
    /// Each times the factor.
    Packed {
        factor: i128,
        values: Vec<i64>,
    },
    Wide(Vec<i128>),
}

#[derive(Debug, Default)]
enum Counts {
    /// Of no charge.
    #[default]
    None,
    /// Of every charge of its row.
    All,
    Each(Vec<u32>),
}

/// A column as it is read, batch by batch. Nothing is kept before the first value.
#[derive(Debug, Default)]
pub struct Reading {
    rows: usize,
    values: Vec<i128>,
    counts: Vec<u32>,
}

impl Reading {
    /// Takes one batch in.
    pub fn take(&mut self, values: &Decimal128Array, counts: &Int64Array) {
        let before = self.rows;
        self.rows += values.len();
        if self.counts.is_empty() {
            if counts.values().iter().all(|count| *count == 0) {
                return;
            }
            self.values.resize(before, 0);
            self.counts.resize(before, 0);
        }
        let value = |at: usize| if values.is_valid(at) { values.value(at) } else { 0 };
        self.values.extend((0..values.len()).map(value));
        self.counts.extend(counts.values().iter().map(|count| *count as u32));
    }

    /// In as little memory as its values allow.
    pub fn packed(self, rows: &[u32]) -> Column {
        if self.counts.is_empty() {
            return Column::default();
        }
        let counts = match self.counts == rows {
            true => Counts::All,
            false => Counts::Each(self.counts),
        };
        let factor = factor_of(&self.values);
        let small = self.values.iter().map(|value| i64::try_from(value / factor));
        let values = match small.collect::<Result<Vec<i64>, _>>() {
            Ok(values) => Values::Packed { factor, values },
            Err(_too_large) => Values::Wide(self.values),
        };
        Column { values, counts }
    }
}

/// The largest power of ten that divides all values.
fn factor_of(values: &[i128]) -> i128 {
    let mut power = POWER_MAX;
    for value in values {
        while power > 0 && value % 10_i128.pow(power) != 0 {
            power -= 1;
        }
        if power == 0 {
            break;
        }
    }
    10_i128.pow(power)
}

impl Column {
    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::None => 0,
            Values::Packed { values, .. } => values.len() * 8,
            Values::Wide(values) => values.len() * 16,
        };
        let counts = match &self.counts {
            Counts::Each(counts) => counts.len() * 4,
            _ => 0,
        };
        values + counts
    }

    /// Adds the rows from `start` on to the sums that `slots` names, one a row; `rows` are the charges of each.
    pub fn add(&self, start: usize, slots: &[u32], rows: &[u32], sums: &mut [(i128, u64)]) {
        match &self.values {
            Values::None => return,
            Values::Packed { factor, values } => {
                let mut small = vec![0_i128; sums.len()];
                each(start, slots, |at, slot| small[slot] += i128::from(values[at]));
                sums.iter_mut().zip(small).for_each(|(sum, small)| sum.0 += small * factor);
            }
            Values::Wide(values) => each(start, slots, |at, slot| sums[slot].0 += values[at]),
        }
        let counts = match &self.counts {
            Counts::None => return,
            Counts::All => rows,
            Counts::Each(counts) => counts,
        };
        each(start, slots, |at, slot| sums[slot].1 += u64::from(counts[at]));
    }
}

/// The slot of a row that is left out.
pub const LEFT_OUT: u32 = u32::MAX;

/// Calls for each row that has a slot.
pub fn each(start: usize, slots: &[u32], mut call: impl FnMut(usize, usize)) {
    for (at, slot) in (start..).zip(slots) {
        if *slot != LEFT_OUT {
            call(at, *slot as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[Option<i128>]) -> Column {
        let counts =
            Int64Array::from_iter_values(values.iter().map(|one| i64::from(one.is_some())));
        let mut reading = Reading::default();
        reading.take(&values.iter().copied().collect::<Decimal128Array>(), &counts);
        reading.packed(&vec![1; values.len()])
    }

    #[test]
    fn values_come_back_whatever_they_are_packed_into() {
        let cents = [Some(1_230_000_000_000_000_000), Some(-40_000_000_000_000_000), None];
        let odd = [Some(i128::MAX / 4), Some(1), None];
        for (values, bytes) in [(cents, 3 * 12), (odd, 3 * 20), ([None; 3], 0)] {
            let column = column(&values);
            assert_eq!(column.bytes(), bytes, "{values:?}");
            let mut sums = vec![(0, 0); 2];
            column.add(0, &[1, LEFT_OUT, 1], &[1; 3], &mut sums);
            column.add(1, &[0], &[1; 3], &mut sums);
            let of = |at: usize| values[at].unwrap_or_default();
            let counted = u64::from(values[0].is_some());
            assert_eq!(sums, [(of(1), counted), (of(0), counted)], "{values:?}");
        }
    }
}
