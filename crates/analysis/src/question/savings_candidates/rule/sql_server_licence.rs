//! SQL Server whose edition or licence is worth a look.

use model::fact::EntityFact;
use model::kind::{Confidence, EntityKind as K};

use super::RuleDef;
use crate::property::text;
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "sql_server_licence",
    title: "See whether a cheaper edition or another licence would do",
    about: "SQL Server with an Enterprise licence, or any paid edition outside production",
    needs: "an export that names platform or engine; a customer's own licence is not in it",
    action: SavingsAction::Review,
    effort: Grade::High,
    risk: Grade::High,
    find,
};

/// Environments for which the free Developer edition may be used.
const OUTSIDE_PRODUCTION: [&str; 6] = ["dev", "test", "stag", "qa", "sandbox", "demo"];

fn find(case: &Case<'_>) -> Found {
    let mut found = Found::default();
    for kind in [K::Instance, K::Database] {
        for (ordinal, entity) in case.of_kind(kind) {
            found.looked_at += 1;
            let Some(edition) = edition(entity) else { continue };
            let environment = environment(entity);
            let is_outside = environment.as_deref().is_some_and(|environment| {
                OUTSIDE_PRODUCTION.iter().any(|one| environment.contains(one))
            });
            let evidence = match (edition, is_outside) {
                ("Enterprise", _) => "Enterprise edition; Standard does up to 24 cores and 128 GB",
                ("Standard" | "Web", true) => {
                    "a paid edition outside production, where Developer edition is free"
                }
                _ => continue,
            };
            let shown = environment.map_or_else(String::new, |name| format!(" ({name})"));
            found.hits.push(Hit {
                subject: Subject::Entity(ordinal),
                evidence: format!("SQL Server {edition}{shown}: {evidence}"),
                figures: Vec::new(),
                window: None,
                covered: Err("which features are used was not measured".to_owned()),
                plan: Plan::Unpriced("the bill shows no price of another edition".to_owned()),
                confidence: Confidence::Low,
            });
        }
    }
    if found.looked_at == 0 {
        return Found::blind("no instance and no database is known");
    }
    found
}

/// The edition that comes with the instance or database: `Enterprise`, `Standard`, `Web`.
fn edition(entity: &EntityFact) -> Option<&'static str> {
    let engine = match text(entity, "engine") {
        Some("sqlserver-ee") => Some("Enterprise"),
        Some("sqlserver-se") => Some("Standard"),
        Some("sqlserver-web") => Some("Web"),
        _ => None,
    };
    let platform = text(entity, "platform_details").filter(|one| one.contains("SQL Server"));
    let named = platform.and_then(|platform| {
        ["Enterprise", "Standard", "Web"].into_iter().find(|edition| platform.contains(edition))
    });
    engine.or(named)
}

fn environment(entity: &EntityFact) -> Option<String> {
    let tagged = ["environment", "Environment", "env", "Env", "stage", "Stage"]
        .iter()
        .find_map(|name| entity.labels.get(*name));
    entity.scope.environment.as_ref().or(tagged).map(|name| name.to_ascii_lowercase())
}
