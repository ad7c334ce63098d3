//! Random tokens, their hashes, and comparison in constant time.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::problem::Problem;

/// `bytes` random bytes of the system as hexadecimal.
///
/// # Errors
/// When the system gives none.
pub fn random_hex(bytes: usize) -> Result<String, Problem> {
    let mut random = vec![0_u8; bytes];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(%error, "no random numbers");
        Problem::unavailable("the system gives no random numbers")
    })?;
    Ok(hex_of(&random))
}

/// SHA-256: enough for tokens, which are random.
pub fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// As hexadecimal.
pub fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
