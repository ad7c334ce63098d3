//! Under which conditions a question is asked, and what may come instead of an answer.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use model::error::StoreError;
use model::scope::OrgScope;
use model::seam::{ReadContext, Records, Telemetry, Topology};
use model::time::Micros;
use tokio_util::sync::CancellationToken;

use crate::cache::AnswerCache;
use crate::estate::EstateCache;
use crate::job::Progress;
use crate::last_good::LastGood;
use crate::table::DatedTables;

/// Everything a question may use besides its parameters.
#[derive(Clone)]
pub struct AskContext {
    /// Entities and relations.
    pub topology: Arc<dyn Topology>,
    /// What was measured, billed and reported.
    pub telemetry: Arc<dyn Telemetry>,
    /// What people and the program decided.
    pub records: Arc<dyn Records>,
    /// Answers that are still true; `None` switches the cache off.
    pub cache: Option<Arc<AnswerCache>>,
    /// Estates in memory that questions about the whole graph share.
    pub estates: Arc<EstateCache>,
    /// Facts that age: support dates, image releases, previous generations.
    pub tables: Arc<DatedTables>,
    /// The last good answers, for when a store is down; `None` keeps none.
    pub last_good: Option<Arc<dyn LastGood>>,
    /// Who asks.
    pub viewer: Viewer,
    /// The instant at which it is asked.
    pub now: Timestamp,
    /// When the answer must be there.
    pub deadline: Instant,
    /// Cancelled when the caller leaves.
    pub cancel: CancellationToken,
    /// Bounds on what one answer may read and give.
    pub limits: Limits,
    /// What is being done, for those who wait.
    pub progress: Arc<Progress>,
}

impl AskContext {
    /// The instant asked about: `as_of`, else that of asking, not rounded down as a question's own `now`
    /// is, so that what came a moment ago is in.
    pub fn at(&self, as_of: Option<Micros>) -> Micros {
        as_of.unwrap_or(Micros::of(self.now))
    }

    /// The conditions of a read at `as_of`.
    pub fn read(&self, as_of: Option<Micros>) -> ReadContext {
        ReadContext {
            as_of,
            org_scope: self.viewer.org_scope.clone(),
            deadline: self.deadline,
            cancel: self.cancel.clone(),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Viewer {
    /// What the viewer may see.
    pub org_scope: OrgScope,
}

/// Bounds of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most entities that a judgement reads one by one.
    pub entities: usize,
    /// Most nodes for which a layout is computed.
    pub layout_nodes: usize,
    /// Most bytes that the parameters of one question may have as JSON.
    pub params_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entities: 5_000, layout_nodes: 150, params_bytes: 64 * 1024 }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AskError {
    /// A parameter is wrong.
    #[error("{field}: {reason}")]
    BadParams {
        /// Which one.
        field: String,
        /// Why, and what is accepted.
        reason: String,
    },
    /// What was asked about does not exist.
    #[error("{what} is not known")]
    NotFound {
        /// What was asked for.
        what: String,
        /// Names that are near, nearest first.
        nearest: Vec<String>,
    },
    /// A store gave no facts.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AskError {
    /// A parameter that is wrong.
    pub fn bad(field: &str, reason: impl Into<String>) -> Self {
        Self::BadParams { field: field.to_owned(), reason: reason.into() }
    }
}
