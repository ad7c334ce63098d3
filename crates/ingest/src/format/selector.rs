//! The one series that a query in PromQL counts, as a selector of metric and labels: `sum(rate(m{…}[5m]))`
//! counts what `m{…}` counts. Queries that say more than that are refused with the reason.

use model::entity::Labels;
use model::objective::SeriesSelector;

/// Functions that leave counted events counted events.
const COUNTING: &[&str] =
    &["sum", "rate", "irate", "increase", "sum_over_time", "round", "ceil", "floor", "vector"];

/// Words that are followed by a list of labels.
const LISTS: &[&str] = &["by", "without", "on", "ignoring", "group_left", "group_right"];

/// The series that a query counts.
///
/// # Errors
/// Why the query is not understood.
pub fn selector_of_query(query: &str) -> Result<SeriesSelector, String> {
    let mut scan = Scan { rest: query.trim() };
    let mut found: Vec<SeriesSelector> = Vec::new();
    while let Some(first) = scan.rest.chars().next() {
        match first {
            '{' => found.push(scan.selector(None)?),
            '[' => scan.skip_past(']')?,
            '"' | '\'' | '`' => drop(scan.string()?),
            '(' | ')' | ',' => scan.skip(first),
            _ if first.is_whitespace() || first.is_ascii_digit() || first == '.' => {
                scan.skip(first);
            }
            _ if is_name(first) => {
                if let Some(selector) = scan.word()? {
                    found.push(selector);
                }
            }
            other => return Err(format!("`{other}` computes with series; one is read")),
        }
    }
    match found.len() {
        1 => found.pop().ok_or_else(|| "it names no series".to_owned()),
        0 => Err("it names no series".to_owned()),
        several => Err(format!("it names {several} series; one is read")),
    }
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '_' || letter == ':'
}

struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    fn skip(&mut self, letter: char) {
        self.rest = &self.rest[letter.len_utf8()..];
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn skip_past(&mut self, end: char) -> Result<(), String> {
        let at = self.rest.find(end).ok_or_else(|| format!("a `{end}` is missing"))?;
        self.rest = &self.rest[at + end.len_utf8()..];
        Ok(())
    }

    fn name(&mut self) -> &'a str {
        let is_part = |letter: char| is_name(letter) || letter.is_ascii_digit() || letter == '.';
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name
    }

    /// A word: a function, a keyword, or the name of a series, which is given.
    fn word(&mut self) -> Result<Option<SeriesSelector>, String> {
        let name = self.name();
        self.blanks();
        let next = self.rest.chars().next();
        if LISTS.contains(&name) {
            if next == Some('(') {
                self.skip_past(')')?;
            }
            return Ok(None);
        }
        if name == "or" && self.rest.starts_with("vector(0)") {
            self.rest = &self.rest["vector(0)".len()..];
            return Ok(None);
        }
        if ["or", "and", "unless", "offset", "bool"].contains(&name) {
            return Err(format!("`{name}` is not read"));
        }
        let is_list = || LISTS.iter().any(|word| starts_with_word(self.rest, word));
        if next == Some('(') || is_list() {
            if COUNTING.contains(&name) {
                return Ok(None);
            }
            return Err(format!("`{name}` does not count events"));
        }
        self.selector(Some(name)).map(Some)
    }

    /// A selector whose name, if it has one before its braces, was read.
    fn selector(&mut self, name: Option<&str>) -> Result<SeriesSelector, String> {
        let mut metric = name.map(str::to_owned);
        let mut labels = Labels::new();
        if self.rest.starts_with('{') {
            self.skip('{');
            loop {
                self.blanks();
                if self.rest.starts_with('}') {
                    self.skip('}');
                    break;
                }
                if self.rest.starts_with(',') {
                    self.skip(',');
                    continue;
                }
                let (label, pattern) = self.matcher()?;
                if label == "__name__" {
                    metric = Some(pattern);
                } else if labels.insert(label.clone(), pattern).is_some() {
                    return Err(format!("label `{label}` is matched twice"));
                }
            }
        }
        let metric = metric.filter(|name| !name.is_empty() && !name.contains(['*', '!']));
        let metric = metric.ok_or("a selector names no metric")?;
        Ok(SeriesSelector { metric, labels })
    }

    /// One matcher: the label and the pattern that says the same.
    fn matcher(&mut self) -> Result<(String, String), String> {
        let label = match self.rest.starts_with(['"', '\'']) {
            true => self.string()?,
            false => self.name().to_owned(),
        };
        if label.is_empty() {
            return Err("a label matcher has no label".to_owned());
        }
        self.blanks();
        let operators = ["=~", "!~", "!=", "="];
        let operator = operators.into_iter().find(|one| self.rest.starts_with(one));
        let operator = operator.ok_or_else(|| format!("label `{label}` has no matcher"))?;
        self.rest = &self.rest[operator.len()..];
        self.blanks();
        let value = self.string()?;
        let pattern = match operator.ends_with('~') {
            true => pattern(&value),
            false => literal(&value),
        };
        let pattern = pattern
            .ok_or_else(|| format!("label `{label}`: `{value}` is more than a beginning"))?;
        let is_negated = operator.starts_with('!');
        match (is_negated, pattern.strip_prefix('!')) {
            // What must not be present, and the reverse.
            (true, Some(_)) => Ok((label, String::new())),
            (true, None) => Ok((label, format!("!{pattern}"))),
            (false, _) => Ok((label, pattern)),
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let quote = self.rest.chars().next().filter(|one| matches!(one, '"' | '\'' | '`'));
        let quote = quote.ok_or("a value is not quoted")?;
        let mut text = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            if letter == quote {
                self.rest = &self.rest[at + 1..];
                return Ok(text);
            }
            match letter {
                '\\' if quote != '`' => match letters.next() {
                    Some((_, '\\')) => text.push('\\'),
                    Some((_, other)) if other == quote => text.push(other),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => break,
                },
                other => text.push(other),
            }
        }
        Err("a value has no closing quote".to_owned())
    }
}

fn starts_with_word(text: &str, word: &str) -> bool {
    let rest = text.strip_prefix(word);
    rest.is_some_and(|rest| !rest.starts_with(|letter: char| is_name(letter)))
}

/// A value as the pattern that only it matches.
fn literal(value: &str) -> Option<String> {
    let is_plain = !value.starts_with('!') && !value.ends_with('*');
    is_plain.then(|| value.to_owned())
}

/// A regular expression as a pattern, when it says no more than how a value begins: `5..` of codes of
/// three digits is `5*`. Something at all is `!`.
fn pattern(expression: &str) -> Option<String> {
    let inner = expression.strip_prefix('^').unwrap_or(expression);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    if inner == ".+" {
        return Some("!".to_owned());
    }
    let special = |letter: char| ".*+?()[]{}|\\^$".contains(letter);
    let end = inner.find(special).unwrap_or(inner.len());
    let (start, mut tail) = inner.split_at(end);
    literal(start)?;
    if tail.is_empty() {
        return Some(start.to_owned());
    }
    while !tail.is_empty() {
        let any = ["[0-9]", "\\d", ".", "\\w"];
        let part = any.into_iter().find(|part| tail.starts_with(part))?;
        tail = &tail[part.len()..];
        if let Some(rest) = tail.strip_prefix(['*', '+']) {
            tail = rest;
        } else if let Some(rest) = tail.strip_prefix('{') {
            tail = &rest[rest.find('}')? + 1..];
        }
    }
    Some(format!("{start}*"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(query: &str) -> Result<(String, Vec<(String, String)>), String> {
        let found = selector_of_query(query)?;
        Ok((found.metric, found.labels.into_iter().collect()))
    }

    fn is(query: &str, metric: &str, labels: &[(&str, &str)]) {
        let labels =
            labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(read(query), Ok((metric.to_owned(), labels)), "{query}");
    }

    #[test]
    fn what_counts_one_series_is_its_selector() {
        is("http_requests_total", "http_requests_total", &[]);
        is(
            r#"sum(rate(http_requests_total{job="shop", code!~"5.."}[5m]))"#,
            "http_requests_total",
            &[("code", "!5*"), ("job", "shop")],
        );
        is(
            r#"sum by (job) (increase(m_total{code=~"^2[0-9]{2}$"}[$__range])) or vector(0)"#,
            "m_total",
            &[("code", "2*")],
        );
        is(r#"{__name__="a.b", "x"!=""}"#, "a.b", &[("x", "!")]);
        is(r#"m{x=~".+", y!~".+", z=~"\\d\\d"}"#, "m", &[("x", "!"), ("y", ""), ("z", "*")]);
    }

    #[test]
    fn what_says_more_is_refused_with_the_reason() {
        for (query, why) in [
            ("", "no series"),
            ("rate(a[5m]) / rate(b[5m])", "computes"),
            ("sum(a) or sum(b)", "`or`"),
            ("histogram_quantile(0.99, rate(m_bucket[5m]))", "histogram_quantile"),
            (r#"m{code=~"2..|3.."}"#, "beginning"),
            (r#"m{code="200",code!="201"}"#, "twice"),
            (r#"m{code="200""#, "matcher"),
            (r#"m{code="200"#, "closing"),
            ("sum(a, b)", "2 series"),
        ] {
            let reason = read(query).unwrap_err();
            assert!(reason.contains(why), "{query}: {reason}");
        }
    }

    proptest! {
        #[test]
        fn no_query_panics(query in "[a-z(){}\\[\\]\"=!~,.0-9é\\\\ ]{0,40}") {
            let _ = selector_of_query(&query);
        }
    }
}
