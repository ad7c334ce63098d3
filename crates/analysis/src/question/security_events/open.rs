//! The findings that are open at an instant, each with what it concerns, for questions that show them
//! beside something else.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::EntityId;
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

use super::shape::FindingSeverity;
use super::{SecurityEventsParams, fetch, judge};
use crate::ask::{AskContext, AskError};

/// One open finding, as far as the viewer may see what it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenFinding {
    /// Severity.
    pub severity: FindingSeverity,
    /// What it concerns: the target itself, and for an image the workloads that run it.
    pub entities: BTreeSet<EntityId>,
}

/// Open findings of one severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct OpenFindingCount {
    /// Severity.
    pub severity: FindingSeverity,
    /// How many findings, each once.
    pub count: u64,
}

/// The findings that are open or reopened at an instant.
///
/// # Errors
/// When a store gives no facts.
pub(crate) async fn open_findings(
    ctx: &AskContext,
    as_of: Option<Micros>,
) -> Result<Vec<OpenFinding>, AskError> {
    let mut params = SecurityEventsParams { as_of, ..SecurityEventsParams::default() };
    params.fill()?;
    let facts = fetch::facts(&params, ctx).await?;
    let open = judge::items(&params, &facts).into_iter().filter(|item| item.is_open());
    let shown = open.map(|item| {
        let seen = item.concerned.ordinals.iter().filter(|one| !facts.estate.is_outside(**one));
        let entities = seen.map(|one| facts.estate.entity(*one).entity).collect();
        OpenFinding { severity: item.severity, entities }
    });
    Ok(shown.filter(|one| !one.entities.is_empty()).collect())
}

/// How many of them concern any of some entities, by severity, the worst first.
pub(crate) fn counted(
    open: &[OpenFinding],
    is_concerned: impl Fn(EntityId) -> bool,
) -> Vec<OpenFindingCount> {
    let mut counts: BTreeMap<FindingSeverity, u64> = BTreeMap::new();
    for one in open.iter().filter(|one| one.entities.iter().any(|entity| is_concerned(*entity))) {
        *counts.entry(one.severity).or_default() += 1;
    }
    counts.into_iter().map(|(severity, count)| OpenFindingCount { severity, count }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two findings on one entity and one on another: asked of the first, two; of both, each once.
    #[test]
    fn each_finding_counts_once() {
        let finding = |severity, entities: &[u64]| OpenFinding {
            severity,
            entities: entities.iter().map(|one| EntityId(*one)).collect(),
        };
        let open = [
            finding(FindingSeverity::Low, &[1]),
            finding(FindingSeverity::Critical, &[1, 2]),
            finding(FindingSeverity::Low, &[2]),
        ];
        let count = |severity, count| OpenFindingCount { severity, count };
        let of = |wanted: &[u64]| counted(&open, |one| wanted.contains(&one.0));
        let critical = count(FindingSeverity::Critical, 1);
        assert_eq!(of(&[1]), [critical, count(FindingSeverity::Low, 1)]);
        assert_eq!(of(&[1, 2]), [critical, count(FindingSeverity::Low, 2)]);
        assert_eq!(of(&[3]), []);
    }
}
