//! The same questions asked of a real Neo4j by its own Cypher and of the embedded store, in one run on
//! one estate: `cargo xtask bench compare_neo4j -- --servers --entities 1000000`. The answers must
//! agree. The server is filled by a bulk load of its own; its graph must be empty.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bench::compare_load::{fill_embedded, fill_neo4j};
use bench::machine;
use bench::percentile::Times;
use graph::{Bounds, Csr, Edge, Kinds, Walker, Way};
use model::fact::{AggregateBy, Direction, TopologyQuery};
use model::kind::RelationKind;
use model::scope::OrgScope;
use model::seam::{ReadContext, Topology};
use scenario::large::{EntityKind as LargeKind, Large, RelationKind as LargeRelation};
use serde_json::{Map, Value, json};
use store_embedded::{Options, Store};
use store_server::neo4j::{Cypher, Neo4jOptions, STATEMENTS};
use tokio_util::sync::CancellationToken;

/// Seed of the estate and of the draws.
const SEED: u64 = 1;
/// Entities of the large estate at scale 1.
const WHOLE: f64 = 10_000_000.0;
/// Most that one bounded question gives.
const LIMIT: usize = 5_000;

#[tokio::main]
async fn main() -> Result<()> {
    let (mut entities, mut draws) = (1_000_000_u32, 100_u32);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--entities", Some(value)) => entities = value.parse()?,
            ("--draws", Some(value)) => draws = value.parse()?,
            _ => bail!("takes --entities N and --draws N"),
        }
    }
    machine::print();
    let large = Large::new(SEED, f64::from(entities) / WHOLE);
    println!(
        "load: {} entities, {} relations; {} processes ran on average in the last minute",
        large.entity_count(),
        large.relation_count(),
        machine::load()
    );
    let cypher = Cypher::new(options()?)?;
    fill_neo4j(&cypher, &large).await?;
    let folder = tempfile::tempdir()?;
    let store = Store::open(&Options::new(folder.path()))?;
    fill_embedded(&store.topology(), &large).await?;
    println!("question | Neo4j | embedded | ratio of the medians");
    let both = Both { cypher, topology: store.topology(), large };
    both.counts().await?;
    both.around(draws).await?;
    both.callers(draws).await?;
    both.blast().await?;
    both.single_replicas().await?;
    println!("load at the end: {}", machine::load());
    Ok(())
}

fn options() -> Result<Neo4jOptions> {
    let read = |name: &str| std::env::var(format!("UBIQUITOUS_TEST_NEO4J_{name}"));
    let url = read("URL").context("no server: run it with --servers")?;
    let user = read("USER").unwrap_or_else(|_| "neo4j".to_owned());
    let mut options = Neo4jOptions::new(url, user, read("PASSWORD").unwrap_or_default());
    options.write_time = Duration::from_secs(600);
    Ok(options)
}

/// Both stores with the same estate.
struct Both {
    cypher: Cypher,
    topology: std::sync::Arc<dyn Topology>,
    large: Large,
}

impl Both {
    async fn rows(&self, name: &str, with: Value) -> Result<(Vec<Vec<Value>>, f64)> {
        let statement = STATEMENTS.iter().find(|one| one.name == name).context("no statement")?;
        let with: Map<String, Value> = with.as_object().cloned().unwrap_or_default();
        let begun = Instant::now();
        let rows = self.cypher.ask(statement.text, with).await?;
        Ok((rows, begun.elapsed().as_secs_f64() * 1e3))
    }

    async fn ids(&self, name: &str, id: &str) -> Result<(BTreeSet<String>, f64)> {
        let (rows, time) = self.rows(name, json!({ "id": id })).await?;
        Ok((rows.iter().filter_map(|row| row[0].as_str().map(str::to_owned)).collect(), time))
    }

    /// Everything counted by kind, and every relation by kind.
    async fn counts(&self) -> Result<()> {
        let (mut theirs, mut ours) = (Times::default(), Times::default());
        for round in 0..4 {
            let (entities, first) = self.rows("topology_counts", json!({})).await?;
            let (relations, second) = self.rows("topology_relation_counts", json!({})).await?;
            let query = TopologyQuery {
                aggregate_by: Some(AggregateBy::Kind),
                limit: LIMIT,
                ..TopologyQuery::default()
            };
            let begun = Instant::now();
            let facts = self.topology.topology(&context(), query).await?;
            let time = begun.elapsed().as_secs_f64() * 1e3;
            let counted = |rows: &[Vec<Value>]| -> BTreeSet<(String, u64)> {
                let one =
                    |row: &Vec<Value>| Some((row[0].as_str()?.to_lowercase(), row[1].as_u64()?));
                rows.iter().filter_map(one).collect()
            };
            let kinds = facts.kinds.iter().map(|(kind, count)| (kind.to_string(), *count));
            ensure!(
                counted(&entities) == kinds.collect::<BTreeSet<_>>(),
                "entities are counted differently"
            );
            let kinds = facts.relation_kinds.iter().map(|(kind, count)| (kind.to_string(), *count));
            ensure!(
                counted(&relations) == kinds.collect::<BTreeSet<_>>(),
                "relations are counted differently"
            );
            // The first round is a warm-up, for both.
            if round > 0 {
                theirs.add(first + second);
                ours.add(time);
            }
        }
        line("whole estate: entities and relations by kind", &theirs, &ours);
        Ok(())
    }

    /// What is within two relations, around pods, services, nodes and databases in turn.
    async fn around(&self, draws: u32) -> Result<()> {
        let kinds =
            [LargeKind::Pod, LargeKind::Service, LargeKind::KubernetesNode, LargeKind::Database];
        let mut seen = Bounded::default();
        for draw in 0..draws {
            let id = self.drawn(kinds[draw as usize % kinds.len()], draw);
            let query = TopologyQuery { roots: vec![id.clone()], depth: 2, ..bounded() };
            self.both(query, "topology_around", id, &mut seen).await?;
        }
        seen.print("neighbourhood, depth 2");
        Ok(())
    }

    /// Who calls a service, up to three calls away.
    async fn callers(&self, draws: u32) -> Result<()> {
        let mut seen = Bounded::default();
        for draw in 0..draws {
            let id = self.drawn(LargeKind::Service, draw);
            let query = TopologyQuery {
                roots: vec![id.clone()],
                depth: 3,
                direction: Direction::Dependents,
                relations: vec![RelationKind::Calls],
                ..bounded()
            };
            self.both(query, "service_dependencies_callers", id, &mut seen).await?;
        }
        seen.print("callers up to 3 calls away");
        Ok(())
    }

    /// An entity of a kind.
    fn drawn(&self, kind: LargeKind, draw: u32) -> String {
        let all = self.large.of_kind(kind);
        let place = mix(u64::from(draw)) % u64::from(all.end - all.start);
        self.large.entity(all.start + place as u32).id
    }

    /// Asks both about `id`: they must find the same, which has `id` in it.
    async fn both(
        &self,
        query: TopologyQuery,
        statement: &str,
        id: String,
        seen: &mut Bounded,
    ) -> Result<()> {
        let begun = Instant::now();
        let facts = self.topology.topology(&context(), query).await?;
        let time = begun.elapsed().as_secs_f64() * 1e3;
        if facts.is_cut {
            // Beyond what a bounded question gives; Neo4j has no such bound.
            seen.beyond += 1;
            return Ok(());
        }
        let (mut found, their_time) = self.ids(statement, &id).await?;
        let mine: BTreeSet<String> = facts.entities.into_iter().map(|fact| fact.id).collect();
        ensure!(mine.contains(&id), "{statement}: {id} is not in its own answer");
        found.insert(id);
        ensure!(found == mine, "{statement}: {} and {}", found.len(), mine.len());
        seen.found_most = seen.found_most.max(found.len());
        seen.theirs.add(their_time);
        seen.ours.add(time);
        Ok(())
    }

    /// Everything that needs the hub through required calls, however far.
    async fn blast(&self) -> Result<()> {
        let mut edges = Vec::new();
        for position in 0..self.large.relation_count() {
            let one = self.large.relation(position);
            if one.kind == LargeRelation::Calls && one.need == "required" {
                edges.push(Edge { from: one.from, to: one.to, kind: 0 });
            }
        }
        let csr = Csr::new(self.large.entity_count(), &edges)?;
        let bounds = Bounds { depth: u32::MAX, results: usize::MAX, reads: usize::MAX };
        let hub = self.large.truth().hub;
        let (mut theirs, mut ours) = (Times::default(), Times::default());
        let mut walker = Walker::default();
        let mut count = 0;
        for round in 0..3 {
            let begun = Instant::now();
            let reached = walker.walk(&csr, &[hub], Way::Reverse, Kinds::of([0]), bounds);
            let time = begun.elapsed().as_secs_f64() * 1e3;
            let mine: BTreeSet<String> = reached
                .nodes
                .iter()
                .filter(|(node, _)| *node != hub)
                .map(|(node, _)| self.large.entity(*node).id)
                .collect();
            let id = self.large.entity(hub).id;
            let (mut found, their_time) = self.ids("critical_paths_blast", &id).await?;
            found.remove(&id);
            ensure!(found == mine, "needs the hub: {} and {}", found.len(), mine.len());
            count = mine.len();
            if round > 0 {
                theirs.add(their_time);
                ours.add(time);
            }
        }
        line(&format!("whole graph: all {count} that need the hub"), &theirs, &ours);
        Ok(())
    }

    /// Workloads with one pod.
    async fn single_replicas(&self) -> Result<()> {
        let mut edges = Vec::new();
        for position in 0..self.large.relation_count() {
            let one = self.large.relation(position);
            if one.kind == LargeRelation::HasReplica {
                edges.push(Edge { from: one.from, to: one.to, kind: 0 });
            }
        }
        let csr = Csr::new(self.large.entity_count(), &edges)?;
        let (mut theirs, mut ours) = (Times::default(), Times::default());
        let mut count = 0;
        for round in 0..3 {
            let begun = Instant::now();
            let is_single = |node: &u32| csr.forward.degree(*node) == 1;
            let mine: Vec<u32> =
                self.large.of_kind(LargeKind::Workload).filter(is_single).collect();
            let time = begun.elapsed().as_secs_f64() * 1e3;
            let with = json!({"limit": i64::MAX});
            let (rows, their_time) = self.rows("critical_paths_single_replicas", with).await?;
            let found: BTreeSet<&str> = rows.iter().filter_map(|row| row[0].as_str()).collect();
            let mine: BTreeSet<String> =
                mine.into_iter().map(|node| self.large.entity(node).id).collect();
            let is_same = found.iter().copied().eq(mine.iter().map(String::as_str));
            ensure!(is_same, "single replicas: {} and {}", found.len(), mine.len());
            count = mine.len();
            if round > 0 {
                theirs.add(their_time);
                ours.add(time);
            }
        }
        line(&format!("whole graph: all {count} workloads with one pod"), &theirs, &ours);
        Ok(())
    }
}

/// What one bounded question was seen to take.
#[derive(Default)]
struct Bounded {
    theirs: Times,
    ours: Times,
    beyond: u32,
    found_most: usize,
}

impl Bounded {
    fn print(&self, what: &str) {
        let (most, beyond) = (self.found_most, self.beyond);
        let what = format!("{what}, at most {most} entities; {beyond} roots beyond the bound");
        line(&what, &self.theirs, &self.ours);
    }
}

fn bounded() -> TopologyQuery {
    TopologyQuery { limit: LIMIT, ..TopologyQuery::default() }
}

fn line(what: &str, theirs: &Times, ours: &Times) {
    let ratio = theirs.at(0.5) / ours.at(0.5);
    println!("{what} | {} | {} | {ratio:.1}", theirs.line(), ours.line());
}

fn context() -> ReadContext {
    ReadContext {
        as_of: None,
        org_scope: OrgScope::Everything,
        deadline: Instant::now() + Duration::from_secs(600),
        cancel: CancellationToken::new(),
    }
}

/// The finaliser of SplitMix64.
fn mix(value: u64) -> u64 {
    let mut z = (value ^ SEED).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
