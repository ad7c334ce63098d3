//! Security observations.

use serde::{Deserialize, Serialize};

use crate::entity::Labels;
use crate::reference::Reference;
use crate::time::Micros;

/// One finding of one scanner. Key: (weakness, package, target); the source's own id beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingObservation {
    /// The source's own id.
    pub external_id: String,
    /// `vulnerability`, `misconfiguration`, `secret`, `licence`, `exposure` or the source's word.
    pub kind: String,
    /// CVE, GHSA or the scanner's own id of the weakness, and its aliases; the first names it.
    pub weaknesses: Vec<String>,
    /// Title.
    pub title: String,
    /// `critical`, `high`, `medium`, `low` or `unknown`.
    pub severity: String,
    /// `open`, `fixed`, `suppressed`.
    pub status: String,
    /// Package, empty when it is none.
    pub package: String,
    /// Installed version.
    pub installed_version: Option<String>,
    /// Version that mends it.
    pub fixed_version: Option<String>,
    /// What it was found in: an image's repository and digest, an ARN, a Kubernetes object.
    pub target: Reference,
    /// What else it touches.
    pub entities: Vec<Reference>,
    /// First seen, as the source says.
    pub first_seen: Option<Micros>,
    /// Last seen, as the source says.
    pub last_seen: Option<Micros>,
    /// Everything else that is kept.
    pub labels: Labels,
    /// Where in the target, when the package does not tell two findings apart: a file with its line or
    /// fingerprint, a path. Empty when it is nowhere in particular.
    #[serde(default)]
    pub place: String,
}
