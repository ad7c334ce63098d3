//! Nothing contains itself by way of others. What can be taken off from either end, again and again, is
//! on no circle; what is left is. O(entities + relations).

use model::kind::RelationKind as R;

use crate::estate::Estate;
use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "containment_cycles",
    family: ValidationFamily::Graph,
    severity: ValidationSeverity::Major,
    title: "Circles of containment",
    says: "nothing contains itself by way of others",
    affects: ValidationAffected::Entity,
    causes: &[],
    judge,
};

/// Relations that make a tree of places, and those that make a tree of people and products.
const TREES: [&[R]; 2] = [&[R::Contains], &[R::HasPart, R::Owns]];

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let estate = facts.estate.as_ref().map_err(Clone::clone)?;
    let mut judgement = Judgement::default();
    for kinds in TREES {
        let (checked, circle) = circle(estate, kinds);
        judgement.checked += checked;
        if circle.is_empty() {
            continue;
        }
        let count = counted(circle.len() as u64, "entity").replace("entitys", "entities");
        let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        let what = format!("{count} lie on a circle of `{}`", words.join("`, `"));
        let action = "mend the input that states the last of these relations: an entity's page names \
                      the source of each";
        let ids = circle.into_iter().map(|one| estate.entity(one).id.as_str());
        judgement.found.push(Found::failed(what, action).about(ids));
    }
    Ok(judgement)
}

/// How many relations there are, and the ordinals on a circle.
fn circle(estate: &Estate, kinds: &[R]) -> (u64, Vec<u32>) {
    let count = estate.len();
    let is_of = |kind: R| kinds.contains(&kind);
    let (mut outs, mut ins) = (vec![0_u32; count], vec![0_u32; count]);
    let mut checked = 0;
    for one in estate.facts.relations.iter().filter(|one| is_of(one.kind) && one.from != one.to) {
        outs[one.from as usize] += 1;
        ins[one.to as usize] += 1;
        checked += 1;
    }
    let all = || (0_u32..).take(count);
    let mut is_gone = vec![false; count];
    let mut open: Vec<u32> =
        all().filter(|one| outs[*one as usize] == 0 || ins[*one as usize] == 0).collect();
    while let Some(one) = open.pop() {
        if std::mem::replace(&mut is_gone[one as usize], true) {
            continue;
        }
        for relation in estate.from(one).iter().filter(|other| is_of(other.kind) && other.to != one)
        {
            let left = &mut ins[relation.to as usize];
            *left = left.saturating_sub(1);
            if *left == 0 {
                open.push(relation.to);
            }
        }
        for relation in estate.to(one).filter(|other| is_of(other.kind) && other.from != one) {
            let left = &mut outs[relation.from as usize];
            *left = left.saturating_sub(1);
            if *left == 0 {
                open.push(relation.from);
            }
        }
    }
    (checked, all().filter(|one| !is_gone[*one as usize]).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::fact::{EntityFact, EstateFacts, EstateRelation};
    use model::kind::EntityKind as K;

    use super::*;

    #[test]
    fn only_what_is_on_the_circle_is_named() {
        let entity = |id: &str| EntityFact::new(K::Vpc, id, id);
        let entities = ["a", "b", "c", "d", "e"].map(entity).to_vec();
        let pairs = [(0, 1), (0, 4), (1, 2), (2, 1), (2, 3)];
        let relations =
            pairs.iter().map(|(near, far)| EstateRelation::new(*near, R::Contains, *far)).collect();
        let estate = EstateFacts { entities, relations, ..EstateFacts::default() };
        let mut facts = ValidationFacts::nothing();
        facts.estate = Ok(Arc::new(Estate::new(estate)));
        let judgement = judge(&facts).unwrap();
        assert_eq!((judgement.checked, judgement.found.len()), (5, 1));
        assert_eq!(judgement.found[0].affected, ["b", "c"]);
    }
}
