//! Series that are being filled: their meaning is looked up once, their points are handed on as they
//! grow.

use model::entity::Labels;
use model::series::{HistogramPoint, Point, SeriesObservation, SeriesType};
use model::{Micros, Reference};

use crate::context::InputContext;
use crate::format::service_graph::Graph;
use crate::format::subject;
use crate::format::tally::Tally;
use crate::input::Out;
use crate::signal::SignalTable;

/// Points that are held before they are handed on.
const POINTS_MAX: usize = 100_000;

/// The bits of Prometheus' stale marker, a NaN of its own.
const STALE: u64 = 0x7ff0_0000_0000_0002;

/// What a family declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// Counter.
    Counter,
    /// Gauge, info, state set.
    Gauge,
    /// Classic histogram.
    Histogram,
    /// Summary.
    Summary,
    /// Nothing, or a word that is not known.
    Unknown,
}

impl Declared {
    /// By the word in a `# TYPE` line.
    pub fn of(word: &str) -> Self {
        match word {
            "counter" => Self::Counter,
            "gauge" | "info" | "stateset" | "gaugehistogram" => Self::Gauge,
            "histogram" => Self::Histogram,
            "summary" => Self::Summary,
            _ => Self::Unknown,
        }
    }
}

/// Suffixes that a family's samples may have.
const SUFFIXES: &[&str] =
    &["_total", "_bucket", "_count", "_sum", "_created", "_gcount", "_gsum", "_info"];

/// The family's name, without the suffix of a sample.
pub fn family(metric: &str) -> &str {
    SUFFIXES.iter().find_map(|suffix| metric.strip_suffix(suffix)).unwrap_or(metric)
}

/// How the values of a series are to be read, by what is declared and by its own name and labels.
pub fn series_type(declared: Declared, metric: &str, labels: &Labels) -> SeriesType {
    let ends = |suffix: &str| metric.ends_with(suffix);
    match declared {
        _ if ends("_created") && declared != Declared::Unknown => SeriesType::Gauge,
        Declared::Counter => SeriesType::Counter,
        Declared::Gauge => SeriesType::Gauge,
        Declared::Histogram if ends("_bucket") || ends("_sum") || ends("_count") => {
            SeriesType::Bucket
        }
        Declared::Histogram => SeriesType::Gauge,
        Declared::Summary if labels.contains_key("quantile") => SeriesType::Quantile,
        Declared::Summary => SeriesType::Counter,
        Declared::Unknown if ends("_bucket") && labels.contains_key("le") => SeriesType::Bucket,
        Declared::Unknown if ends("_total") => SeriesType::Counter,
        Declared::Unknown if labels.contains_key("quantile") => SeriesType::Quantile,
        Declared::Unknown => SeriesType::Gauge,
    }
}

/// A series without points, with its subject and signal.
pub fn open(
    metric: String,
    labels: Labels,
    declared: SeriesType,
    unit: Option<String>,
    subject: Reference,
) -> SeriesObservation {
    let meaning = SignalTable::built_in().meaning(&metric, &labels);
    SeriesObservation {
        subject,
        signal: meaning.and_then(|meaning| meaning.signal.clone()),
        signal_factor: meaning
            .filter(|meaning| meaning.signal.is_some())
            .map_or(1.0, |meaning| meaning.factor),
        series_type: match (declared, meaning.and_then(|meaning| meaning.series_type)) {
            // What a sender computes cannot become a level by a table.
            (SeriesType::Quantile | SeriesType::Delta, _) | (_, None) => declared,
            (_, Some(stated)) => stated,
        },
        metric,
        labels,
        unit,
        points: Vec::new(),
        histograms: Vec::new(),
    }
}

/// The same, with the subject that its labels name.
pub fn open_by_labels(
    metric: String,
    labels: Labels,
    declared: SeriesType,
    unit: Option<String>,
    context: &InputContext,
) -> SeriesObservation {
    let subject = subject::of_labels(&metric, &labels, context);
    open(metric, labels, declared, unit, subject)
}

/// A value as a point, or why it is none.
pub fn point(at: Micros, value: f64) -> Result<Point, &'static str> {
    if value.is_finite() {
        Ok(Point { at, value, is_stale: false })
    } else if value.to_bits() == STALE {
        Ok(Point { at, value: 0.0, is_stale: true })
    } else if value.is_nan() {
        Err("the value is NaN: nothing was measured")
    } else {
        Err("the value is infinite")
    }
}

/// Series in the order in which they were first seen.
#[derive(Debug, Default)]
pub struct Filling {
    series: Vec<SeriesObservation>,
    points: usize,
    /// Calls that the series count.
    graph: Graph,
}

impl Filling {
    /// How many series are open.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Opens one; its number.
    pub fn add(&mut self, series: SeriesObservation) -> usize {
        self.series.push(series);
        self.series.len() - 1
    }

    /// Adds a point. Whether enough are held to hand them on.
    pub fn point(&mut self, number: usize, point: Point) -> bool {
        if let Some(series) = self.series.get_mut(number) {
            series.points.push(point);
            self.points += 1;
        }
        self.points >= POINTS_MAX
    }

    /// Adds a histogram. Whether enough are held to hand them on.
    pub fn histogram(&mut self, number: usize, histogram: HistogramPoint) -> bool {
        if let Some(series) = self.series.get_mut(number) {
            self.points += 1 + histogram.bins.len();
            series.histograms.push(histogram);
        }
        self.points >= POINTS_MAX
    }

    /// Hands the points on and keeps the series open. Returns whether to go on.
    pub fn hand_on(&mut self, out: &mut Out<'_>) -> bool {
        self.points = 0;
        let mut is_open = true;
        for series in &mut self.series {
            if series.points.is_empty() && series.histograms.is_empty() {
                continue;
            }
            let points = std::mem::take(&mut series.points);
            let histograms = std::mem::take(&mut series.histograms);
            let filled = SeriesObservation { points, histograms, ..series.clone() };
            is_open &= put(filled, &mut self.graph, out);
        }
        is_open
    }

    /// Hands everything on and closes the series. Returns whether to go on.
    pub fn close(&mut self, out: &mut Out<'_>) -> bool {
        self.points = 0;
        let mut is_open = true;
        for series in self.series.drain(..) {
            if !series.points.is_empty() || !series.histograms.is_empty() {
                is_open &= put(series, &mut self.graph, out);
            }
        }
        is_open
    }

    /// Closes the series, and puts out the calls that they count.
    pub fn finish(mut self, context: &InputContext, tally: &mut Tally, out: &mut Out<'_>) {
        self.close(out);
        self.graph.finish(context, tally, out);
    }
}

fn put(mut series: SeriesObservation, graph: &mut Graph, out: &mut Out<'_>) -> bool {
    // Stable: of two values at one time the later sent stays later.
    if !series.points.is_sorted_by_key(|point| point.at) {
        series.points.sort_by_key(|point| point.at);
    }
    if !series.histograms.is_sorted_by_key(|point| point.at) {
        series.histograms.sort_by_key(|point| point.at);
    }
    graph.take(&series);
    let count = series.points.len() + series.histograms.len();
    out.batch().series.push(series);
    out.added(count)
}
