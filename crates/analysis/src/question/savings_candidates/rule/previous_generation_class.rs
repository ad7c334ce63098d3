//! Instances, databases and caches of a class that has a successor.

use model::kind::{Confidence, EntityKind};

use super::RuleDef;
use super::oversized_instance::class_plan;
use crate::property::text;
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Subject};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "previous_generation_class",
    title: "Change to the class that succeeds it",
    about: "instances, databases and cache nodes of a class that AWS lists as previous generation",
    needs: "an export that names their class",
    action: SavingsAction::Change,
    effort: Grade::Medium,
    risk: Grade::Medium,
    find,
};

/// Kinds, the service under which the table lists their classes, and the property that names the class.
const CLASSES: [(EntityKind, &str, &str); 4] = [
    (EntityKind::Instance, "ec2", "instance_type"),
    (EntityKind::Database, "rds", "db_instance_class"),
    (EntityKind::Cache, "elasticache", "cache_node_type"),
    (EntityKind::CacheNode, "elasticache", "cache_node_type"),
];

fn find(case: &Case<'_>) -> Found {
    let mut found = Found::default();
    for (kind, service, field) in CLASSES {
        for (ordinal, entity) in case.of_kind(kind) {
            let Some(class) = text(entity, field) else { continue };
            found.looked_at += 1;
            let Some((family, size)) = class.rsplit_once('.') else { continue };
            let tables = &case.facts.tables;
            let Some(row) = tables.previous_generation(service, class) else { continue };
            let successor = format!("{}.{size}", row.successor);
            found.hits.push(Hit {
                subject: Subject::Entity(ordinal),
                evidence: format!(
                    "{class}: {family} is of a previous generation, {} succeeds it ({})",
                    row.successor, row.source
                ),
                figures: Vec::new(),
                window: None,
                covered: Ok(()),
                plan: class_plan(case, entity, &successor, None),
                confidence: Confidence::High,
            });
        }
    }
    if found.looked_at == 0 {
        return Found::blind("no instance, database or cache with its class is known");
    }
    found
}
