//! A snapshot's file: a head with layout and version, arrays of fixed width in little-endian order,
//! and a checksum at the end. It is written beside its place and moved there, so that a reader sees a
//! whole one; what cannot be trusted is refused and made again from the store.
//!
//! Layout: magic (8 bytes), version (u64), then each array as its length (u64) and its items: kinds
//! (u8), internal ids (u64), id text (u8) and ends (u64), label text (u8) and ends (u64), label offsets
//! (u32), label places (u32), edges as near ends (u32), far ends (u32), kinds (u8); XXH3-64 of all that.

use std::io::Write;
use std::path::Path;

use graph::{Csr, Edge};
use model::entity::EntityId;
use model::kind::EntityKind;
use xxhash_rust::xxh3::xxh3_64;

use crate::arena::Arena;
use crate::{Snapshot, SnapshotError};

/// First bytes of a file of this layout; another layout has another number at the end.
const MAGIC: &[u8; 8] = b"UBQSNAP1";

/// Writes a snapshot to its file.
///
/// # Errors
/// When the disk refuses.
pub fn write(snapshot: &Snapshot, path: &Path) -> Result<(), SnapshotError> {
    let failed = |error: std::io::Error| wrong(path, &error.to_string());
    let beside = path.with_extension("part");
    let mut bytes = encode(snapshot);
    bytes.extend(xxh3_64(&bytes).to_le_bytes());
    let mut file = std::fs::File::create(&beside).map_err(failed)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)
}

/// Reads a snapshot from its file.
///
/// # Errors
/// When there is no file, it is of another layout, or anything in it is damaged.
pub fn read(path: &Path) -> Result<Snapshot, SnapshotError> {
    let bytes = std::fs::read(path).map_err(|error| wrong(path, &error.to_string()))?;
    let (body, sum) =
        bytes.split_last_chunk::<8>().ok_or_else(|| wrong(path, "it is cut short"))?;
    if !body.starts_with(MAGIC) {
        return Err(wrong(path, "it is no snapshot of this layout"));
    }
    if xxh3_64(body) != u64::from_le_bytes(*sum) {
        return Err(wrong(path, "its checksum is not that of its bytes"));
    }
    decode(body.get(MAGIC.len()..).unwrap_or_default())
        .ok_or_else(|| wrong(path, "its parts do not fit together"))
}

fn wrong(path: &Path, reason: &str) -> SnapshotError {
    SnapshotError::File { path: path.display().to_string(), reason: reason.to_owned() }
}

fn encode(snapshot: &Snapshot) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(snapshot.version.to_le_bytes());
    put(&mut out, snapshot.kinds.len(), snapshot.kinds.iter().map(|kind| [kind.code()]));
    put(&mut out, snapshot.entities.len(), snapshot.entities.iter().map(|id| id.0.to_le_bytes()));
    for arena in [&snapshot.ids, &snapshot.labels] {
        let (text, ends) = arena.parts();
        put(&mut out, text.len(), text.bytes().map(|byte| [byte]));
        put(&mut out, ends.len(), ends.iter().map(|end| end.to_le_bytes()));
    }
    for array in [&snapshot.label_offsets, &snapshot.label_places] {
        put(&mut out, array.len(), array.iter().map(|item| item.to_le_bytes()));
    }
    let (graph, count) = (&snapshot.graph, snapshot.graph.edge_count());
    put(&mut out, count, graph.edges().map(|edge| edge.from.to_le_bytes()));
    put(&mut out, count, graph.edges().map(|edge| edge.to.to_le_bytes()));
    put(&mut out, count, graph.edges().map(|edge| [edge.kind]));
    out
}

fn put<const N: usize>(out: &mut Vec<u8>, count: usize, items: impl Iterator<Item = [u8; N]>) {
    out.extend((count as u64).to_le_bytes());
    items.for_each(|item| out.extend(item));
}

fn decode(bytes: &[u8]) -> Option<Snapshot> {
    let mut rest = bytes;
    let version = u64::from_le_bytes(chunk(&mut rest)?);
    let kinds: Option<Vec<EntityKind>> =
        array(&mut rest)?.iter().map(|[code]: &[u8; 1]| EntityKind::from_code(*code)).collect();
    let kinds = kinds?;
    let entities = words(&mut rest)?.into_iter().map(EntityId).collect::<Vec<_>>();
    let (ids, labels) = (arena(&mut rest)?, arena(&mut rest)?);
    let (label_offsets, label_places) = (halves(&mut rest)?, halves(&mut rest)?);
    let (from, to) = (halves(&mut rest)?, halves(&mut rest)?);
    let edge_kinds = array::<1>(&mut rest)?;
    let nodes = u32::try_from(kinds.len()).ok()?;
    let is_whole = rest.is_empty()
        && [entities.len(), ids.len()] == [kinds.len(); 2]
        && [to.len(), edge_kinds.len()] == [from.len(); 2]
        && label_offsets.len() == kinds.len() + 1
        && label_offsets.first() == Some(&0)
        && label_offsets.is_sorted()
        && label_offsets.last().map(|end| *end as usize) == Some(label_places.len())
        && label_places.iter().all(|place| (*place as usize) < labels.len());
    if !is_whole {
        return None;
    }
    let ends = from.into_iter().zip(to).zip(edge_kinds);
    let edges: Vec<Edge> =
        ends.map(|((from, to), kind)| Edge { from, to, kind: kind[0] }).collect();
    let graph = Csr::new(nodes, &edges).ok()?;
    Some(Snapshot { version, kinds, entities, ids, labels, label_offsets, label_places, graph })
}

fn chunk<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}

fn array<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [[u8; N]]> {
    let count = usize::try_from(u64::from_le_bytes(chunk(rest)?)).ok()?;
    let (items, after) = rest.split_at_checked(count.checked_mul(N)?)?;
    *rest = after;
    Some(items.as_chunks::<N>().0)
}

fn words(rest: &mut &[u8]) -> Option<Vec<u64>> {
    Some(array::<8>(rest)?.iter().map(|item| u64::from_le_bytes(*item)).collect())
}

fn halves(rest: &mut &[u8]) -> Option<Vec<u32>> {
    Some(array::<4>(rest)?.iter().map(|item| u32::from_le_bytes(*item)).collect())
}

fn arena(rest: &mut &[u8]) -> Option<Arena> {
    let text = array::<1>(rest)?.as_flattened().to_vec();
    Arena::from_parts(String::from_utf8(text).ok()?, words(rest)?)
}
