//! The parts of Kubernetes objects that are read. Every field may be missing or null; unknown ones are
//! skipped.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// Null is as good as missing.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A part of an object as its own type; a missing part is that type's default.
pub fn part<T: DeserializeOwned + Default>(raw: Option<&[u8]>) -> Result<T, serde_json::Error> {
    match raw {
        None | Some(b"null") => Ok(T::default()),
        Some(raw) => serde_json::from_slice(raw),
    }
}

/// Declares structs whose fields may all be missing or null.
macro_rules! lenient {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, Deserialize)]
            #[serde(default, rename_all = "camelCase")]
            pub struct $name {
                $($(#[$attr])* #[serde(deserialize_with = "nullable")] pub $field: $type),*
            }
        )*
    };
}
pub(crate) use lenient;

/// Labels, annotations, selectors.
pub type Map = BTreeMap<String, String>;

/// A number or a text, as quantities and ports are written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum IntOrText {
    /// `80`.
    Int(i64),
    /// `"http"`, `"25%"`, `"100m"`.
    Text(String),
}

impl Default for IntOrText {
    fn default() -> Self {
        Self::Int(0)
    }
}

impl IntOrText {
    /// As a text.
    pub fn text(&self) -> String {
        match self {
            Self::Int(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

lenient! {
    /// `metadata` of an object.
    Meta {
        name: String,
        namespace: Option<String>,
        uid: Option<String>,
        labels: Map,
        annotations: Map,
        creation_timestamp: Option<String>,
        deletion_timestamp: Option<String>,
        generate_name: Option<String>,
        owner_references: Vec<Owner>,
    }
    /// `metadata` of a list.
    ListMeta {
        r#continue: Option<String>,
        remaining_item_count: Option<i64>,
    }
    /// An entry of `ownerReferences`.
    Owner {
        api_version: String,
        kind: String,
        name: String,
        uid: String,
        controller: Option<bool>,
    }
    /// A condition of a status.
    Condition {
        r#type: String,
        status: String,
        reason: Option<String>,
    }
    /// `spec.selector` of workloads and policies.
    Selector {
        match_labels: Map,
        match_expressions: Vec<serde_json::Value>,
    }
    /// A reference to another object.
    Target {
        api_version: String,
        kind: String,
        name: String,
        namespace: Option<String>,
        uid: Option<String>,
    }
    /// What is between the cluster and its callers.
    LoadBalancerStatus {
        ingress: Vec<LoadBalancerIngress>,
    }
    /// One address of a load balancer.
    LoadBalancerIngress {
        hostname: Option<String>,
        ip: Option<String>,
    }
}
