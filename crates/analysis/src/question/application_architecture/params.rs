//! Parameters of `application_architecture`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list};

/// Which applications, over which window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApplicationArchitectureParams {
    /// Instant asked about, RFC 3339 or a date; without it the state in force.
    pub as_of: Option<Micros>,
    /// Time whose calls are counted, ending at that instant, or where the newest call is (default P1D).
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
    /// Only this application, by id or name; may be repeated.
    pub application: Vec<String>,
    /// Label or tag that names the application where nothing above it does (default application).
    pub tag: Option<String>,
    /// Most applications, those with the most services first (default 50, at most 500).
    pub limit: Option<u32>,
    /// Accepted as for every question; the answer is one page.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(ApplicationArchitectureParams, place);

/// The window unless asked otherwise.
pub(super) const WINDOW: i64 = Micros::DAY;

impl ApplicationArchitectureParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 50, limit_max: 500, window: Some(WINDOW) };
        fill_common(self.common_mut(), defaults)?;
        tidy_list("application", &mut self.application)?;
        self.tag = Some(self.tag.take().unwrap_or_else(|| "application".to_owned()));
        Ok(())
    }
}
