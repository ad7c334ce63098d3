//! A circuit breaker: after failures in a row the server is left alone for a while, then one caller
//! tries; its success lets everyone in again, its failure doubles the while.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The breaker of one server.
#[derive(Debug)]
pub struct Breaker {
    state: Mutex<State>,
    failures_max: u32,
    wait_min: Duration,
    wait_max: Duration,
}

#[derive(Debug)]
struct State {
    failures: u32,
    wait: Duration,
    /// Nobody is let in before.
    closed_until: Option<Instant>,
}

impl Breaker {
    /// One that lets everyone in.
    pub fn new(failures_max: u32, wait_min: Duration, wait_max: Duration) -> Self {
        let state = Mutex::new(State { failures: 0, wait: wait_min, closed_until: None });
        Self { state, failures_max: failures_max.max(1), wait_min, wait_max }
    }

    /// Lets a caller in, or says how long nobody is.
    pub fn admit(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.closed_until {
            Some(until) if until > now => Err(until - now),
            Some(_) => {
                // This caller is the one that tries; the others wait as long again.
                state.closed_until = Some(now + state.wait);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether callers are kept out or one is trying.
    pub fn is_open(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed_until.is_some()
    }

    /// The server answered.
    pub fn succeeded(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State { failures: 0, wait: self.wait_min, closed_until: None };
    }

    /// The server is away.
    pub fn failed(&self, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= self.failures_max {
            if state.closed_until.is_some() {
                state.wait = (state.wait * 2).min(self.wait_max);
            }
            state.closed_until = Some(now + state.wait);
        }
    }
}
