//! The life of findings, told in words first.

use model::scan::ScanItem;
use proptest::prelude::*;

use super::*;

fn day(number: i64) -> Micros {
    Micros(number * Micros::DAY)
}

fn item(weakness: &str, package: &str) -> ScanItem {
    ScanItem {
        weaknesses: weakness.split('+').map(str::to_owned).collect(),
        kind: "vulnerability".into(),
        severity: "high".into(),
        package: package.into(),
        ecosystem: Some("maven".into()),
        installed: Some("5.3.15".into()),
        fixed: Some("5.3.18".into()),
        ..ScanItem::default()
    }
}

fn scan(scanner: &str, at: i64, digest: &str, weaknesses: &[&str]) -> Report {
    Report {
        scanner: scanner.into(),
        class: "vulnerability".into(),
        target: "image://shop/cart".into(),
        workload: None,
        builds: vec![digest.into()],
        at: day(at),
        is_complete: true,
        items: weaknesses.iter().map(|one| item(one, "beans")).collect(),
    }
}

fn at(reports: &[Report], when: i64) -> Vec<Finding> {
    let known = Known { reports: reports.to_vec(), followed: Vec::new() };
    findings(&known, day(when)).0
}

#[test]
fn a_later_complete_scan_without_it_fixes_it() {
    let all = [scan("trivy", 1, "a", &["CVE-1"]), scan("trivy", 5, "a", &[])];
    assert_eq!(at(&all, 4)[0].open_since(), Some(day(1)));
    let fixed = &at(&all, 5)[0];
    assert_eq!((fixed.open_since(), fixed.fixed_at()), (None, Some(day(5))));
    assert!(at(&all, 0).is_empty());
}

#[test]
fn a_partial_scan_another_scanner_or_another_class_fixes_nothing() {
    let first = scan("trivy", 1, "a", &["CVE-1"]);
    let partial = Report { is_complete: false, ..scan("trivy", 5, "a", &[]) };
    let other = scan("grype", 5, "a", &[]);
    let class = Report { class: "secret".into(), ..scan("trivy", 5, "a", &[]) };
    let target = Report { target: "image://shop/other".into(), ..scan("trivy", 5, "a", &[]) };
    for second in [partial, other, class, target] {
        assert!(at(&[first.clone(), second], 9)[0].open_since().is_some());
    }
}

#[test]
fn a_rebuilt_image_that_still_lists_it_is_the_same_finding_and_not_reopened() {
    let all = [scan("trivy", 1, "sha256:a", &["CVE-1"]), scan("trivy", 5, "sha256:b", &["CVE-1"])];
    let found = at(&all, 9);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].episodes, [Episode { from: day(1), until: None }]);
    assert_eq!(found[0].builds.iter().collect::<Vec<_>>(), ["sha256:a", "sha256:b"]);
}

#[test]
fn what_comes_back_after_a_fix_is_reopened() {
    let all = [
        scan("trivy", 1, "a", &["CVE-1"]),
        scan("trivy", 3, "b", &[]),
        scan("trivy", 6, "c", &["CVE-1"]),
    ];
    let found = &at(&all, 9)[0];
    assert_eq!(found.episodes.len(), 2);
    assert_eq!((found.first_seen(), found.open_since()), (day(1), Some(day(6))));
    assert!(found.was_open(day(2)) && !found.was_open(day(4)));
}

#[test]
fn two_scanners_of_one_key_are_one_finding_with_two_sources() {
    let all = [
        scan("trivy", 1, "a", &["CVE-1+GHSA-x"]),
        scan("grype", 2, "a", &["GHSA-x"]),
        scan("trivy", 3, "a", &[]),
    ];
    let found = at(&all, 9);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].key.weakness, "CVE-1");
    assert_eq!(found[0].scanners.iter().collect::<Vec<_>>(), ["grype", "trivy"]);
    assert!(found[0].aliases.contains("GHSA-x"));
    assert!(found[0].open_since().is_some(), "the other scanner still sees it");
}

#[test]
fn scans_of_one_instant_count_as_one() {
    let all = [scan("trivy", 1, "a", &["CVE-1"]), scan("trivy", 1, "b", &[])];
    assert_eq!(at(&all, 9)[0].episodes, [Episode { from: day(1), until: None }]);
}

#[test]
fn a_scan_of_the_image_speaks_for_each_object_that_runs_it() {
    let of = |workload: &str, when, weaknesses: &[&str]| Report {
        workload: Some(workload.into()),
        ..scan("trivy", when, "a", weaknesses)
    };
    let all = [
        of("shop/deployment/a", 1, &["CVE-1"]),
        of("shop/deployment/b", 1, &["CVE-1"]),
        scan("grype", 2, "a", &["CVE-1"]),
        of("shop/deployment/a", 3, &[]),
    ];
    let found = at(&all[..2], 9);
    assert_eq!(found.len(), 2);
    let found = at(&all, 9);
    assert_eq!(found.len(), 2, "the image alone is none of its own");
    assert!(found.iter().all(|one| one.scanners.len() == 2 && one.open_since().is_some()));
}

#[test]
fn the_fix_is_the_least_later_version_since_the_first_report_that_names_it() {
    let mut first = scan("trivy", 1, "a", &["CVE-1"]);
    first.items[0].fixed = None;
    let mut useless = scan("trivy", 2, "a", &["CVE-1"]);
    useless.items[0].fixed = Some("5.2.20".into());
    let mut second = scan("trivy", 4, "a", &["CVE-1"]);
    second.items[0].fixed = Some("6.0.1, 5.3.18, 5.2.20".into());
    let found = &at(&[first, useless, second], 9)[0];
    assert_eq!(found.fixed_version.as_deref(), Some("5.3.18"));
    assert_eq!(found.fix_since, Some(day(4)));
}

#[test]
fn findings_that_their_source_follows_have_its_dates() {
    let one = |from, until: Option<i64>| Followed {
        scanner: "hub".into(),
        target: "arn:x".into(),
        builds: Vec::new(),
        item: item("CVE-1", "beans"),
        from: day(from),
        until: until.map(day),
        seen: day(7),
    };
    let known = Known { reports: Vec::new(), followed: vec![one(1, Some(6))] };
    assert_eq!(findings(&known, day(5)).0[0].open_since(), Some(day(1)));
    assert_eq!(findings(&known, day(6)).0[0].fixed_at(), Some(day(6)));
}

proptest! {
    /// Against a naive reading: open at a scan of the lane when the newest scans up to then list it.
    #[test]
    fn the_state_is_that_of_the_newest_scans_in_any_order(
        scans in proptest::collection::vec((0_i64..6, any::<bool>()), 1..8),
        order in any::<u64>(),
        when in 0_i64..7,
    ) {
        let mut reports: Vec<Report> = scans
            .iter()
            .map(|(at, lists)| scan("trivy", *at, "a", if *lists { &["CVE-1"] } else { &[] }))
            .collect();
        let place = (order as usize) % reports.len();
        let straight = at(&reports, when);
        reports.rotate_left(place);
        reports.reverse();
        prop_assert_eq!(&at(&reports, when), &straight);
        let known: Vec<&(i64, bool)> = scans.iter().filter(|(at, _)| *at <= when).collect();
        let newest = known.iter().map(|(at, _)| *at).max();
        let is_listed = known.iter().any(|(at, lists)| Some(*at) == newest && *lists);
        let is_open = straight.first().is_some_and(|one| one.open_since().is_some());
        prop_assert_eq!(is_open, is_listed);
        prop_assert_eq!(straight.is_empty(), !known.iter().any(|(_, lists)| *lists));
    }
}
