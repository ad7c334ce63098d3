//! `service_dependencies`, `latency_heatmap` and `application_architecture` over hand-written facts.

use std::sync::Arc;

use model::fact::{
    CallFact, CallOutcomeFact, EntityFact, EstateFacts, EstateRelation, RootFact, SpanFact,
    TraceFact,
};
use model::kind::{Evidence, RelationKind};
use model::scope::OrgScope;
use model::series::Bin;
use model::span::SpanKind;
use model::{EntityId, EntityKind, Micros};
use serde_json::{Value, json};

use crate::fake::{Facts, ask, at, context};

const KINDS: [(EntityKind, &str); 5] = [
    (EntityKind::Service, "service://_/shop/basket"),
    (EntityKind::Service, "service://_/shop/front"),
    (EntityKind::Service, "service://_/shop/stock"),
    (EntityKind::Database, "arn:db/one"),
    (EntityKind::Application, "application://shop"),
];

/// A shop: front calls basket and stock, basket and stock connect to one database. Entities are in order
/// of (kind, id); an internal id is 100 more than the place in `KINDS`.
fn estate() -> EstateFacts {
    let mut entities: Vec<EntityFact> = KINDS
        .iter()
        .enumerate()
        .map(|(place, (kind, id))| EntityFact {
            entity: EntityId(100 + place as u64),
            ..EntityFact::new(*kind, *id, id.rsplit('/').next().unwrap_or(id))
        })
        .collect();
    entities.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    let place = |id: u64| entities.iter().position(|one| one.entity.0 == id).unwrap() as u32;
    let declared = |from: u64, kind, to: u64| EstateRelation {
        evidence: vec![Evidence::Declared],
        ..EstateRelation::new(place(from), kind, place(to))
    };
    let mut relations = vec![
        declared(101, RelationKind::Calls, 100),
        declared(101, RelationKind::Calls, 102),
        declared(100, RelationKind::ConnectsTo, 103),
        declared(102, RelationKind::ConnectsTo, 103),
    ];
    relations.sort_by_key(|one| (one.from, one.kind, one.to));
    EstateFacts { entities, relations, ..EstateFacts::default() }
}

fn call(client: u64, server: u64, calls: u64) -> CallFact {
    CallFact {
        client: EntityId(client),
        server: EntityId(server),
        is_asynchronous: false,
        is_scaled: true,
        origin: "mesh".into(),
        calls,
        errors: calls / 10,
        client_bins: vec![(Bin::of(0.2), calls)],
        server_bins: vec![(Bin::of(0.1), calls)],
        first: at("2026-03-15T12:00:00Z"),
        last: at("2026-03-15T12:09:00Z"),
    }
}

fn span(id: u64, parent: u64, service: u64, (start, end): (i64, i64)) -> SpanFact {
    let begin = at("2026-03-15T12:00:00Z").0;
    SpanFact {
        span: id,
        parent,
        service: EntityId(service),
        name: "op".into(),
        kind: SpanKind::Server,
        start: Micros(begin + start),
        end: Micros(begin + end),
        is_error: false,
        sampling_probability: None,
    }
}

/// Ten requests of the front, 600 calls in ten minutes each way; eight of ten reach the basket.
fn shop() -> Arc<Facts> {
    let facts = Facts::default();
    *facts.estate.lock().unwrap() = estate();
    *facts.calls.lock().unwrap() = vec![call(101, 100, 600), call(101, 102, 300)];
    *facts.roots.lock().unwrap() = vec![RootFact {
        service: EntityId(101),
        kind: SpanKind::Server,
        is_scaled: true,
        requests: 600,
        errors: 0,
        bins: vec![(Bin::of(0.5), 600)],
    }];
    *facts.traces.lock().unwrap() = (0..10_u8)
        .map(|trace| {
            let mut spans = vec![span(1, 0, 101, (0, 1_000))];
            if trace < 8 {
                spans.push(span(2, 1, 100, (100, 600)));
            }
            TraceFact { trace: [trace + 1; 16], spans }
        })
        .collect();
    Arc::new(facts)
}

fn data(name: &'static str, params: Value, facts: &Arc<Facts>) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(ask(name, params, &context(facts))).unwrap().data
}

fn row<'a>(list: &'a Value, field: &str, word: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|one| one[field] == word).unwrap()
}

/// 600 calls in ten minutes are one per second, a tenth of them fails; p95 needs 100 values and p99 500.
#[test]
fn edges_have_rates_errors_and_percentiles() {
    let answer = data("service_dependencies", json!({}), &shop());
    let basket = row(&answer["edges"], "to", "service://_/shop/basket");
    assert_eq!(basket["figures"]["request_rate"]["value"], 1.0);
    assert_eq!(basket["figures"]["error_ratio"]["value"], 0.1);
    assert_eq!(basket["set"], "declared_and_observed");
    let p99 = basket["client_latency"]["p99"]["value"].as_f64().unwrap();
    assert!((p99 - 0.2).abs() < 0.002, "{p99}");
    let stock = row(&answer["edges"], "to", "service://_/shop/stock");
    assert_eq!(stock["client_latency"]["p99"]["value"], Value::Null);
    assert_eq!(stock["client_latency"]["p99"]["detail"], "too few, n = 300");
    let network = basket["network_seconds"]["value"].as_f64().unwrap();
    assert!((network - 0.1).abs() < 0.003, "{network}");
    // A connection nobody saw has no figures, and its need is the default of its kind.
    let store = row(&answer["edges"], "to", "arn:db/one");
    assert_eq!(store["figures"]["calls"]["value"], Value::Null);
    assert_eq!((&store["need"], &store["need_source"]), (&json!("required"), &json!("default")));
}

/// Eight of ten requests reach the basket: 80, with Wilson's interval 49.0 to 94.3. The estimate is 600 of
/// 600 requests, so at most every request.
#[test]
fn impact_is_counted_where_there_are_traces() {
    let answer = data("service_dependencies", json!({}), &shop());
    let basket = row(&answer["impact"], "service", "service://_/shop/basket");
    assert_eq!((&basket["score"]["value"], &basket["basis"]), (&json!(80.0), &json!("counted")));
    assert!((basket["low"].as_f64().unwrap() - 49.016).abs() < 0.01, "{basket}");
    assert!((basket["high"].as_f64().unwrap() - 94.332).abs() < 0.01, "{basket}");
    assert_eq!(basket["estimated"]["value"], 100.0);
    let path = &answer["critical_paths"][0];
    // 8 requests of 1,000 owe 500 to the basket: 4,000 of 10,000.
    assert_eq!(row(&path["all"]["services"], "service", "service://_/shop/basket")["share"], 0.4);
}

/// Forty failed calls of which every request still succeeded: the basket is optional, and nothing that
/// requests need.
#[test]
fn what_traces_show_to_be_optional_is_needed_by_no_request() {
    let facts = shop();
    *facts.outcomes.lock().unwrap() = vec![CallOutcomeFact {
        client: EntityId(101),
        server: EntityId(100),
        failures: 40,
        requests: 40,
        survived: 40,
    }];
    *facts.newest.lock().unwrap() = Some(at("2026-03-15T12:09:00Z"));
    let answer = data("service_dependencies", json!({}), &facts);
    let basket = row(&answer["edges"], "to", "service://_/shop/basket");
    assert_eq!((&basket["need"], &basket["need_source"]), (&json!("optional"), &json!("traces")));
    let needed: Vec<&Value> =
        answer["impact"].as_array().unwrap().iter().map(|one| &one["service"]).collect();
    assert_eq!(needed, ["service://_/shop/front", "service://_/shop/stock"]);
}

/// What lies outside the viewer's part is in no list, only counted beside what calls it.
#[test]
fn a_viewer_reads_nothing_of_the_rest() {
    let facts = shop();
    {
        let mut estate = facts.estate.lock().unwrap();
        let outside = estate.entities.iter().position(|one| one.id.ends_with("basket")).unwrap();
        estate.outside = vec![outside as u32];
    }
    let mut ctx = context(&facts);
    ctx.viewer.org_scope = OrgScope::Units(vec!["team-a".into()]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for name in ["service_dependencies", "latency_heatmap", "application_architecture"] {
        let envelope = runtime.block_on(ask(name, json!({}), &ctx)).unwrap();
        let text = serde_json::to_string(&envelope).unwrap();
        assert!(!text.contains("basket"), "{name}: {text}");
    }
    let envelope = runtime.block_on(ask("service_dependencies", json!({}), &ctx)).unwrap();
    let front = row(&envelope.data["services"], "name", "front").clone();
    assert_eq!(front["outside"], 1);
}

#[test]
fn nothing_known_is_an_empty_answer() {
    for name in ["service_dependencies", "latency_heatmap", "application_architecture"] {
        let answer = data(name, json!({}), &Arc::new(Facts::default()));
        assert!(answer.is_object(), "{name}");
    }
    let answer = data("latency_heatmap", json!({}), &Arc::new(Facts::default()));
    assert_eq!(answer["summary"]["calls"]["reason"], "no_data");
    assert_eq!(answer["cells"], json!([]));
}

/// Two observed pairs are two cells; the pair that was not observed has none, and the hotter one takes two
/// thirds of the time.
#[test]
fn a_pair_that_was_not_observed_is_blank() {
    let answer = data("latency_heatmap", json!({}), &shop());
    assert_eq!(answer["cells"].as_array().unwrap().len(), 2);
    assert_eq!(answer["rows"].as_array().unwrap().len(), 3);
    let hot = &answer["hot_pairs"][0];
    assert_eq!(hot["to"], "service://_/shop/basket");
    assert!((hot["time_share"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-9);
    assert_eq!(answer["zone_crossing"]["coverage"]["value"], 0.0);
    assert_eq!(answer["zone_crossing"]["share"]["value"], Value::Null);
    // Nobody counted a call of a tool that says there was none: a zero is no blank.
    let facts = shop();
    facts.calls.lock().unwrap().push(call(100, 102, 0));
    let answer = data("latency_heatmap", json!({}), &facts);
    assert_eq!(answer["cells"].as_array().unwrap().len(), 3);
}

/// Without organisation data and labels the namespace names the application; the front is its layer 0, the
/// others its layer 1, and both use one database.
#[test]
fn an_application_has_layers_and_shared_stores() {
    let facts = shop();
    for entity in &mut facts.estate.lock().unwrap().entities {
        entity.scope.namespace = Some("shop".into());
    }
    let answer = data("application_architecture", json!({}), &facts);
    let shop = &answer["applications"][0];
    assert_eq!((&shop["name"], &shop["rule"]), (&json!("shop"), &json!("namespace")));
    assert_eq!(shop["entry_points"], json!(["service://_/shop/front"]));
    let layers =
        json!([["service://_/shop/front"], ["service://_/shop/basket", "service://_/shop/stock"]]);
    assert_eq!(shop["layers"], layers);
    assert_eq!(shop["synchronous_depth"], 1);
    assert_eq!(shop["stores"][0]["is_shared"], true);
    assert_eq!(shop["hot_spots"][0]["service"], "service://_/shop/basket");
    assert_eq!(shop["cost_reason"], "no_data");
}
