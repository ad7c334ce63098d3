//! References against the plain maps that they stand for.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::{EntityId, Properties};
use model::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use model::reference::{AliasKey, Cardinality, Reference};
use model::resolution::{EntityState, EntityWrite, Merge, RelationTemplate};
use model::time::Micros;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::names::NONE;

const ENTITIES: u64 = 4;

/// A reference of small numbers; every part of it varies.
fn reference(id: u64, bits: u32) -> StoredReference {
    let bit = |which: u32| bits >> which & 1 == 1;
    let entity = |which: u32| EntityId(1 + u64::from(bits >> which) % ENTITIES);
    let key = |which: u32| format!("key/{}", (bits >> which) % 5);
    let mut to = Reference::keys("selector", vec![key(0).into(), key(3).into()]);
    if bit(1) {
        to = to.or("name", key(5), Confidence::Medium);
    }
    if bit(2) {
        to = to.of_kinds(&[EntityKind::Pod, EntityKind::Service]);
        to.otherwise = Some(EntityKind::ExternalEndpoint);
    }
    to.cardinality = if bit(4) { Cardinality::Many } else { Cardinality::One };
    let from = Reference::id(key(7));
    let which = [to.clone(), from.clone(), Reference::key("endpoint", key(9))];
    let template = RelationTemplate {
        from,
        kind: RelationKind::Calls,
        to,
        evidence: Evidence::Observed,
        need: Need::Required,
        need_source: NeedSource::Unknown,
        group: if bit(6) { "zone".into() } else { String::new() },
        min_alive: bits % 3,
        properties: match bit(8) {
            true => Properties::from([("port".to_owned(), json!(bits))]),
            false => Properties::new(),
        },
        stated_by: bit(10).then(|| entity(11)),
        started_at: bit(12).then_some(Micros(i64::from(bits))),
    };
    StoredReference {
        id,
        purpose: match bit(13) {
            true => ReferencePurpose::Subject(entity(3)),
            false => ReferencePurpose::Relation(Box::new(template)),
        },
        reference: which[bits as usize % 3].clone(),
        source: format!("source {}", bits % 2),
        observed_at: Micros(-i64::from(bits)),
        targets: (0..bits >> 14 & 3).map(|one| EntityId(1 + u64::from(one))).collect(),
        from_targets: (0..bits >> 16 & 1).map(|_| entity(5)).collect(),
        via: (0..bits >> 17 & 3).map(|one| AliasKey::from(format!("key/{}", one + 3))).collect(),
        is_conflict: bit(19),
        rule: if bit(20) { "selector".into() } else { String::new() },
        late: match bit(21) {
            true => vec![(entity(1), entity(2), Micros(i64::from(bits) * 7))],
            false => Vec::new(),
        },
    }
}

/// An estate of entities, and what a naive reader would keep of references.
struct Both {
    estate: Estate,
    naive: BTreeMap<u64, StoredReference>,
    /// What became of each entity.
    now: BTreeMap<EntityId, EntityId>,
}

impl Both {
    fn new() -> Self {
        let mut estate = Estate::new(None);
        let ids = (1..=ENTITIES).map(EntityId);
        for id in ids.clone() {
            estate.apply_entity(&EntityWrite {
                id,
                canonical: format!("entity/{}", id.0).into(),
                kind: EntityKind::Pod,
                state: EntityState::Present,
            });
        }
        Self { estate, naive: BTreeMap::new(), now: ids.map(|id| (id, id)).collect() }
    }

    fn step(&mut self, what: u8, id: u64, bits: u32) {
        match what % 8 {
            0 => {
                self.estate.withdraw_reference(id);
                self.naive.remove(&id);
            }
            1 if bits.is_multiple_of(4) => {
                let (from, into) =
                    (EntityId(1 + id % ENTITIES), EntityId(1 + u64::from(bits >> 4) % ENTITIES));
                let (from, into) = (self.now[&from], self.now[&into]);
                self.estate.apply_merge(&Merge {
                    from,
                    into,
                    evidence: "same".into(),
                    observed_at: Micros(0),
                });
                self.now.values_mut().filter(|now| **now == from).for_each(|now| *now = into);
            }
            _ => {
                let one = reference(id, bits);
                assert!(
                    !self.estate.references.holds(&self.estate.names, &one) || {
                        self.naive.get(&id) == Some(&one)
                    }
                );
                self.estate.apply_reference(&one);
                assert!(self.estate.references.holds(&self.estate.names, &one));
                self.naive.insert(id, one);
            }
        }
    }

    fn ids(&self, places: impl Iterator<Item = u32>) -> Vec<u64> {
        let names = &self.estate.names;
        let mut ids: Vec<u64> = places
            .map(|place| self.estate.references.get(names, place).expect("it is kept").id)
            .collect();
        ids.sort_unstable();
        ids
    }

    fn check(&self) {
        let (estate, references) = (&self.estate, &self.estate.references);
        for key in (0..6).map(|key| AliasKey::from(format!("key/{key}"))) {
            let place = estate.names.keys.find(key.as_str()).unwrap_or(NONE);
            let tries = |one: &&StoredReference| keys_of(one).any(|tried| *tried == key);
            let wanted: Vec<u64> = self.naive.values().filter(tries).map(|one| one.id).collect();
            assert_eq!(self.ids(references.on(place)), wanted, "{key}");
        }
        for id in (1..=ENTITIES).map(EntityId) {
            let first = estate.entities.get(&id).map_or(NONE, |entity| entity.references);
            let states = |one: &&StoredReference| stating(one).map(|by| self.now[&by]) == Some(id);
            let wanted: Vec<u64> = self.naive.values().filter(states).map(|one| one.id).collect();
            assert_eq!(self.ids(references.of_records(first)), wanted, "{id:?}");
        }
        let open: BTreeSet<u64> =
            self.naive.values().filter(|one| is_open(one)).map(|one| one.id).collect();
        assert_eq!(references.open_count(), open.len() as u64);
        assert_eq!(self.ids(references.open()), open.into_iter().collect::<Vec<_>>());
        for id in 0..12 {
            assert_eq!(references.contains(id), self.naive.contains_key(&id));
        }
    }
}

proptest! {
    #[test]
    fn they_are_what_plain_maps_would_hold(
        steps in prop::collection::vec((any::<u8>(), 0..12_u64, any::<u32>()), 1..120)
    ) {
        let mut both = Both::new();
        for (what, id, bits) in steps {
            both.step(what, id, bits);
        }
        both.check();
    }

    #[test]
    fn every_part_survives(id: u64, bits: u32) {
        let mut names = crate::names::Names::default();
        let one = reference(id, bits);
        let bytes = coding::code(&one, &mut names);
        prop_assert!(coding::check(&bytes).is_ok());
        prop_assert_eq!(coding::decode(id, &bytes, &names).ok(), Some(one));
        // Bytes that are cut are no reference.
        prop_assert!(coding::check(&bytes[..bytes.len() - 1]).is_err());
    }
}
