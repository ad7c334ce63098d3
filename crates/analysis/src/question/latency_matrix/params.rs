//! Parameters of `latency_matrix`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::grid::BUCKETS_MAX;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list, within};

/// Whose communication, over which window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LatencyMatrixParams {
    /// Instant asked about, RFC 3339 or a date; without it now.
    pub as_of: Option<Micros>,
    /// Time that is judged, ending at that instant (default P1D); without calls in it, the window ends
    /// at the newest call.
    pub window: Option<Text<WindowParam>>,
    /// Account, subscription or project; any of the given ones, of either end.
    pub account: Vec<String>,
    /// Region; any of the given ones, of either end.
    pub region: Vec<String>,
    /// Cluster by uid or name; any of the given ones, of either end.
    pub cluster: Vec<String>,
    /// Namespace; any of the given ones, of either end.
    pub namespace: Vec<String>,
    /// Environment; any of the given ones, of either end.
    pub environment: Vec<String>,
    /// Owning unit, team or product of either end by canonical id, with everything below it.
    pub unit: Vec<String>,
    /// Only communication of this service, as caller or callee; may be repeated.
    pub entity: Vec<String>,
    /// Whose durations are judged (default client); the other's stand in where there are none.
    pub side: Option<MatrixSide>,
    /// Most buckets of a series (default 288, at most 360); buckets last whole minutes.
    pub buckets: Option<u32>,
    /// Least relevant change in percent (default 10).
    pub least_percent: Option<u32>,
    /// Most pairs to give, those with the most harmed requests first (default 50, at most 200).
    pub limit: Option<u32>,
    /// Go on after the last page, from its `next`.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(LatencyMatrixParams, place);

/// Whose durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatrixSide {
    /// The caller's: with the way there and back.
    #[default]
    Client,
    /// The callee's.
    Server,
}

/// The window unless asked otherwise.
pub(super) const WINDOW: i64 = Micros::DAY;

impl LatencyMatrixParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 50, limit_max: 200, window: Some(WINDOW) };
        fill_common(self.common_mut(), defaults)?;
        tidy_list("entity", &mut self.entity)?;
        self.side = Some(self.side.unwrap_or_default());
        self.buckets = Some(within("buckets", self.buckets, 288, BUCKETS_MAX)?);
        self.least_percent = Some(within("least_percent", self.least_percent, 10, 100)?);
        Ok(())
    }
}
