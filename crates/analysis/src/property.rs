//! Reading an entity's properties, which are as its source wrote them.

use model::fact::EntityFact;
use serde_json::Value;

/// A text that is not empty.
pub(crate) fn text<'a>(entity: &'a EntityFact, name: &str) -> Option<&'a str> {
    entity.properties.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// A text of its own.
pub(crate) fn owned(entity: &EntityFact, name: &str) -> Option<String> {
    text(entity, name).map(str::to_owned)
}

/// A number, also when it is written as a text.
pub(crate) fn number(entity: &EntityFact, name: &str) -> Option<f64> {
    let value = entity.properties.get(name)?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

/// A whole number that is not negative.
pub(crate) fn count(entity: &EntityFact, name: &str) -> Option<u64> {
    let value = entity.properties.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A flag, also when it is written as a text in any case.
pub(crate) fn flag(entity: &EntityFact, name: &str) -> Option<bool> {
    match entity.properties.get(name)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The texts of a list.
pub(crate) fn texts(entity: &EntityFact, name: &str) -> Vec<String> {
    let list = entity.properties.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A value below a property, by the steps to it.
pub(crate) fn below<'a>(entity: &'a EntityFact, steps: &[&str]) -> Option<&'a Value> {
    let (first, rest) = steps.split_first()?;
    rest.iter().try_fold(entity.properties.get(*first)?, |value, step| value.get(*step))
}
