//! From facts to the answer of `system_metrics`, pure.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::Absence;
use model::envelope::{AnswerWindow, ChosenBy, Coverage, StoreFreshness, Warning};
use model::fact::{EntityFact, SignalFact};
use model::kind::EntityKind;
use model::measure::Measure;
use model::time::{Micros, WindowParam};

use super::chart::charts_of;
use super::check::checks_of;
use super::fetch::{HealthFacts, SERIES_MAX};
use super::params::SystemMetricsParams;
use super::read::Signals;
use super::shape::{
    CheckResult, EntityHealth, ScopeHealth, SourceFreshness, Status, StatusCounts,
    SystemMetricsAnswer,
};
use super::state::{State, state_of};
use super::threshold::{STATE, kind_word, rows};
use crate::ask::AskError;
use crate::param::Text;
use crate::question::Draft;

/// Judges the facts.
pub(super) fn judged(
    params: &SystemMetricsParams,
    facts: &HealthFacts,
    now: Micros,
) -> Result<Draft<SystemMetricsAnswer>, AskError> {
    let mut entities = judged_entities(params, facts);
    entities.sort_by(order);
    let rest = facts.topology.entity_total.saturating_sub(facts.topology.entities.len() as u64);
    let counts = counts_of(entities.iter()).and_unknown(rest);
    let by_scope = by_scope(&entities);
    let covered = entities.iter().filter(|one| one.checks.iter().any(|c| c.source.is_some()));
    let coverage = Coverage::new(covered.count() as u64, counts.total);
    let mut answer = SystemMetricsAnswer {
        counts,
        by_scope,
        entities: Vec::new(),
        thresholds: rows(),
        sources: sources_of(&facts.signals, now),
        series: facts.series.as_ref().map(|series| charts_of(series, facts.step)),
    };
    entities.retain(|one| params.status.is_empty() || params.status.contains(&one.status));
    let mut draft = Draft::new((), now);
    let (total, next) = page(params, &mut entities)?;
    answer.entities = entities;
    if total > answer.entities.len() as u64 && params.cursor.is_none() {
        draft.truncated.insert("entities".into(), total);
    }
    if answer.series.as_ref().is_some_and(|series| series.len() >= SERIES_MAX) {
        draft.truncated.insert("series".into(), SERIES_MAX as u64);
    }
    let chosen_by = match params.window {
        Some(Text(WindowParam::Last(micros))) if micros == 15 * Micros::MINUTE => ChosenBy::Default,
        Some(_) => ChosenBy::Request,
        None => ChosenBy::Default,
    };
    let window = AnswerWindow { from: facts.window.from, to: facts.window.to, chosen_by };
    let tables = answer.tables();
    let warnings = warnings_of(facts, &answer, rest);
    Ok(Draft {
        answer,
        as_of: now,
        window: Some(window),
        stores: vec![
            StoreFreshness::of("topology", facts.topology.version),
            StoreFreshness::of("telemetry", facts.samples),
        ],
        coverage: BTreeMap::from([("samples".to_owned(), coverage)]),
        truncated: draft.truncated,
        warnings,
        next,
        tables,
    })
}

/// Entities that the inventory gives, and those that only their signals give.
fn judged_entities(params: &SystemMetricsParams, facts: &HealthFacts) -> Vec<EntityHealth> {
    let mut signals: BTreeMap<&str, Signals<'_>> = BTreeMap::new();
    let mut subjects: BTreeMap<&str, &SignalFact> = BTreeMap::new();
    for fact in &facts.signals {
        signals.entry(&fact.id).or_default().add(fact);
        subjects.insert(&fact.id, fact);
    }
    let nothing = Signals::default();
    let mut judged = Vec::new();
    for entity in &facts.topology.entities {
        subjects.remove(entity.id.as_str());
        let signals = signals.get(entity.id.as_str()).unwrap_or(&nothing);
        judged.extend(health_of(params, entity, signals, facts));
    }
    for (id, fact) in subjects {
        // A listed entity would be among the inventory; one beyond its limit still has its signals.
        let is_listed = facts.topology.entity_total <= facts.topology.entities.len() as u64;
        if let Some(signals) = signals.get(id)
            && (!is_listed || signals.has_values())
        {
            let checks = chosen_checks(params, checks_of(signals, None));
            judged.push(assembled(&subject(fact), checks, signals));
        }
    }
    judged
}

/// What an entity's health says of it itself.
struct Subject {
    id: String,
    kind: EntityKind,
    name: String,
    scope: model::Scope,
    owner: Option<String>,
    application: Option<String>,
}

fn subject(fact: &SignalFact) -> Subject {
    Subject {
        id: fact.id.clone(),
        kind: fact.kind,
        name: fact.name.clone(),
        scope: fact.scope.clone(),
        owner: fact.owner.clone(),
        application: fact.application.clone(),
    }
}

fn health_of(
    params: &SystemMetricsParams,
    entity: &EntityFact,
    signals: &Signals<'_>,
    facts: &HealthFacts,
) -> Option<EntityHealth> {
    let cores = entity.properties.get("capacity_cpu").and_then(serde_json::Value::as_f64);
    let mut checks =
        checks_of(signals, cores.filter(|_| entity.kind == EntityKind::KubernetesNode));
    match state_of(entity, facts.window.micros()) {
        // Stopped on purpose: only what still sends values has a health.
        State::Off if !signals.has_values() => return None,
        State::Off | State::Unsaid => {}
        State::Judged(status, reason) => checks.insert(0, state_check(entity, status, &reason)),
    }
    let subject = Subject {
        id: entity.id.clone(),
        kind: entity.kind,
        name: entity.name.clone(),
        scope: entity.scope.clone(),
        owner: entity.owner.clone(),
        application: entity.application.clone(),
    };
    Some(assembled(&subject, chosen_checks(params, checks), signals))
}

fn state_check(entity: &EntityFact, status: Status, state: &str) -> CheckResult {
    CheckResult {
        check: STATE.check,
        title: STATE.title.to_owned(),
        status: Some(status),
        reason: format!("{} {state}", kind_word(entity.kind)),
        value: Measure::absent("", Absence::NotApplicable),
        limit: None,
        signals: Vec::new(),
        metrics: Vec::new(),
        source: None,
        other_sources: Vec::new(),
        newest: entity.last_seen.map(Micros::of),
        reported: Vec::new(),
        bound: None,
    }
}

fn chosen_checks(params: &SystemMetricsParams, checks: Vec<CheckResult>) -> Vec<CheckResult> {
    let is_chosen =
        |check: &CheckResult| params.check.is_empty() || params.check.contains(&check.check);
    checks.into_iter().filter(is_chosen).collect()
}

fn assembled(
    subject: &Subject,
    mut checks: Vec<CheckResult>,
    signals: &Signals<'_>,
) -> EntityHealth {
    checks.sort_by(|a, b| {
        let rank = |check: &CheckResult| check.status.map_or(4, |status| status as u8);
        let by_title = (a.check, &a.title).cmp(&(b.check, &b.title));
        rank(a).cmp(&rank(b)).then(excess(b).total_cmp(&excess(a))).then(by_title)
    });
    let newest = signals.newest();
    let worst = checks.iter().find(|check| check.status.is_some());
    let (status, reason) = match worst {
        Some(check) => (check.status.unwrap_or(Status::Unknown), check.reason.clone()),
        None => (Status::Unknown, unknown_reason(&checks, signals, newest)),
    };
    EntityHealth {
        id: subject.id.clone(),
        kind: subject.kind,
        name: subject.name.clone(),
        scope: subject.scope.clone(),
        owner: subject.owner.clone(),
        application: subject.application.clone(),
        status,
        reason,
        checks,
        newest,
    }
}

fn unknown_reason(checks: &[CheckResult], signals: &Signals<'_>, newest: Option<Micros>) -> String {
    match (checks.first(), newest) {
        (Some(check), _) => format!("no figure that has a limit; {}", check.reason),
        (None, Some(_)) if signals.has_values() => "no figure that has a limit".to_owned(),
        (None, Some(newest)) => format!("no data in the window; newest {newest}"),
        (None, None) => "not collected".to_owned(),
    }
}

/// How far past its limit a check is, as a ratio; 0 when it passes none.
fn excess(check: &CheckResult) -> f64 {
    let is_past = matches!(check.status, Some(Status::Critical | Status::Warning));
    match (check.value.value, check.limit) {
        (Some(value), Some(limit)) if is_past && limit > 0.0 && value >= limit => value / limit,
        // Below a floor: the lower, the farther.
        (Some(value), Some(limit)) if is_past && limit > 0.0 => 1.0 + (limit - value) / limit,
        _ if is_past => 1.0,
        _ => 0.0,
    }
}

fn worst_excess(entity: &EntityHealth) -> f64 {
    let worst = entity.checks.iter().filter(|check| check.status == Some(entity.status));
    worst.map(excess).fold(0.0, f64::max)
}

/// Worst first; within one status the farthest past its limit, then kind and id.
fn order(a: &EntityHealth, b: &EntityHealth) -> std::cmp::Ordering {
    a.status
        .cmp(&b.status)
        .then(worst_excess(b).total_cmp(&worst_excess(a)))
        .then(a.kind.cmp(&b.kind))
        .then(a.id.cmp(&b.id))
}

impl StatusCounts {
    fn add(&mut self, status: Status) {
        self.total += 1;
        match status {
            Status::Critical => self.critical += 1,
            Status::Warning => self.warning += 1,
            Status::Unknown => self.unknown += 1,
            Status::Healthy => self.healthy += 1,
        }
    }

    fn and_unknown(mut self, more: u64) -> Self {
        self.total = self.total.saturating_add(more);
        self.unknown = self.unknown.saturating_add(more);
        self
    }
}

fn counts_of<'a>(entities: impl Iterator<Item = &'a EntityHealth>) -> StatusCounts {
    let mut counts = StatusCounts::default();
    entities.for_each(|entity| counts.add(entity.status));
    counts
}

fn by_scope(entities: &[EntityHealth]) -> Vec<ScopeHealth> {
    let mut counts: BTreeMap<(&'static str, String), StatusCounts> = BTreeMap::new();
    for entity in entities {
        let scope = &entity.scope;
        let places = [
            ("kind", Some(entity.kind.as_str().to_owned())),
            ("account", scope.account.clone()),
            ("region", scope.region.clone()),
            ("cluster", scope.cluster.clone()),
            ("namespace", scope.namespace.clone()),
            ("environment", scope.environment.clone()),
            ("application", entity.application.clone()),
            ("owner", entity.owner.clone()),
        ];
        for (dimension, value) in places {
            if let Some(value) = value {
                counts.entry((dimension, value)).or_default().add(entity.status);
            }
        }
    }
    let row = |((dimension, value), counts): ((&str, String), StatusCounts)| ScopeHealth {
        dimension: dimension.to_owned(),
        value,
        counts,
    };
    counts.into_iter().map(row).collect()
}

fn sources_of(signals: &[SignalFact], now: Micros) -> Vec<SourceFreshness> {
    let mut sources: BTreeMap<&str, (BTreeSet<&str>, u64, Micros)> = BTreeMap::new();
    for fact in signals {
        let (entities, series, newest) =
            sources.entry(&fact.source).or_insert_with(|| (BTreeSet::new(), 0, fact.newest));
        entities.insert(&fact.id);
        *series += u64::from(fact.count > 0);
        *newest = fact.newest.max(*newest);
    }
    let row = |(source, (entities, series, newest)): (&str, (BTreeSet<&str>, u64, Micros))| {
        let age = now.0.saturating_sub(newest.0);
        SourceFreshness {
            source: source.to_owned(),
            entities: entities.len() as u64,
            series,
            newest,
            age_seconds: age as f64 / 1e6,
        }
    };
    sources.into_iter().map(row).collect()
}

/// Cuts a page out of the entities; gives how many there were and where to go on.
fn page(
    params: &SystemMetricsParams,
    entities: &mut Vec<EntityHealth>,
) -> Result<(u64, Option<String>), AskError> {
    let total = entities.len();
    let start = match &params.cursor {
        None => 0,
        Some(cursor) => cursor
            .parse::<usize>()
            .map_err(|_error| AskError::bad("cursor", "is not the `next` of an earlier answer"))?,
    };
    let end = start.saturating_add(params.limit.unwrap_or(1) as usize).min(total);
    let kept = entities.drain(start.min(end)..end).collect();
    *entities = kept;
    Ok((total as u64, (end < total).then(|| end.to_string())))
}

fn warnings_of(facts: &HealthFacts, answer: &SystemMetricsAnswer, rest: u64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let (from, to) = facts.window.micros();
    if !facts.signals.iter().any(|fact| fact.count > 0) {
        let message = match facts.newest {
            Some(newest) => {
                // The first step after it, so that the half-open window holds it.
                let after = newest.floor_to(10 * Micros::SECOND).plus(10 * Micros::SECOND);
                format!(
                    "no sample between {from} and {to}; the newest is of {newest}, so ask with \
                     as_of={after}"
                )
            }
            None => format!("no sample between {from} and {to}, and none is held"),
        };
        warnings.push(Warning::new("no_data", message));
    }
    if rest > 0 {
        let message = format!(
            "{rest} more entities are counted as unknown without being looked at; narrow the place \
             or kind"
        );
        warnings.push(Warning::new("not_looked_at", message));
    }
    let several = answer
        .entities
        .iter()
        .flat_map(|entity| &entity.checks)
        .filter(|check| !check.other_sources.is_empty())
        .count();
    if several > 0 {
        let message = format!(
            "{several} figures come from one of several sources; the others are named beside them \
             and were not added"
        );
        warnings.push(Warning::new("several_sources", message));
    }
    warnings
}
