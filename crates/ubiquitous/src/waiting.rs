//! What a command shows on stderr while it waits for an answer: what is being done, and for how long.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

use crate::output::Output;

/// Time between two pictures of the spinner.
const TICK: Duration = Duration::from_millis(200);

/// A line on the terminal; nothing where stderr is none, or the result is for a program.
#[derive(Debug, Clone)]
pub struct Waiting(ProgressBar);

impl Waiting {
    /// Begins to wait.
    pub fn begin(form: Output) -> Self {
        let bar =
            if form == Output::Json { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// Says what is being done.
    pub fn say(&self, stage: &str) {
        if self.0.message() != stage {
            self.0.set_message(stage.to_owned());
        }
    }

    /// Takes the line away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
