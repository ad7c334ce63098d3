//! The result of a validation, as every interface gives it.

use jiff::Timestamp;
use model::table::Table;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{ValidationAffected, ValidationFamily, ValidationSeverity, ValidationStatus};

/// One validation of the whole estate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ValidationReport {
    /// When it was made.
    pub at: Timestamp,
    /// How long it took, in seconds.
    pub took_seconds: f64,
    /// `failed` when a critical check failed or could not be made, whatever the score; else the worst of
    /// the checks that count, where `error` of a check that is not critical is a warning of the whole;
    /// `skipped` when nothing could be checked.
    pub status: ValidationStatus,
    /// Weighted mean of the checks that count, 0 to 1; null when under half of the weight ran.
    pub score: Option<f64>,
    /// Weight of the checks that ran.
    pub weight_run: u32,
    /// Weight of all checks.
    pub weight_total: u32,
    /// Checks by status.
    pub counts: ValidationCounts,
    /// The families, in a fixed order.
    pub families: Vec<ValidationFamilySummary>,
    /// Every check, by family, then the graver first, then by name.
    pub checks: Vec<ValidationCheck>,
    /// What is wrong: roots before consequences, failures before warnings, the graver check first, then
    /// by name of the check; at most 200.
    pub issues: Vec<ValidationIssue>,
    /// How many issues there are in all.
    pub issue_total: u64,
}

/// Checks by status; consequences of another check are counted apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidationCounts {
    /// Passed.
    pub passed: u32,
    /// With a warning.
    pub warning: u32,
    /// Failed.
    pub failed: u32,
    /// Could not be made.
    pub error: u32,
    /// Nothing to check.
    pub skipped: u32,
    /// Failed or could not be made because another check failed.
    pub consequence: u32,
}

/// One family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ValidationFamilySummary {
    /// Family.
    pub family: ValidationFamily,
    /// For people.
    pub title: String,
    /// Score of its checks alone, 0 to 1; null when under half of their weight ran.
    pub score: Option<f64>,
    /// Checks by status.
    pub counts: ValidationCounts,
}

/// One check and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidationCheck {
    /// Stable name.
    pub name: String,
    /// Family.
    pub family: ValidationFamily,
    /// Severity.
    pub severity: ValidationSeverity,
    /// Title for people.
    pub title: String,
    /// What it says when it passes.
    pub says: String,
    /// How it ended.
    pub status: ValidationStatus,
    /// How many things were looked at.
    pub checked: u64,
    /// How many issues it found.
    pub issues: u64,
    /// Why it was skipped or could not be made.
    pub reason: Option<String>,
    /// The check whose failure is the cause; then this one is not counted.
    pub caused_by: Option<String>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidationIssue {
    /// The check that found it.
    pub check: String,
    /// Its severity.
    pub severity: ValidationSeverity,
    /// `warning`, `failed` or `error`.
    pub status: ValidationStatus,
    /// What is wrong.
    pub what: String,
    /// What can be done about it.
    pub action: String,
    /// What `affected` names.
    pub affects: ValidationAffected,
    /// Whom it concerns: canonical ids of entities, else names; at most 20, in order.
    pub affected: Vec<String>,
    /// How many it concerns in all.
    pub affected_total: u64,
    /// The check whose failure is the cause.
    pub caused_by: Option<String>,
}

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ValidationPast {
    /// When it was made.
    pub at: Timestamp,
    /// Status of the whole.
    pub status: ValidationStatus,
    /// Score.
    pub score: Option<f64>,
    /// Checks by status.
    pub counts: ValidationCounts,
    /// How many issues there were.
    pub issue_total: u64,
}

/// What `GET /api/v1/validation` gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ValidationAnswer {
    /// The newest result; null before the first.
    pub latest: Option<ValidationReport>,
    /// Results, oldest first, at most 500, the newest among them.
    pub history: Vec<ValidationPast>,
    /// Minutes between two runs while the program serves; null when there is no schedule.
    pub schedule_minutes: Option<u64>,
    /// The tables of the newest result.
    pub tables: Vec<Table>,
}

impl ValidationReport {
    /// Its line in the history.
    pub fn past(&self) -> ValidationPast {
        ValidationPast {
            at: self.at,
            status: self.status,
            score: self.score,
            counts: self.counts,
            issue_total: self.issue_total,
        }
    }
}
