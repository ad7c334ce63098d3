//! What the store knows about names (asked by `intake`, read by `identity`), and what `identity`
//! decides (written by the stores). Ids are resolved here; everything before names things by keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::charge::{ChargeObservation, DeliveryObservation};
use crate::entity::{EntityId, Labels, Properties};
use crate::event::{ChangeObservation, IncidentObservation};
use crate::finding::FindingObservation;
use crate::input::{Completeness, InputRecord};
use crate::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use crate::reference::{AliasKey, Claim, Reference};
use crate::scope::Scope;
use crate::series::SeriesObservation;
use crate::span::{EdgeMinute, LogCount, SpanObservation};
use crate::time::Micros;
use crate::value::{BudgetObservation, OwnershipRule, ValueObservation};

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
    /// Statements in force of the records asked for.
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
    pub sources: BTreeMap<String, KnownVersion>,
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
    /// Place in that version.
    pub scope: Scope,
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

/// Everything one batch changes in the topology, in one transaction.
/// The store adds the entities, then merges, then does the rest: ids in the rest are those after the
/// merges.
#[derive(Debug, Clone, PartialEq)]
pub struct TopologyWrite {
    /// Position in the journal; a sequence that the store holds already changes nothing.
    pub sequence: Sequence,
    /// The input.
    pub input: InputRecord,
    /// Entities that are new or whose canonical id, kind or state changes.
    pub entities: Vec<EntityWrite>,
    /// New versions.
    pub versions: Vec<VersionWrite>,
    /// Entities whose record said nothing new: the run's set of seen entities grows by them.
    pub seen: Vec<EntityId>,
    /// Claims made and withdrawn.
    pub claims: Vec<StoredClaim>,
    /// Relations made, changed, seen again or ended; key (from, kind, to, evidence, source, stated_by,
    /// statement). See [`RelationWrite`].
    pub relations: Vec<RelationWrite>,
    /// Stored references, new or with another outcome.
    pub references: Vec<StoredReference>,
    /// Stored references that no record states any more, by id.
    pub references_withdrawn: Vec<u64>,
    /// Two that turned out to be one.
    pub merges: Vec<Merge>,
    /// What a complete input retires.
    pub retirements: Vec<Retirement>,
    /// What it would retire, were it not too much: kept until confirmed.
    pub held: Vec<HeldRetirement>,
    /// Ownership rules stated by the input: they replace those of the same source that were observed
    /// earlier.
    pub ownership: Vec<StoredRule>,
}

/// An entity's row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntityWrite {
    /// Internal id.
    pub id: EntityId,
    /// Canonical id.
    pub canonical: AliasKey,
    /// Kind.
    pub kind: EntityKind,
    /// State.
    pub state: EntityState,
}

/// What one source says about an entity from one instant on. Key: (entity, source, observed_at,
/// fingerprint); written again it changes nothing. Of several of one instant the one with the greatest
/// fingerprint describes the entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionWrite {
    /// Entity.
    pub entity: EntityId,
    /// Source.
    pub source: String,
    /// Observation time; a version older than the newest fills the past and changes nothing newer.
    pub observed_at: Micros,
    /// Fingerprint.
    pub fingerprint: u64,
    /// Name.
    pub name: String,
    /// Place.
    pub scope: Scope,
    /// Labels.
    pub labels: Labels,
    /// Properties.
    pub properties: Properties,
    /// Creation, if the source says so: the entity exists from then on.
    pub created_at: Option<Micros>,
    /// End, if the source says so.
    pub ended_at: Option<Micros>,
    /// Tells two lives under one name apart; another one opens a new period of validity.
    pub incarnation: Option<String>,
    /// For a version that fills the past: the next observation, which said something else; the
    /// version says nothing from then on. `None` for the newest.
    pub observed_to: Option<Micros>,
    /// Whether the record was only implied by another one: where an observed record of any source says
    /// something, that goes before.
    pub is_implied: bool,
    /// Canonical id of the owner by the ownership rules, if any.
    pub owner: Option<String>,
    /// Canonical id of the application by the ownership rules, if any.
    pub application: Option<String>,
}

/// A relation's row.
///
/// A row that a record states (`stated_by`) is one period: key and `valid_from` tell it; written
/// again with `valid_to` it ends, and with `valid_to` equal to `valid_from` it is taken back, as if it
/// had never been. A row of its own (no `stated_by`) is one row a key: `valid_from` is the least,
/// `seen_at` the greatest that was written, the rest is of the greatest `seen_at`; `valid_to` equal to
/// `valid_from` takes it back too. A write that changes nothing but `seen_at` is no change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelationWrite {
    /// Near end.
    pub from: EntityId,
    /// Kind.
    pub kind: RelationKind,
    /// Far end.
    pub to: EntityId,
    /// Declared or observed.
    pub evidence: Evidence,
    /// Source.
    pub source: String,
    /// Entity whose record states it.
    pub stated_by: Option<EntityId>,
    /// Stored reference that gave the row; 0 when both ends are plain ids. Part of the key.
    pub statement: u64,
    /// Need.
    pub need: Need,
    /// Source of the need.
    pub need_source: NeedSource,
    /// Group.
    pub group: String,
    /// Members that must be left; 0 for the kind's default.
    pub min_alive: u32,
    /// Rule that joined the far end; empty for a plain id.
    pub rule: String,
    /// How far the join is trusted.
    pub confidence: Confidence,
    /// Properties.
    pub properties: Properties,
    /// Start of this row: the source's own start, else the observation.
    pub valid_from: Micros,
    /// End of this row; `None` while it holds.
    pub valid_to: Option<Micros>,
    /// Newest instant at which it was seen.
    pub seen_at: Micros,
}

/// Two entities that are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// Becomes a redirect; its aliases, versions and relations go to `into`.
    pub from: EntityId,
    /// Stays.
    pub into: EntityId,
    /// Why, for people.
    pub evidence: String,
    /// When it was learned.
    pub observed_at: Micros,
}

/// The end of an entity for one source; it ends in the estate when no other source still reports it.
/// Rows that its record states end at `at`, its claims stay (telemetry of its life still finds it).
/// Where the source observed the entity at `at` or later, it says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retirement {
    /// Entity.
    pub entity: EntityId,
    /// Source.
    pub source: String,
    /// First complete export without it.
    pub at: Micros,
}

/// Retirements that are held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRetirement {
    /// What the input said to list in full.
    pub completeness: Completeness,
    /// Source.
    pub source: String,
    /// The export.
    pub at: Micros,
    /// Entities that it lacked.
    pub entities: Vec<EntityId>,
    /// How many it would have left.
    pub left: u64,
}

/// Everything one batch adds to the telemetry, in one transaction. Ids are of subjects.
#[derive(Debug, Clone, PartialEq)]
pub struct TelemetryWrite {
    /// Position in the journal; a sequence that the store holds already changes nothing.
    pub sequence: Sequence,
    /// The input.
    pub input: InputRecord,
    /// Subjects that are new or changed.
    pub subjects: Vec<SubjectWrite>,
    /// Series and values with their subject.
    pub series: Vec<(EntityId, SeriesObservation)>,
    /// Spans with their service.
    pub spans: Vec<(EntityId, SpanObservation)>,
    /// Minutes of calls that another tool counted, with caller and callee: they are set; key (client,
    /// server, operation, minute, source).
    pub edges: Vec<(EntityId, EntityId, EdgeMinute)>,
    /// Minutes of calls paired from spans: counts are added to the minute's.
    pub edges_paired: Vec<(EntityId, EntityId, EdgeMinute)>,
    /// What the spans that were held before gave for the same traces: counts are taken off.
    pub edges_unpaired: Vec<(EntityId, EntityId, EdgeMinute)>,
    /// Log counts with their service.
    pub logs: Vec<(EntityId, LogCount)>,
    /// The delivery of the charges.
    pub delivery: Option<DeliveryObservation>,
    /// Charges with their resource.
    pub charges: Vec<(Option<EntityId>, ChargeObservation)>,
    /// Incidents with what they harmed.
    pub incidents: Vec<(Vec<EntityId>, IncidentObservation)>,
    /// Changes with what they altered.
    pub changes: Vec<(Vec<EntityId>, ChangeObservation)>,
    /// Findings with their target, then what else they touch.
    pub findings: Vec<(Vec<EntityId>, FindingObservation)>,
    /// Values with what they are of.
    pub values: Vec<(EntityId, ValueObservation)>,
    /// Budgets with their unit.
    pub budgets: Vec<(EntityId, BudgetObservation)>,
    /// Rows of ownership tables.
    pub ownership: Vec<OwnershipRule>,
    /// Whether the input ends here: a delivery is complete.
    pub is_last: bool,
}

/// A subject's row in the telemetry store: what grouping, scope and top-N need.
/// A row that is redirected holds what `entity` was then: read these columns from the row of `entity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectWrite {
    /// The id that rows carry.
    pub id: EntityId,
    /// The entity it stands for now; itself unless redirected.
    pub entity: EntityId,
    /// Canonical id of that entity.
    pub canonical: AliasKey,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Place.
    pub scope: Scope,
    /// Canonical id of the owning unit, if any.
    pub owner: Option<String>,
    /// Canonical id of the application, if any.
    pub application: Option<String>,
}

/// What a store did with a write, by what it is; orders by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteOutcome {
    /// New rows.
    pub added: BTreeMap<String, u64>,
    /// Rows that changed.
    pub changed: BTreeMap<String, u64>,
    /// Rows that ended.
    pub retired: BTreeMap<String, u64>,
    /// Rows that are held.
    pub held: BTreeMap<String, u64>,
    /// Rows that came too late for their bucket, by what they are.
    pub too_late: BTreeMap<String, u64>,
    /// Whether the sequence was known and nothing was done.
    pub is_known: bool,
}
