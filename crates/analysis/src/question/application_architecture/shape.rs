//! The answer of `application_architecture`.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::kind::EntityKind;
use model::measure::{Measure, Money};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::question::security_events::OpenFindingCount;
use crate::question::system_metrics::{Status, StatusCounts};

/// What each application consists of.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ApplicationArchitectureAnswer {
    /// Totals of all that matches, before the limit.
    pub summary: ArchitectureSummary,
    /// Applications, those with the most services first, then in order of id.
    pub applications: Vec<Application>,
    /// Services that several entry points reach and nothing puts into one application; in order.
    pub shared: Vec<String>,
    /// Services of which nothing says or shows an application; in order.
    pub ungrouped: Vec<String>,
}

/// Totals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArchitectureSummary {
    /// Applications.
    pub applications: u64,
    /// Services.
    pub services: u64,
    /// Services of no application, shared ones among them.
    pub without_application: u64,
    /// Services by the rule that grouped them.
    pub rules: BTreeMap<String, u64>,
}

/// How an application was found, in falling order of rank.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationRule {
    /// A user's rule or organisation data.
    Organisation,
    /// The label `app.kubernetes.io/part-of`.
    PartOf,
    /// The named tag.
    Tag,
    /// The namespace.
    Namespace,
    /// The entry point that dominates it in the graph of calls.
    EntryPoint,
}

impl ApplicationRule {
    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::PartOf => "part_of",
            Self::Tag => "tag",
            Self::Namespace => "namespace",
            Self::EntryPoint => "entry_point",
        }
    }
}

/// Something with how many services have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NamedCount {
    /// Name or canonical id.
    pub name: String,
    /// Services.
    pub services: u64,
}

/// One application.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Application {
    /// Canonical id, else the key of the group.
    pub id: String,
    /// Name.
    pub name: String,
    /// How it was found.
    pub rule: ApplicationRule,
    /// Services where requests enter it from outside the estate, canonical ids, in order.
    pub entry_points: Vec<String>,
    /// Services of it that other applications call, canonical ids, in order.
    pub called_by_others: Vec<String>,
    /// Services by their longest distance from where requests enter, cycles taken as one; the first are
    /// entry points and what others call.
    pub layers: Vec<Vec<String>>,
    /// Services that nothing leads to; in order.
    pub without_layer: Vec<String>,
    /// Its services, in order of layer and id; at most 500.
    pub services: Vec<ApplicationPart>,
    /// How many services.
    pub service_count: u64,
    /// Databases, caches and buckets that its services use, in order of id.
    pub stores: Vec<ApplicationStore>,
    /// Queues that its services use, in order of id.
    pub queues: Vec<ApplicationStore>,
    /// What its services call outside the estate, canonical ids, in order.
    pub external_endpoints: Vec<String>,
    /// Other applications that it calls, in order of id.
    pub calls: Vec<String>,
    /// Other applications that call it, in order of id.
    pub called_by: Vec<String>,
    /// Zones that its services run in, in order.
    pub zones: Vec<NamedCount>,
    /// Services with replicas whose zone is not known.
    pub zones_unknown: u64,
    /// Owners, in order.
    pub owners: Vec<NamedCount>,
    /// Services without an owner.
    pub unowned: u64,
    /// Languages of the runtimes, in order.
    pub languages: Vec<NamedCount>,
    /// Services whose language nobody says.
    pub languages_unknown: u64,
    /// Services by their health.
    pub health: StatusCounts,
    /// Effective cost of the thirty days before the newest charge, by currency.
    pub cost: Vec<Money>,
    /// Why there is no cost; null where there is one.
    pub cost_reason: Option<Absence>,
    /// Incidents that go on and harm the application, its services, their workloads or its stores.
    pub open_incidents: u64,
    /// Open findings about them, images of the workloads too, by severity, the worst first.
    pub findings: Vec<OpenFindingCount>,
    /// Cycles of calls that its services are on, canonical ids, the largest first.
    pub cycles: Vec<Vec<String>>,
    /// Most calls that wait for each other below where requests enter, cycles taken as one.
    pub synchronous_depth: u32,
    /// Services that stand out, the most first; at most 5.
    pub hot_spots: Vec<HotSpot>,
}

/// One service of an application.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ApplicationPart {
    /// Canonical id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Longest distance from where requests enter; null where nothing leads to it.
    pub layer: Option<u32>,
    /// Services that call it.
    pub fan_in: u64,
    /// What it calls or connects to.
    pub fan_out: u64,
    /// What runs it, in order of id.
    pub workloads: Vec<ApplicationWorkload>,
    /// Zones that it runs in, in order.
    pub zones: Vec<String>,
    /// Replicas whose zone is not known.
    pub zones_unknown: u64,
    /// Canonical id of the owner, if any.
    pub owner: Option<String>,
    /// Language of the runtime, if known.
    pub language: Option<String>,
    /// Health: the worst of the service, its workloads and their pods.
    pub health: Status,
    /// Whether it is on a cycle of calls.
    pub is_cyclic: bool,
    /// Requests in the window, as counted or sampled.
    pub requests: Measure,
}

/// What runs a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ApplicationWorkload {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Controller (`Deployment`), if it is one of Kubernetes.
    pub controller: Option<String>,
    /// Replicas that are wanted; null where nobody says.
    pub replicas_wanted: Option<u64>,
    /// Replicas that are known.
    pub replicas: u64,
}

/// A store or queue that an application uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ApplicationStore {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Engine, if known.
    pub engine: Option<String>,
    /// Services of this application that use it, canonical ids, in order.
    pub clients: Vec<String>,
    /// Other applications that use it, in order; it is shared when there is one.
    pub other_applications: Vec<String>,
    /// Whether more than one service uses it.
    pub is_shared: bool,
}

/// A service that stands out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HotSpot {
    /// Canonical id.
    pub service: String,
    /// Share of the time that all services of the application spend on answers, 0 to 1; null where that
    /// is not measured.
    pub time_share: Measure,
    /// Services that call it.
    pub fan_in: u64,
    /// What it calls or connects to.
    pub fan_out: u64,
}
