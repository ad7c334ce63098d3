//! Statements with whole numbers written into their text. A bound that is a parameter is not known when
//! a statement is planned, so no row group is skipped for it; a number in the text is.

/// Ids up to here are written one by one, so that the scan itself leaves out others. Each is planned anew
/// at every place it stands at: a thousand take longer to plan than to read.
const LISTED_MAX: usize = 200;

/// The statement with each `$name` of a known name replaced; other parameters stay.
pub fn filled(sql: &str, names: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(sql.len() * 2);
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        let is_end = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
        let end = after.find(is_end).unwrap_or(after.len());
        let (name, others) = after.split_at(end);
        match names.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => text.push_str(value),
            None => {
                text.push('$');
                text.push_str(name);
            }
        }
        rest = others;
    }
    text.push_str(rest);
    text
}

/// A whole number as a statement spells it; the least one has no plain spelling.
pub fn number(value: i64) -> String {
    format!("CAST({value} AS BIGINT)")
}

/// What stands between the brackets of `IN (…)` for these ids; nothing is in an empty list.
pub fn listed(ids: &[u32]) -> String {
    let texts: Vec<String> = ids.iter().map(u32::to_string).collect();
    let joined = texts.join(",");
    match ids.len() {
        0 => "SELECT NULL::UINTEGER WHERE false".to_owned(),
        1..=LISTED_MAX => joined,
        _ => format!("SELECT unnest(string_split('{joined}', ','))::UINTEGER"),
    }
}
