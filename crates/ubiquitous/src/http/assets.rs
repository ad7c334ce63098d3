//! The dashboard, embedded when the program was built. Hashed files never change; `index.html` is
//! asked for again each time. A path that is no file falls back to `index.html` only for navigation,
//! so that a missing script is a 404.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// One embedded file.
struct Asset {
    path: &'static str,
    bytes: &'static [u8],
    gzip: &'static [u8],
}

const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Shown when the program was built without the dashboard.
const WITHOUT_BUILD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
<title>Ubiquitous</title><h1>The dashboard was not built</h1>\
<p>Run <code>cargo xtask setup</code> and build the program again. The API works: \
<a href=\"/openapi.json\">/openapi.json</a></p></html>";

/// Whether the dashboard is inside.
pub fn is_built() -> bool {
    ASSETS.iter().any(|asset| asset.path == "index.html")
}

/// Any path that no route takes.
pub async fn asset(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("v1/") {
        return Problem::not_found(format!("no route {}", uri.path())).into_response();
    }
    if let Some(asset) = ASSETS.iter().find(|asset| asset.path == path) {
        return file(asset, &headers);
    }
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_navigation = accepts.contains("text/html") && !path.contains('.');
    if !is_navigation && !path.is_empty() {
        return Problem::not_found(format!("no file {}", uri.path())).into_response();
    }
    match ASSETS.iter().find(|asset| asset.path == "index.html") {
        Some(index) => file(index, &headers),
        None => {
            let kind = HeaderValue::from_static("text/html; charset=utf-8");
            (StatusCode::OK, [(header::CONTENT_TYPE, kind)], WITHOUT_BUILD).into_response()
        }
    }
}

fn file(asset: &Asset, headers: &HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let is_packed =
        accepted.is_some_and(|list| list.contains("gzip")) && asset.gzip.len() < asset.bytes.len();
    let bytes = if is_packed { asset.gzip } else { asset.bytes };
    let mut response = Bytes::from_static(bytes).into_response();
    let is_hashed = asset.path.starts_with("assets/");
    let caching = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(asset.path)));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_packed {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" | "map" => "application/json",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
