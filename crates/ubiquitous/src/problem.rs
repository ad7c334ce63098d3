//! Problem documents (RFC 9457): the only place that knows status codes. What is logged and what is
//! shown are different strings.

use analysis::AskError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::StoreError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store_embedded::backup::BackupError;

use crate::exit::{Exit, Failure};

/// Seconds after which a refused request may be tried again.
const RETRY_AFTER_SECS: &str = "3";

/// Why a request was not answered.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Stable word for the kind of problem, `about:blank#…`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind for people.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// This occurrence: place, reason and remedy.
    pub detail: String,
    /// The parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// Names that come close to what was not found.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub nearest: Vec<String>,
    /// The store that is down.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub store: Option<String>,
    /// Since when it is down.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<jiff::Timestamp>,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(kind: &str, title: &str, status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("about:blank#{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
            nearest: Vec::new(),
            store: None,
            since: None,
        }
    }

    /// A parameter or a body that cannot be understood.
    pub fn bad_request(field: &str, detail: impl Into<String>) -> Self {
        let problem =
            Self::new("bad-request", "The request is wrong", StatusCode::BAD_REQUEST, detail);
        Self { field: Some(field.to_owned()), ..problem }
    }

    /// Something that does not exist.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new("not-found", "Not found", StatusCode::NOT_FOUND, detail)
    }

    /// A request that this address does not take.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new("forbidden", "Refused", StatusCode::FORBIDDEN, detail)
    }

    /// A request without a login, or with one that holds no more.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new("unauthorized", "No login", StatusCode::UNAUTHORIZED, detail)
    }

    /// Something that was tried too often.
    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::new("too-many", "Too many tries", StatusCode::TOO_MANY_REQUESTS, detail)
    }

    /// Something that the program cannot do now.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new("unavailable", "Not now", StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// Whether it is of a kind.
    pub fn is(&self, kind: &str) -> bool {
        self.kind.strip_prefix("about:blank#") == Some(kind)
    }

    /// How a command that met this problem ends.
    pub fn exit(&self) -> Exit {
        match self.status {
            404 => Exit::NotFound,
            409 => Exit::Locked,
            507 => Exit::Full,
            429 | 500..=599 => Exit::Unavailable,
            _ => Exit::Usage,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        let unavailable = |store: &str, since, detail: String| Self {
            store: Some(store.to_owned()),
            since,
            ..Self::new(
                "store-unavailable",
                "A store is unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                detail,
            )
        };
        match error {
            StoreError::NotFound { .. } => Self::not_found(detail),
            StoreError::Unavailable { store, since, .. } => unavailable(&store, since, detail),
            StoreError::Timeout { store } => unavailable(&store, None, detail),
            StoreError::Exhausted { store, .. } => unavailable(&store, None, detail),
            StoreError::Cancelled => {
                unavailable("request", None, "the request was cancelled".into())
            }
            StoreError::Full { .. } => Self::new(
                "disk-full",
                "The disk is full",
                StatusCode::INSUFFICIENT_STORAGE,
                format!("{detail}; free some space, nothing acknowledged is lost"),
            ),
            StoreError::Locked { .. } => {
                Self::new("locked", "The data folder is in use", StatusCode::CONFLICT, detail)
            }
            StoreError::Incompatible { .. } => {
                Self::new("incompatible", "Another version", StatusCode::CONFLICT, detail)
            }
            StoreError::Internal { operation, reason } => {
                tracing::error!(operation, reason, "store failed");
                unavailable("embedded", None, format!("{operation} failed; the log has the reason"))
            }
        }
    }
}

impl From<BackupError> for Problem {
    fn from(error: BackupError) -> Self {
        let detail = error.to_string();
        match error {
            BackupError::Refused(_) => Self::bad_request("folder", detail),
            BackupError::Damaged { .. } => Self::new(
                "backup-damaged",
                "The backup is damaged",
                StatusCode::UNPROCESSABLE_ENTITY,
                detail,
            ),
            BackupError::Newer(_) => {
                Self::new("incompatible", "Another version", StatusCode::CONFLICT, detail)
            }
            BackupError::Store(error) => error.into(),
        }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::BadParams { field, reason } => Self::bad_request(&field, reason),
            AskError::NotFound { what, nearest } => {
                let hint = match nearest.as_slice() {
                    [] => String::new(),
                    names => format!("; near it: {}", names.join(", ")),
                };
                Self { nearest, ..Self::not_found(format!("{what} is not known{hint}")) }
            }
            AskError::Store(error) => error.into(),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { exit: problem.exit(), problem }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if matches!(status.as_u16(), 429 | 503) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECS));
        }
        response
    }
}
