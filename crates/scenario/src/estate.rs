//! The whole estate as plain structs, derived once from the options: clusters with their nodes,
//! workloads and pods. Every writer reads it; none draws anything of its own that another needs.

use crate::add_ons::ADD_ONS;
use crate::clock::DAY;
use crate::company::{ENVIRONMENTS, Environment};
use crate::faults::{Fault, faults};
use crate::options::Options;
use crate::random::Keyed;
use crate::releases::{Release, releases};
use crate::services::{SERVICES, Service};
use crate::stores::{STORES, Store, StoreKind, instance_id};

/// The estate.
#[derive(Debug, Clone)]
pub struct Estate {
    /// The source of every draw.
    pub random: Keyed,
    /// Start of the history.
    pub from: i64,
    /// End of the history.
    pub until: i64,
    /// When the estate was built; older than any history.
    pub born: i64,
    /// Whether nothing ever goes wrong.
    pub is_quiet: bool,
    /// One cluster per environment, in their order.
    pub clusters: Vec<Cluster>,
}

/// One EKS cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Its environment.
    pub env: &'static Environment,
    /// uid of the `kube-system` namespace: the cluster's identity.
    pub uid: String,
    /// Nodes, by zone.
    pub nodes: Vec<Node>,
    /// Workloads of teams and of the platform.
    pub workloads: Vec<Workload>,
    /// Pods, grouped by workload.
    pub pods: Vec<Pod>,
}

/// A node and its EC2 instance.
#[derive(Debug, Clone)]
pub struct Node {
    /// Name: its private DNS name.
    pub name: String,
    /// EC2 instance.
    pub instance_id: String,
    /// Index into `Environment::zones`.
    pub zone: usize,
    /// Private address.
    pub address: String,
    /// Root volume.
    pub volume_id: String,
    /// Launch time.
    pub launched: i64,
}

/// The kind of controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Controller {
    /// Deployment.
    Deployment,
    /// StatefulSet.
    StatefulSet,
    /// DaemonSet.
    DaemonSet,
}

/// A workload.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Name.
    pub name: &'static str,
    /// Namespace.
    pub namespace: &'static str,
    /// Controller.
    pub controller: Controller,
    /// Declared replicas (nodes, for a DaemonSet).
    pub replicas: u32,
    /// Image repository.
    pub repository: String,
    /// Port that it listens on.
    pub port: u16,
    /// Team, for the label; empty for the platform's own.
    pub team: &'static str,
    /// Value of `app.kubernetes.io/part-of`.
    pub application: &'static str,
    /// The service it runs.
    pub service: Option<&'static Service>,
    /// The store it is.
    pub store: Option<&'static Store>,
    /// Releases up to `until`, oldest first; never empty.
    pub releases: Vec<Release>,
}

impl Workload {
    /// The release in force.
    pub fn release(&self) -> &Release {
        self.releases.last().expect("a workload is built with at least one release")
    }
    /// Its image with the tag in force.
    pub fn image(&self) -> String {
        format!("{}:{}", self.repository, self.release().version)
    }
}

/// How a pod is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PodState {
    /// Running and ready.
    Ready,
    /// Running, its container in CrashLoopBackOff.
    Crashing,
    /// Not scheduled.
    Pending,
    /// Finished with success.
    Succeeded,
}

/// The service of staging, by environment and name, whose only pod finds no room.
pub const PENDING: (usize, &str) = (2, "audit");

/// A pod.
#[derive(Debug, Clone)]
pub struct Pod {
    /// Name.
    pub name: String,
    /// uid.
    pub uid: String,
    /// Index into `Cluster::workloads`; `None` for the pod of a finished job.
    pub workload: Option<usize>,
    /// Index into `Cluster::nodes`; `None` while pending.
    pub node: Option<usize>,
    /// Address within the VPC.
    pub address: String,
    /// State.
    pub state: PodState,
    /// Restarts of its container.
    pub restarts: u32,
    /// Creation time.
    pub created: i64,
}

impl Estate {
    /// Builds the estate for these options.
    pub fn new(options: &Options) -> Self {
        let random = Keyed::new(options.seed);
        let (from, until) = (options.from_second(), options.until_second());
        let born = until - 420 * DAY;
        let mut estate =
            Self { random, from, until, born, is_quiet: options.is_quiet, clusters: Vec::new() };
        estate.clusters = ENVIRONMENTS.iter().map(|env| estate.cluster(env)).collect();
        estate
    }

    /// Everything that goes wrong and may matter between the start of the history and `to`, by start.
    pub fn faults(&self, to: i64) -> Vec<Fault> {
        if self.is_quiet { Vec::new() } else { faults(self.random, self.until, self.from, to) }
    }

    fn cluster(&self, env: &'static Environment) -> Cluster {
        let nodes = self.nodes(env);
        let workloads = self.workloads(env, nodes.len() as u32);
        let mut cluster = Cluster {
            env,
            uid: self.uid(env, "Namespace", "", "kube-system"),
            nodes,
            workloads,
            pods: Vec::new(),
        };
        cluster.pods = self.pods(&cluster);
        cluster
    }

    /// uid of a Kubernetes object.
    pub fn uid(&self, env: &Environment, kind: &str, namespace: &str, name: &str) -> String {
        self.random.uuid(&format!("uid/{}/{kind}/{namespace}/{name}", env.cluster))
    }

    fn nodes(&self, env: &Environment) -> Vec<Node> {
        let mut nodes = Vec::new();
        for zone in 0..env.zones.len() {
            for k in 0..env.nodes_per_zone {
                let key = format!("{}/node/{zone}/{k}", env.cluster);
                let address = format!("10.{}.{}.{}", env.octet, 16 * (zone + 1), 10 + 7 * k + zone);
                let domain = if env.region == "us-east-1" {
                    "ec2.internal".to_owned()
                } else {
                    format!("{}.compute.internal", env.region)
                };
                nodes.push(Node {
                    name: format!("ip-{}.{domain}", address.replace('.', "-")),
                    instance_id: instance_id(self.random, &key),
                    zone,
                    address,
                    volume_id: format!("vol-0{}", self.random.hex(&format!("{key}/root"), 16)),
                    launched: self.until - 4 * DAY - self.random.below(&key, 40 * 86_400) as i64,
                });
            }
        }
        nodes
    }

    fn workloads(&self, env: &'static Environment, nodes: u32) -> Vec<Workload> {
        let registry = format!("{}.dkr.ecr.{}.amazonaws.com", env.account.id, env.region);
        let mut all = Vec::new();
        for service in SERVICES.iter().filter(|s| s.runs_in(env.index)) {
            all.push(Workload {
                name: service.name,
                namespace: service.namespace,
                controller: Controller::Deployment,
                replicas: service.replicas[env.index],
                repository: format!("{registry}/larkfield/{}", service.name),
                port: 8080,
                team: service.team,
                application: service.application,
                service: Some(service),
                store: None,
                releases: releases(
                    self.random,
                    service,
                    self.until,
                    self.born,
                    (self.born, self.until),
                ),
            });
        }
        for store in STORES.iter().filter(|s| s.environment == env.index) {
            let (repository, version) = match store.kind {
                StoreKind::PostgresInCluster => ("docker.io/library/postgres", "16.3"),
                StoreKind::RedisInCluster => ("docker.io/library/redis", "7.2.5"),
                _ => continue,
            };
            all.push(Workload {
                name: store.id,
                namespace: store.namespace(),
                controller: Controller::StatefulSet,
                replicas: 1,
                repository: repository.to_owned(),
                port: store.port,
                team: store.team,
                application: if store.id == "fraud-features" { "fraud" } else { "catalogue" },
                service: None,
                store: Some(store),
                releases: vec![self.first_release(version)],
            });
        }
        for add_on in ADD_ONS {
            let (namespace, name, controller, replicas, repository, version, port) = *add_on;
            all.push(Workload {
                name,
                namespace,
                controller,
                replicas: if controller == Controller::DaemonSet { nodes } else { replicas },
                repository: repository.to_owned(),
                port,
                team: "platform-team",
                application: "foundations",
                service: None,
                store: None,
                releases: vec![self.first_release(version)],
            });
        }
        all
    }

    fn first_release(&self, version: &str) -> Release {
        Release { at: self.born + DAY, version: version.to_owned(), revision: 1, note: None }
    }

    /// Hash in the name of the ReplicaSet of one release.
    pub fn replicaset_hash(&self, env: &Environment, workload: &Workload, r: &Release) -> String {
        let key = format!("rs/{}/{}/{}/{}", env.cluster, workload.name, r.version, r.at);
        self.random.suffix(&key, 10)
    }

    /// Digest of an image tag.
    pub fn digest(&self, image: &str) -> String {
        format!("sha256:{}", self.random.hex(&format!("digest/{image}"), 64))
    }
}
