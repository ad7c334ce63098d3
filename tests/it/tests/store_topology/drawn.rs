//! Writes of every kind, drawn at random, and everything that can be asked of a topology.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use libtest_mimic::Failed;
use model::entity::EntityId;
use model::error::StoreError;
use model::fact::TopologyQuery;
use model::input::Completeness;
use model::kind::{EntityKind, Evidence, Need, RelationKind};
use model::reference::{Claim, Reference};
use model::resolution::{
    EntityState, HeldRetirement, Lookup, Merge, ReferencePurpose, Retirement, StoredClaim,
    StoredReference, StoredRule, TopologyWrite,
};
use model::seam::{ReadContext, Topology};
use model::value::OwnershipRule;
use serde_json::json;

use super::{Draw, at, entity, everything, relation, version, write};
use crate::store_base::context;

/// Entities at most.
const ENTITIES: u64 = 9;
/// Sources.
const SOURCES: [&str; 2] = ["a", "b"];

/// Everything that can be asked, as text.
pub async fn answers(topology: &Arc<dyn Topology>) -> Result<Vec<String>, Failed> {
    let mut all = Vec::new();
    let ended = || TopologyQuery { with_ended: true, ..everything() };
    for day in [None, Some(0), Some(3), Some(7)] {
        let ctx = || ReadContext { as_of: day.map(at), ..context() };
        all.push(format!("{day:?} {:?}", topology.estate(&ctx()).await?));
        all.push(format!("{day:?} {:?}", topology.topology(&ctx(), ended()).await?));
        all.push(format!("{day:?} {:?}", topology.open_references(&ctx(), 100).await?));
        all.push(format!("{day:?} {:?}", topology.search(&ctx(), "id", 100).await?));
        for id in 1..=ENTITIES {
            let page = topology.entity(&ctx(), &format!("id{id}"), 100).await;
            all.push(match page {
                Err(StoreError::NotFound { what }) => format!("{day:?} no {what}"),
                page => format!("{day:?} {:?}", page?),
            });
        }
    }
    let lookup = Lookup {
        keys: (1..=ENTITIES).map(|id| format!("nick{id}").as_str().into()).collect(),
        retry: (1..=ENTITIES).map(|id| format!("key{id}").as_str().into()).collect(),
        records: (1..=ENTITIES).map(|id| (format!("id{id}").as_str().into(), "a".into())).collect(),
        prefixes: vec!["id".into()],
        at: Some(at(4)),
    };
    all.push(format!("{:?}", topology.known(lookup).await?));
    for source in SOURCES {
        all.push(format!("{:?}", topology.covered(source, &complete()).await?));
        all.push(format!("{:?}", topology.held(source, &complete()).await?));
    }
    all.push(format!("{:?} {:?}", topology.sequences().await?, topology.version().await?));
    Ok(all)
}

fn complete() -> Completeness {
    Completeness { kind: EntityKind::Service, class: String::new(), id_prefix: "id".into() }
}

/// Where the drawing stands.
pub struct Drawn {
    draw: Draw,
    /// First id that is free.
    next: u64,
    /// What was merged, and into what.
    merged: Vec<(u64, u64)>,
}

impl Drawn {
    /// What a seed draws.
    pub fn new(seed: u64) -> Self {
        Self { draw: Draw(seed), next: 1, merged: Vec::new() }
    }

    /// An entity that there is and that was not merged into another.
    fn some(&mut self) -> u64 {
        loop {
            let id = 1 + self.draw.below(self.next - 1);
            if self.merged.iter().all(|(from, _)| *from != id) {
                return id;
            }
        }
    }

    /// The next write, which has a number.
    pub fn write(&mut self, number: u64) -> TopologyWrite {
        let source = SOURCES[self.draw.below(2) as usize];
        let day = self.draw.below(9) as i64;
        let mut write = write(number, source, at(day));
        while self.next <= ENTITIES && (self.next < 4 || self.draw.below(2) == 0) {
            let kind = [EntityKind::Service, EntityKind::Pod][self.draw.below(2) as usize];
            let mut new = entity(self.next, &format!("id{}", self.next), kind);
            if self.draw.below(4) == 0 {
                new.state = EntityState::Implied;
            }
            write.entities.push(new);
            self.next += 1;
        }
        for _ in 0..self.draw.below(4) {
            self.version(&mut write, source, day);
        }
        for _ in 0..self.draw.below(4) {
            self.relation(&mut write, source, day);
        }
        self.rest(&mut write, source, day);
        write
    }

    fn version(&mut self, write: &mut TopologyWrite, source: &str, day: i64) {
        let id = self.some();
        if self.draw.below(3) == 0 {
            write.seen.push(EntityId(id));
            return;
        }
        let mut said = version(id, source, at(day), &format!("n{}", self.draw.below(3)));
        said.scope.namespace = Some(format!("ns{}", self.draw.below(2)));
        said.labels.insert("tier".into(), format!("t{}", self.draw.below(2)));
        said.properties.insert("size".into(), json!({"of": self.draw.below(3), "é": [1.5, null]}));
        said.is_implied = self.draw.below(5) == 0;
        if self.draw.below(6) == 0 {
            said.ended_at = Some(at(day + 1));
            said.incarnation = Some(format!("uid{}", self.draw.below(2)));
        }
        // Of what it says, as everywhere: two that differ never have one fingerprint.
        said.fingerprint = 0;
        let mut hasher = DefaultHasher::new();
        format!("{said:?}").hash(&mut hasher);
        said.fingerprint = hasher.finish();
        write.versions.push(said);
    }

    fn relation(&mut self, write: &mut TopologyWrite, source: &str, day: i64) {
        let (from, to) = (self.some(), self.some());
        let kind = [RelationKind::Calls, RelationKind::RunsOn, RelationKind::ImplementedBy]
            [self.draw.below(3) as usize];
        let mut row = relation(from, kind, to, source, day);
        match self.draw.below(4) {
            // A row of its own, which is seen again and again.
            0 | 1 => {
                row.stated_by = None;
                row.evidence = Evidence::Observed;
                row.need = [Need::Required, Need::Optional][self.draw.below(2) as usize];
                row.seen_at = at(day + self.draw.below(3) as i64);
            }
            2 => row.stated_by = Some(EntityId(self.some())),
            _ => row.group = "g".into(),
        }
        match self.draw.below(6) {
            0 => row.valid_to = Some(at(day + 1)),
            1 => row.valid_to = Some(row.valid_from),
            _ => {}
        }
        write.relations.push(row);
    }

    fn rest(&mut self, write: &mut TopologyWrite, source: &str, day: i64) {
        let id = self.some();
        match self.draw.below(7) {
            0 => write.claims.push(StoredClaim {
                claim: Claim::alias(format!("nick{id}").as_str(), format!("id{id}").as_str()),
                source: source.into(),
                stated_by: Some(EntityId(id)),
                observed_from: at(day),
                observed_to: (self.draw.below(3) == 0).then(|| at(day + 2)),
            }),
            1 => write.references.push(StoredReference {
                id,
                purpose: ReferencePurpose::Subject(EntityId(id)),
                reference: Reference::key("endpoint", format!("key{id}").as_str()),
                source: source.into(),
                observed_at: at(day),
                targets: if self.draw.below(2) == 0 { vec![EntityId(id)] } else { Vec::new() },
                from_targets: Vec::new(),
                via: vec![format!("key{id}").as_str().into()],
                is_conflict: false,
                rule: "r".into(),
                late: Vec::new(),
            }),
            2 => write.references_withdrawn.push(id),
            3 => write.retirements.push(Retirement {
                entity: EntityId(id),
                source: source.into(),
                at: at(day),
            }),
            4 => write.held.push(HeldRetirement {
                completeness: complete(),
                source: source.into(),
                at: at(day),
                entities: vec![EntityId(id)],
                left: 3,
            }),
            5 => write.ownership.push(StoredRule {
                rule: OwnershipRule {
                    terms: BTreeMap::from([("namespace".into(), "ns0".into())]),
                    owner: Some(format!("team{}", self.draw.below(2))),
                    application: None,
                    environment: None,
                    tier: None,
                    note: None,
                },
                source: source.into(),
                observed_at: at(day),
            }),
            _ => self.merge(write, id, day),
        }
    }

    /// Two become one; nothing else in the write may speak of the one that goes.
    fn merge(&mut self, write: &mut TopologyWrite, into: u64, day: i64) {
        let from = self.some();
        let is_free = write.relations.is_empty() && write.versions.is_empty();
        if from == into || !is_free || !write.seen.is_empty() {
            return;
        }
        self.merged.push((from, into));
        let (from, into) = (EntityId(from), EntityId(into));
        write.merges.push(Merge { from, into, evidence: "same".into(), observed_at: at(day) });
    }
}
