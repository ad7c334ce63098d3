//! Exit codes, documented in docs/CLI.md; scripts rely on them.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Answered or done.
    Done = 0,
    /// A threshold was breached (`validate`, `--fail-on`), or a backup is damaged.
    Breached = 1,
    /// The command line is wrong, or a file cannot be read.
    Usage = 2,
    /// What was asked for does not exist.
    NotFound = 3,
    /// Records were rejected under `--strict`.
    Rejects = 4,
    /// A store is unavailable.
    Unavailable = 5,
    /// The data folder is in use or of another version.
    Locked = 6,
    /// The disk is full.
    Full = 7,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure that ends a command: what to print on stderr and the code.
#[derive(Debug)]
pub struct Failure {
    /// How the command ends.
    pub exit: Exit,
    /// For people; with `--output json` it is a problem document.
    pub problem: crate::problem::Problem,
}

/// Ctrl-C; the text says what was kept.
pub fn interrupted(kept: &str) -> Failure {
    Failure {
        exit: Exit::Interrupted,
        problem: crate::problem::Problem::new(
            "interrupted",
            "Interrupted",
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            format!("interrupted: {kept}"),
        ),
    }
}
