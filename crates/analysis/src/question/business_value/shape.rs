//! The answer of `business_value`.

use model::absence::Absence;
use model::kind::EntityKind;
use model::measure::Measure;
use model::money::{Amount, Basis, Origin};
use model::time::{Micros, Window};
use schemars::JsonSchema;
use serde::Serialize;

use super::params::ValueStep;
use crate::value::{ValueAssumption, ValueDowntime};

/// What the business gets for what it spends.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BusinessValueAnswer {
    /// Length of a period.
    pub step: ValueStep,
    /// Units, products, applications and entry points: those with a value metric first, then by falling
    /// cost, then by id.
    pub subjects: Vec<ValueSubject>,
    /// Value per request of entry points, in order of entry and metric.
    pub requests: Vec<ValuePerRequest>,
    /// What accepted savings that were carried out have come to.
    pub savings: ValueSavings,
    /// What incidents cost, by the subject whose value they touched; the most minutes first.
    pub downtime: Vec<ValueDowntime>,
    /// Hours saved by automation, as stated with a source.
    pub automation: ValueAutomation,
    /// Cost in the window that no unit bears, by currency.
    pub unowned: Vec<ValueMoney>,
    /// Days whose charges are held and settled: value is compared with cost in here only; null without
    /// charges.
    pub compared: Option<Window>,
    /// Everything that figures take for granted, in order of name and subject.
    pub assumptions: Vec<ValueAssumption>,
}

/// A sum of money, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ValueMoney {
    /// The sum; null with `reason`.
    pub amount: Option<Amount>,
    /// ISO 4217.
    pub currency: String,
    /// `effective` of cost, null of value.
    pub basis: Option<Basis>,
    /// `charged` as billed, `allocated` where parts were split by shares, `stated` of value.
    pub origin: Origin,
    /// Charges that lack the basis and are not in the sum.
    pub rows_without: u64,
    /// Why there is no amount.
    pub reason: Option<Absence>,
}

/// One unit, product, application or entry point.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValueSubject {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Canonical id of the unit or product above, if any.
    pub parent: Option<String>,
    /// Effective cost in the window, fully loaded, with everything below it, by currency.
    pub costs: Vec<ValueMoney>,
    /// Why there is no cost: `no_data` or `not_collected`.
    pub cost_reason: Option<Absence>,
    /// Its value metrics, in order of name and currency.
    pub metrics: Vec<ValueMetric>,
    /// Why there are none: `not_configured`.
    pub metrics_reason: Option<Absence>,
}

/// One value metric of one subject.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValueMetric {
    /// Name (`revenue`).
    pub metric: String,
    /// Currency when it is money.
    pub currency: Option<String>,
    /// What is counted, as stated.
    pub value_unit: Option<String>,
    /// Where the figures come from.
    pub source: String,
    /// Other sources of the same, named and not added.
    pub others: Vec<String>,
    /// When the newest row was observed.
    pub observed_at: Micros,
    /// Canonical ids whose values were added up, where the subject states none of its own.
    pub added_up_from: Vec<String>,
    /// All of it in the window.
    pub value: Amount,
    /// Days it covers.
    pub days: u64,
    /// The days of it whose charges are held and settled, with their cost.
    pub compared: ValueComparison,
    /// Over time, in order.
    pub periods: Vec<ValuePeriod>,
    /// The newest whole period against the one before; null without two.
    pub change: Option<ValueChange>,
    /// Change from one whole period to the next.
    pub trend: ValueTrend,
}

/// Value and cost of the same days.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValueComparison {
    /// Value of these days.
    pub value: Amount,
    /// How many days.
    pub days: u64,
    /// Effective cost of these days, by currency.
    pub costs: Vec<ValueMoney>,
    /// Cost of one of what is counted, by currency.
    pub unit_costs: Vec<ValueUnitCost>,
    /// Value less cost, where both are money of one currency.
    pub net: Option<ValueMoney>,
    /// (value − cost) / cost; null unless value is money in the cost's currency.
    pub return_ratio: Measure,
    /// Why there is no return, for people.
    pub return_note: Option<String>,
}

/// Cost of one of what is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ValueUnitCost {
    /// Rounded half to even at the 18th decimal; null with `reason`.
    pub amount: Option<Amount>,
    /// ISO 4217.
    pub currency: String,
    /// Of what: the metric's unit, else its name.
    pub per: String,
    /// Why there is no amount.
    pub reason: Option<Absence>,
}

/// One period of a value metric.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValuePeriod {
    /// First day with a value. A value belongs whole to the period in which it begins.
    pub from: Micros,
    /// End of the last day with a value, not included; after the period's own where a value reaches over.
    pub to: Micros,
    /// Whether no day is missing and the period has ended.
    pub is_complete: bool,
    /// Value.
    pub value: Amount,
    /// Days.
    pub days: u64,
    /// The days of it whose charges are held and settled, with their cost.
    pub compared: ValueComparison,
}

/// The newest whole period against the one before.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValueChange {
    /// Start of the earlier.
    pub before: Micros,
    /// Start of the later.
    pub after: Micros,
    /// Change of the value, as a ratio of the earlier.
    pub value: Measure,
    /// Change of the cost; of the one currency, else null.
    pub cost: Measure,
    /// Change of the unit cost; of the one currency, else null.
    pub unit_cost: Measure,
}

/// Median change from one whole period to the next, as a ratio of the median (Theil–Sen slope).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValueTrend {
    /// Whole periods it is taken from; at least 4 are needed.
    pub periods: u64,
    /// Of the value.
    pub value: Measure,
    /// Of the unit cost in the one currency.
    pub unit_cost: Measure,
}

/// Value of one request of an entry point.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValuePerRequest {
    /// Canonical id of the entry point's service.
    pub entry: String,
    /// Its name.
    pub name: String,
    /// Metric.
    pub metric: String,
    /// Currency when it is money.
    pub currency: Option<String>,
    /// Canonical id of the narrowest of entry, application and product that has the metric.
    pub of: String,
    /// Kind of that.
    pub of_kind: EntityKind,
    /// Canonical ids of its entry points, whose requests are counted.
    pub entries: Vec<String>,
    /// Those of them of which no whole day is counted: with one there is no value per request.
    pub uncounted: Vec<String>,
    /// The days that have both; null without one.
    pub window: Option<Window>,
    /// How many days.
    pub days: u64,
    /// Value of these days.
    pub value: Option<Amount>,
    /// Requests in these days.
    pub requests: Measure,
    /// Value over requests; null with `reason`.
    pub per_request: Option<Amount>,
    /// Why there is none.
    pub reason: Option<Absence>,
}

/// What accepted savings that were carried out have come to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValueSavings {
    /// By currency.
    pub totals: Vec<RealisedTotal>,
    /// Newest first.
    pub realised: Vec<RealisedSaving>,
    /// Why the list is empty: `not_configured`, since nothing accepted is marked done.
    pub reason: Option<Absence>,
}

/// Savings in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RealisedTotal {
    /// ISO 4217.
    pub currency: String,
    /// Of those whose charges fell.
    pub verified: Amount,
    /// Of the others; may be below zero.
    pub claimed: Amount,
    /// How many.
    pub candidates: u64,
}

/// One saving that was carried out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RealisedSaving {
    /// `savings:RULE:ENTITY`.
    pub target: String,
    /// Rule.
    pub rule: String,
    /// Canonical id of the entity.
    pub entity: String,
    /// Who accepted it, and when.
    pub accepted_by: String,
    /// When it was accepted.
    pub accepted_at: Micros,
    /// Who said that it was done.
    pub done_by: String,
    /// When it was done.
    pub done_at: Micros,
    /// The 30 days before.
    pub before: Window,
    /// Since the day after, for at most 12 months; null while no such day is billed.
    pub since: Option<Window>,
    /// Days since.
    pub days: u64,
    /// `verified` when the charges fell, else `claimed`.
    pub status: RealisedStatus,
    /// One entry a currency.
    pub amounts: Vec<RealisedAmount>,
    /// Why there is no amount: `no_data`.
    pub reason: Option<Absence>,
}

/// Whether charges show a saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RealisedStatus {
    /// The charges fell.
    Verified,
    /// They did not, or none are held yet.
    Claimed,
}

/// What a saving comes to in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RealisedAmount {
    /// ISO 4217.
    pub currency: String,
    /// Effective cost of a day before: that of the 30 days over 30.
    pub daily_before: Amount,
    /// Effective cost since, at the unit prices of before.
    pub cost_since: Amount,
    /// Effective cost since, as charged.
    pub charged_since: Amount,
    /// Days times `daily_before`, less `cost_since`; below zero when it costs more.
    pub saving: Amount,
}

/// Hours saved by automation.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValueAutomation {
    /// As stated, in order of subject and metric.
    pub metrics: Vec<AutomationHours>,
    /// Why there are none: `not_configured`.
    pub reason: Option<Absence>,
}

/// Hours saved, as one source states them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AutomationHours {
    /// Metric.
    pub metric: String,
    /// Canonical id of whose they are.
    pub of: String,
    /// Hours in the window; null with `reason`.
    pub hours: Option<Amount>,
    /// Who says so.
    pub source: Option<String>,
    /// Why there is no figure: `no_data` without a stated source.
    pub reason: Option<Absence>,
}
