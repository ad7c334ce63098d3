//! Relations say what their kind can say: nothing contains or runs on itself, an image is an image, an
//! owner is a unit of people.

use std::collections::BTreeMap;

use model::fact::EstateRelation;
use model::kind::{EntityKind as K, RelationKind as R};

use crate::estate::Estate;
use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "impossible_relations",
    family: ValidationFamily::Graph,
    severity: ValidationSeverity::Major,
    title: "Impossible relations",
    says: "no relation joins kinds that it cannot join, or a thing with itself",
    affects: ValidationAffected::Entity,
    causes: &[],
    judge,
};

/// Kinds of relation that nothing has to itself.
const NEVER_TO_ITSELF: [R; 9] = [
    R::Contains,
    R::HasPart,
    R::Owns,
    R::PlacedIn,
    R::RunsOn,
    R::HasReplica,
    R::ManagedBy,
    R::UsesImage,
    R::Mounts,
];
/// Kinds that stand for people.
const PEOPLE: [K; 5] = [K::Organisation, K::BusinessUnit, K::Team, K::Product, K::Application];
/// Kinds of which nothing is sure.
const ANYTHING: [K; 2] = [K::Unknown, K::Resource];

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let estate = facts.estate.as_ref().map_err(Clone::clone)?;
    let mut wrong: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for one in &estate.facts.relations {
        if let Some(why) = why_impossible(estate, one) {
            wrong.entry(why).or_default().push(&estate.entity(one.from).id);
        }
    }
    let found = wrong.into_iter().map(|(why, mut ids)| {
        let count = counted(ids.len() as u64, "relation");
        ids.dedup();
        let action = "open the entity's page for the source that states it, and mend it there";
        Found::failed(format!("{count}: {why}"), action).about(ids)
    });
    Ok(Judgement { checked: estate.facts.relations.len() as u64, found: found.collect() })
}

fn why_impossible(estate: &Estate, one: &EstateRelation) -> Option<String> {
    let (near, far) = (estate.entity(one.from).kind, estate.entity(one.to).kind);
    if one.from == one.to {
        return NEVER_TO_ITSELF
            .contains(&one.kind)
            .then(|| format!("a {near} {} itself", one.kind));
    }
    if ANYTHING.contains(&near) || ANYTHING.contains(&far) {
        return None;
    }
    let is_possible = match one.kind {
        R::UsesImage => far == K::Image,
        R::Owns => PEOPLE.contains(&near),
        R::RunsOn | R::HasReplica | R::Mounts | R::AttachedTo => {
            !PEOPLE.contains(&near) && !PEOPLE.contains(&far) && far != K::Image
        }
        R::PlacedIn => !PEOPLE.contains(&far) && !matches!(far, K::Pod | K::Image | K::Service),
        _ => true,
    };
    (!is_possible).then(|| format!("a {near} {} a {far}", one.kind))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::fact::{EntityFact, EstateFacts};

    use super::*;

    #[test]
    fn a_pod_that_runs_on_itself_and_an_image_that_is_none_are_named() {
        let entities = vec![
            EntityFact::new(K::Service, "s", "s"),
            EntityFact::new(K::Pod, "p", "p"),
            EntityFact::new(K::Image, "i", "i"),
        ];
        let relation = EstateRelation::new;
        let relations = vec![
            relation(0, R::Calls, 0),
            relation(1, R::RunsOn, 1),
            relation(1, R::UsesImage, 0),
            relation(1, R::UsesImage, 2),
        ];
        let mut facts = ValidationFacts::nothing();
        let estate = EstateFacts { entities, relations, ..EstateFacts::default() };
        facts.estate = Ok(Arc::new(Estate::new(estate)));
        let found = judge(&facts).unwrap().found;
        let what: Vec<&str> = found.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(
            what,
            ["1 relation: a pod runs_on itself", "1 relation: a pod uses_image a service"]
        );
    }
}
