//! Parameters of `service_dependencies`.

use model::fact::Direction;
use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::EdgeSet;
use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list};

/// Which services, over which window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceDependenciesParams {
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
    /// Start from this service: canonical id, alias or unique name; may be repeated.
    pub root: Vec<String>,
    /// Steps from the root, or from what matches, 0 to 20 (default 1, or 2 from a root).
    pub depth: Option<u32>,
    /// Which way to walk from a root: what it calls (dependencies), what calls it (dependents), or both.
    pub direction: Option<Direction>,
    /// Only edges known in this way; may be repeated.
    pub set: Vec<EdgeSet>,
    /// Only this entry point's impact and critical path: canonical id, alias or unique name; may be
    /// repeated.
    pub entry: Vec<String>,
    /// Most traces to read for impact and critical paths, 0 to 20,000 (default 2,000); with 0 both are
    /// estimated.
    pub traces: Option<u32>,
    /// Most services to give, those with the most calls first (default 1,000, at most 5,000).
    pub limit: Option<u32>,
    /// Accepted as for every question; the answer is one page.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(ServiceDependenciesParams, place);

/// The window unless asked otherwise.
pub(super) const WINDOW: i64 = Micros::DAY;

/// Deepest walk.
const DEPTH_MAX: u32 = 20;

/// Most roots, and most entry points asked for.
const NAMES_MAX: usize = 100;

/// Most traces.
const TRACES_MAX: u32 = 20_000;

impl ServiceDependenciesParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 1_000, limit_max: 5_000, window: Some(WINDOW) };
        fill_common(self.common_mut(), defaults)?;
        for (field, list) in [("root", &mut self.root), ("entry", &mut self.entry)] {
            tidy_list(field, list)?;
            if list.len() > NAMES_MAX {
                return Err(AskError::bad(field, format!("at most {NAMES_MAX} are accepted")));
            }
        }
        let depth = self.depth.unwrap_or(if self.root.is_empty() { 1 } else { 2 });
        if depth > DEPTH_MAX {
            let reason = format!("{depth} is not between 0 and {DEPTH_MAX}");
            return Err(AskError::bad("depth", reason));
        }
        self.depth = Some(depth);
        if self.root.is_empty() && self.direction.is_some() {
            return Err(AskError::bad("direction", "needs a root to walk from; give root=ID"));
        }
        if !self.root.is_empty() {
            self.direction = Some(self.direction.unwrap_or_default());
        }
        let traces = self.traces.unwrap_or(2_000);
        if traces > TRACES_MAX {
            let reason = format!("{traces} is not between 0 and {TRACES_MAX}");
            return Err(AskError::bad("traces", reason));
        }
        self.traces = Some(traces);
        self.set.sort_unstable();
        self.set.dedup();
        Ok(())
    }
}
