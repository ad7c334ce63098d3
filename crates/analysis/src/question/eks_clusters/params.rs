//! Parameters of `eks_clusters`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common};
use crate::table::SupportStatus;

/// Which clusters, at which instant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EksClustersParams {
    /// Instant asked about, RFC 3339 or a date; without it the state in force.
    pub as_of: Option<Micros>,
    /// Window over which use is measured (default 1 hour, ending at the instant asked about).
    pub window: Option<Text<WindowParam>>,
    /// Account, subscription or project; any of the given ones.
    pub account: Vec<String>,
    /// Region; any of the given ones.
    pub region: Vec<String>,
    /// Cluster by id, uid or name; any of the given ones.
    pub cluster: Vec<String>,
    /// Namespace: workloads and pods of these only.
    pub namespace: Vec<String>,
    /// Environment; any of the given ones.
    pub environment: Vec<String>,
    /// Owning unit, team or product by canonical id, with everything below it.
    pub unit: Vec<String>,
    /// Support status; any of the given ones.
    pub support: Vec<SupportStatus>,
    /// Most clusters to give (default 100, at most 1,000).
    pub limit: Option<u32>,
    /// Go on after the last page, from its `next`.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(EksClustersParams, place);

impl EksClustersParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 100, limit_max: 1_000, window: Some(Micros::HOUR) };
        fill_common(self.common_mut(), defaults)?;
        self.support.sort_unstable();
        self.support.dedup();
        Ok(())
    }
}
