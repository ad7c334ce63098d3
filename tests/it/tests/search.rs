//! Search over an estate that is large enough for an index: every hit that reading all names, ids, aliases
//! and labels gives, in the documented order, and after a rename the new name only.

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::program::{Program, expect};
use super::server::Server;

/// Entities: more than are looked at one by one.
const COUNT: usize = 5_000;
/// Hits asked for.
const LIMIT: usize = 25;

pub fn trials() -> Vec<Trial> {
    vec![Trial::test("search::an_index_finds_what_reading_everything_finds", as_reading_everything)]
}

/// What is searched: name, id, alias and label of one entity.
struct Row {
    name: String,
    id: String,
    alias: String,
    label: String,
}

/// Names of a few words and a number, so that many share letters and none is the same.
fn row(number: usize) -> Row {
    let words = ["Checkout", "cart", "Zahlung\u{e4}", "ledger", "search-API", "mail"];
    let name = format!("{}-{}-{number}", words[number % 6], words[number / 6 % 5]);
    Row {
        id: format!("service://test/ns{}/{name}", number % 7),
        alias: format!("uid-{:08x}", number.wrapping_mul(2_654_435_761) % (1 << 32)),
        label: format!("track=blue{}", number % 900),
        name,
    }
}

fn written(one: &Row, name: &str, observed_at: &str) -> String {
    let (label, value) = one.label.split_once('=').unwrap_or_default();
    json!({ "type": "entity", "kind": "service", "id": one.id, "name": name, "aliases": [one.alias],
        "labels": { label: value }, "observed_at": observed_at, "source": "test" })
    .to_string()
        + "\n"
}

/// Rank of a hit as documented: the name or id itself, the alias itself, the start of the name, the inside
/// of the name, of the id, of a label or alias.
fn rank(one: &Row, text: &str) -> Option<u8> {
    let text = text.to_lowercase();
    let (name, id) = (one.name.to_lowercase(), one.id.to_lowercase());
    if name == text || id == text {
        Some(0)
    } else if one.alias == text {
        Some(1)
    } else if name.starts_with(&text) {
        Some(2)
    } else if name.contains(&text) {
        Some(3)
    } else if id.contains(&text) {
        Some(4)
    } else {
        (one.label.contains(&text) || one.alias.contains(&text)).then_some(5)
    }
}

fn read_everything(rows: &[Row], text: &str) -> Vec<String> {
    let mut hits: Vec<(u8, usize, &str)> = rows
        .iter()
        .filter_map(|one| Some((rank(one, text)?, one.name.len(), one.id.as_str())))
        .collect();
    hits.sort_unstable();
    hits.into_iter().take(LIMIT).map(|(_, _, id)| id.to_owned()).collect()
}

fn hits(server: &Server, text: &str) -> Result<Vec<String>, Failed> {
    let text: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let (status, answer) = server.get(&format!("/api/v1/search?q={text}&limit={LIMIT}"))?;
    expect(&format!("status of {text}"), status, 200)?;
    let list = answer["matches"].as_array().cloned().unwrap_or_default();
    Ok(list.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)).collect())
}

fn as_reading_everything() -> Result<(), Failed> {
    let program = Program::new()?;
    let rows: Vec<Row> = (0..COUNT).map(row).collect();
    let first = "2026-01-01T00:00:00Z";
    let input: String = rows.iter().map(|one| written(one, &one.name, first)).collect();
    let ran = program.run_with(&["ingest", "-"], Some(input.as_bytes()))?;
    expect("exit code", ran.code, 0)?;
    let server = Server::start(&program)?;
    let (id, alias) = (rows[77].id.clone(), rows[4_321].alias.clone());
    let texts = [
        "checkout-cart-666",
        "ledger-mail",
        "API-cart-1",
        "zahlung\u{c4}-ledger-20",
        "ns3/mail",
        "blue777",
        &id,
        &alias,
        &alias[..8],
        "t-c",
        "ma",
    ];
    for text in texts {
        expect(text, hits(&server, text)?, read_everything(&rows, text))?;
    }
    // A write after the first search: the new name is found, the former one is not.
    let renamed = written(&rows[100], "payments-gateway", "2026-02-01T00:00:00Z");
    program.run_with(&["ingest", "-"], Some(renamed.as_bytes()))?;
    expect("the new name", hits(&server, "payments-gat")?, vec![rows[100].id.clone()])?;
    // Nothing is called so: names that share half of its letters, nearest first.
    let (status, problem) = server.get("/api/v1/entity?id=payments-gatewey")?;
    expect("status of what is not known", status, 404)?;
    let nearest = problem["nearest"].as_array().cloned().unwrap_or_default();
    expect("nearest", nearest.first().and_then(Value::as_str), Some(rows[100].id.as_str()))
}
