//! The answer of `savings_candidates`.

use jiff::Timestamp;
use model::absence::Absence;
use model::kind::{Confidence, EntityKind};
use model::measure::{Measure, Money};
use model::scope::Scope;
use model::time::Window;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decision::DecisionFact;

/// What could cost less.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SavingsCandidatesAnswer {
    /// What it would come to in a month, one row a currency; of the alternatives on one entity only
    /// the largest counts, dismissed ones do not.
    pub totals: Vec<SavingsTotal>,
    /// Largest saving first, what has no price after that by cost; ties by rule and entity.
    pub candidates: Vec<SavingsCandidate>,
    /// Every rule, with what it looked at, in order of the list.
    pub rules: Vec<RuleReport>,
    /// The time looked back over.
    pub look_back: Window,
    /// The month whose charges are the monthly cost: one calendar month that ends where settled
    /// charges end; null without charges.
    pub cost_window: Option<Window>,
}

/// What the candidates of one currency come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SavingsTotal {
    /// ISO 4217.
    pub currency: String,
    /// What the bill would fall by in a month.
    pub saving: Money,
    /// That of candidates that are safe.
    pub safe_saving: Money,
    /// Effective cost of all charges in the month.
    pub total_cost: Money,
    /// Entities with a candidate that counts.
    pub entities: u64,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SavingsCandidate {
    /// What a decision is about: `savings:RULE:ENTITY`.
    pub target: String,
    /// Rule (`unattached_volume`).
    pub rule: String,
    /// What could be done, for people.
    pub title: String,
    /// What is proposed.
    pub action: SavingsAction,
    /// The entity.
    pub entity: CandidateEntity,
    /// Canonical id of the owner, if any.
    pub owner: Option<String>,
    /// Canonical id of the application, if any.
    pub application: Option<String>,
    /// Why it is one, for people.
    pub evidence: String,
    /// The figures behind that.
    pub figures: Vec<Figure>,
    /// The time that the figures cover; null for what an export says at one instant.
    pub evidence_window: Option<Window>,
    /// What it costs in a month now; null with `cost_reason`.
    pub monthly_cost: Option<MonthlyCost>,
    /// Why there is no cost.
    pub cost_reason: Option<Absence>,
    /// More of that, for people.
    pub cost_detail: Option<String>,
    /// What the bill would fall by in a month; null with `saving_reason`.
    pub saving: Option<MonthlySaving>,
    /// Why there is no saving.
    pub saving_reason: Option<Absence>,
    /// More of that, for people.
    pub saving_detail: Option<String>,
    /// What it takes.
    pub effort: Grade,
    /// What may go wrong.
    pub risk: Grade,
    /// How far the evidence goes.
    pub confidence: Confidence,
    /// Whether nothing needs it.
    pub safe: Safety,
    /// Other candidates on the same entity, of which the totals take the largest.
    pub alternatives: Vec<String>,
    /// Whether it is the one of its set that counts.
    pub is_counted: bool,
    /// What was decided about it.
    pub decision: Option<DecisionFact>,
}

/// The entity of a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CandidateEntity {
    /// Canonical id; for a commitment or an account that no export names, the id in the bill.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Place.
    pub scope: Scope,
}

/// A named figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// What (`size`).
    pub name: String,
    /// How much.
    pub value: Measure,
}

/// What a thing costs in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MonthlyCost {
    /// As the invoice says.
    pub billed: Money,
    /// With upfront fees spread over their term.
    pub effective: Money,
}

/// What the bill would fall by in a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonthlySaving {
    /// At once: hours that a reservation or savings plan covers count as far as other usage in its
    /// scope, not covered yet, would take them up.
    pub now: Money,
    /// When the commitments that cover it have ended; null when none covers it.
    pub after_commitment: Option<Money>,
    /// The latest end of these commitments, where it is known.
    pub commitment_end: Option<Timestamp>,
    /// `computed` from billed amounts, or `estimated`.
    pub basis: SavingBasis,
    /// By which prices, or whose estimate.
    pub source: String,
}

/// How a saving came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SavingBasis {
    /// From billed amounts and unit prices.
    Computed,
    /// With a ratio or price that the source names.
    Estimated,
}

/// What is proposed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SavingsAction {
    /// To remove it; that excludes every change of it.
    Delete,
    /// To change it.
    Change,
    /// To commit to what is used anyway.
    Commit,
    /// To look at it: what it would save cannot be told from the data.
    Review,
}

/// Low, medium or high.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// Whether nothing needs it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SafeAnswer {
    /// Something needs it.
    No,
    /// It cannot be told.
    Unknown,
    /// The whole look-back is covered and nothing needed it.
    Yes,
}

/// Whether nothing needs it, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Safety {
    /// The answer.
    pub answer: SafeAnswer,
    /// Why, the weightiest first.
    pub reasons: Vec<String>,
}

/// What one rule did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleReport {
    /// Name.
    pub rule: String,
    /// What it looks for.
    pub about: String,
    /// What data it needs, and for how long.
    pub needs: String,
    /// Whether it could be evaluated at all.
    pub is_evaluated: bool,
    /// Why not, or for which part not.
    pub reason: Option<String>,
    /// Entities it looked at.
    pub looked_at: u64,
    /// Candidates it found, before filters.
    pub candidates: u64,
}
