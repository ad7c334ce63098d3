//! Rows gathered by who says them and when they were true, since a batch has one source and one
//! observation time.

use std::collections::BTreeMap;

use model::series::SeriesObservation;
use model::{Batch, Micros};

use super::observe::{Observed, What};
use crate::input::{BATCH_OBSERVATIONS, Out};

/// The source of rows that name none.
const UNNAMED: &str = "unnamed";

/// Source and observation time; `None` when the rows do not say or it does not matter for them.
type Heading = (String, Option<Micros>);

/// Gathers rows and hands them on, heading by heading.
pub struct Gather<'o, 'b> {
    out: &'b mut Out<'o>,
    parts: BTreeMap<Heading, Batch>,
    /// The heading of the last row with what it says: most inputs have only one.
    current: Option<(Heading, Batch)>,
    count: usize,
}

impl<'o, 'b> Gather<'o, 'b> {
    /// In front of `out`.
    pub fn new(out: &'b mut Out<'o>) -> Self {
        Self { out, parts: BTreeMap::new(), current: None, count: 0 }
    }

    /// A row that could not be read. Returns whether to go on.
    pub fn reject(&mut self, place: String, reason: impl Into<String>) -> bool {
        self.out.reject(place, reason);
        self.out.added(0)
    }

    /// One row. Returns whether to go on.
    pub fn put(&mut self, observed: Observed) -> bool {
        let Observed { source, observed_at, what } = observed;
        // Changes, findings and samples have instants of their own.
        let has_own_time = matches!(what, What::Change(_) | What::Finding(_) | What::Sample(_));
        let heading = (source, observed_at.filter(|_| !has_own_time));
        let batch = self.batch(heading);
        match what {
            What::Entity(one) => batch.entities.push(*one),
            What::Relation(one) => batch.relations.push(*one),
            What::Incident(one) => batch.incidents.push(*one),
            What::Change(one) => batch.changes.push(*one),
            What::Finding(one) => batch.findings.push(*one),
            What::Sample(one) => add_sample(&mut batch.series, *one),
        }
        self.count += 1;
        self.count < BATCH_OBSERVATIONS || self.hand_on()
    }

    fn batch(&mut self, heading: Heading) -> &mut Batch {
        let is_current = self.current.as_ref().is_some_and(|(current, _)| *current == heading);
        if !is_current {
            if let Some((before, batch)) = self.current.take() {
                self.parts.insert(before, batch);
            }
            let batch = self.parts.remove(&heading);
            let batch = batch.unwrap_or_else(|| Batch::new(self.out.batch().input.clone()));
            self.current = Some((heading, batch));
        }
        &mut self.current.as_mut().expect("it was set just now").1
    }

    fn hand_on(&mut self) -> bool {
        if let Some((heading, batch)) = self.current.take() {
            self.parts.insert(heading, batch);
        }
        self.count = 0;
        let mut go_on = true;
        for ((source, observed_at), part) in std::mem::take(&mut self.parts) {
            let source = if source.is_empty() { UNNAMED } else { source.as_str() };
            self.out.regard(&format!("own:{source}"), observed_at);
            let count = part.observation_count();
            let batch = self.out.batch();
            batch.entities.extend(part.entities);
            batch.relations.extend(part.relations);
            batch.incidents.extend(part.incidents);
            batch.changes.extend(part.changes);
            batch.findings.extend(part.findings);
            batch.series.extend(part.series);
            go_on &= self.out.added(count);
        }
        go_on
    }

    /// Hands on what is left.
    pub fn finish(mut self) {
        self.hand_on();
    }
}

/// Consecutive samples of one series are one series.
fn add_sample(series: &mut Vec<SeriesObservation>, sample: SeriesObservation) {
    let is_same = |last: &SeriesObservation| {
        last.subject == sample.subject
            && last.metric == sample.metric
            && last.labels == sample.labels
            && last.unit == sample.unit
            && last.series_type == sample.series_type
            && last.points.last().map(|point| point.at)
                <= sample.points.first().map(|point| point.at)
    };
    match series.last_mut().filter(|last| is_same(last)) {
        Some(last) => last.points.extend(sample.points),
        None => series.push(sample),
    }
}
