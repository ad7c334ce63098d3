//! A spell of an incident: from one opening to the next end, out of the rows that tell of it.

use model::time::Micros;

use super::row::Row;
use super::severity::rank;
use super::{Incident, IncidentStatus, REOPENED_WITHIN, Said};

/// Messages that open what has ended.
const OPENERS: &[&str] = &["triggered", "reopened", "firing", "detected"];

/// The spells that the rows of one incident give, by time. The rows are of one source and incident.
pub(super) fn spells(mut rows: Vec<Row<'_>>) -> Vec<Incident> {
    rows.sort_by(|a, b| {
        let key = |row: &Row<'_>| (row.message.map(|(_, at)| at), row.observed_at);
        (key(a), &a.body.external_id).cmp(&(key(b), &b.body.external_id))
    });
    let mut spells: Vec<Incident> = Vec::new();
    for row in &rows {
        match spells.last_mut() {
            None => spells.push(opened(row, 1, row.detected_at)),
            Some(last) => match reopening(last, row) {
                Some((at, gap)) if gap > REOPENED_WITHIN => {
                    let number = spells.len() + 1;
                    spells.push(opened(row, number, Some(at)));
                }
                reopening => goes_on(last, row, reopening.is_some()),
            },
        }
    }
    spells
}

/// When the row opens what has ended, and how long after the end.
fn reopening(last: &Incident, row: &Row<'_>) -> Option<(Micros, i64)> {
    let (what, at) = row.message?;
    let (_, ended) = last.resolved_at?;
    let opens = !last.is_open() && OPENERS.contains(&what);
    opens.then(|| (at, at.0.saturating_sub(ended.0)))
}

fn opened(row: &Row<'_>, number: usize, detected_at: Option<Micros>) -> Incident {
    let id = match number {
        1 => row.incident.to_owned(),
        _ => format!("{}#{number}", row.incident),
    };
    let mut spell = Incident {
        id,
        source: row.source.to_owned(),
        title: row.body.title.clone(),
        severity: None,
        status: row.status,
        started_at: if number == 1 { row.started_at } else { None },
        detected_at,
        acknowledged_at: None,
        mitigated_at: None,
        resolved_at: row.resolved_at,
        subjects: Vec::new(),
        harmed: Vec::new(),
        teams: Vec::new(),
        parent: None,
        counted_under: None,
        cause: None,
        link: None,
        episode_of: row.episode_of.map(str::to_owned),
        members: 1,
        reopened: 0,
        said: Vec::new(),
        observed_at: row.observed_at,
    };
    learn(&mut spell, row);
    spell
}

fn goes_on(spell: &mut Incident, row: &Row<'_>, is_reopened: bool) {
    if is_reopened {
        spell.reopened += 1;
        spell.resolved_at = None;
        spell.status = row.status;
    } else if row.status == IncidentStatus::Resolved {
        spell.status = IncidentStatus::Resolved;
        spell.resolved_at = row.resolved_at.or(spell.resolved_at);
    } else if spell.is_open() {
        // What an event adds in passing cannot take back what another one said.
        let is_taken_back = row.message.is_some_and(|(what, _)| what == "unacknowledged");
        spell.status = if is_taken_back { row.status } else { spell.status.max(row.status) };
    }
    learn(spell, row);
}

/// What the row says besides opening and end.
fn learn(spell: &mut Incident, row: &Row<'_>) {
    let first = |held: Option<Micros>, said: Option<Micros>| match (held, said) {
        (Some(held), Some(said)) => Some(held.min(said)),
        (held, said) => held.or(said),
    };
    spell.acknowledged_at = first(spell.acknowledged_at, row.acknowledged_at);
    spell.mitigated_at = first(spell.mitigated_at, row.mitigated_at);
    let is_first_life = !spell.id.contains('#') || spell.id == row.incident;
    if is_first_life {
        spell.started_at = first(spell.started_at, row.started_at);
        spell.detected_at = first(spell.detected_at, row.detected_at);
    }
    // The last that is said of these holds.
    spell.title.clone_from(&row.body.title);
    spell.severity = row.body.severity.clone().or_else(|| spell.severity.take());
    spell.parent = row.body.parent.clone().or_else(|| spell.parent.take());
    spell.cause = row.body.cause.clone().or_else(|| spell.cause.take());
    spell.link = spell.link.take().or_else(|| row.link().map(str::to_owned));
    spell.observed_at = spell.observed_at.max(row.observed_at);
    for subject in row.subjects {
        if !spell.subjects.iter().any(|held| held.id == subject.id) {
            spell.subjects.push(subject.clone());
        }
    }
    add_names(&mut spell.harmed, row.harmed());
    add_names(&mut spell.teams, row.teams());
    if let Some((what, at)) = row.message {
        let actor = row.actor().map(str::to_owned);
        spell.said.push(Said { at, what: what.to_owned(), actor });
    }
}

fn add_names<'n>(held: &mut Vec<String>, names: impl Iterator<Item = &'n str>) {
    for name in names {
        if !held.iter().any(|one| one == name) {
            held.push(name.to_owned());
        }
    }
}

/// Spells of one key that overlap or follow within 30 minutes, as one; the others by time.
/// `group_title` names those that are several.
pub(super) fn episodes(mut spells: Vec<Incident>, group_title: Option<&str>) -> Vec<Incident> {
    spells.sort_by(|a, b| (a.began(), &a.id).cmp(&(b.began(), &b.id)));
    let mut merged: Vec<Incident> = Vec::new();
    for spell in spells {
        match merged.last_mut().filter(|last| is_same(last, &spell)) {
            Some(last) => join(last, spell, group_title),
            None => merged.push(spell),
        }
    }
    merged
}

fn is_same(last: &Incident, next: &Incident) -> bool {
    let Some(began) = next.began() else { return false };
    match last.resolved_at {
        Some((_, latest)) => began <= latest.plus(REOPENED_WITHIN),
        // While it goes on, whatever comes belongs to it; an end that nobody knows tells nothing.
        None => last.is_open(),
    }
}

fn join(held: &mut Incident, next: Incident, group_title: Option<&str>) {
    let is_after = held.resolved_at.zip(next.began()).is_some_and(|((_, end), began)| began > end);
    held.reopened += u64::from(is_after) + next.reopened;
    let is_ended = !held.is_open() && !next.is_open();
    held.resolved_at = match (is_ended, held.resolved_at, next.resolved_at) {
        (true, Some(one), Some(other)) => Some((one.0.max(other.0), one.1.max(other.1))),
        _ => None,
    };
    held.status = if is_ended { IncidentStatus::Resolved } else { open_status(held, &next) };
    held.started_at = held.started_at.or(next.started_at);
    held.acknowledged_at = held.acknowledged_at.or(next.acknowledged_at);
    held.mitigated_at = held.mitigated_at.or(next.mitigated_at);
    held.members += next.members;
    if let Some(title) = group_title.filter(|_| held.title != next.title) {
        title.clone_into(&mut held.title);
    }
    if rank(next.severity.as_deref()) < rank(held.severity.as_deref()) {
        held.severity = next.severity;
    }
    for subject in next.subjects {
        if !held.subjects.iter().any(|one| one.id == subject.id) {
            held.subjects.push(subject);
        }
    }
    add_names(&mut held.harmed, next.harmed.iter().map(String::as_str));
    add_names(&mut held.teams, next.teams.iter().map(String::as_str));
    held.said.extend(next.said);
    held.said.sort();
    held.observed_at = held.observed_at.max(next.observed_at);
}

/// The least advanced of those that go on.
fn open_status(held: &Incident, next: &Incident) -> IncidentStatus {
    let open = [held, next].into_iter().filter(|one| one.is_open());
    open.map(|one| one.status).min().unwrap_or(IncidentStatus::Open)
}
