//! Parameters of `database_performance`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list};
use crate::question::system_metrics::Status;

/// Which databases, over which window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DatabasePerformanceParams {
    /// Instant asked about, RFC 3339 or a date; without it now.
    pub as_of: Option<Micros>,
    /// Window that is measured, ending at that instant (default 24 hours).
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
    /// Database by canonical id, alias or unique name; may be repeated.
    pub database: Vec<String>,
    /// Engine (`postgres`, `sqlserver`, `redis`); any of the given ones.
    pub engine: Vec<String>,
    /// Only databases with this status; counts still count all.
    pub status: Vec<Status>,
    /// Most databases to give, worst first (default 100, at most 1,000).
    pub limit: Option<u32>,
    /// Go on after the last page, from its `next`.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(DatabasePerformanceParams, place);

impl DatabasePerformanceParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 100, limit_max: 1_000, window: Some(Micros::DAY) };
        fill_common(self.common_mut(), defaults)?;
        tidy_list("database", &mut self.database)?;
        tidy_list("engine", &mut self.engine)?;
        self.status.sort_unstable();
        self.status.dedup();
        Ok(())
    }
}
