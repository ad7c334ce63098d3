//! An Elastic IP that is associated with nothing.

use model::kind::{Confidence, EntityKind, RelationKind};

use super::RuleDef;
use crate::estate::Estate;
use crate::property::text;
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "unused_elastic_ip",
    title: "Release the address",
    about: "Elastic IP addresses that are associated with nothing",
    needs: "an export of addresses; for a safe answer one at the start of the look-back, too",
    action: SavingsAction::Delete,
    effort: Grade::Low,
    risk: Grade::Low,
    find,
};

fn find(case: &Case<'_>) -> Found {
    let addresses = case.of_kind(EntityKind::ElasticIp);
    if addresses.is_empty() {
        return Found::blind("no Elastic IP address is known");
    }
    let mut found = Found { looked_at: addresses.len() as u64, ..Found::default() };
    for (ordinal, address) in addresses {
        if !is_unused(case.estate(), ordinal) {
            continue;
        }
        let shown = text(address, "public_ip").unwrap_or(&address.name);
        found.hits.push(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!("{shown} is associated with nothing"),
            figures: Vec::new(),
            window: None,
            covered: case.held_before(address, is_unused),
            plan: Plan::Whole,
            confidence: Confidence::Certain,
        });
    }
    found
}

fn is_unused(estate: &Estate, ordinal: u32) -> bool {
    text(estate.entity(ordinal), "association_id").is_none()
        && estate.far(ordinal, RelationKind::AttachedTo).next().is_none()
}
