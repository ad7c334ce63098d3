//! What statements about security say: scans with what they found, weaknesses known to be exploited,
//! how likely they are exploited, and weaknesses that somebody says do not apply.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Micros;

/// One scan of one target for one class of check. A scan that found nothing is stated too: it is what
/// closes findings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScanBody {
    /// Name of the scanner, lower case.
    pub scanner: String,
    /// Its version.
    pub scanner_version: Option<String>,
    /// What was checked: `vulnerability`, `misconfiguration`, `secret`, `licence`, or the category of a
    /// code scanner.
    pub class: String,
    /// What was scanned, without what changes from build to build: `image://{repository}`, an ARN,
    /// `k8s://…`, `repository://…`, `path://…`.
    pub target: String,
    /// Kubernetes object that runs the image, when the report is about one: `{namespace}/{kind}/{name}`.
    pub workload: Option<String>,
    /// Digest of the image that was scanned.
    pub digest: Option<String>,
    /// Names under which the image was scanned.
    pub tags: Vec<String>,
    /// Whether everything of the class is listed, so that what is missing is gone.
    pub is_complete: bool,
    /// What it found.
    pub items: Vec<ScanItem>,
}

/// One thing that a scan found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScanItem {
    /// CVE, GHSA or the scanner's own id, and its aliases; the first names it.
    pub weaknesses: Vec<String>,
    /// `vulnerability`, `misconfiguration`, `secret`, `licence`, `code`.
    pub kind: String,
    /// Title.
    pub title: String,
    /// `critical`, `high`, `medium`, `low` or `unknown`.
    pub severity: String,
    /// Package, empty when it is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// Rules by which its versions are compared: type of its package URL (`deb`, `npm`, `maven`, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ecosystem: Option<String>,
    /// Installed version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installed: Option<String>,
    /// Versions that mend it, as the scanner lists them (joined by `, `).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// Where in the target.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// Set when the report itself says that it does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Suppression>,
}

/// Why something that was found does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Suppression {
    /// Who says so.
    pub author: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// An entry of a list of weaknesses known to be exploited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownExploited {
    /// CVE.
    pub weakness: String,
    /// When it was put on the list.
    pub added: Option<Micros>,
    /// Day by whose end it is to be mended, as its last instant.
    pub due: Option<Micros>,
    /// Whether ransomware is known to use it.
    pub is_ransomware: bool,
    /// Vendor and product.
    pub product: String,
    /// What is to be done.
    pub action: Option<String>,
}

/// How likely a block of weaknesses is exploited within 30 days, by CVE: probability and percentile,
/// both 0 to 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExploitLikelihood {
    /// Day of the scores.
    pub scored: Option<Micros>,
    /// Scores.
    pub scores: BTreeMap<String, (f64, f64)>,
}

/// Somebody's word on whether a weakness applies (VEX).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exclusion {
    /// The weakness and its aliases.
    pub weaknesses: Vec<String>,
    /// Package; empty for any.
    pub package: String,
    /// Version of the package; `None` for any.
    pub version: Option<String>,
    /// What it is said of, as [`ScanBody::target`]; `None` for anything.
    pub target: Option<String>,
    /// `not_affected`, `false_positive`, `fixed`, `affected` or `under_investigation`.
    pub status: String,
    /// Who says so.
    pub author: Option<String>,
    /// Why.
    pub reason: Option<String>,
}
