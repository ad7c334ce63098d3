//! Who may call which route: one list, and what is not on it is refused. A test holds it against the
//! router.

use model::account::Role;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a login.
    Open,
    /// An account with at least this role.
    Of(Role),
}

/// What an account with a scope gets from a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scoped {
    /// Its part of the organisation: what the route gives is narrowed, or tells nothing of the estate.
    Narrowed,
    /// A clear no: the route is not narrowed yet.
    Refused,
}

/// The rule of one route and method.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The route as the router has it.
    pub path: &'static str,
    /// The method, in capitals.
    pub method: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What an account with a scope gets.
    pub scoped: Scoped,
    /// Whether the log of what was done gets a line for it.
    pub is_noted: bool,
}

const VIEWER: Access = Access::Of(Role::Viewer);
const EDITOR: Access = Access::Of(Role::Editor);
const ADMIN: Access = Access::Of(Role::Admin);

const fn rule(path: &'static str, method: &'static str, access: Access, scoped: Scoped) -> Rule {
    Rule { path, method, access, scoped, is_noted: false }
}

const fn noted(path: &'static str, method: &'static str, access: Access) -> Rule {
    Rule { path, method, access, scoped: Scoped::Refused, is_noted: true }
}

/// Every route. What the pushing routes take is in the intake's ledger, so the log has no line a push.
pub const RULES: &[Rule] = &[
    rule("/api/v1/login", "GET", Access::Open, Scoped::Narrowed),
    rule("/api/v1/login", "POST", Access::Open, Scoped::Narrowed),
    rule("/api/v1/oidc/login", "GET", Access::Open, Scoped::Narrowed),
    rule("/api/v1/oidc/callback", "GET", Access::Open, Scoped::Narrowed),
    rule("/api/v1/logout", "POST", VIEWER, Scoped::Narrowed),
    rule("/api/v1/me", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/me/password", "POST", VIEWER, Scoped::Narrowed),
    rule("/api/v1/accounts", "GET", ADMIN, Scoped::Refused),
    rule("/api/v1/accounts", "POST", ADMIN, Scoped::Refused),
    rule("/api/v1/tokens", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/tokens", "POST", VIEWER, Scoped::Narrowed),
    rule("/api/v1/audit", "GET", ADMIN, Scoped::Refused),
    rule("/api/v1/questions", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/entity", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/search", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/open-references", "GET", VIEWER, Scoped::Refused),
    rule("/api/v1/intake", "GET", VIEWER, Scoped::Refused),
    rule("/api/v1/intake/{id}", "GET", VIEWER, Scoped::Refused),
    noted("/api/v1/ingest", "POST", EDITOR),
    rule("/api/v1/inspect", "POST", EDITOR, Scoped::Refused),
    rule("/api/v1/write", "POST", EDITOR, Scoped::Refused),
    rule("/api/v1/webhooks/alertmanager", "POST", EDITOR, Scoped::Refused),
    rule("/api/v1/webhooks/pagerduty", "POST", EDITOR, Scoped::Refused),
    rule("/api/v1/webhooks/cloudevents", "POST", EDITOR, Scoped::Refused),
    rule("/v1/traces", "POST", EDITOR, Scoped::Refused),
    rule("/v1/metrics", "POST", EDITOR, Scoped::Refused),
    rule("/v1/logs", "POST", EDITOR, Scoped::Refused),
    rule("/api/v1/decisions", "GET", VIEWER, Scoped::Refused),
    noted("/api/v1/decisions", "POST", EDITOR),
    rule("/api/v1/rules", "GET", VIEWER, Scoped::Refused),
    noted("/api/v1/rules", "POST", EDITOR),
    rule("/api/v1/status", "GET", VIEWER, Scoped::Refused),
    rule("/api/v1/export", "GET", VIEWER, Scoped::Refused),
    noted("/api/v1/backup", "POST", ADMIN),
    // A subscription asks the list of questions that are narrowed.
    rule("/api/v1/live", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/jobs", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/jobs/{id}", "GET", VIEWER, Scoped::Narrowed),
    noted("/api/v1/jobs/{id}", "DELETE", EDITOR),
    rule("/api/v1/jobs/{id}/result", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/validation", "GET", VIEWER, Scoped::Refused),
    noted("/api/v1/validation/run", "POST", EDITOR),
    rule("/api/v1/optimization", "GET", VIEWER, Scoped::Refused),
    noted("/api/v1/optimization/measure", "POST", ADMIN),
    noted("/api/v1/optimization/apply", "POST", ADMIN),
    noted("/api/v1/optimization/undo", "POST", ADMIN),
    rule("/api/v1/reports", "GET", VIEWER, Scoped::Narrowed),
    // A report asks for such accounts what is narrowed alone.
    rule("/api/v1/reports/{name}", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/reports/{name}", "POST", VIEWER, Scoped::Narrowed),
    // A question asks the list of those that are narrowed.
    rule("/api/v1/{question}", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/{question}", "POST", VIEWER, Scoped::Narrowed),
    rule("/api/v1/{question}/{view}", "GET", VIEWER, Scoped::Narrowed),
    rule("/api/v1/{question}/{view}", "POST", VIEWER, Scoped::Narrowed),
    rule("/openapi.json", "GET", VIEWER, Scoped::Narrowed),
    rule("/health", "GET", VIEWER, Scoped::Refused),
    rule("/health/live", "GET", Access::Open, Scoped::Narrowed),
    rule("/health/ready", "GET", Access::Open, Scoped::Narrowed),
    rule("/metrics", "GET", VIEWER, Scoped::Refused),
];

/// The rule of a route; `HEAD` is a `GET`. A route without one is nobody's.
pub fn rule_of(path: &str, method: &str) -> Option<&'static Rule> {
    let method = if method == "HEAD" { "GET" } else { method };
    RULES.iter().find(|rule| rule.path == path && rule.method == method)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Path and methods of every `.route(` of the router, read from its text: the router itself does not
    /// tell them.
    fn routes() -> Vec<(String, Vec<String>)> {
        let text = include_str!("../http.rs");
        let mut routes = Vec::new();
        for part in text.split(".route(").skip(1) {
            let path = part.split('"').nth(1).unwrap().to_owned();
            let rest = part.split(".route(").next().unwrap();
            let rest = rest.split(".layer(").next().unwrap().split(";\n").next().unwrap();
            let methods = ["get", "post", "put", "patch", "delete", "any"];
            let has = |name: &str| {
                rest.contains(&format!("{name}(")) && {
                    let at = rest.find(&format!("{name}(")).unwrap();
                    rest[..at].ends_with([' ', '.', ',', '\n']) || rest[..at].is_empty()
                }
            };
            let methods =
                methods.into_iter().filter(|name| has(name)).map(str::to_uppercase).collect();
            routes.push((path, methods));
        }
        routes
    }

    #[test]
    fn every_route_has_a_rule_and_every_rule_a_route() {
        let routes = routes();
        assert!(routes.len() > 30, "{routes:?}");
        let mut known = Vec::new();
        for (path, methods) in &routes {
            assert!(!methods.is_empty(), "{path} takes no method");
            for method in methods {
                assert!(rule_of(path, method).is_some(), "{method} {path} has no rule");
                known.push((path.as_str(), method.as_str()));
            }
        }
        for rule in RULES {
            assert!(known.contains(&(rule.path, rule.method)), "{} {}", rule.method, rule.path);
            let same =
                RULES.iter().filter(|one| (one.path, one.method) == (rule.path, rule.method));
            assert_eq!(same.count(), 1, "{} {}", rule.method, rule.path);
        }
    }

    #[test]
    fn what_changes_something_needs_more_than_a_viewer() {
        let own = ["/api/v1/login", "/api/v1/logout", "/api/v1/me/password", "/api/v1/tokens"];
        let asks = |path: &str| path.contains("{question}") || path.contains("{name}");
        for rule in RULES {
            let is_change = rule.method != "GET" && !own.contains(&rule.path) && !asks(rule.path);
            let is_enough = matches!(rule.access, Access::Of(role) if role > Role::Viewer);
            assert!(!is_change || is_enough, "{} {}", rule.method, rule.path);
            // An account with a scope changes nothing of the estate.
            assert!(!is_change || rule.scoped == Scoped::Refused, "{} {}", rule.method, rule.path);
        }
        let open: Vec<&str> =
            RULES.iter().filter(|one| one.access == Access::Open).map(|one| one.path).collect();
        let login = ["/api/v1/login", "/api/v1/login"];
        let issuer = ["/api/v1/oidc/login", "/api/v1/oidc/callback"];
        let health = ["/health/live", "/health/ready"];
        assert_eq!(open, [login, issuer, health].concat());
    }

    #[test]
    fn a_route_without_a_rule_is_nobodys() {
        assert!(rule_of("/api/v1/new", "GET").is_none());
    }
}
