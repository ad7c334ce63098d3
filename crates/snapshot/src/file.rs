//! The estate in force in one compact file: opening reads it and then only the writes that came after
//! it. What it is of stands in its [`Head`]; whether that is wanted, and where it lies, is the
//! database's matter. A file that is cut, changed or of another program is told from a whole one and is
//! never half believed.
//!
//! It begins with magic bytes, the number of the format, where each part ends, and the head, under a
//! checksum; then come the parts, each a run of frames with checksums ([`frame`]). Parts know nothing of
//! each other, so they are read side by side. What can be made from the rest (tables of places by hash)
//! is not in it.

mod coding;
mod entities;
mod frame;
pub(crate) mod kind;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::edge::Edges;
use super::estate::Estate;
use super::life::NOW;
use super::names::Names;

pub(crate) use coding::{In, Out};
pub(crate) use entities::{Sources, source};
pub(crate) use frame::{Frames, Part};

const MAGIC: [u8; 8] = *b"UBIQEST\n";
/// Rises with every change of what follows.
const FORMAT: u32 = 2;
/// Names, entities and relations.
const PARTS: usize = 3;
/// Magic bytes, format, length of the head, ends of the parts.
const PRELUDE_BYTES: usize = 16 + PARTS * 8;
const CHECKSUM_BYTES: usize = 8;
const HEAD_BYTES_MAX: usize = 1 << 16;
const READ_BYTES: usize = 1 << 16;

/// What a file is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of the program that wrote it: another may fold the same writes differently.
    pub program: String,
    /// By what the database knows it.
    pub token: String,
    /// The newest write in it.
    pub number: u64,
    /// Last row of each table that it holds, -1 for none, by name.
    pub rows: BTreeMap<String, i64>,
}

/// Why a file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The file system's word.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It was not written by this program.
    #[error("it is of another format")]
    Foreign,
    /// It is not as it was written.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}

/// Writes the estate in force. What `out` holds is whole only when this was successful.
///
/// # Errors
/// Those of `out`.
pub fn write(estate: &Estate, head: &Head, out: &mut (impl Write + Seek)) -> io::Result<()> {
    let head = rmp_serde::to_vec_named(head).map_err(io::Error::other)?;
    // The place of what is only known at the end.
    out.write_all(&vec![0; PRELUDE_BYTES + head.len() + CHECKSUM_BYTES])?;
    let parts: [fn(&Estate, &mut Part<'_>) -> io::Result<()>; PARTS] = [
        |estate, part| estate.names.put(part),
        entities::put,
        |estate, part| estate.edges.put(part),
    ];
    let mut prelude =
        [&MAGIC[..], &FORMAT.to_le_bytes(), &(head.len() as u32).to_le_bytes()].concat();
    for (number, put) in (0..).zip(parts) {
        let mut part = Part::new(out, number);
        put(estate, &mut part)?;
        part.end()?;
        prelude.extend_from_slice(&out.stream_position()?.to_le_bytes());
    }
    prelude.extend_from_slice(&head);
    let sum = xxh3_64(&prelude);
    out.rewind()?;
    out.write_all(&prelude)?;
    out.write_all(&sum.to_le_bytes())?;
    out.flush()
}

/// A file whose head was read.
#[derive(Debug)]
pub struct EstateFile {
    path: PathBuf,
    head: Head,
    /// Where each part begins, and where the last ends.
    places: [u64; PARTS + 1],
}

impl EstateFile {
    /// Reads the head.
    ///
    /// # Errors
    /// When it is no such file, or its head is not as it was written.
    pub fn open(path: &Path) -> Result<Self, Unusable> {
        let mut file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut prelude = vec![0; PRELUDE_BYTES];
        read_exact(&mut file, &mut prelude)?;
        let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| prelude[at + byte]));
        if prelude[..MAGIC.len()] != MAGIC || number(8) != FORMAT {
            return Err(Unusable::Foreign);
        }
        let head_bytes = number(12) as usize;
        if head_bytes > HEAD_BYTES_MAX {
            return Err(Unusable::Damaged("its head is too long"));
        }
        let mut places = [(PRELUDE_BYTES + head_bytes + CHECKSUM_BYTES) as u64; PARTS + 1];
        for (part, place) in places.iter_mut().skip(1).enumerate() {
            let at = 16 + part * 8;
            *place = u64::from(number(at)) | u64::from(number(at + 4)) << 32;
        }
        prelude.resize(PRELUDE_BYTES + head_bytes, 0);
        read_exact(&mut file, &mut prelude[PRELUDE_BYTES..])?;
        let mut sum = [0; CHECKSUM_BYTES];
        read_exact(&mut file, &mut sum)?;
        if xxh3_64(&prelude) != u64::from_le_bytes(sum) {
            return Err(Unusable::Damaged("the checksum of its head is not that of its bytes"));
        }
        if places[PARTS] != bytes {
            return Err(Unusable::Damaged("it is not as long as it says"));
        }
        let head = rmp_serde::from_slice(&prelude[PRELUDE_BYTES..]);
        let head =
            head.ok().ok_or(Unusable::Damaged("its head is not what this program writes"))?;
        Ok(Self { path: path.to_owned(), head, places })
    }

    /// What it is of.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Reads the estate.
    ///
    /// # Errors
    /// When it is not as it was written.
    pub fn read(&self) -> Result<Estate, Unusable> {
        let (names, entities, edges) = std::thread::scope(|scope| {
            let names = scope.spawn(|| self.part(0, Names::take));
            let edges = scope.spawn(|| self.part(2, Edges::take));
            let entities = self.part(1, entities::take);
            (names.join(), entities, edges.join())
        });
        let broken = Unusable::Damaged("it could not be made sense of");
        let (Ok(names), Ok(edges)) = (names, edges) else { return Err(broken) };
        let mut estate = entities?;
        let sources = std::mem::take(&mut estate.names);
        (estate.names, estate.edges) = (names?, edges?);
        estate.names.share_sources(sources);
        let is_of_head = estate.version.number == self.head.number && estate.at == NOW;
        is_of_head.then_some(estate).ok_or(broken)
    }

    fn part<T>(
        &self,
        part: usize,
        take: impl FnOnce(&mut Frames<BufReader<File>>) -> Result<T, Unusable>,
    ) -> Result<T, Unusable> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.places[part]))?;
        let mut frames = Frames::new(BufReader::with_capacity(READ_BYTES, file), part as u32);
        let taken = take(&mut frames)?;
        if self.places[part].checked_add(frames.end()?) != Some(self.places[part + 1]) {
            return Err(Unusable::Damaged("a part of it is not where it should be"));
        }
        Ok(taken)
    }
}

fn read_exact(file: &mut File, into: &mut [u8]) -> Result<(), Unusable> {
    file.read_exact(into).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Unusable::Damaged("it ends too early"),
        _ => Unusable::Io(error),
    })
}
