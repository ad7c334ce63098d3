//! Parameters of every kind of nonsense: an answer or an error that names the field, never a panic.

use std::sync::Arc;

use analysis::{AskError, ParameterType, QUESTIONS};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fake::{Facts, ask, context};
use super::path::least;

fn filled(name: &str, params: Value) -> Result<Value, String> {
    let question = analysis::question_of(name).unwrap();
    question.filled(params).map_err(|error| match error {
        AskError::BadParams { field, reason } => format!("{field}: {reason}"),
        other => panic!("{other}"),
    })
}

#[test]
fn text_and_typed_values_are_the_same() {
    let text = filled("topology", json!({"limit": "50", "kind": "pod", "ended": "true"}));
    let typed = filled("topology", json!({"limit": 50, "kind": ["pod"], "ended": true}));
    assert_eq!(text, typed);
    assert_eq!(text.unwrap()["limit"], 50);
    let dashed = filled("topology", json!({"aggregate-by": "team"})).unwrap();
    assert_eq!(dashed["aggregate_by"], "team");
    let empty = filled("topology", json!({"account": "", "text": "", "root": null}));
    assert_eq!(empty, filled("topology", json!({})));
}

#[test]
fn what_is_filled_is_filled_again_to_the_same() {
    for question in QUESTIONS {
        let once = question.filled(least(question.name())).unwrap();
        assert_eq!(question.filled(once.clone()).unwrap(), once);
    }
}

#[test]
fn errors_name_the_field_and_what_is_near() {
    for (name, params, begins) in [
        (
            "topology",
            json!({"kinds": "pod"}),
            "kinds: is not a parameter of this question; did you mean `kind`",
        ),
        (
            "topology",
            json!({"zzzzzzzzzz": 1}),
            "zzzzzzzzzz: is not a parameter of this question, which takes",
        ),
        ("topology", json!({"kind": "podd"}), "kind: "),
        ("topology", json!({"limit": 0}), "limit: 0 is not between 1 and 5000"),
        ("topology", json!({"limit": "-3"}), "limit: "),
        ("topology", json!({"limit": 1.5}), "limit: "),
        ("topology", json!({"limit": [1, 2]}), "limit: is given more than once"),
        ("topology", json!({"depth": 7, "root": "x"}), "depth: 7"),
        ("topology", json!({"depth": 1}), "depth: needs a root"),
        ("topology", json!({"as_of": "yesterday"}), "as_of: "),
        ("topology", json!({"as_of": "2026-01-01", "compare_to": "2026-01-02"}), "compare_to: "),
        ("topology", json!({"label": "no-equals-sign"}), "label: "),
        ("topology", json!([1]), "params: "),
        ("system_metrics", json!({"window": "all"}), "window: "),
        ("system_metrics", json!({"window": "7"}), "window: "),
        ("system_metrics", json!({"series": true}), "series: needs an entity"),
        ("system_metrics", json!({"buckets": 361, "series": true, "entity": "x"}), "buckets: "),
        ("cost_analysis", json!({"by": "colour"}), "by: "),
        ("cost_analysis", json!({"by": ["service", "service"]}), "by: service is given twice"),
        ("cost_analysis", json!({"filter": "service"}), "filter: "),
        ("cost_analysis", json!({"step": "day", "period": "billing"}), "step: "),
        ("cost_analysis", json!({"basis": {"a": 1}}), "basis: "),
    ] {
        let error = filled(name, params.clone()).unwrap_err();
        assert!(error.starts_with(begins), "{params} gave {error}");
    }
}

#[test]
fn every_parameter_is_described_and_flat() {
    for question in QUESTIONS {
        let parameters = question.parameters();
        for parameter in &parameters {
            assert!(!parameter.help.is_empty(), "{} of {}", parameter.name, question.name());
        }
        let named = |name: &str| {
            let found = parameters.iter().find(|one| one.name == name);
            found.unwrap_or_else(|| panic!("{} lacks {name}", question.name()))
        };
        assert!(named("account").is_repeated);
        assert!(!named("limit").is_repeated);
        assert_eq!(named("limit").value, ParameterType::Count);
        assert_eq!(named("as_of").value, ParameterType::Text);
        let properties = question.params_schema()["properties"].clone();
        assert_eq!(properties.as_object().unwrap().len(), parameters.len());
        assert!(question.answer_schema()["properties"].is_object());
    }
    let topology = analysis::question_of("topology").unwrap().parameters();
    let kind = topology.iter().find(|one| one.name == "kind").unwrap();
    assert!(kind.is_repeated && kind.words.contains(&"pod".to_owned()));
    let direction = topology.iter().find(|one| one.name == "direction").unwrap();
    assert_eq!(direction.words, ["dependencies", "dependents", "both"]);
}

fn nonsense() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        Just("9999-12-31T23:59:59Z".to_owned()),
        Just("0001-01-01".to_owned()),
        Just("-009999-01-02T00:00:00Z/9999-12-30T00:00:00Z".to_owned()),
        Just("P3650D".to_owned()),
        Just("1s".to_owned()),
        Just("all".to_owned()),
        Just("pod".to_owned()),
        Just("tag:a".to_owned()),
        Just("day".to_owned()),
        Just("true".to_owned()),
        Just("18446744073709551615".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            inner.prop_map(|value| json!({"nested": value})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn nothing_that_is_asked_panics(
        question in 0..3_usize,
        picks in proptest::collection::vec((any::<prop::sample::Index>(), nonsense()), 0..4),
    ) {
        let question = QUESTIONS[question];
        let parameters = question.parameters();
        let params: serde_json::Map<String, Value> = picks
            .into_iter()
            .map(|(pick, value)| (parameters[pick.index(parameters.len())].name.clone(), value))
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let facts = Arc::new(Facts::default());
        let result = runtime.block_on(ask(question.name(), Value::Object(params), &context(&facts)));
        let is_fine = matches!(
            result,
            Ok(_) | Err(AskError::BadParams { .. } | AskError::NotFound { .. })
        );
        prop_assert!(is_fine, "{:?}", result);
    }
}
