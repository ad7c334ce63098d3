//! The rules on hand-made facts: what is expected is worked out beside each.

use jiff::{SignedDuration, Timestamp};
use model::absence::Absence;
use model::fact::{
    IndexFact, OperatorKind, Plan, PlanCondition, PlanNode, TableFact, TableReport, TuningChange,
};
use model::workload::{WorkloadKind, WorkloadStatement};

use super::facts::{OptimizationFacts, SizePast, StatementFact, TableSize};
use super::{OptimizationRecommendation, RULES, optimize};

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn days(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

fn statement(name: &str, seconds: f64, plan: Plan) -> StatementFact {
    StatementFact {
        statement: WorkloadStatement {
            store: "postgresql".to_owned(),
            name: name.to_owned(),
            kind: WorkloadKind::Read,
            text: "-- nothing".to_owned(),
            parameters: Vec::new(),
            count: 10,
            error_count: 0,
            rows: 10,
            seconds_total: seconds,
            seconds_longest: seconds / 10.0,
            bins: [(200, 10)].into(),
        },
        explained: Ok(plan),
        measured: None,
    }
}

/// A measured scan of `span` that takes 3 of 4 seconds, reads 400,000 rows and keeps 100 by `service`.
fn scan() -> Plan {
    let mut root = PlanNode::new(0, OperatorKind::Aggregate, "Aggregate");
    (root.seconds, root.rows, root.rows_estimated) = (Some(1.0), Some(1.0), Some(1.0));
    let mut node = PlanNode::new(1, OperatorKind::TableScan, "Seq Scan");
    node.table = Some("span".to_owned());
    (node.seconds, node.rows, node.rows_estimated) = (Some(3.0), Some(100.0), Some(100.0));
    node.rows_read = Some(400_000.0);
    let by = |column: &str, is_equality| PlanCondition { column: column.to_owned(), is_equality };
    node.conditions = vec![by("start_at", false), by("service", true)];
    Plan { is_measured: true, seconds: Some(4.0), nodes: vec![root, node] }
}

fn report(written: u64, counted_days: i64) -> TableReport {
    TableReport {
        store: "postgresql".to_owned(),
        tables: vec![TableFact {
            name: "span".to_owned(),
            rows: Some(400_000),
            rows_written: Some(written),
            has_statistics: Some(true),
            ..TableFact::default()
        }],
        counted_since: Some(days(counted_days)),
        ..TableReport::default()
    }
}

fn facts(statements: Vec<StatementFact>, report: TableReport) -> OptimizationFacts {
    OptimizationFacts {
        now: now(),
        since: days(1),
        statements,
        reports: vec![Ok(report)],
        sizes: Vec::new(),
    }
}

fn judged(facts: &OptimizationFacts) -> Vec<OptimizationRecommendation> {
    optimize(facts, Vec::new()).recommendations
}

#[test]
fn a_scan_for_few_rows_asks_for_an_index_and_says_what_it_saves() {
    // 3 of 4 seconds are the scan's, of which 399,900 of 400,000 rows are for nothing: of 80 seconds,
    // 80 × 0.75 × 0.99975 = 59.985 would be saved.
    let found = judged(&facts(vec![statement("slow", 80.0, scan())], report(0, 10)));
    assert_eq!(found.len(), 1, "{found:?}");
    let one = &found[0];
    assert_eq!(
        (one.rule.as_str(), one.statements.as_slice()),
        ("rows_read", &["slow".to_owned()][..])
    );
    assert!((one.seconds_saved.value.unwrap() - 59.985).abs() < 1e-9, "{one:?}");
    let expected = TuningChange::IndexCreate {
        table: "span".to_owned(),
        columns: vec!["service".to_owned(), "start_at".to_owned()],
        known: None,
    };
    assert_eq!(one.change, Some(expected));
    assert!(!one.hurts_writes && one.reason.contains("400,000"), "{one:?}");
    assert_eq!(one.place.as_ref().unwrap().operator, "Seq Scan");
}

#[test]
fn an_index_that_costs_writes_more_says_so() {
    // 10 days counted 400 million rows: 40 million a day, each 5 µs, are 200 s against 59.985 s.
    let found = judged(&facts(vec![statement("slow", 80.0, scan())], report(400_000_000, 10)));
    assert!((found[0].seconds_of_writes.value.unwrap() - 200.0).abs() < 1e-6, "{found:?}");
    assert!(found[0].hurts_writes && found[0].reason.contains("cost writes more"), "{found:?}");
    assert!(!found[0].is_applicable());
}

#[test]
fn statements_that_need_one_index_are_one_recommendation() {
    let statements = vec![statement("one", 8.0, scan()), statement("two", 80.0, scan())];
    let found = judged(&facts(statements, report(0, 10)));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].statements, ["two", "one"]);
    assert!((found[0].seconds_saved.value.unwrap() - 65.983_5).abs() < 1e-9, "{found:?}");
}

#[test]
fn the_schemas_own_index_is_made_as_the_schema_makes_it() {
    let mut report = report(0, 10);
    report.missing = vec![IndexFact {
        name: "span_start".to_owned(),
        table: "span".to_owned(),
        columns: vec!["start_at".to_owned()],
        definition: "CREATE INDEX span_start ON span (start_at)".to_owned(),
        ..IndexFact::default()
    }];
    let found = judged(&facts(vec![statement("slow", 80.0, scan())], report.clone()));
    assert_eq!(found.len(), 1, "{found:?}");
    let Some(TuningChange::IndexCreate { known: Some(known), .. }) = &found[0].change else {
        panic!("{found:?}");
    };
    assert_eq!((known.name.as_str(), found[0].rule.as_str()), ("span_start", "rows_read"));
    // Without a statement that needs it, nothing is claimed to be saved.
    let found = judged(&facts(Vec::new(), report));
    assert_eq!((found[0].rule.as_str(), found[0].seconds_saved.value), ("missing_index", None));
}

#[test]
fn an_index_goes_only_after_thirty_days_and_never_behind_a_constraint() {
    let index = |name: &str, columns: &[&str], is_constraint| IndexFact {
        name: name.to_owned(),
        table: "span".to_owned(),
        columns: columns.iter().map(|one| (*one).to_owned()).collect(),
        method: "btree".to_owned(),
        is_constraint,
        is_valid: true,
        scans: Some(if name == "used" { 5 } else { 0 }),
        ..IndexFact::default()
    };
    let with = |counted| TableReport {
        indexes: vec![
            index("key", &["trace"], true),
            index("unused", &["name"], false),
            index("used", &["start_at", "service"], false),
            index("used_start", &["start_at"], false),
        ],
        ..report(0, counted)
    };
    assert_eq!(judged(&facts(Vec::new(), with(29))), []);
    let mut unknown = with(40);
    unknown.counted_since = None;
    assert_eq!(judged(&facts(Vec::new(), unknown)), []);
    let found = judged(&facts(Vec::new(), with(31)));
    let dropped: Vec<&str> = found
        .iter()
        .filter_map(|one| match &one.change {
            Some(TuningChange::IndexDrop { name, .. }) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(dropped, ["unused", "used_start"], "{found:?}");
}

#[test]
fn growth_is_the_difference_to_the_oldest_day_of_thirty() {
    let mut facts = facts(Vec::new(), report(0, 10));
    facts.reports[0].as_mut().unwrap().bytes = Some(5_000);
    facts.reports[0].as_mut().unwrap().bytes_max = Some(9_000);
    let past = |at, bytes| SizePast {
        at,
        sizes: vec![TableSize {
            store: "postgresql".to_owned(),
            table: String::new(),
            rows: None,
            bytes: Some(bytes),
        }],
    };
    facts.sizes = vec![past(days(40), 0), past(days(10), 3_000), past(days(2), 4_900)];
    let answer = optimize(&facts, Vec::new());
    // 2,000 bytes in 10 days; 4,000 bytes are left.
    assert_eq!(answer.stores[0].bytes_per_day.value, Some(200.0));
    assert_eq!(answer.stores[0].days_until_full.value, Some(20.0));
    facts.sizes.clear();
    let answer = optimize(&facts, Vec::new());
    let reason = answer.stores[0].bytes_per_day.reason;
    assert_eq!(reason, Some(Absence::TooLittleData));
}

#[test]
fn an_unloved_table_is_analyzed_once_whoever_asks() {
    let mut plan = scan();
    plan.nodes[1].rows_read = None;
    (plan.nodes[1].rows_estimated, plan.nodes[1].rows) = (Some(1.0), Some(50_000.0));
    let mut report = report(0, 10);
    report.tables[0].has_statistics = Some(false);
    report.tables[0].dead_rows = Some(90_000);
    let found = judged(&facts(vec![statement("slow", 80.0, plan)], report));
    let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
    let expected = ["dead_rows/postgresql/span/dead", "misestimate/postgresql/span/statistics"];
    assert_eq!(ids, expected);
}

#[test]
fn a_healthy_plan_has_no_recommendation_and_rules_have_names_of_their_own() {
    let mut plan = scan();
    plan.nodes[1].kind = OperatorKind::IndexScan;
    plan.nodes[1].rows_read = Some(150.0);
    assert_eq!(judged(&facts(vec![statement("quick", 80.0, plan)], report(0, 10))), []);
    let names: std::collections::BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
}
