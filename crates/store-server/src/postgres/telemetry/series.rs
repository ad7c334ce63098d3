//! Which number each series of a batch has. A series is the same when source, metric, labels and the
//! entity of its subject are; of two descriptions the one with the greater hash stays.

use std::collections::HashMap;

use model::entity::Labels;
use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use model::series::SeriesObservation;
use telemetry_rows::{Tally, hash};
use tokio_postgres::types::Type;

use super::mark::NEVER;
use crate::postgres::connection::{Copy, Session};
use crate::postgres::error::{Failure, Outcome};
use crate::postgres::number::{Text, ordered, text_of};
use crate::postgres::statement::{Statement, statement};

const KNOWN: Statement = statement!("series_known");
const NEXT: Statement = statement!("series_next");
const DESCRIBE: Statement = statement!("series_describe");
const STAGE: Copy = Copy {
    name: "stage_series",
    sql: "COPY stage_series FROM STDIN (FORMAT binary)",
    types: &[Type::INT4, Type::INT8, Type::BYTEA],
};
const ADD: Copy = Copy {
    name: "series_add",
    sql: "COPY series FROM STDIN (FORMAT binary)",
    types: &[
        Type::INT4,
        Type::INT8,
        Type::BYTEA,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::FLOAT8,
        Type::TEXT,
        Type::TEXT,
        Type::INT8,
    ],
};

/// One series of the batch.
struct Asked {
    name: [u8; 16],
    entity: i64,
    /// Its number and description, when it is held.
    held: Option<(i32, i64)>,
}

/// The number of each series of the batch, in its order; new ones get theirs by signal first, so that the
/// values of one signal lie together.
pub async fn ids(
    session: &Session,
    write: &TelemetryWrite,
    tally: &mut Tally,
) -> Outcome<Vec<i32>> {
    if write.series.is_empty() {
        return Ok(Vec::new());
    }
    let asked = asked(session, write).await?;
    let mut ids = vec![0; asked.len()];
    let mut described: HashMap<i32, i64> = HashMap::new();
    let mut unknown = Vec::new();
    for (place, (one, (_, observation))) in asked.iter().zip(&write.series).enumerate() {
        let Some((id, held)) = one.held else {
            unknown.push(place);
            continue;
        };
        ids[place] = id;
        let held = described.entry(id).or_insert(held);
        let now = ordered(hash::description(observation));
        if now > *held {
            *held = now;
            describe(session, id, observation, now, tally).await?;
        }
    }
    add(session, write, &asked, unknown, &mut ids, tally).await?;
    Ok(ids)
}

/// Each series of the batch with what is held of it.
async fn asked(session: &Session, write: &TelemetryWrite) -> Outcome<Vec<Asked>> {
    let mut all = Vec::with_capacity(write.series.len());
    let mut rows = session.copy(STAGE).await?;
    for (place, (subject, observation)) in write.series.iter().enumerate() {
        let name = hash::name_hash(
            &write.input.source,
            &observation.metric,
            &labels_text(&observation.labels),
        )
        .to_be_bytes();
        let subject = subject.0 as i64;
        rows.write(&[&(place as i32), &subject, &name.as_slice()]).await?;
        all.push(Asked { name, entity: subject, held: None });
    }
    rows.finish().await?;
    for row in session.rows(KNOWN, &[]).await? {
        let place: i32 = row.try_get(0)?;
        let id: Option<i32> = row.try_get(2)?;
        let one = all
            .get_mut(place as usize)
            .ok_or_else(|| Failure::Row("a series that was not asked for".to_owned()))?;
        one.entity = row.try_get(1)?;
        one.held = match id {
            Some(id) => Some((id, row.try_get(3)?)),
            None => None,
        };
    }
    Ok(all)
}

async fn add(
    session: &Session,
    write: &TelemetryWrite,
    asked: &[Asked],
    mut unknown: Vec<usize>,
    ids: &mut [i32],
    tally: &mut Tally,
) -> Outcome<()> {
    if unknown.is_empty() {
        return Ok(());
    }
    unknown.sort_by(|one, other| {
        let ((subject_a, a), (subject_b, b)) = (&write.series[*one], &write.series[*other]);
        let key = |one: &SeriesObservation| (one.signal.is_none(), one.signal.clone());
        key(a)
            .cmp(&key(b))
            .then_with(|| a.metric.cmp(&b.metric))
            .then_with(|| subject_a.cmp(subject_b))
    });
    let mut next: i32 = session.row(NEXT, &[]).await?.try_get(0)?;
    let mut new: HashMap<([u8; 16], i64), i32> = HashMap::new();
    let mut rows = session.copy(ADD).await?;
    for place in unknown {
        let one = &asked[place];
        if let Some(id) = new.get(&(one.name, one.entity)) {
            ids[place] = *id;
            continue;
        }
        let (subject, observation) = &write.series[place];
        rows.write(&[
            &next,
            &(subject.0 as i64),
            &one.name.as_slice(),
            &Text(&write.input.source),
            &Text(&observation.metric),
            &Text(&labels_text(&observation.labels)),
            &text_of(&observation.signal),
            &observation.signal_factor,
            &text_of(&observation.unit),
            &format!("{:?}", observation.series_type),
            &ordered(hash::description(observation)),
        ])
        .await?;
        new.insert((one.name, one.entity), next);
        ids[place] = next;
        next += 1;
    }
    rows.finish().await?;
    tally.added("series", new.len() as u64);
    Ok(())
}

async fn describe(
    session: &Session,
    id: i32,
    observation: &SeriesObservation,
    now: i64,
    tally: &mut Tally,
) -> Outcome<()> {
    let series_type = format!("{:?}", observation.series_type);
    let row = session
        .row(
            DESCRIBE,
            &[
                ("id", &id),
                ("signal", &text_of(&observation.signal)),
                ("factor", &observation.signal_factor),
                ("unit", &text_of(&observation.unit)),
                ("series_type", &series_type),
                ("description", &now),
            ],
        )
        .await?;
    tally.changed("series", 1);
    tally.touch(DataKind::Samples, row.try_get::<_, Option<i64>>(0)?.unwrap_or(NEVER));
    Ok(())
}

/// Labels as the table holds them: JSON, in order of name.
fn labels_text(labels: &Labels) -> String {
    let json = serde_json::to_string(labels);
    json.expect("a map of texts has no form that JSON lacks")
}
