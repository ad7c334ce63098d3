//! Every question has all its parts under one name: what is asked, how each store reads it, its
//! panel, its page of documentation and its acceptance test.

use std::path::Path;

use super::Repository;

/// Where the questions are.
const QUESTIONS: &str = "crates/analysis/src/question/";

/// Parts that a question lacks.
pub fn missing_parts(repository: &Repository) -> Vec<String> {
    let stems: Vec<&str> = repository
        .rust()
        .filter(|file| file.text.contains("impl Question for"))
        .filter_map(|file| file.path.strip_prefix(QUESTIONS)?.strip_suffix(".rs"))
        .filter(|stem| !stem.contains('/'))
        .collect();
    if stems.is_empty() {
        return vec![format!("{QUESTIONS} holds no question")];
    }
    stems.iter().flat_map(|stem| missing_of(repository, stem)).collect()
}

fn missing_of(repository: &Repository, stem: &str) -> Vec<String> {
    let kebab = stem.replace('_', "-");
    let has = |is_it: &dyn Fn(&str) -> bool| repository.paths.iter().any(|path| is_it(path));
    let page = format!("docs/questions/{kebab}.md");
    let statement = format!("crates/store-embedded/src/read/{stem}");
    let trial = format!("tests/it/tests/{stem}.rs");
    // A question about the whole graph reads the estate and has no statement of its own.
    let own = format!("{QUESTIONS}{stem}");
    let reads_estate = repository
        .rust()
        .any(|file| file.path.starts_with(&own) && file.text.contains("crate::estate"));
    let parts = [
        (has(&|path| path == page), page.clone()),
        (reads_estate || has(&|path| path.starts_with(&statement)), format!("{statement}*")),
        (has(&|path| is_panel(path, stem, &kebab)), format!("web/src/**/{kebab}*")),
        (has(&|path| path == trial), trial.clone()),
    ];
    parts
        .iter()
        .filter(|(is_there, _)| !is_there)
        .map(|(_, part)| format!("{stem}: {part} is missing"))
        .collect()
}

/// A file or folder of the dashboard that carries the question's name.
fn is_panel(path: &str, stem: &str, kebab: &str) -> bool {
    path.starts_with("web/src/")
        && Path::new(path).components().any(|component| {
            let name = component.as_os_str().to_string_lossy();
            name.starts_with(stem) || name.starts_with(kebab)
        })
}
