//! Parameters of `critical_paths/what_if`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::select::Selection;
use crate::ask::AskError;
use crate::failure::State;
use crate::param::{CommonDefaults, Text, common_params, fill_common};

/// What is taken away, at which instant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WhatIfParams {
    /// Instant asked about, RFC 3339 or a date; without it the state in force.
    pub as_of: Option<Micros>,
    /// Accepted so that one address serves every page; the estate is that of one instant.
    pub window: Option<Text<WindowParam>>,
    /// What is taken away: an id or unique name, or terms KEY=VALUE joined by `;` that must all hold
    /// (kind, name, label.K, property.K, account, region, zone, cluster, namespace, environment,
    /// image, version, owner); a value that ends with * matches any rest. May be repeated.
    pub select: Vec<Text<Selection>>,
    /// Whether what is not ready counts as failed already (default now).
    pub state: Option<FailureState>,
    /// Account of the entry points whose loss is counted; the closure is of the whole estate.
    pub account: Vec<String>,
    /// Region of those entry points; any of the given ones.
    pub region: Vec<String>,
    /// Cluster of those entry points by uid or name; any of the given ones.
    pub cluster: Vec<String>,
    /// Namespace of those entry points; any of the given ones.
    pub namespace: Vec<String>,
    /// Environment of those entry points; any of the given ones.
    pub environment: Vec<String>,
    /// Owning unit, team or product of those entry points, with everything below it.
    pub unit: Vec<String>,
    /// Most rows of each list (default 200, at most 5,000).
    pub limit: Option<u32>,
    /// Accepted for uniformity; each list has its limit.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(WhatIfParams, place);

/// Which replicas are up.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FailureState {
    /// All that are declared.
    ByDesign,
    /// What is not ready has failed already.
    #[default]
    Now,
}

impl FailureState {
    /// The state of the model.
    pub(super) fn state(self) -> State {
        match self {
            Self::ByDesign => State::ByDesign,
            Self::Now => State::Now,
        }
    }
}

/// Most parts of a selection.
const PARTS_MAX: usize = 100;

impl WhatIfParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 200, limit_max: 5_000, window: None };
        fill_common(self.common_mut(), defaults)?;
        self.select.sort();
        self.select.dedup();
        if self.select.is_empty() {
            let reason = "says what is taken away; give select=ID or select=zone=use1-az1";
            return Err(AskError::bad("select", reason));
        }
        if self.select.len() > PARTS_MAX {
            let reason = format!("at most {PARTS_MAX} selections are accepted");
            return Err(AskError::bad("select", reason));
        }
        self.state = Some(self.state.unwrap_or_default());
        Ok(())
    }
}
