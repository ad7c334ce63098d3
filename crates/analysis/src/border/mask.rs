//! What lies outside a viewer's part, as the questions about the whole graph get it: that it is there.

use std::collections::{HashMap, HashSet};

use model::fact::{EntityFact, EstateFacts};
use model::kind::RelationKind;
use model::scope::Scope;

use super::OUTSIDE;

/// Takes from everything outside its id, its name, its labels and whose it is. What decides how much of it
/// must be left stays, and so does which of it stands together: a place where nothing of the viewer's part
/// is has a number for its name. An image that something of the viewer's part runs stays as it is.
pub(crate) fn masked(facts: &mut EstateFacts) {
    let width = facts.outside.len().to_string().len();
    let outside: HashSet<u32> = facts.outside.iter().copied().collect();
    let own = (0_u32..).zip(&facts.entities).filter(|(place, _)| !outside.contains(place));
    let mut places = Places::default();
    own.for_each(|(_, one)| places.known.extend(parts(&one.scope).into_iter().flatten().cloned()));
    // What runs an image names it, so whoever sees that knows the image.
    let used: HashSet<u32> = facts
        .relations
        .iter()
        .filter(|one| one.kind == RelationKind::UsesImage && !outside.contains(&one.from))
        .map(|one| one.to)
        .collect();
    for (number, place) in (1_usize..).zip(facts.outside.clone()) {
        let Some(one) = facts.entities.get_mut(place as usize) else { continue };
        if used.contains(&place) {
            continue;
        }
        let nameless = EntityFact::new(one.kind, format!("{OUTSIDE} {number:0width$}"), OUTSIDE);
        let whole = std::mem::replace(one, nameless);
        one.entity = whole.entity;
        one.scope = whole.scope;
        places.mask(&mut one.scope);
        one.properties = whole.properties;
        one.valid_from = whole.valid_from;
        one.valid_to = whole.valid_to;
        one.state = whole.state;
    }
}

/// Names of places: those that the viewer's part has, and numbers for the others.
#[derive(Default)]
struct Places {
    known: HashSet<String>,
    numbers: HashMap<String, usize>,
}

impl Places {
    fn mask(&mut self, scope: &mut Scope) {
        let Scope { account, region, zone, cluster, namespace, environment } = scope;
        for part in [account, region, zone, cluster, namespace, environment] {
            let Some(name) = part.as_mut().filter(|name| !self.known.contains(name.as_str()))
            else {
                continue;
            };
            let next = self.numbers.len() + 1;
            let number = *self.numbers.entry(std::mem::take(name)).or_insert(next);
            *name = format!("{OUTSIDE} {number}");
        }
    }
}

fn parts(scope: &Scope) -> [Option<&String>; 6] {
    let Scope { account, region, zone, cluster, namespace, environment } = scope;
    [account, region, zone, cluster, namespace, environment].map(Option::as_ref)
}

#[cfg(test)]
mod tests {
    use model::kind::EntityKind;

    use super::*;
    use crate::estate::Estate;

    #[test]
    fn what_is_outside_keeps_its_kind_and_place_in_the_order_and_no_name() {
        let entity = |kind, id: &str| {
            let mut one = EntityFact::new(kind, id, id);
            one.labels.insert("note".into(), id.into());
            one.owner = Some(id.to_owned());
            one.scope.account = Some(id.to_owned());
            one.scope.zone = Some("z1".into());
            one.scope.cluster = Some("secret-cluster".into());
            one
        };
        let mut own = entity(EntityKind::Database, "own");
        own.scope.cluster = None;
        let mut entities: Vec<EntityFact> = (0..12)
            .map(|number| entity(EntityKind::Service, &format!("secret-{number:02}")))
            .chain([own])
            .collect();
        entities.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        let outside = (0_u32..).zip(&entities);
        let outside = outside.filter(|(_, one)| one.id != "own").map(|(at, _)| at).collect();
        let mut facts = EstateFacts { entities, outside, ..EstateFacts::default() };
        masked(&mut facts);
        assert!(!format!("{facts:?}").contains("secret"), "{facts:?}");
        let in_order =
            |pair: &[EntityFact]| (pair[0].kind, &pair[0].id) < (pair[1].kind, &pair[1].id);
        assert!(facts.entities.windows(2).all(in_order), "one id each, in order");
        let estate = Estate::new(facts);
        let own = estate.find("own").unwrap();
        assert!(!estate.is_outside(own) && estate.entity(own).owner.as_deref() == Some("own"));
        assert_eq!(estate.of_kind(EntityKind::Service).len(), 12);
        let any = estate.of_kind(EntityKind::Service).start;
        let scope = |place: u32| &estate.entity(place).scope;
        assert_eq!(scope(any).zone.as_deref(), Some("z1"), "the viewer has something there");
        assert_eq!(scope(any).cluster, scope(any + 1).cluster, "together as before");
        assert_ne!(scope(any).account, scope(any + 1).account);
    }
}
