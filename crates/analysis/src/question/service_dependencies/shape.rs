//! The answer of `service_dependencies`.

use model::kind::{Confidence, EntityKind, Need, NeedSource, RelationKind};
use model::measure::Measure;
use model::scope::Scope;
use model::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calls::Latency;
use crate::layout::Layout;

/// Who calls whom.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServiceDependenciesAnswer {
    /// Totals of all that matches, before the limit.
    pub summary: DependencySummary,
    /// Services and what they call, in order of distance, kind and id.
    pub services: Vec<ServiceNode>,
    /// Calls and connections among them, in order of caller, relation and callee.
    pub edges: Vec<ServiceEdge>,
    /// Groups of services that reach each other by calls, the largest first, then by first id; a service
    /// that calls itself is one.
    pub cycles: Vec<Vec<String>>,
    /// Where requests enter, the most requests first, then in order of id.
    pub entry_points: Vec<EntryPoint>,
    /// Which services requests need: the greatest score first, then in order of id.
    pub impact: Vec<ServiceImpact>,
    /// What requests' time is owed to, for each entry point in their order.
    pub critical_paths: Vec<CriticalPath>,
    /// Where to draw the services; null when there are more than 150.
    pub layout: Option<Layout>,
}

/// Totals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DependencySummary {
    /// Services and what they call.
    pub services: u64,
    /// Calls and connections.
    pub edges: u64,
    /// Of these: in a configuration and seen.
    pub declared_and_observed: u64,
    /// Of these: in a configuration only.
    pub declared_only: u64,
    /// Of these: seen only.
    pub observed_only: u64,
    /// Cycles of calls.
    pub cycles: u64,
    /// Traces read.
    pub traces: u64,
    /// Of these: traces of which a parent is missing.
    pub traces_incomplete: u64,
    /// Spans of them whose clock was corrected.
    pub spans_adjusted: u64,
    /// Calls in the window of which an end is not in the estate.
    pub calls_unplaced: u64,
}

/// How an edge is known.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EdgeSet {
    /// In a configuration and seen.
    DeclaredAndObserved,
    /// In a configuration only.
    DeclaredOnly,
    /// Seen only.
    ObservedOnly,
}

impl EdgeSet {
    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeclaredAndObserved => "declared_and_observed",
            Self::DeclaredOnly => "declared_only",
            Self::ObservedOnly => "observed_only",
        }
    }
}

/// Requests of a service or calls of a pair over the window.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CallFigures {
    /// How many, as counted or sampled.
    pub calls: Measure,
    /// Per second; null where the sample is unknown.
    pub request_rate: Measure,
    /// Failed of all, 0 to 1.
    pub error_ratio: Measure,
    /// Whether the counts are of an unknown sample, so that only ratios say something.
    pub is_sampled: bool,
    /// The source that answers; null without one.
    pub source: Option<String>,
    /// Other sources that know them and were not added.
    pub other_sources: Vec<String>,
}

/// A service, or something that services call.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServiceNode {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Place.
    pub scope: Scope,
    /// Canonical id of the owner, if any.
    pub owner: Option<String>,
    /// Canonical id of the application, if any.
    pub application: Option<String>,
    /// Steps from what was asked for; 0 for itself.
    pub distance: u32,
    /// Requests it answers, from inside and outside.
    pub figures: CallFigures,
    /// Time it takes to answer.
    pub latency: Latency,
    /// Place of its cycle in `cycles`, if it is on one.
    pub cycle: Option<u32>,
    /// Whether requests enter here.
    pub is_entry: bool,
    /// Whether it calls, is never called and is no entry point: a load generator or a prober.
    pub is_client: bool,
    /// Callers, before the limit.
    pub callers: u64,
    /// Callees, before the limit.
    pub callees: u64,
    /// Callers and callees outside what you may see.
    pub outside: u64,
}

/// Calls from one service to another, or a connection to a store.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServiceEdge {
    /// Canonical id of the caller.
    pub from: String,
    /// `calls` or `connects_to`.
    pub relation: RelationKind,
    /// Canonical id of the callee.
    pub to: String,
    /// How it is known.
    pub set: EdgeSet,
    /// Whether the caller can do without it.
    pub need: Need,
    /// Where the need comes from.
    pub need_source: NeedSource,
    /// Whether every call seen goes through a message.
    pub is_asynchronous: bool,
    /// Rule that joined it, if not a plain id.
    pub rule: Option<String>,
    /// How far the join is trusted.
    pub confidence: Confidence,
    /// Sources, in order of name.
    pub sources: Vec<String>,
    /// Calls in the window.
    pub figures: CallFigures,
    /// Time as the caller sees it.
    pub client_latency: Latency,
    /// Time as the callee sees it.
    pub server_latency: Latency,
    /// Mean of the caller's time less that of the callee's.
    pub network_seconds: Measure,
    /// First minute with calls in the window.
    pub first_call: Option<Micros>,
    /// Newest instant at which it was seen.
    pub last_seen: Option<Micros>,
}

/// Where requests enter.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EntryPoint {
    /// Canonical id of the service.
    pub service: String,
    /// Name.
    pub name: String,
    /// `configured`, `exposed` (a load balancer, an ingress or an open Kubernetes Service leads to it) or
    /// `traced` (its requests have no parent).
    pub rule: String,
    /// `request`, `job` or `consumer`.
    pub kind: String,
    /// What leads to it from outside, canonical ids, in order.
    pub through: Vec<String>,
    /// Requests from outside in the window.
    pub requests: Measure,
    /// Share of all entry points' requests, 0 to 1.
    pub weight: Measure,
}

/// How much of the entry traffic needs a service.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServiceImpact {
    /// Canonical id.
    pub service: String,
    /// Name.
    pub name: String,
    /// 0 to 100: the share of entry traffic whose requests need it.
    pub score: Measure,
    /// `counted` from traces, or `estimated` from mean calls per request.
    pub basis: String,
    /// Requests counted.
    pub traces: u64,
    /// Wilson's 95 % interval of a counted score, or the bounds of an estimated one; the low end is null
    /// where only the high one is known.
    pub low: Option<f64>,
    /// The high end.
    pub high: Option<f64>,
    /// The estimate from mean calls per request, also where it was counted, 0 to 100.
    pub estimated: Measure,
    /// Lower bound of the estimate; null where only means of calls are known.
    pub estimated_low: Option<f64>,
    /// Upper bound of the estimate.
    pub estimated_high: Option<f64>,
    /// By entry point, in order of id.
    pub entries: Vec<EntryImpact>,
}

/// How much of one entry point's traffic needs a service.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EntryImpact {
    /// Canonical id of the entry point.
    pub entry: String,
    /// Share of its requests, 0 to 1.
    pub share: Measure,
    /// `counted` or `estimated`.
    pub basis: String,
    /// Requests that need it, where they were counted.
    pub hits: u64,
    /// Low end of the interval or bound.
    pub low: Option<f64>,
    /// High end of the interval or bound.
    pub high: Option<f64>,
}

/// What the time of an entry point's requests is owed to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CriticalPath {
    /// Canonical id of the entry point.
    pub entry: String,
    /// `traces`, or `estimated from means`.
    pub basis: String,
    /// Requests read.
    pub traces: u64,
    /// Of these: of traces of which a parent is missing.
    pub incomplete: u64,
    /// Spans whose clock was corrected.
    pub adjusted: u64,
    /// All requests.
    pub all: Option<PathShares>,
    /// The slowest 5 % of requests, at least one.
    pub slowest: Option<PathShares>,
    /// The slowest way from means; given where there are no traces.
    pub estimated: Option<EstimatedPath>,
}

/// Shares of some requests' time; they add up to 1.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PathShares {
    /// Requests.
    pub traces: u64,
    /// Time of all of them in seconds.
    pub seconds: f64,
    /// Services, the greatest share first, then in order of id.
    pub services: Vec<ServiceShare>,
    /// Operations, the greatest share first, then in order of service and name; at most 50.
    pub operations: Vec<OperationShare>,
}

/// Time owed to one service.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServiceShare {
    /// Canonical id.
    pub service: String,
    /// Time in seconds.
    pub seconds: f64,
    /// Of all requests' time, 0 to 1.
    pub share: f64,
}

/// Time owed to one operation.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OperationShare {
    /// Canonical id of the service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Time in seconds.
    pub seconds: f64,
    /// Of all requests' time, 0 to 1.
    pub share: f64,
    /// Requests whose path it is on.
    pub traces: u64,
}

/// The slowest way through the mean times of services and calls.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EstimatedPath {
    /// Expected time of the way in seconds.
    pub seconds: f64,
    /// Its steps from the entry point on.
    pub steps: Vec<EstimatedStep>,
}

/// One step of an estimated path; a cycle is one step.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EstimatedStep {
    /// Canonical ids of its services, one but for a cycle.
    pub services: Vec<String>,
    /// Visits per request of the entry point.
    pub visits: f64,
    /// Own time per visit in seconds.
    pub own_seconds: f64,
    /// Time on the way to it per visit in seconds.
    pub network_seconds: f64,
}
