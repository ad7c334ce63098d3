//! The estate as rows of our own format (docs/formats/own.md): what one program exports, another reads.

pub mod neo4j_csv;

use model::fact::{EntityFact, EstateFacts, EstateRelation};
use serde_json::{Map, Value, json};

/// Source of the rows: what was merged from several sources is said by one.
const SOURCE: &str = "export";

/// Lines of ndjson: entities in order of kind and id, then relations in order of their ends. What the
/// viewer may not see, and relations with such an end, are left out.
pub fn lines(facts: &EstateFacts) -> impl Iterator<Item = String> + '_ {
    let is_seen = |ordinal: u32| facts.outside.binary_search(&ordinal).is_err();
    let entities = (0_u32..).zip(&facts.entities).filter(move |(one, _)| is_seen(*one));
    let relations = facts.relations.iter().filter(move |one| is_seen(one.from) && is_seen(one.to));
    let entities = entities.map(|(_, one)| entity(one));
    entities.chain(relations.flat_map(|one| relation(facts, one)))
}

fn entity(one: &EntityFact) -> String {
    line(json!({
        "type": "entity",
        "kind": one.kind,
        "id": one.id,
        "name": one.name,
        "scope": one.scope,
        "labels": one.labels,
        "properties": one.properties,
        "valid_from": one.valid_from,
        "observed_at": one.last_seen,
        "source": SOURCE,
    }))
}

/// One row for each evidence there is.
fn relation(facts: &EstateFacts, one: &EstateRelation) -> Vec<String> {
    let id = |ordinal: u32| &facts.entities[ordinal as usize].id;
    let row = |evidence: Option<&model::Evidence>| {
        line(json!({
            "type": "relation",
            "kind": one.kind,
            "from": id(one.from),
            "to": id(one.to),
            "evidence": evidence,
            "need": one.need,
            "need_source": one.need_source,
            "group": Some(&one.group).filter(|group| !group.is_empty()),
            "min_alive": Some(one.min_alive).filter(|least| *least > 0),
            "properties": one.properties,
            "valid_from": one.valid_from,
            "observed_at": one.last_seen,
            "source": SOURCE,
        }))
    };
    match one.evidence.is_empty() {
        true => vec![row(None)],
        false => one.evidence.iter().map(|evidence| row(Some(evidence))).collect(),
    }
}

/// Without what says nothing.
fn line(row: Value) -> String {
    let Value::Object(fields) = row else { return String::new() };
    let is_said = |value: &Value| match value {
        Value::Null => false,
        Value::Object(fields) => fields.values().any(|value| !value.is_null()),
        _ => true,
    };
    let said: Map<String, Value> = fields.into_iter().filter(|(_, value)| is_said(value)).collect();
    let mut text = Value::Object(said).to_string();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use model::{EntityKind, Evidence, RelationKind};

    use super::*;

    /// Three entities, one of them outside the viewer's part: two rows of entities, and of two relations
    /// only the one between them, once for each evidence.
    #[test]
    fn what_may_not_be_seen_is_left_out() {
        let entity = |id: &str| EntityFact::new(EntityKind::Service, id, id);
        let mut call = EstateRelation::new(0, RelationKind::Calls, 1);
        call.evidence = vec![Evidence::Declared, Evidence::Observed];
        let facts = EstateFacts {
            entities: vec![entity("a"), entity("b"), entity("secret")],
            outside: vec![2],
            relations: vec![call, EstateRelation::new(1, RelationKind::Calls, 2)],
            ..EstateFacts::default()
        };
        let text: String = lines(&facts).collect();
        assert_eq!(text.lines().count(), 4);
        assert!(!text.contains("secret"));
        let rows: Vec<Value> = text.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
        assert_eq!(rows[2]["evidence"], "declared");
        assert_eq!(rows[3]["evidence"], "observed");
        assert!(rows[0].get("labels").is_none());
    }
}
