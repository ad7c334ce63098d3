//! Judgement on facts made by hand: exposure and its path, owners, due dates, times and targets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::fact::{EntityFact, EstateFacts, EstateRelation};
use model::kind::{EntityKind as K, RelationKind as R};
use model::scan::{KnownExploited, ScanItem};
use model::seam::Version;

use super::super::shape::{FindingExposureVerdict as Verdict, FindingSeverity, FindingState};
use super::*;
use crate::estate::Estate;
use crate::finding::Report;
use crate::finding::life::Known;

fn day(number: i64) -> Micros {
    Micros(20_000 * Micros::DAY + number * Micros::DAY)
}

/// `front` is open to the outside and calls `back`; each runs an image of its own.
fn estate() -> Estate {
    let mut entities = Vec::new();
    for (kind, id) in [
        (K::Service, "front"),
        (K::Service, "back"),
        (K::Service, "alone"),
        (K::Workload, "w-front"),
        (K::Workload, "w-back"),
        (K::Workload, "w-alone"),
        (K::Image, "image://x/front:1"),
        (K::Image, "image://x/back:1"),
        (K::Image, "image://x/alone:1"),
        (K::KubernetesService, "door"),
    ] {
        let mut entity = EntityFact::new(kind, id, id);
        if kind == K::Workload {
            entity.owner = Some(format!("org://team/{id}"));
            entity.scope.namespace = Some("shop".into());
        }
        if kind == K::KubernetesService {
            entity.properties.insert("type".into(), "LoadBalancer".into());
        }
        entities.push(entity);
    }
    entities.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    let place = |id: &str| entities.iter().position(|one| one.id == id).unwrap() as u32;
    let mut relations: Vec<EstateRelation> = [
        ("front", R::ServedThrough, "door"),
        ("front", R::ImplementedBy, "w-front"),
        ("front", R::Calls, "back"),
        ("back", R::ImplementedBy, "w-back"),
        ("alone", R::ImplementedBy, "w-alone"),
        ("w-front", R::UsesImage, "image://x/front:1"),
        ("w-back", R::UsesImage, "image://x/back:1"),
        ("w-alone", R::UsesImage, "image://x/alone:1"),
    ]
    .iter()
    .map(|(from, kind, to)| EstateRelation::new(place(from), *kind, place(to)))
    .collect();
    relations.sort_by_key(|one| (one.from, one.kind, one.to));
    Estate::new(EstateFacts { entities, relations, ..EstateFacts::default() })
}

fn scan(image: &str, at: i64, found: &[(&str, &str)]) -> Report {
    let items = found.iter().map(|(weakness, severity)| ScanItem {
        weaknesses: vec![(*weakness).to_owned()],
        kind: "vulnerability".into(),
        severity: (*severity).to_owned(),
        package: "lib".into(),
        fixed: Some("2".into()),
        installed: Some("1".into()),
        ..ScanItem::default()
    });
    Report {
        scanner: "trivy".into(),
        class: "vulnerability".into(),
        target: format!("image://x/{image}"),
        workload: None,
        builds: Vec::new(),
        at: day(at),
        is_complete: true,
        items: items.collect(),
    }
}

fn facts(reports: Vec<Report>, at: i64) -> SecurityFacts {
    SecurityFacts {
        at: day(at),
        estate: Arc::new(estate()),
        known: Known { reports, followed: Vec::new() },
        subjects: BTreeMap::new(),
        said: Vec::new(),
        exploited: BTreeMap::new(),
        likelihood: BTreeMap::new(),
        decisions: Vec::new(),
        incidents: Vec::new(),
        ended: BTreeSet::new(),
        asked: None,
        units: Vec::new(),
        is_scoped: false,
        version: Version::default(),
    }
}

fn answer_of(facts: &SecurityFacts, params: SecurityEventsParams) -> SecurityEventsAnswer {
    let mut params = params;
    params.fill().unwrap();
    judged(&params, facts).unwrap().answer
}

#[test]
fn exposure_is_the_way_in_or_the_calls_from_one() {
    let all = ["front", "back", "alone", "nowhere"];
    let scans = all.iter().map(|image| scan(image, 0, &[("CVE-1", "high")])).collect();
    let answer = answer_of(&facts(scans, 1), SecurityEventsParams::default());
    let of = |image: &str| {
        let target = format!("image://x/{image}");
        let found = answer.findings.iter().find(|one| one.target == target).unwrap();
        let path: Vec<&str> = found.exposure.path.iter().map(|one| one.id.as_str()).collect();
        (found.exposure.verdict, path.join(" "), found.owners.join(" "))
    };
    let front = (Verdict::PossibleNotFullyChecked, "door front w-front", "org://team/w-front");
    let back = (Verdict::ThroughCalls, "door front back w-back", "org://team/w-back");
    let alone = (Verdict::NotExposed, "", "org://team/w-alone");
    for (image, (verdict, path, owner)) in [
        ("front", front),
        ("back", back),
        ("alone", alone),
        ("nowhere", (Verdict::Unknown, "", "")),
    ] {
        assert_eq!(of(image), (verdict, path.to_owned(), owner.to_owned()), "{image}");
    }
    assert_eq!((answer.summary.exposed, answer.summary.unowned), (2, 1));
    let narrowed = SecurityEventsParams { exposed: Some(true), ..SecurityEventsParams::default() };
    let scans = all.iter().map(|image| scan(image, 0, &[("CVE-1", "high")])).collect();
    assert_eq!(answer_of(&facts(scans, 1), narrowed).findings.len(), 2);
}

#[test]
fn targets_hold_by_severity_and_known_exploited_ones_have_their_date() {
    let reports = vec![
        scan("front", 0, &[("CVE-1", "critical"), ("CVE-2", "low"), ("CVE-3", "critical")]),
        scan("front", 5, &[("CVE-1", "critical"), ("CVE-2", "low")]),
    ];
    let mut facts = facts(reports, 10);
    let known =
        KnownExploited { weakness: "CVE-2".into(), due: Some(day(3)), ..KnownExploited::default() };
    facts.exploited.insert("CVE-2".into(), known);
    let answer = answer_of(&facts, SecurityEventsParams::default());
    let first = &answer.findings[0];
    assert_eq!((first.weakness.as_str(), first.severity), ("CVE-2", FindingSeverity::Low));
    assert_eq!(first.due_by.as_deref(), Some("known_exploited"));
    let of = |name: &str| answer.targets.iter().find(|one| one.target == name).unwrap();
    let critical = of("critical");
    assert_eq!((critical.open, critical.overdue, critical.fixed_in_time), (1, 1, 1));
    assert_eq!(critical.kept.value, Some(0.5));
    let exploited = of("known_exploited");
    assert_eq!((exploited.open, exploited.overdue), (1, 1));
    assert_eq!(of("low").kept.value, None);
    let patient = SecurityEventsParams { critical_days: Some(30), ..Default::default() };
    let answer = answer_of(&facts, patient);
    let critical = answer.targets.iter().find(|one| one.target == "critical").unwrap();
    assert_eq!((critical.overdue, critical.due_soon), (0, 0));
}

#[test]
fn what_is_open_still_counts_in_the_time_to_remediate() {
    // Four appear on day 0; two are gone by day 2 and one by day 6, one is open on day 20.
    let severities = [("CVE-1", "high"), ("CVE-2", "high"), ("CVE-3", "high"), ("CVE-4", "high")];
    let reports = vec![
        scan("front", 0, &severities),
        scan("front", 2, &severities[2..]),
        scan("front", 6, &severities[3..]),
    ];
    let answer = answer_of(&facts(reports, 20), SecurityEventsParams::default());
    let high = &answer.remediation[1];
    assert_eq!((high.appeared, high.fixed, high.censored), (4, 3, 1));
    let days = |value: Option<f64>| value.map(|seconds| seconds / 86_400.0);
    assert_eq!(days(high.median.value), Some(2.0));
    assert_eq!(days(high.mean_fixed.value).map(|one| (one * 100.0).round()), Some(333.0));
    let total = |of: fn(&super::super::shape::SecurityPeriod) -> u64| -> u64 {
        answer.trend.iter().map(of).sum()
    };
    assert_eq!((total(|one| one.new), total(|one| one.fixed)), (4, 3));
    assert_eq!(answer.trend.last().map(|one| one.open), Some(1));
    assert_eq!(answer.summary.fixed, 3);
}

#[test]
fn states_select_what_is_listed_and_pages_go_on() {
    let reports = vec![
        scan("front", 0, &[("CVE-1", "high"), ("CVE-2", "high"), ("CVE-3", "low")]),
        scan("front", 2, &[("CVE-1", "high"), ("CVE-2", "high")]),
    ];
    let facts = facts(reports, 20);
    let fixed = SecurityEventsParams { state: vec![FindingState::Fixed], ..Default::default() };
    let listed = answer_of(&facts, fixed).findings;
    assert_eq!(listed.iter().map(|one| one.weakness.as_str()).collect::<Vec<_>>(), ["CVE-3"]);
    let mut params = SecurityEventsParams { limit: Some(1), ..Default::default() };
    params.fill().unwrap();
    let first = judged(&params, &facts).unwrap();
    assert_eq!(first.truncated.get("findings"), Some(&2));
    params.cursor.clone_from(&first.next);
    let second = judged(&params, &facts).unwrap();
    assert_eq!(second.answer.findings[0].weakness, "CVE-2");
    assert_eq!(second.next, None);
}
