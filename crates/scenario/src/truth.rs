//! What is true of an estate, for tests: counted from the plan of the estate and never written
//! beside the files that are ingested.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::behaviour::Behaviour;
use crate::clock::{date, rfc3339};
use crate::cost::{Amount, CostSpikeTruth, form, months, spikes, split};
use crate::estate::{Cluster, Controller, Estate, PodState};
use crate::metrics::observed_calls;
use crate::options::Options;
use crate::planted::{decoys, single_points, waste, waste_decoys};
use crate::services::{Need, SERVICES, Service, service};
use crate::stores::{STORES, StoreKind, queue_name, store_of};
use crate::telemetry::recent_traces;
use crate::traces::consumers;
use crate::wiring::DANGLING;

/// The truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Counts of each cluster, in the order of the environments.
    pub clusters: Vec<ClusterTruth>,
    /// Relations between services, and from services to what they use; by environment, then names.
    pub edges: Vec<EdgeTruth>,
    /// Endpoints that nothing answers to.
    pub open_references: Vec<OpenReference>,
    /// Planted single points of failure.
    pub single_points: Vec<Planted>,
    /// Things that look like one and are none.
    pub decoys: Vec<Planted>,
    /// Resources that nobody uses.
    pub waste: Vec<Planted>,
    /// Resources that look unused and are not.
    pub waste_decoys: Vec<Planted>,
    /// Machines that may run SQL Server, in the order of the estate.
    pub sql_server: Vec<SqlServerTruth>,
    /// The cycle among services.
    pub cycle: Vec<String>,
    /// Faults in the history with their causes, by start.
    pub faults: Vec<FaultTruth>,
    /// Sums of each bill.
    pub bills: Vec<BillTruth>,
    /// Days of unusual spend.
    pub cost_spikes: Vec<CostSpikeTruth>,
    /// Instant at which the savings plan ran out.
    pub savings_plan_end: String,
    /// Instant from which the counters of `orders` in production start anew.
    pub counter_reset: String,
    /// Traces and spans by environment.
    pub traces: BTreeMap<String, (u64, u64)>,
}

/// Counts of one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterTruth {
    /// Name.
    pub name: String,
    /// Identity: uid of `kube-system`.
    pub uid: String,
    /// Environment.
    pub environment: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Nodes.
    pub nodes: u64,
    /// Pods, finished ones included.
    pub pods: u64,
    /// Pods that are ready.
    pub pods_ready: u64,
    /// Deployments in the JSON lists.
    pub deployments: u64,
    /// StatefulSets.
    pub statefulsets: u64,
    /// DaemonSets.
    pub daemonsets: u64,
    /// ReplicaSets, scaled-down ones included.
    pub replicasets: u64,
    /// RDS instances of account and region, Aurora members included.
    pub db_instances: u64,
    /// Aurora clusters.
    pub db_clusters: u64,
    /// EC2 instances, stopped ones included.
    pub instances: u64,
}

/// One relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EdgeTruth {
    /// Environment.
    pub environment: String,
    /// Service that needs.
    pub from: String,
    /// Service, or ARN, host or name of the store.
    pub to: String,
    /// `calls` or `connects_to`.
    pub relation: String,
    /// `required`, `optional` or `asynchronous`; what is meant, whether or not it can be seen.
    pub need: String,
    /// Named by a manifest.
    pub declared: bool,
    /// Seen in the traces.
    pub observed: bool,
}

/// An endpoint that matches nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenReference {
    /// Environment.
    pub environment: String,
    /// Service that names it.
    pub from: String,
    /// `host:port`.
    pub endpoint: String,
}

/// A planted thing and why it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planted {
    /// Environment.
    pub environment: String,
    /// Kind of entity.
    pub kind: String,
    /// Name or id.
    pub name: String,
    /// Why.
    pub why: String,
}

/// A machine that runs Windows or SQL Server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlServerTruth {
    /// Environment.
    pub environment: String,
    /// Name.
    pub name: String,
    /// What shows SQL Server in the exports: `code`, `name` or `nothing`.
    pub shown_by: String,
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultTruth {
    /// Key.
    pub key: String,
    /// Environment.
    pub environment: String,
    /// Service at fault.
    pub service: String,
    /// Caller, when only its calls are hit.
    pub only_from: Option<String>,
    /// Start.
    pub start: String,
    /// End; `None` while it lasts.
    pub end: Option<String>,
    /// Cause.
    pub cause: String,
    /// Whether an incident was opened.
    pub has_incident: bool,
}

/// Sums of one bill: one month, account and format, as decimals in text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillTruth {
    /// First day of the billing month.
    pub month: String,
    /// Account.
    pub account: String,
    /// `focus` or `cur`.
    pub format: String,
    /// Rows.
    pub rows: u64,
    /// Sum of billed cost.
    pub billed: String,
    /// Sum of effective cost.
    pub effective: String,
    /// Sum of list cost over the rows that have one.
    pub list: String,
    /// Rows that have a list cost.
    pub list_rows: u64,
    /// Sum of contracted cost over the rows that have one; a CUR has none.
    pub contracted: String,
    /// Rows that have a contracted cost.
    pub contracted_rows: u64,
}

/// The truth of the estate that these options give.
pub fn truth(options: &Options) -> Truth {
    let estate = Estate::new(options);
    let mut edges = Vec::new();
    let mut traces = BTreeMap::new();
    for cluster in &estate.clusters {
        let behaviour = Behaviour::new(&estate, cluster.env, estate.until);
        edges.extend(edges_of(&estate, cluster, &behaviour));
        let all = recent_traces(&estate, cluster, &behaviour, options);
        let spans = all.iter().map(Vec::len).sum::<usize>() as u64;
        traces.insert(cluster.env.name.to_owned(), (all.len() as u64, spans));
    }
    edges.sort();
    Truth {
        clusters: estate.clusters.iter().map(counts).collect(),
        edges,
        open_references: vec![OpenReference {
            environment: "production".to_owned(),
            from: "web-storefront".to_owned(),
            endpoint: DANGLING.to_owned(),
        }],
        single_points: single_points(&estate),
        decoys: decoys(),
        waste: waste(&estate),
        waste_decoys: waste_decoys(&estate),
        sql_server: sql_servers(&estate),
        cycle: vec!["pricing".to_owned(), "promotions".to_owned()],
        faults: fault_truths(&estate),
        bills: bills(&estate),
        cost_spikes: spikes(&estate),
        savings_plan_end: rfc3339(crate::aws::plan_end(&estate)),
        counter_reset: rfc3339(crate::metrics::reset_at(&estate)),
        traces,
    }
}

fn sql_servers(estate: &Estate) -> Vec<SqlServerTruth> {
    let windows = crate::aws::EXTRA_INSTANCES.iter().filter(|e| e.platform.starts_with("Windows"));
    let truth = |e: &crate::aws::ExtraInstance| SqlServerTruth {
        environment: estate.clusters[e.environment].env.name.to_owned(),
        name: e.name.to_owned(),
        shown_by: match e.operation {
            "RunInstances:0006" => "code",
            _ if e.name.contains("sql") => "name",
            _ => "nothing",
        }
        .to_owned(),
    };
    windows.map(truth).collect()
}

fn counts(cluster: &Cluster) -> ClusterTruth {
    let env = cluster.env;
    let of = |c: Controller| cluster.workloads.iter().filter(|w| w.controller == c).count() as u64;
    let stores = || STORES.iter().filter(|s| s.environment == env.index);
    let members: usize = stores()
        .map(|s| match s.kind {
            StoreKind::Rds { .. } => 1,
            StoreKind::Aurora { members } => members.len(),
            _ => 0,
        })
        .sum();
    let extras = crate::aws::EXTRA_INSTANCES.iter().filter(|e| e.environment == env.index).count();
    let replicasets: usize = cluster
        .workloads
        .iter()
        .filter(|w| w.controller == Controller::Deployment)
        .map(|w| w.releases.len().min(3))
        .sum();
    ClusterTruth {
        name: env.cluster.to_owned(),
        uid: cluster.uid.clone(),
        environment: env.name.to_owned(),
        account: env.account.id.to_owned(),
        region: env.region.to_owned(),
        nodes: cluster.nodes.len() as u64,
        pods: cluster.pods.len() as u64,
        pods_ready: cluster.pods.iter().filter(|p| p.state == PodState::Ready).count() as u64,
        deployments: of(Controller::Deployment),
        statefulsets: of(Controller::StatefulSet),
        daemonsets: of(Controller::DaemonSet),
        replicasets: replicasets as u64,
        db_instances: members as u64,
        db_clusters: stores().filter(|s| matches!(s.kind, StoreKind::Aurora { .. })).count() as u64,
        instances: (cluster.nodes.len() + extras) as u64,
    }
}

fn need_label(need: Need) -> &'static str {
    match need {
        Need::Required => "required",
        Need::Optional => "optional",
        Need::Asynchronous => "asynchronous",
    }
}

fn edges_of(estate: &Estate, cluster: &Cluster, b: &Behaviour) -> Vec<EdgeTruth> {
    let env = cluster.env;
    let edge =
        |from: &Service, to: String, relation: &str, need: Need, known: (bool, bool)| EdgeTruth {
            environment: env.name.to_owned(),
            from: from.name.to_owned(),
            to,
            relation: relation.to_owned(),
            need: need_label(need).to_owned(),
            declared: known.0,
            observed: known.1,
        };
    let seen: Vec<(&str, &str)> =
        observed_calls(b).into_iter().map(|(from, to)| (from.name, to.name)).collect();
    let mut all = Vec::new();
    for s in SERVICES.iter().filter(|s| s.runs_in(env.index)) {
        for call in s.calls {
            if service(call.to).is_some_and(|t| t.runs_in(env.index)) {
                let observed = seen.contains(&(s.name, call.to));
                let known = (call.known.is_declared(), observed);
                all.push(edge(s, call.to.to_owned(), "calls", call.need, known));
            }
        }
        if b.has_traffic(s) {
            for consumer in consumers(b, s) {
                let known = (false, true);
                let to = consumer.name.to_owned();
                all.push(edge(s, to, "calls", Need::Asynchronous, known));
            }
        }
        for role in s.stores {
            let Some(store) = store_of(role, env.index) else { continue };
            let (to, relation) = match store.kind {
                StoreKind::External => (store.id.to_owned(), "calls"),
                StoreKind::PostgresInCluster | StoreKind::RedisInCluster => {
                    (store.id.to_owned(), "connects_to")
                }
                _ => (store.arn(estate.random).unwrap_or_default(), "connects_to"),
            };
            let need = match store.kind {
                StoreKind::Cache { .. } | StoreKind::RedisInCluster => Need::Optional,
                _ => Need::Required,
            };
            all.push(edge(s, to, relation, need, (true, b.has_traffic(s))));
        }
        for queue in s.sends.iter().chain(s.receives) {
            let arn =
                format!("arn:aws:sqs:{}:{}:{}", env.region, env.account.id, queue_name(queue, env));
            let known = (true, b.has_traffic(s));
            all.push(edge(s, arn, "connects_to", Need::Asynchronous, known));
        }
    }
    // Staging plays several roles with one store: one relation.
    all.sort();
    all.dedup_by(|a, b| {
        (&a.environment, &a.from, &a.to, &a.relation)
            == (&b.environment, &b.from, &b.to, &b.relation)
    });
    all
}

fn fault_truths(estate: &Estate) -> Vec<FaultTruth> {
    estate
        .faults(estate.until)
        .into_iter()
        .map(|f| FaultTruth {
            environment: estate.clusters[f.environment].env.name.to_owned(),
            service: f.service.to_owned(),
            only_from: f.only_from.map(str::to_owned),
            start: rfc3339(f.start),
            end: (f.end <= estate.until).then(|| rfc3339(f.end)),
            cause: f.cause.to_owned(),
            has_incident: f.incident.is_some(),
            key: f.key,
        })
        .collect()
}

fn bills(estate: &Estate) -> Vec<BillTruth> {
    let months = months(estate);
    let mut all = Vec::new();
    for (position, month) in months.iter().enumerate() {
        let (focus, cur) = split(month, form(position, months.len()));
        for (format, part) in [("focus", focus), ("cur", cur)] {
            let mut accounts: BTreeMap<&str, Vec<&crate::cost::Charge>> = BTreeMap::new();
            for charge in &part.charges {
                accounts.entry(charge.account.id).or_default().push(charge);
            }
            for (account, charges) in accounts {
                let list: Vec<Amount> = charges.iter().filter_map(|c| c.list).collect();
                let contracted: Vec<Amount> = match format {
                    "cur" => Vec::new(),
                    _ => charges.iter().filter_map(|c| c.contracted).collect(),
                };
                all.push(BillTruth {
                    month: date(month.start),
                    account: account.to_owned(),
                    format: format.to_owned(),
                    rows: charges.len() as u64,
                    billed: charges.iter().map(|c| c.billed).sum::<Amount>().to_string(),
                    effective: charges.iter().map(|c| c.effective).sum::<Amount>().to_string(),
                    list_rows: list.len() as u64,
                    list: list.into_iter().sum::<Amount>().to_string(),
                    contracted_rows: contracted.len() as u64,
                    contracted: contracted.into_iter().sum::<Amount>().to_string(),
                });
            }
        }
    }
    all
}
