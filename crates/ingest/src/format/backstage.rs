//! The software catalog of Backstage (`catalog-info.yaml`): who owns what, which system and domain a
//! component is part of, and what it declares to depend on: docs/formats/backstage.md.

mod component;
mod name;
mod unit;

use super::Format;
use super::documents::{Document, header, read as read_documents};
use crate::error::EnvelopeError;
use crate::input::{Input, Out};
use name::Name;

/// Catalog files.
pub const CATALOG: Format = Format {
    name: "backstage",
    title: "software catalogs of Backstage (catalog-info.yaml)",
    recognise: |input| {
        let (version, kind) = header(input)?;
        version.starts_with(GROUP).then(|| format!("a Backstage document of kind {kind}"))
    },
    read,
};

/// How every `apiVersion` of a catalog begins.
const GROUP: &str = "backstage.io/";

/// What is wrong with a document: the field, and why.
type Wrong = (&'static str, String);

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let documents = read_documents(input, out, GROUP);
    // Each repository has a file of its own: what one states replaces nothing of another.
    let first = documents.iter().find_map(|one| Name::of(one).ok());
    let subject = first.map_or_else(|| "empty".to_owned(), |name| name.to_string());
    out.source(&format!("backstage:{subject}"));
    let environment = input.context.environment.as_deref();
    for one in &documents {
        let read = Name::of(one).and_then(|name| match one.kind.as_str() {
            "Group" => unit::group(one, &name, out),
            "System" => unit::system(one, &name, out),
            "Domain" => unit::domain(one, &name, out),
            "Component" => component::component(one, &name, environment, out),
            "API" => component::api(one, &name, out),
            "Resource" => component::resource(one, &name, out),
            // People, places and templates of the catalog are no part of an estate.
            _ => Ok(()),
        });
        if let Err((field, reason)) = read {
            out.reject(format!("{}, {field}", one.place), reason);
        }
    }
    Ok(())
}

/// The names in a list of a document; what is none is a reject of the document.
fn names(document: &Document, field: &'static str, default_kind: &str) -> Result<Vec<Name>, Wrong> {
    let Some(list) = document.at(&["spec", field]) else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| (field, "is no list".to_owned()))?;
    let read = |value: &serde_json::Value| {
        let text = value.as_str().ok_or_else(|| (field, "holds what is no text".to_owned()))?;
        Name::parse(text, default_kind).map_err(|reason| (field, reason))
    };
    list.iter().map(read).collect()
}

/// One name in a document.
fn named(
    document: &Document,
    field: &'static str,
    default_kind: &str,
) -> Result<Option<Name>, Wrong> {
    let Some(text) = document.text(&["spec", field]) else { return Ok(None) };
    Name::parse(text, default_kind).map(Some).map_err(|reason| (field, reason))
}

#[cfg(test)]
mod tests;
