//! Reports of scanners, and what lists say about weaknesses: Trivy, SARIF, CycloneDX, OpenVEX, OCSF,
//! the lists of known exploited weaknesses (KEV) and of the likelihood of exploits (EPSS).
//!
//! Each report gives a finding for each row, and for each (scanner, target, class of check) one
//! statement of the scan with everything it found, also when that is nothing: what a later complete
//! scan does not list any more is fixed.

mod bill;
mod cyclonedx;
mod exclusion;
mod known;
mod likelihood;
mod ocsf;
mod openvex;
mod package;
mod sarif;
mod scan;
mod target;
mod trivy;

use serde_json::Value;

pub use bill::SPDX;
pub use cyclonedx::CYCLONEDX;
pub use known::KNOWN_EXPLOITED;
pub use likelihood::EXPLOIT_LIKELIHOOD;
pub use ocsf::OCSF;
pub use openvex::OPENVEX;
pub use sarif::SARIF;
pub use trivy::TRIVY;

use crate::error::EnvelopeError;
use crate::input::Input;
use crate::shape::without_mark;

/// Longest text that is kept of a title, in bytes.
const TITLE_BYTES: usize = 300;

/// The whole report. Reports are one JSON value of bounded nesting.
fn document(input: &Input<'_>) -> Result<Value, EnvelopeError> {
    serde_json::from_slice(without_mark(input.bytes))
        .map_err(|error| EnvelopeError::json(input.name, &error))
}

/// A severity in our words.
fn severity(text: &str) -> &'static str {
    match text.trim().to_ascii_lowercase().as_str() {
        "critical" | "fatal" | "very high" => "critical",
        "high" | "important" | "error" => "high",
        "medium" | "moderate" | "warning" => "medium",
        "low" | "minor" | "negligible" | "info" | "informational" | "note" => "low",
        _ => "unknown",
    }
}

/// A severity by its CVSS base score (CVSS 3.1, table 14).
fn severity_of_score(score: f64) -> &'static str {
    match score {
        score if score >= 9.0 => "critical",
        score if score >= 7.0 => "high",
        score if score >= 4.0 => "medium",
        score if score > 0.0 => "low",
        _ => "unknown",
    }
}

/// Whether an id is one of those that name the same weakness in two lists.
fn is_shared_id(id: &str) -> bool {
    id.starts_with("CVE-") || id.starts_with("GHSA-")
}

/// A text of bounded length, on one line.
fn title(text: &str) -> String {
    let line = text.split(['\n', '\r']).find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut line = line.trim().to_owned();
    if line.len() > TITLE_BYTES {
        line.truncate(line.floor_char_boundary(TITLE_BYTES));
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests;
