//! Service level objectives as OpenSLO v1 writes them (github.com/OpenSLO/OpenSLO): documents of kind SLO,
//! with indicators inside or by reference, DataSource and Service. Queries are read where they count
//! one series; what cannot be judged is kept with the reason: docs/formats/openslo.md.

mod indicator;

use std::collections::BTreeMap;

use model::objective::{Indicator, Objective};
use serde_json::Value;

use super::Format;
use super::documents::{Document, at, header, number, read as read_documents, text};
use super::objective::{statement, window_seconds};
use crate::error::EnvelopeError;
use crate::input::{Input, Out};

/// OpenSLO documents.
pub const FILE: Format = Format {
    name: "openslo",
    title: "service level objectives (OpenSLO YAML)",
    recognise: |input| {
        let (version, kind) = header(input)?;
        version.starts_with(GROUP).then(|| format!("an OpenSLO document of kind {kind}"))
    },
    read,
};

/// How every `apiVersion` of OpenSLO begins.
const GROUP: &str = "openslo/";

/// Objectives of one file that are read.
const OBJECTIVES_MAX: usize = 100_000;

/// Places of an owner in a document's metadata, the more telling first.
const OWNERS: [[&str; 3]; 4] = [
    ["metadata", "labels", "owner"],
    ["metadata", "annotations", "owner"],
    ["metadata", "labels", "team"],
    ["metadata", "annotations", "team"],
];

/// What the documents of a file name for each other.
#[derive(Default)]
struct File<'a> {
    /// `spec` of indicators by name.
    indicators: BTreeMap<&'a str, &'a Value>,
    /// Types of data sources by name.
    sources: BTreeMap<&'a str, &'a str>,
    /// Owners of services by name.
    owners: BTreeMap<&'a str, String>,
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let documents = read_documents(input, out, GROUP);
    let mut file = File::default();
    for one in &documents {
        let Some(name) = one.name() else { continue };
        match one.kind.as_str() {
            "SLI" => {
                if let Some(spec) = one.at(&["spec"]) {
                    file.indicators.insert(name, spec);
                }
            }
            "DataSource" => {
                if let Some(kind) = one.text(&["spec", "type"]) {
                    file.sources.insert(name, kind);
                }
            }
            "Service" => {
                if let Some(owner) = owner(&one.value) {
                    file.owners.insert(name, owner);
                }
            }
            _ => {}
        }
    }
    out.source("openslo");
    let mut count = 0;
    for one in documents.iter().filter(|one| one.kind == "SLO") {
        match objectives(one, &file) {
            Ok(stated) => {
                for (key, title, service, objective) in stated {
                    count += 1;
                    if count > OBJECTIVES_MAX {
                        let reason = format!("more than {OBJECTIVES_MAX} objectives; split it");
                        out.reject(one.place.clone(), reason);
                        return Ok(());
                    }
                    match statement(&key, &title, &service, &objective) {
                        Ok(stated) => out.batch().stated.push(stated),
                        Err(reason) => out.reject(one.place.clone(), reason),
                    }
                    out.added(1);
                }
            }
            Err((field, reason)) => out.reject(format!("{}, {field}", one.place), reason),
        }
    }
    Ok(())
}

/// The first owner that a document's metadata names.
fn owner(document: &Value) -> Option<String> {
    OWNERS.iter().find_map(|path| text(document, path)).map(str::to_owned)
}

/// Key, title, service and objective.
type Stated = (String, String, String, Objective);

/// The objectives of one document.
fn objectives(slo: &Document, file: &File<'_>) -> Result<Vec<Stated>, (&'static str, String)> {
    let missing = |field: &'static str| (field, "is missing".to_owned());
    let name = slo.name().ok_or_else(|| missing("metadata.name"))?;
    let service = slo.text(&["spec", "service"]).ok_or_else(|| missing("spec.service"))?;
    let list = slo.at(&["spec", "objectives"]).and_then(Value::as_array);
    let list = list.filter(|list| !list.is_empty()).ok_or_else(|| missing("spec.objectives"))?;
    let (window_seconds, not_rolling) = window(slo)?;
    let owner = owner(&slo.value).or_else(|| file.owners.get(service).cloned());
    let title = slo.text(&["metadata", "displayName"]).unwrap_or(name);
    let mut all = Vec::new();
    for (index, one) in list.iter().enumerate() {
        let key = if list.len() == 1 { name.to_owned() } else { format!("{name}/{}", index + 1) };
        let own = text(one, &["displayName"]).filter(|_| list.len() > 1);
        let title = own.map_or_else(|| title.to_owned(), |own| format!("{title}: {own}"));
        let indicator = match (&not_rolling, slices(slo, one)) {
            (Some(reason), _) => Indicator::Unread { reason: reason.clone() },
            (None, Some(reason)) => Indicator::Unread { reason },
            (None, None) => indicator::indicator(slo, one, file),
        };
        let objective = Objective {
            name: key.clone(),
            target: target(one)?,
            window_seconds,
            indicator,
            owner: owner.clone(),
            apdex_seconds: None,
        };
        all.push((key, title, service.to_owned(), objective));
    }
    Ok(all)
}

fn target(objective: &Value) -> Result<f64, (&'static str, String)> {
    let percent = number(objective, &["targetPercent"]).map(|percent| percent / 100.0);
    let target = number(objective, &["target"]).or(percent);
    target.filter(|target| *target > 0.0 && *target < 1.0).ok_or_else(|| {
        let reason = "no target above 0 and below 1, and no targetPercent below 100".to_owned();
        ("spec.objectives", reason)
    })
}

/// Seconds of the window, and why it cannot be judged when it does not roll.
fn window(slo: &Document) -> Result<(f64, Option<String>), (&'static str, String)> {
    let windows = slo.at(&["spec", "timeWindow"]).or(slo.at(&["spec", "timeWindows"]));
    let first = windows.and_then(|list| list.as_array().map_or(Some(list), |list| list.first()));
    let first = first.ok_or_else(|| ("spec.timeWindow", "is missing".to_owned()))?;
    let duration = text(first, &["duration"])
        .ok_or_else(|| ("spec.timeWindow.duration", "is missing".to_owned()))?;
    let seconds =
        window_seconds(duration).map_err(|reason| ("spec.timeWindow.duration", reason))?;
    let is_rolling = at(first, &["isRolling"]).and_then(Value::as_bool);
    let is_calendar =
        is_rolling == Some(false) || (is_rolling.is_none() && at(first, &["calendar"]).is_some());
    let reason = "the window follows the calendar; rolling windows are judged";
    Ok((seconds, is_calendar.then(|| reason.to_owned())))
}

/// Why time slices cannot be judged, when an objective counts those rather than events.
fn slices(slo: &Document, objective: &Value) -> Option<String> {
    let method = slo.text(&["spec", "budgetingMethod"]).unwrap_or("Occurrences");
    let is_sliced = method.to_ascii_lowercase().contains("timeslice")
        || at(objective, &["timeSliceTarget"]).is_some();
    is_sliced.then(|| "time slices are budgeted; occurrences are judged".to_owned())
}

#[cfg(test)]
mod tests;
