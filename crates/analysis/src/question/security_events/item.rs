//! One finding with everything that is judged of it.

use model::decision::{DecisionAction, DecisionTarget};
use model::scan::KnownExploited;
use model::time::Micros;

use super::fetch::SecurityFacts;
use super::params::SecurityEventsParams;
use super::place::Concerned;
use super::shape::{
    ExploitLikelihoodFact, FindingExposure, FindingExposureVerdict, FindingSeverity, FindingState,
    FindingSuppression, KnownExploitedFact, SecurityFinding,
};
use crate::decision::Decisions;
use crate::finding::exclusion::{Said, in_force};
use crate::finding::{Finding, FindingKey};

/// Most places, builds and entities that are listed of one finding.
const LISTED_MAX: usize = 20;

/// A judged finding.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Its life.
    pub finding: Finding,
    /// State.
    pub state: FindingState,
    /// Severity.
    pub severity: FindingSeverity,
    /// What it concerns.
    pub concerned: Concerned,
    /// Words on whether it applies.
    pub said: Vec<Said>,
    /// Why it does not count.
    pub suppression: Option<FindingSuppression>,
    /// Entry in the list of known exploited weaknesses.
    pub exploited: Option<KnownExploited>,
    /// Likelihood of an exploit.
    pub likelihood: Option<ExploitLikelihoodFact>,
    /// Whether the internet reaches it.
    pub exposure: FindingExposure,
    /// When it is to be mended, and what sets it.
    pub due: Option<(Micros, &'static str)>,
}

impl Item {
    /// Whether it is open or reopened.
    pub fn is_open(&self) -> bool {
        matches!(self.state, FindingState::Open | FindingState::Reopened)
    }

    /// Whether it is open and past its due date.
    pub fn is_overdue(&self, at: Micros) -> bool {
        self.is_open() && self.due.is_some_and(|(due, _)| at > due)
    }

    /// Whether the internet reaches it, directly or through calls.
    pub fn is_exposed(&self) -> bool {
        use FindingExposureVerdict as V;
        matches!(self.exposure.verdict, V::Exposed | V::PossibleNotFullyChecked | V::ThroughCalls)
    }

    /// The order of the list, worst first.
    pub fn rank(&self) -> impl Ord + use<> {
        let likelihood = self.likelihood.as_ref().map_or(0.0, |one| one.probability);
        (
            self.exploited.is_none(),
            self.severity,
            !self.is_exposed(),
            // Whole millionths, the most likely first.
            std::cmp::Reverse((likelihood * 1e6) as u64),
            self.finding.first_seen(),
            self.finding.key.clone(),
        )
    }
}

/// The text that names a finding in a decision.
pub(super) fn id_of(key: &FindingKey) -> String {
    let workload = key.workload.as_ref().map(|one| format!("#{one}")).unwrap_or_default();
    format!("{}/{}@{}{workload}", key.weakness, key.part, key.target)
}

/// The words of a severity.
pub(super) fn severity_of(word: &str) -> FindingSeverity {
    match word {
        "critical" => FindingSeverity::Critical,
        "high" => FindingSeverity::High,
        "medium" => FindingSeverity::Medium,
        "low" => FindingSeverity::Low,
        _ => FindingSeverity::Unknown,
    }
}

/// Why a finding does not count at an instant: dismissed by people, else by a word in force, else by
/// the report itself.
pub(super) fn suppression(
    decisions: &Decisions,
    finding: &Finding,
    said: &[Said],
    at: Micros,
) -> Option<FindingSuppression> {
    let target = DecisionTarget::Finding(id_of(&finding.key));
    let dismissal = decisions.of(&target).filter(|one| one.action == DecisionAction::Dismiss);
    if let Some(fact) = dismissal {
        return Some(FindingSuppression {
            by: "dismissal".to_owned(),
            author: Some(fact.author.clone()),
            reason: Some(fact.reason.clone()),
            since: Some(fact.decided_at),
            until: fact.until,
            source: None,
        });
    }
    if let Some(said) = in_force(said, at) {
        let reason = said.exclusion.reason.clone();
        return Some(FindingSuppression {
            by: "vex".to_owned(),
            author: said.exclusion.author.clone(),
            reason: Some(reason.unwrap_or_else(|| said.exclusion.status.clone())),
            since: Some(said.from.timestamp()),
            until: said.until.map(Micros::timestamp),
            source: Some(said.source.clone()),
        });
    }
    let own = finding.item.suppression.as_ref()?;
    Some(FindingSuppression {
        by: "scanner".to_owned(),
        author: own.author.clone(),
        reason: own.reason.clone(),
        since: None,
        until: None,
        source: finding.scanners.iter().next().cloned(),
    })
}

/// How a finding stands.
pub(super) fn state(finding: &Finding, is_suppressed: bool, is_gone: bool) -> FindingState {
    if finding.open_since().is_none() {
        FindingState::Fixed
    } else if is_gone {
        FindingState::Gone
    } else if is_suppressed {
        FindingState::Suppressed
    } else if finding.episodes.len() > 1 {
        FindingState::Reopened
    } else {
        FindingState::Open
    }
}

/// When the stretch of time that began at `since` is to end: a known exploited weakness has a date of
/// its own, anything else the days of its severity.
pub(super) fn due(
    params: &SecurityEventsParams,
    exploited: Option<&KnownExploited>,
    severity: FindingSeverity,
    since: Micros,
) -> Option<(Micros, &'static str)> {
    if let Some(due) = exploited.and_then(|one| one.due) {
        return Some((due, "known_exploited"));
    }
    let days = params.days(severity)?;
    Some((since.plus(i64::from(days) * Micros::DAY), "severity"))
}

/// As the answer shows it.
pub(super) fn shown(facts: &SecurityFacts, item: &Item) -> SecurityFinding {
    let (finding, at, estate) = (&item.finding, facts.at, &*facts.estate);
    let seconds = |from: Micros| (at.0.saturating_sub(from.0) / Micros::SECOND).max(0);
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let listed = |all: &std::collections::BTreeSet<String>| {
        all.iter().take(LISTED_MAX).cloned().collect::<Vec<_>>()
    };
    let visible = item.concerned.ordinals.iter().filter(|one| !estate.is_outside(**one));
    let key = &finding.key;
    SecurityFinding {
        id: format!("finding:{}", id_of(key)),
        weakness: key.weakness.clone(),
        aliases: finding.aliases.iter().cloned().collect(),
        kind: finding.item.kind.clone(),
        title: finding.item.title.clone(),
        severity: item.severity,
        state: item.state,
        package: some(&finding.item.package),
        ecosystem: finding.item.ecosystem.clone(),
        installed_versions: finding.installed.iter().cloned().collect(),
        fixed_version: finding.fixed_version.clone(),
        places: listed(&finding.places),
        target: key.target.clone(),
        workload: key.workload.clone(),
        builds: listed(&finding.builds),
        entities: visible.take(LISTED_MAX).map(|one| estate.entity(*one).id.clone()).collect(),
        owners: item.concerned.owners.iter().cloned().collect(),
        applications: item.concerned.applications.iter().cloned().collect(),
        scanners: finding.scanners.iter().cloned().collect(),
        first_seen: finding.first_seen().timestamp(),
        last_seen: finding.last_seen.timestamp(),
        open_since: finding.open_since().map(Micros::timestamp),
        fixed_at: finding.fixed_at().map(Micros::timestamp),
        reopened_count: finding.episodes.len().saturating_sub(1) as u64,
        age_seconds: seconds(finding.first_seen()),
        fix_available_since: finding.fix_since.map(Micros::timestamp),
        fix_age_seconds: finding.fix_since.map(seconds),
        known_exploited: item.exploited.as_ref().map(|one| KnownExploitedFact {
            added: one.added.map(Micros::timestamp),
            due: one.due.map(Micros::timestamp),
            is_ransomware: one.is_ransomware,
            action: one.action.clone(),
        }),
        exploit_likelihood: item.likelihood.clone(),
        due: item.due.map(|(due, _)| due.timestamp()),
        due_by: item.due.map(|(_, by)| by.to_owned()),
        is_overdue: item.is_overdue(at),
        exposure: item.exposure.clone(),
    }
}
