//! The cookie of a session: only over HTTP, only for this site, only encrypted where the page is.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::Shared;

/// Its name on loopback.
const PLAIN: &str = "ubiquitous_session";
/// Its name where the connection is encrypted: browsers then let no other host set it.
const SECURE: &str = "__Host-ubiquitous_session";
/// The same of a login under way at the issuer.
const PLAIN_LOGIN: &str = "ubiquitous_login";
const SECURE_LOGIN: &str = "__Host-ubiquitous_login";
/// Longest time of a login at the issuer.
const LOGIN_SECS: u32 = 600;
/// Letters of a token.
const TOKEN_LETTERS: usize = 64;

/// Whether the browser reached us by TLS, which a proxy ended.
pub fn is_secure(shared: &Shared, headers: &HeaderMap) -> bool {
    let forwarded = HeaderName::from_static("x-forwarded-proto");
    let is_forwarded = headers.get(forwarded).is_some_and(|value| value == "https");
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let mut names = shared.origins.iter().filter_map(|origin| origin.strip_prefix("https://"));
    is_forwarded || host.is_some_and(|host| names.any(|name| name.eq_ignore_ascii_case(host)))
}

/// The session's token, when the request carries one.
pub fn of(headers: &HeaderMap, is_secure: bool) -> Option<String> {
    only(headers, name(is_secure), |value| {
        value.len() == TOKEN_LETTERS && value.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// What a browser keeps of a login under way at the issuer.
pub fn of_login(headers: &HeaderMap, is_secure: bool) -> Option<String> {
    only(headers, login_name(is_secure), |value| !value.is_empty())
}

/// The value of a cookie. Two are one too many: somebody else set the other.
fn only(headers: &HeaderMap, wanted: &str, is_value: impl Fn(&str) -> bool) -> Option<String> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == wanted && is_value(value)).then_some(value)
    });
    let first = pairs.next()?;
    pairs.all(|other| other == first).then(|| first.to_owned())
}

/// Sets it.
pub fn set(token: &str, is_secure: bool) -> HeaderValue {
    line(&format!("{}={token}; {}", name(is_secure), attributes(is_secure)))
}

/// Takes it away.
pub fn clear(is_secure: bool) -> HeaderValue {
    line(&format!("{}=; Max-Age=0; {}", name(is_secure), attributes(is_secure)))
}

/// Keeps a login under way. The way back begins at the issuer, another site, so it is not strict.
pub fn set_login(kept: &str, is_secure: bool) -> HeaderValue {
    let attributes = attributes(is_secure).replace("Strict", "Lax");
    line(&format!("{}={kept}; Max-Age={LOGIN_SECS}; {attributes}", login_name(is_secure)))
}

/// Takes it away.
pub fn clear_login(is_secure: bool) -> HeaderValue {
    line(&format!("{}=; Max-Age=0; {}", login_name(is_secure), attributes(is_secure)))
}

fn name(is_secure: bool) -> &'static str {
    if is_secure { SECURE } else { PLAIN }
}

fn login_name(is_secure: bool) -> &'static str {
    if is_secure { SECURE_LOGIN } else { PLAIN_LOGIN }
}

fn attributes(is_secure: bool) -> &'static str {
    match is_secure {
        true => "Path=/; HttpOnly; SameSite=Strict; Secure",
        false => "Path=/; HttpOnly; SameSite=Strict",
    }
}

fn line(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).expect("digits and plain words");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(line: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(line).unwrap())])
    }

    #[test]
    fn only_a_whole_token_under_the_right_name_counts() {
        let token = "ab".repeat(32);
        let plain = headers(&format!("x=1; {PLAIN}={token}; y=2"));
        assert_eq!(of(&plain, false).as_ref(), Some(&token));
        assert_eq!(of(&plain, true), None);
        assert_eq!(of(&headers(&format!("{SECURE}={token}")), true), Some(token.clone()));
        let other = "cd".repeat(32);
        for bad in [
            format!("{PLAIN}={token}; {PLAIN}={other}"),
            format!("{PLAIN}={}", &token[1..]),
            format!("{PLAIN}={}", "g".repeat(64)),
            format!("x{PLAIN}={token}"),
            PLAIN.to_owned(),
        ] {
            assert_eq!(of(&headers(&bad), false), None, "{bad}");
        }
    }

    #[test]
    fn scripts_and_other_sites_never_get_it() {
        for is_secure in [false, true] {
            for value in [set(&"ab".repeat(32), is_secure), clear(is_secure)] {
                let text = value.to_str().unwrap().to_owned();
                assert!(text.contains("; HttpOnly; SameSite=Strict"), "{text}");
                assert_eq!(text.ends_with("; Secure"), is_secure);
                assert!(value.is_sensitive() && !text.contains("Domain"));
            }
        }
    }
}
