//! Parameters of `database_connections`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list};

/// Which databases, at which instant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConnectionsParams {
    /// Instant asked about, RFC 3339 or a date; without it the state in force.
    pub as_of: Option<Micros>,
    /// Window over which connections and calls are measured (default 24 hours, ending at the instant
    /// asked about).
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
    /// Engine (`postgres`, `sqlserver-se`, `redis`); any of the given ones.
    pub engine: Vec<String>,
    /// Evidence of the clients that are given; any of the given ones (default all).
    pub evidence: Vec<ClientEvidence>,
    /// Most databases to give (default 200, at most 2,000).
    pub limit: Option<u32>,
    /// Go on after the last page, from its `next`.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(DatabaseConnectionsParams, place);

/// How a client is known.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ClientEvidence {
    /// Traffic was seen.
    Observed,
    /// A variable, a ConfigMap or a Secret names the endpoint.
    Declared,
    /// Network rules would let it in.
    Possible,
}

impl DatabaseConnectionsParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 200, limit_max: 2_000, window: Some(Micros::DAY) };
        fill_common(self.common_mut(), defaults)?;
        tidy_list("database", &mut self.database)?;
        tidy_list("engine", &mut self.engine)?;
        self.evidence.sort_unstable();
        self.evidence.dedup();
        Ok(())
    }

    /// Whether clients of this evidence are asked for.
    pub(super) fn is_asked(&self, evidence: ClientEvidence) -> bool {
        self.evidence.is_empty() || self.evidence.contains(&evidence)
    }
}
