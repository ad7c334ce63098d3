//! What is kept of a run: its text and its parameters as SQL spells them, so that the server can be asked
//! later how it carried it out.

use bytes::BytesMut;
use model::workload::{WorkloadKind, WorkloadParameter};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

use super::number::Decimal;
use super::statement::Parameter;

/// Most elements of a list that are kept; longer lists are cut, which changes estimates only a little.
const ELEMENTS_MAX: usize = 2_000;

/// Whether a statement reads or writes, by its words; one without a plan is timed only.
pub fn kind_of(sql: &str) -> WorkloadKind {
    let text: String = sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .flat_map(|line| [line, " "])
        .collect::<String>()
        .to_lowercase();
    let first = text.split_whitespace().next().unwrap_or_default();
    if !matches!(first, "select" | "with" | "insert" | "update" | "delete" | "merge" | "values") {
        return WorkloadKind::Unplanned;
    }
    let writes = ["insert into ", "delete from ", "merge into ", "update "];
    // `for update` only locks; a row that is read under a lock is still read.
    let text = text.replace("for update", "").replace("do update", "");
    match writes.iter().any(|word| text.contains(word)) {
        true => WorkloadKind::Write,
        false => WorkloadKind::Read,
    }
}

/// Text and parameters of a run; without parameters that cannot be spelt there is nothing to keep.
pub fn sample(
    sql: &str,
    types: &[Type],
    parameters: &[Parameter<'_>],
) -> (String, Vec<WorkloadParameter>) {
    let spelt = parameters.iter().zip(types).map(|((name, value), ty)| {
        let value = literal(ty, *value)?;
        Some(WorkloadParameter { name: (*name).to_owned(), value })
    });
    match spelt.collect::<Option<Vec<_>>>() {
        Some(spelt) => (sql.to_owned(), spelt),
        None => (String::new(), Vec::new()),
    }
}

/// A value as SQL spells it.
fn literal(ty: &Type, value: &(dyn ToSql + Sync)) -> Option<String> {
    let mut bytes = BytesMut::new();
    match value.to_sql_checked(ty, &mut bytes).ok()? {
        IsNull::Yes => Some("NULL".to_owned()),
        IsNull::No => spelt(ty, &bytes),
    }
}

fn spelt(ty: &Type, raw: &[u8]) -> Option<String> {
    let plain = |value: Option<String>| value.map(|value| format!("{value}::{}", ty.name()));
    match *ty {
        Type::BOOL => bool::from_sql(ty, raw).ok().map(|value| value.to_string()),
        Type::INT2 => plain(i16::from_sql(ty, raw).ok().map(negative)),
        Type::INT4 => plain(i32::from_sql(ty, raw).ok().map(negative)),
        Type::INT8 => plain(i64::from_sql(ty, raw).ok().map(negative)),
        Type::FLOAT8 => plain(f64::from_sql(ty, raw).ok().map(|value| format!("'{value}'"))),
        Type::NUMERIC => plain(Decimal::from_sql(ty, raw).ok().map(|one| format!("'{}'", one.0))),
        Type::TEXT | Type::VARCHAR => plain(<&str>::from_sql(ty, raw).ok().map(quoted)),
        Type::BYTEA => plain(<&[u8]>::from_sql(ty, raw).ok().map(hex)),
        Type::INT2_ARRAY => list(ty, elements::<i16>(ty, raw)?, negative),
        Type::INT4_ARRAY => list(ty, elements::<i32>(ty, raw)?, negative),
        Type::INT8_ARRAY => list(ty, elements::<i64>(ty, raw)?, negative),
        Type::BOOL_ARRAY => list(ty, elements::<bool>(ty, raw)?, |one| one.to_string()),
        Type::FLOAT8_ARRAY => list(ty, elements::<f64>(ty, raw)?, |one| format!("'{one}'")),
        Type::TEXT_ARRAY => list(ty, elements::<&str>(ty, raw)?, quoted),
        Type::BYTEA_ARRAY => list(ty, elements::<&[u8]>(ty, raw)?, hex),
        _ => None,
    }
}

fn elements<'a, T: FromSql<'a>>(ty: &Type, raw: &'a [u8]) -> Option<Vec<Option<T>>> {
    Vec::<Option<T>>::from_sql(ty, raw).ok()
}

fn list<T>(ty: &Type, values: Vec<Option<T>>, spell: impl Fn(T) -> String) -> Option<String> {
    let values = values.into_iter().take(ELEMENTS_MAX);
    let spelt: Vec<String> =
        values.map(|value| value.map_or_else(|| "NULL".to_owned(), &spell)).collect();
    // `_int8` is the name of the type of lists of `int8`.
    let element = ty.name().trim_start_matches('_');
    Some(format!("ARRAY[{}]::{element}[]", spelt.join(",")))
}

/// A minus sign binds weaker than a cast.
fn negative(value: impl std::fmt::Display) -> String {
    let text = value.to_string();
    if text.starts_with('-') { format!("'{text}'") } else { text }
}

fn quoted(text: &str) -> String {
    // With `E`, so that a backslash means the same whatever the server's settings are.
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("decode('{digits}', 'hex')")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_spelt_with_their_type() {
        let spelt = |ty: &Type, value: &(dyn ToSql + Sync)| literal(ty, value).unwrap();
        assert_eq!(spelt(&Type::INT8, &i64::MIN), "'-9223372036854775808'::int8");
        assert_eq!(spelt(&Type::TEXT, &"a'b\\"), "E'a''b\\\\'::text");
        assert_eq!(spelt(&Type::TEXT_ARRAY, &vec!["a", "b"]), "ARRAY[E'a',E'b']::text[]");
        assert_eq!(spelt(&Type::INT8_ARRAY, &Vec::<i64>::new()), "ARRAY[]::int8[]");
        assert_eq!(spelt(&Type::BYTEA, &vec![0_u8, 255]), "decode('00ff', 'hex')::bytea");
        assert_eq!(spelt(&Type::INT4, &None::<i32>), "NULL");
    }

    #[test]
    fn words_tell_reads_from_writes() {
        assert_eq!(kind_of("-- delete from\nSELECT 1"), WorkloadKind::Read);
        assert_eq!(kind_of("WITH a AS (DELETE FROM b RETURNING 1) SELECT 1"), WorkloadKind::Write);
        assert_eq!(kind_of("SELECT updated FROM a FOR UPDATE"), WorkloadKind::Read);
        assert_eq!(kind_of("TRUNCATE a"), WorkloadKind::Unplanned);
    }
}
