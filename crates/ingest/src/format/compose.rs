//! Compose files: services with their images, and the calls that their environment, arguments and
//! `depends_on` declare.

mod service;

use std::collections::BTreeSet;

use serde_json::Value;

use super::Format;
use crate::error::EnvelopeError;
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};

/// Compose files in YAML, and what `docker compose config --format json` prints.
pub const FILE: Format =
    Format { name: "compose", title: "Compose files (YAML, JSON)", recognise, read };

/// Fields of which a service of a Compose file has at least one.
const FIELDS: &[&str] =
    &["image", "build", "environment", "depends_on", "command", "ports", "extends", "env_file"];
/// Services of one file that are read.
const SERVICES_MAX: usize = 10_000;

fn recognise(input: &Input<'_>) -> Option<String> {
    let why = || "services with images, environments or dependencies".to_owned();
    let shape = Shape::of(input.bytes);
    match &shape {
        Shape::Text(text) => is_file(text).then(why),
        Shape::Json { is_stream: false, .. } => {
            let has_services = shape.key("services").is_some_and(|key| key.starts_with == b'{');
            let is_other = shape.key("apiVersion").is_some() || shape.key("kind").is_some();
            let head = &input.bytes[..input.bytes.len().min(64 << 10)];
            let holds = |field: &str| {
                let quoted = format!("\"{field}\"");
                head.windows(quoted.len()).any(|window| window == quoted.as_bytes())
            };
            (has_services && !is_other && (holds("image") || holds("build"))).then(why)
        }
        _ => None,
    }
}

/// `services:` at the top, services below it, and a service's field below one of them.
fn is_file(text: &str) -> bool {
    let (mut is_inside, mut has_field) = (false, false);
    for line in text.lines() {
        let trimmed = line.trim_end();
        if trimmed.is_empty() || trimmed.trim_start().starts_with('#') {
            continue;
        }
        if !trimmed.starts_with([' ', '\t']) {
            if ["apiVersion:", "kind:"].iter().any(|key| trimmed.starts_with(key)) {
                return false;
            }
            is_inside = trimmed == "services:";
        } else if is_inside {
            let depth = trimmed.len() - trimmed.trim_start().len();
            let key = trimmed.trim_start().split(':').next().unwrap_or_default();
            has_field |= depth >= 2 && FIELDS.contains(&key);
        }
    }
    has_field
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let document = document(input)?;
    let project = project(&document, input.name);
    out.source(&format!("compose:{project}:{}", stem(input.name)));
    let Some(Value::Object(services)) = document.get("services") else {
        let reason = "no mapping of services; each has its name as the key";
        return Err(EnvelopeError::malformed(input.name, "services", reason));
    };
    if services.len() > SERVICES_MAX {
        out.reject("services", format!("more than {SERVICES_MAX} services; split the file"));
        return Ok(());
    }
    let hosts = hosts(services);
    let file = service::File { project: &project, context: input.context, hosts: &hosts };
    for (name, value) in services {
        match value {
            Value::Object(fields) => {
                for entity in service::entities(&file, name, fields) {
                    out.batch().entities.push(entity);
                    out.added(1);
                }
            }
            _ => out.reject(
                format!("services/{name}"),
                "a service is a mapping of its fields (image, environment, …)",
            ),
        }
    }
    Ok(())
}

/// The file as JSON, with YAML's merge keys applied.
fn document(input: &Input<'_>) -> Result<Value, EnvelopeError> {
    let bytes = without_mark(input.bytes);
    let wrong = |error: serde_yaml_ng::Error| {
        let place = error.location().map_or("the whole file".to_owned(), |at| {
            format!("line {} column {}", at.line(), at.column())
        });
        EnvelopeError::malformed(input.name, place, format!("{error} (not valid YAML)"))
    };
    if let Shape::Json { .. } = Shape::of(bytes) {
        return serde_json::from_slice(bytes)
            .map_err(|error| EnvelopeError::json(input.name, &error));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        EnvelopeError::malformed(input.name, "the whole file", format!("{error}; YAML is UTF-8"))
    })?;
    let mut yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(text).map_err(wrong)?;
    yaml.apply_merge().map_err(wrong)?;
    serde_json::to_value(yaml).map_err(|error| {
        let reason = format!("{error}; keys of mappings are texts");
        EnvelopeError::malformed(input.name, "the whole file", reason)
    })
}

/// `name`, else the folder of the file: Compose's own rule.
fn project(document: &Value, path: &str) -> String {
    let named = document.get("name").and_then(Value::as_str).filter(|name| !name.contains('$'));
    let folder = path.rsplit(['/', '\\', '!']).nth(1).unwrap_or_default();
    let name = named.unwrap_or(folder).to_ascii_lowercase();
    let name: String = name
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
        .take(100)
        .collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

/// Files of one project are put on top of each other: each says its own part.
fn stem(path: &str) -> &str {
    let file = path.rsplit(['/', '\\', '!']).next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// Every name that a container of the file answers to.
fn hosts(services: &serde_json::Map<String, Value>) -> BTreeSet<String> {
    services.iter().flat_map(|(name, fields)| service::names(name, fields)).collect()
}

#[cfg(test)]
mod tests;
