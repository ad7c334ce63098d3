//! What each source last said about one entity. Nearly every entity has one source, and a batch looks up
//! tens of thousands of them, so it is a list in order of source, as long as it need be: the first node
//! of a map alone would take kilobytes.

use std::sync::Arc;

use super::KnownVersion;

/// Versions by source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BySource(Vec<(Arc<str>, KnownVersion)>);

impl BySource {
    /// What a source last said.
    pub fn get(&self, source: &str) -> Option<&KnownVersion> {
        self.place(source).ok().map(|place| &self.0[place].1)
    }

    /// The same, to be altered.
    pub fn get_mut(&mut self, source: &str) -> Option<&mut KnownVersion> {
        self.place(source).ok().map(|place| &mut self.0[place].1)
    }

    /// Takes in what a source said, in place of what it said before.
    pub fn insert(&mut self, source: Arc<str>, version: KnownVersion) {
        match self.place(&source) {
            Ok(place) => self.0[place].1 = version,
            Err(place) => self.0.insert(place, (source, version)),
        }
    }

    /// What they said, in order of source.
    pub fn values(&self) -> impl Iterator<Item = &KnownVersion> {
        self.0.iter().map(|(_, version)| version)
    }

    /// Whether no source said anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, source: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(one, _)| (**one).cmp(source))
    }
}

impl IntoIterator for BySource {
    type Item = (Arc<str>, KnownVersion);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(Arc<str>, KnownVersion)> for BySource {
    fn from_iter<T: IntoIterator<Item = (Arc<str>, KnownVersion)>>(all: T) -> Self {
        let all = all.into_iter();
        let mut by_source = Self(Vec::with_capacity(all.size_hint().1.unwrap_or_default()));
        all.for_each(|(source, version)| by_source.insert(source, version));
        by_source
    }
}
