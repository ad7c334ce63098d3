//! One lane: the scans of one target by one scanner for one class of check, and when each finding was
//! open in it.

use std::collections::{BTreeMap, BTreeSet};

use model::scan::ScanItem;
use model::time::Micros;

use super::alias::Aliases;
use super::{Episode, FindingKey, Followed, Report};
use crate::package_version::VersionRules;

/// What one lane says of one finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// When it was open.
    pub episodes: Vec<Episode>,
    /// What the newest report says.
    pub item: ScanItem,
    /// When it was seen last.
    pub last_seen: Micros,
    /// First report that names a version that mends it.
    pub fix_since: Option<Micros>,
    /// Places, versions and builds in which it was seen.
    pub places: BTreeSet<String>,
    /// Installed versions.
    pub installed: BTreeSet<String>,
    /// Builds.
    pub builds: BTreeSet<String>,
    /// Names of the weakness.
    pub names: BTreeSet<String>,
    /// The scanner.
    pub scanner: String,
}

/// What is found, by key.
pub type Lane = BTreeMap<FindingKey, Seen>;

/// The key of an item of a target.
fn key(aliases: &Aliases, item: &ScanItem, target: &str, workload: Option<&String>) -> FindingKey {
    let part = if item.package.is_empty() { &item.place } else { &item.package };
    FindingKey {
        weakness: aliases.name(&item.weaknesses).to_owned(),
        part: part.to_lowercase(),
        target: target.to_owned(),
        workload: workload.cloned(),
    }
}

/// The lane of scans of one scanner, class, target and workload, in any order. Scans of one instant
/// count as one: what any of them lists is there. O(items · log items).
pub fn of_scans(aliases: &Aliases, scans: &[&Report]) -> Lane {
    let mut by_time: BTreeMap<Micros, Vec<&Report>> = BTreeMap::new();
    for scan in scans {
        by_time.entry(scan.at).or_default().push(scan);
    }
    let mut lane = Lane::new();
    let mut open: BTreeSet<FindingKey> = BTreeSet::new();
    for (at, mut scans) in by_time {
        // Which of several scans of one instant tells its details is settled by their builds.
        scans.sort_by(|a, b| a.builds.cmp(&b.builds));
        let mut listed: BTreeSet<FindingKey> = BTreeSet::new();
        for scan in &scans {
            for item in &scan.items {
                let key = key(aliases, item, &scan.target, scan.workload.as_ref());
                let seen = lane.entry(key.clone()).or_insert_with(|| Seen::new(scan, item));
                seen.saw(item, at, &scan.builds);
                if !open.contains(&key) {
                    seen.episodes.push(Episode { from: at, until: None });
                    open.insert(key.clone());
                }
                listed.insert(key);
            }
        }
        if scans.iter().any(|scan| scan.is_complete) {
            let gone: Vec<FindingKey> = open.difference(&listed).cloned().collect();
            for key in gone {
                if let Some(last) = lane.get_mut(&key).and_then(|seen| seen.episodes.last_mut()) {
                    last.until = Some(at);
                }
                open.remove(&key);
            }
        }
    }
    lane
}

/// The lane of findings that one source follows itself.
pub fn of_followed(aliases: &Aliases, all: &[&Followed]) -> Lane {
    let mut lane = Lane::new();
    let mut sorted: Vec<&&Followed> = all.iter().collect();
    sorted.sort_by(|a, b| (a.seen, a.from, &a.builds).cmp(&(b.seen, b.from, &b.builds)));
    for one in sorted {
        let key = key(aliases, &one.item, &one.target, None);
        let seen = lane.entry(key).or_insert_with(|| Seen {
            scanner: one.scanner.clone(),
            ..Seen::empty(&one.item, one.seen)
        });
        seen.saw(&one.item, one.seen, &one.builds);
        if one.item.fixed.is_some() {
            let since = seen.fix_since.map_or(one.from, |since| since.min(one.from));
            seen.fix_since = Some(since);
        }
        seen.episodes.push(Episode { from: one.from, until: one.until });
    }
    lane
}

impl Seen {
    fn empty(item: &ScanItem, at: Micros) -> Self {
        Self {
            episodes: Vec::new(),
            item: item.clone(),
            last_seen: at,
            fix_since: None,
            places: BTreeSet::new(),
            installed: BTreeSet::new(),
            builds: BTreeSet::new(),
            names: BTreeSet::new(),
            scanner: String::new(),
        }
    }

    fn new(scan: &Report, item: &ScanItem) -> Self {
        Self { scanner: scan.scanner.clone(), ..Self::empty(item, scan.at) }
    }

    fn saw(&mut self, item: &ScanItem, at: Micros, builds: &[String]) {
        self.item.clone_from(item);
        self.last_seen = self.last_seen.max(at);
        self.places.extend(Some(&item.place).filter(|place| !place.is_empty()).cloned());
        self.installed.extend(item.installed.iter().cloned());
        self.builds.extend(builds.iter().cloned());
        self.names.extend(item.weaknesses.iter().cloned());
        if self.fix_since.is_none() && mended(item).is_some() {
            self.fix_since = Some(at);
        }
    }
}

/// The version that mends an item, by the rules of its ecosystem.
pub fn mended(item: &ScanItem) -> Option<&str> {
    let rules = VersionRules::of(item.ecosystem.as_deref());
    rules.mended_by(item.installed.as_deref(), item.fixed.as_deref()?)
}
