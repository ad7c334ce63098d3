//! Facts of the questions about the whole graph: every entity and relation in force at an instant,
//! with relations between places in the list of entities instead of names.

use super::EntityFact;
use crate::entity::Properties;
use crate::kind::{Confidence, Evidence, Need, NeedSource, RelationKind};
use crate::seam::Version;
use crate::time::Micros;

/// The estate at an instant. What has ended, and observed relations that are no longer active, are
/// left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EstateFacts {
    /// The version read.
    pub version: Version,
    /// Earliest observation in the store, for `before_first_observation`.
    pub first_observation: Option<Micros>,
    /// Entities in order of (kind, canonical id); an entity's ordinal is its place here.
    pub entities: Vec<EntityFact>,
    /// Ordinals that the viewer may not see, in order. Answers over the whole count them and say no
    /// more than their kind.
    pub outside: Vec<u32>,
    /// Relations in order of (from, kind, to), one for each such triple.
    pub relations: Vec<EstateRelation>,
}

/// One relation; rows of several sources are one.
#[derive(Debug, Clone, PartialEq)]
pub struct EstateRelation {
    /// Ordinal of the near end.
    pub from: u32,
    /// Ordinal of the far end.
    pub to: u32,
    /// Kind.
    pub kind: RelationKind,
    /// Every evidence there is, in order.
    pub evidence: Vec<Evidence>,
    /// Need.
    pub need: Need,
    /// Source of the need.
    pub need_source: NeedSource,
    /// Group of an all-of or any-of dependency when the kind does not say it; empty for the kind's
    /// own grouping.
    pub group: String,
    /// Members of the group that must be left; 0 for the kind's default.
    pub min_alive: u32,
    /// Rule that joined it, if not a plain id.
    pub rule: Option<String>,
    /// How far the join is trusted.
    pub confidence: Confidence,
    /// Sources, in order of name.
    pub sources: Vec<String>,
    /// Properties (port, variable, …), of the first source.
    pub properties: Properties,
    /// Start.
    pub valid_from: Option<Micros>,
    /// Newest instant at which it was seen.
    pub last_seen: Option<Micros>,
}

impl EstateRelation {
    /// A relation about which nothing more is known.
    pub fn new(from: u32, kind: RelationKind, to: u32) -> Self {
        Self {
            from,
            to,
            kind,
            evidence: Vec::new(),
            need: Need::Unknown,
            need_source: NeedSource::Unknown,
            group: String::new(),
            min_alive: 0,
            rule: None,
            confidence: Confidence::Certain,
            sources: Vec::new(),
            properties: Properties::new(),
            valid_from: None,
            last_seen: None,
        }
    }

    /// Whether a configuration states it.
    pub fn is_declared(&self) -> bool {
        self.evidence.contains(&Evidence::Declared)
    }

    /// Whether traffic was seen.
    pub fn is_observed(&self) -> bool {
        self.evidence.contains(&Evidence::Observed)
    }
}
