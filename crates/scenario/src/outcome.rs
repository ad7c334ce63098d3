//! What writing an estate returns: the files, the order in which to ingest them with the flags of
//! each, and the ways in which writing can fail.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Why an estate could not be written.
#[derive(Debug)]
pub enum ScenarioError {
    /// A folder or file could not be written.
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// A value could not be put into its format; a fault of this crate.
    Encode {
        /// What was written.
        what: String,
        /// Why.
        reason: String,
    },
}

impl std::fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Write { path, reason } => {
                write!(f, "cannot write {}: {reason}; choose a folder with room", path.display())
            }
            Self::Encode { what, reason } => write!(f, "cannot encode {what}: {reason}"),
        }
    }
}

impl std::error::Error for ScenarioError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Write { reason, .. } => Some(reason),
            Self::Encode { .. } => None,
        }
    }
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// Path below the folder, with `/`.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// Everything that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The files, by path.
    pub files: Vec<WrittenFile>,
    /// How to ingest them.
    pub plan: InputPlan,
}

impl Written {
    /// Size of all files in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|f| f.bytes).sum()
    }
}

/// Inputs in the order in which a user would give them to `ubiquitous ingest`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputPlan {
    /// One ingest run each.
    pub steps: Vec<InputStep>,
}

/// One ingest run: a path below the folder and the flags beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputStep {
    /// File or folder below the folder that was written to.
    pub path: String,
    /// `--cluster`.
    pub cluster: Option<String>,
    /// `--environment`.
    pub environment: Option<String>,
    /// `--account`.
    pub account: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// `--observed-at`, RFC 3339.
    pub observed_at: Option<String>,
    /// `--delivery`.
    pub delivery: Option<String>,
    /// `--complete`, each `kind@scope`.
    pub complete: Vec<String>,
}

impl InputStep {
    /// The arguments of `ubiquitous ingest` for this step, with the path below `folder`.
    pub fn arguments(&self, folder: &std::path::Path) -> Vec<String> {
        let mut all = Vec::new();
        for (flag, value) in [
            ("--cluster", &self.cluster),
            ("--environment", &self.environment),
            ("--account", &self.account),
            ("--region", &self.region),
            ("--observed-at", &self.observed_at),
            ("--delivery", &self.delivery),
        ] {
            if let Some(value) = value {
                all.push(flag.to_owned());
                all.push(value.clone());
            }
        }
        for complete in &self.complete {
            all.push("--complete".to_owned());
            all.push(complete.clone());
        }
        all.push(folder.join(&self.path).display().to_string());
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_becomes_the_arguments_of_the_command() {
        let step = InputStep {
            path: "cost/a.csv".to_owned(),
            observed_at: Some("2026-01-01T00:00:00Z".to_owned()),
            complete: vec!["pod@c".to_owned()],
            ..InputStep::default()
        };
        assert_eq!(
            step.arguments(std::path::Path::new("in")),
            ["--observed-at", "2026-01-01T00:00:00Z", "--complete", "pod@c", "in/cost/a.csv"]
        );
    }
}
