//! Exact sums of the four bases, with the rows that lack a value.

use model::absence::Absence;
use model::fact::CostRow;
use model::measure::Money;
use model::money::{Amount, Basis, Origin};

use super::shape::Costs;
use crate::ask::AskError;
pub(super) use crate::exact::{minus, plus};

/// A running sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum {
    /// Rows.
    pub rows: u64,
    /// Sums in the order of `Basis::ALL`, each with the rows that have the value.
    pub bases: [(Amount, u64); 4],
}

impl Sum {
    /// The sum of some rows.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a CostRow>) -> Result<Self, AskError> {
        let mut sum = Self::default();
        for row in rows {
            sum.add(&Self { rows: row.rows, bases: row.sums })?;
        }
        Ok(sum)
    }

    /// Takes another in.
    pub fn add(&mut self, other: &Self) -> Result<(), AskError> {
        self.rows = self.rows.saturating_add(other.rows);
        for (mine, (amount, rows)) in self.bases.iter_mut().zip(other.bases) {
            *mine = (plus(mine.0, amount)?, mine.1.saturating_add(rows));
        }
        Ok(())
    }

    /// The sum on one basis; `None` when no row has the value.
    pub fn amount(&self, basis: Basis) -> Option<Amount> {
        let (amount, rows) = self.bases[place(basis)];
        (rows > 0).then_some(amount)
    }

    /// Rows that have the value of one basis.
    pub fn rows_with(&self, basis: Basis) -> u64 {
        self.bases[place(basis)].1
    }

    /// As it stands in the answer.
    pub fn costs(&self, currency: &str) -> Costs {
        // Rows that all lack a basis are of a bill without it; no row at all has no sum.
        let why = if self.rows > 0 { Absence::NotCollected } else { Absence::NoData };
        let money = |basis: Basis| {
            let amount = self.amount(basis);
            Money {
                amount,
                currency: currency.to_owned(),
                basis,
                origin: Origin::Charged,
                rows: self.rows_with(basis),
                rows_without: self.rows.saturating_sub(self.rows_with(basis)),
                reason: amount.is_none().then_some(why),
            }
        };
        Costs {
            billed: money(Basis::Billed),
            effective: money(Basis::Effective),
            list: money(Basis::List),
            contracted: money(Basis::Contracted),
        }
    }

    /// Share of `total` on one basis; `None` where the total is not positive.
    pub fn share(&self, total: &Self, basis: Basis) -> Option<f64> {
        let total = total.amount(basis).filter(|total| total.0 > 0)?;
        Some(self.amount(basis).unwrap_or_default().to_f64() / total.to_f64())
    }
}

pub(super) fn place(basis: Basis) -> usize {
    match basis {
        Basis::Billed => 0,
        Basis::Effective => 1,
        Basis::List => 2,
        Basis::Contracted => 3,
    }
}
