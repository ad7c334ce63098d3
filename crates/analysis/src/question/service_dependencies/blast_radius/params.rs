//! Parameters of `service_dependencies/blast_radius`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list};

/// What fails, at which instant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BlastRadiusParams {
    /// Instant asked about, RFC 3339 or a date; without it the state in force.
    pub as_of: Option<Micros>,
    /// Accepted so that one address serves every page; needs are those of the fortnight before.
    pub window: Option<Text<WindowParam>>,
    /// Accepted for uniformity; the closure is that of the whole estate.
    pub account: Vec<String>,
    /// Accepted for uniformity.
    pub region: Vec<String>,
    /// Accepted for uniformity.
    pub cluster: Vec<String>,
    /// Accepted for uniformity.
    pub namespace: Vec<String>,
    /// Accepted for uniformity.
    pub environment: Vec<String>,
    /// Accepted for uniformity.
    pub unit: Vec<String>,
    /// What fails: canonical id, alias or unique name; may be repeated, and then all fail together.
    pub root: Vec<String>,
    /// Whether what is not ready has failed already (now, the default), or all replicas are up
    /// (by_design).
    pub state: Option<BlastState>,
    /// Most rows of each list (default 200, at most 5,000).
    pub limit: Option<u32>,
    /// Accepted for uniformity; each list has its limit.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(BlastRadiusParams);

/// Which replicas are up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlastState {
    /// All that are declared.
    ByDesign,
    /// What is not ready has failed already.
    #[default]
    Now,
}

/// Most things that fail together.
const ROOTS_MAX: usize = 100;

impl BlastRadiusParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 200, limit_max: 5_000, window: None };
        fill_common(self.common_mut(), defaults)?;
        tidy_list("root", &mut self.root)?;
        if self.root.is_empty() || self.root.len() > ROOTS_MAX {
            let reason = format!("give what fails as root=ID, between 1 and {ROOTS_MAX} times");
            return Err(AskError::bad("root", reason));
        }
        self.state = Some(self.state.unwrap_or_default());
        Ok(())
    }
}
