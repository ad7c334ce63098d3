//! Decisions that incidents ask for: to end what goes on, and to find out why something keeps breaking.

use model::absence::Absence;
use model::kind::EntityKind;
use serde_json::Value;

use super::decision::KIND_MAX;
use super::figure::absent;
use super::lists::{link_of, query, word};
use super::scene::{Scene, instant_of};
use super::sentence::instant_text;
use super::shape::{ReportDecision, ReportDecisionKind, ReportFigure, ReportHarm};

/// Incidents that go on, and what breaks again and again.
pub fn incidents(scene: &Scene) -> Vec<ReportDecision> {
    let mut all = Vec::new();
    for (at, one) in scene.parts.list("incidents", "/incidents").iter().enumerate() {
        if word(one, "/status") != Some("open") {
            continue;
        }
        let id = word(one, "/id").unwrap_or_default();
        let since = one.get("began_at").and_then(instant_of);
        let since = since.map_or_else(|| "an unknown instant".to_owned(), instant_text);
        let lasted = format!("/incidents/{at}/lasted_seconds/0");
        let lasted = scene.parts.figure("lasted", "Goes on for", "s", "incidents", &lasted);
        let harmed = one.get("harmed").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let names: Vec<&str> = harmed.iter().filter_map(|one| word(one, "/name")).collect();
        let ids = harmed.iter().filter_map(|one| word(one, "/id")).map(str::to_owned);
        all.push(incident(
            format!("End {id}: {}", word(one, "/title").unwrap_or_default()),
            format!("open since {since}; it harms {}", listed(&names)),
            ReportHarm::High,
            vec![lasted],
            (ids.collect(), format!("/incident?{}", query("id", id))),
        ));
    }
    for (at, one) in scene.parts.list("incidents", "/recurrence").iter().enumerate() {
        let returned = one.get("returned").and_then(Value::as_u64).unwrap_or(0);
        if returned == 0 {
            continue;
        }
        let name = word(one, "/name").unwrap_or_default();
        let of = |key: &str, title: &str| {
            let pointer = format!("/recurrence/{at}/{key}");
            scene.parts.figure(key, title, "count", "incidents", &pointer)
        };
        let count = one.get("count").and_then(Value::as_u64).unwrap_or(0);
        let harm = if returned >= 3 { ReportHarm::High } else { ReportHarm::Medium };
        let id = word(one, "/id").map(str::to_owned);
        let link = id.as_deref().map(|id| link_of(EntityKind::Service.as_str(), id));
        all.push(incident(
            format!("Find out why {name} keeps breaking"),
            format!("{count} incidents, {returned} of them within 30 days of the one before"),
            harm,
            vec![of("count", "Incidents"), of("returned", "Came back")],
            (id.into_iter().collect(), link.unwrap_or_else(|| "/incidents".to_owned())),
        ));
    }
    all.truncate(KIND_MAX);
    all
}

fn incident(
    title: String,
    why: String,
    harm: ReportHarm,
    evidence: Vec<ReportFigure>,
    (entities, link): (Vec<String>, String),
) -> ReportDecision {
    ReportDecision {
        kind: ReportDecisionKind::Incident,
        title,
        why,
        money: absent("money", "What it costs", "", Absence::NotConfigured)
            .noted("downtime is priced by product, not by incident"),
        harm,
        harm_rule:
            "an open incident is high; what came back within 30 days three times is high, else \
                    medium"
                .to_owned(),
        risk: None,
        effort: None,
        evidence,
        entities,
        owner: None,
        link,
        target: None,
    }
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => "nothing that is named".to_owned(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}
