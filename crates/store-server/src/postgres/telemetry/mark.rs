//! Marks, versions and sequences: small rows that change with every batch.

use model::Micros;
use model::resolution::Sequence;
use model::seam::{DataKind, Version};
use tokio_postgres::Row;

use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;
use crate::postgres::number::{Text, whole};
use crate::postgres::read::row::count;
use crate::postgres::statement::{Parameter, Statement, statement};

const MARKS: Statement = statement!("marks");
const MARK_PUT: Statement = statement!("mark_put");
const VERSION_OF: Statement = statement!("version_of");
const VERSION_PUT: Statement = statement!("version_put");
const SEQUENCE_KNOWN: Statement = statement!("sequence_known");
const SEQUENCE_PUT: Statement = statement!("sequence_put");
const SEQUENCE_ALL: Statement = statement!("sequence_all");

/// The name under which sequences are kept.
const STORE: &str = "telemetry";

/// An instant before every other.
pub const NEVER: i64 = i64::MIN;

/// Where the samples stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// First hour that is not rolled up.
    pub rolled_until: i64,
    /// First instant of which raw rows are held.
    pub raw_from: i64,
    /// Newest instant of any sample or histogram.
    pub newest: i64,
}

impl Marks {
    /// As they are.
    pub async fn read(session: &Session) -> Outcome<Self> {
        let mut marks = Self { rolled_until: NEVER, raw_from: NEVER, newest: NEVER };
        for row in session.rows(MARKS, &[]).await? {
            let (name, number): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            match name.as_str() {
                "rolled_until" => marks.rolled_until = number,
                "raw_from" => marks.raw_from = number,
                "newest" => marks.newest = number,
                _ => {}
            }
        }
        Ok(marks)
    }

    /// Keeps what differs from `before`.
    pub async fn write(&self, session: &Session, before: &Self) -> Outcome<()> {
        let all = [
            ("rolled_until", self.rolled_until, before.rolled_until),
            ("raw_from", self.raw_from, before.raw_from),
            ("newest", self.newest, before.newest),
        ];
        for (name, number, held) in all {
            if number != held {
                session.execute(MARK_PUT, &[("name", &name), ("number", &number)]).await?;
            }
        }
        Ok(())
    }
}

/// The start of the hour.
pub fn hour(at: i64) -> i64 {
    Micros(at.max(NEVER + Micros::HOUR)).floor_to(Micros::HOUR).0
}

/// The version of one kind of data.
pub async fn version(session: &Session, kind: DataKind) -> Outcome<Version> {
    let name = format!("{kind:?}");
    let read = |row: &Row| -> Outcome<Version> {
        let newest: Option<i64> = row.try_get(1)?;
        Ok(Version { number: count(row, 0)?, newest: newest.map(Micros) })
    };
    let rows = session.rows(VERSION_OF, &[("kind", &name)]).await?;
    Ok(rows.first().map(read).transpose()?.unwrap_or_default())
}

/// Raises the version of one kind.
pub async fn version_put(session: &Session, kind: DataKind, newest: i64) -> Outcome<()> {
    let name = format!("{kind:?}");
    session.execute(VERSION_PUT, &[("kind", &name), ("newest", &newest)]).await?;
    Ok(())
}

/// Whether this sequence is held already.
pub async fn is_known(session: &Session, sequence: &Sequence) -> Outcome<bool> {
    let (journal, number) = (Text(&sequence.journal), whole(sequence.number));
    let parameters: [Parameter<'_>; 3] =
        [("journal", &journal), ("store", &STORE), ("number", &number)];
    Ok(session.row(SEQUENCE_KNOWN, &parameters).await?.try_get(0)?)
}

/// Records that everything up to this sequence is held.
pub async fn sequence_put(session: &Session, sequence: &Sequence) -> Outcome<()> {
    let (journal, number) = (Text(&sequence.journal), whole(sequence.number));
    let parameters: [Parameter<'_>; 3] =
        [("journal", &journal), ("store", &STORE), ("number", &number)];
    session.execute(SEQUENCE_PUT, &parameters).await?;
    Ok(())
}

/// The last of each journal, in order of journal.
pub async fn sequences(session: &Session) -> Outcome<Vec<Sequence>> {
    let rows = session.rows(SEQUENCE_ALL, &[("store", &STORE)]).await?;
    rows.iter()
        .map(|row| Ok(Sequence { journal: row.try_get(0)?, number: count(row, 1)? }))
        .collect()
}
