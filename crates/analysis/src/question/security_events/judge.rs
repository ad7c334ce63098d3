//! From facts to the answer, pure.

use std::collections::{BTreeMap, BTreeSet};

use model::envelope::{AnswerWindow, ChosenBy, Coverage, StoreFreshness, Warning};
use model::time::{Micros, Window, WindowParam};

use super::exposure::Exposures;
use super::fetch::SecurityFacts;
use super::group::groups;
use super::item::{self, Item};
use super::params::{SecurityEventsParams, SecurityGrouping};
use super::place::{Concerned, Places};
use super::record::{incidents, lists, scans};
use super::shape::{ExploitLikelihoodFact, FindingState, SecurityEventsAnswer, SuppressedFinding};
use super::{remedy, summary, trend};
use crate::ask::AskError;
use crate::decision::Decisions;
use crate::finding::alias::Aliases;
use crate::finding::life::findings;
use crate::finding::{Finding, exclusion};
use crate::param::{Text, window_ending};
use crate::question::Draft;
use crate::question::critical_paths::is_in;

/// Longest time that is covered unless another is asked for: five years.
const WINDOW_MAX: i64 = 5 * 366 * Micros::DAY;

/// Most groups, scans and suppressed findings that are listed.
const LISTED_MAX: usize = 500;

/// Judges the facts.
pub(super) fn judged(
    params: &SecurityEventsParams,
    facts: &SecurityFacts,
) -> Result<Draft<SecurityEventsAnswer>, AskError> {
    let at = facts.at;
    let items = items(params, facts);
    let (window, moved) = window(params, &items, at);
    let past = past(facts);
    let listed: Vec<&Item> = items.iter().filter(|one| params.state.contains(&one.state)).collect();
    let limit = params.limit.unwrap_or(1) as usize;
    let page: Vec<&&Item> = listed.iter().skip(params.skipped()).take(limit).collect();
    let by = params.group_by.unwrap_or_default();
    let mut answer = SecurityEventsAnswer {
        summary: summary::summary(&items, at),
        findings: page.iter().map(|one| item::shown(facts, one)).collect(),
        group_by: by,
        groups: groups(&items, by, &facts.estate, at),
        trend: trend::trend(&items, window.window(), params.step, &past),
        remediation: remedy::times(&items, window.window(), at),
        targets: remedy::targets(params, &items, window.window(), at),
        suppressed: items.iter().filter_map(suppressed).collect(),
        incidents: incidents(facts, &items, window.window()),
        scans: scans(facts, &items),
        lists: lists(facts),
    };
    let mut truncated = BTreeMap::new();
    cut("groups", &mut answer.groups, &mut truncated);
    cut("suppressed", &mut answer.suppressed, &mut truncated);
    cut("incidents", &mut answer.incidents, &mut truncated);
    cut("scans", &mut answer.scans, &mut truncated);
    let seen = params.skipped() + page.len();
    if seen < listed.len() || params.skipped() > 0 {
        truncated.insert("findings".to_owned(), listed.len() as u64);
    }
    let next = (seen < listed.len() && !page.is_empty()).then(|| seen.to_string());
    let mut draft = Draft::new(answer, at);
    (draft.truncated, draft.next, draft.window) = (truncated, next, Some(window));
    draft.warnings = warnings(facts, &items, moved, by);
    draft.stores = vec![
        StoreFreshness::of("topology", facts.estate.facts.version),
        StoreFreshness::of("telemetry", facts.version),
    ];
    draft.coverage = coverage(&items);
    draft.tables = draft.answer.tables();
    Ok(draft)
}

/// The findings asked for with what is judged of each, the worst first.
pub(super) fn items(params: &SecurityEventsParams, facts: &SecurityFacts) -> Vec<Item> {
    let (all, aliases) = findings(&facts.known, facts.at);
    let held = Decisions::at(&facts.decisions, facts.at);
    let places = Places::new(facts);
    let exposures = Exposures::new(&facts.estate);
    let mut items: Vec<Item> = all
        .into_iter()
        .filter_map(|finding| {
            let concerned = places.of(&finding.key);
            is_asked(params, facts, &finding, &concerned, &aliases)
                .then(|| judge(params, facts, (&held, &aliases), finding, concerned, &exposures))
        })
        .filter(|item| is_wanted(params, item))
        .collect();
    items.sort_by_cached_key(Item::rank);
    items
}

/// Whether a finding concerns what was asked about, and is the viewer's to see.
fn is_asked(
    params: &SecurityEventsParams,
    facts: &SecurityFacts,
    finding: &Finding,
    concerned: &Concerned,
    aliases: &Aliases,
) -> bool {
    let estate = &facts.estate;
    let mut visible = concerned.ordinals.iter().filter(|one| !estate.is_outside(**one)).peekable();
    if facts.is_scoped && visible.peek().is_none() {
        return false;
    }
    let place = params.place();
    let is_narrowed = !place.is_everywhere() || !facts.units.is_empty();
    if is_narrowed && !visible.any(|one| is_in(estate.entity(*one), &place, &facts.units)) {
        return false;
    }
    if let Some((ordinals, targets)) = &facts.asked {
        let is_named = targets.contains(&finding.key.target);
        if !is_named && !concerned.ordinals.iter().any(|one| ordinals.contains(one)) {
            return false;
        }
    }
    let any =
        |asked: &[String], is: &dyn Fn(&String) -> bool| asked.is_empty() || asked.iter().any(is);
    any(&params.weakness, &|name| {
        aliases.canonical(name) == finding.key.weakness || finding.aliases.contains(name)
    }) && any(&params.kind, &|kind| *kind == finding.item.kind)
        && any(&params.scanner, &|name| finding.scanners.contains(name))
}

fn judge(
    params: &SecurityEventsParams,
    facts: &SecurityFacts,
    (held, aliases): (&Decisions, &Aliases),
    finding: Finding,
    concerned: Concerned,
    exposures: &Exposures<'_>,
) -> Item {
    let said = exclusion::about(&facts.said, &finding, aliases);
    let suppression = item::suppression(held, &finding, &said, facts.at);
    let severity = item::severity_of(&finding.item.severity);
    let names = || std::iter::once(&finding.key.weakness).chain(&finding.aliases);
    let exploited = names().find_map(|name| facts.exploited.get(name)).cloned();
    let likelihood = names().find_map(|name| facts.likelihood.get(name));
    let likelihood = likelihood.map(|(probability, percentile, scored)| ExploitLikelihoodFact {
        probability: *probability,
        percentile: *percentile,
        scored: scored.map(Micros::timestamp),
    });
    let since = finding.episodes.last().map_or(finding.first_seen(), |one| one.from);
    Item {
        state: item::state(&finding, suppression.is_some(), concerned.is_gone),
        due: item::due(params, exploited.as_ref(), severity, since),
        exposure: exposures.of(&concerned.ordinals),
        said,
        suppression,
        severity,
        exploited,
        likelihood,
        concerned,
        finding,
    }
}

fn is_wanted(params: &SecurityEventsParams, item: &Item) -> bool {
    let is = |asked: Option<bool>, holds: bool| asked.is_none_or(|asked| asked == holds);
    (params.severity.is_empty() || params.severity.contains(&item.severity))
        && is(params.known_exploited, item.exploited.is_some())
        && is(params.fix_available, item.finding.fixed_version.is_some())
        && is(params.exposed, item.is_exposed())
}

/// Whether a finding was suppressed at an instant of the past.
fn past(facts: &SecurityFacts) -> impl Fn(&Item, Micros) -> bool + use<'_> {
    let decided: BTreeSet<String> =
        facts.decisions.iter().map(|one| one.target.to_string()).collect();
    move |item: &Item, at: Micros| {
        let target = format!("finding:{}", item::id_of(&item.finding.key));
        let is_dismissed = decided.contains(&target) && {
            let held = Decisions::at(&facts.decisions, at);
            let why = item::suppression(&held, &item.finding, &[], at);
            why.is_some_and(|one| one.by == "dismissal")
        };
        is_dismissed || exclusion::in_force(&item.said, at).is_some()
    }
}

/// The time covered: everything held, at most five years; it ends where the newest scan is when that is
/// older.
fn window(
    params: &SecurityEventsParams,
    items: &[Item],
    at: Micros,
) -> (AnswerWindow, Option<Micros>) {
    let first = items.iter().map(|one| one.finding.first_seen()).min().unwrap_or(at);
    let newest = items.iter().map(|one| one.finding.last_seen).max().unwrap_or(at);
    let whole = |end: Micros, from: Micros| Window {
        from: from.min(end).timestamp(),
        to: end.plus(1).timestamp(),
    };
    let (window, chosen_by, moved) = match &params.window {
        Some(Text(WindowParam::Range(window))) => (*window, ChosenBy::Request, None),
        Some(Text(WindowParam::Last(micros))) => {
            (window_ending(at.plus(1), *micros), ChosenBy::Request, None)
        }
        Some(Text(WindowParam::All)) => (whole(at, first), ChosenBy::All, None),
        None if newest < at.plus(-WINDOW_MAX) => {
            let from = first.max(newest.plus(-WINDOW_MAX));
            (whole(newest, from), ChosenBy::NewestData, Some(newest))
        }
        None => (whole(at, first.max(at.plus(-WINDOW_MAX))), ChosenBy::Default, None),
    };
    (AnswerWindow { from: window.from, to: window.to, chosen_by }, moved)
}

fn suppressed(item: &Item) -> Option<SuppressedFinding> {
    if item.state != FindingState::Suppressed {
        return None;
    }
    let key = &item.finding.key;
    Some(SuppressedFinding {
        id: format!("finding:{}", item::id_of(key)),
        weakness: key.weakness.clone(),
        severity: item.severity,
        part: key.part.clone(),
        target: key.target.clone(),
        suppression: item.suppression.clone()?,
    })
}

/// Keeps the first rows of a list, and says how many there were.
fn cut<T>(name: &str, rows: &mut Vec<T>, truncated: &mut BTreeMap<String, u64>) {
    if rows.len() > LISTED_MAX {
        truncated.insert(name.to_owned(), rows.len() as u64);
        rows.truncate(LISTED_MAX);
    }
}

fn coverage(items: &[Item]) -> BTreeMap<String, Coverage> {
    let open: Vec<&Item> = items.iter().filter(|one| one.is_open()).collect();
    let of = |holds: &dyn Fn(&Item) -> bool| {
        let with = open.iter().filter(|one| holds(one)).count() as u64;
        Coverage::new(with, open.len() as u64)
    };
    [
        ("owner".to_owned(), of(&|one| !one.concerned.owners.is_empty())),
        ("in_the_estate".to_owned(), of(&|one| !one.concerned.ordinals.is_empty())),
        ("exploit_likelihood".to_owned(), of(&|one| one.likelihood.is_some())),
    ]
    .into()
}

fn warnings(
    facts: &SecurityFacts,
    items: &[Item],
    moved: Option<Micros>,
    by: SecurityGrouping,
) -> Vec<Warning> {
    let mut all = Vec::new();
    if let Some(newest) = moved {
        let message = format!(
            "the newest scan is of {newest}, more than five years before {}; trend and times end \
             there, the findings stand as of {}",
            facts.at, facts.at
        );
        all.push(Warning::new("newest_data", message));
    }
    if facts.exploited.is_empty() && !items.is_empty() {
        let message = "no list of known exploited weaknesses is held; ingest KEV";
        all.push(Warning::new("no_known_exploited_list", message));
    }
    let shared = items.iter().filter(|one| one.is_open() && one.concerned.owners.len() > 1).count();
    if shared > 0 && by == SecurityGrouping::Owner {
        let message = format!("{shared} findings concern several owners and count for each");
        all.push(Warning::new("several_owners", message));
    }
    let partial = facts.known.reports.iter().any(|one| !one.is_complete && one.at <= facts.at);
    if partial {
        let message = "some scans do not say what they scanned, or failed; they fix nothing";
        all.push(Warning::new("partial_scans", message));
    }
    all
}

#[cfg(test)]
mod tests;
