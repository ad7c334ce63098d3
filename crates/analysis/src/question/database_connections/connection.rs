//! Connections against the limit, and whether anybody is seen using a database.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::entity::EntityId;
use model::fact::{EntityFact, SignalFact};
use model::kind::{EntityKind as K, RelationKind as R};
use model::measure::Measure;

use super::shape::{Connections, Usage};
use crate::estate::Estate;
use crate::property::text;

/// Signals that are read.
pub(super) const SIGNALS: [&str; 2] = ["connection_count", "connection_limit"];

/// What was measured, by entity.
pub(in crate::question) type Measured<'a> = BTreeMap<EntityId, Vec<&'a SignalFact>>;

/// Series of one signal of a database by the source that sent most values: several sources are never
/// added, but the series of one are (by state, by database).
pub(in crate::question) fn of_signal<'a>(
    estate: &Estate,
    database: u32,
    signal: &str,
    measured: &Measured<'a>,
) -> Vec<&'a SignalFact> {
    // An exporter in Kubernetes measures the workload that runs the database.
    let subjects = std::iter::once(database).chain(estate.far(database, R::ImplementedBy));
    let all: Vec<&SignalFact> = subjects
        .filter_map(|one| measured.get(&estate.entity(one).entity))
        .flatten()
        .copied()
        .filter(|one| one.signal == signal && one.count > 0)
        .collect();
    let mut values: BTreeMap<&str, u64> = BTreeMap::new();
    for one in &all {
        *values.entry(&one.source).or_default() += one.count;
    }
    let best = values.into_iter().max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0))).map(|(name, _)| name);
    all.into_iter().filter(|one| Some(one.source.as_str()) == best).collect()
}

/// Connections and their limit.
pub(in crate::question) fn of(
    estate: &Estate,
    database: u32,
    parameters: &Parameters,
    measured: &Measured<'_>,
) -> Connections {
    let unit = "count";
    let open = of_signal(estate, database, "connection_count", measured);
    let open_max = if open.is_empty() {
        Measure::absent(unit, Absence::NoData)
    } else {
        // Greatest values of several series need not be of one instant: their sum is the most that
        // can have been open.
        let values = open.iter().map(|one| one.count).sum();
        Measure::measured(open.iter().map(|one| one.max).sum(), unit).of(values)
    };
    let limits = of_signal(estate, database, "connection_limit", measured);
    let measured_limit = limits.iter().max_by_key(|one| one.last.0).map(|one| one.last.1);
    let parameter = parameters.of(estate.entity(database));
    let literal = parameter.and_then(|value| value.trim().parse::<f64>().ok());
    let (limit, limit_from) = match (measured_limit, literal) {
        (Some(limit), _) => (Measure::measured(limit, unit), Some("measured")),
        (None, Some(limit)) => (Measure::new(limit, unit), Some("parameter")),
        (None, None) if parameter.is_some() => (
            Measure::absent(
                unit,
                Absence::NotConfigured
                    .because("the parameter is a formula of the machine's memory"),
            ),
            None,
        ),
        (None, None) => (Measure::absent(unit, Absence::NotCollected), None),
    };
    let share = match (open_max.value, limit.value) {
        (Some(open), Some(limit)) if limit > 0.0 => Measure::new(open / limit, "1"),
        _ => Measure::absent("1", Absence::NoData),
    };
    Connections {
        open_max,
        limit,
        limit_from: limit_from.map(str::to_owned),
        limit_formula: parameter.filter(|_| literal.is_none()).map(str::to_owned),
        share,
    }
}

/// The connection limits that parameter groups state, by account, region and name.
#[derive(Debug, Default)]
pub(in crate::question) struct Parameters {
    limits: BTreeMap<(Option<String>, Option<String>, String), String>,
}

impl Parameters {
    /// Of every parameter group of the estate.
    pub(in crate::question) fn new(estate: &Estate) -> Self {
        let mut limits = BTreeMap::new();
        for one in estate.of_kind(K::Resource) {
            let fact = estate.entity(one);
            let Some(limit) = text(fact, "max_connections") else { continue };
            let name = fact.name.clone();
            let key = (fact.scope.account.clone(), fact.scope.region.clone(), name);
            limits.insert(key, limit.to_owned());
        }
        Self { limits }
    }

    fn of(&self, database: &EntityFact) -> Option<&str> {
        let group = text(database, "db_parameter_group_name")
            .or_else(|| text(database, "db_cluster_parameter_group"))?;
        let scope = &database.scope;
        let limit = |account: Option<String>, region: Option<String>| {
            self.limits.get(&(account, region, group.to_owned()))
        };
        // A response alone does not tell the account, or even the region.
        limit(scope.account.clone(), scope.region.clone())
            .or_else(|| limit(None, scope.region.clone()))
            .or_else(|| limit(None, None))
            .map(String::as_str)
    }
}

/// What is known of the use of a database.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Clients that were seen.
    pub observed: u64,
    /// Clients that are only declared.
    pub declared: u64,
    /// Connections that were open at most; `None` where they were not measured.
    pub open_max: Option<f64>,
}

/// Used when somebody was seen, unused only when what would show it was measured.
pub(super) fn usage(seen: Seen) -> (Usage, String) {
    if seen.observed > 0 {
        return (Usage::Used, format!("{} clients were seen talking to it", seen.observed));
    }
    match seen.open_max {
        Some(open) if open > 0.0 => (
            Usage::Used,
            format!("up to {open} connections were open; their clients are not known"),
        ),
        Some(_) if seen.declared == 0 => {
            (Usage::Unused, "no connection was open in the window, and nobody names it".to_owned())
        }
        Some(_) => (
            Usage::Unused,
            format!("no connection was open in the window; {} clients name it", seen.declared),
        ),
        None if seen.declared > 0 => (
            Usage::Unknown,
            format!("{} clients name it, and its connections were not measured", seen.declared),
        ),
        None => (Usage::Unknown, "its connections were not measured".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_unused_without_a_measure() {
        let of = |observed, declared, open_max| usage(Seen { observed, declared, open_max }).0;
        assert_eq!(of(1, 0, None), Usage::Used);
        assert_eq!(of(0, 3, None), Usage::Unknown);
        assert_eq!(of(0, 0, None), Usage::Unknown);
        assert_eq!(of(0, 0, Some(0.0)), Usage::Unused);
        assert_eq!(of(0, 0, Some(2.0)), Usage::Used);
    }
}
