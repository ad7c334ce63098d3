//! What a report says in words: sentences computed from its figures, and what they take for granted.

use std::collections::BTreeSet;

use model::money::Amount;
use model::time::Micros;
use serde_json::Value;

use super::lists::word;
use super::plan::ReportName;
use super::scene::{Scene, instant_of};
use super::shape::{ReportAssumption, ReportFigure, ReportGroup, ReportValue};
use crate::border::spoken;

/// The sentences of a report. One whose figures are absent is left out.
pub fn sentences(name: ReportName, scene: &Scene, groups: &[ReportGroup]) -> Vec<String> {
    let found = match name {
        ReportName::Dashboard => [spend(scene, groups), harm(groups), risk(groups)],
        ReportName::Value => [value(groups), lost(groups), saving(groups)],
        ReportName::Fiscal => [spend(scene, groups), year(groups), saving(groups)],
        ReportName::Infrastructure => [estate(groups), harm(groups), risk(groups)],
    };
    found.into_iter().flatten().collect()
}

fn find<'a>(groups: &'a [ReportGroup], key: &str) -> Option<&'a ReportFigure> {
    groups.iter().flat_map(|group| &group.figures).find(|figure| figure.key == key)
}

fn count(groups: &[ReportGroup], key: &str) -> Option<f64> {
    find(groups, key)?.number()
}

/// Money for people: whole from 1,000, cents below.
pub fn money_text(amount: Option<Amount>, currency: &str) -> String {
    let Some(amount) = amount else { return "an unknown amount".to_owned() };
    let size = amount.to_f64().abs();
    let decimals = if size >= 1_000.0 || size == 0.0 { 0 } else { 2 };
    let digits = grouped(&format!("{size:.decimals$}"));
    let sign = if amount.0 < 0 { "\u{2212}" } else { "" };
    match currency {
        "USD" => format!("{sign}${digits}"),
        "EUR" => format!("{sign}€{digits}"),
        "GBP" => format!("{sign}£{digits}"),
        other => format!("{sign}{digits} {other}"),
    }
}

/// `12345.67` as `12,345.67`.
fn grouped(digits: &str) -> String {
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

/// An instant for people, in UTC.
pub fn instant_text(at: Micros) -> String {
    let at = at.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// A ratio for people.
pub fn ratio_text(ratio: f64) -> String {
    format!("{:.1} %", ratio * 100.0)
}

fn money_of(figure: &ReportFigure) -> Option<(Amount, String)> {
    match &figure.value {
        ReportValue::Money(money) => Some((money.amount?, money.currency.clone())),
        ReportValue::Measure(_) => None,
    }
}

fn spend(scene: &Scene, groups: &[ReportGroup]) -> Option<String> {
    let (amount, currency) = money_of(find(groups, "spend")?)?;
    let charged = money_text(Some(amount), &currency);
    let at = scene.period.at.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    let mut text = format!("{charged} is charged up to {}", at.strftime("%-d %B %Y"));
    if let Some((over, currency)) = find(groups, "variance").and_then(money_of) {
        let size = money_text(Some(Amount(over.0.abs())), &currency);
        let word = match over.0.signum() {
            1 => format!("{size} over the budget to date"),
            -1 => format!("{size} under the budget to date"),
            _ => "on the budget to date".to_owned(),
        };
        text.push_str(&format!("; what budgets cover is {word}"));
    }
    if let Some((over, currency)) = find(groups, "forecast_variance").and_then(money_of) {
        let size = money_text(Some(Amount(over.0.abs())), &currency);
        let word = if over.0 > 0 { "over" } else { "under" };
        text.push_str(&format!(" and heads for {size} {word} at the end"));
    }
    Some(text + ".")
}

fn year(groups: &[ReportGroup]) -> Option<String> {
    let (amount, currency) = money_of(find(groups, "year_outlook")?)?;
    let text = money_text(Some(amount), &currency);
    let over = find(groups, "year_forecast_variance").and_then(money_of);
    let budget = over.map(|(over, currency)| {
        let word = if over.0 > 0 { "over" } else { "under" };
        format!(
            "; the budgets held end {} {word}",
            money_text(Some(Amount(over.0.abs())), &currency)
        )
    });
    Some(format!("The fiscal year heads for {text}{}.", budget.unwrap_or_default()))
}

fn harm(groups: &[ReportGroup]) -> Option<String> {
    let total = count(groups, "total")?;
    let critical = count(groups, "critical").unwrap_or(0.0);
    let unknown = count(groups, "unknown").unwrap_or(0.0);
    let mut text = match (total, critical) {
        (0.0, _) => return None,
        (_, 0.0) => format!("Nothing of {total} judged is critical"),
        _ => format!("{critical} of {total} judged are critical"),
    };
    if unknown * 2.0 > total {
        text.push_str(&format!(", but {unknown} cannot be judged"));
    }
    match count(groups, "incidents_open") {
        Some(0.0) => text.push_str("; no incident is open"),
        Some(1.0) => text.push_str("; one incident is open"),
        Some(open) => text.push_str(&format!("; {open} incidents are open")),
        None => {}
    }
    Some(text + ".")
}

fn risk(groups: &[ReportGroup]) -> Option<String> {
    let loss = find(groups, "largest_loss")?;
    let share = loss.number()?;
    let name = loss.note.as_deref().map_or("one part", spoken);
    Some(format!("The failure of {name} alone takes {} of what enters.", ratio_text(share)))
}

fn value(groups: &[ReportGroup]) -> Option<String> {
    let figure = find(groups, "value")?;
    let number = figure.number()?;
    let amount = match money_of(figure) {
        Some((amount, currency)) => money_text(Some(amount), &currency),
        None => grouped(&format!("{number:.0}")),
    };
    let note = figure.note.as_deref().unwrap_or_default();
    let cost = find(groups, "value_cost").and_then(money_of);
    let cost = cost.map(|(amount, currency)| {
        format!("; the same days cost {}", money_text(Some(amount), &currency))
    });
    Some(format!(
        "{} of {note} is {amount}{}.",
        first_upper(&figure.title),
        cost.unwrap_or_default()
    ))
}

fn lost(groups: &[ReportGroup]) -> Option<String> {
    let (amount, currency) = money_of(find(groups, "downtime_cost")?)?;
    Some(format!("Incidents cost {}.", money_text(Some(amount), &currency)))
}

fn saving(groups: &[ReportGroup]) -> Option<String> {
    let (amount, currency) = money_of(find(groups, "saving")?)?;
    Some(format!("{} a month could be saved.", money_text(Some(amount), &currency)))
}

fn estate(groups: &[ReportGroup]) -> Option<String> {
    let (entities, relations) = (count(groups, "entities")?, count(groups, "relations")?);
    let of = |number: f64| grouped(&format!("{number:.0}"));
    Some(format!("{} entities and {} relations are known.", of(entities), of(relations)))
}

fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What figures take for granted: the report's own rules, then those of its questions.
pub fn assumptions(scene: &Scene) -> Vec<ReportAssumption> {
    let own = |name: &str, text: String| ReportAssumption {
        name: name.to_owned(),
        of: None,
        text,
        set_by: "report".to_owned(),
        set_at: None,
    };
    let mut all = BTreeSet::new();
    all.insert(own(
        "fiscal_start",
        format!("the fiscal year starts in month {}", scene.fiscal_year.start_month),
    ));
    all.insert(own(
        "ownership",
        "a charge belongs to the unit that owns the resource now, and to every unit above it"
            .to_owned(),
    ));
    let rows = scene.parts.list("budgets", "/budgets");
    let phasings: BTreeSet<&str> = rows.iter().filter_map(|row| word(row, "/phasing")).collect();
    if !phasings.is_empty() {
        let phasings: Vec<&str> = phasings.into_iter().collect();
        all.insert(own("phasing", format!("budgets are phased {}", phasings.join(", "))));
    }
    if scene.is_filtered {
        let text = "budgets and value are of all environments, whatever is chosen".to_owned();
        all.insert(own("environment", text));
    }
    if let Some(from) = scene.parts.at("spend", "/provisional_from").and_then(Value::as_str) {
        all.insert(own("provisional", format!("charges from {from} on may still change")));
    }
    if let Some(by) = scene.parts.at("risk", "/assumptions/weighted_by").and_then(Value::as_str) {
        all.insert(own("weights", format!("losses are weighted by {by}")));
    }
    for one in scene.parts.list("value", "/assumptions") {
        let of = |pointer| word(one, pointer).unwrap_or_default();
        all.insert(ReportAssumption {
            name: of("/name").to_owned(),
            of: word(one, "/of").map(str::to_owned),
            text: format!("{} {}: {}", of("/value"), of("/unit"), of("/note")),
            set_by: of("/set_by").to_owned(),
            set_at: one.get("set_at").and_then(instant_of),
        });
    }
    all.into_iter().collect()
}
