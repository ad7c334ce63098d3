//! Reading the parts of a record: texts, lists, paths, times, tags, and names in snake case.

use std::borrow::Cow;

use model::Micros;
use model::entity::{Labels, Properties};
use serde_json::Value;

/// The value at a path such as `State.Name`.
pub fn at<'a>(record: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(record, |value, part| value.get(part)).filter(|value| !value.is_null())
}

/// The text at a path, unless it is empty.
pub fn text<'a>(record: &'a Value, path: &str) -> Option<&'a str> {
    at(record, path)?.as_str().filter(|text| !text.is_empty())
}

/// The text or number at a path, as text.
pub fn scalar<'a>(record: &'a Value, path: &str) -> Option<Cow<'a, str>> {
    match at(record, path)? {
        Value::String(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// The list at a path; nothing there is an empty one.
pub fn list<'a>(record: &'a Value, path: &str) -> &'a [Value] {
    at(record, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts of the list at a path.
pub fn texts<'a>(record: &'a Value, path: &str) -> impl Iterator<Item = &'a str> {
    list(record, path).iter().filter_map(Value::as_str).filter(|text| !text.is_empty())
}

/// The port at a path, as number or text.
pub fn port(record: &Value, path: &str) -> Option<u16> {
    scalar(record, path)?.parse().ok()
}

/// The instant at a path: RFC 3339, `+0000` without a colon, or seconds since 1970 as number or text.
pub fn instant(record: &Value, path: &str) -> Option<Micros> {
    match at(record, path)? {
        Value::String(text) => instant_of(text),
        Value::Number(number) => seconds(number.as_f64()?),
        _ => None,
    }
}

/// An instant as AWS writes it in any of its services.
pub fn instant_of(text: &str) -> Option<Micros> {
    if let Ok(at) = model::time::instant(text) {
        return Some(Micros::of(at));
    }
    if let Ok(number) = text.parse::<f64>() {
        return seconds(number);
    }
    // Lambda: 2017-09-15T20:31:23.412+0000
    let cut = text.len().checked_sub(2).filter(|cut| text.is_char_boundary(*cut))?;
    let with_colon = format!("{}:{}", &text[..cut], &text[cut..]);
    model::time::instant(&with_colon).ok().map(Micros::of)
}

fn seconds(number: f64) -> Option<Micros> {
    // Milliseconds are told from seconds by their size: 10^11 s are the year 5138.
    let micros = if number.abs() >= 1e11 { number * 1e3 } else { number * 1e6 };
    (micros.abs() < 9e17).then_some(Micros(micros as i64))
}

/// A field's name in snake case: `DBInstanceClass` is `db_instance_class`, `MultiAZ` `multi_az`.
pub fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(index + 1);
        if letter.is_ascii_uppercase()
            && let Some(before) = before
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase()
                    && after.is_some_and(char::is_ascii_lowercase)
                    && !is_plural_of_capitals(&letters, index)))
        {
            out.push('_');
        }
        if letter.is_ascii_alphanumeric() || *letter == '_' {
            out.push(letter.to_ascii_lowercase());
        } else {
            out.push('_');
        }
    }
    out
}

/// Whether the capital at `index` ends a run of them that only a plural's `s` follows (`ARNs`).
fn is_plural_of_capitals(letters: &[char], index: usize) -> bool {
    letters.get(index + 1) == Some(&'s')
        && letters.get(index + 2).is_none_or(|next| next.is_ascii_uppercase())
}

/// A nested value with its keys in snake case, without nulls.
pub fn snake_keys(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(_name, value)| !value.is_null())
                .map(|(name, value)| (snake_case(name), snake_keys(value)))
                .collect(),
        ),
        Value::Array(all) => Value::Array(all.iter().map(snake_keys).collect()),
        other => other.clone(),
    }
}

/// Puts the named fields into the properties under their names in snake case. `State.Name=state` takes
/// a nested field under the name given. Nulls, empty texts and empty lists are left out.
pub fn keep(properties: &mut Properties, record: &Value, fields: &[&str]) {
    for field in fields {
        let (path, name) = match field.split_once('=') {
            Some((path, name)) => (path, Cow::Borrowed(name)),
            None => (*field, Cow::Owned(snake_case(field.rsplit('.').next().unwrap_or(field)))),
        };
        let Some(value) = at(record, path).filter(|value| !is_empty(value)) else { continue };
        properties.insert(name.into_owned(), snake_keys(value));
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Tags in every shape that AWS has: lists of `Key`/`Value` or `key`/`value`, or a map.
pub fn tags(record: &Value) -> Labels {
    let mut labels = Labels::new();
    let as_text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    for field in ["Tags", "TagSet", "TagList", "tags", "tagSet"] {
        match record.get(field) {
            Some(Value::Array(all)) => {
                for tag in all {
                    let key = tag.get("Key").or_else(|| tag.get("key")).and_then(as_text);
                    let value = tag.get("Value").or_else(|| tag.get("value")).and_then(as_text);
                    if let Some(key) = key {
                        labels.insert(key, value.unwrap_or_default());
                    }
                }
            }
            Some(Value::Object(map)) => {
                let pairs = map.iter().map(|(key, value)| (key.clone(), as_text(value)));
                labels.extend(pairs.map(|(key, value)| (key, value.unwrap_or_default())));
            }
            _ => {}
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_become_snake_case_as_the_command_line_of_aws_writes_options() {
        for (name, expected) in [
            ("PlatformDetails", "platform_details"),
            ("DBInstanceClass", "db_instance_class"),
            ("MultiAZ", "multi_az"),
            ("DbiResourceId", "dbi_resource_id"),
            ("VPCId", "vpc_id"),
            ("IAMDatabaseAuthenticationEnabled", "iam_database_authentication_enabled"),
            ("EnableDns64", "enable_dns64"),
            ("TargetGroupARNs", "target_group_arns"),
            ("ARN", "arn"),
            ("platformVersion", "platform_version"),
            ("CidrIpv6", "cidr_ipv6"),
            ("aws:kind", "aws_kind"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }

    #[test]
    fn instants_of_every_service_are_read() {
        let expected = instant_of("2017-09-15T20:31:23.412Z");
        assert!(expected.is_some());
        assert_eq!(instant_of("2017-09-15T20:31:23.412+0000"), expected);
        assert_eq!(instant_of("1505507483.412"), expected);
        assert_eq!(instant_of("1505507483412"), expected);
        for wrong in ["", "é", "string", "NaN", "inf", "1e300"] {
            assert_eq!(instant_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn tags_of_every_shape_become_labels() {
        for record in [
            json!({ "Tags": [{ "Key": "a", "Value": "b" }] }),
            json!({ "tags": [{ "key": "a", "value": "b" }] }),
            json!({ "tags": { "a": "b" } }),
        ] {
            assert_eq!(tags(&record), Labels::from([("a".to_owned(), "b".to_owned())]));
        }
    }
}
