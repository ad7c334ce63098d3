//! What protects a server without login on loopback: other sites' pages, rebound names and frames are
//! refused before any handler runs.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// No script, style or frame but our own.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
form-action 'self'; frame-ancestors 'none'";

/// What is ours, for the comparison of `Host` and `Origin`.
#[derive(Debug, Clone)]
pub struct Own {
    /// Port that we serve.
    pub port: u16,
    /// Whether other machines reach it: by its address, then, and by the configured origins.
    pub is_beyond_loopback: bool,
    /// Origins by which people reach it, as configured: `https://name`, with a port where it is another
    /// than the scheme's.
    pub origins: Arc<[String]>,
}

/// Refuses what does not come from this machine's own pages and programs, and marks every response.
pub async fn guard(State(own): State<Own>, request: Request, next: Next) -> Response {
    let refused = refusal(&own, request.method(), request.headers());
    let mut response = match refused {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    };
    mark(response.headers_mut());
    response
}

fn refusal(own: &Own, method: &Method, headers: &HeaderMap) -> Option<Problem> {
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
    if let Some(origin) = text(&header::ORIGIN)
        && !is_own_origin(own, origin, host)
    {
        return Some(Problem::forbidden(format!("requests from `{origin}` are refused")));
    }
    let site = text(&HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| site == "cross-site" || site == "same-site") {
        return Some(Problem::forbidden("requests from another site are refused"));
    }
    None
}

/// `127.0.0.1`, `[::1]` or `localhost`, with our port; beyond loopback an address with our port, which no
/// name that is bound again can be; or the authority of a configured origin.
fn is_own_authority(own: &Own, authority: &str) -> bool {
    let mut origins = own.origins.iter().filter_map(|origin| origin.split_once("://"));
    is_own_address(own, authority)
        || origins.any(|(_, known)| known.eq_ignore_ascii_case(authority))
}

fn is_own_address(own: &Own, authority: &str) -> bool {
    let Some((host, port)) = authority.rsplit_once(':') else { return false };
    if port != own.port.to_string() {
        return false;
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    matches!(host, "127.0.0.1" | "[::1]")
        || host.eq_ignore_ascii_case("localhost")
        || (own.is_beyond_loopback && bare.parse::<IpAddr>().is_ok())
}

/// A configured origin to the letter, or the address by which the request itself came.
fn is_own_origin(own: &Own, origin: &str, host: &str) -> bool {
    if own.origins.iter().any(|known| known.eq_ignore_ascii_case(origin)) {
        return true;
    }
    let authority = origin.strip_prefix("http://").unwrap_or("");
    let is_same = !own.is_beyond_loopback || authority.eq_ignore_ascii_case(host);
    is_same && is_own_address(own, authority)
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

    fn own() -> Own {
        Own { port: 7474, is_beyond_loopback: false, origins: Arc::from([]) }
    }

    fn beyond() -> Own {
        let origins = Arc::from(["https://estate.example".to_owned()]);
        Own { port: 7474, is_beyond_loopback: true, origins }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_loopback_names_with_our_port_are_served() {
        for host in ["127.0.0.1:7474", "localhost:7474", "LOCALHOST:7474", "[::1]:7474"] {
            assert!(refusal(&own(), &Method::GET, &headers(&[("host", host)])).is_none(), "{host}");
        }
        for host in
            ["evil.example:7474", "127.0.0.1:80", "127.0.0.1", "localhost.evil.example:7474", ""]
        {
            assert!(refusal(&own(), &Method::GET, &headers(&[("host", host)])).is_some(), "{host}");
        }
        assert!(refusal(&own(), &Method::GET, &HeaderMap::new()).is_some());
    }

    #[test]
    fn other_sites_change_nothing() {
        let host = ("host", "127.0.0.1:7474");
        let ours = headers(&[host, ("origin", "http://127.0.0.1:7474")]);
        assert!(refusal(&own(), &Method::POST, &ours).is_none());
        assert!(refusal(&own(), &Method::POST, &headers(&[host])).is_none());
        for bad in [
            headers(&[host, ("origin", "http://evil.example")]),
            headers(&[host, ("origin", "null")]),
            headers(&[host, ("origin", "http://127.0.0.1:9")]),
            headers(&[host, ("sec-fetch-site", "cross-site")]),
        ] {
            assert!(refusal(&own(), &Method::POST, &bad).is_some(), "{bad:?}");
        }
        let socket = headers(&[host, ("upgrade", "websocket"), ("origin", "http://evil.example")]);
        assert!(refusal(&own(), &Method::GET, &socket).is_some());
    }

    #[test]
    fn beyond_loopback_only_addresses_and_configured_names_are_served() {
        for host in ["192.0.2.7:7474", "[2001:db8::7]:7474", "estate.example", "Estate.Example"] {
            let given = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            assert!(refusal(&beyond(), &Method::GET, &given).is_none(), "{host}");
            assert!(refusal(&own(), &Method::GET, &given).is_some(), "{host}");
        }
        for host in ["evil.example:7474", "192.0.2.7:80", "estate.example:7474", "estate.example."]
        {
            let given = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            assert!(refusal(&beyond(), &Method::GET, &given).is_some(), "{host}");
        }
        for (host, origin, is_served) in [
            ("estate.example", "https://estate.example", true),
            ("estate.example", "http://estate.example", false),
            ("192.0.2.7:7474", "http://192.0.2.7:7474", true),
            ("192.0.2.7:7474", "http://192.0.2.8:7474", false),
            ("estate.example", "null", false),
        ] {
            let given = HeaderMap::from_iter([
                (header::HOST, host.parse().unwrap()),
                (header::ORIGIN, origin.parse().unwrap()),
            ]);
            let refused = refusal(&beyond(), &Method::POST, &given);
            assert_eq!(refused.is_none(), is_served, "{host} {origin}");
        }
    }
}
