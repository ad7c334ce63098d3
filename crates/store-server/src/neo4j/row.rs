//! Rows as they come from the server, and the parameters that go there.

use model::fact::VersionFact;
use model::resolution::TopologyWrite;
use model::time::Micros;
use neo4j::{ValueReceive, ValueSend};
use snapshot::News;

use super::connection::{Parameters, Tx};
use super::error::{Outcome, unreadable};
use super::graph::integer;
use super::pack;

/// Calls `take` for every write after a number, in order.
pub fn newer(tx: &Tx<'_, '_>, after: u64, mut take: impl FnMut(News)) -> Outcome<()> {
    let (mut number_now, mut write) = (0, None);
    let mut give = |number: u64, write: &mut Option<TopologyWrite>| {
        if let Some(write) = write.take() {
            take(News { write, number });
        }
    };
    let parameters = one("after", integer(after));
    tx.each(include_str!("read/write_rows.cypher"), &parameters, |row| {
        let mut row = row.into_iter();
        let number = number(&mut row)?;
        let Some(ValueReceive::Bytes(bytes)) = row.next() else {
            return Err(unreadable("a write", "its rows are no bytes"));
        };
        if number != number_now {
            give(number_now, &mut write);
            number_now = number;
        }
        pack::unpacked(&mut write, &bytes)
    })?;
    give(number_now, &mut write);
    Ok(())
}

/// Numbers of the newest write, and of the newest that the nodes show.
pub fn counter(tx: &Tx<'_, '_>, statement: &str) -> Outcome<(u64, u64)> {
    let mut found = (0, 0);
    tx.each(statement, &Parameters::new(), |row| {
        let mut row = row.into_iter();
        found = (number(&mut row)?, number(&mut row)?);
        Ok(())
    })?;
    Ok(found)
}

/// One parameter.
pub fn one(name: &str, value: impl Into<ValueSend>) -> Parameters {
    Parameters::from([(name.to_owned(), value.into())])
}

/// The next value, a number.
pub fn number(row: &mut impl Iterator<Item = ValueReceive>) -> Outcome<u64> {
    let value = row.next().and_then(|value| value.as_int());
    value.map(i64::cast_unsigned).ok_or_else(|| unreadable("a row", "a number is missing"))
}

/// The next value, a text.
pub fn text(row: &mut impl Iterator<Item = ValueReceive>) -> Outcome<String> {
    let value = row.next().and_then(|value| value.try_into_string().ok());
    value.ok_or_else(|| unreadable("a row", "a text is missing"))
}

/// Source, time, labels and properties of a version.
pub fn version_fact(row: Vec<ValueReceive>) -> Outcome<VersionFact> {
    let mut row = row.into_iter();
    let source = text(&mut row)?;
    let observed_at = Micros(number(&mut row)?.cast_signed()).timestamp();
    let parsed = |error: serde_json::Error| unreadable("a version", error);
    let labels = serde_json::from_str(&text(&mut row)?).map_err(parsed)?;
    let properties = serde_json::from_str(&text(&mut row)?).map_err(parsed)?;
    Ok(VersionFact { source, observed_at, labels, properties })
}
