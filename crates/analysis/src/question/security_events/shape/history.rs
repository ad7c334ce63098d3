//! What stands beside the findings: groups, periods, times to remediate, targets, what is suppressed,
//! incidents, scans and lists.

use jiff::Timestamp;
use model::measure::Measure;
use schemars::JsonSchema;
use serde::Serialize;

use super::FindingSeverity;

/// Open and reopened findings of one group.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SecurityGroup {
    /// Canonical id or word; null for what has none (no owner, no image).
    pub key: Option<String>,
    /// Name for people.
    pub name: String,
    /// Findings.
    pub open: u64,
    /// Of them critical.
    pub critical: u64,
    /// Of them high.
    pub high: u64,
    /// Of them medium.
    pub medium: u64,
    /// Of them low.
    pub low: u64,
    /// Of them of unknown severity.
    pub unknown: u64,
    /// Known to be exploited.
    pub known_exploited: u64,
    /// With a fixed version.
    pub fix_available: u64,
    /// That the internet reaches.
    pub exposed: u64,
    /// Past the target.
    pub overdue: u64,
    /// Seconds since the oldest was first seen.
    pub oldest_seconds: i64,
}

/// One period of the trend.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SecurityPeriod {
    /// Start.
    pub from: Timestamp,
    /// End, not included.
    pub to: Timestamp,
    /// Seen for the first time.
    pub new: u64,
    /// Fixed.
    pub fixed: u64,
    /// Came back.
    pub reopened: u64,
    /// Open at its end, without what was suppressed then.
    pub open: u64,
    /// Of them critical and high.
    pub open_severe: u64,
}

/// How long findings of a severity stay open. Those that are open still count as lasting at least so
/// long (Kaplan and Meier).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RemediationTime {
    /// Severity; null for all together.
    pub severity: Option<FindingSeverity>,
    /// Findings that appeared in the window.
    pub appeared: u64,
    /// Of them fixed.
    pub fixed: u64,
    /// Of them open still, suppressed or gone.
    pub censored: u64,
    /// Median from first seen, in seconds.
    pub median: Measure,
    /// Its 95 % interval in seconds; an end is null where the curve does not tell.
    pub median_interval: Option<[Option<f64>; 2]>,
    /// Median from the day a fix existed, in seconds.
    pub median_since_fix: Measure,
    /// Mean of those fixed in the window, in seconds; it leaves out what is open.
    pub mean_fixed: Measure,
    /// Median of those fixed in the window, in seconds; it leaves out what is open.
    pub median_fixed: Measure,
}

/// How a target is kept.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RemediationTarget {
    /// `critical`, `high`, `medium`, `low`, or `known_exploited`.
    pub target: String,
    /// Days from first seen; null for known exploited ones, which have a date of their own.
    pub days: Option<u32>,
    /// Open findings that it holds for.
    pub open: u64,
    /// Of them past it.
    pub overdue: u64,
    /// Of them due within seven days.
    pub due_soon: u64,
    /// Fixed in the window in time.
    pub fixed_in_time: u64,
    /// Fixed in the window too late.
    pub fixed_late: u64,
    /// Share in time of what was fixed in the window or is overdue, 0 to 1.
    pub kept: Measure,
}

/// Something that does not count.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SuppressedFinding {
    /// As in `findings`.
    pub id: String,
    /// Weakness.
    pub weakness: String,
    /// Severity.
    pub severity: FindingSeverity,
    /// Package or place.
    pub part: String,
    /// What was scanned.
    pub target: String,
    /// Why it does not count.
    pub suppression: FindingSuppression,
}

/// Who says that it does not count, why, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingSuppression {
    /// `dismissal`, `vex` or `scanner`.
    pub by: String,
    /// Who; null when it is not said.
    pub author: Option<String>,
    /// Why; null when it is not said.
    pub reason: Option<String>,
    /// Since when; null when it is not said.
    pub since: Option<Timestamp>,
    /// It returns then; null without end.
    pub until: Option<Timestamp>,
    /// Source of the word.
    pub source: Option<String>,
}

/// A security incident, or something that was detected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SecurityIncident {
    /// The source's own id.
    pub id: String,
    /// Source.
    pub source: String,
    /// `incident` or `detection`.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Severity as the source says it.
    pub severity: Option<String>,
    /// `open`, `acknowledged`, `mitigated`, `resolved`, `fixed` or `suppressed`.
    pub status: String,
    /// Start.
    pub from: Timestamp,
    /// End; null while it lasts.
    pub to: Option<Timestamp>,
    /// Canonical ids of what is concerned.
    pub entities: Vec<String>,
}

/// The newest scan of one target by one scanner for one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScanState {
    /// Scanner.
    pub scanner: String,
    /// Class of check.
    pub class: String,
    /// Target.
    pub target: String,
    /// Kubernetes object that runs the image.
    pub workload: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Whether what it does not list is fixed.
    pub is_complete: bool,
    /// What it lists.
    pub listed: u64,
    /// Scans held of it up to the instant.
    pub scans: u64,
}

/// Lists that weaknesses were joined with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SecurityLists {
    /// Entries of the list of known exploited weaknesses up to the instant.
    pub known_exploited: u64,
    /// Newest entry of it.
    pub known_exploited_newest: Option<Timestamp>,
    /// Scores of exploit likelihood.
    pub exploit_likelihood: u64,
    /// Day of the newest scores.
    pub exploit_likelihood_scored: Option<Timestamp>,
    /// Words on whether weaknesses apply (VEX).
    pub exclusions: u64,
}
