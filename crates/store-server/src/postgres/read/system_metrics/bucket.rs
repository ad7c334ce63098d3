//! Values of series in buckets, counts by bin and newest instants: which hours are read from rollups and
//! what is read raw, and the statements that do it.

use std::collections::HashMap;

use model::seam::ReadContext;
use model::series::Bin;
use model::{Micros, Window};
use tokio_postgres::Row;

use super::{COUNTERS, DIRTY, DURATIONS, HAS_HISTOGRAM, HISTOGRAMS, LEVELS, NEWEST};
use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;
use crate::postgres::read::row::count;
use crate::postgres::statement::Parameter;
use crate::postgres::telemetry::{Marks, NEVER, hour};

/// A bucket that holds every instant.
pub const WHOLE: i64 = i64::MAX / 4;

/// What the window of a read takes from where.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    since: i64,
    from: i64,
    /// End of the window, not included.
    pub to: i64,
    roll_from: i64,
    roll_to: i64,
    rolled_until: i64,
    /// Hours of the rollups to be read raw, from the first to the end of the last; empty when all are clean.
    dirty: (i64, i64),
    step: i64,
    piece: i64,
}

/// One bucket of one series, as received.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    /// Series.
    pub series: i32,
    /// Start.
    pub at: i64,
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The earliest, and when.
    pub first: (i64, f64),
    /// The latest, and when.
    pub last: (i64, f64),
    /// For counters: the rise.
    pub increase: f64,
}

/// How the values of asked series are read.
#[derive(Debug, Default)]
pub struct Ids {
    /// Series that only rise.
    pub counters: Vec<i32>,
    /// All others.
    pub levels: Vec<i32>,
    /// Those of which durations are counted by bin.
    pub durations: Vec<i32>,
}

impl Ids {
    /// All asked series.
    pub fn all(&self) -> Vec<i32> {
        self.counters.iter().chain(&self.levels).copied().collect()
    }
}

impl Plan {
    /// The plan for a window in buckets of `step`; `WHOLE` for one bucket.
    pub async fn of(
        session: &Session,
        ctx: &ReadContext,
        window: Window,
        step: i64,
    ) -> Outcome<Self> {
        let (from, to) = window.micros();
        let to = ctx.as_of.map_or(to.0, |as_of| to.0.min(as_of.plus(1).0));
        let from = from.0.min(to);
        let Marks { rolled_until, raw_from, .. } = Marks::read(session).await?;
        let is_by_hour = step == WHOLE || step % Micros::HOUR == 0;
        // What is not held raw any more is read by the hour, whatever the step.
        let roll_to = if is_by_hour { hour(to) } else { raw_from };
        let roll_to = roll_to.min(rolled_until).min(hour(to));
        let whole = if from == hour(from) { from } else { hour(from).saturating_add(Micros::HOUR) };
        let roll_from = if from < raw_from { hour(from) } else { whole };
        let before = if step == WHOLE { 0 } else { step.max(Micros::HOUR) };
        let (roll_from, roll_to) =
            if roll_from < roll_to { (roll_from, roll_to) } else { (from, from) };
        Ok(Self {
            since: from.saturating_sub(before),
            from,
            to,
            roll_from,
            roll_to,
            rolled_until,
            dirty: dirty(session, roll_from, roll_to).await?,
            step,
            piece: if is_by_hour { Micros::HOUR } else { step },
        })
    }

    /// End of what is read raw before the rollups.
    fn head_to(&self) -> i64 {
        self.roll_from.min(self.to)
    }
}

/// From the first to the end of the last hour of a range that is to be rolled up again.
async fn dirty(session: &Session, from: i64, to: i64) -> Outcome<(i64, i64)> {
    let row = session.row(DIRTY, &[("1", &from), ("2", &to)]).await?;
    let ends: (Option<i64>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(match ends {
        (Some(first), Some(last)) => (first, last.saturating_add(Micros::HOUR)),
        _ => (0, 0),
    })
}

/// The asked series in buckets: by series within each kind, then by time.
pub async fn buckets(session: &Session, ids: &Ids, plan: Plan) -> Outcome<Vec<Bucket>> {
    let mut found = Vec::new();
    if !ids.levels.is_empty() {
        let tail_from = plan.roll_to.max(plan.from);
        let parameters: [Parameter<'_>; 10] = [
            ("asked", &ids.levels),
            ("from", &plan.from),
            ("head_to", &plan.head_to()),
            ("tail_from", &tail_from),
            ("to", &plan.to),
            ("roll_from", &plan.roll_from),
            ("roll_to", &plan.roll_to),
            ("dirty_from", &plan.dirty.0),
            ("dirty_to", &plan.dirty.1),
            ("step", &plan.step),
        ];
        let rows = session.rows(LEVELS, &parameters).await?;
        found.extend(rows.iter().map(bucket).collect::<Outcome<Vec<_>>>()?);
    }
    if !ids.counters.is_empty() {
        let tail_from = plan.roll_to.max(plan.since);
        let parameters: [Parameter<'_>; 12] = [
            ("asked", &ids.counters),
            ("since", &plan.since),
            ("from", &plan.from),
            ("head_to", &plan.head_to()),
            ("tail_from", &tail_from),
            ("to", &plan.to),
            ("roll_from", &plan.roll_from),
            ("roll_to", &plan.roll_to),
            ("dirty_from", &plan.dirty.0),
            ("dirty_to", &plan.dirty.1),
            ("step", &plan.step),
            ("piece", &plan.piece),
        ];
        let rows = session.rows(COUNTERS, &parameters).await?;
        found.extend(rows.iter().map(bucket).collect::<Outcome<Vec<_>>>()?);
    }
    Ok(found)
}

fn bucket(row: &Row) -> Outcome<Bucket> {
    Ok(Bucket {
        series: row.try_get(0)?,
        at: row.try_get(1)?,
        count: count(row, 2)?,
        sum: row.try_get(3)?,
        min: row.try_get(4)?,
        max: row.try_get(5)?,
        first: (row.try_get(6)?, row.try_get(7)?),
        last: (row.try_get(8)?, row.try_get(9)?),
        increase: row.try_get(10)?,
    })
}

/// One bin of one bucket of one series.
#[derive(Debug, Clone, Copy)]
pub struct Binned {
    /// Series.
    pub series: i32,
    /// Start of the bucket.
    pub at: i64,
    /// Bin.
    pub bin: Bin,
    /// How many values.
    pub count: u64,
}

/// Counts by bin: of durations, and of native histograms; each by series, bucket and bin.
pub async fn bins(session: &Session, ids: &Ids, plan: Plan) -> Outcome<Vec<Binned>> {
    let mut rows = Vec::new();
    if !ids.durations.is_empty() {
        let tail_from = plan.roll_to.max(plan.from);
        let parameters: [Parameter<'_>; 10] = [
            ("asked", &ids.durations),
            ("from", &plan.from),
            ("head_to", &plan.head_to()),
            ("tail_from", &tail_from),
            ("to", &plan.to),
            ("roll_from", &plan.roll_from),
            ("roll_to", &plan.roll_to),
            ("dirty_from", &plan.dirty.0),
            ("dirty_to", &plan.dirty.1),
            ("step", &plan.step),
        ];
        rows = session.rows(DURATIONS, &parameters).await?;
    }
    if !session.rows(HAS_HISTOGRAM, &[]).await?.is_empty() {
        let all = ids.all();
        let parameters: [Parameter<'_>; 4] =
            [("asked", &all), ("from", &plan.from), ("to", &plan.to), ("step", &plan.step)];
        rows.extend(session.rows(HISTOGRAMS, &parameters).await?);
    }
    let binned = |row: &Row| -> Outcome<Binned> {
        Ok(Binned {
            series: row.try_get(0)?,
            at: row.try_get(1)?,
            bin: Bin(row.try_get(2)?),
            count: count(row, 3)?,
        })
    };
    rows.iter().map(binned).collect()
}

/// The newest value of each series before `to`. Of series with a value in the window (`last`) only what
/// comes after it is looked at; of the others everything.
pub async fn newest(
    session: &Session,
    plan: Plan,
    last: &[(i32, Option<i64>)],
    to: i64,
) -> Outcome<HashMap<i32, i64>> {
    let mut found: HashMap<i32, i64> =
        last.iter().filter_map(|(id, at)| at.map(|at| (*id, at))).collect();
    for (is_inside, since) in [(true, plan.to), (false, NEVER)] {
        let ids: Vec<i32> =
            last.iter().filter(|(_, at)| at.is_some() == is_inside).map(|(id, _)| *id).collect();
        if ids.is_empty() || since >= to {
            continue;
        }
        let since_hour = if since == NEVER { NEVER } else { hour(since) };
        // The hour of the end is known by the hour only.
        let open_from = plan.rolled_until.min(hour(to)).max(since);
        let dirty = dirty(session, since_hour, to).await?;
        let parameters: [Parameter<'_>; 7] = [
            ("asked", &ids),
            ("since", &since),
            ("since_hour", &since_hour),
            ("open_from", &open_from),
            ("to", &to),
            ("dirty_from", &dirty.0),
            ("dirty_to", &dirty.1),
        ];
        for row in session.rows(NEWEST, &parameters).await? {
            let (series, at): (i32, i64) = (row.try_get(0)?, row.try_get(1)?);
            let newest = found.entry(series).or_insert(at);
            *newest = (*newest).max(at);
        }
    }
    Ok(found)
}
