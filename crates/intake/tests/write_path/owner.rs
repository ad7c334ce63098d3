//! Owners that rules give by the name of a unit are the unit, when it is known before what it owns.

use std::sync::Arc;

use model::reference::Claim;
use model::value::OwnershipRule;
use model::{Batch, EntityKind, EntityObservation};

use crate::estate::input;
use crate::memory::Memory;
use crate::order::{open, read};

fn rule(owner: &str) -> OwnershipRule {
    OwnershipRule {
        terms: [("namespace".to_owned(), "n".to_owned())].into(),
        owner: Some(owner.to_owned()),
        application: None,
        environment: None,
        tier: None,
        note: None,
    }
}

fn batch(source: &str, at: i64, hash: usize) -> Batch {
    let mut batch = Batch::new(input(source, at, hash));
    batch.is_last = true;
    batch
}

fn unit(kind: EntityKind, id: &str) -> EntityObservation {
    let mut unit = EntityObservation::new(id, kind, id);
    unit.claims.push(Claim::alias("unit:pay", id));
    unit
}

fn pod() -> EntityObservation {
    let mut pod = EntityObservation::new("k8s://c/n/pod/p", EntityKind::Pod, "p");
    pod.scope.namespace = Some("n".to_owned());
    pod
}

/// The owner of the pod after the inputs.
fn owner(inputs: Vec<Batch>) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(Memory::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let intake = open(&memory, folder.path()).await;
        for batch in inputs {
            read(&intake, vec![batch]).await;
        }
    });
    memory.state(|state| {
        let mut pods = state.entities.iter().filter(|(_, one)| one.kind == EntityKind::Pod);
        let id = *pods.next().unwrap().0;
        state.newest(id, "kubernetes:c").unwrap().owner.clone()
    })
}

fn rules() -> Batch {
    let mut rules = batch("ownership", 1, 1);
    rules.ownership.push(rule("unit:pay"));
    rules
}

fn units(all: Vec<EntityObservation>) -> Batch {
    let mut units = batch("organisation", 1, 2);
    units.entities = all;
    units
}

fn pods(at: i64) -> Batch {
    let mut pods = batch("kubernetes:c", at, 3 + usize::try_from(at).unwrap());
    pods.entities.push(pod());
    pods
}

#[test]
fn the_owner_is_the_unit_that_the_name_means() {
    let team = || vec![unit(EntityKind::Team, "org://team/pay")];
    let expected = Some("org://team/pay".to_owned());
    assert_eq!(owner(vec![rules(), units(team()), pods(1)]), expected);
    assert_eq!(owner(vec![units(team()), rules(), pods(1)]), expected);
    let mut together = pods(1);
    together.ownership.push(rule("unit:pay"));
    assert_eq!(owner(vec![units(team()), together]), expected);
    // The next time that the entity is seen, what was learned since holds.
    assert_eq!(owner(vec![pods(1), rules(), units(team()), pods(2)]), expected);
}

#[test]
fn a_name_of_two_units_or_of_none_stays_a_name() {
    let name = Some("unit:pay".to_owned());
    assert_eq!(owner(vec![rules(), pods(1)]), name);
    let both = vec![
        unit(EntityKind::Team, "org://team/pay"),
        unit(EntityKind::BusinessUnit, "org://business_unit/pay"),
    ];
    assert_eq!(owner(vec![rules(), units(both), pods(1)]), name);
}
