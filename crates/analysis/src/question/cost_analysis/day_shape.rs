//! What the answer of `cost_analysis` says of days: what is unusual, the trend, and the forecast.

use model::absence::Absence;
use model::money::Amount;
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

/// What the settled days of usage show, in one currency and on the basis.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostDays {
    /// First day that is judged.
    pub from: Option<Micros>,
    /// End of the last settled day; charges that start later may still change and are left out.
    pub settled: Option<Micros>,
    /// Days with a charge.
    pub days: u64,
    /// Stretches of unusual days, the largest excess first, then in order of time and values.
    pub anomalies: Vec<CostAnomaly>,
    /// Why there can be none.
    pub anomalies_reason: Option<Absence>,
    /// More of that, for people: `too few, n = 5`.
    pub anomalies_detail: Option<String>,
    /// Trend of everything, then of each group shown, in the order of `groups`.
    pub trends: Vec<CostTrend>,
    /// Where the month leads; null when nothing is charged by day.
    pub forecast: Option<CostForecast>,
}

/// Days on which far more, or far less, was used than usual.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostAnomaly {
    /// Values of the dimensions; empty for everything together.
    pub values: Vec<Option<String>>,
    /// Whether it is of everything together.
    pub is_total: bool,
    /// First unusual day.
    pub from: Micros,
    /// End of the last one.
    pub to: Micros,
    /// Unusual days in it.
    pub days: u64,
    /// Used in it, exact.
    pub amount: Amount,
    /// Usual for it, an estimate.
    pub expected: Option<Amount>,
    /// The difference.
    pub excess: Option<Amount>,
    /// Distance of the farthest day in scales; above 4 is unusual.
    pub score: f64,
    /// Of everything together: the group that differed most the same way.
    pub driver: Option<CostAnomalyDriver>,
}

/// The group that made the most of an anomaly.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostAnomalyDriver {
    /// Values of the dimensions.
    pub values: Vec<Option<String>>,
    /// Its own difference from what is usual for it.
    pub excess: Amount,
}

/// Whether a day costs more at the end than at the start.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostTrend {
    /// Values of the dimensions; empty for everything together.
    pub values: Vec<Option<String>>,
    /// Whether it is of everything together.
    pub is_total: bool,
    /// A day at the start, on the line.
    pub start: Option<Amount>,
    /// A day at the end, on the line.
    pub end: Option<Amount>,
    /// Change as a ratio of the start.
    pub change_ratio: Option<f64>,
    /// The change of a day with its interval at 95 %.
    pub change: Option<[Amount; 2]>,
    /// p-value, adjusted for all trends of the answer.
    pub p: Option<f64>,
    /// Whether it is a trend: p below 0.05 and a change above 10 %.
    pub is_trend: bool,
    /// Why nothing is said.
    pub reason: Option<Absence>,
    /// More of that, for people.
    pub detail: Option<String>,
}

/// Where a month leads.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostForecast {
    /// Start of the month.
    pub from: Micros,
    /// End of the month, not included.
    pub to: Micros,
    /// End of the last settled day.
    pub settled: Micros,
    /// Charged by then, exact.
    pub actual: Amount,
    /// Charged at its own times: tax, purchases, credits, fees of more than a day.
    pub scheduled: Vec<CostScheduled>,
    /// What of these comes after the last settled day.
    pub scheduled_to_come: Amount,
    /// Usage of the days to come.
    pub usage_to_come: Option<Amount>,
    /// The sum at the end of the month.
    pub amount: Option<Amount>,
    /// Lower end of its 80 % interval.
    pub low: Option<Amount>,
    /// Upper end of its 80 % interval.
    pub high: Option<Amount>,
    /// How it was made.
    pub method: Option<String>,
    /// Past sums that the interval was made from.
    pub tried: u64,
    /// Why there is no forecast.
    pub reason: Option<Absence>,
    /// More of that, for people: `too short, 9.0 of 14 days`.
    pub detail: Option<String>,
}

/// Charges that are expected again rather than carried on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CostScheduled {
    /// Charge category.
    pub category: String,
    /// Charge frequency; empty where it is not told.
    pub frequency: String,
    /// Service.
    pub service: String,
    /// Charged so far in the month.
    pub charged: Amount,
    /// Still to come: what the month before had more of it. 0 for credits and one-time charges.
    pub expected: Amount,
}
