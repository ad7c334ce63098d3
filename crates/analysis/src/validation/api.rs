//! Answers against their own description.

mod accepts;
pub mod answers_fit_their_schema;
pub mod totals_add_up;
