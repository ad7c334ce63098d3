//! The life of security findings, as a pure function of the scans: which are open, fixed, reopened or
//! suppressed at an instant. The order in which scans were read does not matter.
//!
//! A finding is a weakness in a package (or at a place) of a target. Of an image the target is its
//! repository, with the Kubernetes object that runs it where a scan names one; the digest is only where
//! it was seen, so a rebuilt image makes no second finding. What one scanner says of one class of check
//! and one target is a *lane*: a finding ends in a lane when a later complete scan of it no longer
//! lists it, and it is open while it is open in any lane.

pub mod alias;
pub mod exclusion;
pub mod lane;
pub mod life;

use std::collections::BTreeSet;

use model::scan::ScanItem;
use model::time::Micros;

/// What a finding is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingKey {
    /// CVE, else GHSA, else the scanner's own id.
    pub weakness: String,
    /// Package, else the place in the target; lower case.
    pub part: String,
    /// What was scanned.
    pub target: String,
    /// Kubernetes object that runs the image (`namespace/kind/name`).
    pub workload: Option<String>,
}

/// A report on one target by one scanner for one class of check.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Scanner.
    pub scanner: String,
    /// Class of check.
    pub class: String,
    /// What was scanned.
    pub target: String,
    /// Kubernetes object that runs the image.
    pub workload: Option<String>,
    /// Digest or tags of the build.
    pub builds: Vec<String>,
    /// When.
    pub at: Micros,
    /// Whether what it does not list is gone.
    pub is_complete: bool,
    /// What it lists.
    pub items: Vec<ScanItem>,
}

/// A finding that its source follows itself, with its own dates instead of scans.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// Source.
    pub scanner: String,
    /// What it was found in.
    pub target: String,
    /// Digest of the build, if any.
    pub builds: Vec<String>,
    /// What was found.
    pub item: ScanItem,
    /// Since when.
    pub from: Micros,
    /// Since when it is no more.
    pub until: Option<Micros>,
    /// When it was seen last.
    pub seen: Micros,
}

/// A stretch of time during which a finding was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Episode {
    /// First seen.
    pub from: Micros,
    /// First scan without it; `None` while it is open.
    pub until: Option<Micros>,
}

/// A finding with its life up to an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is.
    pub key: FindingKey,
    /// Other names of the weakness, in order.
    pub aliases: BTreeSet<String>,
    /// What the newest report says of it.
    pub item: ScanItem,
    /// Scanners that found it, in order.
    pub scanners: BTreeSet<String>,
    /// Places in the target, in order.
    pub places: BTreeSet<String>,
    /// Installed versions, in order.
    pub installed: BTreeSet<String>,
    /// Digests or tags of the builds in which it was seen, in order.
    pub builds: BTreeSet<String>,
    /// When it was open, in order; never empty.
    pub episodes: Vec<Episode>,
    /// When it was seen last.
    pub last_seen: Micros,
    /// First report that names a version that mends it.
    pub fix_since: Option<Micros>,
    /// The least version that mends it.
    pub fixed_version: Option<String>,
}

impl Finding {
    /// First seen.
    pub fn first_seen(&self) -> Micros {
        self.episodes.first().map_or(self.last_seen, |one| one.from)
    }

    /// The episode that lasts still.
    pub fn open_since(&self) -> Option<Micros> {
        self.episodes.last().filter(|one| one.until.is_none()).map(|one| one.from)
    }

    /// The end of the last episode, when none lasts.
    pub fn fixed_at(&self) -> Option<Micros> {
        self.episodes.last().and_then(|one| one.until)
    }

    /// Whether it was open at an instant.
    pub fn was_open(&self, at: Micros) -> bool {
        self.episodes.iter().any(|one| one.from <= at && one.until.is_none_or(|end| end > at))
    }
}
