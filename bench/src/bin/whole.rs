//! Questions about the whole graph of the large estate, over HTTP by the built program: each graph
//! question, the executive dashboard and a validation, asked first and then again, with the resident
//! memory after each. `cargo xtask bench whole -- --scale 0.1`; `--folder` takes the files and the store
//! that `bench estate` kept, or keeps them; `--again` says how often each is asked again.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};
use bench::percentile::Times;
use bench::program::{Program, Server};
use bench::{large_files, machine};
use scenario::large::Large;

/// Seed of the estate, that of `bench estate`.
const SEED: u64 = 1;
/// What is asked: the graph questions as they come, then the page of an executive.
const ASKED: [&str; 9] = [
    "topology?aggregate_by=application",
    "service-dependencies?limit=100",
    "eks-clusters",
    "database-connections",
    "savings-candidates",
    "application-architecture",
    "critical-paths",
    "latency-heatmap",
    "reports/dashboard",
];

fn main() -> Result<()> {
    let (mut scale, mut again, mut folder) = (0.1, 3_u32, None::<PathBuf>);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--scale", Some(value)) => scale = value.parse()?,
            ("--again", Some(value)) => again = value.parse()?,
            ("--folder", Some(value)) => folder = Some(value.into()),
            _ => bail!("takes --scale N, --again N and --folder PATH"),
        }
    }
    machine::print();
    let temporary = tempfile::tempdir()?;
    let folder = folder.as_deref().unwrap_or(temporary.path());
    let large = Large::new(SEED, scale);
    let (files, data) = (folder.join("files"), folder.join("data"));
    // The cache is off: each answer is computed.
    let settings = [("UBIQUITOUS_ANSWER_CACHE_MIB", "0"), ("UBIQUITOUS_DEADLINE_SECS", "600")];
    let program = Program::new(&data, &settings);
    if !data.is_dir() {
        if !files.is_dir() {
            large_files::write(&large, &files)?;
        }
        program.json(&["ingest", &files.display().to_string()])?;
    }
    let relations = large.relation_count() + large.ended_count();
    println!("load: scale {scale}, {} entities, {relations} relations", large.entity_count());
    let (server, seconds) = program.serve()?;
    println!("open: {seconds:.1} s, resident {} MiB", resident(&server));
    for question in ASKED {
        ask(&server, question, again);
    }
    let begun = Instant::now();
    match server.post("/api/v1/validation/run") {
        Ok(_) => say(&server, "validation", &format!("{:.1} s", begun.elapsed().as_secs_f64())),
        Err(error) => say(&server, "validation", &format!("refused: {error:#}")),
    }
    Ok(())
}

/// Asks a question once and again; what is refused says so and ends nothing.
fn ask(server: &Server, question: &str, again: u32) {
    let path = format!("/api/v1/{question}");
    let first = match server.answer(&path) {
        Ok((_, first)) => first,
        Err(error) => return say(server, question, &format!("refused: {error:#}")),
    };
    let mut times = Times::default();
    for _ in 0..again {
        if let Ok((_, milliseconds)) = server.answer(&path) {
            times.add(milliseconds);
        }
    }
    say(server, question, &format!("first {first:.0} ms, then {}", times.line()));
}

fn say(server: &Server, what: &str, figure: &str) {
    println!("{what}: {figure}, resident {} MiB [load {}]", resident(server), machine::load());
}

fn resident(server: &Server) -> u64 {
    machine::resident_mib(server.pid()).unwrap_or(0)
}
