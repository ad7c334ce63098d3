//! What is read from the topology of each store: look-ups for identity, filters, roots,
//! groups, pages and search.

use std::collections::BTreeSet;

use libtest_mimic::Trial;
use model::entity::{EntityId, Properties};
use model::error::StoreError;
use model::fact::{AggregateBy, Direction, LabelFilter, TopologyQuery};
use model::kind::{EntityKind, Evidence, Need, NeedSource, RelationKind};
use model::reference::{AliasKey, Claim, Reference};
use model::resolution::{Lookup, ReferencePurpose, RelationTemplate, StoredClaim, StoredReference};
use model::scope::Place;
use model::seam::ReadContext;
use serde_json::json;

use crate::contract::{self, Done, Named, Opened, Pair, Site, TOPOLOGIES};
use crate::store_base::{block_on, context};
use crate::store_topology::{at, entity, everything, relation, version, write};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let named: [Named; 5] = [
        ("store_topology_reads::names_are_followed_and_references_tried_again", look_ups),
        ("store_topology_reads::filters_roots_groups_and_pages", queries),
        ("store_topology_reads::search_finds_names_aliases_labels_and_the_nearest", search),
        ("store_topology_reads::a_row_of_its_own_is_one_row", own_rows),
        ("store_topology_reads::what_was_not_seen_for_long_is_inactive", inactive),
    ];
    let of = |(name, run): Named| contract::trials(TOPOLOGIES, name, run);
    named.into_iter().flat_map(of).collect()
}

fn look_ups(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
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
            late: Vec::new(),
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
        let store = site.open().await?;
        let known = store.topology().known(lookup).await?;
        assert_eq!((known.references.len(), known.claims.len()), (0, 2));
        Ok(())
    })
}

async fn small_estate(store: &Opened) -> Done {
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

fn queries(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
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

fn search(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
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

fn own_rows(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
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

fn inactive(pair: Pair) -> Done {
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        small_estate(&store).await?;
        let called = async |number, to, day| -> Result<usize, StoreError> {
            let mut row = relation(1, RelationKind::Calls, to, "traces", day);
            row.evidence = Evidence::Observed;
            row.stated_by = None;
            let mut one = write(number, "traces", at(day));
            one.relations.push(row);
            store.topology().write(one).await?;
            Ok(store.topology().entity(&context(), "lonely", 5).await?.incoming.len())
        };
        assert_eq!(called(2, 5, 1).await?, 1, "a client that fell silent keeps its last state");
        assert_eq!(called(3, 2, 15).await?, 1, "fourteen days are within the window");
        assert_eq!(called(4, 2, 16).await?, 0);
        let past = ReadContext { as_of: Some(at(10)), ..context() };
        assert_eq!(store.topology().entity(&past, "lonely", 5).await?.incoming.len(), 1);
        Ok(())
    })
}
