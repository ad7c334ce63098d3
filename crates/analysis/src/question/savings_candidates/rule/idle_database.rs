//! A database that nobody connects to.

use model::fact::EntityFact;
use model::kind::{Confidence, EntityKind as K};

use super::RuleDef;
use crate::property::text;
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject, figure};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};
use crate::question::savings_candidates::usage::Usage;

pub(super) const RULE: RuleDef = RuleDef {
    name: "idle_database",
    title: "Stop the database, or delete it after a last snapshot",
    about: "databases without a connection in the look-back",
    needs: "the count of connections over the whole look-back",
    action: SavingsAction::Delete,
    effort: Grade::Medium,
    risk: Grade::High,
    find,
};

fn find(case: &Case<'_>) -> Found {
    measured(case, "connection_count", |database, connections, ordinal| {
        if connections.max > 0.0 {
            return None;
        }
        Some(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!(
                "{}: no connection",
                text(database, "db_instance_class").unwrap_or("database")
            ),
            figures: vec![figure("connections_max", connections.max, "count")],
            window: Some(case.facts.look_back.window()),
            covered: Ok(()),
            plan: Plan::Whole,
            confidence: Confidence::High,
        })
    })
}

/// Calls `look` for every database and cache of which a signal was measured over the look-back.
pub(super) fn measured(
    case: &Case<'_>,
    signal: &str,
    look: impl Fn(&EntityFact, &Usage, u32) -> Option<Hit>,
) -> Found {
    let window = case.facts.look_back.window();
    let mut found = Found::default();
    let mut unmeasured = 0;
    for kind in [K::Database, K::Cache] {
        for (ordinal, database) in case.of_kind(kind) {
            let usage = case.facts.usages.of(&database.id, signal);
            let Some(usage) = usage.filter(|usage| usage.covers(&window)) else {
                unmeasured += 1;
                continue;
            };
            found.looked_at += 1;
            found.hits.extend(look(database, usage, ordinal));
        }
    }
    if unmeasured > 0 {
        found.reason =
            Some(format!("{unmeasured} databases have no {signal} over the whole look-back"));
    } else if found.looked_at == 0 {
        found.reason = Some("no database is known".to_owned());
    }
    found.is_blind = found.looked_at == 0;
    found
}
