//! A file as a run of frames. Each carries a checksum of its place, its kind and its content, so that a
//! changed, missing, added or moved byte is found before anything is made of it.

use std::io::{self, Read, Write};

use xxhash_rust::xxh3::Xxh3;

use super::Unusable;
use super::coding::{In, Out};

/// Bytes of a frame, beyond which the next item begins another.
const FRAME_BYTES: usize = 1 << 20;
/// Largest frame that is read: one item of any size this program writes fits.
const FRAME_BYTES_MAX: u32 = 1 << 30;
/// Length, kind and checksum.
const HEAD_BYTES: usize = 16;
/// Kind of the frame that ends a part.
const END: u32 = 0;

/// Writes the frames of one part.
pub struct Part<'a> {
    out: &'a mut dyn Write,
    part: u32,
    number: u64,
    kind: u32,
    open: Out,
}

impl<'a> Part<'a> {
    /// A part with a number.
    pub fn new(out: &'a mut dyn Write, part: u32) -> Self {
        Self { out, part, number: 0, kind: END, open: Out::default() }
    }

    /// Writes one item of a kind. Items of one kind follow each other.
    pub fn item(&mut self, kind: u32, put: impl FnOnce(&mut Out)) -> io::Result<()> {
        if self.kind != kind || self.open.bytes().len() >= FRAME_BYTES {
            self.flush()?;
            self.kind = kind;
        }
        put(&mut self.open);
        Ok(())
    }

    /// Ends the part.
    pub fn end(mut self) -> io::Result<()> {
        self.flush()?;
        self.frame(END)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.open.bytes().is_empty() {
            return Ok(());
        }
        self.frame(self.kind)
    }

    fn frame(&mut self, kind: u32) -> io::Result<()> {
        let content = self.open.bytes();
        let len = u32::try_from(content.len()).map_err(io::Error::other)?;
        let sum = checksum(self.part, self.number, kind, content);
        let head = [&len.to_le_bytes()[..], &kind.to_le_bytes(), &sum.to_le_bytes()].concat();
        self.out.write_all(&head)?;
        self.out.write_all(content)?;
        self.open.clear();
        self.number += 1;
        Ok(())
    }
}

fn checksum(part: u32, number: u64, kind: u32, content: &[u8]) -> u64 {
    let mut sum = Xxh3::new();
    sum.update(&part.to_le_bytes());
    sum.update(&number.to_le_bytes());
    sum.update(&kind.to_le_bytes());
    sum.update(content);
    sum.digest()
}

/// Reads the frames of one part.
pub struct Frames<R> {
    input: R,
    part: u32,
    number: u64,
    /// The frame that was read and not yet taken.
    kind: Option<u32>,
    content: Vec<u8>,
    /// Bytes that were read.
    read: u64,
}

impl<R: Read> Frames<R> {
    /// The part with a number, from where `input` stands.
    pub fn new(input: R, part: u32) -> Self {
        Self { input, part, number: 0, kind: None, content: Vec::new(), read: 0 }
    }

    /// Calls `take` for every item of a kind, in order.
    pub fn items(
        &mut self,
        kind: u32,
        mut take: impl FnMut(&mut In<'_>) -> Result<(), Unusable>,
    ) -> Result<(), Unusable> {
        while self.peek()? == kind {
            self.kind = None;
            let mut input = In::new(&self.content);
            while !input.is_empty() {
                take(&mut input)?;
            }
        }
        Ok(())
    }

    /// The only item of a kind.
    pub fn item<T>(
        &mut self,
        kind: u32,
        mut take: impl FnMut(&mut In<'_>) -> Result<T, Unusable>,
    ) -> Result<T, Unusable> {
        let mut found = None;
        self.items(kind, |input| {
            found = Some(take(input)?);
            Ok(())
        })?;
        found.ok_or(Unusable::Damaged("a part of it is missing"))
    }

    /// The part must end here; gives how many bytes it has.
    pub fn end(mut self) -> Result<u64, Unusable> {
        match self.peek()? {
            END if self.content.is_empty() => Ok(self.read),
            _ => Err(Unusable::Damaged("a part of it does not end where it should")),
        }
    }

    fn peek(&mut self) -> Result<u32, Unusable> {
        if let Some(kind) = self.kind {
            return Ok(kind);
        }
        let mut head = [0; HEAD_BYTES];
        self.input.read_exact(&mut head)?;
        let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| head[at + byte]));
        let (len, kind) = (number(0), number(4));
        let sum = u64::from(number(8)) | u64::from(number(12)) << 32;
        if len > FRAME_BYTES_MAX {
            return Err(Unusable::Damaged("a length is not one that this program writes"));
        }
        // It grows with what is there, so that a wrong length takes no memory.
        self.content.clear();
        let read = self.input.by_ref().take(u64::from(len)).read_to_end(&mut self.content)?;
        if read as u64 != u64::from(len) {
            return Err(Unusable::Damaged("it ends too early"));
        }
        if checksum(self.part, self.number, kind, &self.content) != sum {
            return Err(Unusable::Damaged("a checksum is not that of its bytes"));
        }
        self.read += (HEAD_BYTES + read) as u64;
        self.number += 1;
        self.kind = Some(kind);
        Ok(kind)
    }
}
