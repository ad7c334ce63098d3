//! The parameters of a question as a list, taken from the schema of its `Params`: for the command
//! line, the query string, and for reading values that arrive as text.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::ask::AskError;

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Name (`aggregate_by`; on the command line `--aggregate-by`).
    pub name: String,
    /// Type of one value.
    pub value: ParameterType,
    /// What it is, for people.
    pub help: String,
    /// Whether the key may be repeated.
    pub is_repeated: bool,
    /// The accepted words, when it is one of a list.
    pub words: Vec<String>,
}

/// Type of a parameter's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterType {
    /// Text.
    Text,
    /// A whole number.
    Count,
    /// A number.
    Number,
    /// True or false.
    Flag,
}

/// The parameters of a schema, in the order of the struct's fields.
pub fn parameters_of(schema: &Value) -> Vec<Parameter> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, field)| parameter_of(schema, name, field))
        .collect()
}

fn parameter_of(schema: &Value, name: &str, field: &Value) -> Parameter {
    let resolved = resolve(schema, field);
    let is_repeated = has_type(resolved, "array");
    let one = if is_repeated {
        resolved.get("items").map_or(resolved, |items| resolve(schema, items))
    } else {
        resolved
    };
    let value = if has_type(one, "integer") {
        ParameterType::Count
    } else if has_type(one, "number") {
        ParameterType::Number
    } else if has_type(one, "boolean") {
        ParameterType::Flag
    } else {
        ParameterType::Text
    };
    let help = field.get("description").and_then(Value::as_str).unwrap_or_default();
    Parameter {
        name: name.to_owned(),
        value,
        help: help.split_whitespace().collect::<Vec<_>>().join(" "),
        is_repeated,
        words: words_of(one),
    }
}

/// The schema that a field leads to: past `$ref` and past the `anyOf` of an optional field.
fn resolve<'a>(schema: &'a Value, field: &'a Value) -> &'a Value {
    if let Some(target) = field.get("$ref").and_then(Value::as_str) {
        let pointer = target.strip_prefix('#').unwrap_or(target);
        return schema.pointer(pointer).unwrap_or(field);
    }
    let any = field.get("anyOf").and_then(Value::as_array);
    match any.and_then(|any| any.iter().find(|one| !has_type(one, "null"))) {
        Some(one) => resolve(schema, one),
        None => field,
    }
}

fn has_type(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(many)) => many.iter().any(|one| one == name),
        _ => false,
    }
}

fn words_of(schema: &Value) -> Vec<String> {
    let listed = schema.get("enum").and_then(Value::as_array);
    let single = |one: &Value| Some(one.get("const")?.as_str()?.to_owned());
    let texts = listed.into_iter().flatten().filter_map(|one| Some(one.as_str()?.to_owned()));
    let options = schema.get("oneOf").and_then(Value::as_array);
    texts
        .chain(options.into_iter().flatten().flat_map(|one| {
            let nested = words_of(one);
            single(one).into_iter().chain(nested)
        }))
        .collect()
}

/// The object with each value in its parameter's type: text becomes a number or a flag, one value
/// becomes a list of one; what is null or empty is left out.
///
/// # Errors
/// `AskError::BadParams` for what is no object, an unknown key, or a value of the wrong type.
pub fn coerced(parameters: &[Parameter], params: Value) -> Result<Map<String, Value>, AskError> {
    let object = match params {
        Value::Object(object) => object,
        Value::Null => Map::new(),
        _ => return Err(AskError::bad("params", "an object of parameters is expected")),
    };
    let mut result = Map::new();
    for (key, value) in object {
        let name = key.replace('-', "_");
        let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) else {
            return Err(AskError::bad(&key, unknown_key(parameters, &name)));
        };
        if let Some(value) = coerced_value(parameter, value)?
            && result.insert(name, value).is_some()
        {
            return Err(AskError::bad(&key, "given twice"));
        }
    }
    Ok(result)
}

fn coerced_value(parameter: &Parameter, value: Value) -> Result<Option<Value>, AskError> {
    let mut values: Vec<Value> = match value {
        Value::Array(values) => values,
        value => vec![value],
    };
    values.retain(|value| !value.is_null() && value.as_str() != Some(""));
    let typed: Vec<Value> =
        values.into_iter().map(|value| typed(parameter, value)).collect::<Result<_, _>>()?;
    if typed.is_empty() {
        return Ok(None);
    }
    if parameter.is_repeated {
        return Ok(Some(Value::Array(typed)));
    }
    if typed.len() > 1 {
        return Err(AskError::bad(&parameter.name, "is given more than once but takes one value"));
    }
    Ok(typed.into_iter().next())
}

fn typed(parameter: &Parameter, value: Value) -> Result<Value, AskError> {
    let wrong = |what: &str| {
        let shown: String = value.to_string().chars().take(80).collect();
        Err(AskError::bad(&parameter.name, format!("{shown} is not {what}")))
    };
    match (&value, parameter.value) {
        (Value::Object(_) | Value::Array(_), _) => wrong("a single value"),
        (Value::String(text), ParameterType::Count) => match text.trim().parse::<u64>() {
            Ok(number) => Ok(number.into()),
            Err(_) => wrong("a whole number from 0 up"),
        },
        (Value::Number(number), ParameterType::Count) if !number.is_u64() => {
            wrong("a whole number from 0 up")
        }
        (Value::String(text), ParameterType::Number) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number.into()),
            _ => wrong("a number"),
        },
        (Value::String(text), ParameterType::Flag) => match text.trim() {
            "true" | "1" | "yes" => Ok(true.into()),
            "false" | "0" | "no" => Ok(false.into()),
            _ => wrong("true or false"),
        },
        (Value::Number(number), ParameterType::Text) => Ok(number.to_string().into()),
        (Value::Bool(flag), ParameterType::Text) => Ok(flag.to_string().into()),
        _ => Ok(value),
    }
}

fn unknown_key(parameters: &[Parameter], key: &str) -> String {
    let nearest = parameters
        .iter()
        .map(|parameter| (edit_distance(key, &parameter.name), parameter.name.as_str()))
        .min();
    match nearest {
        Some((distance, name)) if distance <= name.len().max(2) / 2 => {
            format!("is not a parameter of this question; did you mean `{name}`?")
        }
        _ => {
            let names: Vec<&str> = parameters.iter().map(|one| one.name.as_str()).collect();
            format!("is not a parameter of this question, which takes {}", names.join(", "))
        }
    }
}

/// Levenshtein's distance; texts of more than 64 characters are cut.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_the_number_of_edits() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("same", "same"), 0);
    }
}
