//! The oracle store: the write seams kept naively in maps, by their documentation, for the tests of
//! the write path. It reads nothing for questions.

mod seam;
mod state;
mod topology;

pub use seam::Memory;
pub use state::State;
