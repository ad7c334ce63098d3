//! Files of several YAML documents that state their `apiVersion` and `kind`, as tools beside Kubernetes
//! write them. A document that is no YAML is one reject.

use serde_json::Value;

use super::kubernetes::{first_header, split_documents};
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};

/// Documents of one file that are read.
const DOCUMENTS_MAX: usize = 50_000;

/// One document.
#[derive(Debug, Clone)]
pub struct Document {
    /// Where it stands, for people.
    pub place: String,
    /// Its `kind`.
    pub kind: String,
    /// All of it.
    pub value: Value,
}

impl Document {
    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        at(&self.value, path)
    }

    /// The text at a path of keys; empty is none.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        text(&self.value, path)
    }

    /// `metadata.name`.
    pub fn name(&self) -> Option<&str> {
        self.text(&["metadata", "name"])
    }
}

/// The value at a path of keys.
pub fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key)).filter(|value| !value.is_null())
}

/// The text at a path of keys, without blanks around it; empty is none.
pub fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(value, path)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The number at a path of keys, also when it is written as a text.
pub fn number(value: &Value, path: &[&str]) -> Option<f64> {
    let found = at(value, path)?;
    let number = found.as_f64().or_else(|| found.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

/// `apiVersion` and `kind` of the first document of a file.
pub fn header<'a>(input: &Input<'a>) -> Option<(&'a str, &'a str)> {
    match Shape::of(input.bytes) {
        Shape::Text(text) => first_header(text),
        shape @ Shape::Json { .. } => Some((shape.text("apiVersion")?, shape.text("kind")?)),
        _ => None,
    }
}

/// The documents whose `apiVersion` begins with `group`; what is none is a reject.
pub fn read(input: &Input<'_>, out: &mut Out<'_>, group: &str) -> Vec<Document> {
    let mut all = Vec::new();
    let documents = split_documents(without_mark(input.bytes));
    for (index, (line, bytes)) in documents.into_iter().enumerate() {
        let place = format!("document {} (line {line})", index + 1);
        if index >= DOCUMENTS_MAX {
            out.reject(place, format!("more than {DOCUMENTS_MAX} documents; split the file"));
            break;
        }
        let value: Value = match serde_yaml_ng::from_slice(bytes) {
            Ok(Value::Null) => continue,
            Ok(value) => value,
            Err(error) => {
                out.reject(place, format!("{error} (not valid YAML)"));
                continue;
            }
        };
        let version = text(&value, &["apiVersion"]).unwrap_or_default();
        let Some(kind) = text(&value, &["kind"]).filter(|_| version.starts_with(group)) else {
            out.reject(place, format!("no kind, or an apiVersion that is not {group}…"));
            continue;
        };
        all.push(Document { place, kind: kind.to_owned(), value });
    }
    all
}
