//! Statistics with and without their requests, prose first.

use std::ops::ControlFlow;

use model::Batch;
use model::series::SeriesType;

use crate::context::{Seen, learn};
use crate::{InputContext, Summary};

fn read_in(name: &str, bytes: &[u8], context: &InputContext) -> (Batch, Summary) {
    let mut all: Option<Batch> = None;
    let summary = crate::read(name, bytes, context, &mut |batch| {
        all = Some(batch);
        ControlFlow::Continue(())
    });
    (all.unwrap(), summary.unwrap())
}

fn flags() -> InputContext {
    InputContext {
        account: Some("111122223333".to_owned()),
        region: Some("eu-west-1".to_owned()),
        ..InputContext::default()
    }
}

const REQUEST: &[u8] = br#"{"MetricDataQueries":[
 {"Id":"cpu","MetricStat":{"Metric":{"Namespace":"AWS/RDS","MetricName":"CPUUtilization",
  "Dimensions":[{"Name":"DBInstanceIdentifier","Value":"orders"}]},"Period":300,"Stat":"Average"}},
 {"Id":"sum","Expression":"cpu * 2","Label":"twice"}],"StartTime":"2026-09-01T00:00:00Z"}"#;

const RESPONSE: &[u8] = br#"{"MetricDataResults":[
 {"Id":"cpu","Label":"CPUUtilization","Timestamps":["2026-09-01T00:05:00Z","2026-09-01T00:00:00Z"],
  "Values":[41.5,40.0],"StatusCode":"Complete"},
 {"Id":"sum","Label":"twice","Timestamps":["2026-09-01T00:00:00Z"],"Values":[80.0]}],"Messages":[]}"#;

#[test]
fn a_request_of_the_same_name_says_what_the_values_are_of() {
    let seen = |path, bytes| Seen { root: "x", path, bytes, file_time: None };
    for path in ["x/rds-request.json", "x/requests/rds.json"] {
        let inputs = [seen("x/rds.json", RESPONSE), seen(path, REQUEST)];
        let contexts = learn(&inputs, &flags());
        let (batch, _) = read_in("x/rds.json", RESPONSE, &contexts[0]);
        let cpu = &batch.series[0];
        assert_eq!(cpu.metric, "aws_rds_cpuutilization_average");
        assert_eq!(cpu.signal.as_deref(), Some("cpu_utilization_ratio"));
        assert_eq!(cpu.subject.label(), "arn:aws:rds:eu-west-1:111122223333:db:orders");
        assert_eq!(cpu.labels["period"], "300");
        let values: Vec<f64> = cpu.points.iter().map(|point| point.value).collect();
        assert_eq!(values, [40.0, 41.5]);
        // What was computed is nobody's; that is said, with its count.
        assert_eq!(batch.rejects.len(), 1);
        assert_eq!(batch.rejects[0].count, 1);
        let (none, summary) = read_in(path, REQUEST, &contexts[1]);
        assert_eq!((none.observation_count(), none.rejects.len()), (0, 0));
        assert_eq!(summary.inputs[0].record.format, "cloudwatch");
    }
}

#[test]
fn without_a_request_the_values_are_kept_apart_and_counted() {
    let first = read_in("a/01.json", RESPONSE, &flags()).0;
    let other = String::from_utf8_lossy(RESPONSE).replace("41.5", "41.6");
    let second = read_in("a/02.json", other.as_bytes(), &flags()).0;
    assert_eq!(first.series[0].subject.label(), "unattached:_");
    assert_ne!(first.series[0].labels, second.series[0].labels);
    assert_eq!(first.rejects.iter().map(|reject| reject.count).sum::<u64>(), 3);
    assert!(first.series.iter().all(|series| series.signal.is_none()));
}

#[test]
fn statistics_in_one_object_with_their_request() {
    let bytes = br#"{"Namespace":"AWS/Lambda","MetricName":"Duration",
     "Dimensions":[{"Name":"FunctionName","Value":"resize"}],"Period":60,
     "Label":"Duration","Datapoints":[
      {"Timestamp":"2026-09-01T00:00:00+00:00","Sum":120.0,"SampleCount":4.0,"Unit":"Milliseconds",
       "ExtendedStatistics":{"p99":50.0}}]}"#;
    let (batch, _) = read_in("x.json", bytes, &flags());
    let mut found: Vec<(&str, SeriesType)> =
        batch.series.iter().map(|one| (one.metric.as_str(), one.series_type)).collect();
    found.sort_by_key(|(metric, _)| *metric);
    assert_eq!(
        found,
        [
            ("aws_lambda_duration_p99", SeriesType::Quantile),
            ("aws_lambda_duration_sample_count", SeriesType::Delta),
            ("aws_lambda_duration_sum", SeriesType::Delta),
        ]
    );
    let of = batch.series[0].subject.label();
    assert_eq!(of, "arn:aws:lambda:eu-west-1:111122223333:function:resize");
    assert!(batch.rejects.is_empty(), "{:?}", batch.rejects);
}

#[test]
fn dimensions_that_the_user_states_are_taken() {
    let bytes = br#"{"Label":"CPUUtilization","Datapoints":[
      {"Timestamp":"2026-09-01T00:00:00+00:00","Average":7.5,"Unit":"Percent"}]}"#;
    let mut context = flags();
    context.dimensions.insert("InstanceId".to_owned(), "i-0abc".to_owned());
    let (batch, _) = read_in("x.json", bytes, &context);
    assert_eq!(batch.series[0].subject.label(), "id:i-0abc");
    assert_eq!(batch.series[0].metric, "aws_ec2_cpuutilization_average");
    assert!(batch.rejects.is_empty());
}

#[test]
fn lists_that_do_not_fit_are_a_reject() {
    let bytes = br#"{"MetricDataResults":[{"Id":"a","Timestamps":["2026-09-01T00:00:00Z"],
      "Values":[1,2]},{"Id":"b","Timestamps":["soon"],"Values":[1],"StatusCode":"PartialData"}]}"#;
    let (batch, _) = read_in("x.json", bytes, &flags());
    let reasons: Vec<&str> = batch.rejects.iter().map(|one| one.reason.as_str()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("not of one length")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("PartialData")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("Timestamp is none")), "{reasons:?}");
}
