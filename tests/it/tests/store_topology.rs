//! The topology of each store, asked through its seam: a naive oracle over plain vectors for
//! what holds at an instant, any order of the same writes, reopening, look-ups, merges, retirement,
//! search and comparison.

pub mod drawn;
mod estate_file;

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use model::entity::{EntityId, Labels, Properties};
use model::error::StoreError;
use model::fact::{TopologyFacts, TopologyQuery};
use model::input::{Completeness, InputRecord, ObservedBy};
use model::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use model::resolution::{
    EntityState, EntityWrite, Merge, RelationWrite, Retirement, Sequence, TopologyWrite,
    VersionWrite,
};
use model::scope::Scope;
use model::seam::ReadContext;
use model::time::Micros;
use serde_json::json;

use crate::contract::{self, Done, Named, Opened, Pair, Site, TOPOLOGIES};
use crate::store_base::{block_on, context};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let named: [Named; 5] = [
        ("store_topology::every_instant_agrees_with_a_naive_oracle", oracle),
        ("store_topology::a_sequence_is_applied_once", once),
        ("store_topology::a_merge_carries_everything_over", merge),
        ("store_topology::an_entity_ends_when_no_source_reports_it", retire),
        ("store_topology::two_instants_are_compared", compare),
    ];
    let of = |(name, run): Named| contract::trials(TOPOLOGIES, name, run);
    named.into_iter().flat_map(of).chain(estate_file::trials()).collect()
}

const T: i64 = 1_700_000_000_000_000;

pub fn at(day: i64) -> Micros {
    Micros(T + day * Micros::DAY)
}

pub fn write(number: u64, source: &str, observed_at: Micros) -> TopologyWrite {
    let input = InputRecord {
        name: "a".into(),
        content_hash: format!("{number}"),
        format: "kubernetes".into(),
        source: source.into(),
        observed_at,
        observed_by: ObservedBy::Content,
        received_at: observed_at,
    };
    TopologyWrite::empty(Sequence { journal: "j".into(), number }, input)
}

pub fn entity(id: u64, key: &str, kind: EntityKind) -> EntityWrite {
    EntityWrite { id: EntityId(id), canonical: key.into(), kind, state: EntityState::Present }
}

pub fn version(id: u64, source: &str, observed_at: Micros, name: &str) -> VersionWrite {
    VersionWrite {
        entity: EntityId(id),
        source: source.into(),
        observed_at,
        fingerprint: id * 1_000 + name.len() as u64,
        name: name.into(),
        scope: Scope::default(),
        labels: Labels::new(),
        properties: Properties::new(),
        created_at: None,
        ended_at: None,
        incarnation: None,
        observed_to: None,
        is_implied: false,
        owner: None,
        application: None,
    }
}

pub fn relation(
    from: u64,
    kind: RelationKind,
    to: u64,
    source: &str,
    from_day: i64,
) -> RelationWrite {
    RelationWrite {
        from: EntityId(from),
        kind,
        to: EntityId(to),
        evidence: Evidence::Declared,
        source: source.into(),
        stated_by: Some(EntityId(from)),
        statement: 0,
        need: Need::Unknown,
        need_source: NeedSource::Unknown,
        group: String::new(),
        min_alive: 0,
        rule: String::new(),
        confidence: Confidence::Certain,
        properties: Properties::new(),
        valid_from: at(from_day),
        valid_to: None,
        seen_at: at(from_day),
    }
}

pub fn everything() -> TopologyQuery {
    TopologyQuery { limit: 1_000, ..TopologyQuery::default() }
}

fn on(day: i64) -> ReadContext {
    ReadContext { as_of: Some(at(day)), ..context() }
}

/// Numbers that look random and are the same each time.
pub struct Draw(pub u64);

impl Draw {
    /// The next, below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// One observation: a source saw an entity on a day and said something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    day: i64,
    entity: u64,
    source: &'static str,
    says: u64,
}

/// The state of everything on a day by the definition: per source the newest observation at or before
/// it; the newest source describes; what was never seen by then does not exist.
fn naive(all: &[Seen], day: i64) -> BTreeMap<u64, String> {
    let mut found = BTreeMap::new();
    for entity in 1..=6 {
        let of = |source| {
            all.iter()
                .filter(|seen| seen.entity == entity && seen.source == source && seen.day <= day)
                .max_by_key(|seen| (seen.day, seen.says))
        };
        let (a, b) = (of("a"), of("b"));
        let best = match (a, b) {
            (Some(a), Some(b)) => Some(if b.day > a.day { b } else { a }),
            (a, b) => a.or(b),
        };
        if let Some(best) = best {
            found.insert(entity, format!("{}{}", best.source, best.says));
        }
    }
    found
}

fn shown(facts: &TopologyFacts) -> BTreeMap<u64, String> {
    facts.entities.iter().map(|fact| (fact.entity.0, fact.name.clone())).collect()
}

fn oracle(pair: Pair) -> Done {
    for seed in 0..if pair.is_remote() { 2 } else { 6 } {
        let mut draw = Draw(seed);
        let mut all: Vec<Seen> = (0..20)
            .map(|_| Seen {
                day: draw.below(10) as i64,
                entity: 1 + draw.below(6),
                source: if draw.below(2) == 0 { "a" } else { "b" },
                says: draw.below(4),
            })
            .collect();
        all.sort();
        all.dedup();
        let mut answers = Vec::new();
        for _ in 0..2 {
            for place in (1..all.len()).rev() {
                all.swap(place, draw.below(place as u64 + 1) as usize);
            }
            answers.push(block_on(asked(pair, &all))?);
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "the order matters: {all:?}");
        for (day, answer) in (0..10).zip(&answers[0]) {
            assert_eq!(*answer, naive(&all, day), "seed {seed}, day {day}: {all:?}");
        }
        assert_eq!(answers[0][10], naive(&all, 99), "seed {seed}, now: {all:?}");
    }
    Ok(())
}

/// What each of the days 0 to 9 and now shows, when written in this order, before and after reopening.
async fn asked(pair: Pair, all: &[Seen]) -> Result<Vec<BTreeMap<u64, String>>, Failed> {
    let site = Site::new(pair).await?;
    let store = site.open().await?;
    for (number, seen) in (1..).zip(all) {
        let mut write = write(number, seen.source, at(seen.day));
        write.entities.push(entity(seen.entity, &format!("id{}", seen.entity), EntityKind::Pod));
        let name = format!("{}{}", seen.source, seen.says);
        let mut said = version(seen.entity, seen.source, at(seen.day), &name);
        said.fingerprint = seen.says;
        write.versions.push(said);
        store.topology().write(write).await?;
    }
    let before = days(&store).await?;
    drop(store);
    let after = days(&site.open().await?).await?;
    assert_eq!(before, after, "reopening changed the answers");
    Ok(before)
}

async fn days(store: &Opened) -> Result<Vec<BTreeMap<u64, String>>, StoreError> {
    let mut answers = Vec::new();
    for day in 0..10 {
        answers.push(shown(&store.topology().topology(&on(day), everything()).await?));
    }
    answers.push(shown(&store.topology().topology(&context(), everything()).await?));
    Ok(answers)
}

fn once(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        let topology = store.topology();
        let mut first = write(1, "a", at(0));
        first.entities.push(entity(1, "pod/1", EntityKind::Pod));
        first.versions.push(version(1, "a", at(0), "one"));
        let outcome = topology.write(first.clone()).await?;
        assert_eq!(outcome.added, BTreeMap::from([("pod".to_owned(), 1)]));
        assert!(topology.write(first.clone()).await?.is_known);
        let again = TopologyWrite { sequence: Sequence { number: 2, ..first.sequence }, ..first };
        let outcome = topology.write(again).await?;
        assert!(outcome.added.is_empty() && outcome.changed.is_empty(), "{outcome:?}");
        drop(topology);
        drop(store);
        let store = site.open().await?;
        let last = store.topology().sequences().await?;
        assert_eq!(last, [Sequence { journal: "j".into(), number: 2 }]);
        assert_eq!(store.topology().version().await?.newest, Some(at(0)));
        Ok(())
    })
}

fn merge(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        let topology = store.topology();
        let mut first = write(1, "a", at(0));
        for (id, key) in [(1, "service://a"), (2, "service://b"), (3, "db")] {
            first.entities.push(entity(id, key, EntityKind::Service));
            first.versions.push(version(id, if id == 2 { "b" } else { "a" }, at(0), key));
        }
        first.relations.push(relation(2, RelationKind::Calls, 3, "b", 0));
        topology.write(first).await?;
        let mut second = write(2, "a", at(1));
        second.merges.push(Merge {
            from: EntityId(2),
            into: EntityId(1),
            evidence: "same".into(),
            observed_at: at(1),
        });
        topology.write(second).await?;
        let check = async |store: &Opened| -> Done {
            let page = store.topology().entity(&context(), "service://b", 10).await?;
            assert_eq!(page.entity.id, "service://a");
            assert_eq!(page.entity.sources, ["a", "b"]);
            assert_eq!(page.outgoing.len(), 1, "{page:?}");
            assert_eq!(page.outgoing[0].to, "db");
            assert!(page.aliases.contains(&("service://b".into(), "merged".into())));
            assert_eq!(page.history.len(), 2);
            Ok(())
        };
        check(&store).await?;
        drop(topology);
        drop(store);
        check(&site.open().await?).await
    })
}

fn retire(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        let topology = store.topology();
        let mut first = write(1, "a", at(0));
        for id in [1, 2] {
            first.entities.push(entity(id, &format!("pod/{id}"), EntityKind::Pod));
            first.versions.push(version(id, "a", at(0), "x"));
        }
        first.relations.push(relation(1, RelationKind::RunsOn, 2, "a", 0));
        topology.write(first).await?;
        let mut other = write(2, "b", at(1));
        other.versions.push(version(2, "b", at(1), "x"));
        topology.write(other).await?;
        let complete =
            Completeness { kind: EntityKind::Pod, class: String::new(), id_prefix: "pod/".into() };
        assert_eq!(topology.covered("a", &complete).await?, [EntityId(1), EntityId(2)]);
        let mut third = write(3, "a", at(2));
        for id in [1, 2] {
            let source = "a".into();
            third.retirements.push(Retirement { entity: EntityId(id), source, at: at(2) });
        }
        let outcome = topology.write(third).await?;
        assert_eq!(outcome.retired, BTreeMap::from([("pod".to_owned(), 1)]));
        assert_eq!(topology.covered("a", &complete).await?, []);
        let ids = async |ctx: &ReadContext| -> Result<Vec<String>, StoreError> {
            let facts = topology.topology(ctx, everything()).await?;
            Ok(facts.entities.into_iter().map(|fact| fact.id).collect())
        };
        assert_eq!(ids(&context()).await?, ["pod/2"]);
        assert_eq!(ids(&on(1)).await?, ["pod/1", "pod/2"]);
        assert_eq!(topology.topology(&on(1), everything()).await?.relation_total, 1);
        let ended = TopologyQuery { with_ended: true, ..everything() };
        let facts = topology.topology(&context(), ended).await?;
        assert_eq!(facts.entities[0].state, "ended");
        assert_eq!(facts.entities[0].valid_to, Some(at(2).timestamp()));
        // A later observation of the same source brings it back.
        let mut fourth = write(4, "a", at(3));
        fourth.seen.push(EntityId(1));
        topology.write(fourth).await?;
        assert_eq!(ids(&context()).await?, ["pod/1", "pod/2"]);
        assert_eq!(ids(&on(2)).await?, ["pod/2"]);
        Ok(())
    })
}

fn compare(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        let topology = store.topology();
        let mut first = write(1, "a", at(0));
        for id in 1..=3 {
            first.entities.push(entity(id, &format!("pod/{id}"), EntityKind::Pod));
            let mut said = version(id, "a", at(0), "x");
            said.incarnation = Some(format!("uid-{id}"));
            said.properties.insert("image".into(), json!("v1"));
            first.versions.push(said);
        }
        topology.write(first).await?;
        let mut second = write(2, "a", at(2));
        second.entities.push(entity(4, "pod/4", EntityKind::Pod));
        second.versions.push(version(4, "a", at(2), "new"));
        let mut changed = version(1, "a", at(2), "x");
        changed.fingerprint = 77;
        changed.incarnation = Some("uid-1".into());
        changed.properties.insert("image".into(), json!("v2"));
        let mut recreated = version(2, "a", at(2), "x");
        recreated.fingerprint = 78;
        recreated.incarnation = Some("uid-2b".into());
        recreated.created_at = Some(at(1));
        recreated.properties.insert("image".into(), json!("v1"));
        second.versions = vec![second.versions.remove(0), changed, recreated];
        second.retirements.push(Retirement { entity: EntityId(3), source: "a".into(), at: at(2) });
        second.relations.push(relation(1, RelationKind::Calls, 2, "a", 2));
        topology.write(second).await?;
        let compared = topology.topology_comparison(&context(), everything(), at(1)).await?;
        let changes: Vec<(&str, &str)> =
            compared.entities.iter().map(|one| (one.change.as_str(), one.id.as_str())).collect();
        assert_eq!(
            changes,
            [
                ("added", "pod/4"),
                ("changed", "pod/1"),
                ("recreated", "pod/2"),
                ("removed", "pod/3")
            ]
        );
        let fields = &compared.entities[1].fields;
        assert_eq!(*fields, [("properties.image".into(), json!("v1"), json!("v2"))]);
        assert_eq!(compared.relations_added.len(), 1);
        let same = topology.topology_comparison(&on(1), everything(), at(1)).await?;
        assert!(same.entities.is_empty() && same.totals.is_empty(), "{same:?}");
        Ok(())
    })
}
