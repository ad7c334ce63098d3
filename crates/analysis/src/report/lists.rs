//! The lists of a report: units below, services, what may break, what is weak. Money has its own.

use model::absence::Absence;
use serde_json::{Value, json};

use super::branch_lists::{branches, clusters, kinds};
use super::driver_lists::drivers;
use super::figure::{no_text, source, text};
use super::money_lists;
use super::params::ReportDepth;
use super::plan::ReportName;
use super::scene::Scene;
use super::shape::{ReportCell, ReportColumn, ReportList, ReportRow};

/// Lists that are shown whole in every depth: their rows add up, or are the way down.
const WHOLE: [&str; 4] = ["units", "branches", "periods", "drivers"];

/// Most rows of those.
const WHOLE_MAX: usize = 60;

/// The lists of a report, in the order of its page.
pub fn lists(name: ReportName, scene: &Scene) -> Vec<ReportList> {
    let at_least = |depth: ReportDepth| scene.depth >= depth;
    let is_leaf = scene.below.is_empty();
    let mut all = match name {
        ReportName::Dashboard => vec![
            money_lists::units(scene, "budgets", "spend"),
            money_lists::periods(scene),
            drivers(scene),
            objectives(scene),
            points(scene),
        ],
        ReportName::Value => return money_lists::value_lists(scene),
        ReportName::Fiscal => return money_lists::fiscal_lists(scene),
        ReportName::Infrastructure => {
            vec![branches(scene), kinds(scene), points(scene), clusters(scene)]
        }
    };
    if is_leaf {
        all.retain(|list| list.key != "units" && list.key != "branches");
        all.insert(0, services(scene));
    } else if at_least(ReportDepth::Manager) {
        all.insert(1, services(scene));
    }
    if at_least(ReportDepth::Director) {
        all.extend([incidents(scene), findings(scene), money_lists::savings(scene)]);
    }
    if at_least(ReportDepth::Engineer) {
        all.extend([unhealthy(scene), workload_risks(scene)]);
    }
    // A report that does not ask a question has no list of it.
    all.retain(|list| list.reason != Some(Absence::NotApplicable));
    all
}

/// A list; its rows are cut to the depth's number, `total` counts all there are.
pub fn list(
    scene: &Scene,
    [key, title, order]: [&str; 3],
    columns: &[(&str, &str, &str)],
    rows: Vec<ReportRow>,
    total: Option<u64>,
) -> ReportList {
    let column = |(key, title, cell): &(&str, &str, &str)| ReportColumn {
        key: (*key).to_owned(),
        title: (*title).to_owned(),
        cell: (*cell).to_owned(),
    };
    let total = total.unwrap_or(0).max(rows.len() as u64);
    let most = if WHOLE.contains(&key) { WHOLE_MAX } else { scene.depth.rows() };
    let rows: Vec<ReportRow> = rows.into_iter().take(most).collect();
    ReportList {
        key: key.to_owned(),
        title: title.to_owned(),
        order: order.to_owned(),
        columns: columns.iter().map(column).collect(),
        reason: rows.is_empty().then_some(Absence::NoData),
        rows,
        total,
        note: None,
    }
}

/// The same, empty for the reason that its part has no answer.
pub fn because(mut list: ReportList, scene: &Scene, part: &str, none: Absence) -> ReportList {
    if list.rows.is_empty() {
        list.reason = Some(scene.parts.missing(part).unwrap_or(none));
    }
    list
}

/// A text field of a row.
pub fn word<'a>(row: &'a Value, pointer: &str) -> Option<&'a str> {
    row.pointer(pointer).and_then(Value::as_str)
}

/// Why a question says that a figure is absent.
pub fn why(row: &Value, pointer: &str) -> Option<Absence> {
    word(row, pointer)?.parse().ok()
}

/// A text cell of a field.
pub fn cell(row: &Value, pointer: &str) -> ReportCell {
    word(row, pointer)
        .map_or_else(|| no_text(Absence::NoData), |found| text(found.replace('_', " ")))
}

/// A count in the data of a part.
pub fn number(scene: &Scene, part: &str, pointer: &str) -> Option<u64> {
    scene.parts.at(part, pointer).and_then(Value::as_u64)
}

/// `key=value` as an address carries it.
pub fn query(key: &str, value: &str) -> String {
    let mut encoded = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b'~'
            | b':'
            | b'/'
            | b','
            | b'@' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("{key}={encoded}")
}

/// Page of one thing.
pub fn link_of(kind: &str, id: &str) -> String {
    let page = if kind == "service" { "/service" } else { "/entity" };
    format!("{page}?{}", query("id", id))
}

fn services(scene: &Scene) -> ReportList {
    let rows = scene.parts.list("services", "/entities");
    let rows = rows.iter().map(|one| {
        let id = word(one, "/id").unwrap_or_default();
        ReportRow {
            key: id.to_owned(),
            name: word(one, "/name").unwrap_or(id).to_owned(),
            link: Some(link_of("service", id)),
            status: word(one, "/status").map(str::to_owned),
            cells: vec![cell(one, "/reason"), cell(one, "/scope/environment")],
        }
    });
    let columns = [("reason", "Why", "text"), ("environment", "Environment", "text")];
    let head = ["services", "Services", "worst first"];
    let total = number(scene, "services", "/counts/total");
    because(list(scene, head, &columns, rows.collect(), total), scene, "services", Absence::NoData)
}

fn unhealthy(scene: &Scene) -> ReportList {
    let all = scene.parts.list("health", "/entities").iter();
    let bad = all.filter(|one| matches!(word(one, "/status"), Some("critical" | "warning")));
    let rows = bad.map(|one| {
        let (id, kind) =
            (word(one, "/id").unwrap_or_default(), word(one, "/kind").unwrap_or_default());
        ReportRow {
            key: id.to_owned(),
            name: word(one, "/name").unwrap_or(id).to_owned(),
            link: Some(link_of(kind, id)),
            status: word(one, "/status").map(str::to_owned),
            cells: vec![text(kind.replace('_', " ")), cell(one, "/reason")],
        }
    });
    let columns = [("kind", "Kind", "text"), ("reason", "Why", "text")];
    let head = ["unhealthy", "Not healthy", "farthest past its limit first"];
    let of = |status: &str| number(scene, "health", &format!("/counts/{status}")).unwrap_or(0);
    let total = Some(of("critical") + of("warning"));
    because(list(scene, head, &columns, rows.collect(), total), scene, "health", Absence::NoData)
}

fn objectives(scene: &Scene) -> ReportList {
    let services = scene.parts.list("objectives", "/services");
    let mut found: Vec<(bool, f64, ReportRow)> = Vec::new();
    for (at, service) in services.iter().enumerate() {
        let all =
            service.get("objectives").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (place, one) in all.iter().enumerate() {
            let of = |field: &str| format!("/services/{at}/objectives/{place}/{field}");
            let figure = |key: &str, title: &str, field: &str| {
                ReportCell::Figure(scene.parts.figure(key, title, "1", "objectives", &of(field)))
            };
            let is_missed = one.get("is_missed").and_then(Value::as_bool);
            let state = match (is_missed, word(one, "/verdict")) {
                (Some(true), _) => "missed",
                (_, Some("fast")) => "burns fast",
                (_, Some("slow")) => "burns slowly",
                (Some(false), _) => "met",
                (None, _) => "too few events",
            };
            let left = scene.parts.number(&source("objectives", of("budget_left")));
            let id = word(service, "/id").unwrap_or_default();
            let name = word(one, "/name").unwrap_or_default();
            let row = ReportRow {
                key: format!("{id} {name}"),
                name: format!("{} {name}", word(service, "/name").unwrap_or(id)),
                link: Some(link_of("service", id)),
                status: Some(
                    if is_missed == Some(true) { "critical" } else { "healthy" }.to_owned(),
                ),
                cells: vec![
                    text(state),
                    figure("attainment", "Attained", "attainment"),
                    figure("target", "Objective", "target"),
                    figure("budget_left", "Budget left", "budget_left"),
                ],
            };
            found.push((is_missed != Some(true), left.unwrap_or(f64::MAX), row));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.key.cmp(&b.2.key)));
    let rows = found.into_iter().map(|(.., row)| row).collect();
    let columns = [
        ("state", "State", "text"),
        ("attainment", "Attained", "ratio"),
        ("target", "Objective", "ratio"),
        ("budget_left", "Budget left", "ratio"),
    ];
    let head = ["objectives", "Objectives", "missed first, then the least error budget left"];
    because(list(scene, head, &columns, rows, None), scene, "objectives", Absence::NotConfigured)
}

fn points(scene: &Scene) -> ReportList {
    let all = scene.parts.list("risk", "/physical").iter().enumerate();
    let rows = all.map(|(at, one)| {
        let name = word(one, "/entity/name").unwrap_or_default();
        let key = word(one, "/entity/id").unwrap_or(name);
        let select = format!("{} {key}", word(one, "/class").unwrap_or_default());
        let loss = format!("/physical/{at}/loss");
        ReportRow {
            key: select.clone(),
            name: name.to_owned(),
            link: Some(format!("/single-points?{}", query("sel", &select))),
            status: None,
            cells: vec![
                cell(one, "/class"),
                ReportCell::Figure(scene.parts.figure("loss", "Loss", "1", "risk", &loss)),
                cell(one, "/remedy"),
            ],
        }
    });
    let columns =
        [("class", "Class", "text"), ("loss", "Loss", "ratio"), ("remedy", "Remedy", "text")];
    let head = ["single_points", "Single points of failure", "largest loss first"];
    let total = number(scene, "risk", "/summary/physical");
    because(list(scene, head, &columns, rows.collect(), total), scene, "risk", Absence::NoData)
}

fn workload_risks(scene: &Scene) -> ReportList {
    let all = scene.parts.list("risk", "/workload_risks").iter().enumerate();
    let rows = all.map(|(at, one)| {
        let id = word(one, "/entity/id").unwrap_or_default();
        let replicas = format!("/workload_risks/{at}/replicas");
        ReportRow {
            key: format!("{} {id}", word(one, "/class").unwrap_or_default()),
            name: word(one, "/entity/name").unwrap_or(id).to_owned(),
            link: (!id.is_empty()).then(|| link_of("workload", id)),
            status: None,
            cells: vec![
                cell(one, "/class"),
                ReportCell::Figure(
                    scene.parts.figure("replicas", "Replicas", "count", "risk", &replicas),
                ),
                cell(one, "/remedy"),
            ],
        }
    });
    let columns = [
        ("class", "Class", "text"),
        ("replicas", "Replicas", "count"),
        ("remedy", "Remedy", "text"),
    ];
    let head = ["workload_risks", "Workloads that one failure stops", "class, then id"];
    let total = number(scene, "risk", "/summary/workload_risks");
    because(list(scene, head, &columns, rows.collect(), total), scene, "risk", Absence::NoData)
}

fn incidents(scene: &Scene) -> ReportList {
    let all = scene.parts.list("incidents", "/incidents").iter();
    let rows = all.map(|one| {
        let id = word(one, "/id").unwrap_or_default();
        let is_open = matches!(word(one, "/status"), Some("open" | "acknowledged"));
        ReportRow {
            key: id.to_owned(),
            name: word(one, "/title").unwrap_or(id).to_owned(),
            link: Some(format!("/incident?{}", query("id", id))),
            status: is_open.then(|| "critical".to_owned()),
            cells: vec![
                text(id),
                cell(one, "/status"),
                cell(one, "/severity"),
                word(one, "/began_at").map_or_else(|| no_text(Absence::NoData), text),
            ],
        }
    });
    let columns = [
        ("id", "Incident", "text"),
        ("status", "State", "text"),
        ("severity", "Severity", "text"),
        ("began", "Began", "instant"),
    ];
    let head = ["incidents", "Incidents", "open ones first, then the newest"];
    let total = number(scene, "incidents", "/total/count");
    because(list(scene, head, &columns, rows.collect(), total), scene, "incidents", Absence::NoData)
}

fn findings(scene: &Scene) -> ReportList {
    let all = scene.parts.list("security", "/findings").iter();
    let rows = all.map(|one| {
        let id = word(one, "/id").unwrap_or_default();
        let verdict = word(one, "/exposure/verdict").unwrap_or("unknown").replace('_', " ");
        ReportRow {
            key: id.to_owned(),
            name: word(one, "/title").unwrap_or(id).to_owned(),
            link: Some(format!("/security?{}", query("sel", id))),
            status: None,
            cells: vec![
                cell(one, "/severity"),
                text(verdict),
                cell(one, "/fixed_version"),
                word(one, "/due").map_or_else(|| no_text(Absence::NotConfigured), text),
            ],
        }
    });
    let columns = [
        ("severity", "Severity", "text"),
        ("exposure", "Internet", "text"),
        ("fixed_version", "Fixed in", "text"),
        ("due", "Due", "instant"),
    ];
    let head = ["findings", "Findings", "known exploited, severity, exposure, age"];
    let total = ["/summary/open", "/summary/reopened"].map(|one| number(scene, "security", one));
    let total = Some(total.into_iter().flatten().sum());
    because(list(scene, head, &columns, rows.collect(), total), scene, "security", Absence::NoData)
}

/// What the lists of services ask.
pub fn services_params(rows: usize) -> Value {
    json!({ "kind": ["service"], "limit": rows })
}
