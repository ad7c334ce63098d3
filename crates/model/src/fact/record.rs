//! Facts that are kept as one row a key: incidents, changes, findings, values, budgets, statements.

use serde::de::DeserializeOwned;

use crate::entity::EntityId;
use crate::error::StoreError;
use crate::kind::EntityKind;
use crate::scope::Scope;
use crate::stated::StatedKind;
use crate::time::{Micros, Window};

/// Which records.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecordQuery {
    /// What they are.
    pub record: RecordKind,
    /// Those that touch this window: an incident without an end lasts on, a record without an instant is
    /// always in. `None`: all.
    pub window: Option<Window>,
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// A period of harm.
    Incident,
    /// Something that was altered.
    Change,
    /// A security observation.
    Finding,
    /// What the business got.
    Value,
    /// What a unit may spend.
    Budget,
    /// A statement.
    Stated(StatedKind),
}

impl RecordKind {
    /// Its name, as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Change => "change",
            Self::Finding => "finding",
            Self::Value => "value",
            Self::Budget => "budget",
            Self::Stated(kind) => kind.as_str(),
        }
    }
}

/// One record, with whom it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordFact<T> {
    /// Tells records of one kind apart.
    pub key: String,
    /// Source that said it last.
    pub source: String,
    /// When it was observed last.
    pub observed_at: Micros,
    /// Whom it is of, in the order stated; what resolves to nothing yet has kind `unknown`.
    pub subjects: Vec<SubjectFact>,
    /// What was observed.
    pub body: T,
}

impl RecordFact<String> {
    /// The same with its body read.
    ///
    /// # Errors
    /// `StoreError::Internal` when the body is of another type.
    pub fn typed<T: DeserializeOwned>(self) -> Result<RecordFact<T>, StoreError> {
        let Self { key, source, observed_at, subjects, body } = self;
        let body = serde_json::from_str(&body).map_err(|error| StoreError::Internal {
            operation: format!("read the record `{key}`"),
            reason: error.to_string(),
        })?;
        Ok(RecordFact { key, source, observed_at, subjects, body })
    }
}

/// Whom a record is of.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectFact {
    /// Entity (after redirects).
    pub entity: EntityId,
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Place.
    pub scope: Scope,
    /// Canonical id of the owner, if any.
    pub owner: Option<String>,
    /// Canonical id of the application, if any.
    pub application: Option<String>,
}
