//! OpenVEX: statements on whether vulnerabilities apply to products.

use model::Micros;
use model::scan::Exclusion;
use serde_json::Value;

use super::exclusion;
use super::package::PackageUrl;
use super::target::Target;
use super::title;
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::format::aws::record::{instant, list, text};
use crate::input::{Input, Out};
use crate::shape::Shape;

/// Statements of OpenVEX.
pub const OPENVEX: Format =
    Format { name: "openvex", title: "OpenVEX statements (JSON)", recognise, read };

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let context = shape.text("@context").filter(|context| context.contains("openvex"))?;
    Some(format!("its context is {context}"))
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let document = super::document(input)?;
    let updated = instant(&document, "last_updated").or(instant(&document, "timestamp"));
    if let Some(at) = updated.filter(|at| crate::instant::is_plausible(*at)) {
        out.observed_at(at);
    }
    let author = text(&document, "author");
    out.source(&format!("openvex:{}", author.unwrap_or("unnamed")));
    let issued = instant(&document, "timestamp").unwrap_or(out.batch().input.observed_at);
    for (position, statement) in list(&document, "statements").iter().enumerate() {
        let Some(status) = text(statement, "status") else {
            let reason = "status is missing; every statement has one";
            out.reject(format!("/statements/{position}"), reason);
            continue;
        };
        let weaknesses = weaknesses(statement);
        if weaknesses.is_empty() {
            let reason = "vulnerability is missing; every statement is of one";
            out.reject(format!("/statements/{position}"), reason);
            continue;
        }
        let from = instant(statement, "timestamp").unwrap_or(issued);
        let said = Exclusion {
            weaknesses,
            status: status.to_owned(),
            author: author.map(str::to_owned),
            reason: reason(statement),
            ..Exclusion::default()
        };
        if !products(statement, &said, from, out) {
            break;
        }
    }
    Ok(())
}

/// The vulnerability's name and its aliases; older documents give a text.
fn weaknesses(statement: &Value) -> Vec<String> {
    let vulnerability = statement.get("vulnerability").unwrap_or(&Value::Null);
    let name =
        vulnerability.as_str().or(text(vulnerability, "name")).or(text(vulnerability, "@id"));
    let name = name.map(|name| name.rsplit('/').next().unwrap_or(name));
    let aliases = list(vulnerability, "aliases").iter().filter_map(Value::as_str);
    name.into_iter().chain(aliases).map(str::to_owned).collect()
}

fn reason(statement: &Value) -> Option<String> {
    let names = ["justification", "impact_statement", "action_statement", "status_notes"];
    let parts: Vec<&str> = names.iter().filter_map(|name| text(statement, name)).collect();
    Some(title(&parts.join(": "))).filter(|reason| !reason.is_empty())
}

/// One statement for each product and part of it.
fn products(statement: &Value, said: &Exclusion, from: Micros, out: &mut Out<'_>) -> bool {
    let products = list(statement, "products");
    for product in products {
        let (package, target) = product_of(product);
        let parts = list(product, "subcomponents");
        if parts.is_empty() {
            let (package, version) = package.unwrap_or_default();
            let one = Exclusion { package, version, target: target.clone(), ..said.clone() };
            if !exclusion::put(&one, from, out) {
                return false;
            }
        }
        for part in parts {
            let (package, _) = product_of(part);
            let (package, version) = package.unwrap_or_default();
            let one = Exclusion { package, version, target: target.clone(), ..said.clone() };
            if !exclusion::put(&one, from, out) {
                return false;
            }
        }
    }
    // A statement without products is about none: it would silence the weakness everywhere.
    if products.is_empty() {
        out.reject("a statement", "products is missing; every statement is about some");
    }
    true
}

type Named = Option<(String, Option<String>)>;

/// The package that an identifier names, or the image or repository.
fn product_of(product: &Value) -> (Named, Option<String>) {
    let url = text(product, "identifiers.purl");
    let id = url.or(product.as_str()).or(text(product, "@id")).unwrap_or_default();
    match PackageUrl::parse(id) {
        Some(url) if url.kind == "oci" => {
            let repository = url.qualifier("repository_url").unwrap_or(&url.name);
            let target = Target::image(&[], &[repository.to_owned()]);
            (None, target.map(|target| target.id))
        }
        Some(url) => (Some((url.name, url.version)), None),
        None if super::target::is_address(id) => (None, Some(Target::source(id).id)),
        None => {
            let target = Target::image(&[], &[id.to_owned()]);
            (None, target.map(|target| target.id))
        }
    }
}
