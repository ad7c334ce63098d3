//! `ask --watch`: the same question again and again, printed whenever its answer is another one.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use model::envelope::Envelope;
use serde_json::Value;

use crate::exit::{Exit, Failure, interrupted};
use crate::output;

/// Clears a terminal and goes to its upper left corner.
const CLEAR: &[u8] = b"\x1b[2J\x1b[H";

/// Asks until Ctrl-C. A store that does not answer for a while is said once and waited for; everything
/// else that goes wrong ends it.
///
/// # Errors
/// As the question, and when stdout cannot be written.
pub fn watch(
    every: Duration,
    ask: impl Fn() -> Result<Envelope, Failure>,
    print: impl Fn(&Envelope) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let runtime = super::runtime()?;
    let mut shown: Option<Value> = None;
    let mut is_away = false;
    loop {
        match ask() {
            Ok(envelope) => {
                is_away = false;
                if shown.as_ref() != Some(&envelope.data) {
                    clear(shown.is_some());
                    print(&envelope)?;
                    shown = Some(envelope.data);
                }
            }
            Err(failure) if is_passing(failure.exit) => {
                if !is_away {
                    let detail = &failure.problem.detail;
                    output::say(&format!("ubiquitous: {detail}; asked again until it answers"));
                }
                is_away = true;
            }
            Err(failure) => return Err(failure),
        }
        let is_interrupted = runtime.block_on(async {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => true,
                () = tokio::time::sleep(every) => false,
            }
        });
        if is_interrupted {
            return Err(interrupted("nothing more is asked"));
        }
    }
}

fn is_passing(exit: Exit) -> bool {
    matches!(exit, Exit::Unavailable | Exit::Locked)
}

/// An answer after the first one takes the place of the one before on a terminal, and stands below it
/// anywhere else.
fn clear(is_another: bool) {
    let mut out = std::io::stdout().lock();
    let is_terminal = out.is_terminal();
    let between: &[u8] = if is_terminal {
        CLEAR
    } else if is_another {
        b"\n"
    } else {
        b""
    };
    // What cannot be written is said by what is printed next.
    let _ = out.write_all(between);
}
