//! Facts of one entity's page, of search, and of references that lead nowhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EntityFact, RelationFact};
use crate::entity::{Labels, Properties};
use crate::kind::EntityKind;

/// One entity with what is around it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EntityPage {
    /// The entity.
    pub entity: EntityFact,
    /// Other names of it, with the source of each; in order.
    pub aliases: Vec<(String, String)>,
    /// What each source says.
    pub sources: Vec<SourceFact>,
    /// Versions, newest first, at most 50.
    pub history: Vec<VersionFact>,
    /// Relations from it, in order of kind and far end.
    pub outgoing: Vec<RelationFact>,
    /// Relations to it, in order of kind and near end.
    pub incoming: Vec<RelationFact>,
    /// The far ends of those, in order of id.
    pub neighbours: Vec<EntityFact>,
    /// How many relations were left out by the limit.
    pub relations_cut: u64,
}

/// What one source says about an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceFact {
    /// Source.
    pub source: String,
    /// Earliest observation.
    pub first_seen: jiff::Timestamp,
    /// Newest observation.
    pub last_seen: jiff::Timestamp,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VersionFact {
    /// Source.
    pub source: String,
    /// Observation time.
    pub observed_at: jiff::Timestamp,
    /// Labels.
    pub labels: Labels,
    /// Properties.
    pub properties: Properties,
}

/// One hit of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntityMatch {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// What matched, when it was not the name: an alias or a label.
    pub matched: Option<String>,
}

/// A reference that leads to nothing, or to several things of equal rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenReferenceFact {
    /// Source that states it.
    pub source: String,
    /// Canonical id of the entity whose record states it, if any.
    pub stated_by: Option<String>,
    /// What it is for: a relation's kind, or `subject`.
    pub purpose: String,
    /// The names tried, best first.
    pub label: String,
    /// Canonical ids of the several it could be; empty when nothing answers.
    pub candidates: Vec<String>,
}

/// An incident, change or finding, for an entity's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EventFact {
    /// `incident`, `change` or `finding`.
    pub event: String,
    /// The source's own id.
    pub external_id: String,
    /// Source.
    pub source: String,
    /// Kind or severity.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Status, if it has one.
    pub status: Option<String>,
    /// When it began or happened.
    pub at: Option<jiff::Timestamp>,
    /// When it ended, if it did.
    pub ended_at: Option<jiff::Timestamp>,
    /// How often.
    pub count: u64,
}
