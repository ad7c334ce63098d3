//! How each service of an environment behaves over time: requests, failures and latency, with
//! faults passed on to the callers along the call graph.

use crate::clock::DAY;
use crate::company::Environment;
use crate::demand::{Shape, Wave, log_normal_below};
use crate::estate::{Estate, PENDING};
use crate::faults::Fault;
use crate::services::{Need, SERVICES, Service};

/// Spread of latencies: the standard deviation of their logarithm.
const SIGMA: f64 = 0.55;
/// How much slower the slow part of the requests is.
const SLOW: f64 = 2.3;

/// What holds between two instants at which nothing changes but demand.
#[derive(Debug, Clone)]
struct Period {
    start: i64,
    traffic: f64,
    /// By the position of the service in `SERVICES`.
    state: Vec<State>,
}

/// A service in one period.
#[derive(Debug, Clone, Copy, Default)]
pub struct State {
    /// Share of its requests that fail.
    pub errors: f64,
    /// Median time of a request in seconds.
    pub median: f64,
}

/// The behaviour of one environment.
pub struct Behaviour {
    /// The environment.
    pub env: &'static Environment,
    /// The faults of the environment that start before the end of the horizon.
    pub faults: Vec<Fault>,
    periods: Vec<Period>,
    /// Nominal requests per second, by the position in `SERVICES`.
    nominal: Vec<f64>,
    origin: i64,
    random: crate::random::Keyed,
}

impl Behaviour {
    /// The behaviour from the start of the history to `to`.
    pub fn new(estate: &Estate, env: &'static Environment, to: i64) -> Self {
        let all = estate.faults(to.max(estate.until));
        let faults: Vec<Fault> = all.into_iter().filter(|f| f.environment == env.index).collect();
        let mut bounds = vec![estate.from - DAY];
        for fault in &faults {
            bounds.push(fault.start);
            if fault.end < i64::MAX {
                bounds.push(fault.end);
            }
            if fault.latency_factor_per_day > 0.0 {
                let mut day = fault.start + DAY;
                while day < to {
                    bounds.push(day);
                    day += DAY;
                }
            }
        }
        bounds.sort_unstable();
        bounds.dedup();
        bounds.retain(|b| *b >= estate.from - DAY && *b < to.max(estate.until));
        let periods = bounds
            .into_iter()
            .map(|start| Period {
                start,
                traffic: active(&faults, start).map(|f| f.traffic_factor).product(),
                state: states(estate, env, &faults, start),
            })
            .collect();
        Self {
            env,
            faults,
            periods,
            nominal: nominal(env),
            origin: estate.from - DAY,
            random: estate.random,
        }
    }

    /// Whether this service has traffic here at all.
    pub fn has_traffic(&self, service: &Service) -> bool {
        (self.env.index, service.name) != PENDING
            && service.runs_in(self.env.index)
            && self.nominal[position(service)] > 0.0
    }

    /// Requests per second of a service when all waves are at 0.
    pub fn nominal_rate(&self, service: &Service) -> f64 {
        self.nominal[position(service)]
    }

    fn period_at(&self, at: i64) -> usize {
        self.periods.partition_point(|p| p.start <= at).saturating_sub(1)
    }

    /// The state of a service at an instant.
    pub fn state(&self, service: &Service, at: i64) -> State {
        self.periods[self.period_at(at)].state[position(service)]
    }

    /// The state that callers from `caller` see: a fault on the edge is theirs alone.
    pub fn state_for(&self, caller: &str, callee: &Service, at: i64) -> State {
        let mut state = self.state(callee, at);
        for fault in active(&self.faults, at) {
            if fault.service == callee.name && fault.only_from == Some(caller) {
                state.median = own_seconds(callee) * fault.latency_factor;
                state.errors = state.errors.max(fault.error_ratio);
            }
        }
        state
    }

    /// Traffic factor in force at an instant.
    pub fn traffic(&self, at: i64) -> f64 {
        self.periods[self.period_at(at)].traffic
    }

    /// Counters of the requests that a service receives, or that `caller` makes to it.
    pub fn counters(&self, service: &Service, caller: Option<&Service>) -> Counters {
        let level = match caller {
            None => self.nominal_rate(service),
            Some(caller) => caller
                .calls
                .iter()
                .filter(|c| c.to == service.name)
                .map(|c| c.per_request * self.nominal_rate(caller))
                .sum(),
        };
        let daily = if self.env.index == 2 { 0.2 } else { 0.42 };
        let key = match caller {
            None => service.name.to_owned(),
            Some(caller) => format!("{}>{}", caller.name, service.name),
        };
        let wave = |part: f64, daily: f64, key: &str| {
            let shape = Shape { level: level * part, daily, growth: 0.12 };
            Wave::new(self.random, self.env, self.origin, key, shape)
        };
        // The slow part swings with the day more than the rest: busy hours are slow hours.
        let (fast, slow) =
            (wave(0.9, daily, &key), wave(0.1, (daily * 1.4).min(0.58), &format!("{key}/slow")));
        let mut spans = Vec::with_capacity(self.periods.len());
        for period in &self.periods {
            let state = match caller {
                None => period.state[position(service)],
                Some(caller) => self.state_for(caller.name, service, period.start),
            };
            spans.push(Span {
                start: period.start,
                traffic: period.traffic,
                state,
                fast_before: fast.total(period.start),
                slow_before: slow.total(period.start),
            });
        }
        Counters { fast, slow, spans }
    }
}

struct Span {
    start: i64,
    traffic: f64,
    state: State,
    fast_before: f64,
    slow_before: f64,
}

/// Cumulative counts of one stream of requests.
pub struct Counters {
    fast: Wave,
    slow: Wave,
    spans: Vec<Span>,
}

/// Which requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Those that succeed.
    Succeeded,
    /// Those that fail.
    Failed,
}

/// A cumulative quantity: what each request adds to it, period by period, and its sum so far.
pub struct Quantity {
    /// Per period: start sum, weight of a fast and of a slow request.
    steps: Vec<(f64, f64, f64)>,
}

/// One instant, prepared for reading several quantities of one stream.
#[derive(Debug, Clone, Copy)]
pub struct Instant {
    span: usize,
    fast: f64,
    slow: f64,
}

impl Counters {
    /// Prepares an instant.
    pub fn at(&self, at: i64) -> Instant {
        let span = self.spans.partition_point(|s| s.start <= at).saturating_sub(1);
        let s = &self.spans[span];
        Instant {
            span,
            fast: self.fast.total(at) - s.fast_before,
            slow: self.slow.total(at) - s.slow_before,
        }
    }

    /// Requests per second at an instant.
    pub fn rate(&self, at: i64) -> f64 {
        let span = self.spans.partition_point(|s| s.start <= at).saturating_sub(1);
        (self.fast.rate(at) + self.slow.rate(at)) * self.spans[span].traffic
    }

    /// Requests of this outcome that took at most `le` seconds.
    pub fn bucket(&self, outcome: Outcome, le: f64) -> Quantity {
        self.quantity(outcome, |median| log_normal_below(le, median, SIGMA))
    }

    /// Seconds that the requests of this outcome took together.
    pub fn seconds(&self, outcome: Outcome) -> Quantity {
        self.quantity(outcome, |median| median * (SIGMA * SIGMA / 2.0).exp())
    }

    fn quantity(&self, outcome: Outcome, weigh: impl Fn(f64) -> f64) -> Quantity {
        let mut steps: Vec<(f64, f64, f64)> = Vec::with_capacity(self.spans.len());
        let mut sum = 0.0;
        for (index, s) in self.spans.iter().enumerate() {
            let share = match outcome {
                Outcome::Succeeded => 1.0 - s.state.errors,
                Outcome::Failed => s.state.errors,
            } * s.traffic;
            let fast = share * weigh(s.state.median);
            let slow = share * weigh(s.state.median * SLOW);
            steps.push((sum, fast, slow));
            if let Some(next) = self.spans.get(index + 1) {
                sum += fast * (next.fast_before - s.fast_before)
                    + slow * (next.slow_before - s.slow_before);
            }
        }
        Quantity { steps }
    }
}

impl Quantity {
    /// The sum at an instant.
    pub fn value(&self, at: Instant) -> f64 {
        let (before, fast, slow) = self.steps[at.span];
        before + fast * at.fast + slow * at.slow
    }
}

/// Position of a service in `SERVICES`.
pub fn position(service: &Service) -> usize {
    SERVICES.iter().position(|s| s.name == service.name).unwrap_or(0)
}

fn active(faults: &[Fault], at: i64) -> impl Iterator<Item = &Fault> {
    faults.iter().filter(move |f| f.start <= at && at < f.end)
}

/// Requests per second of every service: from outside, and what its callers pass on. The cycle
/// converges because it passes on less than it gets.
fn nominal(env: &Environment) -> Vec<f64> {
    let outside: Vec<f64> = SERVICES
        .iter()
        .map(|s| if s.runs_in(env.index) { s.outside * env.traffic } else { 0.0 })
        .collect();
    let mut rates = outside.clone();
    for _ in 0..24 {
        let mut next = outside.clone();
        for (index, s) in SERVICES.iter().enumerate().filter(|(_, s)| s.runs_in(env.index)) {
            for call in s.calls.iter().filter(|c| c.known.is_observed()) {
                if let Some(to) =
                    SERVICES.iter().position(|t| t.name == call.to && t.runs_in(env.index))
                {
                    next[to] += rates[index] * call.per_request;
                }
            }
        }
        // Consumers handle what producers send.
        for (index, s) in SERVICES.iter().enumerate().filter(|(_, s)| s.runs_in(env.index)) {
            for queue in s.sends {
                for (to, t) in SERVICES.iter().enumerate() {
                    if t.runs_in(env.index) && t.receives.contains(queue) {
                        next[to] += rates[index];
                    }
                }
            }
        }
        rates = next;
    }
    rates
}

/// Time of a request in the service itself and its stores, in seconds.
fn own_seconds(service: &Service) -> f64 {
    (service.latency_ms + 2.5 * service.stores.len() as f64) / 1000.0
}

/// States of all services while these faults hold, by relaxation along the calls.
fn states(estate: &Estate, env: &Environment, faults: &[Fault], at: i64) -> Vec<State> {
    let now: Vec<&Fault> = active(faults, at).collect();
    let own: Vec<State> = SERVICES
        .iter()
        .map(|s| {
            let drawn = estate.random.unit(&format!("errors/{}/{}", env.name, s.name));
            let mut state = State { errors: 0.0004 + 0.0014 * drawn, median: own_seconds(s) };
            for fault in now.iter().filter(|f| f.service == s.name) {
                let days = (at - fault.start) as f64 / DAY as f64;
                let factor = fault.latency_factor + fault.latency_factor_per_day * days.floor();
                // A fault on one edge shows in the whole of the callee only a little.
                let part = if fault.only_from.is_some() { 0.15 } else { 1.0 };
                state.median *= 1.0 + (factor - 1.0) * part;
                state.errors += fault.error_ratio * part;
            }
            state
        })
        .collect();
    let mut all = own.clone();
    for _ in 0..10 {
        let before = all.clone();
        for (index, s) in SERVICES.iter().enumerate() {
            let mut state = own[index];
            for call in s.calls.iter().filter(|c| c.known.is_observed()) {
                let Some(to) =
                    SERVICES.iter().position(|t| t.name == call.to && t.runs_in(env.index))
                else {
                    continue;
                };
                let mut callee = before[to];
                for f in now.iter().filter(|f| f.service == call.to && f.only_from == Some(s.name))
                {
                    callee.median = own_seconds(&SERVICES[to]) * f.latency_factor;
                    callee.errors = callee.errors.max(f.error_ratio);
                }
                state.median += 0.7 * call.per_request.min(1.5) * callee.median;
                if call.need == Need::Required {
                    state.errors += call.per_request.min(1.0) * callee.errors;
                }
            }
            state.errors = state.errors.min(0.95);
            all[index] = state;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::ENVIRONMENTS;
    use crate::options::Options;
    use crate::services::service;

    fn behaviour() -> (Estate, Behaviour) {
        let until = jiff::Timestamp::from_second(1_790_000_000).unwrap();
        let estate = Estate::new(&Options::demo(until));
        let b = Behaviour::new(&estate, &ENVIRONMENTS[0], estate.until);
        (estate, b)
    }

    #[test]
    fn counters_never_fall_and_buckets_nest() {
        let (estate, b) = behaviour();
        let checkout = service("checkout").unwrap();
        let counters = b.counters(checkout, None);
        let small = counters.bucket(Outcome::Succeeded, 0.25);
        let all = counters.bucket(Outcome::Succeeded, f64::INFINITY);
        let mut last = (0.0, 0.0);
        for t in (estate.from..estate.until).step_by(600) {
            let at = counters.at(t);
            let now = (small.value(at), all.value(at));
            assert!(now.0 >= last.0 && now.1 >= last.1 && now.0 <= now.1);
            last = now;
        }
        assert!(last.1 > 1e6);
    }

    #[test]
    fn a_fault_reaches_its_callers_and_nobody_else() {
        let (_, b) = behaviour();
        let fault = b.faults.iter().find(|f| f.key == "inventory-db-storage-full").unwrap();
        let change = |name: &str| {
            let s = service(name).unwrap();
            b.state(s, fault.start).errors / b.state(s, fault.start - 600).errors
        };
        assert!(change("inventory") > 50.0);
        assert!(change("checkout") > 20.0);
        assert!((change("recommendations") - 1.0).abs() > 0.5); // through catalogue
        assert!((change("points") - 1.0).abs() < 1e-9);
    }
}
