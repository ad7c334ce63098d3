//! Units and what hangs below them. Facts of telemetry carry the unit that owns them directly, so a
//! question that asks for a unit asks for every unit below it too.

use std::collections::BTreeSet;

use model::error::{StoreError, StoreResult};
use model::fact::TopologyQuery;
use model::kind::EntityKind;
use model::scope::OrgScope;
use model::seam::{ReadContext, Topology};

/// Most units below those asked for.
const UNITS_MAX: usize = 5_000;

/// Kinds that own or bundle things.
pub const UNIT_KINDS: [EntityKind; 5] = [
    EntityKind::Organisation,
    EntityKind::BusinessUnit,
    EntityKind::Team,
    EntityKind::Product,
    EntityKind::Application,
];

/// The asked units and every unit below them, in order; nothing when nothing is asked.
pub async fn with_below(
    topology: &dyn Topology,
    read: &ReadContext,
    units: &[String],
) -> StoreResult<Vec<String>> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let query = TopologyQuery {
        unit: units.to_vec(),
        kinds: UNIT_KINDS.to_vec(),
        limit: UNITS_MAX,
        // What was charged to a unit that has ended since still hangs below its parent.
        with_ended: true,
        ..TopologyQuery::default()
    };
    let facts = topology.topology(read, query).await?;
    if facts.entity_total > UNITS_MAX as u64 {
        return Err(StoreError::Exhausted {
            store: "topology".to_owned(),
            resource: "units below those asked for".to_owned(),
            limit: UNITS_MAX.to_string(),
        });
    }
    let all: BTreeSet<String> =
        units.iter().cloned().chain(facts.entities.into_iter().map(|unit| unit.id)).collect();
    Ok(all.into_iter().collect())
}

/// The conditions under which telemetry is read: a viewer of some units sees all below them.
pub async fn telemetry_read(
    topology: &dyn Topology,
    read: ReadContext,
) -> StoreResult<ReadContext> {
    let org_scope = match &read.org_scope {
        OrgScope::Units(units) if !units.is_empty() => {
            OrgScope::Units(with_below(topology, &read, units).await?)
        }
        other => other.clone(),
    };
    Ok(ReadContext { org_scope, ..read })
}
