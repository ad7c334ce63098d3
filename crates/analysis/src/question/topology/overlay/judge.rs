//! From facts to the answer of `topology/overlay`, pure. O(entities · log + findings · entities of one).

use std::collections::BTreeMap;

use model::absence::Absence;
use model::entity::EntityId;
use model::fact::{CostRow, EntityFact, TopologyFacts};
use model::measure::Money;
use model::money::{Basis, Origin};

use super::shape::{OverlayRow, TopologyOverlayAnswer};
use crate::incident::Incident;
use crate::question::security_events::{OpenFinding, OpenFindingCount, counted};
use crate::question::system_metrics::Status;

/// What lies over the estate.
pub(super) struct Over {
    /// Health by canonical id.
    pub health: BTreeMap<String, Status>,
    /// Costs by resource; `None` when no charge is held.
    pub charges: Option<Vec<CostRow>>,
    /// Incidents that go on.
    pub incidents: Vec<Incident>,
    /// Open findings.
    pub findings: Vec<OpenFinding>,
}

/// Lays it over the entities.
pub(super) fn judged(facts: &TopologyFacts, over: &Over) -> TopologyOverlayAnswer {
    let mut costs: BTreeMap<&str, Vec<&CostRow>> = BTreeMap::new();
    for row in over.charges.iter().flatten() {
        if let Some(Some(resource)) = row.values.first() {
            costs.entry(resource).or_default().push(row);
        }
    }
    let mut incidents: BTreeMap<&str, u64> = BTreeMap::new();
    for one in &over.incidents {
        let mut harmed: Vec<&str> =
            one.subjects.iter().map(|subject| subject.id.as_str()).collect();
        harmed.sort_unstable();
        harmed.dedup();
        harmed.into_iter().for_each(|id| *incidents.entry(id).or_default() += 1);
    }
    let findings = by_entity(&over.findings);
    let row = |one: &EntityFact| {
        let health = over.health.get(&one.id).copied().filter(|status| *status != Status::Unknown);
        let cost = cost(costs.get(one.id.as_str()).map_or(&[], Vec::as_slice));
        let cost_reason = match (cost.is_empty(), &over.charges) {
            (false, _) => None,
            (true, None) => Some(Absence::NoData),
            (true, Some(_)) => Some(Absence::NotCollected),
        };
        OverlayRow {
            id: one.id.clone(),
            kind: one.kind,
            name: one.name.clone(),
            health_reason: health.is_none().then_some(Absence::NoData),
            health,
            cost,
            cost_reason,
            open_incidents: incidents.get(one.id.as_str()).copied().unwrap_or(0),
            findings: findings.get(&one.entity).cloned().unwrap_or_default(),
        }
    };
    TopologyOverlayAnswer { entities: facts.entities.iter().map(row).collect() }
}

fn by_entity(open: &[OpenFinding]) -> BTreeMap<EntityId, Vec<OpenFindingCount>> {
    let mut of: BTreeMap<EntityId, Vec<OpenFinding>> = BTreeMap::new();
    for one in open {
        for entity in &one.entities {
            of.entry(*entity).or_default().push(one.clone());
        }
    }
    of.into_iter().map(|(entity, all)| (entity, counted(&all, |one| one == entity))).collect()
}

fn cost(rows: &[&CostRow]) -> Vec<Money> {
    let money = |row: &&CostRow| {
        let (amount, with) = row.sums[1];
        Money {
            amount: (with > 0).then_some(amount),
            currency: row.currency.clone(),
            basis: Basis::Effective,
            origin: Origin::Charged,
            rows: with,
            rows_without: row.rows.saturating_sub(with),
            reason: (with == 0).then_some(Absence::NotCollected),
        }
    };
    rows.iter().map(money).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::kind::EntityKind;

    use super::*;
    use crate::question::security_events::FindingSeverity;

    /// Two entities: one finding is about both, one about the first; nothing is billed. The first has both
    /// findings, the second one, and both say why there is no cost and no health.
    #[test]
    fn each_entity_has_its_own() {
        let entity = |id: u64, name: &str| EntityFact {
            entity: EntityId(id),
            ..EntityFact::new(EntityKind::Service, name, name)
        };
        let finding = |severity, entities: &[u64]| OpenFinding {
            severity,
            entities: entities.iter().map(|one| EntityId(*one)).collect::<BTreeSet<_>>(),
        };
        let facts = TopologyFacts {
            entities: vec![entity(1, "a"), entity(2, "b")],
            ..TopologyFacts::default()
        };
        let over = Over {
            health: BTreeMap::from([("a".to_owned(), Status::Warning)]),
            charges: None,
            incidents: Vec::new(),
            findings: vec![
                finding(FindingSeverity::High, &[1, 2]),
                finding(FindingSeverity::High, &[1]),
            ],
        };
        let rows = judged(&facts, &over).entities;
        let high = |count| vec![OpenFindingCount { severity: FindingSeverity::High, count }];
        assert_eq!((rows[0].health, &rows[0].findings), (Some(Status::Warning), &high(2)));
        assert_eq!((rows[1].health, &rows[1].findings), (None, &high(1)));
        assert_eq!(rows[1].health_reason, Some(Absence::NoData));
        assert_eq!(rows[0].cost_reason, Some(Absence::NoData));
    }
}
