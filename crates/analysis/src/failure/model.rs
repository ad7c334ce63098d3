//! The failure model of an estate: made once, closed as often as asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::model::fact::EntityFact;
use ::model::kind::Need;
use graph::{AndOr, AndOrBuilder};

use super::call::Needs;
use super::draft::Draft;
use super::entry::{self, Entry};
use super::node::{Cause, Extra, Group, Soft};
use super::{balance, call, place, replica, store, unit};
use crate::estate::Estate;

/// Which replicas are up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// All that are declared.
    ByDesign,
    /// What is not ready has failed already.
    Now,
}

/// What is known besides the estate.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Needs that replace those of the relations.
    pub needs: Needs,
    /// Services that the configuration names as entry points.
    pub configured: Vec<u32>,
    /// Services that spans without a parent show to be entered.
    pub rooted: Vec<u32>,
    /// Consumers of queues that are filled from outside.
    pub consumers: Vec<u32>,
    /// Weight of entry points by service; all are equal where none is given.
    pub weights: BTreeMap<u32, f64>,
}

/// The failure model.
#[derive(Debug)]
pub struct Model {
    pub(super) estate: Arc<Estate>,
    pub(super) extras: Vec<Extra>,
    /// By the number that the graph knows them by.
    pub(super) groups: Vec<Group>,
    /// In order of owner.
    pub(super) softs: Vec<Soft>,
    pub(super) graph: AndOr,
    entries: Vec<Entry>,
    down: Vec<u32>,
    off: Vec<u32>,
    unknown: BTreeMap<Cause, u64>,
    is_weighed: bool,
}

impl Model {
    /// The model of an estate. O(entities + relations · log).
    pub fn of(estate: Arc<Estate>, options: &Options) -> Self {
        let mut draft = Draft::new(&estate, options);
        replica::replicas(&mut draft);
        store::stores(&mut draft);
        place::places(&mut draft);
        balance::fronts(&mut draft);
        call::calls(&mut draft);
        entry::entries(&mut draft);
        unit::units(&mut draft);
        replica::down(&mut draft);
        let Draft { extras, mut groups, mut softs, entries, mut down, off, unknown, .. } = draft;
        groups.sort_by(|a, b| (a.owner, &a.members).cmp(&(b.owner, &b.members)));
        softs.sort_by_key(|one| (one.owner, one.to, one.cause));
        softs.dedup();
        down.sort_unstable();
        down.dedup();
        let nodes = u32::try_from(estate.len() + extras.len()).unwrap_or(u32::MAX);
        let mut builder = AndOrBuilder::new(nodes);
        for group in &groups {
            builder.group(group.owner, group.min_alive, &group.members);
        }
        let graph = builder.build().expect("an estate in memory has fewer than 2^31 relations");
        let is_weighed = !options.weights.is_empty();
        Self { estate, extras, groups, softs, graph, entries, down, off, unknown, is_weighed }
    }

    /// The estate.
    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    /// Whether entry points weigh what was counted at them; else all are equal.
    pub fn is_weighed(&self) -> bool {
        self.is_weighed
    }

    /// The AND/OR graph over all nodes.
    pub fn graph(&self) -> &AndOr {
        &self.graph
    }

    /// How many nodes there are: entities first.
    pub fn len(&self) -> usize {
        self.estate.len() + self.extras.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The node that is no entity, when it is one.
    pub fn extra(&self, node: u32) -> Option<&Extra> {
        self.extras.get((node as usize).checked_sub(self.estate.len())?)
    }

    /// Groups of a node.
    pub fn groups(&self, owner: u32) -> &[Group] {
        let start = self.groups.partition_point(|group| group.owner < owner);
        let end = self.groups.partition_point(|group| group.owner <= owner);
        &self.groups[start..end]
    }

    /// Soft dependencies of a node.
    pub fn softs(&self, owner: u32) -> &[Soft] {
        let start = self.softs.partition_point(|soft| soft.owner < owner);
        let end = self.softs.partition_point(|soft| soft.owner <= owner);
        &self.softs[start..end]
    }

    /// Every soft dependency, in order of owner.
    pub fn all_softs(&self) -> &[Soft] {
        &self.softs
    }

    /// Entry points, in order of their service.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry point of a service.
    pub fn entry_of(&self, subject: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.subject == subject)
    }

    /// What has failed before anything else does, in order of node.
    pub fn down(&self, state: State) -> &[u32] {
        match state {
            State::ByDesign => &[],
            State::Now => &self.down,
        }
    }

    /// What is switched off on purpose, in order.
    pub fn off(&self) -> &[u32] {
        &self.off
    }

    /// Groups whose members nobody knows, by what they would stand for.
    pub fn unknown(&self) -> &BTreeMap<Cause, u64> {
        &self.unknown
    }

    /// Whether a node is, or stands for something of, what lies outside the viewer's part.
    pub fn is_outside(&self, node: u32) -> bool {
        let of = match self.extra(node) {
            None => node,
            Some(
                Extra::Call { from: of, .. }
                | Extra::Entry { subject: of }
                | Extra::Way { subnet: of }
                | Extra::Replica { of }
                | Extra::Standby { of }
                | Extra::Target { of },
            ) => *of,
            Some(Extra::Entrance { .. }) => return false,
            Some(Extra::Zone { name }) => return self.is_foreign_zone(name),
        };
        self.estate.is_outside(of)
    }

    /// Whether a viewer of a part has nothing in a zone of that name.
    fn is_foreign_zone(&self, name: &str) -> bool {
        let entities = || (0_u32..).zip(&self.estate.facts.entities);
        let is_own = |(place, one): (u32, &EntityFact)| {
            one.scope.zone.as_deref() == Some(name) && !self.estate.is_outside(place)
        };
        !self.estate.facts.outside.is_empty() && !entities().any(is_own)
    }

    /// Calls and connections of the viewer's part in the model, and those of them whose need nobody
    /// states: they are assumed to be required.
    pub fn assumed(&self) -> (u64, u64) {
        let needs = self.extras.iter().filter_map(|extra| match extra {
            Extra::Call { from, need, .. } => {
                Some(*need).filter(|_| !self.estate.is_outside(*from))
            }
            _ => None,
        });
        let count = |(all, assumed): (u64, u64), need: Need| {
            (all + 1, assumed + u64::from(need == Need::Unknown))
        };
        needs.fold((0, 0), count)
    }
}
