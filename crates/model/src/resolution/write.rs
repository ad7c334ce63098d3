//! What `identity` decides, as the stores write it: one batch's changes in topology and telemetry.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{EntityState, Sequence, StoredClaim, StoredReference, StoredRule};
use crate::charge::{ChargeObservation, DeliveryObservation};
use crate::entity::{EntityId, Labels, Properties};
use crate::event::{ChangeObservation, IncidentObservation};
use crate::finding::FindingObservation;
use crate::input::{Completeness, InputRecord};
use crate::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use crate::reference::AliasKey;
use crate::scope::Scope;
use crate::series::SeriesObservation;
use crate::span::{EdgeMinute, LogCount, SpanObservation};
use crate::stated::StatedObservation;
use crate::time::Micros;
use crate::value::{BudgetObservation, OwnershipRule, ValueObservation};

/// Everything one batch changes in the topology, in one transaction.
/// The store adds the entities, then merges, then does the rest: ids in the rest are those after the
/// merges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

impl TopologyWrite {
    /// One that changes nothing.
    pub fn empty(sequence: Sequence, input: InputRecord) -> Self {
        Self {
            sequence,
            input,
            entities: Vec::new(),
            versions: Vec::new(),
            seen: Vec::new(),
            claims: Vec::new(),
            relations: Vec::new(),
            references: Vec::new(),
            references_withdrawn: Vec::new(),
            merges: Vec::new(),
            retirements: Vec::new(),
            held: Vec::new(),
            ownership: Vec::new(),
        }
    }
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
    /// Statements with what they are about.
    pub stated: Vec<(Vec<EntityId>, StatedObservation)>,
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
