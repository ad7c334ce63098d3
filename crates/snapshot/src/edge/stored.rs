//! The relations' part of a file. What rows are found by is made of them again.

use std::io::{self, Read};
use std::sync::OnceLock;

use super::{Edges, Ends};
use crate::file::{Frames, In, Out, Part, Unusable, kind};
use crate::lists::{List, Lists};
use crate::packed::{self, NONE, Rests};
use crate::said::Sayings;

impl Edges {
    /// How many places of rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Writes the part.
    pub fn put(&self, part: &mut Part<'_>) -> io::Result<()> {
        part.item(kind::EDGE_COUNT, |out| {
            for count in
                [self.rests.len(), self.rows.len(), self.instants.len(), self.sayings.len()]
            {
                out.number(count as u64);
            }
        })?;
        self.sayings.put(part)?;
        for at in &self.instants {
            part.item(kind::INSTANT, |out| out.instant(*at))?;
        }
        self.rests.put(part)?;
        packed::put(&self.rows, part)?;
        self.lists.put(part)
    }

    /// Reads the part.
    pub fn take(frames: &mut Frames<impl Read>) -> Result<Self, Unusable> {
        let [rests, rows, instants, sayings] = frames.item(kind::EDGE_COUNT, |input| {
            Ok([input.count()?, input.count()?, input.count()?, input.count()?])
        })?;
        let mut edges = Self { sayings: Sayings::take(frames)?, ..Self::default() };
        edges.instants.reserve_exact(instants);
        edges.instant_places.reserve(instants);
        frames.items(kind::INSTANT, |input| {
            let at = input.instant()?;
            edges.instant_places.insert(at, edges.instants.len() as u32);
            edges.instants.push(at);
            Ok(())
        })?;
        edges.rests = Rests::take(frames, rests)?;
        edges.rows = packed::take(frames)?;
        edges.lists = Lists::take(frames)?;
        if edges.rows.len() != rows || edges.sayings.len() != sayings {
            return Err(kind::CUT);
        }
        edges.by_key = OnceLock::new();
        edges.note_all(sayings)?;
        Ok(edges)
    }

    /// Notes every row; each must say something that there is.
    fn note_all(&mut self, sayings: usize) -> Result<(), Unusable> {
        for place in 0..self.rows.len() {
            let row = self.rows[place];
            if row.from == NONE {
                continue;
            }
            if row.said as usize >= sayings {
                return Err(Unusable::Damaged("a row in it says nothing"));
            }
            if packed::is_plain(&row) {
                continue;
            }
            let place = place as u32;
            if let Some((kind, ends, by)) =
                self.row(place).map(|row| (row.kind, [row.from, row.to], row.stated_by))
            {
                self.note(place, kind, ends, by);
            }
        }
        Ok(())
    }
}

impl Ends {
    /// Adds the lists to what is written.
    pub fn put(self, out: &mut Out) {
        let Self { outgoing, above, used } = self;
        [outgoing, above, used].into_iter().for_each(|list| list.put(out));
    }

    /// Lists that were written.
    pub fn take(input: &mut In<'_>) -> Result<Self, Unusable> {
        let mut list = || List::take(input);
        Ok(Self { outgoing: list()?, above: list()?, used: list()? })
    }
}
