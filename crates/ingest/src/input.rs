//! One input as a format sees it, and where its observations go.

use std::ops::ControlFlow;
use std::sync::Arc;

use model::input::InputRecord;
use model::{Batch, Micros, Reject};

use crate::context::InputContext;
use crate::error::EnvelopeError;

/// Observations (and rejects) after which a batch is handed on.
pub const BATCH_OBSERVATIONS: usize = 20_000;

/// Bytes of a reject's place or reason; hostile input may quote a megabyte of itself.
const REJECT_TEXT_BYTES: usize = 500;

/// One input.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Path as given, member of an archive, or `POST /v1/traces`.
    pub name: &'a str,
    /// Its bytes, already unpacked.
    pub bytes: &'a [u8],
    /// What the bytes do not say.
    pub context: &'a InputContext,
}

/// Where a format puts what it reads. Batches are handed on as they fill, so memory is bounded.
pub struct Out<'a> {
    batch: Batch,
    filled: usize,
    hand_on: &'a mut dyn FnMut(Batch) -> ControlFlow<()>,
    is_stopped: bool,
    is_handed_on: bool,
    own_time: (Micros, model::input::ObservedBy),
}

impl<'a> Out<'a> {
    /// For the input that `record` describes; `hand_on` may stop the reading.
    pub fn new(record: InputRecord, hand_on: &'a mut dyn FnMut(Batch) -> ControlFlow<()>) -> Self {
        let own_time = (record.observed_at, record.observed_by);
        Self {
            own_time,
            batch: Batch::new(record),
            filled: 0,
            hand_on,
            is_stopped: false,
            is_handed_on: false,
        }
    }

    /// The batch that is being filled. Call [`Out::added`] after putting something in.
    pub fn batch(&mut self) -> &mut Batch {
        &mut self.batch
    }

    /// Says that `count` observations were put in; hands the batch on when it is full. Returns whether
    /// to go on.
    pub fn added(&mut self, count: usize) -> bool {
        self.filled += count;
        if self.filled >= BATCH_OBSERVATIONS {
            self.flush(false);
        }
        !self.is_stopped
    }

    /// A record that could not be read.
    pub fn reject(&mut self, location: impl Into<String>, reason: impl Into<String>) {
        let source = self.batch.input.name.clone();
        let (location, reason) = (shortened(location.into()), shortened(reason.into()));
        self.batch.rejects.push(Reject::new(source, location, reason));
        self.added(1);
    }

    /// Whether nothing was put in yet.
    pub fn is_untouched(&self) -> bool {
        !self.is_handed_on && self.batch.observation_count() == 0 && self.batch.rejects.is_empty()
    }

    /// Notes that the reading ended before the input did: a reject, and nothing is complete.
    pub(crate) fn cut_short(&mut self, error: &EnvelopeError) {
        self.batch.completes.clear();
        match error {
            EnvelopeError::Malformed { place, reason, .. } => {
                self.reject(place.clone(), format!("{reason}; nothing behind this place was read"));
            }
            other => self.reject("the whole file", other.to_string()),
        }
    }

    /// What reported the input, once the content says so; only before the first batch is handed on.
    pub fn source(&mut self, source: &str) {
        source.clone_into(&mut self.batch.input.source);
    }

    /// The observation time that the content states.
    pub fn observed_at(&mut self, at: Micros) {
        self.batch.input.observed_at = at;
        self.batch.input.observed_by = model::input::ObservedBy::Content;
    }

    /// Who says what follows and when it was true, for inputs whose rows say so themselves: what was put
    /// in before is handed on when it has another heading. `None` is the input's own time.
    pub fn regard(&mut self, source: &str, observed_at: Option<Micros>) {
        let (own_at, own_by) = self.own_time;
        let (at, by) =
            observed_at.map_or((own_at, own_by), |at| (at, model::input::ObservedBy::Content));
        let input = &self.batch.input;
        if input.source == source && (input.observed_at, input.observed_by) == (at, by) {
            return;
        }
        if self.batch.observation_count() > 0 {
            self.flush(false);
        }
        source.clone_into(&mut self.batch.input.source);
        (self.batch.input.observed_at, self.batch.input.observed_by) = (at, by);
    }

    /// Hands on what is left, as the last batch. Returns whether the reading was stopped.
    pub fn finish(mut self) -> bool {
        self.flush(true);
        self.is_stopped
    }

    fn flush(&mut self, is_last: bool) {
        let next = Batch::new(self.batch.input.clone());
        let mut full = std::mem::replace(&mut self.batch, next);
        full.is_last = is_last;
        self.filled = 0;
        // What an input lists in full is said once, with its end.
        if !is_last {
            self.batch.completes = std::mem::take(&mut full.completes);
        }
        self.is_handed_on = true;
        if !self.is_stopped && (self.hand_on)(full).is_break() {
            self.is_stopped = true;
        }
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > REJECT_TEXT_BYTES {
        text.truncate(text.floor_char_boundary(REJECT_TEXT_BYTES));
        text.push('…');
    }
    text
}

/// A short, shared text.
pub type Text = Arc<str>;
