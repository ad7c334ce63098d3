//! Writes of every kind, drawn at random, go to the data folder and to Neo4j: both answer alike, now and
//! at instants of the past, before and after the graph is opened again, and on a replica that took part
//! in half of the writing.

use crate::contract::neo4j::Graph;
use crate::contract::{Done, EMBEDDED, Pair, Site};
use crate::store_base::block_on;
use crate::store_topology::drawn::{Drawn, answers};

/// Writes of one round.
const WRITES: u64 = 25;

/// The trial.
pub fn alike(_: Pair) -> Done {
    block_on(async {
        for seed in 0..4 {
            let (graph, site) = (Graph::empty().await?, Site::new(EMBEDDED).await?);
            let embedded = site.open().await?;
            let (one, other) = (graph.open().await?, graph.open().await?);
            let mut drawn = Drawn::new(seed);
            for number in 1..=WRITES {
                let write = drawn.write(number);
                let expected = embedded.topology().write(write.clone()).await?;
                let replica = if number % 2 == 0 { &one } else { &other };
                assert_eq!(replica.topology().write(write).await?, expected, "write {number}");
            }
            let expected = answers(&embedded.topology()).await?;
            let reopened = graph.open().await?;
            for (name, store) in [("one", &one), ("other", &other), ("reopened", &reopened)] {
                let found = answers(&store.topology()).await?;
                for (expected, found) in expected.iter().zip(&found) {
                    assert_eq!(found, expected, "seed {seed}, {name}");
                }
            }
        }
        Ok(())
    })
}
