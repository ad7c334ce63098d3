//! How many entities of each kind there are, where their ordinals lie, and the numbers that the
//! relations are computed from.

use std::ops::Range;

use crate::random::Sequence;

/// Kind of an entity, named as in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is the entity kind of the same name")]
pub enum EntityKind {
    Account,
    Bucket,
    Cache,
    Database,
    Function,
    Image,
    Instance,
    KubernetesCluster,
    KubernetesNamespace,
    KubernetesNode,
    NetworkInterface,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Queue,
    Region,
    Route,
    SecurityGroup,
    Service,
    Snapshot,
    Subnet,
    Team,
    Volume,
    Workload,
    Zone,
}

use EntityKind as K;

impl EntityKind {
    /// Every kind in the order of the ordinals.
    pub const ALL: [K; 25] = [
        K::Account,
        K::Bucket,
        K::Cache,
        K::Database,
        K::Function,
        K::Image,
        K::Instance,
        K::KubernetesCluster,
        K::KubernetesNamespace,
        K::KubernetesNode,
        K::NetworkInterface,
        K::PersistentVolume,
        K::PersistentVolumeClaim,
        K::Pod,
        K::Queue,
        K::Region,
        K::Route,
        K::SecurityGroup,
        K::Service,
        K::Snapshot,
        K::Subnet,
        K::Team,
        K::Volume,
        K::Workload,
        K::Zone,
    ];

    /// The kind as the model writes it.
    pub fn label(self) -> &'static str {
        match self {
            K::Account => "account",
            K::Bucket => "bucket",
            K::Cache => "cache",
            K::Database => "database",
            K::Function => "function",
            K::Image => "image",
            K::Instance => "instance",
            K::KubernetesCluster => "kubernetes_cluster",
            K::KubernetesNamespace => "kubernetes_namespace",
            K::KubernetesNode => "kubernetes_node",
            K::NetworkInterface => "network_interface",
            K::PersistentVolume => "persistent_volume",
            K::PersistentVolumeClaim => "persistent_volume_claim",
            K::Pod => "pod",
            K::Queue => "queue",
            K::Region => "region",
            K::Route => "route",
            K::SecurityGroup => "security_group",
            K::Service => "service",
            K::Snapshot => "snapshot",
            K::Subnet => "subnet",
            K::Team => "team",
            K::Volume => "volume",
            K::Workload => "workload",
            K::Zone => "zone",
        }
    }

    /// How many there are at scale 1, and at least. Snapshots fill up to the total.
    fn share(self) -> (u32, u32) {
        match self {
            K::Account => (300, 2),
            K::Bucket => (50_000, 10),
            K::Cache => (10_000, 5),
            K::Database => (40_000, 10),
            K::Function => (400_000, 300),
            K::Image => (100_000, 40),
            K::Instance | K::KubernetesNode => (200_000, 60),
            K::KubernetesCluster => (400, 2),
            K::KubernetesNamespace => (40_000, 20),
            K::NetworkInterface => (600_000, 60),
            K::PersistentVolume | K::PersistentVolumeClaim => (300_000, 30),
            K::Pod => (6_000_000, 6_000),
            K::Queue => (30_000, 10),
            K::Region => (10, 2),
            K::Route => (500, 20),
            K::SecurityGroup => (60_000, 200),
            K::Service => (20_000, 200),
            K::Snapshot => (0, 0),
            K::Subnet => (6_000, 12),
            K::Team => (1_000, 10),
            K::Volume => (1_000_000, 200),
            K::Workload => (400_000, 400),
            K::Zone => (30, 6),
        }
    }
}

/// Calls from an entry to the last service: the depth of the deepest chains.
pub const RANKS: u32 = 30;

/// Counts and ranges.
#[derive(Debug, Clone)]
pub struct Layout {
    pub seed: u64,
    pub scale: f64,
    pub total: u32,
    starts: [u32; 26],
    /// Entry services: the first of all services.
    pub entries: u32,
    /// Services with a planted single-replica workload: those after the entries.
    pub planted: u32,
    /// Services of the cycle.
    pub cycle: u32,
    /// Callers of the hub.
    pub hub_callers: u32,
}

/// What is true by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargeTruth {
    /// Ordinals of the entry services.
    pub entries: Range<u32>,
    /// Ordinals of the services of the cycle.
    pub cycle: Range<u32>,
    /// Ordinal of the service with the most callers.
    pub hub: u32,
    /// How many callers call it through the planted calls.
    pub hub_callers: u32,
    /// Ordinal of the zone with a third of all nodes.
    pub big_zone: u32,
    /// Ordinals of the workloads that are planted single points: each has one replica and
    /// implements a service that one entry requires.
    pub single_points: Vec<u32>,
    /// Number of workloads with one replica, the planted ones included.
    pub single_replica_workloads: u32,
    /// Calls on the deepest chain.
    pub depth: u32,
}

impl Layout {
    pub fn new(seed: u64, scale: f64) -> Self {
        let total = (10_000_000.0 * scale).round() as u32;
        let mut counts = EntityKind::ALL.map(|kind| {
            let (full, least) = kind.share();
            ((f64::from(full) * scale).round() as u32).max(least)
        });
        let named: u32 = counts.iter().sum();
        counts[K::Snapshot as usize] = total.saturating_sub(named);
        let mut starts = [0; 26];
        for (index, count) in counts.iter().enumerate() {
            starts[index + 1] = starts[index] + count;
        }
        let services = counts[K::Service as usize];
        let scaled = |full: f64, least: u32| ((full * scale).round() as u32).max(least);
        Self {
            seed,
            scale,
            total: starts[25],
            starts,
            entries: scaled(500.0, 5).min(counts[K::Route as usize]),
            planted: scaled(50.0, 3),
            cycle: scaled(1000.0, 5).min(services / 4),
            hub_callers: scaled(100_000.0, 100).min(counts[K::Function as usize]),
        }
    }

    /// Number of entities of a kind.
    pub fn count(&self, kind: EntityKind) -> u32 {
        let index = kind as usize;
        self.starts[index + 1] - self.starts[index]
    }

    /// Ordinal of the `n`th entity of a kind.
    pub fn ordinal(&self, kind: EntityKind, n: u32) -> u32 {
        self.starts[kind as usize] + n
    }

    /// Ordinals of a kind.
    pub fn range(&self, kind: EntityKind) -> Range<u32> {
        self.starts[kind as usize]..self.starts[kind as usize + 1]
    }

    /// Kind and position within it.
    pub fn locate(&self, ordinal: u32) -> (EntityKind, u32) {
        let index = self.starts.partition_point(|s| *s <= ordinal) - 1;
        (EntityKind::ALL[index.min(24)], ordinal - self.starts[index.min(24)])
    }

    /// Draws for a purpose and two numbers.
    pub fn draw(&self, purpose: u64, a: u64, b: u64) -> Sequence {
        let mixed = self
            .seed
            .wrapping_add(purpose.wrapping_mul(0xd6e8_feb8_6659_fd93))
            .wrapping_add(a.wrapping_mul(0xa076_1d64_78bd_642f))
            .wrapping_add(b.wrapping_mul(0xe703_7ed1_a0b4_28db));
        Sequence::new(mixed)
    }

    /// Workloads with one replica: every twentieth.
    pub fn single_workloads(&self) -> u32 {
        self.count(K::Workload).div_ceil(20)
    }

    /// The workload of a pod. Single workloads own the first pods, the others share the rest.
    pub fn workload_of_pod(&self, pod: u32) -> u32 {
        let singles = self.single_workloads();
        if pod < singles {
            return pod * 20;
        }
        let others = self.count(K::Workload) - singles;
        let rest = u64::from(self.count(K::Pod) - singles);
        let place = u64::from(pod - singles);
        not_single((place * u64::from(others) / rest) as u32)
    }

    /// The node of a pod: in turn, so that replicas spread over nodes and zones.
    pub fn node_of_pod(&self, pod: u32) -> u32 {
        pod % self.count(K::KubernetesNode)
    }

    /// The zone of a node: a third of the nodes stand in the first.
    pub fn zone_of_node(&self, node: u32) -> u32 {
        if node.is_multiple_of(3) { 0 } else { 1 + (node / 3) % (self.count(K::Zone) - 1) }
    }

    /// The workload that implements a service. Planted services have a single one.
    pub fn workload_of_service(&self, service: u32) -> u32 {
        let planted = self.entries..self.entries + self.planted;
        if planted.contains(&service) { (service - self.entries) * 20 } else { not_single(service) }
    }

    /// Rank of a service: entries 0, planted ones 1, then by order up to 30. The cycle has rank 15
    /// for itself; the hub, the last service, has rank 30.
    pub fn rank(&self, service: u32) -> u32 {
        if service < self.entries {
            return 0;
        }
        let cycle = self.cycle_range();
        if cycle.contains(&service) {
            return 15;
        }
        if service + 1 == self.count(K::Service) {
            return RANKS;
        }
        let place = if service < cycle.start { service } else { service - self.cycle };
        let place = place - self.entries;
        let ranked = self.count(K::Service) - self.entries - self.cycle;
        let rank = 1 + (u64::from(place) * u64::from(RANKS - 1) / u64::from(ranked)) as u32;
        if rank < 15 { rank } else { rank + 1 }
    }

    /// Services of the cycle: placed between ranks 14 and 16.
    pub fn cycle_range(&self) -> Range<u32> {
        let ranked = u64::from(self.count(K::Service) - self.entries - self.cycle);
        let before = (ranked * 14).div_ceil(u64::from(RANKS - 1)) as u32;
        let start = self.entries + before;
        start..start + self.cycle
    }

    /// The first service of a higher rank than this one; `None` above the last.
    pub fn first_above(&self, service: u32) -> Option<u32> {
        let rank = self.rank(service);
        let (mut low, mut high) = (service, self.count(K::Service));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.rank(middle) > rank { high = middle } else { low = middle + 1 }
        }
        (low < self.count(K::Service)).then_some(low)
    }

    /// The hub.
    pub fn hub(&self) -> u32 {
        self.count(K::Service) - 1
    }
}

/// The `n`th workload that has several replicas: those whose position is no multiple of twenty.
fn not_single(n: u32) -> u32 {
    n + n / 19 + 1
}

pub fn truth(layout: &Layout) -> LargeTruth {
    let service = |n| layout.ordinal(K::Service, n);
    let cycle = layout.cycle_range();
    LargeTruth {
        entries: service(0)..service(layout.entries),
        cycle: service(cycle.start)..service(cycle.end),
        hub: service(layout.hub()),
        hub_callers: layout.hub_callers,
        big_zone: layout.ordinal(K::Zone, 0),
        single_points: (0..layout.planted).map(|n| layout.ordinal(K::Workload, n * 20)).collect(),
        single_replica_workloads: layout.single_workloads(),
        depth: RANKS,
    }
}
