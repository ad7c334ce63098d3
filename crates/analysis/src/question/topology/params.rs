//! Parameters of `topology`.

use std::fmt;
use std::str::FromStr;

use model::fact::{AggregateBy, Direction, LabelFilter, TopologyQuery};
use model::kind::{EntityKind, RelationKind};
use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common, tidy_list};

/// Which part of the estate, at which instant, and how much of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TopologyParams {
    /// Instant asked about, RFC 3339 or a date; without it the state in force.
    pub as_of: Option<Micros>,
    /// Accepted so that one address serves every page; the topology is that of one instant, so it
    /// changes nothing.
    pub window: Option<Text<WindowParam>>,
    /// Account, subscription or project; any of the given ones.
    pub account: Vec<String>,
    /// Region; any of the given ones.
    pub region: Vec<String>,
    /// Cluster by uid or name; any of the given ones.
    pub cluster: Vec<String>,
    /// Namespace; any of the given ones.
    pub namespace: Vec<String>,
    /// Environment; any of the given ones.
    pub environment: Vec<String>,
    /// Owning unit, team or product by canonical id, with everything below it.
    pub unit: Vec<String>,
    /// Kind of entity; any of the given ones.
    pub kind: Vec<EntityKind>,
    /// Kind of relation; any of the given ones.
    pub relation: Vec<RelationKind>,
    /// Label or tag as NAME=VALUE; a value that ends with * matches any rest; all must hold.
    pub label: Vec<Text<LabelParam>>,
    /// Text in the name or id.
    pub text: Option<String>,
    /// Start from this entity: canonical id, alias or unique name; may be repeated.
    pub root: Vec<String>,
    /// Steps from the roots, 0 to 6 (default 2).
    pub depth: Option<u32>,
    /// Which way to walk from the roots (default both).
    pub direction: Option<Direction>,
    /// Give groups instead of entities; `none` lists entities also above the limit.
    pub aggregate_by: Option<Grouping>,
    /// Also give what differs from this earlier instant.
    pub compare_to: Option<Micros>,
    /// Whether entities and relations that ended, went stale or inactive are included (default no).
    pub ended: Option<bool>,
    /// Most entities or groups to give (default 1,000, at most 5,000).
    pub limit: Option<u32>,
    /// Go on after the last page, from its `next`.
    pub cursor: Option<String>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(TopologyParams, place);

/// What entities are grouped by, or that they are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word itself")]
pub enum Grouping {
    None,
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

impl Grouping {
    /// The store's word for it; `None` for entities one by one.
    pub fn aggregate_by(self) -> Option<AggregateBy> {
        match self {
            Self::None => None,
            Self::Account => Some(AggregateBy::Account),
            Self::Region => Some(AggregateBy::Region),
            Self::Zone => Some(AggregateBy::Zone),
            Self::Vpc => Some(AggregateBy::Vpc),
            Self::Cluster => Some(AggregateBy::Cluster),
            Self::Namespace => Some(AggregateBy::Namespace),
            Self::Application => Some(AggregateBy::Application),
            Self::Team => Some(AggregateBy::Team),
            Self::Kind => Some(AggregateBy::Kind),
        }
    }

    /// The parameter's word for it.
    pub fn of(by: AggregateBy) -> Self {
        match by {
            AggregateBy::Account => Self::Account,
            AggregateBy::Region => Self::Region,
            AggregateBy::Zone => Self::Zone,
            AggregateBy::Vpc => Self::Vpc,
            AggregateBy::Cluster => Self::Cluster,
            AggregateBy::Namespace => Self::Namespace,
            AggregateBy::Application => Self::Application,
            AggregateBy::Team => Self::Team,
            AggregateBy::Kind => Self::Kind,
        }
    }

    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Account => "account",
            Self::Region => "region",
            Self::Zone => "zone",
            Self::Vpc => "vpc",
            Self::Cluster => "cluster",
            Self::Namespace => "namespace",
            Self::Application => "application",
            Self::Team => "team",
            Self::Kind => "kind",
        }
    }
}

/// A label that must hold, as `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelParam(pub LabelFilter);

impl FromStr for LabelParam {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok(Self(LabelFilter {
                name: name.trim().to_owned(),
                value: value.trim().to_owned(),
            })),
            _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
        }
    }
}

impl fmt::Display for LabelParam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.0.name, self.0.value)
    }
}

/// Deepest walk.
const DEPTH_MAX: u32 = 6;

/// Most roots.
const ROOTS_MAX: usize = 100;
/// Relations that an answer lists, unless it is asked for more entities than that.
const RELATIONS_MAX: usize = 5_000;

impl TopologyParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 1_000, limit_max: 5_000, window: None };
        fill_common(self.common_mut(), defaults)?;
        tidy_list("root", &mut self.root)?;
        if self.root.len() > ROOTS_MAX {
            return Err(AskError::bad("root", format!("at most {ROOTS_MAX} roots are accepted")));
        }
        let depth = self.depth.unwrap_or(2);
        if depth > DEPTH_MAX {
            return Err(AskError::bad(
                "depth",
                format!("{depth} is not between 0 and {DEPTH_MAX}"),
            ));
        }
        if self.root.is_empty() && (self.depth.is_some() || self.direction.is_some()) {
            let field = if self.depth.is_some() { "depth" } else { "direction" };
            return Err(AskError::bad(field, "needs a root to walk from; give root=ID"));
        }
        if !self.root.is_empty() {
            self.depth = Some(depth);
            self.direction = Some(self.direction.unwrap_or_default());
        }
        if let (Some(before), Some(as_of)) = (self.compare_to, self.as_of)
            && before >= as_of
        {
            return Err(AskError::bad("compare_to", format!("{before} is not before {as_of}")));
        }
        self.kind.sort_unstable();
        self.kind.dedup();
        self.relation.sort_unstable();
        self.relation.dedup();
        self.label.sort();
        self.label.dedup();
        self.ended = Some(self.ended.unwrap_or(false));
        Ok(())
    }

    /// Whether the answer may group by itself when there are too many entities.
    pub(super) fn may_group(&self) -> bool {
        self.aggregate_by.is_none() && self.cursor.is_none()
    }

    /// The query that fetches the facts.
    pub(super) fn query(&self) -> TopologyQuery {
        TopologyQuery {
            place: self.place(),
            unit: self.unit.clone(),
            kinds: self.kind.clone(),
            relations: self.relation.clone(),
            labels: self.label.iter().map(|label| label.0.0.clone()).collect(),
            text: self.text.clone(),
            roots: self.root.clone(),
            depth: self.depth.unwrap_or(0),
            direction: self.direction.unwrap_or_default(),
            aggregate_by: self.aggregate_by.and_then(Grouping::aggregate_by),
            or_by: Vec::new(),
            groups_max: 0,
            limit: self.limit.unwrap_or(1) as usize,
            relations_max: Some(RELATIONS_MAX.max(self.limit.unwrap_or(1) as usize)),
            after: self.cursor.clone(),
            with_ended: self.ended.unwrap_or(false),
        }
    }
}
