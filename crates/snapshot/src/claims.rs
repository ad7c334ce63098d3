//! Claims in memory, by the key that they are on, by what they lead to, and by whose record makes them.

use std::io::{self, Read};
use std::sync::Arc;

use model::kind::Confidence;
use model::reference::Claim;
use model::resolution::StoredClaim;
use model::time::Micros;

use super::file::{Frames, In, Out, Part, Sources, Unusable, kind, source};
use super::instant::Instant;
use super::keys::Keys;
use super::packed::{NONE, entity, place_of};
use super::slab::Slab;

/// In what a claim leads to: it is several keys, kept apart.
const SEVERAL: u32 = 1 << 31;

/// One claim.
#[derive(Debug)]
struct Held {
    key: u32,
    to: u32,
    stated_by: u32,
    /// The next on the same key, leading to the same key, made by the same entity's records.
    next_on: u32,
    next_to: u32,
    next_by: u32,
    observed_from: Micros,
    observed_to: Instant,
    source: Arc<str>,
    confidence: Confidence,
}

/// All claims. None is let go of: one that is withdrawn keeps its instant.
#[derive(Debug, Default)]
pub struct Claims {
    held: Slab<Held>,
    several: Vec<Box<[u32]>>,
    /// First claim on a key and first claim that leads to it, by key.
    heads: Slab<(u32, u32)>,
}

impl Claims {
    /// Takes a claim in; `first` is the first claim of the entity whose record makes it.
    pub fn apply(
        &mut self,
        keys: &mut Keys,
        claim: &StoredClaim,
        source: Arc<str>,
        first: Option<&mut u32>,
    ) {
        let key = keys.place(claim.claim.key.as_str());
        let to: Vec<u32> = claim.claim.to.iter().map(|to| keys.place(to.as_str())).collect();
        let stated_by = claim.stated_by.map_or(NONE, place_of);
        let confidence = claim.claim.confidence;
        let (from, until) = (claim.observed_from, Instant::from(claim.observed_to));
        let same = self.on(key).find(|place| {
            let held = &self.held[*place as usize];
            (held.stated_by, held.confidence) == (stated_by, confidence)
                && held.source == source
                && self.targets(held) == to
        });
        if let Some(held) = same.and_then(|place| self.held.get_mut(place as usize)) {
            (held.observed_from, held.observed_to) = (from, until);
            return;
        }
        let place = u32::try_from(self.held.len()).expect("memory holds fewer claims than 2^32");
        let target = match to.as_slice() {
            [to] if *to < SEVERAL => *to,
            _ => {
                self.several.push(to.into_boxed_slice());
                (self.several.len() - 1) as u32 | SEVERAL
            }
        };
        let next_on = std::mem::replace(&mut self.head(key).0, place);
        let next_to = match target & SEVERAL {
            0 => std::mem::replace(&mut self.head(target).1, place),
            _ => NONE,
        };
        let next_by = first.map_or(NONE, |first| std::mem::replace(first, place));
        self.held.push(Held {
            key,
            to: target,
            stated_by,
            next_on,
            next_to,
            next_by,
            observed_from: from,
            observed_to: until,
            source,
            confidence,
        });
    }

    fn head(&mut self, key: u32) -> &mut (u32, u32) {
        let place = key as usize;
        self.heads.grow(place + 1, || (NONE, NONE));
        &mut self.heads[place]
    }

    /// What the record of one entity made is made by that of another, which goes on after it.
    pub fn join(&mut self, first: u32, into: &mut u32) {
        let mut last = None;
        let mut next = first;
        while let Some(held) = self.held.get(next as usize) {
            (last, next) = (Some(next), held.next_by);
        }
        if let Some(held) = last.and_then(|last| self.held.get_mut(last as usize)) {
            held.next_by = std::mem::replace(into, first);
        }
    }

    fn chain(&self, first: u32, next: fn(&Held) -> u32) -> impl Iterator<Item = u32> + '_ {
        let is_there = move |place: u32| (place != NONE).then_some(place);
        std::iter::successors(is_there(first), move |place| {
            self.held.get(*place as usize).and_then(|held| is_there(next(held)))
        })
    }

    /// Claims on a key.
    fn on(&self, key: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.heads.get(key as usize).map_or(NONE, |head| head.0);
        self.chain(first, |held| held.next_on)
    }

    fn targets<'a>(&'a self, held: &'a Held) -> &'a [u32] {
        match held.to & SEVERAL {
            0 => std::slice::from_ref(&held.to),
            _ => self.several.get((held.to & !SEVERAL) as usize).map_or(&[], |several| several),
        }
    }

    /// The claims on a key, in order.
    pub fn of_key(&self, keys: &Keys, key: u32) -> Vec<StoredClaim> {
        self.stored(keys, self.on(key))
    }

    /// The claims from one on that the records of one entity make, in order.
    pub fn of_records(&self, keys: &Keys, first: u32) -> Vec<StoredClaim> {
        self.stored(keys, self.chain(first, |held| held.next_by))
    }

    fn stored(&self, keys: &Keys, places: impl Iterator<Item = u32>) -> Vec<StoredClaim> {
        let held = places.filter_map(|place| self.held.get(place as usize));
        let mut claims: Vec<StoredClaim> = held
            .map(|held| StoredClaim {
                claim: Claim {
                    key: keys.key(held.key),
                    to: self.targets(held).iter().map(|to| keys.key(*to)).collect(),
                    confidence: held.confidence,
                },
                source: held.source.to_string(),
                stated_by: (held.stated_by != NONE).then(|| entity(held.stated_by)),
                observed_from: held.observed_from,
                observed_to: held.observed_to.get(),
            })
            .collect();
        claims.sort_unstable();
        claims
    }

    /// Targets of the plain claims in force on a key.
    pub fn leads(&self, key: u32) -> impl Iterator<Item = u32> + '_ {
        let held = self.on(key).filter_map(|place| self.held.get(place as usize));
        held.filter(|held| held.to & SEVERAL == 0 && held.observed_to.get().is_none())
            .map(|held| held.to)
    }

    /// Keys from which plain claims in force lead to a key, each with its source.
    pub fn leading_to(&self, key: u32) -> impl Iterator<Item = (u32, &str)> + '_ {
        let first = self.heads.get(key as usize).map_or(NONE, |head| head.1);
        let held = self.chain(first, |held| held.next_to);
        held.filter_map(|place| self.held.get(place as usize))
            .filter(|held| held.observed_to.get().is_none())
            .map(|held| (held.key, &*held.source))
    }

    /// Whether exactly this is held.
    pub fn holds(&self, keys: &Keys, claim: &StoredClaim) -> bool {
        let Some(key) = keys.find(claim.claim.key.as_str()) else { return false };
        self.on(key).filter_map(|place| self.held.get(place as usize)).any(|held| {
            let targets = self.targets(held);
            held.confidence == claim.claim.confidence
                && held.stated_by == claim.stated_by.map_or(NONE, place_of)
                && held.observed_from == claim.observed_from
                && held.observed_to == Instant::from(claim.observed_to)
                && *held.source == *claim.source
                && targets.len() == claim.claim.to.len()
                && targets.iter().zip(&claim.claim.to).all(|(to, key)| keys.is(*to, key.as_str()))
        })
    }

    /// Writes them.
    pub fn put(&self, part: &mut Part<'_>, sources: &Sources<'_>) -> io::Result<()> {
        part.item(kind::CLAIM_COUNT, |out| {
            out.number(self.held.len() as u64);
            out.number(self.heads.len() as u64);
        })?;
        for held in self.held.iter() {
            part.item(kind::CLAIM, |out| held.put(out, sources))?;
        }
        for several in &self.several {
            part.item(kind::CLAIM_SEVERAL, |out| {
                out.number(several.len() as u64);
                several.iter().for_each(|key| out.place(*key));
            })?;
        }
        for heads in self.heads.pieces() {
            part.item(kind::CLAIM_HEAD, |out| {
                out.number(heads.len() as u64);
                out.column(heads.iter().map(|head| u64::from(head.0)));
                out.column(heads.iter().map(|head| u64::from(head.1)));
            })?;
        }
        Ok(())
    }

    /// Reads them.
    pub fn take(frames: &mut Frames<impl Read>, sources: &[Arc<str>]) -> Result<Self, Unusable> {
        let (held, heads) =
            frames.item(kind::CLAIM_COUNT, |input| Ok((input.count()?, input.count()?)))?;
        let mut claims = Self::default();
        frames.items(kind::CLAIM, |input| {
            claims.held.push(Held::take(input, sources)?);
            Ok(())
        })?;
        frames.items(kind::CLAIM_SEVERAL, |input| {
            let count = input.count()?;
            let several = (0..count).map(|_| input.place()).collect::<Result<_, _>>()?;
            claims.several.push(several);
            Ok(())
        })?;
        let (mut on, mut to) = (Vec::new(), Vec::new());
        frames.items(kind::CLAIM_HEAD, |input| {
            let count = input.count()?;
            input.column(count, &mut on)?;
            input.column(count, &mut to)?;
            claims.heads.extend(on.iter().zip(&to).map(|(on, to)| (*on as u32, *to as u32)));
            Ok(())
        })?;
        let is_whole = (claims.held.len(), claims.heads.len()) == (held, heads);
        is_whole.then_some(claims).ok_or(kind::CUT)
    }
}

impl Held {
    fn put(&self, out: &mut Out, sources: &Sources<'_>) {
        for place in [self.key, self.stated_by, self.next_on, self.next_to, self.next_by] {
            out.place(place);
        }
        out.number(u64::from(self.to));
        out.instant(self.observed_from.0);
        out.instant(self.observed_to.code());
        out.number(u64::from(sources.place(&self.source)));
        out.byte(self.confidence.code());
    }

    fn take(input: &mut In<'_>, sources: &[Arc<str>]) -> Result<Self, Unusable> {
        Ok(Self {
            key: input.place()?,
            stated_by: input.place()?,
            next_on: input.place()?,
            next_to: input.place()?,
            next_by: input.place()?,
            to: input.count()? as u32,
            observed_from: Micros(input.instant()?),
            observed_to: Instant::from_code(input.instant()?),
            source: source(sources, input.count()? as u32)?,
            confidence: Confidence::from_code(input.byte()?).ok_or(kind::UNKNOWN)?,
        })
    }
}
