//! From the bytes of one input to its batches: unpack, recognise, describe, read, always end with a
//! last batch.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use model::Batch;
use model::input::{InputRecord, ObservedBy};
use xxhash_rust::xxh3::xxh3_128;

use crate::context::InputContext;
use crate::error::EnvelopeError;
use crate::format::{self, Recognised};
use crate::input::{Input, Out};
use crate::limit::Limits;
use crate::summary::{InputSummary, Summary, count};
use crate::unpack::{self, Packing};

/// Where batches go; it may stop the reading.
type HandOn<'a> = &'a mut dyn FnMut(Batch) -> ControlFlow<()>;

/// Reads one input: gzip and zip are unpacked, each member of a zip archive is an input of its own.
/// Each input's batches are handed on in order; its last has `is_last`.
///
/// # Errors
/// When nothing can be read: empty, too large, no archive, of no known format, cut off at once. Bad
/// records inside are rejects of a batch instead.
pub fn read(
    name: &str,
    bytes: &[u8],
    context: &InputContext,
    hand_on: HandOn<'_>,
) -> Result<Summary, EnvelopeError> {
    read_within(name, bytes, context, &Limits::default(), hand_on)
}

/// The same, within other bounds.
///
/// # Errors
/// As [`read`].
pub fn read_within(
    name: &str,
    bytes: &[u8],
    context: &InputContext,
    limits: &Limits,
    hand_on: HandOn<'_>,
) -> Result<Summary, EnvelopeError> {
    if bytes.len() as u64 > limits.input_bytes {
        return Err(EnvelopeError::TooLarge {
            name: name.to_owned(),
            what: "the input",
            limit: limits.input_bytes,
        });
    }
    let mut reading =
        Reading { context, limits, budget: limits.unpacked_bytes, summary: Summary::default() };
    reading.input(name, bytes, 0, hand_on)?;
    Ok(reading.summary)
}

/// What [`read`] would read, without handing it on.
///
/// # Errors
/// As [`read`].
pub fn inspect(name: &str, bytes: &[u8], context: &InputContext) -> Result<Summary, EnvelopeError> {
    read(name, bytes, context, &mut |_batch| ControlFlow::Continue(()))
}

struct Reading<'a> {
    context: &'a InputContext,
    limits: &'a Limits,
    budget: u64,
    summary: Summary,
}

impl Reading<'_> {
    fn input(
        &mut self,
        name: &str,
        bytes: &[u8],
        depth: usize,
        hand_on: HandOn<'_>,
    ) -> Result<(), EnvelopeError> {
        let packing = unpack::packing(bytes);
        if packing.is_some() && depth >= self.limits.depth {
            return Err(EnvelopeError::malformed(
                name,
                format!("archive {depth} levels deep"),
                "archives inside archives are not read deeper; unpack it first",
            ));
        }
        match packing {
            Some(Packing::Gzip) => {
                let unpacked = unpack::gzip(name, bytes, self.limits, &mut self.budget)?;
                self.input(name, &unpacked, depth + 1, hand_on)
            }
            Some(Packing::Zip) => self.archive(name, bytes, depth, hand_on),
            None => self.plain(name, bytes, hand_on),
        }
    }

    /// A member that cannot be read is a reject of its own; the others go in.
    fn archive(
        &mut self,
        name: &str,
        bytes: &[u8],
        depth: usize,
        hand_on: HandOn<'_>,
    ) -> Result<(), EnvelopeError> {
        let (limits, mut budget) = (self.limits, self.budget);
        unpack::zip(name, bytes, limits, &mut budget, |path, member, budget| {
            self.budget = *budget;
            let outcome =
                member.and_then(|bytes| self.input(&path, &bytes, depth + 1, &mut *hand_on));
            *budget = self.budget;
            if let Err(error) = outcome {
                self.refuse(&path, &error, &mut *hand_on);
            }
            !self.summary.is_stopped
        })
    }

    /// Hands on a batch that holds nothing but the reason why the member was not read.
    fn refuse(&mut self, path: &str, error: &EnvelopeError, hand_on: HandOn<'_>) {
        let record = self.record(path, &[], "unrecognised");
        let mut out = Out::new(record.clone(), hand_on);
        out.reject("the whole file", error.to_string());
        self.summary.is_stopped |= out.finish();
        self.summary.inputs.push(InputSummary {
            record,
            why: error.to_string(),
            read: BTreeMap::new(),
            rejects: 1,
        });
    }

    fn plain(
        &mut self,
        name: &str,
        bytes: &[u8],
        hand_on: HandOn<'_>,
    ) -> Result<(), EnvelopeError> {
        let input = Input { name, bytes, context: self.context };
        let Some(Recognised { format, why }) = format::recognise(&input) else {
            let is_blank = bytes.iter().all(u8::is_ascii_whitespace);
            return Err(if is_blank {
                EnvelopeError::Empty { name: name.to_owned() }
            } else {
                format::unrecognised(&input)
            });
        };
        let mut record = self.record(name, bytes, format.name);
        let (mut read, mut rejects) = (BTreeMap::new(), 0_u64);
        let mut counting = |batch: Batch| {
            count(&batch, &mut read);
            rejects += batch.rejects.iter().map(|reject| reject.count).sum::<u64>();
            record.clone_from(&batch.input);
            hand_on(batch)
        };
        let mut out = Out::new(self.record(name, bytes, format.name), &mut counting);
        if let Err(error) = (format.read)(&input, &mut out) {
            if out.is_untouched() {
                return Err(error);
            }
            out.cut_short(&error);
        }
        self.summary.is_stopped |= out.finish();
        self.summary.inputs.push(InputSummary { record, why, read, rejects });
        Ok(())
    }

    fn record(&self, name: &str, bytes: &[u8], format: &str) -> InputRecord {
        let context = self.context;
        let (observed_at, observed_by) = match (context.observed_at, context.file_time) {
            (Some(stated), _) => (stated, ObservedBy::Stated),
            (None, Some(modified)) => (modified, ObservedBy::FileTime),
            (None, None) => (context.received_at, ObservedBy::Receipt),
        };
        InputRecord {
            name: name.to_owned(),
            content_hash: format!("{:032x}", xxh3_128(bytes)),
            format: format.to_owned(),
            source: format.to_owned(),
            observed_at,
            observed_by,
            received_at: context.received_at,
        }
    }
}
