//! Requests to an issuer: bounded in time and size, never sent on to another address.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Longest time of one request.
const TIME: Duration = Duration::from_secs(10);
/// Longest answer.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Sends requests.
#[derive(Debug, Clone)]
pub struct Fetch {
    agent: ureq::Agent,
}

impl Fetch {
    /// Trusts the certificates that the machine trusts, so that an organisation's own hold too.
    pub fn new() -> Self {
        let found = rustls_native_certs::load_native_certs();
        let certificates = found.certs.iter().map(|one| Certificate::from_der(one).to_owned());
        let certificates: Vec<Certificate<'static>> = certificates.collect();
        let roots = match certificates.is_empty() {
            true => RootCerts::WebPki,
            false => RootCerts::Specific(Arc::new(certificates)),
        };
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIME))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(roots).build());
        Self { agent: config.build().new_agent() }
    }

    /// The answer to a request.
    pub fn call(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (parts, body) = request.into_parts();
        let response = match body.is_empty() {
            true => self.agent.run(ureq::http::Request::from_parts(parts, ())),
            false => self.agent.run(ureq::http::Request::from_parts(parts, body)),
        };
        let (parts, mut body) = response?.into_parts();
        let bytes = body.with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
        Ok(HttpResponse::from_parts(parts, bytes))
    }
}

/// An error with what caused it.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
