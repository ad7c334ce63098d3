//! Passwords: Argon2id (RFC 9106; the parameters are OWASP's first choice for 19 MiB), few at once.

use std::sync::OnceLock;

use argon2::password_hash::{PasswordHash as Phc, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use model::account::PasswordHash;
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Memory of one hash, in KiB.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// Hashes that are worked out at once.
const AT_ONCE: usize = 2;
/// Logins that may wait for their turn.
const WAITING_MAX: usize = 32;
/// Shortest and longest password, in bytes.
const BYTES_MIN: usize = 12;
const BYTES_MAX: usize = 256;

/// Makes and checks hashes.
pub struct Passwords {
    turn: Semaphore,
    places: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turn: Semaphore::new(AT_ONCE), places: Semaphore::new(AT_ONCE + WAITING_MAX) }
    }
}

impl Passwords {
    /// The hash of a new password.
    ///
    /// # Errors
    /// When it is too short, too long or the account's name; 429 when too many wait.
    pub async fn hash(&self, name: &str, password: &str) -> Result<PasswordHash, Problem> {
        if !(BYTES_MIN..=BYTES_MAX).contains(&password.len()) {
            let detail = format!("a password has {BYTES_MIN} to {BYTES_MAX} bytes");
            return Err(Problem::bad_request("password", detail));
        }
        if password.to_lowercase().contains(name) && password.len() < name.len() + BYTES_MIN {
            let detail = "a password is not the account's name with a few letters more";
            return Err(Problem::bad_request("password", detail));
        }
        let password = password.to_owned();
        self.worked_out(move || hashed(&password)).await?
    }

    /// Whether a password is the one of a hash; without a hash it takes as long and is wrong.
    ///
    /// # Errors
    /// 429 when too many wait.
    pub async fn is_right(
        &self,
        hash: Option<&PasswordHash>,
        password: &str,
    ) -> Result<bool, Problem> {
        if password.len() > BYTES_MAX {
            return Ok(false);
        }
        let (hash, password) = (hash.cloned(), password.to_owned());
        self.worked_out(move || {
            let hash = hash.filter(|hash| *hash != nothing());
            let is_known = hash.is_some();
            let hash = match hash {
                Some(hash) => hash,
                None => nobodys()?,
            };
            let Ok(phc) = Phc::new(&hash.0) else { return Ok(false) };
            Ok(argon2().verify_password(password.as_bytes(), &phc).is_ok() && is_known)
        })
        .await?
    }

    async fn worked_out<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let many = || Problem::too_many("too many logins wait; try again in a few seconds");
        let _place = self.places.try_acquire().map_err(|_full| many())?;
        let _turn = self.turn.acquire().await.map_err(|_closed| many())?;
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "a password was not worked out");
            Problem::unavailable("the password could not be worked out")
        })
    }
}

/// In the place of a hash: no password is right.
pub fn nothing() -> PasswordHash {
    PasswordHash("*".to_owned())
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hashed(password: &str) -> Result<PasswordHash, Problem> {
    let failed = |what: String| {
        tracing::error!(what, "no password hash");
        Problem::unavailable("the password could not be worked out")
    };
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(|error| failed(error.to_string()))?;
    let salt = SaltString::encode_b64(&salt).map_err(|error| failed(error.to_string()))?;
    let hash = argon2().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| PasswordHash(hash.to_string())).map_err(|error| failed(error.to_string()))
}

/// A hash that no password is asked for.
fn nobodys() -> Result<PasswordHash, Problem> {
    static NOBODYS: OnceLock<PasswordHash> = OnceLock::new();
    if let Some(hash) = NOBODYS.get() {
        return Ok(hash.clone());
    }
    let hash = hashed(&super::random_hex(16)?)?;
    Ok(NOBODYS.get_or_init(|| hash).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let passwords = Passwords::default();
        let hash = passwords.hash("anna", "correct horse battery").await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert!(passwords.is_right(Some(&hash), "correct horse battery").await.unwrap());
        for wrong in ["", "correct horse batterY", "correct horse battery "] {
            assert!(!passwords.is_right(Some(&hash), wrong).await.unwrap(), "{wrong:?}");
        }
        assert!(!passwords.is_right(None, "correct horse battery").await.unwrap());
        assert!(!passwords.is_right(Some(&nothing()), "*").await.unwrap());
        let again = passwords.hash("anna", "correct horse battery").await.unwrap();
        assert_ne!(hash, again);
    }

    #[tokio::test]
    async fn weak_ones_are_refused() {
        let passwords = Passwords::default();
        for weak in ["short", "annannannann1", &"a".repeat(257)] {
            assert!(passwords.hash("annannannann", weak).await.is_err(), "{weak}");
        }
    }

    /// The example of the reference implementation for Argon2id, computed by another program.
    #[tokio::test]
    async fn a_hash_of_another_program_is_checked() {
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$\
                    CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let hash = PasswordHash(hash.to_owned());
        let passwords = Passwords::default();
        assert!(passwords.is_right(Some(&hash), "password").await.unwrap());
        assert!(!passwords.is_right(Some(&hash), "passwore").await.unwrap());
    }
}
