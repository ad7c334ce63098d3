//! Value against the cost of the same days, pure.

use model::absence::Absence;
use model::kind::EntityKind;
use model::measure::Measure;
use model::money::{Amount, Origin};

use super::cost::SubjectCosts;
use super::params::ValueStep;
use super::period::{Bucket, Span, buckets, start_of};
use super::shape::{
    ValueChange, ValueComparison, ValueMoney, ValuePeriod, ValueTrend, ValueUnitCost,
};
use crate::ask::AskError;
use crate::exact::scaled;
use crate::series::percentile::{median, sorted};
use crate::series::theil_sen::theil_sen;
use crate::value::ValueSeries;

/// Whole periods that a trend needs.
const TREND_MIN: usize = 4;

/// What holds for every subject.
pub(super) struct Frame<'a> {
    pub costs: &'a SubjectCosts<'a>,
    /// Days whose charges are held and settled, `[from, to)`.
    pub billed: Option<(i64, i64)>,
    /// Whether cost is that of a place only.
    pub has_place: bool,
    pub step: ValueStep,
    /// Today, which has not ended.
    pub today: i64,
}

/// A series of one subject.
pub(super) struct Compared<'a> {
    pub frame: &'a Frame<'a>,
    pub series: &'a ValueSeries,
}

impl Compared<'_> {
    /// Value and cost of some spans, as far as their days are billed.
    pub fn comparison(&self, spans: &[Span]) -> Result<ValueComparison, AskError> {
        let billed = self.frame.billed.unwrap_or((0, 0));
        let is_billed = |span: &&Span| billed.0 <= span.from && span.to <= billed.1;
        let kept: Vec<Span> = spans.iter().filter(is_billed).copied().collect();
        let value = sum_of(&kept)?;
        let ranges: Vec<(i64, i64)> = kept.iter().map(|span| (span.from, span.to)).collect();
        let costs = match self.series.kind {
            EntityKind::Service => Vec::new(),
            _ if ranges.is_empty() => Vec::new(),
            _ => self.frame.costs.over(&self.series.of, &ranges)?,
        };
        let per = self.series.unit.clone();
        let per = per.or_else(|| self.series.currency.clone());
        let per = per.unwrap_or_else(|| self.series.metric.clone());
        let unit_costs = costs.iter().map(|cost| unit_cost(cost, value, &per)).collect();
        let returned = self.returned(&kept, &costs);
        let same = returned.as_ref().ok().map(|cost| (*cost, self.series.currency.as_ref()));
        let net = same.and_then(|(cost, currency)| {
            let currency = currency?.clone();
            let amount = value.checked_sub(cost)?;
            Some(ValueMoney {
                amount: Some(amount),
                currency,
                basis: None,
                origin: Origin::Stated,
                rows_without: 0,
                reason: None,
            })
        });
        let (return_ratio, return_note) = match returned {
            Ok(cost) => {
                let net = value.to_f64() - cost.to_f64();
                (Measure::new(net / cost.to_f64(), "1"), None)
            }
            Err((reason, note)) => (Measure::absent("1", reason), Some(note)),
        };
        let days = kept.iter().map(Span::days).sum();
        Ok(ValueComparison { value, days, costs, unit_costs, net, return_ratio, return_note })
    }

    /// The cost that a return is of; else the reason and what to say to people.
    fn returned(&self, spans: &[Span], costs: &[ValueMoney]) -> Result<Amount, (Absence, String)> {
        let no = |reason: Absence, note: String| Err((reason, note));
        let Some(currency) = &self.series.currency else {
            return no(
                Absence::NotApplicable,
                "what is counted is no money: unit cost only".to_owned(),
            );
        };
        if self.series.kind == EntityKind::Service {
            let note = "charges name owners and applications, no entry points".to_owned();
            return no(Absence::NotCollected, note);
        }
        if spans.is_empty() {
            let note = "no day of it has settled charges".to_owned();
            return no(Absence::NoData, note);
        }
        let names: Vec<&str> = costs.iter().map(|cost| cost.currency.as_str()).collect();
        match costs {
            [] => no(Absence::NoData, "no charge of these days is its own".to_owned()),
            [cost] if cost.currency == *currency => match cost.amount {
                _ if self.frame.has_place => {
                    let note = "cost is that of a place, value is of the whole".to_owned();
                    no(Absence::NotApplicable, note)
                }
                Some(amount) if amount.0 > 0 => Ok(amount),
                Some(_) => no(Absence::NotApplicable, "the cost is not above 0".to_owned()),
                None => no(Absence::NoData, "no charge has an effective cost".to_owned()),
            },
            _ => {
                let note = format!(
                    "value is in {currency}, cost in {}; currencies are not mixed",
                    names.join(" and ")
                );
                no(Absence::NotApplicable, note)
            }
        }
    }

    /// The periods of some spans.
    pub fn periods(&self, spans: &[Span]) -> Result<Vec<ValuePeriod>, AskError> {
        buckets(spans, self.frame.step).iter().map(|bucket| self.period(bucket)).collect()
    }

    fn period(&self, bucket: &Bucket) -> Result<ValuePeriod, AskError> {
        let spans = &bucket.spans;
        let from = spans.first().map_or(0, |span| span.from);
        let to = spans.last().map_or(0, |span| span.to);
        Ok(ValuePeriod {
            from: start_of(from),
            to: start_of(to),
            is_complete: bucket.is_whole && to <= self.frame.today,
            value: sum_of(spans)?,
            days: spans.iter().map(Span::days).sum(),
            compared: self.comparison(spans)?,
        })
    }
}

/// The sum of some spans.
pub(super) fn sum_of(spans: &[Span]) -> Result<Amount, AskError> {
    let sum = spans.iter().try_fold(Amount::ZERO, |sum, span| sum.checked_add(span.value));
    sum.ok_or_else(|| AskError::bad("window", "the values in it add up to more than is held"))
}

fn unit_cost(cost: &ValueMoney, value: Amount, per: &str) -> ValueUnitCost {
    let amount = cost
        .amount
        .filter(|_| value.0 > 0)
        .and_then(|cost| scaled(cost, Amount(Amount::ONE), value));
    let reason = match (amount, cost.amount) {
        (Some(_), _) => None,
        (None, None) => Some(Absence::NoData),
        (None, Some(_)) => Some(Absence::NotApplicable),
    };
    ValueUnitCost { amount, currency: cost.currency.clone(), per: per.to_owned(), reason }
}

/// Whether a period has a figure for every day, of value and of cost.
fn is_whole(period: &ValuePeriod) -> bool {
    period.is_complete && period.compared.days == period.days
}

/// The newest whole period against the one before it.
pub(super) fn change_of(periods: &[ValuePeriod]) -> Option<ValueChange> {
    let (before, after) =
        periods.windows(2).rev().filter_map(|pair| Some((pair.first()?, pair.last()?))).find(
            |(before, after)| before.is_complete && after.is_complete && before.to == after.from,
        )?;
    let ratio = |before: Option<Amount>, after: Option<Amount>| match (before, after) {
        (Some(before), Some(after)) if before.0 > 0 => {
            Measure::new((after.to_f64() - before.to_f64()) / before.to_f64(), "1")
        }
        (Some(_), Some(_)) => Measure::absent("1", Absence::NotApplicable),
        _ => Measure::absent("1", Absence::NoData),
    };
    let both = is_whole(before) && is_whole(after);
    let cost = |period: &ValuePeriod| one(&period.compared.costs, |cost| cost.amount);
    let unit_cost = |period: &ValuePeriod| one(&period.compared.unit_costs, |cost| cost.amount);
    let of_cost = |figure: &dyn Fn(&ValuePeriod) -> Option<Amount>| {
        if both {
            ratio(figure(before), figure(after))
        } else {
            Measure::absent("1", Absence::NoData)
        }
    };
    Some(ValueChange {
        before: before.from,
        after: after.from,
        value: ratio(Some(before.value), Some(after.value)),
        cost: of_cost(&cost),
        unit_cost: of_cost(&unit_cost),
    })
}

/// The figure of the only one.
fn one<T>(list: &[T], figure: impl Fn(&T) -> Option<Amount>) -> Option<Amount> {
    match list {
        [one] => figure(one),
        _ => None,
    }
}

/// How value and unit cost change from one whole period to the next.
pub(super) fn trend_of(periods: &[ValuePeriod]) -> ValueTrend {
    let complete: Vec<&ValuePeriod> = periods.iter().filter(|one| one.is_complete).collect();
    let values: Vec<f64> = complete.iter().map(|one| one.value.to_f64()).collect();
    let unit_costs: Vec<f64> = complete
        .iter()
        .filter(|one| is_whole(one))
        .filter_map(|period| one(&period.compared.unit_costs, |cost| cost.amount))
        .map(Amount::to_f64)
        .collect();
    ValueTrend {
        periods: complete.len() as u64,
        value: slope(&values),
        unit_cost: slope(&unit_costs),
    }
}

/// Median slope of all pairs over the median: Theil (1950), Sen (1968).
fn slope(values: &[f64]) -> Measure {
    let n = values.len() as u64;
    if values.len() < TREND_MIN {
        return Measure::absent("1", Absence::TooLittleData).of(n);
    }
    let points: Vec<(f64, f64)> =
        values.iter().enumerate().map(|(place, value)| (place as f64, *value)).collect();
    let middle = median(&sorted(values.iter().copied())).unwrap_or_default();
    if middle <= 0.0 {
        return Measure::absent("1", Absence::NotApplicable).of(n);
    }
    match theil_sen(&points, 0.95) {
        Ok(line) => Measure::new(line.slope.value / middle, "1").of(n),
        Err(_) => Measure::absent("1", Absence::TooLittleData).of(n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 10, 12, 11, 15, 100: slopes of pairs in order are 2, 0.5, 1.667, 22.5, −1, 1.5, 29.33, 4, 44.5, 85;
    /// their median is (2 + 4) / 2, the median of the values 12.
    #[test]
    fn one_outlier_does_not_make_a_trend() {
        let found = slope(&[10.0, 12.0, 11.0, 15.0, 100.0]);
        assert!((found.value.unwrap() - 3.0 / 12.0).abs() < 1e-12);
        assert_eq!(slope(&[1.0, 2.0, 3.0]).reason, Some(Absence::TooLittleData));
    }
}
