//! Lets in who may: finds out who calls, holds that against the rule of the route, and notes what was done.
//! Without accounts, a server on loopback knows no login, and everything passes.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::account::Account;
use model::time::Micros;

use super::access::{self, Access, Rule, Scoped};
use super::{Shared, cookie};
use crate::people::book::Book;
use crate::people::caller::{Caller, Credential};
use crate::people::{entry, hash_of, hex_of, is_same, token};
use crate::problem::Problem;

/// A page of another site cannot send it without asking first, and nobody lets it.
pub const REQUEST_HEADER: HeaderName = HeaderName::from_static("x-ubiquitous-request");
/// What a command of the same user sends.
const OWNER_HEADER: HeaderName = HeaderName::from_static("x-ubiquitous-owner");

/// Passes a request on to its handler, or refuses it.
pub async fn gate(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let Some(rule) = path.and_then(|path| access::rule_of(&path, method.as_str())) else {
        return Problem::forbidden("nobody may call this").into_response();
    };
    let address = address_of(&request);
    let book = match shared.estate.people().book().await {
        Ok(book) => book,
        // Whether the process lives is told in any case.
        Err(_) if rule.access == Access::Open => Arc::default(),
        Err(error) => return Problem::from(error).into_response(),
    };
    let found = match found(&shared, &book, request.headers(), address).await {
        Ok(found) => found,
        Err(problem) => return problem.into_response(),
    };
    if let Some(problem) = refusal(rule, &method, request.headers(), found.caller.as_ref()) {
        return problem.into_response();
    }
    let noted = found.caller.as_ref().filter(|_| !book.is_empty());
    let note = note_of(rule, &method, request.uri().path(), noted);
    let has_caller = found.caller.as_ref().is_some_and(|one| one.credential != Credential::None);
    let is_secure = cookie::is_secure(&shared, request.headers());
    if let Some(caller) = found.caller {
        request.extensions_mut().insert(caller);
    }
    let mut response = next.run(request).await;
    if let Some((who, action, target)) = note {
        let outcome = outcome_of(response.status());
        shared.estate.people().note(&entry(&who, &action, &target, address, &outcome)).await;
    }
    if has_caller {
        keep_private(response.headers_mut());
    }
    // A handler that sets the cookie itself, as logging out does, has the last word.
    if let Some(token) = found.renewed
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie::set(&token, is_secure));
    }
    response
}

/// The address at the other end of the connection.
fn address_of(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

#[derive(Default)]
struct Found {
    caller: Option<Caller>,
    /// The token that takes the place of the session's.
    renewed: Option<String>,
}

async fn found(
    shared: &Shared,
    book: &Book,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> Result<Found, Problem> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(given) = text(&OWNER_HEADER)
        && is_same(given, &shared.owner_token)
    {
        return Ok(Found { caller: Some(Caller::owner(address)), renewed: None });
    }
    if book.is_empty() && !shared.is_beyond_loopback {
        return Ok(Found { caller: Some(Caller::local(address)), renewed: None });
    }
    if let Some(bearer) = text(&header::AUTHORIZATION) {
        let caller =
            bearer.strip_prefix("Bearer ").and_then(|secret| of_token(book, secret, address));
        return Ok(Found { caller, renewed: None });
    }
    let Some(secret) = cookie::of(headers, cookie::is_secure(shared, headers)) else {
        return Ok(Found::default());
    };
    let Some((session, renewed)) = shared.estate.people().session(&secret).await? else {
        return Ok(Found::default());
    };
    let account =
        enabled(book, &session.account).filter(|account| account.password_at <= session.created_at);
    let secret = renewed.clone().unwrap_or(secret);
    Ok(Found {
        caller: account.map(|account| Caller::of_session(account, secret, address)),
        renewed,
    })
}

fn of_token(book: &Book, secret: &str, address: Option<IpAddr>) -> Option<Caller> {
    let secret = secret.trim();
    if !secret.starts_with(token::BEGINS) {
        return None;
    }
    let hash = hex_of(&hash_of(secret));
    let known = book.token(&hash)?;
    if !is_same(&known.hash, &hash) || !known.is_in_force(Micros::of(jiff::Timestamp::now())) {
        return None;
    }
    Some(Caller::of_token(enabled(book, &known.account)?, known, address))
}

fn enabled<'a>(book: &'a Book, name: &str) -> Option<&'a Account> {
    book.account(name).filter(|account| !account.is_disabled)
}

/// Why a caller may not call a route.
fn refusal(
    rule: &Rule,
    method: &Method,
    headers: &HeaderMap,
    caller: Option<&Caller>,
) -> Option<Problem> {
    let Access::Of(role) = rule.access else { return None };
    let Some(caller) = caller else { return Some(Problem::unauthorized("log in first")) };
    if caller.role < role {
        let detail = format!("this needs the role {role}; yours is {}", caller.role);
        return Some(Problem::forbidden(detail));
    }
    if caller.is_scoped() && rule.scoped == Scoped::Refused {
        return Some(scope_refusal());
    }
    let is_reading = matches!(*method, Method::GET | Method::HEAD);
    let is_by_cookie = matches!(caller.credential, Credential::Session(_));
    if is_by_cookie && !is_reading && !headers.contains_key(REQUEST_HEADER) {
        let detail = format!("a request by cookie that is no GET carries `{REQUEST_HEADER}`");
        return Some(Problem::forbidden(detail));
    }
    None
}

/// The clear no for what is not narrowed yet.
pub fn scope_refusal() -> Problem {
    Problem::forbidden(analysis::NOT_NARROWED)
}

/// Who, what and about what, where the log gets a line.
fn note_of(
    rule: &Rule,
    method: &Method,
    path: &str,
    caller: Option<&Caller>,
) -> Option<(String, String, String)> {
    let caller = caller.filter(|one| rule.is_noted && one.credential != Credential::None)?;
    let target = if rule.path == path { String::new() } else { path.to_owned() };
    Some((caller.who(), format!("{method} {}", rule.path), target))
}

fn outcome_of(status: StatusCode) -> String {
    match status.is_success() {
        true => "done".to_owned(),
        false => format!("refused: {}", status.as_u16()),
    }
}

/// What an account was given is for its browser alone.
fn keep_private(headers: &mut HeaderMap) {
    let is_revalidated =
        headers.get(header::CACHE_CONTROL).is_some_and(|value| value == "no-cache");
    let caching = if is_revalidated { "private, no-cache" } else { "no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.append(header::VARY, HeaderValue::from_static("cookie, authorization"));
}

#[cfg(test)]
mod tests {
    use model::account::Role;
    use model::scope::OrgScope;

    use super::*;
    use crate::people::caller::SessionToken;

    fn caller(role: Role, scope: OrgScope, credential: Credential) -> Caller {
        Caller { account: Some("anna".into()), role, scope, credential, address: None }
    }

    fn status(rule: (&str, &str), headers: &HeaderMap, caller: Option<&Caller>) -> u16 {
        let (method, path) = rule;
        let rule = access::rule_of(path, method).unwrap();
        let method = method.parse().unwrap();
        refusal(rule, &method, headers, caller).map_or(200, |problem| problem.status)
    }

    #[test]
    fn each_role_does_what_is_its_own_and_less() {
        let reads = ("GET", "/api/v1/status");
        let edits = ("POST", "/api/v1/decisions");
        let heads = ("GET", "/api/v1/audit");
        let none = HeaderMap::new();
        for (role, expected) in [
            (Role::Viewer, [200, 403, 403]),
            (Role::Editor, [200, 200, 403]),
            (Role::Admin, [200, 200, 200]),
        ] {
            let one = caller(role, OrgScope::Everything, Credential::Token("t".into()));
            let given = [reads, edits, heads].map(|rule| status(rule, &none, Some(&one)));
            assert_eq!(given, expected, "{role}");
        }
        assert_eq!([reads, edits, heads].map(|rule| status(rule, &none, None)), [401, 401, 401]);
        assert_eq!(status(("GET", "/health/live"), &none, None), 200);
    }

    #[test]
    fn an_account_with_a_scope_gets_what_is_narrowed_alone() {
        let scope = OrgScope::Units(vec!["org://a".into()]);
        let one = caller(Role::Admin, scope, Credential::Token("t".into()));
        let none = HeaderMap::new();
        assert_eq!(status(("GET", "/api/v1/search"), &none, Some(&one)), 200);
        for path in
            ["/api/v1/export", "/api/v1/status", "/api/v1/intake", "/metrics", "/api/v1/audit"]
        {
            assert_eq!(status(("GET", path), &none, Some(&one)), 403, "{path}");
        }
    }

    #[test]
    fn a_cookie_alone_changes_nothing() {
        let session = Credential::Session(SessionToken("t".into()));
        let one = caller(Role::Admin, OrgScope::Everything, session);
        let none = HeaderMap::new();
        let with = HeaderMap::from_iter([(REQUEST_HEADER, HeaderValue::from_static("dashboard"))]);
        for path in ["/api/v1/logout", "/api/v1/accounts", "/api/v1/ingest", "/api/v1/{question}"] {
            assert_eq!(status(("POST", path), &none, Some(&one)), 403, "{path}");
            assert_eq!(status(("POST", path), &with, Some(&one)), 200, "{path}");
        }
        assert_eq!(status(("GET", "/api/v1/status"), &none, Some(&one)), 200);
    }
}
