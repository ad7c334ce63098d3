//! Subjects: whom rows are of, with what grouping, scope and top-N need.

use std::collections::BTreeMap;

use model::resolution::SubjectWrite;
use tokio_postgres::types::Type;

use crate::postgres::connection::{Copy, Session};
use crate::postgres::error::Outcome;
use crate::postgres::number::{Text, text_of};
use crate::postgres::statement::{Statement, statement};

const MERGE: Statement = statement!("subject_merge");
const FOLLOWERS: Statement = statement!("subject_merge_followers");
const STAGE: Copy = Copy {
    name: "stage_subject",
    sql: "COPY stage_subject FROM STDIN (FORMAT binary)",
    types: &[
        Type::INT8,
        Type::INT8,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
    ],
};

/// Puts subjects in; those that stood for a written one follow it.
pub async fn write(session: &Session, subjects: &[SubjectWrite]) -> Outcome<()> {
    if subjects.is_empty() {
        return Ok(());
    }
    let latest: BTreeMap<u64, &SubjectWrite> =
        subjects.iter().map(|subject| (subject.id.0, subject)).collect();
    let mut rows = session.copy(STAGE).await?;
    for subject in latest.values() {
        let scope = &subject.scope;
        rows.write(&[
            &(subject.id.0 as i64),
            &(subject.entity.0 as i64),
            &Text(subject.canonical.as_str()),
            &Text(subject.kind.as_str()),
            &Text(&subject.name),
            &text_of(&scope.account),
            &text_of(&scope.region),
            &text_of(&scope.zone),
            &text_of(&scope.cluster),
            &text_of(&scope.namespace),
            &text_of(&scope.environment),
            &text_of(&subject.owner),
            &text_of(&subject.application),
        ])
        .await?;
    }
    rows.finish().await?;
    session.execute(FOLLOWERS, &[]).await?;
    session.execute(MERGE, &[]).await?;
    Ok(())
}
