//! An instant that may be missing, in eight bytes.

use model::time::Micros;

/// The instant; the least number stands for none, and comes first in order as `None` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(i64);

impl Instant {
    /// The instant, if there is one.
    pub fn get(self) -> Option<Micros> {
        (self.0 != i64::MIN).then_some(Micros(self.0))
    }

    /// As a number, the least for none.
    pub fn code(self) -> i64 {
        self.0
    }

    /// Of a number that [`Instant::code`] gave.
    pub fn from_code(code: i64) -> Self {
        Self(code)
    }
}

impl Default for Instant {
    fn default() -> Self {
        Self(i64::MIN)
    }
}

impl From<Option<Micros>> for Instant {
    fn from(at: Option<Micros>) -> Self {
        Self(at.map_or(i64::MIN, |at| at.0))
    }
}
