//! The answer of `cost_analysis/budget`.

use model::money::{Amount, Basis};
use model::table::{Cell, Table};
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::day_shape::CostForecast;
use super::driver_shape::{CostDriver, CostSkuDriver, drivers_table, skus_table};

/// Budgets against what is charged.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostBudgetAnswer {
    /// The instant up to which charges and budgets are compared.
    pub at: Micros,
    /// Budgets whose period holds that instant (or touches the window asked for), the most over first,
    /// then by currency and unit.
    pub budgets: Vec<BudgetRow>,
}

/// One budget.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BudgetRow {
    /// Canonical id of the unit; the id as stated where nothing has it.
    pub unit: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Start of the budget's period.
    pub from: Micros,
    /// End of the budget's period, not included.
    pub to: Micros,
    /// ISO 4217.
    pub currency: String,
    /// Basis.
    pub basis: Basis,
    /// Whether tax counts.
    pub has_tax: bool,
    /// Whether credits and refunds count.
    pub has_credits: bool,
    /// `even`, `weekdays`, or shares by month.
    pub phasing: String,
    /// Where it is stated.
    pub source: String,
    /// The whole budget.
    pub amount: Amount,
    /// What of it falls on the time up to `at`; null where the phasing is not understood.
    pub to_date: Option<Amount>,
    /// Charged up to `at`.
    pub actual: Amount,
    /// Rows that lack the basis and are not in it.
    pub rows_without: u64,
    /// Actual less budget to date: above 0 is over.
    pub variance: Option<Amount>,
    /// The variance as a ratio of the budget to date; null where the budget is 0.
    pub variance_ratio: Option<f64>,
    /// `over`, `under` or `on`; null where the phasing is not understood.
    pub state: Option<String>,
    /// Where spend leads by the end of the period.
    pub forecast: CostForecast,
    /// The forecast less the whole budget.
    pub forecast_variance: Option<Amount>,
    /// What makes up the variance against the reference period; only of the first budgets.
    pub reference: Option<BudgetReference>,
}

/// What makes up a variance.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BudgetReference {
    /// Start of the reference period.
    pub from: Micros,
    /// End of the reference period, not included.
    pub to: Micros,
    /// Charged in it.
    pub amount: Amount,
    /// The drivers from the reference period to the actual, and as `reference_against_budget` the
    /// reference less the budget to date: they add up to the variance to the last digit.
    pub drivers: Vec<CostDriver>,
    /// SKUs by size of their difference; the last may be the rest.
    pub skus: Vec<CostSkuDriver>,
}

const FIRST: [(&str, &str, Cell, &str); 3] = [
    ("unit", "Unit", Cell::Text, ""),
    ("from", "From", Cell::Instant, ""),
    ("currency", "Currency", Cell::Text, ""),
];

impl CostBudgetAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        let mut columns = FIRST.to_vec();
        columns.extend([
            ("to", "To", Cell::Instant, ""),
            ("basis", "Basis", Cell::Text, ""),
            ("amount", "Budget", Cell::Amount, ""),
            ("to_date", "Budget to date", Cell::Amount, ""),
            ("actual", "Charged", Cell::Amount, ""),
            ("variance", "Variance", Cell::Amount, ""),
            ("variance_ratio", "Variance", Cell::Number, "1"),
            ("state", "State", Cell::Text, ""),
            ("forecast", "Forecast", Cell::Amount, ""),
            ("forecast_low", "Forecast, low", Cell::Amount, ""),
            ("forecast_high", "Forecast, high", Cell::Amount, ""),
            ("forecast_variance", "Forecast less budget", Cell::Amount, ""),
            ("reason", "Reason", Cell::Text, ""),
        ]);
        let mut table = Table::new("budgets", &columns);
        let head = |one: &BudgetRow| vec![json!(one.name), json!(one.from), json!(one.currency)];
        for one in &self.budgets {
            let mut row = head(one);
            row.extend([
                json!(one.to),
                json!(one.basis),
                json!(one.amount),
                json!(one.to_date),
                json!(one.actual),
                json!(one.variance),
                json!(one.variance_ratio),
                json!(one.state),
                json!(one.forecast.amount),
                json!(one.forecast.low),
                json!(one.forecast.high),
                json!(one.forecast_variance),
                json!(one.forecast.reason),
            ]);
            table.rows.push(row);
        }
        let with =
            || self.budgets.iter().filter_map(|one| Some((head(one), one.reference.as_ref()?)));
        let drivers = with().map(|(head, reference)| (head, &reference.drivers[..]));
        let skus = with().map(|(head, reference)| (head, &reference.skus[..]));
        vec![table, drivers_table(drivers, &FIRST), skus_table(skus, &FIRST)]
    }
}
