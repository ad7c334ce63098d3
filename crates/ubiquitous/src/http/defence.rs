//! What protects a server without login on loopback: other sites' pages, rebound names and frames are
//! refused before any handler runs.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// No script, style or frame but our own.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
form-action 'self'; frame-ancestors 'none'";

/// The port that we serve, for the comparison of `Host` and `Origin`.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    /// Port.
    pub port: u16,
}

/// Refuses what does not come from this machine's own pages and programs, and marks every response.
pub async fn guard(State(own): State<Own>, request: Request, next: Next) -> Response {
    let refused = refusal(own, request.method(), request.headers());
    let mut response = match refused {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    };
    mark(response.headers_mut());
    response
}

fn refusal(own: Own, method: &Method, headers: &HeaderMap) -> Option<Problem> {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(&header::HOST).unwrap_or("");
    if headers.get_all(header::HOST).iter().count() > 1 || !is_own_authority(own, host) {
        return Some(Problem::forbidden(format!(
            "host `{host}` is not this server; use 127.0.0.1:{} or localhost:{}",
            own.port, own.port
        )));
    }
    let is_reading = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let is_upgrade = headers.contains_key(header::UPGRADE);
    if is_reading && !is_upgrade {
        return None;
    }
    if let Some(origin) = text(&header::ORIGIN) {
        let authority = origin.strip_prefix("http://").unwrap_or("");
        if !is_own_authority(own, authority) {
            return Some(Problem::forbidden(format!("requests from `{origin}` are refused")));
        }
    }
    let site = text(&HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| site == "cross-site" || site == "same-site") {
        return Some(Problem::forbidden("requests from another site are refused"));
    }
    None
}

/// `127.0.0.1`, `[::1]` or `localhost`, with our port.
fn is_own_authority(own: Own, authority: &str) -> bool {
    let Some((host, port)) = authority.rsplit_once(':') else { return false };
    port == own.port.to_string()
        && (matches!(host, "127.0.0.1" | "[::1]") || host.eq_ignore_ascii_case("localhost"))
}

fn mark(headers: &mut HeaderMap) {
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Own = Own { port: 7474 };

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_loopback_names_with_our_port_are_served() {
        for host in ["127.0.0.1:7474", "localhost:7474", "LOCALHOST:7474", "[::1]:7474"] {
            assert!(refusal(OWN, &Method::GET, &headers(&[("host", host)])).is_none(), "{host}");
        }
        for host in
            ["evil.example:7474", "127.0.0.1:80", "127.0.0.1", "localhost.evil.example:7474", ""]
        {
            assert!(refusal(OWN, &Method::GET, &headers(&[("host", host)])).is_some(), "{host}");
        }
        assert!(refusal(OWN, &Method::GET, &HeaderMap::new()).is_some());
    }

    #[test]
    fn other_sites_change_nothing() {
        let host = ("host", "127.0.0.1:7474");
        let own = headers(&[host, ("origin", "http://127.0.0.1:7474")]);
        assert!(refusal(OWN, &Method::POST, &own).is_none());
        assert!(refusal(OWN, &Method::POST, &headers(&[host])).is_none());
        for bad in [
            headers(&[host, ("origin", "http://evil.example")]),
            headers(&[host, ("origin", "null")]),
            headers(&[host, ("origin", "http://127.0.0.1:9")]),
            headers(&[host, ("sec-fetch-site", "cross-site")]),
        ] {
            assert!(refusal(OWN, &Method::POST, &bad).is_some(), "{bad:?}");
        }
        let socket = headers(&[host, ("upgrade", "websocket"), ("origin", "http://evil.example")]);
        assert!(refusal(OWN, &Method::GET, &socket).is_some());
    }
}
