//! The process that owns a data folder, and how another command works through it: over its loopback
//! address, with the token that only the folder's user can read.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use axum::http::StatusCode;
use model::envelope::Envelope;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::estate::job::Job;
use crate::exit::{Exit, Failure};
use crate::http::{FILE_NOT_SEEN, IngestAnswer};
use crate::load::{InputFile, NamedFile};
use crate::problem::Problem;
use crate::waiting::Waiting;

type Response = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 1 << 30;

/// Kind of the problem of an owner that does not answer.
const UNREACHABLE: &str = "owner-unreachable";
/// A body beyond which that it is too long is a likely reason.
const LONG_BYTES: usize = 1 << 20;

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

    /// Asks a question; where the owner works it out in the background, waits and says how far it is.
    ///
    /// # Errors
    /// As the owner answers.
    pub fn ask(
        &self,
        question: &str,
        params: &Value,
        waiting: &Waiting,
    ) -> Result<Envelope, Failure> {
        let body = serde_json::to_vec(params).unwrap_or_default();
        let path = format!("/api/v1/{question}");
        let (mut status, mut bytes) = self.taken(self.posted(&path, "application/json", &body))?;
        while status == StatusCode::ACCEPTED {
            let job: Job = self.parsed(&bytes)?;
            waiting.say(if job.stage.is_empty() { "waiting for other jobs" } else { &job.stage });
            (status, bytes) = self.taken(self.got(&job.result))?;
        }
        self.parsed(&bytes)
    }

    /// Stops a job.
    ///
    /// # Errors
    /// As the owner answers.
    pub fn stop(&self, job: u64) -> Result<Job, Failure> {
        let response = agent()
            .delete(format!("http://{}/api/v1/jobs/{job}", self.0.address))
            .header("x-ubiquitous-owner", &self.0.token)
            .call();
        self.read(response)
    }

    /// Copies the estate as rows of our own format; the inner result is that of writing.
    ///
    /// # Errors
    /// As the owner answers.
    pub fn export(
        &self,
        as_of: Option<model::Micros>,
        out: &mut impl std::io::Write,
    ) -> Result<std::io::Result<()>, Failure> {
        let as_of = as_of.map(|at| format!("?as_of={}", at.timestamp())).unwrap_or_default();
        let response = self.got(&format!("/api/v1/export{as_of}"));
        match response {
            Ok(mut response) if response.status().is_success() => {
                let mut reader = response.body_mut().as_reader();
                Ok(std::io::copy(&mut reader, out).map(|_bytes| ()))
            }
            other => self.taken(other).map(|_taken| Ok(())),
        }
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
        let context = serde_json::to_string(&input.context).unwrap_or_default();
        let query = [
            ("name", input.name.as_str()),
            ("run", run),
            ("dry_run", if is_dry_run { "true" } else { "false" }),
            ("context", context.as_str()),
        ];
        let send = |query: &[(&str, &str)], bytes: &[u8]| {
            let query = serde_html_form::to_string(query).unwrap_or_default();
            self.post(&format!("/api/v1/ingest?{query}"), "application/octet-stream", bytes)
        };
        // A file need not go through the connection when the owner can read it, however long it is.
        if let Some(file) = NamedFile::of(input) {
            let file = serde_json::to_string(&file).unwrap_or_default();
            match send(&[&query[..], &[("file", &file)]].concat(), &[]) {
                Err(failure) if failure.problem.is(FILE_NOT_SEEN) => {}
                answer => return answer,
            }
        }
        let bytes = input
            .bytes()
            .map_err(|reject| Failure::from(Problem::bad_request("input", reject.reason)))?;
        send(&query, &bytes).map_err(|failure| too_long(failure, bytes.len()))
    }

    /// Reads a page of the API.
    ///
    /// # Errors
    /// As the owner answers.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.read(self.got(path))
    }

    /// Sends a body and reads the answer.
    ///
    /// # Errors
    /// As the owner answers.
    pub fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        media: &str,
        body: &[u8],
    ) -> Result<T, Failure> {
        self.read(self.posted(path, media, body))
    }

    fn got(&self, path: &str) -> Response {
        agent()
            .get(format!("http://{}{path}", self.0.address))
            .header("x-ubiquitous-owner", &self.0.token)
            .call()
    }

    fn posted(&self, path: &str, media: &str, body: &[u8]) -> Response {
        agent()
            .post(format!("http://{}{path}", self.0.address))
            .header("x-ubiquitous-owner", &self.0.token)
            .header("content-type", media)
            .send(body)
    }

    fn lost(&self, reason: &str) -> Failure {
        Failure {
            exit: Exit::Unavailable,
            problem: Problem::new(
                UNREACHABLE,
                "The owner does not answer",
                StatusCode::SERVICE_UNAVAILABLE,
                format!("the server at {} did not answer: {reason}", self.0.address),
            ),
        }
    }

    fn read<T: DeserializeOwned>(&self, response: Response) -> Result<T, Failure> {
        let (_, bytes) = self.taken(response)?;
        self.parsed(&bytes)
    }

    fn parsed<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, Failure> {
        serde_json::from_slice(bytes).map_err(|error| self.lost(&error.to_string()))
    }

    /// Status and body of a success; a problem document is the failure that it describes.
    fn taken(&self, response: Response) -> Result<(StatusCode, Vec<u8>), Failure> {
        let mut response = response.map_err(|error| self.lost(&error.to_string()))?;
        let mut bytes = Vec::new();
        let reader = response.body_mut().as_reader();
        reader
            .take(ANSWER_BYTES_MAX)
            .read_to_end(&mut bytes)
            .map_err(|error| self.lost(&error.to_string()))?;
        if response.status().is_success() {
            return Ok((response.status(), bytes));
        }
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => Err(problem.into()),
            Err(_) => Err(self.lost(&format!("status {}", response.status()))),
        }
    }
}

/// An owner that refuses a body breaks the connection while the body is sent: then its answer is lost.
fn too_long(mut failure: Failure, bytes: usize) -> Failure {
    if failure.problem.is(UNREACHABLE) && bytes > LONG_BYTES {
        failure.problem.detail.push_str(&format!(
            "; {} MiB may be more than it takes (`body_limit_mib`): name a file, which it reads itself",
            bytes >> 20
        ));
    }
    failure
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
