//! One row: a node, a relationship, or how many there are of what is not read.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A row, by its `type`.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Row {
    /// A node with all that is known of it.
    Node(Node),
    /// A relationship between two nodes.
    Relationship(Box<Relationship>),
    /// How many nodes of these labels, or relationships of this type, were left where they are.
    Count(Count),
}

/// A node.
#[derive(Debug, Deserialize)]
pub struct Node {
    /// What tells it from the other nodes of the rows.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Its properties; of an end of a relationship only those that name it, or none.
    #[serde(default)]
    pub properties: Map<String, Value>,
}

/// A relationship.
#[derive(Debug, Deserialize)]
pub struct Relationship {
    /// Its type.
    pub label: String,
    /// Its properties.
    #[serde(default)]
    pub properties: Map<String, Value>,
    /// Where it begins.
    pub start: Node,
    /// Where it ends.
    pub end: Node,
}

/// What is not read.
#[derive(Debug, Deserialize)]
pub struct Count {
    /// Labels of nodes.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Type of relationships.
    #[serde(default)]
    pub label: Option<String>,
    /// How many.
    pub count: u64,
}

/// A text, or a number as text.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        other => other.to_string(),
    })
}
