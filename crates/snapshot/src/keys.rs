//! Keys by small numbers: canonical ids and other names of things. What comes before the last slash is
//! shared: thousands of ids begin alike.

use std::cmp::Ordering;
use std::io::{self, Read};

use model::reference::AliasKey;

use super::file::{Frames, Part, Unusable, kind};
use super::slab::Slab;
use super::text::{Arena, Places, Span, Texts};

/// Every key that was ever named.
#[derive(Debug, Default)]
pub struct Keys {
    prefixes: Texts,
    arena: Arena,
    /// Number of the beginning, and the rest.
    keys: Slab<(u32, Span)>,
    places: Places,
}

impl Keys {
    /// The number of a key that is kept.
    pub fn find(&self, key: &str) -> Option<u32> {
        self.places.find(self.places.hash(key), |place| self.is(place, key))
    }

    /// The number of a key, which is kept from now on.
    pub fn place(&mut self, key: &str) -> u32 {
        let hash = self.places.hash(key);
        if let Some(place) = self.places.find(hash, |place| self.is(place, key)) {
            return place;
        }
        let (prefix, rest) = key.split_at(key.rfind('/').map_or(0, |slash| slash + 1));
        let place = u32::try_from(self.keys.len()).expect("memory holds fewer keys than 2^32");
        self.keys.push((self.prefixes.place(prefix), self.arena.add(rest)));
        self.places.insert(hash, place);
        place
    }

    /// The two parts of a key.
    pub fn parts(&self, place: u32) -> (&str, &str) {
        let Some((prefix, rest)) = self.keys.get(place as usize) else { return ("", "") };
        (self.prefixes.get(*prefix), self.arena.get(*rest))
    }

    /// What follows the last slash.
    pub fn tail(&self, place: u32) -> &str {
        self.parts(place).1
    }

    /// The whole key.
    pub fn text(&self, place: u32) -> String {
        let (prefix, rest) = self.parts(place);
        [prefix, rest].concat()
    }

    /// The whole key, as others hold it.
    pub fn key(&self, place: u32) -> AliasKey {
        AliasKey::from(self.text(place))
    }

    /// Whether a key is this text.
    pub fn is(&self, place: u32, text: &str) -> bool {
        let (prefix, rest) = self.parts(place);
        text.len() == prefix.len() + rest.len()
            && text.as_bytes().starts_with(prefix.as_bytes())
            && text.as_bytes().ends_with(rest.as_bytes())
    }

    /// Whether a key begins with a text.
    pub fn starts_with(&self, place: u32, text: &str) -> bool {
        let (prefix, rest) = self.parts(place);
        match text.as_bytes().strip_prefix(prefix.as_bytes()) {
            Some(after) => rest.as_bytes().starts_with(after),
            None => prefix.as_bytes().starts_with(text.as_bytes()),
        }
    }

    /// Two keys in the order of their texts.
    pub fn compare(&self, a: u32, b: u32) -> Ordering {
        let ((a_prefix, a_rest), (b_prefix, b_rest)) = (self.parts(a), self.parts(b));
        if a_prefix == b_prefix {
            return a_rest.cmp(b_rest);
        }
        a_prefix.bytes().chain(a_rest.bytes()).cmp(b_prefix.bytes().chain(b_rest.bytes()))
    }

    /// A key beside a text, in the order of texts.
    pub fn compare_text(&self, place: u32, text: &str) -> Ordering {
        let (prefix, rest) = self.parts(place);
        prefix.bytes().chain(rest.bytes()).cmp(text.bytes())
    }

    /// How many beginnings there are, and how many keys.
    pub fn counts(&self) -> (usize, usize) {
        (self.prefixes.len(), self.keys.len())
    }

    /// Writes the keys.
    pub fn put(&self, part: &mut Part<'_>) -> io::Result<()> {
        self.prefixes.put(part, kind::PREFIX)?;
        self.keys.iter().try_for_each(|(prefix, rest)| {
            part.item(kind::KEY, |out| {
                out.number(u64::from(*prefix));
                out.text(self.arena.get(*rest));
            })
        })
    }

    /// Reads as many beginnings and keys as there were.
    pub fn take(
        frames: &mut Frames<impl Read>,
        (prefixes, count): (usize, usize),
    ) -> Result<Self, Unusable> {
        let prefixes = Texts::take(frames, kind::PREFIX, prefixes)?;
        let mut keys = Self { prefixes, ..Self::default() };
        keys.places.reserve(count);
        let mut key = String::new();
        frames.items(kind::KEY, |input| {
            let (prefix, rest) = (input.count()? as u32, input.text()?);
            key.clear();
            key.push_str(keys.prefixes.get(prefix));
            key.push_str(rest);
            let place = keys.keys.len() as u32;
            keys.places.insert(keys.places.hash(&key), place);
            keys.keys.push((prefix, keys.arena.add(rest)));
            Ok(())
        })?;
        Ok(keys)
    }
}
