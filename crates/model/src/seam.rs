//! The seams between the questions and the stores: object-safe traits over facts. Facts are rows
//! joined and windowed, not yet judged. A read that is dropped, cancelled or past its deadline stops
//! its statement.

mod accounts;
mod cache;
mod fanout;
mod rate_limit;
mod records;
mod sessions;
mod telemetry;
mod topology;
mod tuning;

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::scope::OrgScope;
use crate::time::Micros;

pub use accounts::Accounts;
pub use cache::Cache;
pub use fanout::{Fanout, Heard, Listener};
pub use rate_limit::{Admission, Rate, RateLimit};
pub use records::Records;
pub use sessions::{ACCOUNT_SESSIONS_MAX, Sessions};
pub use telemetry::Telemetry;
pub use topology::Topology;
pub use tuning::{PlanMode, Tuning};

/// Under which conditions a read is made.
#[derive(Debug, Clone)]
pub struct ReadContext {
    /// The instant asked about; `None` for the state in force.
    pub as_of: Option<Micros>,
    /// What the viewer may see; applied before limits, counts and ranks.
    pub org_scope: OrgScope,
    /// When the read must have ended.
    pub deadline: Instant,
    /// Cancelled when the caller leaves.
    pub cancel: CancellationToken,
}

/// The version of a store that a read saw, and the newest observation in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Version {
    /// Rises with each write.
    pub number: u64,
    /// Newest observation time (topology) or event time (telemetry).
    pub newest: Option<Micros>,
}

/// Kinds of data with versions of their own, for cache keys and live updates.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum DataKind {
    /// Entities and relations.
    Topology,
    /// Samples and their rollups.
    Samples,
    /// Edges over time.
    Edges,
    /// Spans.
    Spans,
    /// Charges.
    Charges,
    /// Incidents.
    Incidents,
    /// Changes.
    Changes,
    /// Findings.
    Findings,
    /// Value metrics and budgets.
    Values,
    /// What people decided.
    Decisions,
    /// The intake ledger.
    Intake,
}
