//! From judgements to one result: causes, weights, score, status and the order of issues.

use std::time::Duration;

use jiff::Timestamp;

use super::check::{
    Check, Found, Judgement, Unjudged, ValidationFamily, ValidationSeverity, ValidationStatus,
};
use super::report::{
    ValidationCheck, ValidationCounts, ValidationFamilySummary, ValidationIssue, ValidationReport,
};

/// Most issues of one result.
const ISSUES_MAX: usize = 200;
/// Most names in one issue.
const AFFECTED_MAX: usize = 20;

/// A check with what it said.
pub type Judged<'a> = (&'a Check, Result<Judgement, Unjudged>);

/// One result of what the checks said.
pub fn report(judged: Vec<Judged<'_>>, at: Timestamp, took: Duration) -> ValidationReport {
    let statuses: Vec<(&str, ValidationStatus)> =
        judged.iter().map(|(check, said)| (check.name, status_of(said))).collect();
    let mut checks = Vec::new();
    let mut issues = Vec::new();
    for (check, said) in judged {
        let status = status_of(&said);
        let caused_by = cause(check, status, &statuses);
        let (checked, found, reason) = match said {
            Ok(judgement) if judgement.checked == 0 && judgement.found.is_empty() => {
                (0, Vec::new(), Some("there is nothing to check".to_owned()))
            }
            Ok(judgement) => (judgement.checked, judgement.found, None),
            Err(Unjudged::Skipped(reason)) => (0, Vec::new(), Some(reason)),
            Err(Unjudged::Error(reason)) => (0, vec![unread(&reason)], Some(reason)),
        };
        checks.push(ValidationCheck {
            name: check.name.to_owned(),
            family: check.family,
            severity: check.severity,
            title: check.title.to_owned(),
            says: check.says.to_owned(),
            status,
            checked,
            issues: found.len() as u64,
            reason,
            caused_by: caused_by.clone(),
        });
        issues.extend(found.into_iter().map(|one| issue(check, one, caused_by.clone())));
    }
    checks.sort_by(|a, b| (a.family, b.severity, &a.name).cmp(&(b.family, a.severity, &b.name)));
    issues.sort_by(|a, b| {
        let key = |one: &ValidationIssue| (one.caused_by.is_some(), one.check.clone());
        (key(a).0, b.status, b.severity, key(a).1).cmp(&(key(b).0, a.status, a.severity, key(b).1))
    });
    let issue_total = issues.len() as u64;
    issues.truncate(ISSUES_MAX);
    let (score, weight_run, weight_total) = score(checks.iter());
    ValidationReport {
        at,
        took_seconds: (took.as_secs_f64() * 1e3).round() / 1e3,
        status: overall(&checks),
        score,
        weight_run,
        weight_total,
        counts: counts(checks.iter()),
        families: ValidationFamily::ALL.iter().map(|one| family(*one, &checks)).collect(),
        checks,
        issues,
        issue_total,
    }
}

fn status_of(said: &Result<Judgement, Unjudged>) -> ValidationStatus {
    match said {
        Err(Unjudged::Skipped(_)) => ValidationStatus::Skipped,
        Err(Unjudged::Error(_)) => ValidationStatus::Error,
        Ok(judgement) => {
            let worst = judgement.found.iter().map(|one| one.status).max();
            let clean = if judgement.checked == 0 {
                ValidationStatus::Skipped
            } else {
                ValidationStatus::Passed
            };
            worst.unwrap_or(clean)
        }
    }
}

/// The first of a check's causes that failed or could not be made, where the check itself did.
fn cause(
    check: &Check,
    status: ValidationStatus,
    statuses: &[(&str, ValidationStatus)],
) -> Option<String> {
    if status < ValidationStatus::Warning {
        return None;
    }
    let is_bad = |cause: &str| {
        statuses.iter().any(|(name, status)| *name == cause && *status >= ValidationStatus::Failed)
    };
    check
        .causes
        .iter()
        .find(|cause| **cause != check.name && is_bad(cause))
        .map(|cause| (*cause).to_owned())
}

fn unread(reason: &str) -> Found {
    let mut found = Found::failed(
        format!("the check could not be made: {reason}"),
        "mend what the message names, then run `ubiquitous validate` again",
    );
    found.status = ValidationStatus::Error;
    found
}

fn issue(check: &Check, found: Found, caused_by: Option<String>) -> ValidationIssue {
    let Found { status, what, action, mut affected, affected_total } = found;
    affected.truncate(AFFECTED_MAX);
    ValidationIssue {
        check: check.name.to_owned(),
        severity: check.severity,
        status,
        what,
        action,
        affects: check.affects,
        affected,
        affected_total,
        caused_by,
    }
}

/// Score, weight that ran and weight of all. A consequence counts neither here nor there.
fn score<'a>(checks: impl Iterator<Item = &'a ValidationCheck>) -> (Option<f64>, u32, u32) {
    let (mut earned, mut run, mut total) = (0.0, 0, 0);
    for check in checks.filter(|check| check.caused_by.is_none()) {
        let weight = check.severity.weight();
        total += weight;
        if let Some(share) = check.status.share() {
            earned += share * f64::from(weight);
            run += weight;
        }
    }
    let is_enough = run > 0 && run * 2 >= total;
    let mean = earned / f64::from(run.max(1));
    (is_enough.then(|| (mean * 1e4).round() / 1e4), run, total)
}

fn overall(checks: &[ValidationCheck]) -> ValidationStatus {
    let roots = || checks.iter().filter(|check| check.caused_by.is_none());
    let is_lost = |check: &ValidationCheck| {
        check.severity == ValidationSeverity::Critical && check.status >= ValidationStatus::Failed
    };
    if roots().any(is_lost) {
        return ValidationStatus::Failed;
    }
    match roots().map(|check| check.status).max() {
        None | Some(ValidationStatus::Skipped) => ValidationStatus::Skipped,
        Some(ValidationStatus::Passed) => ValidationStatus::Passed,
        Some(_) => ValidationStatus::Warning,
    }
}

fn counts<'a>(checks: impl Iterator<Item = &'a ValidationCheck>) -> ValidationCounts {
    let mut counts = ValidationCounts::default();
    for check in checks {
        let place = match (&check.caused_by, check.status) {
            (Some(_), _) => &mut counts.consequence,
            (None, ValidationStatus::Skipped) => &mut counts.skipped,
            (None, ValidationStatus::Passed) => &mut counts.passed,
            (None, ValidationStatus::Warning) => &mut counts.warning,
            (None, ValidationStatus::Failed) => &mut counts.failed,
            (None, ValidationStatus::Error) => &mut counts.error,
        };
        *place += 1;
    }
    counts
}

fn family(family: ValidationFamily, checks: &[ValidationCheck]) -> ValidationFamilySummary {
    let of = || checks.iter().filter(|check| check.family == family);
    ValidationFamilySummary {
        family,
        title: family.title().to_owned(),
        score: score(of()).0,
        counts: counts(of()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::ValidationAffected;
    use super::*;
    use ValidationSeverity::{Critical, Major, Minor};

    const fn check(name: &'static str, severity: ValidationSeverity) -> Check {
        Check {
            name,
            family: ValidationFamily::Graph,
            severity,
            title: "",
            says: "",
            affects: ValidationAffected::Entity,
            causes: &["root"],
            judge: |_| Ok(Judgement { checked: 1, found: Vec::new() }),
        }
    }

    fn said(found: Vec<Found>) -> Result<Judgement, Unjudged> {
        Ok(Judgement { checked: 1, found })
    }

    fn of(judged: Vec<Judged<'_>>) -> ValidationReport {
        report(judged, Timestamp::UNIX_EPOCH, Duration::ZERO)
    }

    #[test]
    fn weights_are_as_stated() {
        let (a, b, c) = (check("a", Critical), check("b", Major), check("c", Minor));
        let failed = vec![Found::failed("", "")];
        let warned = vec![Found::warning("", "")];
        // (5 · 1.0 + 3 · 0.3 + 1 · 0.7) / 9
        let report = of(vec![(&a, said(vec![])), (&b, said(failed)), (&c, said(warned))]);
        assert_eq!(report.score, Some(0.7333));
        assert_eq!(report.status, ValidationStatus::Warning);
        // (5 · 0.0 + 3 · 1.0) / 8; what is skipped is left out, and a critical error fails the whole.
        let report = of(vec![
            (&a, Err(Unjudged::Error("down".into()))),
            (&b, said(vec![])),
            (&c, Err(Unjudged::Skipped("none".into()))),
        ]);
        assert_eq!((report.score, report.weight_run, report.weight_total), (Some(0.375), 8, 9));
        assert_eq!(report.status, ValidationStatus::Failed);
        assert_eq!(report.counts.skipped, 1);
    }

    #[test]
    fn there_is_no_score_when_under_half_of_the_weight_ran() {
        let (a, b) = (check("a", Critical), check("b", Major));
        let skipped = || Err(Unjudged::Skipped("none".into()));
        assert_eq!(of(vec![(&a, skipped()), (&b, said(vec![]))]).score, None);
        assert_eq!(of(vec![(&a, said(vec![])), (&b, skipped())]).score, Some(1.0));
        assert_eq!(of(vec![(&a, skipped())]).status, ValidationStatus::Skipped);
    }

    #[test]
    fn a_consequence_names_its_cause_and_is_not_counted() {
        let (root, other) = (check("root", Major), check("other", Critical));
        let report = of(vec![
            (&other, Err(Unjudged::Error("no table".into()))),
            (&root, said(vec![Found::failed("a table is missing", "migrate")])),
        ]);
        assert_eq!(report.checks[0].caused_by.as_deref(), Some("root"));
        assert_eq!((report.score, report.counts.consequence), (Some(0.3), 1));
        assert_eq!(report.status, ValidationStatus::Warning);
        let order: Vec<&str> = report.issues.iter().map(|one| one.check.as_str()).collect();
        assert_eq!(order, ["root", "other"]);
    }
}
