//! What is always part of something is part of something. A kind is judged only where nine in ten of its
//! entities of one source have a relation: a source that tells none makes no orphans.

use std::collections::BTreeMap;

use model::kind::EntityKind as K;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "orphans",
    family: ValidationFamily::Graph,
    severity: ValidationSeverity::Major,
    title: "Orphans",
    says: "what is always part of something has a relation",
    affects: ValidationAffected::Entity,
    causes: &["dangling_relations", "schema_tables", "schema_columns"],
    judge,
};

/// Kinds that do not stand alone.
const PARTS: [K; 20] = [
    K::Workload,
    K::Pod,
    K::KubernetesNode,
    K::KubernetesService,
    K::Ingress,
    K::Route,
    K::Autoscaler,
    K::DisruptionBudget,
    K::PersistentVolumeClaim,
    K::NodeGroup,
    K::NodePool,
    K::FargateProfile,
    K::Subnet,
    K::RouteTable,
    K::Listener,
    K::CacheNode,
    K::ContainerService,
    K::Task,
    K::Addon,
    K::NetworkInterface,
];
/// Share with a relation where a source tells relations.
const SHARE_MIN: f64 = 0.9;

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let estate = facts.estate.as_ref().map_err(Clone::clone)?;
    let mut groups: BTreeMap<(K, String), (u64, Vec<&str>)> = BTreeMap::new();
    let mut judgement = Judgement::default();
    for kind in PARTS {
        for ordinal in estate.of_kind(kind) {
            let entity = estate.entity(ordinal);
            judgement.checked += 1;
            let sources = entity.sources.join(", ");
            let group = groups.entry((kind, sources)).or_default();
            group.0 += 1;
            if estate.from(ordinal).is_empty() && estate.to(ordinal).next().is_none() {
                group.1.push(&entity.id);
            }
        }
    }
    for ((kind, sources), (all, orphans)) in groups {
        let share = 1.0 - orphans.len() as f64 / all as f64;
        if orphans.is_empty() || share < SHARE_MIN {
            continue;
        }
        let count = counted(orphans.len() as u64, kind.as_str());
        let what = format!("{count} of {all} that {sources} reports belong to nothing");
        let action = format!(
            "read a complete export of {sources} again; `ubiquitous ask topology --root ID` shows \
             what is known of one"
        );
        judgement.found.push(Found::failed(what, action).about(orphans));
    }
    Ok(judgement)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::fact::{EntityFact, EstateFacts, EstateRelation};
    use model::kind::RelationKind;

    use super::*;
    use crate::estate::Estate;

    fn pods(count: u32, related: u32) -> ValidationFacts {
        let pod = |number: u32| EntityFact::new(K::Pod, format!("pod-{number:03}"), "pod");
        let relation = |number| EstateRelation::new(0, RelationKind::HasReplica, number);
        let estate = EstateFacts {
            entities: (0..count).map(pod).collect(),
            relations: (1..related).map(relation).collect(),
            ..EstateFacts::default()
        };
        let mut facts = ValidationFacts::nothing();
        facts.estate = Ok(Arc::new(Estate::new(estate)));
        facts
    }

    #[test]
    fn one_without_a_relation_among_many_with_is_named() {
        let found = judge(&pods(20, 19)).unwrap().found;
        assert_eq!(found[0].affected, ["pod-019"]);
        assert!(judge(&pods(20, 20)).unwrap().found.is_empty());
    }

    #[test]
    fn where_none_has_one_nobody_is_an_orphan() {
        assert!(judge(&pods(20, 0)).unwrap().found.is_empty());
    }
}
