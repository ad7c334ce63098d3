//! Replays the seeds of every fuzz target on stable Rust: each is read as it is, cut anywhere and with
//! each byte turned over, without a panic.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../../fuzz/parser.rs"]
mod parser;

fn seeds(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let entries = fs::read_dir(&folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[test]
fn fuzz_corpus() {
    for (target, feed) in parser::TARGETS {
        let seeds = seeds(target);
        assert!(!seeds.is_empty(), "{target} has no seed");
        for path in seeds {
            // Shown only when it fails.
            println!("{}", path.display());
            let bytes = fs::read(&path).unwrap();
            parser::feed(target, &bytes);
            // Also cut anywhere, and with a byte turned over.
            for end in 0..bytes.len().min(400) {
                feed(&bytes[..end]);
                let mut turned = bytes.clone();
                turned[end] ^= 0x55;
                feed(&turned);
            }
        }
    }
}

#[test]
fn fuzz_corpus_has_a_target_for_each_parser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    let stems = fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    });
    let mut found: Vec<String> = stems.collect();
    found.sort();
    let mut wanted: Vec<&str> = parser::TARGETS.iter().map(|(name, _)| *name).collect();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}
