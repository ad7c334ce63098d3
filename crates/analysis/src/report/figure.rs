//! Figures of a report, taken from the answers of questions by pointer. Nothing is computed here but
//! sums, differences, ratios and products whose terms are named.

use model::absence::{Absence, Absent};
use model::measure::Measure;
use model::money::{Amount, Basis, Origin};
use serde_json::Value;

use super::part::Parts;
use super::shape::{
    ReportCell, ReportFigure, ReportFormula, ReportMoney, ReportSource, ReportText, ReportValue,
};

/// How money that stands as a bare amount came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyKind {
    /// ISO 4217.
    pub currency: String,
    /// Basis.
    pub basis: Option<Basis>,
    /// Origin.
    pub origin: Origin,
}

impl MoneyKind {
    /// A kind of money.
    pub fn new(currency: &str, basis: Option<Basis>, origin: Origin) -> Self {
        Self { currency: currency.to_owned(), basis, origin }
    }

    /// The same of another origin.
    pub fn of(&self, origin: Origin) -> Self {
        Self { origin, ..self.clone() }
    }
}

/// A source.
pub fn source(part: &str, pointer: impl Into<String>) -> ReportSource {
    ReportSource { part: part.to_owned(), pointer: pointer.into() }
}

/// A figure without a value.
pub fn absent(key: &str, title: &str, unit: &str, why: impl Into<Absent>) -> ReportFigure {
    let value = ReportValue::Measure(Measure::absent(unit, why));
    ReportFigure {
        key: key.to_owned(),
        title: title.to_owned(),
        value,
        formula: None,
        sources: Vec::new(),
        note: None,
    }
}

/// A text as a cell.
pub fn text(text: impl Into<String>) -> ReportCell {
    ReportCell::Text(ReportText { text: Some(text.into()), reason: None })
}

/// No text, and why.
pub fn no_text(reason: Absence) -> ReportCell {
    ReportCell::Text(ReportText { text: None, reason: Some(reason) })
}

impl ReportFigure {
    /// The same with something to know of it.
    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The amount, of money that has one.
    pub fn amount(&self) -> Option<Amount> {
        match &self.value {
            ReportValue::Money(money) => money.amount,
            ReportValue::Measure(_) => None,
        }
    }

    /// The number, of any figure that has one.
    pub fn number(&self) -> Option<f64> {
        match &self.value {
            ReportValue::Money(money) => money.amount.map(Amount::to_f64),
            ReportValue::Measure(measure) => measure.value,
        }
    }

    fn made(
        key: &str,
        title: &str,
        value: ReportValue,
        formula: Option<ReportFormula>,
        sources: Vec<ReportSource>,
    ) -> Self {
        Self { key: key.to_owned(), title: title.to_owned(), value, formula, sources, note: None }
    }
}

impl Parts {
    /// The figure that stands at a pointer: a number in `unit`, a measure, or money with its currency.
    pub fn figure(
        &self,
        key: &str,
        title: &str,
        unit: &str,
        part: &str,
        pointer: &str,
    ) -> ReportFigure {
        if let Some(reason) = self.missing(part) {
            return absent(key, title, unit, reason);
        }
        let value = match self.at(part, pointer) {
            Some(value) => value_of(value, unit),
            None => None,
        };
        let Some(value) = value else { return absent(key, title, unit, Absence::NoData) };
        ReportFigure::made(key, title, value, None, vec![source(part, pointer)])
    }

    /// The exact amount at a pointer.
    pub fn amount(&self, from: &ReportSource) -> Option<Amount> {
        let value = self.at(&from.part, &from.pointer)?;
        let value = value.get("amount").unwrap_or(value);
        value.as_str()?.parse().ok()
    }

    /// Money that stands as a bare amount.
    pub fn money(
        &self,
        key: &str,
        title: &str,
        kind: &MoneyKind,
        part: &str,
        pointer: &str,
    ) -> ReportFigure {
        let from = source(part, pointer);
        let amount = self.amount(&from);
        let reason = amount.is_none().then(|| self.missing(part).unwrap_or(Absence::NoData));
        let value = money_value(kind, amount, reason);
        let sources = if amount.is_some() { vec![from] } else { Vec::new() };
        ReportFigure::made(key, title, value, None, sources)
    }

    /// The sum of amounts (one: that amount itself); absent when one of them is, with how many.
    pub fn sum(
        &self,
        key: &str,
        title: &str,
        kind: &MoneyKind,
        terms: Vec<ReportSource>,
    ) -> ReportFigure {
        if let [one] = &terms[..] {
            return self.money(key, title, kind, &one.part, &one.pointer);
        }
        let amounts: Vec<Option<Amount>> = terms.iter().map(|term| self.amount(term)).collect();
        let without = amounts.iter().filter(|amount| amount.is_none()).count();
        let all: Option<Vec<Amount>> = amounts.into_iter().collect();
        let sum = all.and_then(|all| {
            all.into_iter()
                .try_fold(Amount::ZERO, Amount::checked_add)
                .filter(|_| !terms.is_empty())
        });
        let reason = match terms.is_empty() {
            true => Absence::NotConfigured,
            false => Absence::TooLittleData,
        };
        let value = money_value(kind, sum, sum.is_none().then_some(reason));
        let figure = ReportFigure::made(key, title, value, Some(ReportFormula::Sum), terms);
        match without {
            0 => figure,
            _ => figure.noted(format!("{without} of its terms are not known")),
        }
    }

    /// The first amount less the others; absent when one of them is.
    pub fn difference(
        &self,
        key: &str,
        title: &str,
        kind: &MoneyKind,
        terms: Vec<ReportSource>,
    ) -> ReportFigure {
        let all: Option<Vec<Amount>> = terms.iter().map(|term| self.amount(term)).collect();
        let less = all.and_then(|all| {
            let (first, rest) = all.split_first()?;
            rest.iter().try_fold(*first, |less, one| less.checked_sub(*one))
        });
        let value = money_value(kind, less, less.is_none().then_some(Absence::NoData));
        ReportFigure::made(key, title, value, Some(ReportFormula::Difference), terms)
    }

    /// Some amounts added, less one: as a difference whose first terms are what is added.
    pub fn less(
        &self,
        key: &str,
        title: &str,
        kind: &MoneyKind,
        added: Vec<ReportSource>,
        less: ReportSource,
    ) -> ReportFigure {
        let sum: Option<Vec<Amount>> = added.iter().map(|term| self.amount(term)).collect();
        let sum = sum.and_then(|all| all.into_iter().try_fold(Amount::ZERO, Amount::checked_add));
        let left = sum.zip(self.amount(&less)).and_then(|(sum, less)| sum.checked_sub(less));
        let value = money_value(kind, left, left.is_none().then_some(Absence::NoData));
        let mut sources = added;
        sources.push(less);
        ReportFigure::made(key, title, value, Some(ReportFormula::SumLessLast), sources)
    }

    /// Some numbers added, over as many others added.
    pub fn ratio(
        &self,
        key: &str,
        title: &str,
        over: Vec<ReportSource>,
        under: Vec<ReportSource>,
    ) -> ReportFigure {
        let sum = |terms: &[ReportSource]| {
            let all: Option<Vec<f64>> = terms.iter().map(|term| self.number(term)).collect();
            all.filter(|all| !all.is_empty()).map(|all| all.into_iter().sum::<f64>())
        };
        let value = match (sum(&over), sum(&under)) {
            (Some(over), Some(under)) if under != 0.0 => Measure::new(over / under, "1"),
            (Some(_), Some(_)) => Measure::absent("1", Absence::NotApplicable),
            _ => {
                let missing = over.first().and_then(|term| self.missing(&term.part));
                let none = match over.is_empty() {
                    true => Absence::NotConfigured,
                    false => Absence::NoData,
                };
                Measure::absent("1", missing.unwrap_or(none))
            }
        };
        let sources = over.into_iter().chain(under).collect();
        let formula = Some(ReportFormula::Ratio);
        ReportFigure::made(key, title, ReportValue::Measure(value), formula, sources)
    }

    /// The number at a source: a plain one, or that of a measure, an amount or money.
    pub fn number(&self, from: &ReportSource) -> Option<f64> {
        number_of(self.at(&from.part, &from.pointer)?)
    }

    /// How many of the values at the sources are `true`.
    pub fn count(&self, key: &str, title: &str, terms: Vec<ReportSource>) -> ReportFigure {
        let is_true = |term: &&ReportSource| {
            self.at(&term.part, &term.pointer).and_then(Value::as_bool) == Some(true)
        };
        let count = terms.iter().filter(is_true).count();
        let value = ReportValue::Measure(Measure::new(count as f64, "count"));
        ReportFigure::made(key, title, value, Some(ReportFormula::Count), terms)
    }

    /// The product of a ratio and an amount, rounded to six decimals: an estimate.
    pub fn product(
        &self,
        key: &str,
        title: &str,
        kind: &MoneyKind,
        terms: Vec<ReportSource>,
        by: f64,
    ) -> ReportFigure {
        let all: Option<Vec<f64>> = terms.iter().map(|term| self.number(term)).collect();
        let product = all
            .filter(|all| !all.is_empty())
            .and_then(|all| crate::exact::estimated(all.into_iter().product::<f64>() * by));
        let value = money_value(kind, product, product.is_none().then_some(Absence::NotConfigured));
        ReportFigure::made(key, title, value, Some(ReportFormula::Product), terms)
    }
}

/// A number, of plain numbers, measures, amounts and money.
pub fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse::<Amount>().ok().map(Amount::to_f64),
        Value::Object(object) => {
            object.get("value").or_else(|| object.get("amount")).and_then(number_of)
        }
        _ => None,
    }
}

fn money_value(kind: &MoneyKind, amount: Option<Amount>, reason: Option<Absence>) -> ReportValue {
    ReportValue::Money(ReportMoney {
        amount,
        currency: kind.currency.clone(),
        basis: kind.basis,
        origin: kind.origin,
        interval: None,
        reason,
    })
}

fn value_of(value: &Value, unit: &str) -> Option<ReportValue> {
    if let Some(number) = value.as_f64() {
        return Some(ReportValue::Measure(Measure::new(number, unit)));
    }
    if value.get("currency").is_some_and(Value::is_string) {
        let amount: Option<Amount> = value.get("amount")?.as_str().and_then(|one| one.parse().ok());
        let stated = value.get("reason").and_then(Value::as_str);
        let stated = stated.and_then(|word| word.parse().ok()).unwrap_or(Absence::NoData);
        let kind = MoneyKind {
            currency: value.get("currency")?.as_str()?.to_owned(),
            basis: value.get("basis").and_then(Value::as_str).and_then(|one| one.parse().ok()),
            origin: serde_json::from_value(value.get("origin")?.clone()).ok()?,
        };
        return Some(money_value(&kind, amount, amount.is_none().then_some(stated)));
    }
    serde_json::from_value::<Measure>(value.clone()).ok().map(ReportValue::Measure)
}
