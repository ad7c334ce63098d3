//! The notice after a commit: caches, jobs, live subscriptions and other replicas hang on it.

use serde::{Deserialize, Serialize};

use crate::resolution::Sequence;
use crate::scope::Scope;
use crate::seam::DataKind;
use crate::time::Micros;

/// One batch is in the stores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// Its position.
    pub sequence: Sequence,
    /// Kinds of data it holds, in order.
    pub kinds: Vec<DataKind>,
    /// Starts of the hours its measured values fall in, in order; empty for all.
    pub hours: Vec<Micros>,
    /// Places of the entities that changed, in order; empty for all.
    pub scopes: Vec<Scope>,
}

impl Committed {
    /// A notice that tells neither hours nor places: all of them.
    pub fn of_kinds(sequence: Sequence, kinds: Vec<DataKind>) -> Self {
        Self { sequence, kinds, hours: Vec::new(), scopes: Vec::new() }
    }
}
