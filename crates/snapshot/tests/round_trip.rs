//! A snapshot against the rows it was made of: in any order, through its file, and when the file is
//! damaged.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::{EntityId, Labels};
use model::kind::{EntityKind, RelationKind};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use snapshot::{Builder, Snapshot, file};

#[derive(Debug, Clone)]
struct Rows {
    entities: Vec<(EntityKind, String, Labels)>,
    relations: Vec<(usize, RelationKind, usize)>,
}

fn rows() -> impl Strategy<Value = Rows> {
    let kind = prop::sample::select(EntityKind::ALL);
    let labels = prop::collection::btree_map("[a-c]", "[x-zé]{0,2}", 0..4);
    let entity = (kind, "[a-fß/:]{1,6}", labels);
    let relation = (any::<usize>(), prop::sample::select(RelationKind::ALL), any::<usize>());
    let many = prop::collection::vec(entity, 0..40);
    (many, prop::collection::vec(relation, 0..80))
        .prop_map(|(entities, relations)| Rows { entities, relations })
}

/// Ids go from 1 to one more than there are entities, so that some relations lead to nothing.
fn build(rows: &Rows, is_reversed: bool) -> (Snapshot, u64) {
    let mut builder = Builder::default();
    let mut entities: Vec<_> = (1..).map(EntityId).zip(&rows.entities).collect();
    let mut relations: Vec<_> = rows.relations.iter().map(|one| ends(rows, one)).collect();
    if is_reversed {
        entities.reverse();
        relations.reverse();
        relations.iter().for_each(|(from, kind, to)| builder.relation(*from, *kind, *to));
    }
    for (id, (kind, name, labels)) in entities {
        builder.entity(id, *kind, name, labels);
    }
    if !is_reversed {
        relations.iter().for_each(|(from, kind, to)| builder.relation(*from, *kind, *to));
    }
    builder.finish(7).expect("a few rows are not too many")
}

fn ends(rows: &Rows, one: &(usize, RelationKind, usize)) -> (EntityId, RelationKind, EntityId) {
    let id = |end: usize| EntityId((end % (rows.entities.len() + 1)) as u64 + 1);
    (id(one.0), one.1, id(one.2))
}

proptest! {
    #[test]
    fn a_snapshot_holds_its_rows(rows in rows()) {
        let (found, left_out) = build(&rows, false);
        prop_assert_eq!(build(&rows, true).0, found.clone());
        let expected: BTreeMap<u64, _> = (1..).zip(&rows.entities).collect();
        let keys: Vec<_> = found.kinds.iter().zip(found.ids.iter()).collect();
        prop_assert!(keys.is_sorted());
        prop_assert_eq!(found.len(), expected.len());
        for ordinal in 0..found.graph.nodes() {
            let (kind, id, labels) = expected[&found.entities[ordinal as usize].0];
            prop_assert_eq!(keys[ordinal as usize], (kind, id.as_str()));
            let twin = found.ordinal(*kind, id).unwrap();
            prop_assert_eq!(keys[twin as usize], keys[ordinal as usize]);
            let wanted: Vec<String> =
                labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let given: BTreeSet<&str> = found.labels_of(ordinal).collect();
            prop_assert_eq!(given, wanted.iter().map(String::as_str).collect::<BTreeSet<_>>());
        }
        prop_assert_eq!(found.ordinal(EntityKind::Pod, "not there"), None);
        let none = EntityId(rows.entities.len() as u64 + 1);
        let (inside, outside): (Vec<_>, Vec<_>) = rows.relations.iter().map(|one| ends(&rows, one))
            .partition(|(from, _, to)| *from != none && *to != none);
        prop_assert_eq!(left_out, outside.len() as u64);
        let mut inside = inside;
        inside.sort_unstable();
        let mut given: Vec<_> = found.graph.edges().map(|edge| (
            found.entities[edge.from as usize],
            RelationKind::from_code(edge.kind).unwrap(),
            found.entities[edge.to as usize],
        )).collect();
        given.sort_unstable();
        prop_assert_eq!(given, inside);
    }

    #[test]
    fn a_file_gives_back_what_it_was_given_or_nothing(
        rows in rows(),
        place in any::<usize>(),
        flip in 1_u8..,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("estate.snapshot");
        let (found, _) = build(&rows, false);
        file::write(&found, &path).unwrap();
        prop_assert_eq!(file::read(&path).unwrap(), found);
        let whole = std::fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        damaged[place % whole.len()] ^= flip;
        std::fs::write(&path, &damaged).unwrap();
        prop_assert!(file::read(&path).is_err());
        std::fs::write(&path, &whole[..place % whole.len()]).unwrap();
        prop_assert!(file::read(&path).is_err());
    }

    #[test]
    fn parts_that_do_not_fit_are_refused_though_the_checksum_holds(
        rows in rows(),
        place in any::<usize>(),
        flip in 1_u8..,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("estate.snapshot");
        file::write(&build(&rows, false).0, &path).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let body = bytes.len() - 8;
        bytes.truncate(body);
        bytes[place % body] ^= flip;
        bytes.extend(xxhash_rust::xxh3::xxh3_64(&bytes).to_le_bytes());
        std::fs::write(&path, &bytes).unwrap();
        // Whatever is read can be walked without a panic.
        if let Ok(read) = file::read(&path) {
            let labels: usize = (0..read.graph.nodes()).map(|one| read.labels_of(one).count()).sum();
            prop_assert_eq!(labels, read.label_places.len());
            prop_assert!(read.ids.iter().count() == read.len());
        }
    }
}
