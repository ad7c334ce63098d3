//! What only the store on Neo4j has: a graph that shows what the program answers, several replicas on
//! one graph, statements that the server can carry out well, and refusals that say what to do.

mod alike;
mod cut;
mod plans;

use std::sync::Arc;

use libtest_mimic::Trial;
use model::entity::EntityId;
use model::error::StoreError;
use model::fact::TopologyQuery;
use model::kind::{EntityKind, RelationKind};
use model::resolution::{Lookup, Merge, Retirement, TopologyWrite};
use model::seam::Topology;
use serde_json::{Map, Value, json};
use store_server::neo4j::{Cypher, Neo4j, STATEMENTS};

use crate::contract::neo4j::{Graph, options};
use crate::contract::{self, Done, NEO4J, Named, Pair};
use crate::store_base::{block_on, context};
use crate::store_topology::{at, entity, everything, relation, version, write};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let named: [Named; 9] = [
        ("store_neo4j::a_commit_whose_reply_is_lost_counts_once", cut::lost_reply),
        ("store_neo4j::the_same_writes_give_the_same_answers", alike::alike),
        ("store_neo4j::the_graph_shows_what_the_program_answers", shows),
        ("store_neo4j::a_replica_sees_what_another_wrote", replicas),
        ("store_neo4j::what_was_resolved_before_another_wrote_is_refused", outdated),
        ("store_neo4j::every_statement_is_carried_out_well", explained),
        ("store_neo4j::recorded_statements_are_measured", plans::measured),
        ("store_neo4j::a_refusal_says_what_to_do", refusals),
        ("store_neo4j::a_newer_schema_is_refused", newer_schema),
    ];
    let of = |(name, run): Named| contract::trials(&[NEO4J], name, run);
    named.into_iter().flat_map(of).collect()
}

fn parameters(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// Three services that call each other in a row, the last of which is gone.
fn three() -> Vec<TopologyWrite> {
    let mut first = write(1, "a", at(0));
    for id in 1..=3 {
        first.entities.push(entity(id, &format!("service://{id}"), EntityKind::Service));
        let mut said = version(id, "a", at(0), &format!("s{id}"));
        said.labels.insert("team".into(), "x".into());
        first.versions.push(said);
    }
    first.relations.push(relation(1, RelationKind::Calls, 2, "a", 0));
    first.relations.push(relation(2, RelationKind::Calls, 3, "a", 0));
    let mut second = write(2, "a", at(1));
    second.retirements.push(Retirement { entity: EntityId(3), source: "a".into(), at: at(1) });
    vec![first, second]
}

async fn rows(cypher: &Cypher, name: &str, with: Value) -> Result<Vec<Vec<Value>>, StoreError> {
    let statement = STATEMENTS.iter().find(|one| one.name == name).expect("it is listed");
    cypher.ask(statement.text, parameters(&with)).await
}

fn shows(_: Pair) -> Done {
    block_on(async {
        let graph = Graph::empty().await?;
        let store = graph.open().await?;
        let (topology, cypher) = (store.topology(), store.cypher());
        for write in three() {
            topology.write(write).await?;
        }
        let counts = rows(&cypher, "topology_counts", json!({})).await?;
        assert_eq!(counts, [[json!("service"), json!(2)]]);
        let counts = rows(&cypher, "topology_relation_counts", json!({})).await?;
        assert_eq!(counts, [[json!("CALLS"), json!(1)]]);
        let around = rows(&cypher, "topology_around", json!({"id": "service://1"})).await?;
        assert_eq!(around, [[json!("service://1")], [json!("service://2")]]);
        let entries =
            rows(&cypher, "application_architecture_entries", json!({"limit": 9})).await?;
        assert_eq!(entries, [[json!("service://1"), json!("s1")]]);
        // A person's own question, by the label of the kind.
        let asked = "MATCH (s:Service {name: 's2'}) RETURN s.labels, s.canonical, s.valid_to";
        let found = cypher.ask(asked, Map::new()).await?;
        assert_eq!(found, [[json!(["team=x"]), json!("service://2"), Value::Null]]);
        // Nothing is deleted: what ended is there with its end, and with its history.
        let asked =
            "MATCH (s:Service {name: 's3'})-[:HAS_VERSION]->(v) RETURN s.valid_to, v.source";
        assert_eq!(cypher.ask(asked, Map::new()).await?, [[json!(at(1).0), json!("a")]]);
        let mut third = write(3, "a", at(2));
        let (from, into) = (EntityId(2), EntityId(1));
        third.merges.push(Merge { from, into, evidence: "same".into(), observed_at: at(2) });
        topology.write(third).await?;
        let counts = rows(&cypher, "topology_counts", json!({})).await?;
        assert_eq!(counts, [[json!("service"), json!(1)]]);
        let query = TopologyQuery { with_ended: true, ..everything() };
        let facts = topology.topology(&context(), query).await?;
        assert_eq!(facts.entities.len(), 2, "{facts:?}");
        let asked = "MATCH (:Entity {id: 2})-[m:MERGED_INTO]->(e) RETURN e.canonical, m.evidence";
        assert_eq!(cypher.ask(asked, Map::new()).await?, [[json!("service://1"), json!("same")]]);
        Ok(())
    })
}

async fn names(topology: &Arc<dyn Topology>) -> Result<Vec<String>, StoreError> {
    let facts = topology.topology(&context(), everything()).await?;
    Ok(facts.entities.into_iter().map(|fact| fact.id).collect())
}

fn replicas(_: Pair) -> Done {
    block_on(async {
        let graph = Graph::empty().await?;
        let (one, other) = (graph.open().await?, graph.open().await?);
        let [first, second]: [TopologyWrite; 2] = three().try_into().expect("there are two");
        one.topology().write(first.clone()).await?;
        let expected = ["service://1", "service://2", "service://3"];
        assert_eq!(names(&other.topology()).await?, expected);
        // The same batch, pushed to the other replica, changes nothing.
        other.topology().known(Lookup::default()).await?;
        assert!(other.topology().write(first).await?.is_known);
        other.topology().write(second).await?;
        assert_eq!(names(&one.topology()).await?, expected[..2]);
        assert_eq!(one.topology().version().await?, other.topology().version().await?);
        let third = graph.open().await?;
        assert_eq!(names(&third.topology()).await?, expected[..2]);
        Ok(())
    })
}

fn outdated(_: Pair) -> Done {
    block_on(async {
        let graph = Graph::empty().await?;
        let (one, other) = (graph.open().await?, graph.open().await?);
        let next = other.topology().known(Lookup::default()).await?.next_id;
        assert_eq!(next, 1);
        for write in three() {
            one.topology().write(write).await?;
        }
        let mut late = write(1, "b", at(3));
        late.sequence.journal = "other".into();
        late.entities.push(entity(next, "pod/1", EntityKind::Pod));
        late.versions.push(version(next, "b", at(3), "p"));
        let refused = other.topology().write(late.clone()).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        // Resolved again, it is taken.
        let next = other.topology().known(Lookup::default()).await?.next_id;
        assert_eq!(next, 4);
        late.entities[0].id = EntityId(next);
        late.versions[0].entity = EntityId(next);
        other.topology().write(late).await?;
        assert_eq!(names(&one.topology()).await?, ["service://1", "service://2", "pod/1"]);
        Ok(())
    })
}

fn explained(_: Pair) -> Done {
    block_on(async {
        let graph = Graph::empty().await?;
        let store = graph.open().await?;
        for write in three() {
            store.topology().write(write).await?;
        }
        let with = parameters(&json!({"id": "service://1", "ids": [1], "at": at(9).0, "limit": 9,
            "after": 0}));
        for statement in STATEMENTS {
            let plan = store.cypher().explain(statement.text, with.clone()).await?;
            assert!(!plan.is_empty(), "{} is not explained", statement.name);
            let bad = |operator: &&String| {
                operator.contains("CartesianProduct") || operator.contains("AllNodesScan")
            };
            let found = plan.iter().find(bad);
            assert!(found.is_none(), "{}: {plan:?}", statement.name);
        }
        for name in ["entity_history", "topology_around", "write_rows"] {
            let statement = STATEMENTS.iter().find(|one| one.name == name).expect("it is listed");
            let plan = store.cypher().explain(statement.text, with.clone()).await?;
            assert!(plan.iter().any(|one| one.contains("IndexSeek")), "{name}: {plan:?}");
        }
        Ok(())
    })
}

fn refusals(_: Pair) -> Done {
    block_on(async {
        let _graph = Graph::empty().await?;
        let mut wrong = options()?;
        wrong.password = "wrong".into();
        wrong.retry_time = std::time::Duration::ZERO;
        let refused = Neo4j::open(wrong).await.expect_err("the password is wrong").to_string();
        assert!(refused.contains("correct the user or the password"), "{refused}");
        let mut nowhere = options()?;
        // A port that was free a moment ago.
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        nowhere.url = format!("bolt://127.0.0.1:{port}");
        nowhere.retry_time = std::time::Duration::ZERO;
        let refused = Neo4j::open(nowhere).await.expect_err("nothing listens").to_string();
        assert!(refused.contains("start the server there or correct the address"), "{refused}");
        let mut nonsense = options()?;
        nonsense.url = "http://nowhere".into();
        let refused = Neo4j::open(nonsense).await.expect_err("it is no address").to_string();
        assert!(refused.contains("write bolt://host:7687"), "{refused}");
        Ok(())
    })
}

fn newer_schema(_: Pair) -> Done {
    block_on(async {
        let graph = Graph::empty().await?;
        let cypher = graph.open().await?.cypher();
        cypher.load("CREATE (:Migration {number: 9999})", Map::new()).await?;
        let refused = Neo4j::open(options()?).await;
        assert!(matches!(refused, Err(StoreError::Incompatible { .. })), "{refused:?}");
        Ok(())
    })
}
