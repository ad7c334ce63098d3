//! The routes that are no question.

use super::super::{decision, ingest};

/// A route with its query parameters: (name, type, help).
pub struct Fixed {
    /// Path.
    pub path: &'static str,
    /// Method in lower case.
    pub method: &'static str,
    /// Id of the operation.
    pub id: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Query parameters: name, type, help.
    pub query: &'static [(&'static str, &'static str, &'static str)],
    /// Media type of the body, if it takes one.
    pub body: Option<&'static str>,
}

const fn fixed(
    path: &'static str,
    method: &'static str,
    id: &'static str,
    summary: &'static str,
    query: &'static [(&'static str, &'static str, &'static str)],
    body: Option<&'static str>,
) -> Fixed {
    Fixed { path, method, id, summary, query, body }
}

const LIMIT: (&str, &str, &str) = ("limit", "integer", "most rows to give");
/// How long to wait for an answer that a job works out.
pub const WAIT: (&str, &str, &str) = (
    "wait",
    "number",
    "seconds to wait for the answer before the job is given, 0 to 60; default 2",
);
const JSON: Option<&str> = Some("application/json");
const BYTES: Option<&str> = Some("application/octet-stream");

/// All of them.
pub const FIXED: &[Fixed] = &[
    fixed("/api/v1/login", "get", "login_ways", "How one logs in", &[], None),
    fixed(
        "/api/v1/oidc/login",
        "get",
        "oidc_login",
        "Sends the browser to the organisation's issuer",
        &[("next", "string", "page of this server to come back to")],
        None,
    ),
    fixed(
        "/api/v1/oidc/callback",
        "get",
        "oidc_callback",
        "Takes the browser back from the issuer",
        &[
            ("code", "string", "the issuer's code"),
            ("state", "string", "what the login began with"),
            ("error", "string", "why the issuer gives no code"),
        ],
        None,
    ),
    fixed("/api/v1/login", "post", "login", "Logs in; the session is a cookie", &[], JSON),
    fixed("/api/v1/logout", "post", "logout", "Ends the session", &[], None),
    fixed("/api/v1/me", "get", "me", "Who the caller is", &[], None),
    fixed("/api/v1/me/password", "post", "password", "Sets one's own password", &[], JSON),
    fixed("/api/v1/accounts", "get", "accounts", "Every account", &[], None),
    fixed("/api/v1/accounts", "post", "account", "Makes or changes an account", &[], JSON),
    fixed("/api/v1/tokens", "get", "tokens", "Tokens with which programs call", &[], None),
    fixed("/api/v1/tokens", "post", "token", "Makes or revokes a token", &[], JSON),
    fixed(
        "/api/v1/audit",
        "get",
        "audit",
        "Who did what, when and from where",
        &[LIMIT, ("before", "integer", "only what lies before this number")],
        None,
    ),
    fixed("/api/v1/questions", "get", "questions", "The questions and their parameters", &[], None),
    fixed("/api/v1/reports", "get", "reports", "The reports and their parameters", &[], None),
    fixed(
        "/api/v1/entity",
        "get",
        "entity",
        "One entity, what is around it and what was reported about it",
        &[
            ("id", "string", "canonical id, alias or unique name"),
            LIMIT,
            ("as_of", "string", "instant in the past"),
        ],
        None,
    ),
    fixed(
        "/api/v1/search",
        "get",
        "search",
        "Entities by name, id, alias or label",
        &[("q", "string", "text"), LIMIT],
        None,
    ),
    fixed(
        "/api/v1/open-references",
        "get",
        "open_references",
        "References that lead nowhere or to several things",
        &[LIMIT],
        None,
    ),
    fixed(
        "/api/v1/intake",
        "get",
        "intake_list",
        "The ledger of inputs",
        &[("before", "integer", "only lines below this number"), LIMIT],
        None,
    ),
    fixed("/api/v1/intake/{id}", "get", "intake_entry", "One input and its rejects", &[], None),
    fixed(
        "/api/v1/ingest",
        "post",
        "ingest",
        "Takes one input of any format",
        ingest::QUERY,
        BYTES,
    ),
    fixed(
        "/api/v1/inspect",
        "post",
        "inspect",
        "Says what an input is, and changes nothing",
        ingest::QUERY,
        BYTES,
    ),
    fixed(
        "/api/v1/write",
        "post",
        "remote_write",
        "Prometheus remote write 1.0 and 2.0",
        &[],
        BYTES,
    ),
    fixed(
        "/api/v1/webhooks/alertmanager",
        "post",
        "alertmanager",
        "Alertmanager's webhook (version 4) and Grafana's",
        &[],
        JSON,
    ),
    fixed(
        "/api/v1/webhooks/pagerduty",
        "post",
        "pagerduty",
        "PagerDuty's webhook (version 3)",
        &[],
        JSON,
    ),
    fixed(
        "/api/v1/webhooks/cloudevents",
        "post",
        "cloudevents",
        "CloudEvents 1.0 as changes",
        &[],
        JSON,
    ),
    fixed("/v1/traces", "post", "otlp_traces", "OTLP/HTTP traces", &[], BYTES),
    fixed("/v1/metrics", "post", "otlp_metrics", "OTLP/HTTP metrics", &[], BYTES),
    fixed("/v1/logs", "post", "otlp_logs", "OTLP/HTTP logs", &[], BYTES),
    fixed(
        "/api/v1/decisions",
        "get",
        "decision_list",
        "What is decided, and what waits for a decision",
        &[],
        None,
    ),
    fixed(
        "/api/v1/decisions",
        "post",
        "decide",
        "Accepts, dismisses, confirms, replaces, adds or undoes",
        &[],
        Some("application/json"),
    ),
    fixed("/api/v1/rules", "get", "rules", "The rules in force that users stated", &[], None),
    fixed(
        "/api/v1/rules",
        "post",
        "rules_put",
        "Puts a list of rules (YAML) in force",
        decision::RULES_QUERY,
        Some("application/yaml"),
    ),
    fixed(
        "/api/v1/export",
        "get",
        "export",
        "The estate as rows of our own format",
        &[("as_of", "string", "instant in the past")],
        None,
    ),
    fixed(
        "/api/v1/backup",
        "post",
        "backup",
        "Backs the data folder up into another folder of the server's machine; only for `store backup` there",
        &[],
        JSON,
    ),
    fixed(
        "/api/v1/live",
        "get",
        "live",
        "Answers as they change, over a WebSocket (docs/LIVE.md)",
        &[],
        None,
    ),
    fixed("/api/v1/jobs", "get", "jobs", "Work in the background", &[], None),
    fixed("/api/v1/jobs/{id}", "get", "job", "One job and how far it is", &[], None),
    fixed("/api/v1/jobs/{id}", "delete", "job_stop", "Stops a job", &[], None),
    fixed(
        "/api/v1/jobs/{id}/result",
        "get",
        "job_result",
        "The answer that a job works out",
        &[WAIT],
        None,
    ),
    fixed("/api/v1/status", "get", "status", "What the store holds", &[], None),
    fixed(
        "/api/v1/validation",
        "get",
        "validation",
        "The newest validation of the data, with the history",
        &[],
        None,
    ),
    fixed(
        "/api/v1/validation/run",
        "post",
        "validation_run",
        "Validates the data now, and keeps the result",
        &[],
        None,
    ),
    fixed(
        "/api/v1/optimization",
        "get",
        "optimization",
        "The recorded workload with its plans, tables, and what would help; nothing runs",
        &[],
        None,
    ),
    fixed(
        "/api/v1/optimization/measure",
        "post",
        "optimization_measure",
        "Runs each recorded statement once for its plan; writes are rolled back",
        &[],
        None,
    ),
    fixed(
        "/api/v1/optimization/apply",
        "post",
        "optimization_apply",
        "Does what can be done of what is recommended, and keeps what takes it back",
        &[("id", "string", "a recommendation; may stand several times; all when none is named")],
        None,
    ),
    fixed(
        "/api/v1/optimization/undo",
        "post",
        "optimization_undo",
        "Takes back what was applied last",
        &[],
        None,
    ),
    fixed("/health", "get", "health", "Health in detail", &[], None),
    fixed("/health/live", "get", "health_live", "Whether the process answers", &[], None),
    fixed("/health/ready", "get", "health_ready", "Whether the stores answer", &[], None),
    fixed("/metrics", "get", "metrics", "Figures in Prometheus' text format", &[], None),
    fixed("/openapi.json", "get", "openapi", "This document", &[], None),
];
