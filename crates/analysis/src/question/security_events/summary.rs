//! Counts of findings.

use model::time::Micros;

use super::item::Item;
use super::shape::{FindingSeverity, FindingState, SecuritySummary, SeverityCounts};

/// Severities, worst first.
pub(super) const SEVERITIES: [FindingSeverity; 5] = [
    FindingSeverity::Critical,
    FindingSeverity::High,
    FindingSeverity::Medium,
    FindingSeverity::Low,
    FindingSeverity::Unknown,
];

/// Ends of the steps of age, in days.
const AGES: [i64; 4] = [7, 30, 90, 180];

/// Counts of the findings at the instant.
pub(super) fn summary(items: &[Item], at: Micros) -> SecuritySummary {
    let of = |state: FindingState| items.iter().filter(|one| one.state == state).count() as u64;
    let open: Vec<&Item> = items.iter().filter(|one| one.is_open()).collect();
    let count = |holds: &dyn Fn(&Item) -> bool| open.iter().filter(|one| holds(one)).count() as u64;
    SecuritySummary {
        open: of(FindingState::Open),
        reopened: of(FindingState::Reopened),
        fixed: of(FindingState::Fixed),
        suppressed: of(FindingState::Suppressed),
        gone: of(FindingState::Gone),
        severities: SEVERITIES.iter().map(|one| counts(&open, *one, at)).collect(),
        known_exploited: count(&|one| one.exploited.is_some()),
        fix_available: count(&|one| one.finding.fixed_version.is_some()),
        exposed: count(&Item::is_exposed),
        overdue: count(&|one| one.is_overdue(at)),
        unowned: count(&|one| one.concerned.owners.is_empty()),
    }
}

fn counts(open: &[&Item], severity: FindingSeverity, at: Micros) -> SeverityCounts {
    let mut counts = SeverityCounts {
        severity,
        open: 0,
        known_exploited: 0,
        fix_available: 0,
        exposed: 0,
        overdue: 0,
        by_age: [0; 5],
    };
    for one in open.iter().filter(|one| one.severity == severity) {
        counts.open += 1;
        counts.known_exploited += u64::from(one.exploited.is_some());
        counts.fix_available += u64::from(one.finding.fixed_version.is_some());
        counts.exposed += u64::from(one.is_exposed());
        counts.overdue += u64::from(one.is_overdue(at));
        let age = at.0.saturating_sub(one.finding.first_seen().0);
        let step = AGES.iter().position(|days| age <= days * Micros::DAY).unwrap_or(AGES.len());
        counts.by_age[step] += 1;
    }
    counts
}
