//! One input: where it comes from, what it says about itself, and what became of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kind::EntityKind;
use crate::time::Micros;

/// What says when the content was true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObservedBy {
    /// The content itself.
    Content,
    /// `--observed-at` or the header.
    Stated,
    /// The file's modification time.
    FileTime,
    /// When it was received.
    Receipt,
}

/// One file, stream or request body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputRecord {
    /// Path as given, `stdin`, or `POST /v1/traces`.
    pub name: String,
    /// Hash of its bytes (XXH3-128, hex); the same bytes under the same context change nothing.
    pub content_hash: String,
    /// Format it was recognised as (`kubernetes`, `focus-csv`).
    pub format: String,
    /// What reported it: stable over time, so that a later export of the same place replaces what the
    /// earlier said (`kubernetes:{cluster}`, `aws:{account}:{region}`, `own:{source}`).
    pub source: String,
    /// When the content was true.
    pub observed_at: Micros,
    /// What says so.
    pub observed_by: ObservedBy,
    /// When it was received.
    pub received_at: Micros,
}

/// A statement that an input lists everything of one kind in one scope of its source.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Completeness {
    /// Kind.
    pub kind: EntityKind,
    /// Narrower than the kind: for workloads the controller (`Deployment`), else empty.
    pub class: String,
    /// Prefix of the canonical ids it covers (`k8s://{cluster}/{namespace}/`); empty for the source.
    pub id_prefix: String,
}

/// What became of one input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputOutcome {
    /// Observations read, by what they are (`pod`, `sample`, `charge`, …), in order of name.
    pub read: Vec<(String, u64)>,
    /// New things, by what they are.
    pub added: Vec<(String, u64)>,
    /// Things that changed, by what they are.
    pub changed: Vec<(String, u64)>,
    /// Things that were retired, by what they are.
    pub retired: Vec<(String, u64)>,
    /// Things that are held until somebody decides, by what they are.
    pub held: Vec<(String, u64)>,
    /// References that lead to nothing yet.
    pub open_references: u64,
    /// Records that were rejected.
    pub rejects: u64,
    /// Whether these bytes were known already, so that nothing was done.
    pub is_known: bool,
}

impl InputOutcome {
    /// Whether the estate is as it was before.
    pub fn is_unchanged(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.retired.is_empty()
    }
}

/// A line of the intake ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IntakeEntry {
    /// Number of the input, rising.
    pub id: u64,
    /// Run that it belonged to.
    pub run: String,
    /// The input.
    pub input: InputRecord,
    /// What became of it.
    pub outcome: InputOutcome,
    /// Whether everything of it is in the stores.
    pub is_finished: bool,
}
