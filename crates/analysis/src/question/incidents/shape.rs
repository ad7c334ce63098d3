//! The answer of `incidents`. Every duration is in seconds.

use model::absence::Absence;
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

use super::params::IncidentDimension;
use super::period::IncidentPeriodStep;
use crate::incident::IncidentStatus;
use crate::value::ValueDowntime;

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentsAnswer {
    /// All incidents concerned: those that touch the window and pass the filters, parts left out.
    pub total: IncidentGroup,
    /// Count of the window against the window of equal length before it.
    pub rates: IncidentRates,
    /// Length of a period.
    pub step: IncidentPeriodStep,
    /// Calendar periods that touch the window, in order.
    pub periods: Vec<IncidentPeriod>,
    /// One for each dimension asked for, in the order severity, service, team, source.
    pub breakdowns: Vec<IncidentBreakdown>,
    /// The incidents, open ones first (worst severity first), then by beginning, newest first.
    pub incidents: Vec<IncidentRow>,
    /// What keeps breaking: services with two incidents or more, those that return most often first.
    pub recurrence: Vec<IncidentRecurrence>,
    /// Time in which anything was broken.
    pub downtime: IncidentDowntime,
    /// What it cost those whose value it touched, the longest harm first; each with what it assumes.
    pub downtime_cost: Vec<ValueDowntime>,
    /// Parts of another incident, which are not counted beside it.
    pub parts: u64,
    /// Incidents without any instant, which are nowhere counted.
    pub undated: u64,
}

/// What holds for some incidents.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentGroup {
    /// Canonical id or the source's own word; null for those that have none.
    pub key: Option<String>,
    /// For people.
    pub name: String,
    /// Incidents that touch the time.
    pub count: u64,
    /// Of them those that began in it.
    pub began: u64,
    /// Of them those that ended in it.
    pub ended: u64,
    /// Of them those that are open at the instant asked about.
    pub open: u64,
    /// Of them those that ended, but nobody says when.
    pub ended_unknown: u64,
    /// How often they were opened again within 30 minutes.
    pub reopened: u64,
    /// How long things took.
    pub durations: IncidentDurations,
}

/// How long things took. Each counts the incidents that have both instants, the later one in the time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentDurations {
    /// Detected less started.
    pub detect: IncidentDuration,
    /// Acknowledged less detected.
    pub acknowledge: IncidentDuration,
    /// Resolved less started.
    pub resolve: IncidentDuration,
    /// Resolved less detected.
    pub resolve_from_detected: IncidentDuration,
}

/// One kind of duration.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentDuration {
    /// Incidents with both instants, the later one in the time.
    pub n: u64,
    /// Of the incidents that touch the time, those without both instants.
    pub n_without: u64,
    /// Those whose later instant lies before the earlier one: left out.
    pub n_contradictory: u64,
    /// Of `n`, those whose end is a range.
    pub n_range: u64,
    /// Mean.
    pub mean: IncidentFigure,
    /// Median.
    pub median: IncidentFigure,
    /// 90th percentile, nearest rank; from 20 incidents.
    pub p90: IncidentFigure,
    /// Kaplan–Meier median of those that began in the time, open ones censored at the instant asked
    /// about; for the two kinds of resolve only.
    pub median_with_open: IncidentFigure,
    /// Open ones in it.
    pub n_censored: u64,
}

/// A figure that may be known as a range only.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentFigure {
    /// With every end at its earlier bound; null with `reason`.
    pub low: Option<f64>,
    /// With every end at its later bound; equal to `low` when all ends are known.
    pub high: Option<f64>,
    /// Unit.
    pub unit: String,
    /// How it came about.
    pub basis: String,
    /// 95 % interval: from the lower end of that of `low` to the upper end of that of `high`; by
    /// bootstrap from 5 incidents, an end null where the data do not bound it.
    pub interval: Option<[Option<f64>; 2]>,
    /// Values behind it.
    pub n: u64,
    /// `no_data`, `too_little_data` or `not_applicable`.
    pub reason: Option<Absence>,
}

/// Two counts.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentRates {
    /// Incidents that began in the time.
    pub count: u64,
    /// Days of it.
    pub days: f64,
    /// Incidents that began in the time before; null with `reason`.
    pub count_before: Option<u64>,
    /// Days of that; null with `reason`.
    pub days_before: Option<f64>,
    /// Rate against the rate before; null without incidents before.
    pub ratio: Option<f64>,
    /// Two-sided exact test that both rates are one; unadjusted for the number of comparisons.
    pub p_value: Option<f64>,
    /// Whether the p-value is below 0.05.
    pub is_different: Option<bool>,
    /// `no_data` when nothing is held of the time before, `not_applicable` when the window is all that
    /// is held.
    pub reason: Option<Absence>,
}

/// One calendar period, cut to the window.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentPeriod {
    /// Start.
    pub from: Micros,
    /// End, not included.
    pub to: Micros,
    /// Whether the window covers all of it.
    pub is_complete: bool,
    /// Its incidents.
    pub group: IncidentGroup,
    /// Its count against that of the period before.
    pub rates: IncidentRates,
}

/// Incidents by one dimension.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentBreakdown {
    /// The dimension.
    pub by: IncidentDimension,
    /// Those with most incidents first, then in order of key and name.
    pub groups: Vec<IncidentGroup>,
    /// How many groups there are.
    pub groups_total: u64,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentRow {
    /// Id of the source.
    pub id: String,
    /// Who reported it.
    pub source: String,
    /// Title.
    pub title: String,
    /// Severity in the source's own word.
    pub severity: Option<String>,
    /// Where it stands.
    pub status: IncidentStatus,
    /// The first instant known of it.
    pub began_at: Option<Micros>,
    /// Harm began.
    pub started_at: Option<Micros>,
    /// Somebody or something noticed.
    pub detected_at: Option<Micros>,
    /// Somebody took it.
    pub acknowledged_at: Option<Micros>,
    /// Harm stopped.
    pub mitigated_at: Option<Micros>,
    /// It ended, at the earliest.
    pub resolved_at: Option<Micros>,
    /// It ended, at the latest; equal to `resolved_at` when that is known.
    pub resolved_at_latest: Option<Micros>,
    /// From its first instant to its end at the earliest and at the latest; to the instant asked about
    /// while it goes on; null when nobody says when it ended.
    pub lasted_seconds: Option<[f64; 2]>,
    /// What it harmed.
    pub harmed: Vec<IncidentEntity>,
    /// Owners of that by canonical id, and teams that the source names; in order.
    pub teams: Vec<String>,
    /// The incident it is counted under.
    pub part_of: Option<String>,
    /// Incidents that are counted under it.
    pub parts: u64,
    /// Alerts that are one with it.
    pub alerts: u64,
    /// How often it was opened again within 30 minutes.
    pub reopened: u64,
    /// Whether the same thing had been harmed in the 30 days before.
    pub is_recurrence: bool,
    /// The cause as stated afterwards.
    pub cause: Option<String>,
    /// Where to read more.
    pub link: Option<String>,
}

/// Something that was harmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IncidentEntity {
    /// Canonical id; null when the name leads nowhere.
    pub id: Option<String>,
    /// Kind; null when the name leads nowhere.
    pub kind: Option<String>,
    /// Name, as the estate or the source has it.
    pub name: String,
    /// Canonical id of the owner.
    pub owner: Option<String>,
}

/// What keeps breaking.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentRecurrence {
    /// Canonical id; null when the name leads nowhere.
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// Incidents that began in the window.
    pub count: u64,
    /// Of them those that began within 30 days of the one before.
    pub returned: u64,
    /// `returned / count`.
    pub share: f64,
    /// Median days from one beginning to the next.
    pub days_between: f64,
}

/// Time in which anything was broken.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IncidentDowntime {
    /// Seconds of the window in which at least one incident went on, ends at their earlier bounds.
    pub low_seconds: f64,
    /// The same with ends at their later bounds.
    pub high_seconds: f64,
    /// Incidents in it.
    pub n: u64,
    /// Incidents that are not: nobody says when they ended.
    pub n_without: u64,
}
