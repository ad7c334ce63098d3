//! Folders, pipes, disks and data folders that are not as they should be.

use std::fs;
use std::process::Stdio;

use libtest_mimic::{Failed, Trial};
use store_embedded::Store;

use super::super::program::Program;
use super::super::server::{Server, services};
use super::super::store_base::{block_on, options};
use super::{SOUND, expect, ingest, is_sound, kind_count, no_panic};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("hostile::a_broken_link_is_said", broken_link),
        Trial::test("hostile::a_path_that_is_not_there_is_said", no_path),
        Trial::test("hostile::a_closed_stdin_is_said", closed_stdin),
        Trial::test("hostile::a_closed_pipe_behind_it_ends_it_quietly", closed_stdout),
        Trial::test("hostile::a_second_process_goes_through_the_first", second_process),
        Trial::test("hostile::a_full_disk_loses_nothing", full_disk),
        Trial::test("hostile::a_full_disk_refuses_what_is_pushed", full_disk_pushed),
        Trial::test("hostile::a_folder_of_a_newer_program_is_left_alone", newer),
    ]
}

fn broken_link() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("sound.json"), SOUND)?;
    std::os::unix::fs::symlink("nowhere", folder.path().join("export.json"))?;
    std::os::unix::fs::symlink(".", folder.path().join("circle"))?;
    let program = Program::new()?;
    let ran = ingest(&program, folder.path(), &[])?;
    expect("exit code", ran.code, 0, &ran.stderr)?;
    let unread = ran.json()?["unread"].to_string();
    for words in ["export.json", "leads nowhere", "circle"] {
        expect(words, unread.contains(words), true, &unread)?;
    }
    is_sound(&program)
}

fn no_path() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let program = Program::new()?;
    let ran = ingest(&program, &folder.path().join("absent.json"), &[])?;
    expect("exit code", ran.code, 2, &ran.stderr)?;
    let report = ran.json()?.to_string();
    expect("named", report.contains("absent.json"), true, &report)
}

fn closed_stdin() -> Result<(), Failed> {
    let program = Program::new()?;
    // Closed before anything came, and closed in the middle of a record.
    let ran = program.run_with(&["ingest", "--cluster", "c", "-"], Some(b""))?;
    no_panic(&ran)?;
    expect("exit code", ran.code, 2, &ran.stderr)?;
    expect("said", ran.stderr.contains("the input is empty"), true, &ran.stderr)?;
    let half = &SOUND.as_bytes()[..SOUND.len() - 20];
    let ran = program.run_with(&["ingest", "--cluster", "c", "--strict", "-"], Some(half))?;
    no_panic(&ran)?;
    expect("exit code", ran.code, 4, &ran.stderr)?;
    expect("said", ran.stderr.contains("cut off"), true, &ran.stderr)?;
    expect("pods", kind_count(&program, "pod")?, 1, "")
}

fn closed_stdout() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("services.ndjson"), services(0, 2_000))?;
    ingest(&program, folder.path(), &[])?;
    let mut command = program.command(&["ask", "topology", "--limit", "2000"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    expect("nothing is said", said.contains("panicked"), false, &said)?;
    expect("not a panic", output.status.code() == Some(101), false, &said)
}

fn second_process() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("sound.json"), SOUND)?;
    let server = Server::start(&program)?;
    let ran = ingest(&program, folder.path(), &[])?;
    expect("exit code of ingest", ran.code, 0, &ran.stderr)?;
    is_sound(&program)?;
    // What must have the folder for itself is refused.
    let ran = program.run(&["store", "compact"])?;
    no_panic(&ran)?;
    expect("exit code of compact", ran.code, 6, &ran.stderr)?;
    expect("names the holder", ran.stderr.contains(&server.address), true, &ran.stderr)
}

/// One pod more.
const MORE: &str =
    r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"more","namespace":"n","uid":"m"}}"#;

/// The reserve stands in for the disk: more than any disk has can never be free.
const NO_ROOM: (&str, &str) = ("UBIQUITOUS_DISK_RESERVE_MIB", "1000000000000");

fn full_disk() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("sound.json"), SOUND)?;
    ingest(&program, folder.path(), &[])?;
    let more = folder.path().join("more.json");
    fs::write(&more, SOUND.replace("sound", "more"))?;
    let path = more.display().to_string();
    let mut command = program.command(&["ingest", "--cluster", "c", &path]);
    let output = command.env(NO_ROOM.0, NO_ROOM.1).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    expect("exit code", output.status.code(), Some(7), &said)?;
    expect("said", said.contains("free some space"), true, &said)?;
    // What was in stays in, and with room again the rest goes in.
    is_sound(&program)?;
    expect("pods", kind_count(&program, "pod")?, 2, &said)?;
    ingest(&program, folder.path(), &[])?;
    expect("pods with room again", kind_count(&program, "pod")?, 4, "")
}

fn full_disk_pushed() -> Result<(), Failed> {
    let program = Program::new()?;
    let mut command = program.command(&["ingest", "--cluster", "c", "-"]);
    command.env(NO_ROOM.0, NO_ROOM.1).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        std::io::Write::write_all(&mut pipe, SOUND.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    expect("exit code", output.status.code(), Some(7), &said)?;
    expect("said", said.contains("free some space"), true, &said)?;
    // It is in the journal: the next command that writes, with room again, puts it in.
    let ran = program.run_with(&["ingest", "--cluster", "c", "-"], Some(MORE.as_bytes()))?;
    expect("exit code with room again", ran.code, 0, &ran.stderr)?;
    expect("pods with room again", kind_count(&program, "pod")?, 3, &said)
}

fn newer() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("sound.json"), SOUND)?;
    ingest(&program, folder.path(), &[])?;
    block_on(async {
        let store = Store::open(&options(&program.data_dir()))?;
        let newer = "INSERT INTO migration VALUES ('topology', 9999, 'x')";
        store.database().write("newer", move |tx| Ok(tx.execute_batch(newer)?)).await
    })?;
    for args in
        [&["ask", "topology"][..], &["ingest", "--cluster", "c", "-"], &["store", "migrate"]]
    {
        let ran = program.run(args)?;
        no_panic(&ran)?;
        expect(&format!("exit code of {args:?}"), ran.code, 6, &ran.stderr)?;
        expect("says which", ran.stderr.contains("9999"), true, &ran.stderr)?;
    }
    Ok(())
}
