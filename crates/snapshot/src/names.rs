//! Everything that entities are called by and said to be, kept once: keys, texts, labels, places and
//! sources.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, Read};
use std::sync::Arc;

use model::entity::Labels;
use model::scope::Scope;

use super::few::Few;
use super::file::{Frames, Part, Unusable, kind};
use super::keys::Keys;
use super::text::Texts;

/// No text.
pub const NONE: u32 = u32::MAX;
/// In the number of a name: it is the tail of the key with the rest of the number.
const TAIL: u32 = 1 << 31;

/// All of it.
#[derive(Debug, Default)]
pub struct Names {
    pub keys: Keys,
    texts: Texts,
    /// Name and value of each label.
    labels: Vec<(u32, u32)>,
    label_places: HashMap<(u32, u32), u32>,
    scopes: Vec<Arc<Scope>>,
    scope_places: HashMap<Arc<Scope>, u32>,
    sources: HashSet<Arc<str>>,
}

impl Names {
    /// A text by its number; nothing for `NONE`.
    pub fn text(&self, place: u32) -> Option<&str> {
        (place != NONE).then(|| self.texts.get(place))
    }

    /// The number of a text, `NONE` for nothing.
    pub fn text_place(&mut self, text: Option<&str>) -> u32 {
        text.map_or(NONE, |text| self.texts.place(text))
    }

    /// A name by its number.
    pub fn name(&self, place: u32) -> &str {
        match place & TAIL {
            0 => self.texts.get(place),
            _ => self.keys.tail(place & !TAIL),
        }
    }

    /// The number of an entity's name: most are the tail of its canonical id.
    pub fn name_place(&mut self, name: &str, key: u32) -> u32 {
        match self.keys.tail(key) == name && key < TAIL {
            true => key | TAIL,
            false => {
                let place = self.texts.place(name);
                assert!(place < TAIL, "memory holds fewer names than 2^31");
                place
            }
        }
    }

    /// The numbers of labels, in order of name.
    pub fn label_places(&mut self, labels: &Labels) -> Box<[u32]> {
        let places = labels.iter().map(|(name, value)| {
            let label = (self.texts.place(name), self.texts.place(value));
            *self.label_places.entry(label).or_insert_with(|| {
                self.labels.push(label);
                (self.labels.len() - 1) as u32
            })
        });
        places.collect()
    }

    /// Name and value of a label.
    pub fn label(&self, place: u32) -> (&str, &str) {
        let label = self.labels.get(place as usize);
        label.map_or(("", ""), |(name, value)| (self.texts.get(*name), self.texts.get(*value)))
    }

    /// Numbers of the labels whose `name=value` is wanted.
    pub fn labels_with(&self, is_wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = u32> {
        let label = |place: u32| {
            let (name, value) = self.label(place);
            format!("{name}={value}")
        };
        (0..self.labels.len() as u32).filter(move |place| is_wanted(&label(*place)))
    }

    /// The number of a place.
    pub fn scope_place(&mut self, scope: &Scope) -> u32 {
        if let Some(place) = self.scope_places.get(scope) {
            return *place;
        }
        let place = u32::try_from(self.scopes.len()).expect("places are fewer than entities");
        let scope = Arc::new(scope.clone());
        self.scopes.push(Arc::clone(&scope));
        self.scope_places.insert(scope, place);
        place
    }

    /// A place by its number that [`Names::scope_place`] gave.
    pub fn scope(&self, place: u32) -> &Arc<Scope> {
        self.scopes.get(place as usize).expect("the number was given for one that is kept")
    }

    /// A source's name, shared by all that it says.
    pub fn source(&mut self, source: &str) -> Arc<str> {
        if let Some(source) = self.sources.get(source) {
            return Arc::clone(source);
        }
        let source: Arc<str> = Arc::from(source);
        self.sources.insert(Arc::clone(&source));
        source
    }

    /// The sources, in order.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        let sources: BTreeSet<&str> = self.sources.iter().map(|one| &**one).collect();
        sources.into_iter()
    }

    /// Takes the sources of others as its own.
    pub fn share_sources(&mut self, others: Self) {
        self.sources.extend(others.sources);
    }

    /// Writes everything but the sources.
    pub fn put(&self, part: &mut Part<'_>) -> io::Result<()> {
        part.item(kind::NAME_COUNT, |out| {
            let (prefixes, keys) = self.keys.counts();
            for count in [prefixes, keys, self.texts.len(), self.labels.len()] {
                out.number(count as u64);
            }
        })?;
        self.keys.put(part)?;
        self.texts.put(part, kind::TEXT)?;
        for labels in self.labels.chunks(kind::ROWS) {
            part.item(kind::LABEL, |out| {
                out.number(labels.len() as u64);
                out.column(labels.iter().map(|label| u64::from(label.0)));
                out.column(labels.iter().map(|label| u64::from(label.1)));
            })?;
        }
        self.scopes
            .iter()
            .try_for_each(|scope| part.item(kind::SCOPE, |out| out.document(&**scope)))
    }

    /// Reads everything but the sources.
    pub fn take(frames: &mut Frames<impl Read>) -> Result<Self, Unusable> {
        let (prefixes, keys, texts, labels) = frames.item(kind::NAME_COUNT, |input| {
            Ok((input.count()?, input.count()?, input.count()?, input.count()?))
        })?;
        let keys = Keys::take(frames, (prefixes, keys))?;
        let texts = Texts::take(frames, kind::TEXT, texts)?;
        let mut names = Self { keys, texts, ..Self::default() };
        names.labels.reserve_exact(labels);
        names.label_places.reserve(labels);
        let (mut name, mut value) = (Vec::new(), Vec::new());
        frames.items(kind::LABEL, |input| {
            let count = input.count()?;
            input.column(count, &mut name)?;
            input.column(count, &mut value)?;
            for (name, value) in name.iter().zip(&value) {
                let label = (*name as u32, *value as u32);
                names.label_places.insert(label, names.labels.len() as u32);
                names.labels.push(label);
            }
            Ok(())
        })?;
        frames.items(kind::SCOPE, |input| {
            names.scope_place(&input.document()?);
            Ok(())
        })?;
        Ok(names)
    }
}

/// Keys in the order of their texts, each once.
pub fn in_order(names: &Names, mut keys: Vec<u32>) -> Few<u32> {
    keys.sort_unstable_by(|a, b| names.keys.compare(*a, *b));
    keys.dedup();
    keys.into_iter().collect()
}
