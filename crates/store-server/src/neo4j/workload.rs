//! What is kept of a run: the name of the statement's file, its text, and its parameters as JSON, so that
//! the server can be asked later how it carried it out.

use model::workload::{WorkloadKind, WorkloadParameter};
use neo4j::ValueSend;
use serde_json::{Map, Number, Value};

use super::connection::Parameters;
use super::statement::{STATEMENTS, Statement};

/// Most elements of a list that are kept; a batch is the same work for fewer rows.
const ELEMENTS_MAX: usize = 500;

macro_rules! writes {
    ($($name:literal),* $(,)?) => {
        &[$(Statement { name: $name, text: include_str!(concat!("write/", $name, ".cypher")) }),*]
    };
}

/// Every statement that writes.
const WRITES: &[Statement] = writes![
    "counter_lock",
    "counter_set",
    "described_set",
    "entity_describe",
    "entity_put",
    "merge_put",
    "relation_add",
    "relation_put",
    "relation_take_back",
    "version_add",
    "write_rows_add",
];

/// Name and kind of a statement of the program; anything else is not recorded.
pub fn named(text: &str) -> Option<(&'static str, WorkloadKind)> {
    let find = |all: &'static [Statement]| all.iter().find(|one| one.text == text);
    let read = find(STATEMENTS).map(|one| (one.name, WorkloadKind::Read));
    read.or_else(|| find(WRITES).map(|one| (one.name, WorkloadKind::Write)))
}

/// Text and parameters of a run; without parameters that JSON can say there is nothing to keep.
pub fn sample(text: &str, parameters: &Parameters) -> (String, Vec<WorkloadParameter>) {
    let mut names: Vec<&String> = parameters.keys().collect();
    names.sort();
    let spelt = names.into_iter().map(|name| {
        let value = json(&parameters[name])?.to_string();
        Some(WorkloadParameter { name: name.clone(), value })
    });
    match spelt.collect::<Option<Vec<_>>>() {
        Some(spelt) => (text.to_owned(), spelt),
        None => (String::new(), Vec::new()),
    }
}

fn json(value: &ValueSend) -> Option<Value> {
    Some(match value {
        ValueSend::Null => Value::Null,
        ValueSend::Boolean(value) => Value::Bool(*value),
        ValueSend::Integer(number) => Value::Number((*number).into()),
        ValueSend::Float(number) => Value::Number(Number::from_f64(*number)?),
        ValueSend::String(text) => Value::String(text.clone()),
        ValueSend::List(all) => {
            let all = all.iter().take(ELEMENTS_MAX).map(json);
            Value::Array(all.collect::<Option<Vec<_>>>()?)
        }
        ValueSend::Map(all) => {
            let mut names: Vec<&String> = all.keys().collect();
            names.sort();
            let said = names.into_iter().map(|name| Some((name.clone(), json(&all[name])?)));
            Value::Object(said.collect::<Option<Map<_, _>>>()?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_known_by_their_text() {
        let text = include_str!("read/write_rows.cypher");
        assert_eq!(named(text), Some(("write_rows", WorkloadKind::Read)));
        let text = include_str!("write/entity_put.cypher");
        assert_eq!(named(text), Some(("entity_put", WorkloadKind::Write)));
        assert_eq!(named("RETURN 1"), None);
    }

    #[test]
    fn long_lists_are_cut_and_bytes_are_not_kept() {
        let rows = ValueSend::List(vec![ValueSend::Integer(1); 2_000]);
        let (text, parameters) = sample("x", &Parameters::from([("rows".to_owned(), rows)]));
        assert_eq!((text.as_str(), parameters[0].value.len()), ("x", 2 * ELEMENTS_MAX + 1));
        let bytes = Parameters::from([("rows".to_owned(), ValueSend::Bytes(vec![1]))]);
        assert_eq!(sample("x", &bytes), (String::new(), Vec::new()));
    }
}
