//! The answer of `incidents/suspects`.

use model::measure::Measure;
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

/// Who may have caused the trouble of an entity, most likely first.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SuspectsAnswer {
    /// Key of the incident, when one was asked for.
    pub incident: Option<String>,
    /// What was harmed.
    pub symptom: SuspectEntity,
    /// When the harm began.
    pub from: Micros,
    /// End of what was read.
    pub until: Micros,
    /// What the window is compared with.
    pub baseline: SuspectBaseline,
    /// Suspects, highest score first, then by name; empty when nothing deviates.
    pub suspects: Vec<Suspect>,
    /// How changes were weighed.
    pub change_rule: SuspectChangeRule,
    /// How many subjects were judged.
    pub judged: u64,
    /// How many series were judged.
    pub series: u64,
}

/// An entity by its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SuspectEntity {
    /// Canonical id; the name where only labels of series name it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: String,
}

/// What the window is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SuspectBaseline {
    /// Start: 7 days before, or where the data begin.
    pub from: Micros,
    /// End: 5 minutes before the start.
    pub to: Micros,
    /// Seconds that one point stands for.
    pub step_secs: u64,
    /// Points of the middle series.
    pub points: u64,
    /// Whether these are under 30, so that the answer is weak.
    pub is_weak: bool,
    /// Windows of other known incidents that were left out.
    pub left_out: Vec<SuspectLeftOut>,
}

/// A window of another incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SuspectLeftOut {
    /// Key of the incident.
    pub incident: String,
    /// Start.
    pub from: Micros,
    /// End.
    pub to: Micros,
}

/// The rule for changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SuspectChangeRule {
    /// Seconds before the start in which a change counts.
    pub before_secs: u64,
    /// Seconds in which its weight halves.
    pub half_secs: u64,
}

/// One suspect.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Suspect {
    /// Place in the ranking, from 1.
    pub rank: u64,
    /// Who.
    pub entity: SuspectEntity,
    /// Sum of the weighted evidence, 0 or more; comparable within one answer.
    pub score: f64,
    /// `high`: strong and well ahead of the next; `medium`; `low`.
    pub confidence: String,
    /// From the symptom to the suspect along who depends on whom; empty when the symptom does not depend
    /// on it.
    pub path: Vec<SuspectEntity>,
    /// What speaks for it, strongest first.
    pub evidence: Vec<SuspectEvidence>,
    /// Changes of it before the start, heaviest first.
    pub changes: Vec<SuspectChange>,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SuspectEvidence {
    /// `latency`, `network`, `resource`, `errors`, `early_answers`, `stopped_calls` or `change`.
    pub clue: String,
    /// In words.
    pub meaning: String,
    /// What it adds before weighting, 0 to 5.
    pub strength: f64,
    /// The series that shows it best.
    pub metric: Option<String>,
    /// `mean` or the quantile that the sender computed.
    pub statistic: Option<String>,
    /// Caller and callee, when the series is of a call.
    pub call: Option<SuspectCall>,
    /// Expected by the baseline.
    pub expected: Measure,
    /// Reached in the window.
    pub observed: Measure,
    /// Signed distance from expected over the baseline's spread.
    pub distance: Option<f64>,
}

/// Caller and callee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SuspectCall {
    /// Caller's name.
    pub from: String,
    /// Callee's name.
    pub to: String,
}

/// A change that counts.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SuspectChange {
    /// When.
    pub at: Micros,
    /// Kind.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Source.
    pub source: String,
    /// Its weight: 1 at the start, 0.5 an hour before.
    pub weight: f64,
}
