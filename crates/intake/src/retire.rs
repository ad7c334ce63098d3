//! What a complete input retires: what its source reported before, it covers, and it does not list.
//! When that is too much it is held, until a second complete export agrees.

use model::Micros;
use model::decision::DecisionTarget;
use model::entity::EntityId;
use model::error::StoreResult;
use model::input::{Completeness, InputRecord, ObservedBy};
use model::resolution::{HeldRetirement, Retirement, Sequence, TopologyWrite};
use model::seam::Topology;
use roaring::RoaringTreemap;

/// Fewer than this many are retired without asking, unless they are all.
const HELD_MIN: usize = 10;
/// So many hundredths of a kind are held.
const HELD_PERCENT: usize = 20;

/// Retirements of an input that ends, and those that are held.
pub(crate) async fn retire(
    topology: &dyn Topology,
    source: &str,
    at: Micros,
    completes: &[Completeness],
    reported: &RoaringTreemap,
) -> StoreResult<(Vec<Retirement>, Vec<HeldRetirement>)> {
    let (mut retirements, mut held) = (Vec::new(), Vec::new());
    for completeness in completes {
        let covered = topology.covered(source, completeness).await?;
        let missing: Vec<EntityId> =
            covered.iter().copied().filter(|entity| !reported.contains(entity.0)).collect();
        if missing.is_empty() {
            continue;
        }
        let earlier = topology.held(source, completeness).await?;
        let confirmed: RoaringTreemap = earlier
            .iter()
            .filter(|one| one.at < at)
            .flat_map(|one| one.entities.iter().map(|entity| entity.0))
            .collect();
        let (agreed, open): (Vec<EntityId>, Vec<EntityId>) =
            missing.into_iter().partition(|entity| confirmed.contains(entity.0));
        let retirement = |entity| Retirement { entity, source: source.to_owned(), at };
        retirements.extend(agreed.into_iter().map(retirement));
        if is_too_much(open.len(), covered.len()) {
            held.push(HeldRetirement {
                completeness: completeness.clone(),
                source: source.to_owned(),
                at,
                left: (covered.len() - open.len()) as u64,
                entities: open,
            });
        } else {
            retirements.extend(open.into_iter().map(retirement));
        }
    }
    retirements.sort_by_key(|one| one.entity);
    retirements.dedup();
    Ok((retirements, held))
}

/// The write that retires what was held, since a user says that it ended: as of the export that first
/// lacked it.
pub(crate) fn confirmed(held: &HeldRetirement) -> TopologyWrite {
    let target = DecisionTarget::of_retirement(held).to_string();
    let retirement = |entity: &EntityId| Retirement {
        entity: *entity,
        source: held.source.clone(),
        at: held.at,
    };
    let sequence = Sequence { journal: format!("decision:{target}"), number: 1 };
    let input = InputRecord {
        name: target,
        content_hash: String::new(),
        format: "decision".to_owned(),
        source: held.source.clone(),
        observed_at: held.at,
        observed_by: ObservedBy::Stated,
        received_at: held.at,
    };
    TopologyWrite {
        retirements: held.entities.iter().map(retirement).collect(),
        ..TopologyWrite::empty(sequence, input)
    }
}

/// More than 20 % and at least 10 of one kind and scope, or all of a kind.
fn is_too_much(missing: usize, covered: usize) -> bool {
    let is_all = missing > 0 && missing == covered;
    is_all || (missing >= HELD_MIN && missing * 100 > covered * HELD_PERCENT)
}

#[cfg(test)]
mod tests {
    use super::is_too_much;

    #[test]
    fn the_rule_of_the_model() {
        assert!(is_too_much(1, 1) && is_too_much(3, 3));
        assert!(!is_too_much(0, 0) && !is_too_much(9, 10));
        assert!(is_too_much(10, 49) && !is_too_much(10, 50) && !is_too_much(20, 100));
        assert!(is_too_much(21, 100));
    }
}
