//! Whether a webhook is from who knows the secret: HMAC-SHA256 (RFC 2104) of the raw body.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Prefix of a signature of the only version there is.
const VERSION: &str = "v1=";
/// Signatures of one header that are looked at; while secrets are changed there are two.
const SIGNATURES_MAX: usize = 20;

/// Whether one of the signatures in the header (`v1=<hex>`, joined by commas) is of this body with
/// one of these secrets. The comparison takes as long for a near miss as for a far one.
pub fn is_signed(body: &[u8], header: &str, secrets: &[&str]) -> bool {
    let signatures = header.split(',').take(SIGNATURES_MAX);
    let signatures: Vec<Vec<u8>> =
        signatures.filter_map(|one| bytes_of_hex(one.trim().strip_prefix(VERSION)?)).collect();
    secrets.iter().filter(|secret| !secret.is_empty()).any(|secret| {
        signatures.iter().any(|signature| {
            // An HMAC takes a key of any length.
            Hmac::<Sha256>::new_from_slice(secret.as_bytes())
                .is_ok_and(|mac| mac.chain_update(body).verify_slice(signature).is_ok())
        })
    })
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || text.len() > 128 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks_exact(2);
    pairs.map(|pair| Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 2 of RFC 4231.
    const BODY: &[u8] = b"what do ya want for nothing?";
    const SIGNATURE: &str = "v1=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    #[test]
    fn a_published_vector_is_signed_and_nothing_else() {
        assert!(is_signed(BODY, SIGNATURE, &["Jefe"]));
        assert!(is_signed(BODY, &SIGNATURE.to_uppercase().replace("V1", "v1"), &["Jefe"]));
        let rotated = format!("v1={}, {SIGNATURE}", "0".repeat(64));
        assert!(is_signed(BODY, &rotated, &["old", "Jefe"]));
        assert!(!is_signed(b"what do ya want for nothing!", SIGNATURE, &["Jefe"]));
        assert!(!is_signed(BODY, SIGNATURE, &["jefe"]));
        assert!(!is_signed(BODY, SIGNATURE, &[]));
        for wrong in ["", "v1=", "v1=5bdc", "v0=00", "v1=zz", &SIGNATURE[..SIGNATURE.len() - 2]] {
            assert!(!is_signed(BODY, wrong, &["Jefe", ""]), "{wrong}");
        }
    }
}
