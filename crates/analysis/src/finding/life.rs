//! Findings of all lanes together, as they stand at an instant.

use std::collections::{BTreeMap, BTreeSet};

use model::time::Micros;

use super::alias::Aliases;
use super::lane::{Lane, mended, of_followed, of_scans};
use super::{Episode, Finding, FindingKey, Followed, Report};
use crate::package_version::VersionRules;

/// Severities, worst first.
const SEVERITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// Everything that is known of findings.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Scans.
    pub reports: Vec<Report>,
    /// Findings that their sources follow themselves.
    pub followed: Vec<Followed>,
}

/// The findings as they stood at `at`, in order of key, with the aliases of their weaknesses. A pure
/// function of what is known up to then. O(items · log items).
pub fn findings(known: &Known, at: Micros) -> (Vec<Finding>, Aliases) {
    let of_reports = known.reports.iter().flat_map(|one| &one.items);
    let items = of_reports.chain(known.followed.iter().map(|one| &one.item));
    let aliases = Aliases::of(items.map(|item| item.weaknesses.as_slice()));
    let mut by_key: BTreeMap<FindingKey, Vec<super::lane::Seen>> = BTreeMap::new();
    for lane in lanes(known, &aliases, at) {
        for (key, seen) in lane {
            by_key.entry(key).or_default().push(seen);
        }
    }
    share(&mut by_key);
    let found = by_key.into_iter().map(|(key, seen)| merged(key, &seen)).collect();
    (found, aliases)
}

/// One lane for each scanner, class, target and workload, and one for each source that follows its
/// findings itself.
fn lanes(known: &Known, aliases: &Aliases, at: Micros) -> Vec<Lane> {
    let mut scans: BTreeMap<(&str, &str, &str, Option<&str>), Vec<&Report>> = BTreeMap::new();
    for one in known.reports.iter().filter(|one| one.at <= at) {
        let key = (&*one.scanner, &*one.class, &*one.target, one.workload.as_deref());
        scans.entry(key).or_default().push(one);
    }
    let mut followed: BTreeMap<&str, Vec<Followed>> = BTreeMap::new();
    for one in known.followed.iter().filter(|one| one.from <= at) {
        let until = one.until.filter(|until| *until <= at);
        let one = Followed { until, seen: one.seen.min(at), ..one.clone() };
        let scanner = known
            .followed
            .iter()
            .map(|other| other.scanner.as_str())
            .find(|scanner| *scanner == one.scanner)
            .unwrap_or_default();
        followed.entry(scanner).or_default().push(one);
    }
    let of_scans = scans.values().map(|scans| of_scans(aliases, scans));
    let of_followed = followed.values().map(|all| {
        let all: Vec<&Followed> = all.iter().collect();
        of_followed(aliases, &all)
    });
    of_scans.chain(of_followed).collect()
}

/// What is said of an image on its own holds for each object that is known to run it: the finding of
/// the image alone stands only where no scan names such an object.
fn share(by_key: &mut BTreeMap<FindingKey, Vec<super::lane::Seen>>) {
    let mut named: BTreeMap<FindingKey, BTreeSet<String>> = BTreeMap::new();
    for key in by_key.keys() {
        if let Some(workload) = &key.workload {
            let alone = FindingKey { workload: None, ..key.clone() };
            named.entry(alone).or_default().insert(workload.clone());
        }
    }
    for (alone, workloads) in named {
        let Some(seen) = by_key.remove(&alone) else { continue };
        for workload in workloads {
            let key = FindingKey { workload: Some(workload), ..alone.clone() };
            by_key.entry(key).or_default().extend(seen.iter().cloned());
        }
    }
}

fn merged(key: FindingKey, lanes: &[super::lane::Seen]) -> Finding {
    // The newest word counts; of two at one instant the one of the first scanner by name.
    let newest = lanes
        .iter()
        .max_by(|a, b| a.last_seen.cmp(&b.last_seen).then_with(|| b.scanner.cmp(&a.scanner)))
        .expect("a key is made from what a lane saw");
    let all = |of: fn(&super::lane::Seen) -> &BTreeSet<String>| -> BTreeSet<String> {
        lanes.iter().flat_map(|lane| of(lane).iter().cloned()).collect()
    };
    let mut item = newest.item.clone();
    // Scanners rate differently; the worst rating among those of the last day of its life counts.
    let recent = lanes.iter().filter(|one| one.last_seen >= newest.last_seen.plus(-Micros::DAY));
    let rank = |severity: &str| SEVERITIES.iter().position(|one| *one == severity).unwrap_or(9);
    let worst = recent.map(|one| one.item.severity.as_str()).min_by_key(|one| rank(one));
    item.severity = worst.unwrap_or("unknown").to_owned();
    let mut aliases = all(|lane| &lane.names);
    aliases.remove(&key.weakness);
    let rules = VersionRules::of(item.ecosystem.as_deref());
    let fixed = lanes.iter().filter_map(|lane| mended(&lane.item));
    let fixed_version = fixed.min_by(|a, b| rules.compare(a, b)).map(str::to_owned);
    Finding {
        aliases,
        scanners: lanes.iter().map(|lane| lane.scanner.clone()).collect(),
        places: all(|lane| &lane.places),
        installed: all(|lane| &lane.installed),
        builds: all(|lane| &lane.builds),
        episodes: joined(lanes.iter().flat_map(|lane| lane.episodes.iter().copied()).collect()),
        last_seen: newest.last_seen,
        fix_since: lanes.iter().filter_map(|lane| lane.fix_since).min(),
        fixed_version,
        item,
        key,
    }
}

/// The union of stretches of time: those that overlap or touch are one.
fn joined(mut all: Vec<Episode>) -> Vec<Episode> {
    all.sort_by_key(|one| (one.from, one.until.is_none(), one.until));
    let mut joined: Vec<Episode> = Vec::new();
    for one in all {
        match joined.last_mut() {
            Some(last) if last.until.is_none_or(|end| one.from <= end) => {
                last.until = match (last.until, one.until) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
            }
            _ => joined.push(one),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
