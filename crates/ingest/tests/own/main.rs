//! Our own format from outside the code: rows of every type, bad lines among good ones, and the same
//! rows as ndjson and as Parquet.

#![expect(clippy::unwrap_used, reason = "what goes wrong here fails the test")]

mod columns;
mod lines;

use std::ops::ControlFlow;

use ingest::{EnvelopeError, InputContext, Summary};
use model::{Batch, Micros};

/// Everything that one input gives.
fn read(bytes: &[u8]) -> (Vec<Batch>, Result<Summary, EnvelopeError>) {
    let context = InputContext {
        observed_at: Some(Micros(5)),
        received_at: Micros(9),
        ..InputContext::default()
    };
    let mut batches = Vec::new();
    let outcome = ingest::read("rows", bytes, &context, &mut |batch| {
        batches.push(batch);
        ControlFlow::Continue(())
    });
    (batches, outcome)
}
