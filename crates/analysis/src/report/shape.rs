//! What a report is: figures that stand for figures of questions, each with where it comes from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::absence::Absence;
use model::envelope::{AnswerSource, AnswerWindow, Coverage, StoreFreshness, Warning};
use model::measure::Measure;
use model::money::{Amount, Basis, Origin};
use model::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::params::ReportDepth;

/// A report of one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportAnswer {
    /// For whom.
    pub depth: ReportDepth,
    /// Of whom.
    pub subject: ReportSubject,
    /// The time that spend and budgets are of.
    pub period: ReportPeriod,
    /// The fiscal year that holds it.
    pub fiscal_year: ReportFiscalYear,
    /// What a reader must know first; each computed from the figures below.
    pub sentences: Vec<String>,
    /// Key figures by theme, in the order of the page; of each the first is the headline.
    pub groups: Vec<ReportGroup>,
    /// At most three decisions worth making, the most pressing first; fewer when there are fewer.
    pub decisions: Vec<ReportDecision>,
    /// How many candidates for them there were.
    pub decisions_considered: u64,
    /// Lists, in the order of the page.
    pub lists: Vec<ReportList>,
    /// The questions behind it, in order of key.
    pub parts: Vec<ReportPart>,
    /// What figures take for granted.
    pub assumptions: Vec<ReportAssumption>,
}

/// Of whom a report is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportSubject {
    /// Canonical id; null for everything that the viewer sees.
    pub id: Option<String>,
    /// Kind; null likewise.
    pub kind: Option<String>,
    /// Name.
    pub name: String,
    /// The units above it, the highest first.
    pub above: Vec<ReportUnit>,
    /// How many units are directly below.
    pub below: u64,
}

/// A unit as a report names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportUnit {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
}

/// The time that spend and budgets are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportPeriod {
    /// Start.
    pub from: Micros,
    /// End, not included.
    pub to: Micros,
    /// Up to where charges are held and compared.
    pub at: Micros,
    /// `budget` when it is that of the budgets in force, else `calendar_month`.
    pub chosen_by: String,
}

/// A fiscal year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportFiscalYear {
    /// Start.
    pub from: Micros,
    /// End, not included.
    pub to: Micros,
    /// Month in which it starts, 1 to 12.
    pub start_month: u32,
}

/// Figures of one theme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportGroup {
    /// Key (`spend`).
    pub key: String,
    /// Title for people.
    pub title: String,
    /// Figures, the headline first.
    pub figures: Vec<ReportFigure>,
    /// Page of the dashboard that holds more.
    pub link: String,
}

/// One figure, and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportFigure {
    /// Key, unique in its group or row.
    pub key: String,
    /// Title for people.
    pub title: String,
    /// The figure.
    pub value: ReportValue,
    /// How it is made of its sources; null when it is the one source itself, digit for digit.
    pub formula: Option<ReportFormula>,
    /// Where it stands in the answers of the questions.
    pub sources: Vec<ReportSource>,
    /// What a reader must know of it.
    pub note: Option<String>,
}

/// A figure: money or any other measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ReportValue {
    /// Money.
    Money(ReportMoney),
    /// Anything else.
    Measure(Measure),
}

/// Money on a report; `amount` is null exactly when `reason` says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportMoney {
    /// The amount, exact.
    pub amount: Option<Amount>,
    /// ISO 4217.
    pub currency: String,
    /// Basis; null for value.
    pub basis: Option<Basis>,
    /// Origin.
    pub origin: Origin,
    /// 80 % interval of a forecast.
    pub interval: Option<[Amount; 2]>,
    /// Why there is no amount.
    pub reason: Option<Absence>,
}

/// How a figure is made of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormula {
    /// All added.
    Sum,
    /// The first less all others.
    Difference,
    /// All but the last added, less the last.
    SumLessLast,
    /// The first half of them added, over the second half added.
    Ratio,
    /// All multiplied, and by the factor that the note names.
    Product,
    /// How many of them are `true`.
    Count,
}

/// One figure of a question's answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ReportSource {
    /// Key of the part.
    pub part: String,
    /// JSON pointer (RFC 6901) into the `data` of its answer.
    pub pointer: String,
}

/// A list of things with their figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportList {
    /// Key (`units`).
    pub key: String,
    /// Title for people.
    pub title: String,
    /// Order of the rows, for people.
    pub order: String,
    /// Columns beside the name, in order.
    pub columns: Vec<ReportColumn>,
    /// Rows.
    pub rows: Vec<ReportRow>,
    /// How many there are, before the limit.
    pub total: u64,
    /// Why it is empty; null otherwise.
    pub reason: Option<Absence>,
    /// What a reader must know of it.
    pub note: Option<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportColumn {
    /// Key of the cells.
    pub key: String,
    /// Title for people.
    pub title: String,
    /// `money`, `change` (money with its sign), `ratio`, `count`, `measure` or `text`.
    pub cell: String,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportRow {
    /// Key, unique in the list.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// Address of the dashboard that shows it; null without one.
    pub link: Option<String>,
    /// A status word, where the row has one.
    pub status: Option<String>,
    /// Cells in the order of the columns.
    pub cells: Vec<ReportCell>,
}

/// A cell: a figure, or a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ReportCell {
    /// A figure.
    Figure(ReportFigure),
    /// A text.
    Text(ReportText),
}

/// A text in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportText {
    /// The text; null with `reason`.
    pub text: Option<String>,
    /// Why there is none.
    pub reason: Option<Absence>,
}

/// How much waiting harms.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReportHarm {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
}

/// What a decision is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReportDecisionKind {
    /// Something is broken now, or breaks again and again.
    Incident,
    /// A weakness that can be mended.
    Finding,
    /// One failure takes entry points down.
    SinglePoint,
    /// A budget is overrun.
    Budget,
    /// Something could cost less.
    Saving,
}

/// A decision worth making.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportDecision {
    /// What it is about.
    pub kind: ReportDecisionKind,
    /// What to decide on, naming the thing.
    pub title: String,
    /// Why, with the figures.
    pub why: String,
    /// What it is worth or costs; absent with a reason where nobody states a price.
    pub money: ReportFigure,
    /// How much waiting harms, and by which rule.
    pub harm: ReportHarm,
    /// The rule that gave the harm.
    pub harm_rule: String,
    /// What may go wrong in doing it: `low`, `medium` or `high`; null where nothing tells.
    pub risk: Option<String>,
    /// What it takes, likewise.
    pub effort: Option<String>,
    /// The figures behind it.
    pub evidence: Vec<ReportFigure>,
    /// Canonical ids of what is concerned.
    pub entities: Vec<String>,
    /// Canonical id of the owner.
    pub owner: Option<String>,
    /// Address of the dashboard that shows the evidence.
    pub link: String,
    /// What `ubiquitous decide` takes for it; null where it takes nothing.
    pub target: Option<String>,
}

/// One question behind a report, with its own envelope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportPart {
    /// Key by which figures name it.
    pub key: String,
    /// The question.
    pub question: String,
    /// Parameters after defaults; as asked when there is no answer.
    pub params: Value,
    /// Why there is no answer: `store_unavailable`, `out_of_scope` or `not_applicable`; null when
    /// there is one.
    pub reason: Option<Absence>,
    /// The same for people.
    pub detail: Option<String>,
    /// The instant it is about.
    pub as_of: Option<Timestamp>,
    /// The range of time it is about.
    pub window: Option<AnswerWindow>,
    /// How fresh it is.
    pub source: Option<AnswerSource>,
    /// Stores as they were read.
    pub stores: Vec<StoreFreshness>,
    /// Share of the entities concerned with each kind of data.
    pub coverage: BTreeMap<String, Coverage>,
    /// Totals of what was cut.
    pub truncated: BTreeMap<String, u64>,
    /// What a reader must know.
    pub warnings: Vec<Warning>,
}

/// Something that figures take for granted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ReportAssumption {
    /// What (`harmed_share`).
    pub name: String,
    /// Of whom, as a canonical id; null when of everything.
    pub of: Option<String>,
    /// In words, with its value.
    pub text: String,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: Option<Micros>,
}
