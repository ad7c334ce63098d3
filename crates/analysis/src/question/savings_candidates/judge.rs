//! From facts to the answer of `savings_candidates`, pure: every rule looks, what it finds is priced
//! and checked, alternatives are chosen, totals follow.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::{Absence, Absent};
use model::envelope::{Coverage, StoreFreshness, Warning};
use model::fact::{EntityFact, UsageCostRow};
use model::kind::EntityKind;
use model::measure::Money;
use model::money::{Amount, Basis, Origin};
use model::scope::{Place, Scope};
use model::seam::Version;

use super::alternative::{amount, choose, is_dismissed};
use super::cost::{added, money, monthly};
use super::evidence::{Case, Found, Hit, Subject};
use super::fetch::Facts;
use super::params::SavingsCandidatesParams;
use super::rule::{RULES, RuleDef};
use super::safe::{Entries, safety};
use super::saving::{Pools, saving};
use super::shape::{
    CandidateEntity, RuleReport, SafeAnswer, Safety, SavingsAction, SavingsCandidate,
    SavingsCandidatesAnswer, SavingsTotal,
};
use crate::ask::AskError;
use crate::question::Draft;
use crate::table::DatedTable;

/// Most conflicts of rules that are told.
const CONFLICTS_MAX: usize = 20;

/// Judges the facts.
pub(super) fn judged(
    params: &SavingsCandidatesParams,
    facts: &Facts,
) -> Result<Draft<SavingsCandidatesAnswer>, AskError> {
    let case = Case { facts };
    let entries = Entries::new(&facts.estate);
    let mut pools = Pools::new(facts.costs.all())?;
    let mut rules = Vec::new();
    let mut candidates = Vec::new();
    let is_asked = |rule: &&RuleDef| {
        params.rule.is_empty() || params.rule.iter().any(|name| name == rule.name)
    };
    for rule in RULES.iter().filter(is_asked) {
        let found = (rule.find)(&case);
        rules.push(report(rule, &found));
        for hit in found.hits {
            if let Some(candidate) = candidate(&case, rule, hit, &entries, &mut pools)? {
                candidates.push(candidate);
            }
        }
    }
    candidates.retain(|one| is_within(params, facts, one));
    choose(&mut candidates);
    let totals = totals(facts, &candidates)?;
    candidates.sort_by(|a, b| rank(b).cmp(&rank(a)).then_with(|| a.target.cmp(&b.target)));
    draft(params, facts, rules, candidates, totals)
}

/// What has a saving first, largest first; then by effective cost.
fn rank(one: &SavingsCandidate) -> (Option<Amount>, Option<Amount>) {
    (amount(one), one.monthly_cost.as_ref().and_then(|cost| cost.effective.amount))
}

fn report(rule: &RuleDef, found: &Found) -> RuleReport {
    RuleReport {
        rule: rule.name.to_owned(),
        about: rule.about.to_owned(),
        needs: rule.needs.to_owned(),
        is_evaluated: !found.is_blind,
        reason: found.reason.clone(),
        looked_at: found.looked_at,
        candidates: found.hits.len() as u64,
    }
}

/// One hit, priced and checked.
fn candidate(
    case: &Case<'_>,
    rule: &RuleDef,
    hit: Hit,
    entries: &Entries,
    pools: &mut Pools,
) -> Result<Option<SavingsCandidate>, AskError> {
    let costs = &case.facts.costs;
    let (entity, fact, rows) = subject(case, &hit.subject);
    // Words for people come from the rule; without any charge all have the same one.
    let why = |words: String| match costs.is_empty() {
        true => Absence::NotCollected.because("no charges are held"),
        false => Absence::NoData.because(words),
    };
    let (monthly_cost, no_cost) = parted(monthly(&rows)?.map_err(why));
    let (saving, no_saving) = parted(saving(case, &rows, &hit.plan, pools)?.map_err(why));
    let safe = safe(case, rule, &hit, entries);
    Ok(Some(SavingsCandidate {
        target: format!("savings:{}:{}", rule.name, entity.id),
        rule: rule.name.to_owned(),
        title: rule.title.to_owned(),
        action: rule.action,
        owner: fact.and_then(|fact| fact.owner.clone()),
        application: fact.and_then(|fact| fact.application.clone()),
        evidence: hit.evidence,
        figures: hit.figures,
        evidence_window: hit.window,
        monthly_cost,
        cost_reason: no_cost.as_ref().map(|why| why.reason),
        cost_detail: no_cost.and_then(|why| why.detail),
        saving,
        saving_reason: no_saving.as_ref().map(|why| why.reason),
        saving_detail: no_saving.and_then(|why| why.detail),
        effort: rule.effort,
        risk: rule.risk,
        confidence: hit.confidence,
        safe,
        alternatives: Vec::new(),
        is_counted: false,
        decision: case.facts.decisions.of_savings(rule.name, &entity.id).cloned(),
        entity,
    }))
}

/// What there is, and why there is none.
fn parted<T>(outcome: Result<T, Absent>) -> (Option<T>, Option<Absent>) {
    match outcome {
        Ok(value) => (Some(value), None),
        Err(why) => (None, Some(why)),
    }
}

/// The entity of a hit with its charges.
fn subject<'a>(
    case: &Case<'a>,
    subject: &Subject,
) -> (CandidateEntity, Option<&'a EntityFact>, Vec<&'a UsageCostRow>) {
    match subject {
        Subject::Entity(ordinal) => {
            let fact = case.estate().entity(*ordinal);
            let entity = CandidateEntity {
                id: fact.id.clone(),
                kind: fact.kind,
                name: fact.name.clone(),
                scope: fact.scope.clone(),
            };
            (entity, Some(fact), case.charges(fact))
        }
        Subject::Billed { id, kind, account, rows } => {
            let known = case.estate().find(id).filter(|one| !case.estate().is_outside(*one));
            let fact = known.map(|one| case.estate().entity(one));
            let scope = Scope { account: Some(account.clone()), ..Scope::default() };
            let entity = CandidateEntity {
                id: id.clone(),
                kind: fact.map_or(*kind, |fact| fact.kind),
                name: fact.map_or_else(|| id.clone(), |fact| fact.name.clone()),
                scope: fact.map_or(scope, |fact| fact.scope.clone()),
            };
            let all = case.facts.costs.all();
            (entity, fact, rows.iter().filter_map(|place| all.get(*place)).collect())
        }
    }
}

/// Whether nothing needs it. What is changed, not removed, is not taken from anyone: what the change
/// may break is its risk.
fn safe(case: &Case<'_>, rule: &RuleDef, hit: &Hit, entries: &Entries) -> Safety {
    let of = |answer, reason: &str| Safety { answer, reasons: vec![reason.to_owned()] };
    match (&hit.subject, rule.action) {
        (Subject::Entity(ordinal), SavingsAction::Delete) => {
            safety(case.estate(), entries, *ordinal, &hit.covered)
        }
        (_, SavingsAction::Delete) => of(SafeAnswer::Unknown, "only the bill names it"),
        (_, SavingsAction::Change) => match &hit.covered {
            Ok(()) => of(SafeAnswer::Yes, "it stays, and the whole look-back is covered"),
            Err(reason) => {
                let reason = format!("not covered for the whole look-back: {reason}");
                Safety { answer: SafeAnswer::Unknown, reasons: vec![reason] }
            }
        },
        (_, SavingsAction::Commit) => {
            of(SafeAnswer::Unknown, "a commitment holds for its term, whatever is used then")
        }
        (_, SavingsAction::Review) => of(SafeAnswer::Unknown, "what would be done is not settled"),
    }
}

/// Whether a candidate is in the asked place, unit, and entities.
fn is_within(params: &SavingsCandidatesParams, facts: &Facts, one: &SavingsCandidate) -> bool {
    if !facts.asked.is_empty() {
        let ordinal = facts.estate.find(&one.entity.id);
        if !ordinal.is_some_and(|ordinal| facts.asked.contains(&ordinal)) {
            return false;
        }
    }
    let has_unit = |id: &Option<String>| id.as_ref().is_some_and(|id| facts.units.contains(id));
    if !facts.units.is_empty() && !has_unit(&one.owner) && !has_unit(&one.application) {
        return false;
    }
    let place = params.place();
    place.is_everywhere() || is_in(&place, facts, one)
}

fn is_in(place: &Place, facts: &Facts, one: &SavingsCandidate) -> bool {
    let fits = |wanted: &[String], value: Option<&String>| {
        wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
    };
    let scope = &one.entity.scope;
    let fact = facts.estate.find(&one.entity.id).map(|ordinal| facts.estate.entity(ordinal));
    let cluster_name = fact.and_then(|fact| fact.cluster_name.as_ref());
    fits(&place.account, scope.account.as_ref())
        && fits(&place.region, scope.region.as_ref())
        && (fits(&place.cluster, scope.cluster.as_ref()) || fits(&place.cluster, cluster_name))
        && fits(&place.namespace, scope.namespace.as_ref())
        && fits(&place.environment, scope.environment.as_ref())
}

/// Sums by currency of what counts.
fn totals(facts: &Facts, candidates: &[SavingsCandidate]) -> Result<Vec<SavingsTotal>, AskError> {
    let mut currencies: BTreeSet<&str> =
        facts.costs.all().iter().map(|row| row.currency.as_str()).collect();
    let counted: Vec<&SavingsCandidate> =
        candidates.iter().filter(|one| one.is_counted && one.saving.is_some()).collect();
    currencies.extend(
        counted
            .iter()
            .filter_map(|one| one.saving.as_ref())
            .map(|saving| saving.now.currency.as_str()),
    );
    let mut totals = Vec::new();
    for currency in currencies {
        let of = |is_safe_only: bool| -> Result<(Money, u64), AskError> {
            let (mut sum, mut count) = (Amount::ZERO, 0);
            for one in &counted {
                let Some(saving) = &one.saving else { continue };
                let is_meant = !is_safe_only || one.safe.answer == SafeAnswer::Yes;
                if saving.now.currency == currency && is_meant {
                    sum = added(sum, saving.now.amount.unwrap_or_default())?;
                    count += 1;
                }
            }
            let amount = Some(sum);
            let (basis, origin) = (Basis::Effective, Origin::Estimated);
            let currency = currency.to_owned();
            let (rows, reason) = (count, None);
            Ok((Money { amount, currency, basis, origin, rows, rows_without: 0, reason }, count))
        };
        let (saving, entities) = of(false)?;
        let (safe_saving, _) = of(true)?;
        let rows = facts.costs.all().iter().filter(|row| row.currency == currency);
        let total_cost = money(rows, currency, Basis::Effective)?;
        let currency = currency.to_owned();
        totals.push(SavingsTotal { currency, saving, safe_saving, total_cost, entities });
    }
    Ok(totals)
}

fn draft(
    params: &SavingsCandidatesParams,
    facts: &Facts,
    rules: Vec<RuleReport>,
    mut candidates: Vec<SavingsCandidate>,
    totals: Vec<SavingsTotal>,
) -> Result<Draft<SavingsCandidatesAnswer>, AskError> {
    let with_dismissed = params.with_dismissed == Some(true);
    candidates.retain(|one| with_dismissed || !is_dismissed(one));
    candidates.retain(|one| params.safe.is_empty() || params.safe.contains(&one.safe.answer));
    let with_cost = candidates.iter().filter(|one| one.monthly_cost.is_some()).count() as u64;
    let with_saving = candidates.iter().filter(|one| one.saving.is_some()).count() as u64;
    let all = candidates.len();
    let limit = params.limit.unwrap_or(100) as usize;
    let skipped = params.skipped();
    let candidates: Vec<SavingsCandidate> =
        candidates.into_iter().skip(skipped).take(limit).collect();
    let mut draft = Draft::new((), facts.now);
    if candidates.len() < all {
        draft.truncated.insert("candidates".to_owned(), all as u64);
        let seen = skipped + candidates.len();
        draft.next = (seen < all && !candidates.is_empty()).then(|| seen.to_string());
    }
    draft.window = Some(facts.look_back);
    draft.stores = stores(facts);
    draft.coverage = BTreeMap::from([
        ("cost".to_owned(), Coverage::new(with_cost, all as u64)),
        ("saving".to_owned(), Coverage::new(with_saving, all as u64)),
        ("use".to_owned(), coverage_of_use(facts)),
    ]);
    draft.warnings = warnings(facts, &rules);
    let answer = SavingsCandidatesAnswer {
        totals,
        candidates,
        rules,
        look_back: facts.look_back.window(),
        cost_window: facts.costs.window,
    };
    let tables = answer.tables();
    let mut draft = draft.with(answer);
    draft.tables = tables;
    Ok(draft)
}

fn stores(facts: &Facts) -> Vec<StoreFreshness> {
    let telemetry = Version {
        number: facts.samples.number.max(facts.charges.number),
        newest: facts.samples.newest.max(facts.charges.newest),
    };
    vec![
        StoreFreshness::of("topology", facts.estate.facts.version),
        StoreFreshness::of("telemetry", telemetry),
    ]
}

/// Instances and databases whose CPU was measured over the whole look-back.
fn coverage_of_use(facts: &Facts) -> Coverage {
    let window = facts.look_back.window();
    let kinds = [EntityKind::Instance, EntityKind::Database];
    let (mut with, mut of) = (0, 0);
    for ordinal in kinds.into_iter().flat_map(|kind| facts.estate.of_kind(kind)) {
        if facts.estate.is_outside(ordinal) {
            continue;
        }
        of += 1;
        let usage = facts.usages.of(&facts.estate.entity(ordinal).id, "cpu_utilization_ratio");
        with += u64::from(usage.is_some_and(|usage| usage.covers(&window)));
    }
    Coverage::new(with, of)
}

fn warnings(facts: &Facts, rules: &[RuleReport]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some((asked, newest)) = facts.moved {
        let text =
            format!("the newest measurement is of {newest}; the look-back ends there, not {asked}");
        warnings.push(Warning::new("newest_data", text));
    }
    if facts.costs.is_empty() {
        let text = "no charges are held for the month, so that nothing has a cost or a saving";
        warnings.push(Warning::new("no_charges", text));
    }
    let blind: Vec<&str> =
        rules.iter().filter(|rule| !rule.is_evaluated).map(|rule| rule.rule.as_str()).collect();
    if !blind.is_empty() {
        let text = format!("not evaluated for want of data: {}", blind.join(", "));
        warnings.push(Warning::new("not_evaluated", text));
    }
    let tables =
        [DatedTable::DatabaseVersions, DatedTable::EksVersions, DatedTable::PreviousGeneration];
    warnings.extend(facts.tables.age_warnings(&tables, facts.now));
    warnings.extend(facts.estate.rule_conflicts.iter().take(CONFLICTS_MAX).map(|one| {
        let rules: Vec<String> = one.rules.iter().map(u32::to_string).collect();
        let text =
            format!("rules {}: {} of {}: {}", rules.join(", "), one.setting, one.about, one.reason);
        Warning::new("rule_conflict", text)
    }));
    let currencies: BTreeSet<&str> =
        facts.costs.all().iter().map(|row| row.currency.as_str()).collect();
    if currencies.len() > 1 {
        let text = "charges are in several currencies; totals are given for each";
        warnings.push(Warning::new("mixed_currencies", text));
    }
    warnings
}
