//! Bodies of requests whose path says what they are: OTLP and remote write, with what was accepted
//! for the response.

use std::ops::ControlFlow;

use model::Batch;
use model::input::{InputRecord, ObservedBy};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::EnvelopeError;
use crate::input::{Input, Out};

/// What became of a body, for a partial success.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Spans, data points, log records or samples that went in.
    pub accepted: u64,
    /// Of those, native histograms.
    pub histograms: u64,
    /// Records that did not.
    pub rejected: u64,
    /// Why, when any did not.
    pub message: Option<String>,
}

/// Reads a body as this format.
///
/// # Errors
/// When nothing of it can be read; the sender must not repeat it.
pub fn push(
    input: &Input<'_>,
    format: &str,
    read: impl FnOnce(&Input<'_>, &mut Out<'_>) -> Result<(), EnvelopeError>,
    hand_on: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<Pushed, EnvelopeError> {
    let mut pushed = Pushed::default();
    let mut counting = |batch: Batch| {
        count(&batch, &mut pushed);
        hand_on(batch)
    };
    let mut out = Out::new(record(input, format), &mut counting);
    if let Err(error) = read(input, &mut out) {
        if out.is_untouched() {
            return Err(error);
        }
        out.cut_short(&error);
    }
    out.finish();
    Ok(pushed)
}

fn count(batch: &Batch, pushed: &mut Pushed) {
    let logs: u64 = batch.logs.iter().map(|one| one.count).fold(0, u64::saturating_add);
    let histograms: usize = batch.series.iter().map(|series| series.histograms.len()).sum();
    let points: usize = batch.series.iter().map(|series| series.points.len()).sum();
    let more = (batch.spans.len() + points + histograms) as u64;
    pushed.accepted = pushed.accepted.saturating_add(more).saturating_add(logs);
    pushed.histograms = pushed.histograms.saturating_add(histograms as u64);
    for reject in &batch.rejects {
        pushed.rejected = pushed.rejected.saturating_add(reject.count);
        let text = format!("{}: {}", reject.location, reject.reason);
        match &mut pushed.message {
            None => pushed.message = Some(text),
            Some(message) if message.len() < 1000 => {
                message.push_str("; ");
                message.push_str(&text);
            }
            Some(_) => {}
        }
    }
}

fn record(input: &Input<'_>, format: &str) -> InputRecord {
    let context = input.context;
    let (observed_at, observed_by) = match context.observed_at {
        Some(stated) => (stated, ObservedBy::Stated),
        None => (context.received_at, ObservedBy::Receipt),
    };
    InputRecord {
        name: input.name.to_owned(),
        content_hash: format!("{:032x}", xxh3_128(input.bytes)),
        format: format.to_owned(),
        source: format.to_owned(),
        observed_at,
        observed_by,
        received_at: context.received_at,
    }
}
