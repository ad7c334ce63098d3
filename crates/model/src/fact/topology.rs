//! Facts of `topology`: entities and relations of a part of the estate, or groups of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entity::{EntityId, Labels, Properties};
use crate::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use crate::scope::{Place, Scope};
use crate::seam::Version;
use crate::time::Micros;

/// Which part of the estate, and how much of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopologyQuery {
    /// Places.
    pub place: Place,
    /// Canonical ids of owning units or products; their subtrees.
    pub unit: Vec<String>,
    /// Kinds; empty for all.
    pub kinds: Vec<EntityKind>,
    /// Kinds of relation; empty for all.
    pub relations: Vec<RelationKind>,
    /// Labels or tags that must all hold.
    pub labels: Vec<LabelFilter>,
    /// Text in name or id.
    pub text: Option<String>,
    /// Start from these (canonical ids, aliases or unique names); empty for the whole.
    pub roots: Vec<String>,
    /// Steps from the roots, 0 to 6.
    pub depth: u32,
    /// Which way to walk.
    pub direction: Direction,
    /// Give groups instead of entities.
    pub aggregate_by: Option<AggregateBy>,
    /// Where more match than `limit`: give groups by the first of these that make a picture instead of
    /// a first page. That is between two and `groups_max` groups, with at most half of what matches in
    /// none; by kind they always do.
    pub or_by: Vec<AggregateBy>,
    /// Most groups of a picture.
    pub groups_max: usize,
    /// Most entities (or groups) to give.
    pub limit: usize,
    /// Most relations to give among the entities given; `None` for all.
    pub relations_max: Option<usize>,
    /// Go on after this canonical id.
    pub after: Option<String>,
    /// Whether entities that ended, stale and inactive ones, are included.
    pub with_ended: bool,
}

/// A label that must hold; a value that ends with `*` matches any rest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelFilter {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// Which way relations are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// What it needs.
    Dependencies,
    /// What needs it.
    Dependents,
    /// Both.
    #[default]
    Both,
}

/// What entities are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word itself")]
pub enum AggregateBy {
    Account,
    Region,
    Zone,
    Vpc,
    Cluster,
    Namespace,
    Application,
    Team,
    Kind,
}

/// One entity at the instant asked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EntityFact {
    /// Internal id; not part of any answer.
    #[serde(skip)]
    pub entity: EntityId,
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Place.
    pub scope: Scope,
    /// Name of the cluster, when the scope's cluster is known by one.
    pub cluster_name: Option<String>,
    /// Canonical id of the owner, if any.
    pub owner: Option<String>,
    /// Canonical id of the application, if any.
    pub application: Option<String>,
    /// Labels and tags.
    pub labels: Labels,
    /// Tracked properties.
    pub properties: Properties,
    /// Sources that report it, in order of name.
    pub sources: Vec<String>,
    /// Earliest observation.
    pub first_seen: Option<jiff::Timestamp>,
    /// Newest observation.
    pub last_seen: Option<jiff::Timestamp>,
    /// Start of existence.
    pub valid_from: Option<jiff::Timestamp>,
    /// End of existence, if it ended.
    pub valid_to: Option<jiff::Timestamp>,
    /// `current`, `stale`, `missing_unconfirmed`, `ended` or `before_first_observation`.
    pub state: String,
}

impl EntityFact {
    /// An entity about which nothing more is known.
    pub fn new(kind: EntityKind, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            entity: EntityId::default(),
            id: id.into(),
            kind,
            name: name.into(),
            scope: Scope::default(),
            cluster_name: None,
            owner: None,
            application: None,
            labels: Labels::new(),
            properties: Properties::new(),
            sources: Vec::new(),
            first_seen: None,
            last_seen: None,
            valid_from: None,
            valid_to: None,
            state: "current".to_owned(),
        }
    }
}

/// One relation at the instant asked about; rows of several sources are one fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RelationFact {
    /// Canonical id of the near end.
    pub from: String,
    /// Kind.
    pub kind: RelationKind,
    /// Canonical id of the far end.
    pub to: String,
    /// Every evidence there is, in order.
    pub evidence: Vec<Evidence>,
    /// Need.
    pub need: Need,
    /// Source of the need.
    pub need_source: NeedSource,
    /// Rule that joined it, if not a plain id.
    pub rule: Option<String>,
    /// How far the join is trusted.
    pub confidence: Confidence,
    /// Sources, in order of name.
    pub sources: Vec<String>,
    /// Properties (port, variable, …), of the first source.
    pub properties: Properties,
    /// Start.
    pub valid_from: Option<jiff::Timestamp>,
    /// Newest instant at which it was seen.
    pub last_seen: Option<jiff::Timestamp>,
}

/// Entities of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupFact {
    /// The group's key (canonical id, name or kind); empty for what has none.
    pub group: String,
    /// Name for people.
    pub name: String,
    /// Entities by kind, in order of kind.
    pub kinds: Vec<(EntityKind, u64)>,
}

/// Relations between two groups, or within one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupRelationFact {
    /// Near group.
    pub from: String,
    /// Kind.
    pub kind: RelationKind,
    /// Far group.
    pub to: String,
    /// How many.
    pub count: u64,
}

/// The facts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopologyFacts {
    /// The version read.
    pub version: Version,
    /// Entities in order of (kind, canonical id); at most `limit`; empty when aggregated.
    pub entities: Vec<EntityFact>,
    /// Relations among the entities given, in order of (from, kind, to); at most `relations_max`.
    pub relations: Vec<RelationFact>,
    /// How many there are among the entities given.
    pub relations_among: u64,
    /// What the roots mean, in order of id.
    pub roots: Vec<EntityFact>,
    /// What the groups are by.
    pub grouped_by: Option<AggregateBy>,
    /// Groups, in order of key; at most `limit`.
    pub groups: Vec<GroupFact>,
    /// Relations between groups.
    pub group_relations: Vec<GroupRelationFact>,
    /// Counts of all that matches, by kind, before the limit.
    pub kinds: Vec<(EntityKind, u64)>,
    /// For workloads: counts by controller (`Deployment`), before the limit.
    pub controllers: Vec<(String, u64)>,
    /// Counts of relations among all that matches, by kind.
    pub relation_kinds: Vec<(RelationKind, u64)>,
    /// All that matches.
    pub entity_total: u64,
    /// Relations among all that matches.
    pub relation_total: u64,
    /// Earliest observation in the store, for `before_first_observation`.
    pub first_observation: Option<Micros>,
    /// Open references and conflicts in the whole estate.
    pub open_references: u64,
    /// Retirements that wait for a decision.
    pub held: u64,
    /// Whether a walk from roots stopped at its bounds: totals are of what it reached.
    pub is_cut: bool,
}

/// One entity that differs between two instants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EntityChange {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// `added`, `removed`, `recreated` or `changed`.
    pub change: String,
    /// What changed: field, before, after.
    pub fields: Vec<(String, serde_json::Value, serde_json::Value)>,
}

/// What differs between two instants.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopologyComparison {
    /// Entities, in order of (change, kind, id); at most the query's limit.
    pub entities: Vec<EntityChange>,
    /// Relations added, in order.
    pub relations_added: Vec<RelationFact>,
    /// Relations removed, in order.
    pub relations_removed: Vec<RelationFact>,
    /// Totals by change, before the limit.
    pub totals: Vec<(String, u64)>,
}
