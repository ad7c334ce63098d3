//! Whole folders of AWS responses, read in place and compared with a walk over the JSON that knows
//! nothing of the reader: no record and no id of theirs may be lost. A data set that is absent is a
//! skipped test whose name says so.

mod coverage;
mod facts;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ingest::context::{Seen, learn};
use ingest::{EnvelopeError, InputContext};
use libtest_mimic::{Arguments, Failed, Trial};
use model::Batch;

fn main() {
    let mut trials = coverage::trials();
    trials.extend(facts::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A test on a folder of the real data, beside the repository.
pub fn on_folder(name: &str, path: &str, test: fn(&[Read]) -> Result<(), Failed>) -> Trial {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if root.exists() {
        Trial::test(format!("{path}: {name}"), move || test(&folder(&root)?))
    } else {
        let name = format!("{name} [skipped: data set {path} is absent]");
        Trial::test(name, || Ok(())).with_ignored_flag(true)
    }
}

/// One file and what was read of it.
pub struct Read {
    /// Path below the folder.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// All its batches as one, or why it is none.
    pub outcome: Result<Batch, EnvelopeError>,
}

fn folder(root: &Path) -> Result<Vec<Read>, Failed> {
    let mut files = Vec::new();
    walk(root, &mut files)?;
    files.sort();
    let base = root.to_string_lossy().into_owned();
    let all: Vec<(String, Vec<u8>)> = files
        .into_iter()
        .map(|path| Ok((path.to_string_lossy().into_owned(), std::fs::read(path)?)))
        .collect::<Result<_, std::io::Error>>()?;
    let seen: Vec<Seen<'_>> = all
        .iter()
        .map(|(path, bytes)| Seen { root: &base, path, bytes, file_time: None })
        .collect();
    let contexts = learn(&seen, &InputContext::default());
    drop(seen);
    let reads = all.into_iter().zip(contexts).map(|((path, bytes), context)| {
        let outcome = read(&path, &bytes, &context);
        Read { path: path.replace(&base, ""), bytes, outcome }
    });
    Ok(reads.collect())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.file_name().is_some_and(|name| name != "LICENSE") {
            files.push(path);
        }
    }
    Ok(())
}

/// All batches of an input, as one.
pub fn read(name: &str, bytes: &[u8], context: &InputContext) -> Result<Batch, EnvelopeError> {
    let mut whole: Option<Batch> = None;
    ingest::read(name, bytes, context, &mut |mut batch| {
        match &mut whole {
            Some(whole) => {
                whole.entities.append(&mut batch.entities);
                whole.relations.append(&mut batch.relations);
                whole.series.append(&mut batch.series);
                whole.changes.append(&mut batch.changes);
                whole.findings.append(&mut batch.findings);
                whole.completes.append(&mut batch.completes);
                whole.rejects.append(&mut batch.rejects);
            }
            None => whole = Some(batch),
        }
        ControlFlow::Continue(())
    })?;
    Ok(whole.expect("an input ends with a last batch"))
}
