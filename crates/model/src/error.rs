//! What can go wrong at a seam, and what is wrong with a piece of input.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something in an input that could not be read. The rest of the input goes in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Reject {
    /// File, member of an archive, or the name of the request.
    pub source: String,
    /// Where in it: `line 12`, `/items/3/spec`, `row 9, column BilledCost`.
    pub location: String,
    /// What is wrong and what would mend it; lower case.
    pub reason: String,
    /// How many records the reject stands for, at least 1.
    pub count: u64,
}

impl Reject {
    /// One record.
    pub fn new(
        source: impl Into<String>,
        location: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self { source: source.into(), location: location.into(), reason: reason.into(), count: 1 }
    }
}

/// What a store can answer instead of facts. Each driver's errors are mapped in one function.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Nothing has that name.
    #[error("{what} is not known")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// The store cannot be reached.
    #[error("{store} is unavailable: {reason}")]
    Unavailable {
        /// Which store.
        store: String,
        /// Since when, if known.
        since: Option<jiff::Timestamp>,
        /// Why.
        reason: String,
    },
    /// The statement took longer than its deadline.
    #[error("{store} did not answer in time")]
    Timeout {
        /// Which store.
        store: String,
    },
    /// The caller left.
    #[error("cancelled")]
    Cancelled,
    /// A bound was reached.
    #[error("{store}: {resource} is exhausted (limit {limit})")]
    Exhausted {
        /// Which store.
        store: String,
        /// What of.
        resource: String,
        /// The bound.
        limit: String,
    },
    /// The disk is full.
    #[error("{} has {free} bytes left, below the reserve", path.display())]
    Full {
        /// Where.
        path: PathBuf,
        /// Bytes left.
        free: u64,
    },
    /// Another process owns it.
    #[error("locked by {holder}")]
    Locked {
        /// Who.
        holder: String,
    },
    /// Of another version.
    #[error("schema version {found} does not fit this program, which supports {supported}")]
    Incompatible {
        /// What was found.
        found: String,
        /// What is supported.
        supported: String,
    },
    /// A defect or a broken file.
    #[error("{operation}: {reason}")]
    Internal {
        /// What was being done.
        operation: String,
        /// What the driver said.
        reason: String,
    },
}

/// The result of a read or write at a seam.
pub type StoreResult<T> = Result<T, StoreError>;
