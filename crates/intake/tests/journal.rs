//! The journal against crashes: a file cut at every byte, a byte that changed, a full disk, a backlog
//! at its bound.

#![expect(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::path::{Path, PathBuf};

use intake::journal::{Bounds, HEADER_BYTES, Journal};
use model::StoreError;

fn bounds() -> Bounds {
    Bounds { reserve_bytes: 0, ..Bounds::default() }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn bytes(number: u64) -> Vec<u8> {
    vec![u8::try_from(number).unwrap(); usize::try_from(number % 7 + 1).unwrap()]
}

/// Appends records one by one, each acknowledged.
fn append(folder: &Path, bounds: Bounds, numbers: std::ops::RangeInclusive<u64>) {
    let journal = Journal::open(folder, 0, bounds).unwrap();
    runtime().block_on(async {
        for number in numbers {
            let given = journal.append(vec![(u128::from(number), bytes(number))]).await.unwrap();
            assert_eq!(given, number);
        }
    });
    journal.close();
}

/// Every record that a journal holds.
fn read(folder: &Path) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
    let journal = Journal::open(folder, 0, bounds())?;
    let mut reader = journal.read_from(1);
    let mut records = Vec::new();
    while let Some(record) = reader.next(journal.durable())? {
        assert_eq!(record.content, u128::from(record.number));
        records.push((record.number, record.bytes));
    }
    Ok(records)
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut segments: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|one| one == "journal")).collect();
    segments.sort();
    segments
}

fn expected(last: u64) -> Vec<(u64, Vec<u8>)> {
    (1..=last).map(|number| (number, bytes(number))).collect()
}

#[test]
fn what_was_acknowledged_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    append(folder.path(), bounds(), 1..=6);
    append(folder.path(), bounds(), 7..=9);
    assert_eq!(read(folder.path()).unwrap(), expected(9));
}

#[test]
fn a_file_cut_at_any_byte_keeps_every_whole_record_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    append(folder.path(), bounds(), 1..=5);
    let whole = std::fs::read(&segments(folder.path())[0]).unwrap();
    // Where each record ends.
    let ends: Vec<usize> = (1..=5)
        .scan(8, |at, number| {
            *at += HEADER_BYTES + bytes(number).len();
            Some(*at)
        })
        .collect();
    assert_eq!(ends[4], whole.len());
    for cut in 0..=whole.len() {
        let crashed = tempfile::tempdir().unwrap();
        std::fs::write(crashed.path().join(format!("{:020}.journal", 1)), &whole[..cut]).unwrap();
        let kept = ends.iter().filter(|end| **end <= cut).count() as u64;
        assert_eq!(read(crashed.path()).unwrap(), expected(kept), "cut at {cut}");
        append(crashed.path(), bounds(), kept + 1..=kept + 1);
        assert_eq!(read(crashed.path()).unwrap(), expected(kept + 1), "went on after {cut}");
    }
}

#[test]
fn a_byte_that_changed_is_found_and_what_follows_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    append(folder.path(), bounds(), 1..=3);
    let path = &segments(folder.path())[0];
    let whole = std::fs::read(path).unwrap();
    let second = 8 + HEADER_BYTES + bytes(1).len();
    for at in second..second + HEADER_BYTES + bytes(2).len() {
        let mut broken = whole.clone();
        broken[at] ^= 0x10;
        std::fs::write(path, &broken).unwrap();
        assert_eq!(read(folder.path()).unwrap(), expected(1), "byte {at}");
        assert_eq!(std::fs::read(path.with_extension("cut")).unwrap(), broken[second..]);
    }
}

#[test]
fn a_broken_segment_before_the_last_is_an_error_that_says_where() {
    let folder = tempfile::tempdir().unwrap();
    append(folder.path(), Bounds { segment_bytes: 100, ..bounds() }, 1..=9);
    let all = segments(folder.path());
    assert!(all.len() > 2, "{all:?}");
    let mut broken = std::fs::read(&all[0]).unwrap();
    broken[30] ^= 1;
    std::fs::write(&all[0], broken).unwrap();
    let error = read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("damaged at byte 8") && error.contains("move the segment"), "{error}");
}

#[test]
fn segments_are_released_only_below_the_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let small = Bounds { segment_bytes: 100, ..bounds() };
    append(folder.path(), small.clone(), 1..=9);
    let firsts = |folder: &Path| -> Vec<u64> {
        let stem = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
        segments(folder).iter().map(stem).collect()
    };
    let before = firsts(folder.path());
    let journal = Journal::open(folder.path(), 0, small).unwrap();
    journal.release(4).unwrap();
    let after = firsts(folder.path());
    assert!(after.len() < before.len());
    assert!(after[0] <= 5, "record 5 must stay: {after:?}");
    let mut reader = journal.read_from(5);
    assert_eq!(reader.next(9).unwrap().unwrap().number, 5);
    journal.release(100).unwrap();
    assert_eq!(firsts(folder.path()).len(), 1, "the active segment stays");
}

#[test]
fn numbers_go_on_after_what_a_store_holds() {
    let folder = tempfile::tempdir().unwrap();
    append(folder.path(), bounds(), 1..=3);
    let journal = Journal::open(folder.path(), 10, bounds()).unwrap();
    let number = runtime().block_on(journal.append(vec![(11, bytes(11))])).unwrap();
    assert_eq!(number, 11);
    journal.close();
    let journal = Journal::open(folder.path(), 10, bounds()).unwrap();
    let record = journal.read_from(11).next(journal.durable()).unwrap().unwrap();
    assert_eq!((record.number, record.bytes), (11, bytes(11)));
}

#[test]
fn a_full_backlog_and_a_full_disk_refuse_without_taking() {
    let folder = tempfile::tempdir().unwrap();
    let journal =
        Journal::open(folder.path(), 0, Bounds { backlog_bytes: 10, ..bounds() }).unwrap();
    runtime().block_on(async {
        journal.append(vec![(1, vec![0; 8])]).await.unwrap();
        let refused = journal.append(vec![(2, vec![0; 8])]).await.unwrap_err();
        assert!(
            matches!(&refused, StoreError::Exhausted { resource, .. } if resource == "backlog")
        );
        journal.applied(8);
        assert_eq!(journal.append(vec![(2, vec![0; 8])]).await.unwrap(), 2);
    });
    journal.close();
    let reserve = Bounds { reserve_bytes: u64::MAX, ..bounds() };
    let journal = Journal::open(folder.path(), 0, reserve).unwrap();
    let refused = runtime().block_on(journal.append(vec![(3, vec![0; 8])])).unwrap_err();
    assert!(matches!(refused, StoreError::Full { .. }), "{refused}");
    assert_eq!(journal.durable(), 2);
}

#[test]
fn many_at_once_are_one_group() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), 0, bounds()).unwrap();
    let runtime = runtime();
    let started = std::time::Instant::now();
    let mut numbers = runtime.block_on(async {
        let all = (0..200_u128).map(|n| journal.append(vec![(n, vec![1; 10])]));
        let mut numbers = Vec::new();
        for append in all.collect::<Vec<_>>() {
            numbers.push(append);
        }
        let mut set = Vec::new();
        for one in futures_all(numbers).await {
            set.push(one.unwrap());
        }
        set
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=200).collect::<Vec<u64>>());
    // One by one, with a pause of 50 ms each, they would take ten seconds.
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

/// Polls all futures until each is done.
async fn futures_all<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            return std::task::Poll::Ready(done.iter_mut().filter_map(Option::take).collect());
        }
        std::task::Poll::Pending
    })
    .await
}
