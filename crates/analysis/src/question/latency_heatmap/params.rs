//! Parameters of `latency_heatmap`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, within};

/// Which calls, grouped by what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LatencyHeatmapParams {
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
    /// What rows and columns are (default service; above 2,000 services namespaces, then applications).
    pub by: Option<HeatmapGrouping>,
    /// Whose view of latency orders and colours the matrix (default client); both are given.
    pub side: Option<HeatmapSide>,
    /// Hot pairs to give, 1 to 200 (default 20).
    pub hot: Option<u32>,
    /// Most rows, those with the most calls (default 500, at most 2,000).
    pub limit: Option<u32>,
    /// Accepted as for every question; the answer is one page.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(LatencyHeatmapParams, place);

/// What rows and columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word itself")]
pub enum HeatmapGrouping {
    #[default]
    Service,
    Namespace,
    Application,
    Zone,
    Cluster,
}

impl HeatmapGrouping {
    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Namespace => "namespace",
            Self::Application => "application",
            Self::Zone => "zone",
            Self::Cluster => "cluster",
        }
    }
}

/// Whose view of latency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeatmapSide {
    /// The caller's: with the way there and back.
    #[default]
    Client,
    /// The callee's.
    Server,
}

/// The window unless asked otherwise.
pub(super) const WINDOW: i64 = Micros::DAY;

/// Rows that are put in order exactly; above it the matrix aggregates.
pub(super) const ROWS_MAX: u32 = 2_000;

impl LatencyHeatmapParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 500, limit_max: ROWS_MAX, window: Some(WINDOW) };
        fill_common(self.common_mut(), defaults)?;
        self.hot = Some(within("hot", self.hot, 20, 200)?);
        self.side = Some(self.side.unwrap_or_default());
        Ok(())
    }
}
