//! The charges that count as a data cube in memory: summed by line and day, so that sums by any dimension are made
//! without reading every charge again. The first question after a change of what counts builds it; of a day in
//! which a window begins or ends the charges are read. What it cannot tell (the past, more sums than memory is
//! meant for) is asked of the charges themselves.
//! Cost: one pass over the charges to build, then one over the sums of the days asked about for each read.

mod column;
mod day_sums;
mod lines;
mod summing;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use duckdb::{Connection, OptionalExt};
use model::Micros;
use model::fact::{BillFact, CostItemRow, CostQuery, CostRow};
use model::seam::ReadContext;

use super::cost_analysis;
use crate::error::{Failure, Outcome};
use day_sums::{DaySums, Split};
use lines::Lines;
use summing::Summing;

/// What is held of the charges of a database, each with the version of which it is.
#[derive(Debug, Default)]
pub struct CostCube {
    held: Mutex<Held>,
    /// Raised whenever whose a resource is, or where it stands, may have changed.
    subjects: AtomicU64,
}

/// Sums and lines of one version.
type Current = (u64, Arc<DaySums>, Arc<Lines>);

#[derive(Debug, Default)]
struct Held {
    /// None where they are too many.
    sums: Option<(u64, Option<Arc<DaySums>>)>,
    lines: Option<((u64, u64), Arc<Lines>)>,
    bills: Option<(u64, Arc<Vec<BillFact>>)>,
}

impl CostCube {
    /// Subjects were written: they are read again.
    pub fn subjects_changed(&self) {
        self.subjects.fetch_add(1, Ordering::SeqCst);
    }

    /// One row a combination of the asked dimensions.
    pub fn rows(
        &self,
        conn: &Connection,
        ctx: &ReadContext,
        query: &CostQuery,
    ) -> Outcome<Vec<CostRow>> {
        match self.summed(conn, ctx, query, false)? {
            Some(found) => Ok(found.into_iter().map(|one| one.cost).collect()),
            None => cost_analysis::rows(conn, ctx, query),
        }
    }

    /// The same with quantities, long charge periods apart.
    pub fn items(
        &self,
        conn: &Connection,
        ctx: &ReadContext,
        query: &CostQuery,
    ) -> Outcome<Vec<CostItemRow>> {
        match self.summed(conn, ctx, query, true)? {
            Some(found) => Ok(found),
            None => cost_analysis::items(conn, ctx, query),
        }
    }

    /// Every delivery with what became of it.
    pub fn bills(&self, conn: &Connection) -> Outcome<Vec<BillFact>> {
        let held = self.lock().bills.clone();
        if let Some((of, bills)) = held
            && of == version(conn)?
        {
            return Ok(bills.as_ref().clone());
        }
        let (of, bills) = at_once(conn, || Ok((version(conn)?, cost_analysis::bills(conn)?)))?;
        self.lock().bills = Some((of, Arc::new(bills.clone())));
        Ok(bills)
    }

    fn summed(
        &self,
        conn: &Connection,
        ctx: &ReadContext,
        query: &CostQuery,
        with_items: bool,
    ) -> Outcome<Option<Vec<CostItemRow>>> {
        if query.dimensions.len() > cost_analysis::SLOTS {
            return Ok(None);
        }
        let Some((of, sums, lines)) = self.current(conn)? else { return Ok(None) };
        if !sums.can_tell(ctx) {
            return Ok(None);
        }
        let Split { before, whole, after } = sums.split(query);
        let Some([before, after]) = cut_days(conn, of, [before, after])? else { return Ok(None) };
        let mut summing = Summing::new(&lines, ctx, query, with_items)?;
        if let Some(part) = before {
            summing.add(&part, 0..part.days.len())?;
        }
        summing.add(&sums, whole)?;
        if let Some(part) = after {
            summing.add(&part, 0..part.days.len())?;
        }
        summing.found(&lines, query).map(Some)
    }

    /// The sums and lines as they stand, read anew where something changed; none where they are too many.
    fn current(&self, conn: &Connection) -> Outcome<Option<Current>> {
        // Before anything is read: what changes meanwhile is read again the next time.
        let subjects = self.subjects.load(Ordering::SeqCst);
        let now = version(conn)?;
        let (sums, lines) = {
            let held = self.lock();
            let sums = held.sums.clone().filter(|(of, _)| *of == now).map(|(_, sums)| sums);
            let lines = held.lines.clone().filter(|(of, _)| *of == (now, subjects));
            (sums, lines.map(|(_, lines)| lines))
        };
        match (sums, lines) {
            (Some(None), _) => Ok(None),
            (Some(Some(sums)), Some(lines)) => Ok(Some((now, sums, lines))),
            (Some(Some(sums)), None) => {
                // Those of charges that are still on their way do no harm: no sum names them.
                let lines = Arc::new(Lines::read(conn)?);
                self.lock().lines = Some(((now, subjects), Arc::clone(&lines)));
                Ok(Some((now, sums, lines)))
            }
            (None, _) => {
                let (of, sums, lines) = at_once(conn, || {
                    Ok((
                        version(conn)?,
                        DaySums::read(conn, (i64::MIN, i64::MAX))?,
                        Lines::read(conn)?,
                    ))
                })?;
                let (sums, lines) = (sums.map(Arc::new), Arc::new(lines));
                let mut held = self.lock();
                held.sums = Some((of, sums.clone()));
                held.lines = sums.is_some().then(|| ((of, subjects), Arc::clone(&lines)));
                Ok(sums.map(|sums| (of, sums, lines)))
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sums of days that a window cuts; none when what is charged is of another version by now, or they are too
/// many for memory.
fn cut_days(
    conn: &Connection,
    of: u64,
    times: [Option<(i64, i64)>; 2],
) -> Outcome<Option<[Option<DaySums>; 2]>> {
    if times == [None, None] {
        return Ok(Some([None, None]));
    }
    at_once(conn, || {
        if version(conn)? != of {
            return Ok(None);
        }
        let mut days = [None, None];
        for (day, time) in days.iter_mut().zip(times) {
            let Some(time) = time else { continue };
            *day = DaySums::read(conn, time)?;
            if day.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(days))
    })
}

/// Reads several things of one instant.
fn at_once<T>(conn: &Connection, read: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    conn.execute_batch("BEGIN TRANSACTION READ ONLY")?;
    let found = read();
    conn.execute_batch("ROLLBACK")?;
    found
}

fn version(conn: &Connection) -> Outcome<u64> {
    let mut statement = conn.prepare_cached(include_str!("cost_cube/version.sql"))?;
    let number = statement.query_row([], |row| row.get::<_, u64>(0)).optional()?;
    Ok(number.unwrap_or_default())
}

/// Start of the month that holds an instant, in UTC.
fn month_of(at: i64) -> Outcome<i64> {
    let zoned = Micros(at).timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    let first = zoned.first_of_month().and_then(|first| first.start_of_day());
    let first = first.map_err(|error| Failure::Row(error.to_string()))?;
    Ok(first.timestamp().as_microsecond())
}
