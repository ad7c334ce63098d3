//! The built program, run as a user runs it, each time on a data folder of its own.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

/// What one command did.
pub struct Ran {
    /// Exit code.
    pub code: i32,
    /// stdout.
    pub stdout: String,
    /// stderr.
    pub stderr: String,
}

impl Ran {
    /// stdout as JSON.
    pub fn json(&self) -> Result<Value, Failed> {
        serde_json::from_str(&self.stdout)
            .map_err(|error| format!("{error}: {}{}", self.stdout, self.stderr).into())
    }
}

/// A data folder and the program on it.
pub struct Program {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Program {
    /// On a new, empty folder.
    pub fn new() -> Result<Self, Failed> {
        Self::with_environment(Vec::new())
    }

    /// On a new, empty folder, with these variables.
    pub fn with_environment(environment: Vec<(String, String)>) -> Result<Self, Failed> {
        Ok(Self { folder: tempfile::tempdir()?, environment })
    }

    /// On a copy of a data folder that nothing works on.
    pub fn of_copy(data: &Path) -> Result<Self, Failed> {
        let program = Self::new()?;
        copy_folder(data, &program.data_dir())?;
        Ok(program)
    }

    /// The data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A command on the folder, ready to be run.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(args)
            .env("UBIQUITOUS_DATA_DIR", self.data_dir())
            .env("UBIQUITOUS_DISK_RESERVE_MIB", "0")
            .env("UBIQUITOUS_MEMORY_LIMIT_MIB", "1024")
            .env("NO_COLOR", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Result<Ran, Failed> {
        self.run_with(args, None)
    }

    /// Runs a command to its end with `stdin`.
    pub fn run_with(&self, args: &[&str], stdin: Option<&[u8]>) -> Result<Ran, Failed> {
        let mut command = self.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if stdin.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn()?;
        if let (Some(bytes), Some(mut pipe)) = (stdin, child.stdin.take()) {
            // A program that refuses its input may end before it has read it.
            let _ = pipe.write_all(bytes);
        }
        let output = child.wait_with_output()?;
        Ok(Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs a command that must end with code 0, and gives its JSON.
    pub fn json(&self, args: &[&str]) -> Result<Value, Failed> {
        let mut all = args.to_vec();
        all.extend(["--output", "json"]);
        let ran = self.run(&all)?;
        if ran.code != 0 {
            let said = [ran.stderr, ran.stdout].concat();
            return Err(format!("{args:?} ended with {}: {said}", ran.code).into());
        }
        ran.json()
    }

    /// Asks a question and gives the `data` of its answer.
    pub fn ask(&self, args: &[&str]) -> Result<Value, Failed> {
        let mut all = vec!["ask"];
        all.extend(args);
        Ok(self.json(&all)?["data"].clone())
    }
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) -> Result<(), Failed> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}

/// Path of the built program: what xtask says, else beside this test.
pub fn program() -> PathBuf {
    std::env::var_os("UBIQUITOUS_BIN").map_or_else(
        || {
            let test = std::env::current_exe().unwrap_or_default();
            let folder = test.parent().and_then(Path::parent).unwrap_or(Path::new(""));
            folder.join("ubiquitous")
        },
        PathBuf::from,
    )
}

/// A folder or file of the shared data.
pub fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path)
}

/// A trial that needs data sets; where one is absent it is skipped, and its name says so.
pub fn with_data(name: &str, sets: &[&str], test: fn() -> Result<(), Failed>) -> Trial {
    match sets.iter().find(|set| !data(set).exists()) {
        None => Trial::test(name, test),
        Some(set) => Trial::test(format!("{name} [skipped: data set {set} is absent]"), || Ok(()))
            .with_ignored_flag(true),
    }
}

/// The count beside `word` in a list of objects, 0 when it is not there.
pub fn count_of(list: &Value, field: &str, word: &str) -> u64 {
    let rows = list.as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter()
        .find(|row| row[field] == word)
        .and_then(|row| row["count"].as_u64())
        .unwrap_or_default()
}

/// The count beside `word` in a list of pairs, over all inputs of an ingest report.
pub fn sum_of(report: &Value, outcome: &str, word: &str) -> u64 {
    let inputs = report["inputs"].as_array().map(Vec::as_slice).unwrap_or_default();
    inputs
        .iter()
        .flat_map(|input| input["outcome"][outcome].as_array().cloned().unwrap_or_default())
        .filter(|pair| pair[0] == word)
        .filter_map(|pair| pair[1].as_u64())
        .sum()
}

/// Fails with both values unless they are equal.
#[expect(clippy::needless_pass_by_value, reason = "calls read better without references")]
pub fn expect<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: T,
    wanted: T,
) -> Result<(), Failed> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{what}: found {found:?}, wanted {wanted:?}").into())
    }
}
