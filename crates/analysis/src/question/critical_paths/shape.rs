//! The answer of `critical_paths`.

use model::kind::EntityKind;
use model::measure::Measure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decision::DecisionFact;
use crate::failure::{EntryKind, RiskClass};

/// What takes entry points down by itself.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CriticalPathsAnswer {
    /// Totals, before the limit.
    pub summary: CriticalPathsSummary,
    /// What must not go down: entry points, products and what was asked for, in order of weight,
    /// then of id.
    pub targets: Vec<CriticalTarget>,
    /// Things that break by themselves, in order of loss, targets taken down, id.
    pub physical: Vec<SinglePoint>,
    /// Services that are needed as a whole; replicas do not help against a bad release of them.
    pub logical: Vec<SinglePoint>,
    /// Workloads that one failure takes down, whether or not an entry point needs them, in order of
    /// class and id.
    pub workload_risks: Vec<WorkloadRiskRow>,
    /// Whether one owner has more than half of the value; a fact of its own, without closure.
    pub ownership: OwnershipConcentration,
    /// What the closures rest on.
    pub assumptions: Assumptions,
}

/// Totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CriticalPathsSummary {
    /// Entry points judged.
    pub entry_points: u64,
    /// Products judged.
    pub products: u64,
    /// Targets that have failed already, since what they need is not ready.
    pub failed_already: u64,
    /// Rows of the physical list, before the limit.
    pub physical: u64,
    /// Rows of the logical list, before the limit.
    pub logical: u64,
    /// Workload risks, before the limit.
    pub workload_risks: u64,
    /// Those of them without a spare replica.
    pub workloads_capacity: u64,
    /// Those of them whose replicas stand together.
    pub workloads_placement: u64,
    /// Workloads that are switched off on purpose.
    pub workloads_off: u64,
}

/// An entity as an answer names it. What lies outside the viewer's scope has its kind and no more.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EntityRef {
    /// Canonical id; null outside the viewer's scope, and for what is no entity.
    pub id: Option<String>,
    /// Kind.
    pub kind: EntityKind,
    /// Name; `outside your scope` there.
    pub name: String,
    /// Canonical id of the owner, if any.
    pub owner: Option<String>,
    /// Environment.
    pub environment: Option<String>,
}

/// What must not go down.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CriticalTarget {
    /// The service of an entry point, a product, or what was asked for.
    pub entity: EntityRef,
    /// How it is entered; null for what is no entry point.
    pub entry: Option<EntryKind>,
    /// Ways in that are known, from the outside in.
    pub entrances: Vec<Vec<String>>,
    /// Its weight among the entry points; null for what is none.
    pub weight: Measure,
    /// Whether it has failed already.
    pub is_failed: bool,
    /// The fewest instances, nodes or zones whose joint failure takes it down: 0 when it has failed,
    /// 1, 2; null with a reason (`more than 2`, `never`).
    pub margin: Measure,
    /// The first such set.
    pub margin_points: Vec<EntityRef>,
}

/// Why a point takes something down.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PointClass {
    /// A group without a spare member.
    Capacity,
    /// All members depend on one node, instance, volume or zone.
    Placement,
    /// A database, or a cache used as a store, without automatic failover to another zone.
    Data,
    /// What closes a route or a way out that nothing else serves.
    Network,
    /// A place or a provider's service, judged only when asked for.
    Place,
    /// A required service as a whole.
    Dependency,
}

impl PointClass {
    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::Placement => "placement",
            Self::Data => "data",
            Self::Network => "network",
            Self::Place => "place",
            Self::Dependency => "dependency",
        }
    }
}

/// In which state a point is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// With every declared replica up, and so also now.
    ByDesign,
    /// Only now, since something else is not ready.
    Now,
}

/// A single point of failure, with those that take the same down inside it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SinglePoint {
    /// What fails.
    pub entity: EntityRef,
    /// Why it takes something down.
    pub class: PointClass,
    /// In which state.
    pub holds: Holds,
    /// Share of the entry points' weight that is lost, 0 to 1; null without entry points.
    pub loss: Measure,
    /// Entry points, products and other targets that go down with it, but for its own entry point.
    pub takes_down: Vec<EntityRef>,
    /// Entities that fail with it, itself left out.
    pub fails: u64,
    /// Entities that degrade directly.
    pub degrades: u64,
    /// How the failure comes to the heaviest of those.
    pub path: Vec<FailureStep>,
    /// Why, in a sentence.
    pub why: String,
    /// What would remedy it.
    pub remedy: String,
    /// Calls on its way whose need nobody states.
    pub assumed: u64,
    /// What was decided about this risk (`risk:CLASS:ENTITY`); null while nobody did.
    pub decision: Option<DecisionFact>,
    /// Others that take the same down because this one fails with them.
    pub inside: Vec<InsidePoint>,
}

/// A point within another's row.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct InsidePoint {
    /// What fails.
    pub entity: EntityRef,
    /// Why it takes something down.
    pub class: PointClass,
}

/// One step of a failure on its way.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FailureStep {
    /// What fails.
    pub entity: EntityRef,
    /// By which dependency (`runs on`, `calls`); null for what fails first.
    pub by: Option<String>,
    /// Whether it is a call whose need nobody states.
    pub is_assumed: bool,
}

/// A workload that one failure takes down.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WorkloadRiskRow {
    /// The workload.
    pub entity: EntityRef,
    /// Namespace.
    pub namespace: Option<String>,
    /// Controller (`Deployment`), where it is known.
    pub controller: Option<String>,
    /// Why.
    pub class: RiskClass,
    /// Replicas that count.
    pub replicas: u64,
    /// How many of them must be left.
    pub min_alive: u64,
    /// What too many of them depend on.
    pub on: Vec<EntityRef>,
    /// What would remedy it.
    pub remedy: String,
    /// What was decided about this risk (`risk:CLASS:ENTITY`); null while nobody did.
    pub decision: Option<DecisionFact>,
}

/// Whether one owner has more than half of the weight of the entry points judged, which is their value as
/// far as `assumptions.weighted_by` says.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OwnershipConcentration {
    /// The owner with the greatest share; null where no entry point has an owner or a weight.
    pub owner: Option<EntityRef>,
    /// Its share of the weight, 0 to 1; null with a reason.
    pub share: Measure,
    /// Whether that is more than half.
    pub is_concentrated: bool,
}

/// What the closures rest on.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Assumptions {
    /// Calls and connections in the model.
    pub calls: u64,
    /// Those whose need nobody states: they carry failure as if they were required.
    pub assumed: u64,
    /// What weights the loss: `entry points` (all equal) or `requests`.
    pub weighted_by: String,
    /// Dependencies of which no member is known, by what they are; they never fail anything.
    pub unknown_groups: Vec<UnknownGroup>,
    /// Nodes and instances in the estate.
    pub hosts: u64,
    /// Those of them whose zone is known.
    pub hosts_with_zone: u64,
}

/// Dependencies of which no member is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnknownGroup {
    /// What they are.
    pub of: String,
    /// How many.
    pub count: u64,
}
