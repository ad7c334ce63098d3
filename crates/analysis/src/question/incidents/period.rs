//! Calendar periods in UTC.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use model::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;

/// Most periods of one answer.
const PERIODS_MAX: usize = 400;

/// Length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentPeriodStep {
    /// From midnight.
    Day,
    /// From Monday.
    Week,
    /// From the first.
    Month,
    /// From January, April, July and October.
    Quarter,
    /// From January.
    Year,
}

impl IncidentPeriodStep {
    /// The one that suits a window.
    pub fn of_window(from: Micros, to: Micros) -> Self {
        let days = (to.0.saturating_sub(from.0)) / Micros::DAY;
        match days {
            ..=35 => Self::Day,
            36..=200 => Self::Week,
            _ => Self::Month,
        }
    }

    /// First day of the period that holds a day.
    fn first(self, date: Date) -> Date {
        let month = |month: i8| Date::new(date.year(), month, 1).unwrap_or(date);
        match self {
            Self::Day => date,
            Self::Week => {
                let back = i64::from(date.weekday().since(Weekday::Monday));
                date.checked_sub(back.days()).unwrap_or(date)
            }
            Self::Month => date.first_of_month(),
            Self::Quarter => month((date.month() - 1) / 3 * 3 + 1),
            Self::Year => month(1),
        }
    }

    fn next(self, date: Date) -> Option<Date> {
        let span = match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Quarter => 3.months(),
            Self::Year => 1.year(),
        };
        date.checked_add(span).ok()
    }
}

/// The periods that touch `[from, to)`, whole, in order.
///
/// # Errors
/// When there are too many.
pub(super) fn periods(
    step: IncidentPeriodStep,
    from: Micros,
    to: Micros,
) -> Result<Vec<(Micros, Micros)>, AskError> {
    let instant =
        |date: Date| date.to_zoned(TimeZone::UTC).map(|zoned| Micros::of(zoned.timestamp())).ok();
    let day = from.timestamp().to_zoned(TimeZone::UTC).date();
    let mut date = step.first(day);
    let mut all = Vec::new();
    while let (Some(start), Some(next)) = (instant(date), step.next(date)) {
        let Some(end) = instant(next).filter(|_| start < to) else { break };
        if all.len() == PERIODS_MAX {
            let reason = format!("gives more than {PERIODS_MAX} periods; narrow the window");
            return Err(AskError::bad("step", reason));
        }
        all.push((start, end));
        date = next;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        Micros::of(model::time::instant(text).unwrap())
    }

    #[test]
    fn periods_are_those_of_the_calendar() {
        let all = |step| {
            let found = periods(step, at("2024-02-14T10:00:00Z"), at("2024-03-01")).unwrap();
            found.iter().map(|(from, _)| from.to_string()[..10].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(all(IncidentPeriodStep::Week), ["2024-02-12", "2024-02-19", "2024-02-26"]);
        assert_eq!(all(IncidentPeriodStep::Month), ["2024-02-01"]);
        assert_eq!(all(IncidentPeriodStep::Quarter), ["2024-01-01"]);
        assert_eq!(all(IncidentPeriodStep::Day).len(), 16);
        assert!(periods(IncidentPeriodStep::Day, at("2020-01-01"), at("2024-01-01")).is_err());
    }
}
