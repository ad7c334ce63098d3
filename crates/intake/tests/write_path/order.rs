//! Any order and any batch size of the same inputs give the same estate; the same input twice changes
//! nothing. Against a naive store that keeps the seams' documentation to the letter.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::estate::{Item, input, put, source_of};
use crate::memory::Memory;
use intake::journal::Bounds;
use intake::{Intake, Options, Stores};
use model::Batch;
use model::input::IntakeEntry;
use proptest::prelude::*;

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        3 => (0..3_u8, 0..3_u8).prop_map(|(i, v)| Item::Workload(i, v)),
        3 => (0..4_u8, 0..3_u8).prop_map(|(i, v)| Item::Pod(i, v)),
        2 => (0..4_u8, 0..3_u8).prop_map(|(i, v)| Item::NamedPod(i, v)),
        3 => (0..3_u8, 0..3_u8).prop_map(|(i, v)| Item::ServiceObject(i, v)),
        2 => (0..3_u8, 0..2_u8).prop_map(|(i, v)| Item::Telemetry(i, v)),
        1 => (0..2_u8).prop_map(Item::Volume),
        1 => (0..2_u8).prop_map(Item::Provisional),
        1 => (0..3_u8, 0..3_u8).prop_map(|(a, b)| Item::OwnCall(a, b)),
        1 => (0..4_u8, 0..3_u8).prop_map(|(p, m)| Item::Series(p, m)),
        2 => (0..2_u8, 0..4_u8).prop_map(|(t, i)| Item::Span(t, i)),
    ]
}

/// Inputs: everything one source says at one instant; each speaks of a thing once.
fn inputs(said: &[(u8, Item)]) -> Vec<((&'static str, i64), Vec<Item>)> {
    let mut inputs: BTreeMap<(&'static str, i64), Vec<Item>> = BTreeMap::new();
    for (at, item) in said {
        let input = inputs.entry((source_of(*item), i64::from(*at) + 1)).or_default();
        if input.iter().all(|other| other.thing() != item.thing()) {
            input.push(*item);
        }
    }
    inputs.into_iter().collect()
}

pub async fn open(memory: &Arc<Memory>, folder: &std::path::Path) -> Intake {
    let stores = Stores {
        topology: Arc::clone(memory) as Arc<_>,
        telemetry: Arc::clone(memory) as Arc<_>,
        records: Arc::clone(memory) as Arc<_>,
    };
    let bounds = Bounds { reserve_bytes: 0, ..Bounds::default() };
    let options = Options { folder: folder.to_owned(), journal: "test".to_owned(), bounds };
    Intake::open(stores, options).await.unwrap()
}

fn batches(source: &str, at: i64, hash: usize, items: &[Item], size: usize) -> Vec<Batch> {
    let chunks = items.chunks(size.max(1));
    let mut batches: Vec<Batch> = chunks
        .map(|chunk| {
            let mut batch = Batch::new(input(source, at, hash));
            chunk.iter().for_each(|item| put(*item, &mut batch));
            batch
        })
        .collect();
    batches.last_mut().unwrap().is_last = true;
    batches
}

pub async fn read(intake: &Intake, batches: Vec<Batch>) -> IntakeEntry {
    let (sender, receiver) = tokio::sync::mpsc::channel(batches.len());
    for batch in batches {
        sender.send(batch).await.unwrap();
    }
    intake.file("run", receiver).await.unwrap()
}

/// Reads the inputs in an order and with a batch size; gives the state.
fn estate(said: &[(u8, Item)], order: &[prop::sample::Index], size: usize) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(Memory::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let intake = open(&memory, folder.path()).await;
        let mut left: Vec<_> = inputs(said).into_iter().enumerate().collect();
        for position in order {
            if left.is_empty() {
                break;
            }
            let (hash, ((source, at), items)) = left.remove(position.index(left.len()));
            read(&intake, batches(source, at, hash, &items, size)).await;
        }
        for (hash, ((source, at), items)) in left {
            read(&intake, batches(source, at, hash, &items, size)).await;
        }
        let state = memory.canonical();
        for (hash, ((source, at), items)) in inputs(said).into_iter().enumerate() {
            // Other bytes, the same content.
            let again = read(&intake, batches(source, at, 1_000 + hash, &items, 1)).await;
            assert!(again.outcome.is_unchanged(), "{:?}", again.outcome);
        }
        assert_eq!(state, memory.canonical(), "the second time changed something");
        state
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_and_batch_size_do_not_matter(
        said in prop::collection::vec((0..3_u8, item()), 1..14),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..14),
        sizes in (1..5_usize, 1..5_usize),
    ) {
        let straight = estate(&said, &[], sizes.0);
        let shuffled = estate(&said, &order, sizes.1);
        prop_assert_eq!(straight, shuffled);
    }
}

#[test]
fn what_a_cluster_held_under_its_name_is_under_its_uid() {
    let said = [(0, Item::NamedPod(0, 1)), (1, Item::Pod(1, 1))];
    let reversed = [last(2)];
    for order in [&[][..], &reversed[..]] {
        let lines = estate(&said, order, 1);
        let has = |line: &str| lines.iter().any(|one| one == line);
        for kept in ["k8s://c/n/pod/p0 Present pod", "k8s://c/n/pod/p1 Present pod"] {
            assert!(has(kept), "{kept} is not among {lines:#?}");
        }
        for redirect in
            ["k8s://name/n/pod/p0 → k8s://c/n/pod/p0", "k8s://name/_/node/n1 → k8s://c/_/node/n1"]
        {
            assert!(has(redirect), "{redirect} is not among {lines:#?}");
        }
        let runs = "k8s://c/n/pod/p0 runs_on k8s://c/_/node/n1 declared by kubernetes:c rule ";
        assert!(has(runs), "{runs} is not among {lines:#?}");
    }
}

/// The index of the last of any list.
fn last(of: usize) -> prop::sample::Index {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let any = any::<prop::sample::Index>();
    std::iter::repeat_with(|| any.new_tree(&mut runner).unwrap().current())
        .find(|index| index.index(of) == of - 1)
        .unwrap()
}

/// A newer record takes one of two calls back whose far end it no longer names: the other still holds the
/// implied service.
#[test]
fn a_call_taken_back_ends_once() {
    let said = [
        (1, Item::Workload(0, 0)),
        (0, Item::ServiceObject(1, 2)),
        (1, Item::Workload(1, 0)),
        (1, Item::ServiceObject(0, 0)),
        (0, Item::Workload(2, 1)),
        (1, Item::Workload(2, 0)),
    ];
    assert_eq!(estate(&said, &[], 1), estate(&said, &[], said.len()));
}

/// A newer record no longer calls what only its call held there: that is implied again.
#[test]
fn what_only_a_call_held_is_implied_after_it() {
    let said = [
        (0, Item::Workload(0, 1)),
        (1, Item::Workload(1, 2)),
        (0, Item::Workload(1, 1)),
        (2, Item::ServiceObject(0, 0)),
    ];
    assert_eq!(estate(&said, &[last(3)], 1), estate(&said, &[], 1));
}

/// Where a call leads changes with a newer record, and the caller's newer record no longer calls: the row
/// that began with the former ends too.
#[test]
fn a_call_that_began_late_ends() {
    let said = [
        (2, Item::ServiceObject(2, 0)),
        (2, Item::Workload(0, 2)),
        (0, Item::Workload(0, 1)),
        (0, Item::Workload(2, 0)),
        (0, Item::ServiceObject(2, 2)),
    ];
    let lines = estate(&said, &[], 1);
    assert!(!lines.iter().any(|line| line.contains("w0 calls ")), "{lines:#?}");
    assert!(lines.iter().any(|line| line == "service://_/n/w2 Implied service"), "{lines:#?}");
}
