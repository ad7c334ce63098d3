//! The answer of `critical_paths/what_if`.

use model::kind::EntityKind;
use model::measure::Measure;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::shape::EntityRef;

/// What follows from a selection.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WhatIfAnswer {
    /// What each selection means.
    pub selection: Vec<SelectedPart>,
    /// Entities that are taken away, each once.
    pub selected: u64,
    /// Entities that had failed before.
    pub failed_already: u64,
    /// What follows at once.
    pub at_once: WhatIfOutcome,
    /// What is still so after controllers put back what they can.
    pub after_recovery: WhatIfOutcome,
    /// What comes back, in order of delay, then of id.
    pub recoveries: Vec<Recovery>,
    /// What a controller cannot put back, with the reason, in order of id.
    pub unrecovered: Vec<Unrecovered>,
    /// What carries on for what was lost, the fullest first.
    pub survivors: Vec<Survivor>,
    /// What was not looked at, and why.
    pub not_checked: Vec<String>,
}

/// What one selection means.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SelectedPart {
    /// The selection.
    pub select: String,
    /// Entities that it takes away, with what they cover.
    pub entities: u64,
    /// The first of them.
    pub first: Vec<EntityRef>,
}

/// What fails and what degrades.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WhatIfOutcome {
    /// Share of the entry points' weight that is lost, 0 to 1; null without entry points.
    pub loss: Measure,
    /// Entry points that fail.
    pub entry_points: Vec<EntityRef>,
    /// Products that fail.
    pub products: Vec<EntityRef>,
    /// Entities that fail, those that were taken away among them.
    pub fails: u64,
    /// The same by kind, in order of kind.
    pub fails_by_kind: Vec<KindTotal>,
    /// Entities that degrade directly.
    pub degrades: u64,
    /// Entities that degrade because what they need does.
    pub degrades_indirectly: u64,
    /// Calls that carried the failure though nobody states their need.
    pub assumed: u64,
    /// What fails for lack of others, in order of failure.
    pub failed: Vec<FailedRow>,
    /// What degrades: directly first, then by distance.
    pub degraded: Vec<DegradedRow>,
}

/// Entities of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KindTotal {
    /// Kind.
    pub kind: EntityKind,
    /// How many.
    pub count: u64,
}

/// Something that fails.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FailedRow {
    /// What.
    pub entity: EntityRef,
    /// Whether it is the entry point of this service and not the service.
    pub is_entry: bool,
    /// The way to it, from what was taken away, by name.
    pub path: Vec<String>,
    /// The same as a sentence.
    pub why: String,
}

/// Something that goes on in a poorer way.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DegradedRow {
    /// What.
    pub entity: EntityRef,
    /// 0 for directly, else steps from what does.
    pub distance: u32,
    /// Why.
    pub why: String,
}

/// Something that comes back.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Recovery {
    /// What comes back.
    pub entity: EntityRef,
    /// What puts it back.
    pub by: EntityRef,
    /// Where it comes back; null where that is new or stays.
    pub to: Option<EntityRef>,
    /// Seconds until it is replaced or takes over, its own start not counted; null with a reason.
    pub delay: Measure,
}

/// Something that does not come back by itself.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Unrecovered {
    /// What.
    pub entity: EntityRef,
    /// Why not.
    pub reason: String,
}

/// What carries on for what was lost.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Survivor {
    /// A node that takes pods over, or something that lost replicas and holds.
    pub entity: EntityRef,
    /// Replicas that are left at once; null for a node.
    pub replicas_left: Option<u64>,
    /// Replicas before.
    pub replicas: Option<u64>,
    /// Requested CPU after recovery, as a share of what can be allocated.
    pub cpu_requests: Measure,
    /// Requested memory after recovery, as a share of what can be allocated.
    pub memory_requests: Measure,
    /// Measured peak against what is left, as a share.
    pub peak: Measure,
}
