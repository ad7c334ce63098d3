//! Whether an entity lies in the places that a question is narrowed to.

use model::fact::EntityFact;
use model::scope::Place;

/// Whether an entity is in all given parts of a place; a cluster goes by uid or by name.
pub fn holds(place: &Place, entity: &EntityFact) -> bool {
    let scope = &entity.scope;
    let is_in = |asked: &[String], held: [&Option<String>; 2]| {
        asked.is_empty() || held.into_iter().flatten().any(|one| asked.contains(one))
    };
    is_in(&place.account, [&scope.account, &None])
        && is_in(&place.region, [&scope.region, &None])
        && is_in(&place.cluster, [&scope.cluster, &entity.cluster_name])
        && is_in(&place.namespace, [&scope.namespace, &None])
        && is_in(&place.environment, [&scope.environment, &None])
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::EntityKind;

    #[test]
    fn all_parts_must_agree_and_a_cluster_has_two_names() {
        let mut entity = EntityFact::new(EntityKind::Service, "a", "a");
        entity.scope.cluster = Some("uid".into());
        entity.cluster_name = Some("prod".into());
        entity.scope.namespace = Some("shop".into());
        let place = |cluster: &str, namespace: &str| Place {
            cluster: vec![cluster.into()],
            namespace: vec![namespace.into()],
            ..Place::default()
        };
        assert!(holds(&place("uid", "shop"), &entity));
        assert!(holds(&place("prod", "shop"), &entity));
        assert!(!holds(&place("prod", "other"), &entity));
        assert!(holds(&Place::default(), &entity));
    }
}
