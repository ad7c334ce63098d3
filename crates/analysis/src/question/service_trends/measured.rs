//! What is measured of one service over one period, worked out once for all its signals. Pure.

use super::params::TrendSignal;
use super::reported::{self, Reported};
use super::requests::{Origins, PeriodFacts, Requests, durations, requests};
use super::saturation::{Saturation, saturation};
use crate::grid::Grid;
use crate::judged_series::{Values, mean_of};
use crate::series::cumulative::{Cumulative, merged, quantile, quantile_error};
use crate::series::percentile::{median, sorted};

/// Share of a level that bins of durations cannot tell apart.
const BIN_WIDTH: f64 = 0.02;

/// What is measured of one service over one period.
pub(super) struct MeasuredPeriod {
    /// Buckets.
    pub grid: Grid,
    /// Requests.
    pub requests: Option<Requests>,
    /// Durations by bucket.
    pub durations: Vec<Option<Cumulative>>,
    /// All durations.
    pub all_durations: Cumulative,
    /// Quantiles as reported, where only these are known.
    pub reported: Reported,
    /// Saturation.
    pub saturation: Saturation,
}

impl MeasuredPeriod {
    /// The measures of a period, from the sources chosen for the window.
    pub fn of(facts: &PeriodFacts<'_>, origins: &Origins, grid: Grid) -> Self {
        let requests = origins.requests.as_ref().map(|origin| requests(facts, origin, grid));
        let durations = match &origins.durations {
            Some(origin) => durations(facts, origin, grid),
            None => Vec::new(),
        };
        let all_durations = merged(durations.iter().flatten());
        let reported = match &origins.durations {
            Some(origin) => reported::reported(facts, origin, grid),
            None => Reported::new(),
        };
        let saturation = saturation(&facts.series, grid);
        Self { grid, requests, durations, all_durations, reported, saturation }
    }

    /// Values of a signal by bucket.
    pub fn values(&self, signal: TrendSignal) -> Values {
        let nothing = || vec![None; self.grid.count];
        if let Some(share) = signal.quantile() {
            if !self.reported.is_empty() {
                return reported::at(&self.reported, share).cloned().unwrap_or_else(nothing);
            }
            let at = |buckets: &Option<Cumulative>| quantile(buckets.as_ref()?, share).ok();
            let values: Values = self.durations.iter().map(at).collect();
            return if values.is_empty() { nothing() } else { values };
        }
        match (signal, &self.requests) {
            (TrendSignal::Saturation, _) => self.saturation.values.clone(),
            (TrendSignal::RequestRate, Some(requests)) => requests.rate.clone(),
            (TrendSignal::ErrorRatio, Some(requests)) => {
                let pairs = requests.errors.iter().zip(&requests.requests);
                let ratio = |(errors, requests): (&Option<f64>, &Option<f64>)| {
                    let requests = requests.filter(|requests| *requests > 0.0)?;
                    Some(((*errors)? / requests).clamp(0.0, 1.0))
                };
                pairs.map(ratio).collect()
            }
            _ => nothing(),
        }
    }

    /// One value of a signal for the whole period: a quantile of all durations, failed of all requests,
    /// or a mean.
    pub fn whole(&self, signal: TrendSignal) -> Option<f64> {
        if let Some(share) = signal.quantile() {
            // Of reported quantiles the middle one; they cannot be merged.
            if let Some(values) = reported::at(&self.reported, share) {
                return median(&sorted(values.iter().copied().flatten()));
            }
            return quantile(&self.all_durations, share).ok();
        }
        if signal != TrendSignal::ErrorRatio {
            return mean_of(&self.values(signal));
        }
        let requests = self.requests.as_ref()?;
        let is_known = requests.errors.iter().any(Option::is_some);
        let sum = |values: &Values| values.iter().flatten().sum::<f64>();
        let all = sum(&requests.requests);
        (is_known && all > 0.0).then(|| (sum(&requests.errors) / all).clamp(0.0, 1.0))
    }

    /// Requests of the period.
    pub fn count(&self) -> Option<f64> {
        let requests = &self.requests.as_ref()?.requests;
        let is_known = requests.iter().any(Option::is_some);
        is_known.then(|| requests.iter().flatten().sum())
    }

    /// Events behind the values of a signal and what they are of, by bucket.
    pub fn counts(&self, signal: TrendSignal) -> Option<(Values, Values)> {
        let requests = self.requests.as_ref()?;
        match signal {
            TrendSignal::RequestRate if !requests.is_sampled => {
                let second = self.grid.step_seconds();
                let exposure = requests.requests.iter().map(|count| count.map(|_| second));
                Some((requests.requests.clone(), exposure.collect()))
            }
            TrendSignal::ErrorRatio => Some((requests.errors.clone(), requests.requests.clone())),
            _ => None,
        }
    }

    /// How uncertain a quantile of one bucket is, in the middle bucket: few requests say little about it.
    fn quantile_error(&self, share: f64) -> f64 {
        let errors = self.durations.iter().flatten().map(|one| quantile_error(one, share));
        median(&sorted(errors)).unwrap_or_default()
    }

    /// The least difference of a signal that means anything, at a level: one request a bucket, half a
    /// percent of failures, what bins and as many durations tell apart, one percent of a resource.
    pub fn resolution(&self, signal: TrendSignal, level: f64) -> f64 {
        match signal {
            TrendSignal::RequestRate => {
                (1.0 / self.grid.step_seconds()).max(level.abs() * BIN_WIDTH / 2.0)
            }
            TrendSignal::ErrorRatio => 0.005,
            TrendSignal::Saturation => 0.01,
            _ => {
                let error = signal.quantile().map_or(0.0, |share| self.quantile_error(share));
                (level.abs() * BIN_WIDTH).max(1e-4).max(error)
            }
        }
    }
}
