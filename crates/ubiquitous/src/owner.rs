//! The process that owns a data folder, and how another command works through it: over its loopback
//! address, with the token that only the folder's user can read.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use model::envelope::Envelope;
use serde_json::Value;

use crate::exit::{Exit, Failure};
use crate::http::IngestAnswer;
use crate::load::InputFile;
use crate::problem::Problem;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 1 << 30;

/// How to reach the owner.
#[derive(Debug, Clone)]
pub struct Owner(store_embedded::Owner);

/// The live owner of a folder that serves, if there is one. A folder that another command holds gives
/// none here; opening it says who holds it.
///
/// # Errors
/// When the folder's lock cannot be tried.
pub fn find(folder: &Path) -> Result<Option<Owner>, Failure> {
    Ok(store_embedded::live_owner(folder)?.map(Owner))
}

impl Owner {
    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// Asks a question.
    ///
    /// # Errors
    /// As the owner answers.
    pub fn ask(&self, question: &str, params: &Value) -> Result<Envelope, Failure> {
        let body = serde_json::to_vec(params).unwrap_or_default();
        self.post(&format!("/api/v1/{question}"), "application/json", &body)
    }

    /// Sends one input; a dry run stores nothing.
    ///
    /// # Errors
    /// As the owner answers; the input's own faults are in the answer.
    pub fn ingest(
        &self,
        run: &str,
        is_dry_run: bool,
        input: &InputFile,
    ) -> Result<IngestAnswer, Failure> {
        let bytes = input
            .bytes()
            .map_err(|reject| Failure::from(Problem::bad_request("input", reject.reason)))?;
        let context = serde_json::to_string(&input.context).unwrap_or_default();
        let query = serde_html_form::to_string([
            ("name", input.name.as_str()),
            ("run", run),
            ("dry_run", if is_dry_run { "true" } else { "false" }),
            ("context", context.as_str()),
        ])
        .unwrap_or_default();
        self.post(&format!("/api/v1/ingest?{query}"), "application/octet-stream", &bytes)
    }

    /// Reads a page of the API.
    ///
    /// # Errors
    /// As the owner answers.
    pub fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let response = agent()
            .get(format!("http://{}{path}", self.0.address))
            .header("x-ubiquitous-owner", &self.0.token)
            .call();
        self.read(response)
    }

    /// Sends a body and reads the answer.
    ///
    /// # Errors
    /// As the owner answers.
    pub fn post<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        media: &str,
        body: &[u8],
    ) -> Result<T, Failure> {
        let response = agent()
            .post(format!("http://{}{path}", self.0.address))
            .header("x-ubiquitous-owner", &self.0.token)
            .header("content-type", media)
            .send(body);
        self.read(response)
    }

    fn read<T: serde::de::DeserializeOwned>(
        &self,
        response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<T, Failure> {
        let lost = |reason: String| Failure {
            exit: Exit::Unavailable,
            problem: Problem::new(
                "owner-unreachable",
                "The owner does not answer",
                axum::http::StatusCode::SERVICE_UNAVAILABLE,
                format!("the server at {} did not answer: {reason}", self.0.address),
            ),
        };
        let mut response = response.map_err(|error| lost(error.to_string()))?;
        let mut bytes = Vec::new();
        let reader = response.body_mut().as_reader();
        reader
            .take(ANSWER_BYTES_MAX)
            .read_to_end(&mut bytes)
            .map_err(|error| lost(error.to_string()))?;
        if response.status().is_success() {
            return serde_json::from_slice(&bytes).map_err(|error| lost(error.to_string()));
        }
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => Err(problem.into()),
            Err(_) => Err(lost(format!("status {}", response.status()))),
        }
    }
}

/// Errors of HTTP are answers here, since they carry a problem document.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(5)))
        .proxy(None)
        .build()
        .new_agent()
}
