//! How long it takes to mend, and whether targets are kept. What is open still lasts at least so long:
//! the medians are of Kaplan and Meier, with open, suppressed and gone findings as censored.

use model::absence::Absence;
use model::measure::Measure;
use model::time::{Micros, Window};

use super::item::{Item, due};
use super::params::SecurityEventsParams;
use super::shape::{FindingSeverity, RemediationTarget, RemediationTime};
use super::summary::SEVERITIES;
use crate::finding::Episode;
use crate::series::kaplan_meier::{Lifetime, median_lifetime};

/// One finding's stretch of time.
type Stretch<'a> = (&'a Item, Episode);

/// Times to remediate of the findings that appeared in a window, by severity and of all.
pub(super) fn times(items: &[Item], window: Window, at: Micros) -> Vec<RemediationTime> {
    let all: Vec<Stretch<'_>> =
        stretches(items).filter(|(_, one)| within(window, one.from)).collect();
    let severities = SEVERITIES.iter().map(|one| Some(*one)).chain([None]);
    severities
        .map(|severity| {
            let of: Vec<Stretch<'_>> = all
                .iter()
                .filter(|(item, _)| severity.is_none_or(|one| item.severity == one))
                .copied()
                .collect();
            time(severity, &of, at)
        })
        .collect()
}

fn stretches(items: &[Item]) -> impl Iterator<Item = Stretch<'_>> {
    items.iter().flat_map(|item| item.finding.episodes.iter().map(move |one| (item, *one)))
}

fn within(window: Window, at: Micros) -> bool {
    let (from, to) = window.micros();
    from <= at && at < to
}

fn time(severity: Option<FindingSeverity>, of: &[Stretch<'_>], at: Micros) -> RemediationTime {
    let lifetime = |from: Micros, episode: &Episode| Lifetime {
        duration: episode.until.unwrap_or(at).0.saturating_sub(from.0).max(0) as f64 / 1e6,
        has_ended: episode.until.is_some(),
    };
    let lives: Vec<Lifetime> = of.iter().map(|(_, one)| lifetime(one.from, one)).collect();
    // From the day a fix existed; what was mended before one was known began with its fix.
    let since_fix: Vec<Lifetime> = of
        .iter()
        .filter_map(|(item, one)| {
            let from = item.finding.fix_since?.max(one.from);
            one.until.is_none_or(|until| from <= until).then(|| lifetime(from, one))
        })
        .collect();
    let mut ended: Vec<f64> =
        lives.iter().filter(|one| one.has_ended).map(|one| one.duration).collect();
    ended.sort_by(f64::total_cmp);
    let held = median_lifetime(&lives);
    let measured = |lives: &[Lifetime]| match median_lifetime(lives) {
        Ok(median) => Measure::new(median.median, "s").of(median.n as u64),
        Err(why) => Measure::absent("s", why).of(lives.len() as u64),
    };
    let fixed = ended.len() as u64;
    let of_fixed = |value: Option<f64>| match value {
        Some(value) => Measure::new(value, "s").of(fixed),
        None => Measure::absent("s", Absence::TooLittleData.because("too few, n = 0")).of(0),
    };
    RemediationTime {
        severity,
        appeared: lives.len() as u64,
        fixed,
        censored: lives.len() as u64 - fixed,
        median: measured(&lives),
        median_interval: held.ok().map(|median| [median.low, median.high]),
        median_since_fix: measured(&since_fix),
        mean_fixed: of_fixed(
            (!ended.is_empty()).then(|| ended.iter().sum::<f64>() / ended.len() as f64),
        ),
        median_fixed: of_fixed(middle(&ended)),
    }
}

/// The middle of sorted values; of two the mean.
fn middle(sorted: &[f64]) -> Option<f64> {
    let (low, high) =
        (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

/// How the targets are kept: one for each severity that has one, then that of the list of known
/// exploited weaknesses.
pub(super) fn targets(
    params: &SecurityEventsParams,
    items: &[Item],
    window: Window,
    at: Micros,
) -> Vec<RemediationTarget> {
    let severities = SEVERITIES.iter().filter(|one| params.days(**one).is_some());
    let mut all: Vec<RemediationTarget> = severities
        .map(|severity| {
            let name = match severity {
                FindingSeverity::Critical => "critical",
                FindingSeverity::High => "high",
                FindingSeverity::Medium => "medium",
                _ => "low",
            };
            let holds = |item: &Item, by: &str| by == "severity" && item.severity == *severity;
            target(params, (name, params.days(*severity)), items, &holds, (window, at))
        })
        .collect();
    let holds = |_: &Item, by: &str| by == "known_exploited";
    all.push(target(params, ("known_exploited", None), items, &holds, (window, at)));
    all
}

fn target(
    params: &SecurityEventsParams,
    (name, days): (&str, Option<u32>),
    items: &[Item],
    holds: &dyn Fn(&Item, &str) -> bool,
    (window, at): (Window, Micros),
) -> RemediationTarget {
    let (mut open, mut overdue, mut due_soon, mut in_time, mut late) = (0, 0, 0, 0, 0);
    for (item, episode) in stretches(items) {
        let due = due(params, item.exploited.as_ref(), item.severity, episode.from);
        let Some((due, _)) = due.filter(|(_, by)| holds(item, by)) else { continue };
        match episode.until {
            None if item.is_open() => {
                open += 1;
                overdue += u64::from(at > due);
                due_soon += u64::from(at <= due && due <= at.plus(7 * Micros::DAY));
            }
            Some(until) if within(window, until) => {
                in_time += u64::from(until <= due);
                late += u64::from(until > due);
            }
            _ => {}
        }
    }
    let settled = in_time + late + overdue;
    let kept = match settled {
        0 => Measure::absent("1", Absence::NoData).of(0),
        all => Measure::new(in_time as f64 / all as f64, "1").of(all),
    };
    RemediationTarget {
        target: name.to_owned(),
        days,
        open,
        overdue,
        due_soon,
        fixed_in_time: in_time,
        fixed_late: late,
        kept,
    }
}
