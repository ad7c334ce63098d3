//! The house's rules, checked over the whole repository: lengths, names, words, which room knows
//! what, and that every question has all its parts.

mod document;
mod length;
mod question;
mod room;
mod word;

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};

/// Folders that hold nothing of ours: made, fetched or kept by git.
const NOT_OURS: &[&str] =
    &["target", ".git", ".tools", "node_modules", "dist", "corpus", "artifacts"];

/// One rule: everything in the repository that breaks it, a line each.
type Rule = fn(&Repository) -> Vec<String>;

/// The rules, by the name of their trial.
const RULES: &[(&str, Rule)] = &[
    ("files_are_short", length::long_files),
    ("functions_are_short", length::long_functions),
    ("rust_files_say_what_they_are_for", document::rust_files_without_header),
    ("links_lead_somewhere", document::broken_links),
    ("architecture_fits_in_150_lines", document::long_architecture),
    ("modules_are_named_for_what_they_hold", word::empty_names),
    ("nothing_is_left_to_do", word::unfinished),
    ("no_path_of_a_machine", word::machine_paths),
    ("packages_come_from_the_public_registry", word::registries),
    ("rooms_depend_as_drawn", room::dependencies),
    ("drivers_stay_in_their_room", room::drivers),
    ("only_stores_hold_statements", room::statements),
    ("every_question_is_complete", question::missing_parts),
];

/// One trial a rule.
pub fn trials() -> Vec<Trial> {
    RULES
        .iter()
        .map(|(name, rule)| {
            Trial::test(format!("tidy::{name}"), move || {
                let broken = rule(&Repository::read()?);
                if broken.is_empty() { Ok(()) } else { Err(broken.join("\n").into()) }
            })
        })
        .collect()
}

/// The repository's own text files.
pub struct Repository {
    /// In order of path.
    pub files: Vec<TextFile>,
    /// Every path that exists, text or not, relative to the repository.
    pub paths: Vec<String>,
}

/// One text file.
pub struct TextFile {
    /// Relative to the repository, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl Repository {
    fn read() -> Result<Self, Failed> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let mut paths = Vec::new();
        walk(&root, &root, &mut paths)?;
        paths.sort();
        let mut files = Vec::new();
        for path in &paths {
            // What is not UTF-8 is a picture, a recording or an archive.
            if let Ok(text) = String::from_utf8(fs::read(root.join(path))?) {
                files.push(TextFile { path: path.clone(), text });
            }
        }
        Ok(Self { files, paths })
    }

    /// The files whose name ends with one of `endings`.
    pub fn with_ending(&self, endings: &'static [&str]) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(|file| endings.iter().any(|end| file.path.ends_with(end)))
    }

    /// The Rust files.
    pub fn rust(&self) -> impl Iterator<Item = &TextFile> {
        self.with_ending(&[".rs"])
    }
}

fn walk(root: &Path, folder: &Path, paths: &mut Vec<String>) -> Result<(), Failed> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path: PathBuf = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) {
            walk(root, &path, paths)?;
        } else if kind.is_file() && !name.ends_with(".log") {
            paths.push(path.strip_prefix(root)?.to_string_lossy().into_owned());
        }
    }
    Ok(())
}
