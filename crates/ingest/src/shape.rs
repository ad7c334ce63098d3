//! What the beginning of an input looks like, for the formats to recognise it by.

/// Bytes that are looked at.
const HEAD_BYTES: usize = 256 << 10;
/// Keys of the first object that are looked at.
const KEYS_MAX: usize = 256;
/// Longest text value that is kept.
const TEXT_BYTES: usize = 300;

/// What an input looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape<'a> {
    /// A Parquet file.
    Parquet,
    /// A JSON object, or several one after another.
    Json {
        /// Its keys, in order, as far as the beginning shows them.
        keys: Vec<Key<'a>>,
        /// Whether another value follows (ndjson and the like).
        is_stream: bool,
    },
    /// A JSON array.
    JsonArray {
        /// Keys of its first element, when that is an object.
        keys: Vec<Key<'a>>,
    },
    /// Text that does not begin as JSON does.
    Text(&'a str),
    /// Anything else.
    Binary,
}

/// A key of a JSON object with what is seen of its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key<'a> {
    /// The key as written, escapes not resolved.
    pub name: &'a str,
    /// Its value when it is a short text without escapes.
    pub text: Option<&'a str>,
    /// First byte of the value: `{`, `[`, `"`, a digit, `-`, `t`, `f` or `n`.
    pub starts_with: u8,
}

impl<'a> Shape<'a> {
    /// The shape of these bytes.
    pub fn of(bytes: &'a [u8]) -> Self {
        if bytes.starts_with(b"PAR1") {
            return Self::Parquet;
        }
        let bytes = without_mark(bytes);
        let head = &bytes[..bytes.len().min(HEAD_BYTES)];
        let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(head.len());
        match head.get(start) {
            Some(b'{') => {
                let mut scan = Scan { bytes: head, at: start };
                let keys = scan.object();
                scan.blanks();
                Self::Json { keys, is_stream: scan.at < head.len() && scan.peek() == Some(b'{') }
            }
            Some(b'[') => {
                let mut scan = Scan { bytes: head, at: start + 1 };
                scan.blanks();
                let is_object = scan.peek() == Some(b'{');
                Self::JsonArray { keys: if is_object { scan.object() } else { Vec::new() } }
            }
            _ => text(head).map_or(Self::Binary, Self::Text),
        }
    }

    /// Keys of the object, or of the first one in the array.
    pub fn keys(&self) -> &[Key<'a>] {
        match self {
            Self::Json { keys, .. } | Self::JsonArray { keys } => keys,
            _ => &[],
        }
    }

    /// The key of this name.
    pub fn key(&self, name: &str) -> Option<&Key<'a>> {
        self.keys().iter().find(|key| key.name == name)
    }

    /// The text of the key of this name.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.key(name).and_then(|key| key.text)
    }

    /// For people.
    pub fn describe(&self) -> String {
        let names = |keys: &[Key<'_>]| {
            let names: Vec<&str> = keys.iter().take(5).map(|key| key.name).collect();
            let mut text = names.join(", ");
            text.truncate(text.floor_char_boundary(120));
            text
        };
        match self {
            Self::Parquet => "a Parquet file with these columns".to_owned(),
            Self::Json { keys, .. } => format!("a JSON object with the keys {}", names(keys)),
            Self::JsonArray { keys } if keys.is_empty() => "a JSON array".to_owned(),
            Self::JsonArray { keys } => format!("a JSON array with the keys {}", names(keys)),
            Self::Text(_) => "a text".to_owned(),
            Self::Binary => "a binary file".to_owned(),
        }
    }
}

/// Without a byte order mark.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The head as text, when it is text up to a character that its end cuts.
fn text(head: &[u8]) -> Option<&str> {
    if head.contains(&0) {
        return None;
    }
    match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

/// A tolerant reader of JSON's outline; stops wherever the head ends.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// The keys of the object that begins here; afterwards behind it.
    fn object(&mut self) -> Vec<Key<'a>> {
        let mut keys = Vec::new();
        self.at += 1;
        loop {
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let Some(name) = self.string() else { return keys };
                    self.blanks();
                    if self.peek() != Some(b':') {
                        return keys;
                    }
                    self.at += 1;
                    self.blanks();
                    let Some(starts_with) = self.peek() else { return keys };
                    let text = self.value();
                    if keys.len() < KEYS_MAX {
                        keys.push(Key { name, text, starts_with });
                    }
                }
                Some(b'}') => {
                    self.at += 1;
                    return keys;
                }
                _ => return keys,
            }
        }
    }

    /// The string that begins here, as written.
    fn string(&mut self) -> Option<&'a str> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            match self.bytes.get(at)? {
                b'"' => break,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        std::str::from_utf8(&self.bytes[start..at]).ok()
    }

    /// Skips the value that begins here; gives it when it is a short text.
    fn value(&mut self) -> Option<&'a str> {
        if self.peek() == Some(b'"') {
            let text = self.string();
            if text.is_none() {
                self.at = self.bytes.len();
            }
            return text.filter(|text| text.len() <= TEXT_BYTES && !text.contains('\\'));
        }
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    if self.string().is_none() {
                        self.at = self.bytes.len();
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => return None,
                b'}' | b']' => depth -= 1,
                b',' if depth == 0 => return None,
                _ => {}
            }
            self.at += 1;
            if depth == 0 && matches!(byte, b'}' | b']') {
                return None;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_outline_of_json_is_seen_even_when_it_is_cut() {
        let shape = Shape::of(br#" {"kind":"List","items":[{"a":"}"},2],"n":-1,"x":{"y":[]}} "#);
        let names: Vec<&str> = shape.keys().iter().map(|key| key.name).collect();
        assert_eq!(names, ["kind", "items", "n", "x"]);
        assert_eq!(shape.text("kind"), Some("List"));
        assert_eq!(Shape::of(br#"{"kind":"List","items":[{"#).keys().len(), 2);
        assert!(matches!(
            Shape::of(b"{\"a\":1}\n{\"a\":2}\n"),
            Shape::Json { is_stream: true, .. }
        ));
        assert!(matches!(Shape::of(b"{\"a\":1}\n"), Shape::Json { is_stream: false, .. }));
        assert_eq!(Shape::of(b"[{\"Id\":1}]").key("Id").unwrap().starts_with, b'1');
        assert_eq!(Shape::of(b"\x00\x01"), Shape::Binary);
        assert_eq!(Shape::of("\u{feff}a,b".as_bytes()), Shape::Text("a,b"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            Shape::of(&bytes).describe();
            Shape::of(&[b"{\"a\":", bytes.as_slice()].concat()).describe();
        }
    }
}
