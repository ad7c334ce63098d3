//! Parameters of `incidents/suspects`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common};

/// Trouble of what, when.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SuspectsParams {
    /// The incident, by its id; gives entity, start and end that are not given.
    pub incident: Option<String>,
    /// What was harmed: canonical id, alias or unique name.
    pub entity: Option<String>,
    /// When the harm began, RFC 3339.
    pub at: Option<Micros>,
    /// End of the time that is looked at; nothing later is read (default 5 minutes after the start, of an
    /// incident its end, at most 6 hours after its start).
    pub until: Option<Micros>,
    /// Instant asked about, RFC 3339 or a date; without it now. Later records are not known.
    pub as_of: Option<Micros>,
    /// Not used: the time looked at is from `at` to `until`.
    pub window: Option<Text<WindowParam>>,
    /// Account, subscription or project; only suspects there.
    pub account: Vec<String>,
    /// Region; only suspects there.
    pub region: Vec<String>,
    /// Cluster by uid or name; only suspects there.
    pub cluster: Vec<String>,
    /// Namespace; only suspects there.
    pub namespace: Vec<String>,
    /// Environment; only suspects there.
    pub environment: Vec<String>,
    /// Owning unit, team or product by canonical id, with everything below it.
    pub unit: Vec<String>,
    /// Most suspects to give (default 10, at most 100).
    pub limit: Option<u32>,
    /// Accepted as for every question; the answer is one page.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(SuspectsParams, place);

impl SuspectsParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        if self.window.is_some() {
            return Err(AskError::bad("window", "is not accepted; give at and until"));
        }
        fill_common(self.common_mut(), CommonDefaults { limit: 10, limit_max: 100, window: None })?;
        if self.incident.is_none() && self.entity.is_none() {
            return Err(AskError::bad("entity", "give an incident, or an entity and at"));
        }
        if self.incident.is_none() && self.at.is_none() {
            return Err(AskError::bad("at", "give when the harm began, or an incident"));
        }
        if let (Some(at), Some(until)) = (self.at, self.until)
            && until <= at
        {
            return Err(AskError::bad("until", format!("{until} is not after {at}")));
        }
        Ok(())
    }
}
