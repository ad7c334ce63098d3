//! Charges of one month by entity, exact, and unit prices out of them.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::error::StoreError;
use model::fact::UsageCostRow;
use model::measure::Money;
use model::money::{Amount, Basis, Origin};
use model::time::Window;

use super::shape::MonthlyCost;
use crate::ask::AskError;

/// The charges of the month.
#[derive(Debug, Default)]
pub(super) struct Costs {
    /// Rows in the store's order.
    rows: Vec<UsageCostRow>,
    /// Places of an entity's rows.
    by_entity: BTreeMap<String, Vec<usize>>,
    /// The month.
    pub window: Option<Window>,
}

/// Positions of the bases in a row's sums.
pub(super) const BILLED: usize = 0;
pub(super) const EFFECTIVE: usize = 1;
pub(super) const LIST: usize = 2;
pub(super) const CONTRACTED: usize = 3;

impl Costs {
    pub fn new(rows: Vec<UsageCostRow>, window: Option<Window>) -> Self {
        let mut by_entity: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, row) in rows.iter().enumerate() {
            if let Some(entity) = &row.entity {
                by_entity.entry(entity.clone()).or_default().push(place);
            }
        }
        Self { rows, by_entity, window }
    }

    /// Whether there is any charge.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Every row.
    pub fn all(&self) -> &[UsageCostRow] {
        &self.rows
    }

    /// Rows of one entity.
    pub fn of(&self, id: &str) -> Vec<&UsageCostRow> {
        let places = self.by_entity.get(id).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|place| &self.rows[*place]).collect()
    }

    /// Contracted, else list, price of one unit of on-demand usage that `is_it`, in one currency, by
    /// all rows that show one; `None` when none does.
    pub fn unit_price(&self, currency: &str, is_it: impl Fn(&UsageCostRow) -> bool) -> Option<f64> {
        let (mut cost, mut quantity) = (0.0, 0.0);
        for row in self.rows.iter().filter(|row| row.currency == currency && is_on_demand(row)) {
            if !is_it(row) || row.quantity.1 < row.rows {
                continue;
            }
            let Some(price) = undiscounted(row) else { continue };
            cost += price.to_f64();
            quantity += row.quantity.0.to_f64();
        }
        (quantity > 0.0 && cost > 0.0).then(|| cost / quantity)
    }
}

/// Usage at the on-demand price: not covered, not spot, no tax or fee.
pub(super) fn is_on_demand(row: &UsageCostRow) -> bool {
    row.category == "Usage"
        && row.commitment_status.is_none()
        && row.pricing_category.as_deref().is_none_or(|one| one == "Standard")
}

/// Usage that a reservation or savings plan paid.
pub(super) fn is_covered(row: &UsageCostRow) -> bool {
    row.category == "Usage" && row.commitment_status.as_deref() == Some("Used")
}

/// What the row would cost without commitments: contracted, else list, else for usage that none covers
/// what was charged.
pub(super) fn undiscounted(row: &UsageCostRow) -> Option<Amount> {
    let whole = |basis: usize| {
        let (amount, rows) = row.sums[basis];
        (rows == row.rows && rows > 0).then_some(amount)
    };
    let charged = if row.commitment_status.is_none() { whole(EFFECTIVE) } else { None };
    whole(CONTRACTED).or_else(|| whole(LIST)).or(charged)
}

/// The exact sum of one basis over rows of one currency.
pub(super) fn money<'a>(
    rows: impl IntoIterator<Item = &'a UsageCostRow>,
    currency: &str,
    basis: Basis,
) -> Result<Money, AskError> {
    let at = Basis::ALL.iter().position(|one| *one == basis).unwrap_or(BILLED);
    let (mut sum, mut with, mut count) = (Amount::ZERO, 0, 0);
    for row in rows {
        let (amount, rows) = row.sums[at];
        sum = added(sum, amount)?;
        with += rows;
        count += row.rows;
    }
    Ok(Money {
        amount: (with > 0).then_some(sum),
        currency: currency.to_owned(),
        basis,
        origin: Origin::Charged,
        rows: count,
        rows_without: count - with,
        reason: (with == 0).then_some(Absence::NotCollected),
    })
}

/// A sum within the range of amounts.
pub(super) fn added(one: Amount, other: Amount) -> Result<Amount, AskError> {
    one.checked_add(other).ok_or_else(|| {
        AskError::Store(StoreError::Exhausted {
            store: "telemetry".to_owned(),
            resource: "digits of a sum of charges".to_owned(),
            limit: "20 before the point".to_owned(),
        })
    })
}

/// The one currency of some rows; an error in words when there is none or are several.
pub(super) fn currency_of(rows: &[&UsageCostRow]) -> Result<String, String> {
    let mut names: Vec<&str> = rows.iter().map(|row| row.currency.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => Err("no charge names it".to_owned()),
        [one] => Ok((*one).to_owned()),
        several => Err(format!("charged in {}", several.join(" and "))),
    }
}

/// What some rows cost in the month.
pub(super) fn monthly(rows: &[&UsageCostRow]) -> Result<Result<MonthlyCost, String>, AskError> {
    let currency = match currency_of(rows) {
        Ok(currency) => currency,
        Err(reason) => return Ok(Err(reason)),
    };
    let of = |basis| money(rows.iter().copied(), &currency, basis);
    Ok(Ok(MonthlyCost { billed: of(Basis::Billed)?, effective: of(Basis::Effective)? }))
}

/// Money that was computed rather than charged.
pub(super) fn estimated(amount: Amount, currency: &str, rows: u64) -> Money {
    Money {
        amount: Some(amount),
        currency: currency.to_owned(),
        basis: Basis::Effective,
        origin: Origin::Estimated,
        rows,
        rows_without: 0,
        reason: None,
    }
}

/// A floating-point amount to the millionth.
pub(super) fn amount_from(value: f64) -> Option<Amount> {
    let millionths = (value * 1e6).round();
    let is_in_range = millionths.is_finite() && millionths.abs() < 1e24;
    is_in_range.then(|| Amount(millionths as i128 * (Amount::ONE / 1_000_000)))
}

/// `amount · part / whole`, held within the range; `part` and `whole` are small.
pub(super) fn share(amount: Amount, part: i128, whole: i128) -> Amount {
    let whole = whole.max(1);
    match amount.0.checked_mul(part) {
        Some(product) => Amount(product / whole),
        None => Amount((amount.0 / whole).saturating_mul(part)),
    }
}

/// Whether a word stands in the texts of a row: bounded by what is no letter, digit, dot or hyphen.
pub(super) fn names(row: &UsageCostRow, word: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '.' || letter == '-';
    let texts = [&row.description, &row.sku, &row.operation];
    texts.into_iter().flatten().any(|text| {
        text.match_indices(word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
    })
}

/// Whether any text of a row holds one of these, whatever the case.
pub(super) fn mentions(row: &UsageCostRow, words: &[&str]) -> bool {
    let texts = [&row.service, &row.description, &row.sku, &row.operation];
    texts.into_iter().flatten().any(|text| {
        let text = text.to_ascii_lowercase();
        words.iter().any(|word| text.contains(word))
    })
}

/// Hours (instances, gateways, addresses).
pub(super) fn is_hours(row: &UsageCostRow) -> bool {
    let unit = row.unit.as_deref().unwrap_or_default().to_ascii_lowercase();
    matches!(unit.as_str(), "hours" | "hrs" | "hour" | "hr")
}

/// Gigabyte-months of storage.
pub(super) fn is_storage(row: &UsageCostRow) -> bool {
    let unit = row.unit.as_deref().unwrap_or_default().to_ascii_lowercase();
    matches!(
        unit.as_str(),
        "gb-mo" | "gb-months" | "gb-month" | "gbmo" | "gib-months" | "gib-month"
    )
}

/// Gigabytes moved or processed.
pub(super) fn is_gigabytes(row: &UsageCostRow) -> bool {
    let unit = row.unit.as_deref().unwrap_or_default().to_ascii_lowercase();
    matches!(unit.as_str(), "gb" | "gigabytes" | "gib")
}
