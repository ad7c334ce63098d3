//! Parameters of `service_trends`.

use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::grid::BUCKETS_MAX;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list, within};

/// Whose trends, over which window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceTrendsParams {
    /// Instant asked about, RFC 3339 or a date; without it now.
    pub as_of: Option<Micros>,
    /// Time that is judged, ending at that instant (default P1D); when nothing was measured in it, the
    /// default window ends at the newest value.
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
    /// This service: canonical id, alias or unique name; may be repeated.
    pub entity: Vec<String>,
    /// Only these signals.
    pub signal: Vec<TrendSignal>,
    /// Most buckets of a series (default 288, at most 360); buckets last whole minutes.
    pub buckets: Option<u32>,
    /// Whether what comes next is worked out from the last 28 days (default yes).
    pub forecast: Option<bool>,
    /// Least relevant change over the window in percent (default 10).
    pub least_percent: Option<u32>,
    /// Most services to give, those with the most requests first (default 20, at most 50).
    pub limit: Option<u32>,
    /// Go on after the last page, from its `next`.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(ServiceTrendsParams, place);

/// What is followed of a service.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TrendSignal {
    /// Requests per second.
    RequestRate,
    /// Failed requests of all.
    ErrorRatio,
    /// Median duration of requests.
    LatencyP50,
    /// 95th percentile of the durations.
    LatencyP95,
    /// 99th percentile of the durations.
    LatencyP99,
    /// How full the scarcest resource is.
    Saturation,
}

impl TrendSignal {
    /// All, in order.
    pub const ALL: [Self; 6] = [
        Self::RequestRate,
        Self::ErrorRatio,
        Self::LatencyP50,
        Self::LatencyP95,
        Self::LatencyP99,
        Self::Saturation,
    ];

    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequestRate => "request_rate",
            Self::ErrorRatio => "error_ratio",
            Self::LatencyP50 => "latency_p50",
            Self::LatencyP95 => "latency_p95",
            Self::LatencyP99 => "latency_p99",
            Self::Saturation => "saturation",
        }
    }

    /// Unit of its values.
    pub fn unit(self) -> &'static str {
        match self {
            Self::RequestRate => "/s",
            Self::LatencyP50 | Self::LatencyP95 | Self::LatencyP99 => "s",
            Self::ErrorRatio | Self::Saturation => "1",
        }
    }

    /// The quantile of a duration.
    pub fn quantile(self) -> Option<f64> {
        match self {
            Self::LatencyP50 => Some(0.5),
            Self::LatencyP95 => Some(0.95),
            Self::LatencyP99 => Some(0.99),
            _ => None,
        }
    }
}

/// The window unless asked otherwise.
pub(super) const WINDOW: i64 = Micros::DAY;

/// Most services of one page.
const LIMIT_MAX: u32 = 50;

impl ServiceTrendsParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 20, limit_max: LIMIT_MAX, window: Some(WINDOW) };
        fill_common(self.common_mut(), defaults)?;
        tidy_list("entity", &mut self.entity)?;
        if self.entity.len() > LIMIT_MAX as usize {
            let reason = format!("at most {LIMIT_MAX} services are accepted");
            return Err(AskError::bad("entity", reason));
        }
        if self.signal.is_empty() {
            self.signal = TrendSignal::ALL.to_vec();
        }
        self.signal.sort_unstable();
        self.signal.dedup();
        self.buckets = Some(within("buckets", self.buckets, 288, BUCKETS_MAX)?);
        self.forecast = Some(self.forecast.unwrap_or(true));
        self.least_percent = Some(within("least_percent", self.least_percent, 10, 100)?);
        Ok(())
    }
}
