//! Requests for statistics, and which response each belongs to: that of its name.

use std::collections::BTreeMap;

use serde_json::Value;

use super::series::Asked;
use super::{InputContext, Seen, dimensions, subject};
use crate::shape::Shape;

/// Name of the context's fact that holds the request beside a response.
const FACT: &str = "cloudwatch.request";
/// Bytes of a request that are kept for the responses of its name.
const REQUEST_BYTES: usize = 1 << 20;
/// Endings of the names of files with requests.
const ENDINGS: &[&str] = &[
    "-request",
    ".request",
    "_request",
    "-input",
    ".input",
    "_input",
    "-queries",
    ".queries",
    "_queries",
    ".cli-input",
];

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    by_id: BTreeMap<String, Asked>,
    single: Option<Asked>,
}

/// Whether it is a request and no response.
pub fn is_request(shape: &Shape<'_>) -> bool {
    let has = |name: &str| shape.key(name).is_some();
    match shape {
        Shape::Json { is_stream: false, .. } => {
            let is_answer = has("MetricDataResults") || has("Datapoints");
            let is_single = has("Namespace")
                && has("MetricName")
                && (has("Statistics") || has("ExtendedStatistics") || has("Period"));
            let is_alarm = has("AlarmName");
            (has("MetricDataQueries") || is_single) && !is_answer && !is_alarm
        }
        Shape::JsonArray { .. } => has("Id") && (has("MetricStat") || has("Expression")),
        _ => false,
    }
}

/// Gives each response the request of its name: in its folder, else the only one below the same path.
pub fn learn(inputs: &[Seen<'_>], contexts: &mut [InputContext]) {
    let mut requests: BTreeMap<&str, Vec<(&str, &[u8])>> = BTreeMap::new();
    for input in inputs {
        if input.bytes.len() <= REQUEST_BYTES && is_request(&Shape::of(input.bytes)) {
            let (folder, stem) = named(input.path);
            requests.entry(stem).or_default().push((folder, input.bytes));
        }
    }
    if requests.is_empty() {
        return;
    }
    for (input, context) in inputs.iter().zip(contexts) {
        let (folder, stem) = named(input.path);
        let Some(known) = requests.get(stem) else { continue };
        let mut beside = known.iter().filter(|(of, _)| *of == folder);
        let found = match (beside.next(), beside.next(), known.as_slice()) {
            (Some(one), None, _) => Some(one),
            (None, _, [one]) => Some(one),
            _ => None,
        };
        if let Some(text) = found.and_then(|(_, bytes)| std::str::from_utf8(bytes).ok()) {
            context.facts.insert(FACT.to_owned(), text.to_owned());
        }
    }
}

/// Folder, and the name without `.json` and what marks a request.
fn named(path: &str) -> (&str, &str) {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.strip_suffix(".json").unwrap_or(file);
    let bare = ENDINGS.iter().find_map(|ending| stem.strip_suffix(ending));
    (folder, bare.filter(|bare| !bare.is_empty()).unwrap_or(stem))
}

/// The request that the other inputs of the run hold.
pub fn beside(context: &InputContext) -> Option<Request> {
    let value: Value = serde_json::from_str(context.facts.get(FACT)?).ok()?;
    match &value {
        Value::Array(queries) => Some(Request::of_queries(queries)),
        _ => Request::of_object(&value),
    }
}

impl Request {
    /// The request that an object holds, alone or beside the response.
    pub fn of_object(object: &Value) -> Option<Self> {
        if let Some(queries) = object.get("MetricDataQueries").and_then(Value::as_array) {
            return Some(Self::of_queries(queries));
        }
        let has_metric = object.get("Namespace").is_some() && object.get("MetricName").is_some();
        has_metric.then(|| Self { by_id: BTreeMap::new(), single: Some(metric(object, object)) })
    }

    fn of_queries(queries: &[Value]) -> Self {
        let mut by_id = BTreeMap::new();
        for query in queries {
            let Some(id) = query.get("Id").and_then(Value::as_str) else { continue };
            let asked = match query.get("MetricStat") {
                Some(stat) => {
                    let mut asked = metric(stat.get("Metric").unwrap_or(&Value::Null), stat);
                    asked.account = text(query, "AccountId");
                    asked
                }
                None => {
                    let expression = text(query, "Expression");
                    Asked { expression, id: Some(id.to_owned()), ..Asked::default() }
                }
            };
            by_id.insert(id.to_owned(), asked);
        }
        let single = (by_id.len() == 1).then(|| by_id.values().next().cloned()).flatten();
        Self { by_id, single }
    }

    /// What the result of this id is about.
    pub fn of_id(&self, id: &str, label: &str, context: &InputContext) -> Asked {
        let known = self.by_id.get(id).cloned();
        known.unwrap_or_else(|| stated(Some(id), label, context))
    }

    /// What a response that holds one metric is about.
    pub fn of_label(&self, label: &str, context: &InputContext) -> Asked {
        let known = self.single.clone().filter(|one| {
            // A request for another metric is not this response's.
            label.is_empty() || one.metric.as_deref().is_none_or(|metric| metric == label)
        });
        known.unwrap_or_else(|| stated(None, label, context))
    }
}

/// What the user's flags say, and the response's label, which is the metric's name unless someone
/// named it otherwise.
fn stated(id: Option<&str>, label: &str, context: &InputContext) -> Asked {
    let dimensions = dimensions(context);
    Asked {
        namespace: subject::namespace(&dimensions).map(str::to_owned),
        metric: Some(label.to_owned()).filter(|label| !label.is_empty()),
        id: id.filter(|id| !id.is_empty()).map(str::to_owned),
        dimensions,
        ..Asked::default()
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn metric(metric: &Value, stat: &Value) -> Asked {
    let dimensions = metric.get("Dimensions").and_then(Value::as_array);
    let dimensions = dimensions.map_or(&[][..], Vec::as_slice).iter();
    Asked {
        namespace: text(metric, "Namespace"),
        metric: text(metric, "MetricName"),
        dimensions: dimensions
            .filter_map(|one| Some((text(one, "Name")?, text(one, "Value")?)))
            .collect(),
        period: stat.get("Period").and_then(Value::as_u64),
        statistic: text(stat, "Stat"),
        ..Asked::default()
    }
}
