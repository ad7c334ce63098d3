//! Percentiles by nearest rank.

/// Times of one kind of request, in milliseconds.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<f64>);

impl Times {
    /// One more.
    pub fn add(&mut self, milliseconds: f64) {
        self.0.push(milliseconds);
    }

    /// The least value that at least the share `q` of all does not exceed.
    pub fn at(&self, q: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (q * sorted.len() as f64).ceil().max(1.0) as usize;
        sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
    }

    /// Median, p95, maximum and number, one line.
    pub fn line(&self) -> String {
        let (median, p95, max) = (self.at(0.5), self.at(0.95), self.at(1.0));
        format!("p50 {median:.2} ms, p95 {p95:.2} ms, max {max:.2} ms, n = {}", self.0.len())
    }
}
