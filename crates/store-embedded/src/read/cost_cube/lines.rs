//! What charges have in common, as numbers: which lines a question means, and how they combine by its
//! dimensions.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, Int64Array, StringArray, UInt32Array};
use duckdb::Connection;
use model::Micros;
use model::fact::{CostDimension, CostQuery, CostStep};
use model::scope::OrgScope;
use model::seam::ReadContext;

use super::column::LEFT_OUT;
use super::month_of;
use crate::column::column;
use crate::error::{Failure, Outcome};
use crate::read::cost_analysis::{SLOTS, filter_value, position_of};
use crate::recorded::prepared;

/// Texts of a line: the dimensions, then the place.
const TEXTS: usize = 26;
/// Columns before them.
const BEFORE: usize = 3;
/// Where some of the texts stand.
const ACCOUNT: usize = 4;
const REGION: usize = 5;
const OWNER: usize = 12;
const APPLICATION: usize = 13;
const CURRENCY: usize = 15;
const CLUSTER: usize = 23;
const NAMESPACE: usize = 24;
const ENVIRONMENT: usize = 25;
/// The number of no text.
const ABSENT: u32 = 0;

/// All lines.
#[derive(Debug, Default)]
pub struct Lines {
    lines: Vec<Line>,
    /// One more than the largest id.
    ids: usize,
    texts: Texts,
    tags: HashMap<u32, Vec<(u32, u32)>>,
}

#[derive(Debug)]
struct Line {
    id: u32,
    period: i64,
    tagset: u32,
    texts: [u32; TEXTS],
}

/// Texts by number and back; number 0 is none.
#[derive(Debug, Default)]
struct Texts {
    all: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let text: Arc<str> = text.into();
        self.all.push(Arc::clone(&text));
        let number = self.all.len() as u32;
        self.numbers.insert(text, number);
        number
    }

    fn known(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    fn text(&self, number: u32) -> Option<&Arc<str>> {
        self.all.get((number as usize).checked_sub(1)?)
    }
}

/// What lines have in common by the dimensions of a question.
#[derive(Debug, PartialEq, Eq, Hash, Clone, Copy)]
pub struct Combination {
    values: [u32; SLOTS],
    currency: u32,
    /// Start of the bucket, where it depends on the billing period.
    pub bucket: Option<i64>,
}

/// The lines that a question means.
#[derive(Debug, Default)]
pub struct Combined {
    /// The combination of each line by its id, or that it is left out.
    pub of_line: Vec<u32>,
    /// The combinations.
    pub all: Vec<Combination>,
}

impl Lines {
    /// Reads every line.
    pub fn read(conn: &Connection) -> Outcome<Self> {
        let mut lines = Self::default();
        let mut statement = prepared(conn, "cost_cube_lines", include_str!("lines.sql"))?;
        for batch in statement.query_arrow([])? {
            let ids = column::<UInt32Array>(&batch, 0)?;
            let periods = column::<Int64Array>(&batch, 1)?;
            let tagsets = column::<UInt32Array>(&batch, 2)?;
            let columns: Vec<&StringArray> = (BEFORE..BEFORE + TEXTS)
                .map(|at| column::<StringArray>(&batch, at))
                .collect::<Outcome<_>>()?;
            for row in 0..batch.num_rows() {
                let mut texts = [ABSENT; TEXTS];
                for (number, column) in texts.iter_mut().zip(&columns) {
                    if column.is_valid(row) {
                        *number = lines.texts.number(column.value(row));
                    }
                }
                let id = ids.value(row);
                lines.ids = lines.ids.max(id as usize + 1);
                let (period, tagset) = (periods.value(row), tagsets.value(row));
                lines.lines.push(Line { id, period, tagset, texts });
            }
        }
        let mut statement = prepared(conn, "cost_cube_tags", include_str!("tags.sql"))?;
        for batch in statement.query_arrow([])? {
            let tagsets = column::<UInt32Array>(&batch, 0)?;
            let names = column::<StringArray>(&batch, 1)?;
            let values = column::<StringArray>(&batch, 2)?;
            for row in 0..batch.num_rows() {
                let name = lines.texts.number(names.value(row));
                let tag = (name, lines.texts.number(values.value(row)));
                lines.tags.entry(tagsets.value(row)).or_default().push(tag);
            }
        }
        Ok(lines)
    }

    /// Number of the value of a dimension.
    fn value(&self, line: &Line, dimension: &Dimension) -> u32 {
        match dimension {
            Dimension::Text(at) => line.texts[*at],
            Dimension::Tag(None) => ABSENT,
            Dimension::Tag(Some(name)) => {
                let tags = self.tags.get(&line.tagset).map_or(&[][..], Vec::as_slice);
                tags.iter().find(|tag| tag.0 == *name).map_or(ABSENT, |tag| tag.1)
            }
        }
    }

    fn dimension(&self, dimension: &CostDimension) -> Dimension {
        match position_of(dimension) {
            (position @ 1.., _) => Dimension::Text(position as usize - 1),
            (_, tag) => Dimension::Tag(self.texts.known(tag)),
        }
    }

    /// The lines that a question means, by its dimensions.
    pub fn combined(&self, ctx: &ReadContext, query: &CostQuery) -> Outcome<Combined> {
        let dimensions: Vec<Dimension> =
            query.dimensions.iter().map(|one| self.dimension(one)).collect();
        let wanted = self.wanted(ctx, query);
        let mut combined = Combined { of_line: vec![LEFT_OUT; self.ids], all: Vec::new() };
        let mut known: HashMap<Combination, u32> = HashMap::new();
        for line in self.lines.iter().filter(|line| wanted.is_met(self, line)) {
            let bucket = match query.step.filter(|_| query.by_billing_period) {
                None => None,
                Some(CostStep::Day) => Some(line.period / Micros::DAY * Micros::DAY),
                Some(CostStep::Month) => Some(month_of(line.period)?),
            };
            let mut values = [ABSENT; SLOTS];
            for (value, dimension) in values.iter_mut().zip(&dimensions) {
                *value = self.value(line, dimension);
            }
            let key = Combination { values, currency: line.texts[CURRENCY], bucket };
            let number = *known.entry(key).or_insert_with_key(|key| {
                combined.all.push(*key);
                combined.all.len() as u32 - 1
            });
            combined.of_line[line.id as usize] = number;
        }
        Ok(combined)
    }

    fn wanted(&self, ctx: &ReadContext, query: &CostQuery) -> Wanted {
        let numbers = |texts: &[String]| -> Option<Vec<u32>> {
            let known = || texts.iter().filter_map(|text| self.texts.known(text)).collect();
            (!texts.is_empty()).then(known)
        };
        let place = &query.place;
        let lists = [
            (ACCOUNT, &place.account),
            (REGION, &place.region),
            (CLUSTER, &place.cluster),
            (NAMESPACE, &place.namespace),
            (ENVIRONMENT, &place.environment),
        ];
        let places =
            lists.into_iter().filter_map(|(at, texts)| Some((at, numbers(texts)?))).collect();
        let org = match &ctx.org_scope {
            OrgScope::Everything => None,
            OrgScope::Units(units) => Some(numbers(units).unwrap_or_default()),
        };
        let window = query.window.filter(|_| query.by_billing_period).map(|window| {
            let (from, to) = window.micros();
            (from.0, to.0)
        });
        let filters = query.filters.iter().map(|(dimension, value)| {
            let value = filter_value(dimension, value);
            // An empty value stands for none.
            let number = if value.is_empty() { Some(ABSENT) } else { self.texts.known(&value) };
            (self.dimension(dimension), number)
        });
        Wanted {
            places,
            units: [numbers(&query.unit), org].into_iter().flatten().collect(),
            window,
            filters: filters.collect(),
            empty: self.texts.known(""),
        }
    }

    /// The values of a combination by so many dimensions, in their order, and its currency.
    pub fn named(
        &self,
        of: &Combination,
        dimensions: usize,
    ) -> Outcome<(Vec<Option<Arc<str>>>, &str)> {
        let values = of
            .values
            .iter()
            .take(dimensions)
            .map(|number| self.texts.text(*number).cloned())
            .collect();
        let currency = self.texts.text(of.currency);
        let currency =
            currency.ok_or_else(|| Failure::Row("a charge without a currency".to_owned()))?;
        Ok((values, currency))
    }
}

/// Where a dimension is found.
enum Dimension {
    Text(usize),
    /// A tag by the number of its name, where any has it.
    Tag(Option<u32>),
}

/// What lines must have, as numbers.
struct Wanted {
    /// Any of these texts in that place.
    places: Vec<(usize, Vec<u32>)>,
    /// Owner or application is any of each list.
    units: Vec<Vec<u32>>,
    /// Start of the billing period.
    window: Option<(i64, i64)>,
    /// Exactly this; `None` where no line has it.
    filters: Vec<(Dimension, Option<u32>)>,
    /// Number of the empty text.
    empty: Option<u32>,
}

impl Wanted {
    fn is_met(&self, lines: &Lines, line: &Line) -> bool {
        let is_filtered = |(dimension, number): &(Dimension, Option<u32>)| {
            let found = lines.value(line, dimension);
            let found = if Some(found) == self.empty { ABSENT } else { found };
            Some(found) == *number
        };
        let is_of = |units: &Vec<u32>| {
            units.contains(&line.texts[OWNER]) || units.contains(&line.texts[APPLICATION])
        };
        self.window.is_none_or(|(from, to)| (from..to).contains(&line.period))
            && self.places.iter().all(|(at, numbers)| numbers.contains(&line.texts[*at]))
            && self.units.iter().all(is_of)
            && self.filters.iter().all(is_filtered)
    }
}
