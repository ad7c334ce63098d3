//! Statements by name, with named parameters. The server knows parameters by position only.

use tokio_postgres::types::ToSql;

/// One statement of a file of its own.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// Its file, without the ending.
    pub name: &'static str,
    /// Its text, with parameters as `$name`.
    pub sql: &'static str,
}

/// A parameter by name.
pub type Parameter<'a> = (&'a str, &'a (dyn ToSql + Sync));

/// The statement of a file beside the calling one.
macro_rules! statement {
    ($name:literal) => {
        $crate::postgres::statement::Statement {
            name: $name,
            sql: include_str!(concat!($name, ".sql")),
        }
    };
}

/// A statement that DuckDB and PostgreSQL share to the letter: the embedded store's file. For files two
/// folders below the crate's sources.
macro_rules! shared_statement {
    ($name:literal) => {
        $crate::postgres::statement::Statement {
            name: $name,
            sql: include_str!(concat!("../../../../store-embedded/src/", $name, ".sql")),
        }
    };
}

pub(crate) use {shared_statement, statement};

/// The text with each `$name` of a known name as its position. Comments stay out: they may speak of
/// anything.
pub fn positioned(sql: &str, names: &[&str]) -> String {
    let mut text = String::with_capacity(sql.len());
    for line in sql.lines().filter(|line| !line.trim_start().starts_with("--")) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('$') {
            text.push_str(before);
            let is_end = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
            let end = after.find(is_end).unwrap_or(after.len());
            let (name, others) = after.split_at(end);
            text.push('$');
            match names.iter().position(|known| *known == name) {
                Some(place) => text.push_str(&(place + 1).to_string()),
                None => text.push_str(name),
            }
            rest = others;
        }
        text.push_str(rest);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_positions() {
        let sql = "-- $from is a bound.\nSELECT $to, $from, $from_hour, $1 WHERE a = '$';";
        let text = positioned(sql, &["from", "to"]);
        assert_eq!(text, "SELECT $2, $1, $from_hour, $1 WHERE a = '$';\n");
    }
}
