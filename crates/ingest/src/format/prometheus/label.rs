//! The name and labels of a series as text: `name{label="value"}`, also with quoted names.

use model::entity::Labels;

/// Labels of one series.
const LABELS_MAX: usize = 128;
/// Bytes of a name or value.
pub const TEXT_BYTES: usize = 16 << 10;

/// Name and labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Metric.
    pub metric: String,
    /// Labels.
    pub labels: Labels,
}

/// Where the name and labels end in a line: behind `}`, else at the first blank.
pub fn end(line: &[u8]) -> Option<usize> {
    let stop = line.iter().position(|byte| matches!(byte, b'{' | b' ' | b'\t'))?;
    // Blanks may stand between the name and its labels.
    let rest = &line[stop..];
    let open = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
    if rest[open] != b'{' {
        return Some(stop);
    }
    let mut is_quoted = false;
    let mut at = stop + open + 1;
    while let Some(byte) = line.get(at) {
        match byte {
            b'\\' if is_quoted => at += 1,
            b'"' => is_quoted = !is_quoted,
            b'}' if !is_quoted => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Reads what [`end`] found.
///
/// # Errors
/// When it is no name with labels, or larger than a bound.
pub fn parse(text: &str) -> Result<Name, &'static str> {
    let (metric, rest) = match text.split_once('{') {
        Some((metric, rest)) => {
            (metric.trim(), rest.strip_suffix('}').ok_or("the labels have no end")?)
        }
        None => (text.trim(), ""),
    };
    let mut name = Name { metric: metric.to_owned(), labels: Labels::new() };
    let mut rest = rest.trim_start();
    while !rest.is_empty() {
        let (label, behind) = word(rest)?;
        rest = behind.trim_start();
        if let Some(behind) = rest.strip_prefix('=') {
            let (value, behind) = quoted(behind.trim_start())?;
            if name.labels.len() >= LABELS_MAX {
                return Err("more than 128 labels");
            }
            if name.labels.insert(label, value).is_some() {
                return Err("a label stands twice");
            }
            rest = behind.trim_start();
        } else if name.metric.is_empty() && text.contains('"') {
            // `{"http.requests", code="200"}`: the first text is the metric's name.
            name.metric = label;
        } else {
            return Err("a label has no value");
        }
        rest = match rest.strip_prefix(',') {
            Some(behind) => behind.trim_start(),
            None if rest.is_empty() => rest,
            None => return Err("labels are not separated by commas"),
        };
    }
    // A metric's name in the labels wins over none.
    if name.metric.is_empty()
        && let Some(metric) = name.labels.remove("__name__")
    {
        name.metric = metric;
    }
    if name.metric.is_empty() || name.metric.len() > TEXT_BYTES {
        return Err("no name of a metric");
    }
    if metric.bytes().any(|byte| byte == b'"' || byte < b' ')
        || metric.starts_with(char::is_numeric)
    {
        return Err("no name of a metric");
    }
    name.labels.retain(|_, value| !value.is_empty());
    Ok(name)
}

fn word(text: &str) -> Result<(String, &str), &'static str> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.' || c == ':'))
        .unwrap_or(text.len());
    if end == 0 || end > TEXT_BYTES {
        return Err("a label has no name");
    }
    Ok((text[..end].to_owned(), &text[end..]))
}

fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let inner = text.strip_prefix('"').ok_or("a label's value is not quoted")?;
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &inner[at + 1..])),
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('n') => value.push('\n'),
                Some(c @ ('\\' | '"')) => value.push(c),
                Some(c) => value.extend(['\\', c]),
                None => break,
            },
            c => value.push(c),
        }
        if value.len() > TEXT_BYTES {
            return Err("a label is longer than 16 KiB");
        }
    }
    Err("a label's value has no end")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Option<(String, Vec<(String, String)>)> {
        parse(text).ok().map(|name| (name.metric, name.labels.into_iter().collect()))
    }

    #[test]
    fn every_form_of_labels() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(of("up"), Some(("up".to_owned(), vec![])));
        assert_eq!(of("up{}"), Some(("up".to_owned(), vec![])));
        assert_eq!(of(r#"a{b="c",}"#), Some(("a".to_owned(), vec![pair("b", "c")])));
        assert_eq!(
            of(r#"a { b = "c}\"\\\n" , d="" }"#),
            Some(("a".to_owned(), vec![pair("b", "c}\"\\\n")]))
        );
        assert_eq!(
            of(r#"{"http.requests", "a.b"="c"}"#),
            Some(("http.requests".to_owned(), vec![pair("a.b", "c")]))
        );
        for wrong in [r#"a{b="c"#, "a{b}", r#"a{b="1",b="2"}"#, "{}", r#"a{b="c" d="e"}"#, "1a"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_end_is_outside_quotes() {
        assert_eq!(end(br#"a{b="}\"}"} 1"#), Some(11));
        assert_eq!(end(b"a 1"), Some(1));
        assert_eq!(end(br#"a{b="c"#), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = parse(&text);
            let _ = end(text.as_bytes());
        }
    }
}
