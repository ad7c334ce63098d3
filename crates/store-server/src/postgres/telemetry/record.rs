//! Rows of `telemetry_rows::record` into their tables: of two versions of one key the later observed stays, ties by the
//! greater fingerprint.

use model::resolution::TelemetryWrite;
use telemetry_rows::{Tally, record};
use tokio_postgres::types::Type;

use super::mark::NEVER;
use crate::postgres::connection::{Copy, Session};
use crate::postgres::error::Outcome;
use crate::postgres::number::{Text, ordered, text_of, whole};
use crate::postgres::read::row::count;
use crate::postgres::statement::{Statement, statement};

const COMPARE: Statement = statement!("record_compare");
const TALLY: Statement = statement!("record_tally");
const SUBJECT_DROP: Statement = statement!("record_subject_drop");
const DROP: Statement = statement!("record_drop");
const CONFIRM: Statement = statement!("record_confirm");
const SUBJECT_ADD: Statement = statement!("record_subject_add");
const ADD: Statement = statement!("record_add");
const STAGE: Copy = Copy {
    name: "stage_record",
    sql: "COPY stage_record (record, key, source, external_id, class, title, status, instant, until, \
          count, body, fingerprint, observed_at) FROM STDIN (FORMAT binary)",
    types: &[
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::TEXT,
        Type::INT8,
        Type::INT8,
    ],
};
const STAGE_SUBJECT: Copy = Copy {
    name: "stage_record_subject",
    sql: "COPY stage_record_subject FROM STDIN (FORMAT binary)",
    types: &[Type::TEXT, Type::TEXT, Type::INT8, Type::INT4],
};

/// Writes everything that is one row a key.
pub async fn write(session: &Session, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
    let rows = record::rows(write)?;
    if rows.is_empty() {
        return Ok(());
    }
    let observed_at = write.input.observed_at.0;
    let mut staged = session.copy(STAGE).await?;
    for ((record, key), row) in &rows {
        let columns = &row.columns;
        staged
            .write(&[
                record,
                &Text(key),
                &Text(&write.input.source),
                &Text(&columns.external_id),
                &Text(&columns.class),
                &Text(&columns.title),
                &text_of(&columns.status),
                &columns.at,
                &columns.until,
                &whole(columns.count),
                &Text(&row.body),
                &ordered(row.fingerprint),
                &observed_at,
            ])
            .await?;
    }
    staged.finish().await?;
    let mut subjects = session.copy(STAGE_SUBJECT).await?;
    for ((record, key), row) in &rows {
        for (position, subject) in row.subjects.iter().enumerate() {
            let position = i32::try_from(position).unwrap_or(i32::MAX);
            subjects.write(&[record, &Text(key), &(subject.0 as i64), &position]).await?;
        }
    }
    subjects.finish().await?;
    merge(session, tally).await
}

async fn merge(session: &Session, tally: &mut Tally) -> Outcome<()> {
    session.execute(COMPARE, &[]).await?;
    for row in session.rows(TALLY, &[]).await? {
        let record: String = row.try_get(0)?;
        tally.added(&record, count(&row, 1)?);
        tally.changed(&record, count(&row, 2)?);
        let newest: Option<i64> = row.try_get(3)?;
        tally.touch(record::kind(&record), newest.unwrap_or(NEVER));
    }
    for statement in [SUBJECT_DROP, DROP, CONFIRM, SUBJECT_ADD, ADD] {
        session.execute(statement, &[]).await?;
    }
    Ok(())
}
