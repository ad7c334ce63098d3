//! The answer of `service_dependencies/blast_radius`.

use model::kind::EntityKind;
use model::measure::Measure;
use schemars::JsonSchema;
use serde::Serialize;

/// What fails and what degrades.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BlastRadiusAnswer {
    /// What fails first.
    pub roots: Vec<BlastEntity>,
    /// Entities that had failed before.
    pub failed_already: u64,
    /// Entities that fail with the roots, before the limit.
    pub fails_count: u64,
    /// Entities that degrade directly, before the limit.
    pub degrades_count: u64,
    /// Entities that degrade because what they need does, before the limit.
    pub degrades_indirectly_count: u64,
    /// Share of the entry points' weight that is lost, 0 to 1.
    pub loss: Measure,
    /// Entry points that fail.
    pub entry_points: Vec<BlastEntity>,
    /// What fails with the roots, in order of failure.
    pub fails: Vec<Failing>,
    /// What goes on in a poorer way: directly first, then by distance.
    pub degrades: Vec<Degrading>,
    /// Whose it is: the most that fails first, then in order of owner.
    pub owners: Vec<BlastOwner>,
    /// Calls and connections of the estate.
    pub calls: u64,
    /// Of these: calls whose need nobody states; they are taken to be required.
    pub calls_assumed: u64,
    /// Of these: calls that carried this failure.
    pub assumed_on_the_way: u64,
}

/// An entity of the answer; outside the viewer's scope its kind only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlastEntity {
    /// Canonical id; null outside your scope and for what is no entity.
    pub id: Option<String>,
    /// Kind.
    pub kind: EntityKind,
    /// Name; `outside your scope` there.
    pub name: String,
    /// Canonical id of the owner, if any.
    pub owner: Option<String>,
}

/// One step of a failure on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlastStep {
    /// What fails.
    pub entity: BlastEntity,
    /// The dependency by which it fails (`call`, `runs_on`, …); null for what fails first.
    pub by: Option<String>,
    /// Whether it is a call whose need nobody states.
    pub is_assumed: bool,
}

/// Something that fails with the roots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failing {
    /// What.
    pub entity: BlastEntity,
    /// Whether it is the entry point of this service, and not the service.
    pub is_entry: bool,
    /// The way to it, from what fails first.
    pub path: Vec<BlastStep>,
}

/// Something that goes on in a poorer way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Degrading {
    /// What.
    pub entity: BlastEntity,
    /// 0 when it degrades directly, else the steps from what does.
    pub distance: u32,
    /// Why: the dependency that failed, the replicas that are left, or what it needs that degrades.
    pub reasons: Vec<String>,
}

/// What of one owner is concerned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlastOwner {
    /// Canonical id; null for what nobody owns.
    pub owner: Option<String>,
    /// Name.
    pub name: String,
    /// Entities that fail.
    pub fails: u64,
    /// Entities that degrade.
    pub degrades: u64,
}
