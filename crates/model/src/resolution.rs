//! What the store knows about names (asked by `intake`, read by `identity`), and what `identity`
//! decides (written by the stores). Ids are resolved here; everything before names things by keys.

mod by_source;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::entity::{EntityId, Properties};
use crate::kind::{EntityKind, Evidence, Need, NeedSource, RelationKind};
use crate::reference::{AliasKey, Claim, Reference};
use crate::scope::Scope;
use crate::time::Micros;
use crate::value::OwnershipRule;

pub use by_source::BySource;
pub use write::{
    EntityWrite, HeldRetirement, Merge, RelationWrite, Retirement, SubjectWrite, TelemetryWrite,
    TopologyWrite, VersionWrite, WriteOutcome,
};

/// Position in one journal; each store records the last it holds, by journal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sequence {
    /// Which journal (one per replica).
    pub journal: String,
    /// Number within it, rising from 1.
    pub number: u64,
}

/// What `intake` asks before it resolves a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookup {
    /// Keys that the batch names: followed through claims to the entities they lead to.
    pub keys: Vec<AliasKey>,
    /// Keys whose meaning the batch changes: the stored references that name them, directly or
    /// through claims (`StoredReference::via`), come back too, with what *their* keys lead to.
    pub retry: Vec<AliasKey>,
    /// Records (canonical id, source) of which the statements in force come back.
    pub records: Vec<(AliasKey, String)>,
    /// Prefixes of canonical ids: every entity below comes back.
    pub prefixes: Vec<String>,
    /// Instant of the observation: `KnownVersion::past` is about it.
    pub at: Option<Micros>,
}

/// What the store knows about the keys asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Every claim on a key reached, by key.
    pub claims: BTreeMap<AliasKey, Vec<StoredClaim>>,
    /// Every entity reached, by canonical id; redirects are followed, and a redirected canonical id
    /// is present with the entity it leads to now.
    pub entities: BTreeMap<AliasKey, KnownEntity>,
    /// Ids that became redirects to an entity known, with what they lead to.
    pub redirects: BTreeMap<EntityId, EntityId>,
    /// References to try again; what they lead to now is among the entities known.
    pub references: Vec<StoredReference>,
    /// Statements in force of the records asked for; what they lead to now is among the entities known.
    pub records: Vec<KnownRecord>,
    /// Every ownership rule in force, in order; they are few.
    pub ownership: Vec<StoredRule>,
    /// First internal id that is free.
    pub next_id: u64,
}

/// What one source's newest record of an entity states.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KnownRecord {
    /// Entity.
    pub entity: EntityId,
    /// Source.
    pub source: String,
    /// Claims in force that the record makes.
    pub claims: Vec<StoredClaim>,
    /// Rows in force that the record states by plain ids (`statement` 0).
    pub relations: Vec<RelationWrite>,
    /// Stored references that the record states.
    pub references: Vec<StoredReference>,
}

/// An ownership rule with the source that states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRule {
    /// The rule.
    pub rule: OwnershipRule,
    /// Source; a later table of the same source replaces the earlier.
    pub source: String,
    /// Instant of the observation.
    pub observed_at: Micros,
}

/// A claim with who makes it. Key: (claim, source, stated_by); written again with `observed_to` it is
/// withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StoredClaim {
    /// The claim.
    pub claim: Claim,
    /// Source.
    pub source: String,
    /// Entity whose record makes it; `None` for a claim of its own.
    pub stated_by: Option<EntityId>,
    /// Instant of the observation that first made it.
    pub observed_from: Micros,
    /// Instant of the first observation without it; `None` while it holds.
    pub observed_to: Option<Micros>,
}

/// How far an entity exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EntityState {
    /// Named by others, never seen: counted as an open reference, in no answer.
    Named,
    /// Implied by a record, touched by no relation yet: in no answer.
    Implied,
    /// In answers.
    Present,
}

/// An entity as the store holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownEntity {
    /// Internal id.
    pub id: EntityId,
    /// Canonical id in force.
    pub canonical: AliasKey,
    /// Kind.
    pub kind: EntityKind,
    /// State.
    pub state: EntityState,
    /// What each source last said, by source.
    pub sources: BySource,
    /// For services: the workloads that implement it, for merging; else empty. They are among the
    /// entities known.
    pub implemented_by: Vec<EntityId>,
    /// For workloads and the like: the services that they implement; else empty. They are among the
    /// entities known.
    pub implements: Vec<EntityId>,
    /// How many rows in force other than `implemented_by` touch it. Exact while every version is implied or there is none; elsewhere 0 will do.
    pub relation_count: u64,
}

/// The newest version of an entity by one source: of those without `observed_to` the one with the
/// greatest (not `is_implied`, `observed_at`, `fingerprint`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownVersion {
    /// Observation time of the newest version.
    pub observed_at: Micros,
    /// Newest observation that said the same.
    pub seen_at: Micros,
    /// Fingerprint of everything tracked: kind, name, scope, labels, properties, relations, claims.
    pub fingerprint: u64,
    /// When the source's newest complete export first lacked it.
    pub retired_at: Option<Micros>,
    /// Whether there is another version of the same instant with another fingerprint.
    pub is_mixed: bool,
    /// When the newest version is later than `Lookup::at`: what there is around that instant.
    pub past: Option<KnownPast>,
    /// Whether the version is of an implied record (`VersionWrite::is_implied`).
    pub is_implied: bool,
    /// Name in that version.
    pub name: String,
    /// Place in that version, which many share.
    pub scope: Arc<Scope>,
    /// Owner that the ownership rules gave (`VersionWrite::owner`).
    pub owner: Option<String>,
    /// Application that the ownership rules gave (`VersionWrite::application`).
    pub application: Option<String>,
}

/// Versions of one entity by one source around an instant of the past.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownPast {
    /// Newest instant at or before it that has a version.
    pub observed_at: Option<Micros>,
    /// Fingerprints of the versions of that instant, in order.
    pub fingerprints: Vec<u64>,
    /// First instant after it that has a version.
    pub next_at: Option<Micros>,
}

/// A reference that is kept because what it leads to can change: every one that is not a plain
/// canonical id. Key: `id`; written again it replaces the former.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReference {
    /// Hash of owner, purpose and reference (XXH3-64).
    pub id: u64,
    /// What it is for.
    pub purpose: ReferencePurpose,
    /// The reference.
    pub reference: Reference,
    /// Source.
    pub source: String,
    /// Instant of the observation that states it.
    pub observed_at: Micros,
    /// What it leads to now; empty when open. The several it could be when `is_conflict`. Ids that
    /// became redirects come back as what they lead to.
    pub targets: Vec<EntityId>,
    /// For relations: what the near end leads to now.
    pub from_targets: Vec<EntityId>,
    /// Every key tried on the way, its own and those of claims, in order: a look-up with `retry`
    /// finds the reference by any of them.
    pub via: Vec<AliasKey>,
    /// Several of equal rank: joined to none of them.
    pub is_conflict: bool,
    /// Rule that joined, of the winning candidate.
    pub rule: String,
    /// Rows that began after the statement, when a newer record changed where it leads: near end, far end
    /// and the instant. Their ends are to name that instant.
    #[serde(default)]
    pub late: Vec<(EntityId, EntityId, Micros)>,
}

/// What a stored reference is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReferencePurpose {
    /// An end of a relation whose other end is known or is a reference of its own.
    Relation(Box<RelationTemplate>),
    /// The subject of telemetry rows: a stand-in entity carries the rows and is redirected.
    Subject(EntityId),
}

/// A relation whose ends are given by references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationTemplate {
    /// Near end.
    pub from: Reference,
    /// Kind.
    pub kind: RelationKind,
    /// Far end.
    pub to: Reference,
    /// Declared or observed.
    pub evidence: Evidence,
    /// Need.
    pub need: Need,
    /// Source of the need.
    pub need_source: NeedSource,
    /// Group.
    pub group: String,
    /// Members that must be left.
    pub min_alive: u32,
    /// Properties.
    pub properties: Properties,
    /// Entity whose record states it.
    pub stated_by: Option<EntityId>,
    /// Start, if the source says so.
    pub started_at: Option<Micros>,
}
