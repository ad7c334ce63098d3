//! The files of the demonstration company, when the variable names a folder that holds them.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::{ensure, read};

/// Folder that `cargo run -p scenario --example larkfield -- FOLDER` wrote.
const FOLDER: &str = "UBIQUITOUS_TEST_SCENARIO";

pub fn trials() -> Vec<Trial> {
    let name = "no_record_of_the_scenario_is_rejected";
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        let name = format!("{name} [skipped: {FOLDER} names no folder]");
        return vec![Trial::test(name, || Ok(())).with_ignored_flag(true)];
    };
    vec![Trial::test(name, move || {
        let mut files = Vec::new();
        for part in ["cost", "metrics", "traces", "logs", "otlp-metrics"] {
            collect(&folder.join(part), &mut files);
        }
        ensure(files.len() > 20, format!("{} files", files.len()))?;
        for file in files {
            let (summary, batch) = read(&file.to_string_lossy(), &std::fs::read(&file)?)?;
            ensure(batch.rejects.is_empty(), format!("{}: {:?}", file.display(), batch.rejects))?;
            let read = &summary.inputs.first().ok_or("nothing read")?.read;
            ensure(!read.is_empty(), format!("{}: nothing", file.display()))?;
            let open =
                batch.series.iter().find(|one| one.subject.label().starts_with("unattached"));
            ensure(open.is_none(), format!("{}: {open:?}", file.display()))?;
        }
        Ok(())
    })]
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
