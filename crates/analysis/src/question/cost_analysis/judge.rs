//! From sums to the answer of `cost_analysis`, pure.

use std::collections::BTreeMap;

use model::envelope::{Coverage, StoreFreshness, Warning};
use model::fact::{CostRow, CostStep};
use model::money::{Amount, Basis};
use model::time::Micros;

use super::days::{DailyFacts, days_of};
use super::dimension::DimensionParam;
use super::fetch::{CostFacts, answer_window, extent};
use super::mover::movers_of;
use super::params::CostAnalysisParams;
use super::shape::{
    CategoryCost, CostAnalysisAnswer, CostGroup, CostPoint, CurrencyCost, NotCounted, Provisional,
    Unattributed, UntaggedCost,
};
use super::sum::{Sum, plus};
use crate::ask::AskError;
use crate::question::Draft;
use crate::spend::PROVISIONAL;

/// Charges that ended longer ago than this are settled, however new they are of their provider.
const SETTLED: i64 = 14 * Micros::DAY;

/// Most deliveries that are listed.
const BILLS_MAX: usize = 200;

/// Values of the dimensions.
pub(super) type Values = Vec<Option<String>>;

/// What holds for every currency.
pub(super) struct Frame {
    pub basis: Basis,
    pub step: CostStep,
    pub top: usize,
    pub now: Micros,
    /// Start and end of the window, as far as it is bounded.
    pub window: Option<(Micros, Micros)>,
    /// Earliest start and latest end of all charges held.
    pub held: Option<(Micros, Micros)>,
    pub provisional_from: Option<Micros>,
}

/// Judges the facts.
pub(super) fn judged(
    params: &CostAnalysisParams,
    facts: &CostFacts,
    now: Micros,
) -> Result<Draft<CostAnalysisAnswer>, AskError> {
    let provisional = provisional_of(&facts.held, now);
    let frame = Frame {
        basis: params.basis.unwrap_or(Basis::Effective),
        step: facts.step.unwrap_or(CostStep::Month),
        top: params.top.unwrap_or(10) as usize,
        now,
        window: facts.window.map(|window| window.micros()),
        held: extent(&facts.held),
        provisional_from: provisional.iter().map(|one| one.from).min(),
    };
    let mut names: Vec<&str> = facts.groups.iter().map(|row| row.currency.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let currencies: Vec<CurrencyCost> = names
        .iter()
        .map(|name| currency_of(params, facts, &frame, name))
        .collect::<Result<_, _>>()?;
    let (counted, others): (Vec<_>, Vec<_>) =
        facts.bills.iter().cloned().partition(|bill| bill.state == "counted");
    let mut answer = CostAnalysisAnswer {
        basis: frame.basis,
        period: params.period.unwrap_or_default(),
        dimensions: params.by.iter().map(|one| one.0.to_string()).collect(),
        step: frame.step,
        currencies,
        not_counted: others.into_iter().map(not_counted).collect(),
        counted,
        provisional_from: frame.provisional_from,
        provisional,
    };
    let mut draft = Draft::new((), now);
    cut_bills(&mut answer, &mut draft.truncated);
    draft.window = answer_window(facts);
    draft.stores = vec![StoreFreshness::of("telemetry", facts.version)];
    draft.coverage = coverage_of(facts, frame.basis)?;
    draft.warnings = warnings_of(facts, &answer, &frame);
    let tables = answer.tables();
    let mut draft = draft.with(answer);
    draft.tables = tables;
    Ok(draft)
}

/// From when the charges of each provider may still change.
fn provisional_of(held: &[CostRow], now: Micros) -> Vec<Provisional> {
    let mut newest: BTreeMap<String, Micros> = BTreeMap::new();
    for row in held {
        let provider = row.values.first().cloned().flatten().unwrap_or_default();
        let last = newest.entry(provider).or_insert(row.last);
        *last = row.last.max(*last);
    }
    newest
        .into_iter()
        .map(|(provider, last)| (provider, last.min(now)))
        .filter(|(_, last)| *last > now.plus(-SETTLED))
        .map(|(provider, last)| Provisional { provider, from: last.plus(-PROVISIONAL) })
        .collect()
}

fn cut_bills(answer: &mut CostAnalysisAnswer, truncated: &mut BTreeMap<String, u64>) {
    if answer.counted.len() > BILLS_MAX {
        truncated.insert("counted".into(), answer.counted.len() as u64);
        answer.counted.truncate(BILLS_MAX);
    }
    if answer.not_counted.len() > BILLS_MAX {
        truncated.insert("not_counted".into(), answer.not_counted.len() as u64);
        answer.not_counted.truncate(BILLS_MAX);
    }
}

fn not_counted(bill: model::fact::BillFact) -> NotCounted {
    let by_state = match bill.state.as_str() {
        "superseded" => "a newer delivery of the same account and period replaces it",
        "held" => "far fewer rows or days than the delivery before; waits for a decision",
        "other_format" => "another format covers the same account and period",
        _ => "does not count",
    };
    let reason = bill.reason.clone().unwrap_or_else(|| by_state.to_owned());
    NotCounted { bill, reason }
}

fn of_currency<'a>(rows: &'a [CostRow], name: &'a str) -> impl Iterator<Item = &'a CostRow> {
    rows.iter().filter(move |row| row.currency == name)
}

fn currency_of(
    params: &CostAnalysisParams,
    facts: &CostFacts,
    frame: &Frame,
    name: &str,
) -> Result<CurrencyCost, AskError> {
    // Not from the groups: an application's rows may be in several products.
    let total = Sum::of(of_currency(&facts.categories, name))?;
    let mut categories = Vec::new();
    for (values, sum) in by_values(of_currency(&facts.categories, name))? {
        let category = values.into_iter().next().flatten().unwrap_or_default();
        categories.push(CategoryCost { category, costs: sum.costs(name) });
    }
    let ranked = ranked(by_values(of_currency(&facts.groups, name))?, frame.basis);
    let groups = groups_of(&ranked, &total, frame, name)?;
    let over_time = over_time_of(facts, frame, name, &groups)?;
    let movers = if facts.is_split {
        movers_of(&over_time, of_currency(&facts.over_time, name), frame)?
    } else {
        None
    };
    let days = facts.daily.as_ref().map(|rows| {
        let daily = DailyFacts {
            rows,
            width: if facts.is_daily_split { params.by.len() } else { 0 },
            basis: frame.basis,
            settled: settled_of(frame),
            from: frame.window.map_or(Micros(i64::MIN), |window| window.0),
        };
        days_of(&daily, name, if facts.is_daily_split { &groups } else { &[] })
    });
    let days = days.transpose()?;
    Ok(CurrencyCost {
        currency: name.to_owned(),
        rows: total.rows,
        total: total.costs(name),
        categories,
        groups,
        over_time,
        movers,
        unattributed: unattributed_of(params, facts, frame, name, &total)?,
        days,
    })
}

/// From when on charges may still change: the first provisional day, else the first that has not ended.
fn settled_of(frame: &Frame) -> Micros {
    let ended = frame.held.map_or(frame.now, |(_, last)| last.min(frame.now));
    let end = frame.window.map_or(ended, |(_, to)| to.min(ended));
    frame.provisional_from.map_or(end, |from| from.min(end)).floor_to(Micros::DAY)
}

/// Rows of one combination summed, in order of the values.
pub(super) fn by_values<'a>(
    rows: impl IntoIterator<Item = &'a CostRow>,
) -> Result<BTreeMap<Values, Sum>, AskError> {
    let mut sums: BTreeMap<Values, Sum> = BTreeMap::new();
    for row in rows {
        let sum = Sum { rows: row.rows, bases: row.sums };
        sums.entry(row.values.clone()).or_default().add(&sum)?;
    }
    Ok(sums)
}

/// The largest on the basis first, what lacks it last, ties in order of the values.
fn ranked(sums: BTreeMap<Values, Sum>, basis: Basis) -> Vec<(Values, Sum)> {
    let mut ranked: Vec<(Values, Sum)> = sums.into_iter().collect();
    ranked.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.amount(basis)));
    ranked
}

fn groups_of(
    ranked: &[(Values, Sum)],
    total: &Sum,
    frame: &Frame,
    currency: &str,
) -> Result<Vec<CostGroup>, AskError> {
    let group = |values: Values, others: usize, sum: &Sum| CostGroup {
        values,
        others: others as u64,
        rows: sum.rows,
        costs: sum.costs(currency),
        share: sum.share(total, frame.basis),
    };
    let shown = ranked.iter().take(frame.top);
    let mut groups: Vec<CostGroup> =
        shown.map(|(values, sum)| group(values.clone(), 0, sum)).collect();
    let rest = ranked.get(frame.top..).unwrap_or_default();
    if !rest.is_empty() {
        let mut sum = Sum::default();
        for (_, other) in rest {
            sum.add(other)?;
        }
        groups.push(group(Values::new(), rest.len(), &sum));
    }
    Ok(groups)
}

fn over_time_of(
    facts: &CostFacts,
    frame: &Frame,
    name: &str,
    groups: &[CostGroup],
) -> Result<Vec<CostPoint>, AskError> {
    let place: BTreeMap<&Values, usize> = groups
        .iter()
        .enumerate()
        .filter(|(_, group)| group.others == 0)
        .map(|(place, group)| (&group.values, place))
        .collect();
    let rest = groups.iter().position(|group| group.others > 0);
    let mut buckets: BTreeMap<Micros, (Sum, Vec<Option<Amount>>)> = BTreeMap::new();
    for row in of_currency(&facts.over_time, name) {
        let Some(at) = row.at else { continue };
        let sum = Sum { rows: row.rows, bases: row.sums };
        let (total, amounts) = buckets.entry(at).or_default();
        total.add(&sum)?;
        if !facts.is_split {
            continue;
        }
        amounts.resize(groups.len(), None);
        let group = place.get(&row.values).copied().or(rest);
        if let (Some(group), Some(amount)) = (group, sum.amount(frame.basis)) {
            let before = amounts[group].unwrap_or_default();
            amounts[group] = Some(plus(before, amount)?);
        }
    }
    let point = |(at, (sum, groups)): (Micros, (Sum, Vec<Option<Amount>>))| {
        let until = bucket_end(at, frame.step);
        CostPoint {
            at,
            until,
            is_complete: is_complete(at, until, frame),
            is_provisional: frame.provisional_from.is_some_and(|from| until > from),
            costs: sum.costs(name),
            groups,
        }
    };
    Ok(buckets.into_iter().map(point).collect())
}

/// Whether a bucket lies whole in the window and in what is held, and has ended.
fn is_complete(at: Micros, until: Micros, frame: &Frame) -> bool {
    let holds = |range: Option<(Micros, Micros)>| {
        range.is_none_or(|(first, last)| first <= at && until <= last)
    };
    holds(frame.window) && holds(frame.held) && until <= frame.now
}

/// The first instant after the bucket that starts at `at`.
fn bucket_end(at: Micros, step: CostStep) -> Micros {
    let day = at.plus(Micros::DAY);
    if step == CostStep::Day {
        return day;
    }
    let date = at.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let next = date.first_of_month().checked_add(jiff::Span::new().months(1));
    next.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC))
        .map_or(day, |zoned| Micros::of(zoned.timestamp()))
}

fn unattributed_of(
    params: &CostAnalysisParams,
    facts: &CostFacts,
    frame: &Frame,
    name: &str,
    total: &Sum,
) -> Result<Unattributed, AskError> {
    let unowned = Sum::of(of_currency(&facts.unowned, name))?;
    let without_application = Sum::of(of_currency(&facts.without_application, name))?;
    let mut untagged = Vec::new();
    for (place, dimension) in params.by.iter().enumerate() {
        let DimensionParam(model::fact::CostDimension::Tag(tag)) = &dimension.0 else { continue };
        let lacks = |row: &&CostRow| row.values.get(place).is_none_or(Option::is_none);
        let sum = Sum::of(of_currency(&facts.groups, name).filter(lacks))?;
        let share = sum.share(total, frame.basis);
        untagged.push(UntaggedCost { tag: tag.clone(), costs: sum.costs(name), share });
    }
    Ok(Unattributed {
        unowned: unowned.costs(name),
        unowned_share: unowned.share(total, frame.basis),
        without_application: without_application.costs(name),
        without_application_share: without_application.share(total, frame.basis),
        untagged,
    })
}

fn coverage_of(facts: &CostFacts, basis: Basis) -> Result<BTreeMap<String, Coverage>, AskError> {
    let all = Sum::of(&facts.categories)?;
    let unowned: u64 = facts.unowned.iter().map(|row| row.rows).sum();
    let owned = all.rows.saturating_sub(unowned);
    Ok(BTreeMap::from([
        (format!("{}_cost", basis.as_str()), Coverage::new(all.rows_with(basis), all.rows)),
        ("owner".to_owned(), Coverage::new(owned, all.rows)),
    ]))
}

fn warnings_of(facts: &CostFacts, answer: &CostAnalysisAnswer, frame: &Frame) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some((asked, newest)) = facts.moved {
        let message =
            format!("no charges up to {asked}; the window ends at the newest charge, {newest}");
        warnings.push(Warning::new("newest_data", message));
    }
    if facts.groups.is_empty() {
        let message = match frame.held {
            None => "no charges are held; ingest a FOCUS or cost and usage export".to_owned(),
            Some((first, last)) => {
                format!("no charge matches; charges are held from {first} to {last}")
            }
        };
        warnings.push(Warning::new("no_data", message));
    }
    if answer.currencies.len() > 1 {
        let message = "several currencies are billed; each has its own sums";
        warnings.push(Warning::new("mixed_currencies", message));
    }
    let basis = frame.basis.as_str();
    for currency in &answer.currencies {
        let money = currency.total.of(frame.basis);
        if money.rows_without > 0 {
            let message = format!(
                "{} of {} rows in {} have no {basis} cost and are not in its sum",
                money.rows_without, currency.rows, currency.currency
            );
            warnings.push(Warning::new("missing_basis", message));
        }
    }
    if !facts.is_split {
        let message = "too many groups to be followed over time; only the totals are, and movers \
                       are left out";
        warnings.push(Warning::new("groups_not_over_time", message));
    }
    let held = answer.not_counted.iter().filter(|one| one.bill.state == "held").count();
    if held > 0 {
        let message = format!("{held} deliveries are held and not counted until someone decides");
        warnings.push(Warning::new("held_delivery", message));
    }
    warnings
}
