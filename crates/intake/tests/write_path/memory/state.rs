//! What the oracle store holds, and its state in canonical ids, for comparison.

use std::collections::{BTreeMap, BTreeSet};

use model::input::IntakeEntry;
use model::kind::Evidence;
use model::reference::Claim;
use model::resolution::{
    EntityState, HeldRetirement, ReferencePurpose, RelationWrite, StoredClaim, StoredReference,
    StoredRule, SubjectWrite, VersionWrite,
};
use model::series::Bin;
use model::span::{SpanKind, SpanObservation};
use model::{AliasKey, EntityId, EntityKind, Micros, Reject, RelationKind};

#[derive(Clone)]
pub struct Entity {
    pub canonical: AliasKey,
    pub kind: EntityKind,
    pub state: EntityState,
    pub redirect: Option<EntityId>,
}

pub type RowKey =
    (EntityId, RelationKind, EntityId, Evidence, String, Option<EntityId>, u64, Option<Micros>);
pub type EdgeKey = (EntityId, EntityId, String, Micros, bool);

#[derive(Default, Clone)]
pub struct State {
    pub entities: BTreeMap<EntityId, Entity>,
    pub versions: BTreeMap<(EntityId, String), Vec<VersionWrite>>,
    pub seen: BTreeMap<(EntityId, String), Micros>,
    pub retired: BTreeMap<(EntityId, String), Micros>,
    pub claims: BTreeMap<(Claim, String, Option<EntityId>), StoredClaim>,
    pub rows: BTreeMap<RowKey, RelationWrite>,
    pub references: BTreeMap<u64, StoredReference>,
    pub held: Vec<HeldRetirement>,
    pub ownership: Vec<StoredRule>,
    pub sequences: BTreeMap<(bool, String), u64>,
    pub subjects: BTreeMap<EntityId, SubjectWrite>,
    pub spans: BTreeMap<([u8; 16], [u8; 8], SpanKind), SpanObservation>,
    pub edges: BTreeMap<EdgeKey, (i64, i64, BTreeMap<Bin, i64>)>,
    pub samples: BTreeMap<(EntityId, String, Micros), u64>,
    pub charges: u64,
    /// The machine dies once the stores hold these sequences.
    pub stop_after: Option<(u64, u64)>,
    pub ledger: BTreeMap<u64, (IntakeEntry, Vec<Reject>)>,
}

impl State {
    pub fn root(&self, mut id: EntityId) -> EntityId {
        while let Some(next) = self.entities.get(&id).and_then(|one| one.redirect) {
            id = next;
        }
        id
    }

    pub fn name(&self, id: EntityId) -> String {
        let root = self.root(id);
        self.entities.get(&root).map_or("?".to_owned(), |one| one.canonical.to_string())
    }

    /// The newest version of an entity by a source.
    pub fn newest(&self, id: EntityId, source: &str) -> Option<&VersionWrite> {
        let rank = |one: &&VersionWrite| (!one.is_implied, one.observed_at, one.fingerprint);
        let versions = self.versions.get(&(id, source.to_owned()))?;
        versions.iter().filter(|one| one.observed_to.is_none()).max_by_key(rank)
    }

    /// Everything in force, by canonical ids, in order.
    pub fn canonical(&self) -> Vec<String> {
        let mut lines = BTreeSet::new();
        for (id, entity) in &self.entities {
            let is_stand_in = entity.canonical.as_str().starts_with("ref://");
            match entity.redirect {
                _ if is_stand_in => {}
                Some(_) => drop(lines.insert(format!("{} → {}", entity.canonical, self.name(*id)))),
                None => {
                    let what = format!("{} {:?} {}", entity.canonical, entity.state, entity.kind);
                    lines.insert(what);
                }
            }
        }
        for (id, source) in self.versions.keys() {
            if let Some(version) = self.newest(*id, source) {
                let retired = self.retired.get(&(*id, source.clone()));
                lines.insert(format!(
                    "{} by {source}: {} {:?} retired {retired:?}",
                    self.name(*id),
                    version.name,
                    version.properties
                ));
            }
        }
        for row in self.rows.values().filter(|row| row.valid_to.is_none()) {
            lines.insert(format!(
                "{} {} {} {} by {} rule {}",
                self.name(row.from),
                row.kind,
                self.name(row.to),
                row.evidence,
                row.source,
                row.rule
            ));
        }
        for claim in self.claims.values().filter(|claim| claim.observed_to.is_none()) {
            // A redirected id leads to what it became.
            let end = |to: &AliasKey| match self.entities.iter().find(|(_, e)| e.canonical == *to) {
                Some((id, _)) => self.name(*id),
                None => to.to_string(),
            };
            let to: Vec<String> = claim.claim.to.iter().map(end).collect();
            lines.insert(format!("claim {} {to:?} by {}", claim.claim.key, claim.source));
        }
        for stored in self.references.values() {
            let to: BTreeSet<String> = stored.targets.iter().map(|id| self.name(*id)).collect();
            let from: BTreeSet<String> =
                stored.from_targets.iter().map(|id| self.name(*id)).collect();
            let purpose = match &stored.purpose {
                ReferencePurpose::Relation(template) => template.kind.as_str(),
                ReferencePurpose::Subject(_) => "subject",
            };
            let (label, is_conflict) = (stored.reference.label(), stored.is_conflict);
            lines.insert(format!("{purpose} {label}: {from:?} {to:?} conflict {is_conflict}"));
        }
        self.canonical_telemetry(&mut lines);
        lines.into_iter().collect()
    }

    fn canonical_telemetry(&self, lines: &mut BTreeSet<String>) {
        let subject = |id: EntityId| {
            let entity = &self.entities[&id].canonical;
            let stands_for = self.subjects.get(&id).map(|one| self.name(one.entity));
            format!("{entity} = {stands_for:?}")
        };
        for ((id, metric, at), value) in &self.samples {
            lines.insert(format!("{} {metric} {at} {value}", subject(*id)));
        }
        for ((client, server, operation, at, _), counts) in &self.edges {
            if counts.0 != 0 {
                let (client, server) = (subject(*client), subject(*server));
                lines.insert(format!("{client} called {server} {operation} {at} {counts:?}"));
            }
        }
        for span in self.spans.values() {
            lines.insert(format!("{span:?}"));
        }
    }
}
