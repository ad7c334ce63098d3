//! Gzip and zip, unpacked within bounds: what unpacks to far more than it is, is refused.

use std::io::{Cursor, Read};

use crate::error::EnvelopeError;
use crate::limit::Limits;

/// How the bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Gzip; one or several members are one stream.
    Gzip,
    /// Zip; each member is an input of its own.
    Zip,
}

/// How the bytes are packed, if they are.
pub fn packing(bytes: &[u8]) -> Option<Packing> {
    match bytes {
        [0x1f, 0x8b, 8, ..] => Some(Packing::Gzip),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Packing::Zip),
        _ => None,
    }
}

/// The bytes of a gzip file. `budget` is what may still be unpacked of this input.
pub fn gzip(
    name: &str,
    bytes: &[u8],
    limits: &Limits,
    budget: &mut u64,
) -> Result<Vec<u8>, EnvelopeError> {
    let mut reader = flate2::read::MultiGzDecoder::new(bytes);
    bounded(name, "gzip", &mut reader, bytes.len() as u64, limits, budget)
}

/// Calls `member` with the name and the bytes of each file in a zip archive, in the archive's order. A
/// member that cannot be unpacked is an error of its own; an archive that cannot is the result's.
pub fn zip(
    name: &str,
    bytes: &[u8],
    limits: &Limits,
    budget: &mut u64,
    mut member: impl FnMut(String, Result<Vec<u8>, EnvelopeError>, &mut u64) -> bool,
) -> Result<(), EnvelopeError> {
    let broken =
        |reason: String| EnvelopeError::Archive { name: name.to_owned(), archive: "zip", reason };
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(error.to_string()))?;
    if archive.len() > limits.members {
        return Err(broken(format!("it has more than {} members", limits.members)));
    }
    for index in 0..archive.len() {
        let (path, unpacked) = match archive.by_index(index) {
            Ok(file) if file.is_dir() => continue,
            Ok(mut file) => {
                let path = format!("{name}!{}", file.name());
                let packed = file.compressed_size();
                let unpacked = bounded(&path, "zip", &mut file, packed, limits, budget);
                (path, unpacked)
            }
            Err(error) => (format!("{name}!{index}"), Err(broken(error.to_string()))),
        };
        if !member(path, unpacked, budget) {
            break;
        }
    }
    Ok(())
}

fn bounded(
    name: &str,
    archive: &'static str,
    reader: &mut dyn Read,
    packed: u64,
    limits: &Limits,
    budget: &mut u64,
) -> Result<Vec<u8>, EnvelopeError> {
    let most_by_ratio = packed.saturating_mul(limits.ratio).max(limits.ratio_from_bytes);
    let most = most_by_ratio.min(*budget);
    let mut unpacked = Vec::new();
    let outcome = reader.take(most.saturating_add(1)).read_to_end(&mut unpacked);
    let length = unpacked.len() as u64;
    if length > most {
        *budget = budget.saturating_sub(length);
        return Err(if most_by_ratio <= most {
            EnvelopeError::Bomb { name: name.to_owned(), ratio: limits.ratio }
        } else {
            EnvelopeError::TooLarge {
                name: name.to_owned(),
                what: "what it unpacks to",
                limit: limits.unpacked_bytes,
            }
        });
    }
    *budget = budget.saturating_sub(length);
    match outcome {
        Ok(_) => Ok(unpacked),
        Err(error) => Err(EnvelopeError::Archive {
            name: name.to_owned(),
            archive,
            reason: error.to_string(),
        }),
    }
}
