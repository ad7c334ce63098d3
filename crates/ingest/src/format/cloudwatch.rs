//! CloudWatch statistics: `get-metric-data` and `get-metric-statistics`. Their responses name neither
//! the resource nor, in part, the statistic: those stand in the request. It is read beside the response
//! (a file of the same name, or the same object) or given by `--dimension`; without it the values are
//! kept as series of nothing that is known, and that is said.

mod request;
mod series;
mod subject;

use serde_json::Value;

use super::Format;
use super::aws::{instant_of, is_partial, place_of};
use super::prometheus::Filling;
use super::tally::Tally;
use crate::context::{InputContext, Seen};
use crate::error::EnvelopeError;
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};

use request::Request;
pub use request::learn;
use series::Asked;

/// Statistics, and requests for them.
pub const STATISTICS: Format = Format {
    name: "cloudwatch",
    title: "CloudWatch statistics (JSON), with the requests for them",
    recognise,
    read,
};

/// Values of one response that are read.
const VALUES_MAX: usize = 10_000_000;

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let is_list = |name: &str| shape.key(name).is_some_and(|key| key.starts_with == b'[');
    if let Shape::Json { is_stream: false, .. } = &shape {
        if is_list("MetricDataResults") {
            return Some("the key MetricDataResults of get-metric-data".to_owned());
        }
        if is_list("Datapoints") && shape.key("Label").is_some() {
            return Some("the keys Datapoints and Label of get-metric-statistics".to_owned());
        }
    }
    request::is_request(&shape).then(|| "a request for statistics of CloudWatch".to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    if request::is_request(&Shape::of(input.bytes)) {
        // Nothing of its own: it says what the response beside it is about.
        return Ok(());
    }
    let response: Value = serde_json::from_slice(without_mark(input.bytes))
        .map_err(|error| EnvelopeError::json(input.name, &error))?;
    let place = place_of(input.context);
    let (account, region) = (place.account_part().to_owned(), place.region_part().to_owned());
    out.source(&format!("cloudwatch:{account}:{region}"));
    let request = Request::of_object(&response).or_else(|| request::beside(input.context));
    let mut reading = Reading {
        input,
        request: request.unwrap_or_default(),
        filling: Filling::default(),
        tally: Tally::default(),
        values: 0,
    };
    if let Some(results) = response.get("MetricDataResults").and_then(Value::as_array) {
        for (index, result) in results.iter().enumerate() {
            reading.result(index, result, out);
        }
    }
    if let Some(points) = response.get("Datapoints").and_then(Value::as_array) {
        reading.statistics(&response, points, out);
    }
    if is_partial(&response) {
        let reason = "the response goes on (NextToken); values behind it were not exported";
        reading.tally.add(reason, 1, || "/NextToken".to_owned());
    }
    let Reading { filling, mut tally, .. } = reading;
    filling.finish(input.context, &mut tally, out);
    tally.close(out);
    Ok(())
}

struct Reading<'a> {
    input: &'a Input<'a>,
    request: Request,
    filling: Filling,
    tally: Tally,
    values: usize,
}

impl Reading<'_> {
    /// One result of `get-metric-data`: two lists side by side.
    fn result(&mut self, index: usize, result: &Value, out: &mut Out<'_>) {
        let place = || format!("/MetricDataResults/{index}");
        let text = |name: &str| result.get(name).and_then(Value::as_str).unwrap_or_default();
        let (id, label, status) = (text("Id"), text("Label"), text("StatusCode"));
        if !matches!(status, "" | "Complete") {
            let reason = format!("AWS could not give all values: StatusCode {status}");
            self.tally.add(&reason, 1, place);
        }
        let list = |name: &str| result.get(name).and_then(Value::as_array);
        let (Some(times), Some(values)) = (list("Timestamps"), list("Values")) else {
            self.tally.add("Timestamps or Values are missing", 1, place);
            return;
        };
        if times.len() != values.len() {
            let reason = "Timestamps and Values are not of one length; export it again";
            self.tally.add(reason, values.len().max(1) as u64, place);
            return;
        }
        let asked = self.request.of_id(id, label, self.input.context);
        let mut points: Vec<(&Value, &Value)> = times.iter().zip(values).collect();
        points.reverse();
        self.series(&asked, None, points, out, &place());
    }

    /// `get-metric-statistics`: one series for each statistic that its points have.
    fn statistics(&mut self, response: &Value, points: &[Value], out: &mut Out<'_>) {
        let label = response.get("Label").and_then(Value::as_str).unwrap_or_default();
        let asked = self.request.of_label(label, self.input.context);
        let unit = points.iter().find_map(|point| point.get("Unit")).and_then(Value::as_str);
        for statistic in ["Average", "Sum", "Minimum", "Maximum", "SampleCount"] {
            let of: Vec<(&Value, &Value)> = points
                .iter()
                .filter_map(|point| Some((point.get("Timestamp")?, point.get(statistic)?)))
                .collect();
            let asked = Asked { statistic: Some(statistic.to_owned()), ..asked.clone() };
            self.series(&asked, unit, of, out, "/Datapoints");
        }
        let mut quantiles: Vec<&str> = points
            .iter()
            .filter_map(|point| point.get("ExtendedStatistics")?.as_object())
            .flat_map(|all| all.keys().map(String::as_str))
            .collect();
        quantiles.sort_unstable();
        quantiles.dedup();
        for quantile in quantiles {
            let value = |point: &'_ Value| -> Option<()> {
                point.get("ExtendedStatistics")?.get(quantile).map(|_| ())
            };
            let of: Vec<(&Value, &Value)> = points
                .iter()
                .filter(|point| value(point).is_some())
                .filter_map(|point| {
                    Some((point.get("Timestamp")?, point.get("ExtendedStatistics")?.get(quantile)?))
                })
                .collect();
            let asked = Asked { statistic: Some(quantile.to_owned()), ..asked.clone() };
            self.series(&asked, unit, of, out, "/Datapoints");
        }
        let bare = points.iter().filter(|point| point.get("Timestamp").is_none()).count();
        self.tally.add("a value without Timestamp", bare as u64, || "/Datapoints".to_owned());
    }

    fn series(
        &mut self,
        asked: &Asked,
        unit: Option<&str>,
        points: Vec<(&Value, &Value)>,
        out: &mut Out<'_>,
        location: &str,
    ) {
        if points.is_empty() {
            return;
        }
        self.values = self.values.saturating_add(points.len());
        let place = || location.to_owned();
        if self.values > VALUES_MAX {
            let reason = "more than 10,000,000 values in one response; split it by time";
            self.tally.add(reason, points.len() as u64, place);
            return;
        }
        let unit = unit.filter(|unit| *unit != "None").map(str::to_owned);
        let (series, is_attached) = asked.series(unit, self.input);
        if !is_attached {
            let reason = "the values name no resource, and none is guessed: kept as a series of \
                          nothing known; read the request beside the response (a file of its name \
                          with -request), or give --dimension Name=Value";
            self.tally.add(reason, points.len() as u64, place);
        }
        let number = self.filling.add(series);
        for (at, value) in points {
            let Some(at) = time(at) else {
                self.tally.add("a Timestamp is none, or outside 1970 to 2199", 1, place);
                continue;
            };
            let Some(value) = value.as_f64() else {
                self.tally.add("a value is no number", 1, place);
                continue;
            };
            match super::prometheus::point(at, value) {
                Ok(point) => {
                    if self.filling.point(number, point) {
                        self.filling.hand_on(out);
                    }
                }
                Err(reason) => self.tally.add(reason, 1, place),
            }
        }
    }
}

fn time(value: &Value) -> Option<model::Micros> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    instant_of(&text).filter(|at| crate::instant::is_plausible(*at))
}

/// Takes the dimensions that the user states: `InstanceId=i-0123`.
pub fn dimensions(context: &InputContext) -> Vec<(String, String)> {
    context.dimensions.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests;
