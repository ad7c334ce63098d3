//! From facts to the answer of `business_value`, pure.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::Absence;
use model::envelope::{AnswerWindow, Coverage, StoreFreshness, Warning};
use model::kind::{EntityKind, RelationKind};
use model::money::Amount;
use model::seam::Version;
use model::time::{Micros, Window};

use super::added_up::{Value, values};
use super::compare::{Compared, Frame, change_of, sum_of, trend_of};
use super::cost::SubjectCosts;
use super::fetch::Facts;
use super::params::{BusinessValueParams, ValueStep};
use super::period::{day_of, spans, start_of};
use super::request::Entries;
use super::saving::savings;
use super::shape::{
    AutomationHours, BusinessValueAnswer, ValueAutomation, ValueMetric, ValueSubject,
};
use crate::ask::AskError;
use crate::estate::Estate;
use crate::question::Draft;
use crate::value::{
    HarmScope, ValueAssumption, ValueDowntime, ValueSeries, products_of, value_downtime,
};

/// Windows of up to this many days are cut into days unless asked otherwise.
const DAILY_MAX: i64 = 35;

/// Kinds that are shown whether or not they have a value metric.
const UNITS: [EntityKind; 4] =
    [EntityKind::Organisation, EntityKind::BusinessUnit, EntityKind::Team, EntityKind::Product];

/// Values by subject, and by metric and currency.
type Values = BTreeMap<u32, BTreeMap<(String, Option<String>), Value>>;

/// Judges the facts.
pub(super) fn judged(
    params: &BusinessValueParams,
    facts: &Facts,
) -> Result<Draft<BusinessValueAnswer>, AskError> {
    let (window, chosen_by) = facts.window;
    let (from, to) = window.micros();
    let days = (day_of(from.plus(Micros::DAY - 1)), day_of(to));
    let automatic = if days.1 - days.0 <= DAILY_MAX { ValueStep::Day } else { ValueStep::Month };
    let costs = SubjectCosts::new(
        &facts.costs,
        &facts.dimensions,
        &facts.rules,
        &facts.tree,
        &facts.book.series,
    );
    let frame = Frame {
        costs: &costs,
        billed: compared_days(facts.billed, days),
        has_place: params.has_place(),
        step: params.step.unwrap_or(automatic),
        today: day_of(facts.now),
    };
    let stated: Vec<ValueSeries> = chosen(params, facts);
    let values = values(&facts.estate, &stated);
    let mut subjects = subjects(facts, &frame, &values, days)?;
    let mut draft = Draft::new((), facts.now);
    let limit = params.limit.unwrap_or(50) as usize;
    if subjects.len() > limit {
        draft.truncated.insert("subjects".into(), subjects.len() as u64);
        subjects.truncate(limit);
    }
    if facts.done_cut > 0 {
        let all = facts.done.len() as u64 + facts.done_cut;
        draft.truncated.insert("savings.realised".into(), all);
    }
    let scope = HarmScope {
        window: facts.window.0,
        now: facts.now,
        is_meant: &|_| true,
        is_asked: &|one| is_asked(facts, one),
        is_everything: facts.asked.is_none(),
    };
    let downtime = value_downtime(&facts.book, &facts.estate, &facts.incidents, scope);
    let answer = BusinessValueAnswer {
        step: frame.step,
        requests: requests(facts, &values, days),
        savings: savings(&facts.done),
        automation: automation(&stated, days)?,
        unowned: costs.unowned(days)?,
        compared: frame.billed.map(|(from, to)| Window {
            from: start_of(from).timestamp(),
            to: start_of(to).timestamp(),
        }),
        assumptions: assumptions(facts, &stated, &downtime, &values),
        subjects,
        downtime,
    };
    draft.window = Some(AnswerWindow { from: window.from, to: window.to, chosen_by });
    draft.stores = vec![
        StoreFreshness::of("topology", facts.estate.facts.version),
        StoreFreshness::of("telemetry", newer(facts.charges, facts.values)),
    ];
    draft.coverage = coverage(&answer);
    draft.warnings = warnings(facts, &answer);
    let tables = answer.tables();
    let mut draft = draft.with(answer);
    draft.tables = tables;
    Ok(draft)
}

/// The version with the higher number.
fn newer(one: Version, other: Version) -> Version {
    if one.number >= other.number { one } else { other }
}

/// Days of the window that are billed.
fn compared_days(billed: Option<(i64, i64)>, days: (i64, i64)) -> Option<(i64, i64)> {
    let (from, to) = billed?;
    Some((from.max(days.0), to.min(days.1))).filter(|(from, to)| from < to)
}

/// The series that are asked for.
fn chosen(params: &BusinessValueParams, facts: &Facts) -> Vec<ValueSeries> {
    let is_asked =
        |one: &&ValueSeries| params.metric.is_empty() || params.metric.contains(&one.metric);
    let all = facts.book.series.iter().filter(is_asked);
    let sees = |one: &&ValueSeries| {
        facts.estate.find(&one.of).is_some_and(|ordinal| !facts.estate.is_outside(ordinal))
    };
    all.filter(sees).cloned().collect()
}

/// Whether something is asked about.
pub(super) fn is_asked(facts: &Facts, ordinal: u32) -> bool {
    let entity = facts.estate.entity(ordinal);
    let Some(asked) = &facts.asked else { return true };
    let of = [entity.application.as_deref(), entity.owner.as_deref()];
    asked.contains(&ordinal)
        || of
            .into_iter()
            .flatten()
            .filter_map(|id| facts.estate.find(id))
            .any(|one| asked.contains(&one))
}

fn subjects(
    facts: &Facts,
    frame: &Frame<'_>,
    values: &Values,
    days: (i64, i64),
) -> Result<Vec<ValueSubject>, AskError> {
    let estate = &facts.estate;
    let units = UNITS.iter().flat_map(|kind| estate.of_kind(*kind));
    let all: BTreeSet<u32> = units
        .chain(values.keys().copied())
        .filter(|one| !estate.is_outside(*one) && is_asked(facts, *one))
        .collect();
    let mut found: Vec<(bool, Amount, ValueSubject)> = Vec::new();
    for one in all {
        let subject = subject(frame, estate, one, values.get(&one), days)?;
        let weight = subject.costs.iter().filter_map(|cost| cost.amount).max().unwrap_or_default();
        found.push((!subject.metrics.is_empty(), weight, subject));
    }
    found.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then_with(|| a.2.id.cmp(&b.2.id)));
    Ok(found.into_iter().map(|(.., subject)| subject).collect())
}

fn subject(
    frame: &Frame<'_>,
    estate: &Estate,
    ordinal: u32,
    values: Option<&BTreeMap<(String, Option<String>), Value>>,
    days: (i64, i64),
) -> Result<ValueSubject, AskError> {
    let entity = estate.entity(ordinal);
    let is_entry = entity.kind == EntityKind::Service;
    let costs = match is_entry {
        true => Vec::new(),
        false => frame.costs.over(&entity.id, &[days])?,
    };
    let mut metrics = Vec::new();
    for value in values.into_iter().flat_map(BTreeMap::values) {
        metrics.extend(metric(frame, value, days)?);
    }
    let above = [RelationKind::Owns, RelationKind::HasPart, RelationKind::Contains];
    let parent = above.iter().find_map(|kind| estate.near(ordinal, *kind).next());
    let parent = parent.filter(|one| !estate.is_outside(*one));
    let cost_reason = if is_entry { Absence::NotCollected } else { Absence::NoData };
    Ok(ValueSubject {
        id: entity.id.clone(),
        kind: entity.kind,
        name: entity.name.clone(),
        parent: parent.map(|one| estate.entity(one).id.clone()),
        cost_reason: costs.is_empty().then_some(cost_reason),
        costs,
        metrics_reason: metrics.is_empty().then_some(Absence::NotConfigured),
        metrics,
    })
}

/// A metric in the window; `None` when no value lies whole in it.
fn metric(
    frame: &Frame<'_>,
    value: &Value,
    days: (i64, i64),
) -> Result<Option<ValueMetric>, AskError> {
    let series = &value.series;
    let spans = spans(series, days);
    if spans.is_empty() {
        return Ok(None);
    }
    let compared = Compared { frame, series };
    let periods = compared.periods(&spans)?;
    Ok(Some(ValueMetric {
        metric: series.metric.clone(),
        currency: series.currency.clone(),
        value_unit: series.unit.clone(),
        source: series.source.clone(),
        others: series.others.clone(),
        observed_at: series.observed_at,
        added_up_from: value.from.clone(),
        value: sum_of(&spans)?,
        days: spans.iter().map(super::period::Span::days).sum(),
        compared: compared.comparison(&spans)?,
        change: change_of(&periods),
        trend: trend_of(&periods),
        periods,
    }))
}

fn requests(
    facts: &Facts,
    values: &Values,
    days: (i64, i64),
) -> Vec<super::shape::ValuePerRequest> {
    let entries = Entries {
        estate: &facts.estate,
        services: &facts.entries,
        requests: &facts.requests,
        outside: &facts.outside,
        days,
    };
    let mut all = entries.per_request(values);
    all.retain(|one| facts.estate.find(&one.entry).is_some_and(|entry| is_asked(facts, entry)));
    all
}

/// Hours that automation saved, as stated with a source.
fn automation(stated: &[ValueSeries], days: (i64, i64)) -> Result<ValueAutomation, AskError> {
    let is_hours = |series: &&ValueSeries| {
        let name = series.metric.to_lowercase();
        series.currency.is_none() && name.contains("automat") && name.contains("hour")
    };
    let mut metrics = Vec::new();
    for series in stated.iter().filter(is_hours) {
        let spans = spans(series, days);
        if spans.is_empty() {
            continue;
        }
        let hours = if series.is_sourced { Some(sum_of(&spans)?) } else { None };
        metrics.push(AutomationHours {
            metric: series.metric.clone(),
            of: series.of.clone(),
            reason: hours.is_none().then_some(Absence::NoData),
            hours,
            source: series.is_sourced.then(|| series.source.clone()),
        });
    }
    let reason = metrics.is_empty().then_some(Absence::NotConfigured);
    Ok(ValueAutomation { metrics, reason })
}

/// Everything that figures take for granted.
fn assumptions(
    facts: &Facts,
    stated: &[ValueSeries],
    downtime: &[ValueDowntime],
    values: &Values,
) -> Vec<ValueAssumption> {
    let mut all: BTreeSet<ValueAssumption> = BTreeSet::new();
    all.extend(stated.iter().flat_map(|series| series.splits.iter().cloned()));
    all.extend(downtime.iter().flat_map(|one| one.cost.assumptions.iter().cloned()));
    let estate = &facts.estate;
    for product in values.keys().filter(|one| estate.entity(**one).kind == EntityKind::Product) {
        for part in estate.far(*product, RelationKind::HasPart) {
            let relation = estate.from(*product).iter().find(|one| one.to == part);
            let shares = products_of(estate, part);
            let Some(share) = shares.iter().find(|one| one.product == *product) else { continue };
            let is_whole = share.share.0 == Amount::ONE;
            if is_whole && !share.is_stated {
                continue;
            }
            let source = relation.and_then(|one| one.sources.first()).cloned();
            let seen = relation.and_then(|one| one.last_seen);
            all.insert(ValueAssumption {
                name: "product_share".to_owned(),
                of: Some(estate.entity(part).id.clone()),
                value: share.share.to_string(),
                unit: "1".to_owned(),
                set_by: source.filter(|_| share.is_stated).unwrap_or_else(|| "default".into()),
                set_at: seen.filter(|_| share.is_stated),
                note: format!("part of its cost that {} gets", estate.entity(*product).id),
            });
        }
    }
    for (service, share) in &facts.outside {
        if facts.entries.contains(service) {
            all.insert(ValueAssumption {
                name: "outside_share".to_owned(),
                of: Some(estate.entity(*service).id.clone()),
                value: format!("{share:.4}"),
                unit: "1".to_owned(),
                set_by: "traces".to_owned(),
                set_at: Some(facts.now),
                note: "part of its requests that comes from outside, by traces".to_owned(),
            });
        }
    }
    all.into_iter().collect()
}

fn coverage(answer: &BusinessValueAnswer) -> BTreeMap<String, Coverage> {
    let all = answer.subjects.len() as u64;
    let count = |has: &dyn Fn(&ValueSubject) -> bool| {
        answer.subjects.iter().filter(|one| has(one)).count() as u64
    };
    BTreeMap::from([
        ("value".to_owned(), Coverage::new(count(&|one| !one.metrics.is_empty()), all)),
        ("cost".to_owned(), Coverage::new(count(&|one| !one.costs.is_empty()), all)),
    ])
}

fn warnings(facts: &Facts, answer: &BusinessValueAnswer) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some((asked, newest)) = facts.moved {
        let message = format!(
            "no value and no charge up to {asked}; the window ends at {newest}, the newest"
        );
        warnings.push(Warning::new("newest_data", message));
    }
    if facts.book.series.is_empty() {
        let message = "no value metric is stated; see docs/formats/organisation.md";
        warnings.push(Warning::new("no_values", message));
    }
    if answer.compared.is_none() {
        let message = "no settled charge lies in the window, so that nothing is compared with cost";
        warnings.push(Warning::new("no_charges", message));
    }
    let without: u64 = facts.costs.iter().map(|row| row.rows.saturating_sub(row.sums[1].1)).sum();
    if without > 0 {
        let message = format!("{without} charges have no effective cost and are in no figure");
        warnings.push(Warning::new("missing_basis", message));
    }
    if !answer.unowned.is_empty() {
        let amounts: Vec<String> = answer
            .unowned
            .iter()
            .filter_map(|one| Some(format!("{:.2} {}", one.amount?.to_f64(), one.currency)))
            .collect();
        let message = format!("{} of cost are borne by no unit", amounts.join(" and "));
        warnings.push(Warning::new("unowned_cost", message));
    }
    let overlapping: u64 = facts.book.series.iter().map(|series| series.overlapping).sum();
    if overlapping > 0 {
        let message = format!("{overlapping} values overlap others of their source and count once");
        warnings.push(Warning::new("overlapping_values", message));
    }
    warnings
}
