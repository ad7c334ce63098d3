//! One response: its top-level keys, the records below them, and what says that it is not whole.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::reader::Reader;
use super::table::{self, Known, Reading};
use super::{PAGING, balancer, folder, malformed, place_of, queue, resource};
use crate::error::EnvelopeError;
use crate::input::{Input, Out};

/// Reads a response.
pub fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    if let Some(error) = error_text(input.bytes) {
        out.reject("the whole file", format!("AWS refused the request: {error}; export it again"));
        return Ok(());
    }
    let context = input.context;
    let base = place_of(context);
    let argument = folder::argument(input.name);
    let reader = Reader::new(out, base, argument.as_deref());
    let mut response = Response {
        reader,
        operation: folder::operation(input.name),
        kinds: Vec::new(),
        scalars: Map::new(),
        is_partial: false,
        has_parts: false,
    };
    let bytes = crate::shape::without_mark(input.bytes);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let outcome = TopLevel(&mut response).deserialize(&mut deserializer);
    outcome.and_then(|()| deserializer.end()).map_err(|error| malformed(input, &error))?;
    response.end();
    if response.is_partial {
        return Ok(());
    }
    let kinds = response.kinds;
    let complete = context.complete.iter().filter(|complete| kinds.contains(&complete.kind));
    out.batch().completes.extend(complete.cloned());
    Ok(())
}

/// What the command line prints when a request fails, as far as the closing of the first line.
pub fn error_text(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(2048)];
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches(['\u{feff}', '\n', '\r', ' ']);
    if !text.starts_with("An error occurred (") {
        return None;
    }
    Some(text.lines().next().unwrap_or_default().chars().take(300).collect())
}

struct Response<'a, 'o> {
    reader: Reader<'a, 'o>,
    operation: Option<&'a str>,
    kinds: Vec<model::EntityKind>,
    /// Top-level fields that are neither lists nor objects.
    scalars: Map<String, Value>,
    is_partial: bool,
    /// Whether any list or object was met: read, or counted as not read.
    has_parts: bool,
}

impl Response<'_, '_> {
    /// What the scalars of the top level say once all of them are known.
    fn end(&mut self) {
        self.reader.flush();
        let identity = Value::Object(std::mem::take(&mut self.scalars));
        if ["Account", "Arn", "UserId"].iter().all(|name| identity.get(name).is_some()) {
            self.reader.record("Account", 0);
            resource::caller(&mut self.reader, &identity);
            return;
        }
        let bucket = self.reader.argument.map(str::to_owned);
        let is_location =
            self.operation.is_some_and(|operation| operation.ends_with("get-bucket-location"));
        if let Some(bucket) = bucket.filter(|_bucket| is_location) {
            self.reader.record("LocationConstraint", 0);
            let region = identity.get("LocationConstraint").and_then(Value::as_str);
            queue::bucket_location(&mut self.reader, &bucket, region);
        } else if !self.has_parts {
            self.reader.unread("", 1, "this response describes nothing that is in the model");
        }
    }

    fn one(&mut self, key: &str, position: usize, known: &Known, record: &Value) {
        self.reader.record(key, position);
        if let Reading::Records(read) = known.reading {
            read(&mut self.reader, record);
        }
    }

    fn error(&mut self, error: &Value) {
        self.is_partial = true;
        let part = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
        let reason = format!("AWS refused the request: {} ({})", part("Message"), part("Code"));
        self.reader.record("Error", 0);
        self.reader.reject("", format!("{reason}; export it again"));
    }

    /// A failed part of a request that asked for several things.
    fn failure(&mut self, position: usize, failure: &Value) {
        self.is_partial = true;
        self.reader.record("failures", position);
        let part = |name: &str| failure.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
        self.reader.reject("", format!("AWS did not find {}: {}", part("arn"), part("reason")));
    }
}

struct TopLevel<'r, 'a, 'o>(&'r mut Response<'a, 'o>);

impl<'de> DeserializeSeed<'de> for TopLevel<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TopLevel<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the object of an AWS response")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            map.next_value_seed(Member { response: &mut *self.0, key })?;
        }
        Ok(())
    }
}

/// The value of one top-level key.
struct Member<'r, 'a, 'o> {
    response: &'r mut Response<'a, 'o>,
    key: String,
}

impl<'de> DeserializeSeed<'de> for Member<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Member<'_, '_, '_> {
    fn scalar(self, value: Value) {
        let is_more = match &value {
            Value::String(text) => !text.is_empty(),
            Value::Bool(is_truncated) => *is_truncated,
            _ => false,
        };
        if PAGING.contains(&self.key.as_str()) && self.key != "MaxItems" {
            // What a request began behind (`Marker`) is no whole either.
            self.response.is_partial |= is_more;
            return;
        }
        if matches!(self.key.as_str(), "Policy" | "policyText" | "Content") {
            let what = "policies and reports about identities";
            self.response.has_parts = true;
            self.response.reader.unread(&self.key, 1, what);
            return;
        }
        self.response.scalars.insert(self.key, value);
    }
}

impl<'de> Visitor<'de> for Member<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let value = Map::deserialize_from(map)?;
        let Self { response, key } = self;
        response.has_parts = true;
        let record = Value::Object(value);
        if key == "Error" {
            response.error(&record);
            return Ok(());
        }
        match table::known(&key, response.operation, Some(&record)) {
            Some(known) if matches!(known.reading, Reading::Records(_)) => {
                response.kinds.extend(known.kind);
                response.one(&key, 0, known, &record);
            }
            Some(Known { reading: Reading::Unread(reason), .. }) => {
                response.reader.unread(&key, 1, reason);
            }
            Some(_) => {}
            None => response.reader.unread(&key, 1, "no reader knows this part of a response"),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { response, key } = self;
        response.has_parts = true;
        let mut count = 0_u64;
        let first: Option<Value> = seq.next_element()?;
        let known = table::known(&key, response.operation, first.as_ref());
        if let Some(known) = known
            && matches!(known.reading, Reading::Records(_))
        {
            response.kinds.extend(known.kind);
            if first.is_none() && key == "TargetHealthDescriptions" {
                response.reader.record(&key, 0);
                balancer::no_target(&mut response.reader);
            }
            let mut next = first;
            let mut position = 0;
            while let Some(record) = next {
                if !response.reader.is_stopped() {
                    response.one(&key, position, known, &record);
                }
                position += 1;
                next = seq.next_element()?;
            }
            return Ok(());
        }
        if key == "failures" {
            let mut next = first;
            while let Some(failure) = next {
                response.failure(count as usize, &failure);
                count += 1;
                next = seq.next_element()?;
            }
            return Ok(());
        }
        if first.is_some() {
            count = 1;
            while seq.next_element::<IgnoredAny>()?.is_some() {
                count += 1;
            }
        }
        match known.map(|known| known.reading) {
            _ if count == 0 => {}
            Some(Reading::Unread(reason)) => response.reader.unread(&key, count, reason),
            Some(_) => {}
            None => response.reader.unread(&key, count, "no reader knows this part of a response"),
        }
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.scalar(Value::String(text.to_owned()));
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.scalar(Value::Bool(value));
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.scalar(value.into());
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.scalar(value.into());
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.scalar(value.into());
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads a whole object from its members.
trait FromMembers: Sized {
    fn deserialize_from<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
}

impl FromMembers for Map<String, Value> {
    fn deserialize_from<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut all = Map::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            all.insert(name, value);
        }
        Ok(all)
    }
}
