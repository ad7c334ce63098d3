//! Reads the files below a folder as `ubiquitous inspect` does and says what they hold, how fast:
//! `cargo run --release -p ingest --example inspect -- FOLDER [CLUSTER]`.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ingest::InputContext;
use ingest::context::{Seen, learn};

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if folder.is_file() {
        found.push(folder.to_owned());
        return Ok(());
    }
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        entries.push(entry?.path());
    }
    entries.sort();
    for entry in entries {
        files(&entry, found)?;
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().unwrap_or_else(|| ".".to_owned());
    let flags = InputContext { cluster: arguments.next(), ..InputContext::default() };
    let mut paths = Vec::new();
    files(Path::new(&root), &mut paths)?;
    let mut inputs = Vec::new();
    for path in &paths {
        inputs.push((path.to_string_lossy().into_owned(), std::fs::read(path)?));
    }
    let bytes: usize = inputs.iter().map(|(_, bytes)| bytes.len()).sum();
    let start = Instant::now();
    let seen: Vec<Seen<'_>> = inputs
        .iter()
        .map(|(path, bytes)| Seen { root: &root, path, bytes, file_time: None })
        .collect();
    let contexts = learn(&seen, &flags);
    let mut out = std::io::stdout().lock();
    let mut read: BTreeMap<String, u64> = BTreeMap::new();
    let mut rejects = Vec::new();
    for ((name, bytes), context) in inputs.iter().zip(&contexts) {
        let outcome = ingest::read(name, bytes, context, &mut |batch| {
            rejects.extend(batch.rejects);
            ControlFlow::Continue(())
        });
        match outcome {
            Ok(summary) => {
                for (what, count) in summary.inputs.into_iter().flat_map(|input| input.read) {
                    *read.entry(what).or_default() += count;
                }
            }
            Err(error) => writeln!(out, "{error}")?,
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    for reject in rejects.iter().take(20) {
        writeln!(out, "{}: {}: {}", reject.source, reject.location, reject.reason)?;
    }
    writeln!(out, "{read:#?}\n{} rejects", rejects.len())?;
    let megabytes = bytes as f64 / 1e6;
    writeln!(out, "{megabytes:.1} MB in {seconds:.3} s, {:.1} MB/s", megabytes / seconds)
}
