//! The file of the folded estate: what is read from it is written again to the last byte, and a file
//! that is cut or changed anywhere is told from a whole one.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;

use model::entity::{EntityId, Labels, Properties};
use model::input::{Completeness, InputRecord, ObservedBy};
use model::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use model::reference::{Claim, Reference};
use model::resolution::{
    EntityState, EntityWrite, HeldRetirement, Merge, ReferencePurpose, RelationTemplate,
    RelationWrite, Retirement, Sequence, StoredClaim, StoredReference, TopologyWrite, VersionWrite,
};
use model::scope::Scope;
use model::time::Micros;
use proptest::prelude::*;
use serde_json::json;
use snapshot::Estate;
use snapshot::file::{EstateFile, Head, Unusable, write};

const DAY: i64 = Micros::DAY;

/// One thing that an input says, by small numbers.
type Said = (u8, u8, u8, u8);

fn head(estate: &Estate) -> Head {
    Head {
        program: "test".into(),
        token: "token".into(),
        number: estate.version.number,
        rows: BTreeMap::from([("relation".into(), 7), ("entity".into(), -1)]),
    }
}

fn bytes_of(estate: &Estate) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    write(estate, &head(estate), &mut out).expect("memory takes everything");
    out.into_inner()
}

/// What is read from bytes as a file.
fn read(bytes: &[u8]) -> Result<Estate, Unusable> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("file");
    fs::write(&path, bytes).expect("a file can be written");
    EstateFile::open(&path)?.read()
}

fn at(day: u8) -> Micros {
    Micros(1_700_000_000_000_000 + i64::from(day) * DAY)
}

fn id(number: u8) -> EntityId {
    EntityId(1 + u64::from(number % 12))
}

fn input(source: &str, day: u8) -> InputRecord {
    InputRecord {
        name: "a".into(),
        content_hash: String::new(),
        format: "own".into(),
        source: source.into(),
        observed_at: at(day),
        observed_by: ObservedBy::Content,
        received_at: at(day),
    }
}

/// A write that first names every entity, and then says what was drawn.
fn write_of(number: u64, said: &[Said]) -> TopologyWrite {
    let (day, source) = (number as u8 % 9, if number.is_multiple_of(2) { "a" } else { "é/b" });
    let mut write =
        TopologyWrite::empty(Sequence { journal: "j".into(), number }, input(source, day));
    for which in 0..12 {
        write.entities.push(EntityWrite {
            id: id(which),
            canonical: format!("k8s://c/ns{}/pod/{which}", which % 3).as_str().into(),
            kind: [EntityKind::Pod, EntityKind::Service][usize::from(which % 2)],
            state: [EntityState::Present, EntityState::Implied][usize::from(which % 5 / 4)],
        });
    }
    said.iter().for_each(|one| add(&mut write, source, day, *one));
    write
}

fn add(write: &mut TopologyWrite, source: &str, day: u8, (what, a, b, c): Said) {
    let source = source.to_owned();
    match what % 9 {
        0 | 1 => write.versions.push(version(source, day, a, b, c)),
        2..=4 => write.relations.push(relation(source, day, a, b, c)),
        5 => write.claims.push(StoredClaim {
            claim: Claim {
                key: format!("nick:{}", b % 4).as_str().into(),
                to: (0..1 + c % 2)
                    .map(|to| format!("uid/{}", u16::from(to) + u16::from(b)).as_str().into())
                    .collect(),
                confidence: Confidence::Certain,
            },
            source,
            stated_by: (c % 3 > 0).then(|| id(a)),
            observed_from: at(day),
            observed_to: (c % 4 == 0).then(|| at(day + 1)),
        }),
        6 => write.references.push(StoredReference {
            id: u64::from(a % 5),
            purpose: purpose(a, b, c),
            reference: Reference::key("endpoint", format!("endpoint:{c}").as_str()),
            source,
            observed_at: at(day),
            targets: (c.is_multiple_of(2)).then(|| id(b)).into_iter().collect(),
            from_targets: Vec::new(),
            via: vec!["via".into()],
            is_conflict: false,
            rule: String::new(),
            late: Vec::new(),
        }),
        7 if b % 4 == 0 => write.merges.push(Merge {
            from: id(a),
            into: id(c),
            evidence: "same".into(),
            observed_at: at(day),
        }),
        7 => write.retirements.push(Retirement { entity: id(a), source, at: at(day + b % 3) }),
        _ if b % 2 == 0 => write.seen.push(id(a)),
        _ => write.held.push(HeldRetirement {
            completeness: Completeness {
                kind: EntityKind::Pod,
                class: String::new(),
                id_prefix: "k8s".into(),
            },
            source,
            at: at(day),
            entities: vec![id(a), id(c)],
            left: u64::from(b),
        }),
    }
}

fn purpose(a: u8, b: u8, c: u8) -> ReferencePurpose {
    if c.is_multiple_of(3) {
        return ReferencePurpose::Subject(id(b));
    }
    ReferencePurpose::Relation(Box::new(RelationTemplate {
        from: Reference::id("k8s://c/ns0/pod/0"),
        kind: RelationKind::Calls,
        to: Reference::key("endpoint", format!("endpoint:{c}").as_str()),
        evidence: Evidence::Declared,
        need: Need::Unknown,
        need_source: NeedSource::Unknown,
        group: String::new(),
        min_alive: 1,
        properties: Properties::from([("port".into(), json!(b))]),
        stated_by: b.is_multiple_of(2).then(|| id(a)),
        started_at: None,
    }))
}

fn version(source: String, day: u8, a: u8, b: u8, c: u8) -> VersionWrite {
    let text = |which: u8| (which.is_multiple_of(3)).then(|| format!("t{which}"));
    VersionWrite {
        entity: id(a),
        source,
        observed_at: at(day),
        fingerprint: u64::from(b) << 56 | u64::from(c),
        name: format!("n{}", b % 7),
        scope: Scope { namespace: text(b), region: text(c), ..Scope::default() },
        labels: Labels::from([("tier".into(), format!("{}", c % 3)), ("é".into(), "x".into())]),
        properties: match c % 3 {
            0 => Properties::new(),
            _ => Properties::from([("size".into(), json!({"of": b, "list": [1.5, null]}))]),
        },
        created_at: (c.is_multiple_of(2)).then(|| at(a)),
        ended_at: (c.is_multiple_of(7)).then(|| at(day + 2)),
        incarnation: text(c),
        observed_to: (b.is_multiple_of(5)).then(|| at(day + 4)),
        is_implied: b.is_multiple_of(6),
        owner: text(b / 2),
        application: text(c / 2),
    }
}

fn relation(source: String, day: u8, a: u8, b: u8, c: u8) -> RelationWrite {
    let kinds = [RelationKind::Calls, RelationKind::RunsOn, RelationKind::ImplementedBy];
    let stated_by = [None, Some(id(a)), Some(id(b)), Some(id(c))][usize::from(c % 4)];
    RelationWrite {
        from: id(a),
        kind: kinds[usize::from(b % 3)],
        to: id(b),
        evidence: [Evidence::Observed, Evidence::Declared][usize::from(c % 2)],
        source,
        stated_by,
        statement: if c.is_multiple_of(5) { u64::MAX - u64::from(c) } else { 0 },
        need: [Need::Required, Need::Unknown][usize::from(b % 2)],
        need_source: NeedSource::Unknown,
        group: String::new(),
        min_alive: u32::from(c % 3),
        rule: if c.is_multiple_of(6) { "rule".into() } else { String::new() },
        confidence: Confidence::Certain,
        properties: Properties::new(),
        valid_from: at(day),
        valid_to: [None, None, Some(at(day)), Some(at(day + 1))][usize::from(b % 4)],
        seen_at: at(day + c % 3),
    }
}

/// The estate after writes.
fn folded(writes: &[Vec<Said>]) -> Estate {
    let mut estate = Estate::new(None);
    for (number, said) in (1..).zip(writes) {
        estate.apply(&write_of(number, said), number);
    }
    estate
}

fn some_writes() -> impl Strategy<Value = Vec<Vec<Said>>> {
    prop::collection::vec(prop::collection::vec(any::<Said>(), 0..25), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is written after reading is what was read, and what comes on top of a file has the effect
    /// that it has on the estate itself: places, lists and tables are alike to the last byte.
    #[test]
    fn a_file_is_the_estate(before in some_writes(), after in some_writes()) {
        let mut estate = folded(&before);
        let bytes = bytes_of(&estate);
        let mut kept = read(&bytes).expect("a whole file is read");
        prop_assert!(bytes_of(&kept) == bytes, "what was read is not what was written");
        // Rows are found among those of an end at first, and by key from the middle on.
        for (number, said) in (before.len() as u64 + 1..).zip(&after) {
            if number == (before.len() + after.len() / 2) as u64 {
                kept.prepare();
            }
            estate.apply(&write_of(number, said), number);
            kept.apply(&write_of(number, said), number);
        }
        prop_assert!(bytes_of(&kept) == bytes_of(&estate), "what came on top had another effect");
    }
}

/// Writes that have something of everything.
fn of_everything() -> Vec<Vec<Said>> {
    let said = |number: u8| (number, number.wrapping_mul(31), number.wrapping_mul(57), number);
    (0..2).map(|write| (0..27).map(|one| said(write * 37 + one)).collect()).collect()
}

#[test]
fn a_byte_that_is_changed_anywhere_is_found() {
    let mut bytes = bytes_of(&folded(&of_everything()));
    assert!(read(&bytes).is_ok());
    for place in 0..bytes.len() {
        let flip = 1 << (place % 8);
        bytes[place] ^= flip;
        assert!(read(&bytes).is_err(), "byte {place} of {} was changed", bytes.len());
        bytes[place] ^= flip;
    }
}

#[test]
fn a_file_that_is_cut_or_longer_is_found() {
    let mut bytes = bytes_of(&folded(&of_everything()));
    for len in 0..bytes.len() {
        assert!(read(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
    }
    bytes.push(0);
    assert!(read(&bytes).is_err(), "one byte more");
}

#[test]
fn what_does_not_fit_into_a_frame_is_read_too() {
    const COUNT: u64 = 40_000;
    let mut write =
        TopologyWrite::empty(Sequence { journal: "j".into(), number: 1 }, input("a", 0));
    for number in 1..=COUNT {
        let id = EntityId(number);
        write.entities.push(EntityWrite {
            id,
            canonical: format!("aws:1/eu/instance/i-{number}").as_str().into(),
            kind: EntityKind::Pod,
            state: EntityState::Present,
        });
        let mut said = version("a".into(), 1, 0, (number % 250) as u8, (number % 17) as u8);
        (said.entity, said.name) = (id, format!("name {number}"));
        write.versions.push(said);
        let mut row = relation("a".into(), 1, 0, 0, (number % 11) as u8);
        (row.from, row.to, row.valid_to) = (id, EntityId(1 + number * 7 % COUNT), None);
        write.relations.push(row);
    }
    let mut estate = Estate::new(None);
    estate.apply(&write, 1);
    let bytes = bytes_of(&estate);
    assert!(bytes.len() > 4 << 20, "{} bytes do not need many frames", bytes.len());
    let kept = read(&bytes).expect("a whole file is read");
    assert!(bytes_of(&kept) == bytes, "what was read is not what was written");
}
