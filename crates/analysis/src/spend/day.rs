//! Spend by day: what is used day by day, and what is charged at its own times and is never extrapolated.

use std::collections::BTreeMap;

use model::fact::CostItemRow;
use model::money::Amount;
use model::time::Micros;

use crate::ask::AskError;
use crate::exact::plus;
use crate::series::Sample;

/// What is charged at its own times: tax, purchases, credits, and fees of more than a day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScheduledKind {
    /// Charge category.
    pub category: String,
    /// Charge frequency.
    pub frequency: String,
    /// What tells charges of one category apart, such as the service.
    pub of: String,
    /// Whether it is a charge of more than a day and a half.
    pub is_long: bool,
}

impl ScheduledKind {
    /// Whether it is expected to come again: not what is charged once, nor a credit or adjustment.
    pub fn is_expected(&self) -> bool {
        match self.category.as_str() {
            "Tax" => true,
            "Credit" | "Adjustment" => false,
            _ => self.frequency != ONE_TIME,
        }
    }
}

/// FOCUS's word for what is charged once.
const ONE_TIME: &str = "One-Time";

/// Spend of one set of charges on one basis, by the day a charge period starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// Usage of a day at most.
    pub usage: BTreeMap<Micros, Amount>,
    /// Everything else.
    pub scheduled: BTreeMap<(ScheduledKind, Micros), Amount>,
}

/// What one row of items says of its charges.
#[derive(Debug, Clone, Copy)]
pub struct Nature<'a> {
    /// Charge category.
    pub category: Option<&'a str>,
    /// Charge frequency.
    pub frequency: Option<&'a str>,
    /// What tells charges of one category apart.
    pub of: Option<&'a str>,
}

impl Days {
    /// Takes a row of daily items in, with its amount on the basis.
    ///
    /// # Errors
    /// When a sum leaves the range of amounts.
    pub fn add(
        &mut self,
        row: &CostItemRow,
        nature: Nature<'_>,
        amount: Amount,
    ) -> Result<(), AskError> {
        let Some(at) = row.cost.at else { return Ok(()) };
        let category = nature.category.unwrap_or_default();
        let frequency = nature.frequency.unwrap_or_default();
        let sum = if category == "Usage" && frequency != ONE_TIME && !row.is_long {
            self.usage.entry(at).or_default()
        } else {
            let kind = ScheduledKind {
                category: category.to_owned(),
                frequency: frequency.to_owned(),
                of: nature.of.unwrap_or_default().to_owned(),
                is_long: row.is_long,
            };
            self.scheduled.entry((kind, at)).or_default()
        };
        *sum = plus(*sum, amount)?;
        Ok(())
    }

    /// Usage by day from `from` to before `to`, for statistics only. A day of `held` without a charge is
    /// a day of 0; other days are left out.
    pub fn samples(&self, held: &[Micros], from: Micros, to: Micros) -> Vec<Sample> {
        let within = held.iter().filter(|at| from <= **at && **at < to);
        within
            .map(|at| Sample { at: *at, value: self.usage.get(at).map_or(0.0, |one| one.to_f64()) })
            .collect()
    }

    /// Everything charged from `from` to before `to`.
    ///
    /// # Errors
    /// When the sum leaves the range of amounts.
    pub fn sum(&self, from: Micros, to: Micros) -> Result<Amount, AskError> {
        let used = self.usage.range(from..to).map(|(_, amount)| *amount);
        let other = self.scheduled.iter().filter(|((_, at), _)| from <= *at && *at < to);
        crate::exact::total(used.chain(other.map(|(_, amount)| *amount)))
    }

    /// The earliest day with a charge.
    pub fn first(&self) -> Option<Micros> {
        let used = self.usage.keys().next().copied();
        let other = self.scheduled.keys().map(|(_, at)| *at).min();
        used.into_iter().chain(other).min()
    }
}
