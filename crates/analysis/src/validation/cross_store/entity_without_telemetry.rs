//! An entity whose peers all have telemetry has some as well. Peers are entities of one kind in one place
//! (cluster, or account and region) and environment. Where fewer than 95 % of at least 20 peers have any,
//! telemetry is not collected there, and nobody is named.

use std::collections::{BTreeMap, BTreeSet};

use model::kind::EntityKind as K;

use crate::validation::check::{
    Check, Found, Judgement, Unjudged, ValidationAffected, ValidationFamily, ValidationSeverity,
    counted,
};
use crate::validation::facts::ValidationFacts;

/// The check.
pub const CHECK: Check = Check {
    name: "entity_without_telemetry",
    family: ValidationFamily::CrossStore,
    severity: ValidationSeverity::Major,
    title: "Silent among its peers",
    says: "an entity whose peers all have telemetry has some as well",
    affects: ValidationAffected::Entity,
    causes: &["schema_tables", "schema_columns"],
    judge,
};

/// Kinds that are measured one by one.
const KINDS: [K; 4] = [K::Service, K::KubernetesNode, K::Database, K::Instance];
/// Fewest peers that make a rule.
const PEERS_MIN: usize = 20;
/// Share of them that has telemetry where it is collected.
const SHARE_MIN: f64 = 0.95;

type Peers = (K, String);

fn judge(facts: &ValidationFacts) -> Result<Judgement, Unjudged> {
    let subjects = facts.subjects.as_ref().map_err(Clone::clone)?;
    let estate = facts.estate.as_ref().map_err(Clone::clone)?;
    let measured: BTreeSet<&str> = subjects.iter().map(|one| one.id.as_str()).collect();
    let mut groups: BTreeMap<Peers, (u64, Vec<&str>)> = BTreeMap::new();
    let mut judgement = Judgement::default();
    for kind in KINDS {
        for ordinal in estate.of_kind(kind) {
            let entity = estate.entity(ordinal);
            if entity.state != "current" {
                continue;
            }
            judgement.checked += 1;
            let scope = &entity.scope;
            let parts = [&scope.cluster, &scope.account, &scope.region, &scope.environment];
            let place = parts.map(|part| part.as_deref().unwrap_or("")).join(" ");
            let group = groups.entry((kind, place.trim().to_owned())).or_default();
            group.0 += 1;
            if !measured.contains(entity.id.as_str()) {
                group.1.push(&entity.id);
            }
        }
    }
    for ((kind, place), (all, silent)) in groups {
        let share = 1.0 - silent.len() as f64 / all as f64;
        if all < PEERS_MIN as u64 || silent.is_empty() || share < SHARE_MIN {
            continue;
        }
        let count = counted(silent.len() as u64, kind.as_str());
        let what = format!("{count} of {all} in {place} have no telemetry, and all others have");
        let action = "see that its exporter or agent runs and that its labels name it as the others' \
                      do; `ubiquitous ask system-metrics` shows what arrives";
        judgement.found.push(Found::warning(what, action).about(silent));
    }
    if judgement.checked == 0 || measured.is_empty() {
        return Err(Unjudged::Skipped("there is no telemetry, or nobody to have it".to_owned()));
    }
    Ok(judgement)
}
