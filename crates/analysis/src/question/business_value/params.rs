//! Parameters of `business_value`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list};

/// Whose value, over which time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BusinessValueParams {
    /// Instant asked about, RFC 3339 or a date: values and charges whose period has ended by then.
    pub as_of: Option<Micros>,
    /// Values and charges whose period starts in here (default the billing periods held, at most 13).
    pub window: Option<Text<WindowParam>>,
    /// Cost of this account, subscription or project only; value is always of the whole, so that there
    /// is no return then.
    pub account: Vec<String>,
    /// Cost in this region only.
    pub region: Vec<String>,
    /// Cost in this cluster only.
    pub cluster: Vec<String>,
    /// Cost in this namespace only.
    pub namespace: Vec<String>,
    /// Cost in this environment only.
    pub environment: Vec<String>,
    /// Units, products and applications by canonical id, with everything below them.
    pub unit: Vec<String>,
    /// Value metrics by name; all when none is given.
    pub metric: Vec<String>,
    /// Length of a period: `day`, `week` or `month` (default day for up to 35 days, else month).
    pub step: Option<ValueStep>,
    /// Subjects that are given (default 50, at most 1,000).
    pub limit: Option<u32>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(BusinessValueParams, place);

/// Length of a period, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueStep {
    /// Days.
    Day,
    /// Weeks from Monday.
    Week,
    /// Calendar months.
    #[default]
    Month,
}

impl BusinessValueParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 50, limit_max: 1_000, window: None };
        fill_common(self.common_mut(), defaults)?;
        tidy_list("metric", &mut self.metric)
    }

    /// Whether cost is that of a part of the estate only.
    pub(super) fn has_place(&self) -> bool {
        self.place() != model::scope::Place::default()
    }
}
