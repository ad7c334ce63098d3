//! Real manifests and the real telemetry of what they deploy, by the real readers: one estate, in
//! either order. Skipped by name where the data is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ingest::InputContext;
use ingest::context::{Seen, learn};
use model::kind::Evidence;
use model::resolution::EntityState;
use model::{Batch, EntityKind, Micros, RelationKind};

use crate::memory::{Memory, State};
use crate::order::{open, read};

/// A folder of the real data; says why the test does not run when it is not there.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn data(folder: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if root.is_dir() {
        return Some(root);
    }
    eprintln!("skipped: {} is not there; it holds the real data", root.display());
    None
}

/// The inputs of a folder as `ubiquitous ingest` reads them: each with its batches.
fn inputs(folder: &Path, flags: &InputContext) -> Vec<Vec<Batch>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let files: Vec<(String, Vec<u8>)> = paths
        .iter()
        .map(|path| (path.to_str().unwrap().to_owned(), std::fs::read(path).unwrap()))
        .collect();
    let root = folder.to_str().unwrap();
    let seen: Vec<Seen<'_>> =
        files.iter().map(|(path, bytes)| Seen { root, path, bytes, file_time: None }).collect();
    let contexts = learn(&seen, flags);
    let mut inputs = Vec::new();
    for ((path, bytes), context) in files.iter().zip(&contexts) {
        let mut batches = Vec::new();
        let hand_on = &mut |batch| {
            batches.push(batch);
            ControlFlow::Continue(())
        };
        // A licence and the list of faults are of no format.
        let is_read = ingest::read(path, bytes, context, hand_on).is_ok();
        if is_read {
            inputs.push(batches);
        }
    }
    inputs
}

fn flags(environment: Option<&str>, cluster: &str) -> InputContext {
    InputContext {
        cluster: Some(cluster.to_owned()),
        namespace: Some("online-boutique".to_owned()),
        environment: environment.map(str::to_owned),
        observed_at: Some(Micros(1_661_212_800 * Micros::SECOND)),
        ..InputContext::default()
    }
}

fn estate(inputs: Vec<Vec<Batch>>) -> Arc<Memory> {
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(Memory::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let intake = open(&memory, folder.path()).await;
        for batches in inputs {
            read(&intake, batches).await;
        }
    });
    memory
}

type Edges = BTreeMap<(String, RelationKind, String), BTreeSet<Evidence>>;

/// Calls and connections in force, with how they are known.
fn edges(state: &State) -> Edges {
    let mut edges = Edges::new();
    for row in state.rows.values().filter(|row| row.valid_to.is_none()) {
        if matches!(row.kind, RelationKind::Calls | RelationKind::ConnectsTo) {
            let key = (state.name(row.from), row.kind, state.name(row.to));
            edges.entry(key).or_default().insert(row.evidence);
        }
    }
    edges
}

/// Services in answers.
fn services(state: &State) -> BTreeSet<String> {
    let is_there = |kind: EntityKind, state: EntityState| {
        kind == EntityKind::Service && state == EntityState::Present
    };
    let all = state.entities.values().filter(|one| one.redirect.is_none());
    all.filter(|one| is_there(one.kind, one.state)).map(|one| one.canonical.to_string()).collect()
}

fn check(state: &State) {
    let edges = edges(state);
    let is = |evidence: Evidence| edges.values().filter(|all| all.contains(&evidence)).count();
    let calls = edges.keys().filter(|(_, kind, _)| *kind == RelationKind::Calls).count();
    assert_eq!((edges.len(), calls), (16, 15), "{edges:#?}");
    assert_eq!((is(Evidence::Declared), is(Evidence::Observed)), (16, 14), "{edges:#?}");
    assert_eq!(services(state).len(), 11, "{:#?}", services(state));
    // Each service that sent spans is implemented by the workload of its name.
    let senders: BTreeSet<String> =
        state.spans.values().map(|span| span.service.to_string()).collect();
    assert_eq!(senders.len(), 10, "{senders:#?}");
    for sender in senders {
        let name = sender.rsplit('/').next().unwrap();
        let workload = format!("k8s://boutique/online-boutique/deployment/{name}");
        let is_joined = state.rows.values().any(|row| {
            row.kind == RelationKind::ImplementedBy
                && state.name(row.from) == sender
                && state.name(row.to) == workload
        });
        assert!(is_joined, "{sender} is not implemented by {workload}");
    }
    let open: Vec<String> = state
        .references
        .values()
        .filter(|one| one.targets.is_empty() || one.is_conflict)
        .map(|one| one.reference.label())
        .collect();
    let is_expected = |label: &String| label.contains("shoppingassistantservice");
    assert!(open.iter().any(is_expected) && open.iter().all(is_expected), "{open:#?}");
}

#[test]
fn telemetry_and_manifests_are_one_estate_in_either_order() {
    let (Some(manifests), Some(telemetry)) =
        (data("kubernetes/online-boutique"), data("root-cause/online-boutique-2022-08-23"))
    else {
        return;
    };
    let flags = flags(None, "boutique");
    let (manifests, telemetry) = (inputs(&manifests, &flags), inputs(&telemetry, &flags));
    assert_eq!((manifests.len(), telemetry.len()), (2, 2));
    let first = estate(manifests.iter().chain(&telemetry).cloned().collect());
    first.state(|state| check(state));
    let second = estate(telemetry.iter().chain(&manifests).cloned().collect());
    second.state(|state| check(state));
    assert_eq!(first.canonical(), second.canonical());
}
