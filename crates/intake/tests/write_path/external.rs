//! An external endpoint is one entity however many inputs name it, also when the reference is only
//! tried again.

use std::sync::Arc;

use model::reference::{Claim, Reference};
use model::{Batch, EntityKind, EntityObservation, RelationKind, RelationObservation};

use crate::estate::input;
use crate::memory::Memory;
use crate::order::{open, read};

const KEY: &str = "endpoint:c/n/api.payments.com:443";

fn batch(source: &str, at: i64, hash: usize) -> Batch {
    let mut batch = Batch::new(input(source, at, hash));
    batch.is_last = true;
    batch
}

/// A service that calls the endpoint.
fn caller(name: &str, at: i64, hash: usize) -> Batch {
    let mut to = Reference::key("endpoint", KEY);
    to.otherwise = Some(EntityKind::ExternalEndpoint);
    let mut service =
        EntityObservation::new(format!("service://_/_/{name}"), EntityKind::Service, name);
    let from = Reference::id(service.id.clone());
    service.relations.push(RelationObservation::declared(from, RelationKind::Calls, to));
    let mut batch = batch(&format!("source-{name}"), at, hash);
    batch.entities.push(service);
    batch
}

#[test]
fn it_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(Memory::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let intake = open(&memory, folder.path()).await;
        for (number, name) in ["a", "b", "a"].into_iter().enumerate() {
            read(&intake, vec![caller(name, 1 + number as i64, number)]).await;
        }
        // A claim that changes and leads nowhere: both references are tried again.
        let mut claims = batch("claims", 9, 9);
        claims.claims.push(Claim::alias(KEY, "service://_/_/nobody"));
        read(&intake, vec![claims]).await;
    });
    memory.state(|state| {
        let all = state.entities.values();
        assert_eq!(all.filter(|one| one.kind == EntityKind::ExternalEndpoint).count(), 1);
    });
}
