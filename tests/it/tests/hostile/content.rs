//! Broken, huge and misleading JSON, archives and objects.

use libtest_mimic::Failed;
use serde_json::Value;

use super::{Case, Program, SOUND, expect, kind_count, nothing_more, topology};

pub const CASES: &[Case] = &[
    Case {
        name: "a_truncated_file_gives_what_it_has",
        file: || {
            let whole = SOUND.replace("sound", "cut");
            ("cut.json", whole.as_bytes()[..whole.len() - 30].to_vec())
        },
        says: &["/items/1", "cut off"],
        rejects: 1,
        code_alone: 0,
        holds: |program, _report| expect("pods", kind_count(program, "pod")?, 3, ""),
    },
    Case {
        name: "an_empty_file_is_said",
        file: || ("empty.json", Vec::new()),
        says: &["empty.json", "the input is empty"],
        rejects: 1,
        code_alone: 2,
        holds: nothing_more,
    },
    Case {
        name: "a_json_bomb_by_depth_is_refused",
        file: || {
            let depth = 200_000;
            let nested = "[".repeat(depth) + &"]".repeat(depth);
            let row = |properties: &str| {
                format!(
                    r#"{{"type":"entity","kind":"service","id":"service://t/_/a","name":"a",
                    "properties":{{"x":{properties}}}}}"#
                )
                .replace('\n', " ")
            };
            ("deep.ndjson", format!("{}\n{}\n", row(&nested), row("1")).into_bytes())
        },
        says: &["128 levels"],
        rejects: 1,
        code_alone: 0,
        holds: |program, _report| expect("services", kind_count(program, "service")?, 1, ""),
    },
    Case {
        name: "a_json_bomb_by_size_does_no_harm",
        file: || {
            // A million empty objects: each could cost many times its two bytes.
            let items = vec!["{}"; 1_000_000].join(",");
            (
                "wide.json",
                format!(r#"{{"apiVersion":"v1","kind":"List","items":[{items}]}}"#).into(),
            )
        },
        says: &["/items/0"],
        rejects: 1_000_000,
        code_alone: 0,
        holds: nothing_more,
    },
    Case {
        name: "a_gzip_bomb_is_refused",
        file: || ("bomb.json.gz", gzip_of_zeros(256)),
        says: &["decompression bomb"],
        rejects: 1,
        code_alone: 2,
        holds: nothing_more,
    },
    Case {
        name: "invalid_utf8_costs_its_record_only",
        file: || {
            let mut bytes = SOUND.replace("sound-0", "other").replace("s0", "o0").into_bytes();
            let at = bytes.windows(7).position(|part| part == b"sound-1").unwrap_or_default();
            bytes[at + 2] = 0xff;
            ("latin.json", bytes)
        },
        says: &["/items/1"],
        rejects: 1,
        code_alone: 0,
        holds: |program, _report| expect("pods", kind_count(program, "pod")?, 3, ""),
    },
    Case {
        name: "years_1_and_9999_do_no_harm",
        file: || {
            let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"old","namespace":"n",
                "creationTimestamp":"0001-01-01T00:00:00Z"},"status":{"phase":"Failed",
                "containerStatuses":[{"name":"c","state":{"terminated":
                {"finishedAt":"9999-12-31T23:59:59Z","reason":"Error"}}}]}}"#;
            ("years.json", pod.into())
        },
        says: &[],
        rejects: 0,
        code_alone: 0,
        holds: |program, _report| expect("pods", kind_count(program, "pod")?, 3, ""),
    },
    Case {
        name: "duplicate_ids_are_one_entity",
        file: || {
            let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"twice",
                "namespace":"n","uid":"t"},"status":{"phase":"PHASE"}}"#;
            let pods = ["Pending", "Running", "Pending"].map(|phase| pod.replace("PHASE", phase));
            let items = pods.join(",");
            let list = format!(r#"{{"apiVersion":"v1","kind":"List","items":[{items}]}}"#);
            ("twice.json", list.into())
        },
        says: &[],
        rejects: 0,
        code_alone: 0,
        holds: |program, _report| expect("pods", kind_count(program, "pod")?, 3, ""),
    },
    Case {
        name: "a_label_of_a_mebibyte_is_left_out",
        file: || {
            let long = "x".repeat(1 << 20);
            let pod = format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"long","namespace":"n",
                "labels":{{"app":"long","long":"{long}"}}}}}}"#
            );
            ("long.json", pod.into_bytes())
        },
        says: &["label long", "1048576 bytes"],
        rejects: 1,
        code_alone: 0,
        holds: |program, _report| expect("pods", kind_count(program, "pod")?, 3, ""),
    },
    Case {
        name: "an_unknown_kind_is_kept",
        file: || {
            let widget = r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":
                "acme.example/v1","kind":"Widget","metadata":{"name":"w","namespace":"n"}}]}"#;
            ("widget.json", widget.into())
        },
        says: &[],
        rejects: 0,
        code_alone: 0,
        holds: |program, _report| expect("resources", kind_count(program, "resource")?, 1, ""),
    },
    Case {
        name: "a_list_that_goes_on_is_never_complete",
        file: || {
            let list = r#"{"apiVersion":"v1","kind":"PodList","metadata":{"continue":"abc"},
                "items":[{"metadata":{"name":"first","namespace":"n"}}]}"#;
            ("first-page.json", list.into())
        },
        says: &[],
        rejects: 0,
        code_alone: 0,
        holds: goes_on,
    },
    Case {
        name: "aws_error_responses_are_said",
        file: || {
            let error = r#"{"Error":{"Code":"AccessDenied","Message":"not authorized to perform
                ec2:DescribeInstances"},"ResponseMetadata":{"RequestId":"r"}}"#;
            ("describe-instances.json", error.replace('\n', " ").into())
        },
        says: &["AccessDenied"],
        rejects: 1,
        code_alone: 0,
        holds: nothing_more,
    },
];

/// Complete lists retire what they omit; the page of a longer one retires nothing, whatever is claimed.
fn goes_on(program: &Program, _report: &Value) -> Result<(), Failed> {
    let page = r#"{"apiVersion":"v1","kind":"PodList","metadata":{"continue":"abc"},
        "items":[{"metadata":{"name":"second","namespace":"n"}}]}"#;
    let args = ["ingest", "--cluster", "c", "--complete", "pod@k8s://c/", "-"];
    let ran = program.run_with(&args, Some(page.as_bytes()))?;
    expect("exit code", ran.code, 0, &ran.stderr)?;
    let found = topology(program)?;
    expect("pods", kind_count(program, "pod")?, 4, &found["kinds"].to_string())
}

/// Gzip of so many MiB of zeros.
fn gzip_of_zeros(mebibytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let block = vec![b' '; 1 << 20];
    for _ in 0..mebibytes {
        std::io::Write::write_all(&mut encoder, &block).expect("a vector takes everything");
    }
    encoder.finish().expect("a vector takes everything")
}
