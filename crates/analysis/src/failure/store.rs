//! Databases, caches and gateways, as AWS keeps them available (section 1.4, "Availability on AWS").

use std::collections::BTreeMap;

use ::model::fact::EstateRelation;
use ::model::kind::{EntityKind, RelationKind};

use super::draft::Draft;
use super::model::Model;
use super::node::{Cause, Extra, SoftCause};
use super::property::{flag, text};
use super::replica::min_alive;
use crate::estate::Estate;

/// Everything that has rules of its own.
pub(super) fn stores(draft: &mut Draft<'_>) {
    for database in draft.estate.of_kind(EntityKind::Database) {
        self::database(draft, database);
    }
    for cluster in draft.estate.of_kind(EntityKind::DatabaseCluster) {
        let members = draft.far_on(cluster, RelationKind::HasReplica);
        if members.is_empty() {
            draft.unknown(cluster, Cause::Replicas);
        }
        let min_alive = min_alive(draft.estate.from(cluster));
        draft.group(cluster, min_alive, members, Cause::Replicas);
    }
    for cache in draft.estate.of_kind(EntityKind::Cache) {
        self::cache(draft, cache);
    }
    for gateway in draft.estate.of_kind(EntityKind::NatGateway) {
        if !is_regional(draft.estate, gateway) {
            let places: Vec<u32> = draft.estate.far(gateway, RelationKind::PlacedIn).collect();
            draft.group(gateway, 1, places, Cause::PlacedIn);
        }
    }
    for one in (0_u32..).take(draft.estate.len()) {
        for primary in draft.estate.far(one, RelationKind::Replicates) {
            draft.soft(one, primary, SoftCause::StalePrimary);
        }
    }
}

impl Model {
    /// Whether a gateway is spread over the zones of its region.
    pub fn is_regional(&self, gateway: u32) -> bool {
        is_regional(self.estate(), gateway)
    }

    /// Whether a database or cache goes on by itself when one of its machines or zones is lost. What a
    /// member of a cluster says of itself counts for nothing: its cluster fails over.
    pub fn has_failover(&self, store: u32) -> bool {
        let estate = self.estate();
        let entity = estate.entity(store);
        let is_of = |service: &str| entity.id.split(':').nth(2) == Some(service);
        match entity.kind {
            EntityKind::Database => {
                let is_member = estate
                    .near(store, RelationKind::HasReplica)
                    .any(|one| estate.entity(one).kind == EntityKind::DatabaseCluster);
                let spread = entity.properties.get("cluster_config");
                let spread = spread.and_then(|config| config.get("zone_awareness_enabled"));
                is_member
                    || is_of("dynamodb")
                    || has_standby(estate, store)
                    || spread.and_then(serde_json::Value::as_bool) == Some(true)
            }
            EntityKind::Cache => {
                has_failover(estate, store) || entity.id.contains(":serverlesscache:")
            }
            _ => true,
        }
    }
}

fn is_regional(estate: &Estate, gateway: u32) -> bool {
    let mode = text(&estate.entity(gateway).properties, "availability_mode");
    mode.is_some_and(|mode| mode.eq_ignore_ascii_case("regional"))
}

/// Whether a database has a standby that takes over by itself.
fn has_standby(estate: &Estate, database: u32) -> bool {
    flag(&estate.entity(database).properties, "multi_az") == Some(true)
}

/// A database without a standby is lost with its place. One with a standby has two places; where the
/// second is not known it is still there.
fn database(draft: &mut Draft<'_>, database: u32) {
    let mut places: Vec<u32> = draft.estate.far(database, RelationKind::PlacedIn).collect();
    places.sort_unstable();
    places.dedup();
    if has_standby(draft.estate, database) && places.len() == 1 {
        let standby = draft.extra(Extra::Standby { of: database });
        places.push(standby);
    } else if !has_standby(draft.estate, database) && places.len() > 1 {
        // Places of a group that it may move within: it stands in one of them, nobody says which.
        draft.unknown(database, Cause::PlacedIn);
        return;
    }
    draft.group(database, 1, places, Cause::PlacedIn);
}

/// Each shard of a cache is a group. Without automatic failover nothing takes the primary's place; where
/// nobody says which node it is, every node is needed.
fn cache(draft: &mut Draft<'_>, cache: u32) {
    let estate = draft.estate;
    let nodes: Vec<&EstateRelation> =
        estate.from(cache).iter().filter(|one| one.kind == RelationKind::HasReplica).collect();
    if nodes.is_empty() {
        return;
    }
    let has_failover = has_failover(draft.estate, cache);
    let mut shards: BTreeMap<&str, Vec<&EstateRelation>> = BTreeMap::new();
    for node in &nodes {
        let shard = text(&node.properties, "node_group_id").unwrap_or_default();
        shards.entry(shard).or_default().push(node);
    }
    for members in shards.values() {
        let all: Vec<u32> = members.iter().map(|one| one.to).collect();
        let primary = members
            .iter()
            .find(|one| text(&one.properties, "current_role") == Some("primary"))
            .map(|one| one.to);
        match (has_failover, primary) {
            (true, _) => {
                let min_alive = min_alive(estate.from(cache));
                draft.group(cache, min_alive, all, Cause::Replicas);
            }
            (false, Some(primary)) => draft.group(cache, 1, vec![primary], Cause::Replicas),
            (false, None) => {
                let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
                draft.group(cache, count, all, Cause::Replicas);
            }
        }
    }
}

/// Whether a replica takes the place of a cache's primary by itself.
fn has_failover(estate: &Estate, cache: u32) -> bool {
    flag(&estate.entity(cache).properties, "automatic_failover") == Some(true)
}
