//! The answer of `security_events`.

mod history;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::params::SecurityGrouping;

pub use history::{
    FindingSuppression, RemediationTarget, RemediationTime, ScanState, SecurityGroup,
    SecurityIncident, SecurityLists, SecurityPeriod, SuppressedFinding,
};

/// Findings, whose they are, and how they are mended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SecurityEventsAnswer {
    /// Counts.
    pub summary: SecuritySummary,
    /// Findings in the asked states, worst first: known exploited, severity, exposure, likelihood, age,
    /// then id.
    pub findings: Vec<SecurityFinding>,
    /// What `groups` are.
    pub group_by: SecurityGrouping,
    /// Open findings by group, the most critical ones first. A finding that concerns several owners
    /// counts for each.
    pub groups: Vec<SecurityGroup>,
    /// New, fixed and reopened findings of each period, in order of time.
    pub trend: Vec<SecurityPeriod>,
    /// Times to remediate by severity, worst first, then of all.
    pub remediation: Vec<RemediationTime>,
    /// Targets by severity, worst first, then of known exploited weaknesses.
    pub targets: Vec<RemediationTarget>,
    /// What is suppressed, with who says so and why; worst first.
    pub suppressed: Vec<SuppressedFinding>,
    /// Security incidents and detections of the window, newest first.
    pub incidents: Vec<SecurityIncident>,
    /// The newest scan of each scanner, class and target, newest first.
    pub scans: Vec<ScanState>,
    /// Lists that weaknesses were joined with.
    pub lists: SecurityLists,
}

/// Counts of findings at the instant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct SecuritySummary {
    /// Open, never fixed before.
    pub open: u64,
    /// Open again after a fix.
    pub reopened: u64,
    /// Not listed any more by a later complete scan.
    pub fixed: u64,
    /// Said not to count.
    pub suppressed: u64,
    /// Its target exists no more.
    pub gone: u64,
    /// Of the open and reopened ones by severity, worst first; every severity is there.
    pub severities: Vec<SeverityCounts>,
    /// Of the open and reopened ones: known to be exploited.
    pub known_exploited: u64,
    /// Of them: a fixed version exists.
    pub fix_available: u64,
    /// Of them: the internet reaches it, directly or through calls.
    pub exposed: u64,
    /// Of them: past the target.
    pub overdue: u64,
    /// Of them: nobody owns what is concerned.
    pub unowned: u64,
}

/// Open and reopened findings of one severity.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SeverityCounts {
    /// Severity.
    pub severity: FindingSeverity,
    /// How many.
    pub open: u64,
    /// Known to be exploited.
    pub known_exploited: u64,
    /// With a fixed version.
    pub fix_available: u64,
    /// That the internet reaches.
    pub exposed: u64,
    /// Past the target.
    pub overdue: u64,
    /// First seen up to 7, 30, 90, 180 days ago, and longer, in this order.
    pub by_age: [u64; 5],
}

/// How bad it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word itself")]
pub enum FindingSeverity {
    Critical,
    High,
    Medium,
    Low,
    Unknown,
}

impl FindingSeverity {
    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Unknown => "unknown",
        }
    }
}

/// How a finding stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// A scan lists it.
    Open,
    /// A scan lists it again after one that did not.
    Reopened,
    /// A later complete scan does not list it.
    Fixed,
    /// A scan lists it, and somebody says that it does not count.
    Suppressed,
    /// What it was found in exists no more.
    Gone,
}

/// One finding: a weakness in a package or at a place of a target.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SecurityFinding {
    /// Names it in a decision: `finding:WEAKNESS/PART@TARGET`.
    pub id: String,
    /// CVE, else GHSA, else the scanner's id.
    pub weakness: String,
    /// Other names of it, in order.
    pub aliases: Vec<String>,
    /// `vulnerability`, `misconfiguration`, `secret`, `licence`, `code`, `threat` or the source's word.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Severity, the worst of those that scanners gave last.
    pub severity: FindingSeverity,
    /// State.
    pub state: FindingState,
    /// Package; null when it is in none.
    pub package: Option<String>,
    /// Type of the package's URL, whose rules its versions are compared by.
    pub ecosystem: Option<String>,
    /// Installed versions, in order.
    pub installed_versions: Vec<String>,
    /// The least later version that mends it; null when none is known.
    pub fixed_version: Option<String>,
    /// Places in the target, in order, at most 20.
    pub places: Vec<String>,
    /// What was scanned.
    pub target: String,
    /// Kubernetes object that runs the image, when a scan names it: `namespace/kind/name`.
    pub workload: Option<String>,
    /// Digests, else tags, of the builds in which it was seen, in order, at most 20.
    pub builds: Vec<String>,
    /// What of the estate is concerned: canonical ids, in order, at most 20.
    pub entities: Vec<String>,
    /// Canonical ids of the owners, in order; empty when nobody owns it.
    pub owners: Vec<String>,
    /// Canonical ids of the applications, in order.
    pub applications: Vec<String>,
    /// Scanners that found it, in order.
    pub scanners: Vec<String>,
    /// First seen.
    pub first_seen: Timestamp,
    /// Seen last.
    pub last_seen: Timestamp,
    /// Since when it is open without a break; null when it is not.
    pub open_since: Option<Timestamp>,
    /// First scan without it; null while it is open.
    pub fixed_at: Option<Timestamp>,
    /// How often it came back.
    pub reopened_count: u64,
    /// Seconds since it was first seen.
    pub age_seconds: i64,
    /// First report that names a version that mends it; null when none does.
    pub fix_available_since: Option<Timestamp>,
    /// Seconds since then.
    pub fix_age_seconds: Option<i64>,
    /// Entry in the list of known exploited weaknesses; null when it is not on it.
    pub known_exploited: Option<KnownExploitedFact>,
    /// How likely it is exploited; null when no score is held.
    pub exploit_likelihood: Option<ExploitLikelihoodFact>,
    /// When it is to be mended; null for an unknown severity.
    pub due: Option<Timestamp>,
    /// What sets it: `known_exploited` or `severity`.
    pub due_by: Option<String>,
    /// Whether it is open and past that.
    pub is_overdue: bool,
    /// Whether the internet reaches it.
    pub exposure: FindingExposure,
}

/// An entry of the list of known exploited weaknesses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KnownExploitedFact {
    /// When it was added.
    pub added: Option<Timestamp>,
    /// By when it is to be mended.
    pub due: Option<Timestamp>,
    /// Whether ransomware is known to use it.
    pub is_ransomware: bool,
    /// What is to be done.
    pub action: Option<String>,
}

/// How likely a weakness is exploited within 30 days (EPSS).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExploitLikelihoodFact {
    /// Probability, 0 to 1.
    pub probability: f64,
    /// Share of all weaknesses that score no higher, 0 to 1.
    pub percentile: f64,
    /// Day of the score.
    pub scored: Option<Timestamp>,
}

/// Whether the internet reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingExposureVerdict {
    /// Directly.
    Exposed,
    /// Directly as far as was read; not everything was.
    PossibleNotFullyChecked,
    /// Through calls of something that is exposed.
    ThroughCalls,
    /// No way in leads to it.
    NotExposed,
    /// It is not in the estate, or no way in is known.
    Unknown,
}

/// Whether the internet reaches it, and on which path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingExposure {
    /// The verdict.
    pub verdict: FindingExposureVerdict,
    /// Why.
    pub reason: String,
    /// The way in, from the outside; empty without one.
    pub path: Vec<ExposureStep>,
}

/// One step of a way in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExposureStep {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: model::EntityKind,
    /// Name.
    pub name: String,
}
