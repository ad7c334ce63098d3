//! Parameters of `critical_paths`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::PointClass;
use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list};

/// Of which entry points and products, at which instant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CriticalPathsParams {
    /// Instant asked about, RFC 3339 or a date; without it the state in force.
    pub as_of: Option<Micros>,
    /// Accepted so that one address serves every page; the estate is that of one instant.
    pub window: Option<Text<WindowParam>>,
    /// Account, subscription or project of entry points and workloads; any of the given ones.
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
    /// What must not go down: an entry point's service, a product, or any other entity; may be
    /// repeated (default every entry point and product of the place).
    pub target: Vec<String>,
    /// Only points of these classes.
    pub class: Vec<PointClass>,
    /// Also judge whole places and what a provider runs for a region (default no).
    pub include: Vec<Include>,
    /// Most points and risks of each list, worst first (default 50, at most 1,000).
    pub limit: Option<u32>,
    /// Accepted for uniformity; each list has its limit.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(CriticalPathsParams, place);

/// What is judged only when it is asked for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// Regions.
    Region,
    /// Accounts.
    Account,
    /// Whole clusters and their control planes.
    Cluster,
    /// What a provider runs for a region: load balancers in several zones, buckets, queues, regional
    /// NAT gateways, transit gateways, endpoints.
    Managed,
}

/// Most targets asked for by name.
const TARGETS_MAX: usize = 100;

impl CriticalPathsParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 50, limit_max: 1_000, window: None };
        fill_common(self.common_mut(), defaults)?;
        tidy_list("target", &mut self.target)?;
        if self.target.len() > TARGETS_MAX {
            let reason = format!("at most {TARGETS_MAX} targets are accepted");
            return Err(AskError::bad("target", reason));
        }
        self.class.sort_unstable();
        self.class.dedup();
        self.include.sort_unstable();
        self.include.dedup();
        Ok(())
    }
}
