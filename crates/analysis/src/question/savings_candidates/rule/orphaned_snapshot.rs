//! A snapshot whose volume is gone and that no image or volume was made from.

use std::collections::BTreeSet;

use model::kind::{Confidence, EntityKind as K, RelationKind as R};
use model::time::Micros;

use super::RuleDef;
use crate::estate::Estate;
use crate::question::savings_candidates::evidence::{
    Case, Found, Hit, Plan, Subject, figure, has_near, number, place,
};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "orphaned_snapshot",
    title: "Delete the snapshot, unless it must be kept",
    about: "snapshots older than 90 days whose volume is gone and that no image uses",
    needs: "exports of snapshots and volumes of the same account and region; for a safe answer of \
            images, too, and one at the start of the look-back",
    action: SavingsAction::Delete,
    effort: Grade::Low,
    risk: Grade::Medium,
    find,
};

/// Younger ones are in a usual retention.
const AGE_MIN: i64 = 90 * Micros::DAY;

fn find(case: &Case<'_>) -> Found {
    let snapshots = case.of_kind(K::Snapshot);
    if snapshots.is_empty() {
        return Found::blind("no snapshot is known");
    }
    let volumes = case.of_kind(K::Volume);
    let with_volumes: BTreeSet<_> = volumes.iter().map(|(_, one)| place(one)).collect();
    let images = case.of_kind(K::Image);
    let with_images: BTreeSet<_> = images
        .iter()
        .filter(|(_, one)| one.id.contains(":image/"))
        .map(|(_, one)| one.scope.region.as_deref())
        .collect();
    let mut found = Found::default();
    let mut without_volumes = 0;
    for (ordinal, snapshot) in snapshots {
        if !with_volumes.contains(&place(snapshot)) {
            without_volumes += 1;
            continue;
        }
        found.looked_at += 1;
        let age = age(case, snapshot.valid_from);
        if age.is_none_or(|age| age < AGE_MIN) || !is_orphan(case.estate(), ordinal) {
            continue;
        }
        let days = age.unwrap_or_default() / Micros::DAY;
        let covered = if with_images.contains(&snapshot.scope.region.as_deref()) {
            case.held_before(snapshot, is_orphan)
        } else {
            Err("no export of machine images of the region is known".to_owned())
        };
        let mut figures = vec![figure("age", days as f64, "d")];
        figures.extend(number(snapshot, "volume_size").map(|size| figure("size", size, "GiBy")));
        found.hits.push(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!("{days} days old; its volume is gone and no image is made of it"),
            figures,
            window: None,
            covered,
            plan: Plan::Whole,
            confidence: Confidence::Medium,
        });
    }
    if without_volumes > 0 {
        let text = "snapshots lie in accounts and regions of which no volumes were exported";
        found.reason = Some(format!("{without_volumes} {text}"));
        found.is_blind = found.looked_at == 0;
    }
    found
}

fn age(case: &Case<'_>, since: Option<jiff::Timestamp>) -> Option<i64> {
    Some(case.facts.now.0.saturating_sub(Micros::of(since?).0))
}

/// No volume contains it, and neither an image nor a volume was made from it.
fn is_orphan(estate: &Estate, ordinal: u32) -> bool {
    !has_near(estate, ordinal, R::Contains, &[K::Volume, K::Image])
        && !has_near(estate, ordinal, R::UsesImage, &[K::Volume, K::Instance])
}
