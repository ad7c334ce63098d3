//! JSON merge patches (RFC 7396): what turns an answer that a client has into the newer one, where such
//! a patch can say it and is shorter.

use serde_json::{Map, Value};

/// The patch that turns the first document into the second, as JSON text. None where no patch can say
/// it (a member that becomes `null`), or where it would not be shorter than the second document.
pub fn between(before: &[u8], after: &[u8]) -> Option<String> {
    let old: Value = serde_json::from_slice(before).ok()?;
    let new: Value = serde_json::from_slice(after).ok()?;
    let patch = difference(&old, &new)?;
    let text = patch.to_string();
    (text.len() < after.len()).then_some(text)
}

/// The patch, or none where `null` would have to stand for itself: in a patch it removes a member.
fn difference(old: &Value, new: &Value) -> Option<Value> {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return is_plain(new).then(|| new.clone());
    };
    let mut patch = Map::new();
    for (name, value) in new {
        match old.get(name) {
            Some(known) if known == value => {}
            Some(known) => drop(patch.insert(name.clone(), difference(known, value)?)),
            None if is_plain(value) => drop(patch.insert(name.clone(), value.clone())),
            None => return None,
        }
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    Some(Value::Object(patch))
}

/// Whether a patch may hold the value as it is: no member of an object in it is `null`. What stands in a
/// list is taken as it is.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Object(members) => members.values().all(is_plain),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `MergePatch` of RFC 7396, section 2, word for word.
    fn applied(target: Value, patch: &Value) -> Value {
        let Value::Object(patch) = patch else { return patch.clone() };
        let mut target = match target {
            Value::Object(target) => target,
            _ => Map::new(),
        };
        for (name, value) in patch {
            if value.is_null() {
                target.shift_remove(name);
            } else {
                let member = target.shift_remove(name).unwrap_or(Value::Null);
                target.insert(name.clone(), applied(member, value));
            }
        }
        Value::Object(target)
    }

    #[test]
    fn the_reader_follows_the_published_examples() {
        // RFC 7396, appendix A: target, patch, result.
        for (target, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ] {
            assert_eq!(applied(target, &patch), result);
        }
    }

    #[test]
    fn a_patch_gives_exactly_the_newer_document() {
        let long = "x".repeat(200);
        for (old, new) in [
            (json!({"a":1,"keep":long}), json!({"a":2,"keep":long})),
            (json!({"a":1,"b":{"c":[1,null]},"keep":long}), json!({"b":{"c":[null]},"keep":long})),
            (json!({"a":null,"keep":long}), json!({"a":null,"b":{"c":1},"keep":long})),
            (json!({"a":null,"keep":long}), json!({"a":{"b":[{"c":null}]},"keep":long})),
        ] {
            let patch = between(old.to_string().as_bytes(), new.to_string().as_bytes()).unwrap();
            assert!(patch.len() < new.to_string().len());
            assert_eq!(applied(old, &serde_json::from_str(&patch).unwrap()), new);
        }
    }

    #[test]
    fn what_a_patch_cannot_say_or_does_not_shorten_is_none() {
        let long = "x".repeat(200);
        for (old, new) in [
            // A member that becomes null, and a new object with a null in it.
            (json!({"a":1,"keep":long}), json!({"a":null,"keep":long})),
            (json!({"keep":long}), json!({"a":{"b":null},"keep":long})),
            (json!({"a":1,"keep":long}), json!({"a":{"b":null},"keep":long})),
            // Longer than the document itself.
            (json!({"one":1,"two":2}), json!({"a":1})),
        ] {
            assert_eq!(between(old.to_string().as_bytes(), new.to_string().as_bytes()), None);
        }
    }
}
