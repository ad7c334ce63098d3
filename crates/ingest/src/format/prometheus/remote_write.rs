//! Remote write 1.0 and 2.0: a snappy block with a protobuf message. One message type holds both:
//! their field numbers do not overlap.

mod histogram;
mod message;

use std::collections::HashMap;
use std::ops::ControlFlow;

use model::Batch;
use model::entity::Labels;
use model::series::SeriesType;
use prost::Message;

use super::label::TEXT_BYTES;
use super::series::{self, Declared, Filling};
use crate::error::EnvelopeError;
use crate::format::push::{Pushed, push};
use crate::format::tally::Tally;
use crate::input::{Input, Out};
use crate::instant::is_plausible;

pub use message::TimeSeriesV2;
pub use message::{Histogram, Label, Metadata, MetadataV2, Request, Sample, Span, TimeSeries};

/// Bytes of a message after unpacking.
const BYTES_MAX: usize = 128 << 20;
/// Labels of one series.
const LABELS_MAX: usize = 128;

/// Reads the body of a remote write request of either version, still compressed by snappy.
///
/// # Errors
/// When it is no snappy block or no message; the sender must not repeat it.
pub fn read(
    input: &Input<'_>,
    hand_on: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<Pushed, EnvelopeError> {
    push(input, "remote-write", read_block, hand_on)
}

fn read_block(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let broken = |reason: String| {
        EnvelopeError::malformed(input.name, "the body", format!("{reason}; send a snappy block"))
    };
    let length =
        snap::raw::decompress_len(input.bytes).map_err(|error| broken(error.to_string()))?;
    if length > BYTES_MAX {
        return Err(EnvelopeError::TooLarge {
            name: input.name.to_owned(),
            what: "the unpacked message",
            limit: BYTES_MAX as u64,
        });
    }
    let plain = snap::raw::Decoder::new()
        .decompress_vec(input.bytes)
        .map_err(|error| broken(error.to_string()))?;
    let request = Request::decode(plain.as_slice()).map_err(|error| {
        EnvelopeError::malformed(
            input.name,
            "the message",
            format!("{error}; send a WriteRequest of remote write 1.0 or 2.0"),
        )
    })?;
    let source = input
        .context
        .cluster_part()
        .map_or("prometheus".to_owned(), |cluster| format!("prometheus:{cluster}"));
    out.source(&source);
    let mut writing = Writing {
        input,
        filling: Filling::default(),
        tally: Tally::default(),
        numbers: HashMap::new(),
    };
    let declared: HashMap<String, (Declared, String)> = request
        .metadata
        .iter()
        .map(|one| (one.family.clone(), (declared(one.kind), one.unit.clone())))
        .collect();
    for (index, series) in request.timeseries.iter().enumerate() {
        let of = |name: &str| declared.get(name).cloned();
        let place = format!("timeseries {index}");
        match labels(series.labels.iter().map(|l| (l.name.as_str(), l.value.as_str()))) {
            Ok((metric, labels)) => {
                let meta = of(&metric).or_else(|| of(series::family(&metric)));
                let series = One {
                    metric,
                    labels,
                    meta,
                    place,
                    samples: &series.samples,
                    histograms: &series.histograms,
                };
                writing.series(series, out);
            }
            Err(reason) => {
                writing.refuse(reason, series.samples.len() + series.histograms.len(), place)
            }
        }
    }
    for (index, series) in request.timeseries_v2.iter().enumerate() {
        writing.second(index, series, &request.symbols, out);
    }
    let Writing { filling, mut tally, .. } = writing;
    filling.finish(input.context, &mut tally, out);
    tally.close(out);
    Ok(())
}

fn declared(kind: i32) -> Declared {
    match kind {
        1 => Declared::Counter,
        2 | 4 | 6 | 7 => Declared::Gauge,
        3 => Declared::Histogram,
        5 => Declared::Summary,
        _ => Declared::Unknown,
    }
}

fn labels<'l>(
    pairs: impl Iterator<Item = (&'l str, &'l str)>,
) -> Result<(String, Labels), &'static str> {
    let mut metric = None;
    let mut labels = Labels::new();
    for (name, value) in pairs {
        if name.len() > TEXT_BYTES || value.len() > TEXT_BYTES {
            return Err("a label is longer than 16 KiB");
        }
        if name == "__name__" {
            metric = Some(value.to_owned());
        } else if !value.is_empty() {
            if labels.len() >= LABELS_MAX {
                return Err("more than 128 labels");
            }
            if name.is_empty() || labels.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err("a label has no name or stands twice");
            }
        }
    }
    let metric = metric.filter(|metric| !metric.is_empty()).ok_or("a series has no __name__")?;
    Ok((metric, labels))
}

/// One series of a request.
struct One<'r> {
    metric: String,
    labels: Labels,
    meta: Option<(Declared, String)>,
    place: String,
    samples: &'r [Sample],
    histograms: &'r [Histogram],
}

struct Writing<'a> {
    input: &'a Input<'a>,
    filling: Filling,
    tally: Tally,
    /// Series of the request by name and labels; senders may split one.
    numbers: HashMap<(String, Labels, bool), usize>,
}

impl Writing<'_> {
    fn refuse(&mut self, reason: &str, count: usize, place: String) {
        self.tally.add(reason, count.max(1) as u64, || place);
    }

    fn second(
        &mut self,
        index: usize,
        series: &TimeSeriesV2,
        symbols: &[String],
        out: &mut Out<'_>,
    ) {
        let count = series.samples.len() + series.histograms.len();
        let place = format!("timeseries {index}");
        let symbol = |reference: u32| symbols.get(reference as usize).map(String::as_str);
        let pairs: Option<Vec<(&str, &str)>> = series
            .labels_refs
            .chunks(2)
            .map(|pair| Some((symbol(*pair.first()?)?, symbol(*pair.get(1)?)?)))
            .collect();
        let read =
            pairs.ok_or("a label refers to no symbol").and_then(|pairs| labels(pairs.into_iter()));
        match read {
            Ok((metric, labels)) => {
                let meta = series.metadata.as_ref().map(|meta| {
                    let unit = symbol(meta.unit_ref).unwrap_or_default().to_owned();
                    (declared(meta.kind), unit)
                });
                let one = One {
                    metric,
                    labels,
                    meta,
                    place,
                    samples: &series.samples,
                    histograms: &series.histograms,
                };
                self.series(one, out);
            }
            Err(reason) => self.refuse(reason, count, place),
        }
    }

    fn series(&mut self, one: One<'_>, out: &mut Out<'_>) {
        let One { metric, labels, meta, place, samples, histograms } = one;
        let (declared, unit) = meta.unwrap_or((Declared::Unknown, String::new()));
        let is_native = !histograms.is_empty();
        let declared = if is_native {
            SeriesType::Counter
        } else {
            series::series_type(declared, &metric, &labels)
        };
        let known = (metric, labels, is_native);
        let number = match self.numbers.get(&known) {
            Some(number) => *number,
            None => {
                let (metric, labels, _) = known.clone();
                let unit = Some(unit).filter(|unit| !unit.is_empty());
                let context = self.input.context;
                let series = series::open_by_labels(metric, labels, declared, unit, context);
                let number = self.filling.add(series);
                self.numbers.insert(known, number);
                number
            }
        };
        let mut is_full = false;
        for sample in samples {
            let point = instant(sample.timestamp).and_then(|at| series::point(at, sample.value));
            match point {
                Ok(point) => is_full |= self.filling.point(number, point),
                Err(reason) => self.tally.add(reason, 1, || place.clone()),
            }
        }
        for sent in histograms {
            let read = instant(sent.timestamp).and_then(|at| histogram::point(at, sent));
            match read {
                Ok(histogram::Read::Stale(point)) => is_full |= self.filling.point(number, point),
                Ok(histogram::Read::Counts(point)) => {
                    is_full |= self.filling.histogram(number, point);
                }
                Err(reason) => self.tally.add(reason, 1, || place.clone()),
            }
        }
        if is_full {
            self.filling.hand_on(out);
        }
    }
}

fn instant(milliseconds: i64) -> Result<model::Micros, &'static str> {
    milliseconds
        .checked_mul(1000)
        .map(model::Micros)
        .filter(|at| is_plausible(*at))
        .ok_or("the timestamp is outside 1970 to 2199")
}
