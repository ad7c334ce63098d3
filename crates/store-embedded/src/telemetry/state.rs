//! What the writer keeps in memory: the dictionary of series with each one's newest instant, the
//! lines and tag sets of charges, and the marks. It is read from the tables when it is not of the
//! tables' own version, so a transaction that failed leaves nothing behind.

use std::collections::{BTreeSet, HashMap};

use duckdb::{Connection, Result, params};
use model::Micros;
use telemetry_rows::hash;

/// State of one series.
#[derive(Debug, Clone, Copy)]
pub struct SeriesState {
    /// Subject as first written.
    pub subject: u64,
    /// Newest instant of a sample, the marker of the end included.
    pub newest: i64,
    /// Newest instant of a histogram.
    pub newest_histogram: i64,
    /// Hash of what describes it: type, signal, factor, unit.
    pub description: u64,
    /// Hash of its source, metric and labels.
    pub name: u128,
}

/// State of the writer.
#[derive(Debug, Default)]
pub struct State {
    /// Number of the newest write.
    pub number: i64,
    /// Series by name and entity.
    pub series_by_identity: HashMap<(u128, u64), u32>,
    /// Series by id.
    pub series: Vec<SeriesState>,
    /// Series by subject.
    pub series_by_subject: HashMap<u64, Vec<u32>>,
    /// Entity by subject, where it is another one.
    pub redirects: HashMap<u64, u64>,
    /// Subjects by the other entity that they stand for.
    pub followers: HashMap<u64, BTreeSet<u64>>,
    /// The greatest id of a subject that was ever written.
    pub subject_max: u64,
    /// Lines of charges by hash; read when the first charge arrives.
    pub lines: Option<HashMap<u128, u32>>,
    /// Tag sets by hash of their names and values; read with the lines.
    pub tagsets: HashMap<u128, u32>,
    /// First hour that is not rolled up.
    pub rolled_until: i64,
    /// First instant of which raw rows are held.
    pub raw_from: i64,
    /// Newest instant of any sample.
    pub newest: i64,
    /// Hours to roll up again.
    pub dirty: BTreeSet<(i64, u32)>,
}

/// An instant before every other.
pub const NEVER: i64 = i64::MIN;

impl State {
    /// The state, read from the tables unless it is theirs already.
    pub fn read(conn: &Connection, held: Option<Self>) -> Result<Self> {
        let number = mark(conn, "write")?.unwrap_or(0);
        if let Some(held) = held.filter(|held| held.number == number) {
            return Ok(held);
        }
        let mut state = Self {
            number,
            rolled_until: mark(conn, "rolled_until")?.unwrap_or(NEVER),
            raw_from: mark(conn, "raw_from")?.unwrap_or(NEVER),
            newest: NEVER,
            ..Self::default()
        };
        state.subject_max =
            conn.query_row(include_str!("state_subject_max.sql"), [], |row| row.get(0))?;
        let mut statement = conn.prepare(include_str!("state_redirects.sql"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            state.redirect(row.get(0)?, row.get(1)?);
        }
        let mut statement = conn.prepare(include_str!("state_series.sql"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let name = hash::name_hash(
                &row.get::<_, String>(2)?,
                &row.get::<_, String>(3)?,
                &row.get::<_, String>(4)?,
            );
            let newest = row.get::<_, Option<i64>>(6)?.unwrap_or(NEVER);
            state.newest = state.newest.max(newest);
            state.add_series(SeriesState {
                subject: row.get(1)?,
                newest,
                newest_histogram: row.get::<_, Option<i64>>(7)?.unwrap_or(NEVER),
                description: row.get(5)?,
                name,
            });
        }
        let mut statement = conn.prepare(include_str!("state_dirty.sql"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            state.dirty.insert((row.get(0)?, row.get(1)?));
        }
        Ok(state)
    }

    /// Puts a series on the list; gives its id.
    pub fn add_series(&mut self, series: SeriesState) -> u32 {
        let id = self.series.len() as u32;
        let entity = self.entity(series.subject);
        self.series_by_identity.entry((series.name, entity)).or_insert(id);
        self.series_by_subject.entry(series.subject).or_default().push(id);
        self.series.push(series);
        id
    }

    /// The entity that a subject stands for.
    pub fn entity(&self, subject: u64) -> u64 {
        self.redirects.get(&subject).copied().unwrap_or(subject)
    }

    /// Subjects that stand for this one, in order.
    pub fn followers(&self, entity: u64) -> Vec<u64> {
        self.followers.get(&entity).map(|set| set.iter().copied().collect()).unwrap_or_default()
    }

    /// Says that `subject` stands for `entity`: its series are found under that one too.
    pub fn redirect(&mut self, subject: u64, entity: u64) {
        if self.entity(subject) == entity {
            return;
        }
        let before = self.redirects.insert(subject, entity).unwrap_or(subject);
        if let Some(followers) = self.followers.get_mut(&before) {
            followers.remove(&subject);
        }
        self.followers.entry(entity).or_default().insert(subject);
        for id in self.series_by_subject.get(&subject).into_iter().flatten() {
            if let Some(series) = self.series.get(*id as usize) {
                self.series_by_identity.entry((series.name, entity)).or_insert(*id);
            }
        }
    }

    /// The lines and tag sets of charges, read when they are first needed.
    pub fn read_lines(&mut self, conn: &Connection) -> Result<()> {
        if self.lines.is_some() {
            return Ok(());
        }
        let mut lines = HashMap::new();
        let mut statement = conn.prepare(include_str!("state_lines.sql"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (high, low): (u64, u64) = (row.get(0)?, row.get(1)?);
            lines.insert(u128::from(high) << 64 | u128::from(low), row.get(2)?);
        }
        self.tagsets = HashMap::from([(hash::pairs_hash::<&str, &str>([]), 0)]);
        let mut statement = conn.prepare(include_str!("state_tagsets.sql"))?;
        let mut rows = statement.query([])?;
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut current = 0;
        while let Some(row) = rows.next()? {
            let tagset: u32 = row.get(0)?;
            if tagset != current && !pairs.is_empty() {
                self.tagsets.insert(hash::pairs_hash(pairs.drain(..)), current);
            }
            current = tagset;
            pairs.push((row.get(1)?, row.get(2)?));
        }
        if !pairs.is_empty() {
            self.tagsets.insert(hash::pairs_hash(pairs), current);
        }
        self.lines = Some(lines);
        Ok(())
    }
}

/// The mark of this name.
pub fn mark(conn: &Connection, name: &str) -> Result<Option<i64>> {
    let mut statement = conn.prepare_cached(include_str!("mark.sql"))?;
    let mut rows = statement.query([name])?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

/// Sets the mark of this name.
pub fn mark_put(conn: &Connection, name: &str, number: i64) -> Result<()> {
    if conn.prepare_cached(include_str!("mark_update.sql"))?.execute(params![name, number])? == 0 {
        conn.prepare_cached(include_str!("mark_insert.sql"))?.execute(params![name, number])?;
    }
    Ok(())
}

/// The start of the hour.
pub fn hour(at: i64) -> i64 {
    Micros(at.max(NEVER + Micros::HOUR)).floor_to(Micros::HOUR).0
}
