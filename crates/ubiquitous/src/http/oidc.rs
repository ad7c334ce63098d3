//! The way to the organisation's own issuer of tokens and back (OpenID Connect).

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Shared, cookie, query};
use crate::people::issuer::{Issuer, Refused, Secrets};
use crate::people::{entry, is_same};
use crate::problem::Problem;

/// Where the issuer sends the browser back to.
const CALLBACK: &str = "/api/v1/oidc/callback";
/// Longest page that a login leads back to.
const NEXT_BYTES_MAX: usize = 512;

/// A login under way: what the browser keeps, and the page that it came from.
struct Pending {
    secrets: Secrets,
    next: String,
}

/// `GET /api/v1/oidc/login`: sends the browser to the issuer.
pub async fn begin(
    State(shared): State<Shared>,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let next = query::map(raw.as_deref(), &["next"])?.remove("next");
    let next = next.filter(|next| is_page(next)).unwrap_or_else(|| "/".to_owned());
    let issuer = issuer(&shared)?;
    let (redirect, is_secure) = (redirect(&shared, &headers), cookie::is_secure(&shared, &headers));
    let (url, secrets) = match blocking(move || issuer.begin(&redirect)).await? {
        Ok(begun) => begun,
        Err(refused) => return Ok(failed(&refused, &next)),
    };
    let kept = cookie::set_login(&Pending { secrets, next }.text(), is_secure);
    Ok(to(&url, &[kept]))
}

/// `GET /api/v1/oidc/callback`: takes the browser back, and lets in whom the issuer names.
pub async fn callback(
    State(shared): State<Shared>,
    connection: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let issuer = issuer(&shared)?;
    let said: BTreeMap<String, String> = query::pairs(raw.as_deref())?.into_iter().collect();
    let (redirect, is_secure) = (redirect(&shared, &headers), cookie::is_secure(&shared, &headers));
    let pending = cookie::of_login(&headers, is_secure).and_then(|text| Pending::of(&text));
    let state = said.get("state").map_or("", String::as_str);
    let Some(Pending { secrets, next }) =
        pending.filter(|pending| is_same(&pending.secrets.state, state))
    else {
        return Ok(left("/", "expired", is_secure));
    };
    let Some(code) = said.get("code").filter(|_| !said.contains_key("error")).cloned() else {
        return Ok(left(&next, "refused", is_secure));
    };
    let address = connection.map(|info| info.0.0.ip());
    let people = shared.estate.people();
    let name = match blocking(move || issuer.finish(&redirect, &code, &secrets)).await? {
        Ok(name) => name,
        Err(refused) => {
            tracing::warn!(%refused, "a login by the issuer");
            people.note(&entry("?", "login by issuer", "", address, "refused")).await;
            return Ok(left(&next, word(&refused), is_secure));
        }
    };
    let Some((_, token)) = people.login_by_issuer(&name, address).await? else {
        return Ok(left(&next, "no-account", is_secure));
    };
    // Whatever session the browser had before ends with the new one.
    if let Some(before) = cookie::of(&headers, is_secure) {
        people.logout(&before).await?;
    }
    let cookies = [cookie::set(&token, is_secure), cookie::clear_login(is_secure)];
    Ok(to(&next, &cookies))
}

fn issuer(shared: &Shared) -> Result<Issuer, Problem> {
    let missing = || Problem::not_found("no issuer is set (`oidc_issuer`)");
    shared.estate.issuer().cloned().ok_or_else(missing)
}

/// By the name under which the browser reached us, which the defence has found to be ours.
fn redirect(shared: &Shared, headers: &HeaderMap) -> String {
    let scheme = if cookie::is_secure(shared, headers) { "https" } else { "http" };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    format!("{scheme}://{host}{CALLBACK}")
}

/// Whether it is a page of this server and no way to another.
fn is_page(next: &str) -> bool {
    let is_here = next.starts_with('/') && !next.starts_with("//");
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\#".contains(&byte));
    is_here && is_plain && next.len() <= NEXT_BYTES_MAX
}

fn word(refused: &Refused) -> &'static str {
    match refused {
        Refused::Unavailable(_) => "unavailable",
        Refused::Invalid(_) => "invalid",
    }
}

fn failed(refused: &Refused, next: &str) -> Response {
    tracing::warn!(%refused, "no login by the issuer");
    to(&with_word(next, word(refused)), &[])
}

/// Back to the page, which says why there is no login.
fn left(next: &str, why: &str, is_secure: bool) -> Response {
    to(&with_word(next, why), &[cookie::clear_login(is_secure)])
}

fn with_word(next: &str, why: &str) -> String {
    let joint = if next.contains('?') { '&' } else { '?' };
    format!("{next}{joint}login={why}")
}

fn to(place: &str, cookies: &[HeaderValue]) -> Response {
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/"));
    let no_store = HeaderValue::from_static("no-store");
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, place);
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_ended| Problem::unavailable("the login could not be worked out"))
}

impl Pending {
    fn text(&self) -> String {
        let Secrets { state, nonce, verifier } = &self.secrets;
        let parts = [state, nonce, verifier, &self.next];
        parts.map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string()).join(":")
    }

    fn of(text: &str) -> Option<Self> {
        let part = |part: &str| percent_decode_str(part).decode_utf8().ok().map(String::from);
        let parts: Vec<String> = text.split(':').map(part).collect::<Option<_>>()?;
        let [state, nonce, verifier, next] = <[String; 4]>::try_from(parts).ok()?;
        let is_whole = [&state, &nonce, &verifier].into_iter().all(|one| !one.is_empty());
        (is_whole && is_page(&next))
            .then_some(Self { secrets: Secrets { state, nonce, verifier }, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_to_pages_of_this_server_alone() {
        for page in ["/", "/cost?window=30d&by=service"] {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "",
            "cost",
            "/#x",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/a\r\nb",
        ] {
            assert!(!is_page(other), "{other:?}");
        }
        assert_eq!(with_word("/cost?by=team", "expired"), "/cost?by=team&login=expired");
    }

    #[test]
    fn what_the_browser_keeps_comes_back_whole() {
        let secrets =
            Secrets { state: "a_b-c".into(), nonce: "n:o%".into(), verifier: "v~.".into() };
        let kept = Pending { secrets: secrets.clone(), next: "/cost?by=team;x".into() }.text();
        assert!(kept.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%:".contains(&byte)));
        let back = Pending::of(&kept).unwrap();
        assert!(back.secrets == secrets && back.next == "/cost?by=team;x");
        for broken in ["", "a:b:c", "a:b::%2F", "a:b:c:d", &format!("{kept}:x")] {
            assert!(Pending::of(broken).is_none(), "{broken}");
        }
    }
}
