//! Properties of entities and relations as the failure model reads them.

use ::model::entity::Properties;
use serde_json::Value;

/// A text.
pub(super) fn text<'a>(properties: &'a Properties, name: &str) -> Option<&'a str> {
    properties.get(name).and_then(Value::as_str)
}

/// A flag, also where a source writes it as a word (`enabled`, `true`).
pub(super) fn flag(properties: &Properties, name: &str) -> Option<bool> {
    match properties.get(name)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(word) => match word.to_ascii_lowercase().as_str() {
            "true" | "enabled" | "yes" => Some(true),
            "false" | "disabled" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A whole number.
pub(super) fn count(properties: &Properties, name: &str) -> Option<u64> {
    let value = properties.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// A list of texts, or one text.
pub(super) fn texts<'a>(properties: &'a Properties, name: &str) -> Vec<&'a str> {
    match properties.get(name) {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}
