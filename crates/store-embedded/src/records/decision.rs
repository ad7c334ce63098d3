//! Decisions and rules as rows.

use duckdb::{Connection, OptionalExt, Row, params};
use model::decision::{Decision, NewDecision, RuleSet};
use model::seam::Version;
use model::time::Micros;

use crate::error::{Failure, Outcome};

/// Version of decisions and rules: rises with each row, since none is ever deleted.
pub fn version(connection: &Connection) -> Outcome<Version> {
    let version = connection.query_row(
        "SELECT (SELECT coalesce(max(id), 0) FROM records.decision) \
             + (SELECT coalesce(max(version), 0) FROM records.rule_set), \
         greatest((SELECT max(decided_at) FROM records.decision), \
             (SELECT max(put_at) FROM records.rule_set))",
        [],
        |row| Ok((row.get::<_, u64>(0)?, row.get::<_, Option<i64>>(1)?)),
    )?;
    Ok(Version { number: version.0, newest: version.1.map(Micros) })
}

/// Every decision, in order of number.
pub fn all(connection: &Connection) -> Outcome<Vec<Decision>> {
    let mut statement = connection.prepare(
        "SELECT id, target, action, author, reason, decided_at, until FROM records.decision \
         ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut decisions = Vec::new();
    while let Some(row) = rows.next()? {
        decisions.push(decision(row)?);
    }
    Ok(decisions)
}

fn decision(row: &Row<'_>) -> Outcome<Decision> {
    let (target, action): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Decision {
        id: row.get(0)?,
        target: target.parse().map_err(Failure::Row)?,
        action: action.parse().map_err(Failure::Row)?,
        author: row.get(3)?,
        reason: row.get(4)?,
        decided_at: Micros(row.get(5)?).timestamp(),
        until: row.get::<_, Option<i64>>(6)?.map(|at| Micros(at).timestamp()),
    })
}

/// Keeps a decision under the next number.
pub fn put(connection: &Connection, new: &NewDecision) -> Outcome<Decision> {
    let id: u64 = connection.query_row(
        "SELECT coalesce(max(id), 0) + 1 FROM records.decision",
        [],
        |row| row.get(0),
    )?;
    connection.execute(
        "INSERT INTO records.decision VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![
            id,
            new.target.to_string(),
            new.action.as_str(),
            new.author,
            new.reason,
            Micros::of(new.decided_at).0,
            new.until.map(|at| Micros::of(at).0),
        ],
    )?;
    Ok(Decision {
        id,
        target: new.target.clone(),
        action: new.action,
        author: new.author.clone(),
        reason: new.reason.clone(),
        decided_at: new.decided_at,
        until: new.until,
    })
}

/// The rules in force.
pub fn rules(connection: &Connection) -> Outcome<Option<RuleSet>> {
    let found = connection
        .query_row(
            "SELECT version, text, author, put_at FROM records.rule_set \
             ORDER BY version DESC LIMIT 1",
            [],
            |row| {
                Ok(RuleSet {
                    version: row.get(0)?,
                    text: row.get(1)?,
                    author: row.get(2)?,
                    put_at: Micros(row.get(3)?).timestamp(),
                })
            },
        )
        .optional()?;
    Ok(found)
}

/// Puts a new version in force.
pub fn rules_put(
    connection: &Connection,
    text: &str,
    author: &str,
    at: Micros,
) -> Outcome<RuleSet> {
    let version = rules(connection)?.map_or(1, |held| held.version + 1);
    connection.execute(
        "INSERT INTO records.rule_set VALUES (?, ?, ?, ?)",
        params![version, text, author, at.0],
    )?;
    Ok(RuleSet {
        version,
        text: text.to_owned(),
        author: author.to_owned(),
        put_at: at.timestamp(),
    })
}
