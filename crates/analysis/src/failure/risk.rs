//! Workloads that one failure takes down, whether or not anybody needs them.

use std::collections::{BTreeMap, BTreeSet};

use ::model::kind::EntityKind;
use schemars::JsonSchema;
use serde::Serialize;

use super::model::{Model, State};
use super::node::{Cause, Extra};

/// Why a group of replicas has no spare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskClass {
    /// There is no spare member.
    Capacity,
    /// Too many members depend on one node, instance, volume or zone.
    Placement,
}

impl RiskClass {
    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::Placement => "placement",
        }
    }
}

/// A workload that one failure takes down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadRisk {
    /// The workload or container service.
    pub workload: u32,
    /// Why.
    pub class: RiskClass,
    /// Its members.
    pub members: Vec<u32>,
    /// How many of them must be left.
    pub min_alive: u32,
    /// What too many members depend on, the nearest sort only; empty for capacity.
    pub on: Vec<u32>,
}

impl Model {
    /// Every workload that is meant to run and has no spare, in order. A workload is listed once: with
    /// a single replica where it stands says nothing.
    pub fn workload_risks(&self, state: State) -> Vec<WorkloadRisk> {
        let down: BTreeSet<u32> = self.down(state).iter().copied().collect();
        let kinds = [EntityKind::Workload, EntityKind::ContainerService];
        let owners = kinds.into_iter().flat_map(|kind| self.estate().of_kind(kind));
        owners.filter_map(|owner| self.risk(owner, &down)).collect()
    }

    fn risk(&self, workload: u32, down: &BTreeSet<u32>) -> Option<WorkloadRisk> {
        let group = self.groups(workload).iter().find(|group| group.cause == Cause::Replicas)?;
        let members: Vec<u32> =
            group.members.iter().copied().filter(|one| !down.contains(one)).collect();
        let min_alive = group.min_alive;
        let has_spare = members.len() > min_alive as usize;
        let (class, on) = match has_spare {
            false => (RiskClass::Capacity, Vec::new()),
            true => (RiskClass::Placement, self.shared(&members, min_alive as usize)),
        };
        let is_risk = !has_spare || !on.is_empty();
        is_risk.then_some(WorkloadRisk { workload, class, members, min_alive, on })
    }

    /// What takes too many of the members down, of the nearest sort there is.
    fn shared(&self, members: &[u32], min_alive: usize) -> Vec<u32> {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for member in members {
            for place in self.supports(*member) {
                *counts.entry(place).or_default() += 1;
            }
        }
        let mut on: Vec<(u8, u32)> = counts
            .into_iter()
            .filter(|(_, count)| members.len() - count < min_alive)
            .filter_map(|(place, _)| Some((self.nearness(place)?, place)))
            .collect();
        on.sort_unstable();
        let nearest = on.first().map(|(nearness, _)| *nearness);
        on.into_iter()
            .take_while(|(one, _)| Some(*one) == nearest)
            .map(|(_, place)| place)
            .collect()
    }

    /// Nodes, instances, volumes and zones that something cannot do without.
    fn supports(&self, start: u32) -> BTreeSet<u32> {
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(one) = open.pop() {
            open.extend(self.graph().needed(one).iter().copied().filter(|far| seen.insert(*far)));
        }
        seen.retain(|one| *one != start && self.nearness(*one).is_some());
        seen
    }

    /// How near a place is to what runs on it; none for what is no place.
    fn nearness(&self, node: u32) -> Option<u8> {
        if let Some(extra) = self.extra(node) {
            return matches!(extra, Extra::Zone { .. }).then_some(3);
        }
        match self.estate().entity(node).kind {
            EntityKind::KubernetesNode => Some(0),
            EntityKind::Instance => Some(1),
            EntityKind::Volume => Some(2),
            EntityKind::Zone => Some(3),
            _ => None,
        }
    }

    /// The zone that something cannot do without; none where none is known, or it stands in several.
    pub fn zone_of(&self, node: u32) -> Option<u32> {
        self.supports(node).into_iter().find(|one| self.nearness(*one) == Some(3))
    }

    /// What a node is called: an entity by its name, another by what it stands for.
    pub fn label(&self, node: u32) -> String {
        let name = |ordinal: u32| self.estate().entity(ordinal).name.as_str();
        match self.extra(node) {
            None => name(node).to_owned(),
            Some(Extra::Call { from, to, .. }) => format!("{} → {}", name(*from), name(*to)),
            Some(Extra::Entry { subject }) => name(*subject).to_owned(),
            Some(Extra::Entrance { through }) => {
                through.iter().map(|one| name(*one)).collect::<Vec<_>>().join(" → ")
            }
            Some(Extra::Way { subnet }) => format!("the way out of {}", name(*subnet)),
            Some(Extra::Replica { of }) => format!("a declared replica of {}", name(*of)),
            Some(Extra::Standby { of }) => format!("the standby of {}", name(*of)),
            Some(Extra::Zone { name }) => name.clone(),
            Some(Extra::Target { of }) => name(*of).to_owned(),
        }
    }
}
