//! One input as a format sees it, and where its observations go.

use std::ops::ControlFlow;
use std::sync::Arc;

use model::input::InputRecord;
use model::{Batch, Micros, Reject};

use crate::context::InputContext;

/// Observations after which a batch is handed on.
pub const BATCH_OBSERVATIONS: usize = 20_000;

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
}

impl<'a> Out<'a> {
    /// For the input that `record` describes; `hand_on` may stop the reading.
    pub fn new(record: InputRecord, hand_on: &'a mut dyn FnMut(Batch) -> ControlFlow<()>) -> Self {
        Self { batch: Batch::new(record), filled: 0, hand_on, is_stopped: false }
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
        self.batch.rejects.push(Reject::new(source, location, reason));
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

    /// Hands on what is left, as the last batch.
    pub fn finish(mut self) {
        self.flush(true);
    }

    fn flush(&mut self, is_last: bool) {
        let next = Batch::new(self.batch.input.clone());
        let mut full = std::mem::replace(&mut self.batch, next);
        full.is_last = is_last;
        self.filled = 0;
        if !self.is_stopped && (self.hand_on)(full).is_break() {
            self.is_stopped = true;
        }
    }
}

/// A short, shared text.
pub type Text = Arc<str>;
