//! Decisions and rules as rows.

use model::decision::{Decision, NewDecision, RuleSet};
use model::seam::Version;
use model::time::Micros;
use tokio_postgres::Row;

use crate::postgres::connection::Session;
use crate::postgres::error::{Failure, Outcome};
use crate::postgres::number::Text;
use crate::postgres::read::row::count;
use crate::postgres::statement::{Parameter, Statement, statement};

const VERSION: Statement = statement!("decision_version");
const LIST: Statement = statement!("decision_list");
const ADD: Statement = statement!("decision_add");
const RULES: Statement = statement!("rules");
const RULES_PUT: Statement = statement!("rules_put");

/// Version of decisions and rules: rises with each row, since none is ever deleted.
pub async fn version(session: &Session) -> Outcome<Version> {
    let row = session.row(VERSION, &[]).await?;
    let newest: Option<i64> = row.try_get(1)?;
    Ok(Version { number: count(&row, 0)?, newest: newest.map(Micros) })
}

/// Every decision, in order of number.
pub async fn all(session: &Session) -> Outcome<Vec<Decision>> {
    session.rows(LIST, &[]).await?.iter().map(decision).collect()
}

fn decision(row: &Row) -> Outcome<Decision> {
    let (target, action): (String, String) = (row.try_get(1)?, row.try_get(2)?);
    Ok(Decision {
        id: count(row, 0)?,
        target: target.parse().map_err(Failure::Row)?,
        action: action.parse().map_err(Failure::Row)?,
        author: row.try_get(3)?,
        reason: row.try_get(4)?,
        decided_at: Micros(row.try_get(5)?).timestamp(),
        until: row.try_get::<_, Option<i64>>(6)?.map(|at| Micros(at).timestamp()),
    })
}

/// Keeps a decision under the next number.
pub async fn put(session: &Session, new: &NewDecision) -> Outcome<Decision> {
    let until = new.until.map(|at| Micros::of(at).0);
    let row = session
        .row(
            ADD,
            &[
                ("target", &new.target.to_string()),
                ("action", &new.action.as_str()),
                ("author", &Text(&new.author)),
                ("reason", &Text(&new.reason)),
                ("decided_at", &Micros::of(new.decided_at).0),
                ("until", &until),
            ],
        )
        .await?;
    Ok(Decision {
        id: count(&row, 0)?,
        target: new.target.clone(),
        action: new.action,
        author: new.author.clone(),
        reason: new.reason.clone(),
        decided_at: new.decided_at,
        until: new.until,
    })
}

/// The rules in force.
pub async fn rules(session: &Session) -> Outcome<Option<RuleSet>> {
    let rule_set = |row: &Row| -> Outcome<RuleSet> {
        Ok(RuleSet {
            version: count(row, 0)?,
            text: row.try_get(1)?,
            author: row.try_get(2)?,
            put_at: Micros(row.try_get(3)?).timestamp(),
        })
    };
    session.rows(RULES, &[]).await?.first().map(rule_set).transpose()
}

/// Puts a new version in force.
pub async fn rules_put(
    session: &Session,
    text: &str,
    author: &str,
    at: Micros,
) -> Outcome<RuleSet> {
    let parameters: [Parameter<'_>; 3] =
        [("text", &Text(text)), ("author", &Text(author)), ("at", &at.0)];
    let row = session.row(RULES_PUT, &parameters).await?;
    Ok(RuleSet {
        version: count(&row, 0)?,
        text: text.to_owned(),
        author: author.to_owned(),
        put_at: at.timestamp(),
    })
}
