//! The description of the API, OpenAPI 3.1, made from the types: `GET /openapi.json`. The committed
//! `openapi.json` is the same text, and a test says so.

mod fixed;

use std::collections::BTreeSet;

use analysis::{AnyQuestion, Parameter, ParameterType, QUESTIONS, REPORTS};
use axum::Json;
use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value, json};

use super::{account, decision, entity, health, ingest, intake, job, login, push, status, webhook};
use crate::estate::job::Job;
use crate::live::protocol::{LiveCommand, LiveMessage};
use crate::people::change::{AccountFact, AccountList, AccountRequest};
use crate::people::token::{TokenAnswer, TokenList, TokenRequest};
use crate::problem::Problem;
use fixed::{FIXED, WAIT};

/// `GET /openapi.json`
pub async fn document() -> Json<Value> {
    Json(openapi())
}

/// The description.
pub fn openapi() -> Value {
    described().0
}

/// The description, and the names that two different types bear: only the first of them is described.
fn described() -> (Value, BTreeSet<String>) {
    let mut schemas = Schemas::default();
    let problem = schemas.of::<Problem>();
    let mut paths = Map::new();
    for question in QUESTIONS.iter().chain(REPORTS) {
        question_path(*question, &mut schemas, &mut paths, &problem);
    }
    fixed_paths(&mut schemas, &mut paths, &problem);
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ubiquitous",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One live model of what an organisation runs. Every answer carries its window, sources and coverage. Errors are problem documents (RFC 9457).",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": { "schemas": schemas.all }
    });
    (document, schemas.clashes)
}

/// Schemas by name, with their own definitions lifted beside them.
#[derive(Default)]
struct Schemas {
    all: Map<String, Value>,
    clashes: BTreeSet<String>,
}

impl Schemas {
    /// A reference to the schema of a type.
    fn of<T: JsonSchema>(&mut self) -> Value {
        let name = T::schema_name().into_owned();
        self.put(&name, schema_for!(T).to_value())
    }

    fn keep(&mut self, name: String, schema: Value) {
        match self.all.get(&name) {
            None => drop(self.all.insert(name, schema)),
            Some(known) if !is_same(known, &schema) => drop(self.clashes.insert(name)),
            Some(_) => {}
        }
    }

    /// Keeps a schema under `name`, and what it defines under the names it gives.
    fn put(&mut self, name: &str, mut schema: Value) -> Value {
        if let Some(object) = schema.as_object_mut() {
            object.remove("$schema");
            if let Some(Value::Object(definitions)) = object.remove("$defs") {
                for (defined, mut value) in definitions {
                    relink(&mut value);
                    self.keep(defined, value);
                }
            }
        }
        relink(&mut schema);
        self.keep(name.to_owned(), schema);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}

/// Whether two schemas are of one type: only the one that stands by itself has a title.
fn is_same(one: &Value, other: &Value) -> bool {
    let untitled = |schema: &Value| {
        let mut schema = schema.clone();
        if let Some(object) = schema.as_object_mut() {
            object.remove("title");
        }
        schema
    };
    one == other || untitled(one) == untitled(other)
}

/// `#/$defs/X` → `#/components/schemas/X`.
fn relink(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(target)) = object.get_mut("$ref")
                && let Some(name) = target.strip_prefix("#/$defs/")
            {
                *target = format!("#/components/schemas/{name}");
            }
            object.values_mut().for_each(relink);
        }
        Value::Array(values) => values.iter_mut().for_each(relink),
        _ => {}
    }
}

fn question_path(
    question: &dyn AnyQuestion,
    schemas: &mut Schemas,
    paths: &mut Map<String, Value>,
    problem: &Value,
) {
    let camel: String = question.kebab().split(['-', '/']).map(capitalised).collect();
    let answer = schemas.put(&format!("{camel}Answer"), question.answer_schema());
    let params = schemas.put(&format!("{camel}Params"), question.params_schema());
    schemas.of::<model::envelope::Envelope>();
    let envelope = json!({
        "allOf": [
            { "$ref": "#/components/schemas/Envelope" },
            { "type": "object", "properties": { "data": answer } }
        ]
    });
    let envelope = schemas.put(&format!("{camel}Envelope"), envelope);
    let not_modified = json!({ "description": "The same answer as `If-None-Match` names" });
    let mut get_responses = responses(&envelope, problem);
    get_responses.insert("304".into(), not_modified.clone());
    let mut parameters: Vec<Value> = question.parameters().iter().map(query_parameter).collect();
    if question.is_whole() {
        let job = schemas.of::<Job>();
        get_responses.insert("202".into(), at_work(&job));
        let (name, kind, help) = WAIT;
        parameters.push(json!({ "name": name, "in": "query", "required": false,
            "description": help, "schema": { "type": kind } }));
    }
    let id = question.name().replace('/', "_");
    let path = json!({
        "get": {
            "operationId": id,
            "summary": question.title(),
            "description": question.about(),
            "parameters": parameters,
            "responses": get_responses.clone()
        },
        "post": {
            "operationId": format!("{id}_by_object"),
            "summary": question.title(),
            "description": question.about(),
            "requestBody": { "required": false, "content": { "application/json": { "schema": params } } },
            "responses": get_responses
        }
    });
    paths.insert(format!("/api/v1/{}", question.kebab()), path);
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn query_parameter(parameter: &Parameter) -> Value {
    let mut one = match parameter.value {
        ParameterType::Count => json!({ "type": "integer" }),
        ParameterType::Number => json!({ "type": "number" }),
        ParameterType::Flag => json!({ "type": "boolean" }),
        ParameterType::Text => json!({ "type": "string" }),
    };
    if !parameter.words.is_empty() {
        one["enum"] = json!(parameter.words);
    }
    let schema = if parameter.is_repeated { json!({ "type": "array", "items": one }) } else { one };
    json!({
        "name": parameter.name,
        "in": "query",
        "description": parameter.help,
        "required": false,
        "style": "form",
        "explode": true,
        "schema": schema
    })
}

/// The answer and every problem that a route can give.
fn responses(answer: &Value, problem: &Value) -> Map<String, Value> {
    let mut responses = Map::new();
    responses.insert("200".into(), content("The answer", "application/json", answer));
    for (status, meaning) in [
        ("400", "A parameter or the body is wrong; `field` names it"),
        ("401", "There are accounts, and the request has no login that holds"),
        ("403", "The host or origin is not this server's, or the account may not do or see this"),
        ("404", "What was asked about does not exist; `nearest` names what comes close"),
        ("405", "The route does not take this method"),
        ("408", "The body took too long"),
        ("413", "The body is too large"),
        ("415", "The body's encoding is not understood"),
        ("429", "Too much is waiting; try again after `Retry-After` seconds"),
        ("503", "A store is unavailable; `store` and `since` name it"),
        ("507", "The disk is full"),
    ] {
        responses.insert(status.into(), content(meaning, "application/problem+json", problem));
    }
    responses
}

/// What is said on the WebSocket, for which OpenAPI has no words of its own.
fn live_messages(schemas: &mut Schemas) -> Value {
    json!({
        "description": "The connection is a WebSocket: each side sends JSON objects as text",
        "x-client-message": schemas.of::<LiveCommand>(),
        "x-server-message": schemas.of::<LiveMessage>()
    })
}

fn at_work(job: &Value) -> Value {
    let what = "Still at work; `Location` is where the answer will be";
    content(what, "application/json", job)
}

fn content(description: &str, media: &str, schema: &Value) -> Value {
    json!({ "description": description, "content": { media: { "schema": schema } } })
}

/// What a route gives: a schema for what is JSON.
fn answer_of(id: &str, schemas: &mut Schemas) -> Value {
    match id {
        "login" | "me" => schemas.of::<login::Me>(),
        "login_ways" => schemas.of::<login::LoginWays>(),
        "accounts" => schemas.of::<AccountList>(),
        "account" => schemas.of::<AccountFact>(),
        "tokens" => schemas.of::<TokenList>(),
        "token" => schemas.of::<TokenAnswer>(),
        "audit" => schemas.of::<account::AuditList>(),
        "entity" => schemas.of::<entity::EntityAnswer>(),
        "search" => schemas.of::<entity::SearchAnswer>(),
        "open_references" => schemas.of::<entity::OpenReferencesAnswer>(),
        "intake_list" => schemas.of::<intake::IntakeList>(),
        "intake_entry" => schemas.of::<intake::IntakePage>(),
        "alertmanager" | "pagerduty" | "cloudevents" => schemas.of::<webhook::WebhookAnswer>(),
        "ingest" => schemas.of::<ingest::IngestAnswer>(),
        "inspect" => schemas.of::<ingest::InspectAnswer>(),
        "otlp_traces" | "otlp_metrics" | "otlp_logs" => schemas.of::<push::OtlpAnswer>(),
        "decision_list" => schemas.of::<crate::estate::decide::DecisionList>(),
        "decide" => schemas.of::<model::decision::Decision>(),
        "rules" | "rules_put" => schemas.of::<decision::RulesAnswer>(),
        "status" => schemas.of::<status::Status>(),
        "backup" => schemas.of::<store_embedded::backup::BackupManifest>(),
        "jobs" => schemas.of::<job::JobList>(),
        "job" | "job_stop" => schemas.of::<Job>(),
        "job_result" => schemas.of::<model::envelope::Envelope>(),
        "validation" => schemas.of::<analysis::validation::ValidationAnswer>(),
        "validation_run" => schemas.of::<analysis::validation::ValidationReport>(),
        "optimization" | "optimization_measure" | "optimization_apply" | "optimization_undo" => {
            schemas.of::<analysis::optimization::OptimizationAnswer>()
        }
        "health" => schemas.of::<health::Health>(),
        _ => json!({}),
    }
}

fn fixed_paths(schemas: &mut Schemas, paths: &mut Map<String, Value>, problem: &Value) {
    for route in FIXED {
        let answer = answer_of(route.id, schemas);
        let mut responses = responses(&answer, problem);
        match route.id {
            "metrics" => {
                let text = content("Figures", "text/plain", &json!({ "type": "string" }));
                responses.insert("200".into(), text);
            }
            "remote_write" | "logout" | "password" => {
                responses.remove("200");
                responses.insert("204".into(), json!({ "description": "Done" }));
            }
            "export" => {
                let text = json!({ "type": "string" });
                let rows = content("One row a line", "application/x-ndjson", &text);
                responses.insert("200".into(), rows);
            }
            "job_result" => {
                responses.insert("202".into(), at_work(&schemas.of::<Job>()));
            }
            "live" => {
                responses.remove("200");
                responses.insert("101".into(), live_messages(schemas));
            }
            "health_ready" => {
                let not_ready = content("A store does not answer", "application/json", &json!({}));
                responses.insert("503".into(), not_ready);
            }
            _ => {}
        }
        let mut parameters: Vec<Value> = route
            .query
            .iter()
            .map(|(name, kind, help)| {
                json!({ "name": name, "in": "query", "required": *name == "id" && route.id == "entity",
                    "description": help, "schema": { "type": kind } })
            })
            .collect();
        if route.path.contains("{id}") {
            parameters.push(json!({ "name": "id", "in": "path", "required": true,
                "description": "running number", "schema": { "type": "integer", "minimum": 1 } }));
        }
        let mut operation = json!({
            "operationId": route.id,
            "summary": route.summary,
            "parameters": parameters,
            "responses": responses
        });
        if let Some(media) = route.body {
            let bytes = match route.id {
                "login" => schemas.of::<login::LoginRequest>(),
                "password" => schemas.of::<login::PasswordRequest>(),
                "account" => schemas.of::<AccountRequest>(),
                "token" => schemas.of::<TokenRequest>(),
                "backup" => schemas.of::<super::BackupRequest>(),
                "decide" => schemas.of::<crate::estate::decide::DecisionRequest>(),
                _ => json!({ "type": "string", "format": "binary" }),
            };
            operation["requestBody"] =
                json!({ "required": true, "content": { media: { "schema": bytes } } });
        }
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method] = operation;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_schema() {
        let document = openapi();
        let text = document.to_string();
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn no_two_types_share_a_name() {
        assert_eq!(described().1, BTreeSet::new());
    }

    #[test]
    fn the_committed_description_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        let current = serde_json::to_string_pretty(&openapi()).unwrap() + "\n";
        let remedy = "run `cargo run --release -p ubiquitous -- openapi > openapi.json`";
        assert!(committed == current, "openapi.json is not current; {remedy}");
    }
}
