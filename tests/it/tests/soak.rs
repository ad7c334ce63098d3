//! Kills the server at random while it takes pushes: nothing that it acknowledged may be missing
//! afterwards, and the store opens each time. `UBIQUITOUS_SOAK_KILLS` says how often.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use libtest_mimic::{Failed, Trial};

use super::program::Program;
use super::server::{Server, services};

/// Kills when nothing else is said, as in CI.
const KILLS_DEFAULT: u32 = 5;
/// Entities of one push.
const ROWS: usize = 20;

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![Trial::test("soak::nothing_acknowledged_is_lost_by_kill", kills)]
}

fn kills() -> Result<(), Failed> {
    let kills = std::env::var("UBIQUITOUS_SOAK_KILLS").ok().and_then(|text| text.parse().ok());
    let kills: u32 = kills.unwrap_or(KILLS_DEFAULT);
    let program = Program::new()?;
    let next = Arc::new(AtomicUsize::new(0));
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    for kill in 0..kills {
        let server = Arc::new(Server::start(&program)?);
        let pushing = {
            let (server, next, acknowledged) =
                (Arc::clone(&server), Arc::clone(&next), Arc::clone(&acknowledged));
            std::thread::spawn(move || push_until_killed(&server, &next, &acknowledged))
        };
        // From before the first write to well into the run, differently each time.
        let pause = 20 + u64::from(kill.wrapping_mul(2_654_435_761) >> 21) % 900;
        std::thread::sleep(Duration::from_millis(pause));
        server.kill()?;
        pushing.join().map_err(|_panic| "the pusher panicked")?;
    }
    let server = Server::start(&program)?;
    let acknowledged = acknowledged.lock().map_err(|_poison| "poisoned")?;
    let mut missing = Vec::new();
    for &first in acknowledged.iter() {
        for number in first..first + ROWS {
            let (status, _) =
                server.get(&format!("/api/v1/entity?id=service://test/_/s{number}"))?;
            if status != 200 {
                missing.push(number);
            }
        }
    }
    if acknowledged.is_empty() {
        return Err("no push was acknowledged: nothing was tried".into());
    }
    if !missing.is_empty() {
        return Err(format!(
            "{} of {} acknowledged rows are missing: {missing:?}",
            missing.len(),
            acknowledged.len() * ROWS
        )
        .into());
    }
    Ok(())
}

fn push_until_killed(server: &Server, next: &AtomicUsize, acknowledged: &Mutex<Vec<usize>>) {
    loop {
        let first = next.fetch_add(ROWS, Ordering::Relaxed);
        let body = services(first, ROWS);
        let path = format!("/api/v1/ingest?name=push-{first}");
        match server.send("POST", &path, &[], body.as_bytes()) {
            Ok((200, _)) => {
                if let Ok(mut acknowledged) = acknowledged.lock() {
                    acknowledged.push(first);
                }
            }
            Ok(_) => {}
            Err(_) => return,
        }
    }
}
