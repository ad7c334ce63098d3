//! The topology of the embedded store, asked through its seam: a naive oracle over plain vectors for
//! what holds at an instant, any order of the same writes, reopening, look-ups, merges, retirement,
//! search and comparison.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::{Failed, Trial};
use model::entity::{EntityId, Labels, Properties};
use model::error::StoreError;
use model::fact::{AggregateBy, Direction, LabelFilter, TopologyFacts, TopologyQuery};
use model::input::{Completeness, InputRecord, ObservedBy};
use model::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use model::reference::{AliasKey, Claim, Reference};
use model::resolution::{
    EntityState, EntityWrite, Lookup, Merge, ReferencePurpose, RelationTemplate, RelationWrite,
    Retirement, Sequence, StoredClaim, StoredReference, TopologyWrite, VersionWrite,
};
use model::scope::{Place, Scope};
use model::seam::ReadContext;
use model::time::Micros;
use serde_json::json;
use store_embedded::Store;

use crate::store_base::{block_on, context, options};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("store_topology::every_instant_agrees_with_a_naive_oracle", oracle),
        Trial::test("store_topology::a_sequence_is_applied_once", once),
        Trial::test("store_topology::names_are_followed_and_references_tried_again", look_ups),
        Trial::test("store_topology::a_merge_carries_everything_over", merge),
        Trial::test("store_topology::an_entity_ends_when_no_source_reports_it", retire),
        Trial::test("store_topology::filters_roots_groups_and_pages", queries),
        Trial::test("store_topology::search_finds_names_aliases_labels_and_the_nearest", search),
        Trial::test("store_topology::two_instants_are_compared", compare),
        Trial::test("store_topology::kept_row_of_its_own_is_one_row", own_rows),
    ]
}

type Done = Result<(), Failed>;

const T: i64 = 1_700_000_000_000_000;

fn at(day: i64) -> Micros {
    Micros(T + day * Micros::DAY)
}

fn write(number: u64, source: &str, observed_at: Micros) -> TopologyWrite {
    TopologyWrite {
        sequence: Sequence { journal: "j".into(), number },
        input: InputRecord {
            name: "a".into(),
            content_hash: format!("{number}"),
            format: "kubernetes".into(),
            source: source.into(),
            observed_at,
            observed_by: ObservedBy::Content,
            received_at: observed_at,
        },
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

fn entity(id: u64, key: &str, kind: EntityKind) -> EntityWrite {
    EntityWrite { id: EntityId(id), canonical: key.into(), kind, state: EntityState::Present }
}

fn version(id: u64, source: &str, observed_at: Micros, name: &str) -> VersionWrite {
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

fn relation(from: u64, kind: RelationKind, to: u64, source: &str, from_day: i64) -> RelationWrite {
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

fn everything() -> TopologyQuery {
    TopologyQuery { limit: 1_000, ..TopologyQuery::default() }
}

fn on(day: i64) -> ReadContext {
    ReadContext { as_of: Some(at(day)), ..context() }
}

/// Numbers that look random and are the same each time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
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

fn oracle() -> Done {
    for seed in 0..6 {
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
            answers.push(block_on(asked(&all))?);
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
async fn asked(all: &[Seen]) -> Result<Vec<BTreeMap<u64, String>>, Failed> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&options(folder.path()))?;
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
    let after = days(&Store::open(&options(folder.path()))?).await?;
    assert_eq!(before, after, "reopening changed the answers");
    Ok(before)
}

async fn days(store: &Store) -> Result<Vec<BTreeMap<u64, String>>, StoreError> {
    let mut answers = Vec::new();
    for day in 0..10 {
        answers.push(shown(&store.topology().topology(&on(day), everything()).await?));
    }
    answers.push(shown(&store.topology().topology(&context(), everything()).await?));
    Ok(answers)
}

fn once() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
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
        let store = Store::open(&options(folder.path()))?;
        let last = store.topology().sequences().await?;
        assert_eq!(last, [Sequence { journal: "j".into(), number: 2 }]);
        assert_eq!(store.topology().version().await?.newest, Some(at(0)));
        Ok(())
    })
}

fn look_ups() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
        let topology = store.topology();
        let mut first = write(1, "a", at(0));
        first.entities.push(entity(7, "k8s://c/n/pod/x", EntityKind::Pod));
        first.versions.push(version(7, "a", at(0), "x"));
        let claim = |key: &str, to: &str| StoredClaim {
            claim: Claim::alias(key, to),
            source: "a".into(),
            stated_by: Some(EntityId(7)),
            observed_from: at(0),
            observed_to: None,
        };
        first.claims = vec![claim("uid:1", "k8s://c/n/pod/x"), claim("nick", "uid:1")];
        let template = RelationTemplate {
            from: Reference::id("k8s://c/n/pod/x"),
            kind: RelationKind::Calls,
            to: Reference::key("endpoint", "endpoint:db"),
            evidence: Evidence::Declared,
            need: Need::Unknown,
            need_source: NeedSource::Unknown,
            group: String::new(),
            min_alive: 0,
            properties: Properties::new(),
            stated_by: Some(EntityId(7)),
            started_at: None,
        };
        first.references.push(StoredReference {
            id: 99,
            purpose: ReferencePurpose::Relation(Box::new(template)),
            reference: Reference::key("endpoint", "endpoint:db"),
            source: "a".into(),
            observed_at: at(0),
            targets: Vec::new(),
            from_targets: vec![EntityId(7)],
            via: vec!["endpoint:db".into(), "via:deep".into()],
            is_conflict: false,
            rule: String::new(),
        });
        topology.write(first).await?;
        let pod = AliasKey::from("k8s://c/n/pod/x");
        let lookup = Lookup {
            keys: vec!["nick".into()],
            retry: vec!["via:deep".into()],
            records: vec![(pod.clone(), "a".into())],
            ..Lookup::default()
        };
        let known = topology.known(lookup.clone()).await?;
        assert_eq!(known.next_id, 8);
        assert_eq!(known.entities[&pod].id, EntityId(7));
        assert_eq!(known.claims.len(), 2, "{:?}", known.claims);
        assert_eq!(known.references.len(), 1);
        assert_eq!(known.records[0].claims.len(), 2);
        assert_eq!(known.records[0].references.len(), 1);
        let prefix = Lookup { prefixes: vec!["k8s://c/".into()], ..Lookup::default() };
        assert_eq!(topology.known(prefix).await?.entities.len(), 1);
        let (open, total) = topology.open_references(&context(), 10).await?;
        assert_eq!((open.len(), total), (1, 1));
        assert_eq!(open[0].stated_by.as_deref(), Some("k8s://c/n/pod/x"));
        let mut second = write(2, "a", at(1));
        second.references_withdrawn.push(99);
        topology.write(second).await?;
        assert_eq!(topology.known(lookup.clone()).await?.references.len(), 0);
        drop(topology);
        drop(store);
        let store = Store::open(&options(folder.path()))?;
        let known = store.topology().known(lookup).await?;
        assert_eq!((known.references.len(), known.claims.len()), (0, 2));
        Ok(())
    })
}

fn merge() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
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
        let check = async |store: &Store| -> Done {
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
        check(&Store::open(&options(folder.path()))?).await
    })
}

fn retire() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
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

async fn small_estate(store: &Store) -> Done {
    let mut first = write(1, "a", at(0));
    for (id, kind, name, namespace) in [
        (1, EntityKind::Service, "front", "shop"),
        (2, EntityKind::Service, "cart", "shop"),
        (3, EntityKind::Database, "carts", "data"),
        (4, EntityKind::Pod, "cart-0", "shop"),
        (5, EntityKind::Service, "lonely", "data"),
    ] {
        first.entities.push(entity(id, &format!("{kind}://{name}"), kind));
        let mut said = version(id, "a", at(0), name);
        said.scope.namespace = Some(namespace.into());
        said.scope.cluster = Some("c".into());
        said.labels.insert("tier".into(), format!("t{}", id % 2));
        said.properties.insert("size".into(), json!(id));
        first.versions.push(said);
    }
    first.relations.push(relation(1, RelationKind::Calls, 2, "a", 0));
    first.relations.push(relation(2, RelationKind::ConnectsTo, 3, "a", 0));
    first.relations.push(relation(2, RelationKind::HasReplica, 4, "a", 0));
    first.claims.push(StoredClaim {
        claim: Claim::alias("uid:cart", "service://cart"),
        source: "a".into(),
        stated_by: Some(EntityId(2)),
        observed_from: at(0),
        observed_to: None,
    });
    store.topology().write(first).await?;
    Ok(())
}

fn queries() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
        small_estate(&store).await?;
        let topology = store.topology();
        let names = async |query: TopologyQuery| -> Result<BTreeSet<String>, StoreError> {
            let facts = topology.topology(&context(), query).await?;
            Ok(facts.entities.into_iter().map(|fact| fact.name).collect())
        };
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let rooted = |root: &str, depth, direction| TopologyQuery {
            roots: vec![root.into()],
            depth,
            direction,
            ..everything()
        };
        let cart = |depth, direction| rooted("uid:cart", depth, direction);
        assert_eq!(names(cart(0, Direction::Both)).await?, set(&["cart"]));
        assert_eq!(
            names(cart(1, Direction::Dependencies)).await?,
            set(&["cart", "carts", "cart-0"])
        );
        assert_eq!(names(cart(1, Direction::Dependents)).await?, set(&["cart", "front"]));
        assert_eq!(
            names(rooted("front", 2, Direction::Dependencies)).await?,
            set(&["front", "cart", "carts", "cart-0"])
        );
        let label = LabelFilter { name: "tier".into(), value: "t0".into() };
        let labelled = TopologyQuery { labels: vec![label], ..everything() };
        assert_eq!(names(labelled).await?, set(&["cart", "cart-0"]));
        let place = Place { namespace: vec!["data".into()], ..Place::default() };
        let placed = TopologyQuery { place, ..everything() };
        assert_eq!(names(placed).await?, set(&["carts", "lonely"]));
        let mut paged = Vec::new();
        let mut after = None;
        loop {
            let query = TopologyQuery { limit: 2, after: after.clone(), ..everything() };
            let facts = topology.topology(&context(), query).await?;
            assert_eq!((facts.entity_total, facts.relation_total), (5, 3));
            let Some(last) = facts.entities.last() else { break };
            after = Some(last.id.clone());
            paged.extend(facts.entities.into_iter().map(|fact| fact.id));
        }
        let whole = topology.topology(&context(), everything()).await?;
        let ids: Vec<String> = whole.entities.into_iter().map(|fact| fact.id).collect();
        assert_eq!(paged, ids);
        let grouped = TopologyQuery { aggregate_by: Some(AggregateBy::Namespace), ..everything() };
        let facts = topology.topology(&context(), grouped).await?;
        let groups: Vec<(&str, u64)> = facts
            .groups
            .iter()
            .map(|group| (group.name.as_str(), group.kinds.iter().map(|(_, n)| n).sum()))
            .collect();
        assert_eq!(groups, [("data", 2), ("shop", 3)]);
        let between: u64 = facts.group_relations.iter().map(|one| one.count).sum();
        assert_eq!(between, 3);
        Ok(())
    })
}

fn search() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
        small_estate(&store).await?;
        let names = async |text: &str| -> Result<Vec<String>, StoreError> {
            let hits = store.topology().search(&context(), text, 10).await?;
            Ok(hits.into_iter().map(|hit| hit.name).collect())
        };
        assert_eq!(names("CART").await?, ["cart", "carts", "cart-0"]);
        assert_eq!(names("uid:cart").await?, ["cart"]);
        assert_eq!(names("tier=t0").await?, ["cart", "cart-0"]);
        assert_eq!(names("lonley").await?, ["lonely"]);
        assert_eq!(names("nothing like it").await?, Vec::<String>::new());
        let unknown = store.topology().entity(&context(), "absent", 5).await;
        assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
        Ok(())
    })
}

fn compare() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
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

fn own_rows() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
        small_estate(&store).await?;
        let own = |from_day, seen_day| {
            let mut row = relation(1, RelationKind::Calls, 5, "traces", from_day);
            row.evidence = Evidence::Observed;
            row.stated_by = None;
            row.seen_at = at(seen_day);
            row
        };
        for (number, row) in (2..).zip([own(3, 4), own(1, 2), own(3, 4), own(2, 6)]) {
            let mut one = write(number, "traces", row.seen_at);
            one.relations.push(row);
            let outcome = store.topology().write(one).await?;
            let is_new = number == 2;
            assert_eq!(outcome.added.contains_key("calls"), is_new, "{number}: {outcome:?}");
            assert_eq!(outcome.changed.contains_key("calls"), number == 3, "{number}: {outcome:?}");
        }
        let page = store.topology().entity(&context(), "lonely", 5).await?;
        assert_eq!(page.incoming[0].valid_from, Some(at(1).timestamp()));
        assert_eq!(page.incoming[0].last_seen, Some(at(6).timestamp()));
        assert_eq!(page.incoming[0].evidence, [Evidence::Observed]);
        let mut back = own(1, 6);
        back.valid_to = Some(back.valid_from);
        let mut last = write(9, "traces", at(7));
        last.relations.push(back);
        store.topology().write(last).await?;
        assert_eq!(store.topology().entity(&context(), "lonely", 5).await?.incoming.len(), 0);
        Ok(())
    })
}
