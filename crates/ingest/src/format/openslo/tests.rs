//! Files in the words of the OpenSLO specification, and files that are wrong.

use std::ops::ControlFlow;

use model::Batch;
use model::objective::{Indicator, Objective, SeriesSelector};
use model::stated::StatedKind;
use proptest::prelude::*;

use crate::context::InputContext;

fn read(text: &str) -> Batch {
    let mut whole = None;
    crate::read("slo.yaml", text.as_bytes(), &InputContext::default(), &mut |batch| {
        whole = Some(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    whole.unwrap()
}

fn objectives(batch: &Batch) -> Vec<Objective> {
    assert!(batch.stated.iter().all(|one| one.kind == StatedKind::Objective));
    batch.stated.iter().map(|one| one.says().unwrap()).collect()
}

fn reason(objective: &Objective) -> &str {
    match &objective.indicator {
        Indicator::Unread { reason } => reason,
        other => panic!("{other:?}"),
    }
}

const RATIO: &str = r#"
apiVersion: openslo/v1
kind: DataSource
metadata: { name: metrics }
spec: { type: Prometheus, connectionDetails: { url: "http://metrics.example" } }
---
apiVersion: openslo/v1
kind: Service
metadata: { name: checkout, labels: { owner: checkout-team } }
spec: { description: takes orders }
---
apiVersion: openslo/v1
kind: SLI
metadata: { name: checkout-good }
spec:
  ratioMetric:
    counter: true
    good:
      metricSource:
        metricSourceRef: metrics
        spec: { query: 'sum(rate(http_requests_total{service="checkout",code!~"5.."}[5m]))' }
    total:
      metricSource:
        metricSourceRef: metrics
        spec: { query: 'sum(rate(http_requests_total{service="checkout"}[5m]))' }
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: checkout-available, displayName: Checkout answers }
spec:
  service: checkout
  indicatorRef: checkout-good
  timeWindow: [{ duration: 4w, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ target: 0.999 }]
"#;

#[test]
fn an_indicator_by_reference_is_good_of_total() {
    let batch = read(RATIO);
    assert!(batch.rejects.is_empty(), "{:?}", batch.rejects);
    let [stated] = batch.stated.as_slice() else { panic!("{}", batch.stated.len()) };
    assert_eq!(
        (stated.key.as_str(), stated.title.as_str()),
        ("checkout-available", "Checkout answers")
    );
    let labels: Vec<&str> =
        stated.subjects[0].candidates.iter().map(|one| one.all[0].as_str()).collect();
    assert_eq!(labels, ["checkout", "service-name:checkout"]);
    let objective = objectives(&batch).remove(0);
    assert_eq!((objective.target, objective.window_seconds), (0.999, 28.0 * 86_400.0));
    assert_eq!(objective.owner.as_deref(), Some("checkout-team"));
    let Indicator::Ratio { good: Some(good), bad: None, total: Some(total) } = objective.indicator
    else {
        panic!("no ratio")
    };
    let labels =
        |selector: &SeriesSelector| selector.labels.clone().into_iter().collect::<Vec<_>>();
    assert_eq!(
        (good.metric.as_str(), total.metric.as_str()),
        ("http_requests_total", "http_requests_total")
    );
    assert_eq!(
        labels(&good),
        [("code".into(), "!5*".into()), ("service".into(), "checkout".into())]
    );
    assert_eq!(labels(&total), [("service".into(), "checkout".into())]);
}

/// Two objectives of one threshold metric: 95 % within 200 ms, 99 % within a second.
#[test]
fn each_objective_of_a_threshold_is_a_latency_with_its_own_bound() {
    let batch = read(
        r#"
apiVersion: openslo/v1
kind: SLO
metadata: { name: fast }
spec:
  service: cart
  indicator:
    metadata: { name: durations }
    spec:
      thresholdMetric:
        metricSource:
          type: Prometheus
          spec: { query: 'rate(http_request_duration_milliseconds_bucket{service="cart"}[5m])' }
  timeWindow: [{ duration: 30d, isRolling: true }]
  objectives:
    - { displayName: most, op: lte, value: 200, targetPercent: 95 }
    - { displayName: nearly all, op: lt, value: "1000", target: 0.99 }
"#,
    );
    let keys: Vec<(&str, &str)> =
        batch.stated.iter().map(|one| (one.key.as_str(), one.title.as_str())).collect();
    assert_eq!(keys, [("fast/1", "fast: most"), ("fast/2", "fast: nearly all")]);
    let found = objectives(&batch);
    assert_eq!((found[0].target, found[1].target), (0.95, 0.99));
    for (objective, bound) in found.iter().zip([0.2, 1.0]) {
        let Indicator::Latency { bound_seconds, durations: Some(durations) } = &objective.indicator
        else {
            panic!("{objective:?}")
        };
        assert!((bound_seconds - bound).abs() < 1e-12);
        assert_eq!(durations.metric, "http_request_duration_milliseconds");
    }
}

#[test]
fn what_cannot_be_judged_is_kept_with_the_reason() {
    for (from, to, why) in [
        ("indicatorRef: checkout-good", "indicatorRef: other", "`other` is not in the file"),
        ("type: Prometheus", "type: Datadog", "query of Datadog"),
        ("Occurrences", "Timeslices", "time slices"),
        ("isRolling: true", "isRolling: false", "calendar"),
        ("code!~\"5..\"", "code=~\"2..|3..\"", "beginning"),
        ("good:", "raw:", "worked out"),
    ] {
        let text = RATIO.replace(from, to);
        assert_ne!(text, RATIO);
        let batch = read(&text);
        assert!(batch.rejects.is_empty(), "{:?}", batch.rejects);
        let found = objectives(&batch);
        assert!(reason(&found[0]).contains(why), "{}", reason(&found[0]));
        assert_eq!(found[0].target, 0.999);
    }
}

#[test]
fn documents_that_are_wrong_are_rejects_that_name_the_field() {
    for (from, to, field) in [
        ("  service: checkout\n", "", "spec.service"),
        ("target: 0.999", "target: 99.9", "spec.objectives"),
        ("duration: 4w", "duration: soon", "spec.timeWindow.duration"),
        ("name: checkout-available,", "", "metadata.name"),
    ] {
        let batch = read(&RATIO.replace(from, to));
        assert_eq!((batch.stated.len(), batch.rejects.len()), (0, 1), "{to}");
        assert!(batch.rejects[0].location.contains(field), "{}", batch.rejects[0].location);
    }
    let batch = read(&format!("{RATIO}\n---\n{{ not yaml\n---\napiVersion: v1\nkind: Pod\n"));
    assert_eq!((batch.stated.len(), batch.rejects.len()), (1, 2));
}

proptest! {
    #[test]
    fn no_file_panics(
        lines in proptest::collection::vec("(  )?(  )?[a-zA-Z]{0,12}:? ?[\\[{}\\]a-z0-9.\"]{0,8}", 0..12),
    ) {
        let text = format!("apiVersion: openslo/v1\nkind: SLO\n{}\n", lines.join("\n"));
        read(&text);
        for at in (0..RATIO.len()).step_by(97) {
            read(&format!("apiVersion: openslo/v1\nkind: SLO\n---\n{}", &RATIO[..at]));
        }
    }
}
