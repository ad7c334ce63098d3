//! Replays the seeds of every fuzz target on stable Rust: each is read as it is, cut anywhere and with
//! each byte turned over, without a panic. With `FUZZ_SECONDS` set, as `cargo xtask fuzz` sets it where
//! nightly Rust is missing, seeds are also mutated at random for that long, each target its share.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "../../../fuzz/mutate.rs"]
mod mutate;
#[path = "../../../fuzz/parser.rs"]
mod parser;

/// No input of this size may take longer to read.
const READ_TIME_MAX: Duration = Duration::from_secs(20);

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(name)
}

fn seeds(target: &str) -> Vec<PathBuf> {
    let folder = folder("seeds").join(target);
    let entries = fs::read_dir(&folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[test]
fn fuzz_corpus() {
    for (target, _) in parser::TARGETS {
        let seeds = seeds(target);
        assert!(!seeds.is_empty(), "{target} has no seed");
        for path in seeds {
            // Shown only when it fails.
            println!("{}", path.display());
            let bytes = fs::read(&path).unwrap();
            parser::feed(target, &bytes);
            // Also cut anywhere, and with a byte turned over.
            for end in 0..bytes.len().min(400) {
                parser::feed(target, &bytes[..end]);
                let mut turned = bytes.clone();
                turned[end] ^= 0x55;
                parser::feed(target, &turned);
            }
        }
    }
}

#[test]
fn fuzz_corpus_is_mutated_for_a_while() {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = seconds.unwrap_or(0);
    for (target, _) in parser::TARGETS {
        let seeds: Vec<Vec<u8>> =
            seeds(target).iter().map(|path| fs::read(path).unwrap()).collect();
        let mut random = mutate::Random::new(seconds);
        let (begun, mut inputs) = (Instant::now(), 0_u64);
        while begun.elapsed() < Duration::from_secs(seconds) {
            let bytes = mutate::mutated(&seeds, &mut random);
            let read = Instant::now();
            let done = std::panic::catch_unwind(|| parser::feed(target, &bytes));
            if done.is_err() || read.elapsed() > READ_TIME_MAX {
                let kept = folder("artifacts").join(target);
                fs::create_dir_all(&kept).unwrap();
                let file = kept.join(format!("mutated-{inputs}"));
                fs::write(&file, &bytes).unwrap();
                panic!("{target}: harm after {:?}, see {}", read.elapsed(), file.display());
            }
            inputs += 1;
        }
        // Shown with `--nocapture`, and when it fails.
        println!("{target}: {inputs} mutated inputs");
    }
}

#[test]
fn fuzz_corpus_has_a_target_for_each_parser() {
    let stems = fs::read_dir(folder("fuzz_targets")).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    });
    let mut found: Vec<String> = stems.collect();
    found.sort();
    let mut wanted: Vec<&str> = parser::TARGETS.iter().map(|(name, _)| *name).collect();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    let fed: Vec<&str> = parser::TARGETS
        .iter()
        .flat_map(|(_, feed)| match feed {
            parser::Feed::Formats(formats) => formats.iter().map(|format| format.name).collect(),
            parser::Feed::Bytes(_) => Vec::new(),
        })
        .collect();
    for format in ingest::format::FORMATS {
        assert!(fed.contains(&format.name), "no fuzz target feeds {}", format.name);
    }
}
