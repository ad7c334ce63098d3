//! Of whom and of which time a report is: the unit with what stands above and below it, the period of
//! the budgets in force, the fiscal year, and the parameters that every question of it shares.

use model::kind::EntityKind;
use model::scope::OrgScope;
use model::time::{Micros, Window, WindowParam};
use serde_json::{Map, Value, json};

use super::params::{ReportDepth, ReportParams};
use super::part::{Parts, Wanted};
use super::shape::{ReportFiscalYear, ReportPeriod, ReportSubject, ReportUnit};
use crate::ask::AskError;
use crate::spend::phasing::{month_by, month_of};
use crate::unit_tree::{Unit, UnitTree};

/// Most units below whose figures are asked one by one.
pub const UNITS_MAX: usize = 24;

/// Everything that a report is put together from.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Of whom.
    pub subject: ReportSubject,
    /// Canonical ids that are the subject itself: one, or none of an estate without one root.
    pub own: Vec<String>,
    /// Units directly below, in order of name.
    pub below: Vec<ReportUnit>,
    /// For whom.
    pub depth: ReportDepth,
    /// The time of spend and budgets.
    pub period: ReportPeriod,
    /// The fiscal year that holds it.
    pub fiscal_year: ReportFiscalYear,
    /// Whether only some environments are asked about.
    pub is_filtered: bool,
    /// Answers.
    pub parts: Parts,
}

/// Who is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Of whom.
    pub subject: ReportSubject,
    /// Units directly below, in order of name.
    pub below: Vec<ReportUnit>,
    /// Canonical ids that are the subject itself.
    pub own: Vec<String>,
}

/// What a report without a unit is of, where nothing alone stands at the top.
pub fn whole_of(scope: &OrgScope) -> &'static str {
    match scope {
        OrgScope::Everything => "Whole estate",
        OrgScope::Units(_) => "Your part of the organisation",
    }
}

/// Who is asked about, and what is below; `whole` is what all that the viewer sees is called.
///
/// # Errors
/// `AskError::NotFound` when nothing the viewer sees has that id or name.
pub fn subject_of(tree: &UnitTree, params: &ReportParams, whole: &str) -> Result<Found, AskError> {
    let Some(text) = params.of() else { return Ok(everything(tree, whole)) };
    let found = tree.find(text).filter(|unit| {
        let is_product = unit.kind == EntityKind::Product;
        params.product.is_none() || is_product
    });
    let Some(unit) = found else {
        return Err(AskError::NotFound { what: text.to_owned(), nearest: Vec::new() });
    };
    let mut above: Vec<ReportUnit> =
        tree.up(&unit.id).into_iter().skip(1).filter_map(|id| tree.unit(id)).map(named).collect();
    above.reverse();
    let below = below_of(tree, &unit.id);
    let subject = ReportSubject {
        id: Some(unit.id.clone()),
        kind: Some(unit.kind.as_str().to_owned()),
        name: unit.name.clone(),
        above,
        below: below.len() as u64,
    };
    Ok(Found { own: vec![unit.id.clone()], subject, below })
}

/// The whole estate. Of one organisation at the top, what is below it is shown.
fn everything(tree: &UnitTree, whole: &str) -> Found {
    let roots = tree.roots();
    let (name, below) = match &roots[..] {
        [one] => (one.name.clone(), below_of(tree, &one.id)),
        _ => (whole.to_owned(), roots.iter().map(|one| named(one)).collect()),
    };
    let below_count = below.len() as u64;
    let subject =
        ReportSubject { id: None, kind: None, name, above: Vec::new(), below: below_count };
    let own = match &roots[..] {
        [one] => vec![one.id.clone()],
        _ => Vec::new(),
    };
    Found { subject, below: sorted(below), own }
}

fn below_of(tree: &UnitTree, id: &str) -> Vec<ReportUnit> {
    sorted(tree.below(id).into_iter().map(named).collect())
}

fn sorted(mut units: Vec<ReportUnit>) -> Vec<ReportUnit> {
    units.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    units
}

fn named(unit: &Unit) -> ReportUnit {
    ReportUnit { id: unit.id.clone(), kind: unit.kind.as_str().to_owned(), name: unit.name.clone() }
}

/// The period of the budgets in force when all that concern the subject have one, else the calendar
/// month that holds the last charge.
pub fn period_of(parts: &Parts, now: Micros) -> ReportPeriod {
    let at = parts.at("budgets", "/at").and_then(instant_of).unwrap_or(now);
    let ends = |row: &Value| Some((instant_of(row.get("from")?)?, instant_of(row.get("to")?)?));
    let rows = parts.list("budgets", "/budgets");
    let first = rows.first().and_then(ends);
    let is_one = rows.iter().all(|row| ends(row) == first);
    if let (Some((from, to)), true) = (first, is_one) {
        return ReportPeriod { from, to, at: at.clamp(from, to), chosen_by: "budget".to_owned() };
    }
    // Charges that end at midnight of the 1st are of the month before.
    let from = month_of(at.plus(-1));
    ReportPeriod { from, to: month_by(from, 1), at, chosen_by: "calendar_month".to_owned() }
}

/// The fiscal year that holds an instant.
pub fn fiscal_year_of(at: Micros, start_month: u32) -> ReportFiscalYear {
    let month = month_of(at);
    let number = i64::from(month.timestamp().to_zoned(jiff::tz::TimeZone::UTC).month());
    let passed = (number - i64::from(start_month)).rem_euclid(12);
    let from = month_by(month, -passed);
    ReportFiscalYear { from, to: month_by(from, 12), start_month }
}

/// An instant of an answer.
pub fn instant_of(value: &Value) -> Option<Micros> {
    serde_json::from_value(value.clone()).ok()
}

/// Parameters that the questions of a report share.
#[derive(Debug, Clone)]
pub struct Shared<'a> {
    params: &'a ReportParams,
}

impl<'a> Shared<'a> {
    /// Of the report's own parameters.
    pub fn new(params: &'a ReportParams) -> Self {
        Self { params }
    }

    /// A question about a unit (none: about everything), with more parameters; with places, only the
    /// environments asked about.
    pub fn wanted(
        &self,
        key: &str,
        question: &'static str,
        unit: Option<&str>,
        with_places: bool,
        more: Value,
    ) -> Wanted {
        let mut params = Map::new();
        if let Some(unit) = unit {
            params.insert("unit".to_owned(), json!([unit]));
        }
        if with_places && !self.params.environment.is_empty() {
            params.insert("environment".to_owned(), json!(self.params.environment));
        }
        if let Some(as_of) = self.params.as_of {
            params.insert("as_of".to_owned(), json!(as_of));
        }
        if let Some(max_stale) = self.params.max_stale {
            params.insert("max_stale".to_owned(), json!(max_stale));
        }
        if let Value::Object(more) = more {
            params.extend(more);
        }
        Wanted { key: key.to_owned(), question, params }
    }
}

/// A window as a parameter.
pub fn window_text(from: Micros, to: Micros) -> String {
    let to = to.max(from.plus(1));
    WindowParam::Range(Window { from: from.timestamp(), to: to.timestamp() }).to_string()
}
