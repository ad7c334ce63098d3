//! The failure model while it is being built.

use std::collections::BTreeMap;

use ::model::fact::EntityFact;
use ::model::kind::{EntityKind, RelationKind};

use super::entry::Entry;
use super::model::Options;
use super::node::{Cause, Extra, Group, Soft, SoftCause};
use super::property::{flag, text};
use crate::estate::Estate;

/// Nodes, groups and soft edges so far.
pub(super) struct Draft<'a> {
    pub estate: &'a Estate,
    pub options: &'a Options,
    pub extras: Vec<Extra>,
    pub groups: Vec<Group>,
    pub softs: Vec<Soft>,
    pub entries: Vec<Entry>,
    /// What has failed already: not ready, not there, unhealthy.
    pub down: Vec<u32>,
    /// What is switched off on purpose.
    pub off: Vec<u32>,
    /// Groups without known members, by what they would stand for.
    pub unknown: BTreeMap<Cause, u64>,
    /// Zones that only labels name, by cluster and name.
    pub zones: BTreeMap<(String, String), u32>,
}

impl<'a> Draft<'a> {
    pub fn new(estate: &'a Estate, options: &'a Options) -> Self {
        let off = (0_u32..).take(estate.len()).filter(|one| is_off(estate, *one)).collect();
        Self {
            estate,
            options,
            extras: Vec::new(),
            groups: Vec::new(),
            softs: Vec::new(),
            entries: Vec::new(),
            down: Vec::new(),
            off,
            unknown: BTreeMap::new(),
            zones: BTreeMap::new(),
        }
    }

    pub fn entity(&self, ordinal: u32) -> &'a EntityFact {
        self.estate.entity(ordinal)
    }

    /// A node that is no entity.
    pub fn extra(&mut self, extra: Extra) -> u32 {
        let node = self.estate.len() + self.extras.len();
        self.extras.push(extra);
        u32::try_from(node).unwrap_or(u32::MAX)
    }

    /// A group; without members it is none.
    pub fn group(&mut self, owner: u32, min_alive: u32, mut members: Vec<u32>, cause: Cause) {
        members.sort_unstable();
        members.dedup();
        if !members.is_empty() {
            self.groups.push(Group { owner, min_alive: min_alive.max(1), members, cause });
        }
    }

    /// A group that there would be if its members were known; one outside the viewer's part is not told.
    pub fn unknown(&mut self, owner: u32, cause: Cause) {
        if !self.estate.is_outside(owner) {
            *self.unknown.entry(cause).or_default() += 1;
        }
    }

    pub fn soft(&mut self, owner: u32, to: u32, cause: SoftCause) {
        self.softs.push(Soft { owner, to, cause });
    }

    /// Far ends of one kind of relation that are switched on.
    pub fn far_on(&self, ordinal: u32, kind: RelationKind) -> Vec<u32> {
        self.estate.far(ordinal, kind).filter(|one| !self.is_off(*one)).collect()
    }

    /// Whether something is switched off on purpose.
    pub fn is_off(&self, ordinal: u32) -> bool {
        self.off.binary_search(&ordinal).is_ok()
    }
}

/// Scaled to zero, or stopped by somebody.
fn is_off(estate: &Estate, ordinal: u32) -> bool {
    let entity = estate.entity(ordinal);
    let properties = &entity.properties;
    match entity.kind {
        EntityKind::Workload => {
            let is_zero = super::property::count(properties, "replicas") == Some(0);
            let is_suspended = flag(properties, "suspend") == Some(true);
            is_suspended || (is_zero && !has_ready_pod(estate, ordinal))
        }
        EntityKind::ContainerService => {
            super::property::count(properties, "desired_count") == Some(0)
        }
        EntityKind::Instance => matches!(
            text(properties, "state"),
            Some("stopped" | "stopping" | "terminated" | "shutting-down")
        ),
        EntityKind::Database => {
            matches!(text(properties, "db_instance_status"), Some("stopped" | "stopping"))
        }
        EntityKind::DatabaseCluster => {
            matches!(text(properties, "status"), Some("stopped" | "stopping"))
        }
        _ => false,
    }
}

fn has_ready_pod(estate: &Estate, workload: u32) -> bool {
    let mut replicas =
        estate.from(workload).iter().filter(|one| one.kind == RelationKind::HasReplica);
    replicas.any(|one| flag(&one.properties, "ready") == Some(true))
}
