//! What the framework refuses by itself (a body that is too large, or packed and broken) as a problem
//! document, like every other refusal.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// Longest text of a refusal that is passed on.
const TEXT_BYTES_MAX: usize = 4 << 10;

/// Turns a refusal in plain text, or without a text, into a problem document.
pub async fn document(State(body_limit): State<usize>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_refused = status.is_client_error() || status.is_server_error();
    if !is_refused || !is_plain(response.headers()) {
        return response;
    }
    let accepted = response.headers().get(header::ACCEPT_ENCODING).cloned();
    let text = to_bytes(response.into_body(), TEXT_BYTES_MAX).await.unwrap_or_default();
    let reason = status.canonical_reason().unwrap_or("Refused");
    let detail = match String::from_utf8_lossy(&text).trim() {
        _ if status == StatusCode::PAYLOAD_TOO_LARGE => format!(
            "the body is longer than this route takes: at most {} MiB (`body_limit_mib`), and less \
             where a few fields are all there is to say; send it in parts",
            body_limit >> 20
        ),
        "" => reason.to_lowercase(),
        text => text.to_lowercase(),
    };
    let mut refused = Problem::new("refused", reason, status, detail).into_response();
    if let Some(accepted) = accepted {
        refused.headers_mut().insert(header::ACCEPT_ENCODING, accepted);
    }
    refused
}

fn is_plain(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let is_text = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    is_text && !headers.contains_key(header::CONTENT_ENCODING)
}
