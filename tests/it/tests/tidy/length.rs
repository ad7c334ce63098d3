//! How long files and functions may be.

use super::{Repository, TextFile};

/// Lines of a source file.
const FILE_LINES: usize = 400;

/// Lines of a Rust function, from its first to its closing brace: about 70, with some room.
const FUNCTION_LINES: usize = 80;

/// Source files that may be longer, each with its own bound and the reason. One that no longer
/// needs it is itself a finding.
const LONG_FILES: &[(&str, usize, &str)] = &[
    ("crates/scenario/src/traces.rs", 430, "the calls of one trace are read from top to bottom"),
    ("crates/scenario/tests/larkfield/native_files.rs", 530, "one reader a format, all alike"),
];

/// Source files that are longer than they may be, and exceptions that are not needed.
pub fn long_files(repository: &Repository) -> Vec<String> {
    let sources = [".rs", ".ts", ".tsx", ".css", ".sql", ".cypher", ".mjs", ".sh"];
    let mut found = Vec::new();
    for file in &repository.files {
        if !sources.iter().any(|ending| file.path.ends_with(ending)) || is_generated(file) {
            continue;
        }
        let lines = file.text.lines().count();
        let bound = LONG_FILES.iter().find(|(path, ..)| *path == file.path);
        let most = bound.map_or(FILE_LINES, |(_, lines, _)| *lines);
        if lines > most {
            found.push(format!("{}: {lines} lines, at most {most}", file.path));
        } else if bound.is_some() && lines <= FILE_LINES {
            found.push(format!("{}: its exception is not needed any more", file.path));
        }
    }
    let is_gone = |path: &str| !repository.paths.iter().any(|found| found == path);
    let gone = LONG_FILES.iter().filter(|(path, ..)| is_gone(path));
    found.extend(gone.map(|(path, ..)| format!("{path}: an exception for no file")));
    found
}

/// Rust functions that are longer than they may be. The sources are formatted, so a function ends
/// with the first closing brace in its own column.
pub fn long_functions(repository: &Repository) -> Vec<String> {
    let mut found = Vec::new();
    for file in repository.rust() {
        let mut begun: Option<(usize, usize, &str)> = None;
        for (number, line) in file.text.lines().enumerate() {
            let column = line.len() - line.trim_start().len();
            match begun {
                Some((first, own_column, name)) if column == own_column && line.trim() == "}" => {
                    let lines = number - first + 1;
                    if lines > FUNCTION_LINES {
                        let at = first + 1;
                        found.push(format!("{}:{at}: {lines} lines: {name}", file.path));
                    }
                    begun = None;
                }
                // A signature of several lines that ends so has no body.
                Some((_, own_column, _)) if column == own_column && line.ends_with(';') => {
                    begun = None;
                }
                None if begins_function(line) => begun = Some((number, column, line.trim())),
                _ => {}
            }
        }
    }
    found
}

fn begins_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_before = |word: &str| {
        word.starts_with("pub") || ["const", "async", "unsafe", "extern"].contains(&word)
    };
    // `fn name(…) {}` on one line begins and ends here.
    words.find(|word| !is_before(word)) == Some("fn") && !line.trim_end().ends_with(['}', ';'])
}

fn is_generated(file: &TextFile) -> bool {
    file.path.ends_with(".d.ts")
}
