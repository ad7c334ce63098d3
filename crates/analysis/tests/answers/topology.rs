//! `topology` over hand-written facts.

use std::sync::Arc;

use model::EntityKind;
use model::fact::{GroupFact, RelationFact, TopologyFacts};
use model::kind::{Confidence, Evidence, Need, NeedSource, RelationKind};
use serde_json::json;

use super::fake::{Facts, ask, context, entity};

fn relation(from: &str, kind: RelationKind, to: &str) -> RelationFact {
    RelationFact {
        from: from.into(),
        kind,
        to: to.into(),
        evidence: vec![Evidence::Declared],
        need: Need::Unknown,
        need_source: NeedSource::Unknown,
        rule: None,
        confidence: Confidence::Certain,
        sources: vec!["test".into()],
        properties: Default::default(),
        valid_from: None,
        last_seen: None,
    }
}

fn facts() -> Arc<Facts> {
    let facts = Facts::default();
    *facts.topology.lock().unwrap() = TopologyFacts {
        entities: vec![
            entity("s/web", EntityKind::Service),
            entity("s/cart", EntityKind::Service),
            entity("c/redis", EntityKind::Cache),
        ],
        relations: vec![
            relation("s/cart", RelationKind::ConnectsTo, "c/redis"),
            relation("s/web", RelationKind::Calls, "s/cart"),
        ],
        kinds: vec![(EntityKind::Service, 2), (EntityKind::Cache, 1)],
        controllers: vec![("Deployment".into(), 2)],
        relation_kinds: vec![(RelationKind::Calls, 1), (RelationKind::ConnectsTo, 1)],
        entity_total: 3,
        relation_total: 2,
        ..TopologyFacts::default()
    };
    Arc::new(facts)
}

#[tokio::test]
async fn what_needs_stands_left_of_what_is_needed() {
    let envelope = ask("topology", json!({}), &context(&facts())).await.unwrap();
    let nodes = envelope.data["layout"]["nodes"].as_array().unwrap();
    let x = |id: &str| nodes.iter().find(|node| node["id"] == id).unwrap()["x"].as_u64();
    assert_eq!((x("s/web"), x("s/cart"), x("c/redis")), (Some(0), Some(1), Some(2)));
    assert_eq!(envelope.data["controllers"], json!([{"controller": "Deployment", "count": 2}]));
    assert!(envelope.truncated.is_empty() && envelope.next.is_none());
    assert_eq!(envelope.coverage["current"].share, Some(1.0));
    for table in &envelope.tables {
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
    }
}

#[tokio::test]
async fn above_the_limit_it_groups_by_what_says_most() {
    let facts = facts();
    let group = |name: &str, pods: u64| GroupFact {
        group: name.into(),
        name: name.into(),
        kinds: vec![(EntityKind::Pod, pods)],
    };
    {
        let mut groups = facts.groups.lock().unwrap();
        groups.insert("application", vec![group("", 3)]);
        groups.insert("team", vec![group("", 1), group("team-a", 1), group("team-b", 1)]);
        groups.insert("kind", vec![group("pod", 3)]);
    }
    let ctx = context(&facts);
    let envelope = ask("topology", json!({"limit": 2}), &ctx).await.unwrap();
    // Three groups are above the limit of two, so only the kinds fit.
    assert_eq!(envelope.data["aggregated_by"], "kind");
    facts.groups.lock().unwrap().insert("team", vec![group("team-a", 2), group("team-b", 1)]);
    let envelope = ask("topology", json!({"limit": 2}), &ctx).await.unwrap();
    assert_eq!(envelope.data["aggregated_by"], "team");
    assert_eq!(envelope.warnings[0].code, "aggregated");
    assert_eq!(envelope.data["entities"], json!([]));
    assert_eq!(envelope.data["layout"]["nodes"].as_array().unwrap().len(), 2);
    let listed = ask("topology", json!({"limit": 2, "aggregate_by": "none"}), &ctx).await.unwrap();
    assert_eq!(listed.data["entities"].as_array().unwrap().len(), 2);
    assert_eq!(listed.next.as_deref(), Some("s/cart"));
    assert_eq!(listed.truncated["entities"], 3);
}

#[tokio::test]
async fn a_comparison_says_what_changed() {
    let params = json!({"compare_to": "2026-03-01"});
    let envelope = ask("topology", params, &context(&facts())).await.unwrap();
    let changes = &envelope.data["changes"];
    assert_eq!(changes["totals"], json!([{"change": "changed", "count": 1}]));
    assert_eq!(changes["entities"][0]["fields"][0], json!(["image", "one", "two"]));
    assert!(envelope.tables.iter().any(|table| table.name == "changes"));
}
