//! Which incidents are concerned, and over which window.

use model::envelope::{AnswerWindow, ChosenBy, Warning};
use model::fact::SubjectFact;
use model::kind::EntityKind;
use model::time::{Micros, Window, WindowParam};

use super::group::{harmed, teams};
use super::params::IncidentsParams;
use crate::incident::Incident;
use crate::param::{Text, window_ending};

/// Longest default window.
const YEARS_5: i64 = 5 * 366 * Micros::DAY;

/// The window, and what moved it.
pub(super) fn window_of(
    param: Option<&Text<WindowParam>>,
    held: &[&Incident],
    as_of: Micros,
) -> (AnswerWindow, Option<Warning>) {
    let began = held.iter().filter_map(|one| one.began());
    let first = began.clone().min();
    let ends = held.iter().filter_map(|one| one.interval(as_of)).map(|(_, ended)| ended);
    let newest = began.chain(ends).max().map(|at| at.min(as_of));
    // The newest instant itself is in.
    let end = newest.map_or(as_of, |at| at.plus(1)).min(as_of.plus(1));
    let (window, chosen_by, warning) = match param {
        Some(Text(WindowParam::Range(window))) => (*window, ChosenBy::Request, None),
        Some(Text(WindowParam::Last(micros))) => match newest {
            Some(newest) if newest < as_of.plus(micros.saturating_neg()) => {
                let message = format!(
                    "no incident touches the window that ends at {as_of}; it ends at the newest \
                     instant held, {newest}"
                );
                let warning = Warning::new("newest_data", message);
                (window_ending(newest.plus(1), *micros), ChosenBy::NewestData, Some(warning))
            }
            _ => (window_ending(as_of.plus(1), *micros), ChosenBy::Request, None),
        },
        None | Some(Text(WindowParam::All)) => {
            let first = first.unwrap_or_else(|| end.plus(-Micros::DAY));
            let is_all = param.is_some();
            let from = if is_all { first } else { first.max(end.plus(-YEARS_5)) };
            let from = from.min(end.plus(-1));
            let window = Window { from: from.timestamp(), to: end.timestamp() };
            (window, if is_all { ChosenBy::All } else { ChosenBy::Default }, None)
        }
    };
    (AnswerWindow { from: window.from, to: window.to, chosen_by }, warning)
}

/// Whether an incident touches `[from, to)`; one whose end nobody dates only where it began.
pub(super) fn touches(one: &Incident, (from, to): (Micros, Micros), as_of: Micros) -> bool {
    let Some(began) = one.began() else { return false };
    let ended = one.interval(as_of).map_or(began, |(_, ended)| ended);
    // An instant is in the window that holds it.
    began < to && (ended >= from || one.is_open())
}

/// Whether the incident passes the filters.
pub(super) fn passes(one: &Incident, params: &IncidentsParams, units: &[String]) -> bool {
    let word = |list: &[String], text: &str| {
        list.is_empty() || list.iter().any(|one| one.eq_ignore_ascii_case(text))
    };
    let service = || {
        params.service.is_empty()
            || harmed(one).iter().any(|one| {
                word(&params.service, &one.name)
                    || one.id.as_ref().is_some_and(|id| params.service.contains(id))
            })
    };
    let team = || {
        let is_asked = |team: &String| {
            word(&params.team, team) || word(&params.team, team.rsplit('/').next().unwrap_or(""))
        };
        params.team.is_empty() || teams(one).iter().chain(&one.teams).any(is_asked)
    };
    word(&params.severity, one.severity.as_deref().unwrap_or("unknown"))
        && (params.status.is_empty() || params.status.contains(&one.status))
        && service()
        && team()
        && lies_in(one, params, units)
}

/// Whether something that it harmed lies in the place and belongs to the units.
fn lies_in(one: &Incident, params: &IncidentsParams, units: &[String]) -> bool {
    let place = params.place();
    if place.is_everywhere() && units.is_empty() {
        return true;
    }
    let is_in = |list: &[String], value: &Option<String>| {
        list.is_empty() || value.as_ref().is_some_and(|value| list.contains(value))
    };
    one.subjects.iter().filter(|one| one.kind != EntityKind::Unknown).any(|one: &SubjectFact| {
        is_in(&place.account, &one.scope.account)
            && is_in(&place.region, &one.scope.region)
            && is_in(&place.cluster, &one.scope.cluster)
            && is_in(&place.namespace, &one.scope.namespace)
            && is_in(&place.environment, &one.scope.environment)
            && (units.is_empty()
                || units.contains(&one.id)
                || is_in(units, &one.owner)
                || is_in(units, &one.application))
    })
}
