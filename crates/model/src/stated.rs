//! What files state besides entities, events and money: scans, lists of weaknesses, exclusions,
//! objectives, allocation rules. They share one way through identity, the journal and the store; what
//! a statement says is a type of its own, as JSON.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::reference::Reference;
use crate::seam::DataKind;
use crate::time::Micros;

/// One statement. Key: (source, kind, key); of two versions the later observed wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatedObservation {
    /// What it is.
    pub kind: StatedKind,
    /// Tells statements of one kind and source apart.
    pub key: String,
    /// Title for people.
    pub title: String,
    /// Instant it is about or holds from.
    pub from: Option<Micros>,
    /// End, not included; `None` while it holds.
    pub to: Option<Micros>,
    /// What it is about, in order.
    pub subjects: Vec<Reference>,
    /// What it says: JSON of the kind's own type.
    pub body: String,
}

impl StatedObservation {
    /// A statement without instants and subjects.
    ///
    /// # Errors
    /// When `body` is nothing that JSON can hold (a map with keys that are no text).
    pub fn new(
        kind: StatedKind,
        key: impl Into<String>,
        body: &impl Serialize,
    ) -> serde_json::Result<Self> {
        let (key, body) = (key.into(), serde_json::to_string(body)?);
        Ok(Self { kind, title: key.clone(), key, from: None, to: None, subjects: Vec::new(), body })
    }

    /// What it says.
    ///
    /// # Errors
    /// When the body is not of that type.
    pub fn says<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.body)
    }
}

/// Kinds of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatedKind {
    /// A scan of one target by one scanner, with the keys of what it found; also when it found nothing.
    Scan,
    /// A list of weaknesses known to be exploited.
    KnownExploited,
    /// How likely weaknesses are exploited.
    ExploitLikelihood,
    /// A weakness that somebody says does not apply (VEX).
    Exclusion,
    /// A service level objective.
    Objective,
    /// How shared charges are split.
    AllocationRule,
    /// What somebody takes for granted about value (what a minute is worth).
    Assumption,
}

impl StatedKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Scan,
        Self::KnownExploited,
        Self::ExploitLikelihood,
        Self::Exclusion,
        Self::Objective,
        Self::AllocationRule,
        Self::Assumption,
    ];

    /// Its name, as stored and counted.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::KnownExploited => "known_exploited",
            Self::ExploitLikelihood => "exploit_likelihood",
            Self::Exclusion => "exclusion",
            Self::Objective => "objective",
            Self::AllocationRule => "allocation_rule",
            Self::Assumption => "assumption",
        }
    }

    /// The kind of data whose version it moves.
    pub fn data(self) -> DataKind {
        match self {
            Self::Scan | Self::KnownExploited | Self::ExploitLikelihood | Self::Exclusion => {
                DataKind::Findings
            }
            Self::Objective | Self::AllocationRule | Self::Assumption => DataKind::Values,
        }
    }
}
