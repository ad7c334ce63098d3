//! Bills and telemetry from real files, read in place. A data set that is absent is a skipped test
//! whose name says so.

mod bills;
mod csv_series;
mod metrics;
mod otlp;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use ingest::{EnvelopeError, InputContext, Summary};
use libtest_mimic::{Arguments, Failed, Trial};
use model::Batch;

fn main() {
    let mut trials = Vec::new();
    trials.extend(bills::trials());
    trials.extend(csv_series::trials());
    trials.extend(metrics::trials());
    trials.extend(otlp::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A folder of the real data, beside the repository.
pub fn data(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path)
}

/// A test that needs a real file.
pub fn on_data(
    name: &'static str,
    path: &'static str,
    test: fn(&[u8]) -> Result<(), Failed>,
) -> Trial {
    let full = data(path);
    if full.exists() {
        Trial::test(name, move || test(&std::fs::read(full)?))
    } else {
        let name = format!("{name} [skipped: data set {path} is absent]");
        Trial::test(name, || Ok(())).with_ignored_flag(true)
    }
}

/// Everything that is read of an input, in one batch.
pub fn read(name: &str, bytes: &[u8]) -> Result<(Summary, Batch), EnvelopeError> {
    read_in(name, bytes, &context())
}

/// A context that is received in October 2026.
pub fn context() -> InputContext {
    InputContext {
        received_at: model::Micros(1_791_000_000_000_000),
        delivery: "delivery-1".to_owned(),
        facts: BTreeMap::new(),
        ..InputContext::default()
    }
}

/// The same, in a context.
pub fn read_in(
    name: &str,
    bytes: &[u8],
    context: &InputContext,
) -> Result<(Summary, Batch), EnvelopeError> {
    let mut all: Option<Batch> = None;
    let summary = ingest::read(name, bytes, context, &mut |batch| {
        match &mut all {
            None => all = Some(batch),
            Some(all) => {
                all.entities.extend(batch.entities);
                all.claims.extend(batch.claims);
                all.relations.extend(batch.relations);
                all.series.extend(batch.series);
                all.spans.extend(batch.spans);
                all.edges.extend(batch.edges);
                all.logs.extend(batch.logs);
                all.charges.extend(batch.charges);
                all.rejects.extend(batch.rejects);
                all.delivery = all.delivery.take().or(batch.delivery);
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok((summary, all.ok_or_else(|| EnvelopeError::malformed(name, "", "no batch"))?))
}

/// A failed expectation with a message.
pub fn ensure(holds: bool, message: impl Into<String>) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(message.into().into()) }
}
