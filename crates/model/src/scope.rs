//! Where an entity is: the places a question can be narrowed to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The place of an entity, as its source names it. What is not known is `None`, never guessed.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Scope {
    /// Account, subscription or project number.
    pub account: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Zone id (`use1-az1`), else the zone's name.
    pub zone: Option<String>,
    /// Kubernetes cluster: uid of `kube-system`, else the name the user gave.
    pub cluster: Option<String>,
    /// Namespace.
    pub namespace: Option<String>,
    /// Environment (`production`).
    pub environment: Option<String>,
}

/// One place that every read can be narrowed to; all given parts must agree.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Place {
    /// Accounts, any of which.
    pub account: Vec<String>,
    /// Regions, any of which.
    pub region: Vec<String>,
    /// Clusters by uid or name, any of which.
    pub cluster: Vec<String>,
    /// Namespaces, any of which.
    pub namespace: Vec<String>,
    /// Environments, any of which.
    pub environment: Vec<String>,
}

impl Place {
    /// Whether it narrows nothing.
    pub fn is_everywhere(&self) -> bool {
        self.account.is_empty()
            && self.region.is_empty()
            && self.cluster.is_empty()
            && self.namespace.is_empty()
            && self.environment.is_empty()
    }
}

/// What a viewer may see: everything, or the subtree of some units. Applied inside the stores' reads
/// before limits, counts and ranks.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OrgScope {
    /// Everything, as long as there are no accounts.
    #[default]
    Everything,
    /// The subtrees of these units, by canonical id, in order.
    Units(Vec<String>),
}
