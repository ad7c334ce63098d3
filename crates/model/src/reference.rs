//! Names by which things are known, and references to things by such names.
//!
//! A **key** is any string that names something: a canonical id, `uid:…`, `endpoint:…`. A **claim**
//! says that a key leads to what other keys lead to. A **reference** is an ordered list of candidates;
//! the first that leads to exactly one thing of the wanted kinds wins. Canonical ids are keys that
//! lead to themselves. Resolution is a pure function of all claims, so the order in which inputs
//! arrive does not matter: whatever touches a key tries the references that name it again.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kind::{Confidence, EntityKind};

/// A name of something, with its scheme: `arn:aws:…`, `k8s://…`, `service://…`, `uid:…`,
/// `endpoint:{cluster}/{namespace}/{host}:{port}`. Case-sensitive; built only by the functions of
/// `ingest::key`, so that two formats build the same key for the same name.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct AliasKey(pub Arc<str>);

impl AliasKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: AsRef<str>> From<T> for AliasKey {
    fn from(text: T) -> Self {
        Self(Arc::from(text.as_ref()))
    }
}

impl fmt::Display for AliasKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// "This key leads to whatever all of `to` lead to." One element of `to` is a plain alias; several
/// are a conjunction (a selector: what carries all of these labels).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Claim {
    /// The name.
    pub key: AliasKey,
    /// What it leads to; never empty.
    pub to: Vec<AliasKey>,
    /// How far it is trusted. Two claims of different confidence: the higher wins; of equal
    /// confidence with different targets: a conflict, listed, joined to neither.
    pub confidence: Confidence,
}

impl Claim {
    /// A plain alias, certain.
    pub fn alias(key: impl Into<AliasKey>, to: impl Into<AliasKey>) -> Self {
        Self { key: key.into(), to: vec![to.into()], confidence: Confidence::Certain }
    }
}

/// One way to find what a reference means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Candidate {
    /// All of these must lead to the same thing.
    pub all: Vec<AliasKey>,
    /// The rule, for the reader of the answer: `k8s.pod.uid`, `selector`, `endpoint`.
    pub rule: Arc<str>,
    /// How far a join by this rule is trusted.
    pub confidence: Confidence,
}

/// How many things a reference may lead to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum Cardinality {
    /// One; several of equal rank are a conflict.
    #[default]
    One,
    /// Every one (a selector's workloads, a target group's instances).
    Many,
}

/// What a record says about something else, by the names it knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// Tried in order; the first that leads anywhere wins.
    pub candidates: Vec<Candidate>,
    /// Kinds it may lead to; empty for any.
    pub kinds: Vec<EntityKind>,
    /// One or many.
    pub cardinality: Cardinality,
    /// Kind of the entity to make when nothing answers and the name is a public address or DNS name
    /// (`external_endpoint`); `None` leaves the reference open.
    pub otherwise: Option<EntityKind>,
}

impl Reference {
    /// By a canonical id, which leads to itself whether or not it was seen yet.
    pub fn id(id: impl Into<AliasKey>) -> Self {
        Self::key("id", id)
    }

    /// By one key.
    pub fn key(rule: &str, key: impl Into<AliasKey>) -> Self {
        Self::keys(rule, vec![key.into()])
    }

    /// By a conjunction of keys.
    pub fn keys(rule: &str, all: Vec<AliasKey>) -> Self {
        let candidate = Candidate { all, rule: rule.into(), confidence: Confidence::Certain };
        Self {
            candidates: vec![candidate],
            kinds: Vec::new(),
            cardinality: Cardinality::One,
            otherwise: None,
        }
    }

    /// The canonical id, when it is no more than that.
    pub fn as_id(&self) -> Option<&AliasKey> {
        match self.candidates.as_slice() {
            [Candidate { all, rule, .. }] if &**rule == "id" && all.len() == 1 => all.first(),
            _ => None,
        }
    }

    /// The same, leading to every match.
    #[must_use]
    pub fn many(mut self) -> Self {
        self.cardinality = Cardinality::Many;
        self
    }

    /// The same, leading only to these kinds.
    #[must_use]
    pub fn of_kinds(mut self, kinds: &[EntityKind]) -> Self {
        self.kinds = kinds.to_vec();
        self
    }

    /// The same, with one more candidate, of lower rank than those before.
    #[must_use]
    pub fn or(mut self, rule: &str, key: impl Into<AliasKey>, confidence: Confidence) -> Self {
        self.candidates.push(Candidate { all: vec![key.into()], rule: rule.into(), confidence });
        self
    }

    /// A short text for people: the first candidate's keys.
    pub fn label(&self) -> String {
        let first = self.candidates.first().map(|candidate| candidate.all.as_slice());
        first.unwrap_or_default().iter().map(AliasKey::as_str).collect::<Vec<_>>().join(" + ")
    }
}
