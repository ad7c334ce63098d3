//! Time of answers against their target.

pub mod answers_in_time;
