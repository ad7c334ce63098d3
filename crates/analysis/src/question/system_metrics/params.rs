//! Parameters of `system_metrics`.

use model::kind::EntityKind;
use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::{HealthCheck, Status};
use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list, within};

/// Whose health, over which window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SystemMetricsParams {
    /// Instant asked about, RFC 3339 or a date; without it now.
    pub as_of: Option<Micros>,
    /// Time that is judged, ending at that instant (default PT15M); it is never moved.
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
    /// Kind of entity (default nodes, instances, pods, services, databases and caches).
    pub kind: Vec<EntityKind>,
    /// This entity: canonical id, alias or unique name; may be repeated.
    pub entity: Vec<String>,
    /// Only entities with this status; counts still count all.
    pub status: Vec<Status>,
    /// Only these checks decide the status.
    pub check: Vec<HealthCheck>,
    /// Whether the signals over time are given too; needs entity (default no).
    pub series: Option<bool>,
    /// Time that the signals over time cover, ending at the same instant (default the window).
    pub series_window: Option<Text<WindowParam>>,
    /// Buckets of the signals over time (default 60, at most 360).
    pub buckets: Option<u32>,
    /// Most entities to give, worst first (default 50, at most 1,000).
    pub limit: Option<u32>,
    /// Go on after the last page, from its `next`.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(SystemMetricsParams, place);

/// The window of health.
const WINDOW: i64 = 15 * Micros::MINUTE;

/// Kinds whose health is judged unless others are asked for.
pub(super) const KINDS: [EntityKind; 7] = [
    EntityKind::Service,
    EntityKind::Pod,
    EntityKind::KubernetesNode,
    EntityKind::Instance,
    EntityKind::Database,
    EntityKind::DatabaseCluster,
    EntityKind::Cache,
];

/// Most entities asked for by name.
const ENTITIES_MAX: usize = 50;

/// Most buckets of a chart.
const BUCKETS_MAX: u32 = 360;

impl SystemMetricsParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 50, limit_max: 1_000, window: Some(WINDOW) };
        fill_common(self.common_mut(), defaults)?;
        if matches!(self.window, Some(Text(WindowParam::All))) {
            let reason = "health is of now, so `all` is refused; give a window such as PT15M";
            return Err(AskError::bad("window", reason));
        }
        if self.kind.is_empty() && self.entity.is_empty() {
            self.kind = KINDS.to_vec();
        }
        self.kind.sort_unstable();
        self.kind.dedup();
        self.status.sort_unstable();
        self.status.dedup();
        self.check.sort_unstable();
        self.check.dedup();
        tidy_list("entity", &mut self.entity)?;
        if self.entity.len() > ENTITIES_MAX {
            let reason = format!("at most {ENTITIES_MAX} entities are accepted");
            return Err(AskError::bad("entity", reason));
        }
        let has_series = self.series.unwrap_or(false);
        if has_series && self.entity.is_empty() {
            return Err(AskError::bad("series", "needs an entity; give entity=ID"));
        }
        self.series = Some(has_series);
        if has_series {
            self.buckets = Some(within("buckets", self.buckets, 60, BUCKETS_MAX)?);
            self.series_window = self.series_window.take().or_else(|| self.window.clone());
        } else if self.buckets.is_some() || self.series_window.is_some() {
            let field = if self.buckets.is_some() { "buckets" } else { "series_window" };
            return Err(AskError::bad(field, "needs series=true"));
        }
        Ok(())
    }
}
