//! Input that nobody should send, through the built program: each gives a message that says what and
//! where, the documented exit code, and no panic; what is sound beside it goes in; and reading it again
//! changes nothing.

mod content;
mod machine;
mod table;

use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, Ran, count_of};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let cases = content::CASES.iter().chain(table::CASES);
    let trials = cases.map(|case| Trial::test(format!("hostile::{}", case.name), || case.check()));
    trials.chain(machine::trials()).collect()
}

/// The pods of the file that is sound, which lies beside each bad one.
const SOUND: &str = r#"{"apiVersion":"v1","kind":"List","items":[
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"sound-0","namespace":"n","uid":"s0"}},
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"sound-1","namespace":"n","uid":"s1"}}]}"#;

/// One bad file.
struct Case {
    /// Name of the trial.
    name: &'static str,
    /// Name and bytes of the file.
    file: fn() -> (&'static str, Vec<u8>),
    /// What the rejects say, each somewhere; none means that nothing is rejected.
    says: &'static [&'static str],
    /// Rejected records; an unread file is one.
    rejects: u64,
    /// Exit code when it is read alone.
    code_alone: i32,
    /// What else holds, after it went in beside the sound file.
    holds: fn(&Program, &Value) -> Result<(), Failed>,
}

impl Case {
    fn check(&self) -> Result<(), Failed> {
        let folder = tempfile::tempdir()?;
        let (name, bytes) = (self.file)();
        let bad = folder.path().join(name);
        fs::write(&bad, bytes)?;
        let alone = ingest(&Program::new()?, &bad, &[])?;
        expect("exit code alone", alone.code, self.code_alone, &alone.stderr)?;
        fs::write(folder.path().join("sound.json"), SOUND)?;
        let program = Program::new()?;
        let beside = ingest(&program, folder.path(), &[])?;
        expect("exit code beside a sound file", beside.code, 0, &beside.stderr)?;
        let report = beside.json()?;
        let said = format!("{}{}", report["unread"], report["rejects"]);
        for words in self.says {
            expect(&format!("says `{words}`"), said.contains(words), true, &said)?;
        }
        let unread = report["unread"].as_array().map_or(0, Vec::len) as u64;
        let rejects = report["rejects_total"].as_u64().unwrap_or_default();
        expect("rejects", unread + rejects, self.rejects, &said)?;
        is_sound(&program)?;
        (self.holds)(&program, &report)?;
        let again = ingest(&program, folder.path(), &["--strict"])?;
        let code = if self.rejects > 0 { 4 } else { 0 };
        expect("exit code of a second, strict run", again.code, code, &again.stderr)?;
        unchanged(&again.json()?)
    }
}

/// Nothing more than every case.
fn nothing_more(_program: &Program, _report: &Value) -> Result<(), Failed> {
    Ok(())
}

/// Ingests a path; the program must not have panicked.
fn ingest(program: &Program, path: &Path, flags: &[&str]) -> Result<Ran, Failed> {
    let path = path.display().to_string();
    let mut args = vec!["ingest", "--cluster", "c", "--output", "json", &path];
    args.extend(flags);
    let ran = program.run(&args)?;
    no_panic(&ran)?;
    Ok(ran)
}

fn no_panic(ran: &Ran) -> Result<(), Failed> {
    // 101 is how Rust ends after a panic; a signal gives no code at all.
    if ran.code == 101 || ran.code < 0 || ran.stderr.contains("panicked") {
        return Err(format!("it panicked (code {}): {}", ran.code, ran.stderr).into());
    }
    Ok(())
}

/// The sound file's pods are in the store.
fn is_sound(program: &Program) -> Result<(), Failed> {
    let topology = topology(program)?;
    for pod in ["sound-0", "sound-1"] {
        let is_there = topology["entities"].to_string().contains(&format!("/pod/{pod}\""));
        expect(&format!("{pod} is in"), is_there, true, &topology["kinds"].to_string())?;
    }
    Ok(())
}

fn topology(program: &Program) -> Result<Value, Failed> {
    program.ask(&["topology", "--limit", "1000", "--aggregate-by", "none"])
}

fn kind_count(program: &Program, kind: &str) -> Result<u64, Failed> {
    Ok(count_of(&topology(program)?["kinds"], "kind", kind))
}

fn unchanged(report: &Value) -> Result<(), Failed> {
    for input in report["inputs"].as_array().into_iter().flatten() {
        for list in ["added", "changed", "retired"] {
            if input["outcome"][list].as_array().is_some_and(|list| !list.is_empty()) {
                return Err(format!("the second run changed something: {input}").into());
            }
        }
    }
    Ok(())
}

fn expect<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: T,
    wanted: T,
    context: &str,
) -> Result<(), Failed> {
    let end = context.floor_char_boundary(2_000);
    super::program::expect(&format!("{what} [{}]", &context[..end]), found, wanted)
}
