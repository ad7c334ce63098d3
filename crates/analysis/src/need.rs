//! Needs of calls as traces show them (rule 3 of the model): what became of callers' requests in which
//! calls failed.

use std::collections::{BTreeMap, HashMap};

use model::entity::EntityId;
use model::fact::CallOutcomeFact;
use model::kind::{Need, NeedSource, RelationKind};
use model::seam::DataKind;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::calls::ends_of;
use crate::estate::Estate;
use crate::param::window_ending;

/// Needs that replace those of relations, by ordinals of near end and far end.
pub type MeasuredNeeds = BTreeMap<(u32, u32), (Need, NeedSource)>;

/// Failed calls that a judgement needs.
const FAILURES_MIN: u64 = 30;
/// Share of requests that still succeeded from which on a call is optional.
const OPTIONAL_MIN: f64 = 0.9;
/// Share of requests that still succeeded up to which a call is required.
const REQUIRED_MAX: f64 = 0.1;
/// How far back failed calls count: as long as evidence is active.
const EVIDENCE_WINDOW: i64 = 14 * Micros::DAY;

/// The needs that traces show of the fortnight before the newest call.
///
/// # Errors
/// When the store gives no facts.
pub async fn measured_needs(
    ctx: &AskContext,
    as_of: Option<Micros>,
    now: Micros,
    estate: &Estate,
) -> Result<MeasuredNeeds, AskError> {
    let newest = ctx.telemetry.version(DataKind::Edges).await?.newest;
    let Some(newest) = newest else { return Ok(MeasuredNeeds::new()) };
    let end = newest.plus(Micros::MINUTE).min(as_of.unwrap_or(now).plus(1));
    let window = window_ending(end, EVIDENCE_WINDOW);
    let outcomes = ctx.telemetry.call_outcomes(&ctx.read(as_of), window).await?;
    Ok(needs_of(estate, &outcomes, &ends_of(estate)))
}

/// The needs that outcomes show, of calls and connections whose need no rule and no message states.
pub fn needs_of(
    estate: &Estate,
    outcomes: &[CallOutcomeFact],
    ends: &HashMap<EntityId, u32>,
) -> MeasuredNeeds {
    let mut needs = MeasuredNeeds::new();
    for one in outcomes {
        let (Some(from), Some(to)) = (ends.get(&one.client), ends.get(&one.server)) else {
            continue;
        };
        let Some(need) = need_shown(one) else { continue };
        let is_stated = estate.from(*from).iter().any(|relation| {
            relation.to == *to
                && matches!(relation.kind, RelationKind::Calls | RelationKind::ConnectsTo)
                && matches!(relation.need_source, NeedSource::Rule | NeedSource::Messaging)
        });
        if !is_stated {
            needs.insert((*from, *to), (need, NeedSource::Traces));
        }
    }
    needs
}

/// What enough failed calls show; `None` while there are too few of them.
fn need_shown(outcome: &CallOutcomeFact) -> Option<Need> {
    if outcome.failures < FAILURES_MIN || outcome.requests == 0 {
        return None;
    }
    let share = outcome.survived as f64 / outcome.requests as f64;
    Some(match share {
        share if share >= OPTIONAL_MIN => Need::Optional,
        share if share <= REQUIRED_MAX => Need::Required,
        _ => Need::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Estate;
    use model::fact::{EntityFact, EstateFacts, EstateRelation};
    use model::kind::EntityKind;

    fn outcome(failures: u64, requests: u64, survived: u64) -> CallOutcomeFact {
        CallOutcomeFact { client: EntityId(1), server: EntityId(2), failures, requests, survived }
    }

    /// Nine of ten requests that still succeed make a call optional, one of ten required; below thirty
    /// failed calls nothing is said.
    #[test]
    fn needs_follow_the_share_of_requests_that_still_succeeded() {
        assert_eq!(need_shown(&outcome(30, 20, 18)), Some(Need::Optional));
        assert_eq!(need_shown(&outcome(30, 20, 17)), Some(Need::Unknown));
        assert_eq!(need_shown(&outcome(30, 30, 3)), Some(Need::Required));
        assert_eq!(need_shown(&outcome(30, 30, 4)), Some(Need::Unknown));
        assert_eq!(need_shown(&outcome(29, 29, 29)), None);
    }

    #[test]
    fn what_a_rule_or_a_message_states_is_kept() {
        let entities = vec![
            EntityFact::new(EntityKind::Service, "a", "a"),
            EntityFact::new(EntityKind::Service, "b", "b"),
        ];
        let mut relation = EstateRelation::new(0, RelationKind::Calls, 1);
        let ends = HashMap::from([(EntityId(1), 0), (EntityId(2), 1)]);
        let needs = |relation: &EstateRelation| {
            let relations = vec![relation.clone()];
            let facts = EstateFacts { entities: entities.clone(), relations, ..Default::default() };
            needs_of(&Estate::new(facts), &[outcome(40, 40, 40)], &ends)
        };
        let shown = MeasuredNeeds::from([((0, 1), (Need::Optional, NeedSource::Traces))]);
        assert_eq!(needs(&relation), shown);
        relation.need_source = NeedSource::Rule;
        assert!(needs(&relation).is_empty());
    }
}
