//! The answer of `topology`.

use model::fact::{EntityChange, EntityFact, GroupRelationFact, RelationFact};
use model::kind::{EntityKind, RelationKind};
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

use super::params::Grouping;
use crate::layout::Layout;

/// What exists and how it is connected.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopologyAnswer {
    /// Totals of all that matches, before the limit.
    pub summary: TopologySummary,
    /// Entities of all that matches, by kind, in order of kind.
    pub kinds: Vec<KindCount>,
    /// Workloads of all that matches, by controller, in order of name.
    pub controllers: Vec<ControllerCount>,
    /// Relations among all that matches, by kind, in order of kind.
    pub relation_kinds: Vec<RelationCount>,
    /// Entities in order of kind and id; empty when they are grouped.
    pub entities: Vec<EntityFact>,
    /// Relations among the entities given, in order of near end, kind and far end.
    pub relations: Vec<RelationFact>,
    /// What the entities are grouped by; null when they are given one by one.
    pub aggregated_by: Option<Grouping>,
    /// Groups, in order of key.
    pub groups: Vec<TopologyGroup>,
    /// Relations between groups and within them.
    pub group_relations: Vec<GroupRelationFact>,
    /// What differs from the instant of `compare_to`; null when none was given.
    pub changes: Option<TopologyChanges>,
    /// Where to draw entities or groups; null when there are more than 150.
    pub layout: Option<Layout>,
}

/// Totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TopologySummary {
    /// Entities that match.
    pub entities: u64,
    /// Relations among them.
    pub relations: u64,
    /// References in the whole estate that lead to nothing, or to several things.
    pub open_references: u64,
    /// Retirements in the whole estate that wait for a decision.
    pub held: u64,
}

/// Entities of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KindCount {
    /// Kind.
    pub kind: EntityKind,
    /// How many.
    pub count: u64,
}

/// Workloads of one controller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ControllerCount {
    /// Controller (`Deployment`).
    pub controller: String,
    /// How many.
    pub count: u64,
}

/// Relations of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RelationCount {
    /// Kind.
    pub relation: RelationKind,
    /// How many.
    pub count: u64,
}

/// Entities of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TopologyGroup {
    /// Key (canonical id, name or kind); empty for the entities that have none.
    pub group: String,
    /// Name for people.
    pub name: String,
    /// How many entities.
    pub count: u64,
    /// The same by kind, in order of kind.
    pub kinds: Vec<KindCount>,
}

/// What differs between two instants.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopologyChanges {
    /// The earlier instant.
    pub before: Micros,
    /// The later instant.
    pub after: Micros,
    /// Entities by change, before the limit, in order of change.
    pub totals: Vec<ChangeCount>,
    /// Entities in order of change, kind and id.
    pub entities: Vec<EntityChange>,
    /// Relations there are now and were not then.
    pub relations_added: Vec<RelationFact>,
    /// Relations there were then and are not now.
    pub relations_removed: Vec<RelationFact>,
}

/// Entities that differ in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeCount {
    /// `added`, `removed`, `recreated` or `changed`.
    pub change: String,
    /// How many.
    pub count: u64,
}
