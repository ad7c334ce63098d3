//! The embedded store's base: who owns the folder, what survives, what is cancelled, what is refused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use model::error::{Reject, StoreError};
use model::input::{InputOutcome, InputRecord, IntakeEntry, ObservedBy};
use model::scope::OrgScope;
use model::seam::ReadContext;
use model::time::Micros;
use store_embedded::{Database, Options, Owner, Reserve, Store, compact, live_owner};
use tokio_util::sync::CancellationToken;

use crate::contract::{self, Done, Pair, Site, TELEMETRIES};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let mut trials =
        contract::trials(TELEMETRIES, "store_base::the_ledger_survives_a_reopen", ledger);
    trials.extend([
        Trial::test("store_base::one_process_owns_the_folder", one_owner),
        Trial::test("store_base::a_write_that_fails_writes_nothing", failed_write),
        Trial::test("store_base::dropped_reads_leave_no_statement", dropped_reads),
        Trial::test("store_base::a_deadline_stops_the_statement", deadline),
        Trial::test("store_base::nothing_is_written_below_the_reserve", reserve),
        Trial::test("store_base::a_newer_schema_is_refused", newer_schema),
        Trial::test("store_base::compaction_keeps_every_row", compaction),
    ]);
    trials
}

/// Options that let tests write on any disk.
pub fn options(folder: &std::path::Path) -> Options {
    let mut options = Options::new(folder);
    options.reserve = Reserve { bytes: 0, share: 0.0 };
    options.memory_limit_bytes = 512 << 20;
    options.readers = 2;
    options
}

pub fn context() -> ReadContext {
    ReadContext {
        as_of: None,
        org_scope: OrgScope::Everything,
        deadline: Instant::now() + Duration::from_secs(60),
        cancel: CancellationToken::new(),
    }
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be built")
        .block_on(future)
}

fn one_owner() -> Done {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("data");
    let store = Store::open(&options(&path))?;
    assert!(matches!(Store::open(&options(&path)), Err(StoreError::Locked { .. })));
    let owner = Owner { address: "127.0.0.1:7".into(), token: "secret".into() };
    store.database().folder().owner_write(&owner)?;
    assert_eq!(live_owner(&path)?, Some(owner));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| {
            std::fs::metadata(path).map(|file| file.permissions().mode() & 0o777)
        };
        assert_eq!(mode(&path)?, 0o700);
        assert_eq!(mode(&path.join("owner.json"))?, 0o600);
    }
    drop(store);
    assert_eq!(live_owner(&path)?, None);
    drop(Store::open(&options(&path))?);
    Ok(())
}

async fn count(database: &Database) -> Result<u64, StoreError> {
    database
        .read("count", &context(), |connection| {
            Ok(connection
                .query_row("SELECT count(*) FROM records.setting", [], |row| row.get(0))?)
        })
        .await
}

fn failed_write() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
        let database = store.database();
        let insert = "INSERT INTO records.setting VALUES ('a', 'b')";
        let failed = database
            .write("fail", move |tx| {
                tx.execute_batch(insert)?;
                Ok(tx.execute_batch("SELECT * FROM nowhere")?)
            })
            .await;
        assert!(matches!(failed, Err(StoreError::Internal { .. })), "{failed:?}");
        assert_eq!(count(database).await?, 0);
        let panicked = database
            .write("panic", move |tx| -> Result<(), _> {
                tx.execute_batch(insert)?;
                panic!("a planted defect")
            })
            .await;
        assert!(matches!(panicked, Err(StoreError::Internal { .. })), "{panicked:?}");
        assert_eq!(count(database).await?, 0);
        database.write("insert", move |tx| Ok(tx.execute_batch(insert)?)).await?;
        assert_eq!(count(database).await?, 1);
        Ok(())
    })
}

const ENDLESS: &str =
    "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 7";

async fn endless(database: Arc<Database>, ctx: ReadContext) -> Result<u64, StoreError> {
    database
        .read(
            "endless",
            &ctx,
            |connection| Ok(connection.query_row(ENDLESS, [], |row| row.get(0))?),
        )
        .await
}

async fn settled(database: &Database) -> bool {
    let until = Instant::now() + Duration::from_secs(20);
    while database.running_reads() > 0 && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    database.running_reads() == 0
}

fn dropped_reads() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
        let database = store.database();
        let reads: Vec<_> =
            (0..200).map(|_| tokio::spawn(endless(Arc::clone(database), context()))).collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(database.running_reads() > 0, "the statement must be long enough to be dropped");
        for read in reads {
            read.abort();
        }
        assert!(settled(database).await, "{} still run", database.running_reads());
        assert_eq!(count(database).await?, 0);
        let ctx = context();
        let read = tokio::spawn(endless(Arc::clone(database), ctx.clone()));
        tokio::time::sleep(Duration::from_millis(20)).await;
        ctx.cancel.cancel();
        assert!(matches!(read.await?, Err(StoreError::Cancelled)));
        assert!(settled(database).await);
        Ok(())
    })
}

fn deadline() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
        let ctx =
            ReadContext { deadline: Instant::now() + Duration::from_millis(100), ..context() };
        let result = endless(Arc::clone(store.database()), ctx).await;
        assert!(matches!(result, Err(StoreError::Timeout { .. })), "{result:?}");
        assert!(settled(store.database()).await);
        Ok(())
    })
}

fn reserve() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let mut options = options(folder.path());
        options.reserve = Reserve { bytes: u64::MAX, share: 0.0 };
        let store = Store::open(&options)?;
        let refused = store.records().setting_put("a", "b").await;
        assert!(matches!(refused, Err(StoreError::Full { .. })), "{refused:?}");
        assert_eq!(store.records().setting("a").await?, None);
        Ok(())
    })
}

fn newer_schema() -> Done {
    let folder = tempfile::tempdir()?;
    block_on(async {
        let store = Store::open(&options(folder.path()))?;
        let newer = "INSERT INTO migration VALUES ('records', 9999, 'x')";
        store.database().write("newer", move |tx| Ok(tx.execute_batch(newer)?)).await
    })?;
    let refused = Store::open(&options(folder.path()));
    assert!(matches!(refused, Err(StoreError::Incompatible { .. })), "{refused:?}");
    Ok(())
}

fn compaction() -> Done {
    let folder = tempfile::tempdir()?;
    let options = options(folder.path());
    block_on(async {
        let store = Store::open(&options)?;
        store.records().setting_put("kept", "yes").await?;
        let fill = "CREATE TABLE filler AS SELECT range AS a, hash(range) AS b FROM range(2000000)";
        store.database().write("fill", move |tx| Ok(tx.execute_batch(fill)?)).await?;
        Ok::<_, Failed>(())
    })?;
    block_on(async {
        let store = Store::open(&options)?;
        store.database().write("drop", |tx| Ok(tx.execute_batch("DROP TABLE filler")?)).await
    })?;
    let done = compact(&options)?;
    assert!(done.after_bytes < done.before_bytes, "{done:?}");
    block_on(async {
        let store = Store::open(&options)?;
        assert_eq!(store.records().setting("kept").await?.as_deref(), Some("yes"));
        store.records().setting_put("kept", "still").await?;
        assert_eq!(store.records().setting("kept").await?.as_deref(), Some("still"));
        let status = store.database().status(&context()).await?;
        assert!(status.schema.iter().any(|(area, _)| area == "records"), "{status:?}");
        Ok(())
    })
}

fn input(name: &str, hash: &str) -> InputRecord {
    InputRecord {
        name: name.into(),
        content_hash: hash.into(),
        format: "kubernetes".into(),
        source: "kubernetes:a".into(),
        observed_at: Micros(1_700_000_000_000_000),
        observed_by: ObservedBy::Content,
        received_at: Micros(1_800_000_000_000_000),
    }
}

fn ledger(pair: Pair) -> Done {
    let outcome = InputOutcome { rejects: 1_500, ..InputOutcome::default() };
    let rejects: Vec<Reject> =
        (0..1_500).map(|n| Reject::new("a.json", format!("line {n}"), "broken")).collect();
    block_on(async {
        let site = Site::new(pair).await?;
        let store = site.open().await?;
        let records = store.records();
        let first = records.intake_begin("run", &input("a", "1")).await?;
        let second = records.intake_begin("run", &input("b", "2")).await?;
        assert!(first < second);
        assert!(!records.intake_known(&input("a", "1")).await?);
        let entry = IntakeEntry {
            id: first,
            run: "run".into(),
            input: input("a", "1"),
            outcome: outcome.clone(),
            is_finished: true,
        };
        records.intake_progress(&entry, &rejects[..700]).await?;
        records.intake_progress(&entry, &rejects[700..]).await?;
        drop(records);
        drop(store);
        let store = site.open().await?;
        let records = store.records();
        assert!(records.intake_known(&input("another name", "1")).await?);
        assert!(!records.intake_known(&input("b", "2")).await?, "it never finished");
        let list = records.intake_list(None, 10).await?;
        assert_eq!(list.iter().map(|entry| entry.id).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(records.intake_list(Some(2), 10).await?.len(), 1);
        let (entry, kept) = records.intake_entry(1).await?;
        assert_eq!(entry.outcome, outcome);
        assert_eq!(kept, rejects[..1_000]);
        assert!(matches!(records.intake_entry(99).await, Err(StoreError::NotFound { .. })));
        Ok(())
    })
}
