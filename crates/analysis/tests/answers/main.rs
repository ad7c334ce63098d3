//! The questions asked through the answer path, over stores that hold hand-written facts.
#![expect(clippy::unwrap_used, reason = "the stores and oracles of a test may panic")]

mod clusters;
mod cost;
mod cost_days;
mod fake;
mod health;
mod hostile;
mod incidents;
mod path;
mod savings;
mod service;
mod topology;
mod trends;
mod value;
