//! Signals over a window that moves to the newest value when nobody asked for another and it holds none.

use model::envelope::{AnswerWindow, ChosenBy, StoreFreshness, Warning};
use model::fact::{SignalFact, SignalQuery};
use model::seam::{DataKind, ReadContext, Version};
use model::time::{Micros, Window, WindowParam};

use crate::ask::{AskContext, AskError};
use crate::calls::{Calls, ends_of, windowed_calls};
use crate::estate::Estate;
use crate::param::{Text, window_ending};

/// Longest window, which holds everything.
const ALL: i64 = 10 * 366 * Micros::DAY;

/// What was measured.
pub(crate) struct Measured {
    /// Signals of the window.
    pub signals: Vec<SignalFact>,
    /// The window.
    pub window: AnswerWindow,
    /// That it was moved, if it was.
    pub warning: Option<Warning>,
    /// Version of the samples.
    pub version: Version,
}

impl Measured {
    /// Both stores as they were read.
    pub fn stores(&self, estate: &Estate) -> Vec<StoreFreshness> {
        vec![
            StoreFreshness::of("topology", estate.facts.version),
            StoreFreshness::of("telemetry", self.version),
        ]
    }

    /// Calls over the same window.
    ///
    /// # Errors
    /// When the store gives no facts.
    pub async fn calls(
        &self,
        ctx: &AskContext,
        estate: &Estate,
        at: (Option<Micros>, Micros),
    ) -> Result<Calls, AskError> {
        let range = Text(WindowParam::Range(self.window.window()));
        let (_, calls) = windowed_calls(ctx, Some(&range), Micros::DAY, at).await?;
        Ok(Calls::new(calls, &ends_of(estate)))
    }
}

/// Reads the signals that `query` asks for over the window asked for, by default the last `default`
/// microseconds before `at`; `None` reads none.
///
/// # Errors
/// When the store gives no facts.
pub(crate) async fn measured(
    ctx: &AskContext,
    read: &ReadContext,
    param: Option<&Text<WindowParam>>,
    (default, at): (i64, Micros),
    query: Option<SignalQuery>,
) -> Result<Measured, AskError> {
    let (mut window, mut chosen_by) = match param {
        Some(Text(WindowParam::Range(window))) => (*window, ChosenBy::Request),
        Some(Text(WindowParam::All)) => (window_ending(at, ALL), ChosenBy::All),
        Some(Text(WindowParam::Last(micros))) if *micros != default => {
            (window_ending(at, *micros), ChosenBy::Request)
        }
        _ => (window_ending(at, default), ChosenBy::Default),
    };
    let version = ctx.telemetry.version(DataKind::Samples).await?;
    let over = |window: Window, query: &SignalQuery| SignalQuery { window, ..query.clone() };
    let mut signals = match &query {
        Some(query) => ctx.telemetry.signals(read, over(window, query)).await?,
        None => Vec::new(),
    };
    let mut warning = None;
    let newest = signals.iter().map(|one| one.newest).max().filter(|newest| *newest < at);
    let is_empty = chosen_by == ChosenBy::Default && signals.iter().all(|one| one.count == 0);
    if let (Some(newest), Some(query)) = (newest.filter(|_| is_empty), &query) {
        let message = format!(
            "nothing was measured in the window that ends at {at}; it was moved to the newest value, \
             at {newest}"
        );
        warning = Some(Warning::new("newest_data", message));
        window = window_ending(newest.plus(1), default);
        chosen_by = ChosenBy::NewestData;
        signals = ctx.telemetry.signals(read, over(window, query)).await?;
    }
    let window = AnswerWindow { from: window.from, to: window.to, chosen_by };
    Ok(Measured { signals, window, warning, version })
}
