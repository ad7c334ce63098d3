//! Parameters of `security_events`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::{FindingSeverity, FindingState};
use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list, within};

/// Which findings, grouped by what, against which targets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityEventsParams {
    /// Instant asked about, RFC 3339 or a date; without it now. Findings stand as the scans by then say.
    pub as_of: Option<Micros>,
    /// Time that trend, times to remediate and incidents cover (default everything held, at most five
    /// years). What is open is listed however old it is.
    pub window: Option<Text<WindowParam>>,
    /// Account, subscription or project; any of the given ones.
    pub account: Vec<String>,
    /// Region; any of the given ones.
    pub region: Vec<String>,
    /// Cluster by uid or name; any of the given ones.
    pub cluster: Vec<String>,
    /// Namespace; any of the given ones.
    pub namespace: Vec<String>,
    /// Environment; any of the given ones.
    pub environment: Vec<String>,
    /// Owning unit, team or product by canonical id, with everything below it.
    pub unit: Vec<String>,
    /// Only findings in these states are listed (default open and reopened); counts count all.
    pub state: Vec<FindingState>,
    /// Only these severities; may be repeated.
    pub severity: Vec<FindingSeverity>,
    /// Only these kinds: `vulnerability`, `misconfiguration`, `secret`, `licence`, `code`, `threat`, or
    /// the source's word; may be repeated.
    pub kind: Vec<String>,
    /// Only these weaknesses (CVE, GHSA or the scanner's id); may be repeated.
    pub weakness: Vec<String>,
    /// Only what concerns this: a scanned target (`image://…`), or an entity by canonical id, alias or
    /// unique name; may be repeated.
    pub entity: Vec<String>,
    /// Only what these scanners found; may be repeated.
    pub scanner: Vec<String>,
    /// Only weaknesses that are known to be exploited, or only the others.
    pub known_exploited: Option<bool>,
    /// Only findings for which a fixed version exists, or only the others.
    pub fix_available: Option<bool>,
    /// Only what the internet reaches, directly or through calls; or only the rest.
    pub exposed: Option<bool>,
    /// What findings are counted by (default owner).
    pub group_by: Option<SecurityGrouping>,
    /// Length of a period of the trend (default the shortest that gives at most 60).
    pub step: Option<SecurityStep>,
    /// Days in which a critical finding is to be mended (default 7).
    pub critical_days: Option<u32>,
    /// Days for a high one (default 30).
    pub high_days: Option<u32>,
    /// Days for a medium one (default 90).
    pub medium_days: Option<u32>,
    /// Days for a low one (default 180).
    pub low_days: Option<u32>,
    /// Most findings to give, worst first (default 100, at most 5,000).
    pub limit: Option<u32>,
    /// Go on after the last page, from its `next`.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(SecurityEventsParams, place);

/// What findings are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecurityGrouping {
    /// The unit that owns what is concerned.
    #[default]
    Owner,
    /// The application.
    Application,
    /// The image's repository.
    Image,
    /// Whatever was scanned.
    Target,
    /// The namespace.
    Namespace,
    /// The kind of finding.
    Kind,
    /// The weakness.
    Weakness,
    /// The scanner.
    Scanner,
}

/// Length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecurityStep {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
}

impl SecurityStep {
    /// In microseconds.
    pub(super) fn micros(self) -> i64 {
        match self {
            Self::Day => Micros::DAY,
            Self::Week => 7 * Micros::DAY,
            Self::Month => 30 * Micros::DAY,
        }
    }
}

/// Most days of a target: ten years.
const DAYS_MAX: u32 = 3_650;

/// Most entities asked for by name.
const ENTITIES_MAX: usize = 50;

impl SecurityEventsParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 100, limit_max: 5_000, window: None };
        fill_common(self.common_mut(), defaults)?;
        if self.state.is_empty() {
            self.state = vec![FindingState::Open, FindingState::Reopened];
        }
        self.state.sort_unstable();
        self.state.dedup();
        self.severity.sort_unstable();
        self.severity.dedup();
        tidy_list("kind", &mut self.kind)?;
        tidy_list("weakness", &mut self.weakness)?;
        tidy_list("entity", &mut self.entity)?;
        tidy_list("scanner", &mut self.scanner)?;
        if self.entity.len() > ENTITIES_MAX {
            let reason = format!("at most {ENTITIES_MAX} entities are accepted");
            return Err(AskError::bad("entity", reason));
        }
        self.group_by = Some(self.group_by.unwrap_or_default());
        for (field, days, default) in [
            ("critical_days", &mut self.critical_days, 7),
            ("high_days", &mut self.high_days, 30),
            ("medium_days", &mut self.medium_days, 90),
            ("low_days", &mut self.low_days, 180),
        ] {
            *days = Some(within(field, *days, default, DAYS_MAX)?);
        }
        if let Some(cursor) = &self.cursor
            && cursor.parse::<u64>().is_err()
        {
            return Err(AskError::bad("cursor", "is not the `next` of an earlier page"));
        }
        Ok(())
    }

    /// Findings that earlier pages gave.
    pub(super) fn skipped(&self) -> usize {
        self.cursor.as_ref().and_then(|cursor| cursor.parse().ok()).unwrap_or(0)
    }

    /// Days in which a finding of a severity is to be mended; none for an unknown one.
    pub(super) fn days(&self, severity: FindingSeverity) -> Option<u32> {
        match severity {
            FindingSeverity::Critical => self.critical_days,
            FindingSeverity::High => self.high_days,
            FindingSeverity::Medium => self.medium_days,
            FindingSeverity::Low => self.low_days,
            FindingSeverity::Unknown => None,
        }
    }
}
