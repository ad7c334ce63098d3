//! Kubernetes inputs from outside the code: real manifests and a real dump read in place, hostile
//! bytes, and a naive resolver as oracle.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what goes wrong here fails the test"
)]

mod context;
mod estate;
mod hostile;
mod real;
