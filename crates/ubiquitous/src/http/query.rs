//! Query strings: known keys only, each at most once unless a question says that it repeats.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::problem::Problem;

/// Most pairs in one query string.
const PAIRS_MAX: usize = 500;

/// The pairs of a query string, decoded, in order.
pub fn pairs(query: Option<&str>) -> Result<Vec<(String, String)>, Problem> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query.unwrap_or(""))
        .map_err(|error| Problem::bad_request("query", format!("the query string: {error}")))?;
    if pairs.len() > PAIRS_MAX {
        let detail = format!("the query string has more than {PAIRS_MAX} pairs");
        return Err(Problem::bad_request("query", detail));
    }
    Ok(pairs)
}

/// As the JSON object that a question takes: a key that stands several times becomes a list.
pub fn object(query: Option<&str>) -> Result<Value, Problem> {
    let mut object = Map::new();
    for (key, text) in pairs(query)? {
        let value = Value::String(text);
        match object.get_mut(&key) {
            None => {
                object.insert(key, value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    Ok(Value::Object(object))
}

/// As a map for routes with few keys: a key that is not `known`, or stands twice, is an error.
pub fn map(query: Option<&str>, known: &[&str]) -> Result<BTreeMap<String, String>, Problem> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs(query)? {
        if !known.contains(&key.as_str()) {
            let detail = format!("`{key}` is no parameter here; there are {}", known.join(", "));
            return Err(Problem::bad_request(&key, detail));
        }
        if map.insert(key.clone(), value).is_some() {
            return Err(Problem::bad_request(&key, format!("`{key}` stands twice")));
        }
    }
    Ok(map)
}

/// A limit between 1 and `most`.
pub fn limit(
    map: &BTreeMap<String, String>,
    default: usize,
    most: usize,
) -> Result<usize, Problem> {
    let Some(text) = map.get("limit") else { return Ok(default) };
    match text.parse::<usize>() {
        Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
        _ => {
            let detail = format!("limit is `{text}`; it must be a number from 1 to {most}");
            Err(Problem::bad_request("limit", detail))
        }
    }
}
