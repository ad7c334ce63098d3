//! Decisions as the questions read them: which one holds for a target at an instant, pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::decision::{Decision, DecisionAction, DecisionTarget};
use model::error::StoreResult;
use model::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskContext;

/// A decision in force, as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionFact {
    /// `accept` or `dismiss`.
    pub action: DecisionAction,
    /// Who.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When.
    pub decided_at: Timestamp,
    /// It holds before this instant only; null without end.
    pub until: Option<Timestamp>,
}

/// The decisions in force at one instant, by target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions(BTreeMap<DecisionTarget, DecisionFact>);

impl Decisions {
    /// Those in force at `at`: of several about one target the latest made by then, unless it is an
    /// undo or has ended.
    pub fn at(all: &[Decision], at: Micros) -> Self {
        let mut latest: BTreeMap<&DecisionTarget, &Decision> = BTreeMap::new();
        for decision in all.iter().filter(|one| Micros::of(one.decided_at) <= at) {
            let held = latest.entry(&decision.target).or_insert(decision);
            if held.id <= decision.id {
                *held = decision;
            }
        }
        let holds = |one: &Decision| {
            one.action != DecisionAction::Undo
                && one.until.is_none_or(|until| Micros::of(until) > at)
        };
        let held = latest.into_values().filter(|one| holds(one));
        Self(held.map(|one| (one.target.clone(), fact(one))).collect())
    }

    /// The decision in force about a target.
    pub fn of(&self, target: &DecisionTarget) -> Option<&DecisionFact> {
        self.0.get(target)
    }

    /// About a risk of a class (`capacity`) of an entity.
    pub fn of_risk(&self, class: &str, entity: &str) -> Option<&DecisionFact> {
        self.of(&DecisionTarget::Risk(class.to_owned(), entity.to_owned()))
    }

    /// About a workload check (`one_replica`) of an entity.
    pub fn of_check(&self, name: &str, entity: &str) -> Option<&DecisionFact> {
        self.of(&DecisionTarget::Check(name.to_owned(), entity.to_owned()))
    }

    /// About a savings candidate of a rule for an entity.
    pub fn of_savings(&self, rule: &str, entity: &str) -> Option<&DecisionFact> {
        self.of(&DecisionTarget::Savings(rule.to_owned(), entity.to_owned()))
    }
}

fn fact(decision: &Decision) -> DecisionFact {
    DecisionFact {
        action: decision.action,
        author: decision.author.clone(),
        reason: decision.reason.clone(),
        decided_at: decision.decided_at,
        until: decision.until,
    }
}

/// The decisions in force at the instant asked about; without one at the instant of asking, not rounded
/// down as a question's own `now` is, so that what was decided a moment ago holds. A question that calls
/// it has `DataKind::Topology` or `DataKind::Decisions` among what it reads; either makes their version
/// part of its cache key.
///
/// # Errors
/// As the records answer.
pub async fn decisions(ctx: &AskContext, as_of: Option<Micros>) -> StoreResult<Decisions> {
    Ok(Decisions::at(&ctx.records.decisions().await?, ctx.at(as_of)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(id: u64, action: DecisionAction, day: &str, until: Option<&str>) -> Decision {
        let at = |day: &str| model::time::instant(day).unwrap();
        Decision {
            id,
            target: "risk:capacity:a".parse().unwrap(),
            action,
            author: "ana".into(),
            reason: "known".into(),
            decided_at: at(day),
            until: until.map(at),
        }
    }

    fn at(day: &str) -> Micros {
        Micros::of(model::time::instant(day).unwrap())
    }

    #[test]
    fn the_latest_by_then_holds_until_it_ends_or_is_undone() {
        use DecisionAction as A;
        let all = [
            decision(1, A::Accept, "2026-01-10", Some("2026-03-01")),
            decision(2, A::Undo, "2026-02-01", None),
            decision(3, A::Dismiss, "2026-02-10", Some("2026-02-20")),
        ];
        let action = |day: &str| {
            let held = Decisions::at(&all, at(day));
            held.of_risk("capacity", "a").map(|fact| fact.action)
        };
        assert_eq!(action("2026-01-09"), None);
        assert_eq!(action("2026-01-10"), Some(A::Accept));
        assert_eq!(action("2026-02-05"), None, "undone");
        assert_eq!(action("2026-02-19"), Some(A::Dismiss));
        assert_eq!(action("2026-02-20"), None, "the end is not included");
        assert_eq!(Decisions::at(&all, at("2026-01-15")).of_risk("data", "a"), None);
    }
}
