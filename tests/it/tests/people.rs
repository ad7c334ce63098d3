//! People, attacked from outside over the built program: logins, roles, sessions, tokens, other sites, and
//! what an account with a part of the organisation reads of the rest.

mod figures;
mod live;
mod record;
mod scope;
mod units;

use std::io::Read;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::program::{Program, expect};
use crate::server::{Server, services};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("people::without_accounts_there_is_no_login", none),
        Trial::test("people::nobody_passes_without_a_login", nobody),
        Trial::test("people::each_role_does_what_is_its_own", roles),
        Trial::test("people::a_session_ends_and_cannot_be_forged_or_replayed", sessions),
        Trial::test("people::tokens_hold_until_they_are_revoked", tokens),
        Trial::test("people::other_sites_change_nothing", sites),
        Trial::test("people::logins_cannot_be_tried_for_ever", record::tries),
        Trial::test("people::what_was_done_is_on_record", record::audit),
        Trial::test("people::one_admin_is_always_left", record::last_admin),
        Trial::test("people::an_open_socket_ends_with_its_login", live::ends),
        Trial::test("people::a_unit_reads_nothing_of_another", scope::canaries),
        Trial::test("people::a_unit_is_told_nothing_of_another", live::within),
        Trial::test("people::a_unit_reads_its_own_figures", figures::own),
    ]
}

const PASSWORD: &str = "correct horse battery staple";

/// What came back.
pub struct Answer {
    status: u16,
    cookie: Option<String>,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

/// One request.
pub fn call(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Answer, Failed> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(Duration::from_secs(60)))
        .proxy(None)
        .build()
        .new_agent();
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("http://{}{path}", server.address));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = agent.run(request.body(body.to_vec())?)?;
    let cookies = response.headers().get_all("set-cookie").iter();
    let cookie = cookies.filter_map(|value| value.to_str().ok()).next().map(str::to_owned);
    let mut bytes = Vec::new();
    response.body_mut().as_reader().read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Answer { status: response.status().as_u16(), cookie, text })
}

/// Makes an account beside or before a server.
pub fn add(program: &Program, name: &str, role: &str, units: &[&str]) -> Result<(), Failed> {
    let mut args = vec!["account", "add", name, "--role", role, "--password-stdin"];
    for unit in units {
        args.extend(["--unit", unit]);
    }
    let ran = program.run_with(&args, Some(format!("{PASSWORD}\n").as_bytes()))?;
    expect(&ran.stderr, ran.code, 0)?;
    if ran.stdout.contains(PASSWORD) || ran.stdout.contains("argon2") {
        return Err(format!("a secret was shown: {}", ran.stdout).into());
    }
    Ok(())
}

/// Logs in; gives the cookie as the browser sends it back.
pub fn login(server: &Server, name: &str) -> Result<String, Failed> {
    let answer = try_login(server, name, PASSWORD)?;
    expect(&answer.text, answer.status, 200)?;
    let line = answer.cookie.ok_or("no cookie")?;
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Strict"] {
        if !line.contains(part) {
            return Err(format!("the cookie lacks {part}").into());
        }
    }
    Ok(line.split(';').next().unwrap_or_default().to_owned())
}

fn try_login(server: &Server, name: &str, password: &str) -> Result<Answer, Failed> {
    let body = json!({ "account": name, "password": password }).to_string();
    let json = [("content-type", "application/json")];
    call(server, "POST", "/api/v1/login", &json, body.as_bytes())
}

/// A request by cookie as the dashboard makes it.
pub fn by_cookie(
    server: &Server,
    cookie: &str,
    method: &str,
    path: &str,
    body: &str,
) -> Result<Answer, Failed> {
    let headers = [
        ("cookie", cookie),
        ("content-type", "application/json"),
        ("x-ubiquitous-request", "dashboard"),
    ];
    call(server, method, path, &headers, body.as_bytes())
}

fn none() -> Result<(), Failed> {
    let program = Program::new()?;
    let server = Server::start(&program)?;
    let (status, me) = server.get("/api/v1/me")?;
    expect("me", (status, &me["account"], &me["role"]), (200, &Value::Null, &json!("admin")))?;
    expect("a login", try_login(&server, "anna", PASSWORD)?.status, 400)?;
    expect("status", server.get("/api/v1/status")?.0, 200)?;
    // Whoever reaches the address cannot lock the user of the machine out.
    let body = json!({ "action": "add", "name": "eve", "role": "admin", "password": PASSWORD });
    let json = [("content-type", "application/json")];
    let answer = call(&server, "POST", "/api/v1/accounts", &json, body.to_string().as_bytes())?;
    expect("the first account over HTTP", answer.status, 403)?;
    drop(server);
    let ran = program.run(&["serve", "--bind", "0.0.0.0:0"])?;
    expect(&ran.stderr, ran.code, 2)?;
    expect("says why", ran.stderr.contains("ubiquitous account add"), true)
}

/// Every route of the description, without a login and with credentials that nobody gave out.
fn nobody() -> Result<(), Failed> {
    let program = Program::new()?;
    add(&program, "root", "admin", &[])?;
    let server = Server::start(&program)?;
    let cookie = login(&server, "root")?;
    let document = by_cookie(&server, &cookie, "GET", "/openapi.json", "")?.json();
    let paths = document["paths"].as_object().ok_or("no paths")?;
    let issuer = ["/api/v1/oidc/login", "/api/v1/oidc/callback"];
    let open = [&["/api/v1/login", "/health/live", "/health/ready"][..], &issuer].concat();
    let forged = format!("ubiquitous_session={}", "ab".repeat(32));
    let bearer = format!("Bearer ubq_{}", "ab".repeat(32));
    let attempts: [&[(&str, &str)]; 6] = [
        &[],
        &[("cookie", &forged)],
        &[("authorization", &bearer)],
        &[("authorization", "Basic cm9vdDpyb290")],
        &[("x-ubiquitous-owner", "00")],
        &[("x-forwarded-for", "127.0.0.1"), ("x-ubiquitous-account", "root")],
    ];
    let mut tried = 0;
    for (path, methods) in paths {
        for method in methods.as_object().into_iter().flatten().map(|one| one.0.to_uppercase()) {
            if open.contains(&path.as_str()) {
                continue;
            }
            let path = path.replace("{id}", "1");
            for headers in attempts {
                let answer = call(&server, &method, &path, headers, b"")?;
                expect(&format!("{method} {path} {headers:?}"), answer.status, 401)?;
                tried += 1;
            }
        }
    }
    expect("many were tried", tried > 300, true)?;
    for path in open {
        let answer = call(&server, "GET", path, &[], b"")?;
        // There is no issuer here.
        let wanted = if issuer.contains(&path) { 404 } else { 200 };
        expect(path, answer.status, wanted)?;
    }
    // Tricks with the path reach no route that has no rule.
    for path in ["//api/v1/status", "/api/v1/status/", "/API/v1/status", "/api/v1/%73tatus"] {
        let answer = call(&server, "GET", path, &[], b"")?;
        let is_data = answer.text.contains("\"entities\"");
        expect(&format!("{path} {}", answer.status), is_data, false)?;
    }
    Ok(())
}

fn roles() -> Result<(), Failed> {
    let program = Program::new()?;
    add(&program, "root", "admin", &[])?;
    let server = Server::start(&program)?;
    // Beside a server too.
    add(&program, "edith", "editor", &[])?;
    add(&program, "vera", "viewer", &[])?;
    let rows = services(0, 1);
    let decision =
        json!({ "target": "risk:single:service://test/_/s0", "action": "dismiss", "reason": "r",
        "author": "somebody else" })
        .to_string();
    for (name, expected) in
        [("vera", [200, 403, 403, 403]), ("edith", [200, 200, 200, 403]), ("root", [200; 4])]
    {
        let cookie = login(&server, name)?;
        let status = |method: &str, path: &str, body: &str| {
            by_cookie(&server, &cookie, method, path, body).map(|answer| answer.status)
        };
        let given = [
            status("GET", "/api/v1/topology", "")?,
            status("POST", "/api/v1/ingest?name=rows.ndjson", &rows)?,
            status("POST", "/api/v1/decisions", &decision)?,
            status("GET", "/api/v1/accounts", "")?,
        ];
        expect(name, given, expected)?;
    }
    let cookie = login(&server, "vera")?;
    let list = by_cookie(&server, &cookie, "GET", "/api/v1/decisions", "")?.json();
    expect("who decided", list["decisions"][0]["author"].as_str(), Some("root"))?;
    // A change of role holds at once: the session of before is gone.
    let ran = program.run(&["account", "role", "vera", "--role", "editor"])?;
    expect(&ran.stderr, ran.code, 0)?;
    let answer = by_cookie(&server, &cookie, "GET", "/api/v1/status", "")?;
    expect("the session of before", answer.status, 401)?;
    let cookie = login(&server, "vera")?;
    let ran = program.run(&["account", "disable", "vera"])?;
    expect(&ran.stderr, ran.code, 0)?;
    let answer = by_cookie(&server, &cookie, "GET", "/api/v1/status", "")?;
    expect("a disabled account's session", answer.status, 401)?;
    expect("its login", try_login(&server, "vera", PASSWORD)?.status, 401)
}

fn sessions() -> Result<(), Failed> {
    let program = Program::new()?;
    add(&program, "root", "admin", &[])?;
    let server = Server::start(&program)?;
    let me = |cookie: &str| by_cookie(&server, cookie, "GET", "/api/v1/me", "");
    let cookie = login(&server, "root")?;
    let answer = me(&cookie)?;
    expect(&answer.text, answer.json()["account"].as_str(), Some("root"))?;
    // One letter off, cut, doubled with another, under another name.
    let (name, token) = cookie.split_once('=').ok_or("no pair")?;
    let last = if token.ends_with('0') { '1' } else { '0' };
    let changed = format!("{name}={}{last}", &token[..token.len() - 1]);
    let two = format!("{cookie}; {name}={}", "cd".repeat(32));
    let other = format!("session={token}");
    for forged in [changed, format!("{name}={}", &token[1..]), two, other] {
        expect(&forged, me(&forged)?.status, 401)?;
    }
    // A login begins a session of its own; the browser's one before ends.
    let body = json!({ "account": "root", "password": PASSWORD }).to_string();
    let answer = by_cookie(&server, &cookie, "POST", "/api/v1/login", &body)?;
    let fresh = answer.cookie.ok_or("no cookie")?;
    let fresh = fresh.split(';').next().unwrap_or_default().to_owned();
    expect("another token", fresh == cookie, false)?;
    expect("the session before", me(&cookie)?.status, 401)?;
    let answer = by_cookie(&server, &fresh, "POST", "/api/v1/logout", "")?;
    expect("logout", answer.status, 204)?;
    expect("a replayed cookie", me(&fresh)?.status, 401)?;
    // A new password ends every session of the account.
    let (one, two) = (login(&server, "root")?, login(&server, "root")?);
    let wrong = json!({ "current": "not this one!", "new": "another horse entirely" });
    let path = "/api/v1/me/password";
    let answer = by_cookie(&server, &one, "POST", path, &wrong.to_string())?;
    expect("a wrong current password", answer.status, 403)?;
    let right = json!({ "current": PASSWORD, "new": "another horse entirely" });
    let answer = by_cookie(&server, &one, "POST", path, &right.to_string())?;
    expect(&answer.text, answer.status, 204)?;
    expect("both sessions", (me(&one)?.status, me(&two)?.status), (401, 401))?;
    expect("the old password", try_login(&server, "root", PASSWORD)?.status, 401)?;
    expect("the new", try_login(&server, "root", "another horse entirely")?.status, 200)
}

fn tokens() -> Result<(), Failed> {
    let program = Program::new()?;
    add(&program, "root", "admin", &[])?;
    add(&program, "vera", "viewer", &[])?;
    let server = Server::start(&program)?;
    let args = ["account", "token", "add", "root", "--role", "editor", "--label", "ci"];
    let made = program.json(&args)?;
    let secret = made["secret"].as_str().ok_or("no secret")?.to_owned();
    let prefix = made["token"]["prefix"].as_str().ok_or("no prefix")?.to_owned();
    expect("shown by its first letters", secret.starts_with(&prefix), true)?;
    let bearer = format!("Bearer {secret}");
    let status = |method: &str, path: &str, body: &str| {
        let headers = [("authorization", &*bearer), ("content-type", "application/json")];
        call(&server, method, path, &headers, body.as_bytes()).map(|answer| answer.status)
    };
    expect("reads", status("GET", "/api/v1/status", "")?, 200)?;
    let rows = services(0, 1);
    expect("ingests", status("POST", "/api/v1/ingest?name=rows.ndjson", &rows)?, 200)?;
    expect("is no admin", status("GET", "/api/v1/accounts", "")?, 403)?;
    let more = json!({ "action": "add", "label": "more" }).to_string();
    expect("makes no token", status("POST", "/api/v1/tokens", &more)?, 403)?;
    // A viewer's own token is a viewer's, whatever it asks for; another's is not its own.
    let cookie = login(&server, "vera")?;
    let add = json!({ "action": "add", "role": "admin" }).to_string();
    let own = by_cookie(&server, &cookie, "POST", "/api/v1/tokens", &add)?.json();
    let own = format!("Bearer {}", own["secret"].as_str().ok_or("no secret")?);
    let answer = call(&server, "GET", "/api/v1/accounts", &[("authorization", &own)], b"")?;
    expect("a viewer's token", answer.status, 403)?;
    let theirs = json!({ "action": "add", "account": "root" }).to_string();
    let answer = by_cookie(&server, &cookie, "POST", "/api/v1/tokens", &theirs)?;
    expect("another's token", answer.status, 403)?;
    let list = by_cookie(&server, &cookie, "GET", "/api/v1/tokens", "")?;
    expect("sees its own alone", list.json()["tokens"].as_array().map(Vec::len), Some(1))?;
    let ran = program.run(&["account", "token", "revoke", "root", &prefix])?;
    expect(&ran.stderr, ran.code, 0)?;
    expect("revoked", status("GET", "/api/v1/status", "")?, 401)?;
    let ran = program.run(&["account", "disable", "vera"])?;
    expect(&ran.stderr, ran.code, 0)?;
    let answer = call(&server, "GET", "/api/v1/status", &[("authorization", &own)], b"")?;
    expect("a disabled account's token", answer.status, 401)
}

fn sites() -> Result<(), Failed> {
    let program = Program::new()?;
    add(&program, "root", "admin", &[])?;
    let server = Server::start(&program)?;
    let cookie = login(&server, "root")?;
    let rows = services(0, 1);
    let post = |extra: &[(&str, &str)]| {
        let mut headers = vec![("cookie", &*cookie)];
        headers.extend(extra);
        let path = "/api/v1/ingest?name=rows.ndjson";
        call(&server, "POST", path, &headers, rows.as_bytes()).map(|answer| answer.status)
    };
    let own = ("x-ubiquitous-request", "dashboard");
    expect("our page", post(&[own])?, 200)?;
    expect("a form", post(&[("content-type", "text/plain")])?, 403)?;
    expect("another origin", post(&[own, ("origin", "https://evil.example")])?, 403)?;
    expect("no origin of a sandbox", post(&[own, ("origin", "null")])?, 403)?;
    expect("another site", post(&[own, ("sec-fetch-site", "cross-site")])?, 403)?;
    expect("a neighbour", post(&[own, ("sec-fetch-site", "same-site")])?, 403)?;
    let socket =
        [("cookie", &*cookie), ("upgrade", "websocket"), ("origin", "http://evil.example")];
    expect("a socket", call(&server, "GET", "/api/v1/live", &socket, b"")?.status, 403)?;
    // A login cannot be forced on a browser by another site's form, and is small.
    let body = json!({ "account": "root", "password": PASSWORD }).to_string();
    let form = [("content-type", "text/plain")];
    let answer = call(&server, "POST", "/api/v1/login", &form, body.as_bytes())?;
    expect("a form's login", answer.status, 400)?;
    let json = [("content-type", "application/json")];
    let answer = call(&server, "POST", "/api/v1/login", &json, &vec![b' '; 100_000])?;
    expect("an oversized login", answer.status, 413)
}
