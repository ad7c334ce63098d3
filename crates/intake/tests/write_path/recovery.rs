//! Pushed input: acknowledged, applied in order, replayed after a crash, kept while a store is down;
//! complete inputs retire, too much is held.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::estate::{Item, input, put};
use crate::memory::Memory;
use intake::journal::{Bounds, Entry, Journal};
use intake::{Intake, Options, Stores};
use model::input::Completeness;
use model::{Batch, EntityKind};

fn stores(memory: &Arc<Memory>) -> Stores {
    Stores {
        topology: Arc::clone(memory) as Arc<_>,
        telemetry: Arc::clone(memory) as Arc<_>,
        records: Arc::clone(memory) as Arc<_>,
    }
}

async fn open(memory: &Arc<Memory>, folder: &Path) -> Intake {
    let bounds = Bounds { reserve_bytes: 0, ..Bounds::default() };
    let options = Options { folder: folder.to_owned(), journal: "push".to_owned(), bounds };
    Intake::open(stores(memory), options).await.unwrap()
}

fn batch(source: &str, at: i64, hash: usize, items: &[Item]) -> Batch {
    let mut batch = Batch::new(input(source, at, hash));
    items.iter().for_each(|item| put(*item, &mut batch));
    batch
}

fn pods(at: i64, hash: usize, which: &[u8]) -> Batch {
    let items: Vec<Item> = which.iter().map(|index| Item::Pod(*index, 0)).collect();
    let mut batch = batch("kubernetes:c", at, hash, &items);
    batch.completes.push(Completeness {
        kind: EntityKind::Pod,
        class: String::new(),
        id_prefix: "k8s://c/n/".to_owned(),
    });
    batch
}

#[tokio::test]
async fn a_push_is_in_the_stores_once_it_was_waited_for_and_known_the_second_time() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(Memory::default());
    let intake = open(&memory, folder.path()).await;
    let mut notices = intake.subscribe();
    let said = batch("kubernetes:c", 1, 1, &[Item::Workload(0, 0), Item::Pod(0, 0)]);
    let ack = intake.push("run", vec![said.clone()]).await.unwrap();
    let entry = intake.wait(&ack).await.unwrap().unwrap();
    assert!(entry.is_finished && !entry.outcome.is_known);
    assert_eq!(entry.outcome.read, [("pod".to_owned(), 1), ("workload".to_owned(), 1)]);
    let notice = notices.recv().await.unwrap();
    assert_eq!(notice.sequence.number, ack.number);
    assert!(notice.kinds.contains(&model::seam::DataKind::Topology));
    let state = memory.canonical();
    assert!(
        state.iter().any(|line| line.contains("w0 has_replica k8s://c/n/pod/p0")),
        "{state:#?}"
    );
    let ack = intake.push("run", vec![said]).await.unwrap();
    assert!(intake.wait(&ack).await.unwrap().unwrap().outcome.is_known);
    assert_eq!(memory.canonical(), state);
    intake.shutdown().await;
    assert!(intake.push("run", vec![pods(2, 2, &[0])]).await.is_err());
}

#[tokio::test]
async fn what_a_store_lacks_after_a_crash_is_applied_again() {
    let inputs = || {
        vec![
            vec![batch("kubernetes:c", 1, 1, &[Item::Workload(0, 0), Item::Series(0, 1)])],
            vec![
                batch("kubernetes:c", 2, 2, &[Item::Workload(0, 1)]),
                batch("kubernetes:c", 2, 2, &[Item::Pod(0, 1)]),
            ],
            vec![batch("otlp", 2, 3, &[Item::Telemetry(0, 0), Item::Span(0, 0), Item::Span(0, 1)])],
        ]
    };
    let whole = Arc::new(Memory::default());
    let folder = tempfile::tempdir().unwrap();
    let intake = open(&whole, folder.path()).await;
    for batches in inputs() {
        let ack = intake.push("run", batches).await.unwrap();
        intake.wait(&ack).await.unwrap();
    }
    intake.shutdown().await;
    // The journal as it was when the machine died, with stores that got this far.
    for (topology, telemetry) in (0..=4_u64).flat_map(|a| (0..=4_u64).map(move |b| (a, b))) {
        if telemetry > topology {
            continue; // The topology is written first.
        }
        let folder = tempfile::tempdir().unwrap();
        let journal =
            Journal::open(folder.path(), 0, Bounds { reserve_bytes: 0, ..Bounds::default() });
        let journal = journal.unwrap();
        for batches in inputs() {
            let last = batches.len() - 1;
            let records = batches.into_iter().enumerate().map(|(position, mut batch)| {
                batch.is_last = position == last;
                let position = u32::try_from(position).unwrap();
                (0, Entry { run: "run".to_owned(), position, batch }.encode().unwrap())
            });
            journal.append(records.collect()).await.unwrap();
        }
        journal.close();
        let memory = Arc::new(Memory::default());
        memory.state(|state| state.stop_after = Some((topology, telemetry)));
        let intake = open(&memory, folder.path()).await;
        while intake.status().error.is_none() && intake.status().applied < 4 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        intake.shutdown().await;
        memory.state(|state| state.stop_after = None);
        let intake = open(&memory, folder.path()).await;
        intake.wait(&intake::Ack { number: 4 }).await.unwrap();
        intake.shutdown().await;
        assert_eq!(memory.canonical(), whole.canonical(), "died at {topology}, {telemetry}");
    }
}

#[tokio::test]
async fn a_store_that_is_down_delays_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(Memory::default());
    memory.refusals.store(2, Ordering::SeqCst);
    let intake = open(&memory, folder.path()).await;
    let said = batch("kubernetes:c", 1, 1, &[Item::Workload(0, 0)]);
    let ack = intake.push("run", vec![said]).await.unwrap();
    assert!(intake.status().backlog_bytes > 0);
    intake.wait(&ack).await.unwrap();
    assert_eq!(intake.status().error, None);
    assert_eq!(intake.status().backlog_bytes, 0);
    assert!(memory.canonical().iter().any(|line| line.contains("w0 Present workload")));
}

#[tokio::test]
async fn a_complete_input_retires_what_it_omits_unless_it_is_too_much() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(Memory::default());
    let intake = open(&memory, folder.path()).await;
    let all: Vec<u8> = (0..60).collect();
    let push = async |batch: Batch| {
        let ack = intake.push("run", vec![batch]).await.unwrap();
        intake.wait(&ack).await.unwrap().unwrap().outcome
    };
    push(pods(1, 1, &all)).await;
    let partial = batch("kubernetes:c", 2, 2, &[Item::Pod(0, 0)]);
    assert!(push(partial).await.retired.is_empty(), "a partial input retires nothing");
    let outcome = push(pods(3, 3, &all[..55])).await;
    assert_eq!(outcome.retired, [("entity".to_owned(), 5)]);
    // 15 of 55 is more than a fifth.
    let outcome = push(pods(4, 4, &all[..40])).await;
    assert_eq!((outcome.retired.len(), outcome.held), (0, vec![("entity".to_owned(), 15)]));
    // The next complete export says the same of ten of them; five are back.
    let outcome = push(pods(5, 5, &all[..45])).await;
    assert_eq!(outcome.retired, [("entity".to_owned(), 10)]);
    let outcome = push(pods(6, 6, &[])).await;
    assert_eq!((outcome.retired.len(), outcome.held), (0, vec![("entity".to_owned(), 45)]));
    // What comes back lives again.
    push(pods(7, 7, &all)).await;
    let state = memory.canonical();
    assert!(!state.iter().any(|line| line.contains("retired Some")), "{state:#?}");
}

#[tokio::test]
async fn a_dry_run_counts_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(Memory::default());
    let intake = open(&memory, folder.path()).await;
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let mut said = batch("kubernetes:c", 1, 1, &[Item::Workload(0, 0), Item::Pod(0, 0)]);
    said.is_last = true;
    sender.send(said).await.unwrap();
    drop(sender);
    let outcome = intake.dry_run(receiver).await.unwrap();
    assert!(outcome.added.contains(&("pod".to_owned(), 1)), "{outcome:?}");
    assert!(memory.canonical().is_empty());
}
