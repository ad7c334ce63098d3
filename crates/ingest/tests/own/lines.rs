//! Rows as lines of JSON.

use model::input::ObservedBy;
use model::kind::Confidence;
use model::{EntityKind, Evidence, Need, RelationKind};
use proptest::prelude::*;
use serde_json::json;

use super::read;

fn lines(rows: &[serde_json::Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

#[test]
fn every_type_of_row_is_read() {
    let text = lines(&[
        json!({"type":"entity","kind":"dns_record","id":"dns://a.example","name":"a.example",
            "scope":{"environment":"production","account":"1"},"labels":{"team":"x","n":7},
            "properties":{"record_type":"A"},"aliases":["i-1","db.example.com:5432",
            "01234567-89ab-4cde-8f01-23456789abcd","k8s://c/n/pod/p"],
            "observed_at":"2026-09-01T00:00:00Z","source":"s"}),
        json!({"type":"relation","kind":"calls","from":"service://p/_/a","to":"service://p/_/b",
            "evidence":"observed","need":"optional","properties":{"port":80},
            "observed_at":"2026-09-01T00:00:00Z","source":"s"}),
        json!({"type":"incident","id":"I1","title":"down","severity":"SEV1","status":"resolved",
            "started_at":"2026-08-31T00:00:00Z","ended_at":"2026-08-31T01:00:00Z",
            "entities":["service://p/_/a"],"cause":"release","source":"s"}),
        json!({"type":"change","id":"C1","kind":"deployment","title":"a 2","summary":"why",
            "entities":["service://p/_/a"],"at":"2026-08-31T00:00:00Z","actor":"x","source":"s"}),
        json!({"type":"finding","id":"F1","kind":"vulnerability","severity":"CRITICAL",
            "vulnerability":"CVE-1","package":"p","entity":"repo/a@sha256:00",
            "entities":["service://p/_/a"],"source":"scan"}),
        json!({"type":"sample","metric":"queue_depth","entity":"service://p/_/a","value":3,
            "at":"2026-08-31T00:00:00Z","source":"s"}),
        json!({"type":"sample","metric":"queue_depth","entity":"service://p/_/a","value":4,
            "at":"2026-08-31T00:01:00Z","source":"s"}),
    ]);
    let (batches, outcome) = read(text.as_bytes());
    let summary = outcome.unwrap();
    let counts: Vec<(&str, u64)> =
        summary.inputs[0].read.iter().map(|(what, count)| (what.as_str(), *count)).collect();
    assert_eq!(
        counts,
        [
            ("change", 1),
            ("dns_record", 1),
            ("finding", 1),
            ("incident", 1),
            ("relation", 1),
            ("sample", 2),
            ("series", 1),
        ]
    );
    let entity = batches.iter().find_map(|batch| batch.entities.first()).unwrap();
    assert_eq!(entity.kind, EntityKind::DnsRecord);
    assert_eq!(entity.labels["n"], "7");
    let aliases: Vec<&str> = entity.claims.iter().map(|claim| claim.key.as_str()).collect();
    assert_eq!(
        aliases,
        [
            "id:i-1",
            "endpoint:db.example.com:5432",
            "uid:01234567-89ab-4cde-8f01-23456789abcd",
            "k8s://c/n/pod/p"
        ]
    );
    assert_eq!(entity.claims[0].confidence, Confidence::Certain);
    let relation = batches.iter().find_map(|batch| batch.relations.first()).unwrap();
    assert_eq!(relation.kind, RelationKind::Calls);
    assert_eq!((relation.evidence, relation.need), (Evidence::Observed, Need::Optional));
    let finding = batches.iter().find_map(|batch| batch.findings.first()).unwrap();
    assert_eq!(finding.target.label(), "image://repo/a@sha256:00");
    assert_eq!(finding.severity, "critical");
}

/// An image that a row names by its digest is the one that its relations, and other formats, name so.
#[test]
fn an_image_has_one_id_however_it_is_named() {
    let text = lines(&[
        json!({"type":"entity","kind":"image","id":"docker.io/shop/cart@sha256:0a","source":"s"}),
        json!({"type":"relation","kind":"uses_image","from":"k8s://c/n/pod/p",
            "to":"shop/cart@sha256:0a","source":"s"}),
    ]);
    let (batches, outcome) = read(text.as_bytes());
    outcome.unwrap();
    let entity = batches.iter().find_map(|batch| batch.entities.first()).unwrap();
    assert_eq!(entity.id.as_str(), "image://shop/cart@sha256:0a");
    assert_eq!(entity.claims[0].key.as_str(), "docker.io/shop/cart@sha256:0a");
    assert_eq!(entity.claims[0].to, std::slice::from_ref(&entity.id));
    let relation = batches.iter().find_map(|batch| batch.relations.first()).unwrap();
    assert_eq!(relation.to.label(), entity.id.as_str());
}

/// Ids need no form: a word is the id of a row, and a bare id of somebody else's when there is none.
#[test]
fn a_plain_word_is_an_id_first() {
    let text = lines(&[
        json!({"type":"relation","kind":"calls","from":"web","to":"use1-az1","source":"s"}),
        json!({"type":"relation","kind":"calls","from":"arn:aws:x","to":"aws/eu-west-1","source":"s"}),
    ]);
    let (batches, _) = read(text.as_bytes());
    let relations: Vec<_> = batches.iter().flat_map(|batch| &batch.relations).collect();
    let keys = |reference: &model::Reference| {
        let keys = reference.candidates.iter().flat_map(|one| &one.all);
        keys.map(|key| key.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&relations[0].from), ["web", "id:web"]);
    assert_eq!(keys(&relations[0].to), ["use1-az1"]);
    assert_eq!(keys(&relations[1].from), ["arn:aws:x"]);
    assert_eq!(keys(&relations[1].to), ["aws/eu-west-1"]);
}

#[test]
fn each_batch_has_one_source_and_one_time() {
    let text = lines(&[
        json!({"type":"entity","kind":"team","id":"t1","observed_at":"2026-01-01T00:00:00Z","source":"a"}),
        json!({"type":"entity","kind":"team","id":"t2","observed_at":"2026-01-02T00:00:00Z","source":"a"}),
        json!({"type":"entity","kind":"team","id":"t3","observed_at":"2026-01-01T00:00:00Z","source":"b"}),
        json!({"type":"entity","kind":"team","id":"t4","observed_at":"2026-01-01T00:00:00Z","source":"a"}),
        json!({"type":"entity","kind":"team","id":"t5"}),
    ]);
    let (batches, outcome) = read(text.as_bytes());
    outcome.unwrap();
    let all: Vec<(String, String, ObservedBy, Vec<&str>)> = batches
        .iter()
        .map(|batch| {
            let ids = batch.entities.iter().map(|one| one.id.as_str()).collect();
            let input = &batch.input;
            (input.source.clone(), input.observed_at.to_string(), input.observed_by, ids)
        })
        .collect();
    let row = |source: &str, at: &str, by, ids: &[&'static str]| {
        (source.to_owned(), at.to_owned(), by, ids.to_vec())
    };
    assert_eq!(
        all,
        [
            row("own:unnamed", "1970-01-01T00:00:00.000005Z", ObservedBy::Stated, &["t5"]),
            row("own:a", "2026-01-01T00:00:00Z", ObservedBy::Content, &["t1", "t4"]),
            row("own:a", "2026-01-02T00:00:00Z", ObservedBy::Content, &["t2"]),
            row("own:b", "2026-01-01T00:00:00Z", ObservedBy::Content, &["t3"]),
        ]
    );
    assert!(
        batches.last().unwrap().is_last && batches.iter().filter(|one| one.is_last).count() == 1
    );
}

#[test]
fn a_bad_line_is_one_reject_with_its_number() {
    let good = r#"{"type":"entity","kind":"team","id":"t1","source":"a"}"#;
    let bad = [
        r#"{"type":"entity","kind":"widget","id":"t"}"#,
        r#"{"type":"entity","kind":"team"}"#,
        r#"{"type":"relation","kind":"likes","from":"a","to":"b"}"#,
        r#"{"type":"relation","kind":"calls","from":"a"}"#,
        r#"{"type":"planet","id":"t"}"#,
        r#"{"id":"t"}"#,
        r#"{"type":"change","id":"c"}"#,
        r#"{"type":"incident","id":"i","status":"sad"}"#,
        r#"{"type":"sample","metric":"m","entity":"e","at":"yesterday","value":1}"#,
        r#"{"type":"sample","metric":"m","entity":"e","at":"2026-01-01","value":1e999}"#,
        r#"{"type":"entity","kind":"team","id":"t","observed_at":"99999-01-01"}"#,
        r#"{"type":"entity","kind":"team","id":"t""#,
        "not json",
    ];
    let mut text = format!("{good}\n\n");
    for line in bad {
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(good);
    let mut bytes = text.into_bytes();
    bytes.extend(b"\n{\"type\":\"entity\",\"kind\":\"team\",\"id\":\"\xff\"}\n");
    bytes.extend([b"[".repeat(1000), b"\n".to_vec()].concat());
    let (batches, outcome) = read(&bytes);
    assert_eq!(outcome.unwrap().inputs[0].read["team"], 2);
    let rejects: Vec<_> = batches.iter().flat_map(|batch| &batch.rejects).collect();
    assert_eq!(rejects.len(), bad.len() + 2, "{rejects:#?}");
    for (at, reject) in rejects.iter().take(bad.len()).enumerate() {
        let line = format!("line {}", at + 3);
        assert!(reject.location.starts_with(&line), "{reject:?} is not of {line}");
    }
    assert!(rejects[0].reason.contains("`widget`"));
    assert!(rejects[11].reason.contains("cut off"), "{:?}", rejects[11]);
}

#[test]
fn an_array_of_rows_is_read_too_and_the_years_one_and_9999() {
    let row = |id: &str, at: &str| json!({"type":"entity","kind":"team","id":id,"source":"a","valid_from":at});
    let rows = json!([row("t1", "0001-01-01T00:00:00Z"), row("t2", "9999-12-30T00:00:00Z")]);
    let (batches, outcome) = read(rows.to_string().as_bytes());
    assert_eq!(outcome.unwrap().inputs[0].read["team"], 2);
    assert!(batches.iter().all(|batch| batch.rejects.is_empty()));
}

#[test]
fn a_large_input_comes_in_several_batches() {
    let text: String = (0..45_000)
        .map(|n| {
            format!("{{\"type\":\"entity\",\"kind\":\"team\",\"id\":\"t{n}\",\"source\":\"a\"}}\n")
        })
        .collect();
    let (batches, outcome) = read(text.as_bytes());
    outcome.unwrap();
    let counts: Vec<usize> = batches.iter().map(|batch| batch.entities.len()).collect();
    assert_eq!(counts, [20_000, 20_000, 5_000]);
    assert!(batches[..2].iter().all(|batch| !batch.is_last) && batches[2].is_last);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for start in [&b"{\"type\":\"entity\",\"id\":\"x\"}\n"[..], b"{\"type\":\"relation\",\"from\":"] {
            let (batches, outcome) = read(&[start, bytes.as_slice()].concat());
            if outcome.is_ok() {
                prop_assert!(batches.last().is_some_and(|batch| batch.is_last));
            }
        }
    }
}
