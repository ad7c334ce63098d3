//! A volume that is attached to nothing.

use model::kind::{Confidence, EntityKind, RelationKind};

use super::RuleDef;
use crate::estate::Estate;
use crate::property::text;
use crate::question::savings_candidates::evidence::{
    Case, Found, Hit, Plan, Subject, figure, near, number,
};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "unattached_volume",
    title: "Delete the volume, after a snapshot if in doubt",
    about: "volumes that are attached to no instance",
    needs: "an export of volumes; for a safe answer one at the start of the look-back, too",
    action: SavingsAction::Delete,
    effort: Grade::Low,
    risk: Grade::Medium,
    find,
};

fn find(case: &Case<'_>) -> Found {
    let volumes = case.of_kind(EntityKind::Volume);
    if volumes.is_empty() {
        return Found::blind("no volume is known");
    }
    let mut found = Found { looked_at: volumes.len() as u64, ..Found::default() };
    for (ordinal, volume) in volumes {
        if !is_unattached(case.estate(), ordinal) {
            continue;
        }
        let class = text(volume, "volume_type").unwrap_or("unknown type");
        let size = number(volume, "size");
        let shown = size.map_or_else(String::new, |size| format!("{size} GiB of "));
        let mut figures = Vec::new();
        figures.extend(size.map(|size| figure("size", size, "GiBy")));
        found.hits.push(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!("{shown}{class} storage, attached to nothing"),
            figures,
            window: None,
            covered: case.held_before(volume, is_unattached),
            plan: Plan::Whole,
            confidence: match text(volume, "state") {
                Some(_) => Confidence::Certain,
                None => Confidence::Medium,
            },
        });
    }
    found
}

/// By its own state, else by that nothing has it attached.
fn is_unattached(estate: &Estate, ordinal: u32) -> bool {
    match text(estate.entity(ordinal), "state") {
        Some(state) => state == "available",
        None => near(estate, ordinal, RelationKind::AttachedTo).next().is_none(),
    }
}
