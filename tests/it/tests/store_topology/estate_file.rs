//! The file of the folded estate: with it, and whatever was written after it, the store answers as it
//! does from all rows; a file that is not of the database, or not whole, is as none.

use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use model::resolution::TopologyWrite;
use store_embedded::{EstateFileStatus, FileSchedule, Store};

use super::Draw;
use super::drawn::{Drawn, answers};
use crate::contract::Done;
use crate::program::{Program, expect};
use crate::server::{Server, services};
use crate::store_base::{block_on, context, options};

/// Writes of one round: what the file is of, what comes after it, and what comes after opening.
const WRITES: u64 = 30;
/// Writes after opening.
const LAST: usize = 6;
/// The file in the data folder.
const FILE: &str = "estate.folded";
/// At every close.
const ALWAYS: FileSchedule =
    FileSchedule { rows_min: 1, rows_max: 1, share: 0.0, share_at_close: 0.0 };
const NEVER: FileSchedule =
    FileSchedule { rows_min: u64::MAX, rows_max: u64::MAX, share: 1.0, share_at_close: 1.0 };

/// The trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("store_topology::a_file_and_what_comes_after_it_are_all_rows", overlay),
        Trial::test("store_topology::a_file_that_is_not_whole_is_not_used", broken),
        Trial::test("store_topology::a_file_of_another_database_is_not_used", foreign),
        Trial::test("store_topology::the_program_answers_alike_after_a_stop_and_a_kill", program),
    ]
}

fn open(folder: &Path, estate_file: FileSchedule) -> Result<Store, Failed> {
    let mut options = options(folder);
    options.estate_file = estate_file;
    Ok(Store::open(&options)?)
}

/// Writes, and what each did.
async fn written(store: &Store, writes: &[TopologyWrite]) -> Result<Vec<String>, Failed> {
    let mut outcomes = Vec::new();
    for write in writes {
        outcomes.push(format!("{:?}", store.topology().write(write.clone()).await?));
    }
    Ok(outcomes)
}

async fn file_of(store: &Store) -> Result<Option<EstateFileStatus>, Failed> {
    Ok(store.database().status(&context()).await?.estate_file)
}

/// Whether the file of an open store is read when it is opened.
async fn is_used(store: &Store) -> Result<bool, Failed> {
    Ok(file_of(store).await?.is_some_and(|file| file.rows_after.is_some()))
}

/// The data of a closed folder in another, without the file.
fn without_file(from: &Path) -> Result<tempfile::TempDir, Failed> {
    let to = tempfile::tempdir()?;
    for name in ["estate.duckdb", "estate.duckdb.wal"] {
        if from.join(name).exists() {
            fs::copy(from.join(name), to.path().join(name))?;
        }
    }
    Ok(to)
}

/// What a folder answers from all rows.
async fn from_rows(folder: &Path) -> Result<Vec<String>, Failed> {
    let copy = without_file(folder)?;
    answers(&open(copy.path(), NEVER)?.topology()).await
}

fn overlay() -> Done {
    block_on(async {
        for seed in 0..8 {
            let mut drawn = Drawn::new(seed);
            let writes: Vec<TopologyWrite> = (1..=WRITES).map(|one| drawn.write(one)).collect();
            let (writes, last) = writes.split_at(writes.len() - LAST);
            let (before, after) =
                writes.split_at(Draw(seed).below(writes.len() as u64 + 1) as usize);
            let folder = tempfile::tempdir()?;
            written(&open(folder.path(), ALWAYS)?, before).await?;
            written(&open(folder.path(), NEVER)?, after).await?;
            let whole = without_file(folder.path())?;
            let (kept, whole) = (open(folder.path(), NEVER)?, open(whole.path(), NEVER)?);
            let file = file_of(&kept).await?;
            expect("there is a file", file.is_some(), !before.is_empty())?;
            if let Some(file) = file {
                expect(
                    "rows after the file",
                    file.rows_after.map(|rows| rows > 0),
                    Some(!after.is_empty()),
                )?;
            }
            let name = format!("seed {seed}, the file is of {} writes", before.len());
            expect(&name, answers(&kept.topology()).await?, answers(&whole.topology()).await?)?;
            // What comes next is compared with what is there, so both must do the same.
            expect(&name, written(&kept, last).await?, written(&whole, last).await?)?;
            expect(&name, answers(&kept.topology()).await?, answers(&whole.topology()).await?)?;
        }
        Ok(())
    })
}

fn broken() -> Done {
    block_on(async {
        let (folder, mut drawn) = (tempfile::tempdir()?, Drawn::new(7));
        let writes: Vec<TopologyWrite> = (1..=WRITES).map(|one| drawn.write(one)).collect();
        written(&open(folder.path(), ALWAYS)?, &writes).await?;
        let expected = from_rows(folder.path()).await?;
        let path = folder.path().join(FILE);
        let bytes = fs::read(&path)?;
        let mut draw = Draw(1);
        for round in 0..24 {
            let mut broken = bytes.clone();
            let place = draw.below(bytes.len() as u64) as usize;
            match round % 3 {
                0 => broken.truncate(place),
                _ => broken[place] ^= 1 << draw.below(8),
            }
            fs::write(&path, &broken)?;
            let store = open(folder.path(), NEVER)?;
            expect(
                &format!("{round}: byte {place}"),
                answers(&store.topology()).await?,
                expected.clone(),
            )?;
        }
        // The whole file again, and a close that finds nothing new: it is used.
        fs::write(&path, &bytes)?;
        expect("whole", is_used(&open(folder.path(), NEVER)?).await?, true)
    })
}

fn foreign() -> Done {
    block_on(async {
        let (folder, mut drawn) = (tempfile::tempdir()?, Drawn::new(3));
        let writes: Vec<TopologyWrite> = (1..=WRITES).map(|one| drawn.write(one)).collect();
        let (first, second) = writes.split_at(WRITES as usize / 2);
        let path = folder.path().join(FILE);
        written(&open(folder.path(), ALWAYS)?, first).await?;
        let older = (fs::read(&path)?, without_file(folder.path())?);
        written(&open(folder.path(), ALWAYS)?, second).await?;
        let expected = from_rows(folder.path()).await?;
        // The file before the last, as if the last had not been named before a crash.
        let newer = fs::read(&path)?;
        fs::write(&path, &older.0)?;
        let store = open(folder.path(), NEVER)?;
        expect("an older file", is_used(&store).await?, false)?;
        expect("an older file", answers(&store.topology()).await?, expected)?;
        drop(store);
        // An older database that was put back beside the newest file.
        let restored = older.1;
        let expected = from_rows(restored.path()).await?;
        fs::write(restored.path().join(FILE), newer)?;
        let store = open(restored.path(), NEVER)?;
        expect("a newer file", is_used(&store).await?, false)?;
        expect("a newer file", answers(&store.topology()).await?, expected)?;
        drop(store);
        // Compaction gives rows other places.
        drop(open(restored.path(), ALWAYS)?);
        written(&open(restored.path(), ALWAYS)?, second).await?;
        store_embedded::compact(&options(restored.path()))?;
        expect("after compaction", restored.path().join(FILE).exists(), false)
    })
}

/// Everything that a server says about the topology.
fn said(server: &Server) -> Result<Vec<serde_json::Value>, Failed> {
    let pages = [
        "/api/v1/topology?kind=service",
        "/api/v1/topology?aggregate_by=kind",
        "/api/v1/topology?as_of=2026-01-01T00:00:00Z",
        "/api/v1/entity?id=service://test/_/s17",
        "/api/v1/entity?id=service://test/_/s7003",
    ];
    let said = |page: &&str| {
        let (_, answer) = server.get(page)?;
        Ok(if answer["data"].is_null() { answer["entity"].clone() } else { answer["data"].clone() })
    };
    pages.iter().map(said).collect()
}

fn push(server: &Server, first: usize, count: usize) -> Done {
    let path = format!("/api/v1/ingest?name=rows-{first}.ndjson");
    let (status, text) = server.send("POST", &path, &[], services(first, count).as_bytes())?;
    expect(&text, status, 200)
}

fn program() -> Done {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    // More rows than are always read again.
    push(&server, 0, 7_000)?;
    let before = said(&server)?;
    server.ask_to_end()?;
    server.wait()?;
    let status = program.json(&["store", "status"])?;
    expect("rows after the file", status["estate_file"]["rows_after"].as_u64(), Some(0))?;
    let server = Server::start(&program)?;
    expect("after a stop", said(&server)?, before.clone())?;
    push(&server, 7_000, 10)?;
    let before = said(&server)?;
    expect("what was pushed counts", before.iter().all(|one| !one.is_null()), true)?;
    server.kill()?;
    let server = Server::start(&program)?;
    expect("after a kill", said(&server)?, before)?;
    server.ask_to_end()?;
    server.wait()?;
    let status = program.json(&["store", "status"])?;
    let rows = status["estate_file"]["rows_after"].as_u64();
    expect("the file is of the first stop", rows.is_some_and(|rows| rows > 0), true)
}
