//! Writes as packed documents, from which the fold is rebuilt exactly: a few thousand rows a node, in
//! the order in which a write is taken in. The graph beside them is for people and for Cypher.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use model::entity::EntityId;
use model::input::InputRecord;
use model::resolution::{
    EntityWrite, HeldRetirement, Merge, RelationWrite, Retirement, Sequence, StoredClaim,
    StoredReference, StoredRule, TopologyWrite, VersionWrite,
};
use serde::{Deserialize, Serialize};

use super::error::{Outcome, unreadable};

/// Rows in a pack.
const ROWS_MAX: usize = 2_000;
/// Bytes of a pack when it is read: far above what so many rows need.
const BYTES_MAX: u64 = 1 << 30;

/// A part of a write: the first has its input, the others rows only.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Pack {
    input: Option<(Sequence, InputRecord)>,
    entities: Vec<EntityWrite>,
    merges: Vec<Merge>,
    versions: Vec<VersionWrite>,
    seen: Vec<EntityId>,
    claims: Vec<StoredClaim>,
    relations: Vec<RelationWrite>,
    references_withdrawn: Vec<u64>,
    references: Vec<StoredReference>,
    retirements: Vec<Retirement>,
    held: Vec<HeldRetirement>,
    ownership: Vec<StoredRule>,
}

/// A write in packs, in order.
pub fn packed(write: &TopologyWrite) -> Outcome<Vec<Vec<u8>>> {
    let input = Some((write.sequence.clone(), write.input.clone()));
    let mut packs = vec![Pack { input, ..Pack::default() }];
    split(&write.entities, &mut packs, |pack| &mut pack.entities);
    split(&write.merges, &mut packs, |pack| &mut pack.merges);
    split(&write.versions, &mut packs, |pack| &mut pack.versions);
    split(&write.seen, &mut packs, |pack| &mut pack.seen);
    split(&write.claims, &mut packs, |pack| &mut pack.claims);
    split(&write.relations, &mut packs, |pack| &mut pack.relations);
    split(&write.references_withdrawn, &mut packs, |pack| &mut pack.references_withdrawn);
    split(&write.references, &mut packs, |pack| &mut pack.references);
    split(&write.retirements, &mut packs, |pack| &mut pack.retirements);
    split(&write.held, &mut packs, |pack| &mut pack.held);
    split(&write.ownership, &mut packs, |pack| &mut pack.ownership);
    packs.iter().map(encoded).collect()
}

/// Puts rows into packs of their own; the first few go into the last pack that there is.
fn split<T: Clone>(rows: &[T], packs: &mut Vec<Pack>, of: fn(&mut Pack) -> &mut Vec<T>) {
    for chunk in rows.chunks(ROWS_MAX) {
        if chunk.len() == ROWS_MAX {
            packs.push(Pack::default());
        }
        if let Some(pack) = packs.last_mut() {
            of(pack).extend_from_slice(chunk);
        }
    }
}

fn encoded(pack: &Pack) -> Outcome<Vec<u8>> {
    let document = rmp_serde::to_vec_named(pack).map_err(|error| unreadable("a write", error))?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    let done = encoder.write_all(&document).and_then(|()| encoder.finish());
    done.map_err(|error| unreadable("a write", error))
}

/// Puts the next pack of a write to what was read of it; `None` before its first.
pub fn unpacked(write: &mut Option<TopologyWrite>, bytes: &[u8]) -> Outcome<()> {
    let mut document = Vec::new();
    DeflateDecoder::new(bytes)
        .take(BYTES_MAX)
        .read_to_end(&mut document)
        .map_err(|error| unreadable("a write", error))?;
    let pack: Pack =
        rmp_serde::from_slice(&document).map_err(|error| unreadable("a write", error))?;
    if let Some((sequence, input)) = pack.input {
        *write = Some(TopologyWrite::empty(sequence, input));
    }
    let write = write.as_mut().ok_or_else(|| unreadable("a write", "its first part is missing"))?;
    write.entities.extend(pack.entities);
    write.merges.extend(pack.merges);
    write.versions.extend(pack.versions);
    write.seen.extend(pack.seen);
    write.claims.extend(pack.claims);
    write.relations.extend(pack.relations);
    write.references_withdrawn.extend(pack.references_withdrawn);
    write.references.extend(pack.references);
    write.retirements.extend(pack.retirements);
    write.held.extend(pack.held);
    write.ownership.extend(pack.ownership);
    Ok(())
}
