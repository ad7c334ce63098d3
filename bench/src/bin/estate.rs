//! The large estate at a scale: ingest of our own ndjson, the same files again, opening with the page
//! cache cold and warm, resident memory, whole-estate counts and bounded questions over HTTP, now, in
//! the past and while more is ingested. `cargo xtask bench estate -- --scale 0.1 --draws 1000`; scale 1
//! is 10 million entities. `--folder` keeps the files and the store for the next run; `--past 0` leaves
//! the past out.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};
use bench::percentile::Times;
use bench::program::{Program, Server};
use bench::{large_files, machine};
use scenario::large::Large;

/// Seed of the estate and of the draws; what is ingested meanwhile is of the next.
const SEED: u64 = 1;

struct Options {
    scale: f64,
    draws: u32,
    past: u32,
    folder: Option<PathBuf>,
}

fn options() -> Result<Options> {
    let mut options = Options { scale: 0.1, draws: 1_000, past: 100, folder: None };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--scale", Some(value)) => options.scale = value.parse()?,
            ("--draws", Some(value)) => options.draws = value.parse()?,
            ("--past", Some(value)) => options.past = value.parse()?,
            ("--folder", Some(value)) => options.folder = Some(value.into()),
            _ => bail!("takes --scale N, --draws N, --past N and --folder PATH"),
        }
    }
    Ok(options)
}

fn main() -> Result<()> {
    let options = options()?;
    machine::print();
    let temporary = tempfile::tempdir()?;
    let folder = options.folder.as_deref().unwrap_or(temporary.path());
    let large = Large::new(SEED, options.scale);
    let (files, data) = (folder.join("files"), folder.join("data"));
    let is_there = files.is_dir();
    let rows = match is_there {
        true => u64::from(large.entity_count()) + large.relation_count() + large.ended_count(),
        false => large_files::write(&large, &files)?,
    };
    println!(
        "load: scale {}, {} entities, {} relations, {} MiB of ndjson",
        options.scale,
        large.entity_count(),
        large.relation_count() + large.ended_count(),
        machine::folder_bytes(&files) >> 20
    );
    // The cache is off: each draw is computed.
    let settings = [("UBIQUITOUS_ANSWER_CACHE_MIB", "0"), ("UBIQUITOUS_DEADLINE_SECS", "600")];
    let program = Program::new(&data, &settings);
    if !data.is_dir() {
        ingest(&program, &files, &data, rows)?;
    }
    open(&program, &data)?;
    let (server, seconds) = program.serve()?;
    let resident = machine::resident_mib(server.pid()).unwrap_or(0);
    say(&format!("open, page cache warm: {seconds:.1} s, resident {resident} MiB"));
    counts(&server, "")?;
    draws(&server, &large, "now", "", options.draws)?;
    if options.past > 0 {
        draws(&server, &large, "past", "&as_of=2026-06-01T00:00:00Z", options.past)?;
    }
    let resident = machine::resident_mib(server.pid()).unwrap_or(0);
    println!("resident after the questions: {resident} MiB");
    meanwhile(&program, &server, &large, &options, &folder.join("more"))
}

fn ingest(program: &Program, files: &Path, data: &Path, rows: u64) -> Result<()> {
    let path = files.display().to_string();
    let (_, seconds) = program.json(&["ingest", &path])?;
    say(&format!("ingest: {rows} rows in {seconds:.1} s, {:.0} rows/s", rows as f64 / seconds));
    let first = machine::folder_bytes(data);
    println!("data folder: {} MiB", first >> 20);
    let (_, seconds) = program.json(&["ingest", &path])?;
    let again = machine::folder_bytes(data);
    let written = again.saturating_sub(first) as f64 / first as f64 * 100.0;
    say(&format!("the same again: {seconds:.1} s, {written:.2} % more bytes"));
    Ok(())
}

/// Opens with nothing of the store in the page cache.
fn open(program: &Program, data: &Path) -> Result<()> {
    for entry in std::fs::read_dir(data)?.flatten().filter(|one| one.path().is_file()) {
        // Nothing is copied: it asks the system to let go of the file's pages.
        let file = format!("if={}", entry.path().display());
        Command::new("dd").args([&file, "iflag=nocache", "count=0", "status=none"]).status()?;
    }
    let (server, seconds) = program.serve()?;
    say(&format!("open, page cache cold: {seconds:.1} s"));
    drop(server);
    Ok(())
}

/// While another estate of a tenth of the size is ingested.
fn meanwhile(
    program: &Program,
    server: &Server,
    large: &Large,
    options: &Options,
    folder: &Path,
) -> Result<()> {
    if !folder.is_dir() {
        large_files::write(&Large::new(SEED + 1, options.scale / 10.0), folder)?;
    }
    let is_done = AtomicBool::new(false);
    let (mut rounds, path) = (0_u32, folder.display().to_string());
    std::thread::scope(|scope| {
        let ingest = scope.spawn(|| {
            let done = program.json(&["ingest", &path]);
            is_done.store(true, Ordering::SeqCst);
            done
        });
        while !is_done.load(Ordering::SeqCst) && rounds < 10 {
            counts(server, ", while ingest runs")?;
            draws(server, large, "while ingest runs", "", options.draws / 5)?;
            rounds += 1;
        }
        let done = ingest.join().map_err(|_panic| anyhow::anyhow!("the ingest panicked"))?;
        say(&format!("ingest meanwhile: {:.1} s, {rounds} rounds of questions", done?.1));
        Ok(())
    })
}

fn counts(server: &Server, when: &str) -> Result<()> {
    for by in ["kind", "cluster"] {
        let mut times = Times::default();
        for _ in 0..20 {
            times.add(server.get(&format!("/api/v1/topology?aggregate_by={by}"))?.1);
        }
        say(&format!("whole estate by {by}{when}: {}", times.line()));
    }
    Ok(())
}

/// Seeded draws of entity, direction, depth and filter; a tenth are hubs.
fn draws(server: &Server, large: &Large, name: &str, rest: &str, count: u32) -> Result<()> {
    let truth = large.truth();
    let mut times = Times::default();
    for draw in 0..count {
        let bits = mix(u64::from(draw));
        let ordinal = match bits % 10 {
            0 if bits & 16 == 0 => truth.hub,
            0 => truth.big_zone,
            _ => (mix(bits) % u64::from(large.entity_count())) as u32,
        };
        let depth = (1 + (bits >> 8) % 4).to_string();
        let way = ["dependencies", "dependents", "both"][(bits >> 16) as usize % 3];
        let id = large.entity(ordinal).id;
        let mut query =
            vec![("root", id.as_str()), ("depth", &depth), ("direction", way), ("limit", "1000")];
        match (bits >> 24) % 4 {
            0 => query.push(("relation", "calls")),
            1 => query.extend([("kind", "pod"), ("kind", "service"), ("kind", "workload")]),
            _ => {}
        }
        let query = serde_html_form::to_string(query)?;
        times.add(server.get(&format!("/api/v1/topology?{query}{rest}"))?.1);
    }
    say(&format!("bounded topology, {name}, over HTTP: {}", times.line()));
    Ok(())
}

/// Prints a figure with the load of the machine.
fn say(figure: &str) {
    println!("{figure} [load {}]", machine::load());
}

/// splitmix64 (Steele, Lea and Flood 2014).
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
