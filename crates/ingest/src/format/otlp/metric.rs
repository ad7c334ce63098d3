//! Metrics: sums, gauges, histograms, exponential histograms and summaries.

use std::collections::HashMap;

use model::entity::Labels;
use model::series::{HistogramPoint, SeriesType};
use model::{Micros, Reference};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, SummaryDataPoint,
    number_data_point,
};

use super::attribute;
use super::resource::{self, Services};
use crate::format::bins::{self, BUCKETS_MAX, Bins};
use crate::format::prometheus::{Filling, open, point};
use crate::format::tally::Tally;
use crate::input::{Input, Out};
use crate::instant;

/// Temporality of increments.
const DELTA: i32 = 1;
/// Flag of a point that says that nothing was recorded.
const NO_RECORDED_VALUE: u32 = 1;
/// Attributes of the resource that tell series of one service apart.
const INSTANCE: &[&str] =
    &["service.instance.id", "k8s.pod.name", "k8s.container.name", "container.name", "host.name"];

/// Puts the series and their services out.
pub fn read(
    input: &Input<'_>,
    request: &ExportMetricsServiceRequest,
    tally: Tally,
    out: &mut Out<'_>,
) {
    let mut services = Services::default();
    let mut reading =
        Reading { filling: Filling::default(), numbers: HashMap::new(), tally, is_full: false };
    for (r, group) in request.resource_metrics.iter().enumerate() {
        let attributes = resource::attributes(group.resource.as_ref());
        if group.scope_metrics.iter().all(|scope| scope.metrics.is_empty()) {
            continue;
        }
        let subject = resource::subject(&mut services, input, attributes, out);
        let instance: Labels = INSTANCE
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), attribute::text(attributes, &[*name])?)))
            .collect();
        for metric in group.scope_metrics.iter().flat_map(|scope| &scope.metrics) {
            let sender = Sender { subject: &subject, instance: &instance, metric, resource: r };
            reading.metric(&sender);
            if reading.is_full {
                reading.is_full = false;
                if !reading.filling.hand_on(out) {
                    return;
                }
            }
        }
        // The same series may come again under another resource: its number must not be reused.
        reading.numbers.clear();
        if !reading.filling.close(out) {
            return;
        }
    }
    services.close(out);
    let Reading { filling, mut tally, .. } = reading;
    filling.finish(input.context, &mut tally, out);
    tally.close(out);
}

struct Sender<'a> {
    subject: &'a Reference,
    instance: &'a Labels,
    metric: &'a Metric,
    resource: usize,
}

struct Reading {
    filling: Filling,
    numbers: HashMap<(String, Labels), usize>,
    tally: Tally,
    is_full: bool,
}

impl Reading {
    fn metric(&mut self, sender: &Sender<'_>) {
        let metric = sender.metric;
        if metric.name.is_empty() || metric.name.len() > 1024 {
            self.refuse(sender, "the metric has no name, or one longer than 1024 bytes");
            return;
        }
        match &metric.data {
            Some(Data::Gauge(gauge)) => self.numbers(sender, SeriesType::Gauge, &gauge.data_points),
            Some(Data::Sum(sum)) => {
                let series_type = match (sum.aggregation_temporality, sum.is_monotonic) {
                    (DELTA, _) => SeriesType::Delta,
                    (_, true) => SeriesType::Counter,
                    (_, false) => SeriesType::Gauge,
                };
                self.numbers(sender, series_type, &sum.data_points);
            }
            Some(Data::Histogram(histogram)) => {
                let is_delta = histogram.aggregation_temporality == DELTA;
                for sent in &histogram.data_points {
                    let read = explicit(sent, is_delta);
                    self.histogram(sender, &sent.attributes, sent.flags, is_delta, read);
                }
            }
            Some(Data::ExponentialHistogram(histogram)) => {
                let is_delta = histogram.aggregation_temporality == DELTA;
                for sent in &histogram.data_points {
                    let read = exponential(sent, is_delta);
                    self.histogram(sender, &sent.attributes, sent.flags, is_delta, read);
                }
            }
            Some(Data::Summary(summary)) => {
                for sent in &summary.data_points {
                    self.summary(sender, sent);
                }
            }
            None => self.refuse(sender, "the metric has no data"),
        }
    }

    fn refuse(&mut self, sender: &Sender<'_>, reason: &str) {
        let name = &sender.metric.name;
        let name = &name[..name.floor_char_boundary(100)];
        self.tally
            .add(reason, 1, || format!("/resourceMetrics/{}, metric {name}", sender.resource));
    }

    /// The number of the series with these attributes.
    fn number(
        &mut self,
        sender: &Sender<'_>,
        suffix: &str,
        series_type: SeriesType,
        attributes: &[KeyValue],
        quantile: Option<f64>,
    ) -> usize {
        let mut labels = sender.instance.clone();
        labels.extend(attribute::kept(attributes));
        if let Some(quantile) = quantile {
            labels.insert("quantile".to_owned(), quantile.to_string());
        }
        let name = format!("{}{suffix}", sender.metric.name);
        if let Some(number) = self.numbers.get(&(name.clone(), labels.clone())) {
            return *number;
        }
        let unit = Some(sender.metric.unit.clone()).filter(|unit| !unit.is_empty());
        let mut series =
            open(name.clone(), labels.clone(), series_type, unit, sender.subject.clone());
        scale(&mut series, &sender.metric.unit);
        let number = self.filling.add(series);
        self.numbers.insert((name, labels), number);
        number
    }

    fn numbers(&mut self, sender: &Sender<'_>, series_type: SeriesType, all: &[NumberDataPoint]) {
        for sent in all {
            let value = match sent.value {
                Some(number_data_point::Value::AsDouble(value)) => Some(value),
                Some(number_data_point::Value::AsInt(value)) => Some(value as f64),
                None => None,
            };
            self.value(sender, "", series_type, (&sent.attributes, None), sent.time_unix_nano, {
                if sent.flags & NO_RECORDED_VALUE != 0 { None } else { Some(value) }
            });
        }
    }

    /// A value; `None` says that the series ended, `Some(None)` that the point has none.
    fn value(
        &mut self,
        sender: &Sender<'_>,
        suffix: &str,
        series_type: SeriesType,
        (attributes, quantile): (&[KeyValue], Option<f64>),
        nanos: u64,
        value: Option<Option<f64>>,
    ) {
        let Some(at) = instant::of_nanos(nanos) else {
            self.refuse(sender, "the time is missing or outside 1970 to 2199");
            return;
        };
        let read = match value {
            None => Ok(model::series::Point { at, value: 0.0, is_stale: true }),
            Some(None) => Err("the point has no value"),
            Some(Some(value)) => point(at, value),
        };
        match read {
            Ok(point) => {
                let number = self.number(sender, suffix, series_type, attributes, quantile);
                self.is_full |= self.filling.point(number, point);
            }
            Err(reason) => self.refuse(sender, reason),
        }
    }

    fn histogram(
        &mut self,
        sender: &Sender<'_>,
        attributes: &[KeyValue],
        flags: u32,
        is_delta: bool,
        read: Result<HistogramPoint, &'static str>,
    ) {
        let series_type = if is_delta { SeriesType::Delta } else { SeriesType::Counter };
        match read {
            Ok(histogram) => {
                let number = self.number(sender, "", series_type, attributes, None);
                if flags & NO_RECORDED_VALUE == 0 {
                    self.is_full |= self.filling.histogram(number, histogram);
                } else {
                    let ended =
                        model::series::Point { at: histogram.at, value: 0.0, is_stale: true };
                    self.is_full |= self.filling.point(number, ended);
                }
            }
            Err(reason) => self.refuse(sender, reason),
        }
    }

    fn summary(&mut self, sender: &Sender<'_>, sent: &SummaryDataPoint) {
        let at = sent.time_unix_nano;
        let stale = sent.flags & NO_RECORDED_VALUE != 0;
        let attributes = sent.attributes.as_slice();
        let value = |value: f64| if stale { None } else { Some(Some(value)) };
        let counter = SeriesType::Counter;
        self.value(sender, "_count", counter, (attributes, None), at, value(sent.count as f64));
        self.value(sender, "_sum", counter, (attributes, None), at, value(sent.sum));
        for one in sent.quantile_values.iter().take(64) {
            let of = (attributes, Some(one.quantile));
            self.value(sender, "", SeriesType::Quantile, of, at, value(one.value));
        }
    }
}

/// Durations say their unit: it wins over what the table supposes for the metric's name.
fn scale(series: &mut model::series::SeriesObservation, unit: &str) {
    let is_seconds = series.signal.as_deref().is_some_and(|signal| signal.ends_with("_seconds"));
    if is_seconds {
        series.signal_factor = match unit {
            "s" => 1.0,
            "ms" => 1e-3,
            "us" => 1e-6,
            "ns" => 1e-9,
            _ => series.signal_factor,
        };
    }
}

fn period(start: u64, at: Micros, is_delta: bool) -> i64 {
    if !is_delta {
        return 0;
    }
    instant::of_nanos(start).map_or(0, |start| at.0.saturating_sub(start.0).max(0))
}

fn explicit(sent: &HistogramDataPoint, is_delta: bool) -> Result<HistogramPoint, &'static str> {
    let at = instant::of_nanos(sent.time_unix_nano)
        .ok_or("the time is missing or outside 1970 to 2199")?;
    // Without buckets only count and sum are known.
    let bins = if sent.bucket_counts.is_empty() {
        Vec::new()
    } else {
        // The extremes of a cumulative histogram are not of any one period.
        let (min, max) = if is_delta { (sent.min, sent.max) } else { (None, None) };
        bins::explicit(&sent.explicit_bounds, &sent.bucket_counts, min, max)
            .ok_or("bounds and counts of a histogram do not fit")?
    };
    let sum = sent.sum.filter(|sum| sum.is_finite());
    let period = period(sent.start_time_unix_nano, at, is_delta);
    Ok(HistogramPoint { at, period, count: sent.count, sum, bins })
}

fn exponential(
    sent: &ExponentialHistogramDataPoint,
    is_delta: bool,
) -> Result<HistogramPoint, &'static str> {
    let at = instant::of_nanos(sent.time_unix_nano)
        .ok_or("the time is missing or outside 1970 to 2199")?;
    let mut bins = Bins::default();
    bins.zero(sent.zero_count);
    for (is_negative, buckets) in [(false, &sent.positive), (true, &sent.negative)] {
        let Some(buckets) = buckets else { continue };
        if buckets.bucket_counts.len() > BUCKETS_MAX {
            return Err("too many buckets in a histogram");
        }
        for (index, count) in buckets.bucket_counts.iter().enumerate() {
            let index = i64::from(buckets.offset).saturating_add(index as i64);
            bins.exponential(sent.scale, index, is_negative, *count);
        }
    }
    let sum = sent.sum.filter(|sum| sum.is_finite());
    let period = period(sent.start_time_unix_nano, at, is_delta);
    Ok(HistogramPoint { at, period, count: sent.count, sum, bins: bins.finish() })
}
