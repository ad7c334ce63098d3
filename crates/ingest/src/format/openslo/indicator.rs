//! What an objective counts: an indicator inside the SLO, inside the objective, or by reference.

use model::objective::{Indicator, SeriesSelector};
use serde_json::Value;

use super::File;
use crate::format::documents::{Document, at, number, text};
use crate::format::objective::{ratio, units_in_second};
use crate::format::selector::selector_of_query;

/// Types of data sources whose queries are PromQL.
const PROMETHEUS: [&str; 6] =
    ["prometheus", "thanos", "mimir", "cortex", "victoriametrics", "promql"];

/// The indicator of an objective; one that is not understood says why.
pub fn indicator(slo: &Document, objective: &Value, file: &File<'_>) -> Indicator {
    let found = spec(slo, objective, file).and_then(|spec| {
        if let Some(metric) = at(spec, &["ratioMetric"]) {
            return ratio_metric(metric, file);
        }
        match at(spec, &["thresholdMetric"]) {
            Some(metric) => threshold_metric(metric, objective, file),
            None => Err("it has neither ratioMetric nor thresholdMetric".to_owned()),
        }
    });
    found.unwrap_or_else(|reason| Indicator::Unread { reason })
}

fn spec<'a>(slo: &'a Document, objective: &'a Value, file: &File<'a>) -> Result<&'a Value, String> {
    for place in [objective, &slo.value["spec"]] {
        if let Some(inside) = at(place, &["indicator", "spec"]) {
            return Ok(inside);
        }
        if let Some(name) = text(place, &["indicatorRef"]) {
            let known = file.indicators.get(name).copied();
            return known.ok_or_else(|| format!("the indicator `{name}` is not in the file"));
        }
    }
    Err("it has no indicator".to_owned())
}

fn ratio_metric(metric: &Value, file: &File<'_>) -> Result<Indicator, String> {
    if at(metric, &["raw"]).is_some() {
        return Err("a ratio that the source worked out is no count of events".to_owned());
    }
    let total = at(metric, &["total"]).ok_or("the ratio has no total")?;
    let total = Some(selector(total, file, "total")?);
    let side = |name: &str| -> Result<Option<SeriesSelector>, String> {
        at(metric, &[name]).map(|source| selector(source, file, name)).transpose()
    };
    match (side("good")?, side("bad")?) {
        (None, None) => Err("the ratio has neither good nor bad".to_owned()),
        // Good says it all.
        (Some(good), _) => Ok(ratio(Some(good), None, total)),
        (None, bad) => Ok(ratio(None, bad, total)),
    }
}

/// The series behind a metric source.
fn selector(source: &Value, file: &File<'_>, what: &str) -> Result<SeriesSelector, String> {
    let source = at(source, &["metricSource"]).unwrap_or(source);
    let referred = text(source, &["metricSourceRef"]).and_then(|name| file.sources.get(name));
    let kind = text(source, &["type"]).or(referred.copied());
    if let Some(kind) = kind {
        let word = kind.to_ascii_lowercase();
        if !PROMETHEUS.iter().any(|known| word.contains(known)) {
            return Err(format!("{what} is a query of {kind}; PromQL is read"));
        }
    }
    let query = ["query", "promql"].iter().find_map(|name| text(source, &["spec", name]));
    let query = query.ok_or_else(|| format!("{what} has no query"))?;
    selector_of_query(query).map_err(|reason| format!("the query of {what}: {reason}"))
}

fn threshold_metric(
    metric: &Value,
    objective: &Value,
    file: &File<'_>,
) -> Result<Indicator, String> {
    let op = text(objective, &["op"]).unwrap_or("lte");
    if !matches!(op, "lt" | "lte") {
        return Err(format!("a threshold with `{op}`; bounds from above are judged"));
    }
    let bound = number(objective, &["value"]).ok_or("the objective has no value")?;
    let mut durations = selector(metric, file, "the threshold")?;
    for end in ["_bucket", "_sum", "_count"] {
        if let Some(name) = durations.metric.strip_suffix(end) {
            durations.metric = name.to_owned();
        }
    }
    durations.labels.remove("le");
    let units = units_in_second(&durations.metric)
        .ok_or_else(|| format!("`{}` is no duration by its name", durations.metric))?;
    let bound_seconds = bound / units;
    if bound_seconds <= 0.0 {
        return Err(format!("the bound {bound} is not above 0"));
    }
    Ok(Indicator::Latency { bound_seconds, durations: Some(durations) })
}
