//! JSON cut into its parts without reading them, so that each record is read by its own type and a
//! bad one is one reject. The parts are not validated here; whoever reads them does.

/// Where JSON ends before it should, or is not JSON; in bytes from the start of what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Bytes from the start.
    pub at: usize,
}

/// The members of a JSON object, as `(key as written, value as written)`.
pub fn members(bytes: &[u8]) -> Members<'_> {
    Members { parts: Parts::inside(bytes, b'{'), unfinished: None }
}

/// The elements of a JSON array, as written.
pub fn elements(bytes: &[u8]) -> Elements<'_> {
    Elements { parts: Parts::inside(bytes, b'[') }
}

/// JSON values one after another, as in ndjson, as `(place of the first byte, value as written)`.
pub fn values(bytes: &[u8]) -> Values<'_> {
    Values { parts: Parts { bytes, at: 0, is_done: false } }
}

/// See [`members`].
#[derive(Debug)]
pub struct Members<'a> {
    parts: Parts<'a>,
    unfinished: Option<(&'a str, &'a [u8])>,
}

impl<'a> Members<'a> {
    /// After a cut: the member whose value has no end, with what there is of it.
    pub fn unfinished(&self) -> Option<(&'a str, &'a [u8])> {
        self.unfinished
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<(&'a str, &'a [u8]), Cut>;

    fn next(&mut self) -> Option<Self::Item> {
        let parts = &mut self.parts;
        if !parts.more(b'}') {
            return parts.end();
        }
        let key = parts.value().and_then(|key| {
            let inner = key.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
            std::str::from_utf8(inner).ok()
        });
        parts.blanks();
        if key.is_none() || parts.peek() != Some(b':') {
            return parts.cut();
        }
        parts.at += 1;
        parts.blanks();
        let start = parts.at.min(parts.bytes.len());
        match (key, parts.value()) {
            (Some(key), Some(value)) => Some(Ok((key, value))),
            (key, _) => {
                self.unfinished = key.map(|key| (key, &parts.bytes[start..]));
                parts.cut()
            }
        }
    }
}

/// See [`elements`].
#[derive(Debug)]
pub struct Elements<'a> {
    parts: Parts<'a>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<&'a [u8], Cut>;

    fn next(&mut self) -> Option<Self::Item> {
        let parts = &mut self.parts;
        if !parts.more(b']') {
            return parts.end();
        }
        match parts.value() {
            Some(value) => Some(Ok(value)),
            None => parts.cut(),
        }
    }
}

/// See [`values`].
#[derive(Debug)]
pub struct Values<'a> {
    parts: Parts<'a>,
}

impl<'a> Iterator for Values<'a> {
    type Item = Result<(usize, &'a [u8]), Cut>;

    fn next(&mut self) -> Option<Self::Item> {
        let parts = &mut self.parts;
        parts.blanks();
        if parts.is_done || parts.at >= parts.bytes.len() {
            return None;
        }
        let at = parts.at;
        match parts.value() {
            Some(value) => Some(Ok((at, value))),
            None => parts.cut(),
        }
    }
}

#[derive(Debug)]
struct Parts<'a> {
    bytes: &'a [u8],
    at: usize,
    is_done: bool,
}

impl<'a> Parts<'a> {
    fn inside(bytes: &'a [u8], open: u8) -> Self {
        let mut parts = Self { bytes, at: 0, is_done: false };
        parts.blanks();
        parts.is_done = parts.peek() != Some(open);
        parts.at += 1;
        parts
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Goes to the next part; false when `close` or the end is reached.
    fn more(&mut self, close: u8) -> bool {
        if self.is_done {
            return false;
        }
        self.blanks();
        if self.peek() == Some(b',') {
            self.at += 1;
            self.blanks();
        }
        self.is_done = self.peek() == Some(close);
        !self.is_done
    }

    /// The regular end.
    fn end<T>(&mut self) -> Option<Result<T, Cut>> {
        None
    }

    /// The end that should not be here, said once.
    fn cut<T>(&mut self) -> Option<Result<T, Cut>> {
        self.is_done = true;
        Some(Err(Cut { at: self.at.min(self.bytes.len()) }))
    }

    /// The value that begins here, as written; `None` when it has no end or does not begin.
    fn value(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        match self.peek()? {
            b'"' => self.string()?,
            b'{' | b'[' => self.nested()?,
            _ => {
                let is_end = |byte: &u8| {
                    matches!(byte, b',' | b'}' | b']' | b':' | b'{' | b'[')
                        || byte.is_ascii_whitespace()
                };
                let rest = &self.bytes[start..];
                self.at += rest.iter().position(is_end).unwrap_or(rest.len());
            }
        }
        (self.at > start).then(|| &self.bytes[start..self.at])
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Some(());
                }
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => {
                    self.at = self.bytes.len();
                    return None;
                }
            }
        }
    }

    fn nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// Line and column of a place, both from 1.
pub fn line_and_column(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = &bytes[..at.min(bytes.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn arbitrary() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map("[a-z]{0,4}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn parts_are_the_values_that_serde_reads(value in arbitrary(), is_pretty in any::<bool>()) {
            let text = if is_pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            let read = |raw: &[u8]| serde_json::from_slice::<Value>(raw).unwrap();
            match &value {
                Value::Array(array) => {
                    let found: Vec<Value> =
                        elements(text.as_bytes()).map(|part| read(part.unwrap())).collect();
                    prop_assert_eq!(&found, array);
                }
                Value::Object(object) => {
                    let found: Vec<(String, Value)> = members(text.as_bytes())
                        .map(|part| part.map(|(key, raw)| (key.to_owned(), read(raw))).unwrap())
                        .collect();
                    let expected: Vec<(String, Value)> =
                        object.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
                    prop_assert_eq!(found, expected);
                }
                _ => {}
            }
            let stream = format!("{text}\n{text}");
            prop_assert_eq!(values(stream.as_bytes()).filter(Result::is_ok).count(), 2);
        }

        #[test]
        fn no_bytes_panic_or_loop(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for start in [&b"{"[..], b"[", b"", b"{\"a\":"] {
                let all = [start, bytes.as_slice()].concat();
                let count = members(&all).count() + elements(&all).count() + values(&all).count();
                prop_assert!(count <= 3 * all.len() + 3);
            }
        }
    }

    #[test]
    fn a_cut_is_said_once_and_where() {
        let parts: Vec<_> = elements(b"[{\"a\":1},{\"a\":").collect();
        assert_eq!(parts, [Ok(&b"{\"a\":1}"[..]), Err(Cut { at: 14 })]);
        assert_eq!(line_and_column(b"a\nbc", 3), (2, 2));
    }
}
