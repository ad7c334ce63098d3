//! Attributes as texts, bounded in number and length.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

/// Attributes of one span or point that are kept.
pub const ATTRIBUTES_MAX: usize = 64;
/// Bytes of a value that are kept.
const VALUE_BYTES: usize = 1024;
/// Bytes of a name; a longer one is left out.
const NAME_BYTES: usize = 256;

/// The attribute of the first of these names, as text.
pub fn text(attributes: &[KeyValue], names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let found = attributes.iter().find(|attribute| attribute.key == *name)?;
        value(found.value.as_ref()?).filter(|text| !text.is_empty())
    })
}

/// Simple values as they are; lists as their values joined by commas; maps are left out.
fn value(any: &AnyValue) -> Option<String> {
    let text = match any.value.as_ref()? {
        Value::StringValue(text) => cut(text).to_owned(),
        Value::BoolValue(value) => value.to_string(),
        Value::IntValue(value) => value.to_string(),
        Value::DoubleValue(value) => value.to_string(),
        Value::ArrayValue(list) => {
            let simple = list.values.iter().take(16).filter(|one| {
                !matches!(one.value, Some(Value::ArrayValue(_) | Value::KvlistValue(_)))
            });
            cut(&simple.filter_map(value).collect::<Vec<_>>().join(",")).to_owned()
        }
        _ => return None,
    };
    Some(text)
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(VALUE_BYTES)]
}

/// The attributes that are kept, in order of name; the first of equal names.
pub fn kept(attributes: &[KeyValue]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = attributes
        .iter()
        .filter(|one| !one.key.is_empty() && one.key.len() <= NAME_BYTES)
        .take(ATTRIBUTES_MAX)
        .filter_map(|one| Some((one.key.clone(), value(one.value.as_ref()?)?)))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.dedup_by(|later, earlier| later.0 == earlier.0);
    all
}
