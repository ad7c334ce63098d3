//! One record in a segment: length, checksum, number, hash of the content, bytes.

use std::io::{self, Read};

use xxhash_rust::xxh3::Xxh3;

/// Bytes before a record's own.
pub const HEADER_BYTES: usize = 4 + 8 + 8 + 16;

/// No record is longer.
pub const RECORD_BYTES_MAX: usize = 256 << 20;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number, rising by one.
    pub number: u64,
    /// Hash of the content it came from.
    pub content: u128,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Puts a record at the end of `out`.
pub(super) fn put(number: u64, content: u128, bytes: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(bytes.len()).expect("records are shorter than RECORD_BYTES_MAX");
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&checksum(number, content, bytes).to_le_bytes());
    out.extend_from_slice(&number.to_le_bytes());
    out.extend_from_slice(&content.to_le_bytes());
    out.extend_from_slice(bytes);
}

/// What reading one record gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Record(Record),
    /// Nothing follows.
    End,
    /// What follows is no whole record.
    Torn,
}

/// Reads one record.
pub(super) fn take(input: &mut impl Read) -> io::Result<Next> {
    let mut header = [0; HEADER_BYTES];
    match fill(input, &mut header)? {
        0 => return Ok(Next::End),
        HEADER_BYTES => {}
        _ => return Ok(Next::Torn),
    }
    let part = |from: usize, to: usize| header[from..to].iter().rev();
    let number_of =
        |from, to| part(from, to).fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    let length = usize::try_from(number_of(0, 4)).unwrap_or(usize::MAX);
    if length > RECORD_BYTES_MAX {
        return Ok(Next::Torn);
    }
    let mut bytes = Vec::new();
    let wanted = u64::try_from(length).unwrap_or(u64::MAX);
    if input.take(wanted).read_to_end(&mut bytes)? != length {
        return Ok(Next::Torn);
    }
    let (number, content) = (u64::try_from(number_of(12, 20)).unwrap_or(0), number_of(20, 36));
    if u128::from(checksum(number, content, &bytes)) != number_of(4, 12) {
        return Ok(Next::Torn);
    }
    Ok(Next::Record(Record { number, content, bytes }))
}

fn checksum(number: u64, content: u128, bytes: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(&number.to_le_bytes());
    hash.update(&content.to_le_bytes());
    hash.update(bytes);
    hash.digest()
}

/// Reads until `buffer` is full or the input ends.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
