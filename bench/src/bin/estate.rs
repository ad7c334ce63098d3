//! The large estate at a scale: ingest of our own ndjson, opening, resident memory, bounded questions
//! over HTTP now and in the past, whole-estate counts, and reading the same files again.
//! `cargo xtask bench estate -- --scale 0.1 --draws 1000`; scale 1 is 10 million entities.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Result, bail};
use bench::machine;
use bench::percentile::Times;
use bench::program::{Program, Server};
use scenario::large::{EntityKind, Large};
use serde_json::json;

/// Seed of the estate and of the draws.
const SEED: u64 = 1;

fn main() -> Result<()> {
    let (mut scale, mut draws) = (0.1_f64, 1_000_u32);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--scale", Some(value)) => scale = value.parse()?,
            ("--draws", Some(value)) => draws = value.parse()?,
            _ => bail!("takes --scale N and --draws N"),
        }
    }
    machine::print();
    let folder = tempfile::tempdir()?;
    let large = Large::new(SEED, scale);
    let files = folder.path().join("files");
    std::fs::create_dir_all(&files)?;
    let rows = write_files(&large, &files)?;
    let bytes = machine::folder_bytes(&files);
    println!(
        "load: scale {scale}, {} entities, {} relations, {} MiB of ndjson",
        large.entity_count(),
        large.relation_count() + large.ended_count(),
        bytes >> 20
    );
    let data = folder.path().join("data");
    // The cache is off: each draw is computed.
    let settings = [("UBIQUITOUS_ANSWER_CACHE_MIB", "0"), ("UBIQUITOUS_DEADLINE_SECS", "600")];
    let program = Program::new(&data, &settings);
    let path = files.display().to_string();
    let (_, seconds) = program.json(&["ingest", &path])?;
    println!("ingest: {rows} rows in {seconds:.1} s, {:.0} rows/s", rows as f64 / seconds);
    let first = machine::folder_bytes(&data);
    println!("data folder: {} MiB", first >> 20);
    let (_, seconds) = program.json(&["ingest", &path])?;
    let again = machine::folder_bytes(&data);
    let written = again.saturating_sub(first) as f64 / first as f64 * 100.0;
    println!("the same again: {seconds:.1} s, {written:.2} % more bytes");
    let (server, seconds) = program.serve()?;
    let resident = machine::resident_mib(server.pid()).unwrap_or(0);
    println!("open, page cache warm: {seconds:.1} s, resident {resident} MiB");
    questions(&server, &large, draws)?;
    let resident = machine::resident_mib(server.pid()).unwrap_or(0);
    println!("resident after the questions: {resident} MiB");
    Ok(())
}

fn questions(server: &Server, large: &Large, draws: u32) -> Result<()> {
    for by in ["kind", "cluster"] {
        let mut times = Times::default();
        for _ in 0..20 {
            times.add(server.get(&format!("/api/v1/topology?aggregate_by={by}"))?.1);
        }
        println!("whole estate by {by}: {}", times.line());
    }
    let truth = large.truth();
    for (name, past) in [("now", ""), ("past", "&as_of=2026-06-01T00:00:00Z")] {
        let mut times = Times::default();
        let count = if past.is_empty() { draws } else { draws.min(200) };
        for draw in 0..count {
            let bits = mix(u64::from(draw));
            // A tenth of the draws are hubs.
            let ordinal = match bits % 10 {
                0 if bits & 16 == 0 => truth.hub,
                0 => truth.big_zone,
                _ => (mix(bits) % u64::from(large.entity_count())) as u32,
            };
            let depth = 1 + (bits >> 8) % 4;
            let way = ["dependencies", "dependents", "both"][(bits >> 16) as usize % 3];
            let query = serde_html_form::to_string([
                ("root", large.entity(ordinal).id.as_str()),
                ("depth", &depth.to_string()),
                ("direction", way),
                ("limit", "1000"),
            ])?;
            times.add(server.get(&format!("/api/v1/topology?{query}{past}"))?.1);
        }
        println!("bounded topology, {name}, over HTTP: {}", times.line());
    }
    Ok(())
}

fn write_files(large: &Large, folder: &Path) -> Result<u64> {
    let mut rows = 0;
    let mut out =
        BufWriter::with_capacity(1 << 20, File::create(folder.join("a-entities.ndjson"))?);
    for ordinal in 0..large.entity_count() {
        let entity = large.entity(ordinal);
        let labels: serde_json::Value = serde_json::from_str(&entity.labels)?;
        let row = json!({
            "type": "entity",
            "kind": kind(entity.kind),
            "id": entity.id,
            "name": entity.name,
            "labels": labels,
            "aliases": entity.aliases,
            "created_at": instant(entity.valid_from),
            "observed_at": "2026-11-01T00:00:00Z",
            "source": "large"
        });
        serde_json::to_writer(&mut out, &row)?;
        out.write_all(b"\n")?;
        rows += 1;
    }
    out.flush()?;
    let mut out =
        BufWriter::with_capacity(1 << 20, File::create(folder.join("b-relations.ndjson"))?);
    for position in 0..large.relation_count() + large.ended_count() {
        let relation = large.relation(position);
        let mut row = json!({
            "type": "relation",
            "kind": relation.kind.label(),
            "from": large.entity(relation.from).id,
            "to": large.entity(relation.to).id,
            "evidence": "declared",
            "started_at": instant(relation.valid_from),
            "observed_at": "2026-11-01T00:00:00Z",
            "source": "large"
        });
        if !relation.need.is_empty() {
            row["need"] = relation.need.into();
        }
        if relation.valid_to != i64::MAX {
            row["ended_at"] = instant(relation.valid_to).into();
        }
        serde_json::to_writer(&mut out, &row)?;
        out.write_all(b"\n")?;
        rows += 1;
    }
    out.flush()?;
    Ok(rows)
}

fn kind(kind: EntityKind) -> &'static str {
    kind.label()
}

fn instant(second: i64) -> String {
    jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

/// splitmix64 (Steele, Lea and Flood 2014).
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
