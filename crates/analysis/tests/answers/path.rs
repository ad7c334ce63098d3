//! The answer path: one computation for equal questions, versions in the key, the last good answer,
//! deadline, demonstration, and that all of it works with the cache off.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use analysis::{AskContext, AskError, QUESTIONS, answer_shared, question_of};
use model::EntityKind;
use model::envelope::AnswerSource;
use model::error::StoreError;
use model::fact::EntityFact;
use serde_json::{Value, json};

use super::fake::{Facts, Kept, ask, cached, context};

#[tokio::test]
async fn equal_questions_are_computed_once_until_something_is_written() {
    let facts = Arc::new(Facts::default());
    facts.is_slow.store(true, Ordering::SeqCst);
    let ctx = cached(&facts);
    let question = question_of("topology").unwrap();
    let one = answer_shared(question, json!({"kind": ["pod", "service"]}), &ctx);
    let same = answer_shared(question, json!({"kind": ["service", "pod"], "limit": "1000"}), &ctx);
    let (one, same) = tokio::join!(one, same);
    let (one, same) = (one.unwrap(), same.unwrap());
    assert!(Arc::ptr_eq(&one, &same));
    assert_eq!(facts.reads.load(Ordering::SeqCst), 1);
    facts.version.fetch_add(1, Ordering::SeqCst);
    let later = answer_shared(question, json!({"kind": ["pod", "service"]}), &ctx).await.unwrap();
    assert_eq!(facts.reads.load(Ordering::SeqCst), 2);
    assert_ne!(later.key, one.key);
    assert_eq!(later.json, serde_json::to_vec(&later.envelope).unwrap());
}

#[tokio::test]
async fn health_is_asked_anew_every_ten_seconds_and_topology_is_not() {
    let facts = Arc::new(Facts::default());
    let ctx = cached(&facts);
    let later = |seconds: i64| AskContext {
        now: ctx.now + jiff::SignedDuration::from_secs(seconds),
        ..ctx.clone()
    };
    // 12:34:56 and 12:34:59 share a step, 12:35:01 does not.
    for (name, reads) in [("system_metrics", [2, 2, 4]), ("topology", [1, 1, 1])] {
        facts.reads.store(0, Ordering::SeqCst);
        for (seconds, reads) in [0, 3, 5].into_iter().zip(reads) {
            ask(name, json!({}), &later(seconds)).await.unwrap();
            assert_eq!(facts.reads.load(Ordering::SeqCst), reads, "{name} after {seconds} s");
        }
    }
}

/// The fewest parameters that a question can be asked with.
pub fn least(question: &str) -> Value {
    match question {
        "service_dependencies/blast_radius" => json!({"root": ["service://_/_/web"]}),
        "incidents/suspects" => {
            json!({"entity": "service://_/_/web", "at": "2026-03-01T00:00:00Z"})
        }
        "critical_paths/what_if" => json!({"select": ["zone=use1-az1"]}),
        _ => json!({}),
    }
}

#[tokio::test]
async fn the_cache_changes_no_answer() {
    let facts = Arc::new(Facts::default());
    let web = EntityFact::new(EntityKind::Service, "service://_/_/web", "web");
    facts.estate.lock().unwrap().entities.push(web);
    for question in QUESTIONS {
        let params = least(question.name());
        let mut with = ask(question.name(), params.clone(), &cached(&facts)).await.unwrap();
        let mut without = ask(question.name(), params, &context(&facts)).await.unwrap();
        with.took_ms = 0.0;
        without.took_ms = 0.0;
        assert_eq!(with, without);
        assert_eq!(with.source, AnswerSource::Live);
    }
}

#[tokio::test]
async fn a_store_that_is_down_leaves_the_last_good_answer_for_a_while() {
    let facts = Arc::new(Facts::default());
    let ctx = AskContext { last_good: Some(Arc::new(Kept::default())), ..context(&facts) };
    for name in ["topology", "system_metrics", "cost_analysis"] {
        facts.is_down.store(false, Ordering::SeqCst);
        ask(name, json!({}), &ctx).await.unwrap();
        facts.is_down.store(true, Ordering::SeqCst);
        let later = |minutes: i64| AskContext {
            now: ctx.now + jiff::SignedDuration::from_mins(minutes),
            ..ctx.clone()
        };
        let stale = ask(name, json!({}), &later(9)).await.unwrap();
        assert_eq!(stale.source, AnswerSource::Stale);
        assert!(stale.warnings.iter().any(|warning| warning.code == "stale"));
        let refused = ask(name, json!({"max_stale": 0}), &later(9)).await;
        assert!(matches!(refused, Err(AskError::Store(StoreError::Unavailable { .. }))));
        let bounded = ask(name, json!({"max_stale": "60"}), &later(9)).await;
        assert!(bounded.is_err());
        // Health of more than ten minutes ago is nobody's health; the others stand for a day.
        let hours = ask(name, json!({}), &later(11)).await;
        assert_eq!(hours.is_ok(), name != "system_metrics");
        assert!(ask(name, json!({}), &later(25 * 60)).await.is_err());
    }
}

#[tokio::test]
async fn the_deadline_and_the_caller_end_the_work() {
    let facts = Arc::new(Facts::default());
    facts.is_slow.store(true, Ordering::SeqCst);
    let ctx = AskContext { deadline: Instant::now() + Duration::from_millis(30), ..cached(&facts) };
    let late = ask("topology", json!({}), &ctx).await;
    assert!(matches!(late, Err(AskError::Store(StoreError::Timeout { .. }))));
    let ctx = cached(&facts);
    ctx.cancel.cancel();
    let left = ask("topology", json!({}), &ctx).await;
    assert!(matches!(left, Err(AskError::Store(StoreError::Cancelled))));
    // Whoever waits for a computation that its caller gave up gets an answer all the same.
    let patient = AskContext { cancel: Default::default(), ..ctx.clone() };
    let hasty =
        AskContext { deadline: Instant::now() + Duration::from_millis(30), ..patient.clone() };
    let (hasty, patient) =
        tokio::join!(ask("topology", json!({}), &hasty), ask("topology", json!({}), &patient));
    assert!(hasty.is_err());
    assert!(patient.is_ok());
}

#[tokio::test]
async fn a_demonstration_says_so() {
    let facts = Arc::new(Facts::default());
    facts.settings.lock().unwrap().insert("demonstration".into(), "larkfield".into());
    let envelope = ask("topology", json!({}), &context(&facts)).await.unwrap();
    assert_eq!(envelope.source, AnswerSource::Demonstration);
}

#[tokio::test]
async fn what_is_not_known_comes_with_near_names() {
    let facts = Arc::new(Facts::default());
    let error = ask("topology", json!({"root": "missing"}), &context(&facts)).await.unwrap_err();
    let AskError::NotFound { what, nearest } = error else { panic!("{error}") };
    assert_eq!((what.as_str(), nearest.as_slice()), ("missing", &["near".to_owned()][..]));
}
