//! Lists of the infrastructure overview: what there is by kind, clusters, and each branch below.

use model::absence::Absence;
use serde_json::Value;

use super::figure::{no_text, source};
use super::lists::{because, cell, list, number, query, word};
use super::money_lists;
use super::plan::key_of;
use super::scene::{Scene, UNITS_MAX};
use super::shape::{ReportCell, ReportList, ReportRow};

/// What there is by kind, with its health where that is judged.
pub fn kinds(scene: &Scene) -> ReportList {
    let health = scene.parts.list("health", "/by_scope");
    let place = |kind: &str| {
        health.iter().position(|one| {
            word(one, "/dimension") == Some("kind") && word(one, "/value") == Some(kind)
        })
    };
    let mut rows: Vec<(u64, ReportRow)> = Vec::new();
    for (at, one) in scene.parts.list("topology", "/kinds").iter().enumerate() {
        let kind = word(one, "/kind").unwrap_or_default();
        let count = one.get("count").and_then(Value::as_u64).unwrap_or(0);
        let pointer = format!("/kinds/{at}/count");
        let mut cells = vec![ReportCell::Figure(
            scene.parts.figure("count", "Entities", "count", "topology", &pointer),
        )];
        for status in ["critical", "warning", "unknown", "healthy"] {
            cells.push(place(kind).map_or_else(
                || no_text(Absence::NotApplicable),
                |at| {
                    let pointer = format!("/by_scope/{at}/counts/{status}");
                    ReportCell::Figure(
                        scene.parts.figure(status, status, "count", "health", &pointer),
                    )
                },
            ));
        }
        let row = ReportRow {
            key: kind.to_owned(),
            name: kind.replace('_', " "),
            link: Some(format!("/topology?{}&see=table", query("kind", kind))),
            status: None,
            cells,
        };
        rows.push((count, row));
    }
    // What is judged stands before what is not.
    rows.sort_by_key(|(count, row)| {
        (place(&row.key).is_none(), std::cmp::Reverse(*count), row.key.clone())
    });
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let columns = [
        ("count", "Entities", "count"),
        ("critical", "Critical", "count"),
        ("warning", "Warning", "count"),
        ("unknown", "Unknown", "count"),
        ("healthy", "Healthy", "count"),
    ];
    let head = ["kinds", "What there is", "those whose health is judged, then by number"];
    because(list(scene, head, &columns, rows, None), scene, "topology", Absence::NoData)
}

/// Kubernetes clusters.
pub fn clusters(scene: &Scene) -> ReportList {
    let all = scene.parts.list("clusters", "/clusters").iter();
    let rows = all.map(|one| {
        let id = word(one, "/id").unwrap_or_default();
        ReportRow {
            key: id.to_owned(),
            name: word(one, "/name").unwrap_or(id).to_owned(),
            link: Some(format!("/clusters?{}", query("sel", id))),
            status: None,
            cells: vec![
                cell(one, "/region"),
                cell(one, "/control_plane/version"),
                cell(one, "/health/state"),
                cell(one, "/health/reasons/0"),
            ],
        }
    });
    let columns = [
        ("region", "Region", "text"),
        ("version", "Version", "text"),
        ("health", "Health", "text"),
        ("reason", "Why", "text"),
    ];
    let head = ["clusters", "Clusters", "worst health first"];
    let total = number(scene, "clusters", "/summary/clusters");
    because(list(scene, head, &columns, rows.collect(), total), scene, "clusters", Absence::NoData)
}

/// Health, cost and risk of each unit below.
pub fn branches(scene: &Scene) -> ReportList {
    let mut rows: Vec<(f64, ReportRow)> = Vec::new();
    for unit in scene.below.iter().take(UNITS_MAX) {
        let of = |part: &str| key_of(part, &unit.id);
        let parts = &scene.parts;
        let figure = |key: &str, title: &str, unit: &str, part: &str, pointer: &str| {
            parts.figure(key, title, unit, &of(part), pointer)
        };
        let spend = money_lists::spend_of(scene, &of("spend"));
        let [healthy, total] =
            ["/counts/healthy", "/counts/total"].map(|one| vec![source(&of("health"), one)]);
        let order = spend.number().unwrap_or(f64::MIN);
        let cells = vec![
            figure("entities", "Entities", "count", "topology", "/summary/entities"),
            figure("services", "Services", "count", "health", "/counts/total"),
            parts.ratio("healthy", "Services healthy", healthy, total),
            spend,
            figure("points", "Single points", "count", "risk", "/summary/physical"),
            figure("loss", "Largest loss", "1", "risk", "/physical/0/loss"),
        ];
        let row = money_lists::unit_row(unit, "/executive/infrastructure", cells);
        rows.push((order, row));
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.key.cmp(&b.1.key)));
    let columns = [
        ("entities", "Entities", "count"),
        ("services", "Services", "count"),
        ("healthy", "Services healthy", "ratio"),
        ("spend", "Charged", "money"),
        ("points", "Single points", "count"),
        ("loss", "Largest loss", "ratio"),
    ];
    let head = ["branches", "By branch", "largest spend first"];
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let mut found = list(scene, head, &columns, rows, Some(scene.below.len() as u64));
    found.note = money_lists::cut_note(scene);
    found
}
