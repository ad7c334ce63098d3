//! What a check is, and what it may say. A check is pure: it is given all facts and judges them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::ValidationFacts;

/// What a check is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ValidationFamily {
    /// What one store holds the other knows.
    CrossStore,
    /// Tables, columns, indexes, constraints and migrations.
    Schema,
    /// How samples arrive and what they say.
    TimeSeries,
    /// Entities and relations.
    Graph,
    /// Answers against their own description.
    Api,
    /// Time of answers against their target.
    Performance,
}

impl ValidationFamily {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::CrossStore,
        Self::Schema,
        Self::TimeSeries,
        Self::Graph,
        Self::Api,
        Self::Performance,
    ];

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::CrossStore => "Cross-store consistency",
            Self::Schema => "Schema integrity",
            Self::TimeSeries => "Time-series quality",
            Self::Graph => "Graph relationships",
            Self::Api => "API consistency",
            Self::Performance => "Performance thresholds",
        }
    }
}

/// How much a check counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ValidationSeverity {
    /// Counts 1.
    Minor,
    /// Counts 3.
    Major,
    /// Counts 5; one that failed fails the whole.
    Critical,
}

impl ValidationSeverity {
    /// Its weight.
    pub fn weight(self) -> u32 {
        match self {
            Self::Minor => 1,
            Self::Major => 3,
            Self::Critical => 5,
        }
    }
}

/// What an issue names.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ValidationAffected {
    /// Entities, by canonical id.
    Entity,
    /// Sources.
    Source,
    /// Tables, columns, indexes, constraints or migrations.
    SchemaPart,
    /// Journals, one an input.
    Journal,
    /// Questions.
    Question,
}

/// How a check ended.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ValidationStatus {
    /// Nothing to check, or the store does not tell; left out of the score.
    Skipped,
    /// Nothing is wrong; 1.0.
    Passed,
    /// Something should be looked at; 0.7.
    Warning,
    /// Something is wrong; 0.3.
    Failed,
    /// It could not be checked; 0.0.
    Error,
}

impl ValidationStatus {
    /// The share of its weight that a check earns; `None` when it is left out.
    pub fn share(self) -> Option<f64> {
        match self {
            Self::Skipped => None,
            Self::Passed => Some(1.0),
            Self::Warning => Some(0.7),
            Self::Failed => Some(0.3),
            Self::Error => Some(0.0),
        }
    }
}

/// One check of the registry.
#[derive(Debug)]
pub struct Check {
    /// Stable name (`missing_samples`).
    pub name: &'static str,
    /// What it is about.
    pub family: ValidationFamily,
    /// How much it counts.
    pub severity: ValidationSeverity,
    /// Title for people.
    pub title: &'static str,
    /// What it says when it passes, in a sentence.
    pub says: &'static str,
    /// What its issues name.
    pub affects: ValidationAffected,
    /// Checks whose failure may be why this one cannot be made or fails: then it names the first of
    /// them that did, and is not counted again.
    pub causes: &'static [&'static str],
    /// The judgement.
    pub judge: fn(&ValidationFacts) -> Result<Judgement, Unjudged>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judgement {
    /// How many things were looked at; with none the check is skipped.
    pub checked: u64,
    /// What is wrong, worst first.
    pub found: Vec<Found>,
}

/// Why there is no judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unjudged {
    /// Nothing to check, with the reason.
    Skipped(String),
    /// The facts could not be read, with the reason.
    Error(String),
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// `Warning` or `Failed`.
    pub status: ValidationStatus,
    /// What is wrong, with its figure; a sentence.
    pub what: String,
    /// What can be done, as it can be carried out.
    pub action: String,
    /// Whom it concerns (canonical ids, else names of sources, tables or questions), in order.
    pub affected: Vec<String>,
    /// How many it concerns in all.
    pub affected_total: u64,
}

impl Found {
    /// Something that fails a check.
    pub fn failed(what: impl Into<String>, action: impl Into<String>) -> Self {
        Self::new(ValidationStatus::Failed, what.into(), action.into())
    }

    /// Something to look at.
    pub fn warning(what: impl Into<String>, action: impl Into<String>) -> Self {
        Self::new(ValidationStatus::Warning, what.into(), action.into())
    }

    fn new(status: ValidationStatus, what: String, action: String) -> Self {
        Self { status, what, action, affected: Vec::new(), affected_total: 0 }
    }

    /// The same about these.
    #[must_use]
    pub fn about(mut self, affected: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.affected = affected.into_iter().map(Into::into).collect();
        self.affected_total = self.affected.len() as u64;
        self
    }
}

/// `1 service`, `3 services`.
pub fn counted(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}
