//! How stores and tables grow: the difference to the oldest size of the last 30 days, a day.

use jiff::{SignedDuration, Timestamp};
use model::absence::Absence;
use model::measure::Measure;

use super::facts::{OptimizationFacts, SizePast, TableSize, whole};
use super::report::OptimizationStore;

/// How far back a size is compared.
const BACK_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Below this time a difference says nothing of days.
const BACK_MIN: SignedDuration = SignedDuration::from_hours(24);

/// Every store, in order of name.
pub fn stores(facts: &OptimizationFacts) -> Vec<OptimizationStore> {
    let mut stores: Vec<OptimizationStore> = facts
        .reports
        .iter()
        .map(|report| match report {
            Err((store, reason)) => untold(store, reason),
            Ok(report) => {
                let bytes = measure(report.bytes, "By", Absence::NotCollected);
                let bytes_max = measure(report.bytes_max, "By", Absence::NotConfigured);
                let per_day =
                    per_day(facts, &report.store, "", report.bytes, |one| one.bytes, "By");
                OptimizationStore {
                    store: report.store.clone(),
                    days_until_full: days_until_full(&bytes, &bytes_max, &per_day),
                    bytes,
                    bytes_max,
                    bytes_per_day: per_day,
                    counted_since: report.counted_since,
                    reason: None,
                }
            }
        })
        .collect();
    stores.sort_by(|one, other| one.store.cmp(&other.store));
    stores
}

fn untold(store: &str, reason: &str) -> OptimizationStore {
    let none = |unit: &str| Measure::absent(unit, Absence::StoreUnavailable);
    OptimizationStore {
        store: store.to_owned(),
        bytes: none("By"),
        bytes_max: none("By"),
        bytes_per_day: none("By/d"),
        days_until_full: none("d"),
        counted_since: None,
        reason: Some(reason.to_owned()),
    }
}

/// Bytes that a table grows by in a day.
pub fn bytes_per_day(
    facts: &OptimizationFacts,
    store: &str,
    table: &model::fact::TableFact,
) -> Measure {
    per_day(facts, store, &table.name, whole(table), |one| one.bytes, "By")
}

/// Rows that a table grows by in a day.
pub fn rows_per_day(
    facts: &OptimizationFacts,
    store: &str,
    table: &model::fact::TableFact,
) -> Measure {
    per_day(facts, store, &table.name, table.rows, |one| one.rows, "1")
}

fn per_day(
    facts: &OptimizationFacts,
    store: &str,
    table: &str,
    now: Option<u64>,
    figure: fn(&TableSize) -> Option<u64>,
    unit: &str,
) -> Measure {
    let unit = format!("{unit}/d");
    let Some(now) = now else { return Measure::absent(&unit, Absence::NotCollected) };
    let age = |at: Timestamp| facts.now.duration_since(at);
    let before = facts
        .sizes
        .iter()
        .filter(|past| age(past.at) <= BACK_MAX && age(past.at) >= BACK_MIN)
        .find_map(|past: &SizePast| {
            let of = |one: &&TableSize| one.store == store && one.table == table;
            Some((past.at, figure(past.sizes.iter().find(of)?)?))
        });
    match before {
        None => Measure::absent(&unit, Absence::TooLittleData),
        Some((at, before)) => {
            let days = age(at).as_secs_f64() / 86_400.0;
            Measure::new((now as f64 - before as f64) / days, &unit)
        }
    }
}

fn days_until_full(bytes: &Measure, bytes_max: &Measure, per_day: &Measure) -> Measure {
    match (bytes.value, bytes_max.value, per_day.value) {
        (_, None, _) => Measure::absent("d", Absence::NotConfigured),
        (Some(bytes), Some(most), Some(growth)) if growth > 0.0 => {
            Measure::new(((most - bytes) / growth).max(0.0), "d")
        }
        // What does not grow is never full.
        (_, _, Some(_)) => Measure::absent("d", Absence::NotApplicable),
        _ => Measure::absent("d", Absence::TooLittleData),
    }
}

fn measure(value: Option<u64>, unit: &str, reason: Absence) -> Measure {
    value.map_or_else(|| Measure::absent(unit, reason), |value| Measure::new(value as f64, unit))
}
