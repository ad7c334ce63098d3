//! Entities with what their sources say, claims, references and what is decided: one part of the file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Read};
use std::sync::Arc;

use model::entity::EntityId;
use model::time::Micros;

use super::{Frames, Part, Unusable, kind};
use crate::claims::Claims;
use crate::entities::Entities;
use crate::estate::Estate;
use crate::reference::References;

/// Sources by number, and their numbers.
pub struct Sources<'a> {
    all: Vec<&'a str>,
    places: HashMap<&'a str, u32>,
}

impl<'a> Sources<'a> {
    fn new(estate: &'a Estate) -> Self {
        let observed = estate.observed.keys().map(|one| &**one);
        let all: BTreeSet<&str> = estate.names.sources().chain(observed).collect();
        let all: Vec<&str> = all.into_iter().collect();
        let places = all.iter().copied().zip(0..).collect();
        Self { all, places }
    }

    /// The number of a source that the estate holds.
    pub fn place(&self, source: &str) -> u32 {
        *self.places.get(source).expect("every source that is named is kept")
    }
}

/// The source with a number.
pub fn source(sources: &[Arc<str>], place: u32) -> Result<Arc<str>, Unusable> {
    sources.get(place as usize).map(Arc::clone).ok_or(kind::UNKNOWN)
}

/// Writes the part.
pub fn put(estate: &Estate, part: &mut Part<'_>) -> io::Result<()> {
    let sources = Sources::new(estate);
    part.item(kind::ESTATE, |out| {
        out.number(estate.version.number);
        let instant = |at: Option<Micros>| at.map_or(i64::MIN, |at| at.0);
        out.instant(instant(estate.version.newest));
        out.instant(instant(estate.first_observation));
        out.number(estate.next_id);
    })?;
    for source in &sources.all {
        part.item(kind::SOURCE, |out| out.text(source))?;
    }
    for keys in estate.by_key.pieces() {
        part.item(kind::BY_KEY, |out| {
            out.number(keys.len() as u64);
            out.column(keys.iter().map(|id| u64::from(*id)));
        })?;
    }
    let redirects: BTreeMap<_, _> = estate.redirects.iter().collect();
    for (from, into) in redirects {
        part.item(kind::REDIRECT, |out| {
            out.number(from.0);
            out.number(into.0);
        })?;
    }
    estate.entities.put(part, &sources)?;
    estate.claims.put(part, &sources)?;
    estate.references.put(part)?;
    for held in &estate.held {
        part.item(kind::HELD, |out| out.document(held))?;
    }
    for rule in &estate.ownership {
        part.item(kind::OWNERSHIP, |out| out.document(rule))?;
    }
    for (source, instants) in &estate.observed {
        part.item(kind::OBSERVED, |out| {
            out.number(u64::from(sources.place(source)));
            out.number(instants.len() as u64);
            instants.iter().for_each(|at| out.instant(at.0));
        })?;
    }
    Ok(())
}

/// An estate with what the part holds: of its names only the sources, and no relations.
pub fn take(frames: &mut Frames<impl Read>) -> Result<Estate, Unusable> {
    let mut estate = Estate::new(None);
    frames.item(kind::ESTATE, |input| {
        estate.version.number = input.number()?;
        let instant = |at: i64| (at != i64::MIN).then_some(Micros(at));
        estate.version.newest = instant(input.instant()?);
        estate.first_observation = instant(input.instant()?);
        estate.next_id = input.number()?;
        Ok(())
    })?;
    let mut sources: Vec<Arc<str>> = Vec::new();
    frames.items(kind::SOURCE, |input| {
        sources.push(estate.names.source(input.text()?));
        Ok(())
    })?;
    let mut ids = Vec::new();
    frames.items(kind::BY_KEY, |input| {
        let count = input.count()?;
        input.column(count, &mut ids)?;
        estate.by_key.extend(ids.iter().map(|id| *id as u32));
        Ok(())
    })?;
    frames.items(kind::REDIRECT, |input| {
        estate.redirects.insert(EntityId(input.number()?), EntityId(input.number()?));
        Ok(())
    })?;
    estate.entities = Entities::take(frames, &sources)?;
    estate.claims = Claims::take(frames, &sources)?;
    estate.references = References::take(frames, &mut estate)?;
    frames.items(kind::HELD, |input| {
        estate.held.push(input.document()?);
        Ok(())
    })?;
    frames.items(kind::OWNERSHIP, |input| {
        estate.ownership.push(input.document()?);
        Ok(())
    })?;
    frames.items(kind::OBSERVED, |input| {
        let source = source(&sources, input.count()? as u32)?;
        let count = input.count()?;
        let instants = (0..count).map(|_| input.instant().map(Micros));
        let instants = instants.collect::<Result<BTreeSet<_>, _>>()?;
        estate.observed.insert(source, instants);
        Ok(())
    })?;
    Ok(estate)
}
