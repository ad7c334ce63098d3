//! Logging in and out, who one is, and one's own password.

use std::net::{IpAddr, SocketAddr};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::account::{Account, Role};
use model::scope::OrgScope;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Shared, cookie};
use crate::people::caller::{Caller, Credential};
use crate::people::entry;
use crate::problem::Problem;

/// Largest body of a login, in bytes: whoever is not known yet sends no more.
pub const BODY_BYTES_MAX: usize = 4 * 1024;

/// A login.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// Name of the account.
    pub account: String,
    /// Its password.
    pub password: String,
}

/// A new password for one's own account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordRequest {
    /// The password in force.
    pub current: String,
    /// The new one, 12 to 256 bytes.
    pub new: String,
}

/// Who the caller is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    /// Name of the account; null without accounts, and for the user who runs the server.
    pub account: Option<String>,
    /// What the caller may do.
    pub role: Role,
    /// Canonical ids of the units whose subtrees the caller sees; null: everything.
    pub units: Option<Vec<String>>,
    /// Whether there is a login that can be ended.
    pub has_session: bool,
}

/// How one logs in here.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LoginWays {
    /// Whether there are accounts, without which nobody need log in.
    pub has_accounts: bool,
    /// What the organisation's own issuer of tokens is called, where one is set: `/api/v1/oidc/login`
    /// leads there.
    pub issuer: Option<String>,
}

/// `GET /api/v1/login`
pub async fn ways(State(shared): State<Shared>) -> Result<Json<LoginWays>, Problem> {
    let has_accounts = !shared.estate.people().book().await?.is_empty();
    let issuer = shared.estate.issuer().map(|issuer| issuer.title().to_owned());
    Ok(Json(LoginWays { has_accounts, issuer }))
}

/// `POST /api/v1/login`
pub async fn login(
    State(shared): State<Shared>,
    connection: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let address: Option<IpAddr> = connection.map(|info| info.0.0.ip());
    let request: LoginRequest = parsed(&headers, &body)?;
    let people = shared.estate.people();
    if people.book().await?.is_empty() {
        return Err(Problem::bad_request("account", "there are no accounts here"));
    }
    let (account, token) = people.login(&request.account, &request.password, address).await?;
    let is_secure = cookie::is_secure(&shared, &headers);
    // Whatever session the browser had before ends with the new one.
    if let Some(before) = cookie::of(&headers, is_secure) {
        people.logout(&before).await?;
    }
    let mut response = Json(me_of(&account)).into_response();
    let out = response.headers_mut();
    out.insert(header::SET_COOKIE, cookie::set(&token, is_secure));
    out.insert(header::CACHE_CONTROL, axum::http::HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `POST /api/v1/logout`
pub async fn logout(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Credential::Session(token) = &caller.credential {
        shared.estate.people().logout(&token.0).await?;
        let note = entry(&caller.who(), "logout", "", caller.address, "done");
        shared.estate.people().note(&note).await;
    }
    Ok(left(&shared, &headers))
}

/// `GET /api/v1/me`
pub async fn me(caller: Caller) -> Json<Me> {
    Json(Me {
        account: caller.account.clone(),
        role: caller.role,
        units: units_of(&caller.scope),
        has_session: matches!(caller.credential, Credential::Session(_)),
    })
}

/// `POST /api/v1/me/password`
pub async fn password(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    if !matches!(caller.credential, Credential::Session(_)) {
        return Err(Problem::forbidden("one's own password is changed after a login"));
    }
    let request: PasswordRequest = parsed(&headers, &body)?;
    shared.estate.people().own_password(&caller, &request.current, &request.new).await?;
    Ok(left(&shared, &headers))
}

/// A browser without a session.
fn left(shared: &Shared, headers: &HeaderMap) -> Response {
    let cleared = cookie::clear(cookie::is_secure(shared, headers));
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cleared)]).into_response()
}

fn me_of(account: &Account) -> Me {
    Me {
        account: Some(account.name.clone()),
        role: account.role,
        units: units_of(&account.scope),
        has_session: true,
    }
}

fn units_of(scope: &OrgScope) -> Option<Vec<String>> {
    match scope {
        OrgScope::Everything => None,
        OrgScope::Units(units) => Some(units.clone()),
    }
}

/// A small body of JSON that says so: a form of another site cannot.
pub fn parsed<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Problem> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.and_then(|text| text.split(';').next()).map(str::trim);
    if media != Some("application/json") {
        let detail = "the body is JSON, and `Content-Type` says so";
        return Err(Problem::bad_request("body", detail));
    }
    // What is wrong is told by place alone: the text may hold a password.
    serde_json::from_slice(body).map_err(|error| {
        let detail = format!(
            "the body is not what is expected: line {}, column {}",
            error.line(),
            error.column()
        );
        Problem::bad_request("body", detail)
    })
}
