//! One entity of the large estate: its canonical id of the length of an ARN, its name, labels and
//! aliases.

use std::fmt::Write;

use super::layout::{EntityKind, Layout};

/// One entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargeEntity {
    /// Kind.
    pub kind: EntityKind,
    /// Canonical id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Labels as a JSON object with its keys in order.
    pub labels: String,
    /// Other ids of the same thing.
    pub aliases: Vec<String>,
    /// Seconds since 1970.
    pub valid_from: i64,
}

/// Entities as columns; the ordinal of row `n` is `first + n`.
#[derive(Debug, Clone, Default)]
pub struct EntityChunk {
    /// Ordinal of the first row.
    pub first: u32,
    /// Kinds.
    pub kind: Vec<&'static str>,
    /// Canonical ids.
    pub id: Vec<String>,
    /// Names.
    pub name: Vec<String>,
    /// Labels as JSON objects.
    pub labels: Vec<String>,
    /// Aliases.
    pub aliases: Vec<Vec<String>>,
    /// Seconds since 1970.
    pub valid_from: Vec<i64>,
}

impl EntityChunk {
    /// Columns from rows.
    pub fn from_rows(first: u32, rows: impl Iterator<Item = LargeEntity>) -> Self {
        let mut chunk = Self { first, ..Self::default() };
        for row in rows {
            chunk.kind.push(row.kind.label());
            chunk.id.push(row.id);
            chunk.name.push(row.name);
            chunk.labels.push(row.labels);
            chunk.aliases.push(row.aliases);
            chunk.valid_from.push(row.valid_from);
        }
        chunk
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }
}

/// Instant before which nothing of the estate existed.
const BORN: i64 = 1_700_000_000;

use EntityKind as K;

pub fn entity(layout: &Layout, ordinal: u32) -> LargeEntity {
    let (kind, n) = layout.locate(ordinal);
    let mut draw = layout.draw(1, u64::from(ordinal), 0);
    let bits = draw.bits();
    let account = 100_000_000_000 + u64::from(n % layout.count(K::Account)) * 2_999_999;
    let region = n % layout.count(K::Region);
    let (id, name) = identity(layout, kind, n, bits, account, region);
    let mut labels = String::with_capacity(136);
    // Writing to a String cannot fail.
    let _ = write!(
        labels,
        "{{\"app.kubernetes.io/name\":\"app-{:06}\",\"app.kubernetes.io/part-of\":\"part-{:04}\",\
         \"environment\":\"{}\",\"team\":\"team-{:04}\"}}",
        n % 400_000,
        n % 4_000,
        ["production", "staging", "development"][(bits % 3) as usize],
        n % layout.count(K::Team)
    );
    let aliases = match kind {
        K::Pod | K::Workload | K::KubernetesNode | K::KubernetesNamespace => vec![
            uuid(bits, draw.bits()),
            format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255),
        ],
        K::Instance | K::Volume | K::NetworkInterface | K::Snapshot => {
            vec![name.clone(), format!("ip-{}.{region}.internal", n)]
        }
        K::Database | K::Cache => {
            vec![format!("{name}.c{:010x}.rds.amazonaws.com:5432", bits >> 24)]
        }
        _ => Vec::new(),
    };
    let valid_from = BORN + (bits % 30_000_000) as i64;
    LargeEntity { kind, id, name, labels, aliases, valid_from }
}

fn identity(
    layout: &Layout,
    kind: EntityKind,
    n: u32,
    bits: u64,
    account: u64,
    region: u32,
) -> (String, String) {
    let place = format!("us-sim-{region}:{account}");
    let cluster = |of: u32| uuid(layout.draw(2, u64::from(of), 0).bits(), u64::from(of));
    match kind {
        K::Pod => {
            let workload = layout.workload_of_pod(n);
            let namespace = workload % layout.count(K::KubernetesNamespace);
            let of = namespace % layout.count(K::KubernetesCluster);
            let name = format!("app-{workload:06}-{:010x}-{n:07}", bits >> 24);
            (format!("k8s://{}/ns-{namespace:05}/pod/{name}", cluster(of)), name)
        }
        K::Workload => {
            let namespace = n % layout.count(K::KubernetesNamespace);
            let of = namespace % layout.count(K::KubernetesCluster);
            let name = format!("app-{n:06}");
            let id = format!("k8s://{}/ns-{namespace:05}/deployment/{name}", cluster(of));
            (id, name)
        }
        K::KubernetesNamespace => {
            let of = n % layout.count(K::KubernetesCluster);
            let name = format!("ns-{n:05}");
            (format!("k8s://{}/_/namespace/{name}", cluster(of)), name)
        }
        K::KubernetesNode => {
            let of = n % layout.count(K::KubernetesCluster);
            let name = format!("ip-10-{}-{}-{}.sim.internal", n >> 16, n >> 8 & 255, n & 255);
            (format!("k8s://{}/_/node/{name}", cluster(of)), name)
        }
        K::KubernetesCluster => (format!("k8s://{}", cluster(n)), format!("cluster-{n:03}")),
        K::PersistentVolumeClaim | K::PersistentVolume => {
            let of = n % layout.count(K::KubernetesCluster);
            let name = format!("pvc-{}-{n:06}", &uuid(bits, bits)[..13]);
            let scope = if kind == K::PersistentVolume { "_" } else { "data" };
            (
                format!("k8s://{}/{scope}/{}/{name}", cluster(of), kind.label().replace('_', "")),
                name,
            )
        }
        K::Service => {
            let name = format!("service-{n:05}");
            (format!("service://production/area-{:03}/{name}", n % 200), name)
        }
        K::Account => (format!("arn:aws:iam::{account}:root"), format!("account-{n:03}")),
        K::Region => (format!("aws/us-sim-{n}"), format!("us-sim-{n}")),
        K::Zone => (format!("sim{}-az{n}", n % layout.count(K::Region)), format!("us-sim-{n}a")),
        K::Team => (format!("org://team/team-{n:04}"), format!("team-{n:04}")),
        K::Image => {
            let name = format!("registry.sim/app-{:06}", n);
            (format!("{name}@sha256:{:016x}{:016x}", bits, u64::from(n)), name)
        }
        K::Route => {
            (format!("route://public/www-{n:04}.larkfield.example/"), format!("www-{n:04}"))
        }
        _ => cloud_identity(kind, n, bits, &place),
    }
}

fn cloud_identity(kind: EntityKind, n: u32, bits: u64, place: &str) -> (String, String) {
    let (service, prefix) = match kind {
        K::Bucket => ("s3", "bucket/larkfield"),
        K::Cache => ("elasticache", "replicationgroup:cache"),
        K::Database => ("rds", "db:database"),
        K::Function => ("lambda", "function:handler"),
        K::Queue => ("sqs", "queue"),
        K::Instance => ("ec2", "instance/i"),
        K::NetworkInterface => ("ec2", "network-interface/eni"),
        K::SecurityGroup => ("ec2", "security-group/sg"),
        K::Snapshot => ("ec2", "snapshot/snap"),
        K::Subnet => ("ec2", "subnet/subnet"),
        _ => ("ec2", "volume/vol"),
    };
    let tail = format!("{prefix}-0{:08x}{n:08x}", bits >> 32);
    let name = tail.rsplit(['/', ':']).next().unwrap_or(&tail).to_owned();
    (format!("arn:aws:{service}:{place}:{tail}"), name)
}

fn uuid(a: u64, b: u64) -> String {
    let (high, low) = (a, b | 0x8000_0000_0000_0000);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}
