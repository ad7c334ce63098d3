//! A stored reference in some sixty bytes: keys and texts by their numbers, each key once and in front,
//! so that what a reference is found by is read without the rest.

use std::sync::Arc;

use model::entity::{EntityId, Properties};
use model::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use model::reference::{AliasKey, Candidate, Cardinality, Reference};
use model::resolution::{ReferencePurpose, RelationTemplate, StoredReference};
use model::time::Micros;

use super::{is_open, keys_of};
use crate::file::{In, Out, Unusable, kind};
use crate::names::Names;

/// It is about a relation.
const RELATION: u8 = 1;
/// It leads to several of equal rank.
const CONFLICT: u8 = 1 << 1;
/// An entity's record states it.
const STATED: u8 = 1 << 2;
/// Its relation has properties.
const PROPERTIES: u8 = 1 << 3;
/// It leads to nothing or to several things.
const OPEN: u8 = 1 << 4;

/// In a reference's last byte: it may lead to many.
const MANY: u8 = 1;
/// There is a kind to be made where it leads nowhere.
const OTHERWISE: u8 = 1 << 1;

/// What a relation's reference is, where it is not its near or far end.
const ITSELF: u8 = 0;
const NEAR_END: u8 = 1;
const FAR_END: u8 = 2;

/// The texts behind numbers.
pub trait Texts {
    /// A key.
    fn key(&self, place: u32) -> AliasKey;
    /// Any other text.
    fn text(&self, place: u32) -> String;
}

impl Texts for Names {
    fn key(&self, place: u32) -> AliasKey {
        self.keys.key(place)
    }

    fn text(&self, place: u32) -> String {
        Self::text(self, place).unwrap_or_default().to_owned()
    }
}

/// The beginning of a coded reference.
#[derive(Debug)]
pub struct Beginning<'a> {
    flags: u8,
    /// The entity whose record states it.
    pub stated_by: Option<EntityId>,
    /// Every key that it tries, once.
    pub keys: Vec<u32>,
    rest: In<'a>,
}

impl Beginning<'_> {
    /// Whether it leads to nothing or to several things.
    pub fn is_open(&self) -> bool {
        self.flags & OPEN != 0
    }
}

/// The bytes of a reference; its keys and texts are kept from now on.
pub fn code(reference: &StoredReference, names: &mut Names) -> Box<[u8]> {
    let mut keys: Vec<&AliasKey> = Vec::new();
    for key in keys_of(reference) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let template = match &reference.purpose {
        ReferencePurpose::Relation(template) => Some(template),
        ReferencePurpose::Subject(_) => None,
    };
    let stated_by = template.and_then(|template| template.stated_by);
    let has_properties = template.is_some_and(|template| !template.properties.is_empty());
    let flags = [
        (RELATION, template.is_some()),
        (CONFLICT, reference.is_conflict),
        (STATED, stated_by.is_some()),
        (PROPERTIES, has_properties),
        (OPEN, is_open(reference)),
    ];
    let mut out = Out::default();
    out.byte(flags.iter().filter(|(_, is_set)| *is_set).fold(0, |all, (flag, _)| all | flag));
    stated_by.iter().for_each(|id| out.number(id.0));
    out.number(keys.len() as u64);
    for key in &keys {
        out.number(u64::from(names.keys.place(key.as_str())));
    }
    let mut coder = Coder { out, names, keys };
    coder.whole(reference);
    coder.out.bytes().into()
}

struct Coder<'a> {
    out: Out,
    names: &'a mut Names,
    keys: Vec<&'a AliasKey>,
}

impl Coder<'_> {
    fn whole(&mut self, one: &StoredReference) {
        match &one.purpose {
            ReferencePurpose::Subject(id) => {
                self.out.number(id.0);
                self.reference(&one.reference);
            }
            ReferencePurpose::Relation(template) => {
                self.template(template);
                let which = match &one.reference {
                    end if *end == template.to => FAR_END,
                    end if *end == template.from => NEAR_END,
                    _ => ITSELF,
                };
                self.out.byte(which);
                if which == ITSELF {
                    self.reference(&one.reference);
                }
            }
        }
        self.text(&one.source);
        self.out.instant(one.observed_at.0);
        for targets in [&one.targets, &one.from_targets] {
            self.out.number(targets.len() as u64);
            targets.iter().for_each(|id| self.out.number(id.0));
        }
        self.some_keys(&one.via);
        self.text(&one.rule);
        self.out.number(one.late.len() as u64);
        for (from, to, at) in &one.late {
            self.out.number(from.0);
            self.out.number(to.0);
            self.out.instant(at.0);
        }
    }

    fn template(&mut self, one: &RelationTemplate) {
        self.reference(&one.from);
        self.reference(&one.to);
        let codes = [one.kind.code(), one.evidence.code(), one.need.code(), one.need_source.code()];
        codes.into_iter().for_each(|code| self.out.byte(code));
        self.text(&one.group);
        self.out.number(u64::from(one.min_alive));
        if !one.properties.is_empty() {
            self.out.document(&one.properties);
        }
        self.out.instant(one.started_at.map_or(i64::MIN, |at| at.0));
    }

    fn reference(&mut self, one: &Reference) {
        self.out.number(one.candidates.len() as u64);
        for candidate in &one.candidates {
            self.some_keys(&candidate.all);
            self.text(&candidate.rule);
            self.out.byte(candidate.confidence.code());
        }
        self.out.number(one.kinds.len() as u64);
        one.kinds.iter().for_each(|kind| self.out.byte(kind.code()));
        let many = if one.cardinality == Cardinality::Many { MANY } else { 0 };
        self.out.byte(many | one.otherwise.map_or(0, |_| OTHERWISE));
        one.otherwise.iter().for_each(|kind| self.out.byte(kind.code()));
    }

    /// Keys by their places among those in front.
    fn some_keys(&mut self, keys: &[AliasKey]) {
        self.out.number(keys.len() as u64);
        for key in keys {
            let place = self.keys.iter().position(|one| *one == key);
            self.out.number(place.expect("every key that it tries is in front") as u64);
        }
    }

    fn text(&mut self, text: &str) {
        let place = self.names.text_place(Some(text));
        self.out.number(u64::from(place));
    }
}

/// The beginning of the bytes of a reference.
pub fn beginning(bytes: &[u8]) -> Result<Beginning<'_>, Unusable> {
    let mut input = In::new(bytes);
    let flags = input.byte()?;
    let stated_by = (flags & STATED != 0).then(|| input.number()).transpose()?.map(EntityId);
    let keys = list(&mut input, |input| Ok(input.count()? as u32))?;
    Ok(Beginning { flags, stated_by, keys, rest: input })
}

/// Whether bytes are those of a reference; its keys and texts are not looked at.
pub fn check(bytes: &[u8]) -> Result<(), Unusable> {
    decode(0, bytes, &Nothing("".into())).map(|_| ())
}

/// Instead of texts.
struct Nothing(AliasKey);

impl Texts for Nothing {
    fn key(&self, _: u32) -> AliasKey {
        self.0.clone()
    }

    fn text(&self, _: u32) -> String {
        String::new()
    }
}

/// The reference of bytes that [`code`] gave.
pub fn decode(id: u64, bytes: &[u8], texts: &impl Texts) -> Result<StoredReference, Unusable> {
    let Beginning { flags, stated_by, keys, rest } = beginning(bytes)?;
    let keys = keys.into_iter().map(|key| texts.key(key)).collect();
    let mut decoder = Decoder { input: rest, texts, keys };
    let (purpose, reference) = match flags & RELATION {
        0 => {
            let id = EntityId(decoder.input.number()?);
            (ReferencePurpose::Subject(id), decoder.reference()?)
        }
        _ => {
            let template = decoder.template(flags & PROPERTIES != 0, stated_by)?;
            let reference = match decoder.input.byte()? {
                ITSELF => decoder.reference()?,
                NEAR_END => template.from.clone(),
                FAR_END => template.to.clone(),
                _ => return Err(kind::UNKNOWN),
            };
            (ReferencePurpose::Relation(Box::new(template)), reference)
        }
    };
    let found = StoredReference {
        id,
        purpose,
        reference,
        source: decoder.text()?,
        observed_at: Micros(decoder.input.instant()?),
        targets: decoder.ids()?,
        from_targets: decoder.ids()?,
        via: decoder.some_keys()?,
        is_conflict: flags & CONFLICT != 0,
        rule: decoder.text()?,
        late: list(&mut decoder.input, |input| {
            let ends = (EntityId(input.number()?), EntityId(input.number()?));
            Ok((ends.0, ends.1, Micros(input.instant()?)))
        })?,
    };
    decoder.input.is_empty().then_some(found).ok_or(kind::UNKNOWN)
}

struct Decoder<'a, T> {
    input: In<'a>,
    texts: &'a T,
    keys: Vec<AliasKey>,
}

impl<T: Texts> Decoder<'_, T> {
    fn template(
        &mut self,
        has_properties: bool,
        stated_by: Option<EntityId>,
    ) -> Result<RelationTemplate, Unusable> {
        Ok(RelationTemplate {
            from: self.reference()?,
            to: self.reference()?,
            kind: RelationKind::from_code(self.input.byte()?).ok_or(kind::UNKNOWN)?,
            evidence: Evidence::from_code(self.input.byte()?).ok_or(kind::UNKNOWN)?,
            need: Need::from_code(self.input.byte()?).ok_or(kind::UNKNOWN)?,
            need_source: NeedSource::from_code(self.input.byte()?).ok_or(kind::UNKNOWN)?,
            group: self.text()?,
            min_alive: self.input.count()? as u32,
            properties: match has_properties {
                true => self.input.document()?,
                false => Properties::new(),
            },
            stated_by,
            started_at: Some(self.input.instant()?).filter(|at| *at != i64::MIN).map(Micros),
        })
    }

    fn reference(&mut self) -> Result<Reference, Unusable> {
        let count = self.input.count()?;
        let candidates = (0..count)
            .map(|_| {
                Ok(Candidate {
                    all: self.some_keys()?,
                    rule: Arc::from(self.text()?),
                    confidence: Confidence::from_code(self.input.byte()?).ok_or(kind::UNKNOWN)?,
                })
            })
            .collect::<Result<_, Unusable>>()?;
        let kinds = list(&mut self.input, entity_kind)?;
        let last = self.input.byte()?;
        Ok(Reference {
            candidates,
            kinds,
            cardinality: if last & MANY == 0 { Cardinality::One } else { Cardinality::Many },
            otherwise: (last & OTHERWISE != 0).then(|| entity_kind(&mut self.input)).transpose()?,
        })
    }

    fn some_keys(&mut self) -> Result<Vec<AliasKey>, Unusable> {
        let keys = &self.keys;
        list(&mut self.input, |input| keys.get(input.count()?).cloned().ok_or(kind::UNKNOWN))
    }

    fn ids(&mut self) -> Result<Vec<EntityId>, Unusable> {
        list(&mut self.input, |input| Ok(EntityId(input.number()?)))
    }

    fn text(&mut self) -> Result<String, Unusable> {
        Ok(self.texts.text(self.input.count()? as u32))
    }
}

fn entity_kind(input: &mut In<'_>) -> Result<EntityKind, Unusable> {
    EntityKind::from_code(input.byte()?).ok_or(kind::UNKNOWN)
}

fn list<'a, T>(
    input: &mut In<'a>,
    mut one: impl FnMut(&mut In<'a>) -> Result<T, Unusable>,
) -> Result<Vec<T>, Unusable> {
    let count = input.count()?;
    (0..count).map(|_| one(input)).collect()
}
