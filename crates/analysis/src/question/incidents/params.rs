//! Parameters of `incidents`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::period::IncidentPeriodStep;
use crate::ask::AskError;
use crate::incident::IncidentStatus;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list, within};

/// Which incidents, counted by what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IncidentsParams {
    /// Instant asked about, RFC 3339 or a date: every incident is as its events leave it then; without
    /// it now.
    pub as_of: Option<Micros>,
    /// Incidents that touch this time (default everything held, at most 5 years).
    pub window: Option<Text<WindowParam>>,
    /// Account of what was harmed; any of the given ones.
    pub account: Vec<String>,
    /// Region of what was harmed; any of the given ones.
    pub region: Vec<String>,
    /// Cluster (by uid) of what was harmed; any of the given ones.
    pub cluster: Vec<String>,
    /// Namespace of what was harmed; any of the given ones.
    pub namespace: Vec<String>,
    /// Environment of what was harmed; any of the given ones.
    pub environment: Vec<String>,
    /// Unit, team or product that owns what was harmed, by canonical id, with everything below it.
    pub unit: Vec<String>,
    /// Severity in the source's own word; any of the given ones.
    pub severity: Vec<String>,
    /// Service (or other thing) that was harmed, by canonical id or name; any of the given ones.
    pub service: Vec<String>,
    /// Team, by the canonical id of the owner or the source's own name; any of the given ones.
    pub team: Vec<String>,
    /// Only incidents that stand here; any of the given ones.
    pub status: Vec<IncidentStatus>,
    /// Break down by these (default severity, service and team).
    pub by: Vec<IncidentDimension>,
    /// Length of a period (default by the window: day up to 35 days, week up to 200, else month).
    pub step: Option<IncidentPeriodStep>,
    /// Groups of each breakdown, those with most incidents first (default 20, at most 500).
    pub top: Option<u32>,
    /// Most incidents listed, open ones first, then the newest (default 50, at most 1,000).
    pub limit: Option<u32>,
    /// Go on after the last page, from its `next`.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(IncidentsParams, place);

/// What incidents are broken down by.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IncidentDimension {
    /// The source's own word.
    Severity,
    /// What was harmed; an incident counts under each.
    Service,
    /// Who owns what was harmed, else the team the source names; an incident counts under each.
    Team,
    /// Who reported it.
    Source,
}

impl IncidentDimension {
    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Service => "service",
            Self::Team => "team",
            Self::Source => "source",
        }
    }
}

impl IncidentsParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 50, limit_max: 1_000, window: None };
        fill_common(self.common_mut(), defaults)?;
        self.top = Some(within("top", self.top, 20, 500)?);
        for (field, list) in [
            ("severity", &mut self.severity),
            ("service", &mut self.service),
            ("team", &mut self.team),
        ] {
            tidy_list(field, list)?;
        }
        self.status.sort_unstable();
        self.status.dedup();
        if self.by.is_empty() {
            use IncidentDimension::{Service, Severity, Team};
            self.by = vec![Severity, Service, Team];
        }
        self.by.sort_unstable();
        self.by.dedup();
        Ok(())
    }
}
