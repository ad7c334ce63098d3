//! `incidents`: what came a moment ago is in, though other questions look at whole minutes.

use std::sync::Arc;

use analysis::AskContext;
use jiff::ToSpan;
use model::Micros;
use model::fact::RecordFact;
use serde_json::{Value, json};

use super::fake::{Facts, ask, context};

#[tokio::test]
async fn an_alert_of_this_minute_is_open() {
    let facts = Arc::new(Facts::default());
    let whole = context(&facts);
    let ctx = AskContext { now: whole.now + 30.seconds(), ..whole.clone() };
    let began = Micros::of(whole.now + 20.seconds());
    let body = json!({
        "external_id": "INC-1", "title": "cart is slow", "severity": "major", "status": "open",
        "started_at": began, "detected_at": null, "acknowledged_at": null, "mitigated_at": null,
        "resolved_at": null, "resolved_at_latest": null, "entities": [], "parent": null,
        "cause": null, "labels": {},
    });
    let record = RecordFact {
        key: "INC-1".to_owned(),
        source: "alerts".to_owned(),
        observed_at: began,
        subjects: Vec::new(),
        body: body.to_string(),
    };
    facts.records.lock().unwrap().insert("incident".to_owned(), vec![record]);
    let titles = |data: &Value| -> Vec<String> {
        let rows = data["incidents"].as_array().unwrap();
        rows.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
    };
    let now = ask("incidents", json!({}), &ctx).await.unwrap().data;
    assert_eq!(titles(&now), ["cart is slow"]);
    let before = json!({"as_of": whole.now.to_string()});
    let before = ask("incidents", before, &ctx).await.unwrap().data;
    assert!(titles(&before).is_empty());
}
