//! Rows as Parquet: what the same rows give as ndjson.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int32Array, ListBuilder, MapBuilder, RecordBatch, StringArray, StringBuilder,
    TimestampMillisecondArray,
};
use model::Batch;
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use serde_json::json;

use super::read;

fn written(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn texts(texts: Vec<Option<&str>>) -> ArrayRef {
    Arc::new(StringArray::from(texts))
}

/// Batches without what tells the two files apart.
fn alike(mut batches: Vec<Batch>) -> Vec<Batch> {
    for batch in &mut batches {
        batch.input.content_hash.clear();
        batch.input.format.clear();
    }
    batches
}

#[test]
fn columns_say_what_lines_say() {
    let mut labels = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    labels.keys().append_value("team");
    labels.values().append_value("x");
    labels.append(true).unwrap();
    labels.append(false).unwrap();
    let mut aliases = ListBuilder::new(StringBuilder::new());
    aliases.values().append_value("i-1");
    aliases.append(true);
    aliases.append(false);
    let at = 1_756_684_800_000_i64;
    let bytes = written(vec![
        ("kind", texts(vec![Some("instance"), Some("calls")])),
        ("id", texts(vec![Some("arn:aws:ec2:r:1:instance/i-1"), None])),
        ("name", texts(vec![Some("one"), None])),
        ("account", texts(vec![Some("1"), None])),
        ("labels", Arc::new(labels.finish())),
        ("aliases", Arc::new(aliases.finish())),
        ("properties", texts(vec![Some(r#"{"cores":2,"spot":true}"#), None])),
        ("from", texts(vec![None, Some("service://_/_/a")])),
        ("to", texts(vec![None, Some("service://_/_/b")])),
        ("need", texts(vec![None, Some("required")])),
        ("min_alive", Arc::new(Int32Array::from(vec![None, Some(2)]))),
        ("observed_at", Arc::new(TimestampMillisecondArray::from(vec![at, at]))),
        ("source", texts(vec![Some("s"), Some("s")])),
    ]);
    let stated = "2025-09-01T00:00:00Z";
    let lines = [
        json!({"type":"entity","kind":"instance","id":"arn:aws:ec2:r:1:instance/i-1","name":"one",
            "scope":{"account":"1"},"labels":{"team":"x"},"aliases":["i-1"],
            "properties":{"cores":2,"spot":true},"observed_at":stated,"source":"s"}),
        json!({"type":"relation","kind":"calls","from":"service://_/_/a","to":"service://_/_/b",
            "need":"required","min_alive":2,"observed_at":stated,"source":"s"}),
    ];
    let text: String = lines.iter().map(|row| format!("{row}\n")).collect();
    let (columns, outcome) = read(&bytes);
    let summary = outcome.unwrap();
    assert_eq!(summary.inputs[0].record.format, "own-parquet");
    assert_eq!(alike(columns), alike(read(text.as_bytes()).0));
}

#[test]
fn a_bad_row_is_one_reject_and_a_cut_file_an_error() {
    let ids: Vec<String> = (0..100).map(|n| format!("t{n}")).collect();
    let kinds: Vec<Option<&str>> =
        (0..100).map(|n| Some(if n == 7 { "widget" } else { "team" })).collect();
    let bytes = written(vec![
        ("kind", texts(kinds)),
        ("id", texts(ids.iter().map(|id| Some(id.as_str())).collect())),
        ("labels", texts((0..100).map(|n| (n == 9).then_some("{broken")).collect())),
    ]);
    let (batches, outcome) = read(&bytes);
    assert_eq!(outcome.unwrap().inputs[0].read["team"], 98);
    let places: Vec<&str> =
        batches.iter().flat_map(|one| &one.rejects).map(|one| one.location.as_str()).collect();
    assert_eq!(places, ["row 8", "row 10"]);
    assert!(read(&bytes[..bytes.len() / 2]).1.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn damaged_files_do_no_harm(at in 4_usize..600, byte in any::<u8>()) {
        let mut bytes = written(vec![
            ("kind", texts(vec![Some("team"); 20])),
            ("id", texts(vec![Some("t"); 20])),
        ]);
        let at = at % bytes.len();
        bytes[at] = byte;
        let (batches, outcome) = read(&bytes);
        if outcome.is_ok() {
            prop_assert!(batches.last().is_some_and(|batch| batch.is_last));
        }
    }
}
