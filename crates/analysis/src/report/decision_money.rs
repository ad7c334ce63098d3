//! What a decision is worth: the value of an hour of failure, and money as a month's for the order.

use model::absence::Absence;
use model::money::Origin;

use super::figure::{MoneyKind, absent, source};
use super::scene::Scene;
use super::shape::{ReportDecision, ReportDecisionKind, ReportFigure};
use super::worth::value_place;

/// Hours in a day.
const HOURS: f64 = 24.0;

/// Value lost in an hour of a failure that takes `loss` of the entry points: the mean value of an hour
/// of the subject's own metric, times that share. Absent where no value is stated in money.
pub fn hour_lost(scene: &Scene, loss: &str) -> ReportFigure {
    let (key, title) = ("hour_lost", "Value lost in an hour of its failure");
    let none = |reason: Absence| absent(key, title, "", reason);
    let Some((at, metric)) = value_place(scene) else {
        return none(scene.parts.missing("value").unwrap_or(Absence::NotConfigured));
    };
    let of = |field: &str| format!("/subjects/{at}/metrics/{metric}/{field}");
    let currency = scene.parts.at("value", &of("currency")).and_then(|one| one.as_str());
    let days = scene.parts.number(&source("value", of("days")));
    let (Some(currency), Some(days)) = (currency, days.filter(|days| *days > 0.0)) else {
        return none(Absence::NotConfigured);
    };
    let kind = MoneyKind::new(currency, None, Origin::Estimated);
    let terms = vec![source("value", of("value")), source("risk", loss)];
    let figure = scene.parts.product(key, title, &kind, terms, 1.0 / (days * HOURS));
    figure.noted(format!("value of {days} days over their hours, times the share lost"))
}

/// Money of a decision as that of a month, for the order only: an overrun and a saving as they are, an
/// hour of failure once a month. `None` without a price.
pub fn monthly(one: &ReportDecision) -> Option<f64> {
    match one.kind {
        ReportDecisionKind::Saving
        | ReportDecisionKind::Budget
        | ReportDecisionKind::SinglePoint => one.money.number(),
        ReportDecisionKind::Incident | ReportDecisionKind::Finding => None,
    }
}
