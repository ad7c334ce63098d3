//! A Neo4j that is filled as Cartography fills it, read through the built program: each mapped relation
//! with its direction and count, what is not read said, and nothing written.

mod shape;
mod wanted;

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use serde_json::{Map, Value};
use store_server::neo4j::Cypher;

use super::contract::neo4j::{Graph, options};
use super::contract::{self, Done, NEO4J, Pair};
use super::program::{Program, expect};
use super::store_base::block_on;
use shape::{Names, Shape};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let mut trials = contract::trials(
        &[NEO4J],
        "cartography::each_relation_is_mapped_and_nothing_is_written",
        today,
    );
    trials.extend(contract::trials(
        &[NEO4J],
        "cartography::labels_of_before_are_read_alike",
        before,
    ));
    trials.extend(contract::trials(&[NEO4J], "cartography::another_graph_is_refused", other));
    trials
}

const COUNTS: &str = "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n), count(r)";

fn today(_: Pair) -> Done {
    block_on(with_shape(&Names::Today))
}

fn before(_: Pair) -> Done {
    block_on(with_shape(&Names::Before))
}

async fn with_shape(names: &Names) -> Done {
    let graph = Graph::empty().await?;
    let cypher = Cypher::new(options()?)?;
    let shape = Shape::new(names);
    shape.write(&cypher).await?;
    let done = read(&graph, &cypher).await;
    cypher.load("MATCH (n) WHERE n._module_version = 'trial' DETACH DELETE n", Map::new()).await?;
    done
}

async fn read(graph: &Graph, cypher: &Cypher) -> Done {
    let before = (cypher.ask(COUNTS, Map::new()).await?, cypher.newest_commit().await?);
    let password = options()?.password;
    let variable = ("UBIQUITOUS_CARTOGRAPHY_PASSWORD".to_owned(), password);
    let program = Program::with_environment(vec![variable])?;
    let report = program.json(&["ingest", "--cartography", &graph.address()])?;
    let after = (cypher.ask(COUNTS, Map::new()).await?, cypher.newest_commit().await?);
    expect("nodes, relations and commits", after, before)?;
    // Whoever opens the graph to read cannot write: the server says so.
    let refused = cypher.ask("CREATE (:AWSAccount {_module_version: 'trial'})", Map::new()).await;
    expect("a write in read mode is refused", refused.is_err(), true)?;

    let (relations, entities) = exported(&program)?;
    let wanted = wanted::wanted();
    let missing: Vec<_> = wanted.difference(&relations).collect();
    let more: Vec<_> = relations.difference(&wanted).collect();
    expect(
        "relations that are missing, and that nobody stated",
        (missing, more),
        (vec![], vec![]),
    )?;
    let named =
        |id: &str| entities.iter().find(|one| one["id"] == *id).cloned().unwrap_or_default();
    expect(
        "the instance's type",
        named(shape::INSTANCE)["properties"]["instance_type"].clone(),
        "m5.large".into(),
    )?;
    expect("the instance's tag", named(shape::INSTANCE)["labels"]["team"].clone(), "cart".into())?;
    expect("its name", named(shape::INSTANCE)["name"].clone(), "web-1".into())?;
    let is_stale =
        entities.iter().any(|one| one["id"].as_str().is_some_and(|id| id.ends_with("i-9")));
    expect("what the newest sync did not see is left out", is_stale, false)?;

    said(&report, "AWSS3Bucket", "not read", 2)?;
    said(&report, "POLICY", "not read", 1)?;
    said(&report, "AWSEC2Instance", "newest sync", 1)?;
    let again = program.json(&["ingest", "--cartography", &graph.address()])?;
    let inputs = again["inputs"].as_array().into_iter().flatten();
    let is_empty =
        |input: &Value, what: &str| input["outcome"][what].as_array().is_some_and(Vec::is_empty);
    let is_same =
        |input: &Value| ["added", "changed", "retired"].iter().all(|what| is_empty(input, what));
    let changes = inputs.clone().filter(|input| !is_same(input)).count();
    expect(
        "inputs, and those that change anything when read again",
        (inputs.count() > 0, changes),
        (true, 0),
    )
}

/// What a reject says of a label or type, and how many it stands for.
fn said(report: &Value, what: &str, reason: &str, count: u64) -> Done {
    let rejects = report["rejects"].as_array().into_iter().flatten();
    let of = rejects.filter(|one| {
        let has =
            |field: &str, part: &str| one[field].as_str().is_some_and(|text| text.contains(part));
        has("location", what) && has("reason", reason)
    });
    expect(what, of.filter_map(|one| one["count"].as_u64()).sum(), count)
}

type Relations = BTreeSet<(String, String, String)>;

/// Relations as kind, from and to, and entities, as `export` gives them.
fn exported(program: &Program) -> Result<(Relations, Vec<Value>), Failed> {
    let ran = program.run(&["export"])?;
    let (mut relations, mut entities) = (Relations::new(), Vec::new());
    for line in ran.stdout.lines() {
        let row: Value = serde_json::from_str(line)?;
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        match row["type"].as_str() {
            Some("relation") => {
                relations.insert((text("kind"), text("from"), text("to")));
            }
            _ => entities.push(row),
        }
    }
    Ok((relations, entities))
}

fn other(_: Pair) -> Done {
    block_on(async {
        let graph = Graph::empty().await?;
        // The program's own graph is none of Cartography's.
        let store = graph.open().await?;
        let variable = ("UBIQUITOUS_CARTOGRAPHY_PASSWORD".to_owned(), options()?.password);
        let program = Program::with_environment(vec![variable])?;
        let ran = program.run(&["ingest", "--cartography", &graph.address()])?;
        store.close().await;
        expect("exit", ran.code, 6)?;
        expect(
            "what to do",
            ran.stderr.contains("name the server that Cartography writes to"),
            true,
        )?;
        let wrong = vec![("UBIQUITOUS_CARTOGRAPHY_PASSWORD".to_owned(), "wrong".to_owned())];
        let program = Program::with_environment(wrong)?;
        let ran = program.run(&["ingest", "--cartography", &graph.address()])?;
        expect("exit", ran.code, 5)?;
        expect("what to do", ran.stderr.contains("correct the user or the password"), true)
    })
}
