//! Kinds of entities and relations, and how a relation carries failure (the table of the model).

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares an enum whose variants have one word each, used on every wire.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            JsonSchema,
        )]
        #[repr(u8)]
        pub enum $name {
            $(#[doc = $word] #[serde(rename = $word)] $variant),*
        }

        impl $name {
            /// Every one, in the order of its code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word used on every wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The code kept in files and in the snapshot; stable for one schema version.
            pub fn code(self) -> u8 {
                self as u8
            }

            /// The one with this code.
            pub fn from_code(code: u8) -> Option<Self> {
                Self::ALL.get(usize::from(code)).copied()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|one| one.as_str() == text)
                    .ok_or_else(|| format!("`{text}` is no {}", stringify!($name)))
            }
        }
    };
}

words! {
    /// What an entity is. New kinds go to the end: the code is stored.
    EntityKind {
        Unknown = "unknown",
        Organisation = "organisation",
        BusinessUnit = "business_unit",
        Team = "team",
        Product = "product",
        Application = "application",
        Service = "service",
        Workload = "workload",
        Pod = "pod",
        Image = "image",
        KubernetesCluster = "kubernetes_cluster",
        KubernetesNamespace = "kubernetes_namespace",
        KubernetesNode = "kubernetes_node",
        KubernetesService = "kubernetes_service",
        Ingress = "ingress",
        Route = "route",
        Autoscaler = "autoscaler",
        DisruptionBudget = "disruption_budget",
        PersistentVolumeClaim = "persistent_volume_claim",
        PersistentVolume = "persistent_volume",
        NodeGroup = "node_group",
        NodePool = "node_pool",
        FargateProfile = "fargate_profile",
        Account = "account",
        Region = "region",
        Zone = "zone",
        Vpc = "vpc",
        Subnet = "subnet",
        RouteTable = "route_table",
        NetworkInterface = "network_interface",
        InternetGateway = "internet_gateway",
        NatGateway = "nat_gateway",
        TransitGateway = "transit_gateway",
        VpcEndpoint = "vpc_endpoint",
        VpcPeering = "vpc_peering",
        SecurityGroup = "security_group",
        NetworkAcl = "network_acl",
        PrefixList = "prefix_list",
        NetworkPolicy = "network_policy",
        DnsRecord = "dns_record",
        ElasticIp = "elastic_ip",
        Instance = "instance",
        AutoscalingGroup = "autoscaling_group",
        Volume = "volume",
        Snapshot = "snapshot",
        LoadBalancer = "load_balancer",
        Listener = "listener",
        TargetGroup = "target_group",
        Gateway = "gateway",
        Database = "database",
        DatabaseCluster = "database_cluster",
        DatabaseProxy = "database_proxy",
        Cache = "cache",
        CacheNode = "cache_node",
        Queue = "queue",
        Bucket = "bucket",
        Function = "function",
        ContainerCluster = "container_cluster",
        ContainerService = "container_service",
        Task = "task",
        Addon = "addon",
        ExternalEndpoint = "external_endpoint",
        ConfigurationMap = "configuration_map",
        Commitment = "commitment",
        Client = "client",
        Resource = "resource",
    }
}

words! {
    /// What a relation says. New kinds go to the end: the code is stored.
    RelationKind {
        Calls = "calls",
        ConnectsTo = "connects_to",
        ImplementedBy = "implemented_by",
        HasReplica = "has_replica",
        RunsOn = "runs_on",
        ManagedBy = "managed_by",
        PlacedIn = "placed_in",
        RoutesTo = "routes_to",
        ServedThrough = "served_through",
        EgressThrough = "egress_through",
        Mounts = "mounts",
        AttachedTo = "attached_to",
        GuardedBy = "guarded_by",
        RoutesVia = "routes_via",
        Replicates = "replicates",
        HasPart = "has_part",
        Contains = "contains",
        Owns = "owns",
        Allows = "allows",
        UsesImage = "uses_image",
    }
}

impl RelationKind {
    /// Whether the failure of the far end can fail or degrade the near end.
    pub fn carries_failure(self) -> bool {
        use RelationKind as R;
        matches!(
            self,
            R::Calls
                | R::ConnectsTo
                | R::ImplementedBy
                | R::HasReplica
                | R::RunsOn
                | R::ManagedBy
                | R::PlacedIn
                | R::RoutesTo
                | R::ServedThrough
                | R::EgressThrough
                | R::Mounts
                | R::AttachedTo
                | R::Replicates
                | R::HasPart
        )
    }
}

impl EntityKind {
    /// Whether a dependency on it is `connects_to` rather than `calls`.
    pub fn is_store(self) -> bool {
        use EntityKind as K;
        matches!(
            self,
            K::Database | K::DatabaseCluster | K::DatabaseProxy | K::Cache | K::Queue | K::Bucket
        )
    }
}

words! {
    /// Whether the near end of a call can do without the far end.
    Need {
        Unknown = "unknown",
        Required = "required",
        Optional = "optional",
        Asynchronous = "asynchronous",
    }
}

words! {
    /// Where `need` comes from, in falling order of rank.
    NeedSource {
        Rule = "rule",
        Messaging = "messaging",
        Traces = "traces",
        Default = "default",
        Unknown = "unknown",
    }
}

words! {
    /// How a relation is known.
    Evidence {
        Declared = "declared",
        Observed = "observed",
    }
}

words! {
    /// How far a join or an alias is trusted.
    Confidence {
        Low = "low",
        Medium = "medium",
        High = "high",
        Certain = "certain",
    }
}
