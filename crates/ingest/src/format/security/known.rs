//! CISA's catalogue of known exploited vulnerabilities (KEV), as JSON or CSV.

use model::Micros;
use model::scan::KnownExploited;
use model::stated::{StatedKind, StatedObservation};

use crate::error::EnvelopeError;
use crate::format::Format;
use crate::format::aws::record::{instant, list, text};
use crate::input::{Input, Out};
use crate::instant::civil;
use crate::shape::{Shape, without_mark};

/// The catalogue.
pub const KNOWN_EXPLOITED: Format = Format {
    name: "kev",
    title: "known exploited vulnerabilities (KEV, JSON or CSV)",
    recognise,
    read,
};

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    match &shape {
        Shape::Json { is_stream: false, .. } => {
            let is_catalogue = shape.key("catalogVersion").is_some();
            (is_catalogue && shape.key("vulnerabilities").is_some())
                .then(|| "it has the keys catalogVersion and vulnerabilities".to_owned())
        }
        Shape::Text(text) => {
            let head = text.lines().next().unwrap_or_default();
            let has = |name: &str| head.split(',').any(|one| one.trim().trim_matches('"') == name);
            (has("cveID") && has("dueDate"))
                .then(|| "it has the columns cveID and dueDate".to_owned())
        }
        _ => None,
    }
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    out.source("kev");
    if let Shape::Text(_) = Shape::of(input.bytes) {
        return table(input, out);
    }
    let document = super::document(input)?;
    if let Some(at) = instant(&document, "dateReleased") {
        out.observed_at(at);
    }
    for (position, row) in list(&document, "vulnerabilities").iter().enumerate() {
        let field = |name: &str| text(row, name).map(str::to_owned);
        if !entry(&format!("/vulnerabilities/{position}"), &field, out) {
            break;
        }
    }
    Ok(())
}

fn table(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(without_mark(input.bytes));
    let head = reader.headers().map_err(|error| {
        EnvelopeError::malformed(input.name, "the first line", format!("{error}; it names columns"))
    })?;
    let head = head.clone();
    for (position, row) in reader.records().enumerate() {
        let place = format!("row {}", position + 2);
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                out.reject(place, format!("{error}; the row is no CSV"));
                continue;
            }
        };
        let field = |name: &str| {
            let at = head.iter().position(|one| one.trim() == name)?;
            row.get(at).map(str::to_owned).filter(|text| !text.is_empty())
        };
        if !entry(&place, &field, out) {
            break;
        }
    }
    Ok(())
}

/// One entry by its fields, which are those of the JSON in both forms.
fn entry(place: &str, field: &dyn Fn(&str) -> Option<String>, out: &mut Out<'_>) -> bool {
    let Some(weakness) = field("cveID") else {
        out.reject(place, "cveID is missing; every entry has one");
        return true;
    };
    let added = field("dateAdded").and_then(|text| civil(&text));
    let due = field("dueDate").and_then(|text| civil(&text));
    let ransomware = field("knownRansomwareCampaignUse").unwrap_or_default();
    let product = [field("vendorProject"), field("product")];
    let product: Vec<String> = product.into_iter().flatten().collect();
    let known = KnownExploited {
        added,
        due: due.map(|due| due.plus(Micros::DAY - 1)),
        is_ransomware: ransomware.eq_ignore_ascii_case("known"),
        product: product.join(" "),
        action: field("requiredAction").map(|text| super::title(&text)),
        weakness: weakness.clone(),
    };
    let stated = StatedObservation::new(StatedKind::KnownExploited, weakness.clone(), &known);
    let Ok(stated) = stated else { return true };
    let title = field("vulnerabilityName").unwrap_or(weakness);
    out.batch().stated.push(StatedObservation { title, from: added, ..stated });
    out.added(1)
}
