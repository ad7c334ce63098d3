//! Whether a value is as a JSON schema says: the part of JSON Schema 2020-12 that the descriptions of
//! answers use (types, properties, items, enumerations, references, combinations, least values).

use serde_json::{Map, Value};

/// Where a value is not as its schema says, and why; `None` when it is.
pub fn fault(schema: &Value, value: &Value) -> Option<String> {
    let mut place = String::new();
    check(schema, schema, value, &mut place).err()
}

type Checked = Result<(), String>;

fn check(root: &Value, schema: &Value, value: &Value, place: &mut String) -> Checked {
    let Some(schema) = schema.as_object() else {
        return if schema == &Value::Bool(false) {
            wrong(place, "nothing may stand here")
        } else {
            Ok(())
        };
    };
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let pointer = target.strip_prefix('#').unwrap_or(target);
        let Some(target) = root.pointer(pointer) else {
            return wrong(place, &format!("the schema refers to {target}, which is not there"));
        };
        check(root, target, value, place)?;
    }
    check_type(schema, value, place)?;
    if let Some(words) = schema.get("enum").and_then(Value::as_array)
        && !words.contains(value)
    {
        return wrong(place, &format!("{value} is none of the words"));
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        return wrong(place, &format!("{value} is not {only}"));
    }
    if let (Some(least), Some(number)) =
        (schema.get("minimum").and_then(Value::as_f64), value.as_f64())
        && number < least
    {
        return wrong(place, &format!("{number} is below {least}"));
    }
    combinations(root, schema, value, place)?;
    match value {
        Value::Object(object) => check_object(root, schema, object, place),
        Value::Array(values) => check_array(root, schema, values, place),
        _ => Ok(()),
    }
}

fn wrong(place: &str, why: &str) -> Checked {
    let place = if place.is_empty() { "/" } else { place };
    Err(format!("{place}: {why}"))
}

fn check_type(schema: &Map<String, Value>, value: &Value, place: &str) -> Checked {
    let is_of = |word: &str| match word {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    };
    let words: Vec<&str> = match schema.get("type") {
        Some(Value::String(word)) => vec![word],
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    if words.iter().any(|word| is_of(word)) {
        return Ok(());
    }
    wrong(place, &format!("is no {}", words.join(" or ")))
}

fn combinations(
    root: &Value,
    schema: &Map<String, Value>,
    value: &Value,
    place: &mut String,
) -> Checked {
    let list = |name: &str| schema.get(name).and_then(Value::as_array);
    for one in list("allOf").into_iter().flatten() {
        check(root, one, value, place)?;
    }
    for name in ["anyOf", "oneOf"] {
        let Some(all) = list(name) else { continue };
        let length = place.len();
        let mut first = None;
        let is_one = all.iter().any(|one| {
            let checked = check(root, one, value, place);
            place.truncate(length);
            checked.map_err(|fault| first.get_or_insert(fault).len()).is_ok()
        });
        if !is_one {
            return Err(first.unwrap_or_else(|| format!("{place}: is none of the forms")));
        }
    }
    Ok(())
}

fn check_object(
    root: &Value,
    schema: &Map<String, Value>,
    object: &Map<String, Value>,
    place: &mut String,
) -> Checked {
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        if !object.contains_key(name) {
            return wrong(place, &format!("`{name}` is missing"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, value) in object {
        let known = properties.and_then(|properties| properties.get(name));
        if let Some(schema) = known.or_else(|| schema.get("additionalProperties")) {
            within(root, schema, value, place, name)?;
        }
    }
    Ok(())
}

fn check_array(
    root: &Value,
    schema: &Map<String, Value>,
    values: &[Value],
    place: &mut String,
) -> Checked {
    let firsts = schema.get("prefixItems").and_then(Value::as_array);
    for (number, value) in values.iter().enumerate() {
        let first = firsts.and_then(|firsts| firsts.get(number));
        if let Some(schema) = first.or_else(|| schema.get("items")) {
            within(root, schema, value, place, &number.to_string())?;
        }
    }
    Ok(())
}

fn within(root: &Value, schema: &Value, value: &Value, place: &mut String, name: &str) -> Checked {
    let length = place.len();
    place.push('/');
    place.push_str(name);
    check(root, schema, value, place)?;
    place.truncate(length);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn faults_are_named_with_their_place() {
        let schema = json!({
            "type": "object",
            "required": ["rows"],
            "properties": {
                "rows": { "type": "array", "items": { "$ref": "#/$defs/Row" } },
                "note": { "type": ["string", "null"] }
            },
            "$defs": { "Row": {
                "type": "object",
                "required": ["count"],
                "properties": {
                    "count": { "type": "integer", "minimum": 0 },
                    "kind": { "enum": ["a", "b"] },
                    "more": { "anyOf": [{ "type": "null" }, { "$ref": "#/$defs/Row" }] }
                }
            } }
        });
        let of = |value: Value| fault(&schema, &value);
        assert_eq!(of(json!({ "rows": [{ "count": 1, "kind": "a", "more": null }] })), None);
        assert_eq!(
            of(json!({ "rows": [{ "count": 1, "more": { "count": 2 } }], "note": null })),
            None
        );
        assert_eq!(of(json!({})), Some("/: `rows` is missing".to_owned()));
        assert_eq!(
            of(json!({ "rows": [{ "count": -1 }] })),
            Some("/rows/0/count: -1 is below 0".into())
        );
        assert!(of(json!({ "rows": [{ "count": 1.5 }] })).is_some());
        assert!(of(json!({ "rows": [{ "count": 1, "kind": "c" }] })).is_some());
        assert!(of(json!({ "rows": [{ "count": 1, "more": { "count": "x" } }] })).is_some());
        assert!(of(json!({ "rows": [], "note": 3 })).is_some());
    }
}
