//! Sums of the days asked about, by the dimensions of a question.

use std::ops::Range;
use std::sync::Arc;

use model::fact::{CostItemRow, CostQuery, CostRow, CostStep};
use model::seam::ReadContext;
use model::{Amount, Micros};

use super::column::{LEFT_OUT, each};
use super::day_sums::{AMOUNTS, DaySums};
use super::lines::{Combined, Lines};
use super::month_of;
use crate::error::Outcome;
use crate::read::cost_analysis;

/// Sums that grow part by part, in order of time.
#[derive(Debug)]
pub struct Summing {
    combined: Combined,
    /// Buckets of the charges' own time.
    step: Option<CostStep>,
    with_items: bool,
    groups: Vec<Group>,
    bucket: Option<i64>,
    /// Where each combination is counted in the bucket that is being read, long periods apart.
    current: Vec<u32>,
}

impl Summing {
    /// Of nothing yet.
    pub fn new(
        lines: &Lines,
        ctx: &ReadContext,
        query: &CostQuery,
        with_items: bool,
    ) -> Outcome<Self> {
        let combined = lines.combined(ctx, query)?;
        let current = vec![LEFT_OUT; combined.all.len() * 2];
        let step = query.step.filter(|_| !query.by_billing_period);
        Ok(Self { combined, step, with_items, groups: Vec::new(), bucket: None, current })
    }

    /// Adds some rows, which are later than those before.
    pub fn add(&mut self, sums: &DaySums, range: Range<usize>) -> Outcome<()> {
        let mut slots = vec![LEFT_OUT; range.len()];
        let mut day = None;
        for (slot, at) in slots.iter_mut().zip(range.clone()) {
            if self.step.is_some() && day != Some(sums.days[at]) {
                day = Some(sums.days[at]);
                self.enter(i64::from(sums.days[at]) * Micros::DAY)?;
            }
            let combination = self.combined.of_line.get(sums.lines[at] as usize).copied();
            let Some(combination) = combination.filter(|one| *one != LEFT_OUT) else { continue };
            let is_long = self.with_items && sums.is_long[at];
            let held = &mut self.current[combination as usize * 2 + usize::from(is_long)];
            if *held == LEFT_OUT {
                *held = self.groups.len() as u32;
                self.groups.push(Group::new(combination, self.bucket, is_long));
            }
            *slot = *held;
        }
        self.fill(sums, range.start, &slots);
        Ok(())
    }

    /// A day begins, and perhaps the next bucket.
    fn enter(&mut self, day: i64) -> Outcome<()> {
        let next = match self.step {
            Some(CostStep::Month) => month_of(day)?,
            _ => day,
        };
        if self.bucket != Some(next) {
            self.bucket = Some(next);
            self.current.fill(LEFT_OUT);
        }
        Ok(())
    }

    /// Adds the rows from `start` on to the groups that the slots name.
    fn fill(&mut self, sums: &DaySums, start: usize, slots: &[u32]) {
        let groups = &mut self.groups;
        each(start, slots, |at, slot| {
            let group = &mut groups[slot];
            group.rows += u64::from(sums.rows[at]);
            group.first = group.first.min(sums.first[at]);
            group.last = group.last.max(sums.last[at]);
            group.list_used += u64::from(sums.list_used[at]);
        });
        let mut added = vec![(0, 0); groups.len()];
        for (number, column) in sums.amounts.iter().enumerate() {
            added.fill((0, 0));
            column.add(start, slots, &sums.rows, &mut added);
            for (group, (sum, count)) in groups.iter_mut().zip(&added) {
                group.amounts[number].0 += sum;
                group.amounts[number].1 += count;
            }
        }
    }

    /// The rows, in order.
    pub fn found(self, lines: &Lines, query: &CostQuery) -> Outcome<Vec<CostItemRow>> {
        let Self { combined, groups, .. } = self;
        let keyed = groups.into_iter().map(|group| {
            let combination = &combined.all[group.combination as usize];
            let (values, currency) = lines.named(combination, query.dimensions.len())?;
            let bucket = group.bucket.or(combination.bucket);
            Ok(((values, currency.to_owned(), bucket, group.is_long), group))
        });
        let mut found = keyed.collect::<Outcome<Vec<_>>>()?;
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        found.into_iter().map(|(key, group)| group.row(key, query)).collect()
    }
}

/// The values of a row, its currency, its bucket, and whether its charges are long: also the order of rows.
type Key = (Vec<Option<Arc<str>>>, String, Option<i64>, bool);

/// Sums of one combination in one bucket.
#[derive(Debug)]
struct Group {
    combination: u32,
    bucket: Option<i64>,
    is_long: bool,
    rows: u64,
    first: i64,
    last: i64,
    amounts: [(i128, u64); AMOUNTS],
    list_used: u64,
}

impl Group {
    fn new(combination: u32, bucket: Option<i64>, is_long: bool) -> Self {
        Self {
            combination,
            bucket,
            is_long,
            rows: 0,
            first: i64::MAX,
            last: i64::MIN,
            amounts: Default::default(),
            list_used: 0,
        }
    }

    fn row(self, (values, currency, at, is_long): Key, query: &CostQuery) -> Outcome<CostItemRow> {
        let [billed, effective, list, contracted, quantity, before] =
            self.amounts.map(|(sum, count)| (Amount(sum), count));
        let values = query.dimensions.iter().zip(values).map(|(dimension, value)| {
            cost_analysis::value_of(dimension, value.map(|value| value.to_string()))
        });
        let cost = CostRow {
            at: at.map(Micros),
            values: values.collect::<Outcome<_>>()?,
            currency,
            rows: self.rows,
            sums: [billed, effective, list, contracted],
            first: Micros(self.first),
            last: Micros(self.last),
        };
        Ok(CostItemRow {
            cost,
            is_long,
            quantity,
            before_commitment: before,
            from_list: self.list_used,
        })
    }
}
