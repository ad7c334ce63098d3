//! Many strings in one allocation, by place.

/// The strings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arena {
    text: String,
    ends: Vec<u64>,
}

impl Arena {
    /// Adds one at the end.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u64);
    }

    /// The string at a place.
    pub fn get(&self, place: usize) -> Option<&str> {
        let end = usize::try_from(*self.ends.get(place)?).ok()?;
        let start = match place.checked_sub(1) {
            None => 0,
            Some(before) => usize::try_from(*self.ends.get(before)?).ok()?,
        };
        self.text.get(start..end)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Every one, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// All text and where each string ends.
    pub fn parts(&self) -> (&str, &[u64]) {
        (&self.text, &self.ends)
    }

    /// Of its parts; `None` when an end is before the one before it, beyond the text or inside a
    /// character, or when text is left over.
    pub fn from_parts(text: String, ends: Vec<u64>) -> Option<Self> {
        let is_end = |end: &u64| usize::try_from(*end).is_ok_and(|end| text.is_char_boundary(end));
        let whole = ends.last().copied().unwrap_or(0) == text.len() as u64;
        (whole && ends.is_sorted() && ends.iter().all(is_end)).then_some(Self { text, ends })
    }
}
