//! What an input says about entities and relations.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kind::{EntityKind, Evidence, Need, NeedSource, RelationKind};
use crate::reference::{AliasKey, Claim, Reference};
use crate::scope::Scope;
use crate::time::Micros;

/// The internal id of an entity: never reused, never shown, stable for the life of the store.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct EntityId(pub u64);

/// Labels and tags, by name.
pub type Labels = BTreeMap<String, String>;

/// Tracked properties, by name; a change of one opens a new version.
pub type Properties = BTreeMap<String, Value>;

/// How much an observation says about the entity.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum Presence {
    /// The record is about this entity: it exists.
    #[default]
    Observed,
    /// Made up from another record (the service behind a workload): it exists once a relation other
    /// than `implemented_by` touches it.
    Implied,
}

/// One thing, as one record of one source describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntityObservation {
    /// Canonical id as this source can build it; provisional parts are `?` (`aws:?/volume/vol-1`).
    pub id: AliasKey,
    /// Kind.
    pub kind: EntityKind,
    /// Name for people.
    pub name: String,
    /// Place.
    pub scope: Scope,
    /// Labels and tags.
    pub labels: Labels,
    /// Tracked properties, with the source's own field names in snake case.
    pub properties: Properties,
    /// When the thing was created, if the source says so.
    pub created_at: Option<Micros>,
    /// When the thing ended, if the source says so (a terminated instance, a deleted gateway).
    pub ended_at: Option<Micros>,
    /// What tells two lives under one name apart (uid, `DbiResourceId`, creation time).
    pub incarnation: Option<String>,
    /// Whether it is observed or only implied.
    pub presence: Presence,
    /// Names this record knows it by, and other claims the record makes.
    pub claims: Vec<Claim>,
    /// Everything this record says about its relations. A later record of the same entity and source
    /// that leaves one out ends it.
    pub relations: Vec<RelationObservation>,
}

impl EntityObservation {
    /// With everything else empty.
    pub fn new(id: impl Into<AliasKey>, kind: EntityKind, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind,
            name: name.into(),
            scope: Scope::default(),
            labels: Labels::new(),
            properties: Properties::new(),
            created_at: None,
            ended_at: None,
            incarnation: None,
            presence: Presence::Observed,
            claims: Vec::new(),
            relations: Vec::new(),
        }
    }
}

/// One relation, as a record says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelationObservation {
    /// Near end; the entity of the record when it says so itself.
    pub from: Reference,
    /// Kind. `calls` to a store (`EntityKind::is_store`) becomes `connects_to` when it resolves.
    pub kind: RelationKind,
    /// Far end.
    pub to: Reference,
    /// Declared or observed.
    pub evidence: Evidence,
    /// Whether the near end needs it.
    pub need: Need,
    /// Where that is known from.
    pub need_source: NeedSource,
    /// Group of an all-of or any-of dependency when the kind does not say it; empty for the kind's
    /// own grouping.
    pub group: String,
    /// Members of the group that must be left; 0 for the kind's default.
    pub min_alive: u32,
    /// Tracked properties (port, the environment variable, the endpoint named).
    pub properties: Properties,
    /// When it began, if the source says so.
    pub started_at: Option<Micros>,
    /// When it ended, if the source says so.
    pub ended_at: Option<Micros>,
}

impl RelationObservation {
    /// A declared relation without need, group or properties.
    pub fn declared(from: Reference, kind: RelationKind, to: Reference) -> Self {
        Self {
            from,
            kind,
            to,
            evidence: Evidence::Declared,
            need: Need::Unknown,
            need_source: NeedSource::Unknown,
            group: String::new(),
            min_alive: 0,
            properties: Properties::new(),
            started_at: None,
            ended_at: None,
        }
    }

    /// The same, with one property.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(name.to_owned(), value.into());
        self
    }
}
