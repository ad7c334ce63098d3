//! Candidates on one entity are alternatives: the largest counts, and removing a thing excludes
//! changing it.

use std::collections::BTreeMap;

use model::money::Amount;

use super::shape::{SavingsAction, SavingsCandidate};
use crate::decision::DecisionFact;
use model::decision::DecisionAction;

/// Names the alternatives of each candidate and marks the one of each set that counts: the largest
/// saving, of equal ones a removal, then the first. Dismissed ones never count.
pub(super) fn choose(candidates: &mut [SavingsCandidate]) {
    let mut sets: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, candidate) in candidates.iter().enumerate() {
        sets.entry(candidate.entity.id.clone()).or_default().push(place);
    }
    for places in sets.into_values() {
        let rank = |place: &usize| {
            let candidate = &candidates[*place];
            let is_removal = candidate.action == SavingsAction::Delete;
            (amount(candidate), is_removal, std::cmp::Reverse(*place))
        };
        let open = places.iter().copied().filter(|place| !is_dismissed(&candidates[*place]));
        let counted = open.max_by_key(rank);
        let targets: Vec<String> =
            places.iter().map(|place| candidates[*place].target.clone()).collect();
        for place in places {
            let candidate = &mut candidates[place];
            candidate.is_counted = counted == Some(place);
            candidate.alternatives =
                targets.iter().filter(|target| **target != candidate.target).cloned().collect();
        }
    }
}

/// What it saves at once, as far as that is known.
pub(super) fn amount(candidate: &SavingsCandidate) -> Option<Amount> {
    candidate.saving.as_ref().and_then(|saving| saving.now.amount)
}

/// Whether somebody dismissed it.
pub(super) fn is_dismissed(candidate: &SavingsCandidate) -> bool {
    let is_dismissal = |fact: &DecisionFact| fact.action == DecisionAction::Dismiss;
    candidate.decision.as_ref().is_some_and(is_dismissal)
}
